/* qd8_row.h, pack_qd8.h and qd_product.h: bytes of rows, bytes of weights, and products whose sums of bytes are exact,
 * against loops over integers; and that threads and their cuts change no bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/qd8_row.h"
#include "kernels/qd_product.h"
#include "tests/kernels/check.h"

enum { MOST_ROWS = 23, MOST_COLUMNS = 67, MOST_DEPTH = 150 };

static int32_t limited(double value) {
  return value < XJ_QD8_LEAST ? XJ_QD8_LEAST : value > XJ_QD8_MOST ? XJ_QD8_MOST : (int32_t)value;
}

/* Values of some magnitude: of one sign, of few digits (ties), all equal, tiny, huge, with NaN or an infinity. */
static void fill_row(float *x, size_t n) {
  static const float magnitudes[] = {1, 1e-3f, 100, 1e-20f, 1e-37f, 1e-40f, 1e18f, 1e30f};
  const float magnitude = magnitudes[xj_check_random(8)], offset = (float)xj_check_between(-1, 1) * magnitude;
  const uint32_t kind = xj_check_random(8);
  for (size_t i = 0; i < n; i++) {
    x[i] = xj_check_uniform() * magnitude + offset;
    if (kind == 0) x[i] = (float)xj_check_between(-128, 127) / 2;
    if (kind == 1) x[i] = offset;
  }
  if (kind == 2) x[xj_check_random((uint32_t)n)] = xj_check_random(2) == 0 ? NAN : INFINITY;
}

/* From the definition in qd8_row.h; float32 where it says so. */
static xj_qd8_range range_of(size_t n, const float *x) {
  float low = 0, high = 0;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(x[i])) return (xj_qd8_range){0, NAN};
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  const float levels = XJ_QD8_MOST - XJ_QD8_LEAST, step = high / levels - low / levels;
  xj_qd8_range range = {.step = step > 0x1p-126f ? step : 0x1p-126f};
  range.zero = limited(XJ_QD8_LEAST - rint((double)(low / range.step)));
  return range;
}

static int32_t byte_of(float x, xj_qd8_range range) {
  if (isnan(range.step)) return 0;
  const float product = x * (1 / range.step);
  return limited(rint((double)product) + range.zero);
}

static void check_rows(void) {
  double worst = 0;
  for (int32_t round = 0; round < 20000; round++) {
    const size_t n = 1 + xj_check_random(70);
    float *x = xj_check_floats(n);
    int8_t *bytes = (int8_t *)xj_check_floats((n + 15) / 16 * 4);
    fill_row(x, n);
    const xj_qd8_range expected = range_of(n, x), range = xj_qd8_row(n, x, bytes);
    xj_check_guards("qd8_row");
    if (memcmp(&expected.step, &range.step, sizeof(float)) != 0 && !(isnan(expected.step) && isnan(range.step)))
      xj_check_fail("row of %zu: step %.9g, expected %.9g", n, (double)range.step, (double)expected.step);
    if (range.zero != expected.zero) xj_check_fail("row of %zu: zero %d, expected %d", n, range.zero, expected.zero);
    for (size_t i = 0; i < n; i++) {
      if (bytes[i] != byte_of(x[i], expected))
        xj_check_fail("row of %zu, step %.9g, zero %d: %.9g is byte %d, expected %d", n, (double)range.step, range.zero,
                      (double)x[i], bytes[i], byte_of(x[i], expected));
      if (isnan(range.step)) continue;
      /* What a byte stands for is half a step away, and another half where the zero point was rounded. */
      const double off = fabs((bytes[i] - range.zero) * (double)range.step - (double)x[i]) / (double)range.step;
      if (off > worst) worst = off;
    }
    xj_check_release();
  }
  if (!(worst <= 1.001)) xj_check_fail("a byte is %.4g steps away from its value", worst);
  xj_check_note("qd8_row: bytes are at most %.4f steps away from their values", worst);
}

/* y [rows, columns] = finish((bytes of x) · (bytes of w) · steps + bias + residual * factor) */
typedef struct {
  xj_qd_product product;
  bool transposed, scaled;
  float *x, *bias, *w, *scale, *residual, *factor, *slope, *y; /* w: [depth, columns] or its transpose */
  char *packed;
} call;

static float weight_at(const call *t, size_t k, size_t column) {
  return t->w[t->transposed ? column * t->product.shape.in + k : k * t->product.shape.out + column];
}

