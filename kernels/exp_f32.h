/* exp of four floats at once. */
#ifndef XJ_EXP_F32_H
#define XJ_EXP_F32_H

#include "kernels/simd.h"

/* exp(x) for x <= 0, within 2 units in the last place; results below 2^-126 are 0, NaN stays NaN.
 * x = n * ln 2 + r with |r| <= ln 2 / 2; exp(r) = 1 + r + … by a minimax polynomial of degree 5, whose coefficients are
 * those of XNNPACK's rr2_p5 kernels; times 2^n. Adding the magic number leaves n + 127 in the low bits. */
static inline v128_t xj_exp4_nonpositive(v128_t x) {
#define SPLAT(number) wasm_f32x4_const_splat(number)
  const v128_t magic = SPLAT(0x1.8000FEp23f);
  const v128_t shifted = wasm_f32x4_add(wasm_f32x4_mul(x, SPLAT(0x1.715476p+0f)), magic);
  const v128_t power = wasm_i32x4_shl(shifted, 23);
  const v128_t n = wasm_f32x4_sub(shifted, magic);
  v128_t r = wasm_f32x4_sub(x, wasm_f32x4_mul(n, SPLAT(0x1.62E400p-1f))); /* ln 2 in two parts */
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, SPLAT(0x1.7F7D1Cp-20f)));
  v128_t p = SPLAT(0x1.0F9F9Cp-7f);
  p = XJ_MADD(p, r, SPLAT(0x1.573A1Ap-5f));
  p = XJ_MADD(p, r, SPLAT(0x1.555A80p-3f));
  p = XJ_MADD(p, r, SPLAT(0x1.FFFDC6p-2f));
  p = XJ_MADD(p, r, SPLAT(0x1.FFFFF6p-1f));
  const v128_t exponential = XJ_MADD(wasm_f32x4_mul(r, power), p, power);
  return wasm_v128_andnot(exponential, wasm_f32x4_lt(x, SPLAT(-0x1.5D589Ep6f)));
#undef SPLAT
}

#endif
