/* The op arg_max. A comparison with NaN is false: NaN wins only where it comes first, as in TensorFlow.js. */
#include "kernels/layer.h"
#include "src/heap.h"

typedef struct {
  size_t outer, length, inner; /* x as [outer, length, inner] */
} arg_max;

static int32_t axis_of(const xj_node_view *node) {
  int32_t axis = ((const xj_arg_max_attributes *)node->attributes)->axis;
  return axis < 0 ? axis + node->inputs[0].rank : axis;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  const int32_t axis = axis_of(node);
  XJ_TRY(xj_float_check(node, 0, "x"));
  if (axis < 0 || axis >= x->rank || x->dims[axis] == 0)
    return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", ((const xj_arg_max_attributes *)node->attributes)->axis,
                   xj_type_text(x));
  output->dtype = XJ_INT32;
  for (int32_t i = 0; i < x->rank; i++)
    if (i != axis) output->dims[output->rank++] = x->dims[i];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  const int32_t axis = axis_of(node);
  arg_max *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (arg_max){xj_type_span(x, 0, axis), (size_t)x->dims[axis], xj_type_span(x, axis + 1, x->rank)};
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const arg_max *state = opaque;
  const float *x = run->inputs[0];
  int32_t *y = run->output;
  for (size_t outer = 0; outer < state->outer; outer++, x += state->length * state->inner, y += state->inner) {
    for (size_t i = 0; i < state->inner; i++) y[i] = 0;
    for (size_t k = 1; k < state->length; k++) /* row by row, as the elements lie */
      for (size_t i = 0; i < state->inner; i++)
        if (x[k * state->inner + i] > x[(size_t)y[i] * state->inner + i]) y[i] = (int32_t)k;
  }
  return XJ_OK;
}

const xj_kernel xj_arg_max_kernel = {.infer = infer, .prepare = prepare, .run = run};
