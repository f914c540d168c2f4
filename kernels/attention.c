/* The op attention: softmax(scale * q·kᵀ * factor + mask)·v for a stack of heads. A few queries at a time: their
 * scores, one row for each, stay in the nearest cache, so that no tensor of scores is written. k and v of a head are
 * packed once by each thread that comes to it; a row's result depends on nothing but its own query. */
#include <string.h>

#include "kernels/broadcast.h"
#include "kernels/gemm_f32.h"
#include "kernels/layer.h"
#include "kernels/matmul_f32.h"
#include "kernels/product.h"
#include "kernels/simd.h"
#include "kernels/softmax_rows.h"
#include "kernels/stack.h"
#include "src/heap.h"

enum {
  Q = 0,
  K = 1,
  V = 2,
  MASK = 3,
  FACTOR = 4,
  N_INPUTS = 5,
  FEW = XJ_GEMM_MR,
  TILE = XJ_TILE_ROWS,
  NR = XJ_GEMM_NR,
  LINE_FLOATS = 16,
  DEPTH = 4096,
  TASKS_PER_THREAD = 16
};

/* Where the scratch of a thread has what, in floats. The first line says what is packed. */
typedef struct {
  size_t keys, values; /* packed k and v, the latter by stretches of DEPTH rows */
  size_t queries;      /* [TILE][d], scaled */
  size_t scores;       /* [TILE][n] */
  size_t sums;         /* [TILE][e], twice where there are several stretches */
  size_t product;      /* scratch of the products of few rows */
  size_t end;
} layout;

typedef struct {
  xj_stack q, k, v, mask, factor, y;
  size_t heads, m, n, d, e; /* q [m,d], k [n,d], v [n,e] */
  float scale;
  bool has_mask, has_factor;
  bool is_few; /* fewer rows than FEW: k and v are read where they are, if possible */
  bool swaps_keys, swaps_values;
  xj_matmul keys, values;   /* q·kᵀ and the weighted sum; of few rows as planned, else of all columns */
  size_t rows, n_row_tiles; /* of one task */
  layout at;
} attention;

typedef struct {
  const attention *t;
  const xj_run *run;
} task;

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t padded(size_t n) { return (n + NR - 1) / NR * NR; }
static size_t stride(const xj_stack *s, int32_t from_end) { return s->strides[s->type.rank - from_end]; }
static size_t dim(const xj_stack *s, int32_t from_end) { return (size_t)s->type.dims[s->type.rank - from_end]; }

/* ---- shapes ---- */

/* The leading axes of a and b, broadcast, and a matrix. */
static xj_status combine(xj_type a, xj_type b, size_t rows, size_t columns, xj_type *y) {
  a.rank -= 2;
  b.rank -= 2;
  *y = (xj_type){.dtype = XJ_FLOAT32};
  XJ_TRY(xj_broadcast(&a, &b, y));
  y->dims[y->rank] = (int32_t)rows;
  y->dims[y->rank + 1] = (int32_t)columns;
  y->rank += 2;
  return XJ_OK;
}

/* q, k and v; the type of the scores. */
static xj_status open_operands(const xj_node_view *node, attention *t, xj_type *scores) {
  const xj_attention_attributes *a = node->attributes;
  XJ_TRY(xj_stack_open(node, Q, &a->perm_q, "q", &t->q));
  XJ_TRY(xj_stack_open(node, K, &a->perm_k, "k", &t->k));
  XJ_TRY(xj_stack_open(node, V, &a->perm_v, "v", &t->v));
  t->m = dim(&t->q, 2);
  t->d = dim(&t->q, 1);
  t->n = dim(&t->k, 2);
  t->e = dim(&t->v, 1);
  if (dim(&t->k, 1) != t->d)
    return xj_fail(XJ_BAD_SHAPE, "queries of %zu elements by keys of %zu", t->d, dim(&t->k, 1));
  if (dim(&t->v, 2) != t->n) return xj_fail(XJ_BAD_SHAPE, "%zu keys have %zu values", t->n, dim(&t->v, 2));
  return combine(t->q.type, t->k.type, t->m, t->n, scores);
}

/* Broadcasts the scores with the mask or the factor, where that is present. A constant that was made for the declared
 * shapes gives way to shorter ones. */
