#include "kernels/q_gemm.h"

#define INLINE static inline __attribute__((always_inline))

enum { ROWS = 4 };

/* Sums of one tile: rows × 8 channels. */
typedef struct {
  v128_t low[ROWS], high[ROWS];
} tile;

INLINE v128_t add_dot(v128_t sum, v128_t x, v128_t w) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, w)); }

/* sum += x [rows, 2 * pairs] · w. Each load of x takes two neighbouring numbers to all four lanes. */
INLINE void accumulate(tile *sum, size_t rows, const int16_t *x, size_t x_step, size_t pairs, const int8_t *w) {
  const int16_t *x0 = x, *x1 = x0 + x_step, *x2 = x1 + x_step, *x3 = x2 + x_step;
  for (size_t i = 0; i < pairs; i++, w += XJ_Q_PAIR_BYTES) {
    const v128_t low = wasm_i16x8_load8x8(w), high = wasm_i16x8_load8x8(w + 8);
    v128_t pair = wasm_v128_load32_splat(x0 + 2 * i);
    sum->low[0] = add_dot(sum->low[0], pair, low);
    sum->high[0] = add_dot(sum->high[0], pair, high);
    if (rows == 1) continue;
    pair = wasm_v128_load32_splat(x1 + 2 * i);
    sum->low[1] = add_dot(sum->low[1], pair, low);
    sum->high[1] = add_dot(sum->high[1], pair, high);
    pair = wasm_v128_load32_splat(x2 + 2 * i);
    sum->low[2] = add_dot(sum->low[2], pair, low);
    sum->high[2] = add_dot(sum->high[2], pair, high);
    pair = wasm_v128_load32_splat(x3 + 2 * i);
    sum->low[3] = add_dot(sum->low[3], pair, low);
    sum->high[3] = add_dot(sum->high[3], pair, high);
  }
}

/* In all lanes, the sum of all numbers of x times -filter_zero: what a weight's zero point adds to every channel. */
INLINE v128_t correction(const xj_q_gemm *g, const xj_q_taps *taps, const int16_t *x) {
  static const int16_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  const v128_t factor = wasm_i16x8_splat((int16_t)-g->filter_zero);
  const v128_t mask = wasm_v128_load(masks + 8 - taps->length % 8); /* of the numbers beyond the last eight */
  v128_t sum = wasm_i32x4_splat(0);
  for (size_t i = 0; i < taps->n; i++) {
    const int16_t *stretch = x + taps->x_offset[i], *end = stretch + taps->length / 8 * 8;
    for (; stretch < end; stretch += 8) sum = add_dot(sum, wasm_v128_load(stretch), factor);
    sum = add_dot(sum, wasm_v128_and(wasm_v128_load(stretch), mask), factor);
  }
  sum = wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 2, 3, 0, 1));
  return wasm_i32x4_add(sum, wasm_i32x4_shuffle(sum, sum, 1, 0, 3, 2));
}

INLINE void compute_tile(const xj_q_gemm *g, const xj_q_taps *taps, size_t rows, const int16_t *x,
                         const xj_q_head *block, size_t channels, uint8_t *y) {
  const int8_t *weights = (const int8_t *)(block + 1);
  const size_t pairs = (taps->length + 1) / 2;
  tile sum;
  for (size_t r = 0; r < rows; r++) {
    sum.low[r] = wasm_v128_load(block->bias);
    sum.high[r] = wasm_v128_load(block->bias + 4);
  }
  for (size_t i = 0; i < taps->n; i++)
    accumulate(&sum, rows, x + taps->x_offset[i], g->x_step, pairs, weights + taps->w_offset[i]);
  for (size_t r = 0; r < rows; r++) {
    if (g->filter_zero != 0) {
      const v128_t more = correction(g, taps, x + r * g->x_step);
      sum.low[r] = wasm_i32x4_add(sum.low[r], more);
      sum.high[r] = wasm_i32x4_add(sum.high[r], more);
    }
    xj_q_finish(&g->output, block, sum.low[r], sum.high[r], channels, y + r * g->y_step);
  }
}

void xj_q_gemm_block(const xj_q_gemm *g, const xj_q_taps *taps, const int16_t *x, size_t n, const xj_q_head *block,
                     size_t channels, uint8_t *y) {
  for (; n >= ROWS; n -= ROWS, x += ROWS * g->x_step, y += ROWS * g->y_step)
    compute_tile(g, taps, ROWS, x, block, channels, y);
  for (; n > 0; n--, x += g->x_step, y += g->y_step) compute_tile(g, taps, 1, x, block, channels, y);
}