static void choose_activation(call *t) {
  xj_activate *a = &t->product.activate;
  const uint32_t which = xj_check_random(4);
  if (which == 1) {
    *a =
        (xj_activate){.kind = XJ_ACTIVATION_CLAMP, .min = -fabsf(xj_check_uniform()), .max = fabsf(xj_check_uniform())};
  } else if (which == 2) {
    *a = (xj_activate){.kind = XJ_ACTIVATION_PRELU, .one_slope = xj_check_random(2) == 0};
    t->slope = xj_check_floats(a->one_slope ? 1 : t->product.shape.out);
    xj_check_fill(t->slope, a->one_slope ? 1 : t->product.shape.out, false);
  } else if (which == 3) {
    *a = (xj_activate){.kind = XJ_ACTIVATION_UNARY, .stretch = xj_unary_stretch(XJ_OP_abs)};
  }
}

/* A constant in one of the ways that it can be stored. */
static void pack(call *t) {
  const xj_qd8_shape *shape = &t->product.shape;
  t->packed = (char *)xj_check_floats(xj_pack_qd8_bytes(shape) / sizeof(float));
  memset(t->packed, 0, xj_pack_qd8_bytes(shape));
  const xj_weight weight = {{XJ_FLOAT32, 1, 0}, t->w, shape->in * shape->out};
  const xj_weight bias = {{XJ_FLOAT32, 1, 0}, t->bias, shape->out};
  const bool bias_first = xj_check_random(2) == 0;
  if (bias_first) xj_pack_qd8_bias(shape, &bias, t->packed);
  xj_pack_qd8_weight(shape, t->transposed, &weight, t->packed);
  if (!bias_first) xj_pack_qd8_bias(shape, &bias, t->packed);
  if (t->scaled) xj_pack_qd8_scale(shape, t->scale, t->packed);
  t->product.packed = t->packed;
}

