/* The elementwise ops of two operands, with broadcasting and an activation. */
#include "kernels/activate.h"
#include "kernels/broadcast.h"
#include "kernels/layer.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

enum { A = 0, B = 1, SLOPE = 2 };

typedef v128_t binary4(v128_t a, v128_t b);
typedef float binary1(float a, float b);

typedef struct task task;
typedef void rows(task *t, size_t first, size_t n_rows);

typedef struct {
  xj_walk walk;
  xj_activate activate;
  rows *compute;
  size_t rows_per_task;
} binary;

struct task {
  const binary *binary;
  const float *operands[XJ_OPERANDS];
  float *y;
};

INLINE v128_t load(const float *p, size_t i, size_t stride) {
  return stride ? wasm_v128_load(p + i) : wasm_v128_load32_splat(p);
}

/* One row of n elements; strides are 0 or 1, known where this is expanded. */
INLINE void compute_row(const binary *op, const float *const *p, size_t a_stride, size_t b_stride, float *y,
                        binary4 *f4, binary1 *f1, int32_t kind) {
  const xj_activate *activate = &op->activate;
  const size_t n = op->walk.n, slope_stride = op->walk.inner[SLOPE];
  const v128_t min = wasm_f32x4_splat(activate->min), max = wasm_f32x4_splat(activate->max);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    v128_t v = f4(load(p[A], i, a_stride), load(p[B], i, b_stride));
    if (kind == XJ_ACTIVATION_CLAMP) v = xj_clamp4(v, min, max);
    if (kind == XJ_ACTIVATION_PRELU) v = xj_prelu4(v, load(p[SLOPE], i, slope_stride));
    wasm_v128_store(y + i, v);
  }
  for (; i < n; i++) {
    float v = f1(p[A][i * a_stride], p[B][i * b_stride]);
    if (kind == XJ_ACTIVATION_CLAMP) v = xj_clamp1(v, activate->min, activate->max);
    if (kind == XJ_ACTIVATION_PRELU) v = xj_prelu1(v, p[SLOPE][i * slope_stride]);
    y[i] = v;
  }
}

INLINE void compute_rows_of_kind(task *t, size_t first, size_t n_rows, binary4 *f4, binary1 *f1, int32_t kind) {
  const binary *op = t->binary;
  const size_t a_stride = op->walk.inner[A], b_stride = op->walk.inner[B];
  for (size_t row = first; row < first + n_rows; row++) {
    const float *p[XJ_OPERANDS];
    for (int32_t k = 0; k < XJ_OPERANDS; k++)
      p[k] = t->operands[k] == NULL ? NULL : t->operands[k] + xj_walk_offset(&op->walk, k, row);
    float *y = t->y + row * op->walk.n;
    if (a_stride && b_stride)
      compute_row(op, p, 1, 1, y, f4, f1, kind);
    else if (a_stride)
      compute_row(op, p, 1, 0, y, f4, f1, kind);
    else if (b_stride)
      compute_row(op, p, 0, 1, y, f4, f1, kind);
    else
      compute_row(op, p, 0, 0, y, f4, f1, kind);
  }
}

INLINE void compute_rows(task *t, size_t first, size_t n_rows, binary4 *f4, binary1 *f1) {
  int32_t kind = t->binary->activate.kind;
  if (kind == XJ_ACTIVATION_NONE)
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_NONE);
  else if (kind == XJ_ACTIVATION_CLAMP)
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_CLAMP);
  else
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_PRELU);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, A, "a"));
  XJ_TRY(xj_float_check(node, B, "b"));
  output->dtype = XJ_FLOAT32;
  XJ_TRY(xj_broadcast(&node->inputs[A], &node->inputs[B], output));
  int32_t channels = output->rank == 0 ? 1 : output->dims[output->rank - 1];
  return xj_activation_check(node, (const xj_activation *)node->attributes, SLOPE, channels);
}

static xj_status prepare_binary(const xj_node_view *node, xj_prepare *prepare, rows *compute) {
  binary *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *operands[XJ_OPERANDS] = {&node->inputs[A], &node->inputs[B],
                                          xj_present(node, SLOPE) ? &node->inputs[SLOPE] : NULL};
  xj_walk_make(node->output, operands, &state->walk);
  state->activate = xj_activate_make(node, (const xj_activation *)node->attributes, SLOPE);
  state->compute = compute;
  state->rows_per_task = (state->walk.rows + prepare->n_threads * 2 - 1) / (prepare->n_threads * 2);
  return XJ_OK;
}

static xj_status run(void *state, const xj_run *run) {
  const binary *op = state;
  task t = {op, {run->inputs[A], run->inputs[B], NULL}, run->output};
  if (op->activate.kind == XJ_ACTIVATION_PRELU) t.operands[SLOPE] = run->inputs[SLOPE];
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)op->compute, &t, op->walk.rows,
                                     op->rows_per_task, 0);
  return XJ_OK;
}

#define BINARY(op, vector, scalar)                                                                                     \
  INLINE v128_t op##_4(v128_t a, v128_t b) { return vector; }                                                          \
  INLINE float op##_1(float a, float b) { return scalar; }                                                             \
  static void op##_rows(task *t, size_t first, size_t n) { compute_rows(t, first, n, op##_4, op##_1); }                \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_binary(node, prepare, op##_rows);                                                                   \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer, .prepare = op##_prepare, .run = run};

BINARY(add, wasm_f32x4_add(a, b), a + b)
BINARY(sub, wasm_f32x4_sub(a, b), a - b)
BINARY(mul, wasm_f32x4_mul(a, b), a *b)
BINARY(div, wasm_f32x4_div(a, b), a / b)
/* NaN in either operand is NaN in the result, and +0 is more than -0, in vectors and their tails alike. */
#define FIRST_LANE(f4, a, b) wasm_f32x4_extract_lane(f4(wasm_f32x4_splat(a), wasm_f32x4_splat(b)), 0)
BINARY(maximum, wasm_f32x4_max(a, b), FIRST_LANE(wasm_f32x4_max, a, b))
BINARY(minimum, wasm_f32x4_min(a, b), FIRST_LANE(wasm_f32x4_min, a, b))
INLINE v128_t square4(v128_t x) { return wasm_f32x4_mul(x, x); }
BINARY(squared_difference, square4(wasm_f32x4_sub(a, b)), (a - b) * (a - b))
