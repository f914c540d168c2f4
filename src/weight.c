#include "src/weight.h"

#include <string.h>

static float half_to_float(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, fraction = half & 1023u;
  uint32_t bits;
  if (exponent == 31) {
    bits = sign | 0x7f800000u | (fraction << 13);
  } else if (exponent != 0) {
    bits = sign | ((exponent + 112) << 23) | (fraction << 13);
  } else { /* zero or subnormal: fraction * 2^-24, exact in float32 */
    float magnitude = (float)fraction * 0x1p-24f;
    memcpy(&bits, &magnitude, sizeof bits);
    bits |= sign;
  }
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void xj_weight_read(const xj_weight *weight, size_t offset, size_t n, float *dst) {
  const float scale = weight->storage.scale, min = weight->storage.min;
  switch (weight->storage.dtype) {
    case XJ_FLOAT16: {
      const uint16_t *src = (const uint16_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = half_to_float(src[i]);
      break;
    }
    case XJ_UINT8: {
      const uint8_t *src = (const uint8_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = (float)src[i] * scale + min;
      break;
    }
    case XJ_UINT16: {
      const uint16_t *src = (const uint16_t *)weight->data + offset;
      for (size_t i = 0; i < n; i++) dst[i] = (float)src[i] * scale + min;
      break;
    }
    default: memcpy(dst, (const float *)weight->data + offset, n * sizeof(float));
  }
}

void xj_weight_decode(const xj_weight *weight, int32_t dtype, void *dst) {
  if (dtype == XJ_FLOAT32)
    xj_weight_read(weight, 0, weight->n, dst);
  else
    memcpy(dst, weight->data, weight->n * xj_dtype_bytes(dtype));
}

bool xj_weight_stores(const xj_storage *storage, int32_t dtype) {
  if (storage->dtype == dtype) return true;
  return dtype == XJ_FLOAT32 &&
         (storage->dtype == XJ_FLOAT16 || storage->dtype == XJ_UINT8 || storage->dtype == XJ_UINT16);
}
