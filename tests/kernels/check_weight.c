/* weight.h: decoding of stored weights. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/weight.h"
#include "tests/kernels/check.h"

enum { N_HALVES = 65536, STRETCH = 1024 };

/* IEEE 754-2008, 3.4: (-1)^s * 2^(e - 15) * (1 + f / 1024), subnormals 2^-14 * f / 1024. */
static double half_value(uint32_t half) {
  const int32_t exponent = (int32_t)(half >> 10 & 31), fraction = (int32_t)(half & 1023);
  const double sign = half >> 15 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * ldexp(fraction, -24);
  return sign * ldexp(1024 + fraction, exponent - 25);
}

static void half_floats(void) {
  uint16_t *stored = malloc(N_HALVES * sizeof *stored);
  for (uint32_t i = 0; i < N_HALVES; i++) stored[i] = (uint16_t)i;
  const xj_weight weight = {{XJ_FLOAT16, 0, 0}, stored, N_HALVES};
  for (uint32_t first = 0; first < N_HALVES; first += STRETCH) {
    float *values = xj_check_floats(STRETCH);
    xj_weight_read(&weight, first, STRETCH, values);
    xj_check_guards("half_floats");
    for (uint32_t i = 0; i < STRETCH; i++) {
      const double expected = half_value(first + i);
      const bool same =
          isnan(expected) ? isnan(values[i]) : (double)values[i] == expected && signbit(values[i]) == signbit(expected);
      if (!same) xj_check_fail("half float %04x is %.9g, expected %.9g", first + i, (double)values[i], expected);
    }
    xj_check_release();
  }
  free(stored);
}

/* value = stored * scale + min in double: one rounding to float32 that counts. */
static void check_quantised(int32_t dtype, uint32_t n, double scale, double min) {
  uint16_t *wide = malloc(n * sizeof *wide);
  uint8_t *narrow = malloc(n);
  for (uint32_t i = 0; i < n; i++) {
    wide[i] = (uint16_t)i;
    narrow[i] = (uint8_t)i;
  }
  const xj_weight weight = {{dtype, scale, min}, dtype == XJ_UINT16 ? (void *)wide : (void *)narrow, n};
  for (uint32_t first = 0; first < n;) {
    const uint32_t length = 1 + xj_check_random(n - first < STRETCH ? n - first : STRETCH);
    float *values = xj_check_floats(length);
    xj_weight_read(&weight, first, length, values);
    xj_check_guards("quantised");
    for (uint32_t i = 0; i < length; i++) {
      const int32_t code = dtype == XJ_INT8 ? (int8_t)(first + i) : (int32_t)(first + i);
      const double product = (double)code * scale, expected = product + min;
      const double bound = 0x1p-24 * fabs(expected) * 1.01 + 0x1p-50 * fabs(product) + 0x1p-149;
      if (!(xj_check_error(values[i], expected, bound) <= 1))
        xj_check_fail("dtype %d: %d * %g + %g is %.9g, expected %.9g", dtype, code, scale, min, (double)values[i],
                      expected);
    }
    first += length;
    xj_check_release();
  }
  free(wide);
  free(narrow);
}

static void quantised(void) {
  for (int32_t round = 0; round < 40; round++) {
    /* Not representable in float32. */
    const double scale = ldexp((double)xj_check_uniform() / 3, xj_check_between(-20, 4)),
                 min = (double)xj_check_uniform() / 0.7;
    check_quantised(XJ_UINT8, 256, scale, min);
    check_quantised(XJ_INT8, 256, scale, min);
    if (round < 4) check_quantised(XJ_UINT16, 65536, scale, min);
  }
}

static void plain(void) {
  float *stored = xj_check_floats(97), *values = xj_check_floats(97);
  xj_check_fill(stored, 97, true);
  const xj_weight weight = {{XJ_FLOAT32, 0, 0}, stored, 97};
  for (size_t offset = 0; offset < 97; offset += 7) {
    const size_t n = 97 - offset;
    xj_weight_read(&weight, offset, n, values);
    if (memcmp(values, stored + offset, n * sizeof(float)) != 0)
      xj_check_fail("float32 from %zu on is not copied", offset);
  }
  int32_t numbers[5] = {INT32_MIN, -1, 0, 1, INT32_MAX}, decoded[5];
  xj_weight_decode(&(xj_weight){{XJ_INT32, 0, 0}, numbers, 5}, XJ_INT32, decoded);
  if (memcmp(decoded, numbers, sizeof numbers) != 0) xj_check_fail("int32 is not copied");
}

const xj_check xj_checks_weight[] = {
    {"half_floats", "weights: all 65536 half floats are what IEEE 754's formula says", half_floats},
    {"quantised", "weights: int8, uint8 and uint16 are stored * scale + min within one rounding", quantised},
    {"plain", "weights: float32 and int32 are copied bit for bit from any offset", plain},
    {NULL, NULL, NULL}};
