/* libFuzzer's target: the input's bytes are calls of xj.h, from the first node to the last release. Whatever they say,
 * the core answers with a status; sanitizers see the rest. README.md says how to run it. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/graph.h"
#include "src/model.h"
#include "src/view.h"
#include "tests/fuzz/guarded_run.h"

enum { MEMORY_BYTES = 64 << 20, MOST_NODES = 64, MOST_INPUTS = 12, MOST_WORK = 4 << 20, BUFFER_BYTES = 1 << 16 };

int LLVMFuzzerInitialize(int *n, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what the bytes say; zeros once they are used up ---- */

static struct {
  const uint8_t *at, *end;
} bytes;

static uint8_t take(void) { return bytes.at < bytes.end ? *bytes.at++ : 0; }

static int32_t take32(void) {
  uint32_t value = 0;
  for (int32_t i = 0; i < 4; i++) value = value << 8 | take();
  return (int32_t)value;
}

/* An op by the hash of its name, so that new rows of ops.def leave most inputs what they were (consistent hashing:
 * the op whose hash comes next, on a circle). */
static int32_t take_op(void) {
  uint32_t at = (uint32_t)take() << 8, nearest = UINT32_MAX;
  int32_t op = 0;
  at |= take();
  for (int32_t i = 0; i < XJ_N_OPS; i++) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = xj_ops[i].name; *c; c++) hash = (hash ^ (uint8_t)*c) * 16777619u;
    uint32_t distance = (hash - at) & 0xffff;
    if (distance < nearest) {
      nearest = distance;
      op = i;
    }
  }
  return op;
}

/* Mostly 0 … 9, sometimes a number that arithmetic trips over. */
static int32_t take_number(void) {
  static const int32_t rare[] = {16,          31,      32,      63,          64,
                                 65,          100,     255,     256,         1000,
                                 4096,        65535,   65536,   1 << 20,     (1 << 20) + 1,
                                 1 << 24,     1 << 29, 1 << 30, INT_MAX / 4, INT_MAX / 4 + 1,
                                 INT_MAX - 1, INT_MAX, INT_MIN, -1,          -2,
                                 -3,          -4,      -1000};
  enum { N = sizeof rare / sizeof *rare };
  uint8_t byte = take();
  if (byte < 200) return byte % 10;
  if (byte < 200 + N) return rare[byte - 200];
  return byte & 1 ? take32() : take();
}

static float take_float(void) {
  static const float known[] = {0, 1, -1, 6, 0.5f, -0.0f, 1e-40f, 1e38f, -1e38f, INFINITY, -INFINITY, NAN};
  enum { N = sizeof known / sizeof *known };
  uint8_t byte = take();
  if (byte < N) return known[byte];
  if (byte & 1) return (float)(int8_t)byte / 16;
  int32_t bits = take32();
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static int32_t take_dtype(void) {
  uint8_t byte = take();
  return byte < 176 ? XJ_FLOAT32 : byte < 208 ? XJ_INT32 : byte < 248 ? byte % 8 : take_number();
}

/* Fills dims; the rank may be a wrong one. */
static int32_t take_dims(int32_t dims[XJ_MAX_RANK]) {
  uint8_t byte = take();
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) dims[i] = i < byte % 9 ? take_number() : 1;
  return byte < 250 ? byte % 9 : (int8_t)byte;
}

static const char *take_name(void) {
  static char name[600];
  static const uint8_t lengths[] = {0, 1, 5, 255};
  uint8_t byte = take();
  if (byte == 255) return NULL;
  size_t length = byte > 250 ? sizeof name - 1 : lengths[byte % 4];
  memset(name, 'n', length);
  name[length] = 0;
  return name;
}

/* Bytes of weights, inputs and constants: any, the same for the same input; or what an op mostly wants of the dtype:
 * small integers, as indices are, and floats between -8 and 8. */
static void fill(void *to, size_t n, int32_t dtype) {
  const uint8_t seed = take();
  uint32_t state = seed;
  for (size_t i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    ((uint8_t *)to)[i] = (uint8_t)(state >> 24);
  }
  if (seed % 4 == 0) return;
  for (size_t i = 0; i + 4 <= n && (dtype == XJ_INT32 || dtype == XJ_FLOAT32); i += 4) {
    int32_t small = ((uint8_t *)to)[i] % 5 - (seed % 4 == 3);
    float value = (float)(int8_t)((uint8_t *)to)[i] / 16;
    memcpy((uint8_t *)to + i, dtype == XJ_INT32 ? (void *)&small : (void *)&value, 4);
  }
  for (size_t i = 0; i < n && dtype == XJ_BOOL; i++) ((uint8_t *)to)[i] &= 1;
}

