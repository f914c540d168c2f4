/* The op gather_nd. */
#include "kernels/rows.h"
#include "src/heap.h"

enum { PARAMS = 0, INDICES = 1 };

typedef struct {
  size_t n; /* slices */
  size_t slice_bytes;
  int32_t depth; /* axes of params that an index names */
  int32_t dims[XJ_MAX_RANK];
} gather_nd;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *params = &node->inputs[PARAMS], *indices = &node->inputs[INDICES];
  if (indices->dtype != XJ_INT32 || indices->rank < 1)
    return xj_fail(XJ_BAD_SHAPE, "indices are %s %s", xj_dtype_name(indices->dtype), xj_type_text(indices));
  const int32_t last = indices->rank - 1, depth = indices->dims[last];
  if (depth > params->rank || last + params->rank - depth > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "indices of shape %s into params of shape %s", xj_type_text(indices),
                   xj_type_text(params));
  output->dtype = params->dtype;
  for (int32_t i = 0; i < last; i++) output->dims[output->rank++] = indices->dims[i];
  for (int32_t i = depth; i < params->rank; i++) output->dims[output->rank++] = params->dims[i];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *params = &node->inputs[PARAMS], *indices = &node->inputs[INDICES];
  gather_nd *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->depth = indices->dims[indices->rank - 1];
  state->n = xj_type_span(indices, 0, indices->rank - 1);
  state->slice_bytes = xj_type_span(params, state->depth, params->rank) * xj_dtype_bytes(params->dtype);
  memcpy(state->dims, params->dims, sizeof state->dims);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const gather_nd *state = opaque;
  const int32_t *index = run->inputs[INDICES];
  char *y = run->output;
  for (size_t i = 0; i < state->n; i++, y += state->slice_bytes, index += state->depth) {
    size_t slice = 0;
    for (int32_t k = 0; k < state->depth; k++) {
      if (index[k] < 0 || index[k] >= state->dims[k])
        return xj_fail(XJ_BAD_SHAPE, "gather_nd: index %d of axis %d, which has %d elements", index[k], k,
                       state->dims[k]);
      slice = slice * (size_t)state->dims[k] + (size_t)index[k];
    }
    xj_row_copy(y, (const char *)run->inputs[PARAMS] + slice * state->slice_bytes, state->slice_bytes);
  }
  return XJ_OK;
}

const xj_kernel xj_gather_nd_kernel = {.infer = infer, .prepare = prepare, .run = run};
