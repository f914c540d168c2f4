/* The ops conv2d_backprop_filter and conv3d_backprop_filter: x [N,…,C], dy [N,…,OC] → [taps…,C,OC]. With the image that
 * a convolution reads laid out as a matrix, a row for each output and a column for each tap and channel, that is its
 * transpose times dy [outputs,OC]. A stretch of that transpose at a time is laid out and multiplied. */
#include <string.h>

#include "kernels/gradient.h"
#include "kernels/layer.h"
#include "kernels/matmul_f32.h"
#include "kernels/simd.h"
#include "src/heap.h"

enum {
  X = 0,
  DY = 1,
  DEPTH = 256,      /* outputs that are multiplied at once */
  LINE = DEPTH + 4, /* floats from one row of them to the next: no power of two, for the cache's sake */
  ROWS = 64,        /* taps and channels, of one task */
  COLUMNS = 120,    /* channels of dy, of one task */
  TASKS = 16,       /* as many at least: with fewer tiles the outputs are shared out too */
  LINE_FLOATS = 16,
  ELEMENTS_PER_TASK = 16384
};

typedef struct {
  xj_axis axes[3];
  size_t in, out, rows, depth; /* rows: taps * in; depth: outputs of all images, 0 where x is empty */
  size_t n_threads, n_row_tiles, n_column_tiles, n_slices;
  xj_matmul shape; /* of one tile and stretch */
  bool is_swapped;
  size_t matmul_floats, thread_floats; /* scratch: of one product, of one thread */
} backprop;

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t tiles(size_t n, size_t size) { return (n + size - 1) / size; }
static size_t up(size_t floats) { return tiles(floats, LINE_FLOATS) * LINE_FLOATS; }

static int32_t n_axes_of(const xj_node_view *node) { return node->op == XJ_OP_conv3d_backprop_filter ? 3 : 2; }

static xj_status axes_of(const xj_node_view *node, xj_axis axes[3]) {
  const int32_t *a = node->attributes, n = n_axes_of(node);
  return xj_gradient_axes(n, &node->inputs[X], a, a + n, axes);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X], *dy = &node->inputs[DY];
  const int32_t *kernel = node->attributes, n = n_axes_of(node);
  xj_axis axes[3];
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(axes_of(node, axes));
  XJ_TRY(xj_gradient_check(node, DY, x, axes, dy->rank == n + 2 ? dy->dims[n + 1] : 0));
  *output = (xj_type){.dtype = XJ_FLOAT32, .rank = n + 2};
  memcpy(output->dims, kernel, (size_t)n * sizeof *kernel);
  output->dims[n] = x->dims[n + 1];
  output->dims[n + 1] = dy->dims[n + 1];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  backprop *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(axes_of(node, t->axes));
  const xj_type *y = node->output;
  t->in = (size_t)y->dims[y->rank - 2];
  t->out = (size_t)y->dims[y->rank - 1];
  t->rows = xj_type_span(y, 0, y->rank - 1);
  t->depth = xj_type_elements(&node->inputs[X]) == 0 ? 0 : xj_type_elements(&node->inputs[DY]) / t->out;
  t->n_threads = prepare->n_threads;
  t->n_row_tiles = tiles(t->rows, ROWS);
  t->n_column_tiles = tiles(t->out, COLUMNS);
  const size_t n_tiles = t->n_row_tiles * t->n_column_tiles, n_stretches = tiles(t->depth, DEPTH);
  t->n_slices = n_tiles >= TASKS ? 1 : least(n_stretches, tiles(TASKS, n_tiles));
  const size_t rows = least(t->rows, ROWS), columns = least(t->out, COLUMNS);
  t->shape = (xj_matmul){
      .m = rows, .n = columns, .k = DEPTH, .a_m = LINE, .a_k = 1, .b_k = t->out, .b_n = 1, .y_m = t->out, .y_n = 1};
  t->is_swapped = xj_matmul_plan(&t->shape);
  t->matmul_floats = up(xj_matmul_scratch_floats(&t->shape));
  t->thread_floats = ROWS * LINE + ROWS * COLUMNS + ROWS + t->matmul_floats;
  const size_t partial_floats = t->n_slices > 1 ? (t->n_slices - 1) * t->rows * t->out : 0;
  prepare->scratch_bytes = (prepare->n_threads * up(t->thread_floats) + partial_floats) * sizeof(float);
  return XJ_OK;
}