/* ---- building ---- */

/* The attributes of each op: kind, name, a blank. */
static const char *const attributes_of[XJ_N_OPS] = {
#define I32(name) "i" #name " "
#define F32(name) "f" #name " "
#define I32S(name) "I" #name " "
#define NONE "iunused "
#define XJ_OP(op, least, most, outputs, flags, attributes) attributes,
#include "src/ops.def"
#undef XJ_OP
#undef I32
#undef F32
#undef I32S
#undef NONE
};

static union {
  uint8_t bytes[512];
  int32_t aligned;
} attributes;

static bool named(const char *attribute, const char *name) { return strncmp(attribute + 1, name, strlen(name)) == 0; }

/* Mostly what a model would have there. */
static int32_t take_integer(const char *attribute) {
  uint8_t byte = take();
  if (byte >= 232) return take_number();
  static const char *const switches[] = {"padding ", "keep",    "transpose", "align",     "half",    "filter_layout",
                                         "is_",      "include", "in_window", "want",      "binary",  "order",
                                         "nearest",  "reverse", "exclusive", "symmetric", "inverse", "right"};
  enum { N_SWITCHES = sizeof switches / sizeof *switches };
  for (int32_t i = 0; i < N_SWITCHES; i++)
    if (named(attribute, switches[i])) return byte & 1;
  if (named(attribute, "activation")) return byte % 4;
  if (named(attribute, "act_op")) return take_op();
  if (named(attribute, "act_")) return byte & 1 ? 0 : byte / 2; /* bounds of what is quantised */
  if (strstr(attribute, "_mask ") == attribute + strcspn(attribute, "_ ")) return byte & 8 ? byte % 8 : 0;
  if (named(attribute, "mode") || named(attribute, "fill_mode") || named(attribute, "kind")) return byte % 4;
  if (named(attribute, "stride") || named(attribute, "dilation") || named(attribute, "kernel")) return byte % 4;
  if (named(attribute, "pad_")) return byte % 3;
  if (named(attribute, "axis")) return byte % 9 - 4;
  if (named(attribute, "dtype")) return byte % 7;
  return take_number();
}

/* *n_axes: of the node's list before; slice's lists have one length. */
static void take_list(const char *attribute, const xj_type *x, int32_t *n_axes, xj_list *list) {
  uint8_t byte = take();
  *list = (xj_list){0};
  if (byte >= 224) {
    list->n = take_number();
    for (int32_t i = 0; i < XJ_LIST_MAX; i++) list->values[i] = i < list->n ? take_number() : 0;
  } else if (named(attribute, "perm")) { /* two axes swapped, or none given */
    list->n = byte & 1 ? 0 : x->rank;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = i;
    int32_t i = list->n == 0 ? 0 : byte / 2 % list->n, k = list->n == 0 ? 0 : byte / 16 % list->n;
    list->values[i] = k;
    list->values[k] = i;
  } else if (named(attribute, "multiples")) {
    list->n = x->rank;
    for (int32_t i = 0; i < x->rank; i++) list->values[i] = take() % 4;
  } else if (named(attribute, "block")) {
    list->n = *n_axes = byte % 3;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = take() % 3 + 1;
  } else if (named(attribute, "crops") || (named(attribute, "paddings") && *n_axes > 0)) {
    list->n = 2 * *n_axes;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = take() % 3;
  } else if (named(attribute, "paddings")) {
    list->n = 2 * x->rank;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = i < 2 || i >= list->n - 2 ? byte & 1 : take() % 3;
  } else if (named(attribute, "shape")) { /* two dimensions swapped, or one left open */
    list->n = x->rank;
    for (int32_t i = 0; i < x->rank; i++) list->values[i] = x->dims[i];
    int32_t i = byte % (x->rank + 1), k = byte / 16 % (x->rank + 1), dim = list->values[i];
    list->values[i] = list->values[k];
    list->values[k] = byte & 1 ? -1 : dim;
  } else if (*n_axes >= 0 && (named(attribute, "begin") || named(attribute, "size") || named(attribute, "end"))) {
    list->n = *n_axes;
    for (int32_t i = 0; i < *n_axes; i++) list->values[i] = take() % 4 - (*(attribute + 1) == 's');
  } else if (*n_axes >= 0 && named(attribute, "strides")) {
    list->n = *n_axes;
    for (int32_t i = 0; i < *n_axes; i++) list->values[i] = take() % 4 - 1;
  } else {
    list->n = *n_axes = byte % 4;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = take() % 9 - 4;
  }
}

