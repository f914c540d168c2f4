/* Elementwise functions that exporters spell out → the ops that compute them in one step. */
#include <math.h>

#include "src/passes/passes.h"

/* A constant of one element, into *number. */
static bool is_number(const xj_graph *graph, int32_t value, float *number) {
  if (value == XJ_NONE) return false;
  const xj_value *v = &graph->values[value];
  if (v->kind != XJ_VALUE_CONSTANT || v->type.dtype != XJ_FLOAT32 || xj_type_elements(&v->type) != 1) return false;
  *number = *(const float *)v->data;
  return true;
}

static bool is_about(float number, double expected) { return fabs((double)number - expected) <= 2e-6 * fabs(expected); }

/* The value that makes `value` by op(x, number) in either order, or (for sub and div) in this one; XJ_NONE else. */
static int32_t operand_of(const xj_graph *graph, int32_t value, int32_t op, double number) {
  const xj_node *node = xj_producer(graph, value);
  if (node == NULL || node->op != op || xj_node_activation(node)->kind != XJ_ACTIVATION_NONE) return XJ_NONE;
  float given;
  if (is_number(graph, node->inputs[1], &given) && is_about(given, number)) return node->inputs[0];
  const bool commutes = op == XJ_OP_add || op == XJ_OP_mul;
  if (commutes && is_number(graph, node->inputs[0], &given) && is_about(given, number)) return node->inputs[1];
  return XJ_NONE;
}

/* x * number, or x / (1 / number). */
static int32_t scaled_operand(const xj_graph *graph, int32_t value, double number) {
  int32_t x = operand_of(graph, value, XJ_OP_mul, number);
  return x != XJ_NONE ? x : operand_of(graph, value, XJ_OP_div, 1 / number);
}

/* The one input of a node of `op` that makes `value`. */
static int32_t input_of(const xj_graph *graph, int32_t value, int32_t op) {
  const xj_node *node = xj_producer(graph, value);
  return node != NULL && node->op == op ? node->inputs[0] : XJ_NONE;
}

/* relu6(x + 3) → x */
static int32_t shifted_clamp(const xj_graph *graph, int32_t value) {
  const xj_node *node = xj_producer(graph, value);
  if (node == NULL) return XJ_NONE;
  bool is_relu6 = node->op == XJ_OP_relu6;
  if (node->op == XJ_OP_clamp) {
    const xj_clamp_attributes *clamp = node->attributes;
    is_relu6 = clamp->min == 0 && clamp->max == 6;
  }
  return is_relu6 ? operand_of(graph, node->inputs[0], XJ_OP_add, 3) : XJ_NONE;
}

/* 1 + erf(x / √2) → x */
static int32_t erf_operand(const xj_graph *graph, int32_t value) {
  int32_t sum = operand_of(graph, value, XJ_OP_add, 1);
  int32_t inside = sum == XJ_NONE ? XJ_NONE : input_of(graph, sum, XJ_OP_erf);
  return inside == XJ_NONE ? XJ_NONE : scaled_operand(graph, inside, 0.70710678118654752);
}

static int32_t product_of_powers(const xj_graph *graph, int32_t value);

/* 1 + tanh(√(2/π) * (x + 0.044715 * x³)) → x */
static int32_t tanh_operand(const xj_graph *graph, int32_t value) {
  int32_t sum = operand_of(graph, value, XJ_OP_add, 1);
  int32_t inside = sum == XJ_NONE ? XJ_NONE : input_of(graph, sum, XJ_OP_tanh);
  int32_t polynomial = inside == XJ_NONE ? XJ_NONE : scaled_operand(graph, inside, 0.79788456080286536);
  const xj_node *add = xj_producer(graph, polynomial);
  if (add == NULL || add->op != XJ_OP_add) return XJ_NONE;
  for (int32_t side = 0; side < 2; side++) {
    int32_t cube = scaled_operand(graph, add->inputs[1 - side], 0.044715);
    if (cube != XJ_NONE && product_of_powers(graph, cube) == add->inputs[side]) return add->inputs[side];
  }
  return XJ_NONE;
}

