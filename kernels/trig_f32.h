/* Sine, cosine and tangent of four floats at once. */
#ifndef XJ_TRIG_F32_H
#define XJ_TRIG_F32_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernels/exp_f32.h"

/* What xj_trig4 is good for; NaN and infinities, which give NaN, included. */
static inline bool xj_trig4_reaches(v128_t x) {
  const v128_t huge = wasm_f32x4_ge(wasm_f32x4_abs(x), XJ_SPLAT(0x1p28f));
  return !wasm_v128_any_true(wasm_v128_and(huge, wasm_f32x4_lt(wasm_f32x4_abs(x), XJ_SPLAT(INFINITY))));
}

/* Two of x - k * pi/2 for k nearest; adding the magic number leaves k in the low bits. The first part of pi/2 has 25
 * bits, so that its product with k below 2^28 is exact. */
static inline v128_t xj_trig2_reduced(v128_t x, v128_t *k) {
  const v128_t magic = wasm_f64x2_splat(0x1.8p52);
  *k = wasm_f64x2_add(wasm_f64x2_mul(x, wasm_f64x2_splat(0x1.45F306DC9C883p-1)), magic);
  const v128_t whole = wasm_f64x2_sub(*k, magic);
  x = wasm_f64x2_sub(x, wasm_f64x2_mul(whole, wasm_f64x2_splat(0x1.921FB5p0)));
  return wasm_f64x2_sub(x, wasm_f64x2_mul(whole, wasm_f64x2_splat(0x1.110B4611A6263p-26)));
}

typedef struct {
  v128_t sin, cos; /* of the rest r within ±pi/4, by their series up to r^11 and r^10 */
  v128_t quarters; /* how many quarter turns were taken away */
} xj_trig4_parts;

static inline xj_trig4_parts xj_trig4(v128_t x) {
  v128_t k0, k1;
  const v128_t r0 = xj_trig2_reduced(wasm_f64x2_promote_low_f32x4(x), &k0);
  const v128_t r1 = xj_trig2_reduced(wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(x, x, 2, 3, 2, 3)), &k1);
  const v128_t r = wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero(r0), wasm_f32x4_demote_f64x2_zero(r1), 0, 1, 4, 5);
  const v128_t z = wasm_f32x4_mul(r, r);
  v128_t s = XJ_MADD(z, XJ_SPLAT(-1 / 39916800.0f), XJ_SPLAT(1 / 362880.0f));
  s = XJ_MADD(z, s, XJ_SPLAT(-1 / 5040.0f));
  s = XJ_MADD(z, s, XJ_SPLAT(1 / 120.0f));
  s = XJ_MADD(z, s, XJ_SPLAT(-1 / 6.0f));
  v128_t c = XJ_MADD(z, XJ_SPLAT(-1 / 3628800.0f), XJ_SPLAT(1 / 40320.0f));
  c = XJ_MADD(z, c, XJ_SPLAT(-1 / 720.0f));
  c = XJ_MADD(z, c, XJ_SPLAT(1 / 24.0f));
  c = XJ_MADD(z, c, XJ_SPLAT(-0.5f));
  return (xj_trig4_parts){XJ_MADD(wasm_f32x4_mul(r, z), s, r), XJ_MADD(z, c, XJ_SPLAT(1)),
                          wasm_i32x4_shuffle(k0, k1, 0, 2, 4, 6)};
}

/* All ones where bit `bit` of the lane is set. */
static inline v128_t xj_bit4(v128_t x, uint32_t bit) { return wasm_i32x4_shr(wasm_i32x4_shl(x, 31 - bit), 31); }

/* sin of r + (quarters + shift) * pi/2 */
static inline v128_t xj_sin4_of(xj_trig4_parts t, int32_t shift) {
  const v128_t quarters = wasm_i32x4_add(t.quarters, wasm_i32x4_splat(shift));
  const v128_t magnitude = wasm_v128_bitselect(t.cos, t.sin, xj_bit4(quarters, 0));
  return wasm_v128_xor(magnitude, wasm_v128_and(xj_bit4(quarters, 1), XJ_SPLAT(-0.0f)));
}

static inline v128_t xj_sin4(v128_t x) { return xj_sin4_of(xj_trig4(x), 0); }
static inline v128_t xj_cos4(v128_t x) { return xj_sin4_of(xj_trig4(x), 1); }

static inline v128_t xj_tan4(v128_t x) {
  const xj_trig4_parts t = xj_trig4(x);
  const v128_t odd = xj_bit4(t.quarters, 0);
  return wasm_f32x4_div(wasm_v128_bitselect(wasm_f32x4_neg(t.cos), t.sin, odd), wasm_v128_bitselect(t.sin, t.cos, odd));
}

#endif
