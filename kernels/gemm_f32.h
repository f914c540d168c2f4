/* float32 matrix multiplication micro-kernels with the signatures of XNNPACK's, packed as pack_f32.h says. */
#ifndef XJ_GEMM_F32_H
#define XJ_GEMM_F32_H

#include <stddef.h>

enum { XJ_GEMM_MR = 4, XJ_GEMM_NR = 8 };

/* XNNPACK's union xnn_f32_minmax_params. */
typedef struct {
  float min, max;
} xj_minmax;

/* c [mr, nc] = a [mr, kc/4] · w + bias, limited to min … max; mr ≤ 4. kc and strides in bytes. */
typedef void xj_gemm_f32(size_t mr, size_t nc, size_t kc, const float *a, size_t a_stride, const float *w, float *c,
                         size_t cm_stride, size_t cn_stride, const xj_minmax *params);
/* The same with rows of a through pointers: ks / 4 / mr groups of mr pointers, moved by a_offset unless they are zero.
 */
typedef void xj_igemm_f32(size_t mr, size_t nc, size_t kc, size_t ks, const float **a, const float *w, float *c,
                          size_t cm_stride, size_t cn_stride, size_t a_offset, const float *zero,
                          const xj_minmax *params);

xj_gemm_f32 xj_gemm_f32_1x8, xj_gemm_f32_4x8, xj_gemm_f32_linear_1x8, xj_gemm_f32_linear_4x8;
xj_igemm_f32 xj_igemm_f32_1x8, xj_igemm_f32_4x8, xj_igemm_f32_linear_1x8, xj_igemm_f32_linear_4x8;

#endif
