/* The op conv2d_transpose: each phase of its outputs (phases.h) is a convolution of its own with a part of the filter;
 * nothing is scattered, nothing is multiplied by the zeros between inputs. */
#include <math.h>
#include <string.h>

#include "kernels/epilogue.h"
#include "kernels/layer.h"
#include "kernels/phases.h"
#include "kernels/window.h"
#include "src/heap.h"

enum { NR = XJ_GEMM_NR };

typedef xj_conv2d_transpose_attributes attributes;

typedef struct {
  xj_indirect indirect;
  const float *packed;
  xj_epilogue epilogue;
  xj_indirect_part parts[]; /* a phase each, row by row */
} transposed;

static const attributes *attributes_of(const xj_node_view *node) { return node->attributes; }

static const xj_activation *activation_of(const xj_node_view *node) {
  return (const xj_activation *)&attributes_of(node)->activation;
}

/* The filter, whatever its layout. */
typedef struct {
  int32_t kernel_h, kernel_w, in, out;
  size_t h_step, w_step, out_step; /* in floats */
} filter;

static filter filter_of(const xj_node_view *node) {
  const int32_t *d = node->inputs[XJ_WEIGHT].dims;
  const size_t a = (size_t)d[1] * (size_t)d[2] * (size_t)d[3], b = (size_t)d[2] * (size_t)d[3], c = (size_t)d[3];
  return attributes_of(node)->filter_layout == 1 ? (filter){d[1], d[2], d[3], d[0], b, c, a}
                                                 : (filter){d[0], d[1], d[3], d[2], a, b, c};
}

/* Its output along one axis: as the attribute says, for x of another size than declared so much larger. */
static int64_t output_size(const xj_node_view *node, int32_t axis, int32_t wanted, int32_t kernel, int32_t stride,
                           int32_t dilation, int32_t padding) {
  const int64_t input = node->inputs[XJ_X].dims[axis];
  const int64_t step = stride == 0 ? 1 : stride, spread = dilation == 0 ? 1 : dilation;
  if (wanted != 0) return wanted + (node->declared == NULL ? 0 : (input - node->declared[XJ_X].dims[axis]) * step);
  if (attributes_of(node)->padding == XJ_PADDING_SAME) return input * step;
  return (input - 1) * step + (kernel - 1) * spread + 1 - padding;
}

/* The window by which a convolution of the output would give x. */
static xj_status window_of(const xj_node_view *node, const filter *f, xj_window *window) {
  const attributes *a = attributes_of(node);
  const xj_type *x = &node->inputs[XJ_X];
  const int64_t h = output_size(node, 1, a->out_h, f->kernel_h, a->stride_h, a->dilation_h, a->pad_top + a->pad_bottom);
  const int64_t w = output_size(node, 2, a->out_w, f->kernel_w, a->stride_w, a->dilation_w, a->pad_left + a->pad_right);
  if (h < 0 || h > INT32_MAX || w < 0 || w > INT32_MAX)
    return xj_fail(XJ_BAD_SHAPE, "it makes %lld × %lld pixels", (long long)h, (long long)w);
  const xj_type y = {XJ_FLOAT32, 4, {x->dims[0], (int32_t)h, (int32_t)w, f->out}};
  XJ_TRY(xj_window_make((const xj_window_attributes *)a, &y, f->kernel_h, f->kernel_w, window));
  if (window->h.output == x->dims[1] && window->w.output == x->dims[2]) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE,
                 "it makes %d × %d pixels, of which a convolution has %d × %d, not those of x with shape %s", y.dims[1],
                 y.dims[2], window->h.output, window->w.output, xj_type_text(x));
}

