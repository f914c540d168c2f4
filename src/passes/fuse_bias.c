#include "src/passes/passes.h"

/* Whether `value` holds one constant for each of `channels`, along the last axis. */
static bool is_bias(const xj_graph *graph, int32_t value, int32_t channels) {
  const xj_value *v = &graph->values[value];
  return xj_value_is_constant(v) && v->type.rank >= 1 && v->type.dims[v->type.rank - 1] == channels &&
         xj_type_elements(&v->type) == (size_t)channels;
}

xj_status xj_pass_fuse_bias(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *add = &graph->nodes[i];
    if (add->op != XJ_OP_add || xj_node_activation(add)->kind != XJ_ACTIVATION_NONE) continue;
    for (int32_t side = 0; side < 2; side++) {
      xj_node *layer = xj_sole_producer(graph, add->inputs[side]);
      if (layer == NULL || !(xj_ops[layer->op].flags & XJ_PACKS)) continue;
      bool has_bias = layer->n_inputs > 2 && layer->inputs[2] != XJ_NONE;
      if (has_bias || xj_node_activation(layer)->kind != XJ_ACTIVATION_NONE) continue;
      const xj_type *type = &graph->values[layer->output].type;
      int32_t bias = add->inputs[1 - side];
      /* a bias of more axes than the layer's output would change the rank */
      if (!is_bias(graph, bias, type->dims[type->rank - 1]) || graph->values[bias].type.rank > type->rank) continue;
      layer->inputs[2] = bias;
      if (layer->n_inputs < 3) layer->n_inputs = 3;
      xj_node_absorb(add, layer);
      break;
    }
  }
  return XJ_OK;
}
