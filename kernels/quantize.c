/* The ops quantize, dequantize, requantize and dequantize_axis: between float32 and 8 bits. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/requantize.h"
#include "src/heap.h"

enum { ELEMENTS_PER_TASK = 16384 };

typedef struct task task;
typedef void stretch(task *t, size_t first, size_t n);

/* Each op uses what it needs. */
typedef struct {
  size_t n;
  stretch *compute;
  float scale;
  int32_t zero, y_zero, y_dtype;
  bool x_is_unsigned;
  xj_fixed factor;
} quantiser;

struct task {
  const quantiser *op;
  const void *x;
  void *y;
};

static xj_status check_dtype(int32_t dtype) {
  if (dtype == XJ_INT8 || dtype == XJ_UINT8) return XJ_OK;
  return xj_fail(XJ_BAD_MODEL, "it quantises to dtype %d instead of int8 or uint8", dtype);
}

static xj_status quantize_infer(const xj_node_view *node, xj_type *output) {
  const xj_quantize_attributes *a = node->attributes;
  XJ_TRY(xj_float_check(node, 0, "x"));
  XJ_TRY(check_dtype(a->dtype));
  XJ_TRY(xj_scale_check(a->scale, "y"));
  XJ_TRY(xj_zero_check(a->zero_point, a->dtype, "y"));
  *output = node->inputs[0];
  output->dtype = a->dtype;
  return XJ_OK;
}

/* Any integer beyond what 8 bits and a zero point hold. */
static const float beyond = 1024;

static int32_t nearest(float x) {
  if (isnan(x)) return 0;
  return (int32_t)roundf(x < -beyond ? -beyond : x > beyond ? beyond : x);
}

/* The integers nearest to x, halves away from zero; NaN is 0. */
static v128_t nearest4(v128_t x) {
  x = wasm_f32x4_min(wasm_f32x4_max(x, wasm_f32x4_splat(-beyond)), wasm_f32x4_splat(beyond));
  const v128_t whole = wasm_f32x4_trunc(x), rest = wasm_f32x4_sub(x, whole);
  const v128_t sign = wasm_v128_and(x, wasm_f32x4_splat(-0.0f)), one = wasm_v128_or(sign, wasm_f32x4_splat(1));
  const v128_t away = wasm_v128_and(wasm_f32x4_ge(wasm_f32x4_abs(rest), wasm_f32x4_splat(0.5f)), one);
  return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_add(whole, away));
}

static void quantize_stretch(task *t, size_t first, size_t n) {
  const quantiser *op = t->op;
  const float *x = (const float *)t->x + first;
  uint8_t *y = (uint8_t *)t->y + first;
  const v128_t scale = wasm_f32x4_splat(op->scale), zero = wasm_i16x8_splat((int16_t)op->y_zero);
  const bool is_unsigned = op->y_dtype == XJ_UINT8;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    v128_t low = nearest4(wasm_f32x4_div(wasm_v128_load(x + i), scale));
    v128_t high = nearest4(wasm_f32x4_div(wasm_v128_load(x + i + 4), scale));
    v128_t words = wasm_i16x8_add(wasm_i16x8_narrow_i32x4(low, high), zero);
    words = is_unsigned ? wasm_u8x16_narrow_i16x8(words, words) : wasm_i8x16_narrow_i16x8(words, words);
    wasm_v128_store64_lane(y + i, words, 0);
  }
  const xj_range range = {xj_byte_min(op->y_dtype), xj_byte_max(op->y_dtype)};
  for (; i < n; i++) y[i] = (uint8_t)xj_range_limit(&range, nearest(x[i] / op->scale) + op->y_zero);
}

static xj_status dequantize_infer(const xj_node_view *node, xj_type *output) {
  const xj_dequantize_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  if (x->dtype != XJ_INT32) {
    XJ_TRY(xj_byte_check(node, 0, "x"));
    XJ_TRY(xj_zero_check(a->zero_point, x->dtype, "x"));
  }
  XJ_TRY(xj_scale_check(a->scale, "x"));
  *output = *x;
  output->dtype = XJ_FLOAT32;
  return XJ_OK;
}