static uint64_t packed_floats(const filter *f, const xj_window *w) {
  const uint64_t phases = (uint64_t)w->h.stride * (uint64_t)w->w.stride;
  const uint64_t taps = (uint64_t)f->kernel_h * (uint64_t)f->kernel_w;
  return ((uint64_t)f->out + NR - 1) / NR * NR * (phases + taps * (uint64_t)f->in);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *weight = &node->inputs[XJ_WEIGHT];
  if (weight->rank != 4) return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of 4 axes", xj_type_text(weight));
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  const int32_t layout = attributes_of(node)->filter_layout;
  if (layout != 0 && layout != 1) return xj_fail(XJ_BAD_MODEL, "there is no filter layout %d", layout);
  const filter f = filter_of(node);
  if (f.in < 1 || f.out < 1 || x->dims[3] != f.in)
    return xj_fail(XJ_BAD_SHAPE, "input has %d channels, filter makes %d of %d", x->dims[3], f.out, f.in);
  XJ_TRY(xj_layer_check(node, activation_of(node), f.out));
  xj_window window;
  XJ_TRY(window_of(node, &f, &window));
  const int32_t sh = window.h.stride, sw = window.w.stride;
  if (sh > XJ_PHASES_OF_AXIS || sw > XJ_PHASES_OF_AXIS || sh * sw > XJ_PHASES)
    return xj_fail(XJ_UNSUPPORTED, "strides of %d × %d", sh, sw);
  XJ_TRY(xj_indirect_check((size_t)f.kernel_h * (size_t)f.kernel_w));
  if (packed_floats(&f, &window) > INT32_MAX / sizeof(float))
    return xj_fail(XJ_UNSUPPORTED, "its weights have %llu floats when packed",
                   (unsigned long long)packed_floats(&f, &window));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.input, window.w.input, f.out}};
  return xj_layer_check_residual(node, output);
}

/* Where the weights of a phase start: for each block of NR channels NR biases, then [taps][in][NR]. */
static size_t start_of(const filter *f, const xj_phases *h, const xj_phases *w, int32_t ph, int32_t pw) {
  const size_t taps =
      (size_t)h->before[ph] * (size_t)f->kernel_w + (size_t)xj_phase_taps(h, ph) * (size_t)w->before[pw];
  const size_t earlier = (size_t)ph * (size_t)w->stride + (size_t)pw;
  return ((size_t)f->out + NR - 1) / NR * NR * (earlier + taps * (size_t)f->in);
}

static size_t packed_bytes(const xj_node_view *node) {
  const filter f = filter_of(node);
  xj_window window;
  return window_of(node, &f, &window) == XJ_OK ? (size_t)packed_floats(&f, &window) * sizeof(float) : 0;
}

/* Reads one channel's weights of one tap into its column. */
static void pack_column(const filter *f, const xj_weight *weight, size_t offset, float *column) {
  enum { STRETCH = 256 };
  float values[STRETCH];
  for (size_t i = 0, n; i < (size_t)f->in; i += n) {
    n = (size_t)f->in - i < STRETCH ? (size_t)f->in - i : STRETCH;
    xj_weight_read(weight, offset + i, n, values);
    for (size_t k = 0; k < n; k++) column[(i + k) * NR] = values[k];
  }
}

/* What pack, scale and prepare walk over. */
typedef struct {
  filter f;
  xj_window window;
  xj_phases h, w;
} walk;

static walk walk_of(const xj_node_view *node) {
  walk t = {.f = filter_of(node)};
  if (window_of(node, &t.f, &t.window) != XJ_OK) return (walk){0}; /* infer has seen to that */
  t.h = xj_phases_make(t.window.h.stride, t.window.h.dilation, t.f.kernel_h);
  t.w = xj_phases_make(t.window.w.stride, t.window.w.dilation, t.f.kernel_w);
  return t;
}

static void pack_tap(const walk *t, int32_t kh, int32_t kw, const xj_weight *weight, float *packed) {
  const int32_t ph = (int32_t)((int64_t)kh * t->window.h.dilation % t->h.stride);
  const int32_t pw = (int32_t)((int64_t)kw * t->window.w.dilation % t->w.stride);
  const size_t in = (size_t)t->f.in, columns = (size_t)xj_phase_taps(&t->w, pw);
  const size_t taps = (size_t)xj_phase_taps(&t->h, ph) * columns;
  const size_t tap = (size_t)(kh / t->h.period) * columns + (size_t)(kw / t->w.period);
  float *to = packed + start_of(&t->f, &t->h, &t->w, ph, pw) + NR * (1 + tap * in);
  for (size_t out = 0; out < (size_t)t->f.out; out++)
    pack_column(&t->f, weight, (size_t)kh * t->f.h_step + (size_t)kw * t->f.w_step + out * t->f.out_step,
                to + out / NR * NR * (1 + taps * in) + out % NR);
}

