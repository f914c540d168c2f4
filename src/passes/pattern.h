/* What the passes that recognise spelled-out functions look for: constants of one element and simple terms. */
#ifndef XJ_PATTERN_H
#define XJ_PATTERN_H

#include "src/passes/passes.h"

/* A float32 constant of one element, into *number. */
bool xj_is_number(const xj_graph *graph, int32_t value, float *number);
/* Whether a number that an exporter wrote is meant to be `expected`: within the rounding of float32. */
bool xj_is_about(float number, double expected);
/* The other operand of the node of `op` that makes `value` with a number (on the right, or on either side where op
 * commutes); XJ_NONE where it is none. */
int32_t xj_operand_of(const xj_graph *graph, int32_t value, int32_t op, double number);
/* x where `value` is x * number, or x / (1 / number). */
int32_t xj_scaled_operand(const xj_graph *graph, int32_t value, double number);
/* x where `value` is its third power: pow(x, 3), x * x * x or x * square(x). */
int32_t xj_cube_operand(const xj_graph *graph, int32_t value);
/* The one input of the node of `op` that makes `value`. */
int32_t xj_input_of(const xj_graph *graph, int32_t value, int32_t op);
/* Whether a pass may make another op of the node: float32, computed in the run, without an activation. */
bool xj_is_plain(const xj_graph *graph, const xj_node *node);
/* Makes `node` the op of one operand x, if that has the output's type; attributes: NULL for zeros. */
xj_status xj_node_become(xj_graph *graph, xj_node *node, int32_t op, int32_t x, const void *attributes);

#endif
