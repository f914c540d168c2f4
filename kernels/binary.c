/* The elementwise ops of two operands, with broadcasting and an activation: float32 by SIMD, int32 by plain loops. */
#include <math.h>

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
  int32_t b; /* B, or A where an operand is combined with itself */
} binary;

struct task {
  const binary *binary;
  const void *operands[XJ_OPERANDS];
  void *y;
};

INLINE v128_t load(const float *p, size_t i, size_t stride) {
  return stride ? wasm_v128_load(p + i) : wasm_v128_load32_splat(p);
}

/* One row of n elements; strides are 0 or 1, known where this is expanded. */
INLINE void compute_row(const binary *op, size_t n, const float *const *p, size_t a_stride, size_t b_stride, float *y,
                        binary4 *f4, binary1 *f1, int32_t kind) {
  const xj_activate *activate = &op->activate;
  const size_t slope_stride = op->walk.inner[SLOPE];
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

/* A function of its own follows while the sums are in the nearest cache. */
INLINE void compute_row_in_stretches(const binary *op, const float *const *p, float *y, binary4 *f4, binary1 *f1) {
  enum { STRETCH = 1024 };
  const size_t a_stride = op->walk.inner[A], b_stride = op->walk.inner[B];
  for (size_t i = 0; i < op->walk.n; i += STRETCH) {
    const size_t n = op->walk.n - i < STRETCH ? op->walk.n - i : STRETCH;
    const float *const q[XJ_OPERANDS] = {p[A] + i * a_stride, p[B] + i * b_stride};
    compute_row(op, n, q, a_stride, b_stride, y + i, f4, f1, XJ_ACTIVATION_NONE);
    op->activate.stretch(op->activate.min, op->activate.max, n, y + i, y + i);
  }
}

INLINE void compute_rows_of_kind(task *t, size_t first, size_t n_rows, binary4 *f4, binary1 *f1, int32_t kind) {
  const binary *op = t->binary;
  const size_t a_stride = op->walk.inner[A], b_stride = op->walk.inner[B];
  for (size_t row = first; row < first + n_rows; row++) {
    const float *p[XJ_OPERANDS];
    for (int32_t k = 0; k < XJ_OPERANDS; k++)
      p[k] = t->operands[k] == NULL ? NULL : (const float *)t->operands[k] + xj_walk_offset(&op->walk, k, row);
    float *y = (float *)t->y + row * op->walk.n;
    if (kind == XJ_ACTIVATION_UNARY) {
      compute_row_in_stretches(op, p, y, f4, f1);
    } else if (a_stride && b_stride)
      compute_row(op, op->walk.n, p, 1, 1, y, f4, f1, kind);
    else if (a_stride)
      compute_row(op, op->walk.n, p, 1, 0, y, f4, f1, kind);
    else if (b_stride)
      compute_row(op, op->walk.n, p, 0, 1, y, f4, f1, kind);
    else
      compute_row(op, op->walk.n, p, 0, 0, y, f4, f1, kind);
  }
}

INLINE void compute_rows(task *t, size_t first, size_t n_rows, binary4 *f4, binary1 *f1) {
  int32_t kind = t->binary->activate.kind;
  if (kind == XJ_ACTIVATION_NONE)
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_NONE);
  else if (kind == XJ_ACTIVATION_CLAMP)
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_CLAMP);
  else if (kind == XJ_ACTIVATION_UNARY)
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_UNARY);
  else
    compute_rows_of_kind(t, first, n_rows, f4, f1, XJ_ACTIVATION_PRELU);
}

/* Functions of the C library: one by one. */
INLINE void compute_scalar_rows(task *t, size_t first, size_t n_rows, binary1 *f) {
  const binary *op = t->binary;
  const xj_walk *walk = &op->walk;
  const xj_activate *activate = &op->activate;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *a = (const float *)t->operands[A] + xj_walk_offset(walk, A, row);
    const float *b = (const float *)t->operands[B] + xj_walk_offset(walk, B, row);
    const float *slope = t->operands[SLOPE];
    if (slope != NULL) slope += xj_walk_offset(walk, SLOPE, row);
    float *y = (float *)t->y + row * walk->n;
    for (size_t i = 0; i < walk->n; i++) {
      float v = f(a[i * walk->inner[A]], b[i * walk->inner[B]]);
      if (activate->kind == XJ_ACTIVATION_CLAMP) v = xj_clamp1(v, activate->min, activate->max);
      if (activate->kind == XJ_ACTIVATION_PRELU) v = xj_prelu1(v, slope[i * walk->inner[SLOPE]]);
      y[i] = v;
    }
  }
}

