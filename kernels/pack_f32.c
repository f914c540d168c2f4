#include "kernels/pack_f32.h"

#include "kernels/gemm_f32.h"

static size_t n_blocks(const xj_pack_shape *shape) { return (shape->out + XJ_GEMM_NR - 1) / XJ_GEMM_NR; }
static size_t block_floats(const xj_pack_shape *shape) { return XJ_GEMM_NR * (1 + shape->taps * shape->in); }
static size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t xj_pack_f32_bytes(const xj_pack_shape *shape) {
  return shape->groups * n_blocks(shape) * block_floats(shape) * sizeof(float);
}

xj_status xj_pack_f32_check(const xj_pack_shape *shape) {
  uint64_t bytes = (uint64_t)shape->groups * n_blocks(shape) * block_floats(shape) * sizeof(float);
  if (bytes <= INT32_MAX) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "its weights have %llu bytes when packed, at most %d are possible",
                 (unsigned long long)bytes, INT32_MAX);
}

/* Column by column: rows of the stored matrix are the output channels. */
static void pack_transposed(const xj_pack_shape *shape, const xj_weight *weight, float *packed) {
  enum { STRETCH = 256 };
  float values[STRETCH];
  const size_t rows = shape->taps * shape->in;
  for (size_t out = 0; out < shape->groups * shape->out; out++) {
    const size_t group = out / shape->out, of_group = out % shape->out;
    const size_t block = group * n_blocks(shape) + of_group / XJ_GEMM_NR;
    float *column = packed + block * block_floats(shape) + XJ_GEMM_NR + of_group % XJ_GEMM_NR;
    for (size_t row = 0; row < rows; row += STRETCH) {
      size_t n = least(STRETCH, rows - row);
      xj_weight_read(weight, out * rows + row, n, values);
      for (size_t i = 0; i < n; i++) column[(row + i) * XJ_GEMM_NR] = values[i];
    }
  }
}

void xj_pack_f32_weight(const xj_pack_shape *shape, bool transposed, const xj_weight *weight, float *packed) {
  if (transposed) {
    pack_transposed(shape, weight, packed);
    return;
  }
  const size_t rows = shape->taps * shape->in, columns = shape->groups * shape->out;
  for (size_t group = 0; group < shape->groups; group++)
    for (size_t block = 0; block < n_blocks(shape); block++, packed += block_floats(shape)) {
      size_t first = group * shape->out + block * XJ_GEMM_NR;
      size_t n = least(XJ_GEMM_NR, shape->out - block * XJ_GEMM_NR);
      for (size_t row = 0; row < rows; row++)
        xj_weight_read(weight, row * columns + first, n, packed + XJ_GEMM_NR * (1 + row));
    }
}

void xj_pack_f32_bias(const xj_pack_shape *shape, const xj_weight *bias, float *packed) {
  for (size_t group = 0; group < shape->groups; group++)
    for (size_t block = 0; block < n_blocks(shape); block++, packed += block_floats(shape))
      xj_weight_read(bias, group * shape->out + block * XJ_GEMM_NR, least(XJ_GEMM_NR, shape->out - block * XJ_GEMM_NR),
                     packed);
}

void xj_pack_f32_scale(const xj_pack_shape *shape, const float *scale, float *packed) {
  for (size_t group = 0; group < shape->groups; group++)
    for (size_t block = 0; block < n_blocks(shape); block++, packed += block_floats(shape)) {
      const float *s = scale + group * shape->out + block * XJ_GEMM_NR;
      const size_t n = least(XJ_GEMM_NR, shape->out - block * XJ_GEMM_NR);
      for (size_t row = 1; row <= shape->taps * shape->in; row++)
        for (size_t i = 0; i < n; i++) packed[row * XJ_GEMM_NR + i] *= s[i];
    }
}
