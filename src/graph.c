#include "src/graph.h"

#include <string.h>

#include "src/evaluate.h"
#include "src/heap.h"
#include "src/view.h"

/* Small pieces are carved out of blocks that go all at once with the graph. */
enum { BLOCK_BYTES = 16384 };

struct xj_block {
  xj_block *next;
  size_t used, size;
  _Alignas(16) unsigned char bytes[];
};

void *xj_graph_alloc(xj_graph *graph, size_t bytes) {
  size_t rounded = (bytes + 15) & ~(size_t)15;
  xj_block *block = graph->blocks;
  if (block == NULL || block->size - block->used < rounded) {
    size_t size = rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES;
    block = xj_alloc(sizeof *block + size, XJ_HEAP_GENERAL);
    if (block == NULL) return NULL;
    block->next = graph->blocks;
    block->used = 0;
    block->size = size;
    graph->blocks = block;
  }
  void *piece = block->bytes + block->used;
  block->used += rounded;
  memset(piece, 0, bytes);
  return piece;
}

xj_graph *xj_graph_create(void) {
  xj_error_about(NULL, NULL);
  return xj_alloc_zeroed(sizeof(xj_graph), XJ_HEAP_GENERAL);
}

void xj_graph_release(xj_graph *graph) {
  if (graph == NULL) return;
  for (xj_block *block = graph->blocks; block != NULL;) {
    xj_block *next = block->next;
    xj_free(block);
    block = next;
  }
  xj_free(graph->values);
  xj_free(graph->nodes);
  xj_free(graph->inputs);
  xj_free(graph->outputs);
  xj_free(graph);
}

/* Makes room for one element more; false when there is none. */
static bool grow(void **array, int32_t n, int32_t *room, size_t element_bytes) {
  if (n < *room) return true;
  int32_t more = *room < 16 ? 16 : *room * 2;
  void *grown = xj_realloc(*array, (size_t)more * element_bytes);
  if (grown == NULL) return false;
  *array = grown;
  *room = more;
  return true;
}

static char *copy_name(xj_graph *graph, const char *name) {
  size_t n = name == NULL ? 0 : strlen(name);
  char *copy = xj_graph_alloc(graph, n + 1);
  if (copy != NULL && n > 0) memcpy(copy, name, n);
  return copy;
}

static int32_t add_value(xj_graph *graph, const xj_value *value) {
  if (!grow((void **)&graph->values, graph->n_values, &graph->room_values, sizeof *graph->values))
    return -XJ_OUT_OF_MEMORY;
  graph->values[graph->n_values] = *value;
  return graph->n_values++;
}

static xj_status read_type(xj_type *type, int32_t dtype, int32_t rank, const int32_t *dims, const char *what) {
  *type = (xj_type){.dtype = dtype, .rank = rank};
  if (rank > 0 && rank <= XJ_MAX_RANK) memcpy(type->dims, dims, (size_t)rank * sizeof *dims);
  return xj_type_check(type, what);
}

int32_t xj_graph_input(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims, const char *name) {
  xj_error_about("input", name);
  int32_t known[XJ_MAX_RANK] = {0};
  for (int32_t i = 0; i < rank && i < XJ_MAX_RANK; i++) known[i] = dims[i] == -1 ? 1 : dims[i];
  xj_type type;
  xj_status status = read_type(&type, dtype, rank, known, "the input");
  if (status != XJ_OK) return -(int32_t)status;
  xj_port port = {.value = graph->n_values, .name = copy_name(graph, name)};
  if (rank > 0) memcpy(port.dims, dims, (size_t)rank * sizeof *dims);
  if (port.name == NULL || !grow((void **)&graph->inputs, graph->n_inputs, &graph->room_inputs, sizeof port))
    return -XJ_OUT_OF_MEMORY;
  int32_t id = add_value(graph, &(xj_value){.type = type, .kind = XJ_VALUE_INPUT, .node = graph->n_inputs});
  if (id >= 0) graph->inputs[graph->n_inputs++] = port;
  return id;
}

xj_status xj_graph_input_shape(xj_graph *graph, int32_t value, const int32_t *dims) {
  if (value < 0 || value >= graph->n_values || graph->values[value].kind != XJ_VALUE_INPUT)
    return xj_fail(XJ_MISUSE, "value %d is no input", value);
  xj_port *port = &graph->inputs[graph->values[value].node];
  const int32_t rank = graph->values[value].type.rank;
  xj_error_about("input", port->name);
  for (int32_t i = 0; i < rank; i++)
    if (dims[i] < -1) return xj_fail(XJ_BAD_SHAPE, "dimension %d of its shape is %d", i, dims[i]);
  if (rank > 0) memcpy(port->dims, dims, (size_t)rank * sizeof *dims);
  return XJ_OK;
}

