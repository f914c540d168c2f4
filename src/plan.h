/* The memory plan: which buffer each value of a program lies in, and where in the arena each buffer. */
#ifndef XJ_PLAN_H
#define XJ_PLAN_H

#include "src/graph.h"

/* Lives from the first step that writes it to the last that reads it, both included. */
typedef struct {
  size_t bytes; /* rounded up, slack included */
  int32_t first, last;
  size_t offset;
} xj_buffer;

typedef struct {
  xj_buffer *buffers;
  int32_t n_buffers, room;
  int32_t *of_value;   /* [n_values] buffer, XJ_NONE where the value is a constant or unused */
  int32_t *of_scratch; /* [n_nodes] buffer, XJ_NONE where the node wants none */
  size_t arena_bytes;
  size_t lower_bound; /* most bytes alive in one step: no plan can have less */
  size_t sum;         /* of all buffers: what a plan without reuse has */
} xj_plan;

/* Plans the nodes of `graph` that are live [n_nodes]; scratch_bytes [n_nodes]. All inputs live from the start, all
 * outputs to the end. */
xj_status xj_plan_make(const xj_graph *graph, const xj_facts *facts, const bool *live, const size_t *scratch_bytes,
                       xj_plan *plan);
void xj_plan_release(xj_plan *plan);

/* Gives every buffer an offset such that no two that live at once overlap; the arena's bytes into *arena_bytes. */
xj_status xj_plan_place(xj_buffer *buffers, int32_t n, size_t *arena_bytes);
size_t xj_plan_lower_bound(const xj_buffer *buffers, int32_t n);
size_t xj_plan_sum(const xj_buffer *buffers, int32_t n);

#endif
