/* The ops avg_pool2d_grad, max_pool2d_grad and their forms of three dimensions. */
#include <math.h>
#include <string.h>

#include "kernels/gradient.h"
#include "kernels/layer.h"
#include "kernels/simd.h"
#include "kernels/winners.h"
#include "src/heap.h"

typedef struct {
  xj_axis axes[3];
  size_t batch, channels;
  double share; /* of an output that each of its taps gets: 1 / taps, those in the padding too */
  bool last_wins;
} grad;

static size_t image_rows(const grad *t) { return (size_t)t->axes[0].input * (size_t)t->axes[1].input; }

static grad *make_state(const xj_type *x, xj_prepare *prepare) {
  grad *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return NULL;
  t->batch = (size_t)x->dims[0];
  t->channels = (size_t)x->dims[x->rank - 1];
  return t;
}

/* ---- averages ---- */

typedef struct {
  const grad *t;
  const float *dy;
  float *dx;
} avg_job;

/* Sizes, kernel and window follow each other. */
static xj_status avg_axes(const xj_node_view *node, const xj_type *x, xj_axis axes[3]) {
  const int32_t *a = node->attributes, n = x->rank - 2;
  return xj_gradient_axes(n, x, a + n, a + 2 * n, axes);
}

static xj_status infer_avg(const xj_node_view *node, xj_type *output) {
  const xj_type *dy = &node->inputs[0];
  const int32_t n = node->op == XJ_OP_avg_pool3d_grad ? 3 : 2;
  XJ_TRY(xj_gradient_input(node, 0, n, node->attributes, dy->rank > 0 ? dy->dims[dy->rank - 1] : 0, output));
  xj_axis axes[3];
  XJ_TRY(avg_axes(node, output, axes));
  return xj_gradient_check(node, 0, output, axes, output->dims[n + 1]);
}

static xj_status prepare_avg(const xj_node_view *node, xj_prepare *prepare) {
  grad *t = make_state(node->output, prepare);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(avg_axes(node, node->output, t->axes));
  t->share = 1 / xj_gradient_taps(t->axes);
  return XJ_OK;
}

/* Sums in double, 16 channels (a cache line) at a time. dy: of the image; of: the outputs that read the pixel. */
static void average_pixel(const avg_job *j, const xj_sources of[3], const float *dy, float *dx) {
  enum { BLOCK = 16 };
  const grad *t = j->t;
  const size_t w = (size_t)t->axes[2].output, h = (size_t)t->axes[1].output;
  for (size_t c = 0; c < t->channels; c += BLOCK) {
    const size_t n = t->channels - c < BLOCK ? t->channels - c : BLOCK;
    double sum[BLOCK] = {0};
    for (int32_t id = 0; id < of[0].count; id++)
      for (int32_t ih = 0; ih < of[1].count; ih++)
        for (int32_t iw = 0; iw < of[2].count; iw++) {
          const size_t od = (size_t)(of[0].output + id * of[0].step), oh = (size_t)(of[1].output + ih * of[1].step);
          const float *from = dy + ((od * h + oh) * w + (size_t)(of[2].output + iw * of[2].step)) * t->channels + c;
          if (n == BLOCK)
            for (size_t i = 0; i < BLOCK; i++) sum[i] += (double)from[i];
          else
            for (size_t i = 0; i < n; i++) sum[i] += (double)from[i];
        }
    for (size_t i = 0; i < n; i++) dx[c + i] = (float)(sum[i] * t->share);
  }
}

/* A row of dx. */
static void average_row(avg_job *j, size_t index) {
  const grad *t = j->t;
  const xj_axis *d = &t->axes[0], *h = &t->axes[1], *w = &t->axes[2];
  const float *dy = j->dy + index / image_rows(t) * xj_gradient_outputs(t->axes) * t->channels;
  float *dx = j->dx + index * (size_t)w->input * t->channels;
  xj_sources of[3] = {xj_axis_sources(d, (int32_t)(index / (size_t)h->input % (size_t)d->input)),
                      xj_axis_sources(h, (int32_t)(index % (size_t)h->input))};
  for (int32_t column = 0; column < w->input; column++, dx += t->channels) {
    of[2] = xj_axis_sources(w, column);
    average_pixel(j, of, dy, dx);
  }
}

static xj_status run_avg(void *state, const xj_run *run) {
  avg_job j = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)average_row, &j, j.t->batch * image_rows(j.t), 0);
  return XJ_OK;
}

static double flops_of_avg(const xj_node_view *node) {
  xj_axis axes[3];
  if (avg_axes(node, node->output, axes) != XJ_OK) return 0;
  return (double)xj_type_elements(node->output) + (double)xj_type_elements(&node->inputs[0]) * xj_gradient_taps(axes);
}

const xj_kernel xj_avg_pool2d_grad_kernel = {
    .infer = infer_avg, .prepare = prepare_avg, .run = run_avg, .flops = flops_of_avg};
