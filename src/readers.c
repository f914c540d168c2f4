#include "src/readers.h"

#include "src/heap.h"
#include "src/live.h"

/* Whether a node's input is a constant that goes into the node's storage. */
static bool is_packed(const xj_node *node, int32_t input) {
  return (xj_ops[node->op].flags & XJ_PACKS) && (input == XJ_WEIGHT || input == XJ_BIAS);
}

/* Counts them in first[root + 2], so that the sums end up one place further. */
static void count(const xj_graph *graph, xj_readers *readers) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    for (int32_t k = 0; k < node->n_inputs; k++) {
      if (node->inputs[k] == XJ_NONE) continue;
      const int32_t root = xj_value_root(graph, node->inputs[k]);
      readers->any[node->inputs[k]] = true;
      if (is_packed(node, k))
        readers->first[root + 2]++;
      else if (!(xj_ops[node->op].flags & XJ_ALIAS))
        readers->raw[root] = true;
    }
  }
  for (int32_t i = 0; i < graph->n_outputs; i++) {
    readers->any[graph->outputs[i].value] = true;
    readers->raw[xj_value_root(graph, graph->outputs[i].value)] = true;
  }
}

xj_status xj_readers_find(const xj_graph *graph, xj_readers *readers) {
  const size_t n = (size_t)graph->n_values;
  readers->any = xj_alloc_zeroed(n + 1, XJ_HEAP_GENERAL);
  readers->raw = xj_alloc_zeroed(n + 1, XJ_HEAP_GENERAL);
  readers->first = xj_alloc_zeroed((n + 2) * sizeof *readers->first, XJ_HEAP_GENERAL);
  if (readers->any == NULL || readers->raw == NULL || readers->first == NULL) return XJ_OUT_OF_MEMORY;
  count(graph, readers);
  for (size_t i = 2; i < n + 2; i++) readers->first[i] += readers->first[i - 1];
  readers->packing = xj_alloc((size_t)readers->first[n + 1] * sizeof *readers->packing + 1, XJ_HEAP_GENERAL);
  if (readers->packing == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    for (int32_t k = 0; k < node->n_inputs; k++) {
      if (node->inputs[k] == XJ_NONE || !is_packed(node, k)) continue;
      const int32_t root = xj_value_root(graph, node->inputs[k]);
      readers->packing[readers->first[root + 1]++] = (xj_reader){i, k};
    }
  }
  return XJ_OK;
}

void xj_readers_release(xj_readers *readers) {
  xj_free(readers->any);
  xj_free(readers->raw);
  xj_free(readers->first);
  xj_free(readers->packing);
  *readers = (xj_readers){0};
}
