/* The ops max_pool2d, avg_pool2d: x [N,H,W,C], and max_pool3d, avg_pool3d: x [N,D,H,W,C]. Padding takes no part; NaN is
 * no maximum, as in TensorFlow.js. */
#include <math.h>
#include <string.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "kernels/window.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

typedef struct taps taps;
/* n windows side by side, which start x_step floats apart, their columns column_step and their rows row_step. */
typedef void windows_fn(const float *x, size_t x_step, size_t column_step, size_t row_step, size_t channels, size_t n,
                        float *y);

typedef struct {
  xj_axis axes[3]; /* depth, height, width */
  size_t batch, channels;
  size_t pixel_bytes;
  void (*reduce)(const taps *taps, size_t channels, void *y);
  windows_fn *windows; /* for windows that lie inside; NULL: reduce does all */
} pool;

typedef struct {
  const pool *pool;
  const char *x;
  char *y;
} task;

/* Taps of one output that lie inside the input: planes of rows of pixels, from x on. */
struct taps {
  const char *x;
  size_t n[3], step_bytes[3];
};

static bool is_3d(const xj_node_view *node) { return node->op == XJ_OP_max_pool3d || node->op == XJ_OP_avg_pool3d; }

static bool is_max(const xj_node_view *node) { return node->op == XJ_OP_max_pool2d || node->op == XJ_OP_max_pool3d; }

_Static_assert(sizeof(xj_max_pool2d_attributes) == sizeof(xj_avg_pool2d_attributes), "both are kernel and WINDOW");
_Static_assert(sizeof(xj_max_pool3d_attributes) == sizeof(xj_avg_pool3d_attributes), "both are kernel and WINDOW3D");

static xj_status axes_of(const xj_node_view *node, xj_axis axes[3]) {
  if (is_3d(node)) {
    const xj_max_pool3d_attributes *a = node->attributes;
    return xj_window3d_make((const xj_window3d_attributes *)&a->stride_d, &node->inputs[0], &a->kernel_d, axes);
  }
  const xj_max_pool2d_attributes *a = node->attributes;
  xj_window window;
  XJ_TRY(
      xj_window_make((const xj_window_attributes *)&a->stride_h, &node->inputs[0], a->kernel_h, a->kernel_w, &window));
  axes[0] = (xj_axis){1, 1, 1, 1, 1, 0, 0};
  axes[1] = window.h;
  axes[2] = window.w;
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  xj_axis axes[3];
  XJ_TRY(axes_of(node, axes));
  const bool is_bytes = x->dtype == XJ_INT8 || x->dtype == XJ_UINT8;
  if (!is_bytes || node->op != XJ_OP_max_pool2d) XJ_TRY(xj_float_check(node, 0, "x"));
  *output = *x;
  for (int32_t i = 1; i < x->rank - 1; i++) output->dims[i] = axes[i + 4 - x->rank].output;
  return XJ_OK;
}

static void take_maximum_int8(size_t n, const int8_t *x, int8_t *y) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) wasm_v128_store(y + i, wasm_i8x16_max(wasm_v128_load(y + i), wasm_v128_load(x + i)));
  for (; i < n; i++) y[i] = y[i] < x[i] ? x[i] : y[i];
}

static void take_maximum_uint8(size_t n, const uint8_t *x, uint8_t *y) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) wasm_v128_store(y + i, wasm_u8x16_max(wasm_v128_load(y + i), wasm_v128_load(x + i)));
  for (; i < n; i++) y[i] = y[i] < x[i] ? x[i] : y[i];
}

#define FOR_TAPS(t, p)                                                                                                 \
  for (size_t kd = 0; kd < (t)->n[0]; kd++)                                                                            \
    for (size_t kh = 0; kh < (t)->n[1]; kh++)                                                                          \
      for (const char *p = (t)->x + kd * (t)->step_bytes[0] + kh * (t)->step_bytes[1],                                 \
                      *end = p + (t)->n[2] * (t)->step_bytes[2];                                                       \
           p != end; p += (t)->step_bytes[2])

enum { AT_ONCE = 4 /* vectors, a cache line: what a pixel's taps are combined in */ };

typedef v128_t combine4(v128_t so_far, v128_t x);

/* A comparison with NaN is false, so that NaN is passed over. */
INLINE v128_t max4(v128_t so_far, v128_t x) { return wasm_f32x4_pmax(so_far, x); }
INLINE v128_t add4(v128_t so_far, v128_t x) { return wasm_f32x4_add(so_far, x); }

/* `vectors` times four channels from c on, or the first n of the last four. With a count, y is the sum divided by it.
 */
