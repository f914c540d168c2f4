/* The ops resize_bilinear and resize_nearest: x [N,H,W,C]. Coordinates in double, as TensorFlow.js computes them. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/operand.h"
#include "kernels/rows.h"
#include "kernels/simd.h"
#include "src/heap.h"

/* Where a column of the output is read: offsets into a row of x, and how far it is from the first. */
typedef struct {
  size_t left, right;
  float fraction;
} column;

typedef struct {
  size_t channels, in_h, in_w, out_h, out_w, rows;
  bool align_corners, half_pixel, bilinear;
  column columns[]; /* [out_w] */
} resize;

typedef struct {
  const resize *resize;
  const float *x;
  float *y;
} task;

_Static_assert(sizeof(xj_resize_bilinear_attributes) == sizeof(xj_resize_nearest_attributes), "both are alike");

/* A size that was written down as a multiple of the declared image stays that multiple of another one. */
static xj_status keep_factors(const xj_node_view *node, xj_type *output) {
  if (xj_present(node, 1) && !node->is_constant[1]) return XJ_OK;
  for (int32_t i = 1; i < 3; i++) {
    const int32_t was = node->declared[0].dims[i], now = node->inputs[0].dims[i];
    if (was == now || output->dims[i] % was != 0) continue;
    const int64_t dim = (int64_t)now * (output->dims[i] / was);
    if (dim > INT32_MAX) return xj_fail(XJ_BAD_SHAPE, "it resizes to %lld", (long long)dim);
    output->dims[i] = (int32_t)dim;
  }
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_resize_bilinear_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_float_check(node, 0, "x"));
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  xj_list size;
  XJ_TRY(xj_list_read(node, 1, &(xj_list){2, {a->out_h, a->out_w}}, "size", &size));
  if (size.n != 2) return xj_fail(XJ_BAD_SHAPE, "size has %d values", size.n);
  if (size.values[0] < 1 || size.values[1] < 1)
    return xj_fail(XJ_BAD_SHAPE, "it resizes to %d × %d", size.values[0], size.values[1]);
  if (x->dims[1] < 1 || x->dims[2] < 1)
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s: nothing to read", xj_type_text(x));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], size.values[0], size.values[1], x->dims[3]}};
  return node->declared == NULL ? XJ_OK : keep_factors(node, output);
}

static double scale_of(const resize *r, size_t in, size_t out) {
  return r->align_corners && out > 1 ? (double)(in - 1) / (double)(out - 1) : (double)in / (double)out;
}

/* The two inputs that output o lies between, and how far it is from the first. */
static void between(const resize *r, size_t o, size_t in, size_t out, size_t *low, size_t *high, float *fraction) {
  double scale = scale_of(r, in, out);
  double at = r->half_pixel ? ((double)o + 0.5) * scale - 0.5 : (double)o * scale;
  double floored = floor(at);
  *low = floored < 0 ? 0 : (size_t)floored;
  if (*low > in - 1) *low = in - 1;
  double ceiled = ceil(at);
  *high = ceiled < 0 ? 0 : (size_t)ceiled;
  if (*high > in - 1) *high = in - 1;
  *fraction = (float)(at - (floored < 0 ? 0 : floored));
  if (at < 0) *fraction = 0;
}

static size_t nearest(const resize *r, size_t o, size_t in, size_t out) {
  double at = (r->half_pixel ? (double)o + 0.5 : (double)o) * scale_of(r, in, out);
  size_t index = (size_t)(r->align_corners ? floor(at + 0.5) : floor(at));
  return index < in - 1 ? index : in - 1;
}

static xj_status prepare_resize(const xj_node_view *node, xj_prepare *prepare, bool bilinear) {
  const xj_resize_bilinear_attributes *a = node->attributes;
  const int32_t *in = node->inputs[0].dims, *out = node->output->dims;
  const uint64_t bytes = sizeof(resize) + (uint64_t)out[2] * sizeof(column);
  if (bytes > INT32_MAX) return xj_fail(XJ_OUT_OF_MEMORY, "%d columns", out[2]);
  resize *state = prepare->state = xj_alloc_zeroed((size_t)bytes, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (resize){.channels = (size_t)in[3],
                    .in_h = (size_t)in[1],
                    .in_w = (size_t)in[2],
                    .out_h = (size_t)out[1],
                    .out_w = (size_t)out[2],
                    .rows = (size_t)in[0] * (size_t)out[1],
                    .align_corners = a->align_corners != 0,
                    .half_pixel = a->half_pixel != 0,
                    .bilinear = bilinear};
  for (size_t ox = 0; ox < state->out_w; ox++) {
    column *to = &state->columns[ox];
    if (bilinear)
      between(state, ox, state->in_w, state->out_w, &to->left, &to->right, &to->fraction);
    else
      to->left = nearest(state, ox, state->in_w, state->out_w);
    to->left *= state->channels;
    to->right *= state->channels;
  }
  return XJ_OK;
}

static xj_status prepare_bilinear(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_resize(node, prepare, true);
}

static xj_status prepare_nearest(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_resize(node, prepare, false);
}

/* y = bilinear mix of four pixels of n channels, of which it reads up to 12 bytes more. */
static void mix(size_t n, const float *const corner[4], float fx, float fy, float *y) {
  const v128_t x4 = wasm_f32x4_splat(fx), y4 = wasm_f32x4_splat(fy);
  for (size_t i = 0; i < n; i += 4) {
    v128_t a = wasm_v128_load(corner[0] + i), b = wasm_v128_load(corner[1] + i);
    v128_t c = wasm_v128_load(corner[2] + i), d = wasm_v128_load(corner[3] + i);
    v128_t top = XJ_MADD(wasm_f32x4_sub(b, a), x4, a), bottom = XJ_MADD(wasm_f32x4_sub(d, c), x4, c);
    v128_t mixed = XJ_MADD(wasm_f32x4_sub(bottom, top), y4, top);
    if (n - i >= 4)
      wasm_v128_store(y + i, mixed);
    else
      xj_store_tail4(y + i, n - i, mixed);
  }
}

static void resize_row(task *t, size_t index) {
  const resize *r = t->resize;
  const size_t c = r->channels, row_floats = r->in_w * c;
  const float *image = t->x + index / r->out_h * r->in_h * row_floats;
  const size_t oy = index % r->out_h;
  float *y = t->y + index * r->out_w * c, fy = 0;
  size_t top = 0, bottom = 0;
  if (r->bilinear)
    between(r, oy, r->in_h, r->out_h, &top, &bottom, &fy);
  else
    top = nearest(r, oy, r->in_h, r->out_h);
  const float *upper = image + top * row_floats, *lower = image + bottom * row_floats;
  for (size_t ox = 0; ox < r->out_w; ox++, y += c) {
    const column *at = &r->columns[ox];
    if (r->bilinear)
      mix(c, (const float *const[4]){upper + at->left, upper + at->right, lower + at->left, lower + at->right},
          at->fraction, fy, y);
    else
      xj_row_copy((char *)y, (const char *)(upper + at->left), c * sizeof(float));
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)resize_row, &t, t.resize->rows, 0);
  return XJ_OK;
}

const xj_kernel xj_resize_bilinear_kernel = {.infer = infer, .prepare = prepare_bilinear, .run = run};
const xj_kernel xj_resize_nearest_kernel = {.infer = infer, .prepare = prepare_nearest, .run = run};
