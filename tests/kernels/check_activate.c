/* activate.h, bit for bit: a clamp rounds nothing and a slope once. */
#include <math.h>
#include <string.h>

#include "kernels/activate.h"
#include "tests/kernels/check.h"

static float expected_of(const xj_activate *a, float x, float slope) {
  if (isnan(x)) return x;
  if (a->kind == XJ_ACTIVATION_CLAMP) return x < a->min ? a->min : x > a->max ? a->max : x;
  if (a->kind == XJ_ACTIVATION_PRELU && x < 0) return x * slope;
  return x;
}

static void activate(void) {
  static const struct {
    float min, max;
  } limits[] = {{0, 6}, {0, INFINITY}, {-INFINITY, INFINITY}, {-1, 1}, {0.25f, 0.25f}};
  for (int32_t round = 0; round < 4000; round++) {
    const size_t rows = 1 + xj_check_random(5), channels = 1 + xj_check_random(19), n = rows * channels;
    const size_t limit = xj_check_random(sizeof limits / sizeof *limits);
    const xj_activate a = {.kind = xj_check_between(XJ_ACTIVATION_NONE, XJ_ACTIVATION_PRELU),
                           .min = limits[limit].min,
                           .max = limits[limit].max,
                           .one_slope = xj_check_random(2) != 0};
    const size_t n_slopes = a.one_slope ? 1 : channels;
    float *y = xj_check_floats(n), *slope = xj_check_floats(n_slopes), before[5 * 19];
    xj_check_fill(y, n, round % 2 == 0);
    xj_check_fill(slope, n_slopes, false);
    memcpy(before, y, n * sizeof(float));
    xj_activate_rows(&a, slope, rows, channels, y, y, NULL);
    xj_check_guards("activate");
    for (size_t i = 0; i < n; i++) {
      const float expected = expected_of(&a, before[i], slope[a.one_slope ? 0 : i % channels]);
      if (memcmp(&y[i], &expected, sizeof expected) != 0 && !(isnan(y[i]) && isnan(expected)))
        xj_check_fail("activate: kind %d, %zu rows of %zu: [%zu] of %.9g becomes %.9g, expected %.9g", a.kind, rows,
                      channels, i, (double)before[i], (double)y[i], (double)expected);
    }
    xj_check_release();
  }
}

const xj_check xj_checks_activate[] = {
    {"activate", "activation: clamps and slopes bit for bit as the scalar formula, in place, NaN stays NaN", activate},
    {NULL, NULL, NULL}};
