/* gemm_f32.h: all eight micro-kernels over every tail of rows, columns and depth. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/gemm_f32.h"
#include "tests/kernels/check.h"

enum { NR = XJ_GEMM_NR, MOST_COLUMNS = 27, MOST_DEPTH = 67, MOST_TAPS = 9, MOST_ROWS = 4 };

/* One call: c [mr, nc] = Σ over taps of rows [mr, k] · w [taps, k, nc] + bias, limited. */
typedef struct {
  size_t rows, mr, nc, k, taps;
  const float *row[MOST_TAPS][MOST_ROWS]; /* what each row of a tap reads */
  float *bias, *w;                        /* [nc], [taps * k, nc] */
  float *packed;                          /* as pack_f32.h says */
  float *c;
  size_t c_floats, cm, cn; /* strides of c in floats: rows, blocks of NR columns */
  xj_minmax limits;        /* infinite for a linear kernel */
} call;

static void fill_weights(call *t, bool specials) {
  t->bias = xj_check_floats(t->nc);
  t->w = xj_check_floats(t->taps * t->k * t->nc);
  xj_check_fill(t->bias, t->nc, false);
  xj_check_fill(t->w, t->taps * t->k * t->nc, specials);
  const size_t depth = t->taps * t->k, blocks = (t->nc + NR - 1) / NR;
  t->packed = xj_check_floats(blocks * NR * (1 + depth));
  for (size_t block = 0; block < blocks; block++)
    for (size_t i = 0; i <= depth; i++)
      for (size_t j = 0; j < NR; j++) {
        const size_t column = block * NR + j;
        const float *from = i == 0 ? t->bias : t->w + (i - 1) * t->nc;
        t->packed[(block * (1 + depth) + i) * NR + j] = column < t->nc ? from[column] : 0;
      }
}

/* Strides with gaps, which must stay as they are. */
static void make_output(call *t) {
  t->cn = NR + (xj_check_random(3) == 0 ? xj_check_random(4) : 0);
  const size_t row_floats = (t->nc - 1) / NR * t->cn + (t->nc - 1) % NR + 1;
  t->cm = row_floats + xj_check_random(6);
  t->c_floats = (t->mr - 1) * t->cm + row_floats;
  t->c = xj_check_floats(t->c_floats);
}

static void choose(call *t, size_t rows, bool linear) {
  *t = (call){.rows = rows, .limits = {-INFINITY, INFINITY}};
  t->mr = 1 + xj_check_random((uint32_t)rows);
  t->nc = 1 + xj_check_random(MOST_COLUMNS);
  t->k = 1 + xj_check_random(xj_check_random(4) == 0 ? MOST_DEPTH : 9);
  if (!linear) t->limits = (xj_minmax){-0.5f * fabsf(xj_check_uniform()), 0.5f * fabsf(xj_check_uniform())};
}

static double limit(double x, const xj_minmax *limits) {
  return x<(double)limits->min ? (double)limits->min : x>(double) limits->max ? (double)limits->max : x;
}

/* Returns the largest error in units of the bound, (terms + 1) · 2^-24 · Σ|terms|: what any order of rounding keeps. */
static double compare(const char *name, const call *t) {
  double worst = 0;
  size_t written = 0;
  for (size_t r = 0; r < t->mr; r++)
    for (size_t j = 0; j < t->nc; j++) {
      double sum = (double)t->bias[j], magnitude = fabs(sum);
      for (size_t tap = 0; tap < t->taps; tap++)
        for (size_t i = 0; i < t->k; i++) {
          double term = (double)t->row[tap][r][i] * (double)t->w[(tap * t->k + i) * t->nc + j];
          sum += term;
          magnitude += fabs(term);
        }
      const float actual = t->c[r * t->cm + j / NR * t->cn + j % NR];
      const double expected = limit(sum, &t->limits);
      const double bound = (double)(t->taps * t->k + 1) * 0x1p-24 * magnitude + 0x1p-149;
      const double error = xj_check_error(actual, expected, isfinite(bound) ? bound : 1);
      if (!(error <= 1))
        xj_check_fail("%s: mr %zu, nc %zu, k %zu, taps %zu: c[%zu][%zu] is %.9g, expected %.9g, off by %.3g bounds",
                      name, t->mr, t->nc, t->k, t->taps, r, j, (double)actual, expected, error);
      if (error > worst) worst = error;
    }
  for (size_t i = 0; i < t->c_floats; i++) written += !xj_check_untouched(t->c + i);
  if (written > t->mr * t->nc)
    xj_check_fail("%s: mr %zu, nc %zu: writes %zu floats, %zu are its output", name, t->mr, t->nc, written,
                  t->mr * t->nc);
  return worst;
}

