#include "kernels/product.h"

#include "kernels/gemm_tile.h"
#include "kernels/layer.h"

enum {
  NR = XJ_GEMM_NR,
  WIDE = 4,                 /* blocks of columns side by side where there is one row: sums enough to hide latency */
  CACHE_BYTES = 256 * 1024, /* of weights that are read again for each tile of rows */
  TASKS_PER_THREAD = 16,
  LEAST_ROWS = 4 * XJ_TILE_ROWS, /* of a piece, where that makes enough of them */
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t over(size_t a, size_t b) { return (a + b - 1) / b; }

/* Where a tile ends up. */
typedef struct {
  int32_t kind; /* of the activation */
  bool has_residual, one_slope;
  size_t residual_scales;
  float min, max;
  const float *residual, *residual_scale, *slope; /* of column 0, or y */
  float *y;
  size_t step; /* from row to row */
} target;

/* Reads up to three floats beyond the columns: tensors have slack. */
XJ_TILE_INLINE void finish(const target *t, xj_tile *sum, size_t rows, size_t row, size_t column, bool both) {
  if (t->has_residual && t->residual_scales > 0) {
    const float *residual = t->residual + row * t->step + column;
    v128_t lo = wasm_v128_load32_splat(t->residual_scale), hi = lo;
    if (t->residual_scales > 1) {
      lo = wasm_v128_load(t->residual_scale + column);
      if (both) hi = wasm_v128_load(t->residual_scale + column + 4);
    }
#pragma unroll
    for (size_t r = 0; r < rows; r++) {
      sum->lo[r] = XJ_MADD(wasm_v128_load(residual + r * t->step), lo, sum->lo[r]);
      if (both) sum->hi[r] = XJ_MADD(wasm_v128_load(residual + r * t->step + 4), hi, sum->hi[r]);
    }
  } else if (t->has_residual) {
    const float *residual = t->residual + row * t->step + column;
#pragma unroll
    for (size_t r = 0; r < rows; r++) {
      sum->lo[r] = wasm_f32x4_add(sum->lo[r], wasm_v128_load(residual + r * t->step));
      if (both) sum->hi[r] = wasm_f32x4_add(sum->hi[r], wasm_v128_load(residual + r * t->step + 4));
    }
  }
  if (t->kind == XJ_ACTIVATION_CLAMP) {
    const v128_t min = wasm_v128_load32_splat(&t->min), max = wasm_v128_load32_splat(&t->max);
#pragma unroll
    for (size_t r = 0; r < rows; r++) {
      sum->lo[r] = xj_clamp4(sum->lo[r], min, max);
      sum->hi[r] = xj_clamp4(sum->hi[r], min, max);
    }
  } else if (t->kind == XJ_ACTIVATION_PRELU) {
    v128_t lo = wasm_v128_load32_splat(t->slope), hi = lo;
    if (!t->one_slope) {
      lo = wasm_v128_load(t->slope + column);
      if (both) hi = wasm_v128_load(t->slope + column + 4);
    }
#pragma unroll
    for (size_t r = 0; r < rows; r++) {
      sum->lo[r] = xj_prelu4(sum->lo[r], lo);
      sum->hi[r] = xj_prelu4(sum->hi[r], hi);
    }
  }
}

static void store_part(float *y, size_t n, v128_t lo, v128_t hi) {
  if (n < 4) {
    xj_store_tail4(y, n, lo);
    return;
  }
  wasm_v128_store(y, lo);
  if (n > 4) xj_store_tail4(y + 4, n - 4, hi);
}

/* The n ≤ NR columns of each row. */
XJ_TILE_INLINE void place(const target *t, xj_tile *sum, size_t rows, size_t row, size_t column, size_t n) {
  finish(t, sum, rows, row, column, n > 4);
  float *y = t->y + row * t->step + column;
  if (n < NR) {
#pragma unroll
    for (size_t r = 0; r < rows; r++) store_part(y + r * t->step, n, sum->lo[r], sum->hi[r]);
    return;
  }
#pragma unroll
  for (size_t r = 0; r < rows; r++) {
    wasm_v128_store(y + r * t->step, sum->lo[r]);
    wasm_v128_store(y + r * t->step + 4, sum->hi[r]);
  }
}

XJ_TILE_INLINE void tile_rows(const xj_product *p, const float *x, size_t rows, size_t row, size_t first_block,
                              size_t n_blocks, const target *t) {
  const size_t block_floats = NR * (1 + p->n_segments * p->segment);
  const float *w = p->packed + first_block * block_floats;
  const float *a[XJ_TILE_MOST];
  size_t column = first_block * NR;
  for (size_t block = 0; block < n_blocks; block++, column += NR, w += block_floats) {
    xj_tile sum;
    xj_tile_start(&sum, rows, w);
    const float *weights = w + NR;
    for (size_t r = 0; r < rows; r++) a[r] = x + r * p->x_step;
    for (size_t s = 0;;) {
      xj_tile_add(&sum, rows, a, p->segment, weights);
      if (++s == p->n_segments) break;
      weights += NR * p->segment;
      for (size_t r = 0; r < rows; r++) a[r] += p->segment_step;
    }
    place(t, &sum, rows, row, column, least(p->columns - column, NR));
  }
}

/* One row by WIDE blocks: four streams of weights. */
static void wide_row(const xj_product *p, const float *x, size_t row, size_t first_block, const target *t) {
  const size_t block_floats = NR * (1 + p->n_segments * p->segment);
  const float *w = p->packed + first_block * block_floats;
  xj_tile sum; /* lo and hi of each block */
#pragma unroll
  for (size_t b = 0; b < WIDE; b++) {
    sum.lo[b] = wasm_v128_load(w + b * block_floats);
    sum.hi[b] = wasm_v128_load(w + b * block_floats + 4);
  }
  w += NR;
  for (size_t s = 0; s < p->n_segments; s++, x += p->segment_step)
    for (size_t i = 0; i < p->segment; i++, w += NR) {
      const v128_t a = wasm_v128_load32_splat(x + i);
#pragma unroll
      for (size_t b = 0; b < WIDE; b++) {
        sum.lo[b] = XJ_MADD(a, wasm_v128_load(w + b * block_floats), sum.lo[b]);
        sum.hi[b] = XJ_MADD(a, wasm_v128_load(w + b * block_floats + 4), sum.hi[b]);
      }
    }
  for (size_t b = 0; b < WIDE; b++) {
    const size_t column = (first_block + b) * NR;
    xj_tile one = {{sum.lo[b]}, {sum.hi[b]}};
    place(t, &one, 1, row, column, least(p->columns - column, NR));
  }
}

static void one_row(const xj_product *p, const float *x, size_t row, size_t first_block, size_t n_blocks,
                    const target *t) {
  for (; n_blocks >= WIDE; n_blocks -= WIDE, first_block += WIDE) wide_row(p, x, row, first_block, t);
  tile_rows(p, x, 1, row, first_block, n_blocks, t);
}

/* Of the next tile: all nearly alike, since low ones have too few sums to hide the latency of each. */
static size_t height(size_t left) {
  if (left >= 4 * XJ_TILE_ROWS || left <= XJ_TILE_ROWS) return least(left, XJ_TILE_ROWS);
  return over(left, over(left, XJ_TILE_ROWS));
}

void xj_product_rows(const xj_product *product, const float *x, size_t rows, size_t first_block, size_t n_blocks,
                     xj_product_terms terms, float *y) {
  const xj_product *p = product;
  const xj_activate *activate = &p->activate;
  const target t = {.kind = activate->kind,
                    .has_residual = p->has_residual,
                    .one_slope = activate->one_slope,
                    .residual_scales = p->residual_scales,
                    .min = activate->min,
                    .max = activate->max,
                    .residual = terms.residual != NULL ? terms.residual : y,
                    .residual_scale = terms.residual_scale != NULL ? terms.residual_scale : y,
                    .slope = terms.slope != NULL ? terms.slope : y,
                    .y = y,
                    .step = p->columns};
  const size_t first = first_block * NR, n = least(p->columns - first, n_blocks * NR);
  for (size_t row = 0; row < rows;) {
    const size_t left = rows - row, from = row;
    const float *at = x + row * p->x_step;
    switch (height(left)) {
      case 6:
        if (XJ_TILE_ROWS >= 6) tile_rows(p, at, 6, row, first_block, n_blocks, &t);
        break;
      case 5:
        if (XJ_TILE_ROWS >= 5) tile_rows(p, at, 5, row, first_block, n_blocks, &t);
        break;
      case 4: tile_rows(p, at, 4, row, first_block, n_blocks, &t); break;
      case 3: tile_rows(p, at, 3, row, first_block, n_blocks, &t); break;
      case 2: tile_rows(p, at, 2, row, first_block, n_blocks, &t); break;
      default: one_row(p, at, row, first_block, n_blocks, &t);
    }
    row += height(left);
    if (activate->kind != XJ_ACTIVATION_UNARY) continue;
    for (size_t r = from; r < row; r++) {
      float *line = y + r * p->columns + first;
      activate->stretch(activate->min, activate->max, n, line, line);
    }
  }
}

xj_product xj_product_make(const xj_node_view *node, const xj_activation *activation, const float *packed) {
  return (xj_product){.columns = (size_t)node->output->dims[node->output->rank - 1],
                      .packed = packed,
                      .activate = xj_activate_make(node, activation, XJ_SLOPE),
                      .has_residual = xj_present(node, XJ_RESIDUAL),
                      .residual_scales = xj_residual_scales(node)};
}

xj_product_terms xj_product_terms_of(const xj_product *product, const xj_run *run) {
  const bool scales = product->has_residual && product->residual_scales > 0;
  return (xj_product_terms){.residual = product->has_residual ? run->inputs[XJ_RESIDUAL] : NULL,
                            .residual_scale = scales ? run->inputs[XJ_RESIDUAL_SCALE] : NULL,
                            .slope = product->activate.kind == XJ_ACTIVATION_PRELU ? run->inputs[XJ_SLOPE] : NULL};
}

xj_product_cut xj_product_plan(const xj_product *product, size_t rows, size_t n_threads) {
  const size_t wanted = n_threads == 1 ? 1 : TASKS_PER_THREAD * n_threads;
  const size_t block_bytes = NR * (1 + product->n_segments * product->segment) * sizeof(float);
  const size_t n_blocks = over(product->columns, NR), fitting = CACHE_BYTES / block_bytes;
  xj_product_cut cut = {.rows = rows, .blocks = rows <= XJ_TILE_ROWS || fitting >= n_blocks ? n_blocks : fitting};
  if (cut.blocks < WIDE) cut.blocks = least(WIDE, n_blocks);
  /* Pieces of one size: the last would else be a small one. */
  cut.blocks = over(n_blocks, over(n_blocks, cut.blocks));
  for (;;) {
    cut.n_row_pieces = over(rows, cut.rows);
    cut.n_block_pieces = over(n_blocks, cut.blocks);
    if (cut.n_row_pieces * cut.n_block_pieces >= wanted) return cut;
    if (cut.rows >= 2 * LEAST_ROWS)
      cut.rows = over(cut.rows / 2, XJ_TILE_ROWS) * XJ_TILE_ROWS;
    else if (cut.blocks >= 2 * WIDE)
      cut.blocks = over(cut.blocks / 2, WIDE) * WIDE;
    else if (cut.rows >= 2 * XJ_TILE_ROWS)
      cut.rows = over(cut.rows / 2, XJ_TILE_ROWS) * XJ_TILE_ROWS;
    else
      return cut;
  }
}

xj_product_layer xj_product_layer_make(const xj_node_view *node, const xj_activation *activation,
                                       const xj_prepare *prepare) {
  const xj_type *x = &node->inputs[XJ_X], *y = node->output;
  xj_product_layer layer = {.product = xj_product_make(node, activation, prepare->packed),
                            .rows = xj_type_span(y, 0, y->rank - 1)};
  layer.product.n_segments = 1;
  layer.product.segment = layer.product.x_step = (size_t)x->dims[x->rank - 1];
  layer.cut = xj_product_plan(&layer.product, layer.rows, prepare->n_threads);
  return layer;
}

typedef struct {
  const xj_product_layer *layer;
  const float *x;
  xj_product_terms terms;
  float *y;
} task;

static void multiply_piece(const task *t, size_t index) {
  const xj_product *p = &t->layer->product;
  const xj_product_cut *cut = &t->layer->cut;
  const size_t row = index % cut->n_row_pieces * cut->rows, block = index / cut->n_row_pieces * cut->blocks;
  const size_t at = row * p->columns;
  xj_product_rows(p, t->x + row * p->x_step, least(t->layer->rows - row, cut->rows), block,
                  least(over(p->columns, NR) - block, cut->blocks), xj_product_terms_at(t->terms, at), t->y + at);
}

void xj_product_layer_run(const xj_product_layer *layer, const xj_run *run) {
  task t = {layer, run->inputs[XJ_X], xj_product_terms_of(&layer->product, run), run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)multiply_piece, &t,
                             layer->cut.n_row_pieces * layer->cut.n_block_pieces, 0);
}
