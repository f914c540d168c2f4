/* The op cast: between float32, int32, bool and uint8. */
#include <math.h>

#include "kernels/simd.h"
#include "src/heap.h"
#include "src/op.h"

enum { ELEMENTS_PER_TASK = 16384 };

typedef struct task task;
typedef void convert(task *t, size_t first, size_t n);

typedef struct {
  size_t n;
  convert *convert;
} cast;

struct task {
  const void *x;
  void *y;
};

/* Toward zero and modulo 2^32, as JavaScript makes an int32 of a number. */
static int32_t to_int32(float x) {
  if (x > -2147483648.0f && x < 2147483648.0f) return (int32_t)x;
  if (!isfinite(x)) return 0;
  double wrapped = fmod(trunc((double)x), 4294967296.0);
  return (int32_t)(uint32_t)(int64_t)wrapped;
}

#define CONVERT(name, from, to, expression)                                                                            \
  static void name(task *t, size_t first, size_t n) {                                                                  \
    const from *source = (const from *)t->x + first;                                                                   \
    to *restrict y = (to *)t->y + first;                                                                               \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      from x = source[i];                                                                                              \
      y[i] = expression;                                                                                               \
    }                                                                                                                  \
  }

/* Four at a time where all of them are in range. */
static void float_to_int(task *t, size_t first, size_t n) {
  const float *x = (const float *)t->x + first;
  int32_t *y = (int32_t *)t->y + first;
  const v128_t limit = wasm_f32x4_const_splat(2147483648.0f);
  for (; n >= 4; n -= 4, x += 4, y += 4) {
    const v128_t v = wasm_v128_load(x);
    if (wasm_i32x4_all_true(wasm_f32x4_lt(wasm_f32x4_abs(v), limit)))
      wasm_v128_store(y, wasm_i32x4_trunc_sat_f32x4(v));
    else
      for (size_t i = 0; i < 4; i++) y[i] = to_int32(x[i]);
  }
  for (size_t i = 0; i < n; i++) y[i] = to_int32(x[i]);
}

CONVERT(float_to_bool, float, uint8_t, x != 0)
CONVERT(float_to_byte, float, uint8_t, (uint8_t)to_int32(x))
CONVERT(int_to_float, int32_t, float, (float)x)
CONVERT(int_to_bool, int32_t, uint8_t, x != 0)
CONVERT(int_to_byte, int32_t, uint8_t, (uint8_t)x)
/* Sixteen at a time. */
static void byte_to_float(task *t, size_t first, size_t n) {
  const uint8_t *x = (const uint8_t *)t->x + first;
  float *y = (float *)t->y + first;
  for (; n >= 16; n -= 16, x += 16, y += 16) {
    const v128_t v = wasm_v128_load(x), low = wasm_u16x8_extend_low_u8x16(v), high = wasm_u16x8_extend_high_u8x16(v);
    wasm_v128_store(y, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(low)));
    wasm_v128_store(y + 4, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(low)));
    wasm_v128_store(y + 8, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(high)));
    wasm_v128_store(y + 12, wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(high)));
  }
  for (size_t i = 0; i < n; i++) y[i] = x[i];
}

CONVERT(byte_to_int, uint8_t, int32_t, x)
CONVERT(byte_to_bool, uint8_t, uint8_t, x != 0)
CONVERT(copy_words, int32_t, int32_t, x)
CONVERT(copy_bytes, uint8_t, uint8_t, x)

/* [from][to]: NULL where it is not supported. */
static convert *const converts[][4] = {
    [XJ_FLOAT32] =
        {[XJ_FLOAT32] = copy_words, [XJ_INT32] = float_to_int, [XJ_BOOL] = float_to_bool, [XJ_UINT8] = float_to_byte},
    [XJ_INT32] =
        {[XJ_FLOAT32] = int_to_float, [XJ_INT32] = copy_words, [XJ_BOOL] = int_to_bool, [XJ_UINT8] = int_to_byte},
    [XJ_BOOL] =
        {[XJ_FLOAT32] = byte_to_float, [XJ_INT32] = byte_to_int, [XJ_BOOL] = copy_bytes, [XJ_UINT8] = copy_bytes},
    [XJ_UINT8] =
        {[XJ_FLOAT32] = byte_to_float, [XJ_INT32] = byte_to_int, [XJ_BOOL] = byte_to_bool, [XJ_UINT8] = copy_bytes},
};

static xj_status infer(const xj_node_view *node, xj_type *output) {
  int32_t from = node->inputs[0].dtype, to = ((const xj_cast_attributes *)node->attributes)->dtype;
  if (from > XJ_UINT8 || to < 0 || to > XJ_UINT8)
    return xj_fail(XJ_UNSUPPORTED, "from %s to %s", xj_dtype_name(from), xj_dtype_name(to));
  *output = node->inputs[0];
  output->dtype = to;
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  cast *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (cast){xj_type_elements(node->output), converts[node->inputs[0].dtype][node->output->dtype]};
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const cast *state = opaque;
  task t = {run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)state->convert, &t, state->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

const xj_kernel xj_cast_kernel = {.infer = infer, .prepare = prepare, .run = run};
