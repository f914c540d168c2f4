/* XNNPACK's convolution around our micro-kernels: what needs pointers to its inputs. */
#ifndef XJ_XNN_CONVOLUTION_H
#define XJ_XNN_CONVOLUTION_H

#include <xnnpack.h>

#include "kernels/gemm_f32.h"
#include "kernels/pack_f32.h"
#include "kernels/window.h"

/* Sums are limited to limits.min … limits.max, NaN stays; packed: the weights as pack_f32.h says, which stay the
 * caller's. The operator fits XNNPACK's reshape, setup and run, and is released here. */
xj_status xj_xnn_convolution_create(const xj_window *window, const xj_pack_shape *shape, const void *packed,
                                    xj_minmax limits, xnn_operator_t *convolution);
void xj_xnn_convolution_release(xnn_operator_t convolution);

/* XNNPACK's status as ours; `doing` says what failed. */
xj_status xj_xnn_status(enum xnn_status status, const char *doing);

#endif
