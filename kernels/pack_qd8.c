#include "kernels/pack_qd8.h"

#include <math.h>
#include <string.h>

enum { STRETCH = 256 /* values that are decoded at once */ };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Of a block. */
static int32_t *sums_of(char *block) { return (int32_t *)block; }
static int8_t *bytes_of(char *block) { return (int8_t *)block + XJ_QD8_NR * sizeof(int32_t); }
static float *scales_of(char *block, size_t in) { return (float *)(bytes_of(block) + XJ_QD8_NR * xj_qd8_depth(in)); }
static float *biases_of(char *block, size_t in) { return scales_of(block, in) + XJ_QD8_NR; }

static char *block_of(const xj_qd8_shape *shape, void *packed, size_t channel) {
  return (char *)packed + channel / XJ_QD8_NR * xj_qd8_block_bytes(shape->in);
}

/* Where byte k of a block's channel is. Within KR · SR of them each channel begins at another place (XNNPACK's
 * "shuffle"), so that a kernel gets the next byte to each by turning a vector of x. */
static size_t place(size_t k, size_t channel) {
  const size_t kr = XJ_QD8_KR, step = kr * XJ_QD8_SR, turned = (k - channel * kr) & (step - 1);
  return (k / step * step + turned / kr * kr) * XJ_QD8_NR + channel * kr + turned % kr;
}

xj_status xj_pack_qd8_check(const xj_qd8_shape *shape) {
  if (shape->in > XJ_QD8_MOST_IN)
    return xj_fail(XJ_UNSUPPORTED, "sums of %zu products of bytes, at most %d are possible", shape->in, XJ_QD8_MOST_IN);
  const uint64_t bytes = (uint64_t)xj_qd8_blocks(shape->out) * xj_qd8_block_bytes(shape->in);
  if (bytes <= INT32_MAX) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "its weights have %llu bytes when packed, at most %d are possible",
                 (unsigned long long)bytes, INT32_MAX);
}

float xj_qd8_weight_step(float most) {
  if (!isfinite(most)) return NAN;
  const float step = most / 127;
  return step < 0x1p-126f ? 0x1p-126f : step;
}

int8_t xj_qd8_weight_byte(float value, float step) {
  if (isnan(step)) return 0;
  const float byte = rintf(value * (1 / step));
  return (int8_t)(byte < -127 ? -127 : byte > 127 ? 127 : byte);
}

/* The larger magnitude; NaN stays. */
static float larger(float most, float value) {
  const float magnitude = fabsf(value);
  return magnitude <= most || isnan(most) ? most : magnitude;
}

float xj_qd8_most(float most, const float *values, size_t n) {
  for (size_t i = 0; i < n; i++) most = larger(most, values[i]);
  return most;
}

/* [in, out]: stretches of the columns, twice: for what is largest in each, then for the bytes. */
static void pack_rows(const xj_qd8_shape *shape, const xj_weight *weight, char *packed) {
  float values[STRETCH], most[STRETCH];
  for (size_t first = 0; first < shape->out; first += STRETCH) {
    const size_t n = least(STRETCH, shape->out - first);
    memset(most, 0, sizeof most);
    for (size_t k = 0; k < shape->in; k++) {
      xj_weight_read(weight, k * shape->out + first, n, values);
      for (size_t i = 0; i < n; i++) most[i] = larger(most[i], values[i]);
    }
    for (size_t i = 0; i < n; i++) most[i] = xj_qd8_weight_step(most[i]);
    for (size_t k = 0; k < shape->in; k++) {
      xj_weight_read(weight, k * shape->out + first, n, values);
      for (size_t i = 0; i < n; i++) {
        char *block = block_of(shape, packed, first + i);
        const size_t channel = i % XJ_QD8_NR;
        const int8_t byte = xj_qd8_weight_byte(values[i], most[i]);
        bytes_of(block)[place(k, channel)] = byte;
        sums_of(block)[channel] -= byte;
      }
    }
    for (size_t i = 0; i < n; i++) scales_of(block_of(shape, packed, first + i), shape->in)[i % XJ_QD8_NR] = most[i];
  }
}

/* [out, in] */
static void pack_transposed(const xj_qd8_shape *shape, const xj_weight *weight, char *packed) {
  float values[STRETCH];
  for (size_t i = 0; i < shape->out; i++) {
    char *block = block_of(shape, packed, i);
    const size_t channel = i % XJ_QD8_NR;
    float most = 0;
    for (size_t k = 0; k < shape->in; k += STRETCH) {
      const size_t n = least(STRETCH, shape->in - k);
      xj_weight_read(weight, i * shape->in + k, n, values);
      most = xj_qd8_most(most, values, n);
    }
    const float step = scales_of(block, shape->in)[channel] = xj_qd8_weight_step(most);
    int32_t sum = 0;
    for (size_t k = 0; k < shape->in; k += STRETCH) {
      const size_t n = least(STRETCH, shape->in - k);
      xj_weight_read(weight, i * shape->in + k, n, values);
      for (size_t j = 0; j < n; j++) {
        const int8_t byte = bytes_of(block)[place(k + j, channel)] = xj_qd8_weight_byte(values[j], step);
        sum += byte;
      }
    }
    sums_of(block)[channel] = -sum;
  }
}

void xj_pack_qd8_weight(const xj_qd8_shape *shape, bool transposed, const xj_weight *weight, void *packed) {
  (transposed ? pack_transposed : pack_rows)(shape, weight, packed);
}

void xj_pack_qd8_bias(const xj_qd8_shape *shape, const xj_weight *bias, void *packed) {
  for (size_t i = 0; i < shape->out; i += XJ_QD8_NR)
    xj_weight_read(bias, i, least(XJ_QD8_NR, shape->out - i), biases_of(block_of(shape, packed, i), shape->in));
}

void xj_pack_qd8_scale(const xj_qd8_shape *shape, const float *scale, void *packed) {
  for (size_t i = 0; i < shape->out; i++) scales_of(block_of(shape, packed, i), shape->in)[i % XJ_QD8_NR] *= scale[i];
}
