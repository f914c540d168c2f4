#include "kernels/depthwise.h"

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 4 };

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

/* One output row. */
typedef struct {
  const xj_depthwise *d;
  const float *x; /* row of the first valid tap, column 0 */
  float *y;       /* the row */
  size_t out_channels;
  int32_t ky_from, ky_to;
} row;

/* The first n channels of a vector. */
INLINE void store_channels(float *y, size_t n, v128_t v) {
  if (n >= BLOCK)
    wasm_v128_store(y, v);
  else
    xj_store_tail4(y, n, v);
}

/* ---- outputs side by side: windows 3 or 5 wide, multiplier 1 ---- */

enum { WIDE = 7, NARROW = 4 /* outputs of a tile */, MOST_TILES = 16 /* of the last channels at once */ };

/* Tiles side by side: some outputs each, for some blocks of channels. */
typedef struct {
  const float *x;      /* the first valid row at column 0, the first tap of the first output; outside if from > 0 */
  const float *packed; /* of the first block */
  float *y;
  size_t tiles, blocks, block_floats, first_weight; /* floats from a block to the next, and to its first valid row */
  size_t x_step, x_row_step, y_step;                /* floats from a column, a row, an output to the next */
  int32_t rows;                                     /* of taps, which are valid */
  int32_t from, to;                                 /* the columns of a tile that are inside the input */
  const xj_activate *activate;
} stretch;

/* The columns of a tile that are outside: none, the first, the last, both of these; or any, with a branch at each. */
typedef enum { NONE, LEFT, RIGHT, BOTH, ANY } edges;

/* Tiles of n outputs of a window K wide with stride S: a column is loaded once for all outputs that it belongs to.
 * Their sums, a row of weights and the columns under a window fit 16 registers. K, S, n and `outside` are constants
 * where this is expanded. */
INLINE void compute_tiles(const stretch *s, int32_t K, int32_t S, int32_t n, edges outside) {
  const int32_t columns = (n - 1) * S + K;
  const bool left = outside == LEFT || outside == BOTH, right = outside == RIGHT || outside == BOTH;
  const uint32_t valid = (1u << s->to) - (1u << s->from); /* a bit for each column */
  const size_t x_step = s->x_step, x_row_step = s->x_row_step, y_step = s->y_step;
  for (size_t tile = 0; tile < s->tiles; tile++) {
    const float *x_block = s->x + tile * (size_t)(n * S) * x_step, *packed = s->packed;
    float *y_block = s->y + tile * (size_t)n * y_step;
    for (size_t block = s->blocks; block > 0; block--) {
      v128_t sum[WIDE], weight[5];
      for (int32_t i = 0; i < n; i++) sum[i] = wasm_v128_load(packed);
      const float *weights = packed + s->first_weight, *x_row = x_block;
      for (int32_t row = s->rows; row > 0; row--, weights += BLOCK * K, x_row += x_row_step) {
#pragma unroll
        for (int32_t kx = 0; kx < K; kx++) weight[kx] = wasm_v128_load(weights + BLOCK * kx);
        const float *x = x_row;
#pragma unroll
        for (int32_t column = 0; column < columns; column++, x += x_step) {
          if ((left && column == 0) || (right && column == columns - 1)) continue;
          if (outside == ANY && !(valid >> column & 1)) continue;
          const v128_t value = wasm_v128_load(x);
#pragma unroll
          for (int32_t i = 0; i < n; i++)
            if (column >= i * S && column < i * S + K) sum[i] = XJ_MADD(value, weight[column - i * S], sum[i]);
        }
      }
      if (s->activate->kind == XJ_ACTIVATION_CLAMP) {
        const v128_t min = wasm_v128_load32_splat(&s->activate->min), max = wasm_v128_load32_splat(&s->activate->max);
#pragma unroll
        for (int32_t i = 0; i < n; i++) sum[i] = xj_clamp4(sum[i], min, max);
      }
      float *y = y_block;
#pragma unroll
      for (int32_t i = 0; i < n; i++, y += y_step) wasm_v128_store(y, sum[i]);
      x_block += BLOCK;
      y_block += BLOCK;
      packed += s->block_floats;
    }
  }
}

typedef void compute_fn(const stretch *s);

#define COMPUTE(name, K, S, n, outside)                                                                                \
  static void name(const stretch *s) { compute_tiles(s, K, S, n, outside); }

