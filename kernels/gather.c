/* The op gather. */
#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

enum { PARAMS = 0, INDICES = 1 };

typedef struct {
  size_t batches, outer, n; /* params [batches, outer, length, slice], indices [batches, n] */
  int32_t length, axis;
  size_t slice_bytes;
} gather;

typedef struct {
  const gather *gather;
  const char *params;
  const int32_t *indices;
  char *y;
} task;

static xj_status read_axes(const xj_node_view *node, int32_t *axis, int32_t *batch_dims) {
  const xj_gather_attributes *a = node->attributes;
  const xj_type *params = &node->inputs[PARAMS], *indices = &node->inputs[INDICES];
  *axis = a->axis < 0 ? a->axis + params->rank : a->axis;
  *batch_dims = a->batch_dims < 0 ? a->batch_dims + indices->rank : a->batch_dims;
  if (*batch_dims < 0 || *batch_dims > indices->rank || *axis < *batch_dims || *axis >= params->rank ||
      params->rank - 1 + indices->rank - *batch_dims > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "axis %d of params with shape %s by indices with shape %s, %d batch axes", a->axis,
                   xj_type_text(params), xj_type_text(indices), a->batch_dims);
  for (int32_t i = 0; i < *batch_dims; i++)
    if (params->dims[i] != indices->dims[i])
      return xj_fail(XJ_BAD_SHAPE, "batch axis %d is %d in params and %d in indices", i, params->dims[i],
                     indices->dims[i]);
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *params = &node->inputs[PARAMS], *indices = &node->inputs[INDICES];
  int32_t axis, batch_dims;
  XJ_TRY(xj_int_check(node, INDICES, "indices"));
  XJ_TRY(read_axes(node, &axis, &batch_dims));
  output->dtype = params->dtype;
  for (int32_t i = 0; i < axis; i++) output->dims[output->rank++] = params->dims[i];
  for (int32_t i = batch_dims; i < indices->rank; i++) output->dims[output->rank++] = indices->dims[i];
  for (int32_t i = axis + 1; i < params->rank; i++) output->dims[output->rank++] = params->dims[i];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *params = &node->inputs[PARAMS], *indices = &node->inputs[INDICES];
  int32_t axis, batch_dims;
  XJ_TRY(read_axes(node, &axis, &batch_dims));
  gather *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (gather){.batches = xj_type_span(params, 0, batch_dims),
                    .outer = xj_type_span(params, batch_dims, axis),
                    .n = xj_type_span(indices, batch_dims, indices->rank),
                    .length = params->dims[axis],
                    .axis = axis,
                    .slice_bytes = xj_type_span(params, axis + 1, params->rank) * xj_dtype_bytes(params->dtype)};
  return XJ_OK;
}

static void copy_slices(task *t, size_t first, size_t count) {
  const gather *g = t->gather;
  const size_t bytes = g->slice_bytes, end = first + count;
  for (size_t i = first; i < end;) {
    const size_t row = i / g->n, start = i % g->n, left = g->n - start, stop = left < end - i ? left : end - i;
    const int32_t *index = t->indices + row / g->outer * g->n + start;
    const char *x = t->params + row * (size_t)g->length * bytes;
    char *y = t->y + i * bytes;
    for (size_t k = 0; k < stop; k++, y += bytes) xj_row_copy(y, x + (size_t)index[k] * bytes, bytes);
    i += stop;
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const gather *g = opaque;
  task t = {g, run->inputs[PARAMS], run->inputs[INDICES], run->output};
  for (size_t i = 0; i < g->batches * g->n; i++)
    if (t.indices[i] < 0 || t.indices[i] >= g->length)
      return xj_fail(XJ_BAD_SHAPE, "gather: index %d of axis %d, which has %d elements", t.indices[i], g->axis,
                     g->length);
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)copy_slices, &t,
                                     g->batches * g->outer * g->n, xj_rows_per_task(g->slice_bytes), 0);
  return XJ_OK;
}

const xj_kernel xj_gather_kernel = {.infer = infer, .prepare = prepare, .run = run};
