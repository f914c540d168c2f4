#include <math.h>

#include "src/passes/pattern.h"

/* max(x, x * alpha) with 0 < alpha ≤ 1 is a leaky relu; max(x, number) and min(x, number) clamp. */
static xj_status name_operand(xj_graph *graph, xj_node *node, int32_t x, int32_t other) {
  const bool is_max = node->op == XJ_OP_maximum;
  float number;
  if (xj_is_number(graph, other, &number) && !isnan(number)) {
    const xj_clamp_attributes limits = {is_max ? number : -INFINITY, is_max ? INFINITY : number};
    return xj_node_become(graph, node, XJ_OP_clamp, x, &limits);
  }
  const xj_node *product = xj_producer(graph, other);
  if (!is_max || product == NULL || product->op != XJ_OP_mul || !xj_is_plain(graph, product)) return XJ_OK;
  for (int32_t k = 0; k < 2; k++)
    if (product->inputs[k] == x && xj_is_number(graph, product->inputs[1 - k], &number) && number > 0 && number <= 1)
      return xj_node_become(graph, node, XJ_OP_leaky_relu, x, &(xj_leaky_relu_attributes){number});
  return XJ_OK;
}

xj_status xj_pass_name_clamp(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    const int32_t op = node->op;
    if ((op != XJ_OP_maximum && op != XJ_OP_minimum) || !xj_is_plain(graph, node)) continue;
    for (int32_t side = 0; side < 2 && node->op == op; side++)
      XJ_TRY(name_operand(graph, node, node->inputs[side], node->inputs[1 - side]));
  }
  return XJ_OK;
}