COMPUTE(wide_3, 3, 1, WIDE, NONE)
COMPUTE(wide_3_left, 3, 1, WIDE, LEFT)
COMPUTE(wide_3_right, 3, 1, WIDE, RIGHT)
COMPUTE(wide_3_both, 3, 1, WIDE, BOTH)
COMPUTE(wide_3s2, 3, 2, WIDE, NONE)
COMPUTE(wide_3s2_left, 3, 2, WIDE, LEFT)
COMPUTE(wide_3s2_right, 3, 2, WIDE, RIGHT)
COMPUTE(wide_3s2_both, 3, 2, WIDE, BOTH)
COMPUTE(wide_5, 5, 1, WIDE, ANY)
COMPUTE(wide_5s2, 5, 2, WIDE, ANY)
COMPUTE(narrow_3, 3, 1, NARROW, ANY)
COMPUTE(narrow_3s2, 3, 2, NARROW, ANY)
COMPUTE(narrow_5, 5, 1, NARROW, ANY)
COMPUTE(narrow_5s2, 5, 2, NARROW, ANY)

/* [K == 5][S == 2]; those of wide tiles by what is outside. */
static compute_fn *const wide_fns[2][2][4] = {
    {{wide_3, wide_3_left, wide_3_right, wide_3_both}, {wide_3s2, wide_3s2_left, wide_3s2_right, wide_3s2_both}},
    {{wide_5, wide_5, wide_5, wide_5}, {wide_5s2, wide_5s2, wide_5s2, wide_5s2}}};
static compute_fn *const narrow_fns[2][2] = {{narrow_3, narrow_3s2}, {narrow_5, narrow_5s2}};

/* The first n outputs of a stretch whose blocks of channels, or whose outputs, are more than y has. */
static void compute_some(stretch *s, compute_fn *compute, size_t channels, size_t n) {
  float some[MOST_TILES * WIDE * BLOCK], *y = s->y;
  const size_t y_step = s->y_step;
  s->blocks = 1;
  s->y = some;
  s->y_step = BLOCK;
  for (size_t c = 0; c < channels; c += BLOCK, s->x += BLOCK, s->packed += s->block_floats) {
    compute(s);
    for (size_t i = 0; i < n; i++) store_channels(y + i * y_step + c, channels - c, wasm_v128_load(some + BLOCK * i));
  }
  s->y_step = y_step;
}

/* Outputs of a row that share columns, and these columns. Column i * S + kx is under tap kx of output i. */
typedef struct {
  int32_t K, S, n;
  int32_t from, to; /* the columns inside the input */
} line;

/* The stride of a window over columns that are a dilation apart; 0: none of those that have tiles. */
static int32_t stride_in_columns(const xj_axis *w) {
  if (w->kernel != 3 && w->kernel != 5) return 0;
  if (w->dilation % w->stride == 0) return 1;
  return w->dilation == 1 && w->stride == 2 ? 2 : 0;
}

/* So many of the columns at `first`, first + step … lie before `end`. */
static int32_t columns_before(int32_t end, int32_t first, int32_t step) {
  return end <= first ? 0 : (end - first + step - 1) / step;
}

static int32_t limit(int32_t value, int32_t most) { return value < 0 ? 0 : value < most ? value : most; }

static int32_t columns_of(const line *l, int32_t slots) { return (slots - 1) * l->S + l->K; }

/* Lays a tile of `slots` outputs from output `done` on, or at the end: what was computed then is again, to the same
 * bits. Its first output. */
static int32_t place_tile(stretch *s, const line *l, int32_t slots, int32_t done) {
  const int32_t at = l->n < slots ? 0 : done < l->n - slots ? done : l->n - slots;
  s->from = limit(l->from - at * l->S, columns_of(l, slots));
  s->to = limit(l->to - at * l->S, columns_of(l, slots));
  return at;
}

