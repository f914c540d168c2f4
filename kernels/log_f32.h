/* Logarithms of four floats at once. */
#ifndef XJ_LOG_F32_H
#define XJ_LOG_F32_H

#include <math.h>

#include "kernels/exp_f32.h"

/* log(x): NaN below 0, -infinity at 0; denormals are numbers like others.
 * x = 2^e * (1 + f) with 1 + f in sqrt(1/2) … sqrt(2); log(1 + f) = 2 atanh(s) for s = f / (2 + f), whose series ends
 * at s^9: the rest is 4e-9. Written as f - (f^2/2 - s * (f^2/2 + R(s^2))) f itself enters unrounded. */
static inline v128_t xj_log4(v128_t x) {
  const v128_t small = wasm_f32x4_lt(x, XJ_SPLAT(0x1p-126f));
  const v128_t bits = wasm_v128_bitselect(wasm_f32x4_mul(x, XJ_SPLAT(0x1p23f)), x, small);
  v128_t e = wasm_i32x4_shr(wasm_i32x4_sub(bits, wasm_i32x4_splat(0x3F3504F3)), 23); /* sqrt(1/2) */
  const v128_t f = wasm_f32x4_sub(wasm_i32x4_sub(bits, wasm_i32x4_shl(e, 23)), XJ_SPLAT(1));
  e = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(e, wasm_v128_and(small, wasm_i32x4_splat(23))));
  const v128_t s = wasm_f32x4_div(f, wasm_f32x4_add(f, XJ_SPLAT(2))), z = wasm_f32x4_mul(s, s);
  v128_t r = XJ_MADD(z, XJ_SPLAT(2 / 9.0f), XJ_SPLAT(2 / 7.0f));
  r = XJ_MADD(z, r, XJ_SPLAT(2 / 5.0f));
  r = wasm_f32x4_mul(z, XJ_MADD(z, r, XJ_SPLAT(2 / 3.0f)));
  const v128_t half = wasm_f32x4_mul(wasm_f32x4_mul(f, XJ_SPLAT(0.5f)), f);
  const v128_t low = XJ_MADD(e, XJ_SPLAT(0x1.7F7D1Cp-20f), wasm_f32x4_mul(s, wasm_f32x4_add(half, r)));
  const v128_t high = wasm_f32x4_mul(e, XJ_SPLAT(0x1.62E400p-1f));
  const v128_t y = wasm_f32x4_sub(high, wasm_f32x4_sub(wasm_f32x4_sub(half, low), f));
  const v128_t zero = XJ_SPLAT(0), infinity = XJ_SPLAT(INFINITY);
  v128_t other = wasm_v128_bitselect(XJ_SPLAT(NAN), x, wasm_f32x4_lt(x, zero)); /* NaN and infinity stay */
  other = wasm_v128_bitselect(XJ_SPLAT(-INFINITY), other, wasm_f32x4_eq(x, zero));
  const v128_t usual = wasm_v128_and(wasm_f32x4_gt(x, zero), wasm_f32x4_lt(x, infinity));
  return wasm_v128_bitselect(y, other, usual);
}

/* log(1 + x) without cancellation: the logarithm of the rounded sum u, and what rounding lost, divided by u. */
static inline v128_t xj_log1p4(v128_t x) {
  const v128_t one = XJ_SPLAT(1), u = wasm_f32x4_add(one, x);
  const v128_t lost = wasm_f32x4_div(wasm_f32x4_sub(x, wasm_f32x4_sub(u, one)), u);
  const v128_t usual = wasm_v128_and(wasm_f32x4_gt(u, XJ_SPLAT(0)), wasm_f32x4_lt(u, XJ_SPLAT(INFINITY)));
  return wasm_f32x4_add(xj_log4(u), wasm_v128_and(lost, usual));
}

/* log(1 + exp(x)) = log(1 + exp(-|x|)) + max(x, 0) */
static inline v128_t xj_softplus4(v128_t x) {
  const v128_t e = xj_exp4(xj_minus_abs4(x));
  return wasm_f32x4_add(xj_log1p4(e), wasm_f32x4_pmax(x, XJ_SPLAT(0)));
}

#endif
