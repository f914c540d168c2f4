/* What dense layers and convolutions come down to: rows of x times packed weights plus biases, finished tile by tile
 * while the sums are in registers: residual and its scale, limits, slopes. */
#ifndef XJ_PRODUCT_H
#define XJ_PRODUCT_H

#include "kernels/activate.h"

typedef struct {
  size_t n_segments, segment; /* a row of x is n_segments stretches of `segment` floats, segment_step apart */
  size_t segment_step;
  size_t x_step;       /* from row to row, in floats */
  size_t columns;      /* of y and the residual */
  const float *packed; /* as pack_f32.h says */
  xj_activate activate;
  bool has_residual;
  size_t residual_scales; /* none, one, or one for each column */
} xj_product;

/* What finishing reads, where the epilogue wants it: of the first row, from column 0 on. */
typedef struct {
  const float *residual, *residual_scale, *slope;
} xj_product_terms;

/* How the work is cut: pieces of `rows` rows by `blocks` blocks of XJ_GEMM_NR columns, whose weights fit the cache. */
typedef struct {
  size_t rows, blocks, n_row_pieces, n_block_pieces;
} xj_product_cut;

/* For a node that packs: its residual and activation. The rest is left to the caller. */
xj_product xj_product_make(const xj_node_view *node, const xj_activation *activation, const float *packed);
xj_product_terms xj_product_terms_of(const xj_product *product, const xj_run *run);
/* The same of a row that is `floats` of y further on. */
static inline xj_product_terms xj_product_terms_at(xj_product_terms terms, size_t floats) {
  if (terms.residual != NULL) terms.residual += floats;
  return terms;
}
xj_product_cut xj_product_plan(const xj_product *product, size_t rows, size_t n_threads);
/* y [rows, columns], of which the columns of `n_blocks` blocks from first_block on; pointers are those of the first row
 * and of column 0. */
void xj_product_rows(const xj_product *product, const float *x, size_t rows, size_t first_block, size_t n_blocks,
                     xj_product_terms terms, float *y);

/* A layer that is one product: x [rows, depth]. */
typedef struct {
  xj_product product;
  xj_product_cut cut;
  size_t rows;
} xj_product_layer;

xj_product_layer xj_product_layer_make(const xj_node_view *node, const xj_activation *activation,
                                       const xj_prepare *prepare);
void xj_product_layer_run(const xj_product_layer *layer, const xj_run *run);

#endif
