/* The ops max_pool2d and avg_pool2d: x [N,H,W,C]. Padding takes no part; NaN is no maximum, as in TensorFlow.js. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "kernels/window.h"
#include "src/heap.h"

typedef struct {
  xj_window window;
  size_t batch, channels;
  bool is_max;
} pool;

typedef struct {
  const pool *pool;
  const float *x;
  float *y;
} task;

_Static_assert(sizeof(xj_max_pool2d_attributes) == sizeof(xj_avg_pool2d_attributes), "both are kernel and WINDOW");

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const xj_max_pool2d_attributes *a = node->attributes;
  return xj_window_make((const xj_window_attributes *)&a->stride_h, &node->inputs[0], a->kernel_h, a->kernel_w, window);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  xj_window window;
  XJ_TRY(window_of(node, &window));
  XJ_TRY(xj_float_check(node, 0, "x"));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.output, window.w.output, x->dims[3]}};
  return XJ_OK;
}

/* y = max(y, x); a comparison with NaN is false, so that NaN is passed over. */
static void take_maximum(size_t n, const float *x, float *y) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(y + i, wasm_f32x4_pmax(wasm_v128_load(y + i), wasm_v128_load(x + i)));
  for (; i < n; i++) y[i] = y[i] < x[i] ? x[i] : y[i];
}

/* Taps of one output that lie inside the input: `rows` rows of `columns`, from x on, steps in floats. */
typedef struct {
  const float *x;
  size_t rows, columns, row_step, column_step;
} taps;

static void max_pixel(const taps *t, size_t channels, float *y) {
  for (size_t c = 0; c < channels; c++) y[c] = -INFINITY;
  for (size_t ky = 0; ky < t->rows; ky++)
    for (size_t kx = 0; kx < t->columns; kx++) take_maximum(channels, t->x + ky * t->row_step + kx * t->column_step, y);
}

/* Sums in double, 16 channels (a cache line) at a time: a float sum over a large window loses digits. */
static void average_pixel(const taps *t, size_t channels, float *y) {
  enum { BLOCK = 16 };
  const double count = (double)(t->rows * t->columns); /* 0: the average of nothing is NaN */
  for (size_t c = 0; c < channels; c += BLOCK) {
    const size_t n = channels - c < BLOCK ? channels - c : BLOCK;
    double sum[BLOCK] = {0};
    for (size_t ky = 0; ky < t->rows; ky++)
      for (size_t kx = 0; kx < t->columns; kx++) {
        const float *x = t->x + ky * t->row_step + kx * t->column_step + c;
        if (n == BLOCK)
          for (size_t i = 0; i < BLOCK; i++) sum[i] += (double)x[i];
        else
          for (size_t i = 0; i < n; i++) sum[i] += (double)x[i];
      }
    for (size_t i = 0; i < n; i++) y[c + i] = (float)(sum[i] / count);
  }
}

static void pool_pixel(const pool *p, const float *x, int32_t oy, int32_t ox, float *y) {
  const xj_axis *h = &p->window.h, *w = &p->window.w;
  int32_t y_from, y_to, x_from, x_to;
  xj_axis_taps(h, oy, &y_from, &y_to);
  xj_axis_taps(w, ox, &x_from, &x_to);
  const size_t column = p->channels, row = (size_t)w->input * column;
  taps t = {.rows = (size_t)(y_to - y_from),
            .columns = (size_t)(x_to - x_from),
            .row_step = (size_t)h->dilation * row,
            .column_step = (size_t)w->dilation * column};
  if (t.rows > 0 && t.columns > 0)
    t.x = x + (size_t)(oy * h->stride - h->pad + y_from * h->dilation) * row +
          (size_t)(ox * w->stride - w->pad + x_from * w->dilation) * column;
  (p->is_max ? max_pixel : average_pixel)(&t, p->channels, y);
}

static void pool_row(task *t, size_t index) {
  const pool *p = t->pool;
  size_t out_h = (size_t)p->window.h.output, out_w = (size_t)p->window.w.output;
  const float *x = t->x + index / out_h * (size_t)p->window.h.input * (size_t)p->window.w.input * p->channels;
  float *y = t->y + index * out_w * p->channels;
  for (size_t ox = 0; ox < out_w; ox++, y += p->channels) pool_pixel(p, x, (int32_t)(index % out_h), (int32_t)ox, y);
}

static xj_status prepare_pool(const xj_node_view *node, xj_prepare *prepare, bool is_max) {
  pool *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->batch = (size_t)node->inputs[0].dims[0];
  state->channels = (size_t)node->inputs[0].dims[3];
  state->is_max = is_max;
  return window_of(node, &state->window);
}

static xj_status prepare_max(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_pool(node, prepare, true);
}
static xj_status prepare_avg(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_pool(node, prepare, false);
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)pool_row, &t,
                             t.pool->batch * (size_t)t.pool->window.h.output, 0);
  return XJ_OK;
}

const xj_kernel xj_max_pool2d_kernel = {.infer = infer, .prepare = prepare_max, .run = run};
const xj_kernel xj_avg_pool2d_kernel = {.infer = infer, .prepare = prepare_avg, .run = run};
