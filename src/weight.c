#include "src/weight.h"

#include <math.h>
#include <string.h>

/* Without branches, so that compilers make vectors of it. The exponent's bias grows by 112; subnormal halves are normal
 * floats. */
static float half_to_float(uint16_t half) {
  uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
  float magnitude;
  memcpy(&magnitude, &bits, sizeof magnitude);
  magnitude *= 0x1p112f;
  memcpy(&bits, &magnitude, sizeof bits);
  bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000u : 0; /* infinity, NaN */
  bits |= (uint32_t)(half & 0x8000) << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* In float64: a float32 scale would be wrong for all weights alike, a float32 product for those that min nearly
 * cancels. */
void xj_weight_read(const xj_weight *weight, size_t offset, size_t n, float *dst) {
  const double scale = weight->storage.scale, min = weight->storage.min;
  switch (weight->storage.dtype) {
    case XJ_FLOAT16: {
      const uint16_t *src = (const uint16_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = half_to_float(src[i]);
      break;
    }
    case XJ_UINT8: {
      const uint8_t *src = (const uint8_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = (float)((double)src[i] * scale + min);
      break;
    }
    case XJ_INT8: {
      const int8_t *src = (const int8_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = (float)((double)src[i] * scale + min);
      break;
    }
    case XJ_UINT16: {
      const uint16_t *src = (const uint16_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = (float)((double)src[i] * scale + min);
      break;
    }
    default: memcpy(dst, (const float *)weight->data + offset, n * sizeof(float));
  }
}

/* Halves up, as JavaScript's Math.round, which TensorFlow.js decodes with; limited to int32. */
static int32_t nearest(uint16_t code, const xj_storage *storage) {
  double value = floor((double)code * storage->scale + storage->min + 0.5);
  if (!(value > INT32_MIN)) return INT32_MIN; /* NaN too */
  return value < INT32_MAX ? (int32_t)value : INT32_MAX;
}

void xj_weight_read_ints(const xj_weight *weight, size_t offset, size_t n, int32_t *dst) {
  if (weight->storage.dtype == XJ_UINT8) {
    const uint8_t *src = (const uint8_t *)weight->data + offset;
    for (size_t i = 0; i < n; i++) dst[i] = nearest(src[i], &weight->storage);
  } else if (weight->storage.dtype == XJ_UINT16) {
    const uint16_t *src = (const uint16_t *)weight->data + offset;
    for (size_t i = 0; i < n; i++) dst[i] = nearest(src[i], &weight->storage);
  } else {
    memcpy(dst, (const int32_t *)weight->data + offset, n * sizeof(int32_t));
  }
}

void xj_weight_decode(const xj_weight *weight, int32_t dtype, void *dst) {
  if (dtype == XJ_FLOAT32)
    xj_weight_read(weight, 0, weight->n, dst);
  else if (dtype == XJ_INT32)
    xj_weight_read_ints(weight, 0, weight->n, dst);
  else
    memcpy(dst, weight->data, weight->n * xj_dtype_bytes(dtype));
}

bool xj_weight_stores(const xj_storage *storage, int32_t dtype) {
  const int32_t stored = storage->dtype;
  if (stored == dtype) return true;
  if (dtype == XJ_INT32) return stored == XJ_UINT8 || stored == XJ_UINT16;
  return dtype == XJ_FLOAT32 &&
         (stored == XJ_FLOAT16 || stored == XJ_INT8 || stored == XJ_UINT8 || stored == XJ_UINT16);
}
