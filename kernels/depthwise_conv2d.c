/* The op depthwise_conv2d: x [N,H,W,C], filter [KH,KW,C,M]. */
#include "kernels/depthwise.h"
#include "kernels/epilogue.h"
#include "kernels/layer.h"
#include "src/heap.h"

typedef struct {
  xj_depthwise depthwise;
  xj_epilogue epilogue;
} depthwise_conv2d;

static const xj_depthwise_conv2d_attributes *attributes_of(const xj_node_view *node) { return node->attributes; }

static const xj_activation *activation_of(const xj_node_view *node) {
  return (const xj_activation *)&attributes_of(node)->activation;
}

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const xj_type *filter = &node->inputs[XJ_WEIGHT];
  return xj_window_make((const xj_window_attributes *)node->attributes, &node->inputs[XJ_X], filter->dims[0],
                        filter->dims[1], window);
}

static size_t taps_of(const xj_node_view *node) { return xj_type_span(&node->inputs[XJ_WEIGHT], 0, 2); }
static size_t channels_of(const xj_node_view *node) { return xj_type_span(&node->inputs[XJ_WEIGHT], 2, 4); }

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *filter = &node->inputs[XJ_WEIGHT];
  if (filter->rank != 4)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of [KH,KW,C,M]", xj_type_text(filter));
  xj_window window;
  XJ_TRY(window_of(node, &window));
  if (x->dims[3] != filter->dims[2])
    return xj_fail(XJ_BAD_SHAPE, "input has %d channels, filter expects %d", x->dims[3], filter->dims[2]);
  if (filter->dims[2] < 1 || filter->dims[3] < 1 || (int64_t)filter->dims[2] * filter->dims[3] > INT32_MAX / 64)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s", xj_type_text(filter));
  int32_t channels = filter->dims[2] * filter->dims[3];
  XJ_TRY(xj_layer_check(node, activation_of(node), channels));
  XJ_TRY(xj_depthwise_check(taps_of(node), channels_of(node)));
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], window.h.output, window.w.output, channels}};
  return xj_layer_check_residual(node, output);
}

static size_t packed_bytes(const xj_node_view *node) {
  return xj_depthwise_packed_bytes(taps_of(node), channels_of(node));
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  xj_depthwise_pack(taps_of(node), channels_of(node), input == XJ_BIAS, weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  xj_depthwise_scale(taps_of(node), channels_of(node), scale, packed);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  depthwise_conv2d *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  xj_depthwise *d = &state->depthwise;
  state->epilogue = xj_epilogue_make(node, activation_of(node), true);
  XJ_TRY(window_of(node, &d->window));
  d->batch = (size_t)node->inputs[XJ_X].dims[0];
  d->in_channels = (size_t)node->inputs[XJ_WEIGHT].dims[2];
  d->multiplier = (size_t)node->inputs[XJ_WEIGHT].dims[3];
  d->activate = state->epilogue.inner;
  d->packed = prepare->packed;
  d->rows_per_task = xj_depthwise_rows_per_task(d, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const depthwise_conv2d *state = opaque;
  const float *slope = state->depthwise.activate.kind == XJ_ACTIVATION_PRELU ? run->inputs[XJ_SLOPE] : NULL;
  xj_depthwise_run(&state->depthwise, run->inputs[XJ_X], slope, run->output, run->threads);
  xj_epilogue_run(&state->epilogue, run);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  return 2.0 * (double)xj_type_elements(node->output) * (double)taps_of(node);
}

const xj_kernel xj_depthwise_conv2d_kernel = {.infer = infer,
                                              .packed_bytes = packed_bytes,
                                              .pack = pack,
                                              .scale = scale,
                                              .prepare = prepare,
                                              .run = run,
                                              .flops = flops};
