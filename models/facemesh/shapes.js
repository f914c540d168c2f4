// Models are told apart by the shapes of what goes in and comes out.

/** @import { ImageModel, Ports } from '../shared/engine.js' */

/** Values of one picture: a free dimension counts as 1. @param {readonly number[]} shape */
export const countOf = (shape) => shape.reduce((count, size) => count * Math.abs(size), 1);

/** @param {Ports['inputs']} ports @returns {string}  for errors. */
export const shapesOf = (ports) => ports.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');

/**
 * The model with the shapes of its outputs: of engines that do not say them (TensorFlow.js of graph models), those of one run.
 * @param {ImageModel & Ports} model
 * @returns {Promise<ImageModel & Ports>}
 */
export async function withShapes(model) {
  if (model.outputs.every(({ shape }) => shape.length > 0)) return model;
  const zeros = /** @type {Ports['inputs']} */ (model.inputs).map(({ name, shape }) => [name, new Float32Array(countOf(shape))]);
  const results = await model.run(Object.fromEntries(zeros));
  const outputs = model.outputs.map((port) => ({ ...port, shape: results[port.name].shape }));
  return { ...model, inputs: model.inputs, outputs, run: (inputs) => model.run(inputs) };
}
