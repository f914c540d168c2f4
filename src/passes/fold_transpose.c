#include "src/passes/passes.h"

/* The permutation of a transpose whose axes are known: false where there is none. */
static bool perm_of(const xj_graph *graph, const xj_node *node, xj_list *perm) {
  const int32_t rank = graph->values[node->output].type.rank;
  if (node->op != XJ_OP_transpose) return false;
  *perm = ((const xj_transpose_attributes *)node->attributes)->perm;
  const int32_t given = xj_node_input(node, 1);
  if (given != XJ_NONE) {
    const xj_value *value = &graph->values[given];
    if (value->kind != XJ_VALUE_CONSTANT || value->type.dtype != XJ_INT32) return false;
    perm->n = rank;
    for (int32_t i = 0; i < rank; i++) perm->values[i] = ((const int32_t *)value->data)[i];
  }
  if (perm->n == 0) {
    perm->n = rank;
    for (int32_t i = 0; i < rank; i++) perm->values[i] = rank - 1 - i;
  }
  for (int32_t i = 0; i < rank; i++)
    if (perm->values[i] < 0) perm->values[i] += rank;
  return true;
}

/* Transposing by `first`, then by `second`, in one: y's axis i is x's axis first[second[i]]. */
static xj_list compose(const xj_list *first, const xj_list *second) {
  if (first->n == 0) return *second;
  if (second->n == 0) return *first;
  xj_list both = {.n = second->n};
  for (int32_t i = 0; i < both.n; i++) both.values[i] = first->values[second->values[i]];
  return both;
}

static bool is_identity(const xj_list *perm) {
  for (int32_t i = 0; i < perm->n; i++)
    if (perm->values[i] != i) return false;
  return true;
}

static void set_perm(xj_list *to, xj_list perm) { *to = is_identity(&perm) ? (xj_list){0} : perm; }

/* The operands of a matmul: transposed before, whoever else reads that, and weights too. */
static void fold_operands(xj_graph *graph, xj_node *matmul) {
  xj_batch_matmul_attributes *a = matmul->attributes;
  xj_list *const perms[2] = {&a->perm_a, &a->perm_b};
  for (int32_t k = 0; k < 2; k++) {
    const xj_node *source = xj_producer(graph, matmul->inputs[k]);
    xj_list perm;
    if (source == NULL || source->op == XJ_NONE || !perm_of(graph, source, &perm)) continue;
    set_perm(perms[k], compose(&perm, perms[k]));
    matmul->inputs[k] = source->inputs[0];
  }
}

static void drop(xj_graph *graph, xj_node *node) {
  xj_graph_redirect(graph, node->output, node->inputs[0]);
  node->op = XJ_NONE;
}

/* A transpose of a matmul's result, or of another transpose's. */
static void fold_result(xj_graph *graph, xj_node *node) {
  xj_list perm;
  if (!perm_of(graph, node, &perm)) return;
  if (is_identity(&perm)) {
    drop(graph, node);
    return;
  }
  xj_node *source = xj_sole_producer(graph, node->inputs[0]);
  xj_list before;
  if (source == NULL) return;
  if (source->op == XJ_OP_batch_matmul) {
    xj_batch_matmul_attributes *a = source->attributes;
    set_perm(&a->perm_y, compose(&a->perm_y, &perm));
    xj_node_absorb(node, source);
  } else if (perm_of(graph, source, &before)) {
    xj_transpose_attributes *a = node->attributes;
    a->perm = compose(&before, &perm);
    node->inputs[0] = source->inputs[0];
    node->n_inputs = 1;
    if (is_identity(&a->perm)) drop(graph, node);
  }
}

xj_status xj_pass_fold_transpose(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE || graph->values[node->output].derived) continue;
    fold_result(graph, node);
    if (node->op == XJ_OP_batch_matmul) fold_operands(graph, node);
  }
  return XJ_OK;
}