INLINE void combine_channels(const taps *t, size_t c, size_t vectors, size_t n, float first, combine4 *combine,
                             const float *count, float *y) {
  v128_t v[AT_ONCE];
  for (size_t i = 0; i < vectors; i++) v[i] = wasm_f32x4_splat(first);
  FOR_TAPS(t, pixel) {
    const float *x = (const float *)(const void *)pixel + c;
    for (size_t i = 0; i < vectors; i++) v[i] = combine(v[i], wasm_v128_load(x + 4 * i));
  }
  for (size_t i = 0; i < vectors; i++) {
    const v128_t result = count == NULL ? v[i] : wasm_f32x4_div(v[i], wasm_v128_load32_splat(count));
    if (n >= 4)
      wasm_v128_store(y + c + 4 * i, result);
    else
      xj_store_tail4(y + c, n, result);
  }
}

/* Reads up to 12 bytes beyond x. */
INLINE void combine_pixel(const taps *t, size_t channels, float first, combine4 *combine, const float *count,
                          float *y) {
  size_t c = 0;
  for (; c + 4 * AT_ONCE <= channels; c += 4 * AT_ONCE) combine_channels(t, c, AT_ONCE, 4, first, combine, count, y);
  for (; c < channels; c += 4) combine_channels(t, c, 1, channels - c, first, combine, count, y);
}

static void max_pixel(const taps *t, size_t channels, void *y) { combine_pixel(t, channels, -INFINITY, max4, NULL, y); }

static void max_pixel_int8(const taps *t, size_t channels, void *y) {
  memset(y, INT8_MIN, channels);
  FOR_TAPS(t, x) take_maximum_int8(channels, (const int8_t *)x, y);
}

static void max_pixel_uint8(const taps *t, size_t channels, void *y) {
  memset(y, 0, channels);
  FOR_TAPS(t, x) take_maximum_uint8(channels, (const uint8_t *)x, y);
}

/* Sums in double, 16 channels (a cache line) at a time: a float sum over a large window loses digits. */
static void average_large_pixel(const taps *t, size_t channels, void *opaque) {
  enum { BLOCK = 16 };
  float *y = opaque;
  const double count = (double)(t->n[0] * t->n[1] * t->n[2]); /* 0: the average of nothing is NaN */
  for (size_t c = 0; c < channels; c += BLOCK) {
    const size_t n = channels - c < BLOCK ? channels - c : BLOCK;
    double sum[BLOCK] = {0};
    FOR_TAPS(t, pixel) {
      const float *x = (const float *)(const void *)pixel + c;
      if (n == BLOCK)
        for (size_t i = 0; i < BLOCK; i++) sum[i] += (double)x[i];
      else
        for (size_t i = 0; i < n; i++) sum[i] += (double)x[i];
    }
    for (size_t i = 0; i < n; i++) y[c + i] = (float)(sum[i] / count);
  }
}

/* As many additions of floats keep within the error bound, as in kernels/reducers.c. */
enum { MOST_FLOATS = 64 };

static void average_pixel(const taps *t, size_t channels, void *y) {
  const size_t n = t->n[0] * t->n[1] * t->n[2];
  const float count = (float)n; /* 0: the average of nothing is NaN */
  if (n > MOST_FLOATS)
    average_large_pixel(t, channels, y);
  else
    combine_pixel(t, channels, 0, add4, &count, y);
}

/* The same, but of nothing 0, as TensorFlow.js has it in 3-D. */
static void average_pixel3d(const taps *t, size_t channels, void *y) {
  if (t->n[0] * t->n[1] * t->n[2] > 0)
    average_pixel(t, channels, y);
  else
    memset(y, 0, channels * sizeof(float));
}

/* The same sums and maxima, in the same order, for a size that is constant where this is expanded. */
INLINE void combine_windows(size_t height, size_t width, const float *x, size_t x_step, size_t column_step,
                            size_t row_step, size_t channels, size_t n, float first, combine4 *combine, bool averages,
                            float *y) {
  const v128_t count = wasm_f32x4_splat((float)(height * width));
  for (; n > 0; n--, x += x_step, y += channels)
    for (size_t c = 0; c < channels; c += 4) {
      v128_t v = wasm_f32x4_splat(first);
#pragma unroll
      for (size_t i = 0; i < height; i++)
#pragma unroll
        for (size_t k = 0; k < width; k++) v = combine(v, wasm_v128_load(x + i * row_step + k * column_step + c));
      if (averages) v = wasm_f32x4_div(v, count);
      if (c + 4 <= channels)
        wasm_v128_store(y + c, v);
      else
        xj_store_tail4(y + c, channels - c, v);
    }
}

#define WINDOWS(name, size, first, combine, averages)                                                                  \
  static void name(const float *x, size_t x_step, size_t column_step, size_t row_step, size_t channels, size_t n,      \
                   float *y) {                                                                                         \
    combine_windows(size, size, x, x_step, column_step, row_step, channels, n, first, combine, averages, y);           \
  }

