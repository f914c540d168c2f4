#include "kernels/depthwise.h"

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 4, TILE = 4 /* outputs of a row that share a load of each weight */ };

static size_t block_floats(size_t taps) { return BLOCK * (1 + taps); }

size_t xj_depthwise_packed_bytes(size_t taps, size_t out_channels) {
  return (out_channels + BLOCK - 1) / BLOCK * block_floats(taps) * sizeof(float);
}

xj_status xj_depthwise_check(size_t taps, size_t out_channels) {
  uint64_t bytes = ((uint64_t)out_channels + BLOCK - 1) / BLOCK * BLOCK * (1 + (uint64_t)taps) * sizeof(float);
  if (bytes <= INT32_MAX) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "its weights have %llu bytes when packed, at most %d are possible",
                 (unsigned long long)bytes, INT32_MAX);
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

void xj_depthwise_pack_out_first(size_t taps, size_t out_channels, const xj_weight *weight, float *packed) {
  enum { STRETCH = 64 };
  float values[STRETCH];
  for (size_t c = 0; c < out_channels; c++) {
    float *first = packed + c / BLOCK * block_floats(taps) + BLOCK + c % BLOCK;
    for (size_t tap = 0; tap < taps; tap += STRETCH) {
      size_t n = taps - tap < STRETCH ? taps - tap : STRETCH;
      xj_weight_read(weight, c * taps + tap, n, values);
      for (size_t i = 0; i < n; i++) first[(tap + i) * BLOCK] = values[i];
    }
  }
}

void xj_depthwise_scale(size_t taps, size_t out_channels, const float *scale, float *packed) {
  for (size_t c = 0; c < out_channels; c += BLOCK, packed += block_floats(taps)) {
    size_t n = out_channels - c < BLOCK ? out_channels - c : BLOCK;
    for (size_t tap = 1; tap <= taps; tap++)
      for (size_t i = 0; i < n; i++) packed[tap * BLOCK + i] *= scale[c + i];
  }
}

typedef struct {
  const xj_depthwise *depthwise;
  const float *x, *slope;
  float *y;
} task;

/* One output row. */
typedef struct {
  const xj_depthwise *d;
  const float *x;     /* row of the first valid tap, column 0 */
  const float *slope; /* of all channels, or the one */
  float *y;           /* the row */
  size_t out_channels;
  int32_t ky_from, ky_to;
} row;

/* Four channels of it. */
typedef struct {
  const float *x, *packed, *slope;
  size_t n;           /* channels, 1 … 4 */
  size_t lane[BLOCK]; /* input channel of each output channel, relative to x; only where they are not consecutive */
} block;

INLINE block block_at(const row *r, size_t c, size_t taps, bool consecutive) {
  block b = {.n = r->out_channels - c < BLOCK ? r->out_channels - c : BLOCK};
  size_t base = consecutive ? c : c / r->d->multiplier;
  if (!consecutive)
    for (size_t k = 0; k < BLOCK; k++) b.lane[k] = (c + (k < b.n ? k : 0)) / r->d->multiplier - base;
  b.x = r->x + base;
  b.packed = r->d->packed + c / BLOCK * block_floats(taps);
  b.slope = r->slope == NULL || r->d->activate.one_slope ? r->slope : r->slope + c;
  return b;
}

INLINE v128_t load_input(const block *b, const float *x, bool consecutive) {
  if (consecutive) return wasm_v128_load(x);
  return wasm_f32x4_make(x[b->lane[0]], x[b->lane[1]], x[b->lane[2]], x[b->lane[3]]);
}

INLINE void store_output(const xj_activate *a, const block *b, float *y, v128_t sum) {
  if (a->kind == XJ_ACTIVATION_CLAMP) {
    sum = xj_clamp4(sum, wasm_v128_load32_splat(&a->min), wasm_v128_load32_splat(&a->max));
  } else if (a->kind == XJ_ACTIVATION_PRELU) {
    sum = xj_prelu4(sum, a->one_slope ? wasm_v128_load32_splat(b->slope) : wasm_v128_load(b->slope));
  }
  if (b->n == BLOCK) {
    wasm_v128_store(y, sum);
    return;
  }
  if (b->n == 1) {
    wasm_v128_store32_lane(y, sum, 0);
    return;
  }
  wasm_v128_store64_lane(y, sum, 0);
  if (b->n == 3) wasm_v128_store32_lane(y + 2, sum, 2);
}

/* One output of any window: the taps [kx_from, kx_to) are inside. */
INLINE void one_output(const row *r, const block *b, int32_t ox, size_t c, int32_t kx_from, int32_t kx_to,
                       bool consecutive) {
  const xj_axis *w = &r->d->window.w, *h = &r->d->window.h;
  const size_t channels = r->d->in_channels, tap_step = (size_t)w->dilation * channels;
  const size_t row_step = (size_t)h->dilation * (size_t)w->input * channels;
  const float *weights = b->packed + BLOCK * (1 + r->ky_from * w->kernel);
  const float *column = b->x;
  if (kx_from < kx_to) column += (size_t)(ox * w->stride - w->pad + kx_from * w->dilation) * channels;
  v128_t sum = wasm_v128_load(b->packed);
  for (int32_t ky = r->ky_from; ky < r->ky_to; ky++, weights += BLOCK * w->kernel, column += row_step) {
    const float *x = column;
    for (int32_t kx = kx_from; kx < kx_to; kx++, x += tap_step)
      sum = XJ_MADD(load_input(b, x, consecutive), wasm_v128_load(weights + BLOCK * kx), sum);
  }
  store_output(&r->d->activate, b, r->y + (size_t)ox * r->out_channels + c, sum);
}

