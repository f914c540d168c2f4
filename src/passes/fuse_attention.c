#include <math.h>

#include "src/passes/pattern.h"

/* softmax(q·kᵀ …)·v → one op. What an exporter writes between the two products: mul or div by a number, mul by a
 * tensor (factor), add of a tensor (mask), in this order; each read by the next only. */
typedef struct {
  const xj_node *scores, *values; /* the two products */
  bool weights_right;             /* the second one is vᵀ·weightsᵀ */
  int32_t mask, factor;           /* value ids */
  float scale;
  int32_t n_between;
  xj_node *between[8]; /* what goes with the first product, and that */
} chain;

/* The axes of a product's operand as it multiplies them. */
static xj_list axes_of(const xj_graph *graph, const xj_node *matmul, int32_t side) {
  const xj_batch_matmul_attributes *a = matmul->attributes;
  const int32_t rank = graph->values[matmul->inputs[side]].type.rank;
  xj_list axes = side == 0 ? a->perm_a : a->perm_b;
  for (int32_t i = 0; axes.n == 0 && i < rank; i++) axes.values[i] = i;
  axes.n = rank;
  return axes;
}

static bool is_transposed(const xj_node *matmul, int32_t side) {
  const xj_batch_matmul_attributes *a = matmul->attributes;
  return (side == 0 ? a->transpose_a : a->transpose_b) != 0;
}

/* The same, its matrices transposed if `turned`; none where nothing moves. */
static xj_list turn(xj_list axes, bool turned) {
  if (turned) {
    const int32_t last = axes.values[axes.n - 1];
    axes.values[axes.n - 1] = axes.values[axes.n - 2];
    axes.values[axes.n - 2] = last;
  }
  for (int32_t i = 0; i < axes.n; i++)
    if (axes.values[i] != i) return axes;
  return (xj_list){0};
}

static xj_list operand_axes(const xj_graph *graph, const xj_node *matmul, int32_t side, bool turned) {
  return turn(axes_of(graph, matmul, side), is_transposed(matmul, side) != turned);
}

/* Whether a permutation leaves all axes where they are but, if `turned`, swaps the last two. */
static bool is_plain_perm(const xj_list *perm, bool turned) {
  if (perm->n == 0) return !turned;
  return turn(*perm, turned).n == 0;
}

/* Which operand `node` multiplies by a number, XJ_NONE where it multiplies none; *by: that number. */
static int32_t number_side(const xj_graph *graph, const xj_node *node, float *by) {
  const bool divides = node->op == XJ_OP_div;
  for (int32_t side = 0; side < (divides ? 1 : 2); side++) {
    float number;
    if (!xj_is_number(graph, node->inputs[1 - side], &number)) continue;
    *by = divides ? 1 / number : number;
    return side;
  }
  return XJ_NONE;
}

/* Whether the type of a node's output is that of its operand `side`: what else it has broadcasts. */
static bool keeps_type(const xj_graph *graph, const xj_node *node, int32_t side) {
  return xj_type_equal(&graph->values[node->output].type, &graph->values[node->inputs[side]].type);
}

static bool follow(const xj_graph *graph, int32_t value, chain *c, bool may_add, bool may_multiply);

/* Goes on from operand `side` of a node whose others are taken. */
static bool go_on(const xj_graph *graph, xj_node *node, int32_t side, chain *c, bool may_multiply) {
  if (c->n_between == 6 || !keeps_type(graph, node, side)) return false;
  c->between[c->n_between++] = node;
  return follow(graph, node->inputs[side], c, false, may_multiply);
}

/* The same with another operand as mask or factor, whichever side leads to a product. */
static bool take(const xj_graph *graph, xj_node *node, chain *c, int32_t *taken, bool may_multiply) {
  const chain before = *c;
  for (int32_t side = 0; side < 2; side++) {
    *taken = node->inputs[1 - side];
    if (go_on(graph, node, side, c, may_multiply)) return true;
    *c = before;
  }
  return false;
}

