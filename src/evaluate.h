/* One node computed by itself, outside any program: for constants and for shapes. */
#ifndef XJ_EVALUATE_H
#define XJ_EVALUATE_H

#include "src/op.h"

/* Runs the node on this thread; its kernel must not pack. inputs: [n_inputs], NULL where absent or not read. */
xj_status xj_evaluate(const xj_node_view *node, const void *const *inputs, void *output);

#endif
