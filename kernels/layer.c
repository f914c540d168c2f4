#include "kernels/layer.h"

#include "kernels/activate.h"

xj_status xj_float_check(const xj_node_view *node, int32_t input, const char *name) {
  int32_t dtype = node->inputs[input].dtype;
  if (dtype == XJ_FLOAT32) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "%s is %s, only float32 is supported", name, xj_dtype_name(dtype));
}

xj_status xj_layer_check(const xj_node_view *node, const xj_activation *activation, int32_t out_channels) {
  XJ_TRY(xj_float_check(node, XJ_X, "x"));
  XJ_TRY(xj_float_check(node, XJ_WEIGHT, "the weight"));
  if (!node->is_constant[XJ_WEIGHT])
    return xj_fail(XJ_UNSUPPORTED, "its weight is computed at run time, only constant weights are supported");
  if (xj_present(node, XJ_BIAS)) {
    const xj_type *bias = &node->inputs[XJ_BIAS];
    XJ_TRY(xj_float_check(node, XJ_BIAS, "the bias"));
    if (!node->is_constant[XJ_BIAS])
      return xj_fail(XJ_UNSUPPORTED, "its bias is computed at run time, only constant biases are supported");
    if (bias->rank < 1 || bias->dims[bias->rank - 1] != out_channels || xj_type_elements(bias) != (size_t)out_channels)
      return xj_fail(XJ_BAD_SHAPE, "bias has shape %s, for %d output channels", xj_type_text(bias), out_channels);
  }
  if (xj_present(node, XJ_SCALE)) {
    const xj_type *scale = &node->inputs[XJ_SCALE];
    XJ_TRY(xj_float_check(node, XJ_SCALE, "the scale"));
    const size_t n = xj_type_elements(scale);
    if (!node->is_constant[XJ_SCALE] || (n != (size_t)out_channels && n != 1))
      return xj_fail(XJ_BAD_SHAPE, "its scale is a %s of shape %s, instead of a constant for %d output channels",
                     node->is_constant[XJ_SCALE] ? "constant" : "value", xj_type_text(scale), out_channels);
  }
  return xj_activation_check(node, activation, XJ_SLOPE, out_channels);
}

xj_status xj_layer_check_residual(const xj_node_view *node, const xj_type *output) {
  if (!xj_present(node, XJ_RESIDUAL)) return XJ_OK;
  const xj_type *residual = &node->inputs[XJ_RESIDUAL];
  if (!xj_type_equal(residual, output))
    return xj_fail(XJ_BAD_SHAPE, "its residual is %s %s, its output %s %s", xj_dtype_name(residual->dtype),
                   xj_type_text(residual), xj_dtype_name(output->dtype), xj_type_text(output));
  if (!xj_present(node, XJ_RESIDUAL_SCALE)) return XJ_OK;
  const xj_type *scale = &node->inputs[XJ_RESIDUAL_SCALE];
  XJ_TRY(xj_float_check(node, XJ_RESIDUAL_SCALE, "what multiplies the residual"));
  const size_t n = xj_type_elements(scale), channels = (size_t)output->dims[output->rank - 1];
  if (n == channels || n == 1) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "what multiplies its residual has shape %s, for %zu channels", xj_type_text(scale),
                 channels);
}
