/* product.h: every height of tile, tails of columns and depth, segments, finishing; and that cutting changes no bit. */
#include "kernels/product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/gemm_f32.h"
#include "tests/kernels/check.h"

enum { NR = XJ_GEMM_NR, MOST_ROWS = 17, MOST_COLUMNS = 67, MOST_SEGMENT = 23, MOST_SEGMENTS = 4 };

/* y [rows, columns] = finish(x · w + bias + residual * scale) */
typedef struct {
  xj_product product;
  size_t rows, depth, x_floats;
  float *x, *bias, *w, *residual, *scale, *slope, *y; /* w: [depth, columns] */
  float *packed;
} call;

static void pack(call *t) {
  const size_t columns = t->product.columns, blocks = (columns + NR - 1) / NR;
  t->packed = xj_check_floats(blocks * NR * (1 + t->depth));
  for (size_t block = 0; block < blocks; block++)
    for (size_t i = 0; i <= t->depth; i++)
      for (size_t j = 0; j < NR; j++) {
        const size_t column = block * NR + j;
        const float *from = i == 0 ? t->bias : t->w + (i - 1) * columns;
        t->packed[(block * (1 + t->depth) + i) * NR + j] = column < columns ? from[column] : 0;
      }
  t->product.packed = t->packed;
}

static void choose_activation(call *t) {
  xj_activate *a = &t->product.activate;
  const uint32_t which = xj_check_random(4);
  if (which == 1) {
    *a =
        (xj_activate){.kind = XJ_ACTIVATION_CLAMP, .min = -fabsf(xj_check_uniform()), .max = fabsf(xj_check_uniform())};
  } else if (which == 2) {
    *a = (xj_activate){.kind = XJ_ACTIVATION_PRELU, .one_slope = xj_check_random(2) == 0};
    t->slope = xj_check_floats(a->one_slope ? 1 : t->product.columns);
    xj_check_fill(t->slope, a->one_slope ? 1 : t->product.columns, false);
  } else if (which == 3) {
    *a = (xj_activate){.kind = XJ_ACTIVATION_UNARY, .stretch = xj_unary_stretch(XJ_OP_abs)};
  }
}

static void choose(call *t, bool specials) {
  *t = (call){.rows = 1 + xj_check_random(MOST_ROWS)};
  xj_product *p = &t->product;
  p->columns = 1 + xj_check_random(MOST_COLUMNS);
  p->segment = 1 + xj_check_random(MOST_SEGMENT);
  p->n_segments = xj_check_random(2) == 0 ? 1 : 1 + xj_check_random(MOST_SEGMENTS);
  p->segment_step = p->segment + xj_check_random(5);
  p->x_step = 1 + xj_check_random(30); /* rows may overlap, as those of windows do */
  p->has_residual = xj_check_random(2) == 0;
  const uint32_t scales = xj_check_random(3);
  p->residual_scales = scales == 2 ? p->columns : scales;
  t->depth = p->segment * p->n_segments;
  t->x_floats = (t->rows - 1) * p->x_step + (p->n_segments - 1) * p->segment_step + p->segment;
  const size_t n = t->rows * p->columns;
  t->x = xj_check_floats(t->x_floats);
  t->bias = xj_check_floats(p->columns);
  t->w = xj_check_floats(t->depth * p->columns);
  t->residual = xj_check_floats(n);
  t->scale = xj_check_floats(p->residual_scales);
  t->y = xj_check_floats(n);
  xj_check_fill(t->scale, p->residual_scales, false);
  xj_check_fill(t->x, t->x_floats, specials);
  xj_check_fill(t->bias, p->columns, false);
  xj_check_fill(t->w, t->depth * p->columns, specials);
  xj_check_fill(t->residual, n, specials);
  choose_activation(t);
  pack(t);
}

static double finished(const call *t, double sum, size_t column) {
  const xj_activate *a = &t->product.activate;
  if (a->kind == XJ_ACTIVATION_CLAMP)
    return sum<(double)a->min ? (double)a->min : sum>(double) a->max ? (double)a->max : sum;
  if (a->kind == XJ_ACTIVATION_PRELU) return sum < 0 ? sum * (double)t->slope[a->one_slope ? 0 : column] : sum;
  return a->kind == XJ_ACTIVATION_UNARY ? fabs(sum) : sum;
}

