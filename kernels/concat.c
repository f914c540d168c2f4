/* The op concat: inputs one after the other along an axis. */
#include "kernels/rows.h"
#include "src/heap.h"

typedef struct {
  size_t rows;      /* product of the axes before the axis */
  size_t row_bytes; /* of the output */
  int32_t n;
  size_t bytes[]; /* [n] of a row of each input */
} concat;

static int32_t axis_of(const xj_node_view *node) {
  int32_t axis = ((const xj_concat_attributes *)node->attributes)->axis;
  return axis < 0 ? axis + node->inputs[0].rank : axis;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *first = &node->inputs[0];
  const int32_t axis = axis_of(node);
  if (axis < 0 || axis >= first->rank)
    return xj_fail(XJ_BAD_SHAPE, "axis %d of inputs with shape %s",
                   ((const xj_concat_attributes *)node->attributes)->axis, xj_type_text(first));
  *output = *first;
  int64_t length = 0;
  for (int32_t i = 0; i < node->n_inputs; i++) {
    const xj_type *x = &node->inputs[i];
    if (x->rank < 0) return xj_fail(XJ_BAD_MODEL, "input %d is absent", i);
    xj_type alike = *x;
    if (x->rank == first->rank) alike.dims[axis] = first->dims[axis];
    if (!xj_type_equal(&alike, first))
      return xj_fail(XJ_BAD_SHAPE, "input 0 is %s %s and input %d %s %s, along axis %d", xj_dtype_name(first->dtype),
                     xj_type_text(first), i, xj_dtype_name(x->dtype), xj_type_text(x), axis);
    length += x->dims[axis];
  }
  if (length > INT32_MAX) return xj_fail(XJ_BAD_SHAPE, "axis %d becomes %lld long", axis, (long long)length);
  output->dims[axis] = (int32_t)length;
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  concat *state = prepare->state =
      xj_alloc_zeroed(sizeof *state + (size_t)node->n_inputs * sizeof(size_t), XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const int32_t axis = axis_of(node);
  state->n = node->n_inputs;
  state->rows = xj_type_span(node->output, 0, axis);
  for (int32_t i = 0; i < state->n; i++) {
    const xj_type *x = &node->inputs[i];
    state->bytes[i] = xj_type_span(x, axis, x->rank) * xj_dtype_bytes(x->dtype);
    state->row_bytes += state->bytes[i];
  }
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const concat *state = opaque;
  char *y = run->output;
  for (int32_t i = 0; i < state->n; i++) {
    const size_t bytes = state->bytes[i];
    const char *x = run->inputs[i];
    for (size_t row = 0; row < state->rows && bytes > 0; row++)
      xj_row_copy(y + row * state->row_bytes, x + row * bytes, bytes);
    y += bytes;
  }
  return XJ_OK;
}

const xj_kernel xj_concat_kernel = {.infer = infer, .prepare = prepare, .run = run};
