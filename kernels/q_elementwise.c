/* The ops q_add, q_sub and q_mul, of int8 or uint8, which broadcast; and lookup, any function of one byte. */
#include "kernels/broadcast.h"
#include "kernels/q_layer.h"
#include "src/heap.h"

enum { A, B, TABLE = 1, ELEMENTS_PER_TASK = 16384, LEFT_SHIFT = 20 /* so that little is lost before the sum */ };

/* q_add and q_sub: what each byte of a and b contributes is looked up. q_mul: the bytes less their zero points. */
typedef struct {
  int32_t a[256], b[256]; /* by byte */
  bool multiplies;
  xj_q_head head; /* one factor in all lanes */
  xj_q_output output;
  xj_walk walk;
  size_t rows_per_task;
} binary;

typedef struct {
  const binary *op;
  const uint8_t *a, *b;
  uint8_t *y;
} task;

_Static_assert(sizeof(xj_q_add_attributes) == sizeof(xj_q_mul_attributes), "they are alike");
_Static_assert(sizeof(xj_q_add_attributes) == sizeof(xj_q_sub_attributes), "they are alike");

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_q_add_attributes *a = node->attributes;
  const int32_t dtype = node->inputs[A].dtype;
  XJ_TRY(xj_byte_check(node, A, "a"));
  if (node->inputs[B].dtype != dtype)
    return xj_fail(XJ_BAD_SHAPE, "a is %s and b %s", xj_dtype_name(dtype), xj_dtype_name(node->inputs[B].dtype));
  XJ_TRY(xj_scale_check(a->a_scale, "a"));
  XJ_TRY(xj_scale_check(a->b_scale, "b"));
  XJ_TRY(xj_scale_check(a->y_scale, "y"));
  XJ_TRY(xj_zero_check(a->a_zero, dtype, "a"));
  XJ_TRY(xj_zero_check(a->b_zero, dtype, "b"));
  XJ_TRY(xj_zero_check(a->y_zero, dtype, "y"));
  xj_range range;
  XJ_TRY(xj_range_make(a->act_min, a->act_max, dtype, &range));
  output->dtype = dtype;
  return xj_broadcast_inputs(node, A, B, output);
}

static binary *make_state(const xj_node_view *node, xj_prepare *prepare) {
  const xj_q_add_attributes *a = node->attributes;
  binary *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return NULL;
  const xj_type *operands[XJ_OPERANDS] = {&node->inputs[A], &node->inputs[B], NULL};
  xj_walk_make(node->output, operands, &state->walk);
  const size_t tasks = prepare->n_threads * 2;
  state->rows_per_task = (state->walk.rows + tasks - 1) / tasks;
  state->output.zero = a->y_zero;
  state->output.is_unsigned = node->output->dtype == XJ_UINT8;
  xj_range_make(a->act_min, a->act_max, node->output->dtype, &state->output.range); /* which infer has checked */
  for (int32_t i = 0; i < 256; i++) {
    const int32_t value = node->output->dtype == XJ_UINT8 ? i : (int8_t)i;
    state->a[i] = value - a->a_zero;
    state->b[i] = value - a->b_zero;
  }
  return state;
}

static void set_factor(binary *state, double real) {
  const xj_fixed factor = xj_fixed_make(real);
  state->head.shifts_left = factor.shift > 0;
  for (int32_t i = 0; i < XJ_Q_BLOCK; i++) {
    state->head.multiplier[i] = factor.multiplier;
    state->head.shift[i] = (int8_t)factor.shift;
    state->head.power[i] = xj_fixed_power(factor.shift > 0 ? 0 : -factor.shift);
  }
}

/* Both operands to half of the larger scale, with LEFT_SHIFT bits more. A negative factor rounds its own way. */
static xj_status prepare_sum(const xj_node_view *node, xj_prepare *prepare, bool subtracts) {
  const xj_q_add_attributes *a = node->attributes;
  binary *state = make_state(node, prepare);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const double common = 2 * (double)(a->a_scale > a->b_scale ? a->a_scale : a->b_scale);
  const xj_fixed a_factor = xj_fixed_make((double)a->a_scale / common);
  xj_fixed b_factor = xj_fixed_make((double)a->b_scale / common);
  if (subtracts) b_factor.multiplier = -b_factor.multiplier;
  for (int32_t i = 0; i < 256; i++) {
    state->a[i] = xj_fixed_scale(state->a[i] * (1 << LEFT_SHIFT), a_factor);
    state->b[i] = xj_fixed_scale(state->b[i] * (1 << LEFT_SHIFT), b_factor);
  }
  set_factor(state, common / ((double)(1 << LEFT_SHIFT) * (double)a->y_scale));
  return XJ_OK;
}

