/* Some wasmsimd kernels of the pinned XNNPACK include <arm_neon.h> and use nothing of it. */
