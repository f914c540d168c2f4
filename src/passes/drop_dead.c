#include "src/passes/passes.h"

#include <string.h>

#include "src/heap.h"

/* Drops the nodes whose result is not needed, of those that are derived or of the others; marks what the rest needs. */
static void sweep(xj_graph *graph, bool derived, bool *needed) {
  for (int32_t i = graph->n_nodes - 1; i >= 0; i--) { /* readers come after what they read */
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived != derived) continue;
    if (!needed[node->output]) {
      node->op = XJ_NONE;
      continue;
    }
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (node->inputs[k] != XJ_NONE) needed[node->inputs[k]] = true;
  }
}

xj_status xj_pass_drop_dead(xj_graph *graph) {
  bool *needed = xj_alloc_zeroed((size_t)graph->n_values + 1, XJ_HEAP_GENERAL);
  if (needed == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->n_outputs; i++) needed[graph->outputs[i].value] = true;
  sweep(graph, false, needed);
  sweep(graph, true, needed); /* passes add derived nodes behind their readers, but none reads any other */
  xj_free(needed);
  return XJ_OK;
}
