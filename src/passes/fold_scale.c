#include "src/passes/passes.h"

/* What an elementwise node with a constant does to a layer's output: y * factor + term, XJ_NONE where it has none. */
typedef struct {
  int32_t layer_side; /* which operand is the layer */
  int32_t constant;   /* value id */
} pair;

/* Whether `value` is a constant for each of `channels` along the last axis, or (if `one`) a single one. */
static bool is_per_channel(const xj_graph *graph, int32_t value, int32_t channels, bool one) {
  const xj_value *v = &graph->values[value];
  if (!xj_value_is_constant(v) || v->type.dtype != XJ_FLOAT32) return false;
  size_t n = xj_type_elements(&v->type);
  if (one && n == 1) return true;
  return v->type.rank >= 1 && v->type.dims[v->type.rank - 1] == channels && n == (size_t)channels;
}

/* The layer that `node` scales or shifts, into *which the side it stands on; NULL where there is none. */
static xj_node *layer_of(const xj_graph *graph, const xj_node *node, bool one, pair *which) {
  const bool commutes = node->op == XJ_OP_add || node->op == XJ_OP_mul;
  for (int32_t side = 0; side < (commutes ? 2 : 1); side++) {
    xj_node *layer = xj_sole_producer(graph, node->inputs[side]);
    if (layer == NULL || !xj_is_layer(layer) || xj_ops[layer->op].kernel->scale == NULL) continue;
    if (xj_node_activation(layer)->kind != XJ_ACTIVATION_NONE) continue;
    const xj_type *type = &graph->values[layer->output].type;
    const int32_t constant = node->inputs[1 - side];
    /* a constant of more axes than the layer's output would change the rank */
    if (graph->values[constant].type.rank > type->rank) continue;
    if (!is_per_channel(graph, constant, type->dims[type->rank - 1], one)) continue;
    *which = (pair){side, constant};
    return layer;
  }
  return NULL;
}

/* op(a, b) of constants, computed when they are there; minus a status where that fails. */
static int32_t derive(xj_graph *graph, const char *name, int32_t op, int32_t a, int32_t b) {
  return xj_graph_node(graph, op, name, 2, (int32_t[]){a, b}, NULL, 0);
}

static int32_t one_of(xj_graph *graph) {
  return xj_graph_constant(graph, XJ_FLOAT32, 0, NULL, &(float){1}, sizeof(float));
}

/* Multiplies an input of the layer by a constant; where it is absent, it stands for 1. */
static xj_status scale_input(xj_graph *graph, int32_t layer, int32_t input, int32_t factor) {
  int32_t value = xj_node_input(&graph->nodes[layer], input);
  value = value == XJ_NONE ? factor : derive(graph, graph->nodes[layer].name, XJ_OP_mul, value, factor);
  if (value < 0) return (xj_status)-value;
  xj_node_set_input(&graph->nodes[layer], input, value);
  return XJ_OK;
}

/* Multiplies the layer by a constant: its scale, its bias and its residual. Adding nodes moves the others: they go by
 * index. */
static xj_status scale_layer(xj_graph *graph, int32_t layer, int32_t factor) {
  XJ_TRY(scale_input(graph, layer, XJ_SCALE, factor));
  if (xj_node_input(&graph->nodes[layer], XJ_BIAS) != XJ_NONE) XJ_TRY(scale_input(graph, layer, XJ_BIAS, factor));
  if (xj_node_input(&graph->nodes[layer], XJ_RESIDUAL) == XJ_NONE) return XJ_OK;
  return scale_input(graph, layer, XJ_RESIDUAL_SCALE, factor);
}

static xj_status fold_mul(xj_graph *graph, int32_t index) {
  const bool divides = graph->nodes[index].op == XJ_OP_div;
  pair which;
  xj_node *layer = layer_of(graph, &graph->nodes[index], true, &which);
  if (layer == NULL) return XJ_OK;
  const int32_t at = graph->values[layer->output].node;
  int32_t factor = which.constant;
  if (divides) {
    int32_t one = one_of(graph);
    if (one < 0) return (xj_status)-one;
    factor = derive(graph, layer->name, XJ_OP_div, one, factor);
    if (factor < 0) return (xj_status)-factor;
  }
  XJ_TRY(scale_layer(graph, at, factor));
  xj_node_absorb(&graph->nodes[index], &graph->nodes[at]);
  return XJ_OK;
}

static xj_status fold_add(xj_graph *graph, int32_t index) {
  const bool subtracts = graph->nodes[index].op == XJ_OP_sub;
  pair which;
  xj_node *layer = layer_of(graph, &graph->nodes[index], false, &which);
  if (layer == NULL) return XJ_OK;
  const int32_t at = graph->values[layer->output].node;
  int32_t bias = xj_node_input(layer, XJ_BIAS), term = which.constant;
  if (bias != XJ_NONE)
    bias = derive(graph, layer->name, subtracts ? XJ_OP_sub : XJ_OP_add, bias, term);
  else
    bias = subtracts ? xj_graph_node(graph, XJ_OP_neg, layer->name, 1, &term, NULL, 0) : term;
  if (bias < 0) return (xj_status)-bias;
  xj_node_set_input(&graph->nodes[at], XJ_BIAS, bias);
  xj_node_absorb(&graph->nodes[index], &graph->nodes[at]);
  return XJ_OK;
}

xj_status xj_pass_fold_scale(xj_graph *graph) {
  const int32_t n = graph->n_nodes; /* those that are added meanwhile are of constants */
  for (int32_t i = 0; i < n; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived) continue;
    const bool scales = node->op == XJ_OP_mul || node->op == XJ_OP_div;
    const bool shifts = node->op == XJ_OP_add || node->op == XJ_OP_sub;
    if (!(scales || shifts) || xj_node_activation(node)->kind != XJ_ACTIVATION_NONE) continue;
    XJ_TRY(scales ? fold_mul(graph, i) : fold_add(graph, i));
  }
  return XJ_OK;
}
