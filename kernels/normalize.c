/* The ops l2_normalize, lrn and lrn_grad. */
#include <math.h>

#include "kernels/broadcast.h"
#include "kernels/layer.h"
#include "kernels/reduction.h"
#include "kernels/simd.h"
#include "src/heap.h"

enum { X = 0, ELEMENTS_PER_TASK = 16384 };

/* ---- l2_normalize ---- */

typedef struct {
  xj_reduction reduction;
  xj_walk walk;
  double epsilon;
} l2_normalize;

typedef struct {
  const xj_walk *walk;
  const float *x, *factors;
  float *y;
} l2_task;

static xj_status l2_normalize_infer(const xj_node_view *node, xj_type *output) {
  bool goes[XJ_MAX_RANK];
  XJ_TRY(xj_float_check(node, X, "x"));
  *output = node->inputs[X];
  return xj_reduced_axes(node, &((const xj_l2_normalize_attributes *)node->attributes)->axes, 1, goes);
}

static xj_status l2_normalize_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_l2_normalize_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  l2_normalize *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  bool goes[XJ_MAX_RANK];
  XJ_TRY(xj_reduced_axes(node, &a->axes, 1, goes));
  xj_reduction_make(x, goes, &state->reduction);
  xj_type factors = *x;
  for (int32_t i = 0; i < x->rank; i++)
    if (goes[i]) factors.dims[i] = 1;
  xj_walk_make(x, (const xj_type *const[XJ_OPERANDS]){x, &factors, NULL}, &state->walk);
  state->epsilon = (double)a->epsilon;
  prepare->scratch_bytes = xj_type_bytes(&factors);
  return XJ_OK;
}

static void scale_rows(l2_task *t, size_t first, size_t n_rows) {
  const xj_walk *walk = t->walk;
  const size_t n = walk->n, stride = walk->inner[1];
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * n, *factor = t->factors + xj_walk_offset(walk, 1, row);
    float *y = t->y + row * n;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
      const v128_t by = stride ? wasm_v128_load(factor + i) : wasm_v128_load32_splat(factor);
      wasm_v128_store(y + i, wasm_f32x4_mul(wasm_v128_load(x + i), by));
    }
    for (; i < n; i++) y[i] = x[i] * factor[i * stride];
  }
}

static xj_status l2_normalize_run(void *opaque, const xj_run *run) {
  const l2_normalize *state = opaque;
  l2_task t = {&state->walk, run->inputs[X], run->scratch, run->output};
  xj_reduce(&state->reduction, &xj_inverse_norm_float, state->epsilon, run->inputs[X], run->scratch, run->threads);
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)scale_rows, &t, state->walk.rows,
                                     1 + ELEMENTS_PER_TASK / state->walk.n, 0);
  return XJ_OK;
}

const xj_kernel xj_l2_normalize_kernel = {
    .infer = l2_normalize_infer, .prepare = l2_normalize_prepare, .run = l2_normalize_run};

/* ---- lrn ---- */

typedef struct {
  size_t rows, channels, radius;
  float bias, alpha, beta;
} lrn;

typedef struct {
  const lrn *lrn;
  const float *x;
  float *y;
} lrn_task;

static xj_status lrn_infer(const xj_node_view *node, xj_type *output) {
  const xj_lrn_attributes *a = node->attributes;
  XJ_TRY(xj_float_check(node, X, "x"));
  if (node->inputs[X].rank < 1) return xj_fail(XJ_BAD_SHAPE, "x has no dimension");
  if (a->radius < 0) return xj_fail(XJ_BAD_MODEL, "its radius is %d", a->radius);
  *output = node->inputs[X];
  return XJ_OK;
}

static xj_status lrn_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_lrn_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  lrn *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const size_t channels = (size_t)x->dims[x->rank - 1];
  *state = (lrn){xj_type_elements(x) / channels, channels, (size_t)a->radius, a->bias, a->alpha, a->beta};
  return XJ_OK;
}

/* x^-beta; models have 0.5 and 0.75. */
static inline float power(float x, float beta) {
  if (beta == 0.5f) return 1 / sqrtf(x);
  if (beta == 0.75f) return 1 / (sqrtf(x) * sqrtf(sqrtf(x)));
  return powf(x, -beta);
}

/* The neighbours of channel i: [*from, *to). */
static void lrn_neighbours(const lrn *l, size_t i, size_t *from, size_t *to) {
  *from = i < l->radius ? 0 : i - l->radius;
  *to = l->channels - i <= l->radius ? l->channels : i + l->radius + 1;
}

static void lrn_rows(lrn_task *t, size_t first, size_t n_rows) {
  const lrn *l = t->lrn;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * l->channels;
    float *y = t->y + row * l->channels;
    for (size_t i = 0; i < l->channels; i++) {
      size_t from, to;
      lrn_neighbours(l, i, &from, &to);
      float sum = 0;
      for (size_t k = from; k < to; k++) sum += x[k] * x[k];
      y[i] = x[i] * power(l->bias + l->alpha * sum, l->beta);
    }
  }
}

