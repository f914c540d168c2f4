/* The ops max_pool_argmax and max_unpool: where maxima stand, and putting them back there. */
#include <math.h>
#include <string.h>

#include "kernels/layer.h"
#include "kernels/window.h"
#include "src/heap.h"

enum { X = 0, INDICES = 1 };

typedef struct {
  xj_window window; /* from the larger image to the smaller */
  size_t batch, channels;
  bool includes_batch, is_in_window;
} argmax;

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const xj_max_pool_argmax_attributes *a = node->attributes;
  return xj_window_make((const xj_window_attributes *)&a->stride_h, &node->inputs[X], a->kernel_h, a->kernel_w, window);
}

static xj_status infer_argmax(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X];
  xj_window window;
  XJ_TRY(window_of(node, &window));
  XJ_TRY(xj_float_check(node, X, "x"));
  *output = (xj_type){XJ_INT32, 4, {x->dims[0], window.h.output, window.w.output, x->dims[3]}};
  return XJ_OK;
}

static xj_status prepare_argmax(const xj_node_view *node, xj_prepare *prepare) {
  const xj_max_pool_argmax_attributes *a = node->attributes;
  argmax *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->batch = (size_t)node->inputs[X].dims[0];
  state->channels = (size_t)node->inputs[X].dims[3];
  state->includes_batch = a->include_batch != 0;
  state->is_in_window = a->in_window != 0;
  return window_of(node, &state->window);
}

typedef struct {
  const argmax *t;
  const float *x;
  int32_t *y;
} task;

/* NaN is passed over, as by max_pool2d; where nothing is larger than -∞, the first tap stays. */
static size_t find_maximum(const argmax *t, const float *x, int32_t oy, int32_t ox) {
  const xj_axis *h = &t->window.h, *w = &t->window.w;
  int32_t y_from, y_to, x_from, x_to;
  xj_axis_taps(h, oy, &y_from, &y_to);
  xj_axis_taps(w, ox, &x_from, &x_to);
  if (y_from == y_to || x_from == x_to) return 0;
  float most = -INFINITY;
  int32_t best_y = y_from, best_x = x_from;
  for (int32_t ky = y_from; ky < y_to; ky++)
    for (int32_t kx = x_from; kx < x_to; kx++) {
      const size_t row = (size_t)(oy * h->stride - h->pad + ky * h->dilation);
      const size_t column = (size_t)(ox * w->stride - w->pad + kx * w->dilation);
      const float value = x[(row * (size_t)w->input + column) * t->channels];
      if (!(value > most)) continue;
      most = value;
      best_y = ky;
      best_x = kx;
    }
  if (t->is_in_window) return (size_t)best_y * (size_t)w->kernel + (size_t)best_x;
  return (size_t)(oy * h->stride - h->pad + best_y * h->dilation) * (size_t)w->input +
         (size_t)(ox * w->stride - w->pad + best_x * w->dilation);
}

/* A row of the output. */
static void argmax_row(task *job, size_t index) {
  const argmax *t = job->t;
  const size_t out_h = (size_t)t->window.h.output, out_w = (size_t)t->window.w.output, image = index / out_h;
  const size_t pixels = (size_t)t->window.h.input * (size_t)t->window.w.input;
  const float *x = job->x + image * pixels * t->channels;
  const size_t first = t->includes_batch ? image * pixels : 0;
  int32_t *y = job->y + index * out_w * t->channels;
  for (size_t ox = 0; ox < out_w; ox++)
    for (size_t c = 0; c < t->channels; c++) {
      const size_t at = find_maximum(t, x + c, (int32_t)(index % out_h), (int32_t)ox);
      *y++ = (int32_t)(t->is_in_window ? at : (first + at) * t->channels + c);
    }
}

static xj_status run_argmax(void *state, const xj_run *run) {
  task job = {state, run->inputs[X], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)argmax_row, &job,
                             job.t->batch * (size_t)job.t->window.h.output, 0);
  return XJ_OK;
}