/* x: of the node's first input. */
static void take_attributes(int32_t op, const xj_type *x) {
  uint8_t *at = attributes.bytes;
  int32_t n_axes = -1;
  for (const char *attribute = attributes_of[op]; *attribute; attribute = strchr(attribute, ' ') + 1) {
    if (*attribute == 'f') {
      float value = take_float();
      memcpy(at, &value, 4);
      at += 4;
    } else if (*attribute == 'i') {
      int32_t value = take_integer(attribute);
      memcpy(at, &value, 4);
      at += 4;
    } else {
      xj_list list;
      take_list(attribute, x, &n_axes, &list);
      memcpy(at, &list, sizeof list);
      at += sizeof list;
    }
  }
}

static const xj_type *type_of(const xj_graph *graph, int32_t value) {
  static const xj_type scalar;
  return value >= 0 && value < graph->n_values ? &graph->values[value].type : &scalar;
}

static int32_t take_value(const xj_graph *graph) {
  uint8_t byte = take();
  if (byte >= 252) return take_number();
  if (byte >= 240) return XJ_NONE;
  return graph->n_values - 1 - byte % 16;
}

/* The latest value of a rank that is no constant, or one before it. */
static int32_t take_tensor(const xj_graph *graph, int32_t rank) {
  uint8_t byte = take();
  int32_t skip = byte % 8 == 7 ? byte / 32 : 0, value = graph->n_values - 1;
  for (; value >= 0; value--)
    if (graph->values[value].type.rank == rank && !xj_value_is_constant(&graph->values[value]) && skip-- == 0) break;
  return value;
}

static int32_t add_weight(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims) {
  static const int32_t stored_as[] = {XJ_FLOAT32, XJ_FLOAT16, XJ_UINT8, XJ_UINT16};
  uint8_t byte = take();
  xj_storage storage = {dtype, 0, 0};
  if (byte >= 128) storage = (xj_storage){byte < 250 ? stored_as[byte % 4] : take_number(), take_float(), take_float()};
  return xj_graph_weight(graph, byte, &storage, dtype, rank, dims);
}

static int32_t add_constant(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims) {
  static uint8_t buffer[BUFFER_BYTES];
  uint64_t n = xj_dtype_bytes(dtype);
  for (int32_t i = 0; i < rank && i < XJ_MAX_RANK && n <= BUFFER_BYTES; i++) n *= dims[i] < 0 ? 0 : (uint32_t)dims[i];
  bool fits = n <= BUFFER_BYTES && take() < 250;
  if (fits) fill(buffer, (size_t)n, dtype);
  /* one that does not fit is said to be smaller than its shape, and refused */
  return xj_graph_constant(graph, dtype, rank, dims, buffer, fits ? (uint32_t)n : take() + 1u);
}

/* A weight as a layer wants it, or one that is made of it by nodes: computed from constants once they are fed. */
static int32_t add_filter(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims) {
  const uint8_t byte = take();
  int32_t id = XJ_NONE, flat = 1;
  for (int32_t i = 0; i < rank; i++) flat = (int32_t)((uint32_t)flat * (uint32_t)dims[i]);
  if (byte < 160) return add_weight(graph, dtype, rank, dims);
  if (byte & 1) { /* another shape of it */
    xj_reshape_attributes reshape = {.shape = {.n = rank}};
    memcpy(reshape.shape.values, dims, (size_t)rank * sizeof *dims);
    id = add_weight(graph, dtype, 1, &flat);
    id = xj_graph_node(graph, XJ_OP_reshape, "", 1, &id, &reshape, sizeof reshape);
  } else {
    id = add_weight(graph, dtype, rank, dims);
  }
  if (byte & 2 && id >= 0 && dtype == XJ_FLOAT32) /* times something */
    id = xj_graph_node(graph, XJ_OP_mul, "", 2, (int32_t[]){id, add_weight(graph, dtype, 1, &dims[rank - 1])}, NULL, 0);
  return id;
}

typedef struct {
  int32_t op, rank; /* of the filter */
  bool is_out_first, is_quantised, is_transposed;
} layer;

