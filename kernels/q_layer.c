#include "kernels/q_layer.h"

static xj_status check_bias(const xj_node_view *node, int32_t out_channels) {
  if (!xj_present(node, XJ_BIAS)) return XJ_OK;
  const xj_type *bias = &node->inputs[XJ_BIAS];
  if (bias->dtype != XJ_INT32 || bias->rank < 1 || xj_type_elements(bias) != (size_t)out_channels)
    return xj_fail(XJ_BAD_SHAPE, "bias is %s %s instead of int32 [%d]", xj_dtype_name(bias->dtype), xj_type_text(bias),
                   out_channels);
  return XJ_OK;
}

static xj_status check_scales(const xj_node_view *node, int32_t out_channels) {
  if (!xj_present(node, XJ_SCALE)) return xj_fail(XJ_BAD_MODEL, "it has no scales of its weight, input %d", XJ_SCALE);
  const xj_type *scale = &node->inputs[XJ_SCALE];
  size_t n = xj_type_elements(scale);
  if (scale->dtype != XJ_FLOAT32 || (n != 1 && n != (size_t)out_channels))
    return xj_fail(XJ_BAD_SHAPE, "its scales are %s %s instead of float32 [1] or [%d]", xj_dtype_name(scale->dtype),
                   xj_type_text(scale), out_channels);
  return XJ_OK;
}

xj_status xj_q_layer_check(const xj_node_view *node, const xj_q_attributes *a, int32_t out_channels) {
  XJ_TRY(xj_byte_check(node, XJ_X, "x"));
  XJ_TRY(xj_byte_check(node, XJ_WEIGHT, "the weight"));
  XJ_TRY(check_bias(node, out_channels));
  if (xj_present(node, XJ_SLOPE))
    return xj_fail(XJ_BAD_MODEL, "it has an input %d, a slope that it does not take", XJ_SLOPE);
  XJ_TRY(check_scales(node, out_channels));
  for (int32_t i = XJ_WEIGHT; i <= XJ_SCALE; i++)
    if (xj_present(node, i) && !node->is_constant[i])
      return xj_fail(XJ_UNSUPPORTED, "its input %d is computed at run time, only constants are supported there", i);
  const int32_t dtype = node->inputs[XJ_X].dtype;
  XJ_TRY(xj_scale_check(a->x_scale, "x"));
  XJ_TRY(xj_scale_check(a->y_scale, "y"));
  XJ_TRY(xj_zero_check(a->x_zero, dtype, "x"));
  XJ_TRY(xj_zero_check(a->filter_zero, node->inputs[XJ_WEIGHT].dtype, "the weight"));
  XJ_TRY(xj_zero_check(a->y_zero, dtype, "y"));
  xj_range range;
  return xj_range_make(a->act_min, a->act_max, dtype, &range);
}

xj_status xj_q_layout_check(const xj_q_layout *layout) {
  uint64_t blocks = (uint64_t)layout->groups * xj_q_blocks(layout),
           block_bytes = sizeof(xj_q_head) + layout->weight_bytes;
  if (layout->weight_bytes <= INT32_MAX && blocks <= INT32_MAX && blocks * block_bytes <= INT32_MAX) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "its weights have %llu bytes when packed, at most %d are possible",
                 (unsigned long long)(blocks * block_bytes), INT32_MAX);
}

xj_q_output xj_q_output_make(const xj_node_view *node, const xj_q_attributes *a) {
  xj_q_output output = {.zero = a->y_zero, .is_unsigned = node->inputs[XJ_X].dtype == XJ_UINT8};
  xj_range_make(a->act_min, a->act_max, node->inputs[XJ_X].dtype, &output.range); /* which infer has checked */
  return output;
}

int32_t xj_q_filter_zero(const xj_node_view *node, const xj_q_attributes *a) {
  return node->inputs[XJ_WEIGHT].dtype == XJ_UINT8 ? a->filter_zero - 128 : a->filter_zero;
}

/* The head of output channel i of all groups; *lane is where in the block it stands. */
static xj_q_head *head_of(const xj_q_layout *layout, void *packed, size_t i, size_t *lane) {
  size_t in_group = i % layout->out;
  *lane = in_group % XJ_Q_BLOCK;
  size_t block = i / layout->out * xj_q_blocks(layout) + in_group / XJ_Q_BLOCK;
  return (xj_q_head *)((char *)packed + block * xj_q_block_bytes(layout));
}

void xj_q_pack_bias(const xj_q_layout *layout, const xj_weight *bias, void *packed) {
  for (size_t i = 0; i < layout->groups * layout->out; i++) {
    size_t lane;
    xj_q_head *head = head_of(layout, packed, i, &lane);
    xj_weight_read_ints(bias, i, 1, &head->bias[lane]);
  }
}

void xj_q_pack_scale(const xj_node_view *node, const xj_q_attributes *a, const xj_q_layout *layout, const float *scale,
                     bool is_single, void *packed) {
  const bool one = xj_type_elements(&node->inputs[XJ_SCALE]) == 1;
  for (size_t i = 0; i < layout->groups * layout->out; i++) {
    const float filter_scale = scale[one ? 0 : i];
    const double product = is_single ? (double)(a->x_scale * filter_scale) : (double)a->x_scale * (double)filter_scale;
    const xj_fixed factor = xj_fixed_make(product / (double)a->y_scale);
    size_t lane;
    xj_q_head *head = head_of(layout, packed, i, &lane);
    head->multiplier[lane] = factor.multiplier;
    head->shift[lane] = (int8_t)factor.shift;
    head->power[lane] = xj_fixed_power(factor.shift > 0 ? 0 : -factor.shift);
    if (factor.shift > 0) head->shifts_left = 1;
  }
}

void xj_q_finish_plain(const xj_q_output *output, const xj_q_head *head, v128_t low, v128_t high, size_t n,
                       uint8_t *y) {
  int32_t sums[XJ_Q_BLOCK];
  wasm_v128_store(sums, low);
  wasm_v128_store(sums + 4, high);
  for (size_t i = 0; i < n; i++) {
    int32_t scaled = xj_fixed_scale(sums[i], (xj_fixed){head->multiplier[i], head->shift[i]});
    int64_t moved = (int64_t)scaled + output->zero;
    y[i] = (uint8_t)(moved < output->range.min   ? output->range.min
                     : moved > output->range.max ? output->range.max
                                                 : (int32_t)moved);
  }
}
