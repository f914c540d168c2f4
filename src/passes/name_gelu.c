#include "src/passes/pattern.h"

/* 1 + erf(x / √2) → x */
static int32_t erf_operand(const xj_graph *graph, int32_t value) {
  int32_t sum = xj_operand_of(graph, value, XJ_OP_add, 1);
  int32_t inside = sum == XJ_NONE ? XJ_NONE : xj_input_of(graph, sum, XJ_OP_erf);
  return inside == XJ_NONE ? XJ_NONE : xj_scaled_operand(graph, inside, 0.70710678118654752);
}

/* 1 + tanh(√(2/π) * (x + 0.044715 * x³)) → x */
static int32_t tanh_operand(const xj_graph *graph, int32_t value) {
  int32_t sum = xj_operand_of(graph, value, XJ_OP_add, 1);
  int32_t inside = sum == XJ_NONE ? XJ_NONE : xj_input_of(graph, sum, XJ_OP_tanh);
  int32_t polynomial = inside == XJ_NONE ? XJ_NONE : xj_scaled_operand(graph, inside, 0.79788456080286536);
  const xj_node *add = xj_producer(graph, polynomial);
  if (add == NULL || add->op != XJ_OP_add) return XJ_NONE;
  for (int32_t side = 0; side < 2; side++) {
    int32_t cube = xj_scaled_operand(graph, add->inputs[1 - side], 0.044715);
    if (cube != XJ_NONE && xj_cube_operand(graph, cube) == add->inputs[side]) return add->inputs[side];
  }
  return XJ_NONE;
}

/* Makes `node` gelu(x) where `gate` is one of the two for x. */
static xj_status name_if_gate(xj_graph *graph, xj_node *node, int32_t x, int32_t gate) {
  const bool by_erf = erf_operand(graph, gate) == x, by_tanh = !by_erf && tanh_operand(graph, gate) == x;
  if (!by_erf && !by_tanh) return XJ_OK;
  return xj_node_become(graph, node, XJ_OP_gelu, x, &(xj_gelu_attributes){.approximate = by_tanh});
}

xj_status xj_pass_name_gelu(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op != XJ_OP_mul || !xj_is_plain(graph, node)) continue;
    for (int32_t side = 0; side < 2 && node->op == XJ_OP_mul; side++) {
      const int32_t left = node->inputs[side], right = node->inputs[1 - side];
      const int32_t half_left = xj_scaled_operand(graph, left, 0.5), half_right = xj_scaled_operand(graph, right, 0.5);
      if (half_left != XJ_NONE) XJ_TRY(name_if_gate(graph, node, half_left, right)); /* (x / 2) * gate */
      if (node->op == XJ_OP_mul && half_right != XJ_NONE)
        XJ_TRY(name_if_gate(graph, node, left, half_right)); /* x * (gate / 2) */
    }
    const int32_t whole = xj_scaled_operand(graph, node->output, 0.5);
    const xj_node *product = node->op == XJ_OP_mul && whole != XJ_NONE ? xj_producer(graph, whole) : NULL;
    for (int32_t k = 0; product != NULL && product->op == XJ_OP_mul && node->op == XJ_OP_mul && k < 2; k++)
      XJ_TRY(name_if_gate(graph, node, product->inputs[k], product->inputs[1 - k])); /* (x * gate) / 2 */
  }
  return XJ_OK;
}