WINDOWS(max_2x2, 2, -INFINITY, max4, false)
WINDOWS(max_3x3, 3, -INFINITY, max4, false)
WINDOWS(average_2x2, 2, 0, add4, true)
WINDOWS(average_3x3, 3, 0, add4, true)

static windows_fn *windows_of(const pool *p, bool is_maximum) {
  const int32_t size = p->axes[1].kernel;
  if (p->axes[0].kernel != 1 || p->axes[2].kernel != size) return NULL;
  if (size == 2) return is_maximum ? max_2x2 : average_2x2;
  if (size == 3) return is_maximum ? max_3x3 : average_3x3;
  return NULL;
}

/* The taps of output o of an axis whose inputs are step_bytes apart; the first tap's offset from input 0. */
static size_t take_axis(taps *t, int32_t i, const xj_axis *axis, int32_t o, size_t step_bytes) {
  int32_t from, to;
  xj_axis_taps(axis, o, &from, &to);
  t->n[i] = (size_t)(to - from);
  t->step_bytes[i] = (size_t)axis->dilation * step_bytes;
  return to > from ? (size_t)(o * axis->stride - axis->pad + from * axis->dilation) * step_bytes : 0;
}

/* A row of the output. */
static void pool_row(task *t, size_t index) {
  const pool *p = t->pool;
  const xj_axis *w = &p->axes[2];
  const size_t out_d = (size_t)p->axes[0].output, out_h = (size_t)p->axes[1].output;
  const size_t row_bytes = (size_t)w->input * p->pixel_bytes, plane_bytes = (size_t)p->axes[1].input * row_bytes;
  taps rows;
  const char *x = t->x + index / out_h / out_d * (size_t)p->axes[0].input * plane_bytes;
  x += take_axis(&rows, 0, &p->axes[0], (int32_t)(index / out_h % out_d), plane_bytes);
  x += take_axis(&rows, 1, &p->axes[1], (int32_t)(index % out_h), row_bytes);
  char *y = t->y + index * (size_t)w->output * p->pixel_bytes;
  const bool is_whole = p->windows != NULL && rows.n[0] == 1 && rows.n[1] == (size_t)p->axes[1].kernel;
  /* the columns of outputs whose windows lie inside: [first, end) */
  const int32_t last = w->input - 1 - (w->kernel - 1) * w->dilation + w->pad;
  const int32_t first = (w->pad + w->stride - 1) / w->stride, end = last < 0 ? 0 : last / w->stride + 1;
  for (int32_t o = 0; o < w->output;) {
    if (is_whole && o == first && first < end) {
      p->windows((const float *)(const void *)(x + (size_t)(o * w->stride - w->pad) * p->pixel_bytes),
                 (size_t)w->stride * p->channels, (size_t)w->dilation * p->channels, rows.step_bytes[1] / sizeof(float),
                 p->channels, (size_t)(end - first), (float *)(void *)y);
      y += (size_t)(end - first) * p->pixel_bytes;
      o = end;
      continue;
    }
    taps pixel = rows;
    pixel.x = x + take_axis(&pixel, 2, w, o, p->pixel_bytes);
    if (rows.n[0] * rows.n[1] * pixel.n[2] == 0) pixel.n[0] = pixel.n[1] = pixel.n[2] = 0;
    p->reduce(&pixel, p->channels, y);
    y += p->pixel_bytes;
    o++;
  }
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  pool *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *x = &node->inputs[0];
  state->batch = (size_t)x->dims[0];
  state->channels = (size_t)x->dims[x->rank - 1];
  state->pixel_bytes = state->channels * xj_dtype_bytes(x->dtype);
  state->reduce = !is_max(node)          ? (is_3d(node) ? average_pixel3d : average_pixel)
                  : x->dtype == XJ_INT8  ? max_pixel_int8
                  : x->dtype == XJ_UINT8 ? max_pixel_uint8
                                         : max_pixel;
  XJ_TRY(axes_of(node, state->axes));
  if (x->dtype == XJ_FLOAT32) state->windows = windows_of(state, is_max(node));
  return XJ_OK;
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)pool_row, &t,
                             t.pool->batch * (size_t)t.pool->axes[0].output * (size_t)t.pool->axes[1].output, 0);
  return XJ_OK;
}

const xj_kernel xj_max_pool2d_kernel = {.infer = infer, .prepare = prepare, .run = run};
const xj_kernel xj_avg_pool2d_kernel = {.infer = infer, .prepare = prepare, .run = run};
const xj_kernel xj_max_pool3d_kernel = {.infer = infer, .prepare = prepare, .run = run};
const xj_kernel xj_avg_pool3d_kernel = {.infer = infer, .prepare = prepare, .run = run};