static const layer layers[] = {
    {XJ_OP_conv2d, 4, false, false, false}, {XJ_OP_depthwise_conv2d, 4, false, false, false},
    {XJ_OP_dense, 2, false, false, false},  {XJ_OP_conv2d_transpose, 4, false, false, true},
    {XJ_OP_q_conv2d, 4, true, true, false}, {XJ_OP_q_dense, 2, true, true, false},
};

/* A layer whose weights go with its input, so that most graphs get beyond their first node. */
static void add_layer(xj_graph *graph, const layer *l) {
  int32_t x = l->rank == 2 ? take_value(graph) : take_tensor(graph, 4);
  const xj_type *type = type_of(graph, x);
  int32_t channels = type->rank > 0 ? type->dims[type->rank - 1] : 1, out = take_number(), n_out = out;
  int32_t inputs[6] = {x, XJ_NONE, XJ_NONE, XJ_NONE, XJ_NONE, XJ_NONE};
  const int32_t bias_type = l->is_quantised ? XJ_INT32 : XJ_FLOAT32;
  take_attributes(l->op, type);
  const int32_t dtype = l->is_quantised ? (take() & 1 ? XJ_INT8 : XJ_UINT8) : XJ_FLOAT32;
  if (l->rank == 2) {
    bool is_first = l->is_out_first || ((const xj_dense_attributes *)(const void *)&attributes)->transpose_b != 0;
    inputs[1] = add_filter(graph, dtype, 2, (int32_t[]){is_first ? out : channels, is_first ? channels : out});
  } else {
    bool is_first = l->is_out_first;
    if (l->op == XJ_OP_conv2d) is_first = ((const xj_conv2d_attributes *)(const void *)&attributes)->filter_layout == 1;
    if (l->op == XJ_OP_conv2d_transpose)
      is_first = ((const xj_conv2d_transpose_attributes *)(const void *)&attributes)->filter_layout == 1;
    int32_t kernel[2] = {take_integer("ikernel"), take_integer("ikernel")}, in = channels, groups = 1;
    if (take() & 1 && out > 0 && channels > 0) {
      for (groups = 2; groups < 64 && channels % groups != 0; groups++) continue;
      if (channels % groups != 0) groups = 1;
    }
    if (!l->is_transposed && l->op != XJ_OP_depthwise_conv2d && groups > 1) {
      in = channels / groups;
      n_out = out = (int32_t)((uint32_t)out * (uint32_t)groups);
    }
    if (l->op == XJ_OP_depthwise_conv2d) n_out = (int32_t)((uint32_t)channels * (uint32_t)out);
    const int32_t third = l->is_transposed ? out : in, last = l->is_transposed ? in : out;
    inputs[1] = is_first ? add_filter(graph, dtype, 4, (int32_t[]){out, kernel[0], kernel[1], in})
                         : add_filter(graph, dtype, 4, (int32_t[]){kernel[0], kernel[1], third, last});
  }
  uint8_t byte = take();
  if (byte & 1) inputs[2] = add_filter(graph, bias_type, 1, &n_out);
  if (byte & 2 && !l->is_quantised) inputs[3] = add_weight(graph, XJ_FLOAT32, 1, byte & 4 ? &n_out : (int32_t[]){1});
  if (byte & 8 || l->is_quantised) inputs[4] = add_filter(graph, XJ_FLOAT32, 1, byte & 16 ? &n_out : (int32_t[]){1});
  if (byte >= 224) inputs[5] = take_value(graph);
  const int32_t most = xj_ops[l->op].most_inputs, n = byte & 31 || l->is_quantised ? 6 : 2;
  xj_graph_node(graph, l->op, take_name(), n < most ? n : most, inputs, &attributes, xj_ops[l->op].attribute_bytes);
}

/* A constant for each channel, and a node that a pass may fuse into the one before. */
static void add_follower(xj_graph *graph) {
  static const int32_t followers[] = {XJ_OP_add,   XJ_OP_prelu, XJ_OP_mul,     XJ_OP_relu,
                                      XJ_OP_relu6, XJ_OP_clamp, XJ_OP_identity};
  uint8_t byte = take();
  int32_t op = followers[byte % 7], x = graph->n_values - 1;
  const xj_type *type = type_of(graph, x);
  take_attributes(op, type);
  int32_t channels = type->rank > 0 ? type->dims[type->rank - 1] : 1, constant = XJ_NONE;
  if (xj_ops[op].least_inputs == 2) constant = add_weight(graph, XJ_FLOAT32, 1, &channels);
  bool swapped = byte >= 240;
  xj_graph_node(graph, op, NULL, xj_ops[op].least_inputs, (int32_t[]){swapped ? constant : x, swapped ? x : constant},
                &attributes, xj_ops[op].attribute_bytes);
}

