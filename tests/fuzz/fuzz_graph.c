/* libFuzzer's target: the input's bytes are calls of xj.h, from the first node to the last release. Whatever they say,
 * the core answers with a status; sanitizers see the rest. README.md says how to run it. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/graph.h"
#include "src/model.h"
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
  return byte < 200 ? XJ_FLOAT32 : byte < 232 ? XJ_INT32 : byte < 248 ? byte % 8 : take_number();
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

/* Bytes of weights, inputs and constants: any, the same for the same input. */
static void fill(void *to, size_t n) {
  static uint32_t state;
  state = take();
  for (size_t i = 0; i < n; i++) {
    state = state * 1664525u + 1013904223u;
    ((uint8_t *)to)[i] = (uint8_t)(state >> 24);
  }
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
  if (named(attribute, "padding ") || named(attribute, "keep") || named(attribute, "transpose")) return byte & 1;
  if (named(attribute, "align") || named(attribute, "half")) return byte & 1;
  if (named(attribute, "activation")) return byte % 3;
  if (named(attribute, "stride") || named(attribute, "dilation") || named(attribute, "kernel")) return byte % 4;
  if (named(attribute, "pad_")) return byte % 3;
  if (named(attribute, "axis")) return byte % 9 - 4;
  if (named(attribute, "dtype")) return byte % 7;
  return take_number();
}

static void take_list(const char *attribute, const xj_type *x, xj_list *list) {
  static int32_t n_axes; /* of the list before: slice's lists have one length */
  uint8_t byte = take();
  *list = (xj_list){0};
  if (byte >= 224) {
    list->n = take_number();
    for (int32_t i = 0; i < XJ_LIST_MAX; i++) list->values[i] = i < list->n ? take_number() : 0;
  } else if (named(attribute, "paddings")) {
    list->n = 2 * x->rank;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = i < 2 || i >= list->n - 2 ? byte & 1 : take() % 3;
  } else if (named(attribute, "shape")) { /* two dimensions swapped, or one left open */
    list->n = x->rank;
    for (int32_t i = 0; i < x->rank; i++) list->values[i] = x->dims[i];
    int32_t i = byte % (x->rank + 1), k = byte / 16 % (x->rank + 1), dim = list->values[i];
    list->values[i] = list->values[k];
    list->values[k] = byte & 1 ? -1 : dim;
  } else if (named(attribute, "begin") || named(attribute, "size")) {
    list->n = n_axes;
    for (int32_t i = 0; i < n_axes; i++) list->values[i] = take() % 4 - (*(attribute + 1) == 's');
  } else {
    list->n = n_axes = byte % 4;
    for (int32_t i = 0; i < list->n; i++) list->values[i] = take() % 9 - 4;
  }
}

