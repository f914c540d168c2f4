/* exp_f32.h against exp of double. */
#include <math.h>

#include "kernels/exp_f32.h"
#include "tests/kernels/check.h"

static void compare(const float *x, double *worst) {
  float y[4];
  wasm_v128_store(y, xj_exp4_nonpositive(wasm_v128_load(x)));
  for (int32_t i = 0; i < 4; i++) {
    const double expected = exp((double)x[i]), relative = xj_check_error(y[i], expected, expected * 0x1p-23);
    const bool flushed = y[i] == 0 && expected < 0x1p-126;
    if (!flushed && !(relative <= 2)) /* in units of the last place */
      xj_check_fail("exp(%.9g) is %.9g, expected %.9g, off by %.2f", (double)x[i], (double)y[i], expected, relative);
    if (!flushed && relative > *worst) *worst = relative;
  }
}

static void exp_nonpositive(void) {
  static const float special[] = {NAN,    -0.0f,   0.0f,    -INFINITY, -1e-45f, -1e-30f, -87.33654f, -87.33655f,
                                  -88.0f, -103.9f, -104.0f, -1000.0f,  -1e30f,  -3e38f,  -0.34657f,  -0.34658f};
  double worst = 0;
  for (size_t i = 0; i < sizeof special / sizeof *special; i += 4) compare(special + i, &worst);
  for (int32_t round = 0; round < 200000; round++) {
    float x[4];
    for (int32_t i = 0; i < 4; i++) x[i] = -fabsf(xj_check_uniform()) * (round % 2 ? 90.0f : 1.0f);
    compare(x, &worst);
  }
  xj_check_note("exp: largest error %.2f units in the last place", worst);
}

const xj_check xj_checks_exp[] = {
    {"exp", "exp of numbers up to 0: within 2 units in the last place, 0 below 2^-126, NaN stays NaN", exp_nonpositive},
    {NULL, NULL, NULL}};
