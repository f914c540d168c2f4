/* The inner loop of every float32 matrix product: a tile of sums, rows × XJ_GEMM_NR columns, in registers. Functions
 * are inlined into loops that know `rows`; the order of terms is the same for every tile, so that a row's bits depend
 * on no other row. */
#ifndef XJ_GEMM_TILE_H
#define XJ_GEMM_TILE_H

#include "kernels/gemm_f32.h"
#include "kernels/simd.h"

enum { XJ_TILE_MOST = 6 };

typedef struct {
  v128_t lo[XJ_TILE_MOST], hi[XJ_TILE_MOST];
} xj_tile;

#define XJ_TILE_INLINE static inline __attribute__((always_inline))

XJ_TILE_INLINE void xj_tile_start(xj_tile *sum, size_t rows, const float *bias) {
#pragma unroll
  for (size_t r = 0; r < rows; r++) {
    sum->lo[r] = wasm_v128_load(bias);
    sum->hi[r] = wasm_v128_load(bias + 4);
  }
}

/* One term of each sum: a[r][i] · w [NR]. */
XJ_TILE_INLINE void xj_tile_step(xj_tile *sum, size_t rows, const float *const *a, size_t i, const float *w) {
  const v128_t lo = wasm_v128_load(w), hi = wasm_v128_load(w + 4);
#pragma unroll
  for (size_t r = 0; r < rows; r++) {
    const v128_t x = wasm_v128_load32_splat(a[r] + i);
    sum->lo[r] = XJ_MADD(x, lo, sum->lo[r]);
    sum->hi[r] = XJ_MADD(x, hi, sum->hi[r]);
  }
}

/* sum += a [rows, k] · w [k, NR], k > 0; row r is a[r][0 … k). Pointers move once in four steps. The steps are apart by
 * branches: in one block compilers would compute all terms of a sum before those of the next, and spill what is loaded.
 */
XJ_TILE_INLINE void xj_tile_add(xj_tile *sum, size_t rows, const float *const *a, size_t k, const float *w) {
  const float *at[XJ_TILE_MOST];
#pragma unroll
  for (size_t r = 0; r < rows; r++) at[r] = a[r];
  for (;; k -= 4, w += 4 * XJ_GEMM_NR) {
    xj_tile_step(sum, rows, at, 0, w);
    if (k == 1) return;
    xj_tile_step(sum, rows, at, 1, w + XJ_GEMM_NR);
    if (k == 2) return;
    xj_tile_step(sum, rows, at, 2, w + 2 * XJ_GEMM_NR);
    if (k == 3) return;
    xj_tile_step(sum, rows, at, 3, w + 3 * XJ_GEMM_NR);
    if (k == 4) return;
#pragma unroll
    for (size_t r = 0; r < rows; r++) at[r] += 4;
  }
}

#endif