/* The outputs first, first + apart, first + 2 * apart … of a row. */
static void compute_line(const row *r, int32_t first, int32_t apart, int32_t S) {
  const xj_axis *h = &r->d->window.h, *w = &r->d->window.w;
  const int32_t K = w->kernel, origin = first * w->stride - w->pad;
  const line l = {K, S, (w->output - first + apart - 1) / apart, columns_before(0, origin, w->dilation),
                  columns_before(w->input, origin, w->dilation)};
  const size_t channels = r->out_channels;
  stretch s = {.block_floats = block_floats((size_t)(h->kernel * K)),
               .first_weight = BLOCK * (1 + (size_t)(r->ky_from * K)),
               .x_step = (size_t)w->dilation * channels,
               .x_row_step = (size_t)h->dilation * (size_t)w->input * channels,
               .y_step = (size_t)apart * channels,
               .rows = r->ky_to - r->ky_from,
               .activate = &r->d->activate};
  for (int32_t done = 0; done < l.n;) {
    int32_t slots = l.n >= WIDE && l.n - done > NARROW ? WIDE : NARROW, at = place_tile(&s, &l, slots, done);
    if (slots == WIDE && K == 3 && (s.from > 1 || s.to < columns_of(&l, WIDE) - 1))
      at = place_tile(&s, &l, slots = NARROW, done);
    const int32_t columns = columns_of(&l, slots);
    compute_fn *compute =
        slots == NARROW ? narrow_fns[K == 5][S == 2] : wide_fns[K == 5][S == 2][(s.from > 0) + 2 * (s.to < columns)];
    int32_t tiles = 1;
    if (s.from == 0 && s.to == columns && l.n >= slots) {
      const int32_t inside = (l.to - at * S - columns) / (slots * S) + 1, all = (l.n - at) / slots;
      tiles = inside < all ? inside : all;
      if (tiles > MOST_TILES) tiles = MOST_TILES;
    }
    s.tiles = (size_t)tiles;
    s.x = r->x + (ptrdiff_t)(origin + at * S * w->dilation) * (ptrdiff_t)channels;
    s.y = r->y + (size_t)(first + at * apart) * channels;
    s.packed = r->d->packed;
    s.blocks = l.n < slots ? 0 : channels / BLOCK;
    const size_t whole = s.blocks * BLOCK;
    if (whole > 0) compute(&s);
    s.x += whole;
    s.y += whole;
    s.packed += s.blocks * s.block_floats;
    if (whole < channels) compute_some(&s, compute, channels - whole, (size_t)(l.n < slots ? l.n : tiles * slots));
    done = at + tiles * slots;
  }
}

/* ---- any window ---- */

/* Four channels of a row. */
typedef struct {
  const float *x, *packed;
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
  return b;
}

INLINE v128_t load_input(const block *b, const float *x, bool consecutive) {
  if (consecutive) return wasm_v128_load(x);
  return wasm_f32x4_make(x[b->lane[0]], x[b->lane[1]], x[b->lane[2]], x[b->lane[3]]);
}

/* One output: the taps [kx_from, kx_to) are inside. */
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
  const xj_activate *a = &r->d->activate;
  if (a->kind == XJ_ACTIVATION_CLAMP)
    sum = xj_clamp4(sum, wasm_v128_load32_splat(&a->min), wasm_v128_load32_splat(&a->max));
  store_channels(r->y + (size_t)ox * r->out_channels + c, b->n, sum);
}

INLINE void compute_outputs(const row *r, bool consecutive) {
  const xj_axis *w = &r->d->window.w;
  const size_t taps = (size_t)r->d->window.h.kernel * (size_t)w->kernel;
  for (int32_t ox = 0; ox < w->output; ox++) {
    int32_t from, to;
    xj_axis_taps(w, ox, &from, &to);
    for (size_t c = 0; c < r->out_channels; c += BLOCK) {
      block b = block_at(r, c, taps, consecutive);
      one_output(r, &b, ox, c, from, to, consecutive);
    }
  }
}

/* ---- rows ---- */

static void compute_row(const row *r) {
  const xj_axis *w = &r->d->window.w;
  const int32_t stride = r->d->multiplier == 1 ? stride_in_columns(w) : 0,
                apart = stride == 1 ? w->dilation / w->stride : 1;
  if (r->d->multiplier != 1)
    compute_outputs(r, false);
  else if (stride == 0)
    compute_outputs(r, true);
  else
    for (int32_t first = 0; first < apart && first < w->output; first++) compute_line(r, first, apart, stride);
}

typedef struct {
  const xj_depthwise *depthwise;
  const float *x, *slope;
  float *y;
} task;

static void compute_rows(task *t, size_t first, size_t n_rows) {
  const xj_depthwise *d = t->depthwise;
  const xj_axis *h = &d->window.h, *w = &d->window.w;
  row r = {.d = d, .out_channels = d->in_channels * d->multiplier};
  for (size_t i = first; i < first + n_rows; i++) {
    size_t batch = i / (size_t)h->output;
    int32_t oy = (int32_t)(i % (size_t)h->output);
    xj_axis_taps(h, oy, &r.ky_from, &r.ky_to);
    int32_t iy = r.ky_from < r.ky_to ? oy * h->stride - h->pad + r.ky_from * h->dilation : 0;
    r.x = t->x + (batch * (size_t)h->input + (size_t)iy) * (size_t)w->input * d->in_channels;
    r.y = t->y + i * (size_t)w->output * r.out_channels;
    compute_row(&r);
    if (d->activate.kind == XJ_ACTIVATION_PRELU) /* while the row is in the nearest cache */
      xj_activate_stretch(&d->activate, t->slope, (size_t)w->output, r.out_channels, r.y, r.y);
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
