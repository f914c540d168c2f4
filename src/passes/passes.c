#include "src/passes/passes.h"

#include <string.h>

xj_status xj_passes_run(xj_graph *graph) {
  XJ_TRY(xj_pass_drop_identities(graph));
  XJ_TRY(xj_pass_fold_constants(graph));
  XJ_TRY(xj_pass_share_common(graph));
  XJ_TRY(xj_pass_name_gelu(graph));
  XJ_TRY(xj_pass_name_hard_swish(graph));
  XJ_TRY(xj_pass_name_silu(graph));
  XJ_TRY(xj_pass_name_clamp(graph));
  XJ_TRY(xj_pass_drop_dead(graph));
  XJ_TRY(xj_pass_fold_transpose(graph));
  XJ_TRY(xj_pass_fuse_attention(graph));
  XJ_TRY(xj_pass_constant_matmul(graph));
  XJ_TRY(xj_pass_fold_padding(graph));
  XJ_TRY(xj_pass_fold_scale(graph));
  XJ_TRY(xj_pass_fuse_residual(graph));
  XJ_TRY(xj_pass_fold_scale(graph)); /* what stands behind a residual */
  XJ_TRY(xj_pass_fuse_mul_add(graph));
  XJ_TRY(xj_pass_fuse_activation(graph));
  return xj_pass_drop_dead(graph);
}

xj_node *xj_producer(const xj_graph *graph, int32_t value) {
  if (value == XJ_NONE || graph->values[value].kind != XJ_VALUE_NODE) return NULL;
  return &graph->nodes[graph->values[value].node];
}

xj_node *xj_sole_producer(const xj_graph *graph, int32_t value) {
  xj_node *node = xj_producer(graph, value);
  return node != NULL && xj_graph_uses(graph, value) == 1 ? node : NULL;
}

void xj_node_absorb(xj_node *later, xj_node *earlier) {
  int32_t output = later->output;
  *later = *earlier;
  later->output = output;
  earlier->op = XJ_NONE;
}

int32_t xj_node_input(const xj_node *node, int32_t input) {
  return input < node->n_inputs ? node->inputs[input] : XJ_NONE;
}

void xj_node_set_input(xj_node *node, int32_t input, int32_t value) {
  while (node->n_inputs <= input) node->inputs[node->n_inputs++] = XJ_NONE;
  node->inputs[input] = value;
}

bool xj_is_layer(const xj_node *node) {
  const uint32_t both = XJ_PACKS | XJ_ACTIVATES;
  return (xj_ops[node->op].flags & both) == both;
}

xj_activation *xj_node_activation(const xj_node *node) {
  const xj_op_row *row = &xj_ops[node->op];
  if (!(row->flags & XJ_ACTIVATES)) return NULL;
  return (xj_activation *)((char *)node->attributes + row->attribute_bytes - sizeof(xj_activation));
}