static xj_status cover(const xj_node_view *node, int32_t input, const char *name, const xj_type *declared,
                       xj_type *scores) {
  if (!xj_present(node, input)) return XJ_OK;
  const xj_shaped of_scores = {.type = scores, .was = node->declared == NULL ? NULL : declared};
  const xj_shaped of_input = xj_shaped_input(node, input);
  xj_type covered = {.dtype = XJ_FLOAT32};
  uint8_t written;
  XJ_TRY(xj_broadcast_adapted(&of_scores, &of_input, &covered, &written));
  const int32_t rank = covered.rank, own = scores->rank;
  if (covered.dims[rank - 2] != scores->dims[own - 2] || covered.dims[rank - 1] != scores->dims[own - 1])
    return xj_fail(XJ_BAD_SHAPE, "its %s has shape %s, its scores %s", name, xj_type_text(of_input.type),
                   xj_type_text(scores));
  *scores = covered;
  return XJ_OK;
}

/* Fills in all but the tiling; *output is the type of the result. */
static xj_status read_shapes(const xj_node_view *node, attention *t, xj_type *output) {
  static const char *const names[N_INPUTS] = {"q", "k", "v", "the mask", "the factor"};
  const xj_attention_attributes *a = node->attributes;
  for (int32_t i = 0; i < N_INPUTS; i++)
    if (xj_present(node, i)) XJ_TRY(xj_float_check(node, i, names[i]));
  xj_type declared = {0}, scores, y;
  if (node->declared != NULL) {
    const xj_node_view before = {.inputs = node->declared, .n_inputs = node->n_inputs, .attributes = a};
    attention other;
    XJ_TRY(open_operands(&before, &other, &declared));
  }
  XJ_TRY(open_operands(node, t, &scores));
  XJ_TRY(cover(node, FACTOR, "factor", &declared, &scores));
  XJ_TRY(cover(node, MASK, "mask", &declared, &scores));
  XJ_TRY(combine(scores, t->v.type, t->m, t->e, &y));
  XJ_TRY(xj_stack_result(&y, &a->perm_y, &t->y, output));
  t->scale = a->scale == 0 ? 1 : a->scale;
  t->has_mask = xj_present(node, MASK);
  t->has_factor = xj_present(node, FACTOR);
  if (t->has_mask) xj_stack_cover(&node->inputs[MASK], &scores, &t->mask);
  if (t->has_factor) xj_stack_cover(&node->inputs[FACTOR], &scores, &t->factor);
  xj_stack *const stacks[] = {&t->q, &t->k, &t->v, &t->mask, &t->factor};
  for (int32_t i = 0; i < N_INPUTS; i++)
    if (xj_present(node, i)) xj_stack_spread(stacks[i], &y);
  t->heads = xj_stack_matrices(&t->y);
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  attention t;
  return read_shapes(node, &t, output);
}

/* Rows of a task: all of a head's, or as many as give several tasks for each thread. */
static void choose_tiles(attention *t, size_t n_threads) {
  const size_t wanted = n_threads == 1 ? 1 : TASKS_PER_THREAD * n_threads;
  t->rows = t->m;
  while (t->rows > 2 * TILE && t->heads * ((t->m + t->rows - 1) / t->rows) < wanted)
    t->rows = (t->rows / 2 + TILE - 1) / TILE * TILE;
  t->n_row_tiles = (t->m + t->rows - 1) / t->rows;
}

