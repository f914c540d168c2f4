/* The ops arg_max and arg_min. A comparison with NaN is false: NaN wins only where it comes first, as in TensorFlow.js.
 */
#include "kernels/simd.h"
#include "src/heap.h"
#include "src/op.h"

typedef struct {
  size_t outer, length, inner; /* x as [outer, length, inner] */
} extent;

typedef void find(const extent *e, const void *x, int32_t *y);

typedef struct {
  extent extent;
  find *find;
  size_t bytes; /* of one element */
} arg_extreme;

/* The attributes of both. */
typedef struct {
  int32_t axis;
} attributes;

static int32_t axis_of(const xj_node_view *node) {
  int32_t axis = ((const attributes *)node->attributes)->axis;
  return axis < 0 ? axis + node->inputs[0].rank : axis;
}

/* By xj_dtype; NULL where it is not taken. */
typedef find *const finds[XJ_INT8 + 1];

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  const int32_t axis = axis_of(node);
  if (x->dtype > XJ_INT8 || x->dtype == XJ_BOOL)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, which has no order", xj_dtype_name(x->dtype));
  if (axis < 0 || axis >= x->rank || x->dims[axis] == 0)
    return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", ((const attributes *)node->attributes)->axis,
                   xj_type_text(x));
  output->dtype = XJ_INT32;
  for (int32_t i = 0; i < x->rank; i++)
    if (i != axis) output->dims[output->rank++] = x->dims[i];
  return XJ_OK;
}

static xj_status prepare_finds(const xj_node_view *node, xj_prepare *prepare, finds rows, find *floats_in_rows) {
  const xj_type *x = &node->inputs[0];
  const int32_t axis = axis_of(node);
  arg_extreme *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const extent e = {xj_type_span(x, 0, axis), (size_t)x->dims[axis], xj_type_span(x, axis + 1, x->rank)};
  const bool in_rows = x->dtype == XJ_FLOAT32 && e.inner == 1;
  *state = (arg_extreme){e, in_rows ? floats_in_rows : rows[x->dtype], xj_dtype_bytes(x->dtype)};
  return XJ_OK;
}

typedef struct {
  const arg_extreme *op;
  const char *x;
  int32_t *y;
} task;

static void find_outer(task *t, size_t first, size_t n) {
  const extent *e = &t->op->extent;
  const extent part = {n, e->length, e->inner};
  t->op->find(&part, t->x + first * e->length * e->inner * t->op->bytes, t->y + first * e->inner);
}

static xj_status run(void *opaque, const xj_run *run) {
  const arg_extreme *state = opaque;
  const extent *e = &state->extent;
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)find_outer, &t, e->outer,
                                     1 + 16384 / (e->length * e->inner), 0);
  return XJ_OK;
}

/* Row by row, as the elements lie. */
#define FIND(name, type, beats)                                                                                        \
  static void name(const extent *e, const void *xs, int32_t *y) {                                                      \
    const type *x = xs;                                                                                                \
    for (size_t outer = 0; outer < e->outer; outer++, x += e->length * e->inner, y += e->inner) {                      \
      for (size_t i = 0; i < e->inner; i++) y[i] = 0;                                                                  \
      for (size_t k = 1; k < e->length; k++)                                                                           \
        for (size_t i = 0; i < e->inner; i++)                                                                          \
          if (x[k * e->inner + i] beats x[(size_t)y[i] * e->inner + i]) y[i] = (int32_t)k;                             \
    }                                                                                                                  \
  }

/* float32 along the last axis: the extreme by SIMD, which passes NaN over (pmax and pmin keep their first operand when
 * the comparison fails), then where it first is. */
#define FIND_IN_ROWS(name, beats, better)                                                                              \
  static void name(const extent *e, const void *xs, int32_t *y) {                                                      \
    const float *x = xs;                                                                                               \
    const size_t n = e->length;                                                                                        \
    for (size_t outer = 0; outer < e->outer; outer++, x += n) {                                                        \
      float best = x[0];                                                                                               \
      size_t i = 0, at = 0;                                                                                            \
      if (n >= 8) {                                                                                                    \
        v128_t four = wasm_f32x4_splat(best);                                                                          \
        for (; i + 4 <= n; i += 4) four = better(four, wasm_v128_load(x + i));                                         \
        four = better(four, wasm_i32x4_shuffle(four, four, 2, 3, 0, 1));                                               \
        best = wasm_f32x4_extract_lane(better(four, wasm_i32x4_shuffle(four, four, 1, 0, 3, 2)), 0);                   \
      }                                                                                                                \
      for (; i < n; i++)                                                                                               \
        if (x[i] beats best) best = x[i];                                                                              \
      for (; at + 4 <= n; at += 4)                                                                                     \
        if (wasm_v128_any_true(wasm_f32x4_eq(wasm_v128_load(x + at), wasm_f32x4_splat(best)))) break;                  \
      while (at < n && x[at] != best) at++;                                                                            \
      y[outer] = at == n ? 0 : (int32_t)at; /* NaN is equal to nothing */                                              \
    }                                                                                                                  \
  }

#define KERNEL(op, beats, better)                                                                                      \
  FIND(op##_float, float, beats)                                                                                       \
  FIND(op##_int, int32_t, beats)                                                                                       \
  FIND(op##_byte, uint8_t, beats)                                                                                      \
  FIND(op##_signed, int8_t, beats)                                                                                     \
  FIND_IN_ROWS(op##_in_rows, beats, better)                                                                            \
  static finds op##_finds = {                                                                                          \
      [XJ_FLOAT32] = op##_float, [XJ_INT32] = op##_int, [XJ_UINT8] = op##_byte, [XJ_INT8] = op##_signed};              \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_finds(node, prepare, op##_finds, op##_in_rows);                                                     \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer, .prepare = op##_prepare, .run = run};

KERNEL(arg_max, >, wasm_f32x4_pmax)
KERNEL(arg_min, <, wasm_f32x4_pmin)
