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

/* dx [n] (+)= dy [n] * share */
static void add_share(bool adds, size_t n, const float *dy, float share, float *dx) {
  const v128_t s = wasm_f32x4_splat(share);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const v128_t v = wasm_f32x4_mul(wasm_v128_load(dy + i), s);
    wasm_v128_store(dx + i, adds ? wasm_f32x4_add(wasm_v128_load(dx + i), v) : v);
  }
  for (; i < n; i++) dx[i] = adds ? dx[i] + dy[i] * share : dy[i] * share;
}

/* Sums in double, 16 channels (a cache line) at a time: a float sum over many outputs loses digits. */
static void average_many(const grad *t, const xj_sources of[3], const float *dy, float *dx) {
  enum { BLOCK = 16 };
  const size_t channels = t->channels, w = (size_t)t->axes[2].output, h = (size_t)t->axes[1].output;
  for (size_t c = 0; c < channels; c += BLOCK) {
    const size_t n = channels - c < BLOCK ? channels - c : BLOCK;
    double sum[BLOCK] = {0};
    for (int32_t id = 0; id < of[0].count; id++)
      for (int32_t ih = 0; ih < of[1].count; ih++) {
        const size_t od = (size_t)(of[0].output + id * of[0].step), oh = (size_t)(of[1].output + ih * of[1].step);
        const float *from = dy + ((od * h + oh) * w + (size_t)of[2].output) * channels + c;
        for (int32_t iw = 0; iw < of[2].count; iw++, from += (size_t)of[2].step * channels)
          for (size_t i = 0; i < n; i++) sum[i] += (double)from[i];
      }
    for (size_t i = 0; i < n; i++) dx[c + i] = (float)(sum[i] * t->share);
  }
}

/* dx [channels] of a pixel. dy: of the image; of: the outputs that read the pixel. */
static void average_pixel(const grad *t, const xj_sources of[3], const float *dy, float *dx) {
  enum { FEW = 64 };
  const size_t channels = t->channels, w = (size_t)t->axes[2].output, h = (size_t)t->axes[1].output;
  const int64_t count = (int64_t)of[0].count * of[1].count * of[2].count;
  if (count == 0) memset(dx, 0, channels * sizeof *dx);
  if (count > FEW) {
    average_many(t, of, dy, dx);
    return;
  }
  for (int32_t i = 0; i < count; i++) {
    const size_t iw = (size_t)(i % of[2].count * of[2].step + of[2].output);
    const int32_t rest = i / of[2].count;
    const size_t ih = (size_t)(rest % of[1].count * of[1].step + of[1].output);
    const size_t id = (size_t)(rest / of[1].count * of[0].step + of[0].output);
    add_share(i > 0, channels, dy + ((id * h + ih) * w + iw) * channels, (float)t->share, dx);
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
    average_pixel(t, of, dy, dx);
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

/* The taps of an output inside its image. */
typedef struct {
  int32_t start[3], n[3], step[3]; /* of pixels */
} taps;

/* winners [4 * vectors], or fewer in the last of one vector. The first of equal maxima wins, with last_wins the last,
 * as in tfjs-backend-cpu's maxPoolPositions and maxPool3dPositions; NaN never does. x: of the image, from a channel on.
 */
static inline __attribute__((always_inline)) void find_some(const grad *t, const taps *of, bool last_wins,
                                                            size_t vectors, size_t n, const float *x,
                                                            int32_t *winners) {
  const int32_t height = t->axes[1].input, width = t->axes[2].input;
  v128_t most[4], winner[4];
  for (size_t v = 0; v < vectors; v++) most[v] = wasm_f32x4_splat(-INFINITY), winner[v] = wasm_i32x4_splat(-1);
  for (int32_t kd = 0; kd < of->n[0]; kd++)
    for (int32_t kh = 0; kh < of->n[1]; kh++) {
      const int32_t plane = of->start[0] + kd * of->step[0], row = of->start[1] + kh * of->step[1];
      int32_t at = (plane * height + row) * width + of->start[2];
      for (int32_t kw = 0; kw < of->n[2]; kw++, at += of->step[2]) {
        const float *pixel = x + (size_t)at * t->channels;
        const v128_t place = wasm_i32x4_splat(at);
        for (size_t v = 0; v < vectors; v++) {
          const v128_t value = n < 4 ? xj_load_tail4(pixel, n) : wasm_v128_load(pixel + 4 * v);
          const v128_t wins = last_wins ? wasm_f32x4_ge(value, most[v]) : wasm_f32x4_gt(value, most[v]);
          most[v] = wasm_v128_bitselect(value, most[v], wins);
          winner[v] = wasm_v128_bitselect(place, winner[v], wins);
        }
      }
    }
  if (n < 4)
    xj_store_tail4((float *)(void *)winners, n, winner[0]);
  else
    for (size_t v = 0; v < vectors; v++) wasm_v128_store(winners + 4 * v, winner[v]);
}

/* winners [channels] of output o. */
static void find_winners(const grad *t, const float *x, const int32_t o[3], int32_t *winners) {
  const size_t channels = t->channels;
  taps of;
  for (int32_t i = 0; i < 3; i++) {
    const xj_axis *axis = &t->axes[i];
    int32_t from, to;
    xj_axis_taps(axis, o[i], &from, &to);
    of.n[i] = to - from;
    of.step[i] = axis->dilation;
    of.start[i] = o[i] * axis->stride - axis->pad + from * axis->dilation;
  }
  size_t c = 0;
  for (; !t->last_wins && c + 16 <= channels; c += 16) find_some(t, &of, false, 4, 4, x + c, winners + c);
  for (; c < channels; c += 4) {
    const size_t n = channels - c < 4 ? channels - c : 4;
    if (t->last_wins)
      find_some(t, &of, true, 1, n, x + c, winners + c);
    else
      find_some(t, &of, false, 1, n, x + c, winners + c);
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
