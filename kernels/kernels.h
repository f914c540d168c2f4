/* What the engine calls before the first kernel is used. */
#ifndef XJ_KERNELS_H
#define XJ_KERNELS_H

/* Puts our micro-kernels in the place of XNNPACK's. XNNPACK must be initialised. */
void xj_kernels_start(void);

#endif
