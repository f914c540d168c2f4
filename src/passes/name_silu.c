#include "src/passes/pattern.h"

xj_status xj_pass_name_silu(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op != XJ_OP_mul || !xj_is_plain(graph, node)) continue;
    for (int32_t side = 0; side < 2 && node->op == XJ_OP_mul; side++) {
      const int32_t x = node->inputs[side];
      if (xj_input_of(graph, node->inputs[1 - side], XJ_OP_sigmoid) == x)
        XJ_TRY(xj_node_become(graph, node, XJ_OP_silu, x, NULL));
    }
  }
  return XJ_OK;
}
