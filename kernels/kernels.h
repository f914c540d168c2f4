/* What the engine calls before the first kernel is used. */
#ifndef XJ_KERNELS_H
#define XJ_KERNELS_H

/* Makes XNNPACK choose the same everywhere. It must be initialised. */
void xj_kernels_start(void);

#endif
