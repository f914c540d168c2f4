/* The elementwise ops of one operand that are a few instructions. Some take int32 too. */
#include "kernels/unary.h"

#include <math.h>

#include "kernels/layer.h"
#include "src/heap.h"

enum { ELEMENTS_PER_TASK = 16384 };

typedef struct {
  float p, q;
  size_t n;
  xj_stretch_fn *floats; /* one of the two */
  xj_int_stretch_fn *ints;
} unary;

typedef struct {
  const unary *unary;
  const void *x;
  void *y;
} task;

xj_status xj_unary_infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, 0, "x"));
  *output = node->inputs[0];
  return XJ_OK;
}

xj_status xj_number_infer(const xj_node_view *node, xj_type *output) {
  const int32_t dtype = node->inputs[0].dtype;
  if (dtype != XJ_FLOAT32 && dtype != XJ_INT32)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, only float32 and int32 are supported", xj_dtype_name(dtype));
  *output = node->inputs[0];
  return XJ_OK;
}

xj_status xj_unary_prepare(const xj_node_view *node, xj_prepare *prepare, xj_stretch_fn *floats,
                           xj_int_stretch_fn *ints) {
  unary *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  xj_unary_numbers(node->op, node->attributes, &state->p, &state->q);
  state->n = xj_type_elements(node->output);
  if (node->inputs[0].dtype == XJ_INT32)
    state->ints = ints;
  else
    state->floats = floats;
  return XJ_OK;
}

static void compute(task *t, size_t first, size_t n) {
  const unary *u = t->unary;
  if (u->ints != NULL)
    u->ints(u->p, u->q, n, (const int32_t *)t->x + first, (int32_t *)t->y + first);
  else
    u->floats(u->p, u->q, n, (const float *)t->x + first, (float *)t->y + first);
}

xj_status xj_unary_run(void *state, const xj_run *run) {
  const unary *u = state;
  task t = {u, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute, &t, u->n, ELEMENTS_PER_TASK,
                                     0);
  return XJ_OK;
}

static xj_status clamp_infer(const xj_node_view *node, xj_type *output) {
  const xj_clamp_attributes *a = node->attributes;
  if (!(a->min <= a->max)) return xj_fail(XJ_BAD_MODEL, "it clamps to %g … %g", (double)a->min, (double)a->max);
  return xj_number_infer(node, output);
}

#define ZERO wasm_f32x4_const_splat(0)
#define ONE wasm_f32x4_const_splat(1)
#define THREE wasm_f32x4_const_splat(3)
#define SIX wasm_f32x4_const_splat(6)

/* An op of float32 and int32: `integer` is f of the int32 x; it wraps. */
#define UNARY_NUMBER(op, infer_, vector, integer)                                                                      \
  XJ_UNARY_STRETCH(op, XJ_SHORT, vector)                                                                               \
  static void op##_ints(float p, float q, size_t n, const int32_t *xs, int32_t *y) {                                   \
    (void)p, (void)q;                                                                                                  \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      const int32_t x = xs[i];                                                                                         \
      y[i] = integer;                                                                                                  \
    }                                                                                                                  \
  }                                                                                                                    \
  XJ_UNARY_KERNEL(op, infer_, op##_stretch, op##_ints)

XJ_UNARY_INLINE int32_t negated(int32_t x) { return (int32_t)(0 - (uint32_t)x); }

/* 1, -1, 0, or NaN; where the bits of p are not 0, NaN has the sign 0. */
XJ_UNARY_INLINE v128_t sign4(v128_t x, v128_t p) {
  const v128_t one = wasm_v128_or(ONE, wasm_v128_and(x, wasm_f32x4_const_splat(-0.0f)));
  const v128_t keeps = wasm_i32x4_eq(p, wasm_i32x4_splat(0));
  const v128_t none = wasm_v128_and(keeps, wasm_v128_andnot(x, wasm_f32x4_eq(x, x))); /* NaN, or 0 */
  return wasm_v128_bitselect(one, none, wasm_f32x4_gt(wasm_f32x4_abs(x), ZERO));
}

/* 1, alpha, or NaN */
XJ_UNARY_INLINE v128_t step4(v128_t x, v128_t alpha) {
  const v128_t y = wasm_v128_bitselect(ONE, alpha, wasm_f32x4_gt(x, ZERO));
  return wasm_v128_bitselect(y, x, wasm_f32x4_eq(x, x));
}

UNARY_NUMBER(relu, xj_number_infer, wasm_f32x4_pmax(x, ZERO), x < 0 ? 0 : x)
UNARY_NUMBER(relu6, xj_number_infer, xj_clamp4(x, ZERO, SIX), x < 0 ? 0 : x > 6 ? 6 : x)
UNARY_NUMBER(abs, xj_number_infer, wasm_f32x4_abs(x), x < 0 ? negated(x) : x)
UNARY_NUMBER(neg, xj_number_infer, wasm_f32x4_neg(x), negated(x))
UNARY_NUMBER(square, xj_number_infer, wasm_f32x4_mul(x, x), (int32_t)((uint32_t)x *(uint32_t)x))
UNARY_NUMBER(sign, xj_number_infer, sign4(x, p), (x > 0) - (x < 0))

XJ_UNARY_STRETCH(clamp, XJ_SHORT, xj_clamp4(x, p, q))

static int32_t to_int32(float x) { return x >= 0x1p31f ? INT32_MAX : x <= -0x1p31f ? INT32_MIN : (int32_t)x; }

static void clamp_ints(float p, float q, size_t n, const int32_t *x, int32_t *y) {
  const int32_t low = to_int32(ceilf(p)), high = to_int32(floorf(q));
  for (size_t i = 0; i < n; i++) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

XJ_UNARY_KERNEL(clamp, clamp_infer, clamp_stretch, clamp_ints)

XJ_UNARY(leaky_relu, XJ_SHORT, xj_prelu4(x, p))
XJ_UNARY(hard_swish, XJ_SHORT, wasm_f32x4_mul(x, wasm_f32x4_div(xj_clamp4(wasm_f32x4_add(x, THREE), ZERO, SIX), SIX)))
XJ_UNARY(hard_sigmoid, XJ_SHORT, xj_clamp4(wasm_f32x4_add(wasm_f32x4_mul(x, p), q), ZERO, ONE))
XJ_UNARY(sqrt, XJ_SHORT, wasm_f32x4_sqrt(x))
XJ_UNARY(rsqrt, XJ_SHORT, wasm_f32x4_div(ONE, wasm_f32x4_sqrt(x)))
XJ_UNARY(reciprocal, XJ_SHORT, wasm_f32x4_div(ONE, x))
XJ_UNARY(softsign, XJ_SHORT, wasm_f32x4_div(x, wasm_f32x4_add(ONE, wasm_f32x4_abs(x))))
XJ_UNARY(step, XJ_SHORT, step4(x, p))
XJ_UNARY(ceil, XJ_SHORT, wasm_f32x4_ceil(x))
XJ_UNARY(floor, XJ_SHORT, wasm_f32x4_floor(x))
XJ_UNARY(round, XJ_SHORT, wasm_f32x4_nearest(x))
