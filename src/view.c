#include "src/view.h"

#include <string.h>

#include "src/heap.h"

typedef struct {
  xj_type *types, *declared;
  const void **known;
  bool *constants;
  uint8_t *written;
} arrays;

/* The arrays of n inputs in one block: pointers first, so that all are aligned. */
static arrays arrays_in(void *block, size_t n) {
  const void **known = block;
  xj_type *types = (xj_type *)(known + n), *declared = types + n;
  bool *constants = (bool *)(declared + n + 1);
  return (arrays){types, declared, known, constants, (uint8_t *)(constants + n)};
}

xj_status xj_view_open(const xj_graph *graph, const xj_node *node, const xj_facts *facts, bool has_output,
                       xj_view_room *room) {
  arrays a = {room->types, room->declared, room->known, room->constants, room->written};
  room->block = NULL;
  if (node->n_inputs > XJ_VIEW_ROOM) {
    size_t n = (size_t)node->n_inputs;
    room->block = xj_alloc(n * (sizeof(void *) + 2 * sizeof(xj_type) + 2) + sizeof(xj_type), XJ_HEAP_GENERAL);
    if (room->block == NULL) return XJ_OUT_OF_MEMORY;
    a = arrays_in(room->block, n);
  }
  for (int32_t i = 0; i < node->n_inputs; i++) {
    int32_t id = node->inputs[i];
    const xj_value *value = id == XJ_NONE ? NULL : &graph->values[id];
    a.declared[i] = value == NULL ? (xj_type){.rank = -1} : value->type;
    a.types[i] = facts == NULL || value == NULL ? a.declared[i] : facts->types[id];
    a.constants[i] = value != NULL && xj_value_is_constant(value);
    a.written[i] = a.constants[i] ? XJ_ALL_AXES : value == NULL || facts == NULL ? 0 : facts->written[id];
    a.known[i] = value == NULL ? NULL : facts == NULL ? value->known : facts->known[id];
  }
  if (facts != NULL) a.declared[node->n_inputs] = graph->values[node->output].type;
  if (has_output) room->output = facts == NULL ? graph->values[node->output].type : facts->types[node->output];
  room->view = (xj_node_view){.op = node->op,
                              .n_inputs = node->n_inputs,
                              .inputs = a.types,
                              .is_constant = a.constants,
                              .known = a.known,
                              .declared = facts == NULL ? NULL : a.declared,
                              .written = a.written,
                              .output = has_output ? &room->output : NULL,
                              .attributes = node->attributes};
  return XJ_OK;
}

void xj_view_close(xj_view_room *room) { xj_free(room->block); }
