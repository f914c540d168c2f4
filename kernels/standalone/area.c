/* Means over boxes, exactly: every pixel counts with the part of it that lies in the box. */
#include "kernels/simd.h"
#include "kernels/standalone/image.h"

/* A stretch of the picture along one axis, in pixels: the first and the last of them with their parts, those between
 * whole. With XJ_BORDER_REPLICATE the outermost pixels also count for what lies beyond them. first > last: none. */
typedef struct {
  double first_part, last_part; /* last_part is 0 where first is last */
  double inside;                /* all parts together */
  int32_t first, last;
} span;

static double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/* How much of pixel i lies before t. */
static double before(double t, int32_t i, int32_t n, int32_t border) {
  double x = t - i;
  if (x < 0 && !(i == 0 && border == XJ_BORDER_REPLICATE)) x = 0;
  if (x > 1 && !(i == n - 1 && border == XJ_BORDER_REPLICATE)) x = 1;
  return x;
}

/* From `low` to `high` of an axis of n pixels. */
static span cover(double low, double high, int32_t n, int32_t border) {
  span s = {0, 0, 0, 0, -1};
  if (border == XJ_BORDER_COLOR && (high <= 0 || low >= n)) return s;
  s.first = (int32_t)clamp(__builtin_floor(low), 0, n - 1);
  s.last = (int32_t)clamp(__builtin_ceil(high) - 1, 0, n - 1);
  s.first_part = before(high, s.first, n, border) - before(low, s.first, n, border);
  if (s.last > s.first) s.last_part = before(high, s.last, n, border) - before(low, s.last, n, border);
  s.inside = s.first_part + s.last_part + (s.last - s.first > 1 ? s.last - s.first - 1 : 0);
  return s;
}

/* How long a box is for a step of the map. */
static double box_of(double step) {
  const double length = step < 0 ? -step : step;
  return length < 1 ? 1 : length;
}

static span cover_column(const xj_map *map, int32_t c, int32_t width, int32_t border) {
  const double middle = map->x0 + c * map->x_column + 0.5, half = box_of(map->x_column) / 2;
  return cover(middle - half, middle + half, width, border);
}

/* What lines share. */
typedef struct {
  span *spans;         /* [columns] */
  float *sums;         /* [width, 4] of the picture: a box's rows together */
  int32_t first, last; /* pixels of a row that any column needs; first > last: none */
} area;

static size_t spans_bytes(int32_t columns) { return ((size_t)columns * sizeof(span) + 15) / 16 * 16; }

size_t xj_area_bytes(int32_t columns, int32_t width) {
  return 64 + spans_bytes(columns) + (size_t)width * 4 * sizeof(float);
}

void xj_area_prepare(const xj_picture *picture, const xj_map *map, int32_t border, int32_t columns, void *work) {
  area *const shared = work;
  shared->spans = (span *)((char *)work + 64);
  shared->sums = (float *)((char *)shared->spans + spans_bytes(columns));
  shared->first = picture->width;
  shared->last = -1;
  for (int32_t c = 0; c < columns; c++) {
    const span s = shared->spans[c] = cover_column(map, c, picture->width, border);
    if (s.first > s.last) continue;
    if (s.first < shared->first) shared->first = s.first;
    if (s.last > shared->last) shared->last = s.last;
  }
}

static inline v128_t add_parts(v128_t sum, v128_t pixel_u32, float part) {
  return wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_convert_i32x4(pixel_u32), wasm_f32x4_splat(part)));
}

/* 16 bytes · n of each of the rows of a span → n · 16 floats. Whole rows are summed as integers of 16 bits, of which
 * 257 bytes fit. */
static inline void sum_rows(const uint8_t *rgba, size_t stride, const span *rows, int n, float *sums) {
  v128_t total[16];
  const uint8_t *const first = rgba + (size_t)rows->first * stride, *const last = rgba + (size_t)rows->last * stride;
  for (int i = 0; i < n * 4; i++) total[i] = wasm_f32x4_const_splat(0);
  for (int32_t y = rows->first + 1; y < rows->last;) {
    const int32_t end = rows->last - y > 257 ? y + 257 : rows->last;
    v128_t count[8];
    for (int i = 0; i < n * 2; i++) count[i] = wasm_i16x8_const_splat(0);
    for (const uint8_t *at = rgba + (size_t)y * stride; y < end; y++, at += stride)
      for (int i = 0; i < n; i++) {
        const v128_t bytes = wasm_v128_load(at + i * 16);
        count[i * 2] = wasm_i16x8_add(count[i * 2], wasm_u16x8_extend_low_u8x16(bytes));
        count[i * 2 + 1] = wasm_i16x8_add(count[i * 2 + 1], wasm_u16x8_extend_high_u8x16(bytes));
      }
    for (int i = 0; i < n * 2; i++) {
      total[i * 2] = add_parts(total[i * 2], wasm_u32x4_extend_low_u16x8(count[i]), 1);
      total[i * 2 + 1] = add_parts(total[i * 2 + 1], wasm_u32x4_extend_high_u16x8(count[i]), 1);
    }
  }
  for (int i = 0; i < n; i++)
    for (int edge = 0; edge < 2; edge++) {
      const v128_t bytes = wasm_v128_load((edge ? last : first) + i * 16);
      const float part = (float)(edge ? rows->last_part : rows->first_part);
      const v128_t low = wasm_u16x8_extend_low_u8x16(bytes), high = wasm_u16x8_extend_high_u8x16(bytes);
      v128_t *const to = total + i * 4;
      to[0] = add_parts(to[0], wasm_u32x4_extend_low_u16x8(low), part);
      to[1] = add_parts(to[1], wasm_u32x4_extend_high_u16x8(low), part);
      to[2] = add_parts(to[2], wasm_u32x4_extend_low_u16x8(high), part);
      to[3] = add_parts(to[3], wasm_u32x4_extend_high_u16x8(high), part);
    }
  for (int i = 0; i < n * 4; i++) wasm_v128_store(sums + i * 4, total[i]);
}