/* An op on an image. */
static void add_window(xj_graph *graph) {
  static const int32_t windows[] = {XJ_OP_max_pool2d, XJ_OP_avg_pool2d, XJ_OP_pad, XJ_OP_resize_bilinear,
                                    XJ_OP_resize_nearest};
  int32_t op = windows[take() % 5], x = take_tensor(graph, 4);
  take_attributes(op, type_of(graph, x));
  xj_graph_node(graph, op, NULL, 1, &x, &attributes, xj_ops[op].attribute_bytes);
}

/* An operand that ops want beside their first input: lists and sizes known before the run, indices, tables, tensors
 * like x. */
static int32_t take_operand(xj_graph *graph, const xj_type *x) {
  int32_t dims[XJ_MAX_RANK], rank = x->rank, channels = rank > 0 ? x->dims[rank - 1] : 1;
  memcpy(dims, x->dims, sizeof dims);
  const uint8_t byte = take();
  switch (byte % 16) {
    case 0: return add_constant(graph, XJ_INT32, 1, &rank);                                /* one for each axis */
    case 1: return add_constant(graph, XJ_INT32, 0, NULL);                                 /* a size */
    case 2: return add_constant(graph, XJ_INT32, 2, (int32_t[]){rank, 2});                 /* paddings */
    case 3: return xj_graph_constant(graph, XJ_INT32, 1, &rank, dims, 4 * (uint32_t)rank); /* its shape */
    case 4: return add_constant(graph, x->dtype, 0, NULL);
    case 5: return add_constant(graph, x->dtype, rank, dims);
    case 6: return add_weight(graph, x->dtype, rank, dims);
    case 7: return add_constant(graph, x->dtype, 1, &channels);
    case 8: return add_constant(graph, XJ_INT32, byte & 16 ? 1 : 2, (int32_t[]){byte / 32, byte / 64 + 1});
    case 9: return add_constant(graph, byte & 16 ? XJ_INT8 : XJ_UINT8, 1, (int32_t[]){256});
    case 10: return add_weight(graph, XJ_FLOAT32, 1, &channels);
    case 11:
      return xj_graph_input(graph, XJ_INT32, byte & 16 ? 1 : rank, byte & 16 ? (int32_t[]){byte / 32} : dims, "");
    case 12: /* a filter */
      dims[0] = byte / 32 + 1;
      dims[1] = byte / 64 + 1;
      if (rank > 3) dims[2] = rank == 5 ? byte / 128 + 1 : channels;
      if (rank > 3) dims[3] = channels;
      return add_weight(graph, XJ_FLOAT32, byte & 16 ? 3 : rank, dims);
    case 13: return xj_graph_node(graph, XJ_OP_shape, "", 1, (int32_t[]){graph->n_values - 1}, NULL, 0);
    default: return take_value(graph);
  }
}

static void add_node(xj_graph *graph) {
  uint8_t byte = take();
  int32_t op = byte < 250 ? take_op() : take_number();
  bool known = op >= 0 && op < XJ_N_OPS;
  int32_t inputs[MOST_INPUTS], n = known ? xj_ops[op].least_inputs : 1;
  byte = take();
  if (byte >= 128) n += byte % 4;
  if (byte >= 254) n = take_number();
  if (n > MOST_INPUTS) n = MOST_INPUTS;
  const bool suits = byte & 64; /* operands made for the node, or values that are there */
  if (n > 0) inputs[0] = take_value(graph);
  for (int32_t i = 1; i < n; i++) {
    const xj_type x = *type_of(graph, inputs[0]);
    inputs[i] = suits ? take_operand(graph, &x) : take_value(graph);
  }
  if (known) take_attributes(op, type_of(graph, n > 0 ? inputs[0] : XJ_NONE));
  bool without = take() >= 224;
  xj_graph_node(graph, op, take_name(), n, inputs, without ? NULL : &attributes,
                known && take() < 250 ? xj_ops[op].attribute_bytes : take());
}