static size_t take(layout *at, uint64_t floats) {
  const size_t start = at->end;
  at->end = xj_scratch_bytes(start + (floats + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS);
  return start;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  attention *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  xj_type output;
  XJ_TRY(read_shapes(node, t, &output));
  t->is_few = t->m < FEW;
  choose_tiles(t, prepare->n_threads);
  t->keys = (xj_matmul){.m = t->m,
                        .n = t->n,
                        .k = t->d,
                        .a_m = stride(&t->q, 2),
                        .a_k = stride(&t->q, 1),
                        .b_k = stride(&t->k, 1),
                        .b_n = stride(&t->k, 2),
                        .y_m = t->n,
                        .y_n = 1};
  t->values = (xj_matmul){.m = t->m,
                          .n = t->e,
                          .k = t->n,
                          .a_m = t->n,
                          .a_k = 1,
                          .b_k = stride(&t->v, 2),
                          .b_n = stride(&t->v, 1),
                          .y_m = stride(&t->y, 2),
                          .y_n = stride(&t->y, 1)};
  layout *at = &t->at;
  take(at, LINE_FLOATS);
  at->scores = take(at, (uint64_t)TILE * t->n);
  if (t->is_few) {
    t->swaps_keys = xj_matmul_plan(&t->keys);
    t->swaps_values = xj_matmul_plan(&t->values);
    const size_t keys = xj_matmul_scratch_floats(&t->keys), values = xj_matmul_scratch_floats(&t->values);
    at->product = take(at, keys > values ? keys : values);
  } else {
    at->keys = take(at, (uint64_t)padded(t->n) * (t->d + 1));
    at->values = take(at, (uint64_t)padded(t->e) * (t->n + t->n / DEPTH + 1));
    at->queries = take(at, (uint64_t)TILE * t->d);
    at->sums = take(at, (uint64_t)TILE * t->e * (t->n > DEPTH ? 2 : 1));
  }
  prepare->scratch_bytes = xj_scratch_bytes((uint64_t)prepare->n_threads * at->end * sizeof(float));
  return XJ_OK;
}

/* ---- a head ---- */

/* 1 / the sum that a row's weights have to be divided by. Of no weights: anything finite. */
static float factor_of(const attention *t, double sum) { return t->n == 0 ? 1 : (float)(1 / sum); }

/* The mask and the factor of a head, NULL where there is none. */
typedef struct {
  const float *mask, *factor;
} cover_rows;

static cover_rows cover_at(const attention *t, cover_rows from, size_t row) {
  return (cover_rows){t->has_mask ? from.mask + row * stride(&t->mask, 2) : NULL,
                      t->has_factor ? from.factor + row * stride(&t->factor, 2) : NULL};
}

/* Scores [n] to weights exp(score * factor + mask - largest); the factor that makes their sum 1. */
static float weigh(const attention *t, float *scores, cover_rows by) {
  static const float nothing = 0;
  const float *mask = t->has_mask ? by.mask : &nothing;
  const size_t step = t->has_mask ? stride(&t->mask, 1) : 0;
  const float most = t->has_factor ? xj_row_mul_add_max(t->n, scores, by.factor, stride(&t->factor, 1), mask, step)
                     : t->has_mask ? xj_row_add_max(t->n, scores, mask, step)
                                   : xj_row_max(t->n, scores);
  return factor_of(t, xj_row_exponentials(t->n, scores, most, scores));
}

/* to [rows][d] = q * scale */
static void scale_queries(const attention *t, const float *q, size_t rows, float *to) {
  for (size_t r = 0; r < rows; r++, q += t->keys.a_m, to += t->d)
    for (size_t i = 0; i < t->d; i++) to[i] = q[i * t->keys.a_k] * t->scale;
}

/* y [rows, columns] = x [rows, depth], whose rows are x_step apart, · packed; of no depth 0. */
static void multiply(size_t rows, size_t depth, size_t columns, const float *x, size_t x_step, const float *packed,
                     float *y) {
  const xj_product product = {
      .n_segments = 1, .segment = depth, .x_step = x_step, .columns = columns, .packed = packed};
  if (depth == 0)
    memset(y, 0, rows * columns * sizeof *y);
  else
    xj_product_rows(&product, x, rows, 0, (columns + NR - 1) / NR, (xj_product_terms){0}, y);
}

/* y [rows, e] = weights · values, each row times its factor. Deep sums keep more digits in stretches. */
static void sum_values(const attention *t, size_t rows, const float *weights, const float *values, const float *factors,
                       float *sums, float *y) {
  const size_t y_m = t->values.y_m, y_n = t->values.y_n;
  float *part = sums;
  for (size_t done = 0; done == 0 || done < t->n; done += DEPTH) {
    const size_t depth = least(t->n - done, DEPTH);
    multiply(rows, depth, t->e, weights + done, t->n, values, part);
    values += padded(t->e) * (depth + 1);
    for (size_t i = 0; i < rows * t->e && done > 0; i++) sums[i] += part[i];
    part = sums + TILE * t->e;
  }
  for (size_t r = 0; r < rows; r++, y += y_m, sums += t->e) {
    const v128_t factor = wasm_f32x4_splat(factors[r]);
    size_t j = 0;
    for (; j + 4 <= t->e && y_n == 1; j += 4) wasm_v128_store(y + j, wasm_f32x4_mul(wasm_v128_load(sums + j), factor));
    for (; j < t->e; j++) y[j * y_n] = sums[j] * factors[r];
  }
}

/* Rows of a head, TILE at a time: other numbers were no faster. */
static void attend_rows(const attention *t, const float *q, cover_rows by, float *y, size_t n_rows, float *scratch) {
  const layout *at = &t->at;
  float *queries = scratch + at->queries, *scores = scratch + at->scores;
  for (size_t i = 0; i < n_rows; i += TILE) {
    const size_t rows = least(n_rows - i, TILE);
    float factors[TILE];
    scale_queries(t, q + i * t->keys.a_m, rows, queries);
    multiply(rows, t->d, t->n, queries, t->d, scratch + at->keys, scores);
    for (size_t r = 0; r < rows; r++) factors[r] = weigh(t, scores + r * t->n, cover_at(t, by, i + r));
    sum_values(t, rows, scores, scratch + at->values, factors, scratch + at->sums, y + i * t->values.y_m);
  }
}

/* All rows of a head, where they are few. */
static void attend_few(const attention *t, const float *q, const float *k, const float *v, cover_rows by, float *y,
                       float *scratch) {
  float *scores = scratch + t->at.scores, *room = scratch + t->at.product;
  xj_matmul_f32(&t->keys, t->swaps_keys ? k : q, t->swaps_keys ? q : k, scores, room);
  for (size_t r = 0; r < t->m; r++) {
    float *row = scores + r * t->n;
    if (t->scale != 1) xj_row_scale(t->n, t->scale, row);
    xj_row_scale(t->n, weigh(t, row, cover_at(t, by, r)), row);
  }
  xj_matmul_f32(&t->values, t->swaps_values ? v : scores, t->swaps_values ? scores : v, y, room);
}

/* v of a head, by stretches of DEPTH rows. */
static void pack_values(const attention *t, const float *v, float *packed) {
  for (size_t done = 0; done == 0 || done < t->n; done += DEPTH) {
    xj_matmul stretch = t->values;
    stretch.k = least(t->n - done, DEPTH);
    xj_matmul_pack(&stretch, v + done * stretch.b_k, packed);
    packed += padded(t->e) * (stretch.k + 1);
  }
}

/* What a thread has packed, at the start of its scratch. */
typedef struct {
  const float *k, *v;
} packed;

_Static_assert(sizeof(packed) <= LINE_FLOATS * sizeof(float), "a line is enough");

static void attend_tile(const task *job, size_t thread, size_t index) {
  const attention *t = job->t;
  const void *const *inputs = job->run->inputs;
  const size_t head = index / t->n_row_tiles, first = index % t->n_row_tiles * t->rows;
  float *scratch = (float *)job->run->scratch + thread * t->at.end;
  const float *q = (const float *)inputs[Q] + xj_stack_start(&t->q, head);
  const float *k = (const float *)inputs[K] + xj_stack_start(&t->k, head);
  const float *v = (const float *)inputs[V] + xj_stack_start(&t->v, head);
  const cover_rows by = {t->has_mask ? (const float *)inputs[MASK] + xj_stack_start(&t->mask, head) : NULL,
                         t->has_factor ? (const float *)inputs[FACTOR] + xj_stack_start(&t->factor, head) : NULL};
  float *y = (float *)job->run->output + xj_stack_start(&t->y, head);
  if (t->is_few) {
    attend_few(t, q, k, v, by, y, scratch);
    return;
  }
  packed *has = (packed *)(void *)scratch;
  if (has->k != k) xj_matmul_pack(&t->keys, k, scratch + t->at.keys);
  if (has->v != v) pack_values(t, v, scratch + t->at.values);
  *has = (packed){k, v};
  attend_rows(t, q + first * t->keys.a_m, cover_at(t, by, first), y + first * t->values.y_m,
              least(t->m - first, t->rows), scratch);
}

static xj_status run(void *state, const xj_run *run) {
  const attention *t = state;
  const size_t n_threads = pthreadpool_get_threads_count(run->threads);
  for (size_t i = 0; i < n_threads; i++) *(packed *)(void *)((float *)run->scratch + i * t->at.end) = (packed){0};
  task job = {t, run};
  pthreadpool_parallelize_1d_with_thread(run->threads, (pthreadpool_task_1d_with_thread_t)attend_tile, &job,
                                         t->heads * t->n_row_tiles, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  attention t;
  xj_type output;
  if (read_shapes(node, &t, &output) != XJ_OK) return 0;
  return 2.0 * (double)t.heads * (double)t.m * (double)t.n * (double)(t.d + t.e);
}

const xj_kernel xj_attention_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
