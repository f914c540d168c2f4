/* NumPy's broadcasting: the shape of a result, and the strides by which its operands are walked. */
#ifndef XJ_BROADCAST_H
#define XJ_BROADCAST_H

#include "src/op.h"

enum { XJ_OPERANDS = 4 };

/* The result as `rows` rows of `n` elements, with as few axes as the operands allow (one long row is cut into
 * several). Strides in elements. */
typedef struct {
  int32_t rank; /* axes outside of the innermost */
  size_t dims[XJ_MAX_RANK];
  size_t strides[XJ_OPERANDS][XJ_MAX_RANK]; /* 0 where the operand is broadcast */
  size_t n;
  size_t inner[XJ_OPERANDS]; /* 0 or 1 */
  size_t rows;
} xj_walk;

/* dims of a ∘ b, or 'bad shape'. */
xj_status xj_broadcast(const xj_type *a, const xj_type *b, xj_type *output);
/* What is broadcast, for a program of other shapes than were declared: a size that was written down for the declared
 * shape, as that of a table of positions, gives way to the size that the other operand has now, which uses the first of
 * its rows. was: the declared type (NULL: not known); written: as in xj_node_view. */
typedef struct {
  const xj_type *type, *was;
  uint8_t written;
} xj_shaped;

xj_shaped xj_shaped_input(const xj_node_view *node, int32_t input);
xj_status xj_broadcast_adapted(const xj_shaped *a, const xj_shaped *b, xj_type *output, uint8_t *written);
/* Of two and of three inputs of a node. */
xj_status xj_broadcast_inputs(const xj_node_view *node, int32_t a, int32_t b, xj_type *output);
xj_status xj_broadcast_three(const xj_node_view *node, int32_t a, int32_t b, int32_t c, xj_type *output);
/* Operands that are NULL are walked in place. */
void xj_walk_make(const xj_type *output, const xj_type *const operands[XJ_OPERANDS], xj_walk *walk);
/* Offset of row `row` in an operand. */
static inline size_t xj_walk_offset(const xj_walk *walk, int32_t operand, size_t row) {
  size_t offset = 0;
  for (int32_t i = walk->rank - 1; i >= 0; i--) {
    offset += row % walk->dims[i] * walk->strides[operand][i];
    row /= walk->dims[i];
  }
  return offset;
}

#endif