int32_t xj_graph_add_constant(xj_graph *graph, const xj_type *type) {
  void *data = xj_graph_alloc(graph, xj_type_bytes(type) + XJ_SLACK_BYTES);
  if (data == NULL) return -XJ_OUT_OF_MEMORY;
  return add_value(graph, &(xj_value){.type = *type, .kind = XJ_VALUE_CONSTANT, .data = data, .known = data});
}

int32_t xj_graph_constant(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims, const void *data,
                          uint32_t bytes) {
  xj_error_about("constant", "");
  xj_type type;
  xj_status status = read_type(&type, dtype, rank, dims, "the constant");
  if (status != XJ_OK) return -(int32_t)status;
  if (xj_type_bytes(&type) != bytes)
    return -(int32_t)xj_fail(XJ_BAD_MODEL, "a %s of shape %s has %zu bytes, %u are given", xj_dtype_name(dtype),
                             xj_type_text(&type), xj_type_bytes(&type), bytes);
  int32_t id = xj_graph_add_constant(graph, &type);
  if (id >= 0 && bytes > 0) memcpy(graph->values[id].data, data, bytes);
  return id;
}

int32_t xj_graph_weight(xj_graph *graph, int32_t weight_id, const xj_storage *storage, int32_t dtype, int32_t rank,
                        const int32_t *dims) {
  xj_error_about("weight", "");
  xj_type type;
  xj_status status = read_type(&type, dtype, rank, dims, "the weight");
  if (status != XJ_OK) return -(int32_t)status;
  if (!xj_weight_stores(storage, dtype))
    return -(int32_t)xj_fail(XJ_BAD_MODEL, "a %s weight cannot be stored as %s", xj_dtype_name(dtype),
                             xj_dtype_name(storage->dtype));
  return add_value(graph,
                   &(xj_value){.type = type, .kind = XJ_VALUE_WEIGHT, .weight_id = weight_id, .storage = *storage});
}

bool xj_value_is_constant(const xj_value *value) {
  return value->kind == XJ_VALUE_CONSTANT || value->kind == XJ_VALUE_WEIGHT || value->derived;
}

/* Whether the node's result is to be known before the run: inference computes small results of known operands, and
 * what follows from shapes. */
static bool is_knowable(const xj_node_view *node) {
  const uint32_t flags = xj_ops[node->op].flags;
  if ((flags & (XJ_PACKS | XJ_RANDOM)) || xj_type_bytes(node->output) > XJ_KNOWN_BYTES) return false;
  if (flags & XJ_SHAPE_ONLY) return true;
  for (int32_t i = 0; i < node->n_inputs; i++)
    if (xj_present(node, i) && node->known[i] == NULL) return false;
  return true;
}

/* Which axes of a node's output have sizes that were written down, as far as that is plain: of elementwise ops those
 * that no other input has a say in, of another shape of the same bytes those that are in both. */
static uint8_t written_axes(const xj_node_view *node, const xj_type *output) {
  const uint32_t flags = xj_ops[node->op].flags;
  uint8_t written = 0;
  if (flags & XJ_INPLACE) {
    uint8_t has = 0, lacks = 0;
    for (int32_t i = 0; i < node->n_inputs; i++) {
      const xj_type *x = &node->inputs[i];
      for (int32_t k = 0; k < x->rank; k++) {
        const uint8_t bit = (uint8_t)(1 << k);
        if (x->dims[x->rank - 1 - k] != 1) *(node->written[i] & bit ? &has : &lacks) |= bit;
      }
    }
    return has & (uint8_t)~lacks;
  }
  if (!(flags & XJ_ALIAS)) return 0;
  const xj_type *x = &node->inputs[0];
  int32_t from = x->rank - 1;
  for (int32_t to = output->rank - 1; to >= 0; to--) {
    if (output->dims[to] == 1) continue;
    while (from >= 0 && x->dims[from] == 1) from--;
    if (from < 0 || x->dims[from] != output->dims[to]) return 0;
    if (node->written[0] >> (x->rank - 1 - from) & 1) written |= (uint8_t)(1 << (output->rank - 1 - to));
    from--;
  }
  return written;
}

/* Infers a node's output. `known`: a place for XJ_KNOWN_BYTES; *is_known says whether the elements were put there. */
static xj_status infer_node(const xj_graph *graph, const xj_node *node, const xj_facts *facts, xj_type *output,
                            uint8_t *written, void *known, bool *is_known) {
  xj_view_room room;
  xj_error_about(xj_ops[node->op].name, node->name);
  xj_status status = xj_view_open(graph, node, facts, false, &room);
  if (status != XJ_OK) return status;
  *output = (xj_type){0};
  *is_known = false;
  status = xj_ops[node->op].kernel->infer(&room.view, output);
  if (status == XJ_OK) status = xj_type_check(output, "the output");
  if (status == XJ_OK) {
    room.view.output = output;
    *written = written_axes(&room.view, output);
    *is_known = is_knowable(&room.view);
    if (*is_known) status = xj_evaluate(&room.view, room.view.known, known);
  }
  xj_view_close(&room);
  return status;
}

