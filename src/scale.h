/* The scale of a layer's output channels, on weights that are packed. */
#ifndef XJ_SCALE_H
#define XJ_SCALE_H

#include "src/op.h"

/* Scales the packed weights of a node (XJ_SCALE); a scale of one element serves all channels. */
xj_status xj_scale_packed(const xj_node_view *view, const float *scale, void *packed);

#endif
