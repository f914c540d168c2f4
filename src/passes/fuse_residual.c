#include "src/heap.h"
#include "src/passes/passes.h"

/* A layer that `value` comes from and that has room for a residual, or NULL. */
static xj_node *open_layer(const xj_graph *graph, int32_t value) {
  xj_node *layer = xj_sole_producer(graph, value);
  if (layer == NULL || !xj_is_layer(layer) || xj_ops[layer->op].most_inputs <= XJ_RESIDUAL) return NULL;
  if (xj_node_input(layer, XJ_RESIDUAL) != XJ_NONE) return NULL;
  return xj_node_activation(layer)->kind == XJ_ACTIVATION_NONE ? layer : NULL;
}

/* Marks the additions whose operands differ in type, which then broadcast. */
static void mark_unequal(const xj_graph *graph, const xj_type *types, bool *unequal) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *add = &graph->nodes[i];
    if (add->op == XJ_OP_add && !xj_type_equal(&types[add->inputs[0]], &types[add->inputs[1]])) unequal[i] = true;
  }
}

/* The same for free dimensions as declared, of another size at all inputs, and at each alone. Sizes that the model does
 * not take say nothing. */
static xj_status find_unequal(const xj_graph *graph, bool *unequal) {
  for (int32_t input = -2; input < graph->n_inputs; input++) {
    xj_facts facts = {0};
    const xj_sizes sizes = input == -2 ? XJ_SIZES_DECLARED : XJ_SIZES_OTHER;
    const xj_status status = xj_graph_infer_sizes(graph, sizes, input == -2 ? XJ_NONE : input, &facts);
    if (status == XJ_OK) mark_unequal(graph, facts.types, unequal);
    xj_facts_release(graph, &facts);
    if (status == XJ_OUT_OF_MEMORY) return status;
    if (input == XJ_NONE && graph->n_inputs == 1) break;
  }
  return XJ_OK;
}

xj_status xj_pass_fuse_residual(xj_graph *graph) {
  bool *unequal = xj_alloc_zeroed((size_t)graph->n_nodes + 1, XJ_HEAP_GENERAL);
  if (unequal == NULL) return XJ_OUT_OF_MEMORY;
  const xj_status status = find_unequal(graph, unequal);
  for (int32_t i = 0; i < graph->n_nodes && status == XJ_OK; i++) {
    xj_node *add = &graph->nodes[i];
    if (add->op != XJ_OP_add || unequal[i] || xj_node_activation(add)->kind != XJ_ACTIVATION_NONE) continue;
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
  xj_free(unequal);
  return status;
}
