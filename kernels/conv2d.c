/* The op conv2d: x [N,H,W,C], filter [KH,KW,C/groups,OC] or [OC,KH,KW,C/groups]. Groups of one channel in
 * and one out are a depthwise convolution, whose filter has the same bytes; what needs pointers to its inputs is
 * XNNPACK's. */
#include "kernels/conv2d.h"

#include <math.h>

#include "kernels/depthwise.h"
#include "kernels/epilogue.h"
#include "kernels/layer.h"
#include "kernels/pack_f32.h"
#include "kernels/window_product.h"
#include "kernels/xnn_convolution.h"
#include "src/heap.h"

typedef struct {
  enum { DEPTHWISE, POINTWISE, WINDOW, POINTERS } way;
  xj_depthwise depthwise;
  xj_product_layer pointwise;
  xj_window_product window;
  xnn_operator_t operator;
  xj_epilogue epilogue;
} conv2d;

static const xj_activation *activation_of(const xj_node_view *node) {
  return (const xj_activation *)&((const xj_conv2d_attributes *)node->attributes)->activation;
}

typedef struct {
  int32_t kernel_h, kernel_w, in, out; /* in: of one group */
} filter;

bool xj_conv2d_is_out_first(const xj_node_view *node) {
  return ((const xj_conv2d_attributes *)node->attributes)->filter_layout == 1;
}

static filter filter_of(const xj_node_view *node) {
  const int32_t *dims = node->inputs[XJ_WEIGHT].dims;
  return xj_conv2d_is_out_first(node) ? (filter){dims[1], dims[2], dims[3], dims[0]}
                                      : (filter){dims[0], dims[1], dims[2], dims[3]};
}

xj_status xj_conv2d_window(const xj_node_view *node, xj_window *window) {
  const filter f = filter_of(node);
  return xj_window_make((const xj_window_attributes *)node->attributes, &node->inputs[XJ_X], f.kernel_h, f.kernel_w,
                        window);
}

xj_pack_shape xj_conv2d_pack_shape(const xj_node_view *node) {
  const filter f = filter_of(node);
  size_t groups = (size_t)(node->inputs[XJ_X].dims[3] / f.in);
  return (xj_pack_shape){groups, (size_t)f.kernel_h * (size_t)f.kernel_w, (size_t)f.in, (size_t)f.out / groups};
}

static bool is_depthwise(const xj_pack_shape *shape) { return shape->in == 1 && shape->out == 1; }

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X];
  const int32_t layout = ((const xj_conv2d_attributes *)node->attributes)->filter_layout;
  if (layout < 0 || layout > 1) return xj_fail(XJ_BAD_MODEL, "there is no filter layout %d", layout);
  if (node->inputs[XJ_WEIGHT].rank != 4)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of %s", xj_type_text(&node->inputs[XJ_WEIGHT]),
                   layout == 1 ? "[OC,KH,KW,C]" : "[KH,KW,C,OC]");
  xj_window window;
  XJ_TRY(xj_conv2d_window(node, &window));
  int32_t in = filter_of(node).in, out = filter_of(node).out;
  if (in < 1 || out < 1 || x->dims[3] < 1 || x->dims[3] % in != 0)
    return xj_fail(XJ_BAD_SHAPE, "input has %d channels, filter expects %d", x->dims[3], in);
  if (out % (x->dims[3] / in) != 0)
    return xj_fail(XJ_BAD_SHAPE, "%d output channels do not divide into %d groups", out, x->dims[3] / in);
  XJ_TRY(xj_layer_check(node, activation_of(node), out));
  xj_pack_shape shape = xj_conv2d_pack_shape(node);
  XJ_TRY(xj_pack_f32_check(&shape));
  const bool is_blind =
      x->dims[0] > 0 && (x->dims[1] == 0 || x->dims[2] == 0) && window.h.output > 0 && window.w.output > 0;
  if (is_blind && !is_depthwise(&shape)) /* XNNPACK takes no empty image */
    return xj_fail(XJ_UNSUPPORTED, "x has shape %s: its windows see padding only", xj_type_text(x));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.output, window.w.output, out}};
  return xj_layer_check_residual(node, output);
}

