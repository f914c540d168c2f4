/* How much work a node is: whether other threads are worth waking. */
#ifndef XJ_COST_H
#define XJ_COST_H

#include "src/op.h"

/* True where one thread is faster than several would be. */
bool xj_cost_is_small(const xj_node_view *view);
/* The same for the first run of an instance. */
bool xj_cost_is_small_at_first(const xj_node_view *view);

#endif
