/* Puts our GEMM micro-kernels into XNNPACK's configuration, so that its operators tile and thread over them. */
#include <string.h>
#include <xnnpack.h>

#include "kernels/gemm_f32.h"
#include "kernels/kernels.h"
#include "kernels/simd.h"
#include "xnnpack/config.h"
#include "xnnpack/hardware-config.h"
#include "xnnpack/microfnptr.h"

_Static_assert((int)XJ_GEMM_MR <= (int)XNN_MAX_MR, "XNNPACK's tables have room for our kernels");

static void use(struct gemm_fused_ukernels *kernels, xj_gemm_f32 *gemm1, xj_gemm_f32 *gemm4, xj_igemm_f32 *igemm1,
                xj_igemm_f32 *igemm4) {
  memset(kernels, 0, sizeof *kernels);
  kernels->gemm[0] = xnn_init_hmp_gemm_ukernel((xnn_gemm_ukernel_fn)gemm1);
  kernels->gemm[XJ_GEMM_MR - 1] = xnn_init_hmp_gemm_ukernel((xnn_gemm_ukernel_fn)gemm4);
  kernels->igemm[0] = xnn_init_hmp_igemm_ukernel((xnn_igemm_ukernel_fn)igemm1);
  kernels->igemm[XJ_GEMM_MR - 1] = xnn_init_hmp_igemm_ukernel((xnn_igemm_ukernel_fn)igemm4);
}

/* XNNPACK times NaN to guess whether the machine is an x86, and picks kernels by it; where bits have to be the same
 * everywhere, it always is one. */
static void pin_machine(void) {
#ifdef __wasm__
  struct xnn_hardware_config *machine = (struct xnn_hardware_config *)(uintptr_t)xnn_init_hardware_config();
  if (XJ_SAME_EVERYWHERE && machine != NULL) machine->is_x86 = true;
#endif
}

void xj_kernels_start(void) {
  pin_machine();
  /* XNNPACK hands out its tables as const; the objects themselves are not. */
  struct xnn_gemm_config *wide = (struct xnn_gemm_config *)(uintptr_t)xnn_init_f32_gemm_config();
  struct xnn_gemm_config *narrow = (struct xnn_gemm_config *)(uintptr_t)xnn_init_f32_gemm_nr2_config();
  if (wide == NULL) return;
  use(&wide->minmax, xj_gemm_f32_1x8, xj_gemm_f32_4x8, xj_igemm_f32_1x8, xj_igemm_f32_4x8);
  use(&wide->linear, xj_gemm_f32_linear_1x8, xj_gemm_f32_linear_4x8, xj_igemm_f32_linear_1x8, xj_igemm_f32_linear_4x8);
  memset(&wide->relu, 0, sizeof wide->relu);
  wide->mr = XJ_GEMM_MR;
  wide->nr = XJ_GEMM_NR;
  wide->log2_kr = wide->log2_sr = 0;
  if (narrow != NULL) *narrow = *wide; /* no second layout for few output channels */
}
