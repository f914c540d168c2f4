#include "src/passes/passes.h"

xj_status xj_pass_fuse_mul_add(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *add = &graph->nodes[i];
    if (add->op != XJ_OP_add || graph->values[add->output].derived) continue;
    if (xj_node_activation(add)->kind != XJ_ACTIVATION_NONE) continue;
    for (int32_t side = 0; side < 2; side++) {
      xj_node *mul = xj_sole_producer(graph, add->inputs[side]);
      if (mul == NULL || mul->op != XJ_OP_mul || xj_node_activation(mul)->kind != XJ_ACTIVATION_NONE) continue;
      if (graph->values[mul->output].derived) continue;
      /* a product that the addition repeats is better computed once */
      if (!xj_type_equal(&graph->values[mul->output].type, &graph->values[add->output].type)) continue;
      if (graph->values[add->output].type.dtype != XJ_FLOAT32) continue;
      void *attributes = xj_graph_alloc(graph, xj_ops[XJ_OP_mul_add].attribute_bytes);
      if (attributes == NULL) return XJ_OUT_OF_MEMORY;
      const int32_t term = add->inputs[1 - side];
      xj_node_absorb(add, mul);
      add->op = XJ_OP_mul_add;
      add->attributes = attributes;
      xj_node_set_input(add, 2, term);
      break;
    }
  }
  return XJ_OK;
}
