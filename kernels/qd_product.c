#include "kernels/qd_product.h"

#include <math.h>
#include <string.h>

#include "kernels/layer.h"
#include "kernels/qd8_row.h"
#include "kernels/rows.h"
#include "xnnpack/gemm.h"
#include "xnnpack/microfnptr.h"

enum {
  NR = XJ_QD8_NR,
  MR = XJ_QD8_MR,
  TASKS_PER_THREAD = 16,
  LEAST_ROWS = 16,          /* of a piece, where that makes enough of them */
  LEAST_COLUMNS = 64,       /* since each piece quantises its rows anew */
  GROUP_BYTES = 16 * 1024,  /* of rows that are quantised at a time */
  CACHE_BYTES = 256 * 1024, /* of weights that are read again for each tile of rows */
  ALIGNMENT = 64
};

_Static_assert(sizeof(xj_qd8_range) == sizeof(struct xnn_qd8_quantization_params), "a range is what kernels take");

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t over(size_t a, size_t b) { return (a + b - 1) / b; }
static size_t up(size_t a, size_t b) { return over(a, b) * b; }

static size_t row_bytes(const xj_qd_product *p) { return up(p->shape.in, 16); }

/* ---- a row of x ---- */

/* What the window at output `row` sees, [KH,KW,C], zeros where that is padding. */
static void copy_window(const xj_qd_product *p, const float *x, size_t row, float *to) {
  const xj_axis *h = &p->window.h, *w = &p->window.w;
  const size_t c = p->channels, tap = c * sizeof *to;
  const size_t ox = row % (size_t)w->output, oy = row / (size_t)w->output % (size_t)h->output;
  const float *image = x + row / (size_t)w->output / (size_t)h->output * (size_t)h->input * (size_t)w->input * c;
  const int32_t top = (int32_t)oy * h->stride - h->pad, left = (int32_t)ox * w->stride - w->pad;
  int32_t first_y, end_y, first_x, end_x;
  xj_axis_taps(h, (int32_t)oy, &first_y, &end_y);
  xj_axis_taps(w, (int32_t)ox, &first_x, &end_x);
  const size_t before = (size_t)first_x * c, after = (size_t)(w->kernel - end_x) * c, line = (size_t)w->kernel * c;
  for (int32_t ky = 0; ky < h->kernel; ky++, to += line) {
    if (ky < first_y || ky >= end_y || first_x == end_x) {
      memset(to, 0, line * sizeof *to);
      continue;
    }
    const float *from = image + (size_t)(top + ky * h->dilation) * (size_t)w->input * c;
    for (size_t i = 0; i < before; i++) to[i] = 0;
    if (w->dilation == 1) {
      xj_row_copy((char *)(to + before), (const char *)(from + (size_t)(left + first_x) * c),
                  (size_t)(end_x - first_x) * tap);
    } else {
      for (int32_t kx = first_x; kx < end_x; kx++)
        xj_row_copy((char *)(to + (size_t)kx * c), (const char *)(from + (size_t)(left + kx * w->dilation) * c), tap);
    }
    for (size_t i = line - after; i < line; i++) to[i] = 0;
  }
}

/* ---- a tile ---- */

typedef struct {
  const xj_qd_product *product;
  const float *x, *residual, *residual_scale, *slope;
  float *y;
  char *scratch;
} task;

/* Of a row, its columns from `column` on. */
static void add_residual(const task *t, size_t row, size_t column, size_t n, float *y) {
  const xj_qd_product *p = t->product;
  const float *residual = t->residual + row * p->shape.out + column;
  size_t i = 0;
  if (p->residual_scales == 0) {
    for (; i + 4 <= n; i += 4)
      wasm_v128_store(y + i, wasm_f32x4_add(wasm_v128_load(y + i), wasm_v128_load(residual + i)));
    for (; i < n; i++) y[i] += residual[i];
    return;
  }
  const bool one = p->residual_scales == 1;
  const float *scale = t->residual_scale + (one ? 0 : column);
  const v128_t same = wasm_v128_load32_splat(scale);
  for (; i < n; i += 4) {
    const v128_t factor = one ? same : wasm_v128_load(scale + i);
    const v128_t sum = n - i < 4 ? xj_load_tail4(y + i, n - i) : wasm_v128_load(y + i);
    const v128_t total = XJ_MADD(wasm_v128_load(residual + i), factor, sum);
    if (n - i < 4)
      xj_store_tail4(y + i, n - i, total);
    else
      wasm_v128_store(y + i, total);
  }
}

