#include "src/live.h"
#include "src/passes/passes.h"

/* Fewer weights save little, and quantising a row costs a few columns' products, a window's as many times as windows
 * overlap: such layers stay as they are (figures in docs/performance.md). */
enum { LEAST_WEIGHTS = 4096, LEAST_WINDOW_WEIGHTS = 16384, LEAST_COLUMNS = 32 };

static const struct {
  int32_t op, becomes;
} layers[] = {{XJ_OP_conv2d, XJ_OP_qd_conv2d}, {XJ_OP_dense, XJ_OP_qd_dense}};

static const xj_type *type_of(const xj_graph *graph, int32_t value) { return &graph->values[value].type; }

static bool is_large(const xj_graph *graph, int32_t value, size_t least) {
  return xj_value_is_constant(&graph->values[value]) && type_of(graph, value)->dtype == XJ_FLOAT32 &&
         xj_type_elements(type_of(graph, value)) >= least;
}

static void rewrite_layer(xj_graph *graph, xj_node *node) {
  const xj_type *x = type_of(graph, node->inputs[XJ_X]), *y = type_of(graph, node->output);
  const int32_t columns = y->dims[y->rank - 1], weight = node->inputs[XJ_WEIGHT];
  if (columns < LEAST_COLUMNS) return;
  const size_t depth = xj_type_elements(type_of(graph, weight)) / (size_t)columns;
  const bool is_window = depth > (size_t)x->dims[x->rank - 1];
  if (!is_large(graph, weight, is_window ? LEAST_WINDOW_WEIGHTS : LEAST_WEIGHTS)) return;
  xj_node rewritten = *node;
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
    if (node->op == layers[i].op) rewritten.op = layers[i].becomes;
  if (rewritten.op != node->op && xj_graph_accepts(graph, &rewritten)) *node = rewritten;
}

/* Whether every reader of the table takes rows of it, or packs it: where one reads its floats, they have to be there.
 */
static bool is_only_packed(const xj_graph *graph, int32_t table) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || node->op == XJ_OP_gather || (xj_ops[node->op].flags & XJ_ALIAS)) continue;
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (node->inputs[k] != XJ_NONE && xj_value_root(graph, node->inputs[k]) == table && xj_node_reads(graph, node, k))
        return false;
  }
  for (int32_t i = 0; i < graph->n_outputs; i++)
    if (xj_value_root(graph, graph->outputs[i].value) == table) return false;
  return true;
}

static xj_status rewrite_gather(xj_graph *graph, xj_node *node) {
  const xj_gather_attributes *a = node->attributes;
  const int32_t table = node->inputs[0], indices = node->inputs[1];
  if (a->axis != 0 || a->batch_dims != 0 || !is_large(graph, table, LEAST_WEIGHTS)) return XJ_OK;
  if (!is_only_packed(graph, xj_value_root(graph, table))) return XJ_OK;
  xj_node rewritten = *node;
  rewritten.op = XJ_OP_qd_gather;
  rewritten.attributes = xj_graph_alloc(graph, sizeof(xj_qd_gather_attributes));
  rewritten.inputs = xj_graph_alloc(graph, 8 * sizeof *rewritten.inputs);
  if (rewritten.attributes == NULL || rewritten.inputs == NULL) return XJ_OUT_OF_MEMORY;
  rewritten.inputs[XJ_X] = indices;
  rewritten.inputs[XJ_WEIGHT] = table;
  if (xj_graph_accepts(graph, &rewritten)) *node = rewritten;
  return XJ_OK;
}

xj_status xj_pass_quantize_weights(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived) continue;
    if (node->op == XJ_OP_gather)
      XJ_TRY(rewrite_gather(graph, node));
    else if (xj_is_layer(node))
      rewrite_layer(graph, node);
  }
  return XJ_OK;
}
