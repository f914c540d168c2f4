/* The ops of one operand that end in a bool or work on bits. */
#include <math.h>

#include "src/heap.h"
#include "src/op.h"

enum { ELEMENTS_PER_TASK = 16384 };

typedef struct task task;
typedef void stretch(task *t, size_t first, size_t n);

typedef struct {
  size_t n;
  stretch *stretch;
} classify;

struct task {
  const void *x;
  void *y;
};

static xj_status infer_dtypes(const xj_node_view *node, xj_type *output, int32_t from, int32_t to) {
  const int32_t dtype = node->inputs[0].dtype;
  if (dtype != from) return xj_fail(XJ_UNSUPPORTED, "x is %s instead of %s", xj_dtype_name(dtype), xj_dtype_name(from));
  *output = node->inputs[0];
  output->dtype = to;
  return XJ_OK;
}

static xj_status prepare_stretch(const xj_node_view *node, xj_prepare *prepare, stretch *stretch) {
  classify *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (classify){xj_type_elements(node->output), stretch};
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const classify *state = opaque;
  task t = {run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)state->stretch, &t, state->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

#define CLASSIFY(op, from, from_dtype, to, to_dtype, expression)                                                       \
  static void op##_stretch(task *t, size_t first, size_t n) {                                                          \
    const from *xs = (const from *)t->x + first;                                                                       \
    to *restrict y = (to *)t->y + first;                                                                               \
    for (size_t i = 0; i < n; i++) {                                                                                   \
      const from x = xs[i];                                                                                            \
      y[i] = expression;                                                                                               \
    }                                                                                                                  \
  }                                                                                                                    \
  static xj_status op##_infer(const xj_node_view *node, xj_type *output) {                                             \
    return infer_dtypes(node, output, from_dtype, to_dtype);                                                           \
  }                                                                                                                    \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_stretch(node, prepare, op##_stretch);                                                               \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = op##_infer, .prepare = op##_prepare, .run = run};

CLASSIFY(is_nan, float, XJ_FLOAT32, uint8_t, XJ_BOOL, x != x)
CLASSIFY(is_inf, float, XJ_FLOAT32, uint8_t, XJ_BOOL, fabsf(x) == INFINITY)
CLASSIFY(is_finite, float, XJ_FLOAT32, uint8_t, XJ_BOOL, fabsf(x) < INFINITY)
CLASSIFY(logical_not, uint8_t, XJ_BOOL, uint8_t, XJ_BOOL, x == 0)
CLASSIFY(bitwise_not, int32_t, XJ_INT32, int32_t, XJ_INT32, ~x)
