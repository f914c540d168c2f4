// Small graphs through the core, optimised and not, for the tests of passes and of the memory plan.
import assert from 'node:assert/strict';
import { seeded } from '../support/random.js';

/**
 * @import { Core, CoreModel, CoreProgram } from '../../js/wasm.js'
 * @typedef {ReturnType<Core['createGraph']>} Graph
 * @typedef {(shape: number[], values?: number[]) => number} Make
 *
 * @typedef {object} Builder
 * @property {Make} input
 * @property {Make} constant  of seeded values
 * @property {Make} weight  the same, fed after compile
 * @property {(op: string, inputs: number[], attributes?: Record<string, number | number[]>) => number} node
 */

/**
 * @param {Core} core @param {boolean} optimize
 * @param {(b: Builder) => number[]} build  Returns the outputs.
 * @param {'float32' | 'int8'} [precision]
 * @returns {CoreModel & { shapes: number[][] }}  shapes: of the inputs as they were declared
 */
export function compile(core, optimize, build, precision = 'float32') {
  const graph = core.createGraph();
  const random = seeded(17);
  const draw = (/** @type {number[]} */ shape, /** @type {number[]} */ values = []) =>
    Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, (_, i) => values[i] ?? random() * 2 - 1);
  /** @type {Float32Array[]} */
  const weights = [];
  /** @type {number[][]} */
  const shapes = [];
  let names = 0;
  const outputs = build({
    input: (shape) => {
      shapes.push(shape);
      return graph.input(`in${names++}`, 'float32', shape);
    },
    constant: (shape, values) => graph.constant('float32', shape, draw(shape, values)),
    weight: (shape, values) => {
      weights.push(draw(shape, values));
      return graph.weight(weights.length - 1, 'float32', shape, { dtype: 'float32' });
    },
    node: (op, inputs, attributes = {}) => graph.node(op, `${op}${names++}`, inputs, attributes),
  });
  for (const [i, value] of outputs.entries()) graph.output(`y${i}`, value);
  const model = graph.compile({ optimize, precision });
  for (const [index, id] of model.wanted.entries()) {
    model.stage(0, new Uint8Array(weights[id].buffer));
    model.feed(index);
  }
  return { ...model, shapes };
}

/** Seeded inputs of a program. @param {CoreProgram} program */
export function inputsOf(program) {
  const random = seeded(23);
  return program.inputs.map(({ shape }) => Float32Array.from({ length: shape.reduce((n, dim) => n * dim, 1) }, () => random() * 2 - 1));
}

/** @param {CoreProgram} program @param {Float32Array[]} [inputs] */
export function run(program, inputs = inputsOf(program)) {
  for (const [i, values] of inputs.entries()) program.write(i, values);
  program.run();
  return program.outputs.map((_, i) => /** @type {Float32Array} */ (program.read(i)));
}

/** The ops of describe(), in order. @param {CoreProgram} program */
export const opsOf = (program) => [...program.describe().matchAll(/^\d+ (\w+) "/gm)].map((match) => match[1]);

/**
 * @param {ArrayLike<number>} actual @param {ArrayLike<number>} expected @param {number} limit  of max|expected|
 * @returns {number}  The largest difference, of max|expected|.
 */
export function assertClose(actual, expected, limit) {
  assert.equal(actual.length, expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs), Number.MIN_VALUE);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]) / largest;
    assert.ok(error <= limit, `[${i}] is ${actual[i]}, expected ${expected[i]}`);
    worst = Math.max(worst, error);
  }
  return worst;
}
