/* What dilation2d and its gradients take: x [N,H,W,C] as input 0, filter [KH,KW,C] as input 1. */
#ifndef XJ_DILATION2D_H
#define XJ_DILATION2D_H

#include "src/op.h"

xj_status xj_dilation2d_check(const xj_node_view *node);

#endif
