/* What conv2d, depthwise_conv2d and dense check alike: dtypes, bias, scale, activation, residual. */
#ifndef XJ_LAYER_H
#define XJ_LAYER_H

#include "src/op.h"

xj_status xj_layer_check(const xj_node_view *node, const xj_activation *activation, int32_t out_channels);
/* Fails unless the residual, if there is one, is like the output. */
xj_status xj_layer_check_residual(const xj_node_view *node, const xj_type *output);
/* Factors of the residual: none, one, or one for each channel. */
static inline size_t xj_residual_scales(const xj_node_view *node) {
  return xj_present(node, XJ_RESIDUAL_SCALE) ? xj_type_elements(&node->inputs[XJ_RESIDUAL_SCALE]) : 0;
}
/* Fails unless the input is float32; `name` is what messages call it. */
xj_status xj_float_check(const xj_node_view *node, int32_t input, const char *name);

#endif
