/* What the quantised convolutions and dense layer share: checks, and what stands beside their weights. */
#ifndef XJ_Q_LAYER_H
#define XJ_Q_LAYER_H

#include "kernels/requantize.h"

/* QUANTISED_LAYER of ops.def, in its order. */
typedef struct {
  float x_scale;
  int32_t x_zero, filter_zero;
  float y_scale;
  int32_t y_zero, act_min, act_max;
} xj_q_attributes;

enum { XJ_Q_BLOCK = 8 /* output channels that are packed and computed together */ };

/* The head of the packed weights of one block: y = (sum + bias) * multiplier * 2^(shift - 31). */
typedef struct {
  int32_t bias[XJ_Q_BLOCK], multiplier[XJ_Q_BLOCK];
  int32_t power[XJ_Q_BLOCK]; /* as xj_fixed_scale4 takes it */
  int8_t shift[XJ_Q_BLOCK];
  int32_t shifts_left; /* whether any shift is positive */
  int32_t unused;
} xj_q_head;

/* For each group, the blocks of its output channels: head and weights, bytes that are int8 or uint8 less 128. */
typedef struct {
  size_t groups, out;    /* out: output channels of one group */
  uint64_t weight_bytes; /* of one block; may be more than there can be, until xj_q_layout_check */
} xj_q_layout;

typedef struct {
  int32_t zero;
  xj_range range;
  bool is_unsigned;
} xj_q_output;

static inline size_t xj_q_blocks(const xj_q_layout *layout) { return (layout->out + XJ_Q_BLOCK - 1) / XJ_Q_BLOCK; }
static inline size_t xj_q_block_bytes(const xj_q_layout *layout) {
  return sizeof(xj_q_head) + (size_t)layout->weight_bytes;
}
static inline size_t xj_q_packed_bytes(const xj_q_layout *layout) {
  return layout->groups * xj_q_blocks(layout) * xj_q_block_bytes(layout);
}

/* Dtypes, constants, bias, scales, zero points; out_channels: of all groups. */
xj_status xj_q_layer_check(const xj_node_view *node, const xj_q_attributes *attributes, int32_t out_channels);
/* 'unsupported' where the packed weights would be more than 2 GiB - 1. */
xj_status xj_q_layout_check(const xj_q_layout *layout);
xj_q_output xj_q_output_make(const xj_node_view *node, const xj_q_attributes *attributes);
/* The filter's zero point as it is packed. */
int32_t xj_q_filter_zero(const xj_node_view *node, const xj_q_attributes *attributes);
/* What a weight is packed as. */
static inline int8_t xj_q_byte(const xj_weight *weight, size_t index) {
  uint8_t byte = ((const uint8_t *)weight->data)[index];
  return (int8_t)(weight->storage.dtype == XJ_UINT8 ? byte ^ 0x80 : byte);
}
void xj_q_pack_bias(const xj_q_layout *layout, const xj_weight *bias, void *packed);
/* is_single: TFLite multiplies the scales of x and filter in float32, as it does for uint8 and one scale of a dense
 * layer; in float64 otherwise. */
void xj_q_pack_scale(const xj_node_view *node, const xj_q_attributes *attributes, const xj_q_layout *layout,
                     const float *scale, bool is_single, void *packed);
/* The plain form of what follows, for any shifts. */
void xj_q_finish_plain(const xj_q_output *output, const xj_q_head *head, v128_t low, v128_t high, size_t n, uint8_t *y);

/* y[i] = sum i, scaled, for i < n ≤ 8. The bias is in the sums. */
static inline void xj_q_finish(const xj_q_output *output, const xj_q_head *head, v128_t low, v128_t high, size_t n,
                               uint8_t *y) {
  if (head->shifts_left || n < XJ_Q_BLOCK) {
    xj_q_finish_plain(output, head, low, high, n, y);
    return;
  }
  low = xj_fixed_scale4(low, wasm_v128_load(head->multiplier), wasm_v128_load(head->power));
  high = xj_fixed_scale4(high, wasm_v128_load(head->multiplier + 4), wasm_v128_load(head->power + 4));
  v128_t words = wasm_i16x8_narrow_i32x4(low, high);
  words = wasm_i16x8_add_sat(words, wasm_i16x8_splat((int16_t)output->zero));
  words = wasm_i16x8_max(words, wasm_i16x8_splat((int16_t)output->range.min));
  words = wasm_i16x8_min(words, wasm_i16x8_splat((int16_t)output->range.max));
  const v128_t bytes =
      output->is_unsigned ? wasm_u8x16_narrow_i16x8(words, words) : wasm_i8x16_narrow_i16x8(words, words);
  wasm_v128_store64_lane(y, bytes, 0);
}

#endif