/* Whether the kernel's own limits are all there is to do. */
static bool is_clamp(const xj_qd_product *p) { return !p->has_residual && p->activate.kind == XJ_ACTIVATION_CLAMP; }

static void finish(const task *t, const xj_qd8_range *ranges, size_t row, size_t rows, size_t column, size_t n) {
  const xj_qd_product *p = t->product;
  for (size_t r = 0; r < rows; r++) {
    float *y = t->y + (row + r) * p->shape.out + column;
    if (isnan(ranges[r].step)) { /* whatever a kernel's limits make of it */
      static const float nan = NAN;
      xj_row_fill((char *)y, n, &nan, sizeof nan);
    }
    if (p->has_residual) add_residual(t, row + r, column, n, y);
    if (is_clamp(p)) continue;
    const bool each = p->activate.kind == XJ_ACTIVATION_PRELU && !p->activate.one_slope;
    xj_activate_stretch(&p->activate, each ? t->slope + column : t->slope, 1, n, y, y);
  }
}

/* An x86 makes a negative NaN of this, others a positive one (as XNNPACK asks). It has half as many registers: pairs of
 * rows then leave none to spill, where there is a kernel of pairs. The bits are the same: sums are of integers. */
static bool takes_pairs(void) {
  const volatile float infinity = INFINITY;
  const xnn_qd8_f32_qc8w_gemm_ukernel_fn pair = XJ_QD8_PAIR_KERNEL;
  return pair != NULL && signbit(infinity - infinity);
}

/* Blocks first … first + n_blocks of rows that are quantised. */
static void multiply(const task *t, const int8_t *bytes, const xj_qd8_range *ranges, size_t row, size_t rows,
                     size_t first, size_t n_blocks) {
  const xj_qd_product *p = t->product;
  const bool clamps = is_clamp(p);
  const union xnn_f32_minmax_params limits = {
      .scalar = {.min = clamps ? p->activate.min : -INFINITY, .max = clamps ? p->activate.max : INFINITY}};
  const size_t column = first * NR, n = least(p->shape.out - column, n_blocks * NR);
  const char *weights = p->packed + first * xj_qd8_block_bytes(p->shape.in);
  const size_t height = p->takes_pairs ? 2 : MR, step = p->shape.out * sizeof(float);
  for (size_t r = 0; r < rows; r += height) {
    const size_t mr = least(height, rows - r);
    const xnn_qd8_f32_qc8w_gemm_ukernel_fn kernel = mr == 1          ? XJ_QD8_ROW_KERNEL
                                                    : p->takes_pairs ? XJ_QD8_PAIR_KERNEL
                                                                     : XJ_QD8_KERNEL;
    kernel(mr, n, p->shape.in, bytes + r * row_bytes(p), row_bytes(p), weights,
           t->y + (row + r) * p->shape.out + column, step, NR * sizeof(float), &limits,
           (const struct xnn_qd8_quantization_params *)(ranges + r));
    finish(t, ranges + r, row + r, mr, column, n);
  }
}