/* One pixel of each row. */
static void sum_rows_of_pixel(const uint8_t *rgba, size_t stride, const span *rows, float *sums) {
  for (int k = 0; k < 4; k++) {
    float sum = 0;
    for (int32_t y = rows->first + 1; y < rows->last; y++) sum += rgba[(size_t)y * stride + (size_t)k];
    sum += rgba[(size_t)rows->first * stride + (size_t)k] * (float)rows->first_part;
    sums[k] = sum + rgba[(size_t)rows->last * stride + (size_t)k] * (float)rows->last_part;
  }
}

/* R and G, B and A of one column's pixels, in double: as many as a row has may come together. */
static inline void sum_columns(const float *sums, const span *s, v128_t *low, v128_t *high) {
  v128_t rg = wasm_f64x2_splat(0), ba = rg;
  for (int32_t x = s->first; x <= s->last; x++) {
    const v128_t pixel = wasm_v128_load(sums + x * 4);
    v128_t a = wasm_f64x2_promote_low_f32x4(pixel);
    v128_t b = wasm_f64x2_promote_low_f32x4(wasm_i32x4_shuffle(pixel, pixel, 2, 3, 2, 3));
    if (x == s->first || x == s->last) {
      const v128_t part = wasm_f64x2_splat(x == s->first ? s->first_part : s->last_part);
      a = wasm_f64x2_mul(a, part);
      b = wasm_f64x2_mul(b, part);
    }
    rg = wasm_f64x2_add(rg, a);
    ba = wasm_f64x2_add(ba, b);
  }
  *low = rg;
  *high = ba;
}

void xj_area_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                  int32_t columns, void *work, float *line) {
  const area *const shared = work;
  const double middle = map->y0 + row * map->y_row + 0.5, half = box_of(map->y_row) / 2;
  const double box = box_of(map->x_column) * box_of(map->y_row);
  const span rows = cover(middle - half, middle + half, picture->height, border);
  if (rows.first <= rows.last) {
    int32_t x = shared->first;
    const uint8_t *const rgba = picture->rgba;
    for (; x + 16 <= shared->last + 1; x += 16)
      sum_rows(rgba + (size_t)x * 4, picture->stride, &rows, 4, shared->sums + x * 4);
    for (; x + 4 <= shared->last + 1; x += 4)
      sum_rows(rgba + (size_t)x * 4, picture->stride, &rows, 1, shared->sums + x * 4);
    for (; x <= shared->last; x++)
      sum_rows_of_pixel(rgba + (size_t)x * 4, picture->stride, &rows, shared->sums + x * 4);
  }
  const v128_t part = wasm_f64x2_splat(1 / box);
  const v128_t color_rg = wasm_f64x2_make(color[0], color[1]), color_ba = wasm_f64x2_make(color[2], 0);
  for (int32_t c = 0; c < columns; c++) {
    const span *const s = shared->spans + c;
    v128_t rg = wasm_f64x2_splat(0), ba = rg;
    if (rows.first <= rows.last) sum_columns(shared->sums, s, &rg, &ba);
    if (border == XJ_BORDER_COLOR) {
      const v128_t outside = wasm_f64x2_splat(box - rows.inside * s->inside);
      rg = wasm_f64x2_add(rg, wasm_f64x2_mul(outside, color_rg));
      ba = wasm_f64x2_add(ba, wasm_f64x2_mul(outside, color_ba));
    }
    const v128_t rg32 = wasm_f32x4_demote_f64x2_zero(wasm_f64x2_mul(rg, part));
    const v128_t ba32 = wasm_f32x4_demote_f64x2_zero(wasm_f64x2_mul(ba, part));
    wasm_v128_store(line + c * 4, wasm_i64x2_shuffle(rg32, ba32, 0, 2));
  }
}
