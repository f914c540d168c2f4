/* XNNPACK times NaN to guess whether the machine is an x86, and picks kernels by it; where bits have to be the same
 * everywhere, it always is one. */
#include <xnnpack.h>

#include "kernels/kernels.h"
#include "kernels/simd.h"
#include "xnnpack/hardware-config.h"

void xj_kernels_start(void) {
#ifdef __wasm__
  /* XNNPACK hands out its table as const; the object itself is not. */
  struct xnn_hardware_config *machine = (struct xnn_hardware_config *)(uintptr_t)xnn_init_hardware_config();
  if (XJ_SAME_EVERYWHERE && machine != NULL) machine->is_x86 = true;
#endif
}
