#include "kernels/pack_f32.h"

#include <string.h>

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

enum { STRETCH = 256 }; /* values that are decoded at once */

/* values[0 … n - 1] of the weight from `offset` on; decoded into `room` where they are not stored as floats. */
static const float *read(const xj_weight *weight, size_t offset, size_t n, float *room) {
  if (weight->storage.dtype == XJ_FLOAT32) return (const float *)weight->data + offset;
  xj_weight_read(weight, offset, n, room);
  return room;
}

/* A stretch of a row after the other, dealt out to the blocks of its columns. */
static void pack_rows(const xj_pack_shape *shape, const xj_weight *weight, float *packed) {
  float values[STRETCH];
  const size_t rows = shape->taps * shape->in, columns = shape->groups * shape->out;
  for (size_t group = 0; group < shape->groups; group++)
    for (size_t first = 0; first < shape->out; first += STRETCH) {
      const size_t n = least(STRETCH, shape->out - first);
      float *block = packed + (group * n_blocks(shape) + first / XJ_GEMM_NR) * block_floats(shape);
      for (size_t row = 0; row < rows; row++) {
        const float *from = read(weight, row * columns + group * shape->out + first, n, values);
        float *to = block + XJ_GEMM_NR * (1 + row);
        size_t i = 0;
        for (; i + XJ_GEMM_NR <= n; i += XJ_GEMM_NR, to += block_floats(shape))
          memcpy(to, from + i, XJ_GEMM_NR * sizeof(float));
        for (size_t k = 0; i + k < n; k++) to[k] = from[i + k];
      }
    }
}

/* Rows of the stored matrix are the output channels: a stretch of all that share a block, then its transpose. */
static void pack_transposed(const xj_pack_shape *shape, const xj_weight *weight, float *packed) {
  enum { ROWS = STRETCH / XJ_GEMM_NR };
  float values[STRETCH];
  const float *columns[XJ_GEMM_NR];
  const size_t rows = shape->taps * shape->in;
  for (size_t group = 0; group < shape->groups; group++)
    for (size_t first = 0; first < shape->out; first += XJ_GEMM_NR, packed += block_floats(shape)) {
      const size_t n = least(XJ_GEMM_NR, shape->out - first);
      for (size_t row = 0; row < rows; row += ROWS) {
        const size_t length = least(ROWS, rows - row);
        float *to = packed + XJ_GEMM_NR * (1 + row);
        for (size_t k = 0; k < n; k++)
          columns[k] = read(weight, (group * shape->out + first + k) * rows + row, length, values + k * ROWS);
        for (size_t i = 0; i < length; i++, to += XJ_GEMM_NR)
          for (size_t k = 0; k < n; k++) to[k] = columns[k][i];
      }
    }
}

void xj_pack_f32_weight(const xj_pack_shape *shape, bool transposed, const xj_weight *weight, float *packed) {
  (transposed ? pack_transposed : pack_rows)(shape, weight, packed);
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
