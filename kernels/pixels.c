/* The ops rotate_with_offset and from_pixels. */
#include <math.h>

#include "kernels/decimal.h"
#include "kernels/layer.h"
#include "kernels/rows.h"
#include "src/heap.h"

/* ---- rotate_with_offset: image ---- */

enum { FILLS = 4 };

typedef struct {
  size_t height, width, channels, rows;
  double sine, cosine, center_x, center_y;
  float fill[FILLS];
} rotate;

typedef struct {
  const rotate *rotate;
  const float *image;
  float *y;
} rotate_task;

static xj_status rotate_infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, 0, "image"));
  *output = node->inputs[0];
  if (output->rank != 4) return xj_fail(XJ_BAD_SHAPE, "image has shape %s instead of [N,H,W,C]", xj_type_text(output));
  return XJ_OK;
}

static double radians_of(float radians) {
  const double degree = 3.14159265358979323846 / 180, whole = round((double)radians / degree) * 3.14159265358979323846;
  return (float)(whole / 180) == radians ? whole / 180 : xj_decimal(radians);
}

static xj_status rotate_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_rotate_with_offset_attributes *a = node->attributes;
  const int32_t *dims = node->inputs[0].dims;
  rotate *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  const double radians = radians_of(a->radians);
  *s = (rotate){.height = (size_t)dims[1],
                .width = (size_t)dims[2],
                .channels = (size_t)dims[3],
                .rows = xj_type_span(&node->inputs[0], 0, 2),
                .sine = sin(radians),
                .cosine = cos(radians),
                .center_x = xj_decimal(a->center_x),
                .center_y = xj_decimal(a->center_y),
                .fill = {a->fill_0, a->fill_1, a->fill_2, a->fill_3}};
  return XJ_OK;
}

/* The nearest integer, of two the higher. */
static double nearest(double x) { return x - floor(x) >= 0.5 ? floor(x) + 1 : floor(x); }

static void rotate_row(rotate_task *t, size_t index) {
  const rotate *s = t->rotate;
  const size_t bytes = s->channels * sizeof(float);
  const float *image = t->image + index / s->height * s->height * s->width * s->channels;
  const double down = (double)(index % s->height) - s->center_y;
  float *y = t->y + index * s->width * s->channels;
  for (size_t column = 0; column < s->width; column++, y += s->channels) {
    const double along = (double)column - s->center_x;
    const double from_x = nearest(along * s->cosine - down * s->sine + s->center_x);
    const double from_y = nearest(along * s->sine + down * s->cosine + s->center_y);
    if (from_x >= 0 && from_x < (double)s->width && from_y >= 0 && from_y < (double)s->height)
      xj_row_copy((char *)y, (const char *)(image + ((size_t)from_y * s->width + (size_t)from_x) * s->channels), bytes);
    else
      for (size_t k = 0; k < s->channels; k++) y[k] = s->fill[k < FILLS ? k : FILLS - 1];
  }
}

static xj_status rotate_run(void *state, const xj_run *run) {
  rotate_task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)rotate_row, &t, t.rotate->rows, 0);
  return XJ_OK;
}

/* ---- from_pixels: x ---- */

enum { MOST_CHANNELS = 4, PIXELS_PER_TASK = 16384 };

typedef struct {
  size_t pixels, step, channels; /* step: bytes of a pixel */
} from_pixels;

typedef struct {
  const from_pixels *pixels;
  const uint8_t *x;
  int32_t *y;
} pixels_task;

static xj_status pixels_infer(const xj_node_view *node, xj_type *output) {
  const int32_t channels = ((const xj_from_pixels_attributes *)node->attributes)->channels;
  const xj_type *x = &node->inputs[0];
  if (x->dtype != XJ_UINT8) return xj_fail(XJ_UNSUPPORTED, "x is %s instead of uint8", xj_dtype_name(x->dtype));
  if (x->rank != 3 || channels < 1 || channels > MOST_CHANNELS || channels > x->dims[2])
    return xj_fail(XJ_BAD_SHAPE, "the first %d channels, of at most %d, of x with shape %s", channels, MOST_CHANNELS,
                   xj_type_text(x));
  *output = (xj_type){XJ_INT32, 3, {x->dims[0], x->dims[1], channels}};
  return XJ_OK;
}

static xj_status pixels_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  from_pixels *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (from_pixels){xj_type_span(x, 0, 2), (size_t)x->dims[2], (size_t)node->output->dims[2]};
  return XJ_OK;
}

static v128_t pixel_of(const uint8_t *x) {
  return wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(x)));
}

/* Four channels are written for each pixel while so many are left: the next one writes over what is too much. */
static void convert_pixels(pixels_task *t, size_t first, size_t n) {
  const from_pixels *s = t->pixels;
  const uint8_t *x = t->x + first * s->step;
  int32_t *y = t->y + first * s->channels;
  for (; n * s->channels >= MOST_CHANNELS; n--, x += s->step, y += s->channels) wasm_v128_store(y, pixel_of(x));
  for (; n > 0; n--, x += s->step)
    for (size_t k = 0; k < s->channels; k++) *y++ = x[k];
}

static xj_status pixels_run(void *state, const xj_run *run) {
  pixels_task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)convert_pixels, &t, t.pixels->pixels,
                                     PIXELS_PER_TASK, 0);
  return XJ_OK;
}

const xj_kernel xj_rotate_with_offset_kernel = {.infer = rotate_infer, .prepare = rotate_prepare, .run = rotate_run};
const xj_kernel xj_from_pixels_kernel = {.infer = pixels_infer, .prepare = pixels_prepare, .run = pixels_run};
