/* What conv2d and its form with int8 weights, qd_conv2d, read of a node; their attributes are alike. */
#ifndef XJ_CONV2D_H
#define XJ_CONV2D_H

#include "kernels/pack_f32.h"
#include "kernels/window.h"

xj_status xj_conv2d_window(const xj_node_view *node, xj_window *window);
xj_pack_shape xj_conv2d_pack_shape(const xj_node_view *node);
/* Whether the filter is [OC,KH,KW,C/groups]. */
bool xj_conv2d_is_out_first(const xj_node_view *node);

#endif
