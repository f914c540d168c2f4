/* The elementwise ops with exponentials, on XNNPACK's operators: sigmoid, tanh, elu, exp. */
#include "kernels/unary.h"
#include "kernels/xnn_operator.h"
#include "src/heap.h"

typedef struct {
  xnn_operator_t operator;
} unary;

static xj_status prepare_unary(const xj_node_view *node, xj_prepare *prepare, enum xnn_unary_operator kind,
                               const union xnn_unary_params *params) {
  unary *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  enum xnn_status status = xnn_create_unary_elementwise_nc(kind, xnn_datatype_fp32, xnn_datatype_fp32, params, NULL,
                                                           NULL, 0, &state->operator);
  XJ_TRY(xj_xnn_status(status, "elementwise operator"));
  status = xnn_reshape_unary_elementwise_nc(state->operator, xj_type_elements(node->output), 1, 1, 1, prepare->threads);
  return xj_xnn_status(status, "elementwise operator");
}

static xj_status run(void *opaque, const xj_run *run) {
  unary *state = opaque;
  XJ_TRY(xj_xnn_status(xnn_setup_unary_elementwise_nc(state->operator, run->inputs[0], run->output),
                       "elementwise operator"));
  return xj_xnn_status(xnn_run_operator(state->operator, run->threads), "elementwise operator");
}

static void release(void *opaque) {
  unary *state = opaque;
  xnn_delete_operator(state->operator);
  xj_free(state);
}

static xj_status sigmoid_prepare(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_unary(node, prepare, xnn_unary_sigmoid, NULL);
}

static xj_status tanh_prepare(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_unary(node, prepare, xnn_unary_tanh, NULL);
}

static xj_status exp_prepare(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_unary(node, prepare, xnn_unary_exp, NULL);
}

static xj_status elu_prepare(const xj_node_view *node, xj_prepare *prepare) {
  union xnn_unary_params params = {.elu.alpha = ((const xj_elu_attributes *)node->attributes)->alpha};
  return prepare_unary(node, prepare, xnn_unary_elu, &params);
}

#define UNARY(op)                                                                                                      \
  const xj_kernel xj_##op##_kernel = {.infer = xj_unary_infer, .prepare = op##_prepare, .run = run, .release = release};

UNARY(sigmoid)
UNARY(tanh)
UNARY(exp)
UNARY(elu)
