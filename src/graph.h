/* The graph as the core sees it: values, and nodes in topological order. Passes rewrite it, programs read it. */
#ifndef XJ_GRAPH_H
#define XJ_GRAPH_H

#include "src/op.h"

typedef enum { XJ_VALUE_NODE, XJ_VALUE_INPUT, XJ_VALUE_CONSTANT, XJ_VALUE_WEIGHT } xj_value_kind;

typedef struct {
  xj_type type;
  xj_value_kind kind;
  int32_t node;       /* that makes it (XJ_VALUE_NODE) */
  int32_t weight_id;  /* XJ_VALUE_WEIGHT */
  xj_storage storage; /* XJ_VALUE_WEIGHT */
  void *data;         /* XJ_VALUE_CONSTANT: the bytes, in type.dtype */
} xj_value;

typedef struct {
  int32_t op; /* XJ_NONE: dropped */
  char *name;
  int32_t n_inputs;
  int32_t *inputs; /* value ids, XJ_NONE where absent; room for at least 4 */
  int32_t output;  /* value id */
  void *attributes;
} xj_node;

typedef struct {
  int32_t value;
  char *name;
  int32_t dims[XJ_MAX_RANK]; /* inputs: as declared, -1 where free */
} xj_port;

typedef struct xj_block xj_block;

struct xj_graph {
  xj_value *values;
  xj_node *nodes;
  xj_port *inputs, *outputs;
  int32_t n_values, n_nodes, n_inputs, n_outputs;
  int32_t room_values, room_nodes, room_inputs, room_outputs;
  xj_block *blocks; /* what names, attributes and constants live in */
};

/* Memory that lives as long as the graph. */
void *xj_graph_alloc(xj_graph *graph, size_t bytes);
/* A new constant with room for its bytes, zeroed; or minus a status. */
int32_t xj_graph_add_constant(xj_graph *graph, const xj_type *type);
bool xj_value_is_constant(const xj_value *value);
/* Fills the arrays of a view: types [n_inputs] and constants [n_inputs] are the caller's. */
xj_node_view xj_graph_view(const xj_graph *graph, const xj_node *node, const xj_type *value_types, xj_type *types,
                           bool *constants);
/* Infers every value's type from `inputs` [n_inputs] into types [n_values]. */
xj_status xj_graph_infer(const xj_graph *graph, const xj_type *inputs, xj_type *types);
/* How often a value is read: by nodes, and as an output. */
int32_t xj_graph_uses(const xj_graph *graph, int32_t value);
/* Makes every reader of `from` read `to` instead. */
void xj_graph_redirect(xj_graph *graph, int32_t from, int32_t to);

#endif
