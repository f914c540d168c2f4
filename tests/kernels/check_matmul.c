/* matmul_f32.h: every layout of operands and result, against a plain loop in double. */
#include <math.h>

#include "kernels/matmul_f32.h"
#include "tests/kernels/check.h"

/* A matrix of rows × columns in a buffer with gaps between its elements, or none. */
typedef struct {
  float *data;
  size_t floats, row, column;
} matrix;

static matrix make(size_t rows, size_t columns) {
  const size_t gap = xj_check_random(3) == 0 ? 1 + xj_check_random(3) : 0;
  matrix t = {.row = columns + gap, .column = 1};
  const uint32_t layout = xj_check_random(5);
  if (layout < 2) t = (matrix){.row = 1, .column = rows + gap};
  if (layout == 4) t = (matrix){.row = 3 * columns, .column = 2 + xj_check_random(2)};
  t.floats = rows == 0 || columns == 0 ? 0 : (rows - 1) * t.row + (columns - 1) * t.column + 1;
  t.data = xj_check_floats(t.floats);
  return t;
}

static void fill(const matrix *t, size_t rows, size_t columns, bool specials) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) xj_check_fill(t->data + i * t->row + j * t->column, 1, specials);
}

/* The largest error in units of the bound (terms + 1) · 2^-24 · Σ|terms|. */
static double compare(const char *how, const xj_matmul *s, const float *a, const float *b, const matrix *y) {
  double worst = 0;
  size_t written = 0;
  for (size_t i = 0; i < s->m; i++)
    for (size_t j = 0; j < s->n; j++) {
      double sum = 0, magnitude = 0;
      for (size_t k = 0; k < s->k; k++) {
        const double term = (double)a[i * s->a_m + k * s->a_k] * (double)b[k * s->b_k + j * s->b_n];
        sum += term;
        magnitude += fabs(term);
      }
      const float actual = y->data[i * y->row + j * y->column];
      const double bound = (double)(s->k + 1) * 0x1p-24 * magnitude + 0x1p-149;
      const double error = xj_check_error(actual, sum, isfinite(bound) ? bound : 1);
      if (!(error <= 1))
        xj_check_fail("%s: %zu × %zu deep %zu, strides %zu,%zu by %zu,%zu to %zu,%zu: y[%zu][%zu] is %.9g, not %.9g",
                      how, s->m, s->n, s->k, s->a_m, s->a_k, s->b_k, s->b_n, y->row, y->column, i, j, (double)actual,
                      sum);
      if (error > worst) worst = error;
    }
  for (size_t i = 0; i < y->floats; i++) written += !xj_check_untouched(y->data + i);
  if (written > s->m * s->n) xj_check_fail("%s: writes %zu floats instead of %zu", how, written, s->m * s->n);
  return worst;
}

static void run(const xj_matmul *s, const matrix *a, const matrix *b, const matrix *y, size_t column, size_t columns) {
  xj_matmul planned = *s;
  const bool swaps = xj_matmul_plan(&planned);
  const size_t all = planned.n;
  const float *left = swaps ? b->data : a->data, *right = swaps ? a->data : b->data;
  for (; column < all; column += columns) {
    planned.n = all - column < columns ? all - column : columns;
    float *scratch = xj_check_floats(xj_matmul_scratch_floats(&planned));
    xj_matmul_f32(&planned, left, right + column * planned.b_n, y->data + column * planned.y_n, scratch);
    xj_check_guards("matmul");
  }
}

static void matmul(void) {
  double worst = 0;
  for (int32_t round = 0; round < 4000; round++) {
    const bool is_deep = round % 400 == 7, specials = round % 8 == 0 && !is_deep;
    xj_matmul s = {.m = 1 + xj_check_random(13), .n = 1 + xj_check_random(39), .k = xj_check_random(21)};
    if (is_deep) s.k = 4090 + xj_check_random(4200);
    const matrix a = make(s.m, s.k), b = make(s.k, s.n);
    fill(&a, s.m, s.k, specials);
    fill(&b, s.k, s.n, specials);
    s.a_m = a.row, s.a_k = a.column, s.b_k = b.row, s.b_n = b.column;
    const matrix y = make(s.m, s.n);
    s.y_m = y.row, s.y_n = y.column;
    run(&s, &a, &b, &y, 0, SIZE_MAX / 2);
    const double error = compare("matmul", &s, a.data, b.data, &y);
    if (error > worst) worst = error;
    /* parts of the columns: the same bits, wherever they are put */
    const matrix same = {.data = xj_check_floats(y.floats), .floats = y.floats, .row = y.row, .column = y.column};
    run(&s, &a, &b, &same, 0, 8 * (1 + xj_check_random(3)));
    for (size_t i = 0; i < s.m; i++)
      for (size_t j = 0; j < s.n; j++) {
        const float whole = y.data[i * y.row + j * y.column], part = same.data[i * y.row + j * y.column];
        if (whole != part && !(isnan(whole) && isnan(part)))
          xj_check_fail("matmul: y[%zu][%zu] of %zu × %zu deep %zu is %.9g as a whole, %.9g in parts", i, j, s.m, s.n,
                        s.k, (double)whole, (double)part);
      }
    xj_check_release();
  }
  xj_check_note("matmul: largest error %.2f of the bound (terms + 1) * 2^-24 * sum|terms|", worst);
}

const xj_check xj_checks_matmul[] = {
    {"matmul", "matmul: equals a double loop for all strides, writes its output only, in parts the same bits", matmul},
    {NULL, NULL, NULL}};
