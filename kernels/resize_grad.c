/* The ops resize_bilinear_grad and resize_nearest_grad: dy [N,OH,OW,C] → [N,in_h,in_w,C]. Each pixel gathers from the
 * outputs that read it. Coordinates in double, as TensorFlow.js computes them. */
#include <math.h>
#include <string.h>

#include "kernels/gradient.h"
#include "kernels/layer.h"
#include "kernels/simd.h"
#include "src/heap.h"

/* One axis: output o reads at o * scale. */
typedef struct {
  int32_t in, out;
  double scale;
  bool is_bilinear, rounds;
} axis;

typedef struct {
  axis h, w;
  size_t rows, channels; /* rows: of the result */
} grad;

typedef struct {
  const grad *t;
  const float *dy;
  float *dx;
} job;

_Static_assert(sizeof(xj_resize_bilinear_grad_attributes) == sizeof(xj_resize_nearest_grad_attributes),
               "both are alike");

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_resize_bilinear_grad_attributes *a = node->attributes;
  const xj_type *dy = &node->inputs[0];
  XJ_TRY(xj_float_check(node, 0, "dy"));
  XJ_TRY(xj_gradient_input(node, 0, 2, &a->in_h, dy->rank == 4 ? dy->dims[3] : 0, output));
  if (output->dims[1] >= 1 && output->dims[2] >= 1 && dy->dims[1] >= 1 && dy->dims[2] >= 1) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "dy has shape %s, of x with shape %s", xj_type_text(dy), xj_type_text(output));
}

static axis axis_of(const xj_node_view *node, int32_t i) {
  const xj_resize_bilinear_grad_attributes *a = node->attributes;
  const int32_t in = node->output->dims[i], out = node->inputs[0].dims[i];
  const bool aligns = a->align_corners != 0, is_bilinear = node->op == XJ_OP_resize_bilinear_grad;
  const double scale = aligns && out > 1 ? (double)(in - 1) / (double)(out - 1) : (double)in / (double)out;
  return (axis){in, out, scale, is_bilinear, aligns && !is_bilinear};
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  grad *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  *t = (grad){axis_of(node, 1), axis_of(node, 2), xj_type_span(node->output, 0, 2), (size_t)node->output->dims[3]};
  return XJ_OK;
}

/* The first input that output o reads; it never goes down as o goes up. */
static int32_t low_of(const axis *a, int32_t o) {
  const double at = floor(o * a->scale + (a->rounds ? 0.5 : 0));
  return at < a->in - 1 ? (int32_t)at : a->in - 1;
}

/* How much of output o is input i. */
static double share_of(const axis *a, int32_t o, int32_t i) {
  const int32_t low = low_of(a, o);
  if (!a->is_bilinear) return low == i;
  const double fraction = o * a->scale - low;
  const int32_t high = fraction > 0 && low < a->in - 1 ? low + 1 : low;
  return (low == i ? 1 - fraction : 0) + (high == i ? fraction : 0);
}

/* From where outputs can read input i: the first that reads it or the input before. */
static int32_t first_of(const axis *a, int32_t i) {
  int32_t from = 0, to = a->out;
  while (from < to) {
    const int32_t middle = from + (to - from) / 2;
    if (low_of(a, middle) < i - 1)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

/* dx [n] += dy [n] * share */
static void add_share(size_t n, const float *dy, float share, float *dx) {
  const v128_t s = wasm_f32x4_splat(share);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(dx + i, XJ_MADD(wasm_v128_load(dy + i), s, wasm_v128_load(dx + i)));
  for (; i < n; i++) dx[i] += dy[i] * share;
}

/* What a row of dy, by its share, gives a row of the result. */
static void add_row(const grad *t, const float *dy, double row_share, float *dx) {
  int32_t first = 0;
  for (int32_t i = 0; i < t->w.in; i++, dx += t->channels) {
    while (first < t->w.out && low_of(&t->w, first) < i - 1) first++;
    for (int32_t o = first; o < t->w.out && low_of(&t->w, o) <= i; o++) {
      const float share = (float)(row_share * share_of(&t->w, o, i));
      if (share != 0) add_share(t->channels, dy + (size_t)o * t->channels, share, dx);
    }
  }
}

/* A row of the result. */
static void gather_row(job *j, size_t index) {
  const grad *t = j->t;
  const size_t in_h = (size_t)t->h.in, line = (size_t)t->w.out * t->channels;
  const int32_t i = (int32_t)(index % in_h);
  const float *dy = j->dy + index / in_h * (size_t)t->h.out * line;
  float *dx = j->dx + index * (size_t)t->w.in * t->channels;
  memset(dx, 0, (size_t)t->w.in * t->channels * sizeof *dx);
  for (int32_t o = first_of(&t->h, i); o < t->h.out && low_of(&t->h, o) <= i; o++) {
    const double share = share_of(&t->h, o, i);
    if (share != 0) add_row(t, dy + (size_t)o * line, share, dx);
  }
}

static xj_status run(void *state, const xj_run *run) {
  job j = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)gather_row, &j, j.t->rows, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const xj_type *x = node->output;
  return 8.0 * (double)xj_type_elements(&node->inputs[0]) + 4.0 * (double)xj_type_elements(x);
}

const xj_kernel xj_resize_bilinear_grad_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
const xj_kernel xj_resize_nearest_grad_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