/* Whether the node's result follows from constants alone. */
static bool is_derived(const xj_graph *graph, const xj_node *node) {
  if (xj_ops[node->op].flags & (XJ_PACKS | XJ_RANDOM | XJ_SHAPE_ONLY)) return false;
  for (int32_t i = 0; i < node->n_inputs; i++)
    if (node->inputs[i] != XJ_NONE && !xj_value_is_constant(&graph->values[node->inputs[i]])) return false;
  return true;
}

int32_t xj_graph_node(xj_graph *graph, int32_t op, const char *name, int32_t n_inputs, const int32_t *inputs,
                      const void *attributes, uint32_t attribute_bytes) {
  xj_error_about("node", name);
  if (op < 0 || op >= XJ_N_OPS) return -(int32_t)xj_fail(XJ_BAD_MODEL, "there is no op %d", op);
  const xj_op_row *row = &xj_ops[op];
  xj_error_about(row->name, name);
  if (n_inputs < row->least_inputs || n_inputs > row->most_inputs)
    return -(int32_t)xj_fail(XJ_BAD_MODEL, "it has %d inputs, and takes %d to %d", n_inputs, row->least_inputs,
                             row->most_inputs);
  for (int32_t i = 0; i < n_inputs; i++)
    if (inputs[i] < (i < row->least_inputs ? 0 : XJ_NONE) || inputs[i] >= graph->n_values)
      return -(int32_t)xj_fail(XJ_BAD_MODEL, "its input %d is value %d of %d", i, inputs[i], graph->n_values);
  if (attributes != NULL && attribute_bytes != row->attribute_bytes)
    return -(int32_t)xj_fail(XJ_BAD_MODEL, "its attributes have %u bytes instead of %u", attribute_bytes,
                             row->attribute_bytes);
  xj_node node = {.op = op,
                  .name = copy_name(graph, name),
                  .n_inputs = n_inputs,
                  .inputs = xj_graph_alloc(graph, (size_t)(n_inputs < 8 ? 8 : n_inputs) * sizeof(int32_t)),
                  .attributes = xj_graph_alloc(graph, row->attribute_bytes),
                  .output = graph->n_values};
  if (node.name == NULL || node.inputs == NULL || node.attributes == NULL) return -XJ_OUT_OF_MEMORY;
  memcpy(node.inputs, inputs, (size_t)n_inputs * sizeof(int32_t));
  if (attributes != NULL) memcpy(node.attributes, attributes, attribute_bytes);
  xj_value value = {.kind = XJ_VALUE_NODE, .node = graph->n_nodes, .derived = is_derived(graph, &node)};
  _Alignas(16) char known[XJ_KNOWN_BYTES + XJ_SLACK_BYTES];
  uint8_t written;
  bool is_known;
  xj_status status = infer_node(graph, &node, NULL, &value.type, &written, known, &is_known);
  if (status != XJ_OK) return -(int32_t)status;
  if (is_known) {
    value.known = xj_graph_alloc(graph, sizeof known);
    if (value.known == NULL) return -XJ_OUT_OF_MEMORY;
    memcpy(value.known, known, xj_type_bytes(&value.type));
  }
  if (!grow((void **)&graph->nodes, graph->n_nodes, &graph->room_nodes, sizeof node)) return -XJ_OUT_OF_MEMORY;
  int32_t id = add_value(graph, &value);
  if (id >= 0) graph->nodes[graph->n_nodes++] = node;
  return id;
}

int32_t xj_graph_output(xj_graph *graph, int32_t value, const char *name) {
  xj_error_about("output", name);
  if (value < 0 || value >= graph->n_values)
    return -(int32_t)xj_fail(XJ_BAD_MODEL, "there is no value %d, only %d values", value, graph->n_values);
  xj_port port = {.value = value, .name = copy_name(graph, name)};
  if (port.name == NULL || !grow((void **)&graph->outputs, graph->n_outputs, &graph->room_outputs, sizeof port))
    return -XJ_OUT_OF_MEMORY;
  graph->outputs[graph->n_outputs] = port;
  return graph->n_outputs++;
}

