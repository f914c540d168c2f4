/* pack_f32.h and the packing of depthwise.h: each float at its place by a formula, zeros elsewhere, nothing beyond. */
#include <string.h>

#include "kernels/depthwise.h"
#include "kernels/gemm_f32.h"
#include "kernels/pack_f32.h"
#include "tests/kernels/check.h"

enum { NR = XJ_GEMM_NR, DEPTHWISE_BLOCK = 4 };

static float *zeros(size_t bytes) {
  float *packed = xj_check_floats(bytes / sizeof(float));
  memset(packed, 0, bytes);
  return packed;
}

/* Weight i has the value i + 1, exactly representable and nowhere zero. */
static float *counted(size_t n) {
  float *values = xj_check_floats(n);
  for (size_t i = 0; i < n; i++) values[i] = (float)(i + 1);
  return values;
}

static xj_weight weight_of(const float *values, size_t n) { return (xj_weight){{XJ_FLOAT32, 0, 0}, values, n}; }

static void compare(const char *name, const xj_pack_shape *s, size_t at, float actual, float expected) {
  if (actual != expected)
    xj_check_fail("%s: groups %zu, taps %zu, in %zu, out %zu: packed[%zu] is %g, expected %g", name, s->groups, s->taps,
                  s->in, s->out, at, (double)actual, (double)expected);
}

static void check_shape(const xj_pack_shape *s, bool transposed) {
  const char *name = transposed ? "pack_transposed" : "pack";
  const size_t depth = s->taps * s->in, columns = s->groups * s->out, n = depth * columns;
  const size_t blocks = (s->out + NR - 1) / NR, floats = s->groups * blocks * NR * (1 + depth);
  if (xj_pack_f32_bytes(s) != floats * sizeof(float))
    xj_check_fail("%s: %zu bytes, expected %zu", name, xj_pack_f32_bytes(s), floats * sizeof(float));
  float *w = counted(n), *bias = counted(columns), *packed = zeros(floats * sizeof(float));
  const xj_weight weight = weight_of(w, n), biases = weight_of(bias, columns);
  if (xj_check_random(2)) xj_pack_f32_bias(s, &biases, packed);
  xj_pack_f32_weight(s, transposed, &weight, packed);
  xj_pack_f32_bias(s, &biases, packed);
  size_t at = 0;
  for (size_t g = 0; g < s->groups; g++)
    for (size_t block = 0; block < blocks; block++)
      for (size_t i = 0; i <= depth; i++)
        for (size_t j = 0; j < NR; j++, at++) {
          const size_t out = block * NR + j, column = g * s->out + out;
          float expected = 0;
          if (out < s->out && i == 0) expected = bias[column];
          if (out < s->out && i > 0) expected = transposed ? w[column * depth + i - 1] : w[(i - 1) * columns + column];
          compare(name, s, at, packed[at], expected);
        }
  xj_check_guards(name);
  xj_check_release();
}

static void pack(void) {
  for (size_t groups = 1; groups <= 3; groups++)
    for (size_t taps = 1; taps <= 4; taps++)
      for (size_t in = 1; in <= 5; in++)
        for (size_t out = 1; out <= 17; out++) check_shape(&(xj_pack_shape){groups, taps, in, out}, false);
}

static void pack_transposed(void) {
  for (size_t in = 1; in <= 9; in++)
    for (size_t out = 1; out <= 17; out++) check_shape(&(xj_pack_shape){1, 1, in, out}, true);
  for (size_t in = 254; in <= 514; in += 13) check_shape(&(xj_pack_shape){1, 1, in, 9}, true); /* several stretches */
  check_shape(&(xj_pack_shape){1, 1, 256, 8}, true);
  check_shape(&(xj_pack_shape){1, 1, 512, 1}, true);
}

static void pack_depthwise(void) {
  for (size_t taps = 1; taps <= 10; taps++)
    for (size_t channels = 1; channels <= 13; channels++) {
      const size_t blocks = (channels + DEPTHWISE_BLOCK - 1) / DEPTHWISE_BLOCK;
      const size_t floats = blocks * DEPTHWISE_BLOCK * (1 + taps);
      if (xj_depthwise_packed_bytes(taps, channels) != floats * sizeof(float))
        xj_check_fail("pack_depthwise: %zu bytes, expected %zu", xj_depthwise_packed_bytes(taps, channels), floats * 4);
      float *w = counted(taps * channels), *bias = counted(channels), *packed = zeros(floats * sizeof(float));
      const xj_weight weight = weight_of(w, taps * channels), biases = weight_of(bias, channels);
      xj_depthwise_pack(taps, channels, true, &biases, packed);
      xj_depthwise_pack(taps, channels, false, &weight, packed);
      const xj_pack_shape shape = {channels, taps, 1, 1};
      size_t at = 0;
      for (size_t block = 0; block < blocks; block++)
        for (size_t i = 0; i <= taps; i++)
          for (size_t j = 0; j < DEPTHWISE_BLOCK; j++, at++) {
            const size_t c = block * DEPTHWISE_BLOCK + j;
            const float expected = c >= channels ? 0 : i == 0 ? bias[c] : w[(i - 1) * channels + c];
            compare("pack_depthwise", &shape, at, packed[at], expected);
          }
      xj_check_guards("pack_depthwise");
      xj_check_release();
    }
}

const xj_check xj_checks_pack[] = {
    {"pack", "packing: each weight and bias lies where the layout's formula says, zeros fill the last block", pack},
    {"pack_transposed", "packing transposed: the same layout from rows of output channels", pack_transposed},
    {"pack_depthwise", "packing depthwise: blocks of four channels, biases first, zeros beyond the last",
     pack_depthwise},
    {NULL, NULL, NULL}};
