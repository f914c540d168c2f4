/* The ops that fold axes away: mean, reduce_sum and its kin. */
#include "kernels/reduction.h"
#include "src/heap.h"

enum { X = 0, AXES = 1 };

/* The attributes of all of them. */
typedef struct {
  xj_list axes;
  int32_t keep_dims;
} attributes;

typedef struct {
  xj_reduction reduction;
  const xj_reducer *reducer;
  double parameter;
} reduce;

static xj_status infer_shape(const xj_node_view *node, xj_type *output) {
  const attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  bool goes[XJ_MAX_RANK];
  XJ_TRY(xj_reduced_axes(node, &a->axes, AXES, goes));
  output->dtype = x->dtype;
  for (int32_t i = 0; i < x->rank; i++)
    if (!goes[i] || a->keep_dims) output->dims[output->rank++] = goes[i] ? 1 : x->dims[i];
  return XJ_OK;
}

static xj_status infer_number(const xj_node_view *node, xj_type *output) {
  const int32_t dtype = node->inputs[X].dtype;
  if (dtype != XJ_FLOAT32 && dtype != XJ_INT32)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, only float32 and int32 are supported", xj_dtype_name(dtype));
  return infer_shape(node, output);
}

static xj_status infer_bool(const xj_node_view *node, xj_type *output) {
  const int32_t dtype = node->inputs[X].dtype;
  if (dtype != XJ_BOOL) return xj_fail(XJ_UNSUPPORTED, "x is %s instead of bool", xj_dtype_name(dtype));
  return infer_shape(node, output);
}

static xj_status prepare_reducer(const xj_node_view *node, xj_prepare *prepare, const xj_reducer *reducer) {
  reduce *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  bool goes[XJ_MAX_RANK];
  XJ_TRY(xj_reduced_axes(node, &((const attributes *)node->attributes)->axes, AXES, goes));
  xj_reduction_make(&node->inputs[X], goes, &state->reduction);
  state->reducer = reducer;
  state->parameter = (double)xj_reduction_count(&state->reduction);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const reduce *state = opaque;
  xj_reduce(&state->reduction, state->reducer, state->parameter, run->inputs[X], run->output, run->threads);
  return XJ_OK;
}

#define KERNEL(op, infer_, floats, others)                                                                             \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_reducer(node, prepare, node->inputs[X].dtype == XJ_FLOAT32 ? (floats) : (others));                  \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer_, .prepare = op##_prepare, .run = run};

KERNEL(mean, infer_number, &xj_mean_float, &xj_mean_int)
KERNEL(reduce_sum, infer_number, &xj_sum_float, &xj_sum_int)
KERNEL(reduce_prod, infer_number, &xj_prod_float, &xj_prod_int)
KERNEL(reduce_max, infer_number, &xj_max_float, &xj_max_int)
KERNEL(reduce_min, infer_number, &xj_min_float, &xj_min_int)
KERNEL(reduce_all, infer_bool, NULL, &xj_all_bool)
KERNEL(reduce_any, infer_bool, NULL, &xj_any_bool)
