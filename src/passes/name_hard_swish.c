#include "src/passes/pattern.h"

/* relu6(x + 3) → x */
static int32_t gate_operand(const xj_graph *graph, int32_t value) {
  const xj_node *node = xj_producer(graph, value);
  if (node == NULL) return XJ_NONE;
  bool is_relu6 = node->op == XJ_OP_relu6;
  if (node->op == XJ_OP_clamp) {
    const xj_clamp_attributes *clamp = node->attributes;
    is_relu6 = clamp->min == 0 && clamp->max == 6;
  }
  return is_relu6 ? xj_operand_of(graph, node->inputs[0], XJ_OP_add, 3) : XJ_NONE;
}

/* Whether `value` is relu6(x + 3) / 6, named before. */
static bool is_hard_sigmoid(const xj_graph *graph, int32_t value, int32_t x) {
  if (xj_input_of(graph, value, XJ_OP_hard_sigmoid) != x) return false;
  const xj_hard_sigmoid_attributes *a = xj_producer(graph, value)->attributes;
  return xj_is_about(a->alpha, 1.0 / 6) && a->beta == 0.5f;
}

xj_status xj_pass_name_hard_swish(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (!xj_is_plain(graph, node)) continue;
    const int32_t sixfold = xj_scaled_operand(graph, node->output, 1.0 / 6);
    const int32_t x = sixfold == XJ_NONE ? XJ_NONE : gate_operand(graph, sixfold);
    const xj_node *product = sixfold == XJ_NONE ? NULL : xj_producer(graph, sixfold);
    if (x != XJ_NONE) {
      XJ_TRY(xj_node_become(graph, node, XJ_OP_hard_sigmoid, x, &(xj_hard_sigmoid_attributes){1.0f / 6, 0.5f}));
      continue;
    }
    for (int32_t k = 0; k < 2; k++) {
      if (product != NULL && product->op == XJ_OP_mul &&
          gate_operand(graph, product->inputs[1 - k]) == product->inputs[k]) {
        XJ_TRY(xj_node_become(graph, node, XJ_OP_hard_swish, product->inputs[k], NULL));
        break;
      }
      if (node->op == XJ_OP_mul && is_hard_sigmoid(graph, node->inputs[1 - k], node->inputs[k])) {
        XJ_TRY(xj_node_become(graph, node, XJ_OP_hard_swish, node->inputs[k], NULL));
        break;
      }
    }
  }
  return XJ_OK;
}
