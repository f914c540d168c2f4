/* The op q_depthwise_conv2d: x [N,H,W,C], filter [KH,KW,C,M]. Taps in pairs, so that one dot product adds two. */
#include "kernels/q_image.h"
#include "kernels/q_layer.h"
#include "kernels/window.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

enum { TILE = 4 /* outputs of a row that share a load of each weight */, TASKS_PER_THREAD = 4 };

typedef struct {
  xj_q_image image;
  xj_q_layout layout;
  xj_q_output output;
  size_t batch, lines, columns, x_line, x_step, channels, pairs, lines_per_task;
  int32_t filter_zero;
  const char *packed;
  int32_t offsets[]; /* [2 * pairs], of the taps in the image; where they are odd in number, the last one twice */
} depthwise;

static const xj_q_attributes *attributes_of(const xj_node_view *node) {
  return (const xj_q_attributes *)&((const xj_q_depthwise_conv2d_attributes *)node->attributes)->x_scale;
}

static size_t taps_of(const xj_node_view *node) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return (size_t)f[0] * (size_t)f[1];
}

/* Weights of a block: for each pair of taps, two of each of the 8 channels. */
static xj_q_layout layout_of(const xj_node_view *node) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return (xj_q_layout){1, (size_t)f[2] * (size_t)f[3], ((uint64_t)taps_of(node) + 1) / 2 * 2 * XJ_Q_BLOCK};
}

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return xj_window_make((const xj_window_attributes *)node->attributes, &node->inputs[XJ_X], f[0], f[1], window);
}

static xj_q_image image_of(const xj_node_view *node, const xj_window *window) {
  return (xj_q_image){.height = (size_t)window->h.input,
                      .width = (size_t)window->w.input,
                      .channels = (size_t)node->inputs[XJ_X].dims[3],
                      .repeat = (size_t)node->inputs[XJ_WEIGHT].dims[3],
                      .top = (size_t)window->h.pad,
                      .bottom = (size_t)window->h.pad_end,
                      .left = (size_t)window->w.pad,
                      .right = (size_t)window->w.pad_end,
                      .zero = attributes_of(node)->x_zero,
                      .is_unsigned = node->inputs[XJ_X].dtype == XJ_UINT8};
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *filter = &node->inputs[XJ_WEIGHT];
  if (filter->rank != 4)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of [KH,KW,C,M]", xj_type_text(filter));
  xj_window window;
  XJ_TRY(window_of(node, &window));
  int64_t channels = (int64_t)filter->dims[2] * filter->dims[3];
  if (x->dims[3] != filter->dims[2] || channels < 1 || channels > INT32_MAX / 2)
    return xj_fail(XJ_BAD_SHAPE, "input has %d channels, filter %d times %d", x->dims[3], filter->dims[2],
                   filter->dims[3]);
  XJ_TRY(xj_q_layer_check(node, attributes_of(node), (int32_t)channels));
  xj_q_layout layout = layout_of(node);
  XJ_TRY(xj_q_layout_check(&layout));
  xj_q_image image = image_of(node, &window);
  XJ_TRY(xj_q_image_check(&image));
  *output = (xj_type){x->dtype, 4, {x->dims[0], window.h.output, window.w.output, (int32_t)channels}};
  return XJ_OK;
}

