/* What conv2d, depthwise_conv2d and dense check alike: dtypes, bias, activation. */
#ifndef XJ_LAYER_H
#define XJ_LAYER_H

#include "src/op.h"

xj_status xj_layer_check(const xj_node_view *node, const xj_activation *activation, int32_t out_channels);
/* Fails unless the input is float32; `name` is what messages call it. */
xj_status xj_float_check(const xj_node_view *node, int32_t input, const char *name);

#endif
