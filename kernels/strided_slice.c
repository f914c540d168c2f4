/* The op strided_slice, with TensorFlow's rules (tensorflow/core/util/strided_slice_op.h describes them). */
#include "kernels/operand.h"
#include "kernels/strided.h"

typedef struct {
  xj_list begin, end, strides;
} ranges;

typedef struct {
  xj_strided view;    /* the axes of x */
  int32_t final_rank; /* axes of the result; more than XJ_MAX_RANK is refused */
  int32_t dims[2 * XJ_LIST_MAX];
} cut;

static xj_status read_ranges(const xj_node_view *node, ranges *r) {
  const xj_strided_slice_attributes *a = node->attributes;
  XJ_TRY(xj_list_read(node, 1, &a->begin, "begin", &r->begin));
  XJ_TRY(xj_list_read(node, 2, &a->end, "end", &r->end));
  XJ_TRY(xj_list_read(node, 3, &a->strides, "strides", &r->strides));
  if (r->begin.n == r->end.n && r->begin.n == r->strides.n) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "%d begins, %d ends, %d strides", r->begin.n, r->end.n, r->strides.n);
}

/* A bound as an index of an axis of n elements: from the end where it is negative, and no further than what is there.
 */
static int64_t bound(int64_t given, bool is_masked, bool is_end, int64_t n, int32_t stride) {
  const int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? n : n - 1;
  if (is_masked) return (stride > 0) == is_end ? high : low;
  int64_t at = given < 0 ? given + n : given;
  return at < low ? low : at > high ? high : at;
}

/* An end that only says again how long the axis was declared to be, or all of it but the last place, follows it to
 * another length n; of a short axis 1 may be an index. */
static int32_t follow(int32_t end, bool from_first, int32_t declared, int32_t n) {
  if (declared > 1 && end == declared) return n;
  return declared > 2 && declared != n && from_first && end == declared - 1 ? n - 1 : end;
}

/* The i-th entry of the lists cuts one axis of x. */
static xj_status cut_axis(const xj_node_view *node, const ranges *r, int32_t i, int32_t axis, ptrdiff_t step,
                          cut *result) {
  const xj_strided_slice_attributes *a = node->attributes;
  const int32_t n = node->inputs[0].dims[axis], stride = r->strides.values[i], bit = 1 << i;
  int32_t given = r->begin.values[i], end = r->end.values[i];
  if (stride == 0) return xj_fail(XJ_BAD_SHAPE, "the stride of axis %d is 0", axis);
  if (a->shrink_axis_mask & bit) {
    int64_t at = given < 0 ? (int64_t)given + n : given;
    if (at < 0 || at >= n || stride < 0)
      return xj_fail(XJ_BAD_SHAPE, "index %d of axis %d, which has %d elements, by stride %d", given, axis, n, stride);
    result->view.offset += (ptrdiff_t)at * step;
    return XJ_OK;
  }
  const int32_t declared = node->declared == NULL || xj_present(node, 2) ? 0 : node->declared[0].dims[axis];
  end = follow(end, given == 0 || (a->begin_mask & bit), declared, n);
  const int64_t from = bound(given, a->begin_mask & bit, false, n, stride);
  const int64_t to = bound(end, a->end_mask & bit, true, n, stride);
  const int64_t length = stride > 0 ? to - from : from - to, each = stride > 0 ? stride : -(int64_t)stride;
  const int64_t dim = length <= 0 ? 0 : (length + each - 1) / each;
  if (dim > 0) result->view.offset += (ptrdiff_t)from * step;
  xj_strided_add(&result->view, (size_t)dim, dim > 1 ? step * stride : 0);
  result->dims[result->final_rank++] = (int32_t)dim;
  return XJ_OK;
}

static void keep_axis(int32_t dim, ptrdiff_t step, cut *result) {
  xj_strided_add(&result->view, (size_t)dim, step);
  result->dims[result->final_rank++] = dim;
}

static xj_status make_cut(const xj_node_view *node, cut *result) {
  const xj_strided_slice_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  ptrdiff_t steps[XJ_MAX_RANK];
  ranges r;
  XJ_TRY(read_ranges(node, &r));
  xj_strides_of(x, steps);
  *result = (cut){0};
  int32_t axis = 0, ellipsis = -1, named = 0; /* named: axes of x that entries stand for */
  for (int32_t i = 0; i < r.begin.n; i++) {
    const int32_t bit = 1 << i;
    if ((a->ellipsis_mask & bit) && ellipsis >= 0)
      return xj_fail(XJ_BAD_SHAPE, "entries %d and %d are both an ellipsis", ellipsis, i);
    if (a->ellipsis_mask & bit)
      ellipsis = i;
    else if (!(a->new_axis_mask & bit))
      named++;
  }
  if (named > x->rank) return xj_fail(XJ_BAD_SHAPE, "it cuts %d axes of x with shape %s", named, xj_type_text(x));
  for (int32_t i = 0; i < r.begin.n; i++) {
    const int32_t bit = 1 << i;
    if (i == ellipsis) {
      for (const int32_t stop = axis + x->rank - named; axis < stop; axis++)
        keep_axis(x->dims[axis], steps[axis], result);
    } else if (a->new_axis_mask & bit) {
      result->dims[result->final_rank++] = 1;
    } else {
      XJ_TRY(cut_axis(node, &r, i, axis, steps[axis], result));
      axis++;
    }
  }
  for (; axis < x->rank; axis++) keep_axis(x->dims[axis], steps[axis], result);
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  cut result;
  XJ_TRY(make_cut(node, &result));
  *output = (xj_type){.dtype = node->inputs[0].dtype, .rank = result.final_rank};
  for (int32_t i = 0; i < result.final_rank && i < XJ_MAX_RANK; i++) output->dims[i] = result.dims[i];
  return XJ_OK; /* too high a rank is refused by whoever asked */
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  cut result;
  XJ_TRY(make_cut(node, &result));
  return xj_strided_prepare(&result.view, xj_dtype_bytes(node->inputs[0].dtype), prepare);
}

const xj_kernel xj_strided_slice_kernel = {.infer = infer, .prepare = prepare, .run = xj_strided_run};
