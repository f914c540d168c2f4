/* The ops dilation2d_grad_input and dilation2d_grad_filter: x [N,H,W,C], filter [KH,KW,C], dy → like x, like filter.
 * What the first of equal maxima of x + filter was is what gets dy, as in TensorFlow. */
#include <string.h>

#include "kernels/dilation2d.h"
#include "kernels/layer.h"
#include "kernels/winners.h"
#include "src/heap.h"

enum { X = 0, FILTER = 1, DY = 2, BLOCK = 16 };

typedef struct {
  xj_axis axes[3];
  size_t batch, channels, n_outputs; /* outputs: of an image */
  bool to_filter;
} grad;

typedef struct {
  const grad *t;
  const float *x, *filter, *dy;
  int32_t *winners; /* [batch,outputs,channels]: the pixel of its image, or the tap */
  double *sums;     /* [taps,channels] */
  float *y;
} job;

static xj_status axes_of(const xj_node_view *node, xj_axis axes[3]) {
  return xj_gradient_axes(2, &node->inputs[X], node->inputs[FILTER].dims, node->attributes, axes);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X], *filter = &node->inputs[FILTER];
  XJ_TRY(xj_dilation2d_check(node));
  xj_axis axes[3];
  XJ_TRY(axes_of(node, axes));
  *output = node->op == XJ_OP_dilation2d_grad_filter ? *filter : *x;
  return xj_gradient_check(node, DY, x, axes, x->dims[3]);
}

/* In 64 bits, rounded to a cache line. */
static uint64_t sums_bytes(const grad *t) {
  const uint64_t taps = (uint64_t)t->axes[1].kernel * (uint64_t)t->axes[2].kernel;
  return t->to_filter ? (taps * t->channels * sizeof(double) + 63) / 64 * 64 : 0;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  grad *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(axes_of(node, t->axes));
  t->batch = xj_type_elements(&node->inputs[X]) == 0 ? 0 : (size_t)node->inputs[X].dims[0];
  t->channels = (size_t)node->inputs[X].dims[3];
  t->n_outputs = xj_gradient_outputs(t->axes);
  t->to_filter = node->op == XJ_OP_dilation2d_grad_filter;
  prepare->scratch_bytes = xj_scratch_bytes(sums_bytes(t) + xj_type_bytes(&node->inputs[DY]));
  return XJ_OK;
}

/* Sums are exact here, as TensorFlow.js has them: those that float32 could not tell apart have an order. */
static int32_t find_winner(const job *j, const float *x, int32_t oy, int32_t ox, size_t c) {
  const xj_axis *h = &j->t->axes[1], *w = &j->t->axes[2];
  const size_t channels = j->t->channels;
  int32_t y_from, y_to, x_from, x_to;
  xj_axis_taps(h, oy, &y_from, &y_to);
  xj_axis_taps(w, ox, &x_from, &x_to);
  if (y_from == y_to || x_from == x_to) return j->t->to_filter ? 0 : -1;
  double most = -0x1p53; /* where nothing is larger, the first tap gets dy */
  int32_t best_y = j->t->to_filter ? 0 : y_from, best_x = j->t->to_filter ? 0 : x_from;
  for (int32_t ky = y_from; ky < y_to; ky++)
    for (int32_t kx = x_from; kx < x_to; kx++) {
      const size_t row = (size_t)(oy * h->stride - h->pad + ky * h->dilation);
      const size_t column = (size_t)(ox * w->stride - w->pad + kx * w->dilation);
      const double sum = (double)x[(row * (size_t)w->input + column) * channels] +
                         (double)j->filter[((size_t)ky * (size_t)w->kernel + (size_t)kx) * channels + c];
      if (!(sum > most)) continue;
      most = sum;
      best_y = ky;
      best_x = kx;
    }
  if (j->t->to_filter) return best_y * w->kernel + best_x;
  return (oy * h->stride - h->pad + best_y * h->dilation) * w->input + ox * w->stride - w->pad + best_x * w->dilation;
}

/* A row of outputs. */
static void find_row(job *j, size_t index) {
  const grad *t = j->t;
  const size_t out_h = (size_t)t->axes[1].output;
  const float *x = j->x + index / out_h * xj_gradient_pixels(t->axes) * t->channels;
  int32_t *winner = j->winners + index * (size_t)t->axes[2].output * t->channels;
  for (int32_t ox = 0; ox < t->axes[2].output; ox++)
    for (size_t c = 0; c < t->channels; c++) *winner++ = find_winner(j, x + c, (int32_t)(index % out_h), ox, c);
}

/* A few channels of the filter's gradient. */
static void add_channels(job *j, size_t first, size_t n) {
  const grad *t = j->t;
  const size_t taps = (size_t)t->axes[1].kernel * (size_t)t->axes[2].kernel;
  for (size_t tap = 0; tap < taps; tap++) memset(j->sums + tap * t->channels + first, 0, n * sizeof *j->sums);
  for (size_t o = 0; o < t->batch * t->n_outputs; o++)
    for (size_t c = first; c < first + n; c++)
      j->sums[(size_t)j->winners[o * t->channels + c] * t->channels + c] += (double)j->dy[o * t->channels + c];
  for (size_t tap = 0; tap < taps; tap++)
    for (size_t c = first; c < first + n; c++) j->y[tap * t->channels + c] = (float)j->sums[tap * t->channels + c];
}

static xj_status run(void *state, const xj_run *run) {
  const grad *t = state;
  char *scratch = run->scratch;
  job j = {t, run->inputs[X], run->inputs[FILTER], run->inputs[DY], NULL, NULL, run->output};
  j.sums = (double *)(void *)scratch;
  j.winners = (int32_t *)(void *)(scratch + (size_t)sums_bytes(t));
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)find_row, &j, t->batch * (size_t)t->axes[1].output,
                             0);
  if (t->to_filter)
    pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)add_channels, &j, t->channels,
                                       BLOCK, 0);
  else
    xj_winners_gather(t->axes, t->batch, t->channels, j.winners, j.dy, j.y, run->threads);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const int32_t *filter = node->inputs[FILTER].dims;
  return 2.0 * (double)xj_type_elements(&node->inputs[DY]) * filter[0] * filter[1];
}

const xj_kernel xj_dilation2d_grad_input_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
const xj_kernel xj_dilation2d_grad_filter_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
