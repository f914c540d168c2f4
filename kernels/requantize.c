#include "kernels/requantize.h"

#include <math.h>

xj_fixed xj_fixed_make(double factor) {
  if (!(factor > 0 && isfinite(factor))) return (xj_fixed){0, 0};
  int shift;
  int64_t multiplier = llround(frexp(factor, &shift) * 0x1p31);
  if (multiplier == (int64_t)1 << 31) {
    multiplier /= 2;
    shift++;
  }
  if (shift < -31) return (xj_fixed){0, 0};
  if (shift > 30) return (xj_fixed){INT32_MAX, 30};
  return (xj_fixed){(int32_t)multiplier, shift};
}

xj_status xj_byte_check(const xj_node_view *node, int32_t input, const char *name) {
  int32_t dtype = node->inputs[input].dtype;
  if (dtype == XJ_INT8 || dtype == XJ_UINT8) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "%s is %s, only int8 and uint8 are supported", name, xj_dtype_name(dtype));
}

xj_status xj_scale_check(float scale, const char *name) {
  if (scale > 0 && isfinite(scale)) return XJ_OK;
  return xj_fail(XJ_BAD_MODEL, "the scale of %s is %g instead of positive and finite", name, (double)scale);
}

xj_status xj_zero_check(int32_t zero, int32_t dtype, const char *name) {
  if (zero >= xj_byte_min(dtype) && zero <= xj_byte_max(dtype)) return XJ_OK;
  return xj_fail(XJ_BAD_MODEL, "the zero point of %s is %d, which is no %s", name, zero, xj_dtype_name(dtype));
}

xj_status xj_range_make(int32_t min, int32_t max, int32_t dtype, xj_range *range) {
  const int32_t least = xj_byte_min(dtype), most = xj_byte_max(dtype);
  if (min > max) return xj_fail(XJ_BAD_MODEL, "its activation is limited to %d … %d", min, max);
  *range = (xj_range){least, most};
  if (min == 0 && max == 0) return XJ_OK;
  *range = (xj_range){min < least ? least : min > most ? most : min, max < least ? least : max > most ? most : max};
  return XJ_OK;
}
