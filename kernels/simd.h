/* 128-bit SIMD: the one place that knows plain from relaxed, and WebAssembly from the native build. */
#ifndef XJ_SIMD_H
#define XJ_SIMD_H

#include <stddef.h>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#else /* SIMDe: the same intrinsics, for sanitizers */
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/wasm/relaxed-simd.h>
#include <simde/wasm/simd128.h>
#define wasm_f32x4_const_splat(x) wasm_f32x4_splat(x) /* which SIMDe lacks */
#endif

/* a * b + c: rounded once with relaxed SIMD where the machine can, twice with plain SIMD. */
#if XJ_RELAXED
#define XJ_MADD(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#define XJ_TILE_ROWS 6 /* of a matrix product whose sums stay in registers: 16 of them, one for each operand */
/* Bytes that rows become: the dot product takes seven bits of them, an eighth means different things on different
 * machines. Weights are packed for XNNPACK's kernels of that dot product. */
#define XJ_QD8_LEAST 0
#define XJ_QD8_MOST 127
#define XJ_QD8_NARROW(a, b) wasm_u8x16_min(wasm_u8x16_narrow_i16x8(a, b), wasm_i8x16_splat(XJ_QD8_MOST))
#define XJ_QD8_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_4x8c8__wasmsdot_u2
#define XJ_QD8_ROW_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_1x8c8__wasmsdot_u2
#define XJ_QD8_PAIR_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_2x8c8__wasmsdot
enum { XJ_QD8_MR = 4, XJ_QD8_NR = 8, XJ_QD8_KR = 8, XJ_QD8_SR = 1 };
#else
#define XJ_MADD(a, b, c) wasm_f32x4_add(wasm_f32x4_mul(a, b), c)
#define XJ_TILE_ROWS 4 /* and one for each product */
#define XJ_QD8_LEAST (-128)
#define XJ_QD8_MOST 127
#define XJ_QD8_NARROW(a, b) wasm_i8x16_narrow_i16x8(a, b)
#ifdef __wasm_simd128__
#define XJ_QD8_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_4x4c2s4__wasmsimd_dot16x2_ld128
#define XJ_QD8_ROW_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_1x4c2s4__wasmsimd_dot16x2_ld128
#define XJ_QD8_PAIR_KERNEL NULL
enum { XJ_QD8_MR = 4, XJ_QD8_NR = 4, XJ_QD8_KR = 2, XJ_QD8_SR = 4 };
#else
#define XJ_QD8_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_4x4__scalar
#define XJ_QD8_ROW_KERNEL xnn_qd8_f32_qc8w_gemm_minmax_ukernel_1x4__scalar
#define XJ_QD8_PAIR_KERNEL NULL
enum { XJ_QD8_MR = 4, XJ_QD8_NR = 4, XJ_QD8_KR = 1, XJ_QD8_SR = 1 };
#endif
#endif

/* Four times a number that no compiler knows: V8 makes a constant anew wherever it is used, in three instructions, but
 * keeps what was read from memory in a register through a loop. */
static inline v128_t xj_keep4(float x) {
  const volatile float kept = x;
  return wasm_f32x4_splat(kept);
}

/* x limited to lo … hi; NaN stays NaN (pmin and pmax return their first operand when a comparison fails). */
static inline v128_t xj_clamp4(v128_t x, v128_t lo, v128_t hi) { return wasm_f32x4_pmin(wasm_f32x4_pmax(x, lo), hi); }

static inline float xj_clamp1(float x, float lo, float hi) { return x < lo ? lo : x > hi ? hi : x; }

/* x < 0 ? x * slope : x */
static inline v128_t xj_prelu4(v128_t x, v128_t slope) {
  return wasm_v128_bitselect(wasm_f32x4_mul(x, slope), x, wasm_f32x4_lt(x, wasm_f32x4_const_splat(0)));
}

static inline float xj_prelu1(float x, float slope) { return x < 0 ? x * slope : x; }

/* The n = 1 … 3 floats at x, the other lanes 0; and the first n lanes to y. */
static inline v128_t xj_load_tail4(const float *x, size_t n) {
  if (n == 1) return wasm_v128_load32_zero(x);
  const v128_t two = wasm_v128_load64_zero(x);
  return n == 2 ? two : wasm_v128_load32_lane(x + 2, two, 2);
}

static inline void xj_store_tail4(float *y, size_t n, v128_t v) {
  if (n == 1) {
    wasm_v128_store32_lane(y, v, 0);
    return;
  }
  wasm_v128_store64_lane(y, v, 0);
  if (n == 3) wasm_v128_store32_lane(y + 2, v, 2);
}

#endif
