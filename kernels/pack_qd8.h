/* Weights as int8, symmetric for each output channel, in the layout of XNNPACK's qd8-f32-qc8w micro-kernels: for each
 * block of XJ_QD8_NR channels minus the sums of its bytes (int32), the bytes of K in steps of XJ_QD8_KR · XJ_QD8_SR,
 * then the channels' scales and biases (float32). */
#ifndef XJ_PACK_QD8_H
#define XJ_PACK_QD8_H

#include "kernels/simd.h"
#include "src/status.h"
#include "src/weight.h"

typedef struct {
  size_t in, out; /* K, which taps come first in, and N */
} xj_qd8_shape;

/* Most terms of a sum: 255 · 127 of each fit int32. */
enum { XJ_QD8_MOST_IN = 65536 };

static inline size_t xj_qd8_blocks(size_t out) { return (out + XJ_QD8_NR - 1) / XJ_QD8_NR; }
/* Of each channel: in, rounded up. */
static inline size_t xj_qd8_depth(size_t in) {
  const size_t step = (size_t)XJ_QD8_KR * XJ_QD8_SR;
  return (in + step - 1) / step * step;
}
static inline size_t xj_qd8_block_bytes(size_t in) {
  return XJ_QD8_NR * (xj_qd8_depth(in) + sizeof(int32_t) + 2 * sizeof(float));
}
static inline size_t xj_pack_qd8_bytes(const xj_qd8_shape *shape) {
  return xj_qd8_blocks(shape->out) * xj_qd8_block_bytes(shape->in);
}

/* 'unsupported' where sums might not fit int32, or packed weights are more than 2 GiB - 1. */
xj_status xj_pack_qd8_check(const xj_qd8_shape *shape);

/* The larger of `most` and the magnitudes of n values; NaN if one is NaN. */
float xj_qd8_most(float most, const float *values, size_t n);
/* The step between the values of neighbouring bytes, where the largest magnitude is `most`: never so small that its
 * reciprocal is none, NaN where `most` is not finite. */
float xj_qd8_weight_step(float most);
/* The byte of a value: that nearest to value / step, 0 where the step is NaN. */
int8_t xj_qd8_weight_byte(float value, float step);

/* weight: [in, out], or transposed [out, in]. */
void xj_pack_qd8_weight(const xj_qd8_shape *shape, bool transposed, const xj_weight *weight, void *packed);
/* bias: [out] */
void xj_pack_qd8_bias(const xj_qd8_shape *shape, const xj_weight *bias, void *packed);
/* Multiplies the channels' scales by scale: [out]. */
void xj_pack_qd8_scale(const xj_qd8_shape *shape, const float *scale, void *packed);

#endif
