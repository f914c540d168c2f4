/* depthwise.h against TensorFlow's definition in double: every kernel, stride, dilation, padding, multiplier, tail. And
 * against one output at a time, to the bit: which tile an output falls into must not show. */
#include <math.h>
#include <string.h>

#include "kernels/depthwise.h"
#include "tests/kernels/check.h"

enum { MOST_CHANNELS = 15 };

typedef struct {
  xj_depthwise d;
  size_t out_channels, taps;
  float *x, *w, *bias, *packed, *slope, *y;
  size_t n_x, n_y;
} layer;

/* output o covers inputs o * stride - pad + i * dilation */
static xj_axis choose_axis(int32_t most_input) {
  static const int32_t kernels[] = {1, 2, 3, 3, 4, 5, 5, 7};
  xj_axis a = {.input = xj_check_between(1, most_input),
               .kernel = kernels[xj_check_random(8)],
               .stride = xj_check_between(1, 3),
               .dilation = xj_check_random(4) == 0 ? xj_check_between(2, 3) : 1};
  const int32_t extent = (a.kernel - 1) * a.dilation + 1;
  a.pad = xj_check_between(0, 3);
  a.pad_end = xj_check_between(0, 3);
  const int32_t missing = extent - a.input - a.pad - a.pad_end;
  if (missing > 0) a.pad_end += missing; /* windows larger than the input too */
  a.output = (a.input + a.pad + a.pad_end - extent) / a.stride + 1;
  return a;
}

/* Rows of one tile, of a few, and, rarely, of more than are computed at once. */
static int32_t most_columns(void) {
  if (xj_check_random(32) == 0) return 260;
  return xj_check_random(4) == 0 ? 45 : 14;
}

static void make_layer(layer *t, bool specials) {
  *t = (layer){.d = {.window = {choose_axis(9), choose_axis(most_columns())}}};
  t->d.batch = 1 + xj_check_random(2);
  t->d.multiplier = xj_check_random(2) ? 1 : 1 + xj_check_random(5);
  t->d.in_channels = 1 + xj_check_random((uint32_t)(MOST_CHANNELS / t->d.multiplier));
  t->out_channels = t->d.in_channels * t->d.multiplier;
  t->d.activate = (xj_activate){.kind = xj_check_between(XJ_ACTIVATION_NONE, XJ_ACTIVATION_PRELU),
                                .min = -0.25f,
                                .max = 0.75f,
                                .one_slope = xj_check_random(2) != 0};
  const xj_axis *h = &t->d.window.h, *w = &t->d.window.w;
  t->taps = (size_t)h->kernel * (size_t)w->kernel;
  t->n_x = t->d.batch * (size_t)h->input * (size_t)w->input * t->d.in_channels;
  t->n_y = t->d.batch * (size_t)h->output * (size_t)w->output * t->out_channels;
  t->x = xj_check_floats(t->n_x);
  t->w = xj_check_floats(t->taps * t->out_channels);
  t->bias = xj_check_floats(t->out_channels);
  t->slope = xj_check_floats(t->d.activate.one_slope ? 1 : t->out_channels);
  t->y = xj_check_floats(t->n_y);
  xj_check_fill(t->x, t->n_x, specials);
  xj_check_fill(t->w, t->taps * t->out_channels, false);
  xj_check_fill(t->bias, t->out_channels, false);
  xj_check_fill(t->slope, t->d.activate.one_slope ? 1 : t->out_channels, false);
  const size_t bytes = xj_depthwise_packed_bytes(t->taps, t->out_channels);
  t->packed = xj_check_floats(bytes / sizeof(float));
  memset(t->packed, 0, bytes);
  xj_depthwise_pack(t->taps, t->out_channels, false, &(xj_weight){{XJ_FLOAT32, 0, 0}, t->w, t->taps * t->out_channels},
                    t->packed);
  xj_depthwise_pack(t->taps, t->out_channels, true, &(xj_weight){{XJ_FLOAT32, 0, 0}, t->bias, t->out_channels},
                    t->packed);
  t->d.packed = t->packed;
  t->d.rows_per_task = 1 + xj_check_random(4);
}

static double activated(const layer *t, size_t channel, double x) {
  const xj_activate *a = &t->d.activate;
  if (a->kind == XJ_ACTIVATION_CLAMP) return x<(double)a->min ? (double)a->min : x>(double) a->max ? (double)a->max : x;
  if (a->kind == XJ_ACTIVATION_PRELU && x < 0) return x * (double)t->slope[a->one_slope ? 0 : channel];
  return x;
}

