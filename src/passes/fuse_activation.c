#include "src/passes/passes.h"

#include <math.h>

/* Whether a prelu has a slope for each channel, or one. */
static bool is_by_channel(const xj_graph *graph, const xj_node *prelu) {
  const xj_type *x = &graph->values[prelu->inputs[0]].type, *slope = &graph->values[prelu->inputs[1]].type;
  const size_t n = xj_type_elements(slope);
  return n == 1 || (x->rank > 0 && slope->rank > 0 && n == (size_t)slope->dims[slope->rank - 1] &&
                    slope->dims[slope->rank - 1] == x->dims[x->rank - 1]);
}

/* The activation that a node of its own computes: kind none where it is no activation. */
static xj_activation activation_of(const xj_graph *graph, const xj_node *node) {
  if (node->op == XJ_OP_relu) return (xj_activation){.kind = XJ_ACTIVATION_CLAMP, .max = INFINITY};
  if (node->op == XJ_OP_relu6) return (xj_activation){.kind = XJ_ACTIVATION_CLAMP, .max = 6};
  if (node->op == XJ_OP_clamp) {
    const xj_clamp_attributes *clamp = node->attributes;
    return (xj_activation){.kind = XJ_ACTIVATION_CLAMP, .min = clamp->min, .max = clamp->max};
  }
  if (node->op == XJ_OP_prelu && xj_value_is_constant(&graph->values[node->inputs[1]]) && is_by_channel(graph, node))
    return (xj_activation){.kind = XJ_ACTIVATION_PRELU};
  if (xj_ops[node->op].kernel->stretch != NULL) {
    xj_activation activation = {.kind = XJ_ACTIVATION_UNARY, .op = node->op};
    xj_unary_numbers(node->op, node->attributes, &activation.min, &activation.max);
    return activation;
  }
  return (xj_activation){.kind = XJ_ACTIVATION_NONE};
}

xj_status xj_pass_fuse_activation(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived) continue;
    if (graph->values[node->output].type.dtype != XJ_FLOAT32) continue;
    xj_activation activation = activation_of(graph, node);
    if (activation.kind == XJ_ACTIVATION_NONE) continue;
    xj_node *source = xj_sole_producer(graph, node->inputs[0]);
    xj_activation *own = source == NULL ? NULL : xj_node_activation(source);
    if (own == NULL || own->kind != XJ_ACTIVATION_NONE) continue;
    if (activation.kind == XJ_ACTIVATION_PRELU) {
      xj_node_set_input(source, xj_slope_slot(source->op), node->inputs[1]);
    }
    *own = activation;
    xj_node_absorb(node, source);
  }
  return XJ_OK;
}
