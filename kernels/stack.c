#include "kernels/stack.h"

static void count_strides(xj_stack *s) {
  size_t step = 1;
  for (int32_t i = s->type.rank - 1; i >= 0; i--) {
    s->strides[i] = step;
    step *= (size_t)s->type.dims[i];
  }
}

static xj_status check_permutation(const xj_list *perm, int32_t rank, const char *name) {
  uint32_t seen = 0;
  for (int32_t i = 0; i < perm->n && perm->n == rank; i++)
    if (perm->values[i] >= 0 && perm->values[i] < rank) seen |= 1u << perm->values[i];
  if (seen == (1u << rank) - 1) return XJ_OK;
  return xj_fail(XJ_BAD_MODEL, "its perm_%s is no permutation of %d axes", name, rank);
}

xj_status xj_stack_open(const xj_node_view *node, int32_t input, const xj_list *perm, const char *name,
                        xj_stack *stack) {
  *stack = (xj_stack){.type = node->inputs[input]};
  if (stack->type.rank < 2)
    return xj_fail(XJ_BAD_SHAPE, "%s has shape %s instead of a matrix", name, xj_type_text(&stack->type));
  count_strides(stack);
  if (perm->n == 0) return XJ_OK;
  XJ_TRY(check_permutation(perm, stack->type.rank, name));
  const xj_stack from = *stack;
  for (int32_t i = 0; i < perm->n; i++) {
    stack->type.dims[i] = from.type.dims[perm->values[i]];
    stack->strides[i] = from.strides[perm->values[i]];
  }
  return XJ_OK;
}

void xj_stack_transpose(xj_stack *stack) {
  const int32_t i = stack->type.rank - 2, j = stack->type.rank - 1;
  const int32_t dim = stack->type.dims[i];
  const size_t stride = stack->strides[i];
  stack->type.dims[i] = stack->type.dims[j];
  stack->strides[i] = stack->strides[j];
  stack->type.dims[j] = dim;
  stack->strides[j] = stride;
}

void xj_stack_spread(xj_stack *stack, const xj_type *y) {
  const xj_stack from = *stack;
  const int32_t missing = y->rank - from.type.rank;
  stack->type.rank = y->rank;
  for (int32_t i = 0; i < y->rank; i++) {
    const int32_t k = i - missing;
    const bool is_matrix = i >= y->rank - 2;
    stack->type.dims[i] = is_matrix ? from.type.dims[k] : y->dims[i];
    stack->strides[i] = k < 0 || (!is_matrix && from.type.dims[k] == 1) ? 0 : from.strides[k];
  }
}

void xj_stack_cover(const xj_type *operand, const xj_type *y, xj_stack *stack) {
  stack->type = *y;
  size_t step = 1;
  for (int32_t i = 1; i <= y->rank; i++) {
    const int32_t dim = i <= operand->rank ? operand->dims[operand->rank - i] : 1;
    stack->strides[y->rank - i] = dim == 1 ? 0 : step;
    step *= (size_t)dim;
  }
}

xj_status xj_stack_result(const xj_type *y, const xj_list *perm, xj_stack *stack, xj_type *output) {
  if (perm->n > 0) XJ_TRY(check_permutation(perm, y->rank, "y"));
  xj_stack result = {.type = *y};
  for (int32_t i = 0; i < perm->n; i++) result.type.dims[i] = y->dims[perm->values[i]];
  *output = result.type;
  count_strides(&result);
  stack->type = *y;
  for (int32_t i = 0; i < y->rank; i++) stack->strides[perm->n > 0 ? perm->values[i] : i] = result.strides[i];
  return XJ_OK;
}

size_t xj_stack_matrices(const xj_stack *stack) { return xj_type_span(&stack->type, 0, stack->type.rank - 2); }

size_t xj_stack_start(const xj_stack *stack, size_t index) {
  size_t offset = 0;
  for (int32_t i = stack->type.rank - 3; i >= 0; i--) {
    offset += index % (size_t)stack->type.dims[i] * stack->strides[i];
    index /= (size_t)stack->type.dims[i];
  }
  return offset;
}
