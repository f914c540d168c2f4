// Cases of the ops under "mathematics".
import { INTEGERS, integerPairs, integerUnary, pairs, unary } from './operands.js';

export const sign = [...unary(), ...integerUnary()];
export const ceil = unary();
export const floor = unary();
export const round = [
  ...unary(),
  { name: 'halves', inputs: [{ shape: [8], values: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 8388609.5, 0.49999997] }] },
];
export const reciprocal = unary();
export const log = unary();
export const log1p = unary();
export const expm1 = unary();
/** Those away from 0 are what TensorFlow.js's approximation can be compared with. */
export const erf = [
  ...unary(),
  ...[3, 16, 33, 1001].map((n) => ({
    name: `${n} of 0.4 … 4`,
    inputs: [{ shape: [n], values: Array.from({ length: n }, (_, i) => (i % 2 ? -1 : 1) * (0.4 + (3.6 * i) / n)) }],
  })),
];
/** Near multiples of pi/2, where little is left, and where the reduction of huge angles begins. */
const angles = [
  ...unary(),
  {
    name: 'near multiples of pi/2',
    inputs: [{ shape: [4001], values: Array.from({ length: 4001 }, (_, i) => ((i - 2000) ** 3 * Math.PI) / 2) }],
  },
  {
    name: 'around 2^28',
    inputs: [{ shape: [64], values: Array.from({ length: 64 }, (_, i) => (i % 2 ? -1 : 1) * (2 ** 28 + 32 * (i - 40))) }],
  },
];
export const sin = angles;
export const cos = angles;
export const tan = angles;
export const asin = unary();
export const acos = unary();
export const atan = unary();
export const sinh = unary();
export const cosh = unary();
export const asinh = unary();
export const acosh = unary();
export const atanh = unary();
export const softplus = unary();
export const softsign = unary();
export const silu = unary();
export const mish = unary();
export const gelu = [...unary(), ...unary({ approximate: 1 })];
export const hard_sigmoid = [...unary({ alpha: 0.2, beta: 0.5 }), ...unary({ alpha: -1, beta: 0 })];

export const trunc_mod = [...pairs, ...integerPairs];
export const mod = trunc_mod;
export const atan2 = pairs;
export const div_no_nan = pairs;

/** @param {number} exponent @param {number[]} shape @param {number[]} x */
const power = (exponent, shape, x = [2, 3, 5]) => ({
  name: `[${x}] to the constant ${exponent} of shape [${shape}]`,
  inputs: [
    { shape: x, fill: /** @type {const} */ ('specials') },
    { shape, values: [exponent], from: /** @type {const} */ ('constant') },
  ],
});
export const pow = [
  ...pairs,
  ...integerPairs,
  power(2, []),
  power(2, [1, 1, 1, 1]),
  power(2, [1], []),
  power(3, [1]),
  power(0.5, []),
  power(-0.5, []),
  ...[[7], [3, 5]].map((shape) => ({
    name: `positive [${shape}]`,
    inputs: [
      { shape, fill: /** @type {const} */ ('positive') },
      { shape: [1], values: [2.7] },
    ],
  })),
  { ...power(2, []), name: 'a square, clamped', attributes: { activation: 1, act_min: 0.1, act_max: 0.5 } },
  {
    name: 'small integers',
    inputs: [
      { shape: [INTEGERS.length], dtype: /** @type {const} */ ('int32'), values: INTEGERS },
      { shape: [10, 1], dtype: /** @type {const} */ ('int32'), values: [0, 1, 2, 3, 4, 7, -1, -2, -3, -8] },
    ],
  },
];