static size_t packed_bytes(const xj_node_view *node) {
  xj_q_layout layout = layout_of(node);
  return xj_q_packed_bytes(&layout);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  xj_q_layout layout = layout_of(node);
  if (input == XJ_BIAS) {
    xj_q_pack_bias(&layout, weight, packed);
    return;
  }
  const size_t taps = taps_of(node);
  const int8_t zero = (int8_t)xj_q_filter_zero(node, attributes_of(node));
  for (size_t c = 0; c < layout.out; c++) {
    int8_t *w = (int8_t *)packed + c / XJ_Q_BLOCK * xj_q_block_bytes(&layout) + sizeof(xj_q_head) + c % XJ_Q_BLOCK * 2;
    for (size_t tap = 0; tap < taps; tap++)
      w[tap / 2 * 2 * XJ_Q_BLOCK + tap % 2] = xj_q_byte(weight, tap * layout.out + c);
    if (taps % 2) w[taps / 2 * 2 * XJ_Q_BLOCK + 1] = zero; /* counts as 0 */
  }
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  xj_q_layout layout = layout_of(node);
  xj_q_pack_scale(node, attributes_of(node), &layout, scale, node->inputs[XJ_X].dtype == XJ_UINT8, packed);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const size_t taps = taps_of(node), pairs = (taps + 1) / 2;
  xj_window window;
  XJ_TRY(window_of(node, &window));
  depthwise *state = prepare->state = xj_alloc_zeroed(sizeof *state + 2 * pairs * sizeof(int32_t), XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->image = image_of(node, &window);
  state->layout = layout_of(node);
  state->output = xj_q_output_make(node, attributes_of(node));
  state->batch = (size_t)node->inputs[XJ_X].dims[0];
  state->lines = (size_t)window.h.output;
  state->columns = (size_t)window.w.output;
  const size_t pixel = xj_q_pixel(&state->image), row = xj_q_row(&state->image), columns = (size_t)window.w.kernel;
  state->x_line = (size_t)window.h.stride * row;
  state->x_step = (size_t)window.w.stride * pixel;
  state->channels = state->layout.out;
  state->pairs = pairs;
  state->filter_zero = xj_q_filter_zero(node, attributes_of(node));
  state->packed = prepare->packed;
  for (size_t i = 0; i < 2 * pairs; i++) {
    size_t tap = i < taps ? i : taps - 1;
    state->offsets[i] =
        (int32_t)(tap / columns * (size_t)window.h.dilation * row + tap % columns * (size_t)window.w.dilation * pixel);
  }
  const size_t tasks = prepare->n_threads == 1 ? 1 : prepare->n_threads * TASKS_PER_THREAD;
  state->lines_per_task = (state->lines + tasks - 1) / tasks;
  prepare->scratch_bytes = xj_q_image_bytes(&state->image);
  return XJ_OK;
}

/* `tile` outputs of one block. */
INLINE void compute_tile(const depthwise *d, size_t tile, const int16_t *x, const xj_q_head *block, size_t channels,
                         uint8_t *y, bool shifted) {
  const int8_t *w = (const int8_t *)(block + 1);
  const v128_t zero = wasm_i16x8_splat((int16_t)d->filter_zero);
  v128_t low[TILE], high[TILE];
  for (size_t i = 0; i < tile; i++) {
    low[i] = wasm_v128_load(block->bias);
    high[i] = wasm_v128_load(block->bias + 4);
  }
  for (size_t p = 0; p < d->pairs; p++, w += 2 * XJ_Q_BLOCK) {
    v128_t w_low = wasm_i16x8_load8x8(w), w_high = wasm_i16x8_load8x8(w + 8);
    if (shifted) {
      w_low = wasm_i16x8_sub(w_low, zero);
      w_high = wasm_i16x8_sub(w_high, zero);
    }
    const int16_t *x0 = x + d->offsets[2 * p], *x1 = x + d->offsets[2 * p + 1];
    for (size_t i = 0; i < tile; i++) {
      const v128_t a = wasm_v128_load(x0 + i * d->x_step), b = wasm_v128_load(x1 + i * d->x_step);
      const v128_t first = wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
      const v128_t second = wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
      low[i] = wasm_i32x4_add(low[i], wasm_i32x4_dot_i16x8(first, w_low));
      high[i] = wasm_i32x4_add(high[i], wasm_i32x4_dot_i16x8(second, w_high));
    }
  }
  for (size_t i = 0; i < tile; i++) xj_q_finish(&d->output, block, low[i], high[i], channels, y + i * d->channels);
}

INLINE void compute_line(const depthwise *d, const int16_t *x, uint8_t *y, bool shifted) {
  for (size_t c = 0; c < d->channels; c += XJ_Q_BLOCK) {
    const xj_q_head *block = (const xj_q_head *)(d->packed + c / XJ_Q_BLOCK * xj_q_block_bytes(&d->layout));
    const size_t left = d->channels - c, n = left < XJ_Q_BLOCK ? left : XJ_Q_BLOCK;
    size_t o = 0;
    for (; o + TILE <= d->columns; o += TILE)
      compute_tile(d, TILE, x + o * d->x_step + c, block, n, y + o * d->channels + c, shifted);
    for (; o < d->columns; o++) compute_tile(d, 1, x + o * d->x_step + c, block, n, y + o * d->channels + c, shifted);
  }
}

typedef struct {
  const depthwise *depthwise;
  const int16_t *image;
  uint8_t *y;
} task;

static void compute_lines(const task *t, size_t first, size_t n) {
  const depthwise *d = t->depthwise;
  for (size_t line = first; line < first + n; line++) {
    const int16_t *x = t->image + line * d->x_line;
    uint8_t *y = t->y + line * d->columns * d->channels;
    if (d->filter_zero == 0)
      compute_line(d, x, y, false);
    else
      compute_line(d, x, y, true);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const depthwise *d = opaque;
  const size_t x_bytes = d->image.height * d->image.width * d->image.channels;
  for (size_t i = 0; i < d->batch; i++) {
    task t = {d, run->scratch, (uint8_t *)run->output + i * d->lines * d->columns * d->channels};
    xj_q_image_make(&d->image, (const uint8_t *)run->inputs[XJ_X] + i * x_bytes, run->scratch, run->threads);
    pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute_lines, &t, d->lines,
                                       d->lines_per_task, 0);
  }
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  return 2.0 * (double)xj_type_elements(node->output) * (double)taps_of(node);
}

const xj_kernel xj_q_depthwise_conv2d_kernel = {.infer = infer,
                                                .packed_bytes = packed_bytes,
                                                .pack = pack,
                                                .scale = scale,
                                                .prepare = prepare,
                                                .run = run,
                                                .flops = flops};
