/* A row of float32 as bytes, quantised by its own range (XNNPACK's qd8). The range includes 0, so that zeros stay
 * exact. */
#ifndef XJ_QD8_ROW_H
#define XJ_QD8_ROW_H

#include "kernels/simd.h"

/* As XNNPACK's xnn_qd8_quantization_params: value = (byte - zero) * step. */
typedef struct {
  int32_t zero;
  float step; /* NaN: the row has a NaN or an infinity, and all its bytes are 0 */
} xj_qd8_range;

/* Writes n bytes, and up to 15 more. May read up to 3 floats beyond x, which do not count.
 *
 *   low = min(0, x), high = max(0, x), levels = XJ_QD8_MOST - XJ_QD8_LEAST
 *   step = max(high / levels - low / levels, 2^-126)
 *   zero = XJ_QD8_LEAST - round(low / step), byte = round(x * (1 / step)) + zero, both limited to LEAST … MOST
 *
 * in float32, round to the even one of two equally near. */
xj_qd8_range xj_qd8_row(size_t n, const float *x, int8_t *bytes);

#endif
