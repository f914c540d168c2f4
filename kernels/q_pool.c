/* The op q_avg_pool2d: x [N,H,W,C] of int8 or uint8, whose scale and zero point stay; halves away from zero. */
#include <string.h>

#include "kernels/requantize.h"
#include "kernels/window.h"
#include "src/heap.h"

typedef struct {
  xj_window window;
  size_t batch, channels;
  bool is_unsigned;
  xj_range range;
} pool;

typedef struct {
  const pool *pool;
  const uint8_t *x;
  uint8_t *y;
} task;

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const xj_q_avg_pool2d_attributes *a = node->attributes;
  return xj_window_make((const xj_window_attributes *)&a->stride_h, &node->inputs[0], a->kernel_h, a->kernel_w, window);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_q_avg_pool2d_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  xj_window window;
  xj_range range;
  XJ_TRY(window_of(node, &window));
  XJ_TRY(xj_byte_check(node, 0, "x"));
  XJ_TRY(xj_range_make(a->act_min, a->act_max, x->dtype, &range));
  *output = (xj_type){x->dtype, 4, {x->dims[0], window.h.output, window.w.output, x->dims[3]}};
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_q_avg_pool2d_attributes *a = node->attributes;
  pool *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->batch = (size_t)node->inputs[0].dims[0];
  state->channels = (size_t)node->inputs[0].dims[3];
  state->is_unsigned = node->inputs[0].dtype == XJ_UINT8;
  XJ_TRY(xj_range_make(a->act_min, a->act_max, node->inputs[0].dtype, &state->range));
  return window_of(node, &state->window);
}

/* Of nothing, where a window sees padding only: 0. */
static int32_t average(int64_t sum, int64_t count) {
  if (count == 0) return 0;
  return (int32_t)((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
}

enum { BLOCK = 64 /* channels that are summed together */ };

static void pool_pixel(const pool *p, const uint8_t *x, int32_t oy, int32_t ox, uint8_t *y) {
  const xj_axis *h = &p->window.h, *w = &p->window.w;
  int32_t y_from, y_to, x_from, x_to;
  xj_axis_taps(h, oy, &y_from, &y_to);
  xj_axis_taps(w, ox, &x_from, &x_to);
  const int64_t count = (int64_t)(y_to - y_from) * (x_to - x_from);
  for (size_t c = 0; c < p->channels; c += BLOCK) {
    const size_t n = p->channels - c < BLOCK ? p->channels - c : BLOCK;
    int64_t sum[BLOCK] = {0};
    for (int32_t ky = y_from; ky < y_to; ky++) {
      const size_t row = (size_t)(oy * h->stride - h->pad + ky * h->dilation) * (size_t)w->input;
      for (int32_t kx = x_from; kx < x_to; kx++) {
        const uint8_t *at = x + (row + (size_t)(ox * w->stride - w->pad + kx * w->dilation)) * p->channels + c;
        if (p->is_unsigned)
          for (size_t i = 0; i < n; i++) sum[i] += at[i];
        else
          for (size_t i = 0; i < n; i++) sum[i] += (int8_t)at[i];
      }
    }
    for (size_t i = 0; i < n; i++) y[c + i] = (uint8_t)xj_range_limit(&p->range, average(sum[i], count));
  }
}

static void pool_row(const task *t, size_t index) {
  const pool *p = t->pool;
  const size_t out_h = (size_t)p->window.h.output, out_w = (size_t)p->window.w.output;
  const uint8_t *x = t->x + index / out_h * (size_t)p->window.h.input * (size_t)p->window.w.input * p->channels;
  uint8_t *y = t->y + index * out_w * p->channels;
  for (size_t ox = 0; ox < out_w; ox++, y += p->channels) pool_pixel(p, x, (int32_t)(index % out_h), (int32_t)ox, y);
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)pool_row, &t,
                             t.pool->batch * (size_t)t.pool->window.h.output, 0);
  return XJ_OK;
}

const xj_kernel xj_q_avg_pool2d_kernel = {.infer = infer, .prepare = prepare, .run = run};
