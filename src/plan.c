/* Lifetimes and in-place reuse: from a graph to buffers. Placing them is plan_place.c's. */
#include "src/plan.h"

#include <string.h>

#include "src/heap.h"
#include "src/live.h"

static size_t padded(size_t bytes) {
  return (bytes + XJ_SLACK_BYTES + XJ_TILE_BYTES - 1) & ~(size_t)(XJ_TILE_BYTES - 1);
}

static xj_status add_buffer(xj_plan *plan, size_t bytes, int32_t first, int32_t last, int32_t *buffer) {
  if (bytes > PTRDIFF_MAX) return xj_fail(XJ_OUT_OF_MEMORY, "out of memory: scratch of %zu bytes", bytes);
  if (plan->n_buffers == plan->room) {
    int32_t room = plan->room < 64 ? 64 : plan->room * 2;
    xj_buffer *grown = xj_realloc(plan->buffers, (size_t)room * sizeof *grown);
    if (grown == NULL) return XJ_OUT_OF_MEMORY;
    plan->buffers = grown;
    plan->room = room;
  }
  plan->buffers[plan->n_buffers] = (xj_buffer){.bytes = padded(bytes), .first = first, .last = last};
  *buffer = plan->n_buffers++;
  return XJ_OK;
}

/* last_read[root]: the last step that reads the root's bytes, under any shape. */
static void find_last_reads(const xj_graph *graph, const bool *live, int32_t *last_read) {
  for (int32_t i = 0; i < graph->n_values; i++) last_read[i] = XJ_NONE;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (!live[i]) continue;
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (xj_node_reads(graph, node, k)) last_read[xj_value_root(graph, node->inputs[k])] = i;
  }
  for (int32_t i = 0; i < graph->n_outputs; i++)
    last_read[xj_value_root(graph, graph->outputs[i].value)] = graph->n_nodes;
}

/* Whether the node reads this input after it has begun to write its output. */
static bool is_read_late(const xj_node *node, int32_t input) {
  return (xj_ops[node->op].flags & XJ_ACTIVATES) && input == xj_slope_slot(node->op);
}

/* The buffer of an input that dies in step `i` and that the node may write its output over, or XJ_NONE. */
static int32_t in_place_buffer(const xj_graph *graph, const xj_type *types, const xj_plan *plan, int32_t i) {
  const xj_node *node = &graph->nodes[i];
  if (!(xj_ops[node->op].flags & XJ_INPLACE)) return XJ_NONE;
  const xj_type *output = &types[node->output];
  for (int32_t k = 0; k < node->n_inputs; k++) {
    int32_t value = node->inputs[k];
    int32_t buffer = value == XJ_NONE ? XJ_NONE : plan->of_value[xj_value_root(graph, value)];
    if (buffer == XJ_NONE || plan->buffers[buffer].last != i || !xj_type_equal(&types[value], output)) continue;
    if (is_read_late(node, k)) continue;
    bool shared = false; /* another input in the same buffer, read in another order than it is written */
    for (int32_t other = 0; other < node->n_inputs; other++) {
      int32_t other_value = node->inputs[other];
      if (other_value == XJ_NONE || other == k) continue;
      const bool same_order = xj_type_equal(&types[other_value], output) && !is_read_late(node, other);
      shared |= plan->of_value[xj_value_root(graph, other_value)] == buffer && !same_order;
    }
    if (!shared) return buffer;
  }
  return XJ_NONE;
}

static xj_status assign_buffers(const xj_graph *graph, const xj_type *types, const bool *live,
                                const size_t *scratch_bytes, const int32_t *last_read, xj_plan *plan) {
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    int32_t value = graph->inputs[i].value;
    int32_t last = last_read[value] < 0 ? 0 : last_read[value];
    XJ_TRY(add_buffer(plan, xj_type_bytes(&types[value]), 0, last, &plan->of_value[value]));
  }
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (!live[i]) continue;
    if (xj_ops[node->op].flags & XJ_ALIAS) {
      plan->of_value[node->output] = plan->of_value[xj_value_root(graph, node->output)];
      continue;
    }
    int32_t last = last_read[node->output] < i ? i : last_read[node->output];
    int32_t buffer = in_place_buffer(graph, types, plan, i);
    if (buffer != XJ_NONE)
      plan->buffers[buffer].last = last;
    else
      XJ_TRY(add_buffer(plan, xj_type_bytes(&types[node->output]), i, last, &buffer));
    plan->of_value[node->output] = buffer;
    if (scratch_bytes[i] > 0) XJ_TRY(add_buffer(plan, scratch_bytes[i], i, i, &plan->of_scratch[i]));
  }
  return XJ_OK;
}

xj_status xj_plan_make(const xj_graph *graph, const xj_facts *facts, const bool *live, const size_t *scratch_bytes,
                       xj_plan *plan) {
  *plan = (xj_plan){0};
  size_t n_values = (size_t)graph->n_values, n_nodes = (size_t)graph->n_nodes;
  int32_t *last_read = xj_alloc(n_values * sizeof(int32_t) + 1, XJ_HEAP_GENERAL);
  plan->of_value = xj_alloc(n_values * sizeof(int32_t) + 1, XJ_HEAP_GENERAL);
  plan->of_scratch = xj_alloc(n_nodes * sizeof(int32_t) + 1, XJ_HEAP_GENERAL);
  xj_status status = XJ_OUT_OF_MEMORY;
  if (last_read == NULL || plan->of_value == NULL || plan->of_scratch == NULL) goto out;
  for (size_t i = 0; i < n_values; i++) plan->of_value[i] = XJ_NONE;
  for (size_t i = 0; i < n_nodes; i++) plan->of_scratch[i] = XJ_NONE;
  find_last_reads(graph, live, last_read);
  status = assign_buffers(graph, facts->types, live, scratch_bytes, last_read, plan);
  if (status != XJ_OK) goto out;
  plan->lower_bound = xj_plan_lower_bound(plan->buffers, plan->n_buffers);
  plan->sum = xj_plan_sum(plan->buffers, plan->n_buffers);
  status = xj_plan_place(plan->buffers, plan->n_buffers, &plan->arena_bytes);
out:
  xj_free(last_read);
  if (status != XJ_OK) xj_plan_release(plan);
  return status;
}

void xj_plan_release(xj_plan *plan) {
  xj_free(plan->buffers);
  xj_free(plan->of_value);
  xj_free(plan->of_scratch);
  *plan = (xj_plan){0};
}