/* Output (batch, oy, ox, channel) and Σ|terms|. */
static double reference(const layer *t, size_t batch, int32_t oy, int32_t ox, size_t channel, double *magnitude) {
  const xj_axis *h = &t->d.window.h, *w = &t->d.window.w;
  double sum = (double)t->bias[channel];
  *magnitude = fabs(sum);
  for (int32_t ky = 0; ky < h->kernel; ky++)
    for (int32_t kx = 0; kx < w->kernel; kx++) {
      const int32_t iy = oy * h->stride - h->pad + ky * h->dilation, ix = ox * w->stride - w->pad + kx * w->dilation;
      if (iy < 0 || iy >= h->input || ix < 0 || ix >= w->input) continue;
      const size_t pixel = (batch * (size_t)h->input + (size_t)iy) * (size_t)w->input + (size_t)ix;
      const double term = (double)t->x[pixel * t->d.in_channels + channel / t->d.multiplier] *
                          (double)t->w[(size_t)(ky * w->kernel + kx) * t->out_channels + channel];
      sum += term;
      *magnitude += fabs(term);
    }
  return activated(t, channel, sum);
}

static double compare(const layer *t) {
  const xj_axis *h = &t->d.window.h, *w = &t->d.window.w;
  double worst = 0;
  size_t at = 0;
  for (size_t batch = 0; batch < t->d.batch; batch++)
    for (int32_t oy = 0; oy < h->output; oy++)
      for (int32_t ox = 0; ox < w->output; ox++)
        for (size_t c = 0; c < t->out_channels; c++, at++) {
          double magnitude;
          const double expected = reference(t, batch, oy, ox, c, &magnitude);
          const double bound = (double)(t->taps + 2) * 0x1p-24 * magnitude + 0x1p-149;
          const double error = xj_check_error(t->y[at], expected, isfinite(bound) ? bound : 1);
          if (!(error <= 1))
            xj_check_fail(
                "depthwise: x [%zu,%d,%d,%zu], multiplier %zu, kernel %d,%d, stride %d,%d, dilation %d,%d, pad %d,%d, "
                "activation %d: y[%zu,%d,%d,%zu] is %.9g, expected %.9g",
                t->d.batch, h->input, w->input, t->d.in_channels, t->d.multiplier, h->kernel, w->kernel, h->stride,
                w->stride, h->dilation, w->dilation, h->pad, w->pad, t->d.activate.kind, batch, oy, ox, c,
                (double)t->y[at], expected);
          if (error > worst) worst = error;
        }
  return worst;
}

/* Output (batch, oy, ox, channel) by itself: the bias, then tap after tap. */
static float by_itself(const layer *t, size_t batch, int32_t oy, int32_t ox, size_t channel) {
  const xj_axis *h = &t->d.window.h, *w = &t->d.window.w;
  const xj_activate *a = &t->d.activate;
  v128_t sum = wasm_f32x4_splat(t->bias[channel]);
  for (int32_t ky = 0; ky < h->kernel; ky++)
    for (int32_t kx = 0; kx < w->kernel; kx++) {
      const int32_t iy = oy * h->stride - h->pad + ky * h->dilation, ix = ox * w->stride - w->pad + kx * w->dilation;
      if (iy < 0 || iy >= h->input || ix < 0 || ix >= w->input) continue;
      const size_t pixel = (batch * (size_t)h->input + (size_t)iy) * (size_t)w->input + (size_t)ix;
      sum = XJ_MADD(wasm_f32x4_splat(t->x[pixel * t->d.in_channels + channel / t->d.multiplier]),
                    wasm_f32x4_splat(t->w[(size_t)(ky * w->kernel + kx) * t->out_channels + channel]), sum);
    }
  const float x = wasm_f32x4_extract_lane(sum, 0);
  if (a->kind == XJ_ACTIVATION_CLAMP) return xj_clamp1(x, a->min, a->max);
  if (a->kind == XJ_ACTIVATION_PRELU) return xj_prelu1(x, t->slope[a->one_slope ? 0 : channel]);
  return x;
}

