/* Rows of float32, each quantised as it comes, times int8 weights: XNNPACK's qd8-f32-qc8w micro-kernels over tiles of
 * rows; residual and activation while a tile's results are in the cache. A row is a stretch of x or what a window sees.
 */
#ifndef XJ_QD_PRODUCT_H
#define XJ_QD_PRODUCT_H

#include "kernels/activate.h"
#include "kernels/pack_qd8.h"
#include "kernels/window.h"

typedef struct {
  size_t rows;     /* of y */
  bool has_window; /* else a row of x is shape.in floats that follow each other */
  xj_window window;
  size_t channels;
  xj_qd8_shape shape;
  const char *packed;
  xj_activate activate;
  bool has_residual;
  size_t residual_scales; /* none, one, or one for each column */
  /* How the work is cut: tasks of piece_rows rows by piece_blocks blocks, of which group_rows rows are quantised at a
   * time, and group_blocks blocks stay in the cache meanwhile. */
  size_t piece_rows, piece_blocks, n_row_pieces, n_block_pieces, group_rows, group_blocks;
  size_t thread_bytes; /* of scratch */
  bool takes_pairs;    /* of rows at a time, instead of XJ_QD8_MR */
} xj_qd_product;

/* For a node like conv2d or dense, whose rows are stretches of x; the caller sets window and channels. */
xj_qd_product xj_qd_product_make(const xj_node_view *node, const xj_activation *activation, xj_qd8_shape shape,
                                 const void *packed);
/* Completes `product`; returns bytes of scratch. */
size_t xj_qd_product_plan(xj_qd_product *product, size_t n_threads);
void xj_qd_product_run(const xj_qd_product *product, const xj_run *run);

#endif