/* What shapes programs may have at an input. */
static void free_input(xj_graph *graph) {
  const uint8_t byte = take();
  if (graph->n_inputs == 0) return;
  const int32_t value = byte >= 250 ? take_number() : graph->inputs[byte % graph->n_inputs].value;
  const xj_type *type = type_of(graph, value);
  int32_t dims[XJ_MAX_RANK];
  for (int32_t i = 0; i < type->rank; i++) {
    const uint8_t kind = take();
    dims[i] = kind < 112 ? type->dims[i] : kind < 224 ? -1 : take_number();
  }
  xj_graph_input_shape(graph, value, dims);
}

static void build(xj_graph *graph) {
  for (int32_t i = 0; i < MOST_NODES && bytes.at < bytes.end; i++) {
    int32_t dims[XJ_MAX_RANK], dtype, rank;
    uint8_t command = take();
    switch (command % 16) {
      case 0: return;
      case 1:
      case 2:
        dtype = take_dtype();
        rank = take_dims(dims);
        xj_graph_input(graph, dtype, rank, dims, take_name());
        break;
      case 3:
        dtype = take_dtype();
        rank = take_dims(dims);
        add_constant(graph, dtype, rank, dims);
        break;
      case 4:
        dtype = take_dtype();
        rank = take_dims(dims);
        add_weight(graph, dtype, rank, dims);
        break;
      case 5: xj_graph_output(graph, take_value(graph), take_name()); break;
      case 6: free_input(graph); break;
      case 7: add_layer(graph, &layers[0]); break;
      case 8: add_layer(graph, &layers[1]); break;
      case 9: add_layer(graph, &layers[2 + command / 16 % 4]); break;
      case 10: /* an image */
        for (int32_t k = 0; k < 4; k++) dims[k] = take() < 224 ? take_number() : -1;
        xj_graph_input(graph, XJ_FLOAT32, 4, dims, "image");
        break;
      case 11: add_window(graph); break;
      case 12: add_follower(graph); break;
      default: add_node(graph);
    }
  }
  if (graph->n_outputs == 0) xj_graph_output(graph, graph->n_values - 1, "last");
}

/* ---- running ---- */

static void feed(xj_model *model) {
  for (int32_t i = 0; i < xj_model_n_wanted(model); i++) {
    uint8_t byte = take();
    if (byte == 255) continue; /* this one never comes */
    void *staging = xj_model_staging(model);
    if (staging == NULL) continue;
    const xj_value *weight = &model->graph->values[model->wanted[i]];
    fill(staging, model->staging_bytes, weight->storage.dtype);
    const int32_t index = byte == 254 ? take_number() : i;
    if (byte == 253) xj_memory_fail_at(take());
    if (xj_model_feed(model, index) == XJ_OUT_OF_MEMORY && byte & 1) xj_model_feed(model, index);
    if (byte == 253) xj_memory_fail_at(0);
  }
}

/* Taps of a window that the attributes name, for ops that do not say their operations. */
static double taps_of(const xj_node *node, const xj_type *x) {
  double taps = 1;
  const uint8_t *at = node->attributes;
  for (const char *attribute = attributes_of[node->op]; *attribute; attribute = strchr(attribute, ' ') + 1) {
    int32_t value;
    memcpy(&value, at, sizeof value);
    at += *attribute == 'I' ? sizeof(xj_list) : 4;
    double most = 0;
    for (int32_t i = 0; i < x->rank; i++) most = fmax(most, x->dims[i]);
    if (named(attribute, "kernel") || named(attribute, "radius")) taps *= fmin(fmax(value, 1), most);
  }
  return taps;
}

/* Multiplications, roughly: what makes a run long. */
static double work_of_node(const xj_graph *graph, const xj_node *node, const xj_facts *facts) {
  xj_view_room room;
  if (xj_view_open(graph, node, facts, true, &room) != XJ_OK) return INFINITY;
  double elements = (double)xj_type_elements(&room.output), work = 4 * elements;
  for (int32_t k = 0; k < node->n_inputs; k++)
    if (node->inputs[k] != XJ_NONE) work += (double)xj_type_elements(&room.view.inputs[k]);
  if (xj_ops[node->op].kernel->flops != NULL && elements > 0) work += xj_ops[node->op].kernel->flops(&room.view);
  if (node->n_inputs > 0 && node->inputs[0] != XJ_NONE) work += elements * taps_of(node, &room.view.inputs[0]);
  xj_view_close(&room);
  return work;
}

