/* The op q_resize_bilinear: x [N,H,W,C] of int8 or uint8, whose scale and zero point stay. In integers, places and
 * weights in steps of 1/1024, as TFLite computes it for int8. */
#include "kernels/requantize.h"
#include "src/heap.h"

enum { SIZE = 1, STEPS = 1024, SIDE_MOST = INT32_MAX / 4 / STEPS };

typedef struct {
  size_t channels;
  int32_t in_h, in_w, out_h, out_w;
  size_t rows;
  int32_t scale_h, scale_w; /* inputs for each output, in steps */
  bool half_pixel, is_unsigned;
} resize;

typedef struct {
  const resize *resize;
  const uint8_t *x;
  uint8_t *y;
} task;

/* The two inputs that an output lies between, and how far it is from the first, in steps. */
typedef struct {
  int32_t low, high, fraction;
} place;

static xj_status read_size(const xj_node_view *node, int32_t *h, int32_t *w) {
  const xj_q_resize_bilinear_attributes *a = node->attributes;
  *h = a->out_h;
  *w = a->out_w;
  if (!xj_present(node, SIZE)) return XJ_OK;
  const int32_t *size = xj_known_ints(node, SIZE);
  if (size == NULL || xj_type_elements(&node->inputs[SIZE]) != 2)
    return xj_fail(XJ_UNSUPPORTED, "its size is %s %s instead of two int32 that are known before the run",
                   xj_dtype_name(node->inputs[SIZE].dtype), xj_type_text(&node->inputs[SIZE]));
  *h = size[0];
  *w = size[1];
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  int32_t h, w;
  XJ_TRY(xj_byte_check(node, 0, "x"));
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  XJ_TRY(read_size(node, &h, &w));
  if (h < 1 || w < 1 || h > SIDE_MOST || w > SIDE_MOST || x->dims[1] < 1 || x->dims[2] < 1 || x->dims[1] > SIDE_MOST ||
      x->dims[2] > SIDE_MOST)
    return xj_fail(XJ_BAD_SHAPE, "it resizes %d × %d to %d × %d", x->dims[1], x->dims[2], h, w);
  *output = (xj_type){x->dtype, 4, {x->dims[0], h, w, x->dims[3]}};
  return XJ_OK;
}

static int32_t scale_of(int32_t in, int32_t out, bool align_corners) {
  if (align_corners && out > 1) return (STEPS * (in - 1) + (out - 1) / 2) / (out - 1);
  return (STEPS * in + out / 2) / out;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_q_resize_bilinear_attributes *a = node->attributes;
  const int32_t *in = node->inputs[0].dims, *out = node->output->dims;
  resize *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (resize){.channels = (size_t)in[3],
                    .in_h = in[1],
                    .in_w = in[2],
                    .out_h = out[1],
                    .out_w = out[2],
                    .rows = (size_t)in[0] * (size_t)out[1],
                    .scale_h = scale_of(in[1], out[1], a->align_corners != 0),
                    .scale_w = scale_of(in[2], out[2], a->align_corners != 0),
                    .half_pixel = a->half_pixel != 0,
                    .is_unsigned = node->inputs[0].dtype == XJ_UINT8};
  return XJ_OK;
}

static place place_of(int32_t o, int32_t scale, int32_t in, bool half_pixel) {
  const int32_t at = half_pixel ? o * scale + scale / 2 - STEPS / 2 : o * scale;
  int32_t low = at / STEPS, high = (at + STEPS - 1) / STEPS;
  if (low < 0) low = 0;
  if (low > in - 1) low = in - 1; /* where scale was rounded up */
  if (high > in - 1) high = in - 1;
  return (place){low, high, at - low * STEPS};
}

static int32_t value_of(const resize *r, const uint8_t *x) {
  return r->is_unsigned ? (int32_t)*x : (int32_t)(int8_t)*x;
}

static void resize_row(const task *t, size_t index) {
  const resize *r = t->resize;
  const size_t row = (size_t)r->in_w * r->channels;
  const uint8_t *image = t->x + index / (size_t)r->out_h * (size_t)r->in_h * row;
  uint8_t *y = t->y + index * (size_t)r->out_w * r->channels;
  const place v = place_of((int32_t)(index % (size_t)r->out_h), r->scale_h, r->in_h, r->half_pixel);
  const uint8_t *upper = image + (size_t)v.low * row, *lower = image + (size_t)v.high * row;
  for (int32_t ox = 0; ox < r->out_w; ox++, y += r->channels) {
    const place h = place_of(ox, r->scale_w, r->in_w, r->half_pixel);
    const size_t left = (size_t)h.low * r->channels, right = (size_t)h.high * r->channels;
    for (size_t c = 0; c < r->channels; c++) {
      const int64_t top = (int64_t)value_of(r, upper + left + c) * (STEPS - h.fraction) +
                          (int64_t)value_of(r, upper + right + c) * h.fraction;
      const int64_t bottom = (int64_t)value_of(r, lower + left + c) * (STEPS - h.fraction) +
                             (int64_t)value_of(r, lower + right + c) * h.fraction;
      const int64_t mixed = top * (STEPS - v.fraction) + bottom * v.fraction, half = STEPS * STEPS / 2;
      y[c] = (uint8_t)((mixed > 0 ? mixed + half : mixed - half) / (STEPS * STEPS));
    }
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)resize_row, &t, t.resize->rows, 0);
  return XJ_OK;
}

const xj_kernel xj_q_resize_bilinear_kernel = {.infer = infer, .prepare = prepare, .run = run};
