/* The last step: lines of R, G, B as a tensor's values. */
#include <stdbool.h>

#include "kernels/simd.h"
#include "kernels/standalone/image.h"

static inline v128_t splat(double x) { return wasm_f32x4_splat((float)x); }

/* [columns, 3]. Each pixel is stored with a fourth value, which the next one overwrites. */
static void finish3(const xj_sampling *sampling, const float *line, int32_t columns, float *values) {
  const double *const s = sampling->scale, *const o = sampling->offset;
  const v128_t scale = wasm_f32x4_make((float)s[0], (float)s[1], (float)s[2], 0);
  const v128_t offset = wasm_f32x4_make((float)o[0], (float)o[1], (float)o[2], 0);
  if (sampling->bgr != 0) {
    for (int32_t c = 0; c < columns; c++) {
      const v128_t rgb = wasm_v128_load(line + c * 4);
      const v128_t bgr = wasm_i32x4_shuffle(rgb, rgb, 2, 1, 0, 3);
      wasm_v128_store(values + c * 3, wasm_f32x4_add(wasm_f32x4_mul(bgr, scale), offset));
    }
    return;
  }
  for (int32_t c = 0; c < columns; c++)
    wasm_v128_store(values + c * 3, wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(line + c * 4), scale), offset));
}

/* [columns], by fours: the sums of R, G, B by their weights, in that order. */
static void finish1(const xj_sampling *sampling, const float *line, int32_t columns, float *values) {
  const v128_t red = splat(sampling->grey[0]), green = splat(sampling->grey[1]), blue = splat(sampling->grey[2]);
  const v128_t scale = splat(sampling->scale[0]), offset = splat(sampling->offset[0]);
  for (int32_t c = 0; c < columns; c += 4) {
    const float *const at = line + c * 4;
    const v128_t p0 = wasm_v128_load(at), p1 = wasm_v128_load(at + 4), p2 = wasm_v128_load(at + 8),
                 p3 = wasm_v128_load(at + 12);
    const v128_t rg01 = wasm_i32x4_shuffle(p0, p1, 0, 4, 1, 5), rg23 = wasm_i32x4_shuffle(p2, p3, 0, 4, 1, 5);
    const v128_t b01 = wasm_i32x4_shuffle(p0, p1, 2, 6, 2, 6), b23 = wasm_i32x4_shuffle(p2, p3, 2, 6, 2, 6);
    const v128_t r = wasm_i64x2_shuffle(rg01, rg23, 0, 2), g = wasm_i64x2_shuffle(rg01, rg23, 1, 3);
    const v128_t b = wasm_i64x2_shuffle(b01, b23, 0, 2);
    const v128_t sum =
        wasm_f32x4_add(wasm_f32x4_add(wasm_f32x4_mul(r, red), wasm_f32x4_mul(g, green)), wasm_f32x4_mul(b, blue));
    wasm_v128_store(values + c, wasm_f32x4_add(wasm_f32x4_mul(sum, scale), offset));
  }
}

/* To the nearest whole number, of two equally near ones the even; what does not fit becomes the nearest that does. */
static inline v128_t whole4(const float *values) {
  return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_v128_load(values)));
}

static void to_bytes(const float *values, int32_t n, uint8_t *tensor) {
  for (int32_t i = 0; i < n; i += 16) {
    const v128_t low = wasm_i16x8_narrow_i32x4(whole4(values + i), whole4(values + i + 4));
    const v128_t high = wasm_i16x8_narrow_i32x4(whole4(values + i + 8), whole4(values + i + 12));
    wasm_v128_store(tensor + i, wasm_u8x16_narrow_i16x8(low, high));
  }
}

void xj_finish_line(const xj_sampling *sampling, const float *line, int32_t columns, float *values, void *tensor) {
  const int32_t type = (int32_t)sampling->type, n = columns * (int32_t)sampling->channels;
  float *const to = type == XJ_TENSOR_FLOAT32 ? tensor : values;
  (sampling->channels == 1 ? finish1 : finish3)(sampling, line, columns, to);
  if (type == XJ_TENSOR_UINT8) to_bytes(values, n, tensor);
  if (type == XJ_TENSOR_INT32)
    for (int32_t i = 0; i < n; i += 4) wasm_v128_store((int32_t *)tensor + i, whole4(values + i));
}
