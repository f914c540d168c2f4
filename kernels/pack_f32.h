/* The layout of packed float32 weights for GEMM and IGEMM: for each group and each block of XJ_GEMM_NR output channels
 * the biases, then for each tap and each input channel the block's weights; zeros where a block is not full. */
#ifndef XJ_PACK_F32_H
#define XJ_PACK_F32_H

#include "src/status.h"
#include "src/weight.h"

typedef struct {
  size_t groups, taps, in, out; /* in, out: channels of one group */
} xj_pack_shape;

size_t xj_pack_f32_bytes(const xj_pack_shape *shape);
/* 'unsupported' where the packed weights would be more than 2 GiB - 1: many groups of few channels grow eightfold. */
xj_status xj_pack_f32_check(const xj_pack_shape *shape);
/* weight: [taps, in, groups * out], or transposed [groups * out, taps, in]. */
void xj_pack_f32_weight(const xj_pack_shape *shape, bool transposed, const xj_weight *weight, float *packed);
/* bias: [groups * out] */
void xj_pack_f32_bias(const xj_pack_shape *shape, const xj_weight *bias, float *packed);
/* Multiplies the packed weights by scale: [groups * out]. */
void xj_pack_f32_scale(const xj_pack_shape *shape, const float *scale, float *packed);

#endif
