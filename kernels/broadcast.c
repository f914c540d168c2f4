#include "kernels/broadcast.h"

/* One dimension of a result of x and y, which the graph was declared with as was_x and was_y (-1: not known). Where
 * both were one size and one of them has another now, the other was written down for the declared shape, as a table of
 * positions is: so much of it counts as the changed one asks for. -1: they do not go together. */
static int32_t broadcast_dim(int32_t x, int32_t y, int32_t was_x, int32_t was_y) {
  if (x == y) return x;
  if (was_x == was_y && was_x > 1 && (x == was_x || y == was_y)) {
    const int32_t now = x == was_x ? y : x, written = x == was_x ? x : y;
    return now <= written ? now : -1;
  }
  return x == 1 ? y : y == 1 ? x : -1;
}

static int32_t dim_from_end(const xj_type *type, int32_t i, int32_t absent) {
  return type != NULL && i <= type->rank ? type->dims[type->rank - i] : absent;
}

xj_status xj_broadcast_adapted(const xj_type *a, const xj_type *was_a, const xj_type *b, const xj_type *was_b,
                               xj_type *output) {
  int32_t rank = a->rank > b->rank ? a->rank : b->rank;
  output->rank = rank;
  for (int32_t i = 1; i <= rank; i++) {
    int32_t x = dim_from_end(a, i, 1), y = dim_from_end(b, i, 1);
    int32_t dim = broadcast_dim(x, y, dim_from_end(was_a, i, -1), dim_from_end(was_b, i, -2));
    if (dim < 0)
      return xj_fail(XJ_BAD_SHAPE, "shapes %s and %s do not broadcast: %d against %d", xj_type_text(a), xj_type_text(b),
                     x, y);
    output->dims[rank - i] = dim;
  }
  return XJ_OK;
}

xj_status xj_broadcast(const xj_type *a, const xj_type *b, xj_type *output) {
  return xj_broadcast_adapted(a, NULL, b, NULL, output);
}

xj_status xj_broadcast_inputs(const xj_node_view *node, int32_t a, int32_t b, xj_type *output) {
  const xj_type *was = node->declared;
  return xj_broadcast_adapted(&node->inputs[a], was == NULL ? NULL : &was[a], &node->inputs[b],
                              was == NULL ? NULL : &was[b], output);
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

/* One long row becomes several, so that threads can share them. */
static void split_row(xj_walk *walk) {
  enum { MOST_PARTS = 16, LEAST_ELEMENTS = 4096 };
  size_t parts = 1;
  for (; parts < MOST_PARTS && walk->n % 2 == 0 && walk->n / 2 >= LEAST_ELEMENTS; parts *= 2) walk->n /= 2;
  if (parts == 1) return;
  walk->rank = 1;
  walk->dims[0] = walk->rows = parts;
  for (int32_t k = 0; k < XJ_OPERANDS; k++) walk->strides[k][0] = walk->inner[k] * walk->n;
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
  if (walk->rank == 0) split_row(walk);
}
