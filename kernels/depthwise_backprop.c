/* The ops depthwise_backprop_filter: x [N,H,W,C], dy [N,OH,OW,C*M] → [KH,KW,C,M], and depthwise_backprop_input: dy,
 * filter [KH,KW,C,M] → [N,H,W,C]. Channel c * M + m of dy belongs to channel c of x. */
#include <string.h>

#include "kernels/gradient.h"
#include "kernels/layer.h"
#include "kernels/simd.h"
#include "src/heap.h"

enum { BLOCK = 16 /* channels of one task: a cache line */, ELEMENTS_PER_TASK = 16384 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* ---- depthwise_backprop_filter ---- */

enum {
  X = 0,
  DY_OF_FILTER = 1,
  TASKS = 16,            /* as many at least: with fewer blocks the rows are shared out too */
  MOST_PARTIAL = 1 << 18 /* floats that this may cost */
};

typedef struct {
  xj_axis axes[3];
  size_t channels, multiplier, taps, rows; /* channels: of dy; rows: of outputs, 0 where x is empty */
  size_t n_blocks, n_slices;
} backprop_filter;

typedef struct {
  const backprop_filter *t;
  const float *x, *dy;
  float *y, *partial; /* partial [slices - 1][taps][channels] */
} filter_job;

static xj_status filter_axes(const xj_node_view *node, xj_axis axes[3]) {
  const xj_depthwise_backprop_filter_attributes *a = node->attributes;
  return xj_gradient_axes(2, &node->inputs[X], &a->kernel_h, &a->stride_h, axes);
}

static xj_status infer_filter(const xj_node_view *node, xj_type *output) {
  const xj_depthwise_backprop_filter_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X], *dy = &node->inputs[DY_OF_FILTER];
  xj_axis axes[3];
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(filter_axes(node, axes));
  const int32_t made = dy->rank == 4 ? dy->dims[3] : 0;
  XJ_TRY(xj_gradient_check(node, DY_OF_FILTER, x, axes, made));
  if (x->dims[3] < 1 || made % x->dims[3] != 0)
    return xj_fail(XJ_BAD_SHAPE, "dy has %d channels, no multiple of x's %d", made, x->dims[3]);
  *output = (xj_type){XJ_FLOAT32, 4, {a->kernel_h, a->kernel_w, x->dims[3], made / x->dims[3]}};
  return XJ_OK;
}

static xj_status prepare_filter(const xj_node_view *node, xj_prepare *prepare) {
  backprop_filter *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(filter_axes(node, t->axes));
  const xj_type *x = &node->inputs[X], *y = node->output;
  t->channels = xj_type_span(y, 2, 4);
  t->multiplier = (size_t)y->dims[3];
  t->taps = xj_type_span(y, 0, 2);
  t->rows = xj_type_elements(x) == 0 || t->axes[2].output == 0 ? 0 : (size_t)x->dims[0] * (size_t)t->axes[1].output;
  t->n_blocks = (t->channels + BLOCK - 1) / BLOCK;
  const size_t wanted = t->n_blocks >= TASKS ? 1 : (TASKS + t->n_blocks - 1) / t->n_blocks;
  const size_t size = t->taps * t->channels;
  t->n_slices = least(least(wanted, t->rows), 1 + MOST_PARTIAL / size);
  if (t->n_slices > 1) prepare->scratch_bytes = (t->n_slices - 1) * size * sizeof(float);
  return XJ_OK;
}

/* Σ x * dy of 4 or 16 channels over n outputs, added to sums. Steps in floats. */
static inline __attribute__((always_inline)) void add_vectors(size_t n, size_t vectors, const float *x, size_t x_step,
                                                              const float *dy, size_t dy_step, float *sums) {
  v128_t sum[4];
  for (size_t v = 0; v < vectors; v++) sum[v] = wasm_f32x4_const_splat(0);
  for (; n > 0; n--, x += x_step, dy += dy_step)
    for (size_t v = 0; v < vectors; v++)
      sum[v] = XJ_MADD(wasm_v128_load(x + 4 * v), wasm_v128_load(dy + 4 * v), sum[v]);
  for (size_t v = 0; v < vectors; v++)
    wasm_v128_store(sums + 4 * v, wasm_f32x4_add(wasm_v128_load(sums + 4 * v), sum[v]));
}

