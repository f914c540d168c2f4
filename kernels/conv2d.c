/* The op conv2d: x [N,H,W,C], filter [KH,KW,C/groups,OC], on XNNPACK's convolution; groups of one channel in and one
 * out are a depthwise convolution, whose filter has the same bytes. */
#include <math.h>

#include "kernels/depthwise.h"
#include "kernels/gemm_f32.h"
#include "kernels/layer.h"
#include "kernels/pack_f32.h"
#include "kernels/xnn_operator.h"
#include "src/heap.h"

typedef struct {
  bool is_depthwise, is_gemm;
  xj_depthwise depthwise;
  xnn_operator_t operator;
  xj_xnn_weights weights;
  size_t rows, channels; /* of the output, for the activation that XNNPACK does not have */
  xj_activate activate;
} conv2d;

static const xj_activation *activation_of(const xj_node_view *node) {
  return (const xj_activation *)&((const xj_conv2d_attributes *)node->attributes)->activation;
}

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const xj_type *filter = &node->inputs[XJ_WEIGHT];
  return xj_window_make((const xj_window_attributes *)node->attributes, &node->inputs[XJ_X], filter->dims[0],
                        filter->dims[1], window);
}

static xj_pack_shape pack_shape_of(const xj_node_view *node) {
  const int32_t *filter = node->inputs[XJ_WEIGHT].dims;
  size_t groups = (size_t)(node->inputs[XJ_X].dims[3] / filter[2]);
  return (xj_pack_shape){groups, (size_t)(filter[0] * filter[1]), (size_t)filter[2], (size_t)filter[3] / groups};
}

static bool is_depthwise(const xj_pack_shape *shape) { return shape->in == 1 && shape->out == 1; }

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *filter = &node->inputs[XJ_WEIGHT];
  if (filter->rank != 4)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of [KH,KW,C,OC]", xj_type_text(filter));
  xj_window window;
  XJ_TRY(window_of(node, &window));
  int32_t in = filter->dims[2], out = filter->dims[3];
  if (in < 1 || out < 1 || x->dims[3] < 1 || x->dims[3] % in != 0)
    return xj_fail(XJ_BAD_SHAPE, "input has %d channels, filter expects %d", x->dims[3], in);
  if (out % (x->dims[3] / in) != 0)
    return xj_fail(XJ_BAD_SHAPE, "%d output channels do not divide into %d groups", out, x->dims[3] / in);
  XJ_TRY(xj_layer_check(node, activation_of(node), out));
  xj_pack_shape shape = pack_shape_of(node);
  XJ_TRY(xj_pack_f32_check(&shape));
  const bool is_blind =
      x->dims[0] > 0 && (x->dims[1] == 0 || x->dims[2] == 0) && window.h.output > 0 && window.w.output > 0;
  if (is_blind && !is_depthwise(&shape)) /* XNNPACK takes no empty image */
    return xj_fail(XJ_UNSUPPORTED, "x has shape %s: its windows see padding only", xj_type_text(x));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.output, window.w.output, out}};
  return XJ_OK;
}

static size_t packed_bytes(const xj_node_view *node) {
  xj_pack_shape shape = pack_shape_of(node);
  return is_depthwise(&shape) ? xj_depthwise_packed_bytes(shape.taps, shape.groups) : xj_pack_f32_bytes(&shape);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  xj_pack_shape shape = pack_shape_of(node);
  if (is_depthwise(&shape))
    xj_depthwise_pack(shape.taps, shape.groups, input == XJ_BIAS, weight, packed);
  else if (input == XJ_BIAS)
    xj_pack_f32_bias(&shape, weight, packed);
  else
    xj_pack_f32_weight(&shape, false, weight, packed);
}

/* XNNPACK keeps a pointer for each tap of each output pixel, and multiplies their bytes unchecked. */
static xj_status check_pointers(const xj_window *window, const xj_pack_shape *shape) {
  uint64_t pixels = (uint64_t)window->h.output * (uint64_t)window->w.output + XJ_GEMM_MR;
  if (pixels <= INT32_MAX / sizeof(void *) / shape->taps) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "a window of %d × %d at %d × %d places is more than can be addressed",
                 window->h.kernel, window->w.kernel, window->h.output, window->w.output);
}

