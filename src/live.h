/* Which nodes a program has to run. */
#ifndef XJ_LIVE_H
#define XJ_LIVE_H

#include "src/graph.h"

/* Whether running the node reads the bytes of its input: not where they were packed, nor where only the shape counts.
 */
bool xj_node_reads(const xj_graph *graph, const xj_node *node, int32_t input);
/* live[i] [n_nodes]: node i's result is needed and not known before the run. facts: NULL for the declared shapes. */
void xj_live_nodes(const xj_graph *graph, const xj_facts *facts, bool *live);
/* The value whose bytes `value` is, under another shape perhaps: what makes it is no alias. */
int32_t xj_value_root(const xj_graph *graph, int32_t value);

#endif
