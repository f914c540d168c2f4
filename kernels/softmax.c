/* The op softmax, over the last axis, on XNNPACK's operator. */
#include "kernels/layer.h"
#include "kernels/xnn_operator.h"
#include "src/heap.h"

typedef struct {
  xnn_operator_t operator;
} softmax;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, 0, "x"));
  if (node->inputs[0].rank < 1) return xj_fail(XJ_BAD_SHAPE, "x has no dimension");
  *output = node->inputs[0];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  softmax *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  XJ_TRY(xj_xnn_status(xnn_create_softmax_nc_f32(0, &state->operator), "softmax"));
  size_t channels = (size_t)node->output->dims[node->output->rank - 1];
  return xj_xnn_status(xnn_reshape_softmax_nc_f32(state->operator, channels, channels, channels,
                                                  xj_type_elements(node->output) / channels, prepare->threads),
                       "softmax");
}

static xj_status run(void *opaque, const xj_run *run) {
  softmax *state = opaque;
  XJ_TRY(xj_xnn_status(xnn_setup_softmax_nc_f32(state->operator, run->inputs[0], run->output), "softmax"));
  return xj_xnn_status(xnn_run_operator(state->operator, run->threads), "softmax");
}

static void release(void *opaque) {
  softmax *state = opaque;
  xnn_delete_operator(state->operator);
  xj_free(state);
}

const xj_kernel xj_softmax_kernel = {.infer = infer, .prepare = prepare, .run = run, .release = release};
