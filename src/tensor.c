#include "src/tensor.h"

#include <stdio.h>
#include <string.h>

#include "src/status.h"

static const struct {
  const char *name;
  size_t bytes;
} dtypes[] = {
    [XJ_FLOAT32] = {"float32", 4}, [XJ_INT32] = {"int32", 4}, [XJ_BOOL] = {"bool", 1},
    [XJ_UINT8] = {"uint8", 1},     [XJ_INT8] = {"int8", 1},   [XJ_FLOAT16] = {"float16", 2},
    [XJ_UINT16] = {"uint16", 2},
};
enum { N_DTYPES = sizeof dtypes / sizeof *dtypes };

static bool known(int32_t dtype) { return dtype >= 0 && dtype < N_DTYPES; }

size_t xj_dtype_bytes(int32_t dtype) { return known(dtype) ? dtypes[dtype].bytes : 0; }
const char *xj_dtype_name(int32_t dtype) { return known(dtype) ? dtypes[dtype].name : "unknown"; }

size_t xj_type_span(const xj_type *type, int32_t from, int32_t to) {
  size_t n = 1;
  for (int32_t i = from; i < to; i++) n *= (size_t)type->dims[i];
  return n;
}

size_t xj_type_elements(const xj_type *type) { return xj_type_span(type, 0, type->rank); }
size_t xj_type_bytes(const xj_type *type) { return xj_type_elements(type) * xj_dtype_bytes(type->dtype); }

bool xj_type_equal(const xj_type *a, const xj_type *b) {
  if (a->dtype != b->dtype || a->rank != b->rank) return false;
  for (int32_t i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i]) return false;
  return true;
}

xj_status xj_type_check(const xj_type *type, const char *what) {
  if (!known(type->dtype)) return xj_fail(XJ_BAD_MODEL, "%s: unknown dtype %d", what, type->dtype);
  if (type->rank < 0 || type->rank > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "%s has %d dimensions, at most %d are possible", what, type->rank, XJ_MAX_RANK);
  uint64_t bytes = xj_dtype_bytes(type->dtype);
  for (int32_t i = 0; i < type->rank; i++)
    if (type->dims[i] < 0)
      return xj_fail(XJ_BAD_SHAPE, "%s has shape %s, with a negative dimension", what, xj_type_text(type));
  for (int32_t i = 0; i < type->rank; i++)
    if (type->dims[i] == 0) return XJ_OK; /* empty, whatever the others are */
  for (int32_t i = 0; i < type->rank; i++) {
    bytes *= (uint64_t)type->dims[i];
    if (bytes > INT32_MAX)
      return xj_fail(XJ_BAD_SHAPE, "%s has shape %s, more than the 2147483647 bytes that a tensor can have", what,
                     xj_type_text(type));
  }
  return XJ_OK;
}

const char *xj_type_text(const xj_type *type) {
  static char texts[4][XJ_MAX_RANK * 12 + 4];
  static int next;
  char *text = texts[next++ & 3];
  size_t size = sizeof texts[0], at = 0;
  text[at++] = '[';
  for (int32_t i = 0; i < type->rank && i < XJ_MAX_RANK; i++)
    at += (size_t)snprintf(text + at, size - at, i ? ",%d" : "%d", type->dims[i]);
  snprintf(text + at, size - at, "]");
  return text;
}