typedef struct {
  const backprop *t;
  const float *x, *dy;
  float *y, *scratch, *partial; /* partial [slices - 1][rows][out] */
} job;

/* What the stretch's outputs read at a tap, from a channel on: pointers into x, or `zero` in the padding. */
static void point(const backprop *t, const float *x, size_t tap, size_t first, size_t n, const float *zero,
                  const float **pixels) {
  const xj_axis *d = &t->axes[0], *h = &t->axes[1], *w = &t->axes[2];
  const int32_t kw = (int32_t)(tap % (size_t)w->kernel), rest = (int32_t)(tap / (size_t)w->kernel);
  const int32_t kh = rest % h->kernel, kd = rest / h->kernel;
  size_t row = first / (size_t)w->output;
  int32_t column = (int32_t)(first % (size_t)w->output);
  for (size_t i = 0; i < n; row++, column = 0) {
    const int32_t oh = (int32_t)(row % (size_t)h->output);
    const size_t plane = row / (size_t)h->output;
    const int32_t od = (int32_t)(plane % (size_t)d->output);
    const int32_t at_d = od * d->stride - d->pad + kd * d->dilation, at_h = oh * h->stride - h->pad + kh * h->dilation;
    const bool inside = at_d >= 0 && at_d < d->input && at_h >= 0 && at_h < h->input;
    const size_t image = plane / (size_t)d->output * (size_t)d->input;
    const float *line =
        inside ? x + ((image + (size_t)at_d) * (size_t)h->input + (size_t)at_h) * (size_t)w->input * t->in : NULL;
    int32_t at_w = column * w->stride - w->pad + kw * w->dilation;
    for (; column < w->output && i < n; column++, i++, at_w += w->stride)
      pixels[i] = inside && at_w >= 0 && at_w < w->input ? line + (size_t)at_w * t->in : zero;
  }
}

/* rows [channels][LINE] = the transpose of n pixels. */
static void lay_out(const float *const *pixels, size_t n, size_t channels, float *rows) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const float *const *p = pixels + i;
    float *to = rows + i;
    size_t c = 0;
    for (; c + 4 <= channels; c += 4, to += 4 * LINE) {
      const v128_t v0 = wasm_v128_load(p[0] + c), v1 = wasm_v128_load(p[1] + c);
      const v128_t v2 = wasm_v128_load(p[2] + c), v3 = wasm_v128_load(p[3] + c);
      const v128_t lo01 = wasm_i32x4_shuffle(v0, v1, 0, 4, 1, 5), hi01 = wasm_i32x4_shuffle(v0, v1, 2, 6, 3, 7);
      const v128_t lo23 = wasm_i32x4_shuffle(v2, v3, 0, 4, 1, 5), hi23 = wasm_i32x4_shuffle(v2, v3, 2, 6, 3, 7);
      wasm_v128_store(to, wasm_i64x2_shuffle(lo01, lo23, 0, 2));
      wasm_v128_store(to + LINE, wasm_i64x2_shuffle(lo01, lo23, 1, 3));
      wasm_v128_store(to + 2 * LINE, wasm_i64x2_shuffle(hi01, hi23, 0, 2));
      wasm_v128_store(to + 3 * LINE, wasm_i64x2_shuffle(hi01, hi23, 1, 3));
    }
    for (; c < channels; c++, to += LINE)
      for (size_t k = 0; k < 4; k++) to[k] = p[k][c];
  }
  for (; i < n; i++)
    for (size_t c = 0; c < channels; c++) rows[c * LINE + i] = pixels[i][c];
}

