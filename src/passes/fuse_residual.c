#include "src/passes/passes.h"

/* A layer that `value` comes from and that has room for a residual, or NULL. */
static xj_node *open_layer(const xj_graph *graph, int32_t value) {
  xj_node *layer = xj_sole_producer(graph, value);
  if (layer == NULL || !xj_is_layer(layer) || xj_ops[layer->op].most_inputs <= XJ_RESIDUAL) return NULL;
  if (xj_node_input(layer, XJ_RESIDUAL) != XJ_NONE) return NULL;
  return xj_node_activation(layer)->kind == XJ_ACTIVATION_NONE ? layer : NULL;
}

xj_status xj_pass_fuse_residual(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *add = &graph->nodes[i];
    if (add->op != XJ_OP_add || xj_node_activation(add)->kind != XJ_ACTIVATION_NONE) continue;
    const int32_t a = add->inputs[0], b = add->inputs[1];
    if (a == b || !xj_type_equal(&graph->values[a].type, &graph->values[b].type)) continue;
    if (xj_value_is_constant(&graph->values[a]) || xj_value_is_constant(&graph->values[b])) continue;
    xj_node *first = open_layer(graph, a), *second = open_layer(graph, b);
    if (first == NULL && second == NULL) continue;
    /* of two layers the later one: the other's output is there by then */
    xj_node *layer = first == NULL || (second != NULL && second > first) ? second : first;
    xj_node_set_input(layer, XJ_RESIDUAL, layer == first ? b : a);
    xj_node_absorb(add, layer);
  }
  return XJ_OK;
}