static xj_status prepare_add(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_sum(node, prepare, false);
}
static xj_status prepare_sub(const xj_node_view *node, xj_prepare *prepare) { return prepare_sum(node, prepare, true); }

static xj_status prepare_mul(const xj_node_view *node, xj_prepare *prepare) {
  const xj_q_mul_attributes *a = node->attributes;
  binary *state = make_state(node, prepare);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->multiplies = true;
  set_factor(state, (double)(a->a_scale * a->b_scale / a->y_scale)); /* in float32, as there */
  return XJ_OK;
}

/* What the bytes of four elements contribute, from the table of an operand. */
static inline v128_t look_up4(const int32_t *table, const uint8_t *x, size_t step) {
  return wasm_i32x4_make(table[x[0]], table[x[step]], table[x[2 * step]], table[x[3 * step]]);
}

static inline v128_t combine(const binary *op, v128_t a, v128_t b) {
  return op->multiplies ? wasm_i32x4_mul(a, b) : wasm_i32x4_add(a, b);
}

static void compute_row(const binary *op, const uint8_t *a, const uint8_t *b, uint8_t *y) {
  const size_t n = op->walk.n, a_step = op->walk.inner[A], b_step = op->walk.inner[B];
  size_t i = 0;
  for (; i + XJ_Q_BLOCK <= n; i += XJ_Q_BLOCK) {
    const uint8_t *p = a + i * a_step, *q = b + i * b_step;
    const v128_t low = combine(op, look_up4(op->a, p, a_step), look_up4(op->b, q, b_step));
    const v128_t high = combine(op, look_up4(op->a, p + 4 * a_step, a_step), look_up4(op->b, q + 4 * b_step, b_step));
    xj_q_finish(&op->output, &op->head, low, high, XJ_Q_BLOCK, y + i);
  }
  for (; i < n; i++) {
    const v128_t one = combine(op, wasm_i32x4_splat(op->a[a[i * a_step]]), wasm_i32x4_splat(op->b[b[i * b_step]]));
    xj_q_finish(&op->output, &op->head, one, one, 1, y + i);
  }
}

static void compute_rows(const task *t, size_t first, size_t n) {
  const xj_walk *walk = &t->op->walk;
  for (size_t row = first; row < first + n; row++)
    compute_row(t->op, t->a + xj_walk_offset(walk, A, row), t->b + xj_walk_offset(walk, B, row), t->y + row * walk->n);
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[A], run->inputs[B], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute_rows, &t, t.op->walk.rows,
                                     t.op->rows_per_task, 0);
  return XJ_OK;
}

const xj_kernel xj_q_add_kernel = {.infer = infer, .prepare = prepare_add, .run = run};
const xj_kernel xj_q_sub_kernel = {.infer = infer, .prepare = prepare_sub, .run = run};
const xj_kernel xj_q_mul_kernel = {.infer = infer, .prepare = prepare_mul, .run = run};

typedef struct {
  size_t n;
  uint8_t flip; /* of a byte of x, to make it an index */
} lookup;

typedef struct {
  const lookup *op;
  const uint8_t *x, *table;
  uint8_t *y;
} lookup_task;

static xj_status lookup_infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_byte_check(node, 0, "x"));
  XJ_TRY(xj_byte_check(node, TABLE, "the table"));
  if (xj_type_elements(&node->inputs[TABLE]) != 256)
    return xj_fail(XJ_BAD_SHAPE, "the table has shape %s instead of 256 elements", xj_type_text(&node->inputs[TABLE]));
  *output = node->inputs[0];
  output->dtype = node->inputs[TABLE].dtype;
  return XJ_OK;
}

static xj_status lookup_prepare(const xj_node_view *node, xj_prepare *prepare) {
  lookup *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (lookup){xj_type_elements(node->output), node->inputs[0].dtype == XJ_INT8 ? 0x80 : 0};
  return XJ_OK;
}

static void lookup_stretch(const lookup_task *t, size_t first, size_t n) {
  for (size_t i = first; i < first + n; i++) t->y[i] = t->table[t->x[i] ^ t->op->flip];
}

static xj_status lookup_run(void *state, const xj_run *run) {
  lookup_task t = {state, run->inputs[0], run->inputs[TABLE], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)lookup_stretch, &t, t.op->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

const xj_kernel xj_lookup_kernel = {.infer = lookup_infer, .prepare = lookup_prepare, .run = lookup_run};