/* int32: no activation, and overflow wraps. */
typedef int32_t binary_int(int32_t a, int32_t b);

INLINE void compute_int_rows(task *t, size_t first, size_t n_rows, binary_int *f) {
  const xj_walk *walk = &t->binary->walk;
  for (size_t row = first; row < first + n_rows; row++) {
    const int32_t *a = (const int32_t *)t->operands[A] + xj_walk_offset(walk, A, row);
    const int32_t *b = (const int32_t *)t->operands[B] + xj_walk_offset(walk, B, row);
    int32_t *y = (int32_t *)t->y + row * walk->n;
    for (size_t i = 0; i < walk->n; i++) y[i] = f(a[i * walk->inner[A]], b[i * walk->inner[B]]);
  }
}

static xj_status infer_shape(const xj_node_view *node, xj_type *output) {
  output->dtype = node->inputs[A].dtype;
  XJ_TRY(xj_broadcast_inputs(node, A, B, output));
  int32_t channels = output->rank == 0 ? 1 : output->dims[output->rank - 1];
  return xj_activation_check(node, (const xj_activation *)node->attributes, SLOPE, channels);
}

static xj_status infer_float(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, A, "a"));
  XJ_TRY(xj_float_check(node, B, "b"));
  return infer_shape(node, output);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  if (node->inputs[A].dtype != XJ_INT32) return infer_float(node, output);
  if (node->inputs[B].dtype != XJ_INT32)
    return xj_fail(XJ_BAD_SHAPE, "a is int32 and b %s", xj_dtype_name(node->inputs[B].dtype));
  if (((const xj_activation *)node->attributes)->kind != XJ_ACTIVATION_NONE)
    return xj_fail(XJ_UNSUPPORTED, "an activation of int32");
  return infer_shape(node, output);
}

static xj_status prepare_walk(const xj_node_view *node, xj_prepare *prepare, int32_t b, rows *compute) {
  binary *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *operands[XJ_OPERANDS] = {&node->inputs[A], &node->inputs[b],
                                          xj_present(node, SLOPE) ? &node->inputs[SLOPE] : NULL};
  xj_walk_make(node->output, operands, &state->walk);
  state->activate = xj_activate_make(node, (const xj_activation *)node->attributes, SLOPE);
  state->compute = compute;
  state->b = b;
  state->rows_per_task = (state->walk.rows + prepare->n_threads * 2 - 1) / (prepare->n_threads * 2);
  return XJ_OK;
}

static xj_status prepare_binary(const xj_node_view *node, xj_prepare *prepare, rows *compute, rows *compute_int) {
  return prepare_walk(node, prepare, B, node->output->dtype == XJ_INT32 ? compute_int : compute);
}

static xj_status run(void *state, const xj_run *run) {
  const binary *op = state;
  task t = {op, {run->inputs[A], run->inputs[op->b], NULL}, run->output};
  if (op->activate.kind == XJ_ACTIVATION_PRELU) t.operands[SLOPE] = run->inputs[SLOPE];
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)op->compute, &t, op->walk.rows,
                                     op->rows_per_task, 0);
  return XJ_OK;
}

#define BINARY_FLOAT(op, vector, scalar)                                                                               \
  INLINE v128_t op##_4(v128_t a, v128_t b) { return vector; }                                                          \
  INLINE float op##_1(float a, float b) { return scalar; }                                                             \
  static void op##_rows(task *t, size_t first, size_t n) { compute_rows(t, first, n, op##_4, op##_1); }

#define BINARY_SCALAR(op, scalar)                                                                                      \
  INLINE float op##_1(float a, float b) { return scalar; }                                                             \
  static void op##_rows(task *t, size_t first, size_t n) { compute_scalar_rows(t, first, n, op##_1); }

/* The kernel of a function of float32, defined before, and of one of int32. */
#define KERNEL(op, integer)                                                                                            \
  INLINE int32_t op##_int(int32_t a, int32_t b) { return integer; }                                                    \
  static void op##_int_rows(task *t, size_t first, size_t n) { compute_int_rows(t, first, n, op##_int); }              \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_binary(node, prepare, op##_rows, op##_int_rows);                                                    \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer, .prepare = op##_prepare, .run = run};

#define KERNEL_FLOAT(op)                                                                                               \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_binary(node, prepare, op##_rows, NULL);                                                             \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer_float, .prepare = op##_prepare, .run = run};