static xj_status lrn_run(void *opaque, const xj_run *run) {
  const lrn *state = opaque;
  lrn_task t = {state, run->inputs[X], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)lrn_rows, &t, state->rows,
                                     1 + ELEMENTS_PER_TASK / 16 / state->channels, 0);
  return XJ_OK;
}

const xj_kernel xj_lrn_kernel = {.infer = lrn_infer, .prepare = lrn_prepare, .run = lrn_run};

/* ---- lrn_grad ---- */

/* With n[i] = bias + alpha * Σ x², y[i] = x[i] * n[i]^-beta: dx[k] = dy[k] * n[k]^-beta - 2 * alpha * beta * x[k] *
 * Σ dy[i] * y[i] / n[i], both sums over the neighbours. */

enum { Y_OF_LRN = 1, DY_OF_LRN = 2, LRN_PER_TASK = ELEMENTS_PER_TASK / 16 };

typedef struct {
  lrn lrn;
  size_t rows_per_task, thread_floats; /* scratch of a thread: dy * y / n of a row */
} lrn_grad;

typedef struct {
  const lrn_grad *t;
  const float *x, *y, *dy;
  float *dx, *scratch;
} lrn_grad_task;

static xj_status lrn_grad_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X], *y = &node->inputs[Y_OF_LRN], *dy = &node->inputs[DY_OF_LRN];
  XJ_TRY(lrn_infer(node, output));
  XJ_TRY(xj_float_check(node, Y_OF_LRN, "y"));
  XJ_TRY(xj_float_check(node, DY_OF_LRN, "dy"));
  if (xj_type_equal(x, y) && xj_type_equal(x, dy)) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "x has shape %s, y %s, dy %s", xj_type_text(x), xj_type_text(y), xj_type_text(dy));
}

static xj_status lrn_grad_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_lrn_grad_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  lrn_grad *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  const size_t channels = (size_t)x->dims[x->rank - 1];
  t->lrn = (lrn){xj_type_elements(x) / channels, channels, (size_t)a->radius, a->bias, a->alpha, a->beta};
  t->rows_per_task = 1 + LRN_PER_TASK / channels;
  t->thread_floats = (channels + 15) / 16 * 16;
  prepare->scratch_bytes = xj_scratch_bytes(prepare->n_threads * (uint64_t)t->thread_floats * sizeof(float));
  return XJ_OK;
}

static void lrn_grad_row(const lrn *l, const float *x, const float *y, const float *dy, float *quotients, float *dx) {
  size_t from, to;
  for (size_t i = 0; i < l->channels; i++) {
    float sum = 0;
    lrn_neighbours(l, i, &from, &to);
    for (size_t k = from; k < to; k++) sum += x[k] * x[k];
    const float norm = l->bias + l->alpha * sum;
    dx[i] = dy[i] * power(norm, l->beta);
    quotients[i] = dy[i] * y[i] / norm;
  }
  for (size_t i = 0; i < l->channels; i++) {
    float sum = 0;
    lrn_neighbours(l, i, &from, &to);
    for (size_t k = from; k < to; k++) sum += quotients[k];
    dx[i] -= 2 * l->alpha * l->beta * x[i] * sum;
  }
}

static void lrn_grad_rows(lrn_grad_task *t, size_t thread, size_t index) {
  const lrn *l = &t->t->lrn;
  const size_t end = (index + 1) * t->t->rows_per_task;
  for (size_t row = index * t->t->rows_per_task; row < end && row < l->rows; row++) {
    const size_t at = row * l->channels;
    lrn_grad_row(l, t->x + at, t->y + at, t->dy + at, t->scratch + thread * t->t->thread_floats, t->dx + at);
  }
}

static xj_status lrn_grad_run(void *opaque, const xj_run *run) {
  const lrn_grad *state = opaque;
  lrn_grad_task t = {state, run->inputs[X], run->inputs[Y_OF_LRN], run->inputs[DY_OF_LRN], run->output, run->scratch};
  const size_t n_tasks = (state->lrn.rows + state->rows_per_task - 1) / state->rows_per_task;
  pthreadpool_parallelize_1d_with_thread(run->threads, (pthreadpool_task_1d_with_thread_t)lrn_grad_rows, &t, n_tasks,
                                         0);
  return XJ_OK;
}

static double lrn_grad_flops(const xj_node_view *node) {
  const double radius = (double)((const xj_lrn_grad_attributes *)node->attributes)->radius;
  const xj_type *x = &node->inputs[X];
  const double channels = (double)x->dims[x->rank - 1], neighbours = radius < channels / 2 ? 2 * radius + 1 : channels;
  return (double)xj_type_elements(x) * (10 + 3 * neighbours);
}

const xj_kernel xj_lrn_grad_kernel = {
    .infer = lrn_grad_infer, .prepare = lrn_grad_prepare, .run = lrn_grad_run, .flops = lrn_grad_flops};
