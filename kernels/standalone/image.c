/* The module xnnjs-image.wasm: what js/image/kernel.js calls. */
#include <stdint.h>

#include "kernels/standalone/module.h"

XJ_EXPORT(abi) int32_t xj_image_abi(void);

int32_t xj_image_abi(void) { return 1; }
