// The ops under "mathematics" of ops.def: formulas of tensorflow.org's tf.math and tf.nn.
import { binary, clampTo, float, unary } from './elements.js';
import { number } from './tensor.js';

/** TensorFlow's sign of NaN is NaN, and of either zero 0. @param {number} x */
const signOf = (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN);
export const sign = unary(signOf, signOf);
export const ceil = unary(Math.ceil);
export const floor = unary(Math.floor);
/** halves to the even neighbour; the sign of zero stays, as IEEE's roundToIntegralTiesToEven has it */
export const round = unary((x) => {
  if (!Number.isFinite(x) || x === 0) return x;
  const [below, rest] = [Math.floor(x), x - Math.floor(x)];
  const nearest = rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
  return nearest === 0 && x < 0 ? -0 : nearest;
});
export const reciprocal = unary((x) => 1 / x);
export const log = unary(Math.log);
export const log1p = unary(Math.log1p);
export const expm1 = unary(Math.expm1);

/** Abramowitz and Stegun 7.1.6: for small x. @param {number} x */
function erfSeries(x) {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Abramowitz and Stegun 7.1.14, from the far end: for large x. @param {number} x */
function erfcFraction(x) {
  let rest = x;
  for (let n = 120; n > 0; n--) rest = x + n / 2 / rest;
  return Math.exp(-x * x) / (rest * Math.sqrt(Math.PI));
}

/** @param {number} x */
const erfc = (x) => (x < 0 ? 2 - erfcOf(-x) : erfcOf(x));
/** @param {number} x  not below 0 */
const erfcOf = (x) => (x < 2 ? 1 - erfSeries(x) : erfcFraction(x));

export const erf = unary((x) => (Math.abs(x) < 2 ? erfSeries(x) : x < 0 ? erfcOf(-x) - 1 : 1 - erfcOf(x)));
export const sin = unary(Math.sin);
export const cos = unary(Math.cos);
export const tan = unary(Math.tan);
export const asin = unary(Math.asin);
export const acos = unary(Math.acos);
export const atan = unary(Math.atan);
export const sinh = unary(Math.sinh);
export const cosh = unary(Math.cosh);
export const asinh = unary(Math.asinh);
export const acosh = unary(Math.acosh);
export const atanh = unary(Math.atanh);

/** log(1 + exp(x)) @param {number} x */
const softplusOf = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const softplus = unary(softplusOf);
export const softsign = unary((x) => x / (1 + Math.abs(x)));
export const silu = unary((x) => x * (1 / (1 + Math.exp(-x))));
export const mish = unary((x) => x * Math.tanh(softplusOf(x)));
/** x Φ(x), Hendrycks and Gimpel, arXiv 1606.08415; approximate: its equation with tanh, (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)) */
export const gelu = unary((x, a) => {
  if (number(a, 'approximate') === 0) return (x * erfc(-x / Math.SQRT2)) / 2;
  return x * (1 / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))));
});
export const hard_sigmoid = unary((x, a) => {
  const [scaled, beta] = [float(a, 'alpha') * x, float(a, 'beta')];
  const y = clampTo(scaled + beta, 0, 1);
  return [y, y > 0 && y < 1 ? Math.abs(scaled) + Math.abs(beta) : 0];
});

/** a - b * trunc(a / b), exactly: ECMAScript's remainder is C's fmod. */
export const trunc_mod = binary(
  (a, b) => a % b,
  (a, b) => (b === 0 ? 0 : a % b),
);
/** @param {number} a @param {number} b */
function floorMod(a, b) {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}
/** TensorFlow's FloorMod: as Python's % */
export const mod = binary(floorMod, (a, b) => (b === 0 ? 0 : floorMod(a, b)));
/** C99, F.9.4.4, which ECMAScript departs from where 1 is the base, or -1 that of an infinite power. @param {number} a @param {number} b */
const powOf = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);
/** @param {number} a @param {number} b @returns {number} */
function integerPow(a, b) {
  if (b < 0) return a === 0 ? 0 : Math.trunc(Math.abs(a) === 1 ? a ** Math.abs(b % 2) : 0);
  if (b === 0) return 1;
  const root = integerPow(a, Math.floor(b / 2));
  const even = Math.imul(root, root);
  return b % 2 === 0 ? even : Math.imul(even, a);
}
export const pow = binary(powOf, integerPow);
export const atan2 = binary(Math.atan2);
export const div_no_nan = binary((a, b) => (b === 0 ? 0 : a / b));