#define BINARY(op, vector, scalar, integer)                                                                            \
  BINARY_FLOAT(op, vector, scalar)                                                                                     \
  KERNEL(op, integer)

INLINE v128_t square4(v128_t x) { return wasm_f32x4_mul(x, x); }
INLINE int32_t wrap_sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
INLINE int32_t wrap_mul(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }

INLINE int32_t floor_div_of(int32_t a, int32_t b) {
  if (b == 0) return 0;
  if (b == -1) return wrap_sub(0, a);
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

BINARY(add, wasm_f32x4_add(a, b), a + b, (int32_t)((uint32_t)a + (uint32_t)b))
BINARY(sub, wasm_f32x4_sub(a, b), a - b, wrap_sub(a, b))
BINARY(mul, wasm_f32x4_mul(a, b), a *b, wrap_mul(a, b))
/* NaN in either operand is NaN in the result, and +0 is more than -0, in vectors and their tails alike. */
#define FIRST_LANE(f4, a, b) wasm_f32x4_extract_lane(f4(wasm_f32x4_splat(a), wasm_f32x4_splat(b)), 0)
BINARY(maximum, wasm_f32x4_max(a, b), FIRST_LANE(wasm_f32x4_max, a, b), a > b ? a : b)
BINARY(minimum, wasm_f32x4_min(a, b), FIRST_LANE(wasm_f32x4_min, a, b), a < b ? a : b)
BINARY(squared_difference, square4(wasm_f32x4_sub(a, b)), (a - b) * (a - b), wrap_mul(wrap_sub(a, b), wrap_sub(a, b)))
BINARY(floor_div, wasm_f32x4_floor(wasm_f32x4_div(a, b)), floorf(a / b), floor_div_of(a, b))

INLINE int32_t div_of(int32_t a, int32_t b) { return b == 0 ? 0 : b == -1 ? wrap_sub(0, a) : a / b; }
BINARY(div, wasm_f32x4_div(a, b), a / b, div_of(a, b))

INLINE v128_t div_no_nan4(v128_t a, v128_t b) {
  return wasm_v128_andnot(wasm_f32x4_div(a, b), wasm_f32x4_eq(b, wasm_f32x4_const_splat(0)));
}
BINARY_FLOAT(div_no_nan, div_no_nan4(a, b), b == 0 ? 0 : a / b)
KERNEL_FLOAT(div_no_nan)

INLINE int32_t trunc_mod_of(int32_t a, int32_t b) { return b == 0 || b == -1 ? 0 : a % b; }
BINARY_SCALAR(trunc_mod, fmodf(a, b))
KERNEL(trunc_mod, trunc_mod_of(a, b))

INLINE float mod1(float a, float b) {
  const float rest = fmodf(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
INLINE int32_t mod_of(int32_t a, int32_t b) {
  const int32_t rest = trunc_mod_of(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
BINARY_SCALAR(mod, mod1(a, b))
KERNEL(mod, mod_of(a, b))

BINARY_SCALAR(atan2, atan2f(a, b))
KERNEL_FLOAT(atan2)

/* In double no square overflows. An infinity wins over NaN. */
INLINE float hypot_of(double a, double b) { return isinf(a) || isinf(b) ? INFINITY : (float)sqrt(a * a + b * b); }
BINARY_SCALAR(hypot, hypot_of((double)a, (double)b))
KERNEL_FLOAT(hypot)

INLINE int32_t pow_of(int32_t a, int32_t b) {
  if (b < 0) return a == 1 || (a == -1 && b % 2 == 0) ? 1 : a == -1 ? -1 : 0;
  int32_t power = 1;
  for (uint32_t rest = (uint32_t)b; rest > 0; rest >>= 1, a = wrap_mul(a, a))
    if (rest & 1) power = wrap_mul(power, a);
  return power;
}
BINARY_SCALAR(pow, powf(a, b))
static void pow_int_rows(task *t, size_t first, size_t n) { compute_int_rows(t, first, n, pow_of); }

/* x^2, which norms are made of, is x * x. */
static xj_status pow_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const float *exponent = node->known[B];
  const bool squares = node->output->dtype == XJ_FLOAT32 && exponent != NULL &&
                       xj_type_elements(&node->inputs[B]) == 1 && *exponent == 2;
  return squares ? prepare_walk(node, prepare, A, mul_rows) : prepare_binary(node, prepare, pow_rows, pow_int_rows);
}
const xj_kernel xj_pow_kernel = {.infer = infer, .prepare = pow_prepare, .run = run};
