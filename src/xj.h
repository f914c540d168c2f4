/* xj.h — the C core of xnnjs: a graph of tensor operations, compiled once and run many times on XNNPACK.
 *
 * The shortest use, for one dense layer y = x·w:
 *
 *     xj_start(1);
 *     xj_graph *graph = xj_graph_create();
 *     int32_t x = xj_graph_input(graph, XJ_FLOAT32, 2, (int32_t[]){1, 128}, "x");
 *     int32_t w = xj_graph_weight(graph, 7, &(xj_storage){XJ_FLOAT32}, XJ_FLOAT32, 2, (int32_t[]){128, 10});
 *     int32_t y = xj_graph_node(graph, XJ_OP_dense, "fc", 2, (int32_t[]){x, w}, NULL, 0);
 *     xj_graph_output(graph, y, "y");
 *     xj_model *model = xj_model_compile(graph, 0);             // the graph is the model's from here on
 *     xj_program *program = xj_program_create(model, NULL);     // operators and memory plan for the declared shapes
 *     for (int32_t i = 0; i < xj_model_n_wanted(model); i++)    // weight 7, here
 *       { memcpy(xj_model_staging(model), bytes_of(xj_model_wanted(model, i)), …); xj_model_feed(model, i); }
 *     memcpy(xj_program_input(program, 0), …);  xj_program_run(program);  use(xj_program_output(program, 0));
 *     xj_model_release(model);
 *
 * Errors. What returns a value id, a count or a pointer returns a negative status or NULL when it fails;
 * xj_error_text() then says what is wrong, with the numbers in it, and xj_error_status() which kind it is. Everything
 * is rolled back and the library stays usable. Model data never trips an assert.
 *
 * Lifetimes. A graph lives until it is compiled (compile takes it, also when it fails) or released. A model owns its
 * graph, its packed weights and one arena, as large as its largest program needs. Programs belong to their model and go
 * with it. Pointers into a program's inputs and outputs are good until the next xj_program_create on the same model.
 *
 * Threads. One instance has one pool. All functions are called from one thread; run spreads the work over the pool.
 */
#ifndef XJ_H
#define XJ_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  XJ_OK = 0,
  XJ_BAD_MODEL = 1,     /* the graph contradicts itself */
  XJ_BAD_SHAPE = 2,     /* shapes that do not go together */
  XJ_UNSUPPORTED = 3,   /* sound, but not built */
  XJ_OUT_OF_MEMORY = 4, /* the heap or the limit of xj_set_memory_limit is exhausted; everything is rolled back */
  XJ_MISUSE = 5,        /* a call that makes no sense in this state */
  XJ_ABORTED = 6        /* by xj_abort_numbers; the program can be run again */
} xj_status;

typedef enum {
  XJ_FLOAT32 = 0,
  XJ_INT32 = 1,
  XJ_BOOL = 2,
  XJ_UINT8 = 3,
  XJ_INT8 = 4,
  XJ_FLOAT16 = 5,
  XJ_UINT16 = 6
} xj_dtype;

enum { XJ_MAX_RANK = 8, XJ_LIST_MAX = 16, XJ_NONE = -1 };

/* The ops, XJ_OP_conv2d and so on: one for each row of ops.def. */
typedef enum {
#define XJ_OP(name, least, most, outputs, flags, attributes) XJ_OP_##name,
#include "ops.def"
#undef XJ_OP
  XJ_N_OPS
} xj_op;

typedef struct xj_graph xj_graph;
typedef struct xj_model xj_model;
typedef struct xj_program xj_program;

/* How a weight's bytes are stored: as `dtype`; where that is int8, uint8 or uint16 and not the tensor's own, value =
 * stored * scale + min, of an int32 tensor rounded. In doubles, as TensorFlow.js decodes: an error of scale or min is
 * the same in all of a tensor's values, and adds up where they are summed. */
typedef struct {
  int32_t dtype;
  double scale;
  double min;
} xj_storage;

/* ---- the instance ---- */

/* Starts the library with n_threads threads, the caller's included (1: no pool). */
xj_status xj_start(int32_t n_threads);
/* Ends the pool. Models must have been released. */
void xj_stop(void);
/* "simd", "relaxed-threads", … */
const char *xj_variant(void);
/* The op table as text, one line an op: name least most outputs flags attribute:kind … (kind i, f or I for a list). */
const char *xj_schema(void);
/* Of the last call that failed. The node is "" where no one node is at fault. */
xj_status xj_error_status(void);
const char *xj_error_text(void);
const char *xj_error_node(void);

/* Bytes allocated now and at most since the start, of them packed weights and constants, and arenas. */
typedef struct {
  uint32_t in_use, peak, weights, arenas;
} xj_memory;
void xj_memory_read(xj_memory *memory);
/* Allocations that would take the bytes in use beyond the limit fail (0: no limit). */
void xj_memory_limit(uint32_t bytes);
/* For tests: the n-th allocation from now on fails, once (0: none does). */
void xj_memory_fail_at(uint32_t n);

/* ---- building a graph ---- */

xj_graph *xj_graph_create(void);
void xj_graph_release(xj_graph *graph);
/* Each returns the id of its (first) value, or minus a status. A dimension of an input may be -1: free, set by
 * xj_program_create. Names are copied; a node's stands in error messages. */
int32_t xj_graph_input(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims, const char *name);
/* What shapes programs may have at an input (-1: any size), where that is not what was declared. Sizes that the graph
 * has written down for the declared shape, as the target of a reshape or a table's rows, follow it where its dimensions
 * meet them; what leaves a choice stays as it is. */
