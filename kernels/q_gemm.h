/* Products of int16 rows with packed int8 weights, eight output channels at a time, scaled to bytes. */
#ifndef XJ_Q_GEMM_H
#define XJ_Q_GEMM_H

#include "kernels/q_layer.h"

/* What one output adds up: stretches of x, each `length` numbers long, and the stretch of weights to each. */
typedef struct {
  size_t n, length;
  const int32_t *x_offset; /* [n], in numbers from where the output's x starts */
  const int32_t *w_offset; /* [n], in bytes from the block's weights */
} xj_q_taps;

/* Weights of a stretch in a block: for each pair of numbers, two of each of the 8 output channels; the second is 0
 * where the length is odd. */
enum { XJ_Q_PAIR_BYTES = 2 * XJ_Q_BLOCK };

typedef struct {
  size_t x_step, y_step; /* from one output to the next; numbers and bytes */
  int32_t filter_zero;   /* as packed */
  xj_q_output output;
} xj_q_gemm;

/* y[i * y_step + c] of n outputs, for the first `channels` ≤ 8 channels of the block. May read a vector
 * beyond. */
void xj_q_gemm_block(const xj_q_gemm *g, const xj_q_taps *taps, const int16_t *x, size_t n, const xj_q_head *block,
                     size_t channels, uint8_t *y);

#endif
