/* The op mul_add: a * b + c with broadcasting and an activation. What is left of batch normalisation where no layer
 * takes it, and of MobileBERT's NoNorm. */
#include "kernels/activate.h"
#include "kernels/broadcast.h"
#include "kernels/layer.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

enum { A = 0, B = 1, C = 2, SLOPE = 3, STRETCH = 1024 /* floats that stay in the nearest cache */ };

typedef struct {
  xj_walk walk;
  xj_activate activate;
  size_t rows_per_task;
} mul_add;

typedef struct {
  const mul_add *op;
  const float *operands[XJ_OPERANDS];
  float *y;
} task;

INLINE v128_t load(const float *p, size_t i, size_t stride) {
  return stride ? wasm_v128_load(p + i) : wasm_v128_load32_splat(p);
}

INLINE void compute(size_t n, const float *const *p, size_t a, size_t b, size_t c, float *y) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(y + i, XJ_MADD(load(p[A], i, a), load(p[B], i, b), load(p[C], i, c)));
  for (; i < n; i++) y[i] = p[A][i * a] * p[B][i * b] + p[C][i * c];
}

/* Strides are 0 or 1; those of scale and shift by channel, and of one factor and one term, are known to the compiler.
 */
static void compute_stretch(size_t n, const float *const *p, const size_t *stride, float *y) {
  if (stride[A] && stride[B] && stride[C])
    compute(n, p, 1, 1, 1, y);
  else if (stride[A] && !stride[B] && !stride[C])
    compute(n, p, 1, 0, 0, y);
  else
    compute(n, p, stride[A], stride[B], stride[C], y);
}

static void compute_rows(task *t, size_t first, size_t n_rows) {
  const mul_add *op = t->op;
  const xj_walk *walk = &op->walk;
  for (size_t row = first; row < first + n_rows; row++)
    for (size_t i = 0; i < walk->n; i += STRETCH) {
      const size_t n = walk->n - i < STRETCH ? walk->n - i : STRETCH;
      const float *p[XJ_OPERANDS];
      for (int32_t k = 0; k < XJ_OPERANDS; k++)
        p[k] = t->operands[k] == NULL ? NULL : t->operands[k] + xj_walk_offset(walk, k, row) + i * walk->inner[k];
      float *y = t->y + row * walk->n + i;
      compute_stretch(n, p, walk->inner, y);
      /* a slope for each element is a row of n channels; one slope serves them all */
      xj_activate_stretch(&op->activate, p[SLOPE], 1, n, y, y);
    }
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, A, "a"));
  XJ_TRY(xj_float_check(node, B, "b"));
  XJ_TRY(xj_float_check(node, C, "c"));
  output->dtype = XJ_FLOAT32;
  XJ_TRY(xj_broadcast_three(node, A, B, C, output));
  int32_t channels = output->rank == 0 ? 1 : output->dims[output->rank - 1];
  return xj_activation_check(node, (const xj_activation *)node->attributes, SLOPE, channels);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  mul_add *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *operands[XJ_OPERANDS] = {&node->inputs[A], &node->inputs[B], &node->inputs[C],
                                          xj_present(node, SLOPE) ? &node->inputs[SLOPE] : NULL};
  xj_walk_make(node->output, operands, &state->walk);
  state->activate = xj_activate_make(node, (const xj_activation *)node->attributes, SLOPE);
  state->activate.one_slope = state->walk.inner[SLOPE] == 0;
  state->rows_per_task = (state->walk.rows + prepare->n_threads * 2 - 1) / (prepare->n_threads * 2);
  return XJ_OK;
}

static xj_status run(void *state, const xj_run *run) {
  const mul_add *op = state;
  task t = {op, {run->inputs[A], run->inputs[B], run->inputs[C], NULL}, run->output};
  if (op->activate.kind == XJ_ACTIVATION_PRELU) t.operands[SLOPE] = run->inputs[SLOPE];
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute_rows, &t, op->walk.rows,
                                     op->rows_per_task, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) { return 2.0 * (double)xj_type_elements(node->output); }

const xj_kernel xj_mul_add_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
