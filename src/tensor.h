/* What a tensor is: dtype and dimensions. */
#ifndef XJ_TENSOR_H
#define XJ_TENSOR_H

#include <stdbool.h>

#include "src/xj.h"

typedef struct {
  int32_t dtype; /* xj_dtype */
  int32_t rank;  /* 0 … XJ_MAX_RANK */
  int32_t dims[XJ_MAX_RANK];
} xj_type;

/* Bytes of one element. */
size_t xj_dtype_bytes(int32_t dtype);
const char *xj_dtype_name(int32_t dtype);

/* Number of elements, and of bytes; both fit because xj_type_check allowed the type. */
size_t xj_type_elements(const xj_type *type);
size_t xj_type_bytes(const xj_type *type);
/* Product of the dimensions [from, to). */
size_t xj_type_span(const xj_type *type, int32_t from, int32_t to);
bool xj_type_equal(const xj_type *a, const xj_type *b);
/* Known dtype, rank in range, no negative dimension, at most 2 GiB - 1: or 'bad shape', naming `what`. */
xj_status xj_type_check(const xj_type *type, const char *what);
/* "[1,192,192,3]" into one of a few static buffers: good for the next three calls. */
const char *xj_type_text(const xj_type *type);

#endif
