// Whether a model has the inputs and outputs that a pipeline expects of it.

import { XnnError } from '../../js/index.js';

/** @import { ModelSource, Ports } from './engine.js' */

/** @typedef {Record<string, readonly number[]>} Shapes  by name; -1: any size. */

/**
 * @param {Ports} model
 * @param {object} expected
 * @param {string} expected.subject  of the message.
 * @param {ModelSource} expected.url
 * @param {readonly number[]} expected.input  shape of the only input.
 * @param {Shapes} expected.outputs  may be some of the outputs.
 * @throws {XnnError} 'unsupported' with the shapes.
 */
export function checkPorts(model, { subject, url, input, outputs }) {
  const wanted = Object.entries(outputs);
  const fits =
    model.inputs.length === 1 &&
    sameShape(model.inputs[0].shape, input) &&
    wanted.every(([name, shape]) => model.outputs.some((port) => port.name === name && sameShape(port.shape, shape)));
  if (fits) return;
  throw new XnnError(
    'unsupported',
    `${subject}: ${nameOf(url)} should have one input ${list(input)} and outputs ${wanted.map(([name, shape]) => `${name} ${list(shape)}`).join(', ')}; ` +
      `it has ${describePorts(model)}`,
  );
}

/** @param {ModelSource} source */
export const nameOf = (source) => (source instanceof Uint8Array ? `the model of ${source.length} bytes` : String(source));

/** @param {Ports} model @returns {string} */
export const describePorts = ({ inputs, outputs }) =>
  `${inputs.map(({ shape }) => list(shape)).join(', ')} and ${outputs.map(({ name, shape }) => `${name} ${list(shape)}`).join(', ')}`;

/** Sizes that either leaves free fit. @param {readonly number[]} shape @param {readonly number[]} expected */
export const sameShape = (shape, expected) =>
  shape.length === expected.length && shape.every((size, i) => size === expected[i] || size === -1 || expected[i] === -1);

/** @param {readonly number[]} shape */
const list = (shape) => `[${shape.join(', ')}]`;
