/* The op projective_transform, as TensorFlow's ImageProjectiveTransformV3 computes it; coordinates in double. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/rows.h"
#include "src/heap.h"

enum { IMAGE = 0, TRANSFORMS = 1 };
enum { CONSTANT = 0, REFLECT = 1, WRAP = 2, NEAREST = 3 };

typedef struct {
  size_t in_h, in_w, channels, out_h, out_w, rows;
  size_t transform_step; /* 0 where there is one for all images */
  bool bilinear;
  int32_t fill_mode;
  float fill_value;
} project;

typedef struct {
  const project *project;
  const float *image, *transforms;
  float *y;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_projective_transform_attributes *a = node->attributes;
  const xj_type *image = &node->inputs[IMAGE], *transforms = &node->inputs[TRANSFORMS];
  XJ_TRY(xj_float_check(node, IMAGE, "image"));
  XJ_TRY(xj_float_check(node, TRANSFORMS, "transforms"));
  if (image->rank != 4 || transforms->rank != 2 || transforms->dims[1] != 8 ||
      (transforms->dims[0] != 1 && transforms->dims[0] != image->dims[0]))
    return xj_fail(XJ_BAD_SHAPE, "image %s and transforms %s instead of [N,H,W,C] and [1,8] or [N,8]",
                   xj_type_text(image), xj_type_text(transforms));
  if (a->out_h < 0 || a->out_w < 0) return xj_fail(XJ_BAD_SHAPE, "a result of %d × %d", a->out_h, a->out_w);
  if (a->fill_mode < CONSTANT || a->fill_mode > NEAREST)
    return xj_fail(XJ_BAD_MODEL, "there is no fill mode %d", a->fill_mode);
  *output = *image;
  if (a->out_h > 0) output->dims[1] = a->out_h;
  if (a->out_w > 0) output->dims[2] = a->out_w;
  if (image->dims[1] < 1 || image->dims[2] < 1)
    return xj_fail(XJ_BAD_SHAPE, "image has shape %s: nothing to read", xj_type_text(image));
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_projective_transform_attributes *a = node->attributes;
  const int32_t *in = node->inputs[IMAGE].dims, *out = node->output->dims;
  project *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (project){.in_h = (size_t)in[1],
                     .in_w = (size_t)in[2],
                     .channels = (size_t)in[3],
                     .out_h = (size_t)out[1],
                     .out_w = (size_t)out[2],
                     .rows = (size_t)out[0] * (size_t)out[1],
                     .transform_step = node->inputs[TRANSFORMS].dims[0] == 1 ? 0 : 8,
                     .bilinear = a->bilinear != 0,
                     .fill_mode = a->fill_mode,
                     .fill_value = a->fill_value};
  return XJ_OK;
}

static double limited(double at, double last) { return at < 0 ? 0 : at > last ? last : at; }

/* A coordinate of an axis of `length`, brought back to where there are pixels. */
static double bring_back(int32_t fill_mode, double at, size_t length) {
  const double n = (double)length, last = n - 1;
  if (fill_mode == CONSTANT || at != at) return at;
  if (fill_mode == NEAREST || length <= 1) return limited(at, last);
  if (fill_mode == WRAP) {
    if (at < 0)
      at += n * (trunc(-at / last) + 1);
    else if (at > last)
      at -= n * trunc(at / last);
  } else if (at < 0) {
    if (at < 2 * n) at += 2 * n * trunc(-at / (2 * n));
    at = at < -n ? at + 2 * n : -at - 1;
  } else if (at > last) {
    at -= 2 * n * trunc(at / (2 * n));
    if (at >= n) at = 2 * n - at - 1;
  }
  return limited(at, last);
}

/* A pixel, or NULL beyond the image. NaN is beyond it. */
static const float *pixel(const project *p, const float *image, double y, double x) {
  if (!(y >= 0 && y < (double)p->in_h && x >= 0 && x < (double)p->in_w)) return NULL;
  return image + ((size_t)y * p->in_w + (size_t)x) * p->channels;
}

static void mix(const project *p, const float *image, double y, double x, float *out) {
  const double top = floor(y), left = floor(x);
  const float fy = (float)(y - top), fx = (float)(x - left);
  const float *a = pixel(p, image, top, left), *b = pixel(p, image, top, left + 1);
  const float *c = pixel(p, image, top + 1, left), *d = pixel(p, image, top + 1, left + 1);
  for (size_t k = 0; k < p->channels; k++) {
    const float upper = (1 - fx) * (a ? a[k] : p->fill_value) + fx * (b ? b[k] : p->fill_value);
    const float lower = (1 - fx) * (c ? c[k] : p->fill_value) + fx * (d ? d[k] : p->fill_value);
    out[k] = (1 - fy) * upper + fy * lower;
  }
}

static void transform_row(task *t, size_t index) {
  const project *p = t->project;
  const size_t batch = index / p->out_h, bytes = p->channels * sizeof(float);
  const float *m = t->transforms + batch * p->transform_step;
  const float *image = t->image + batch * p->in_h * p->in_w * p->channels;
  const double oy = (double)(index % p->out_h);
  float *out = t->y + index * p->out_w * p->channels;
  for (size_t o = 0; o < p->out_w; o++, out += p->channels) {
    const double ox = (double)o, k = m[6] * ox + m[7] * oy + 1;
    const double x = bring_back(p->fill_mode, (m[0] * ox + m[1] * oy + m[2]) / k, p->in_w);
    const double y = bring_back(p->fill_mode, (m[3] * ox + m[4] * oy + m[5]) / k, p->in_h);
    const float *nearest = k == 0 || p->bilinear ? NULL : pixel(p, image, round(y), round(x));
    if (k != 0 && p->bilinear)
      mix(p, image, y, x, out);
    else if (nearest != NULL)
      xj_row_copy((char *)out, (const char *)nearest, bytes);
    else
      xj_row_fill((char *)out, p->channels, &p->fill_value, sizeof(float));
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[IMAGE], run->inputs[TRANSFORMS], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)transform_row, &t, t.project->rows, 0);
  return XJ_OK;
}

const xj_kernel xj_projective_transform_kernel = {.infer = infer, .prepare = prepare, .run = run};
