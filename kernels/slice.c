/* The op slice: of any dtype. */
#include "kernels/operand.h"
#include "kernels/strided.h"

enum { BEGIN = 1, SIZE = 2 };

typedef struct {
  xj_list axes, begin, size;
} lists;

static xj_status read_lists(const xj_node_view *node, lists *l) {
  const xj_slice_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_list_read(node, XJ_NONE, &a->axes, "axes", &l->axes));
  XJ_TRY(xj_list_read(node, BEGIN, &a->begin, "begin", &l->begin));
  XJ_TRY(xj_list_read(node, SIZE, &a->size, "size", &l->size));
  if (xj_present(node, BEGIN) || xj_present(node, SIZE)) {
    l->axes = (xj_list){.n = x->rank};
    for (int32_t i = 0; i < x->rank; i++) l->axes.values[i] = i;
  }
  if (l->begin.n == l->axes.n && l->size.n == l->axes.n) return XJ_OK;
  return xj_fail(XJ_BAD_MODEL, "%d axes, %d begins, %d sizes", l->axes.n, l->begin.n, l->size.n);
}

/* A size that was written down and reached the end of the axis in the declared shape, or left out its last place only,
 * follows the axis to the length that it has now. */
static int32_t follow(const xj_node_view *node, int32_t axis, int32_t from, int32_t size) {
  if (node->declared == NULL || (xj_present(node, SIZE) && !node->is_constant[SIZE])) return size;
  const int32_t was = node->declared[0].dims[axis], now = node->inputs[0].dims[axis];
  const bool reached = from + (int64_t)size == was, all_but_last = from == 0 && was > 2 && size == was - 1;
  return was != now && (reached || all_but_last) ? size + now - was : size;
}

/* What is left of each axis. */
static xj_status read_ranges(const xj_node_view *node, int32_t begin[XJ_MAX_RANK], xj_type *output) {
  const xj_type *x = &node->inputs[0];
  lists l;
  XJ_TRY(read_lists(node, &l));
  *output = *x;
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) begin[i] = 0;
  for (int32_t i = 0; i < l.axes.n; i++) {
    int32_t axis = l.axes.values[i] < 0 ? l.axes.values[i] + x->rank : l.axes.values[i];
    int32_t from = l.begin.values[i], size = l.size.values[i];
    if (axis < 0 || axis >= x->rank)
      return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", l.axes.values[i], xj_type_text(x));
    size = size == -1 && from >= 0 ? x->dims[axis] - from : follow(node, axis, from, size);
    if (from < 0 || size < 0 || from > x->dims[axis] || size > x->dims[axis] - from)
      return xj_fail(XJ_BAD_SHAPE, "%d elements from %d on, of axis %d of x with shape %s", l.size.values[i], from,
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
  int32_t begin[XJ_MAX_RANK];
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_type y;
  xj_strided view = {0};
  XJ_TRY(read_ranges(node, begin, &y));
  xj_strides_of(&node->inputs[0], strides);
  for (int32_t i = 0; i < y.rank; i++) {
    view.offset += begin[i] * strides[i];
    xj_strided_add(&view, (size_t)y.dims[i], strides[i]);
  }
  return xj_strided_prepare(&view, xj_dtype_bytes(y.dtype), prepare);
}

const xj_kernel xj_slice_kernel = {.infer = infer, .prepare = prepare, .run = xj_strided_run};