/* The same of at most BLOCK channels. */
static void add_products(size_t n, size_t channels, const float *x, size_t x_step, const float *dy, size_t dy_step,
                         float *sums) {
  if (channels == BLOCK) {
    add_vectors(n, 4, x, x_step, dy, dy_step, sums);
    return;
  }
  size_t c = 0;
  for (; c + 4 <= channels; c += 4) add_vectors(n, 1, x + c, x_step, dy + c, dy_step, sums + c);
  for (; c < channels; c++) {
    float sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i * x_step + c] * dy[i * dy_step + c];
    sums[c] += sum;
  }
}

/* The same where several channels of dy, from `first` on, belong to one of x. */
static void add_spread(size_t n, size_t first, size_t channels, size_t multiplier, const float *x, size_t x_step,
                       const float *dy, size_t dy_step, float *sums) {
  for (size_t c = 0; c < channels; c += 4) {
    const size_t lanes = least(channels - c, 4);
    const float *p[4], *d = dy + c;
    for (size_t k = 0; k < 4; k++) p[k] = x + (first + c + least(k, lanes - 1)) / multiplier;
    v128_t sum = wasm_f32x4_const_splat(0);
    for (size_t i = 0; i < n; i++, d += dy_step) {
      const size_t at = i * x_step;
      const v128_t v = wasm_f32x4_make(p[0][at], p[1][at], p[2][at], p[3][at]);
      sum = XJ_MADD(v, lanes == 4 ? wasm_v128_load(d) : xj_load_tail4(d, lanes), sum);
    }
    if (lanes == 4)
      wasm_v128_store(sums + c, wasm_f32x4_add(wasm_v128_load(sums + c), sum));
    else
      xj_store_tail4(sums + c, lanes, wasm_f32x4_add(xj_load_tail4(sums + c, lanes), sum));
  }
}

/* What a row of outputs adds to the taps of a row of the filter, channels from `first` on. x: the row read there; sums
 * [kernel_w][channels]. */
static void add_row(const backprop_filter *t, size_t first, size_t channels, const float *x, const float *dy,
                    float *sums) {
  const xj_axis *w = &t->axes[2];
  const size_t in = t->channels / t->multiplier, step = (size_t)w->stride * in;
  for (int32_t kw = 0; kw < w->kernel; kw++, sums += t->channels) {
    const int32_t start = kw * w->dilation - w->pad; /* where output 0 reads */
    const int32_t from = start < 0 ? (w->stride - 1 - start) / w->stride : 0;
    const int32_t inside = start >= w->input ? 0 : (w->input - 1 - start) / w->stride + 1;
    const int32_t to = inside < w->output ? inside : w->output;
    if (from >= to) continue;
    const size_t n = (size_t)(to - from);
    const float *pixel = x + (size_t)(from * w->stride + start) * in, *output = dy + (size_t)from * t->channels + first;
    if (t->multiplier == 1)
      add_products(n, channels, pixel + first, step, output, t->channels, sums + first);
    else
      add_spread(n, first, channels, t->multiplier, pixel, step, output, t->channels, sums + first);
  }
}

static void filter_block(filter_job *j, size_t index) {
  const backprop_filter *t = j->t;
  const xj_axis *h = &t->axes[1], *w = &t->axes[2];
  const size_t slice = index / t->n_blocks, first = index % t->n_blocks * BLOCK;
  const size_t channels = least(t->channels - first, BLOCK), out_h = (size_t)h->output;
  const size_t line = (size_t)w->input * (t->channels / t->multiplier), filter_row = (size_t)w->kernel * t->channels;
  float *y = slice == 0 ? j->y : j->partial + (slice - 1) * t->taps * t->channels;
  for (size_t tap = 0; tap < t->taps; tap++) memset(y + tap * t->channels + first, 0, channels * sizeof *y);
  const size_t until = (slice + 1) * t->rows / t->n_slices;
  for (size_t row = slice * t->rows / t->n_slices; row < until; row++) {
    const int32_t oh = (int32_t)(row % out_h), start = oh * h->stride - h->pad;
    const float *x = j->x + row / out_h * (size_t)h->input * line;
    int32_t from, to;
    xj_axis_taps(h, oh, &from, &to);
    for (int32_t kh = from; kh < to; kh++)
      add_row(t, first, channels, x + (size_t)(start + kh * h->dilation) * line,
              j->dy + row * (size_t)w->output * t->channels, y + (size_t)kh * filter_row);
  }
}

