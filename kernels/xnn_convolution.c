/* XNNPACK's own xnn_create_convolution2d_nhwc_f32 takes micro-kernels from tables that name some eighty others, packs
 * weights, and its clamp turns NaN into the lower bound. Here its operator is filled in with the kernels of gemm_f32.h
 * and weights that the model has packed, so that nothing else is linked. The fields are those that
 * convolution-nhwc.c of the pinned version reads. */
#include "kernels/xnn_convolution.h"

#include <math.h>

#include "src/heap.h"
#include "xnnpack/config.h"
#include "xnnpack/operator.h"

_Static_assert((int)XJ_GEMM_MR <= (int)XNN_MAX_MR, "XNNPACK's tables have room for our kernels");

static struct xnn_ukernel kernels_of(bool is_pointwise, bool is_linear) {
  struct xnn_ukernel kernel = {.type = is_pointwise ? xnn_microkernel_type_gemm : xnn_microkernel_type_igemm};
  if (is_pointwise) {
    kernel.gemm = (struct xnn_ukernel_gemm){.mr = XJ_GEMM_MR, .nr = XJ_GEMM_NR, .kr = 1, .sr = 1};
    struct xnn_hmp_gemm_ukernel *of = kernel.gemm.gemm_cases; /* by the number of rows - 1 */
    of[0] = xnn_init_hmp_gemm_ukernel((xnn_gemm_ukernel_fn)(is_linear ? xj_gemm_f32_linear_1x8 : xj_gemm_f32_1x8));
    of[XJ_GEMM_MR - 1] =
        xnn_init_hmp_gemm_ukernel((xnn_gemm_ukernel_fn)(is_linear ? xj_gemm_f32_linear_4x8 : xj_gemm_f32_4x8));
  } else {
    kernel.igemm = (struct xnn_ukernel_igemm){.mr = XJ_GEMM_MR, .nr = XJ_GEMM_NR, .kr = 1, .sr = 1};
    struct xnn_hmp_igemm_ukernel *of = kernel.igemm.igemm_cases;
    of[0] = xnn_init_hmp_igemm_ukernel((xnn_igemm_ukernel_fn)(is_linear ? xj_igemm_f32_linear_1x8 : xj_igemm_f32_1x8));
    of[XJ_GEMM_MR - 1] =
        xnn_init_hmp_igemm_ukernel((xnn_igemm_ukernel_fn)(is_linear ? xj_igemm_f32_linear_4x8 : xj_igemm_f32_4x8));
  }
  return kernel;
}

xj_status xj_xnn_convolution_create(const xj_window *window, const xj_pack_shape *shape, const void *packed,
                                    xj_minmax limits, xnn_operator_t *convolution) {
  const xj_axis *h = &window->h, *w = &window->w;
  struct xnn_operator *made = *convolution = xj_alloc_zeroed(sizeof *made, XJ_HEAP_GENERAL);
  if (made == NULL) return XJ_OUT_OF_MEMORY;
  const bool is_padded = (h->pad | h->pad_end | w->pad | w->pad_end) != 0;
  made->type = xnn_operator_type_convolution_nhwc_f32;
  made->ukernel = kernels_of(shape->taps == 1 && h->stride == 1 && w->stride == 1 && !is_padded,
                             limits.min == -INFINITY && limits.max == INFINITY);
  made->params.f32_minmax.scalar.min = limits.min;
  made->params.f32_minmax.scalar.max = limits.max;
  made->packed_weights.pointer = (void *)(uintptr_t)packed;
  made->padding_top = (uint32_t)h->pad;
  made->padding_bottom = (uint32_t)h->pad_end;
  made->padding_left = (uint32_t)w->pad;
  made->padding_right = (uint32_t)w->pad_end;
  made->kernel_height = (uint32_t)h->kernel;
  made->kernel_width = (uint32_t)w->kernel;
  made->stride_height = (uint32_t)h->stride;
  made->stride_width = (uint32_t)w->stride;
  made->dilation_height = (uint32_t)h->dilation;
  made->dilation_width = (uint32_t)w->dilation;
  made->groups = (uint32_t)shape->groups;
  made->group_input_channels = shape->in;
  made->group_output_channels = shape->out;
  made->input_pixel_stride = shape->groups * shape->in;
  made->output_pixel_stride = shape->groups * shape->out;
  if (!is_padded) return XJ_OK;
  made->zero_size = XNN_EXTRA_BYTES + shape->in * sizeof(float); /* what a pointer into the padding points to */
  made->zero_buffer = xj_alloc_zeroed(made->zero_size, XJ_HEAP_GENERAL);
  return made->zero_buffer == NULL ? XJ_OUT_OF_MEMORY : XJ_OK;
}

void xj_xnn_convolution_release(xnn_operator_t convolution) {
  if (convolution == NULL) return;
  convolution->packed_weights.pointer = NULL; /* or it would be released as well */
  xnn_delete_operator(convolution);
}

xj_status xj_xnn_status(enum xnn_status status, const char *doing) {
  /* XNNPACK calls some refused allocations an invalid parameter; the allocator has said how much was wanted. */
  if (status != xnn_status_success && xj_error_status() == XJ_OUT_OF_MEMORY) return XJ_OUT_OF_MEMORY;
  switch (status) {
    case xnn_status_success: return XJ_OK;
    case xnn_status_out_of_memory: return XJ_OUT_OF_MEMORY; /* the allocator has said how much */
    case xnn_status_unsupported_parameter: return xj_fail(XJ_UNSUPPORTED, "XNNPACK does not support this %s", doing);
    default: return xj_fail(XJ_UNSUPPORTED, "XNNPACK's %s fails with status %d", doing, (int)status);
  }
}
