#include "kernels/broadcast.h"

xj_status xj_broadcast(const xj_type *a, const xj_type *b, xj_type *output) {
  int32_t rank = a->rank > b->rank ? a->rank : b->rank;
  output->rank = rank;
  for (int32_t i = 1; i <= rank; i++) {
    int32_t x = i <= a->rank ? a->dims[a->rank - i] : 1, y = i <= b->rank ? b->dims[b->rank - i] : 1;
    if (x != y && x != 1 && y != 1)
      return xj_fail(XJ_BAD_SHAPE, "shapes %s and %s do not broadcast: %d against %d", xj_type_text(a), xj_type_text(b),
                     x, y);
    output->dims[rank - i] = x == 1 ? y : x;
  }
  return XJ_OK;
}

/* Strides of an operand along the axes of the output. */
static void strides_of(const xj_type *output, const xj_type *operand, size_t *strides) {
  size_t step = 1;
  for (int32_t i = 1; i <= output->rank; i++) {
    int32_t dim = operand != NULL && i <= operand->rank ? operand->dims[operand->rank - i] : 1;
    strides[output->rank - i] = dim == 1 ? 0 : step;
    step *= (size_t)dim;
  }
}

void xj_walk_make(const xj_type *output, const xj_type *const operands[XJ_OPERANDS], xj_walk *walk) {
  size_t strides[XJ_OPERANDS][XJ_MAX_RANK];
  for (int32_t k = 0; k < XJ_OPERANDS; k++) strides_of(output, operands[k], strides[k]);
  *walk = (xj_walk){0};
  int32_t rank = 0; /* axes kept so far, outermost first, the innermost among them */
  for (int32_t i = 0; i < output->rank; i++) {
    size_t dim = (size_t)output->dims[i];
    if (dim == 1) continue;
    bool joins = rank > 0;
    for (int32_t k = 0; k < XJ_OPERANDS && joins; k++) joins = walk->strides[k][rank - 1] == strides[k][i] * dim;
    if (!joins) {
      rank++;
      walk->dims[rank - 1] = 1;
    }
    walk->dims[rank - 1] *= dim;
    for (int32_t k = 0; k < XJ_OPERANDS; k++) walk->strides[k][rank - 1] = strides[k][i];
  }
  walk->n = 1;
  walk->rows = 1;
  if (rank == 0) return;
  walk->rank = rank - 1;
  walk->n = walk->dims[rank - 1];
  for (int32_t k = 0; k < XJ_OPERANDS; k++) walk->inner[k] = walk->strides[k][rank - 1];
  for (int32_t i = 0; i < walk->rank; i++) walk->rows *= walk->dims[i];
}