/* TILE outputs of a window K wide, consecutive channels: every input is loaded once for all outputs that it belongs to.
 * K and S, the stride, are constants where this is expanded; dilation is 1. `inside`: all of it is, else only the
 * tile's columns [from, to). */
INLINE void tile_outputs(const row *r, const block *b, int32_t ox, size_t c, int32_t K, int32_t S, bool inside,
                         int32_t from, int32_t to) {
  const xj_axis *w = &r->d->window.w, *h = &r->d->window.h;
  const size_t channels = r->d->in_channels;
  const size_t row_step = (size_t)h->dilation * (size_t)w->input * channels;
  const float *weights = b->packed + BLOCK * (1 + r->ky_from * K);
  const float *column = b->x + (ptrdiff_t)(ox * S - w->pad) * (ptrdiff_t)channels;
  v128_t sum[TILE], weight[5];
  for (int32_t t = 0; t < TILE; t++) sum[t] = wasm_v128_load(b->packed);
  for (int32_t ky = r->ky_from; ky < r->ky_to; ky++, weights += BLOCK * K, column += row_step) {
#pragma unroll
    for (int32_t kx = 0; kx < K; kx++) weight[kx] = wasm_v128_load(weights + BLOCK * kx);
#pragma unroll
    for (int32_t i = 0; i < (TILE - 1) * S + K; i++) {
      if (!inside && (i < from || i >= to)) continue;
      v128_t x = wasm_v128_load(column + (size_t)i * channels);
#pragma unroll
      for (int32_t t = 0; t < TILE; t++)
        if (i >= t * S && i < t * S + K) sum[t] = XJ_MADD(x, weight[i - t * S], sum[t]);
    }
  }
#pragma unroll
  for (int32_t t = 0; t < TILE; t++)
    store_output(&r->d->activate, b, r->y + (size_t)(ox + t) * r->out_channels + c, sum[t]);
}

/* Tile by tile and in each channel by channel, in the order in which the inputs lie. K = 0: any window. */
INLINE void compute_row(const row *r, int32_t K, int32_t S, bool consecutive) {
  const xj_axis *w = &r->d->window.w;
  const size_t taps = (size_t)r->d->window.h.kernel * (size_t)w->kernel;
  for (int32_t ox = 0; ox < w->output;) {
    /* Some of the last tile of a row are computed again, to the same bits. */
    if (K == 3 && w->output >= TILE && ox > w->output - TILE) ox = w->output - TILE;
    const int32_t start = ox * S - w->pad, first = start < 0 ? -start : 0, end = w->input - start;
    const bool is_tile = K != 0 && ox + TILE <= w->output, inside = first == 0 && end >= (TILE - 1) * S + K;
    if (is_tile && (K == 3 || inside)) {
      for (size_t c = 0; c < r->out_channels; c += BLOCK) {
        block b = block_at(r, c, taps, true);
        if (inside)
          tile_outputs(r, &b, ox, c, K, S, true, 0, 0);
        else
          tile_outputs(r, &b, ox, c, 3, S, false, first, end);
      }
      ox += TILE;
      continue;
    }
    int32_t from, to;
    xj_axis_taps(w, ox, &from, &to);
    for (size_t c = 0; c < r->out_channels; c += BLOCK) {
      block b = block_at(r, c, taps, consecutive);
      one_output(r, &b, ox, c, from, to, consecutive);
    }
    ox++;
  }
}

static void choose_row(const row *r) {
  const xj_axis *w = &r->d->window.w;
  if (r->d->multiplier != 1)
    compute_row(r, 0, 1, false);
  else if (w->dilation == 1 && w->kernel == 3 && w->stride == 1)
    compute_row(r, 3, 1, true);
  else if (w->dilation == 1 && w->kernel == 3 && w->stride == 2)
    compute_row(r, 3, 2, true);
  else if (w->dilation == 1 && w->kernel == 5 && w->stride == 1)
    compute_row(r, 5, 1, true);
  else if (w->dilation == 1 && w->kernel == 5 && w->stride == 2)
    compute_row(r, 5, 2, true);
  else
    compute_row(r, 0, 1, true);
}

static void compute_rows(task *t, size_t first, size_t n_rows) {
  const xj_depthwise *d = t->depthwise;
  const xj_axis *h = &d->window.h, *w = &d->window.w;
  row r = {.d = d, .slope = t->slope, .out_channels = d->in_channels * d->multiplier};
  for (size_t i = first; i < first + n_rows; i++) {
    size_t batch = i / (size_t)h->output;
    int32_t oy = (int32_t)(i % (size_t)h->output);
    xj_axis_taps(h, oy, &r.ky_from, &r.ky_to);
    int32_t iy = r.ky_from < r.ky_to ? oy * h->stride - h->pad + r.ky_from * h->dilation : 0;
    r.x = t->x + (batch * (size_t)h->input + (size_t)iy) * (size_t)w->input * d->in_channels;
    r.y = t->y + i * (size_t)w->output * r.out_channels;
    choose_row(&r);
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
