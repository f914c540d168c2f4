#include "src/passes/passes.h"

xj_status xj_pass_drop_identities(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op != XJ_OP_identity) continue;
    xj_graph_redirect(graph, node->output, node->inputs[0]);
    node->op = XJ_NONE;
  }
  return XJ_OK;
}
