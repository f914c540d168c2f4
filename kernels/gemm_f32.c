/* f32 GEMM and IGEMM micro-kernels, 1×8 and 4×8, splatting each element of a by a load.
 *
 * They stand in for XNNPACK's for two reasons: XNNPACK's clamp turns NaN into the lower bound, and which of its kernels
 * runs depends on a probe of the machine, where we want the same bits everywhere. The pattern of loads is the one that
 * V8 compiles best (docs/performance.md). */
#include "kernels/gemm_f32.h"

#include <stdbool.h>
#include <stdint.h>

#include "kernels/gemm_tile.h"

#define INLINE static inline __attribute__((always_inline))

/* Writes nc ≤ 8 columns of each row, the last row first: rows that do not exist share the address of one that does. */
INLINE void finish(xj_tile *sum, size_t rows, float *const *c, size_t nc, const xj_minmax *params, bool linear) {
  if (!linear) {
    v128_t min = wasm_v128_load32_splat(&params->min), max = wasm_v128_load32_splat(&params->max);
    for (size_t r = 0; r < rows; r++) {
      sum->lo[r] = xj_clamp4(sum->lo[r], min, max);
      sum->hi[r] = xj_clamp4(sum->hi[r], min, max);
    }
  }
  for (size_t r = rows; r-- > 0;) {
    float *y = c[r];
    if (nc >= 8) {
      wasm_v128_store(y, sum->lo[r]);
      wasm_v128_store(y + 4, sum->hi[r]);
      continue;
    }
    v128_t part = sum->lo[r];
    if (nc & 4) {
      wasm_v128_store(y, part);
      part = sum->hi[r];
      y += 4;
    }
    if (nc & 2) {
      wasm_v128_store64_lane(y, part, 0);
      part = wasm_i64x2_shuffle(part, part, 1, 1);
      y += 2;
    }
    if (nc & 1) wasm_v128_store32_lane(y, part, 0);
  }
}

INLINE float *bytes_on(const float *p, size_t bytes) { return (float *)((uintptr_t)p + bytes); }

INLINE void gemm(size_t rows, size_t mr, size_t nc, size_t kc, const float *a, size_t a_stride, const float *w,
                 float *c, size_t cm_stride, size_t cn_stride, const xj_minmax *params, bool linear) {
  const size_t k = kc / sizeof(float);
  const float *row[XJ_GEMM_MR] = {a, a, a, a};
  float *out[XJ_GEMM_MR] = {c, c, c, c};
  for (size_t r = 1; r < rows; r++) {
    row[r] = r < mr ? bytes_on(row[r - 1], a_stride) : row[r - 1];
    out[r] = r < mr ? bytes_on(out[r - 1], cm_stride) : out[r - 1];
  }
  for (;;) {
    xj_tile sum;
    xj_tile_start(&sum, rows, w);
    if (k > 0) xj_tile_add(&sum, rows, row, k, w + 8);
    finish(&sum, rows, out, nc, params, linear);
    if (nc <= 8) return;
    nc -= 8;
    w += 8 + 8 * k;
    for (size_t r = 0; r < rows; r++) out[r] = bytes_on(out[r], cn_stride);
  }
}

INLINE void igemm(size_t rows, size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,
                  size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero, const xj_minmax *params,
                  bool linear) {
  const size_t k = kc / sizeof(float), taps = ks / (rows * sizeof(void *));
  float *out[XJ_GEMM_MR] = {c, c, c, c};
  for (size_t r = 1; r < rows; r++) out[r] = r < mr ? bytes_on(out[r - 1], cm_stride) : out[r - 1];
  for (;;) {
    xj_tile sum;
    xj_tile_start(&sum, rows, w);
    w += 8;
    const float **pointers = a;
    for (size_t tap = 0; tap < taps; tap++, pointers += rows, w += 8 * k) {
      const float *row[XJ_GEMM_MR];
      for (size_t r = 0; r < rows; r++) row[r] = pointers[r] == zero ? zero : bytes_on(pointers[r], a_offset);
      xj_tile_add(&sum, rows, row, k, w);
    }
    finish(&sum, rows, out, nc, params, linear);
    if (nc <= 8) return;
    nc -= 8;
    for (size_t r = 0; r < rows; r++) out[r] = bytes_on(out[r], cn_stride);
  }
}

#define GEMM(name, rows, linear)                                                                                       \
  void xj_gemm_f32_##name(size_t mr, size_t nc, size_t kc, const float *a, size_t a_stride, const float *w, float *c,  \
                          size_t cm_stride, size_t cn_stride, const xj_minmax *params) {                               \
    gemm(rows, mr, nc, kc, a, a_stride, w, c, cm_stride, cn_stride, params, linear);                                   \
  }                                                                                                                    \
  void xj_igemm_f32_##name(size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,      \
                           size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero,                     \
                           const xj_minmax *params) {                                                                  \
    igemm(rows, mr, nc, kc, ks, a, w, c, cm_stride, cn_stride, a_offset, zero, params, linear);                        \
  }

GEMM(1x8, 1, false)
GEMM(4x8, 4, false)
GEMM(linear_1x8, 1, true)
GEMM(linear_4x8, 4, true)
