/* The op layer_norm. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

enum { X = 0, GAMMA = 1, BETA = 2, STRETCH = 1024, ELEMENTS_PER_TASK = 16384 };

typedef struct {
  size_t rows, n;
  float epsilon;
  bool has_gamma, has_beta;
} layer_norm;

typedef struct {
  const layer_norm *norm;
  const float *x, *gamma, *beta;
  float *y;
} task;

/* gamma or beta: one for each element of a row. */
static xj_status check_factor(const xj_node_view *node, int32_t input, int32_t n_axes, const char *name) {
  const xj_type *x = &node->inputs[X], *factor = &node->inputs[input];
  if (!xj_present(node, input)) return XJ_OK;
  XJ_TRY(xj_float_check(node, input, name));
  if (xj_type_elements(factor) != xj_type_span(x, x->rank - n_axes, x->rank))
    return xj_fail(XJ_BAD_SHAPE, "%s has shape %s, for the last %d axes of x with shape %s", name, xj_type_text(factor),
                   n_axes, xj_type_text(x));
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const int32_t n_axes = ((const xj_layer_norm_attributes *)node->attributes)->n_axes;
  XJ_TRY(xj_float_check(node, X, "x"));
  if (n_axes < 1 || n_axes > node->inputs[X].rank)
    return xj_fail(XJ_BAD_SHAPE, "the last %d axes of x with shape %s", n_axes, xj_type_text(&node->inputs[X]));
  XJ_TRY(check_factor(node, GAMMA, n_axes, "gamma"));
  XJ_TRY(check_factor(node, BETA, n_axes, "beta"));
  *output = node->inputs[X];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_layer_norm_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  layer_norm *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const int32_t first = x->rank - a->n_axes;
  *state = (layer_norm){xj_type_span(x, 0, first), xj_type_span(x, first, x->rank), a->epsilon, xj_present(node, GAMMA),
                        xj_present(node, BETA)};
  return XJ_OK;
}

/* The sum of (x - centre)^2, or of x: in float32 over a stretch, in double over the stretches. */
INLINE double sum_of(size_t n, const float *x, float centre, bool squares) {
  const v128_t c = wasm_f32x4_splat(centre);
  double total = 0;
  for (size_t i = 0; i < n;) {
    const size_t end = n - i < STRETCH ? n : i + STRETCH;
    v128_t part[4];
    for (size_t k = 0; k < 4; k++) part[k] = wasm_f32x4_splat(0);
    for (; i + 16 <= end; i += 16)
      for (size_t k = 0; k < 4; k++) {
        const v128_t v = wasm_v128_load(x + i + 4 * k), d = wasm_f32x4_sub(v, c);
        part[k] = wasm_f32x4_add(part[k], squares ? wasm_f32x4_mul(d, d) : v);
      }
    for (; i < end; i++)
      total += squares ? ((double)x[i] - (double)centre) * ((double)x[i] - (double)centre) : (double)x[i];
    float lanes[4];
    wasm_v128_store(lanes, wasm_f32x4_add(wasm_f32x4_add(part[0], part[1]), wasm_f32x4_add(part[2], part[3])));
    total += ((double)lanes[0] + (double)lanes[1]) + ((double)lanes[2] + (double)lanes[3]);
  }
  return total;
}

/* y = (x - mean) * factor * gamma + beta */
INLINE void norm_row(size_t n, const float *x, float mean, float factor, const float *gamma, const float *beta,
                     bool has_gamma, bool has_beta, float *y) {
  const v128_t mean4 = wasm_f32x4_splat(mean), factor4 = wasm_f32x4_splat(factor);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    v128_t v = wasm_f32x4_mul(wasm_f32x4_sub(wasm_v128_load(x + i), mean4), factor4);
    if (has_gamma) v = wasm_f32x4_mul(v, wasm_v128_load(gamma + i));
    if (has_beta) v = wasm_f32x4_add(v, wasm_v128_load(beta + i));
    wasm_v128_store(y + i, v);
  }
  for (; i < n; i++) {
    float v = (x[i] - mean) * factor;
    if (has_gamma) v *= gamma[i];
    if (has_beta) v += beta[i];
    y[i] = v;
  }
}

static void norm_rows(task *t, size_t first, size_t n_rows) {
  const size_t n = t->norm->n;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * n;
    float *y = t->y + row * n;
    const float mean = (float)(sum_of(n, x, 0, false) / (double)n);
    const double variance = sum_of(n, x, mean, true) / (double)n;
    const float factor = (float)(1 / sqrt(variance + (double)t->norm->epsilon));
    if (t->gamma != NULL && t->beta != NULL)
      norm_row(n, x, mean, factor, t->gamma, t->beta, true, true, y);
    else
      norm_row(n, x, mean, factor, t->gamma, t->beta, t->gamma != NULL, t->beta != NULL, y);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const layer_norm *state = opaque;
  task t = {.norm = state, .x = run->inputs[X], .y = run->output};
  if (state->has_gamma) t.gamma = run->inputs[GAMMA];
  if (state->has_beta) t.beta = run->inputs[BETA];
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)norm_rows, &t, state->rows,
                                     1 + ELEMENTS_PER_TASK / state->n, 0);
  return XJ_OK;
}

const xj_kernel xj_layer_norm_kernel = {.infer = infer, .prepare = prepare, .run = run};
