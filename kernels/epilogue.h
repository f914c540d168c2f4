/* What a layer does to its sums, beyond what its inner loop can: the residual, and activations other than a clamp. */
#ifndef XJ_EPILOGUE_H
#define XJ_EPILOGUE_H

#include "kernels/activate.h"

typedef struct {
  xj_activate activate; /* what is left to do after the inner loop */
  xj_activate inner;    /* what the inner loop does */
  bool has_residual;
  size_t residual_scales; /* none, one, or one for each channel */
  size_t rows, channels;
} xj_epilogue;

/* For a node that packs (its inputs XJ_SLOPE, XJ_RESIDUAL and XJ_RESIDUAL_SCALE). inner_prelu: whether the inner loop
 * knows slopes, too.
 */
xj_epilogue xj_epilogue_make(const xj_node_view *node, const xj_activation *activation, bool inner_prelu);
/* Finishes the output [rows, channels] of the inner loop. */
void xj_epilogue_run(const xj_epilogue *epilogue, const xj_run *run);

#endif