xj_status xj_graph_input_shape(xj_graph *graph, int32_t value, const int32_t *dims);
/* A constant whose bytes are at hand (copied, little-endian, in `dtype`). Meant for small ones; see xj_graph_weight. */
int32_t xj_graph_constant(xj_graph *graph, int32_t dtype, int32_t rank, const int32_t *dims, const void *data,
                          uint32_t bytes);
/* A constant by reference: weight_id names it to xj_model_wanted; its bytes come through staging after compile. */
int32_t xj_graph_weight(xj_graph *graph, int32_t weight_id, const xj_storage *storage, int32_t dtype, int32_t rank,
                        const int32_t *dims);
/* attributes: the op's struct as ops.def lays it out (op.h), attribute_bytes long; NULL and 0 mean all zero.
 * Inputs that are optional may be XJ_NONE. Checks everything that the declared shapes allow to check. */
int32_t xj_graph_node(xj_graph *graph, int32_t op, const char *name, int32_t n_inputs, const int32_t *inputs,
                      const void *attributes, uint32_t attribute_bytes);
int32_t xj_graph_output(xj_graph *graph, int32_t value, const char *name);

/* ---- a model ---- */

/* Compile flags: no passes, for comparison; large weights as int8 (docs/numerics.md). */
enum { XJ_UNOPTIMISED = 1, XJ_INT8_WEIGHTS = 2 };
xj_model *xj_model_compile(xj_graph *graph, uint32_t flags);
void xj_model_release(xj_model *model);
/* Dtype, rank and dimensions of an output as far as the declared shapes fix them: -1 where a free dimension shows. */
xj_status xj_model_output_shape(const xj_model *model, int32_t index, int32_t shape[2 + XJ_MAX_RANK]);
/* The weights to be fed, 0 … n - 1: their ids. */
int32_t xj_model_n_wanted(const xj_model *model);
int32_t xj_model_wanted(const xj_model *model, int32_t index);
/* One buffer, as large as the largest wanted weight is stored; gone once the last was fed. */
void *xj_model_staging(xj_model *model);
/* Decodes and packs the weight whose stored bytes lie in staging. */
xj_status xj_model_feed(xj_model *model, int32_t index);

/* ---- a program: a model for one set of input shapes ---- */

/* dims: those of every input, one after the other; NULL: as declared, 1 where that is free. Belongs to the model. */
xj_program *xj_program_create(xj_model *model, const int32_t *dims);
void xj_program_release(xj_program *program);
int32_t xj_program_n_inputs(const xj_program *program);
int32_t xj_program_n_outputs(const xj_program *program);
void *xj_program_input(xj_program *program, int32_t index);
const void *xj_program_output(xj_program *program, int32_t index);
/* Writes dtype, rank and the dimensions of an input (negative index: ~output). */
void xj_program_shape(const xj_program *program, int32_t index, int32_t shape[2 + XJ_MAX_RANK]);
/* Computes the outputs from the inputs, allocating nothing. Inputs are overwritten. */
xj_status xj_program_run(xj_program *program);
/* What a run consists of: the number of its steps; each as a JSON object { name, op, kernel, inputs, output, flops,
 * bytes, threads } (inputs, output: dimensions; bytes: read and written), good until the next call; and a run that
 * takes the time of each step, in ms, good until the next one (NULL where it fails). */
int32_t xj_program_n_steps(const xj_program *program);
const char *xj_program_step(xj_program *program, int32_t index);
const double *xj_program_run_timed(xj_program *program);
/* Two numbers: that of the run to abort, which another thread may write at any time, and that of the run under way,
 * which its caller writes before it. A run whose number is the first (and not 0) ends after the op that it is at. */
int32_t *xj_abort_numbers(void);
/* The nodes and the memory plan as text, for people; good until the next call. */
const char *xj_program_describe(xj_program *program);
/* The memory plan as JSON: { arenaBytes, lowerBound, sum, buffers: [{ offset, bytes, first, last }] }, in bytes and
 * nodes. */
const char *xj_program_plan(xj_program *program);

/* ---- eager: one op at a time, on tensors of the caller, without graph, program or arena ---- */

/* A tensor's bytes, with the slack that kernels read beyond them; NULL where there is no memory. */
void *xj_tensor_create(uint32_t bytes);
void xj_tensor_release(void *bytes);

/* An input of xj_eager_run; bytes NULL: absent. content_id names what the bytes hold, so that packed weights are kept
 * for the next call (0: they are not); is_known: the op reads its shape or axes from them. */
typedef struct {
  const void *bytes;
  int32_t content_id, is_known, dtype, rank, dims[XJ_MAX_RANK];
} xj_operand;
typedef struct {
  void *bytes;
  int32_t dtype, rank, dims[XJ_MAX_RANK];
} xj_result;

/* Computes into a new tensor, or over the input `into` (XJ_NONE: none) where the op can and the types are equal. What
 * was prepared for these types and attributes is kept: the next such call allocates its output only. */
xj_status xj_eager_run(int32_t op, int32_t n_inputs, const xj_operand *inputs, const void *attributes,
                       uint32_t attribute_bytes, int32_t into, xj_result *result);
/* Drops what was packed of a content. */
void xj_eager_forget(int32_t content_id);
/* Packed weights take at most so many bytes (at the start 256 MB); those not used for longest go. */
void xj_eager_limit(uint32_t packed_bytes);
/* Releases all tensors, prepared states, packed weights and the scratch memory. */
void xj_eager_reset(void);

#endif