static double work_of(const xj_program *program) {
  double work = 0;
  for (int32_t i = 0; i < program->n_steps; i++)
    work += work_of_node(program->model->graph, &program->model->graph->nodes[program->steps[i].node], &program->facts);
  return work;
}

/* Of what follows from constants alone. */
static double work_of_constants(const xj_graph *graph) {
  double work = 0;
  for (int32_t i = 0; i < graph->n_nodes; i++)
    if (graph->values[graph->nodes[i].output].derived) work += work_of_node(graph, &graph->nodes[i], NULL);
  return work;
}

static void run(xj_program *program) {
  const xj_graph *graph = program->model->graph;
  int32_t shape[2 + XJ_MAX_RANK];
  if (work_of(program) > (double)MOST_WORK) return;
  for (int32_t i = 0; i < xj_program_n_inputs(program); i++) {
    xj_program_shape(program, i, shape);
    fill(xj_program_input(program, i), xj_type_bytes(&program->facts.types[graph->inputs[i].value]), shape[0]);
  }
  for (int32_t i = 0; i < xj_program_n_outputs(program); i++) {
    xj_program_shape(program, ~i, shape);
    xj_program_output(program, i);
  }
  if (xj_program_run(program) != XJ_OK) return;
  xj_guarded_run(program);
  if (take() < 224) return;
  for (int32_t i = 0; i < xj_program_n_steps(program); i++) xj_program_step(program, i);
  xj_program_run_timed(program);
}

static void run_programs(xj_model *model) {
  enum { MOST_PROGRAMS = 3, MOST_DIMS = MOST_NODES * XJ_MAX_RANK };
  int32_t dims[MOST_DIMS], shape[2 + XJ_MAX_RANK];
  xj_program *programs[MOST_PROGRAMS];
  int32_t n = take() % MOST_PROGRAMS + 1;
  for (int32_t i = 0; i < model->graph->n_outputs; i++) xj_model_output_shape(model, i, shape);
  for (int32_t p = 0; p < n; p++) {
    uint8_t byte = take();
    size_t at = 0;
    for (int32_t i = 0; i < model->graph->n_inputs; i++) {
      const xj_port *port = &model->graph->inputs[i];
      for (int32_t k = 0; k < model->graph->values[port->value].type.rank; k++)
        dims[at++] = port->dims[k] >= 0 && take() < 250 ? port->dims[k] : take_number();
    }
    if (byte > 240) xj_memory_fail_at(take());
    programs[p] = xj_program_create(model, byte % 4 ? dims : NULL);
    xj_memory_fail_at(0);
    if (programs[p] == NULL) continue;
    if (byte & 32) xj_program_describe(programs[p]);
    if (byte & 16) xj_program_plan(programs[p]);
    run(programs[p]);
    if (p > 0 && byte & 64 && programs[0] != NULL) run(programs[0]); /* in an arena that has moved */
    if (byte & 128) {
      xj_program_release(programs[p]);
      programs[p] = NULL;
    }
  }
}

/* ---- the target ---- */

static void start(int32_t n_threads) {
  xj_stop();
  if (xj_start(n_threads) != XJ_OK) abort();
}

int LLVMFuzzerInitialize(int *n, char ***arguments) {
  (void)n, (void)arguments;
  start(1);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bytes.at = data;
  bytes.end = data + size;
  uint8_t mode = take();
  bool two_threads = (mode & 15) == 15;
  if (two_threads) start(2);
  xj_memory_limit(mode & 16 ? 1u << (8 + take() % 18) : MEMORY_BYTES);
  if (mode & 32) xj_memory_fail_at(1u + take());
  xj_graph *graph = xj_graph_create();
  if (graph != NULL) {
    build(graph);
    xj_model *model = NULL;
    if ((mode & 64 && take() == 255) || work_of_constants(graph) > (double)MOST_WORK)
      xj_graph_release(graph);
    else
      model = xj_model_compile(graph, mode & 128 ? XJ_UNOPTIMISED : 0);
    if (model != NULL) {
      feed(model);
      run_programs(model);
      xj_model_release(model);
    }
  }
  xj_memory_fail_at(0);
  xj_memory memory;
  xj_memory_read(&memory);
  if (memory.in_use != 0) {
    fprintf(stderr, "%u bytes are left\n", memory.in_use);
    abort();
  }
  if (two_threads) start(1);
  return 0;
}
