/* The ops conv2d_dynamic and conv3d: filters that may be computed at run time, packed in each run. */
#include <math.h>
#include <string.h>

#include "kernels/indirect.h"
#include "kernels/layer.h"
#include "kernels/pack_f32.h"
#include "kernels/window.h"
#include "src/heap.h"

enum { X = 0, FILTER = 1, BIAS = 2 };

typedef struct {
  xj_indirect indirect;
  xj_indirect_part part;
  xj_pack_shape shape;
  size_t packed_bytes;
  bool has_bias;
} conv;

/* The axes of either op as three. */
static xj_status axes_of(const xj_node_view *node, xj_axis axes[3]) {
  const xj_type *x = &node->inputs[X];
  const int32_t *filter = node->inputs[FILTER].dims;
  if (node->op == XJ_OP_conv3d) return xj_window3d_make(node->attributes, x, filter, axes);
  xj_window window;
  XJ_TRY(xj_window_make(node->attributes, x, filter[0], filter[1], &window));
  axes[0] = (xj_axis){1, 1, 1, 1, 1, 0, 0};
  axes[1] = window.h;
  axes[2] = window.w;
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X], *filter = &node->inputs[FILTER];
  const int32_t rank = node->op == XJ_OP_conv3d ? 5 : 4;
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(xj_float_check(node, FILTER, "the filter"));
  if (filter->rank != rank)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of %d axes", xj_type_text(filter), rank);
  xj_axis axes[3];
  XJ_TRY(axes_of(node, axes));
  const int32_t channels = x->dims[rank - 1], in = filter->dims[rank - 2], out = filter->dims[rank - 1];
  if (in < 1 || out < 1 || channels < 1 || channels % in != 0 || out % (channels / in) != 0)
    return xj_fail(XJ_BAD_SHAPE, "x has %d channels, filter takes groups of %d to %d in all", channels, in, out);
  if (xj_present(node, BIAS)) {
    XJ_TRY(xj_float_check(node, BIAS, "the bias"));
    if (xj_type_elements(&node->inputs[BIAS]) != (size_t)out)
      return xj_fail(XJ_BAD_SHAPE, "bias has shape %s, for %d output channels", xj_type_text(&node->inputs[BIAS]), out);
  }
  const size_t groups = (size_t)(channels / in);
  XJ_TRY(xj_indirect_check(xj_type_span(filter, 0, rank - 2)));
  XJ_TRY(
      xj_pack_f32_check(&(xj_pack_shape){groups, xj_type_span(filter, 0, rank - 2), (size_t)in, (size_t)out / groups}));
  *output = (xj_type){XJ_FLOAT32, rank, {x->dims[0]}};
  for (int32_t i = 1; i < rank - 1; i++) output->dims[i] = axes[i + 4 - rank].output;
  output->dims[rank - 1] = out;
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  conv *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *x = &node->inputs[X], *filter = &node->inputs[FILTER];
  const int32_t last = filter->rank - 1;
  const size_t in = (size_t)filter->dims[last - 1], groups = (size_t)x->dims[last] / in;
  state->shape = (xj_pack_shape){groups, xj_type_span(filter, 0, last - 1), in, (size_t)filter->dims[last] / groups};
  state->has_bias = xj_present(node, BIAS);
  state->packed_bytes = (xj_pack_f32_bytes(&state->shape) + 63) / 64 * 64;
  xj_indirect *t = &state->indirect;
  *t = (xj_indirect){.batch = (size_t)x->dims[0],
                     .groups = groups,
                     .in = in,
                     .out = state->shape.out,
                     .is_linear = true,
                     .n_parts = 1,
                     .parts = &state->part};
  xj_axis axes[3];
  XJ_TRY(axes_of(node, axes));
  for (int32_t i = 0; i < 3; i++) {
    t->x[i] = axes[i].input;
    t->y[i] = axes[i].output;
    state->part.axes[i] = (xj_lane){.step = 1,
                                    .count = axes[i].output,
                                    .base = -axes[i].pad,
                                    .advance = axes[i].stride,
                                    .tap_step = axes[i].dilation,
                                    .taps = axes[i].kernel};
  }
  xj_indirect_plan(t);
  prepare->scratch_bytes = state->packed_bytes + xj_indirect_scratch_bytes(t, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const conv *state = opaque;
  const xj_pack_shape *shape = &state->shape;
  const xj_storage plain = {XJ_FLOAT32, 1, 0};
  const size_t columns = shape->groups * shape->out;
  float *packed = run->scratch;
  memset(packed, 0, state->packed_bytes);
  xj_pack_f32_weight(shape, false, &(xj_weight){plain, run->inputs[FILTER], shape->taps * shape->in * columns}, packed);
  if (state->has_bias) xj_pack_f32_bias(shape, &(xj_weight){plain, run->inputs[BIAS], columns}, packed);
  xj_indirect_run(&state->indirect, run->inputs[X], packed, run->output, (char *)run->scratch + state->packed_bytes,
                  run->threads);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const xj_type *filter = &node->inputs[FILTER];
  return 2.0 * (double)xj_type_elements(node->output) * (double)xj_type_span(filter, 0, filter->rank - 1);
}

const xj_kernel xj_conv2d_dynamic_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
const xj_kernel xj_conv3d_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
