/* plan.c over random graphs, by simulation: each value leaves its number in its bytes, and each reader must find it. */
#include <stdlib.h>
#include <string.h>

#include "src/graph.h"
#include "src/heap.h"
#include "src/live.h"
#include "src/plan.h"
#include "tests/kernels/check.h"

enum { MOST_VALUES = 64, TILE = XJ_TILE_BYTES };

static void attributes_of(int32_t op, int32_t n, void *room) {
  if (op == XJ_OP_reshape) ((xj_reshape_attributes *)room)->shape = (xj_list){1, {n}};
}

/* A graph of elementwise ops, aliases and means over vectors of 4 lengths. */
static xj_graph *random_graph(void) {
  static const int32_t ops[] = {XJ_OP_relu,     XJ_OP_add,    XJ_OP_mul,     XJ_OP_reshape,
                                XJ_OP_identity, XJ_OP_concat, XJ_OP_softmax, XJ_OP_prelu};
  xj_graph *graph = xj_graph_create();
  int32_t n_values = 0, lengths[MOST_VALUES];
  const int32_t n_inputs = xj_check_between(1, 4), n_nodes = xj_check_between(1, 40);
  for (; n_values < n_inputs; n_values++) {
    lengths[n_values] = 16 << xj_check_random(4);
    if (xj_check_random(4) == 0 && n_values > 0) {
      static const float zeros[128];
      xj_graph_constant(graph, XJ_FLOAT32, 1, &lengths[n_values], zeros, (uint32_t)lengths[n_values] * 4);
    } else {
      xj_graph_input(graph, XJ_FLOAT32, 1, &lengths[n_values], "x");
    }
  }
  for (int32_t i = 0; i < n_nodes; i++) {
    const int32_t op = ops[xj_check_random(8)];
    const int32_t a = xj_check_random(3) ? n_values - 1 : xj_check_between(0, n_values - 1);
    int32_t b = xj_check_between(0, n_values - 1);
    const bool two = op == XJ_OP_add || op == XJ_OP_mul || op == XJ_OP_concat || op == XJ_OP_prelu;
    for (int32_t k = 0; k < n_values && two && op != XJ_OP_concat && lengths[b] != lengths[a]; k++)
      b = (b + 1) % n_values;
    const int32_t length = op == XJ_OP_concat ? lengths[a] + lengths[b] : lengths[a];
    if (length > 4096) continue;
    union {
      xj_reshape_attributes reshape;
      xj_add_attributes add;
      uint8_t bytes[256];
    } room = {0};
    attributes_of(op, length, &room);
    const int32_t inputs[] = {a, b};
    const int32_t value = xj_graph_node(graph, op, "n", two ? 2 : 1, inputs, &room, xj_ops[op].attribute_bytes);
    if (value != n_values) xj_check_fail("plan: %s", xj_error_text());
    lengths[n_values++] = length;
  }
  for (int32_t i = 0; i < 3; i++)
    xj_graph_output(graph, i == 0 ? n_values - 1 : xj_check_between(0, n_values - 1), "y");
  return graph;
}

typedef struct {
  const xj_graph *graph;
  const xj_type *types;
  const bool *live;
  const xj_plan *plan;
  int32_t *tiles; /* the arena: which value or scratch was written there last */
} simulation;

static void write_tiles(const simulation *s, int32_t buffer, size_t bytes, int32_t tag) {
  const xj_buffer *b = &s->plan->buffers[buffer];
  if (b->offset % TILE != 0 || b->bytes < bytes + XJ_SLACK_BYTES || b->offset + b->bytes > s->plan->arena_bytes)
    xj_check_fail("plan: %zu bytes in a buffer @%zu +%zu, arena %zu", bytes, b->offset, b->bytes, s->plan->arena_bytes);
  for (size_t i = 0; i * TILE < b->bytes; i++) s->tiles[b->offset / TILE + i] = tag;
}

static void read_value(const simulation *s, int32_t value, int32_t reader) {
  const int32_t root = xj_value_root(s->graph, value);
  if (xj_value_is_constant(&s->graph->values[root])) return; /* derived, too */
  const xj_buffer *b = &s->plan->buffers[s->plan->of_value[value]];
  for (size_t i = 0; i * TILE < b->bytes; i++)
    if (s->tiles[b->offset / TILE + i] != root)
      xj_check_fail("plan: node %d reads value %d, overwritten by %d", reader, value, s->tiles[b->offset / TILE + i]);
}

