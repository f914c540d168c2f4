#include "src/live.h"

#include <string.h>

int32_t xj_value_root(const xj_graph *graph, int32_t value) {
  for (;;) {
    const xj_value *v = &graph->values[value];
    if (v->kind != XJ_VALUE_NODE) return value;
    const xj_node *node = &graph->nodes[v->node];
    if (!(xj_ops[node->op].flags & XJ_ALIAS)) return value;
    value = node->inputs[0];
  }
}

bool xj_node_reads(const xj_graph *graph, const xj_node *node, int32_t input) {
  const uint32_t flags = xj_ops[node->op].flags;
  if (node->inputs[input] == XJ_NONE || (flags & XJ_SHAPE_ONLY)) return false;
  if ((flags & XJ_ALIAS) && input > 0) return false;
  bool is_packed = (flags & XJ_PACKS) && (input == XJ_WEIGHT || input == XJ_BIAS || input == XJ_SCALE);
  return !(is_packed && xj_value_is_constant(&graph->values[node->inputs[input]]));
}

/* The node that makes a value in the run, or NULL. */
static int32_t maker(const xj_graph *graph, const xj_facts *facts, int32_t value) {
  const xj_value *v = &graph->values[value];
  if (v->kind != XJ_VALUE_NODE || v->derived) return XJ_NONE;
  return facts != NULL && facts->known[value] != NULL ? XJ_NONE : v->node;
}

void xj_live_nodes(const xj_graph *graph, const xj_facts *facts, bool *live) {
  memset(live, 0, (size_t)graph->n_nodes * sizeof *live);
  for (int32_t i = 0; i < graph->n_outputs; i++) {
    int32_t node = maker(graph, facts, graph->outputs[i].value);
    if (node != XJ_NONE) live[node] = true;
  }
  for (int32_t i = graph->n_nodes - 1; i >= 0; i--) { /* readers come after what they read */
    const xj_node *node = &graph->nodes[i];
    if (!live[i]) continue;
    for (int32_t k = 0; k < node->n_inputs; k++) {
      if (!xj_node_reads(graph, node, k)) continue;
      int32_t made_by = maker(graph, facts, node->inputs[k]);
      if (made_by != XJ_NONE) live[made_by] = true;
    }
  }
}
