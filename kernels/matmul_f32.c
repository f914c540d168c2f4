#include "kernels/matmul_f32.h"

#include <string.h>

#include "kernels/gemm_f32.h"
#include "kernels/simd.h"

/* Deeper products are summed in stretches of DEPTH: packed columns stay in the cache, and sums keep more digits. */
enum { MR = XJ_GEMM_MR, NR = XJ_GEMM_NR, CACHE_FLOATS = 32 * 1024, DEPTH = 4096 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t padded(size_t columns) { return (columns + NR - 1) / NR * NR; }

bool xj_matmul_plan(xj_matmul *t) {
  if (t->n == 1) t->y_n = 1;
  if (t->m == 1) t->y_m = 1;
  const bool swaps = (t->n == 1 && t->m > 1) || (t->y_n != 1 && t->y_m == 1 && t->m > 1);
  if (swaps)
    *t = (xj_matmul){.m = t->n,
                     .n = t->m,
                     .k = t->k,
                     .a_m = t->b_n,
                     .a_k = t->b_k,
                     .b_k = t->a_k,
                     .b_n = t->a_m,
                     .y_m = t->y_n,
                     .y_n = t->y_m};
  t->in_place = t->m < MR && (t->b_n == 1 || t->b_k == 1);
  return swaps;
}

size_t xj_matmul_columns(size_t k) {
  const size_t columns = CACHE_FLOATS / (least(k, DEPTH) + 1) / NR * NR;
  return columns < NR ? NR : columns;
}

/* Packed b, four rows of a, four rows of y; or one row of a. */
size_t xj_matmul_scratch_floats(const xj_matmul *t) {
  if (t->in_place) return t->a_k == 1 ? 0 : t->k;
  const size_t depth = least(t->k, DEPTH);
  return padded(t->n) * (depth + 1) + MR * depth + MR * padded(t->n);
}

/* ---- packing ---- */

/* to [4 columns of a row each `to_step` apart] = the transpose of four vectors `from_step` apart. */
static void transpose_4x4(const float *from, size_t from_step, float *to, size_t to_step) {
  const v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + from_step);
  const v128_t c = wasm_v128_load(from + 2 * from_step), d = wasm_v128_load(from + 3 * from_step);
  const v128_t ab_lo = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_hi = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t cd_lo = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_hi = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  wasm_v128_store(to, wasm_i64x2_shuffle(ab_lo, cd_lo, 0, 2));
  wasm_v128_store(to + to_step, wasm_i64x2_shuffle(ab_lo, cd_lo, 1, 3));
  wasm_v128_store(to + 2 * to_step, wasm_i64x2_shuffle(ab_hi, cd_hi, 0, 2));
  wasm_v128_store(to + 3 * to_step, wasm_i64x2_shuffle(ab_hi, cd_hi, 1, 3));
}

/* to [rows][columns], rows `to_step` apart = from, whose element (i, j) stands at i * row_step + j * column_step. */
static void copy_matrix(const float *from, size_t row_step, size_t column_step, size_t rows, size_t columns, float *to,
                        size_t to_step) {
  size_t i = 0;
  if (column_step == 1) {
    for (; i < rows; i++) memcpy(to + i * to_step, from + i * row_step, columns * sizeof *to);
  } else if (row_step == 1) {
    for (; i + 4 <= rows; i += 4) {
      size_t j = 0;
      for (; j + 4 <= columns; j += 4)
        transpose_4x4(from + i + j * column_step, column_step, to + i * to_step + j, to_step);
      for (; j < columns; j++)
        for (size_t r = i; r < i + 4; r++) to[r * to_step + j] = from[r + j * column_step];
    }
  }
  for (; i < rows; i++)
    for (size_t j = 0; j < columns; j++) to[i * to_step + j] = from[i * row_step + j * column_step];
}

void xj_matmul_pack(const xj_matmul *t, const float *b, float *packed) {
  for (size_t first = 0; first < t->n; first += NR, b += NR * t->b_n, packed += NR * (t->k + 1)) {
    const size_t n = t->n - first < NR ? t->n - first : NR;
    memset(packed, 0, NR * sizeof *packed);
    if (n == NR && t->b_n == 1)
      for (size_t i = 0; i < t->k; i++) {
        wasm_v128_store(packed + NR * (1 + i), wasm_v128_load(b + i * t->b_k));
        wasm_v128_store(packed + NR * (1 + i) + 4, wasm_v128_load(b + i * t->b_k + 4));
      }
    else {
      if (n < NR) memset(packed + NR, 0, t->k * NR * sizeof *packed);
      copy_matrix(b, t->b_k, t->b_n, t->k, n, packed + NR, NR);
    }
  }
}

/* ---- few rows: b is read where it is ---- */

