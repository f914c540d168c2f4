/* Lines of a region by bilinear interpolation: anyhow turned, and with what lines share where it is not. */
#include <stdbool.h>

#include "kernels/simd.h"
#include "kernels/standalone/image.h"

/* The index of 0 … n - 1 that stands for i; -1: the border's colour. */
static int32_t stand_in(int32_t i, int32_t n, int32_t border) {
  if (i >= 0 && i < n) return i;
  if (border == XJ_BORDER_COLOR) return -1;
  if (border == XJ_BORDER_REPLICATE) return i < 0 ? 0 : n - 1;
  const int32_t rest = i % (2 * n), at = rest < 0 ? rest + 2 * n : rest;
  return at < n ? at : 2 * n - 1 - at;
}

static inline v128_t mix(v128_t a, v128_t b, v128_t part) {
  return wasm_f32x4_add(a, wasm_f32x4_mul(wasm_f32x4_sub(b, a), part));
}

/* Two pixels side by side, mixed. */
static inline v128_t mix_pair(const uint8_t *rgba, v128_t part) {
  const v128_t pair = wasm_u16x8_load8x8(rgba);
  return mix(wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(pair)),
             wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(pair)), part);
}

static v128_t texel(const xj_picture *picture, int32_t x, int32_t y, const float *color) {
  if (x < 0 || y < 0) return wasm_v128_load(color);
  const v128_t bytes = wasm_v128_load32_zero(picture->rgba + (size_t)y * picture->stride + (size_t)x * 4);
  return wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(bytes)));
}

/* A coordinate in 2^-32 of a pixel: of 2^15 columns the last is within 2^-18. */
static inline uint64_t fixed(double x) { return (uint64_t)(int64_t)(x * 0x1p32); }

/* Four columns after the other: start + c · step. */
typedef struct {
  v128_t low, high, step;
} walk;

static inline walk start_walk(double start, double step) {
  const uint64_t at = fixed(start), by = fixed(step);
  return (walk){wasm_u64x2_make(at, at + by), wasm_u64x2_make(at + 2 * by, at + 3 * by), wasm_u64x2_splat(4 * by)};
}

/* The whole pixels of four columns, and what is left, 0 … 1 - 2^-24; then on to the next four. */
static inline void locate4(walk *w, v128_t *whole, v128_t *rest) {
  *whole = wasm_i32x4_shuffle(w->low, w->high, 1, 3, 5, 7);
  const v128_t bits = wasm_u32x4_shr(wasm_i32x4_shuffle(w->low, w->high, 0, 2, 4, 6), 8);
  *rest = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(bits), wasm_f32x4_splat(0x1p-24f));
  w->low = wasm_i64x2_add(w->low, w->step);
  w->high = wasm_i64x2_add(w->high, w->step);
}

#define SPLAT(v, lane) wasm_i32x4_shuffle(v, v, lane, lane, lane, lane)

/* One of four columns, whose pixels all lie inside. */
#define INSIDE(lane)                                                                                                   \
  do {                                                                                                                 \
    const uint8_t *const at = rgba + (uint32_t)wasm_i32x4_extract_lane(offsets, lane);                                 \
    const v128_t part = SPLAT(right, lane);                                                                            \
    wasm_v128_store(line + (c + lane) * 4,                                                                             \
                    mix(mix_pair(at, part), mix_pair(at + row_bytes, part), SPLAT(below, lane)));                      \
  } while (0)

void xj_bilinear_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                      int32_t columns, float *line) {
  const double x_first = map->x0 + row * map->x_row, y_first = map->y0 + row * map->y_row;
  /* Copies: for all that the compiler knows, a line is stored over what it would read again. */
  const uint8_t *const rgba = picture->rgba;
  const size_t row_bytes = picture->stride;
  const v128_t stride = wasm_i32x4_splat((int32_t)picture->stride);
  const v128_t x_last = wasm_i32x4_splat(picture->width - 1), y_last = wasm_i32x4_splat(picture->height - 1);
  walk across = start_walk(x_first, map->x_column), down = start_walk(y_first, map->y_column);
  for (int32_t c = 0; c < columns; c += 4) {
    v128_t x, y, right, below;
    locate4(&across, &x, &right);
    locate4(&down, &y, &below);
    if (wasm_i32x4_all_true(wasm_v128_and(wasm_u32x4_lt(x, x_last), wasm_u32x4_lt(y, y_last)))) {
      const v128_t offsets = wasm_i32x4_add(wasm_i32x4_mul(y, stride), wasm_i32x4_shl(x, 2));
      INSIDE(0);
      INSIDE(1);
      INSIDE(2);
      INSIDE(3);
      continue;
    }
    int32_t xs[4], ys[4];
    float rights[4], belows[4];
    wasm_v128_store(xs, x);
    wasm_v128_store(ys, y);
    wasm_v128_store(rights, right);
    wasm_v128_store(belows, below);
    for (int32_t i = 0; i < 4; i++) {
      const v128_t part = wasm_f32x4_splat(rights[i]);
      const int32_t l = stand_in(xs[i], picture->width, border), r = stand_in(xs[i] + 1, picture->width, border);
      const int32_t t = stand_in(ys[i], picture->height, border), b = stand_in(ys[i] + 1, picture->height, border);
      const v128_t top = mix(texel(picture, l, t, color), texel(picture, r, t, color), part);
      const v128_t bottom = mix(texel(picture, l, b, color), texel(picture, r, b, color), part);
      wasm_v128_store(line + (c + i) * 4, mix(top, bottom, wasm_f32x4_splat(belows[i])));
    }
  }
}

