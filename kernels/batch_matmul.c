/* The op batch_matmul. Permutations and transpositions become strides: nothing is moved but what matmul_f32 packs. */
#include "kernels/broadcast.h"
#include "kernels/matmul_f32.h"
#include "kernels/stack.h"
#include "src/heap.h"

enum { A = 0, B = 1, LINE_FLOATS = 16 };

typedef struct {
  xj_stack a, b, y;
  xj_matmul shape;      /* of one product */
  size_t batch;         /* products */
  bool is_swapped;      /* shape has b first */
  size_t rows, columns; /* of one task */
  size_t n_row_tiles, n_column_tiles;
  size_t scratch_floats; /* of one thread */
} matmul;

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Fills in all but the tiling; *output is the type of the result. */
static xj_status read_shapes(const xj_node_view *node, matmul *t, xj_type *output) {
  const xj_batch_matmul_attributes *attributes = node->attributes;
  XJ_TRY(xj_stack_open(node, A, &attributes->perm_a, "a", &t->a));
  if (attributes->transpose_a) xj_stack_transpose(&t->a);
  XJ_TRY(xj_stack_open(node, B, &attributes->perm_b, "b", &t->b));
  if (attributes->transpose_b) xj_stack_transpose(&t->b);
  xj_type a = t->a.type, b = t->b.type;
  const int32_t m = a.dims[a.rank - 2], k = a.dims[a.rank - 1], n = b.dims[b.rank - 1];
  if (a.dtype != b.dtype || (a.dtype != XJ_FLOAT32 && a.dtype != XJ_INT32))
    return xj_fail(XJ_UNSUPPORTED, "it multiplies %s by %s", xj_dtype_name(a.dtype), xj_dtype_name(b.dtype));
  if (b.dims[b.rank - 2] != k)
    return xj_fail(XJ_BAD_SHAPE, "a of %s by b of %s: rows of %d elements by columns of %d", xj_type_text(&a),
                   xj_type_text(&b), k, b.dims[b.rank - 2]);
  a.rank -= 2;
  b.rank -= 2;
  xj_type y = {.dtype = a.dtype};
  XJ_TRY(xj_broadcast(&a, &b, &y));
  y.dims[y.rank] = m;
  y.dims[y.rank + 1] = n;
  y.rank += 2;
  XJ_TRY(xj_stack_result(&y, &attributes->perm_y, &t->y, output));
  xj_stack_spread(&t->a, &y);
  xj_stack_spread(&t->b, &y);
  const int32_t row = y.rank - 2, column = y.rank - 1;
  t->shape = (xj_matmul){.m = (size_t)m,
                         .n = (size_t)n,
                         .k = (size_t)k,
                         .a_m = t->a.strides[row],
                         .a_k = t->a.strides[column],
                         .b_k = t->b.strides[row],
                         .b_n = t->b.strides[column],
                         .y_m = t->y.strides[row],
                         .y_n = t->y.strides[column]};
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  matmul t;
  return read_shapes(node, &t, output);
}

/* As few tasks as fit the cache, but several for each thread. */
static void choose_tiles(matmul *t, size_t n_threads) {
  const size_t wanted = n_threads == 1 ? 1 : 4 * n_threads, most = xj_matmul_columns(t->shape.k);
  t->rows = t->shape.m;
  t->columns = least(t->shape.n, most);
  for (;;) {
    t->n_row_tiles = (t->shape.m + t->rows - 1) / t->rows;
    t->n_column_tiles = (t->shape.n + t->columns - 1) / t->columns;
    if (t->batch * t->n_row_tiles * t->n_column_tiles >= wanted) return;
    if (t->rows >= 64)
      t->rows = (t->rows / 2 + 3) / 4 * 4;
    else if (t->columns >= 32)
      t->columns = (t->columns / 2 + 7) / 8 * 8;
    else
      return;
  }
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  matmul *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  xj_type output;
  XJ_TRY(read_shapes(node, t, &output));
  t->batch = xj_stack_matrices(&t->y);
  if (t->y.type.dtype == XJ_INT32 || xj_type_elements(&output) == 0) return XJ_OK;
  t->is_swapped = xj_matmul_plan(&t->shape);
  choose_tiles(t, prepare->n_threads);
  xj_matmul tile = t->shape;
  tile.n = t->columns;
  t->scratch_floats = (xj_matmul_scratch_floats(&tile) + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
  prepare->scratch_bytes = prepare->n_threads * t->scratch_floats * sizeof(float);
  return XJ_OK;
}

typedef struct {
  const matmul *t;
  const xj_run *run;
} task;

static void multiply_tile(const task *job, size_t thread, size_t index) {
  const matmul *t = job->t;
  const size_t row = index % t->n_row_tiles * t->rows, rest = index / t->n_row_tiles;
  const size_t column = rest % t->n_column_tiles * t->columns, product = rest / t->n_column_tiles;
  const float *a = (const float *)job->run->inputs[A] + xj_stack_start(&t->a, product);
  const float *b = (const float *)job->run->inputs[B] + xj_stack_start(&t->b, product);
  float *y = (float *)job->run->output + xj_stack_start(&t->y, product);
  xj_matmul shape = t->shape;
  shape.m = least(shape.m - row, t->rows);
  shape.n = least(shape.n - column, t->columns);
  float *scratch = t->scratch_floats > 0 ? (float *)job->run->scratch + thread * t->scratch_floats : NULL;
  xj_matmul_f32(&shape, (t->is_swapped ? b : a) + row * shape.a_m, (t->is_swapped ? a : b) + column * shape.b_n,
                y + row * shape.y_m + column * shape.y_n, scratch);
}

static void multiply_integers(const matmul *t, const uint32_t *a, const uint32_t *b, uint32_t *y) {
  const xj_matmul *s = &t->shape;
  for (size_t i = 0; i < s->m; i++)
    for (size_t j = 0; j < s->n; j++) {
      uint32_t sum = 0;
      for (size_t k = 0; k < s->k; k++) sum += a[i * s->a_m + k * s->a_k] * b[k * s->b_k + j * s->b_n];
      y[i * s->y_m + j * s->y_n] = sum;
    }
}

static xj_status run(void *state, const xj_run *run) {
  const matmul *t = state;
  if (t->y.type.dtype == XJ_INT32) {
    for (size_t i = 0; i < t->batch; i++)
      multiply_integers(t, (const uint32_t *)run->inputs[A] + xj_stack_start(&t->a, i),
                        (const uint32_t *)run->inputs[B] + xj_stack_start(&t->b, i),
                        (uint32_t *)run->output + xj_stack_start(&t->y, i));
    return XJ_OK;
  }
  task job = {t, run};
  pthreadpool_parallelize_1d_with_thread(run->threads, (pthreadpool_task_1d_with_thread_t)multiply_tile, &job,
                                         t->batch * t->n_row_tiles * t->n_column_tiles, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  matmul t;
  xj_type output;
  return read_shapes(node, &t, &output) == XJ_OK ? 2.0 * (double)xj_type_elements(&output) * (double)t.shape.k : 0;
}

const xj_kernel xj_batch_matmul_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
