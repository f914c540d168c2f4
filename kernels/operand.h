/* Operands that say a shape, axes or counts: an attribute, or in its place an int32 input known before the run. */
#ifndef XJ_OPERAND_H
#define XJ_OPERAND_H

#include "src/op.h"

/* The values of the input where it is present (XJ_NONE: never), else of the attribute; `name` is what messages call it.
 */
xj_status xj_list_read(const xj_node_view *node, int32_t input, const xj_list *attribute, const char *name,
                       xj_list *list);
xj_status xj_int_read(const xj_node_view *node, int32_t input, int32_t attribute, const char *name, int32_t *value);
/* The same as the output's dimensions, which the graph checks after inference. */
xj_status xj_shape_read(const xj_node_view *node, int32_t input, const xj_list *attribute, xj_type *output);
/* An axis that counts from the end where it is negative; fails where x has none such. */
xj_status xj_axis_read(const xj_type *x, int32_t given, int32_t *axis);
/* An operand of one element. */
xj_status xj_scalar_check(const xj_node_view *node, int32_t input, const char *name);
xj_status xj_int_check(const xj_node_view *node, int32_t input, const char *name);
/* int64 as a dimension of the output. */
xj_status xj_dim_set(xj_type *output, int32_t axis, int64_t dim);

#endif