/* What lines of an aligned region share: where columns look, and the two rows of the picture that were stretched last.
 */
typedef struct {
  int32_t *left, *next; /* [columns] each: two pixels side by side, or what stands in for them */
  float *right;         /* [columns] */
  int32_t first, last;  /* columns of which both pixels lie inside */
  int32_t stretched[2]; /* rows of the picture; -1: the border's colour, -2: none yet */
  float *lines[2];      /* [columns, 4] each */
} aligned;

static size_t padded(int32_t columns) { return ((size_t)columns + 3) / 4 * 4; }

size_t xj_aligned_bytes(int32_t columns) {
  return 64 + padded(columns) * (2 * sizeof(int32_t) + sizeof(float) + 2 * 4 * sizeof(float));
}

void xj_aligned_prepare(const xj_picture *picture, const xj_map *map, int32_t border, int32_t columns, void *work) {
  aligned *const shared = work;
  const size_t n = padded(columns);
  shared->lines[0] = (float *)((char *)work + 64);
  shared->lines[1] = shared->lines[0] + n * 4;
  shared->right = shared->lines[1] + n * 4;
  shared->left = (int32_t *)(shared->right + n);
  shared->next = shared->left + n;
  shared->stretched[0] = shared->stretched[1] = -2;
  walk across = start_walk(map->x0, map->x_column);
  for (int32_t c = 0; c < columns; c += 4) {
    v128_t x, right;
    locate4(&across, &x, &right);
    wasm_v128_store(shared->left + c, x);
    wasm_v128_store(shared->right + c, right);
  }
  /* Whichever direction the columns go, those inside follow each other. */
  const uint32_t last = (uint32_t)picture->width - 1;
  int32_t c = 0;
  while (c < columns && (uint32_t)shared->left[c] >= last) c++;
  shared->first = c;
  while (c < columns && (uint32_t)shared->left[c] < last) c++;
  shared->last = c;
  for (c = 0; c < columns; c++) {
    shared->next[c] = stand_in(shared->left[c] + 1, picture->width, border);
    shared->left[c] = stand_in(shared->left[c], picture->width, border);
  }
}

/* Columns from … to - 1 of row y, or of the border's colour if y is -1. */
static void stretch_outside(const xj_picture *picture, const float *color, const aligned *shared, int32_t y,
                            int32_t from, int32_t to, float *line) {
  for (int32_t c = from; c < to; c++)
    wasm_v128_store(line + c * 4,
                    mix(texel(picture, shared->left[c], y, color), texel(picture, shared->next[c], y, color),
                        wasm_v128_load32_splat(shared->right + c)));
}

static void stretch(const xj_picture *picture, const float *color, const aligned *shared, int32_t y, int32_t columns,
                    float *line) {
  if (y < 0) {
    stretch_outside(picture, color, shared, y, 0, columns, line);
    return;
  }
  const uint8_t *const row = picture->rgba + (size_t)y * picture->stride;
  stretch_outside(picture, color, shared, y, 0, shared->first, line);
  const int32_t *const left = shared->left;
  const int32_t last = shared->last;
  const float *const right = shared->right;
  for (int32_t c = shared->first; c < last; c++)
    wasm_v128_store(line + c * 4, mix_pair(row + (size_t)left[c] * 4, wasm_v128_load32_splat(right + c)));
  stretch_outside(picture, color, shared, y, shared->last, columns, line);
}

/* The slot that holds row y of the picture, stretched; `kept` is not overwritten. */
static int slot(const xj_picture *picture, const float *color, aligned *shared, int32_t y, int32_t columns, int kept) {
  for (int i = 0; i < 2; i++)
    if (shared->stretched[i] == y) return i;
  const int free = kept < 0 ? 0 : 1 - kept;
  stretch(picture, color, shared, y, columns, shared->lines[free]);
  shared->stretched[free] = y;
  return free;
}

void xj_aligned_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                     int32_t columns, void *work, float *line) {
  aligned *const shared = work;
  walk down = start_walk(map->y0 + row * map->y_row, 0);
  v128_t y, below;
  locate4(&down, &y, &below);
  const int32_t above = wasm_i32x4_extract_lane(y, 0);
  const int32_t top = stand_in(above, picture->height, border);
  const int32_t bottom = stand_in(above + 1, picture->height, border);
  /* What is there already must not make room for the other. */
  const int lower = shared->stretched[0] == bottom ? 0 : shared->stretched[1] == bottom ? 1 : -1;
  const int upper = slot(picture, color, shared, top, columns, lower);
  const float *const a = shared->lines[upper];
  const float *const b = shared->lines[slot(picture, color, shared, bottom, columns, upper)];
  for (int32_t i = 0; i < columns * 4; i += 4)
    wasm_v128_store(line + i, mix(wasm_v128_load(a + i), wasm_v128_load(b + i), below));
}
