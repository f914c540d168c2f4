#include "src/model.h"

#include <string.h>

#include "src/heap.h"
#include "src/passes/passes.h"
#include "src/program.h"

enum { FIRST_PACKED = 1, LAST_PACKED = 2 };

/* What a kernel sees of a node, with room of its own for the arrays. Nodes that pack have at most 4 inputs. */
typedef struct {
  xj_type types[4], output;
  bool constants[4];
  xj_node_view view;
} packing_view;

static void view_for_packing(const xj_graph *graph, const xj_node *node, packing_view *room) {
  room->view = xj_graph_view(graph, node, NULL, room->types, room->constants);
  room->output = graph->values[node->output].type;
  room->view.output = &room->output;
}

static bool packs_input(const xj_node *node, int32_t input) {
  return (xj_ops[node->op].flags & XJ_PACKS) && input >= FIRST_PACKED && input <= LAST_PACKED;
}

/* Whether a node that does not pack it reads the value. */
static bool is_read_raw(const xj_graph *graph, int32_t value) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (node->inputs[k] == value && !packs_input(node, k)) return true;
  }
  for (int32_t i = 0; i < graph->n_outputs; i++)
    if (graph->outputs[i].value == value) return true;
  return false;
}

static void pack_into_readers(xj_model *model, int32_t value, const xj_weight *weight) {
  const xj_graph *graph = model->graph;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    for (int32_t k = 0; k < node->n_inputs; k++) {
      if (node->inputs[k] != value || !packs_input(node, k)) continue;
      packing_view room;
      view_for_packing(graph, node, &room);
      xj_ops[node->op].kernel->pack(&room.view, k, weight, model->packed[i]);
    }
  }
}

/* Storage for everything that nodes read, its size known from shapes alone. */
static xj_status make_storage(xj_model *model) {
  const xj_graph *graph = model->graph;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || !(xj_ops[node->op].flags & XJ_PACKS)) continue;
    packing_view room;
    view_for_packing(graph, node, &room);
    size_t bytes = xj_ops[node->op].kernel->packed_bytes(&room.view) + XJ_SLACK_BYTES;
    model->packed[i] = xj_alloc_zeroed(bytes, XJ_HEAP_WEIGHTS);
    if (model->packed[i] == NULL) return XJ_OUT_OF_MEMORY;
  }
  for (int32_t i = 0; i < graph->n_values; i++) {
    const xj_value *value = &graph->values[i];
    if (value->kind == XJ_VALUE_CONSTANT) {
      model->constants[i] = value->data;
      pack_into_readers(model, i, &(xj_weight){{value->type.dtype, 0, 0}, value->data, xj_type_elements(&value->type)});
    } else if (value->kind == XJ_VALUE_WEIGHT && xj_graph_uses(graph, i) > 0) {
      model->wanted[model->n_wanted++] = i;
      size_t bytes = xj_type_elements(&value->type) * xj_dtype_bytes(value->storage.dtype);
      if (bytes > model->staging_bytes) model->staging_bytes = bytes;
      if (!is_read_raw(graph, i)) continue;
      model->constants[i] = xj_alloc_zeroed(xj_type_bytes(&value->type) + XJ_SLACK_BYTES, XJ_HEAP_WEIGHTS);
      if (model->constants[i] == NULL) return XJ_OUT_OF_MEMORY;
    }
  }
  return XJ_OK;
}

xj_model *xj_model_compile(xj_graph *graph, uint32_t flags) {
  xj_error_about(NULL, NULL);
  xj_model *model = xj_alloc_zeroed(sizeof *model, XJ_HEAP_GENERAL);
  if (model == NULL) {
    xj_graph_release(graph);
    return NULL;
  }
  model->graph = graph;
  xj_status status = flags & XJ_UNOPTIMISED ? xj_pass_drop_dead(graph) : xj_passes_run(graph);
  if (status != XJ_OK) goto failed;
  size_t n_values = (size_t)graph->n_values, n_nodes = (size_t)graph->n_nodes;
  model->packed = xj_alloc_zeroed(n_nodes * sizeof(void *) + 1, XJ_HEAP_GENERAL);
  model->constants = xj_alloc_zeroed(n_values * sizeof(void *) + 1, XJ_HEAP_GENERAL);
  model->wanted = xj_alloc_zeroed(n_values * sizeof(int32_t) + 1, XJ_HEAP_GENERAL);
  model->fed = xj_alloc_zeroed(n_values * sizeof(bool) + 1, XJ_HEAP_GENERAL);
  if (model->packed == NULL || model->constants == NULL || model->wanted == NULL || model->fed == NULL) goto failed;
  if (make_storage(model) != XJ_OK) goto failed;
  return model;
failed:
  xj_model_release(model);
  return NULL;
}