bool xj_graph_accepts(const xj_graph *graph, const xj_node *node) {
  xj_view_room room;
  xj_type output = {0};
  xj_status status = xj_view_open(graph, node, NULL, false, &room);
  if (status == XJ_OK) status = xj_ops[node->op].kernel->infer(&room.view, &output);
  xj_view_close(&room);
  return status == XJ_OK && xj_type_equal(&output, &graph->values[node->output].type);
}

static xj_status infer_nodes(const xj_graph *graph, xj_facts *facts) {
  _Alignas(16) char known[XJ_KNOWN_BYTES + XJ_SLACK_BYTES];
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    const int32_t id = node->output;
    if (node->op == XJ_NONE || graph->values[id].derived) continue; /* of constants: as declared */
    bool is_known;
    facts->known[id] = NULL;
    XJ_TRY(infer_node(graph, node, facts, &facts->types[id], &facts->written[id], known, &is_known));
    if (!is_known) continue;
    facts->known[id] = xj_alloc(sizeof known, XJ_HEAP_GENERAL);
    if (facts->known[id] == NULL) return XJ_OUT_OF_MEMORY;
    memcpy(facts->known[id], known, xj_type_bytes(&facts->types[id]));
  }
  return XJ_OK;
}

xj_status xj_graph_infer(const xj_graph *graph, const xj_type *inputs, xj_facts *facts) {
  const size_t n = (size_t)graph->n_values;
  facts->types = xj_alloc(n * sizeof *facts->types + 1, XJ_HEAP_GENERAL);
  facts->known = xj_alloc_zeroed(n * sizeof *facts->known + 1, XJ_HEAP_GENERAL);
  facts->written = xj_alloc_zeroed(n + 1, XJ_HEAP_GENERAL);
  if (facts->types == NULL || facts->known == NULL || facts->written == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->n_values; i++) {
    facts->types[i] = graph->values[i].type;
    if (xj_value_is_constant(&graph->values[i])) facts->known[i] = graph->values[i].known;
  }
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    xj_error_about("input", graph->inputs[i].name);
    XJ_TRY(xj_type_check(&inputs[i], "the input"));
    facts->types[graph->inputs[i].value] = inputs[i];
  }
  return infer_nodes(graph, facts);
}

/* Whether a free dimension of axis k gets another size than was declared. */
static bool is_other(xj_sizes sizes, int32_t k) {
  return sizes == XJ_SIZES_OTHER || (sizes == XJ_SIZES_OTHER_BATCH && k == 0) ||
         (sizes == XJ_SIZES_OTHER_REST && k > 0);
}

xj_status xj_graph_infer_sizes(const xj_graph *graph, xj_sizes sizes, int32_t input, xj_facts *facts) {
  xj_type *inputs = xj_alloc((size_t)graph->n_inputs * sizeof *inputs + 1, XJ_HEAP_GENERAL);
  if (inputs == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    const xj_port *port = &graph->inputs[i];
    inputs[i] = graph->values[port->value].type;
    for (int32_t k = 0; k < inputs[i].rank; k++) {
      int32_t *dim = &inputs[i].dims[k];
      if (port->dims[k] != -1)
        *dim = port->dims[k];
      else if (is_other(sizes, k) && (input == XJ_NONE || input == i))
        *dim = *dim <= 1 ? *dim + 1 : *dim - 1;
    }
  }
  const xj_status status = xj_graph_infer(graph, inputs, facts);
  xj_free(inputs);
  return status;
}

void xj_facts_release(const xj_graph *graph, xj_facts *facts) {
  for (int32_t i = 0; facts->known != NULL && i < graph->n_values; i++)
    if (!xj_value_is_constant(&graph->values[i])) xj_free(facts->known[i]);
  xj_free(facts->types);
  xj_free(facts->known);
  xj_free(facts->written);
  *facts = (xj_facts){0};
}

int32_t xj_graph_uses(const xj_graph *graph, int32_t value) {
  const xj_value *v = &graph->values[value];
  int32_t uses = 0;
  for (int32_t i = v->kind == XJ_VALUE_NODE ? v->node + 1 : 0; i < graph->n_nodes; i++) { /* readers come after */
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    for (int32_t k = 0; k < node->n_inputs; k++) uses += node->inputs[k] == value;
  }
  for (int32_t i = 0; i < graph->n_outputs; i++) uses += graph->outputs[i].value == value;
  return uses;
}

void xj_graph_redirect(xj_graph *graph, int32_t from, int32_t to) {
  for (int32_t i = 0; i < graph->n_nodes; i++)
    for (int32_t k = 0; k < graph->nodes[i].n_inputs; k++)
      if (graph->nodes[i].inputs[k] == from) graph->nodes[i].inputs[k] = to;
  for (int32_t i = 0; i < graph->n_outputs; i++)
    if (graph->outputs[i].value == from) graph->outputs[i].value = to;
}
