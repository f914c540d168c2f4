// Cases of the ops under "comparisons and logic".
import { BROADCASTS, EXTREMES, INTEGERS } from './operands.js';

/** @import { Case } from '../run.js' */
/** @import { Dtype } from '../reference/tensor.js' */

/** Few different values, so that some are equal. @param {Dtype} dtype @param {number[]} shape @param {number} step */
const few = (dtype, shape, step) => {
  const n = shape.reduce((product, dim) => product * dim, 1);
  const least = dtype === 'uint8' || dtype === 'bool' ? 0 : -100;
  const values = Array.from({ length: n }, (_, i) => (dtype === 'bool' ? (i * step) % 2 : least + ((i * step) % 5) * 50));
  return { shape, dtype, values };
};

/** @param {Dtype} dtype @returns {Case[]} */
const broadcasts = (dtype) =>
  BROADCASTS.map(([a, b]) => ({ name: `${dtype} [${a}] and [${b}]`, inputs: [few(dtype, a, 3), few(dtype, b, 7)] }));

/** @param {Dtype} dtype @param {number[]} values @returns {Case} */
const everyPair = (dtype, values) => ({
  name: `every pair of ${dtype} at the edges`,
  inputs: [
    { shape: [values.length, 1], dtype, values },
    { shape: [values.length], dtype, values },
  ],
});

/** @type {Case[]} */
const comparisons = [
  ...broadcasts('float32'),
  ...broadcasts('int32'),
  ...broadcasts('int8').slice(0, 12),
  ...broadcasts('uint8').slice(0, 12),
  ...broadcasts('bool').slice(0, 12),
  everyPair('float32', EXTREMES),
  everyPair('int32', INTEGERS),
  everyPair('int8', [-128, 127, 0, 1, -1, 64]),
  everyPair('uint8', [0, 255, 127, 128, 1]),
  { name: 'a number with itself in other rows', inputs: [few('float32', [3, 7], 1), few('float32', [7], 1)] },
];

export const equal = comparisons;
export const not_equal = comparisons;
export const greater = comparisons;
export const greater_equal = comparisons;
export const less = comparisons;
export const less_equal = comparisons;
export const logical_and = broadcasts('bool');
export const logical_or = logical_and;
export const logical_xor = logical_and;
export const bitwise_and = [...broadcasts('int32'), everyPair('int32', INTEGERS)];
export const bitwise_or = bitwise_and;
export const bitwise_xor = bitwise_and;

/** @param {Dtype} dtype @returns {Case[]} */
const alone = (dtype) =>
  [[], [1], [7], [2, 3, 5], [0], [100003]].map((shape) => ({ name: `${dtype} [${shape}]`, inputs: [{ shape, dtype }] }));

export const logical_not = alone('bool');
/** @type {Case[]} */
export const bitwise_not = [...alone('int32'), { name: 'edges', inputs: [{ shape: [16], dtype: 'int32', values: INTEGERS }] }];
const floats = [
  ...[[], [7], [2, 3, 5], [0], [100003]].map((shape) => ({
    name: `[${shape}]`,
    inputs: [{ shape, fill: /** @type {const} */ ('specials') }],
  })),
  { name: 'extremes', inputs: [{ shape: [EXTREMES.length], values: EXTREMES }] },
];
export const is_nan = floats;
export const is_inf = floats;
export const is_finite = floats;

/** @param {Dtype} dtype @param {number[]} condition @param {number[]} a @param {number[]} b @returns {Case} */
const choice = (dtype, condition, a, b) => ({
  name: `${dtype}, [${condition}] ? [${a}] : [${b}]`,
  inputs: [
    { shape: condition, dtype: 'bool' },
    { shape: a, dtype, fill: 'specials' },
    { shape: b, dtype, fill: 'specials' },
  ],
});

/** @type {Case[]} */
export const select = [
  ...BROADCASTS.map(([a, b]) => choice('float32', a, b, a)),
  ...BROADCASTS.map(([a, b]) => choice('int32', b, a, [])),
  ...BROADCASTS.slice(0, 20).map(([a, b]) => choice('uint8', [], a, b)),
  choice('bool', [2, 3], [3], [2, 1]),
  choice('int8', [3], [2, 3], [1]),
  choice('float32', [4, 1], [3], [2, 1, 1]),
  choice('float32', [2, 1, 1], [4, 1], [3]),
  choice('float32', [0, 3], [3], [1]),
];