const xj_kernel xj_max_pool_argmax_kernel = {.infer = infer_argmax, .prepare = prepare_argmax, .run = run_argmax};

/* ---- max_unpool ---- */

/* Along one axis: `places` windows in an image of places * kernel; SAME centres them. */
static xj_status unpool_axis(char name, int32_t places, int32_t kernel, int32_t stride, int32_t dilation,
                             int32_t before, bool same, xj_axis *axis) {
  const int64_t size = (int64_t)places * kernel;
  XJ_TRY(xj_axis_make(name, size > INT32_MAX ? INT32_MAX : (int32_t)size, kernel, stride, dilation, before, 0, true,
                      axis));
  const int64_t covered = (int64_t)(places - 1) * axis->stride + (int64_t)(kernel - 1) * axis->dilation + 1;
  axis->pad = same ? (int32_t)(covered > size ? (covered - size) / 2 : 0) : before;
  axis->output = places;
  return XJ_OK;
}

static xj_status unpool_window(const xj_node_view *node, xj_window *window) {
  const xj_max_unpool_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  if (a->padding != XJ_PADDING_EXPLICIT && a->padding != XJ_PADDING_SAME)
    return xj_fail(XJ_BAD_MODEL, "there is no padding %d", a->padding);
  const bool same = a->padding == XJ_PADDING_SAME;
  XJ_TRY(unpool_axis('h', x->dims[1], a->kernel_h, a->stride_h, a->dilation_h, a->pad_top, same, &window->h));
  return unpool_axis('w', x->dims[2], a->kernel_w, a->stride_w, a->dilation_w, a->pad_left, same, &window->w);
}

static xj_status infer_unpool(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X], *indices = &node->inputs[INDICES];
  xj_window window;
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(unpool_window(node, &window));
  if (indices->dtype != XJ_INT32 || indices->rank != 4 || memcmp(indices->dims, x->dims, 4 * sizeof(int32_t)) != 0)
    return xj_fail(XJ_BAD_SHAPE, "indices are %s %s, for x with shape %s", xj_dtype_name(indices->dtype),
                   xj_type_text(indices), xj_type_text(x));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.input, window.w.input, x->dims[3]}};
  return XJ_OK;
}

static xj_status prepare_unpool(const xj_node_view *node, xj_prepare *prepare) {
  argmax *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->batch = (size_t)node->inputs[X].dims[0];
  state->channels = (size_t)node->inputs[X].dims[3];
  return unpool_window(node, &state->window);
}

/* Where tap `tap` of place `o` is, or -1 outside the image. */
static int64_t place_of(const xj_axis *axis, int32_t o, int32_t tap) {
  const int64_t at = (int64_t)o * axis->stride - axis->pad + (int64_t)tap * axis->dilation;
  return tap < axis->kernel && at < axis->input ? at : -1;
}

static xj_status run_unpool(void *state, const xj_run *run) {
  const argmax *t = state;
  const xj_axis *h = &t->window.h, *w = &t->window.w;
  const size_t image = (size_t)h->input * (size_t)w->input * t->channels;
  const float *x = run->inputs[X];
  const int32_t *index = run->inputs[INDICES];
  float *y = run->output;
  memset(y, 0, t->batch * image * sizeof *y);
  for (size_t n = 0; n < t->batch; n++, y += image)
    for (int32_t oy = 0; oy < h->output; oy++)
      for (int32_t ox = 0; ox < w->output; ox++)
        for (size_t c = 0; c < t->channels; c++, x++, index++) {
          if (*index < 0) continue;
          const int64_t row = place_of(h, oy, *index / w->kernel), column = place_of(w, ox, *index % w->kernel);
          if (row >= 0 && column >= 0) y[((size_t)row * (size_t)w->input + (size_t)column) * t->channels + c] = *x;
        }
  return XJ_OK;
}

const xj_kernel xj_max_unpool_kernel = {.infer = infer_unpool, .prepare = prepare_unpool, .run = run_unpool};
