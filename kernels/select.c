/* The op select: condition, a and b broadcast. */
#include <string.h>

#include "kernels/broadcast.h"
#include "src/heap.h"

enum { CONDITION = 0, A = 1, B = 2 };

typedef struct {
  xj_walk walk;
  size_t bytes; /* of one element: 1 or 4 */
  size_t rows_per_task;
} select;

typedef struct {
  const select *select;
  const uint8_t *condition;
  const char *a, *b;
  char *y;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *condition = &node->inputs[CONDITION], *a = &node->inputs[A], *b = &node->inputs[B];
  if (condition->dtype != XJ_BOOL)
    return xj_fail(XJ_BAD_SHAPE, "the condition is %s instead of bool", xj_dtype_name(condition->dtype));
  if (a->dtype != b->dtype)
    return xj_fail(XJ_BAD_SHAPE, "a is %s and b %s", xj_dtype_name(a->dtype), xj_dtype_name(b->dtype));
  if (xj_dtype_bytes(a->dtype) == 2) return xj_fail(XJ_UNSUPPORTED, "it does not take %s", xj_dtype_name(a->dtype));
  output->dtype = a->dtype;
  return xj_broadcast_three(node, A, B, CONDITION, output);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  select *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *operands[XJ_OPERANDS] = {&node->inputs[CONDITION], &node->inputs[A], &node->inputs[B]};
  xj_walk_make(node->output, operands, &state->walk);
  state->bytes = xj_dtype_bytes(node->output->dtype);
  state->rows_per_task = (state->walk.rows + prepare->n_threads * 2 - 1) / (prepare->n_threads * 2);
  return XJ_OK;
}

#define SELECT_ROW(name, type)                                                                                         \
  static void name(size_t n, const uint8_t *condition, size_t c_stride, const void *as, size_t a_stride,               \
                   const void *bs, size_t b_stride, void *ys) {                                                        \
    const type *a = as, *b = bs;                                                                                       \
    type *restrict y = ys;                                                                                             \
    if (c_stride && a_stride && b_stride)                                                                              \
      for (size_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : b[i];                                                \
    else if (c_stride && a_stride)                                                                                     \
      for (size_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : *b;                                                  \
    else if (c_stride)                                                                                                 \
      for (size_t i = 0; i < n; i++) y[i] = condition[i] ? *a : b[i * b_stride];                                       \
    else if (*condition ? a_stride : b_stride)                                                                         \
      memcpy(y, *condition ? a : b, n * sizeof *y);                                                                    \
    else                                                                                                               \
      for (size_t i = 0; i < n; i++) y[i] = *condition ? *a : *b;                                                      \
  }

SELECT_ROW(select_words, int32_t)
SELECT_ROW(select_bytes, uint8_t)

static void select_rows(task *t, size_t first, size_t n_rows) {
  const select *op = t->select;
  const xj_walk *walk = &op->walk;
  for (size_t row = first; row < first + n_rows; row++)
    (op->bytes == 4 ? select_words : select_bytes)(
        walk->n, t->condition + xj_walk_offset(walk, CONDITION, row), walk->inner[CONDITION],
        t->a + xj_walk_offset(walk, A, row) * op->bytes, walk->inner[A],
        t->b + xj_walk_offset(walk, B, row) * op->bytes, walk->inner[B], t->y + row * walk->n * op->bytes);
}

static xj_status run(void *state, const xj_run *run) {
  const select *op = state;
  task t = {op, run->inputs[CONDITION], run->inputs[A], run->inputs[B], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)select_rows, &t, op->walk.rows,
                                     op->rows_per_task, 0);
  return XJ_OK;
}

const xj_kernel xj_select_kernel = {.infer = infer, .prepare = prepare, .run = run};
