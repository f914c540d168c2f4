/* The op dilation2d: x [N,H,W,C], filter [KH,KW,C]. Padding takes no part; NaN is no maximum. */
#include <math.h>

#include "kernels/dilation2d.h"
#include "kernels/layer.h"
#include "kernels/simd.h"
#include "kernels/window.h"
#include "src/heap.h"

enum { X = 0, FILTER = 1 };

typedef struct {
  xj_window window;
  size_t batch, channels;
} dilation;

typedef struct {
  const dilation *t;
  const float *x, *filter;
  float *y;
} task;

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const int32_t *filter = node->inputs[FILTER].dims;
  return xj_window_make(node->attributes, &node->inputs[X], filter[0], filter[1], window);
}

xj_status xj_dilation2d_check(const xj_node_view *node) {
  const xj_type *x = &node->inputs[X], *filter = &node->inputs[FILTER];
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(xj_float_check(node, FILTER, "the filter"));
  if (filter->rank != 3 || x->rank != 4 || filter->dims[2] != x->dims[3])
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s, for x with shape %s", xj_type_text(filter), xj_type_text(x));
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X];
  XJ_TRY(xj_dilation2d_check(node));
  xj_window window;
  XJ_TRY(window_of(node, &window));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.output, window.w.output, x->dims[3]}};
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  dilation *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->batch = (size_t)node->inputs[X].dims[0];
  state->channels = (size_t)node->inputs[X].dims[3];
  return window_of(node, &state->window);
}

/* y = max(y, x + filter) */
static void take_sums(size_t n, const float *x, const float *filter, float *y) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const v128_t sum = wasm_f32x4_add(wasm_v128_load(x + i), wasm_v128_load(filter + i));
    wasm_v128_store(y + i, wasm_f32x4_pmax(wasm_v128_load(y + i), sum));
  }
  for (; i < n; i++) y[i] = y[i] < x[i] + filter[i] ? x[i] + filter[i] : y[i];
}

/* A row of the output. */
static void dilate_row(task *job, size_t index) {
  const dilation *t = job->t;
  const xj_axis *h = &t->window.h, *w = &t->window.w;
  const size_t out_h = (size_t)h->output, channels = t->channels;
  const int32_t oy = (int32_t)(index % out_h);
  const float *x = job->x + index / out_h * (size_t)h->input * (size_t)w->input * channels;
  float *y = job->y + index * (size_t)w->output * channels;
  int32_t y_from, y_to, x_from, x_to;
  xj_axis_taps(h, oy, &y_from, &y_to);
  for (int32_t ox = 0; ox < w->output; ox++, y += channels) {
    xj_axis_taps(w, ox, &x_from, &x_to);
    for (size_t c = 0; c < channels; c++) y[c] = -INFINITY;
    for (int32_t ky = y_from; ky < y_to; ky++)
      for (int32_t kx = x_from; kx < x_to; kx++) {
        const size_t row = (size_t)(oy * h->stride - h->pad + ky * h->dilation);
        const size_t column = (size_t)(ox * w->stride - w->pad + kx * w->dilation);
        take_sums(channels, x + (row * (size_t)w->input + column) * channels,
                  job->filter + ((size_t)ky * (size_t)w->kernel + (size_t)kx) * channels, y);
      }
  }
}

static xj_status run(void *state, const xj_run *run) {
  task job = {state, run->inputs[X], run->inputs[FILTER], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)dilate_row, &job,
                             job.t->batch * (size_t)job.t->window.h.output, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const int32_t *filter = node->inputs[FILTER].dims;
  return 2.0 * (double)xj_type_elements(node->output) * filter[0] * filter[1];
}

const xj_kernel xj_dilation2d_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
