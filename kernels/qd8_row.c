#include "kernels/qd8_row.h"

#include <math.h>
#include <string.h>

/* A float so large that its last bit is worth 1: added to a smaller one, it rounds that to an integer, in its low bits.
 */
static const float magic = 0x1.8p23f;
static const int32_t magic_bits = 0x4b400000;

typedef struct {
  v128_t low, high, odd; /* odd: 0, or NaN where a value was not finite */
} extremes;

static inline extremes widen(extremes e, v128_t x) {
  return (extremes){wasm_f32x4_pmin(e.low, x), wasm_f32x4_pmax(e.high, x), wasm_v128_or(e.odd, wasm_f32x4_sub(x, x))};
}

static xj_qd8_range range_of(size_t n, const float *x) {
  const v128_t none = wasm_f32x4_const_splat(0);
  extremes a = {none, none, none}, b = a;
  for (; n >= 8; n -= 8, x += 8) {
    a = widen(a, wasm_v128_load(x));
    b = widen(b, wasm_v128_load(x + 4));
  }
  if (n >= 4) {
    a = widen(a, wasm_v128_load(x));
    n -= 4;
    x += 4;
  }
  if (n > 0) b = widen(b, xj_load_tail4(x, n));
  float low[4], high[4], odd[4];
  wasm_v128_store(low, wasm_f32x4_pmin(a.low, b.low));
  wasm_v128_store(high, wasm_f32x4_pmax(a.high, b.high));
  wasm_v128_store(odd, wasm_v128_or(a.odd, b.odd));
  for (size_t i = 1; i < 4; i++) {
    low[0] = low[i] < low[0] ? low[i] : low[0];
    high[0] = high[i] > high[0] ? high[i] : high[0];
    odd[0] += odd[i];
  }
  if (isnan(odd[0])) return (xj_qd8_range){0, NAN};
  const float levels = XJ_QD8_MOST - XJ_QD8_LEAST, step = high[0] / levels - low[0] / levels;
  xj_qd8_range range = {.step = step < 0x1p-126f ? 0x1p-126f : step};
  const float zero = XJ_QD8_LEAST - rintf(low[0] / range.step);
  range.zero = zero > XJ_QD8_MOST ? XJ_QD8_MOST : (int32_t)zero;
  return range;
}

static inline v128_t rounded(const float *x, v128_t factor, v128_t base) {
  const v128_t product = wasm_f32x4_mul(wasm_v128_load(x), factor);
  return wasm_i32x4_sub(wasm_f32x4_add(product, wasm_f32x4_splat(magic)), base);
}

xj_qd8_range xj_qd8_row(size_t n, const float *x, int8_t *bytes) {
  const xj_qd8_range range = range_of(n, x);
  if (isnan(range.step)) {
    memset(bytes, 0, n);
    return range;
  }
  const v128_t factor = wasm_f32x4_splat(1 / range.step), base = wasm_i32x4_splat(magic_bits - range.zero);
  for (; n >= 16; n -= 16, x += 16, bytes += 16) {
    const v128_t a = wasm_i16x8_narrow_i32x4(rounded(x, factor, base), rounded(x + 4, factor, base));
    const v128_t b = wasm_i16x8_narrow_i32x4(rounded(x + 8, factor, base), rounded(x + 12, factor, base));
    wasm_v128_store(bytes, XJ_QD8_NARROW(a, b));
  }
  for (; n > 0; x += 4, bytes += 4) {
    const v128_t a = rounded(x, factor, base), two = wasm_i16x8_narrow_i32x4(a, a);
    wasm_v128_store32_lane(bytes, XJ_QD8_NARROW(two, two), 0);
    n -= n < 4 ? n : 4;
  }
  return range;
}
