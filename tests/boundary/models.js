// Small models made by hand, in memory, and what they answer by a float64 loop.
import assert from 'node:assert/strict';
import { compare } from '../support/agreement.js';
import { seeded } from '../support/random.js';

/**
 * @typedef {{ name: string, op: string, input?: string[], attr?: Record<string, object> }} GraphNode
 * @typedef {{ modelTopology: { node: GraphNode[] }, weightsManifest: object[], weights: ArrayBuffer }} MemoryModel
 */

/** @param {string} name @param {number[]} shape @param {'DT_FLOAT' | 'DT_INT32' | 'DT_BOOL'} [dtype] @returns {GraphNode} */
const placeholder = (name, shape, dtype = 'DT_FLOAT') => ({
  name,
  op: 'Placeholder',
  attr: { dtype: { type: dtype }, shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } } },
});

/** @param {string} name @param {string} op @param {string[]} input @returns {GraphNode} */
const node = (name, op, input) => ({ name, op, input });

/**
 * @param {GraphNode[]} nodes
 * @param {Record<string, { shape: number[], values: Float32Array }>} [constants]
 * @returns {MemoryModel}
 */
function memoryModel(nodes, constants = {}) {
  const entries = Object.entries(constants);
  const consts = entries.map(([name]) => ({ name, op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } }));
  const specs = entries.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
  const weights = Float32Array.from(entries.flatMap(([, { values }]) => [...values])).buffer;
  return { modelTopology: { node: [...consts, ...nodes] }, weightsManifest: [{ paths: ['weights.bin'], weights: specs }], weights };
}

/** @param {number} count @param {number} [seed] @returns {Float32Array} in [-1, 1) */
export function noise(count, seed = 1) {
  const next = seeded(seed);
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

/** y = x, of any batch: the least that a call can be. */
export const identityModel = (dtype = /** @type {'DT_FLOAT' | 'DT_INT32' | 'DT_BOOL'} */ ('DT_FLOAT')) =>
  memoryModel([placeholder('x', [-1, 4], dtype), { ...node('y', 'Identity', ['x']), attr: { T: { type: dtype } } }]);

/** sum = a + b, product = a · b, of [2, 3] each. */
export const pairModel = () =>
  memoryModel([placeholder('a', [2, 3]), placeholder('b', [2, 3]), node('sum', 'AddV2', ['a', 'b']), node('product', 'Mul', ['a', 'b'])]);

const INPUTS = 64;
const OUTPUTS = 32;
const W = noise(INPUTS * OUTPUTS, 2);
const B = noise(OUTPUTS, 3);

/** y = relu(x · w + b): x [n, 64], w [64, 32] (8 KB: one that is streamed), b [32]. The nodes between are 'fc' and 'biased'. */
export const denseModel = () =>
  memoryModel(
    [
      placeholder('x', [-1, INPUTS]),
      node('fc', 'MatMul', ['x', 'w']),
      node('biased', 'BiasAdd', ['fc', 'b']),
      node('y', 'Relu', ['biased']),
    ],
    { w: { shape: [INPUTS, OUTPUTS], values: W }, b: { shape: [OUTPUTS], values: B } },
  );

/** @param {Float32Array} x @returns {{ y: number[], biased: number[] }} of denseModel */
export function denseExpected(x) {
  const biased = Array.from({ length: (x.length / INPUTS) * OUTPUTS }, (_, i) => {
    const [row, column] = [Math.floor(i / OUTPUTS), i % OUTPUTS];
    let sum = B[column];
    for (let k = 0; k < INPUTS; k++) sum += x[row * INPUTS + k] * W[k * OUTPUTS + column];
    return sum;
  });
  return { biased, y: biased.map((value) => Math.max(0, value)) };
}

/** Fails where `y` is not what denseModel makes of x. @param {ArrayLike<number> | string[]} y @param {Float32Array} x */
export function assertDense(y, x) {
  const { error, where } = compare(/** @type {ArrayLike<number>} */ (y), denseExpected(x).y);
  assert.ok(error <= 1e-6, `${error.toExponential(2)} at ${where}`); // measured: 1.2e-7
}

/** Rows of denseModel's input. @param {number} rows @param {number} [seed] */
export const denseInput = (rows, seed = 4) => {
  const data = noise(rows * INPUTS, seed);
  return { dtype: /** @type {const} */ ('float32'), shape: [rows, INPUTS], data };
};

/** A stack of convolutions over [n, 16, 16, 4]: several operators, scratch and two streamed weights. */
export const convModel = () =>
  memoryModel(
    [
      placeholder('x', [-1, 16, 16, 4]),
      conv('c1', 'x', 'w1'),
      node('r1', 'Relu', ['c1']),
      conv('c2', 'r1', 'w2'),
      node('add', 'AddV2', ['c2', 'r1']),
      node('y', 'Sigmoid', ['add']),
    ],
    { w1: { shape: [3, 3, 4, 32], values: noise(9 * 4 * 32, 5) }, w2: { shape: [1, 1, 32, 32], values: noise(32 * 32, 6) } },
  );

/** @param {string} name @param {string} x @param {string} w @returns {GraphNode} */
const conv = (name, x, w) => ({
  ...node(name, 'Conv2D', [x, w]),
  attr: { strides: { list: { i: ['1', '1', '1', '1'] } }, padding: { s: btoa('SAME') }, data_format: { s: btoa('NHWC') } },
});

/** What assert.rejects and assert.throws want of an XnnError. @param {import('../../js/index.js').XnnErrorCode} code @param {RegExp} message */
export const xnnError = (code, message) => ({ name: 'XnnError', code, message });

/** y: the mean of 3 × 3 pixels of x, without padding. @param {number[]} shape  of x */
export const convolutionModel = (shape) =>
  memoryModel(
    [
      placeholder('x', shape),
      {
        ...node('y', 'Conv2D', ['x', 'filter']),
        attr: { strides: { list: { i: ['1', '1', '1', '1'] } }, padding: { s: btoa('VALID') }, data_format: { s: btoa('NHWC') } },
      },
    ],
    { filter: { shape: [3, 3, 1, 1], values: new Float32Array(9).fill(1 / 9) } },
  );

/**
 * y [length, 64] = reshape((x + table) · w): x [1, length, 64]; the table has a row for each place, and the shape is written down.
 * @param {number} length @param {number} [rows]  of the table that the model's first rows are of
 */
export function tableModel(length, rows = length) {
  const model = memoryModel(
    [
      placeholder('x', [1, length, 64]),
      node('placed', 'AddV2', ['x', 'table']),
      node('rows', 'Reshape', ['placed', 'shape']),
      node('y', 'MatMul', ['rows', 'w']),
    ],
    {
      table: { shape: [1, length, 64], values: noise(rows * 64, 31).subarray(0, length * 64) },
      w: { shape: [64, 64], values: noise(4096, 32) },
      shape: { shape: [2], values: new Float32Array(new Int32Array([length, 64]).buffer) },
    },
  );
  const [{ weights }] = /** @type {any[]} */ (model.weightsManifest);
  Object.assign(weights.at(-1), { dtype: 'int32' });
  return model;
}