static size_t packed_bytes(const xj_node_view *node) {
  xj_pack_shape shape = xj_conv2d_pack_shape(node);
  return is_depthwise(&shape) ? xj_depthwise_packed_bytes(shape.taps, shape.groups) : xj_pack_f32_bytes(&shape);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  xj_pack_shape shape = xj_conv2d_pack_shape(node);
  if (is_depthwise(&shape) && xj_conv2d_is_out_first(node) && input == XJ_WEIGHT)
    xj_depthwise_pack_out_first(shape.taps, shape.groups, weight, packed);
  else if (is_depthwise(&shape))
    xj_depthwise_pack(shape.taps, shape.groups, input == XJ_BIAS, weight, packed);
  else if (input == XJ_BIAS)
    xj_pack_f32_bias(&shape, weight, packed);
  else
    xj_pack_f32_weight(&shape, xj_conv2d_is_out_first(node), weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  xj_pack_shape shape = xj_conv2d_pack_shape(node);
  if (is_depthwise(&shape))
    xj_depthwise_scale(shape.taps, shape.groups, scale, packed);
  else
    xj_pack_f32_scale(&shape, scale, packed);
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
  XJ_TRY(check_pointers(window, shape));
  const xj_activate *inner = &state->epilogue.inner;
  bool clamps = inner->kind == XJ_ACTIVATION_CLAMP;
  const xj_minmax limits = {clamps ? inner->min : -INFINITY, clamps ? inner->max : INFINITY};
  XJ_TRY(xj_xnn_convolution_create(window, shape, prepare->packed, limits, &state->operator));
  size_t workspace_alignment, output_h, output_w;
  return xj_xnn_status(
      xnn_reshape_convolution2d_nhwc_f32(state->operator,(size_t) node->inputs[XJ_X].dims[0], (size_t)window->h.input,
                                         (size_t)window->w.input, &prepare->scratch_bytes, &workspace_alignment,
                                         &output_h, &output_w, prepare->threads),
      "convolution");
}

static bool is_pointwise(const xj_window *window, const xj_pack_shape *shape) {
  return shape->groups == 1 && shape->taps == 1 && window->h.stride == 1 && window->w.stride == 1 &&
         window->h.pad + window->h.pad_end + window->w.pad + window->w.pad_end == 0;
}

static void prepare_depthwise(conv2d *state, const xj_node_view *node, const xj_window *window, size_t channels,
                              xj_prepare *prepare) {
  state->depthwise = (xj_depthwise){.window = *window,
                                    .batch = (size_t)node->inputs[XJ_X].dims[0],
                                    .in_channels = channels,
                                    .multiplier = 1,
                                    .activate = state->epilogue.inner,
                                    .packed = prepare->packed};
  state->depthwise.rows_per_task = xj_depthwise_rows_per_task(&state->depthwise, prepare->n_threads);
}

static void prepare_window(conv2d *state, const xj_node_view *node, const xj_window *window, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[XJ_X];
  state->window = (xj_window_product){.product = xj_product_make(node, activation_of(node), prepare->packed),
                                      .window = *window,
                                      .batch = (size_t)x->dims[0],
                                      .channels = (size_t)x->dims[3]};
  prepare->scratch_bytes = xj_window_product_plan(&state->window, prepare->n_threads);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  conv2d *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  xj_window window;
  XJ_TRY(xj_conv2d_window(node, &window));
  const xj_pack_shape shape = xj_conv2d_pack_shape(node);
  state->way = is_depthwise(&shape)                                             ? DEPTHWISE
               : is_pointwise(&window, &shape)                                  ? POINTWISE
               : shape.groups == 1 && xj_window_product_fits(&window, shape.in) ? WINDOW
                                                                                : POINTERS;
  state->epilogue = xj_epilogue_make(node, activation_of(node), state->way == DEPTHWISE);
  switch (state->way) {
    case DEPTHWISE: prepare_depthwise(state, node, &window, shape.groups, prepare); return XJ_OK;
    case POINTWISE: state->pointwise = xj_product_layer_make(node, activation_of(node), prepare); return XJ_OK;
    case WINDOW: prepare_window(state, node, &window, prepare); return XJ_OK;
    default: return prepare_operator(state, node, &window, &shape, prepare);
  }
}

static xj_status run_operator(const conv2d *state, const xj_run *run) {
  XJ_TRY(xj_xnn_status(xnn_setup_convolution2d_nhwc_f32(state->operator, run->scratch, run->inputs[XJ_X], run->output),
                       "convolution"));
  return xj_xnn_status(xnn_run_operator(state->operator, run->threads), "convolution");
}

static xj_status run(void *opaque, const xj_run *run) {
  const conv2d *state = opaque;
  const float *slope = state->epilogue.inner.kind == XJ_ACTIVATION_PRELU ? run->inputs[XJ_SLOPE] : NULL;
  switch (state->way) {
    case POINTWISE: xj_product_layer_run(&state->pointwise, run); return XJ_OK;
    case WINDOW: xj_window_product_run(&state->window, run); return XJ_OK;
    case DEPTHWISE: xj_depthwise_run(&state->depthwise, run->inputs[XJ_X], slope, run->output, run->threads); break;
    default: XJ_TRY(run_operator(state, run));
  }
  xj_epilogue_run(&state->epilogue, run);
  return XJ_OK;
}

static void release(void *opaque) {
  conv2d *state = opaque;
  xj_xnn_convolution_release(state->operator);
  xj_free(state);
}

static double flops(const xj_node_view *node) {
  const filter f = filter_of(node);
  return 2.0 * (double)xj_type_elements(node->output) * f.kernel_h * f.kernel_w * f.in;
}

static const char *describe(const void *opaque) {
  static const char *const names[] = {"depthwise", "product", "product of lines", "xnn igemm 4x8"};
  return names[((const conv2d *)opaque)->way];
}

const xj_kernel xj_conv2d_kernel = {.infer = infer,
                                    .packed_bytes = packed_bytes,
                                    .pack = pack,
                                    .scale = scale,
                                    .prepare = prepare,
                                    .run = run,
                                    .release = release,
                                    .flops = flops,
                                    .describe = describe};
