#include <string.h>

#include "src/heap.h"
#include "src/passes/passes.h"

/* FNV-1a. */
static uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t n) {
  const unsigned char *p = bytes;
  for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * 16777619u;
  return hash;
}

static uint32_t hash_node(const xj_node *node) {
  uint32_t hash = hash_bytes(2166136261u, &node->op, sizeof node->op);
  hash = hash_bytes(hash, node->inputs, (size_t)node->n_inputs * sizeof *node->inputs);
  return hash_bytes(hash, node->attributes, xj_ops[node->op].attribute_bytes);
}

static bool same_node(const xj_node *a, const xj_node *b) {
  return a->op == b->op && a->n_inputs == b->n_inputs &&
         memcmp(a->inputs, b->inputs, (size_t)a->n_inputs * sizeof *a->inputs) == 0 &&
         memcmp(a->attributes, b->attributes, xj_ops[a->op].attribute_bytes) == 0;
}

static uint32_t hash_constant(const xj_value *value) {
  if (value->kind == XJ_VALUE_WEIGHT) return hash_bytes(7u, &value->weight_id, sizeof value->weight_id);
  return hash_bytes(hash_bytes(2166136261u, &value->type, sizeof value->type), value->data,
                    xj_type_bytes(&value->type));
}

static bool same_constant(const xj_value *a, const xj_value *b) {
  if (a->kind != b->kind || !xj_type_equal(&a->type, &b->type)) return false;
  if (a->kind == XJ_VALUE_WEIGHT)
    return a->weight_id == b->weight_id && memcmp(&a->storage, &b->storage, sizeof a->storage) == 0;
  return memcmp(a->data, b->data, xj_type_bytes(&a->type)) == 0;
}

/* A table of 2^bits ids, open addressing, at most half full. */
typedef struct {
  int32_t *ids;
  uint32_t mask;
} table;

static xj_status table_make(table *t, int32_t n) {
  uint32_t size = 16;
  while (size < 2 * (uint32_t)n) size *= 2;
  t->mask = size - 1;
  t->ids = xj_alloc((size_t)size * sizeof *t->ids, XJ_HEAP_GENERAL);
  if (t->ids == NULL) return XJ_OUT_OF_MEMORY;
  for (uint32_t i = 0; i < size; i++) t->ids[i] = XJ_NONE;
  return XJ_OK;
}

static xj_status share_constants(xj_graph *graph) {
  table t;
  XJ_TRY(table_make(&t, graph->n_values));
  for (int32_t i = 0; i < graph->n_values; i++) {
    const xj_value *value = &graph->values[i];
    if (value->kind != XJ_VALUE_CONSTANT && value->kind != XJ_VALUE_WEIGHT) continue;
    uint32_t at = hash_constant(value) & t.mask;
    while (t.ids[at] != XJ_NONE && !same_constant(&graph->values[t.ids[at]], value)) at = (at + 1) & t.mask;
    if (t.ids[at] != XJ_NONE)
      xj_graph_redirect(graph, i, t.ids[at]);
    else
      t.ids[at] = i;
  }
  xj_free(t.ids);
  return XJ_OK;
}

xj_status xj_pass_share_common(xj_graph *graph) {
  XJ_TRY(share_constants(graph));
  table t;
  XJ_TRY(table_make(&t, graph->n_nodes));
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || (xj_ops[node->op].flags & XJ_RANDOM)) continue;
    uint32_t at = hash_node(node) & t.mask;
    while (t.ids[at] != XJ_NONE && !same_node(&graph->nodes[t.ids[at]], node)) at = (at + 1) & t.mask;
    if (t.ids[at] == XJ_NONE) {
      t.ids[at] = i;
      continue;
    }
    xj_graph_redirect(graph, node->output, graph->nodes[t.ids[at]].output);
    node->op = XJ_NONE;
  }
  xj_free(t.ids);
  return XJ_OK;
}
