/* What a kernel is, and the op table made from ops.def: all that src/ and kernels/ share.
 *
 * A kernel is a const vtable. The engine calls infer when a node is added and again for the shapes of each program;
 * pack as weights arrive, once per model; prepare once per program; run each time; release with the program. */
#ifndef XJ_OP_H
#define XJ_OP_H

#include <pthreadpool.h>
#include <string.h>

#include "src/status.h"
#include "src/tensor.h"
#include "src/weight.h"

/* Flags of ops.def. */
enum {
  XJ_INPLACE = 1,     /* output 0 may be written over an input of the same type */
  XJ_ALIAS = 2,       /* output 0 is input 0's bytes under another shape: never copied */
  XJ_PACKS = 4,       /* constants at the inputs XJ_WEIGHT, XJ_BIAS and XJ_SCALE go into storage of the model */
  XJ_ACTIVATES = 8,   /* the attributes end in an xj_activation */
  XJ_SHAPE_ONLY = 16, /* the result follows from the inputs' shapes: run gets no bytes */
  XJ_RANDOM = 32      /* differs from run to run: never folded, never shared */
};

/* The inputs of ops that pack: y = activation(x * (weight * scale) + bias + residual * residual scale); the scales are
 * one for each channel, or one. */
enum { XJ_X = 0, XJ_WEIGHT = 1, XJ_BIAS = 2, XJ_SLOPE = 3, XJ_SCALE = 4, XJ_RESIDUAL = 5, XJ_RESIDUAL_SCALE = 6 };

enum { XJ_PADDING_EXPLICIT = 0, XJ_PADDING_SAME = 1 };
enum { XJ_WINDOW_MOST = 1 << 20 /* kernel, stride, dilation, padding: more is no model's, and keeps sums in int32 */ };
enum { XJ_ACTIVATION_NONE = 0, XJ_ACTIVATION_CLAMP = 1, XJ_ACTIVATION_PRELU = 2, XJ_ACTIVATION_UNARY = 3 };
enum { XJ_TILE_BYTES = 64, XJ_SLACK_BYTES = 16 /* XNN_EXTRA_BYTES: kernels may read so far beyond a tensor */ };

typedef struct {
  int32_t n;
  int32_t values[XJ_LIST_MAX];
} xj_list;

/* As ACTIVATION in ops.def lays it out. */
typedef struct {
  int32_t kind;
  int32_t op; /* XJ_ACTIVATION_UNARY */
  float min, max;
} xj_activation;

/* The attribute structs: xj_conv2d_attributes and so on. `unused` keeps those without attributes legal. */
#define I32(name) int32_t name;
#define F32(name) float name;
#define I32S(name) xj_list name;
#define NONE int32_t unused;
#define XJ_OP(op, least, most, outputs, flags, attributes)                                                             \
  typedef struct {                                                                                                     \
    attributes                                                                                                         \
  } xj_##op##_attributes;
#include "src/ops.def"
#undef XJ_OP
#undef I32
#undef F32
#undef I32S
#undef NONE

/* A node as its kernel sees it. An absent input has rank -1. */
typedef struct {
  int32_t op;
  int32_t n_inputs;
  const xj_type *inputs;    /* [n_inputs] */
  const bool *is_constant;  /* [n_inputs] */
  const void *const *known; /* [n_inputs]: an input's elements where they are known before the run, else NULL */
  const xj_type *declared;  /* [n_inputs]: the inputs' types for the declared shapes, then the output's; NULL while the
                               node is added: these are the declared shapes */
  const uint8_t *written; /* [n_inputs]: bit k is set where the size of the k-th axis from the end was written down: it
                             comes from constants, and is that of the declared shapes */
  const xj_type *output;  /* set but in infer */
  const void *attributes;
} xj_node_view;

typedef struct {
  void *packed;          /* the model's storage of this node, packed_bytes large; its content may come later */
  pthreadpool_t threads; /* what run will be given: NULL where one thread is enough */
  size_t n_threads;
  size_t scratch_bytes; /* out: wanted while this node runs */
  void *state;          /* out: the kernel's own, made by xj_alloc */
} xj_prepare;

/* So many bytes of scratch, or more than there can be where size_t does not hold them. */
static inline size_t xj_scratch_bytes(uint64_t bytes) {
  const size_t most = SIZE_MAX - 65536;
  return bytes < most ? (size_t)bytes : most;
}

typedef struct {
  const void *const *inputs; /* NULL where absent or packed */
  void *output;
  void *scratch;
  pthreadpool_t threads;
} xj_run;

typedef struct {
  xj_status (*infer)(const xj_node_view *node, xj_type *output);
  size_t (*packed_bytes)(const xj_node_view *node); /* NULL where the op does not pack */
  /* Writes what input `input` (XJ_WEIGHT or XJ_BIAS) contributes to `packed`, which starts as zeros; in any order. */
  void (*pack)(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed);
  /* Multiplies the packed weights of each output channel by its scale, when all is packed; NULL without XJ_SCALE. */
  void (*scale)(const xj_node_view *node, const float *scale, void *packed);
  xj_status (*prepare)(const xj_node_view *node, xj_prepare *prepare);
  xj_status (*run)(void *state, const xj_run *run);
  void (*release)(void *state);               /* NULL where xj_free is enough */
  double (*flops)(const xj_node_view *node);  /* of one run; NULL: one for each element of the output */
  const char *(*describe)(const void *state); /* which way of computing was chosen; NULL: there is one */
  /* Of an op from one float32 to one: y[i] = f(x[i]), y may be x; p and q as xj_unary_numbers gives them. */
  void (*stretch)(float p, float q, size_t n, const float *x, float *y);
} xj_kernel;

typedef struct {
  const char *name;
  int32_t least_inputs, most_inputs;
  uint32_t flags;
  uint32_t attribute_bytes;
  const xj_kernel *kernel;
} xj_op_row;

extern const xj_op_row xj_ops[XJ_N_OPS];

/* Where a node of an op that activates has its slope: ops that do not pack as their last input. */
static inline int32_t xj_slope_slot(int32_t op) {
  return xj_ops[op].flags & XJ_PACKS ? XJ_SLOPE : xj_ops[op].most_inputs - 1;
}

/* The elements of a small int32 input that are known before the run, or NULL. */
static inline const int32_t *xj_known_ints(const xj_node_view *node, int32_t input) {
  return input < node->n_inputs && node->inputs[input].rank >= 0 && node->inputs[input].dtype == XJ_INT32
             ? (const int32_t *)node->known[input]
             : NULL;
}

/* An op's attributes as its function wants them: the first two, an I32 by its bits. */
static inline void xj_unary_numbers(int32_t op, const void *attributes, float *p, float *q) {
  float numbers[2] = {0, 0};
  const size_t bytes = xj_ops[op].attribute_bytes;
  memcpy(numbers, attributes, bytes < sizeof numbers ? bytes : sizeof numbers);
  *p = numbers[0];
  *q = numbers[1];
}

static inline bool xj_present(const xj_node_view *node, int32_t input) {
  return input < node->n_inputs && node->inputs[input].rank >= 0;
}

#endif