void xj_model_release(xj_model *model) {
  if (model == NULL) return;
  while (model->programs != NULL) xj_program_release(model->programs);
  xj_graph *graph = model->graph;
  for (int32_t i = 0; model->packed != NULL && i < graph->n_nodes; i++) xj_free(model->packed[i]);
  for (int32_t i = 0; model->constants != NULL && i < graph->n_values; i++)
    if (graph->values[i].kind == XJ_VALUE_WEIGHT) xj_free(model->constants[i]);
  xj_free(model->packed);
  xj_free(model->constants);
  xj_free(model->wanted);
  xj_free(model->fed);
  xj_free(model->staging);
  xj_free(model->arena);
  xj_graph_release(graph);
  xj_free(model);
}

/* The type of an output when every free dimension is `free_dim`. */
static xj_status output_type(const xj_graph *graph, int32_t index, int32_t free_dim, xj_type *types, xj_type *type) {
  xj_type *inputs = types + graph->n_values;
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    const xj_port *port = &graph->inputs[i];
    inputs[i] = graph->values[port->value].type;
    for (int32_t k = 0; k < inputs[i].rank; k++)
      if (port->dims[k] == -1) inputs[i].dims[k] = free_dim;
  }
  XJ_TRY(xj_graph_infer(graph, inputs, types));
  *type = types[graph->outputs[index].value];
  return XJ_OK;
}

xj_status xj_model_output_shape(const xj_model *model, int32_t index, int32_t shape[2 + XJ_MAX_RANK]) {
  const xj_graph *graph = model->graph;
  xj_type *types = xj_alloc((size_t)(graph->n_values + graph->n_inputs) * sizeof *types + 1, XJ_HEAP_GENERAL);
  if (types == NULL) return XJ_OUT_OF_MEMORY;
  xj_type one, two;
  xj_status status = output_type(graph, index, 1, types, &one);
  /* A model may fit one size only, its batch declared free or not: then the shape is that of size 1. */
  if (status == XJ_OK && output_type(graph, index, 2, types, &two) == XJ_OK && two.rank == one.rank)
    for (int32_t i = 0; i < one.rank; i++)
      if (one.dims[i] != two.dims[i]) one.dims[i] = -1;
  xj_free(types);
  shape[0] = one.dtype;
  shape[1] = one.rank;
  memcpy(shape + 2, one.dims, sizeof one.dims);
  return status;
}

int32_t xj_model_n_wanted(const xj_model *model) { return model->n_wanted; }

int32_t xj_model_wanted(const xj_model *model, int32_t index) {
  return model->graph->values[model->wanted[index]].weight_id;
}

void *xj_model_staging(xj_model *model) {
  xj_error_about(NULL, NULL);
  if (model->n_fed == model->n_wanted) {
    xj_fail(XJ_MISUSE, "all %d weights have been fed", model->n_wanted);
    return NULL;
  }
  if (model->staging == NULL) model->staging = xj_alloc(model->staging_bytes, XJ_HEAP_GENERAL);
  return model->staging;
}

xj_status xj_model_feed(xj_model *model, int32_t index) {
  xj_error_about(NULL, NULL);
  if (index < 0 || index >= model->n_wanted)
    return xj_fail(XJ_MISUSE, "weight %d is not among the %d wanted", index, model->n_wanted);
  if (model->fed[index]) return xj_fail(XJ_MISUSE, "weight %d has been fed", index);
  if (model->staging == NULL) return xj_fail(XJ_MISUSE, "weight %d is fed, but nothing has been staged", index);
  int32_t value = model->wanted[index];
  const xj_value *v = &model->graph->values[value];
  xj_weight weight = {v->storage, model->staging, xj_type_elements(&v->type)};
  pack_into_readers(model, value, &weight);
  if (model->constants[value] != NULL) xj_weight_decode(&weight, v->type.dtype, model->constants[value]);
  model->fed[index] = true;
  if (++model->n_fed == model->n_wanted) {
    xj_free(model->staging);
    model->staging = NULL;
  }
  return XJ_OK;
}

xj_status xj_model_reserve_arena(xj_model *model, size_t bytes) {
  if (bytes <= model->arena_bytes) return XJ_OK;
  void *arena = xj_alloc_zeroed(bytes, XJ_HEAP_ARENA);
  if (arena == NULL) return XJ_OUT_OF_MEMORY;
  xj_free(model->arena);
  model->arena = arena;
  model->arena_bytes = bytes;
  return XJ_OK;
}
