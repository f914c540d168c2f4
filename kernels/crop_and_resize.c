/* The op crop_and_resize: each box of an image, resized. Coordinates in double, as TensorFlow.js computes them. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

enum { IMAGE = 0, BOXES = 1, BOX_INDICES = 2 };

typedef struct {
  size_t n, images, in_h, in_w, channels, out_h, out_w;
  bool nearest;
  float extrapolation;
} crop;

typedef struct {
  const crop *crop;
  const float *image, *boxes;
  const int32_t *box_indices;
  float *y;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_crop_and_resize_attributes *a = node->attributes;
  const xj_type *image = &node->inputs[IMAGE], *boxes = &node->inputs[BOXES], *indices = &node->inputs[BOX_INDICES];
  XJ_TRY(xj_float_check(node, IMAGE, "image"));
  XJ_TRY(xj_float_check(node, BOXES, "boxes"));
  XJ_TRY(xj_int_check(node, BOX_INDICES, "box_indices"));
  if (image->rank != 4 || boxes->rank != 2 || boxes->dims[1] != 4 || indices->rank != 1 ||
      indices->dims[0] != boxes->dims[0])
    return xj_fail(XJ_BAD_SHAPE, "image %s, boxes %s, box_indices %s instead of [N,H,W,C], [n,4], [n]",
                   xj_type_text(image), xj_type_text(boxes), xj_type_text(indices));
  if (a->crop_h < 1 || a->crop_w < 1) return xj_fail(XJ_BAD_SHAPE, "crops of %d × %d", a->crop_h, a->crop_w);
  if (image->dims[1] < 1 || image->dims[2] < 1)
    return xj_fail(XJ_BAD_SHAPE, "image has shape %s: nothing to read", xj_type_text(image));
  *output = (xj_type){XJ_FLOAT32, 4, {boxes->dims[0], a->crop_h, a->crop_w, image->dims[3]}};
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_crop_and_resize_attributes *a = node->attributes;
  const int32_t *in = node->inputs[IMAGE].dims, *out = node->output->dims;
  crop *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (crop){.n = (size_t)out[0],
                  .images = (size_t)in[0],
                  .in_h = (size_t)in[1],
                  .in_w = (size_t)in[2],
                  .channels = (size_t)in[3],
                  .out_h = (size_t)out[1],
                  .out_w = (size_t)out[2],
                  .nearest = a->nearest != 0,
                  .extrapolation = a->extrapolation};
  return XJ_OK;
}

/* Where output o of n lies in an axis of `length`, of which the box takes from … to; false where that is outside. */
static bool locate(float from, float to, size_t o, size_t n, size_t length, double *at) {
  const double last = (double)(length - 1);
  if (n > 1)
    *at = from * last + (double)o * (((double)to - from) * last / (double)(n - 1));
  else
    *at = 0.5 * ((double)from + to) * last;
  return *at >= 0 && *at <= last; /* NaN is outside */
}

static void mix(const crop *c, const float *image, double y, double x, float *out) {
  const size_t top = (size_t)floor(y), bottom = (size_t)ceil(y), left = (size_t)floor(x), right = (size_t)ceil(x);
  const float fy = (float)(y - floor(y)), fx = (float)(x - floor(x));
  const float *const upper = image + top * c->in_w * c->channels, *const lower = image + bottom * c->in_w * c->channels;
  for (size_t k = 0; k < c->channels; k++) {
    const float a = upper[left * c->channels + k], b = upper[right * c->channels + k];
    const float d = lower[left * c->channels + k], e = lower[right * c->channels + k];
    const float above = a + (b - a) * fx, below = d + (e - d) * fx;
    out[k] = above + (below - above) * fy;
  }
}

static void crop_row(task *t, size_t index) {
  const crop *c = t->crop;
  const size_t box = index / c->out_h;
  const float *at = t->boxes + 4 * box;
  const float *image = t->image + (size_t)t->box_indices[box] * c->in_h * c->in_w * c->channels;
  float *out = t->y + index * c->out_w * c->channels;
  double y, x;
  const bool inside = locate(at[0], at[2], index % c->out_h, c->out_h, c->in_h, &y);
  for (size_t o = 0; o < c->out_w; o++, out += c->channels) {
    if (!inside || !locate(at[1], at[3], o, c->out_w, c->in_w, &x))
      xj_row_fill((char *)out, c->channels, &c->extrapolation, sizeof(float));
    else if (c->nearest)
      xj_row_copy((char *)out,
                  (const char *)(image + ((size_t)floor(y + 0.5) * c->in_w + (size_t)floor(x + 0.5)) * c->channels),
                  c->channels * sizeof(float));
    else
      mix(c, image, y, x, out);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const crop *c = opaque;
  task t = {c, run->inputs[IMAGE], run->inputs[BOXES], run->inputs[BOX_INDICES], run->output};
  for (size_t i = 0; i < c->n; i++)
    if (t.box_indices[i] < 0 || (size_t)t.box_indices[i] >= c->images)
      return xj_fail(XJ_BAD_SHAPE, "crop_and_resize: box %zu is of image %d, there are %zu", i, t.box_indices[i],
                     c->images);
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)crop_row, &t, c->n * c->out_h, 0);
  return XJ_OK;
}

const xj_kernel xj_crop_and_resize_kernel = {.infer = infer, .prepare = prepare, .run = run};
