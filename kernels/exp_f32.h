/* Exponentials of four floats at once. */
#ifndef XJ_EXP_F32_H
#define XJ_EXP_F32_H

#include "kernels/simd.h"

#define XJ_SPLAT(number) wasm_f32x4_const_splat(number)

/* What xj_exp4_nonpositive calculates with. */
typedef struct {
  v128_t log2_e, magic, minus_ln2_high, minus_ln2_low, c5, c4, c3, c2, c1, least;
} xj_exp_numbers;

#define XJ_EXP_NUMBERS(splat)                                                                                          \
  {                                                                                                                    \
      splat(0x1.715476p+0f), splat(0x1.8000FEp23f), splat(-0x1.62E400p-1f), splat(-0x1.7F7D1Cp-20f),                   \
      splat(0x1.0F9F9Cp-7f), splat(0x1.573A1Ap-5f), splat(0x1.555A80p-3f),  splat(0x1.FFFDC6p-2f),                     \
      splat(0x1.FFFFF6p-1f), splat(-0x1.5D589Ep6f)}

/* For loops: V8 makes a vector constant anew, in three instructions, wherever it is used. */
static inline xj_exp_numbers xj_exp_numbers_keep(void) { return (xj_exp_numbers)XJ_EXP_NUMBERS(xj_keep4); }

/* exp(x) for x <= 0, within 2 units in the last place; results below 2^-126 are 0, NaN stays NaN.
 * x = n * ln 2 + r with |r| <= ln 2 / 2; exp(r) = 1 + r + … by a minimax polynomial of degree 5, whose coefficients are
 * those of XNNPACK's rr2_p5 kernels; times 2^n. Adding the magic number leaves n + 127 in the low bits. */
static inline v128_t xj_exp4_nonpositive_by(const xj_exp_numbers *k, v128_t x) {
  const v128_t shifted = XJ_MADD(x, k->log2_e, k->magic);
  const v128_t power = wasm_i32x4_shl(shifted, 23);
  const v128_t n = wasm_f32x4_sub(shifted, k->magic);
  v128_t r = XJ_MADD(n, k->minus_ln2_high, x); /* ln 2 in two parts */
  r = XJ_MADD(n, k->minus_ln2_low, r);
  v128_t p = XJ_MADD(k->c5, r, k->c4);
  p = XJ_MADD(p, r, k->c3);
  p = XJ_MADD(p, r, k->c2);
  p = XJ_MADD(p, r, k->c1);
  const v128_t exponential = XJ_MADD(wasm_f32x4_mul(r, power), p, power);
  return wasm_v128_andnot(exponential, wasm_f32x4_lt(x, k->least));
}

static inline v128_t xj_exp4_nonpositive(v128_t x) {
  const xj_exp_numbers numbers = XJ_EXP_NUMBERS(XJ_SPLAT);
  return xj_exp4_nonpositive_by(&numbers, x);
}

/* exp(r) - 1 for the rest r of x = n * ln 2 + r, |r| <= ln 2 / 2; n, which has to lie within ±2^22, as integers.
 * exp(r) = 1 + r + r^2 * q(r) with q the Chebyshev interpolation of degree 4: 8e-9 off. */
static inline v128_t xj_exp4_reduced(v128_t x, v128_t *n) {
  const v128_t magic = XJ_SPLAT(0x1.8p23f);
  const v128_t shifted = wasm_f32x4_add(wasm_f32x4_mul(x, XJ_SPLAT(0x1.715476p+0f)), magic);
  const v128_t whole = wasm_f32x4_sub(shifted, magic);
  *n = wasm_i32x4_sub(shifted, magic);
  v128_t r = wasm_f32x4_sub(x, wasm_f32x4_mul(whole, XJ_SPLAT(0x1.62E400p-1f)));
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(whole, XJ_SPLAT(0x1.7F7D1Cp-20f)));
  v128_t q = XJ_SPLAT(0x1.6D117Cp-10f);
  q = XJ_MADD(q, r, XJ_SPLAT(0x1.120BE2p-7f));
  q = XJ_MADD(q, r, XJ_SPLAT(0x1.555518p-5f));
  q = XJ_MADD(q, r, XJ_SPLAT(0x1.5554DCp-3f));
  q = XJ_MADD(q, r, XJ_SPLAT(0.5f));
  return XJ_MADD(wasm_f32x4_mul(r, r), q, r);
}