static xj_status prepare_operator(conv2d *state, const xj_node_view *node, const xj_window *window,
                                  const xj_pack_shape *shape, xj_prepare *prepare) {
  const xj_axis *h = &window->h, *w = &window->w;
  if (!state->is_gemm) XJ_TRY(check_pointers(window, shape));
  bool clamps = state->activate.kind == XJ_ACTIVATION_CLAMP;
  xj_xnn_weights_init(&state->weights, prepare->packed);
  enum xnn_status status = xnn_create_convolution2d_nhwc_f32(
      (uint32_t)h->pad, (uint32_t)w->pad_end, (uint32_t)h->pad_end, (uint32_t)w->pad, (uint32_t)h->kernel,
      (uint32_t)w->kernel, (uint32_t)h->stride, (uint32_t)w->stride, (uint32_t)h->dilation, (uint32_t)w->dilation,
      (uint32_t)shape->groups, shape->in, shape->out, shape->groups * shape->in, shape->groups * shape->out,
      prepare->packed, NULL, clamps ? state->activate.min : -INFINITY, clamps ? state->activate.max : INFINITY, 0, NULL,
      &state->weights.provider, &state->operator);
  XJ_TRY(xj_xnn_status(status, "convolution"));
  if (state->operator== NULL) return XJ_OUT_OF_MEMORY; /* XNNPACK calls it a success that it got no row of zeros */
  size_t workspace_alignment, output_h, output_w;
  status = xnn_reshape_convolution2d_nhwc_f32(state->operator,(size_t) node->inputs[XJ_X].dims[0], (size_t)h->input,
                                              (size_t)w->input, &prepare->scratch_bytes, &workspace_alignment,
                                              &output_h, &output_w, prepare->threads);
  return xj_xnn_status(status, "convolution");
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  conv2d *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  xj_window window;
  XJ_TRY(window_of(node, &window));
  xj_pack_shape shape = pack_shape_of(node);
  state->activate = xj_activate_make(node, activation_of(node), XJ_SLOPE);
  state->rows = xj_type_span(node->output, 0, 3);
  state->channels = (size_t)node->output->dims[3];
  state->is_depthwise = is_depthwise(&shape);
  state->is_gemm = shape.taps == 1 && window.h.stride == 1 && window.w.stride == 1 &&
                   window.h.pad + window.h.pad_end + window.w.pad + window.w.pad_end == 0;
  if (!state->is_depthwise) return prepare_operator(state, node, &window, &shape, prepare);
  state->depthwise = (xj_depthwise){.window = window,
                                    .batch = (size_t)node->inputs[XJ_X].dims[0],
                                    .in_channels = shape.groups,
                                    .multiplier = 1,
                                    .activate = state->activate,
                                    .packed = prepare->packed};
  state->depthwise.rows_per_task = xj_depthwise_rows_per_task(&state->depthwise, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  conv2d *state = opaque;
  const float *x = run->inputs[XJ_X];
  const float *slope = state->activate.kind == XJ_ACTIVATION_PRELU ? run->inputs[XJ_SLOPE] : NULL;
  if (state->is_depthwise) {
    xj_depthwise_run(&state->depthwise, x, slope, run->output, run->threads);
    return XJ_OK;
  }
  XJ_TRY(xj_xnn_status(xnn_setup_convolution2d_nhwc_f32(state->operator, run->scratch, x, run->output), "convolution"));
  XJ_TRY(xj_xnn_status(xnn_run_operator(state->operator, run->threads), "convolution"));
  if (state->activate.kind == XJ_ACTIVATION_PRELU)
    xj_activate_rows(&state->activate, slope, state->rows, state->channels, run->output, run->output, run->threads);
  return XJ_OK;
}

static void release(void *opaque) {
  conv2d *state = opaque;
  xnn_delete_operator(state->operator);
  xj_free(state);
}

static double flops(const xj_node_view *node) {
  const int32_t *filter = node->inputs[XJ_WEIGHT].dims;
  return 2.0 * (double)xj_type_elements(node->output) * filter[0] * filter[1] * filter[2];
}

static const char *describe(const void *opaque) {
  const conv2d *state = opaque;
  return state->is_depthwise ? "depthwise" : state->is_gemm ? "xnn gemm 4x8" : "xnn igemm 4x8";
}

const xj_kernel xj_conv2d_kernel = {.infer = infer,
                                    .packed_bytes = packed_bytes,
                                    .pack = pack,
                                    .prepare = prepare,
                                    .run = run,
                                    .release = release,
                                    .flops = flops,
                                    .describe = describe};