/* Lays out rows `row` … row + n_rows of the transpose, n of its columns from `first` on. */
static void lay_out_tile(const job *j, size_t row, size_t n_rows, size_t first, size_t n, const float *zero,
                         float *rows) {
  const backprop *t = j->t;
  const float *pixels[DEPTH];
  for (size_t i = 0; i < n_rows;) {
    const size_t tap = (row + i) / t->in, channel = (row + i) % t->in, channels = least(n_rows - i, t->in - channel);
    point(t, j->x + channel, tap, first, n, zero, pixels);
    lay_out(pixels, n, channels, rows + i * LINE);
    i += channels;
  }
}

/* y [n_rows][columns], rows t->out apart += tile [n_rows][columns] */
static void add_tile(const backprop *t, const float *tile, size_t n_rows, size_t columns, float *y) {
  for (size_t r = 0; r < n_rows; r++, tile += columns, y += t->out) {
    size_t i = 0;
    for (; i + 4 <= columns; i += 4)
      wasm_v128_store(y + i, wasm_f32x4_add(wasm_v128_load(y + i), wasm_v128_load(tile + i)));
    for (; i < columns; i++) y[i] += tile[i];
  }
}

/* A tile of the result, or the part of it that a slice of the outputs gives. */
static void multiply_tile(job *j, size_t thread, size_t index) {
  const backprop *t = j->t;
  const size_t row = index % t->n_row_tiles * ROWS, rest = index / t->n_row_tiles;
  const size_t column = rest % t->n_column_tiles * COLUMNS, slice = rest / t->n_column_tiles;
  const size_t n_rows = least(t->rows - row, ROWS), columns = least(t->out - column, COLUMNS);
  const size_t n_stretches = tiles(t->depth, DEPTH);
  float *rows = j->scratch + thread * up(t->thread_floats), *tile = rows + ROWS * LINE;
  float *zero = tile + ROWS * COLUMNS, *packed = zero + ROWS;
  float *y = (slice == 0 ? j->y : j->partial + (slice - 1) * t->rows * t->out) + row * t->out + column;
  memset(zero, 0, ROWS * sizeof *zero);
  xj_matmul shape = t->shape;
  *(t->is_swapped ? &shape.n : &shape.m) = n_rows;
  *(t->is_swapped ? &shape.m : &shape.n) = columns;
  const size_t from = slice * n_stretches / t->n_slices, to = (slice + 1) * n_stretches / t->n_slices;
  for (size_t stretch = from; stretch < to; stretch++) {
    const size_t first = stretch * DEPTH;
    const float *dy = j->dy + first * t->out + column;
    shape.k = least(t->depth - first, DEPTH);
    lay_out_tile(j, row, n_rows, first, shape.k, zero, rows);
    if (stretch > from) *(t->is_swapped ? &shape.y_n : &shape.y_m) = columns;
    xj_matmul_f32(&shape, t->is_swapped ? dy : rows, t->is_swapped ? rows : dy, stretch > from ? tile : y, packed);
    if (stretch > from) add_tile(t, tile, n_rows, columns, y);
  }
}

static void add_slices(job *j, size_t first, size_t n) {
  const backprop *t = j->t;
  for (size_t slice = 1; slice < t->n_slices; slice++) {
    const float *partial = j->partial + (slice - 1) * t->rows * t->out + first;
    for (size_t i = 0; i < n; i++) j->y[first + i] += partial[i];
  }
}

static xj_status run(void *state, const xj_run *run) {
  const backprop *t = state;
  if (t->depth == 0) {
    memset(run->output, 0, t->rows * t->out * sizeof(float));
    return XJ_OK;
  }
  float *scratch = run->scratch;
  job j = {t, run->inputs[X], run->inputs[DY], run->output, scratch, scratch + t->n_threads * up(t->thread_floats)};
  pthreadpool_parallelize_1d_with_thread(run->threads, (pthreadpool_task_1d_with_thread_t)multiply_tile, &j,
                                         t->n_row_tiles * t->n_column_tiles * t->n_slices, 0);
  if (t->n_slices > 1)
    pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)add_slices, &j, t->rows * t->out,
                                       ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const xj_type *dy = &node->inputs[DY];
  return 2.0 * (double)xj_type_span(dy, 0, dy->rank - 1) * (double)xj_type_elements(node->output);
}

const xj_kernel xj_conv2d_backprop_filter_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
const xj_kernel xj_conv3d_backprop_filter_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