/* 2^n for n of -126 … 127 */
static inline v128_t xj_power4(v128_t n) { return wasm_i32x4_shl(wasm_i32x4_add(n, wasm_i32x4_splat(127)), 23); }

/* exp(x) for any x: denormal results are rounded, NaN stays NaN. 2^n in two steps, since n is -151 … 128. */
static inline v128_t xj_exp4(v128_t x) {
  v128_t n;
  const v128_t p = xj_exp4_reduced(xj_clamp4(x, XJ_SPLAT(-104.5f), XJ_SPLAT(89)), &n);
  const v128_t half = wasm_i32x4_shr(n, 1), first = xj_power4(half);
  return wasm_f32x4_mul(XJ_MADD(first, p, first), xj_power4(wasm_i32x4_sub(n, half)));
}

/* exp(x) - 1 without cancellation: twice 2^(n-1) * (exp(r) - 1) + (2^(n-1) - 1/2). */
static inline v128_t xj_expm1_4(v128_t x) {
  v128_t n;
  const v128_t p = xj_exp4_reduced(xj_clamp4(x, XJ_SPLAT(-30), XJ_SPLAT(89)), &n);
  const v128_t power = xj_power4(wasm_i32x4_sub(n, wasm_i32x4_splat(1)));
  const v128_t half = XJ_MADD(power, p, wasm_f32x4_sub(power, XJ_SPLAT(0.5f)));
  return wasm_f32x4_add(half, half);
}

/* The same for x <= 0: 2^n * (exp(r) - 1) + (2^n - 1). */
static inline v128_t xj_expm1_4_nonpositive(v128_t x) {
  v128_t n;
  const v128_t p = xj_exp4_reduced(wasm_f32x4_pmax(x, XJ_SPLAT(-30)), &n), power = xj_power4(n);
  return XJ_MADD(power, p, wasm_f32x4_sub(power, XJ_SPLAT(1)));
}

static inline v128_t xj_minus_abs4(v128_t x) { return wasm_v128_or(x, XJ_SPLAT(-0.0f)); }

/* 1 / (1 + exp(-x)), given e = exp(-|x|) */
static inline v128_t xj_sigmoid4_of(v128_t x, v128_t e) {
  const v128_t one = XJ_SPLAT(1), above = wasm_v128_bitselect(e, one, wasm_f32x4_lt(x, XJ_SPLAT(0)));
  return wasm_f32x4_div(above, wasm_f32x4_add(one, e));
}

static inline v128_t xj_sigmoid4(v128_t x) { return xj_sigmoid4_of(x, xj_exp4(xj_minus_abs4(x))); }
/* Faster; results below 2^-126 are 0. */
static inline v128_t xj_sigmoid4_flushed(v128_t x) { return xj_sigmoid4_of(x, xj_exp4_nonpositive(xj_minus_abs4(x))); }

/* tanh |x| = -e / (e + 2) for e = exp(-2|x|) - 1 */
static inline v128_t xj_tanh4(v128_t x) {
  const v128_t sign = XJ_SPLAT(-0.0f), minus = xj_minus_abs4(x);
  const v128_t e = xj_expm1_4_nonpositive(wasm_f32x4_add(minus, minus));
  const v128_t magnitude = wasm_v128_andnot(wasm_f32x4_div(e, wasm_f32x4_add(e, XJ_SPLAT(2))), sign);
  return wasm_v128_or(magnitude, wasm_v128_and(x, sign));
}

/* x * tanh(log(1 + exp(x))) = x * (e^2 + 2e) / (e^2 + 2e + 2), above and below divided by e^2 where e = exp(x) > 1 */
static inline v128_t xj_mish4(v128_t x) {
  const v128_t two = XJ_SPLAT(2), e = xj_exp4(xj_minus_abs4(x));
  const v128_t negative = wasm_f32x4_lt(x, XJ_SPLAT(0));
  const v128_t above = wasm_v128_bitselect(wasm_f32x4_mul(e, wasm_f32x4_add(e, two)),
                                           wasm_f32x4_add(XJ_SPLAT(1), wasm_f32x4_add(e, e)), negative);
  const v128_t rest = wasm_v128_bitselect(two, wasm_f32x4_mul(wasm_f32x4_add(e, e), e), negative);
  return wasm_f32x4_mul(x, wasm_f32x4_div(above, wasm_f32x4_add(above, rest)));
}

#endif