static void add_slices(filter_job *j, size_t first, size_t n) {
  const size_t size = j->t->taps * j->t->channels;
  for (size_t slice = 1; slice < j->t->n_slices; slice++) {
    const float *partial = j->partial + (slice - 1) * size + first;
    for (size_t i = 0; i < n; i++) j->y[first + i] += partial[i];
  }
}

static xj_status run_filter(void *state, const xj_run *run) {
  const backprop_filter *t = state;
  const size_t size = t->taps * t->channels;
  if (t->rows == 0) {
    memset(run->output, 0, size * sizeof(float));
    return XJ_OK;
  }
  filter_job j = {t, run->inputs[X], run->inputs[DY_OF_FILTER], run->output, run->scratch};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)filter_block, &j, t->n_blocks * t->n_slices, 0);
  if (t->n_slices > 1)
    pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)add_slices, &j, size,
                                       ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

static double flops_of_filter(const xj_node_view *node) {
  const int32_t *filter = node->output->dims;
  return 2.0 * (double)xj_type_elements(&node->inputs[DY_OF_FILTER]) * filter[0] * filter[1];
}

const xj_kernel xj_depthwise_backprop_filter_kernel = {
    .infer = infer_filter, .prepare = prepare_filter, .run = run_filter, .flops = flops_of_filter};

/* ---- depthwise_backprop_input ---- */

enum { DY = 0, FILTER = 1 };

typedef struct {
  xj_axis axes[3];
  size_t rows, in, multiplier; /* rows: of the result */
  bool is_empty;               /* dy is */
} backprop_input;

typedef struct {
  const backprop_input *t;
  const float *dy, *filter;
  float *y;
} input_job;

static xj_status input_axes(const xj_node_view *node, const xj_type *x, xj_axis axes[3]) {
  const xj_depthwise_backprop_input_attributes *a = node->attributes;
  return xj_gradient_axes(2, x, node->inputs[FILTER].dims, &a->stride_h, axes);
}

static xj_status infer_input(const xj_node_view *node, xj_type *output) {
  const xj_depthwise_backprop_input_attributes *a = node->attributes;
  const xj_type *filter = &node->inputs[FILTER];
  xj_axis axes[3];
  XJ_TRY(xj_float_check(node, FILTER, "the filter"));
  if (filter->rank != 4) return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of 4 axes", xj_type_text(filter));
  XJ_TRY(xj_gradient_input(node, DY, 2, &a->in_h, filter->dims[2], output));
  XJ_TRY(input_axes(node, output, axes));
  return xj_gradient_check(node, DY, output, axes, filter->dims[2] * filter->dims[3]); /* of a window of some taps */
}

static xj_status prepare_input(const xj_node_view *node, xj_prepare *prepare) {
  backprop_input *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(input_axes(node, node->output, t->axes));
  t->is_empty = xj_type_elements(&node->inputs[DY]) == 0;
  t->rows = xj_type_span(node->output, 0, 2);
  t->in = (size_t)node->output->dims[3];
  t->multiplier = (size_t)node->inputs[FILTER].dims[3];
  return XJ_OK;
}

/* Of one pixel: where its products start in dy and the filter, how far apart they are. */
typedef struct {
  const float *dy, *filter;
  size_t rows, columns;
  ptrdiff_t dy_row, dy_column, filter_row, filter_column; /* in floats */
} products;

static inline __attribute__((always_inline)) void sum_vectors(const products *p, size_t vectors, size_t c, float *y) {
  v128_t sum[4];
  for (size_t v = 0; v < vectors; v++) sum[v] = wasm_f32x4_const_splat(0);
  for (size_t row = 0; row < p->rows; row++) {
    const float *dy = p->dy + (ptrdiff_t)row * p->dy_row + c, *f = p->filter + (ptrdiff_t)row * p->filter_row + c;
    for (size_t k = 0; k < p->columns; k++) {
      const float *a = dy + (ptrdiff_t)k * p->dy_column, *b = f + (ptrdiff_t)k * p->filter_column;
      for (size_t v = 0; v < vectors; v++)
        sum[v] = XJ_MADD(wasm_v128_load(a + 4 * v), wasm_v128_load(b + 4 * v), sum[v]);
    }
  }
  for (size_t v = 0; v < vectors; v++) wasm_v128_store(y + 4 * v, sum[v]);
}

