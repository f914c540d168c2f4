/* What can be computed of elements that meet. float32 is summed by SIMD over a stretch of at most 64 additions for each
 * lane, and in double over the stretches. */
#include <math.h>

#include "kernels/reduction.h"
#include "kernels/simd.h"

#define INLINE static inline __attribute__((always_inline))

enum { STRETCH = 64 };

typedef v128_t map4(v128_t x);
typedef v128_t combine4(v128_t a, v128_t b);
typedef double combine1(double a, double b);

INLINE v128_t same4(v128_t x) { return x; }
INLINE v128_t square4(v128_t x) { return wasm_f32x4_mul(x, x); }
INLINE v128_t add4(v128_t a, v128_t b) { return wasm_f32x4_add(a, b); }
INLINE v128_t max4(v128_t a, v128_t b) { return wasm_f32x4_max(a, b); }
INLINE v128_t min4(v128_t a, v128_t b) { return wasm_f32x4_min(a, b); }

INLINE double add1(double a, double b) { return a + b; }
/* NaN stays, and +0 is more than -0: as the vectors have it. */
INLINE double max1(double a, double b) {
  if (isnan(a) || isnan(b)) return NAN;
  return a == b ? (signbit(a) ? b : a) : a > b ? a : b;
}
INLINE double min1(double a, double b) {
  if (isnan(a) || isnan(b)) return NAN;
  return a == b ? (signbit(a) ? a : b) : a < b ? a : b;
}

INLINE double combine_lanes(v128_t v, double into, size_t n, combine1 *combine) {
  float lanes[4];
  wasm_v128_store(lanes, v);
  for (size_t i = 0; i < n; i++) into = combine(into, (double)lanes[i]);
  return into;
}

INLINE void row_float(size_t n, const float *x, double *result, float neutral, map4 *map, combine4 *f4, combine1 *f1) {
  double total = *result;
  if (n < 4) {
    for (size_t i = 0; i < n; i++)
      total = f1(total, (double)wasm_f32x4_extract_lane(map(wasm_v128_load32_zero(x + i)), 0));
    *result = total;
    return;
  }
  while (n >= 4) {
    v128_t part[4];
    for (size_t k = 0; k < 4; k++) part[k] = wasm_f32x4_splat(neutral);
    size_t left = STRETCH;
    for (; n >= 16 && left > 0; n -= 16, x += 16, left--)
      for (size_t k = 0; k < 4; k++) part[k] = f4(part[k], map(wasm_v128_load(x + 4 * k)));
    if (n < 16)
      for (; n >= 4; n -= 4, x += 4) part[0] = f4(part[0], map(wasm_v128_load(x)));
    total = combine_lanes(f4(f4(part[0], part[1]), f4(part[2], part[3])), total, 4, f1);
  }
  if (n > 0) total = combine_lanes(map(xj_load_tail4(x, n)), total, n, f1);
  *result = total;
}

/* `tiles` times four columns, or the first n of the last four; a stretch of rows at a time. */
INLINE void columns_float(size_t rows, size_t stride, size_t tiles, size_t n, const float *x, double *results,
                          float neutral, map4 *map, combine4 *f4, combine1 *f1) {
  while (rows > 0) {
    v128_t part[4];
    for (size_t k = 0; k < tiles; k++) part[k] = wasm_f32x4_splat(neutral);
    const size_t end = rows < STRETCH ? rows : STRETCH;
    for (size_t row = 0; row < end; row++, x += stride)
      for (size_t k = 0; k < tiles; k++) part[k] = f4(part[k], map(wasm_v128_load(x + 4 * k)));
    rows -= end;
    for (size_t i = 0; i < n; i += 4) {
      float lanes[4];
      wasm_v128_store(lanes, part[i / 4]);
      for (size_t k = i; k < n && k < i + 4; k++) results[k] = f1(results[k], (double)lanes[k - i]);
    }
  }
}

/* Reading up to 12 bytes beyond the tensor is allowed. */
#define FLOATS(name, neutral, map, f4, f1)                                                                             \
  static void name##_start(size_t n, xj_partial *partial) {                                                            \
    for (size_t i = 0; i < n; i++) partial->floats[i] = (neutral);                                                     \
  }                                                                                                                    \
  static void name##_row(size_t n, const void *x, xj_partial *partial) {                                               \
    row_float(n, x, partial->floats, neutral, map, f4, f1);                                                            \
  }                                                                                                                    \
  static void name##_columns(size_t rows, size_t stride, size_t n, const void *x, xj_partial *partial) {               \
    if (n == XJ_REDUCED_AT_ONCE)                                                                                       \
      columns_float(rows, stride, 4, n, x, partial->floats, neutral, map, f4, f1);                                     \
    else                                                                                                               \
      for (size_t i = 0; i < n; i += 4)                                                                                \
        columns_float(rows, stride, 1, n - i < 4 ? n - i : 4, (const float *)x + i, partial->floats + i, neutral, map, \
                      f4, f1);                                                                                         \
  }

