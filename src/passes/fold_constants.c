#include "src/passes/passes.h"

xj_status xj_pass_fold_constants(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    xj_value *value = &graph->values[node->output];
    if (!value->derived || value->known == NULL) continue; /* larger ones are computed when their weights are there */
    value->kind = XJ_VALUE_CONSTANT;
    value->data = value->known;
    value->derived = false;
    node->op = XJ_NONE;
  }
  return XJ_OK;
}
