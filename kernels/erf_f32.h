/* The error function and what is made of it, of four floats at once. */
#ifndef XJ_ERF_F32_H
#define XJ_ERF_F32_H

#include "kernels/exp_f32.h"

/* erfc(z) * exp(z^2) for z >= 0: p(t) / (1 + 2z), t = (z - 2.5) / (z + 2.5), where p is the Chebyshev interpolation
 * of degree 9 over z of 0 … 10: 2.6e-8 off. */
static inline v128_t xj_erfcx4(v128_t z) {
  const v128_t centre = XJ_SPLAT(2.5f);
  const v128_t t = wasm_f32x4_div(wasm_f32x4_sub(z, centre), wasm_f32x4_add(z, centre));
  v128_t p = XJ_SPLAT(0x1.E8B19Cp-12f);
  p = XJ_MADD(p, t, XJ_SPLAT(0x1.6C0936p-12f));
  p = XJ_MADD(p, t, XJ_SPLAT(-0x1.193F36p-8f));
  p = XJ_MADD(p, t, XJ_SPLAT(0x1.08C1E4p-10f));
  p = XJ_MADD(p, t, XJ_SPLAT(0x1.0C30A4p-5f));
  p = XJ_MADD(p, t, XJ_SPLAT(-0x1.A5D228p-4f));
  p = XJ_MADD(p, t, XJ_SPLAT(0x1.42D4E6p-3f));
  p = XJ_MADD(p, t, XJ_SPLAT(-0x1.959980p-4f));
  p = XJ_MADD(p, t, XJ_SPLAT(-0x1.F52C7Ap-4f));
  p = XJ_MADD(p, t, XJ_SPLAT(0x1.43CC70p+0f));
  return wasm_f32x4_div(p, XJ_MADD(z, XJ_SPLAT(2), XJ_SPLAT(1)));
}

/* Below 1 an odd polynomial (1.2e-9 off), above it 1 - erfc. */
static inline v128_t xj_erf4(v128_t x) {
  const v128_t sign = wasm_v128_and(x, XJ_SPLAT(-0.0f)), z = wasm_f32x4_pmin(wasm_f32x4_abs(x), XJ_SPLAT(5));
  const v128_t square = wasm_f32x4_mul(z, z);
  v128_t p = XJ_SPLAT(0x1.4A5690p-14f);
  p = XJ_MADD(p, square, XJ_SPLAT(-0x1.A45088p-11f));
  p = XJ_MADD(p, square, XJ_SPLAT(0x1.541270p-8f));
  p = XJ_MADD(p, square, XJ_SPLAT(-0x1.B7FABAp-6f));
  p = XJ_MADD(p, square, XJ_SPLAT(0x1.CE2D10p-4f));
  p = XJ_MADD(p, square, XJ_SPLAT(-0x1.81273Ep-2f));
  p = XJ_MADD(p, square, XJ_SPLAT(0x1.20DD74p+0f));
  const v128_t tail = wasm_f32x4_mul(xj_exp4_nonpositive(wasm_f32x4_neg(square)), xj_erfcx4(z));
  const v128_t below = wasm_f32x4_lt(z, XJ_SPLAT(1));
  const v128_t y = wasm_v128_bitselect(wasm_f32x4_mul(z, p), wasm_f32x4_sub(XJ_SPLAT(1), tail), below);
  return wasm_v128_or(y, sign);
}

/* x * (1 + erf(x / sqrt 2)) / 2 = x * erfc(-x / sqrt 2) / 2, accurate where it tends to 0 too: x^2 enters exp in two
 * parts, the square of x's first 12 bits and what that leaves. */
static inline v128_t xj_gelu4(v128_t x) {
  const v128_t z = wasm_f32x4_pmin(wasm_f32x4_abs(x), XJ_SPLAT(16));
  const v128_t head = wasm_v128_and(z, wasm_i32x4_splat((int32_t)0xFFFFF000));
  const v128_t half = XJ_SPLAT(-0.5f), rest = wasm_f32x4_mul(wasm_f32x4_sub(z, head), wasm_f32x4_add(z, head));
  const v128_t first = xj_exp4(wasm_f32x4_mul(wasm_f32x4_mul(head, head), half));
  const v128_t second = XJ_MADD(rest, half, XJ_SPLAT(1)); /* exp(-rest/2), whose rest is below 0.07 */
  const v128_t d = wasm_f32x4_mul(rest, half);
  const v128_t correction = XJ_MADD(wasm_f32x4_mul(d, d), XJ_MADD(d, XJ_SPLAT(1 / 6.0f), XJ_SPLAT(0.5f)), second);
  const v128_t scaled = wasm_f32x4_mul(xj_erfcx4(wasm_f32x4_mul(z, XJ_SPLAT(0x1.6A09E6p-1f))), XJ_SPLAT(0.5f));
  const v128_t tail = wasm_f32x4_mul(wasm_f32x4_mul(first, correction), scaled);
  const v128_t negative = wasm_f32x4_lt(x, XJ_SPLAT(0));
  return wasm_f32x4_mul(x, wasm_v128_bitselect(tail, wasm_f32x4_sub(XJ_SPLAT(1), tail), negative));
}

/* x * (1 + tanh(u)) / 2 = x * sigmoid(2u) for u = sqrt(2 / pi) * (x + 0.044715 x^3) */
static inline v128_t xj_gelu_tanh4(v128_t x) {
  const v128_t cubic = XJ_MADD(wasm_f32x4_mul(x, x), XJ_SPLAT(0.0713548162726f), XJ_SPLAT(1.59576912161f));
  return wasm_f32x4_mul(x, xj_sigmoid4(wasm_f32x4_mul(x, cubic)));
}

#endif
