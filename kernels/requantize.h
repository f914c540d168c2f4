/* Fixed-point scaling as TFLite does it (MultiplyByQuantizedMultiplier): an int32 times a factor, rounded twice. */
#ifndef XJ_REQUANTIZE_H
#define XJ_REQUANTIZE_H

#include "kernels/simd.h"
#include "src/op.h"

/* The factor multiplier * 2^(shift - 31); multiplier is 0 or 2^30 … 2^31 - 1, and shift -31 … 30. */
typedef struct {
  int32_t multiplier, shift;
} xj_fixed;

/* The nearest to a factor; 0 for one that is not positive and finite, as dead channels have it. */
xj_fixed xj_fixed_make(double factor);

/* x * multiplier / 2^31, halves up. */
static inline int32_t xj_doubling_high(int32_t x, int32_t multiplier) {
  return (int32_t)(((int64_t)x * multiplier + (1 << 30)) >> 31);
}

/* x * factor: the left shift saturates (it overflows in TFLite); then halves up; then by the right shift, halves away
 * from zero. */
static inline int32_t xj_fixed_scale(int32_t x, xj_fixed factor) {
  const int32_t left = factor.shift > 0 ? factor.shift : 0, right = factor.shift > 0 ? 0 : -factor.shift;
  const int64_t shifted = (int64_t)x * (1 << left);
  const int32_t limited = (int32_t)(shifted < INT32_MIN ? INT32_MIN : shifted > INT32_MAX ? INT32_MAX : shifted);
  const int32_t high = xj_doubling_high(limited, factor.multiplier);
  const int32_t mask = (int32_t)((1u << right) - 1), half = (mask >> 1) + (high < 0);
  return (high >> right) + ((high & mask) > half);
}

/* How xj_fixed_scale4 takes a right shift: 2^(31 - right), and 0 for none. */
static inline int32_t xj_fixed_power(int32_t right) { return right == 0 ? 0 : 1 << (31 - right); }

/* The low halves of (a + 2^30) >> 31, for four int64 in two vectors. */
static inline v128_t xj_halve_up(v128_t low, v128_t high) {
  const v128_t half = wasm_i64x2_splat(1 << 30);
  low = wasm_u64x2_shr(wasm_i64x2_add(low, half), 31);
  high = wasm_u64x2_shr(wasm_i64x2_add(high, half), 31);
  return wasm_i32x4_shuffle(low, high, 0, 2, 4, 6);
}

/* xj_fixed_scale of four, without left shifts. -1 for what is negative makes halves up halves away from zero. */
static inline v128_t xj_fixed_scale4(v128_t x, v128_t multiplier, v128_t power) {
  const v128_t high =
      xj_halve_up(wasm_i64x2_extmul_low_i32x4(x, multiplier), wasm_i64x2_extmul_high_i32x4(x, multiplier));
  const v128_t away = wasm_i32x4_add(high, wasm_i32x4_shr(high, 31));
  const v128_t shifted =
      xj_halve_up(wasm_i64x2_extmul_low_i32x4(away, power), wasm_i64x2_extmul_high_i32x4(away, power));
  return wasm_v128_bitselect(high, shifted, wasm_i32x4_eq(power, wasm_i32x4_splat(0)));
}

/* Checks that ops of int8 and uint8 share; `name` is what messages call it. */
xj_status xj_byte_check(const xj_node_view *node, int32_t input, const char *name);
xj_status xj_scale_check(float scale, const char *name);
/* Whether a zero point is one of dtype's values, 8 bits wide. */
xj_status xj_zero_check(int32_t zero, int32_t dtype, const char *name);

static inline int32_t xj_byte_min(int32_t dtype) { return dtype == XJ_UINT8 ? 0 : -128; }
static inline int32_t xj_byte_max(int32_t dtype) { return dtype == XJ_UINT8 ? 255 : 127; }

/* What results are limited to: bounds of an activation, both 0 for none, within dtype; or 'bad model'. */
typedef struct {
  int32_t min, max;
} xj_range;
xj_status xj_range_make(int32_t min, int32_t max, int32_t dtype, xj_range *range);

static inline int32_t xj_range_limit(const xj_range *range, int32_t y) {
  return y < range->min ? range->min : y > range->max ? range->max : y;
}

#endif
