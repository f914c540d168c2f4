// Ops of one and of two operands, each a formula of tensorflow.org's tf.math and tf.nn.
import { binary, broadcast, clampTo, elementAt, float, unary } from './elements.js';
import { activated, build, sizeOf } from './tensor.js';

/** @import { Tensor } from './tensor.js' */
/** @typedef {import('./elements.js').Op} Op */

/** The sum of two terms and their magnitude. @param {number} a @param {number} b @returns {[number, number]} */
const sum = (a, b) => [a + b, Math.abs(a) + Math.abs(b)];

export const add = binary(sum, (a, b) => a + b);
export const sub = binary(
  (a, b) => sum(a, -b),
  (a, b) => a - b,
);
export const mul = binary((a, b) => a * b, Math.imul);
/** @type {Op} */
export function mul_add([a, b, c, slope], attributes) {
  const [left, right, term] = [/** @type {Tensor} */ (a), /** @type {Tensor} */ (b), /** @type {Tensor} */ (c)];
  const result = build(broadcast(broadcast(left.shape, right.shape), term.shape), (index) => {
    const product = elementAt(left, index) * elementAt(right, index);
    return sum(product, elementAt(term, index));
  });
  return activated(result, attributes, slope);
}
export const div = binary(
  (a, b) => a / b,
  (a, b) => (b === 0 ? 0 : a / b),
);
/** NaN in either operand is NaN in the result, +0 is more than -0: ECMAScript's Math.max as tfjs-backend-cpu uses it. */
export const maximum = binary(Math.max, Math.max);
export const minimum = binary(Math.min, Math.min);
/** the operands are exact, so that the difference is rounded once and the square once */
export const squared_difference = binary(
  (a, b) => (a - b) ** 2,
  (a, b) => Math.imul(a - b, a - b),
);
/** TensorFlow's floor_div_real, the quotient in float32; of integers by zero 0, as ops.def says. */
export const floor_div = binary(
  (a, b) => Math.floor(Math.fround(a / b)),
  (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
);

export const relu = unary(
  (x) => (x < 0 ? 0 : x),
  (x) => Math.max(x, 0),
);
export const relu6 = unary(
  (x) => clampTo(x, 0, 6),
  (x) => clampTo(x, 0, 6),
);
/** of integers, to those within the bounds */
export const clamp = unary(
  (x, a) => clampTo(x, float(a, 'min'), float(a, 'max')),
  (x, a) => clampTo(x, Math.ceil(float(a, 'min')), Math.floor(float(a, 'max'))),
);
export const leaky_relu = unary((x, a) => (x < 0 ? x * float(a, 'alpha') : x));
export const elu = unary((x, a) => (x < 0 ? float(a, 'alpha') * Math.expm1(x) : x));
/** x · relu6(x + 3) / 6: Howard et al., arXiv 1905.02244, 5.2; the terms of x + 3 count */
export const hard_swish = unary((x) => {
  const inner = clampTo(x + 3, 0, 6);
  return [(x * inner) / 6, inner > 0 && inner < 6 ? (Math.abs(x) * (Math.abs(x) + 3)) / 6 : 0];
});
export const sigmoid = unary((x) => 1 / (1 + Math.exp(-x)));
export const tanh = unary(Math.tanh);
export const exp = unary(Math.exp);
export const abs = unary(Math.abs, Math.abs);
export const neg = unary(
  (x) => -x,
  (x) => -x,
);
export const square = unary(
  (x) => x * x,
  (x) => Math.imul(x, x),
);
export const sqrt = unary(Math.sqrt);
export const rsqrt = unary((x) => 1 / Math.sqrt(x));

/** @type {Op} */
export function prelu([x, slope]) {
  const [left, right] = [/** @type {Tensor} */ (x), /** @type {Tensor} */ (slope)];
  const isOne = sizeOf(right.shape) === 1; // of any rank, which x does not take on
  const apply = (/** @type {number} */ value, /** @type {number} */ by) => (value < 0 ? value * by : value);
  if (isOne || sizeOf(right.shape) === (left.shape.at(-1) ?? 1))
    return build(left.shape, (_, i) => apply(left.data[i], right.data[isOne ? 0 : i % right.data.length]));
  return build(broadcast(left.shape, right.shape), (index) => apply(elementAt(left, index), elementAt(right, index)));
}

/** y = exp(x - max) / Σ exp(x - max) over the last axis. @type {Op} */
export function softmax([x]) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const channels = shape[shape.length - 1];
  const result = new Float64Array(sizeOf(shape));
  for (let row = 0; row < result.length; row += channels) {
    let max = -Infinity;
    for (let i = row; i < row + channels; i++) max = Math.max(max, data[i]);
    let total = 0;
    for (let i = row; i < row + channels; i++) total += Math.exp(data[i] - max);
    for (let i = row; i < row + channels; i++) result[i] = Math.exp(data[i] - max) / total;
  }
  return { shape, data: result, scale: result.map(Math.abs) };
}