static size_t rows_of(const walk *t, int32_t ph, int32_t pw) {
  return (size_t)xj_phase_taps(&t->h, ph) * (size_t)xj_phase_taps(&t->w, pw) * (size_t)t->f.in;
}

static void pack_bias(const walk *t, int32_t ph, int32_t pw, const xj_weight *bias, float *packed) {
  float *to = packed + start_of(&t->f, &t->h, &t->w, ph, pw);
  const size_t block = NR * (1 + rows_of(t, ph, pw)), channels = (size_t)t->f.out;
  for (size_t out = 0; out < channels; out += NR, to += block)
    xj_weight_read(bias, out, channels - out < NR ? channels - out : NR, to);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  const walk t = walk_of(node);
  if (input == XJ_BIAS)
    for (int32_t ph = 0; ph < t.h.stride; ph++)
      for (int32_t pw = 0; pw < t.w.stride; pw++) pack_bias(&t, ph, pw, weight, packed);
  else
    for (int32_t kh = 0; kh < t.f.kernel_h; kh++)
      for (int32_t kw = 0; kw < t.f.kernel_w; kw++) pack_tap(&t, kh, kw, weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  const walk t = walk_of(node);
  for (int32_t ph = 0; ph < t.h.stride; ph++)
    for (int32_t pw = 0; pw < t.w.stride; pw++) {
      const size_t rows = rows_of(&t, ph, pw);
      float *phase = (float *)packed + start_of(&t.f, &t.h, &t.w, ph, pw);
      for (size_t out = 0; out < (size_t)t.f.out; out++) {
        float *column = phase + out / NR * NR * (1 + rows) + out % NR;
        for (size_t row = 1; row <= rows; row++) column[row * NR] *= scale[out];
      }
    }
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const walk t = walk_of(node);
  const size_t n_h = (size_t)t.h.stride, n_w = (size_t)t.w.stride;
  xj_lane *lanes = xj_alloc((n_h + n_w) * sizeof *lanes, XJ_HEAP_GENERAL);
  if (lanes == NULL) return XJ_OUT_OF_MEMORY;
  transposed *state = xj_alloc_zeroed(sizeof *state + n_h * n_w * sizeof *state->parts, XJ_HEAP_GENERAL);
  prepare->state = state;
  if (state != NULL) {
    xj_phase_lanes(&t.window.h, &t.h, lanes);
    xj_phase_lanes(&t.window.w, &t.w, lanes + n_h);
    for (size_t i = 0; i < n_h * n_w; i++)
      state->parts[i] =
          (xj_indirect_part){.axes = {xj_lane_of_one(), lanes[i / n_w], lanes[n_h + i % n_w]},
                             .weights = start_of(&t.f, &t.h, &t.w, (int32_t)(i / n_w), (int32_t)(i % n_w))};
  }
  xj_free(lanes);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->packed = prepare->packed;
  state->epilogue = xj_epilogue_make(node, activation_of(node), false);
  const xj_activate *inner = &state->epilogue.inner;
  state->indirect = (xj_indirect){.batch = (size_t)node->inputs[XJ_X].dims[0],
                                  .groups = 1,
                                  .in = (size_t)t.f.in,
                                  .out = (size_t)t.f.out,
                                  .x = {1, t.window.h.output, t.window.w.output},
                                  .y = {1, t.window.h.input, t.window.w.input},
                                  .limits = {inner->min, inner->max},
                                  .is_linear = inner->kind != XJ_ACTIVATION_CLAMP,
                                  .n_parts = n_h * n_w,
                                  .parts = state->parts};
  xj_indirect_plan(&state->indirect);
  prepare->scratch_bytes = xj_indirect_scratch_bytes(&state->indirect, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const transposed *state = opaque;
  xj_indirect_run(&state->indirect, run->inputs[XJ_X], state->packed, run->output, run->scratch, run->threads);
  xj_epilogue_run(&state->epilogue, run);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const filter f = filter_of(node);
  return 2.0 * (double)xj_type_elements(&node->inputs[XJ_X]) * f.kernel_h * f.kernel_w * f.out;
}

const xj_kernel xj_conv2d_transpose_kernel = {.infer = infer,
                                              .packed_bytes = packed_bytes,
                                              .pack = pack,
                                              .scale = scale,
                                              .prepare = prepare,
                                              .run = run,
                                              .flops = flops};
