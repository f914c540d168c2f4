#include "kernels/softmax_rows.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/exp_f32.h"

#define INLINE static inline __attribute__((always_inline))

/* Sums are float32 over a stretch and double over the stretches. */
enum { STRETCH = 1024 };

/* The last 1 … 3 elements of a row, the other lanes -infinity: no maximum, and nothing in a sum. */
INLINE v128_t load_tail(const float *x, size_t n) {
  const v128_t beyond = wasm_f32x4_lt(wasm_f32x4_splat((float)n - 0.5f), wasm_f32x4_make(0, 1, 2, 3));
  return wasm_v128_bitselect(wasm_f32x4_const_splat(-INFINITY), xj_load_tail4(x, n), beyond);
}

INLINE float largest_lane(v128_t x) {
  x = wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 2, 3, 0, 1));
  x = wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(x, 0);
}

/* Four maxima at a time, since each waits for its last. */
float xj_row_max(size_t n, const float *x) {
  v128_t max[4];
  size_t i = 0;
  for (size_t k = 0; k < 4; k++) max[k] = wasm_f32x4_const_splat(-INFINITY);
  for (; i + 16 <= n; i += 16)
    for (size_t k = 0; k < 4; k++) max[k] = wasm_f32x4_pmax(max[k], wasm_v128_load(x + i + 4 * k));
  for (; i + 4 <= n; i += 4) max[0] = wasm_f32x4_pmax(max[0], wasm_v128_load(x + i));
  if (i < n) max[1] = wasm_f32x4_pmax(max[1], load_tail(x + i, n - i));
  return largest_lane(wasm_f32x4_pmax(wasm_f32x4_pmax(max[0], max[1]), wasm_f32x4_pmax(max[2], max[3])));
}

INLINE v128_t load(const float *p, size_t i, size_t step) {
  return step == 1 ? wasm_v128_load(p + i) : wasm_v128_load32_splat(p);
}

INLINE float mul_add_max(size_t n, float *x, const float *factor, size_t factor_step, const float *term, size_t step) {
  v128_t max[2] = {wasm_f32x4_const_splat(-INFINITY), wasm_f32x4_const_splat(-INFINITY)};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t k = 0; k < 2; k++) {
      float *at = x + i + 4 * k;
      v128_t y = wasm_v128_load(at);
      const v128_t by = load(term, i + 4 * k, step);
      y = factor == NULL ? wasm_f32x4_add(y, by) : XJ_MADD(y, load(factor, i + 4 * k, factor_step), by);
      wasm_v128_store(at, y);
      max[k] = wasm_f32x4_pmax(max[k], y);
    }
  float most = largest_lane(wasm_f32x4_pmax(max[0], max[1]));
  for (; i < n; i++) {
    x[i] = (factor == NULL ? x[i] : x[i] * factor[i * factor_step]) + term[i * step];
    if (x[i] > most) most = x[i];
  }
  return most;
}

float xj_row_add_max(size_t n, float *x, const float *term, size_t step) {
  return step == 1 ? mul_add_max(n, x, NULL, 0, term, 1) : mul_add_max(n, x, NULL, 0, term, 0);
}

float xj_row_mul_add_max(size_t n, float *x, const float *factor, size_t factor_step, const float *term, size_t step) {
  if (factor_step == 1 && step == 1) return mul_add_max(n, x, factor, 1, term, 1);
  return mul_add_max(n, x, factor, factor_step, term, step);
}

/* The sum of exp(x - max), which goes to y where that is wanted. */
INLINE double exponentials(size_t n, const float *x, float max, float *y, bool wanted) {
  const xj_exp_numbers numbers = xj_exp_numbers_keep();
  const v128_t most = wasm_f32x4_splat(max);
  double total = 0;
  for (size_t i = 0; i < n;) {
    const size_t end = n - i < STRETCH ? n : i + STRETCH;
    v128_t sum[2] = {wasm_f32x4_const_splat(0), wasm_f32x4_const_splat(0)};
    for (; i + 8 <= end; i += 8)
      for (size_t k = 0; k < 2; k++) {
        const v128_t e = xj_exp4_nonpositive_by(&numbers, wasm_f32x4_sub(wasm_v128_load(x + i + 4 * k), most));
        if (wanted) wasm_v128_store(y + i + 4 * k, e);
        sum[k] = wasm_f32x4_add(sum[k], e);
      }
    for (; i < end; i += 4) {
      const size_t rest = end - i < 4 ? end - i : 4;
      const v128_t v = rest < 4 ? load_tail(x + i, rest) : wasm_v128_load(x + i);
      const v128_t e = xj_exp4_nonpositive_by(&numbers, wasm_f32x4_sub(v, most)), other = sum[1];
      if (wanted && rest < 4)
        xj_store_tail4(y + i, rest, e);
      else if (wanted)
        wasm_v128_store(y + i, e);
      sum[1] = wasm_f32x4_add(sum[0], e);
      sum[0] = other;
    }
    i = end;
    const v128_t four = wasm_f32x4_add(sum[0], sum[1]);
    total += (double)wasm_f32x4_extract_lane(four, 0) + (double)wasm_f32x4_extract_lane(four, 1) +
             (double)wasm_f32x4_extract_lane(four, 2) + (double)wasm_f32x4_extract_lane(four, 3);
  }
  return total;
}

double xj_row_exponentials(size_t n, const float *x, float max, float *y) { return exponentials(n, x, max, y, true); }
double xj_row_sum(size_t n, const float *x, float max) { return exponentials(n, x, max, NULL, false); }

void xj_row_scale(size_t n, float by, float *x) {
  const v128_t factor = wasm_f32x4_splat(by);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(x + i, wasm_f32x4_mul(wasm_v128_load(x + i), factor));
  for (; i < n; i++) x[i] *= by;
}
