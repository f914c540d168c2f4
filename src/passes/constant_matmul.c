#include "src/passes/passes.h"

static bool swaps(const xj_list *perm) { return perm->n == 2 && perm->values[0] == 1 && perm->values[1] == 0; }

/* batch_matmul with a matrix of constants on the right → dense, which packs it once. */
xj_status xj_pass_constant_matmul(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op != XJ_OP_batch_matmul || graph->values[node->output].derived) continue;
    const xj_batch_matmul_attributes *a = node->attributes;
    const xj_type *x = &graph->values[node->inputs[0]].type, *w = &graph->values[node->inputs[1]].type;
    if (!xj_value_is_constant(&graph->values[node->inputs[1]]) || w->rank != 2 || w->dtype != XJ_FLOAT32) continue;
    if (a->transpose_a || a->perm_a.n != 0 || a->perm_y.n != 0 || !(a->perm_b.n == 0 || swaps(&a->perm_b))) continue;
    if (x->rank < 2 || w->dims[0] < 1 || w->dims[1] < 1) continue;
    xj_dense_attributes *dense = xj_graph_alloc(graph, sizeof *dense);
    if (dense == NULL) return XJ_OUT_OF_MEMORY;
    dense->transpose_b = (a->transpose_b != 0) != swaps(&a->perm_b);
    const xj_node rewritten = {XJ_OP_dense, node->name, node->n_inputs, node->inputs, node->output, dense};
    if (xj_graph_accepts(graph, &rewritten)) *node = rewritten; /* packed it may be more than there can be */
  }
  return XJ_OK;
}
