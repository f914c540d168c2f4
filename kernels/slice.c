/* The op slice: of any dtype. */
#include <string.h>

#include "src/heap.h"
#include "src/op.h"

typedef struct {
  xj_type x, y;
  int32_t begin[XJ_MAX_RANK];
  size_t element_bytes;
} slice;

/* What is left of each axis. */
static xj_status read_ranges(const xj_node_view *node, int32_t begin[XJ_MAX_RANK], xj_type *output) {
  const xj_slice_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  if (a->axes.n < 0 || a->axes.n > XJ_LIST_MAX || a->begin.n != a->axes.n || a->size.n != a->axes.n)
    return xj_fail(XJ_BAD_MODEL, "%d axes, %d begins, %d sizes", a->axes.n, a->begin.n, a->size.n);
  *output = *x;
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) begin[i] = 0;
  for (int32_t i = 0; i < a->axes.n; i++) {
    int32_t axis = a->axes.values[i] < 0 ? a->axes.values[i] + x->rank : a->axes.values[i];
    int32_t from = a->begin.values[i], size = a->size.values[i];
    if (axis < 0 || axis >= x->rank)
      return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", a->axes.values[i], xj_type_text(x));
    if (size == -1 && from >= 0) size = x->dims[axis] - from;
    if (from < 0 || size < 0 || from > x->dims[axis] || size > x->dims[axis] - from)
      return xj_fail(XJ_BAD_SHAPE, "%d elements from %d on, of axis %d of x with shape %s", a->size.values[i], from,
                     axis, xj_type_text(x));
    begin[axis] = from;
    output->dims[axis] = size;
  }
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  int32_t begin[XJ_MAX_RANK];
  return read_ranges(node, begin, output);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  slice *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->x = node->inputs[0];
  state->element_bytes = xj_dtype_bytes(state->x.dtype);
  return read_ranges(node, state->begin, &state->y);
}

static xj_status run(void *opaque, const xj_run *run) {
  const slice *s = opaque;
  const int32_t last = s->y.rank - 1;
  const size_t row = (last < 0 ? 1 : (size_t)s->y.dims[last]) * s->element_bytes;
  const size_t n_rows = last < 0 ? 1 : xj_type_span(&s->y, 0, last);
  char *y = run->output;
  for (size_t i = 0; i < n_rows; i++, y += row) {
    size_t source = last < 0 ? 0 : (size_t)s->begin[last], step = last < 0 ? 1 : (size_t)s->x.dims[last], left = i;
    for (int32_t k = last - 1; k >= 0; k--) {
      source += (left % (size_t)s->y.dims[k] + (size_t)s->begin[k]) * step;
      left /= (size_t)s->y.dims[k];
      step *= (size_t)s->x.dims[k];
    }
    memcpy(y, (const char *)run->inputs[0] + source * s->element_bytes, row);
  }
  return XJ_OK;
}

const xj_kernel xj_slice_kernel = {.infer = infer, .prepare = prepare, .run = run};
