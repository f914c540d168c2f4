/* The elementwise ops of one operand that are a few instructions; xnn_unary.c has those that need XNNPACK. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "kernels/unary.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

enum { ELEMENTS_PER_TASK = 16384 };

typedef struct {
  float p, q; /* the op's one or two numbers */
} numbers;

typedef v128_t unary4(v128_t x, v128_t p, v128_t q);
typedef float unary1(float x, float p, float q);

typedef struct task task;
typedef void stretch(task *t, size_t first, size_t n);

typedef struct {
  numbers numbers;
  size_t n;
  stretch *compute;
} unary;

struct task {
  const unary *unary;
  const float *x;
  float *y;
};

INLINE void compute_stretch(task *t, size_t first, size_t n, unary4 *f4, unary1 *f1) {
  const float *x = t->x + first;
  float *y = t->y + first, p1 = t->unary->numbers.p, q1 = t->unary->numbers.q;
  const v128_t p = wasm_f32x4_splat(p1), q = wasm_f32x4_splat(q1);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(y + i, f4(wasm_v128_load(x + i), p, q));
  for (; i < n; i++) y[i] = f1(x[i], p1, q1);
}

xj_status xj_unary_infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, 0, "x"));
  *output = node->inputs[0];
  return XJ_OK;
}

static xj_status prepare_unary(const xj_node_view *node, xj_prepare *prepare, stretch *compute, numbers numbers) {
  unary *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (unary){numbers, xj_type_elements(node->output), compute};
  return XJ_OK;
}

static xj_status run(void *state, const xj_run *run) {
  const unary *op = state;
  task t = {op, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)op->compute, &t, op->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

static numbers no_numbers(const xj_node_view *node) {
  (void)node;
  return (numbers){0, 0};
}

static numbers clamp_numbers(const xj_node_view *node) {
  const xj_clamp_attributes *a = node->attributes;
  return (numbers){a->min, a->max};
}

static numbers leaky_relu_numbers(const xj_node_view *node) {
  return (numbers){((const xj_leaky_relu_attributes *)node->attributes)->alpha, 0};
}

static xj_status clamp_infer(const xj_node_view *node, xj_type *output) {
  const xj_clamp_attributes *a = node->attributes;
  if (!(a->min <= a->max)) return xj_fail(XJ_BAD_MODEL, "it clamps to %g … %g", (double)a->min, (double)a->max);
  return xj_unary_infer(node, output);
}

#define UNARY(op, infer_, numbers_, vector, scalar)                                                                    \
  INLINE v128_t op##_4(v128_t x, v128_t p, v128_t q) {                                                                 \
    (void)p, (void)q;                                                                                                  \
    return vector;                                                                                                     \
  }                                                                                                                    \
  INLINE float op##_1(float x, float p, float q) {                                                                     \
    (void)p, (void)q;                                                                                                  \
    return scalar;                                                                                                     \
  }                                                                                                                    \
  static void op##_stretch(task *t, size_t first, size_t n) { compute_stretch(t, first, n, op##_4, op##_1); }          \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_unary(node, prepare, op##_stretch, numbers_(node));                                                 \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer_, .prepare = op##_prepare, .run = run};

#define ZERO wasm_f32x4_const_splat(0)
#define ONE wasm_f32x4_const_splat(1)
#define THREE wasm_f32x4_const_splat(3)
#define SIX wasm_f32x4_const_splat(6)

UNARY(relu, xj_unary_infer, no_numbers, wasm_f32x4_pmax(x, ZERO), x < 0 ? 0 : x)
UNARY(relu6, xj_unary_infer, no_numbers, xj_clamp4(x, ZERO, SIX), xj_clamp1(x, 0, 6))
UNARY(clamp, clamp_infer, clamp_numbers, xj_clamp4(x, p, q), xj_clamp1(x, p, q))
UNARY(leaky_relu, xj_unary_infer, leaky_relu_numbers, xj_prelu4(x, p), xj_prelu1(x, p))
UNARY(hard_swish, xj_unary_infer, no_numbers,
      wasm_f32x4_mul(x, wasm_f32x4_div(xj_clamp4(wasm_f32x4_add(x, THREE), ZERO, SIX), SIX)),
      x *(xj_clamp1(x + 3, 0, 6) / 6))
UNARY(abs, xj_unary_infer, no_numbers, wasm_f32x4_abs(x), fabsf(x))
UNARY(neg, xj_unary_infer, no_numbers, wasm_f32x4_neg(x), -x)
UNARY(square, xj_unary_infer, no_numbers, wasm_f32x4_mul(x, x), x *x)
UNARY(sqrt, xj_unary_infer, no_numbers, wasm_f32x4_sqrt(x), sqrtf(x))
UNARY(rsqrt, xj_unary_infer, no_numbers, wasm_f32x4_div(ONE, wasm_f32x4_sqrt(x)), 1 / sqrtf(x))
