#include "kernels/broadcast.h"

/* Dimension `i` from the end of what is broadcast. */
typedef struct {
  int32_t now, was;
  bool is_written;
} side;

static side side_at(const xj_shaped *shaped, int32_t i) {
  const xj_type *type = shaped->type, *was = shaped->was;
  return (side){.now = i <= type->rank ? type->dims[type->rank - i] : 1,
                .was = was != NULL && i <= was->rank ? was->dims[was->rank - i] : -1,
                .is_written = (shaped->written >> (i - 1) & 1) != 0};
}

/* Whether x was written down for a size that y does not have any more. */
static bool is_outgrown(const side *x, const side *y) {
  return x->is_written && x->was > 1 && x->was == y->was && x->now == x->was && y->now != y->was;
}

/* The result's dimension, or -1 where they do not go together. */
static side broadcast_side(side x, side y) {
  if (is_outgrown(&x, &y)) return (side){.now = y.now <= x.now ? y.now : -1};
  if (is_outgrown(&y, &x)) return (side){.now = x.now <= y.now ? x.now : -1};
  if (x.now == y.now) return (side){.now = x.now, .is_written = x.is_written && y.is_written};
  if (x.now == 1 || y.now == 1) return x.now == 1 ? y : x;
  return (side){.now = -1};
}

xj_status xj_broadcast_adapted(const xj_shaped *a, const xj_shaped *b, xj_type *output, uint8_t *written) {
  const int32_t rank = a->type->rank > b->type->rank ? a->type->rank : b->type->rank;
  output->rank = rank;
  *written = 0;
  for (int32_t i = 1; i <= rank; i++) {
    const side x = side_at(a, i), y = side_at(b, i), both = broadcast_side(x, y);
    if (both.now < 0)
      return xj_fail(XJ_BAD_SHAPE, "shapes %s and %s do not broadcast: %d against %d", xj_type_text(a->type),
                     xj_type_text(b->type), x.now, y.now);
    output->dims[rank - i] = both.now;
    *written |= (uint8_t)(both.is_written << (i - 1));
  }
  return XJ_OK;
}

xj_status xj_broadcast(const xj_type *a, const xj_type *b, xj_type *output) {
  uint8_t written;
  return xj_broadcast_adapted(&(xj_shaped){.type = a}, &(xj_shaped){.type = b}, output, &written);
}

xj_shaped xj_shaped_input(const xj_node_view *node, int32_t input) {
  return (xj_shaped){.type = &node->inputs[input],
                     .was = node->declared == NULL ? NULL : &node->declared[input],
                     .written = node->written[input]};
}

xj_status xj_broadcast_inputs(const xj_node_view *node, int32_t a, int32_t b, xj_type *output) {
  const xj_shaped x = xj_shaped_input(node, a), y = xj_shaped_input(node, b);
  uint8_t written;
  return xj_broadcast_adapted(&x, &y, output, &written);
}

xj_status xj_broadcast_three(const xj_node_view *node, int32_t a, int32_t b, int32_t c, xj_type *output) {
  const xj_shaped x = xj_shaped_input(node, a), y = xj_shaped_input(node, b), z = xj_shaped_input(node, c);
  xj_type two = {0}, was = {0};
  uint8_t written;
  XJ_TRY(xj_broadcast_adapted(&x, &y, &two, &written));
  if (x.was != NULL) XJ_TRY(xj_broadcast(x.was, y.was, &was));
  const xj_shaped both = {.type = &two, .was = x.was == NULL ? NULL : &was, .written = written};
  return xj_broadcast_adapted(&both, &z, output, &written);
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
