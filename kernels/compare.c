/* The ops of two operands that end in a bool or work on bits: comparisons, logic, bits. Plain loops, which the compiler
 * turns into SIMD. */
#include "kernels/broadcast.h"
#include "src/heap.h"

enum { A = 0, B = 1 };

/* y[i] = a[i * a_stride] ∘ b[i * b_stride] for i < n; strides are 0 or 1. */
typedef void row_fn(size_t n, const void *a, size_t a_stride, const void *b, size_t b_stride, void *y);
/* By xj_dtype; NULL where an op does not take it. */
typedef row_fn *const row_fns[XJ_INT8 + 1];

typedef struct {
  xj_walk walk;
  row_fn *row;
  size_t in_bytes, out_bytes; /* of one element */
  size_t rows_per_task;
  int32_t first, second; /* the inputs in the order in which they are compared */
} compare;

typedef struct {
  const compare *compare;
  const char *a, *b;
  char *y;
} task;

static void compute_rows(task *t, size_t first, size_t n_rows) {
  const compare *op = t->compare;
  for (size_t row = first; row < first + n_rows; row++)
    op->row(op->walk.n, t->a + xj_walk_offset(&op->walk, A, row) * op->in_bytes, op->walk.inner[A],
            t->b + xj_walk_offset(&op->walk, B, row) * op->in_bytes, op->walk.inner[B],
            t->y + row * op->walk.n * op->out_bytes);
}

static xj_status infer_rows(const xj_node_view *node, xj_type *output, row_fns rows, int32_t out_dtype) {
  const int32_t a = node->inputs[A].dtype, b = node->inputs[B].dtype;
  if (a != b) return xj_fail(XJ_BAD_SHAPE, "a is %s and b %s", xj_dtype_name(a), xj_dtype_name(b));
  if (a > XJ_INT8 || rows[a] == NULL) return xj_fail(XJ_UNSUPPORTED, "it does not take %s", xj_dtype_name(a));
  output->dtype = out_dtype;
  return xj_broadcast_inputs(node, A, B, output);
}

static xj_status prepare_rows(const xj_node_view *node, xj_prepare *prepare, row_fns rows, bool swap) {
  compare *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->first = swap ? B : A;
  state->second = swap ? A : B;
  const xj_type *operands[XJ_OPERANDS] = {&node->inputs[state->first], &node->inputs[state->second], NULL};
  xj_walk_make(node->output, operands, &state->walk);
  state->row = rows[node->inputs[A].dtype];
  state->in_bytes = xj_dtype_bytes(node->inputs[A].dtype);
  state->out_bytes = xj_dtype_bytes(node->output->dtype);
  state->rows_per_task = (state->walk.rows + prepare->n_threads * 2 - 1) / (prepare->n_threads * 2);
  return XJ_OK;
}

static xj_status run(void *state, const xj_run *run) {
  const compare *op = state;
  task t = {op, run->inputs[op->first], run->inputs[op->second], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute_rows, &t, op->walk.rows,
                                     op->rows_per_task, 0);
  return XJ_OK;
}

#define ROW(name, in, out, expression)                                                                                 \
  static void name(size_t n, const void *as, size_t a_stride, const void *bs, size_t b_stride, void *ys) {             \
    const in *pa = as, *pb = bs;                                                                                       \
    out *restrict y = ys;                                                                                              \
    if (a_stride && b_stride) {                                                                                        \
      for (size_t i = 0; i < n; i++) {                                                                                 \
        const in a = pa[i], b = pb[i];                                                                                 \
        y[i] = expression;                                                                                             \
      }                                                                                                                \
    } else if (a_stride) {                                                                                             \
      const in b = *pb;                                                                                                \
      for (size_t i = 0; i < n; i++) {                                                                                 \
        const in a = pa[i];                                                                                            \
        y[i] = expression;                                                                                             \
      }                                                                                                                \
    } else {                                                                                                           \
      const in a = *pa;                                                                                                \
      for (size_t i = 0; i < n; i++) {                                                                                 \
        const in b = pb[i * b_stride];                                                                                 \
        y[i] = expression;                                                                                             \
      }                                                                                                                \
    }                                                                                                                  \
  }

#define KERNEL(op, rows, swap, out_dtype)                                                                              \
  static xj_status op##_infer(const xj_node_view *node, xj_type *output) {                                             \
    return infer_rows(node, output, rows, out_dtype);                                                                  \
  }                                                                                                                    \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_rows(node, prepare, rows, swap);                                                                    \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = op##_infer, .prepare = op##_prepare, .run = run};

#define COMPARISON(op, expression)                                                                                     \
  ROW(op##_float, float, uint8_t, expression)                                                                          \
  ROW(op##_int, int32_t, uint8_t, expression)                                                                          \
  ROW(op##_byte, uint8_t, uint8_t, expression)                                                                         \
  ROW(op##_signed, int8_t, uint8_t, expression)                                                                        \
  static row_fns op##_rows = {[XJ_FLOAT32] = op##_float,                                                               \
                              [XJ_INT32] = op##_int,                                                                   \
                              [XJ_BOOL] = op##_byte,                                                                   \
                              [XJ_UINT8] = op##_byte,                                                                  \
                              [XJ_INT8] = op##_signed};                                                                \
  KERNEL(op, op##_rows, false, XJ_BOOL)

COMPARISON(equal, a == b)
COMPARISON(not_equal, a != b)
COMPARISON(less, a < b)
COMPARISON(less_equal, a <= b)
KERNEL(greater, less_rows, true, XJ_BOOL)
KERNEL(greater_equal, less_equal_rows, true, XJ_BOOL)

#define LOGIC(op, expression)                                                                                          \
  ROW(op##_bool, uint8_t, uint8_t, expression)                                                                         \
  static row_fns op##_rows = {[XJ_BOOL] = op##_bool};                                                                  \
  KERNEL(op, op##_rows, false, XJ_BOOL)

LOGIC(logical_and, (a != 0) & (b != 0))
LOGIC(logical_or, (a | b) != 0)
LOGIC(logical_xor, (a != 0) != (b != 0))

#define BITS(op, expression)                                                                                           \
  ROW(op##_int, int32_t, int32_t, expression)                                                                          \
  static row_fns op##_rows = {[XJ_INT32] = op##_int};                                                                  \
  KERNEL(op, op##_rows, false, XJ_INT32)

BITS(bitwise_and, a &b)
BITS(bitwise_or, a | b)
BITS(bitwise_xor, a ^ b)