FLOATS(sum, 0.0f, same4, add4, add1)
FLOATS(squares, 0.0f, square4, add4, add1)
FLOATS(max, -INFINITY, same4, max4, max1)
FLOATS(min, INFINITY, same4, min4, min1)

/* By plain loops: `next` of the state so far and the element x. */
#define PLAIN(name, type, states, state_type, neutral, next)                                                           \
  static void name##_start(size_t n, xj_partial *partial) {                                                            \
    for (size_t i = 0; i < n; i++) partial->states[i] = (neutral);                                                     \
  }                                                                                                                    \
  static void name##_row(size_t n, const void *elements, xj_partial *partial) {                                        \
    const type *xs = elements;                                                                                         \
    state_type state = partial->states[0];                                                                             \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      const type x = xs[i];                                                                                            \
      state = next;                                                                                                    \
    }                                                                                                                  \
    partial->states[0] = state;                                                                                        \
  }                                                                                                                    \
  static void name##_columns(size_t rows, size_t stride, size_t n, const void *elements, xj_partial *partial) {        \
    const type *xs = elements;                                                                                         \
    for (size_t row = 0; row < rows; row++, xs += stride)                                                              \
      for (size_t i = 0; i < n; i++) {                                                                                 \
        const type x = xs[i];                                                                                          \
        const state_type state = partial->states[i];                                                                   \
        partial->states[i] = next;                                                                                     \
      }                                                                                                                \
  }

PLAIN(prod, float, floats, double, 1, state *(double)x)
PLAIN(sum_int, int32_t, ints, int32_t, 0, (int32_t)((uint32_t)state + (uint32_t)x))
PLAIN(prod_int, int32_t, ints, int32_t, 1, (int32_t)((uint32_t)state *(uint32_t)x))
PLAIN(max_int, int32_t, ints, int32_t, INT32_MIN, x > state ? x : state)
PLAIN(min_int, int32_t, ints, int32_t, INT32_MAX, x < state ? x : state)
PLAIN(mean_int, int32_t, longs, int64_t, 0, state + x)
PLAIN(all, uint8_t, ints, int32_t, 1, state &(x != 0))
PLAIN(any, uint8_t, ints, int32_t, 0, state | (x != 0))

#define FINISH(name, type, states, state_type, expression)                                                             \
  static void finish_##name(size_t n, const xj_partial *partial, double parameter, void *results) {                    \
    (void)parameter;                                                                                                   \
    type *y = results;                                                                                                 \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      const state_type state = partial->states[i];                                                                     \
      y[i] = expression;                                                                                               \
    }                                                                                                                  \
  }

FINISH(float, float, floats, double, (float)state)
FINISH(int, int32_t, ints, int32_t, state)
FINISH(bool, uint8_t, ints, int32_t, (uint8_t)state)
FINISH(mean, float, floats, double, (float)(state / parameter)) /* of nothing: NaN */
FINISH(mean_int, int32_t, longs, int64_t, parameter == 0 ? 0 : (int32_t)(state / (int64_t)parameter))
FINISH(inverse_norm, float, floats, double, (float)(1 / sqrt(state < parameter ? parameter : state)))

#define REDUCER(name, steps, end, x_type, y_type)                                                                      \
  const xj_reducer xj_##name = {steps##_start, steps##_row,    steps##_columns,                                        \
                                finish_##end,  sizeof(x_type), sizeof(y_type)};

REDUCER(sum_float, sum, float, float, float)
REDUCER(sum_int, sum_int, int, int32_t, int32_t)
REDUCER(prod_float, prod, float, float, float)
REDUCER(prod_int, prod_int, int, int32_t, int32_t)
REDUCER(max_float, max, float, float, float)
REDUCER(max_int, max_int, int, int32_t, int32_t)
REDUCER(min_float, min, float, float, float)
REDUCER(min_int, min_int, int, int32_t, int32_t)
REDUCER(mean_float, sum, mean, float, float)
REDUCER(mean_int, mean_int, mean_int, int32_t, int32_t)
REDUCER(all_bool, all, bool, uint8_t, uint8_t)
REDUCER(any_bool, any, bool, uint8_t, uint8_t)
REDUCER(inverse_norm_float, squares, inverse_norm, float, float)