static int32_t simulate(const simulation *s, const size_t *scratch_bytes) {
  const xj_graph *graph = s->graph;
  int32_t n_in_place = 0;
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    const int32_t value = graph->inputs[i].value;
    write_tiles(s, s->plan->of_value[value], xj_type_bytes(&s->types[value]), value);
  }
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (!s->live[i]) continue;
    for (int32_t k = 0; k < node->n_inputs; k++) read_value(s, node->inputs[k], i);
    if (xj_ops[node->op].flags & XJ_ALIAS) continue;
    const int32_t scratch = s->plan->of_scratch[i];
    if ((scratch != XJ_NONE) != (scratch_bytes[i] > 0)) xj_check_fail("plan: node %d has scratch %d", i, scratch);
    if (scratch != XJ_NONE) {
      write_tiles(s, scratch, scratch_bytes[i], -2 - i);
      for (int32_t k = 0; k < node->n_inputs; k++) read_value(s, node->inputs[k], i); /* apart from the inputs */
    }
    write_tiles(s, s->plan->of_value[node->output], xj_type_bytes(&s->types[node->output]), node->output);
    for (int32_t k = 0; k < node->n_inputs; k++) {
      const bool shares = s->plan->of_value[node->inputs[k]] == s->plan->of_value[node->output];
      if (shares && !(xj_ops[node->op].flags & XJ_INPLACE)) xj_check_fail("plan: node %d runs in place", i);
      n_in_place += shares;
      if (!shares && !xj_value_is_constant(&graph->values[xj_value_root(graph, node->inputs[k])])) {
        /* an input that the output does not replace is whole while the output is written */
        bool replaced = false;
        for (int32_t m = 0; m < node->n_inputs; m++)
          replaced |= s->plan->of_value[node->inputs[m]] == s->plan->of_value[node->output] &&
                      xj_value_root(graph, node->inputs[m]) == xj_value_root(graph, node->inputs[k]);
        if (!replaced) read_value(s, node->inputs[k], i);
      }
    }
    if (scratch != XJ_NONE && s->tiles[s->plan->buffers[scratch].offset / TILE] != -2 - i)
      xj_check_fail("plan: the output of node %d overlaps its scratch", i);
  }
  for (int32_t i = 0; i < graph->n_outputs; i++) read_value(s, graph->outputs[i].value, graph->n_nodes);
  return n_in_place;
}

static void plan(void) {
  int32_t n_in_place = 0;
  for (int32_t round = 0; round < 1500; round++) {
    xj_graph *graph = random_graph();
    xj_type types[MOST_VALUES];
    size_t scratch_bytes[MOST_VALUES] = {0};
    void *known[MOST_VALUES] = {0};
    bool live[MOST_VALUES];
    for (int32_t i = 0; i < graph->n_values; i++) types[i] = graph->values[i].type;
    for (int32_t i = 0; i < graph->n_nodes; i++) live[i] = !graph->values[graph->nodes[i].output].derived;
    const xj_facts facts = {.types = types, .known = known};
    for (int32_t i = 0; i < graph->n_nodes; i++)
      if (live[i] && !(xj_ops[graph->nodes[i].op].flags & XJ_ALIAS) && xj_check_random(5) == 0)
        scratch_bytes[i] = 1 + xj_check_random(900);
    xj_plan made, again;
    if (xj_plan_make(graph, &facts, live, scratch_bytes, &made) != XJ_OK) xj_check_fail("plan: %s", xj_error_text());
    if (xj_plan_make(graph, &facts, live, scratch_bytes, &again) != XJ_OK) xj_check_fail("plan: %s", xj_error_text());
    if (made.n_buffers != again.n_buffers ||
        memcmp(made.buffers, again.buffers, (size_t)made.n_buffers * sizeof *made.buffers) != 0)
      xj_check_fail("plan: the same graph gives another plan");
    simulation s = {graph, types, live, &made, malloc((made.arena_bytes / TILE + 1) * sizeof(int32_t))};
    n_in_place += simulate(&s, scratch_bytes);
    free(s.tiles);
    xj_plan_release(&made);
    xj_plan_release(&again);
    xj_graph_release(graph);
  }
  if (n_in_place < 1000) xj_check_fail("plan: only %d nodes run in place", n_in_place);
  xj_memory memory;
  xj_memory_read(&memory);
  xj_check_note("plan: %d nodes run in place, %u bytes stay allocated", n_in_place, memory.in_use);
}

const xj_check xj_checks_plan[] = {
    {"plan", "memory plan: every reader of a random graph finds its inputs whole, in place or not", plan},
    {NULL, NULL, NULL}};
