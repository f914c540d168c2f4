// gemmlowp's fixed-point arithmetic, step by step as fixedpoint.h and TFLite's common.h and quantization_util.cc define
// it. Products of 64 bits are BigInts.

/** @typedef {{ multiplier: number, shift: number }} Factor  multiplier * 2^(shift - 31) */

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** QuantizeMultiplier: a double as a fraction of 31 bits and a power of two. @param {number} real @returns {Factor} */
export function factorOf(real) {
  if (!(real > 0) || real === Infinity) return { multiplier: 0, shift: 0 };
  let [fraction, shift] = [real, 0];
  for (; fraction >= 1; shift++) fraction /= 2;
  for (; fraction < 0.5; shift--) fraction *= 2;
  let multiplier = Math.round(fraction * 2 ** 31); // halves up, which for positive numbers is away from zero
  if (multiplier === 2 ** 31) [multiplier, shift] = [2 ** 30, shift + 1];
  if (shift < -31) return { multiplier: 0, shift: 0 };
  if (shift > 30) return { multiplier: INT32_MAX, shift: 30 };
  return { multiplier, shift };
}

/** SaturatingRoundingDoublingHighMul. @param {number} a @param {number} b */
function doublingHighMul(a, b) {
  if (a === INT32_MIN && b === INT32_MIN) return INT32_MAX;
  // float64 holds products of 53 bits and their sum with the nudge
  const short = a * b;
  if (Math.abs(short) < 2 ** 52) return Math.trunc((short + (short >= 0 ? 2 ** 30 : 1 - 2 ** 30)) / 2 ** 31) + 0;
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return Number((product + nudge) / (1n << 31n)); // BigInt divides toward zero, as C does
}

/** RoundingDivideByPOT. @param {number} x @param {number} exponent */
function divideByPowerOfTwo(x, exponent) {
  const divisor = 2 ** exponent;
  const quotient = Math.floor(x / divisor);
  const remainder = x - quotient * divisor;
  const threshold = Math.floor((divisor - 1) / 2) + (x < 0 ? 1 : 0);
  return quotient + (remainder > threshold ? 1 : 0);
}

/** MultiplyByQuantizedMultiplier, with both roundings; a left shift that overflows there saturates. @param {number} x @param {Factor} factor */
export function scale(x, { multiplier, shift }) {
  const [left, right] = shift > 0 ? [shift, 0] : [0, -shift];
  return divideByPowerOfTwo(doublingHighMul(limit(x * 2 ** left, INT32_MIN, INT32_MAX), multiplier), right);
}

/** TfLiteRound: halves away from zero. @param {number} x */
export const roundAway = (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);

/** @param {number} value @param {number} low @param {number} high */
export const limit = (value, low, high) => Math.min(Math.max(value, low), high);

/** The least and the largest value of a dtype of 8 bits. @param {string | undefined} dtype @returns {[number, number]} */
export const boundsOf = (dtype) => (dtype === 'uint8' ? [0, 255] : [-128, 127]);
