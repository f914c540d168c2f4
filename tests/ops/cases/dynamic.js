// Cases of layers with int8 weights: those of dense and conv2d that have one group, with what is folded into them; rows that are
// hard to quantise; depths about those that kernels take at once.
import { foldedConv2d, foldedDense } from './folded.js';
import { dense } from './shape.js';
import { conv2d } from './windows.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

/** Weights that are not finite are left to tests/boundary: XNNPACK's scalar kernel, of the native build, limits NaN. @param {Case} layer */
const hasFiniteWeights = ({ inputs }) => inputs.slice(1).every((input) => input?.fill !== 'specials');
const hasOneGroup = (/** @type {Case} */ { inputs: [x, w], attributes }) =>
  x?.shape[3] === w?.shape[attributes?.filter_layout === 1 ? 3 : 2] && !(w?.shape[2] === 1 && w.shape[3] === 1 && x?.shape[3] === 1);
/** NaN, infinities and subnormal numbers in x only. @param {Case} layer @returns {Case} */
const withSpecials = ({ name, inputs: [x, ...rest], attributes }) => ({
  name: `${name}, x special`,
  inputs: [{ .../** @type {Operand} */ (x), fill: 'specials' }, ...rest],
  attributes,
});

/** @param {number[]} row @param {number} columns @param {Attributes} [attributes] @returns {Case} */
const oneRow = (row, columns, attributes = {}) => ({
  name: `the row [${row.slice(0, 4)} …] of ${row.length} by ${columns} columns, ${JSON.stringify(attributes)}`,
  inputs: [
    { shape: [1, row.length], values: row },
    { shape: [row.length, columns], from: 'weight' },
    { shape: [columns], from: 'constant' },
  ],
  attributes,
});
/** Rows whose range is nothing, one value, one sign, or at the ends of float32; ties. */
const ROWS = [
  new Array(20).fill(0),
  new Array(20).fill(-0),
  new Array(20).fill(3.7),
  new Array(20).fill(-3.7),
  [...new Array(19).fill(0), 1e-30],
  [...new Array(19).fill(1), -1e-30],
  [1e-40, -1e-41, 1e-45, 0, 2e-39],
  [1e-38, 3e-38, 2e-37],
  [3e30, -1e30, 5e29, 2e25],
  [1e20, 1, -1e10, 3e19],
  Array.from({ length: 33 }, (_, i) => i - 0.5),
  Array.from({ length: 256 }, (_, i) => (i - 128) / 2),
  Array.from({ length: 17 }, (_, i) => -(i + 1)),
];

/** @param {number} rows @param {number} depth @param {number} columns @param {boolean} transposed @returns {Case} */
const plain = (rows, depth, columns, transposed) => ({
  name: `[${rows},${depth}] by ${columns} columns${transposed ? ', transposed' : ''}`,
  inputs: [
    { shape: [rows, depth], fill: 'wide' },
    { shape: transposed ? [columns, depth] : [depth, columns], from: 'weight' },
    { shape: [columns], from: 'constant' },
  ],
  attributes: { transpose_b: transposed ? 1 : 0 },
});

const layers = [...dense, ...foldedDense(dense)].filter(hasFiniteWeights);

/** @type {Case[]} */
export const qd_dense = [
  ...layers,
  ...layers.slice(0, 40).map(withSpecials),
  ...ROWS.flatMap((row) => [oneRow(row, 9), oneRow(row, 5, { activation: 1, act_min: 0, act_max: 6 })]),
  ...[1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100].flatMap((depth) =>
    [1, 2, 3, 4, 5, 6, 7, 13].map((rows) => plain(rows, depth, [3, 8, 17, 20][rows % 4], depth % 2 === 1)),
  ),
  plain(70, 300, 90, false),
  plain(3, 5000, 70, true),
  plain(33, 2000, 200, true),
];

const convolutions = [...conv2d, ...foldedConv2d].filter((layer) => hasFiniteWeights(layer) && hasOneGroup(layer));

/** @type {Case[]} */
export const qd_conv2d = [...convolutions, ...convolutions.slice(0, 40).map(withSpecials)];

/** @param {number[]} indices @param {number[]} shape @param {number[]} table @param {Partial<Operand>} [more] @returns {Case} */
const gathered = (indices, shape, table, more = {}) => ({
  name: `indices [${shape}] of a table [${table}], ${JSON.stringify(more)}`,
  inputs: [
    { shape, dtype: 'int32', values: indices },
    { shape: table, from: 'weight', ...more },
  ],
});

/** @type {Case[]} */
export const qd_gather = [
  gathered([0], [1], [1, 1]),
  gathered([2, 0, 1, 2], [4], [3, 5]),
  gathered([2, 0, 1, 2], [2, 2], [3, 7]),
  gathered([4], [], [5, 3, 2]),
  gathered([3, 1], [2], [5]),
  gathered([], [0], [4, 6]),
  gathered([6, 0, 3], [3, 1], [7, 300], { stored: { dtype: 'float16' } }),
  gathered([6, 0, 3], [1, 3], [7, 33], { stored: { dtype: 'uint8', scale: 0.01, min: -1 } }),
  gathered([1, 0], [2], [2, 4], { values: [0, 0, 0, 0, 1e-40, -2e-39, 0, 1e-45] }),
  gathered([1, 0], [2], [2, 3], { values: [3e38, -1e38, 1, -3e-38, 1e-38, 0] }),
  gathered(
    Array.from({ length: 384 }, (_, i) => (i * 37) % 500),
    [1, 384],
    [500, 128],
  ),
];
