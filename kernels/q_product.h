/* What q_conv2d, q_dense and q_transpose_conv2d compute alike: an image made of x, then for every output the sum over
 * its taps. Along an axis, output o is at place (o + shift) / phases, of the phase (o + shift) % phases; outputs of one
 * phase have the same taps. A convolution has one phase, a transposed one as many as its stride. */
#ifndef XJ_Q_PRODUCT_H
#define XJ_Q_PRODUCT_H

#include "kernels/q_gemm.h"
#include "kernels/q_image.h"

typedef struct {
  size_t phases, shift;
} xj_q_axis;

typedef struct {
  xj_q_image image;
  xj_q_gemm gemm;
  xj_q_layout layout;
  xj_q_axis h, w;
  size_t batch, lines, columns; /* of the output; the columns of a line are next to each other */
  size_t outputs;               /* lines * columns, or less where the last line is not full */
  size_t x_line;                /* numbers of the image from one place along h to the next; gemm.x_step is along w */
  size_t in;                    /* input channels of one group */
  size_t blocks_per_task;
  const char *packed;
  const xj_q_taps *taps; /* [h.phases, w.phases] */
} xj_q_product;

/* Chooses blocks_per_task so that there is work for all threads. */
void xj_q_product_split(xj_q_product *product, size_t n_threads);
void xj_q_product_run(const xj_q_product *product, const uint8_t *x, int16_t *scratch, uint8_t *y,
                      pthreadpool_t threads);

/* Packs a filter [groups * out, stretches, length]: the layout that gemm reads, stretch by stretch. */
void xj_q_pack_rows(const xj_q_layout *layout, size_t stretches, size_t length, const xj_weight *weight, void *packed);
/* Bytes of a block's weights. */
static inline uint64_t xj_q_row_bytes(size_t stretches, size_t length) {
  return (uint64_t)stretches * ((length + 1) / 2) * XJ_Q_PAIR_BYTES;
}

#endif