static void dequantize_bytes(task *t, size_t first, size_t n) {
  const quantiser *op = t->op;
  const uint8_t *x = (const uint8_t *)t->x + first;
  float *y = (float *)t->y + first;
  const v128_t scale = wasm_f32x4_splat(op->scale), zero = wasm_i16x8_splat((int16_t)op->zero);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    v128_t words = op->x_is_unsigned ? wasm_u16x8_load8x8(x + i) : wasm_i16x8_load8x8(x + i);
    words = wasm_i16x8_sub(words, zero);
    v128_t low = wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(words));
    v128_t high = wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(words));
    wasm_v128_store(y + i, wasm_f32x4_mul(low, scale));
    wasm_v128_store(y + i + 4, wasm_f32x4_mul(high, scale));
  }
  for (; i < n; i++) y[i] = (float)((op->x_is_unsigned ? (int32_t)x[i] : (int32_t)(int8_t)x[i]) - op->zero) * op->scale;
}

static void dequantize_ints(task *t, size_t first, size_t n) {
  const int32_t *x = (const int32_t *)t->x + first;
  float *y = (float *)t->y + first;
  for (size_t i = 0; i < n; i++) y[i] = (float)((double)t->op->scale * ((double)x[i] - (double)t->op->zero));
}

static xj_status requantize_infer(const xj_node_view *node, xj_type *output) {
  const xj_requantize_attributes *a = node->attributes;
  XJ_TRY(xj_byte_check(node, 0, "x"));
  XJ_TRY(check_dtype(a->dtype));
  XJ_TRY(xj_scale_check(a->x_scale, "x"));
  XJ_TRY(xj_scale_check(a->y_scale, "y"));
  XJ_TRY(xj_zero_check(a->x_zero, node->inputs[0].dtype, "x"));
  XJ_TRY(xj_zero_check(a->y_zero, a->dtype, "y"));
  *output = node->inputs[0];
  output->dtype = a->dtype;
  return XJ_OK;
}

/* There are only 256 results. */
static void requantize_stretch(task *t, size_t first, size_t n) {
  const quantiser *op = t->op;
  const xj_range range = {xj_byte_min(op->y_dtype), xj_byte_max(op->y_dtype)};
  uint8_t table[256];
  for (int32_t i = 0; i < 256; i++) {
    int32_t scaled = xj_fixed_scale((op->x_is_unsigned ? i : (int32_t)(int8_t)i) - op->zero, op->factor);
    int64_t moved = (int64_t)scaled + op->y_zero;
    table[i] = (uint8_t)(moved < range.min ? range.min : moved > range.max ? range.max : (int32_t)moved);
  }
  const uint8_t *x = (const uint8_t *)t->x + first;
  uint8_t *y = (uint8_t *)t->y + first;
  for (size_t i = 0; i < n; i++) y[i] = table[x[i]];
}

static quantiser *make_state(const xj_node_view *node, xj_prepare *prepare, stretch *compute) {
  quantiser *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return NULL;
  state->n = xj_type_elements(node->output);
  state->compute = compute;
  state->x_is_unsigned = node->inputs[0].dtype == XJ_UINT8;
  state->y_dtype = node->output->dtype;
  return state;
}

static xj_status quantize_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_quantize_attributes *a = node->attributes;
  quantiser *state = make_state(node, prepare, quantize_stretch);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->scale = a->scale;
  state->y_zero = a->zero_point;
  return XJ_OK;
}

static xj_status dequantize_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_dequantize_attributes *a = node->attributes;
  quantiser *state = make_state(node, prepare, node->inputs[0].dtype == XJ_INT32 ? dequantize_ints : dequantize_bytes);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->scale = a->scale;
  state->zero = a->zero_point;
  return XJ_OK;
}