/* Whether `value` is scores, from their end to the product. */
static bool follow(const xj_graph *graph, int32_t value, chain *c, bool may_add, bool may_multiply) {
  xj_node *node = xj_sole_producer(graph, value);
  if (node == NULL || !xj_is_plain(graph, node)) return false;
  if (node->op == XJ_OP_batch_matmul) {
    c->scores = node;
    c->between[c->n_between++] = node;
    return true;
  }
  if (node->op == XJ_OP_add) return may_add && take(graph, node, c, &c->mask, may_multiply);
  if (node->op != XJ_OP_mul && node->op != XJ_OP_div) return false;
  float by;
  const int32_t side = number_side(graph, node, &by);
  if (side == XJ_NONE) return node->op != XJ_OP_div && may_multiply && take(graph, node, c, &c->factor, false);
  c->scale *= by;
  return go_on(graph, node, side, c, may_multiply);
}

/* Attributes and inputs of the one op. */
static bool describe(const xj_graph *graph, const chain *c, xj_attention_attributes *a, int32_t *inputs) {
  const xj_batch_matmul_attributes *first = c->scores->attributes, *second = c->values->attributes;
  /* scores that are transposed are those of the other operand */
  const bool swapped = is_plain_perm(&first->perm_y, true);
  if (!swapped && !is_plain_perm(&first->perm_y, false)) return false;
  const int32_t q = swapped ? 1 : 0, k = 1 - q, weights = c->weights_right ? 1 : 0, v = 1 - weights;
  /* the weights as they are: rows of keys */
  const xj_list axes = operand_axes(graph, c->values, weights, c->weights_right);
  if (axes.n != 0) return false;
  inputs[0] = c->scores->inputs[q];
  inputs[1] = c->scores->inputs[k];
  inputs[2] = c->values->inputs[v];
  inputs[3] = c->mask;
  inputs[4] = c->factor;
  a->scale = c->scale;
  a->perm_q = operand_axes(graph, c->scores, q, q == 1);
  a->perm_k = operand_axes(graph, c->scores, k, k == 1);
  a->perm_v = operand_axes(graph, c->values, v, v == 0);
  a->perm_y = second->perm_y;
  if (!c->weights_right) return true;
  /* y = transposed (weights · v), and then by perm_y */
  const int32_t rank = graph->values[c->values->output].type.rank;
  xj_list *perm = &a->perm_y;
  for (int32_t i = 0; perm->n == 0 && i < rank; i++) perm->values[i] = i;
  perm->n = rank;
  for (int32_t i = 0; i < rank; i++)
    if (perm->values[i] >= rank - 2) perm->values[i] = 2 * rank - 3 - perm->values[i];
  *perm = turn(*perm, false);
  return true;
}

static xj_status fuse(xj_graph *graph, xj_node *values, int32_t side) {
  chain c = {.values = values, .weights_right = side == 1, .mask = XJ_NONE, .factor = XJ_NONE, .scale = 1};
  xj_node *softmax = xj_sole_producer(graph, values->inputs[side]);
  if (softmax == NULL || softmax->op != XJ_OP_softmax || !xj_is_plain(graph, softmax)) return XJ_OK;
  if (!follow(graph, softmax->inputs[0], &c, true, true)) return XJ_OK;
  if (c.scale == 0 || !isfinite(c.scale)) return XJ_OK;
  xj_attention_attributes *attributes = xj_graph_alloc(graph, sizeof *attributes);
  int32_t *inputs = xj_graph_alloc(graph, 8 * sizeof *inputs);
  if (attributes == NULL || inputs == NULL) return XJ_OUT_OF_MEMORY;
  if (!describe(graph, &c, attributes, inputs)) return XJ_OK;
  const int32_t n_inputs = c.factor != XJ_NONE ? 5 : c.mask != XJ_NONE ? 4 : 3;
  const xj_node fused = {XJ_OP_attention, values->name, n_inputs, inputs, values->output, attributes};
  if (!xj_graph_accepts(graph, &fused)) return XJ_OK;
  *values = fused;
  softmax->op = XJ_NONE;
  for (int32_t i = 0; i < c.n_between; i++) c.between[i]->op = XJ_NONE;
  return XJ_OK;
}

xj_status xj_pass_fuse_attention(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    for (int32_t side = 0; side < 2 && node->op == XJ_OP_batch_matmul; side++)
      if (xj_is_plain(graph, node)) XJ_TRY(fuse(graph, node, side));
  }
  return XJ_OK;
}
