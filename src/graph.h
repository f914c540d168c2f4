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
  bool derived;       /* XJ_VALUE_NODE: follows from constants alone, computed once when they are there */
  void *known;        /* for the declared shapes: the elements, where they are known before the run; else NULL */
} xj_value;

typedef struct {
  int32_t op; /* XJ_NONE: dropped */
  char *name;
  int32_t n_inputs;
  int32_t *inputs; /* value ids, XJ_NONE where absent; room for the op's most, 8 at least where it is many */
  int32_t output;  /* value id */
  void *attributes;
} xj_node;

typedef struct {
  int32_t value;
  char *name;
  int32_t dims[XJ_MAX_RANK]; /* inputs: what programs may have, -1 where any; the value has the declared type */
} xj_port;

enum { XJ_ALL_AXES = (1 << XJ_MAX_RANK) - 1 };
enum { XJ_KNOWN_BYTES = 256 /* of a value that inference computes; constants are known whatever their size */ };

/* What inference says of all values, for one set of input shapes. */
typedef struct {
  xj_type *types;   /* [n_values] */
  void **known;     /* [n_values] the elements, where they are known before the run; else NULL */
  uint8_t *written; /* [n_values] as in xj_node_view */
} xj_facts;

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
/* Infers every value from the types of the inputs [n_inputs]; facts start zeroed and are released in either case. */
xj_status xj_graph_infer(const xj_graph *graph, const xj_type *inputs, xj_facts *facts);
/* The same where programs take free dimensions as declared or, those of one input or of all (XJ_NONE), of another size.
 */
typedef enum { XJ_SIZES_DECLARED, XJ_SIZES_OTHER, XJ_SIZES_OTHER_BATCH, XJ_SIZES_OTHER_REST } xj_sizes;
xj_status xj_graph_infer_sizes(const xj_graph *graph, xj_sizes sizes, int32_t input, xj_facts *facts);
void xj_facts_release(const xj_graph *graph, xj_facts *facts);
/* Whether the op takes a node that was rewritten, for the declared shapes, and still makes the same type. */
bool xj_graph_accepts(const xj_graph *graph, const xj_node *node);
/* How often a value is read: by nodes, and as an output. */
int32_t xj_graph_uses(const xj_graph *graph, int32_t value);
/* Makes every reader of `from` read `to` instead. */
void xj_graph_redirect(xj_graph *graph, int32_t from, int32_t to);

#endif
