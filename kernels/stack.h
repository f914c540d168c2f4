/* Operands that are stacks of matrices, […, rows, columns], read by strides: what permutes their axes moves nothing. */
#ifndef XJ_STACK_H
#define XJ_STACK_H

#include "src/op.h"

typedef struct {
  xj_type type;
  size_t strides[XJ_MAX_RANK]; /* in elements; 0 where broadcast */
} xj_stack;

/* An input with its axes permuted (by no list: as they are); `name` and perm_`name` are what messages call the two. */
xj_status xj_stack_open(const xj_node_view *node, int32_t input, const xj_list *perm, const char *name,
                        xj_stack *stack);
/* Each matrix transposed. */
void xj_stack_transpose(xj_stack *stack);
/* Gives an operand the leading axes of y, with which its own broadcast; its matrices keep their size. */
void xj_stack_spread(xj_stack *stack, const xj_type *y);
/* An operand that broadcasts with y in every axis; where it is longer than y, its first elements. */
void xj_stack_cover(const xj_type *operand, const xj_type *y, xj_stack *stack);
/* How a result of type y is written whose axes `perm` permutes: the i-th that it has then is y's axis perm[i]. *output:
 * its type then. */
xj_status xj_stack_result(const xj_type *y, const xj_list *perm, xj_stack *stack, xj_type *output);
size_t xj_stack_matrices(const xj_stack *stack);
/* Where matrix `index` starts. */
size_t xj_stack_start(const xj_stack *stack, size_t index);

#endif
