#include "kernels/depthwise.h"

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 4, TILE = 4 /* outputs of a row that share a load of each weight */ };

static size_t block_floats(size_t taps) { return BLOCK * (1 + taps); }

size_t xj_depthwise_packed_bytes(size_t taps, size_t out_channels) {
  return (out_channels + BLOCK - 1) / BLOCK * block_floats(taps) * sizeof(float);
}

void xj_depthwise_pack(size_t taps, size_t out_channels, bool is_bias, const xj_weight *weight, float *packed) {
  for (size_t c = 0; c < out_channels; c += BLOCK, packed += block_floats(taps)) {
    size_t n = out_channels - c < BLOCK ? out_channels - c : BLOCK;
    if (is_bias) {
      xj_weight_read(weight, c, n, packed);
      continue;
    }
    for (size_t tap = 0; tap < taps; tap++)
      xj_weight_read(weight, tap * out_channels + c, n, packed + BLOCK * (1 + tap));
  }
}

typedef struct {
  const xj_depthwise *depthwise;
  const float *x, *slope;
  float *y;
} task;

/* One block of 4 output channels of one output row. */
typedef struct {
  const xj_depthwise *d;
  const float *x;         /* first channel of the block, row of the first valid tap, column 0 */
  const float *packed;    /* the block */
  const float *slope;     /* of the block, or the one */
  float *y;               /* the block's first channel of the row's first output */
  size_t out_channels, n; /* n: channels of the block, 1 … 4 */
  size_t lane[BLOCK];     /* input channel of each output channel, relative to x */
  int32_t ky_from, ky_to;
} row_block;

INLINE v128_t load_input(const row_block *b, const float *x, bool contiguous) {
  if (contiguous) return wasm_v128_load(x);
  return wasm_f32x4_make(x[b->lane[0]], x[b->lane[1]], x[b->lane[2]], x[b->lane[3]]);
}

INLINE void store_output(const row_block *b, float *y, v128_t sum) {
  const xj_activate *a = &b->d->activate;
  if (a->kind == XJ_ACTIVATION_CLAMP) {
    sum = xj_clamp4(sum, wasm_v128_load32_splat(&a->min), wasm_v128_load32_splat(&a->max));
  } else if (a->kind == XJ_ACTIVATION_PRELU) {
    sum = xj_prelu4(sum, a->one_slope ? wasm_v128_load32_splat(b->slope) : wasm_v128_load(b->slope));
  }
  switch (b->n) {
    case 4: wasm_v128_store(y, sum); return;
    case 3: wasm_v128_store32_lane(y + 2, sum, 2); /* fall through */
    case 2: wasm_v128_store64_lane(y, sum, 0); return;
    default: wasm_v128_store32_lane(y, sum, 0);
  }
}

/* n_out ≤ TILE outputs from column ox on, with the taps [kx_from, kx_to) that are inside for all of them. */
INLINE void outputs(const row_block *b, int32_t ox, size_t n_out, int32_t kx_from, int32_t kx_to, int32_t kernel_w,
                    bool contiguous) {
  const xj_axis *w = &b->d->window.w, *h = &b->d->window.h;
  const size_t channels = b->d->in_channels, step = (size_t)w->stride * channels;
  const size_t tap_step = (size_t)w->dilation * channels;
  const size_t row_step = (size_t)h->dilation * (size_t)w->input * channels;
  v128_t sum[TILE];
  for (size_t t = 0; t < n_out; t++) sum[t] = wasm_v128_load(b->packed);
  const float *column =
      b->x + ((ptrdiff_t)ox * w->stride - w->pad + (ptrdiff_t)kx_from * w->dilation) * (ptrdiff_t)channels;
  const float *weights = b->packed + BLOCK * (1 + b->ky_from * kernel_w);
  for (int32_t ky = b->ky_from; ky < b->ky_to; ky++, weights += BLOCK * kernel_w, column += row_step) {
    const float *x = column;
    for (int32_t kx = kx_from; kx < kx_to; kx++, x += tap_step) {
      v128_t weight = wasm_v128_load(weights + BLOCK * kx);
      for (size_t t = 0; t < n_out; t++) sum[t] = XJ_MADD(load_input(b, x + t * step, contiguous), weight, sum[t]);
    }
  }
  for (size_t t = 0; t < n_out; t++) store_output(b, b->y + ((size_t)ox + t) * b->out_channels, sum[t]);
}

