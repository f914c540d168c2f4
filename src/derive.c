#include "src/derive.h"

#include <string.h>

#include "src/evaluate.h"
#include "src/heap.h"
#include "src/live.h"
#include "src/scale.h"
#include "src/view.h"

static bool is_alias(const xj_node *node) { return (xj_ops[node->op].flags & XJ_ALIAS) != 0; }

/* Whether the model has to compute the node's result itself: derived, and no other shape of another constant. */
static bool is_computed(const xj_graph *graph, const xj_node *node) {
  return node->op != XJ_NONE && !is_alias(node) && graph->values[node->output].derived;
}

xj_status xj_derive_reserve(xj_model *model) {
  const xj_graph *graph = model->graph;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (!is_computed(graph, node)) continue;
    const xj_type *type = &graph->values[node->output].type;
    model->constants[node->output] = xj_alloc_zeroed(xj_type_bytes(type) + XJ_SLACK_BYTES, XJ_HEAP_WEIGHTS);
    if (model->constants[node->output] == NULL) return XJ_OUT_OF_MEMORY;
  }
  return XJ_OK;
}

static xj_status compute(xj_model *model, const xj_node *node) {
  const xj_graph *graph = model->graph;
  const xj_value *value = &graph->values[node->output];
  if (value->known != NULL) {
    memcpy(model->constants[node->output], value->known, xj_type_bytes(&value->type));
    return XJ_OK;
  }
  xj_view_room room;
  XJ_TRY(xj_view_open(graph, node, NULL, true, &room));
  const void **inputs = xj_alloc_zeroed((size_t)node->n_inputs * sizeof *inputs + 1, XJ_HEAP_GENERAL);
  xj_status status = inputs == NULL ? XJ_OUT_OF_MEMORY : XJ_OK;
  for (int32_t k = 0; k < node->n_inputs && status == XJ_OK; k++)
    if (node->inputs[k] != XJ_NONE) inputs[k] = model->constants[xj_value_root(graph, node->inputs[k])];
  xj_error_about(xj_ops[node->op].name, node->name);
  if (status == XJ_OK) status = xj_evaluate(&room.view, inputs, model->constants[node->output]);
  xj_free(inputs);
  xj_view_close(&room);
  return status;
}

/* Packs the inputs of a node that are derived, then scales. */
static xj_status finish_packing(xj_model *model, int32_t index) {
  const xj_graph *graph = model->graph;
  const xj_node *node = &graph->nodes[index];
  const xj_kernel *kernel = xj_ops[node->op].kernel;
  xj_view_room room;
  XJ_TRY(xj_view_open(graph, node, NULL, true, &room));
  for (int32_t k = XJ_WEIGHT; k <= XJ_BIAS && k < node->n_inputs; k++) {
    if (node->inputs[k] == XJ_NONE) continue;
    int32_t root = xj_value_root(graph, node->inputs[k]);
    const xj_value *value = &graph->values[root];
    if (!value->derived) continue;
    xj_weight weight = {{value->type.dtype, 1, 0}, model->constants[root], xj_type_elements(&value->type)};
    kernel->pack(&room.view, k, &weight, model->packed[index]);
  }
  xj_status status = XJ_OK;
  if (xj_present(&room.view, XJ_SCALE))
    status = xj_scale_packed(&room.view, model->constants[xj_value_root(graph, node->inputs[XJ_SCALE])],
                             model->packed[index]);
  xj_view_close(&room);
  return status;
}

/* Frees the constants that only derived ones and packing read. */
static void drop_unread(xj_model *model, bool *is_read) {
  const xj_graph *graph = model->graph;
  memset(is_read, 0, (size_t)graph->n_values);
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived) continue;
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (xj_node_reads(graph, node, k)) is_read[xj_value_root(graph, node->inputs[k])] = true;
  }
  for (int32_t i = 0; i < graph->n_outputs; i++) is_read[xj_value_root(graph, graph->outputs[i].value)] = true;
  for (int32_t i = 0; i < graph->n_values; i++) {
    if (is_read[i] || graph->values[i].kind == XJ_VALUE_CONSTANT) continue;
    xj_free(model->constants[i]);
    model->constants[i] = NULL;
  }
}

xj_status xj_derive_run(xj_model *model) {
  const xj_graph *graph = model->graph;
  for (int32_t i = 0; i < graph->n_nodes; i++)
    if (is_computed(graph, &graph->nodes[i])) XJ_TRY(compute(model, &graph->nodes[i]));
  for (int32_t *i = &model->n_finished; *i < graph->n_nodes; ++*i) /* none is scaled twice */
    if (model->packed[*i] != NULL) XJ_TRY(finish_packing(model, *i));
  xj_error_about(NULL, NULL);
  bool *is_read = xj_alloc((size_t)graph->n_values + 1, XJ_HEAP_GENERAL);
  if (is_read == NULL) return XJ_OUT_OF_MEMORY;
  drop_unread(model, is_read);
  xj_free(is_read);
  return XJ_OK;
}
