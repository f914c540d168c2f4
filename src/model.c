#include "src/model.h"

#include <string.h>

#include "src/derive.h"
#include "src/heap.h"
#include "src/passes/passes.h"
#include "src/program.h"
#include "src/view.h"

static xj_status pack_into_readers(xj_model *model, int32_t value, const xj_weight *weight) {
  const xj_graph *graph = model->graph;
  for (int32_t i = model->readers.first[value]; i < model->readers.first[value + 1]; i++) {
    const xj_reader reader = model->readers.packing[i];
    if (reader.node < model->n_finished) continue; /* the last weight again, after memory was short */
    const xj_node *node = &graph->nodes[reader.node];
    xj_view_room room;
    XJ_TRY(xj_view_open(graph, node, NULL, true, &room));
    xj_ops[node->op].kernel->pack(&room.view, reader.input, weight, model->packed[reader.node]);
    xj_view_close(&room);
  }
  return XJ_OK;
}

static xj_status reserve_packed(xj_model *model, int32_t index) {
  const xj_node *node = &model->graph->nodes[index];
  if (node->op == XJ_NONE || !(xj_ops[node->op].flags & XJ_PACKS)) return XJ_OK;
  xj_view_room room;
  XJ_TRY(xj_view_open(model->graph, node, NULL, true, &room));
  size_t bytes = xj_ops[node->op].kernel->packed_bytes(&room.view) + XJ_SLACK_BYTES;
  xj_view_close(&room);
  model->packed[index] = xj_alloc_zeroed(bytes, XJ_HEAP_WEIGHTS);
  return model->packed[index] == NULL ? XJ_OUT_OF_MEMORY : XJ_OK;
}

/* Storage for everything that nodes read, its size known from shapes alone. */
static xj_status make_storage(xj_model *model) {
  const xj_graph *graph = model->graph;
  XJ_TRY(xj_readers_find(graph, &model->readers));
  for (int32_t i = 0; i < graph->n_nodes; i++) XJ_TRY(reserve_packed(model, i));
  for (int32_t i = 0; i < graph->n_values; i++) {
    const xj_value *value = &graph->values[i];
    if (value->kind == XJ_VALUE_CONSTANT) {
      model->constants[i] = value->data;
      xj_weight weight = {{value->type.dtype, 1, 0}, value->data, xj_type_elements(&value->type)};
      XJ_TRY(pack_into_readers(model, i, &weight));
    } else if (value->kind == XJ_VALUE_WEIGHT && model->readers.any[i]) {
      model->wanted[model->n_wanted++] = i;
      size_t bytes = xj_type_elements(&value->type) * xj_dtype_bytes(value->storage.dtype);
      if (bytes > model->staging_bytes) model->staging_bytes = bytes;
      if (!model->readers.raw[i]) continue;
      model->constants[i] = xj_alloc_zeroed(xj_type_bytes(&value->type) + XJ_SLACK_BYTES, XJ_HEAP_WEIGHTS);
      if (model->constants[i] == NULL) return XJ_OUT_OF_MEMORY;
    }
  }
  return xj_derive_reserve(model);
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
  if (status == XJ_OK && (flags & XJ_INT8_WEIGHTS)) status = xj_pass_quantize_weights(graph);
  if (status != XJ_OK) goto failed;
  size_t n_values = (size_t)graph->n_values, n_nodes = (size_t)graph->n_nodes;
  model->packed = xj_alloc_zeroed(n_nodes * sizeof(void *) + 1, XJ_HEAP_GENERAL);
  model->constants = xj_alloc_zeroed(n_values * sizeof(void *) + 1, XJ_HEAP_GENERAL);
  model->wanted = xj_alloc_zeroed(n_values * sizeof(int32_t) + 1, XJ_HEAP_GENERAL);
  model->fed = xj_alloc_zeroed(n_values * sizeof(bool) + 1, XJ_HEAP_GENERAL);
  if (model->packed == NULL || model->constants == NULL || model->wanted == NULL || model->fed == NULL) goto failed;
  if (make_storage(model) != XJ_OK) goto failed;
  if (model->n_wanted == 0) {
    if (xj_derive_run(model) != XJ_OK) goto failed;
    xj_readers_release(&model->readers);
  }
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
    if (graph->values[i].kind != XJ_VALUE_CONSTANT) xj_free(model->constants[i]);
  xj_readers_release(&model->readers);
  xj_free(model->packed);
  xj_free(model->constants);
  xj_free(model->wanted);
  xj_free(model->fed);
  xj_free(model->staging);
  xj_free(model->arena);
  xj_graph_release(graph);
  xj_free(model);
}

static xj_status output_type(const xj_graph *graph, int32_t index, xj_sizes sizes, xj_type *type) {
  xj_facts facts = {0};
  xj_status status = xj_graph_infer_sizes(graph, sizes, XJ_NONE, &facts);
  if (status == XJ_OK) *type = facts.types[graph->outputs[index].value];
  xj_facts_release(graph, &facts);
  return status;
}

xj_status xj_model_output_shape(const xj_model *model, int32_t index, int32_t shape[2 + XJ_MAX_RANK]) {
  xj_type one = {0}, two;
  xj_status status = output_type(model->graph, index, XJ_SIZES_DECLARED, &one);
  /* Another size everywhere, of the batch, of the rest: a model may take some of these only, and says so by failing. */
  for (xj_sizes sizes = XJ_SIZES_OTHER; status == XJ_OK && sizes <= XJ_SIZES_OTHER_REST; sizes++) {
    const xj_status second = output_type(model->graph, index, sizes, &two);
    if (second == XJ_OUT_OF_MEMORY) status = second;
    for (int32_t i = 0; second == XJ_OK && two.rank == one.rank && i < one.rank; i++)
      if (one.dims[i] != two.dims[i]) one.dims[i] = -1;
  }
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
  XJ_TRY(pack_into_readers(model, value, &weight));
  if (model->constants[value] != NULL) xj_weight_decode(&weight, v->type.dtype, model->constants[value]);
  if (model->n_fed + 1 == model->n_wanted) {
    XJ_TRY(xj_derive_run(model)); /* where it fails, the weight is not fed, and stays staged */
    xj_free(model->staging);
    model->staging = NULL;
    xj_readers_release(&model->readers);
  }
  model->fed[index] = true;
  model->n_fed++;
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