INLINE void row(const row_block *b, int32_t kernel_w, bool contiguous) {
  const xj_axis *w = &b->d->window.w;
  int32_t ox = 0, from, to;
  while (ox < w->output) {
    xj_axis_taps(w, ox, &from, &to);
    int32_t last_from, last_to, last = ox + TILE - 1;
    if (last < w->output && from == 0 && to == kernel_w) {
      xj_axis_taps(w, last, &last_from, &last_to);
      if (last_to == kernel_w) {
        outputs(b, ox, TILE, 0, kernel_w, kernel_w, contiguous);
        ox += TILE;
        continue;
      }
    }
    outputs(b, ox, 1, from, to, kernel_w, contiguous);
    ox++;
  }
}

static void compute_row(const row_block *b, bool contiguous) {
  int32_t kernel_w = b->d->window.w.kernel;
  if (!contiguous)
    row(b, kernel_w, false);
  else if (kernel_w == 3)
    row(b, 3, true);
  else if (kernel_w == 5)
    row(b, 5, true);
  else
    row(b, kernel_w, true);
}

static void compute_rows(task *t, size_t first, size_t n_rows) {
  const xj_depthwise *d = t->depthwise;
  const xj_axis *h = &d->window.h, *w = &d->window.w;
  const size_t out_channels = d->in_channels * d->multiplier;
  const size_t taps = (size_t)h->kernel * (size_t)w->kernel;
  for (size_t i = first; i < first + n_rows; i++) {
    size_t batch = i / (size_t)h->output;
    int32_t oy = (int32_t)(i % (size_t)h->output);
    row_block b = {.d = d, .out_channels = out_channels};
    xj_axis_taps(h, oy, &b.ky_from, &b.ky_to);
    ptrdiff_t iy = b.ky_from < b.ky_to ? (ptrdiff_t)oy * h->stride - h->pad + (ptrdiff_t)b.ky_from * h->dilation : 0;
    const float *x = t->x + (batch * (size_t)h->input + (size_t)iy) * (size_t)w->input * d->in_channels;
    for (size_t c = 0; c < out_channels; c += BLOCK) {
      b.n = out_channels - c < BLOCK ? out_channels - c : BLOCK;
      size_t base = c / d->multiplier;
      for (size_t k = 0; k < BLOCK; k++) b.lane[k] = (c + (k < b.n ? k : 0)) / d->multiplier - base;
      b.x = x + base;
      b.packed = d->packed + c / BLOCK * block_floats(taps);
      b.slope = t->slope == NULL || d->activate.one_slope ? t->slope : t->slope + c;
      b.y = t->y + i * (size_t)w->output * out_channels + c;
      compute_row(&b, d->multiplier == 1);
    }
  }
}

size_t xj_depthwise_rows_per_task(const xj_depthwise *depthwise, size_t n_threads) {
  size_t rows = depthwise->batch * (size_t)depthwise->window.h.output;
  size_t tasks = n_threads * 4; /* a few for each, since threads do not start at once */
  return n_threads == 1 ? rows : (rows + tasks - 1) / tasks;
}

void xj_depthwise_run(const xj_depthwise *depthwise, const float *x, const float *slope, float *y,
                      pthreadpool_t threads) {
  task t = {depthwise, x, slope, y};
  size_t rows = depthwise->batch * (size_t)depthwise->window.h.output;
  pthreadpool_parallelize_1d_tile_1d(threads, (pthreadpool_task_1d_tile_1d_t)compute_rows, &t, rows,
                                     depthwise->rows_per_task, 0);
}