/* y [n] = a [k] · b, b's rows contiguous. */
static void multiply_along_rows(const xj_matmul *t, const float *a, const float *b, float *y) {
  size_t j = 0;
  for (; j + 16 <= t->n; j += 16) {
    v128_t sum[4] = {wasm_f32x4_const_splat(0), wasm_f32x4_const_splat(0), wasm_f32x4_const_splat(0),
                     wasm_f32x4_const_splat(0)};
    for (size_t i = 0; i < t->k; i++) {
      const v128_t x = wasm_v128_load32_splat(a + i * t->a_k);
      const float *row = b + i * t->b_k + j;
      sum[0] = XJ_MADD(x, wasm_v128_load(row), sum[0]);
      sum[1] = XJ_MADD(x, wasm_v128_load(row + 4), sum[1]);
      sum[2] = XJ_MADD(x, wasm_v128_load(row + 8), sum[2]);
      sum[3] = XJ_MADD(x, wasm_v128_load(row + 12), sum[3]);
    }
    float values[16];
    for (size_t v = 0; v < 4; v++) wasm_v128_store(values + 4 * v, sum[v]);
    for (size_t v = 0; v < 16; v++) y[(j + v) * t->y_n] = values[v];
  }
  for (; j + 4 <= t->n; j += 4) {
    v128_t sum = wasm_f32x4_const_splat(0);
    for (size_t i = 0; i < t->k; i++)
      sum = XJ_MADD(wasm_v128_load32_splat(a + i * t->a_k), wasm_v128_load(b + i * t->b_k + j), sum);
    float values[4];
    wasm_v128_store(values, sum);
    for (size_t v = 0; v < 4; v++) y[(j + v) * t->y_n] = values[v];
  }
  for (; j < t->n; j++) {
    float sum = 0;
    for (size_t i = 0; i < t->k; i++) sum += a[i * t->a_k] * b[i * t->b_k + j];
    y[j * t->y_n] = sum;
  }
}

static float sum_lanes(v128_t x) {
  return (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) +
         (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3));
}

/* y [n] = a [k] · b, b's columns contiguous, a too: dot products, four at a time. */
static void multiply_along_columns(const xj_matmul *t, const float *a, const float *b, float *y) {
  size_t j = 0;
  for (; j < t->n; j += 4) {
    const size_t n = t->n - j < 4 ? t->n - j : 4;
    const float *column[4];
    for (size_t c = 0; c < 4; c++) column[c] = b + (j + (c < n ? c : 0)) * t->b_n;
    v128_t sum[4] = {wasm_f32x4_const_splat(0), wasm_f32x4_const_splat(0), wasm_f32x4_const_splat(0),
                     wasm_f32x4_const_splat(0)};
    size_t i = 0;
    for (; i + 4 <= t->k; i += 4) {
      const v128_t x = wasm_v128_load(a + i);
      for (size_t c = 0; c < 4; c++) sum[c] = XJ_MADD(x, wasm_v128_load(column[c] + i), sum[c]);
    }
    for (size_t c = 0; c < n; c++) {
      float total = sum_lanes(sum[c]);
      for (size_t r = i; r < t->k; r++) total += a[r] * column[c][r];
      y[(j + c) * t->y_n] = total;
    }
  }
}

/* ---- many rows ---- */

/* Four rows of sums, to where they belong or onto what stands there. */
static void place_tile(const xj_matmul *t, const float *tile, size_t rows, bool adds, float *y) {
  for (size_t r = 0; r < rows; r++, tile += padded(t->n))
    for (size_t j = 0; j < t->n; j++) {
      float *at = y + r * t->y_m + j * t->y_n;
      *at = adds ? *at + tile[j] : tile[j];
    }
}

/* One stretch of the depth; t->k is its length. */
static void multiply_stretch(const xj_matmul *t, const float *a, const float *b, bool adds, float *y, float *scratch) {
  static const xj_minmax no_limits;
  float *packed_b = scratch, *packed_a = packed_b + padded(t->n) * (t->k + 1), *tile = packed_a + MR * t->k;
  const bool is_direct = t->y_n == 1 && !adds;
  xj_matmul_pack(t, b, packed_b);
  for (size_t i = 0; i < t->m; i += MR, a += MR * t->a_m, y += MR * t->y_m) {
    const size_t rows = least(t->m - i, MR);
    if (t->a_k != 1) copy_matrix(a, t->a_m, t->a_k, rows, t->k, packed_a, t->k);
    const float *from = t->a_k == 1 ? a : packed_a;
    const size_t step = t->a_k == 1 ? t->a_m : t->k, to_step = is_direct ? t->y_m : padded(t->n);
    (rows == 1 ? xj_gemm_f32_linear_1x8 : xj_gemm_f32_linear_4x8)(rows, t->n, t->k * sizeof *a, from, step * sizeof *a,
                                                                  packed_b, is_direct ? y : tile, to_step * sizeof *y,
                                                                  NR * sizeof *y, &no_limits);
    if (!is_direct) place_tile(t, tile, rows, adds, y);
  }
}

static void multiply_in_place(const xj_matmul *t, const float *a, const float *b, float *y, float *scratch) {
  for (size_t i = 0; i < t->m; i++, a += t->a_m, y += t->y_m) {
    if (t->b_k != 1) {
      multiply_along_rows(t, a, b, y);
      continue;
    }
    for (size_t k = 0; k < t->k && t->a_k != 1; k++) scratch[k] = a[k * t->a_k];
    multiply_along_columns(t, t->a_k == 1 ? a : scratch, b, y);
  }
}

void xj_matmul_f32(const xj_matmul *t, const float *a, const float *b, float *y, float *scratch) {
  if (t->in_place) {
    multiply_in_place(t, a, b, y, scratch);
    return;
  }
  size_t done = 0;
  do {
    xj_matmul stretch = *t;
    stretch.k = least(t->k - done, DEPTH);
    multiply_stretch(&stretch, a + done * t->a_k, b + done * t->b_k, done > 0, y, scratch);
    done += stretch.k;
  } while (done < t->k);
}