/* x: of the node's first input. */
static void take_attributes(int32_t op, const xj_type *x) {
  uint8_t *at = attributes.bytes;
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
      take_list(attribute, x, &list);
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

static void add_constant(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims) {
  static uint8_t buffer[BUFFER_BYTES];
  uint64_t n = xj_dtype_bytes(dtype);
  for (int32_t i = 0; i < rank && i < XJ_MAX_RANK && n <= BUFFER_BYTES; i++) n *= dims[i] < 0 ? 0 : (uint32_t)dims[i];
  bool fits = n <= BUFFER_BYTES && take() < 250;
  if (fits) fill(buffer, (size_t)n);
  for (size_t i = 0; fits && dtype == XJ_INT32 && i < n; i++) /* indices that exist, mostly */
    buffer[i] = i % 4 == 0 ? buffer[i] % 4 : 0;
  /* one that does not fit is said to be smaller than its shape, and refused */
  xj_graph_constant(graph, dtype, rank, dims, buffer, fits ? (uint32_t)n : take() + 1u);
}

/* A layer whose weights go with its input, so that most graphs get beyond their first node. */
static void add_layer(xj_graph *graph, int32_t op) {
  int32_t x = op == XJ_OP_dense ? take_value(graph) : take_tensor(graph, 4);
  const xj_type *type = type_of(graph, x);
  int32_t channels = type->rank > 0 ? type->dims[type->rank - 1] : 1, out = take_number(), groups = 1;
  int32_t inputs[4] = {x, XJ_NONE, XJ_NONE, XJ_NONE};
  take_attributes(op, type);
  if (op == XJ_OP_dense) {
    bool transposed = ((const xj_dense_attributes *)(const void *)&attributes)->transpose_b != 0;
    inputs[1] = add_weight(graph, XJ_FLOAT32, 2, (int32_t[]){transposed ? out : channels, transposed ? channels : out});
  } else {
    int32_t dims[4] = {take_integer("ikernel"), take_integer("ikernel"), channels, out};
    if (op == XJ_OP_conv2d && take() & 1 && out > 0 && channels > 0) {
      for (groups = 2; groups < 64 && channels % groups != 0; groups++) continue;
      if (channels % groups != 0) groups = 1;
      dims[2] = channels / groups;
      dims[3] = (int32_t)((uint32_t)out * (uint32_t)groups);
    }
    inputs[1] = add_weight(graph, XJ_FLOAT32, 4, dims);
    out = op == XJ_OP_conv2d ? dims[3] : (int32_t)((uint32_t)channels * (uint32_t)out);
  }
  uint8_t byte = take();
  if (byte & 1) inputs[2] = add_weight(graph, XJ_FLOAT32, 1, &out);
  if (byte & 2) inputs[3] = add_weight(graph, XJ_FLOAT32, 1, byte & 4 ? &out : (int32_t[]){1});
  xj_graph_node(graph, op, take_name(), byte & 3 ? 4 : 2, inputs, &attributes, xj_ops[op].attribute_bytes);
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

static void add_node(xj_graph *graph) {
  uint8_t byte = take();
  int32_t op = byte < 250 ? take_op() : take_number();
  bool known = op >= 0 && op < XJ_N_OPS;
  int32_t inputs[MOST_INPUTS], n = known ? xj_ops[op].least_inputs : 1;
  byte = take();
  if (byte >= 128) n += byte % 4;
  if (byte >= 254) n = take_number();
  if (n > MOST_INPUTS) n = MOST_INPUTS;
  for (int32_t i = 0; i < n; i++) inputs[i] = take_value(graph);
  if (known) take_attributes(op, type_of(graph, inputs[0]));
  bool without = take() >= 224;
  xj_graph_node(graph, op, take_name(), n, inputs, without ? NULL : &attributes,
                known && take() < 250 ? xj_ops[op].attribute_bytes : take());
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
      case 6:
      case 7: add_layer(graph, XJ_OP_conv2d); break;
      case 8: add_layer(graph, XJ_OP_depthwise_conv2d); break;
      case 9: add_layer(graph, XJ_OP_dense); break;
      case 10: /* an image */
        for (int32_t k = 0; k < 4; k++) dims[k] = take() < 224 ? take_number() : -1;
        xj_graph_input(graph, XJ_FLOAT32, 4, dims, "image");
        break;
      case 11: add_window(graph); break;
      case 12: add_follower(graph); break;
      default: add_node(graph);
    }
  }
}

/* ---- running ---- */

static void feed(xj_model *model) {
  for (int32_t i = 0; i < xj_model_n_wanted(model); i++) {
    uint8_t byte = take();
    if (byte == 255) continue; /* this one never comes */
    void *staging = xj_model_staging(model);
    if (staging == NULL) continue;
    fill(staging, model->staging_bytes);
    xj_model_feed(model, byte == 254 ? take_number() : i);
  }
}

/* Multiplications, roughly: what makes a run long. */
static double work_of(const xj_program *program) {
  const xj_graph *graph = program->model->graph;
  double work = 0;
  for (int32_t i = 0; i < program->n_steps; i++) {
    const xj_node *node = &graph->nodes[program->steps[i].node];
    double each = 4;
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (node->inputs[k] != XJ_NONE) work += (double)xj_type_elements(&program->facts.types[node->inputs[k]]);
    if (xj_ops[node->op].flags & XJ_PACKS) {
      const xj_type *weight = &program->facts.types[node->inputs[1]];
      each = (double)xj_type_elements(weight) + 1;
    } else if (node->op == XJ_OP_max_pool2d || node->op == XJ_OP_avg_pool2d) {
      const xj_max_pool2d_attributes *a = node->attributes;
      const int32_t *x = program->facts.types[node->inputs[0]].dims;
      each = fmin(a->kernel_h, x[1]) * fmin(a->kernel_w, x[2]) + 4;
    }
    work += (double)xj_type_elements(&program->facts.types[node->output]) * each;
  }
  return work;
}

static void run(xj_program *program) {
  const xj_graph *graph = program->model->graph;
  int32_t shape[2 + XJ_MAX_RANK];
  if (work_of(program) > (double)MOST_WORK) return;
  for (int32_t i = 0; i < xj_program_n_inputs(program); i++) {
    xj_program_shape(program, i, shape);
    fill(xj_program_input(program, i), xj_type_bytes(&program->facts.types[graph->inputs[i].value]));
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
    if (mode & 64 && take() == 255)
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
