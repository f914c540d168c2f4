#include "src/passes/pattern.h"

#include <math.h>
#include <string.h>

bool xj_is_number(const xj_graph *graph, int32_t value, float *number) {
  if (value == XJ_NONE) return false;
  const xj_value *v = &graph->values[value];
  if (v->kind != XJ_VALUE_CONSTANT || v->type.dtype != XJ_FLOAT32 || xj_type_elements(&v->type) != 1) return false;
  *number = *(const float *)v->data;
  return true;
}

bool xj_is_about(float number, double expected) { return fabs((double)number - expected) <= 2e-6 * fabs(expected); }

bool xj_is_plain(const xj_graph *graph, const xj_node *node) {
  if (node->op == XJ_NONE || graph->values[node->output].derived) return false;
  if (graph->values[node->output].type.dtype != XJ_FLOAT32) return false;
  const xj_activation *activation = xj_node_activation(node);
  return activation == NULL || activation->kind == XJ_ACTIVATION_NONE;
}

int32_t xj_operand_of(const xj_graph *graph, int32_t value, int32_t op, double number) {
  const xj_node *node = xj_producer(graph, value);
  if (node == NULL || node->op != op || !xj_is_plain(graph, node)) return XJ_NONE;
  float given;
  if (xj_is_number(graph, node->inputs[1], &given) && xj_is_about(given, number)) return node->inputs[0];
  const bool commutes = op == XJ_OP_add || op == XJ_OP_mul;
  if (commutes && xj_is_number(graph, node->inputs[0], &given) && xj_is_about(given, number)) return node->inputs[1];
  return XJ_NONE;
}

int32_t xj_scaled_operand(const xj_graph *graph, int32_t value, double number) {
  int32_t x = xj_operand_of(graph, value, XJ_OP_mul, number);
  return x != XJ_NONE ? x : xj_operand_of(graph, value, XJ_OP_div, 1 / number);
}

int32_t xj_input_of(const xj_graph *graph, int32_t value, int32_t op) {
  const xj_node *node = xj_producer(graph, value);
  return node != NULL && node->op == op ? node->inputs[0] : XJ_NONE;
}

int32_t xj_cube_operand(const xj_graph *graph, int32_t value) {
  float exponent;
  const xj_node *node = xj_producer(graph, value);
  if (node == NULL) return XJ_NONE;
  if (node->op == XJ_OP_pow && xj_is_number(graph, node->inputs[1], &exponent) && exponent == 3) return node->inputs[0];
  if (node->op != XJ_OP_mul) return XJ_NONE;
  for (int32_t side = 0; side < 2; side++) {
    const int32_t x = node->inputs[side];
    const xj_node *other = xj_producer(graph, node->inputs[1 - side]);
    if (other == NULL) continue;
    if (other->op == XJ_OP_square && other->inputs[0] == x) return x;
    if (other->op == XJ_OP_mul && other->inputs[0] == x && other->inputs[1] == x) return x;
  }
  return XJ_NONE;
}

xj_status xj_node_become(xj_graph *graph, xj_node *node, int32_t op, int32_t x, const void *attributes) {
  if (!xj_type_equal(&graph->values[x].type, &graph->values[node->output].type)) return XJ_OK;
  void *own = xj_graph_alloc(graph, xj_ops[op].attribute_bytes);
  if (own == NULL) return XJ_OUT_OF_MEMORY;
  if (attributes != NULL) memcpy(own, attributes, xj_ops[op].attribute_bytes);
  node->op = op;
  node->attributes = own;
  node->inputs[0] = x;
  node->n_inputs = 1;
  return XJ_OK;
}