static void depthwise_bits(void) {
  for (int32_t round = 0; round < 2000; round++) {
    layer t;
    make_layer(&t, round % 8 == 0);
    xj_depthwise_run(&t.d, t.x, t.slope, t.y, NULL);
    const xj_axis *h = &t.d.window.h, *w = &t.d.window.w;
    size_t at = 0;
    for (size_t batch = 0; batch < t.d.batch; batch++)
      for (int32_t oy = 0; oy < h->output; oy++)
        for (int32_t ox = 0; ox < w->output; ox++)
          for (size_t c = 0; c < t.out_channels; c++, at++) {
            const float expected = by_itself(&t, batch, oy, ox, c);
            if (memcmp(&expected, &t.y[at], sizeof expected) == 0 || (isnan(expected) && isnan(t.y[at]))) continue;
            xj_check_fail(
                "depthwise_bits: x [%zu,%d,%d,%zu], multiplier %zu, kernel %d,%d, stride %d,%d, dilation %d,%d, pad "
                "%d,%d, "
                "activation %d: y[%zu,%d,%d,%zu] is %.9g, by itself %.9g",
                t.d.batch, h->input, w->input, t.d.in_channels, t.d.multiplier, h->kernel, w->kernel, h->stride,
                w->stride, h->dilation, w->dilation, h->pad, w->pad, t.d.activate.kind, batch, oy, ox, c,
                (double)t.y[at], (double)expected);
          }
    xj_check_release();
  }
}

static void depthwise(void) {
  double worst = 0;
  for (int32_t round = 0; round < 4000; round++) {
    layer t;
    make_layer(&t, round % 8 == 0);
    xj_depthwise_run(&t.d, t.x, t.slope, t.y, NULL);
    xj_check_guards("depthwise");
    const double error = compare(&t);
    if (error > worst) worst = error;
    xj_check_release();
  }
  xj_check_note("depthwise: largest error %.2f of the bound (taps + 2) * 2^-24 * sum|terms|", worst);
}

static void rows_per_task(void) {
  for (size_t batch = 1; batch <= 3; batch++)
    for (int32_t height = 1; height <= 40; height++)
      for (size_t threads = 1; threads <= 8; threads++) {
        const xj_depthwise d = {.batch = batch, .window.h.output = height};
        const size_t rows = batch * (size_t)height, per_task = xj_depthwise_rows_per_task(&d, threads);
        if (per_task < 1 || per_task > rows || (rows + per_task - 1) / per_task > threads * 4)
          xj_check_fail("rows_per_task: %zu of %zu rows for %zu threads", per_task, rows, threads);
      }
}

const xj_check xj_checks_depthwise[] = {
    {"depthwise", "depthwise: equals a double loop for every kernel, stride, dilation, padding, multiplier, activation",
     depthwise},
    {"depthwise_bits", "depthwise: an output has the bits that it has by itself, whatever tile it is in",
     depthwise_bits},
    {"rows_per_task", "depthwise: work divides into at least one row and at most four tasks a thread", rows_per_task},
    {NULL, NULL, NULL}};

/* ---- bench ---- */

static void run_bench(void *context) {
  const layer *t = context;
  xj_depthwise_run(&t->d, t->x, NULL, t->y, NULL);
}

void xj_bench_depthwise(void) {
  static const struct {
    int32_t size, kernel, stride;
    size_t channels;
  } rows[] = {{112, 3, 1, 32}, {112, 3, 2, 32}, {56, 3, 1, 64}, {28, 5, 1, 128}, {14, 3, 1, 256}, {56, 3, 1, 3}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const int32_t size = rows[i].size, kernel = rows[i].kernel, pad = kernel / 2, stride = rows[i].stride;
    const xj_axis axis = {size, (size + 2 * pad - kernel) / stride + 1, kernel, stride, 1, pad, pad};
    layer t = {.d = {.window = {axis, axis}, .batch = 1, .in_channels = rows[i].channels, .multiplier = 1}};
    t.taps = (size_t)(kernel * kernel);
    t.n_x = (size_t)(size * size) * rows[i].channels;
    t.n_y = (size_t)(axis.output * axis.output) * rows[i].channels;
    const size_t n_packed = xj_depthwise_packed_bytes(t.taps, rows[i].channels) / sizeof(float);
    t.x = xj_check_floats(t.n_x);
    t.y = xj_check_floats(t.n_y);
    t.packed = xj_check_floats(n_packed);
    xj_check_fill(t.x, t.n_x, false);
    xj_check_fill(t.packed, n_packed, false);
    t.d.packed = t.packed;
    t.d.rows_per_task = (size_t)axis.output;
    const double flops = 2 * (double)(t.n_y * t.taps);
    xj_check_note("depthwise %dx%dx%zu, %dx%d, stride %d: %.1f GFLOP/s", size, size, rows[i].channels, kernel, kernel,
                  stride, flops / xj_check_seconds(run_bench, &t) * 1e-9);
    xj_check_release();
  }
}