static void run_piece(const task *t, size_t thread, size_t index) {
  const xj_qd_product *p = t->product;
  const size_t from = index % p->n_row_pieces * p->piece_rows, to = least(p->rows, from + p->piece_rows);
  const size_t first = index / p->n_row_pieces * p->piece_blocks;
  const size_t end = least(xj_qd8_blocks(p->shape.out), first + p->piece_blocks);
  int8_t *bytes = (int8_t *)(t->scratch + thread * p->thread_bytes);
  xj_qd8_range *ranges = (xj_qd8_range *)(bytes + p->group_rows * row_bytes(p));
  float *window = (float *)(ranges + up(p->group_rows + MR, ALIGNMENT / sizeof *ranges));
  for (size_t row = from; row < to; row += p->group_rows) {
    const size_t rows = least(p->group_rows, to - row);
    for (size_t r = 0; r < rows; r++) {
      const float *x = window;
      if (p->has_window)
        copy_window(p, t->x, row + r, window);
      else
        x = t->x + (row + r) * p->shape.in;
      ranges[r] = xj_qd8_row(p->shape.in, x, bytes + r * row_bytes(p));
    }
    /* Where a tile has fewer rows, kernels compute the last again, by the ranges that follow, and write it last. */
    for (size_t r = 0; r < MR; r++) ranges[rows + r] = ranges[rows - 1];
    for (size_t block = first; block < end; block += p->group_blocks)
      multiply(t, bytes, ranges, row, rows, block, least(p->group_blocks, end - block));
  }
}

/* ---- a product ---- */

xj_qd_product xj_qd_product_make(const xj_node_view *node, const xj_activation *activation, xj_qd8_shape shape,
                                 const void *packed) {
  return (xj_qd_product){.rows = xj_type_span(node->output, 0, node->output->rank - 1),
                         .shape = shape,
                         .packed = packed,
                         .activate = xj_activate_make(node, activation, XJ_SLOPE),
                         .has_residual = xj_present(node, XJ_RESIDUAL),
                         .residual_scales = xj_residual_scales(node)};
}

size_t xj_qd_product_plan(xj_qd_product *p, size_t n_threads) {
  const size_t wanted = n_threads == 1 ? 1 : n_threads * TASKS_PER_THREAD, n_blocks = xj_qd8_blocks(p->shape.out);
  p->takes_pairs = takes_pairs();
  p->piece_rows = p->rows;
  p->piece_blocks = n_blocks;
  for (;;) {
    p->n_row_pieces = over(p->rows, p->piece_rows);
    p->n_block_pieces = over(n_blocks, p->piece_blocks);
    if (p->n_row_pieces * p->n_block_pieces >= wanted) break;
    if (p->piece_rows >= 2 * LEAST_ROWS)
      p->piece_rows = up(p->piece_rows / 2, MR);
    else if (p->piece_blocks >= 2 * LEAST_COLUMNS / NR)
      p->piece_blocks = over(p->piece_blocks, 2);
    else
      break;
  }
  p->group_rows = up(GROUP_BYTES / row_bytes(p) + 1, MR);
  p->group_rows = least(p->group_rows, up(p->piece_rows, MR));
  p->group_blocks = CACHE_BYTES / xj_qd8_block_bytes(p->shape.in) + 1;
  const size_t window = p->has_window ? (p->shape.in + 4) * sizeof(float) : 0;
  p->thread_bytes = up(p->group_rows * row_bytes(p) + window +
                           up(p->group_rows + MR, ALIGNMENT / sizeof(xj_qd8_range)) * sizeof(xj_qd8_range),
                       ALIGNMENT);
  return xj_scratch_bytes((uint64_t)n_threads * p->thread_bytes);
}

void xj_qd_product_run(const xj_qd_product *p, const xj_run *run) {
  const bool scales = p->has_residual && p->residual_scales > 0;
  task t = {p,
            run->inputs[XJ_X],
            p->has_residual ? run->inputs[XJ_RESIDUAL] : NULL,
            scales ? run->inputs[XJ_RESIDUAL_SCALE] : NULL,
            p->activate.kind == XJ_ACTIVATION_PRELU ? run->inputs[XJ_SLOPE] : NULL,
            run->output,
            run->scratch};
  pthreadpool_parallelize_1d_with_thread(run->threads, (pthreadpool_task_1d_with_thread_t)run_piece, &t,
                                         p->n_row_pieces * p->n_block_pieces, 0);
}