static void check_gemm(const char *name, xj_gemm_f32 *kernel, size_t rows, bool linear) {
  double worst = 0;
  for (int32_t round = 0; round < 6000; round++) {
    call t;
    choose(&t, rows, linear);
    t.taps = 1;
    const bool specials = round % 8 == 0;
    const size_t stride = t.k + xj_check_random(5);
    float *a = xj_check_floats((t.mr - 1) * stride + t.k);
    for (size_t r = 0; r < t.mr; r++) {
      xj_check_fill(a + r * stride, t.k, specials);
      t.row[0][r] = a + r * stride;
    }
    fill_weights(&t, specials);
    make_output(&t);
    kernel(t.mr, t.nc, t.k * 4, a, stride * 4, t.packed, t.c, t.cm * 4, t.cn * 4, &t.limits);
    xj_check_guards(name);
    double error = compare(name, &t);
    if (error > worst) worst = error;
    xj_check_release();
  }
  xj_check_note("%s: largest error %.2f of the bound (terms + 1) * 2^-24 * sum|terms|", name, worst);
}

static void check_igemm(const char *name, xj_igemm_f32 *kernel, size_t rows, bool linear) {
  enum { MOST_POINTERS = MOST_TAPS * MOST_ROWS };
  double worst = 0;
  for (int32_t round = 0; round < 6000; round++) {
    call t;
    choose(&t, rows, linear);
    t.taps = 1 + xj_check_random(MOST_TAPS);
    if (t.k > 16) t.k = 16;
    const bool specials = round % 8 == 0;
    const size_t offset = xj_check_random(7), n_x = offset + 12 * t.k;
    float *x = xj_check_floats(n_x), *zero = xj_check_floats(t.k);
    xj_check_fill(x, n_x, specials);
    xj_check_fill(zero, t.k, false); /* not zeros: to see that it is read, and not moved by the offset */
    const float *pointers[MOST_POINTERS];
    for (size_t tap = 0; tap < t.taps; tap++)
      for (size_t r = 0; r < rows; r++) {
        const bool is_zero = xj_check_random(4) == 0;
        const float *p = is_zero ? zero : x + xj_check_random(12) * t.k;
        if (r >= t.mr) p = pointers[tap * rows + r - 1]; /* XNNPACK repeats the last row */
        pointers[tap * rows + r] = p;
        t.row[tap][r] = p == zero ? zero : p + offset;
      }
    fill_weights(&t, specials);
    make_output(&t);
    kernel(t.mr, t.nc, t.k * 4, t.taps * rows * sizeof(void *), pointers, t.packed, t.c, t.cm * 4, t.cn * 4, offset * 4,
           zero, &t.limits);
    xj_check_guards(name);
    double error = compare(name, &t);
    if (error > worst) worst = error;
    xj_check_release();
  }
  xj_check_note("%s: largest error %.2f of the bound (terms + 1) * 2^-24 * sum|terms|", name, worst);
}

#define CHECKS(kernel, rows, linear)                                                                                   \
  static void gemm_##kernel(void) { check_gemm("gemm_" #kernel, xj_gemm_f32_##kernel, rows, linear); }                 \
  static void igemm_##kernel(void) { check_igemm("igemm_" #kernel, xj_igemm_f32_##kernel, rows, linear); }

CHECKS(1x8, 1, false)
CHECKS(4x8, 4, false)
CHECKS(linear_1x8, 1, true)
CHECKS(linear_4x8, 4, true)

#define ROWS(kernel)                                                                                                   \
  {"gemm_" #kernel, "gemm " #kernel ": equals a double loop over every tail, writes its output only, keeps NaN",       \
   gemm_##kernel},                                                                                                     \
  {                                                                                                                    \
    "igemm_" #kernel, "igemm " #kernel ": equals a double loop, moves all rows but the zero row by the offset",        \
        igemm_##kernel                                                                                                 \
  }

const xj_check xj_checks_gemm[] = {ROWS(1x8), ROWS(4x8), ROWS(linear_1x8), ROWS(linear_4x8), {NULL, NULL, NULL}};

/* ---- bench ---- */

typedef struct {
  xj_gemm_f32 *kernel;
  size_t mr, nc, k;
  float *a, *w, *c;
} bench;

static void run_bench(void *context) {
  const bench *b = context;
  const xj_minmax limits = {0, 6};
  b->kernel(b->mr, b->nc, b->k * 4, b->a, b->k * 4, b->w, b->c, b->nc * 4, NR * 4, &limits);
}

void xj_bench_gemm(void) {
  static const struct {
    const char *name;
    xj_gemm_f32 *kernel;
    size_t mr;
  } rows[] = {{"1x8", xj_gemm_f32_1x8, 1},
              {"4x8", xj_gemm_f32_4x8, 4},
              {"linear_1x8", xj_gemm_f32_linear_1x8, 1},
              {"linear_4x8", xj_gemm_f32_linear_4x8, 4}};
  static const size_t depths[] = {16, 64, 256, 512};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
      bench b = {rows[i].kernel, rows[i].mr, 128, depths[d], NULL, NULL, NULL};
      b.a = xj_check_floats(b.mr * b.k);
      b.w = xj_check_floats(b.nc * (1 + b.k));
      b.c = xj_check_floats(b.mr * b.nc);
      xj_check_fill(b.a, b.mr * b.k, false);
      xj_check_fill(b.w, b.nc * (1 + b.k), false);
      const double flops = 2 * (double)(b.mr * b.nc * b.k);
      xj_check_note("gemm %s, %zu columns, depth %zu: %.1f GFLOP/s", rows[i].name, b.nc, b.k,
                    flops / xj_check_seconds(run_bench, &b) * 1e-9);
      xj_check_release();
    }
}