/* x³, as pow(x, 3), x * x * x or x * square(x) → x */
static int32_t product_of_powers(const xj_graph *graph, int32_t value) {
  float exponent;
  const xj_node *node = xj_producer(graph, value);
  if (node == NULL) return XJ_NONE;
  if (node->op == XJ_OP_pow && is_number(graph, node->inputs[1], &exponent) && exponent == 3) return node->inputs[0];
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

/* Makes `node` the op of one operand x; attributes: as the op has them, zeros where NULL. */
static xj_status become(xj_graph *graph, xj_node *node, int32_t op, int32_t x, const void *attributes) {
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

/* gelu, with its factors in any order: half of x, or of the other factor, or of the product. */
static xj_status name_gelu(xj_graph *graph, xj_node *mul, bool *named) {
  for (int32_t side = 0; side < 2; side++) {
    int32_t left = mul->inputs[side], right = mul->inputs[1 - side];
    int32_t half = scaled_operand(graph, left, 0.5), x = half != XJ_NONE ? half : left;
    int32_t rest = right;
    if (half == XJ_NONE) { /* the half stands with the other factor, or around the whole */
      int32_t inner = scaled_operand(graph, right, 0.5);
      float number;
      if (inner != XJ_NONE) {
        rest = inner;
      } else if (is_number(graph, left, &number) && is_about(number, 0.5)) {
        const xj_node *product = xj_producer(graph, right);
        if (product == NULL || product->op != XJ_OP_mul) continue;
        for (int32_t k = 0; k < 2 && !*named; k++) {
          x = product->inputs[k];
          rest = product->inputs[1 - k];
          const bool by_erf = erf_operand(graph, rest) == x, by_tanh = tanh_operand(graph, rest) == x;
          if (!by_erf && !by_tanh) continue;
          *named = true;
          return become(graph, mul, XJ_OP_gelu, x, &(xj_gelu_attributes){.approximate = by_tanh});
        }
        continue;
      } else {
        continue;
      }
    }
    const bool by_erf = erf_operand(graph, rest) == x, by_tanh = tanh_operand(graph, rest) == x;
    if (!by_erf && !by_tanh) continue;
    *named = true;
    return become(graph, mul, XJ_OP_gelu, x, &(xj_gelu_attributes){.approximate = by_tanh});
  }
  return XJ_OK;
}

/* relu6(x + 3) / 6: hard sigmoid; times x: hard swish. x * sigmoid(x): silu. */
static xj_status name_product(xj_graph *graph, xj_node *node) {
  bool named = false;
  if (node->op == XJ_OP_mul) XJ_TRY(name_gelu(graph, node, &named));
  if (named) return XJ_OK;
  for (int32_t side = 0; side < (node->op == XJ_OP_mul ? 2 : 1); side++) {
    const int32_t one = node->inputs[side], other = node->inputs[1 - side];
    float number;
    if (is_number(graph, other, &number) && is_about(number, node->op == XJ_OP_mul ? 1.0 / 6 : 6)) {
      int32_t x = shifted_clamp(graph, one);
      if (x != XJ_NONE)
        return become(graph, node, XJ_OP_hard_sigmoid, x, &(xj_hard_sigmoid_attributes){1.0f / 6, 0.5f});
      const xj_node *product = xj_producer(graph, one);
      for (int32_t k = 0; product != NULL && product->op == XJ_OP_mul && k < 2; k++) {
        x = product->inputs[k];
        if (shifted_clamp(graph, product->inputs[1 - k]) == x) return become(graph, node, XJ_OP_hard_swish, x, NULL);
      }
    }
    if (node->op != XJ_OP_mul) continue;
    if (input_of(graph, other, XJ_OP_sigmoid) == one) return become(graph, node, XJ_OP_silu, one, NULL);
    const xj_node *gate = xj_producer(graph, other);
    if (gate == NULL || gate->op != XJ_OP_hard_sigmoid || gate->inputs[0] != one) continue;
    const xj_hard_sigmoid_attributes *a = gate->attributes;
    if (is_about(a->alpha, 1.0 / 6) && a->beta == 0.5f) return become(graph, node, XJ_OP_hard_swish, one, NULL);
  }
  return XJ_OK;
}

/* max(x, x * alpha) with 0 < alpha ≤ 1: leaky relu; max(x, number) and min(x, number): clamp. */
static xj_status name_extreme(xj_graph *graph, xj_node *node) {
  const bool is_max = node->op == XJ_OP_maximum;
  for (int32_t side = 0; side < 2; side++) {
    const int32_t x = node->inputs[side], other = node->inputs[1 - side];
    float number;
    if (is_number(graph, other, &number) && !isnan(number)) {
      const xj_clamp_attributes limits = {is_max ? number : -INFINITY, is_max ? INFINITY : number};
      return become(graph, node, XJ_OP_clamp, x, &limits);
    }
    const xj_node *product = xj_producer(graph, other);
    if (!is_max || product == NULL || product->op != XJ_OP_mul) continue;
    for (int32_t k = 0; k < 2; k++)
      if (product->inputs[k] == x && is_number(graph, product->inputs[1 - k], &number) && number > 0 && number <= 1)
        return become(graph, node, XJ_OP_leaky_relu, x, &(xj_leaky_relu_attributes){number});
  }
  return XJ_OK;
}

xj_status xj_pass_name_functions(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived) continue;
    if (graph->values[node->output].type.dtype != XJ_FLOAT32) continue;
    const bool is_plain = xj_node_activation(node) != NULL && xj_node_activation(node)->kind == XJ_ACTIVATION_NONE;
    if (!is_plain) continue;
    if (node->op == XJ_OP_mul || node->op == XJ_OP_div) XJ_TRY(name_product(graph, node));
    if (node->op == XJ_OP_maximum || node->op == XJ_OP_minimum) XJ_TRY(name_extreme(graph, node));
  }
  return XJ_OK;
}