/* y [n] = the sums of the products of channels from `first` on. */
static void sum_channels(const products *p, size_t first, size_t n, float *y) {
  size_t c = 0;
  for (; c + 16 <= n; c += 16) sum_vectors(p, 4, first + c, y + c);
  for (; c + 4 <= n; c += 4) sum_vectors(p, 1, first + c, y + c);
  for (; c < n; c++) {
    const float *dy = p->dy + first + c, *f = p->filter + first + c;
    float sum = 0;
    for (size_t row = 0; row < p->rows; row++, dy += p->dy_row, f += p->filter_row)
      for (size_t k = 0; k < p->columns; k++)
        sum += dy[(ptrdiff_t)k * p->dy_column] * f[(ptrdiff_t)k * p->filter_column];
    y[c] = sum;
  }
}

/* y [in] = the sums of the products of each channel's `multiplier`. */
static void sum_groups(const products *p, size_t in, size_t multiplier, float *y) {
  enum { MOST = 256 };
  float sums[MOST];
  memset(y, 0, in * sizeof *y);
  for (size_t first = 0; first < in * multiplier; first += MOST) {
    const size_t n = least(in * multiplier - first, MOST);
    sum_channels(p, first, n, sums);
    for (size_t i = 0; i < n; i++) y[(first + i) / multiplier] += sums[i];
  }
}

/* A row of the result. */
static void input_row(input_job *j, size_t index) {
  const backprop_input *t = j->t;
  const xj_axis *h = &t->axes[1], *w = &t->axes[2];
  const size_t channels = t->in * t->multiplier, in_h = (size_t)h->input;
  const ptrdiff_t line = (ptrdiff_t)((size_t)w->output * channels),
                  filter_line = (ptrdiff_t)((size_t)w->kernel * channels);
  const float *dy = j->dy + index / in_h * (size_t)h->output * (size_t)line;
  float *y = j->y + index * (size_t)w->input * t->in;
  const xj_sources rows = xj_axis_sources(h, (int32_t)(index % in_h));
  for (int32_t column = 0; column < w->input; column++, y += t->in) {
    const xj_sources columns = xj_axis_sources(w, column);
    if (rows.count == 0 || columns.count == 0) {
      memset(y, 0, t->in * sizeof *y);
      continue;
    }
    const products p = {.dy = dy + rows.output * line + columns.output * (ptrdiff_t)channels,
                        .filter = j->filter + rows.tap * filter_line + columns.tap * (ptrdiff_t)channels,
                        .rows = (size_t)rows.count,
                        .columns = (size_t)columns.count,
                        .dy_row = rows.step * line,
                        .dy_column = columns.step * (ptrdiff_t)channels,
                        .filter_row = -rows.tap_step * filter_line,
                        .filter_column = -columns.tap_step * (ptrdiff_t)channels};
    if (t->multiplier == 1)
      sum_channels(&p, 0, channels, y);
    else
      sum_groups(&p, t->in, t->multiplier, y);
  }
}

static xj_status run_input(void *state, const xj_run *run) {
  const backprop_input *t = state;
  if (t->is_empty) {
    memset(run->output, 0, t->rows * (size_t)t->axes[2].input * t->in * sizeof(float));
    return XJ_OK;
  }
  input_job j = {t, run->inputs[DY], run->inputs[FILTER], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)input_row, &j, t->rows, 0);
  return XJ_OK;
}

static double flops_of_input(const xj_node_view *node) {
  const int32_t *filter = node->inputs[FILTER].dims;
  return 2.0 * (double)xj_type_elements(&node->inputs[DY]) * filter[0] * filter[1];
}

const xj_kernel xj_depthwise_backprop_input_kernel = {
    .infer = infer_input, .prepare = prepare_input, .run = run_input, .flops = flops_of_input};