const xj_kernel xj_avg_pool3d_grad_kernel = {
    .infer = infer_avg, .prepare = prepare_avg, .run = run_avg, .flops = flops_of_avg};

/* ---- maxima ---- */

enum { X = 0, DY = 1 };

typedef struct {
  const grad *t;
  const float *x;
  int32_t *winners; /* [batch,outputs,channels] */
} max_job;

static xj_status max_axes(const xj_node_view *node, xj_axis axes[3]) {
  const int32_t *a = node->attributes, n = node->op == XJ_OP_max_pool3d_grad ? 3 : 2;
  return xj_gradient_axes(n, &node->inputs[X], a, a + n, axes);
}

static xj_status infer_max(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X];
  xj_axis axes[3];
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(max_axes(node, axes));
  *output = *x;
  return xj_gradient_check(node, DY, x, axes, x->dims[x->rank - 1]);
}

static xj_status prepare_max(const xj_node_view *node, xj_prepare *prepare) {
  grad *t = make_state(node->output, prepare);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(max_axes(node, t->axes));
  t->last_wins = node->op == XJ_OP_max_pool3d_grad;
  prepare->scratch_bytes = xj_type_bytes(&node->inputs[DY]);
  return XJ_OK;
}

/* winners [channels] of output o. x: of the image. The first of equal maxima wins, with last_wins the last, as in
 * tfjs-backend-cpu's maxPoolPositions and maxPool3dPositions; NaN never does. */
static void find_winners(const grad *t, const float *x, const int32_t o[3], int32_t *winners) {
  int32_t from[3], to[3], start[3];
  for (int32_t i = 0; i < 3; i++) {
    xj_axis_taps(&t->axes[i], o[i], &from[i], &to[i]);
    start[i] = o[i] * t->axes[i].stride - t->axes[i].pad;
  }
  const int32_t height = t->axes[1].input, width = t->axes[2].input;
  for (size_t c = 0; c < t->channels; c += 4) {
    const size_t n = t->channels - c < 4 ? t->channels - c : 4;
    v128_t most = wasm_f32x4_splat(-INFINITY), winner = wasm_i32x4_splat(-1);
    for (int32_t kd = from[0]; kd < to[0]; kd++)
      for (int32_t kh = from[1]; kh < to[1]; kh++)
        for (int32_t kw = from[2]; kw < to[2]; kw++) {
          const int32_t plane = start[0] + kd * t->axes[0].dilation, row = start[1] + kh * t->axes[1].dilation;
          const int32_t at = (plane * height + row) * width + start[2] + kw * t->axes[2].dilation;
          const float *pixel = x + (size_t)at * t->channels + c;
          const v128_t value = n == 4 ? wasm_v128_load(pixel) : xj_load_tail4(pixel, n);
          const v128_t wins = t->last_wins ? wasm_f32x4_ge(value, most) : wasm_f32x4_gt(value, most);
          most = wasm_v128_bitselect(value, most, wins);
          winner = wasm_v128_bitselect(wasm_i32x4_splat(at), winner, wins);
        }
    if (n == 4)
      wasm_v128_store(winners + c, winner);
    else
      xj_store_tail4((float *)(void *)(winners + c), n, winner);
  }
}

/* A row of outputs. */
static void find_row(max_job *j, size_t index) {
  const grad *t = j->t;
  const size_t out_d = (size_t)t->axes[0].output, out_h = (size_t)t->axes[1].output;
  const float *x = j->x + index / out_h / out_d * xj_gradient_pixels(t->axes) * t->channels;
  int32_t *winners = j->winners + index * (size_t)t->axes[2].output * t->channels;
  int32_t o[3] = {(int32_t)(index / out_h % out_d), (int32_t)(index % out_h), 0};
  for (; o[2] < t->axes[2].output; o[2]++, winners += t->channels) find_winners(t, x, o, winners);
}

static xj_status run_max(void *state, const xj_run *run) {
  max_job j = {state, run->inputs[X], run->scratch};
  const grad *t = j.t;
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)find_row, &j,
                             t->batch * (size_t)t->axes[0].output * (size_t)t->axes[1].output, 0);
  xj_winners_gather(t->axes, t->batch, t->channels, j.winners, run->inputs[DY], run->output, run->threads);
  return XJ_OK;
}

static double flops_of_max(const xj_node_view *node) {
  xj_axis axes[3];
  if (max_axes(node, axes) != XJ_OK) return 0;
  return (double)xj_type_elements(node->output) +
         2.0 * (double)xj_type_elements(&node->inputs[DY]) * xj_gradient_taps(axes);
}

const xj_kernel xj_max_pool2d_grad_kernel = {
    .infer = infer_max, .prepare = prepare_max, .run = run_max, .flops = flops_of_max};
const xj_kernel xj_max_pool3d_grad_kernel = {
    .infer = infer_max, .prepare = prepare_max, .run = run_max, .flops = flops_of_max};