static xj_status requantize_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_requantize_attributes *a = node->attributes;
  quantiser *state = make_state(node, prepare, requantize_stretch);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->zero = a->x_zero;
  state->y_zero = a->y_zero;
  state->factor = xj_fixed_make((double)a->x_scale / (double)a->y_scale);
  return XJ_OK;
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)t.op->compute, &t, t.op->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

enum { AXIS_X, AXIS_SCALES, AXIS_ZEROS };

typedef struct {
  size_t outer, n, inner; /* of the axis: n */
  int32_t dtype;
  bool has_zeros;
} axis_state;

static xj_status axis_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[AXIS_X], *scales = &node->inputs[AXIS_SCALES];
  int32_t axis = ((const xj_dequantize_axis_attributes *)node->attributes)->axis;
  if (x->dtype != XJ_INT32) XJ_TRY(xj_byte_check(node, AXIS_X, "x"));
  if (axis < -x->rank || axis >= x->rank)
    return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", axis, xj_type_text(x));
  int32_t n = x->dims[axis < 0 ? axis + x->rank : axis];
  XJ_TRY(xj_float_check(node, AXIS_SCALES, "scales"));
  if (xj_type_elements(scales) != (size_t)n)
    return xj_fail(XJ_BAD_SHAPE, "scales have shape %s, for an axis of %d", xj_type_text(scales), n);
  if (xj_present(node, AXIS_ZEROS)) {
    const xj_type *zeros = &node->inputs[AXIS_ZEROS];
    if (zeros->dtype != XJ_INT32 || xj_type_elements(zeros) != (size_t)n)
      return xj_fail(XJ_BAD_SHAPE, "zero points are %s %s instead of int32 [%d]", xj_dtype_name(zeros->dtype),
                     xj_type_text(zeros), n);
  }
  *output = *x;
  output->dtype = XJ_FLOAT32;
  return XJ_OK;
}

static xj_status axis_prepare(const xj_node_view *node, xj_prepare *prepare) {
  axis_state *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *x = &node->inputs[AXIS_X];
  int32_t axis = ((const xj_dequantize_axis_attributes *)node->attributes)->axis;
  if (axis < 0) axis += x->rank;
  *state = (axis_state){.outer = xj_type_span(x, 0, axis),
                        .n = (size_t)x->dims[axis],
                        .inner = xj_type_span(x, axis + 1, x->rank),
                        .dtype = x->dtype,
                        .has_zeros = xj_present(node, AXIS_ZEROS)};
  return XJ_OK;
}

static double element(const void *x, int32_t dtype, size_t i) {
  if (dtype == XJ_INT32) return ((const int32_t *)x)[i];
  return dtype == XJ_UINT8 ? (double)((const uint8_t *)x)[i] : (double)((const int8_t *)x)[i];
}

static xj_status axis_run(void *opaque, const xj_run *run) {
  const axis_state *state = opaque;
  const float *scales = run->inputs[AXIS_SCALES];
  const int32_t *zeros = state->has_zeros ? run->inputs[AXIS_ZEROS] : NULL;
  float *y = run->output;
  size_t at = 0;
  for (size_t o = 0; o < state->outer; o++)
    for (size_t k = 0; k < state->n; k++) {
      const double scale = (double)scales[k], zero = zeros == NULL ? 0 : zeros[k];
      for (size_t i = 0; i < state->inner; i++, at++)
        y[at] = (float)((element(run->inputs[AXIS_X], state->dtype, at) - zero) * scale);
    }
  return XJ_OK;
}

const xj_kernel xj_quantize_kernel = {.infer = quantize_infer, .prepare = quantize_prepare, .run = run};
const xj_kernel xj_dequantize_kernel = {.infer = dequantize_infer, .prepare = dequantize_prepare, .run = run};
const xj_kernel xj_requantize_kernel = {.infer = requantize_infer, .prepare = requantize_prepare, .run = run};
const xj_kernel xj_dequantize_axis_kernel = {.infer = axis_infer, .prepare = axis_prepare, .run = axis_run};
