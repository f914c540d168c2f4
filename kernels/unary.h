/* What the elementwise ops of one operand share. */
#ifndef XJ_UNARY_H
#define XJ_UNARY_H

#include "src/op.h"

xj_status xj_unary_infer(const xj_node_view *node, xj_type *output);

#endif