/* In units of (terms + 3) · 2^-24 · Σ|terms|, which any order of rounding keeps. */
static double error_at(const call *t, size_t row, size_t column) {
  const xj_product *p = &t->product;
  double sum = (double)t->bias[column], magnitude = fabs(sum);
  for (size_t i = 0; i < t->depth; i++) {
    const size_t at = row * p->x_step + i / p->segment * p->segment_step + i % p->segment;
    const double term = (double)t->x[at] * (double)t->w[i * p->columns + column];
    sum += term;
    magnitude += fabs(term);
  }
  if (p->has_residual) {
    double term = (double)t->residual[row * p->columns + column];
    if (p->residual_scales > 0) term *= (double)t->scale[p->residual_scales == 1 ? 0 : column];
    sum += term;
    magnitude += fabs(term);
  }
  const double bound = (double)(t->depth + 3) * 0x1p-24 * magnitude + 0x1p-149;
  return xj_check_error(t->y[row * p->columns + column], finished(t, sum, column), isfinite(bound) ? bound : 1);
}

static void run_rows(const call *t, size_t row, size_t rows, size_t block, size_t blocks, float *y) {
  const size_t at = row * t->product.columns;
  const xj_product_terms terms = {t->product.has_residual ? t->residual : NULL, t->scale, t->slope};
  xj_product_rows(&t->product, t->x + row * t->product.x_step, rows, block, blocks, xj_product_terms_at(terms, at),
                  y + at);
}

static void check_values(void) {
  double worst = 0;
  for (int32_t round = 0; round < 6000; round++) {
    call t;
    choose(&t, round % 8 == 0);
    run_rows(&t, 0, t.rows, 0, (t.product.columns + NR - 1) / NR, t.y);
    xj_check_guards("product");
    for (size_t i = 0; i < t.rows * t.product.columns; i++) {
      const double error = error_at(&t, i / t.product.columns, i % t.product.columns);
      if (!(error <= 1))
        xj_check_fail("product of %zu rows, %zu × %zu deep, %zu columns: y[%zu][%zu] is %.9g, off by %.3g bounds",
                      t.rows, t.product.n_segments, t.product.segment, t.product.columns, i / t.product.columns,
                      i % t.product.columns, (double)t.y[i], error);
      if (error > worst) worst = error;
    }
    xj_check_release();
  }
  xj_check_note("product: largest error %.2f of the bound (terms + 3) * 2^-24 * sum|terms|", worst);
}

/* Row by row and block by block: what threads do, and shapes of other heights. */
static void check_cuts(void) {
  for (int32_t round = 0; round < 2000; round++) {
    call t;
    choose(&t, false);
    const size_t n = t.rows * t.product.columns, blocks = (t.product.columns + NR - 1) / NR;
    float *whole = xj_check_floats(n);
    run_rows(&t, 0, t.rows, 0, blocks, whole);
    for (size_t row = 0; row < t.rows;) {
      const size_t rows = 1 + xj_check_random((uint32_t)(t.rows - row));
      for (size_t block = 0; block < blocks;) {
        const size_t several = 1 + xj_check_random((uint32_t)(blocks - block));
        run_rows(&t, row, rows, block, several, t.y);
        block += several;
      }
      row += rows;
    }
    xj_check_guards("product");
    for (size_t i = 0; i < n; i++)
      if (memcmp(&whole[i], &t.y[i], sizeof(float)) != 0)
        xj_check_fail("product of %zu rows, %zu columns: y[%zu] is %.9g, cut into pieces %.9g", t.rows,
                      t.product.columns, i, (double)whole[i], (double)t.y[i]);
    xj_check_release();
  }
}

static void check_plan(void) {
  for (int32_t round = 0; round < 20000; round++) {
    const xj_product p = {.n_segments = 1 + xj_check_random(5),
                          .segment = 1 + xj_check_random(5000),
                          .columns = 1 + xj_check_random(5000)};
    const size_t rows = 1 + xj_check_random(400), threads = 1 + xj_check_random(8), blocks = (p.columns + NR - 1) / NR;
    const xj_product_cut cut = xj_product_plan(&p, rows, threads);
    const bool covers = (cut.n_row_pieces - 1) * cut.rows < rows && cut.n_row_pieces * cut.rows >= rows &&
                        (cut.n_block_pieces - 1) * cut.blocks < blocks && cut.n_block_pieces * cut.blocks >= blocks;
    if (!covers || cut.rows < 1 || cut.blocks < 1)
      xj_check_fail("plan of %zu rows, %zu blocks, %zu threads: %zu pieces of %zu rows, %zu of %zu blocks", rows,
                    blocks, threads, cut.n_row_pieces, cut.rows, cut.n_block_pieces, cut.blocks);
  }
}

const xj_check xj_checks_product[] = {
    {"product", "product: equals a double loop for every height, tail, number of segments and finish", check_values},
    {"product_cuts", "product: rows and blocks computed apart have the same bits", check_cuts},
    {"product_plan", "product: its pieces cover rows and columns once", check_plan},
    {NULL, NULL, NULL}};
