/* The module xnnjs-image.wasm: what js/image/kernel.js calls. */
#include "kernels/standalone/image.h"

#include <stdbool.h>

#include "kernels/simd.h"
#include "kernels/standalone/module.h"

XJ_EXPORT(abi) int32_t xj_image_abi(void);
/* xj_sample_bytes and xj_sample, of numbers. */
XJ_EXPORT(sample_bytes) size_t xj_image_sample_bytes(const xj_sampling *sampling, int32_t width);
XJ_EXPORT(sample)
void xj_image_sample(const uint8_t *rgba, int32_t width, int32_t height, size_t stride, const xj_sampling *sampling,
                     void *work, void *tensor);

/* Changes with these functions and with xj_sampling. */
int32_t xj_image_abi(void) { return 1; }

size_t xj_image_sample_bytes(const xj_sampling *sampling, int32_t width) { return xj_sample_bytes(sampling, width); }

void xj_image_sample(const uint8_t *rgba, int32_t width, int32_t height, size_t stride, const xj_sampling *sampling,
                     void *work, void *tensor) {
  const xj_picture picture = {rgba, width, height, stride};
  xj_sample(&picture, sampling, work, tensor);
}

static xj_map map_of(const xj_sampling *s) {
  double sine, cosine;
  xj_sine_cosine(s->rotation, &sine, &cosine);
  const double across = (s->flip != 0 ? -s->width : s->width) / s->columns, down = s->height / s->rows;
  xj_map map = {0, 0, cosine * across, sine * across, -sine * down, cosine * down};
  map.x0 = s->x_center - 0.5 - (map.x_column * (s->columns - 1) + map.x_row * (s->rows - 1)) / 2;
  map.y0 = s->y_center - 0.5 - (map.y_column * (s->columns - 1) + map.y_row * (s->rows - 1)) / 2;
  return map;
}

/* Samples that a value is the mean of along one axis: at most a pixel apart, at most MOST_SAMPLES. */
#define MOST_SAMPLES 64

static int32_t samples_of(double pixels) {
  const double n = __builtin_ceil(pixels - 1e-9); /* 3 pixels that rounding made a little more are 3 */
  return n < 1 ? 1 : n > MOST_SAMPLES ? MOST_SAMPLES : (int32_t)n;
}

/* A line of means of n_across · n_down samples each, evenly spread. `samples`: [columns, 4]. */
static void mean_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                      int32_t columns, int32_t n_across, int32_t n_down, float *samples, float *line) {
  const v128_t part = wasm_f32x4_splat(1 / (float)(n_across * n_down));
  for (int32_t i = 0; i < columns * 4; i += 4) wasm_v128_store(line + i, wasm_f32x4_const_splat(0));
  for (int32_t down = 0; down < n_down; down++)
    for (int32_t across = 0; across < n_across; across++) {
      const double right = (across + 0.5) / n_across - 0.5, below = (down + 0.5) / n_down - 0.5;
      xj_map shifted = *map;
      shifted.x0 += right * map->x_column + below * map->x_row;
      shifted.y0 += right * map->y_column + below * map->y_row;
      xj_bilinear_line(picture, &shifted, border, color, row, columns, samples);
      for (int32_t i = 0; i < columns * 4; i += 4)
        wasm_v128_store(line + i, wasm_f32x4_add(wasm_v128_load(line + i), wasm_v128_load(samples + i)));
    }
  for (int32_t i = 0; i < columns * 4; i += 4)
    wasm_v128_store(line + i, wasm_f32x4_mul(wasm_v128_load(line + i), part));
}

static size_t line_floats(int32_t columns) { return ((size_t)columns + 3) / 4 * 16; }

size_t xj_sample_bytes(const xj_sampling *sampling, int32_t picture_width) {
  const int32_t columns = (int32_t)sampling->columns;
  const size_t area = xj_area_bytes(columns, picture_width), aligned = xj_aligned_bytes(columns);
  /* A line, its values before they become whole numbers, samples or what lines share. */
  return 3 * line_floats(columns) * sizeof(float) + (area > aligned ? area : aligned);
}

void xj_sample(const xj_picture *picture, const xj_sampling *sampling, void *work, void *tensor) {
  const xj_map map = map_of(sampling);
  const int32_t columns = (int32_t)sampling->columns, rows = (int32_t)sampling->rows;
  const int32_t border = (int32_t)sampling->border;
  const float color[4] = {(float)sampling->color[0], (float)sampling->color[1], (float)sampling->color[2], 0};
  float *const line = work, *const values = line + line_floats(columns), *const samples = values + line_floats(columns);
  void *const shared = samples + line_floats(columns);

  const double across = sampling->width / sampling->columns, down = sampling->height / sampling->rows;
  /* Boxes of a pixel are bilinear interpolation. */
  const bool shrinks = (int32_t)sampling->filter == XJ_FILTER_AREA && (across > 1 || down > 1);
  const bool aligned = map.y_column == 0 && map.x_row == 0;
  const bool boxes = shrinks && aligned && border != XJ_BORDER_REFLECT;
  if (boxes) xj_area_prepare(picture, &map, border, columns, shared);
  if (!shrinks && aligned) xj_aligned_prepare(picture, &map, border, columns, shared);

  const size_t value_bytes = (int32_t)sampling->type == XJ_TENSOR_UINT8 ? 1 : 4;
  const size_t row_bytes = (size_t)columns * (size_t)sampling->channels * value_bytes;
  for (int32_t row = 0; row < rows; row++) {
    if (boxes)
      xj_area_line(picture, &map, border, color, row, columns, shared, line);
    else if (shrinks)
      mean_line(picture, &map, border, color, row, columns, samples_of(across), samples_of(down), samples, line);
    else if (aligned)
      xj_aligned_line(picture, &map, border, color, row, columns, shared, line);
    else
      xj_bilinear_line(picture, &map, border, color, row, columns, line);
    xj_finish_line(sampling, line, columns, values, (char *)tensor + (size_t)row * row_bytes);
  }
}