static void choose(call *t) {
  *t = (call){.transposed = xj_check_random(2) == 0, .scaled = xj_check_random(3) == 0};
  xj_qd_product *p = &t->product;
  p->rows = 1 + xj_check_random(MOST_ROWS);
  p->shape = (xj_qd8_shape){1 + xj_check_random(MOST_DEPTH), 1 + xj_check_random(MOST_COLUMNS)};
  p->has_residual = xj_check_random(2) == 0;
  const uint32_t factors = xj_check_random(3);
  p->residual_scales = factors == 2 ? p->shape.out : factors;
  const size_t n = p->rows * p->shape.out, n_weights = p->shape.in * p->shape.out;
  t->x = xj_check_floats(p->rows * p->shape.in);
  t->bias = xj_check_floats(p->shape.out);
  t->w = xj_check_floats(n_weights);
  t->scale = xj_check_floats(p->shape.out);
  t->residual = xj_check_floats(n);
  t->factor = xj_check_floats(p->residual_scales);
  t->y = xj_check_floats(n);
  for (size_t row = 0; row < p->rows; row++) {
    float *x = t->x + row * p->shape.in;
    xj_check_fill(x, p->shape.in, false);
    if (xj_check_random(8) == 0) x[xj_check_random((uint32_t)p->shape.in)] = xj_check_random(2) == 0 ? NAN : -INFINITY;
  }
  xj_check_fill(t->bias, p->shape.out, false);
  xj_check_fill(t->w, n_weights, false);
  xj_check_fill(t->scale, p->shape.out, false);
  xj_check_fill(t->residual, n, false);
  xj_check_fill(t->factor, p->residual_scales, false);
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

/* In units of 6 · 2^-24 · Σ|terms|: the sum of bytes is exact, and six roundings are left. */
static double error_at(const call *t, size_t row, size_t column) {
  const xj_qd_product *p = &t->product;
  const float *x = t->x + row * p->shape.in;
  const xj_qd8_range range = range_of(p->shape.in, x);
  float most = 0;
  for (size_t k = 0; k < p->shape.in; k++) most = fmaxf(most, fabsf(weight_at(t, k, column)));
  const float step = fmaxf(most / 127, 0x1p-126f), inverse = 1 / step;
  int64_t bytes = 0;
  for (size_t k = 0; k < p->shape.in; k++) {
    const float product = weight_at(t, k, column) * inverse;
    bytes += (int64_t)(byte_of(x[k], range) - range.zero) * (int64_t)fmax(-127, fmin(127, rint((double)product)));
  }
  double sum = (double)bytes * (double)range.step * (double)step * (t->scaled ? (double)t->scale[column] : 1);
  double magnitude = fabs(sum) + fabs((double)t->bias[column]);
  sum += (double)t->bias[column];
  if (p->has_residual) {
    double term = (double)t->residual[row * p->shape.out + column];
    if (p->residual_scales > 0) term *= (double)t->factor[p->residual_scales == 1 ? 0 : column];
    sum += term;
    magnitude += fabs(term);
  }
  const double bound = 6 * 0x1p-24 * magnitude + 0x1p-149;
  return xj_check_error(t->y[row * p->shape.out + column], finished(t, sum, column), isfinite(bound) ? bound : 1);
}

/* As so many threads would cut it; on this one. */
static void run(call *t, size_t n_threads, float *y) {
  const size_t bytes = xj_qd_product_plan(&t->product, n_threads);
  float *scratch = xj_check_floats(bytes / sizeof(float));
  const void *inputs[XJ_RESIDUAL_SCALE + 1] = {
      [XJ_X] = t->x, [XJ_SLOPE] = t->slope, [XJ_RESIDUAL] = t->residual, [XJ_RESIDUAL_SCALE] = t->factor};
  xj_qd_product_run(&t->product, &(xj_run){inputs, y, scratch, NULL});
  xj_check_guards("qd_product");
}

static void check_values(void) {
  double worst = 0;
  for (int32_t round = 0; round < 3000; round++) {
    call t;
    choose(&t);
    run(&t, 1, t.y);
    for (size_t i = 0; i < t.product.rows * t.product.shape.out; i++) {
      const double error = error_at(&t, i / t.product.shape.out, i % t.product.shape.out);
      if (!(error <= 1))
        xj_check_fail("qd_product of %zu rows, %zu deep, %zu columns: y[%zu][%zu] is %.9g, off by %.3g bounds",
                      t.product.rows, t.product.shape.in, t.product.shape.out, i / t.product.shape.out,
                      i % t.product.shape.out, (double)t.y[i], error);
      if (error > worst) worst = error;
    }
    xj_check_release();
  }
  xj_check_note("qd_product: largest error %.2f of the bound 6 * 2^-24 * sum|terms|", worst);
}

static void check_cuts(void) {
  for (int32_t round = 0; round < 1000; round++) {
    call t;
    choose(&t);
    const size_t n = t.product.rows * t.product.shape.out;
    float *whole = xj_check_floats(n);
    run(&t, 1, whole);
    run(&t, 1 + xj_check_random(8), t.y);
    if (memcmp(whole, t.y, n * sizeof(float)) != 0)
      xj_check_fail("qd_product of %zu rows, %zu columns: cut for threads it has other bits", t.product.rows,
                    t.product.shape.out);
    xj_check_release();
  }
}

static void check_plan(void) {
  for (int32_t round = 0; round < 20000; round++) {
    xj_qd_product p = {.rows = 1 + xj_check_random(400),
                       .shape = {1 + xj_check_random(5000), 1 + xj_check_random(5000)},
                       .has_window = xj_check_random(2) == 0};
    const size_t threads = 1 + xj_check_random(8), blocks = xj_qd8_blocks(p.shape.out);
    const size_t bytes = xj_qd_product_plan(&p, threads);
    const bool covers = (p.n_row_pieces - 1) * p.piece_rows < p.rows && p.n_row_pieces * p.piece_rows >= p.rows &&
                        (p.n_block_pieces - 1) * p.piece_blocks < blocks && p.n_block_pieces * p.piece_blocks >= blocks;
    if (!covers || p.group_rows < 1 || p.group_blocks < 1)
      xj_check_fail("plan of %zu rows, %zu blocks, %zu threads: %zu pieces of %zu rows, %zu of %zu blocks", p.rows,
                    blocks, threads, p.n_row_pieces, p.piece_rows, p.n_block_pieces, p.piece_blocks);
    if (bytes < threads * p.group_rows * p.shape.in)
      xj_check_fail("plan of %zu rows, %zu deep, %zu threads: %zu bytes of scratch", p.rows, p.shape.in, threads,
                    bytes);
  }
}

const xj_check xj_checks_qd[] = {
    {"qd8_row", "qd8_row: steps, zero points and bytes are those of the definition", check_rows},
    {"qd_product", "qd_product: equals exact sums of bytes for every tail and finish", check_values},
    {"qd_product_cuts", "qd_product: cut for any number of threads it has the same bits", check_cuts},
    {"qd_product_plan", "qd_product: its pieces cover rows and columns once", check_plan},
    {NULL, NULL, NULL}};
