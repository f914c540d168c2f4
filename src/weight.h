/* Reading a weight's stored bytes, any stretch of it. */
#ifndef XJ_WEIGHT_H
#define XJ_WEIGHT_H

#include "src/tensor.h"

typedef struct {
  xj_storage storage;
  const void *data; /* n elements in storage.dtype */
  size_t n;
} xj_weight;

/* dst[i] = the value of element offset + i, for i < n, rounded once. */
void xj_weight_read(const xj_weight *weight, size_t offset, size_t n, float *dst);
/* The same of an int32 tensor: where it is stored as uint8 or uint16, the integer nearest to stored * scale + min. */
void xj_weight_read_ints(const xj_weight *weight, size_t offset, size_t n, int32_t *dst);
/* All of a weight in the dtype of its tensor: float32 and int32 decoded, others copied. */
void xj_weight_decode(const xj_weight *weight, int32_t dtype, void *dst);
/* Whether weights stored so can stand for a tensor of dtype. */
bool xj_weight_stores(const xj_storage *storage, int32_t dtype);

#endif
