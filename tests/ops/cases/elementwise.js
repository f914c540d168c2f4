// Cases of the ops of one and two operands.
import { integerPairs, integerUnary, pairs, unary } from './operands.js';

/** @import { Case, Fill } from '../run.js' */

export const add = [...pairs, ...integerPairs];
export const sub = add;
export const div = add;
export const mul = add;
export const maximum = add;
export const minimum = add;
export const squared_difference = add;
export const floor_div = add;

export const relu = [...unary(), ...integerUnary()];
export const relu6 = [...unary(), ...integerUnary()];
export const clamp = [
  ...unary({ min: -0.3, max: 0.7 }),
  ...unary({ min: -Infinity, max: 0 }),
  ...unary({ min: 0.1, max: 0.1 }),
  ...[
    { min: -2.5, max: 7.9 },
    { min: -Infinity, max: 3e9 },
    { min: -1e10, max: -2.0 },
  ].flatMap(integerUnary),
];
export const leaky_relu = [...unary({ alpha: 0.2 }), ...unary({ alpha: 3 }), ...unary({ alpha: -0.5 }), ...unary({ alpha: 0 })];
export const elu = [...unary({ alpha: 1 }), ...unary({ alpha: 0.3 })];
export const hard_swish = unary();
export const sigmoid = unary();
export const tanh = unary();
export const exp = unary();
export const abs = [...unary(), ...integerUnary()];
export const neg = [...unary(), ...integerUnary()];
export const square = [...unary(), ...integerUnary()];
export const sqrt = unary();
export const rsqrt = unary();

/** @param {number[]} shape @param {number[]} slope @param {Fill} [fill] @param {'input' | 'constant'} [from] @returns {Case} */
const sloped = (shape, slope, fill = 'uniform', from = 'constant') => ({
  name: `x [${shape}], slope [${slope}] as ${from}, ${fill}`,
  inputs: [
    { shape, fill },
    { shape: slope, from },
  ],
});

/** @type {Case[]} */
export const prelu = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 17].map((channels) => sloped([3, channels], [channels])),
  sloped([2, 3, 4, 5], [1, 1, 5]),
  sloped([2, 3, 4, 5], [1]),
  sloped([2, 3, 4, 5], []),
  sloped([], []),
  sloped([], [1]),
  sloped([5], [5], 'uniform', 'input'),
  sloped([3, 5], [1, 5], 'uniform', 'input'),
  sloped([0, 5], [5]),
  sloped([5, 0], [0]),
  sloped([5, 0], [1]),
  sloped([4, 9], [9], 'specials'),
  sloped([4, 9], [1], 'specials'),
  sloped([100000, 3], [3]),
  // slopes of more than the last axis
  sloped([2, 3, 4, 5], [3, 4, 5]),
  sloped([2, 3, 4, 5], [1, 3, 4, 5], 'specials', 'input'),
  sloped([2, 3, 4, 5], [2, 3, 4, 5], 'uniform', 'input'),
  sloped([2, 3, 4, 5], [4, 1]),
  sloped([2, 3, 4, 5], [2, 1, 1, 5], 'uniform', 'input'),
  sloped([3, 1], [3, 4]),
  sloped([3, 1], [4], 'specials'),
  sloped([4], [3, 4], 'uniform', 'input'),
  sloped([], [5]),
  sloped([70001], [2, 70001]),
];

/** @param {number[]} shape @param {Fill} [fill] @returns {Case} */
const rows = (shape, fill = 'uniform') => ({ name: `[${shape}], ${fill}`, inputs: [{ shape, fill }] });
/** @param {number[]} values @returns {Case} */
const row = (values) => ({ name: `${values}`, inputs: [{ shape: [values.length], values }] });

/** @type {Case[]} */
export const softmax = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 1000].map((n) => rows([3, n])),
  ...[1, 3, 4, 17].map((n) => rows([2, 3, n], 'wide')),
  rows([5]),
  rows([0, 5]),
  rows([5, 0]),
  rows([2, 1, 2, 1, 1, 3]),
  rows([100000, 3]),
  rows([20000, 11], 'wide'),
  rows([1, 100000], 'wide'),
  row([NaN, 1, 2]),
  row([1, 2, NaN, 3, 4, 5, 6, 7, 8]),
  row([Infinity, 1, 2]),
  row([-Infinity, 1, 2]),
  row([-Infinity, -Infinity, 2, 3, 4]),
  row([-Infinity, -Infinity]),
  row([Infinity, Infinity, -Infinity]),
  row([3e38, -3e38, 1]),
  row([3.4e38, 3.4e38, 3.4e38, 3.4e38, 1]),
  row([0, -80, -87, -88, -100, -104, -200]),
  row([1e-40, -1e-40]),
  row([-0, 0]),
  { name: 'rows with and without NaN', inputs: [{ shape: [3, 5], values: [1, 2, 3, 4, 5, 1, NaN, 3, 4, 5, 5, 4, 3, 2, 1] }] },
];
