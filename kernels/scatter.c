/* The ops scatter_nd, tensor_scatter, sparse_to_dense and unsorted_segment_sum: slices of updates into the places that
 * indices name. */
#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

enum { WRITE = 0, ADD = 1, MIN = 2, MAX = 3 };

/* y[i] = y[i] ∘ x[i], for n elements */
typedef void combine(char *y, const char *x, size_t n);

typedef struct {
  const char *op;
  int32_t depth; /* axes of the output that an index names */
  int32_t dims[XJ_MAX_RANK];
  size_t n, slice, element_bytes; /* indices; elements of a slice */
  size_t step;                    /* between updates in bytes: 0 where there is one for all */
  size_t elements;
  bool has_default, drops_negative;
  combine *combine; /* NULL: write */
} scatter;

#define COMBINE(name, type, expression)                                                                                \
  static void name(char *to, const char *from, size_t n) {                                                             \
    type *y = (type *)to;                                                                                              \
    const type *x = (const type *)from;                                                                                \
    for (size_t i = 0; i < n; i++) y[i] = expression;                                                                  \
  }
COMBINE(add_float, float, y[i] + x[i])
COMBINE(min_float, float, x[i] < y[i] || x[i] != x[i] ? x[i] : y[i])
COMBINE(max_float, float, x[i] > y[i] || x[i] != x[i] ? x[i] : y[i])
COMBINE(add_int, int32_t, (int32_t)((uint32_t)y[i] + (uint32_t)x[i]))
COMBINE(min_int, int32_t, x[i] < y[i] ? x[i] : y[i])
COMBINE(max_int, int32_t, x[i] > y[i] ? x[i] : y[i])

static combine *const combines[][4] = {
    [XJ_FLOAT32] = {NULL, add_float, min_float, max_float},
    [XJ_INT32] = {NULL, add_int, min_int, max_int},
};

static xj_status check_mode(int32_t mode, int32_t dtype) {
  if (mode < WRITE || mode > MAX) return xj_fail(XJ_BAD_MODEL, "there is no mode %d", mode);
  if (mode == WRITE || dtype == XJ_FLOAT32 || dtype == XJ_INT32) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "updates are %s, only float32 and int32 are supported", xj_dtype_name(dtype));
}

/* indices [I…,K] and updates [I…,PK,…] for an output [P0,P1,…]. */
static xj_status check_updates(const xj_type *y, const xj_type *indices, const xj_type *updates) {
  const int32_t last = indices->rank - 1, depth = last < 0 ? 0 : indices->dims[last];
  bool fits = indices->dtype == XJ_INT32 && last >= 0 && depth <= y->rank && updates->dtype == y->dtype &&
              updates->rank == last + y->rank - depth;
  for (int32_t i = 0; fits && i < last; i++) fits = updates->dims[i] == indices->dims[i];
  for (int32_t i = depth; fits && i < y->rank; i++) fits = updates->dims[last + i - depth] == y->dims[i];
  if (fits) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "%s indices of shape %s and updates of shape %s, into shape %s",
                 xj_dtype_name(indices->dtype), xj_type_text(indices), xj_type_text(updates), xj_type_text(y));
}

static xj_status make(const xj_type *y, const xj_type *indices, int32_t depth, int32_t mode, const char *op,
                      xj_prepare *prepare) {
  scatter *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (scatter){
      .op = op,
      .depth = depth,
      .n = depth == 0 ? xj_type_span(indices, 0, indices->rank - 1) : xj_type_elements(indices) / (size_t)depth,
      .slice = xj_type_span(y, depth, y->rank),
      .element_bytes = xj_dtype_bytes(y->dtype),
      .elements = xj_type_elements(y),
      .combine = mode == WRITE ? NULL : combines[y->dtype][mode]};
  s->step = s->slice * s->element_bytes;
  memcpy(s->dims, y->dims, sizeof s->dims);
  return XJ_OK;
}

static xj_status apply(const scatter *s, const int32_t *index, const char *updates, char *y) {
  for (size_t i = 0; i < s->n; i++, index += s->depth, updates += s->step) {
    size_t slice = 0;
    if (s->drops_negative && *index < 0) continue;
    for (int32_t k = 0; k < s->depth; k++) {
      if (index[k] < 0 || index[k] >= s->dims[k])
        return xj_fail(XJ_BAD_SHAPE, "%s: index %d of axis %d, which has %d elements", s->op, index[k], k, s->dims[k]);
      slice = slice * (size_t)s->dims[k] + (size_t)index[k];
    }
    char *to = y + slice * s->slice * s->element_bytes;
    if (s->combine != NULL)
      s->combine(to, updates, s->slice);
    else
      xj_row_copy(to, updates, s->slice * s->element_bytes);
  }
  return XJ_OK;
}

/* ---- scatter_nd: indices, updates, shape ---- */

static xj_status scatter_nd_infer(const xj_node_view *node, xj_type *output) {
  output->dtype = node->inputs[1].dtype;
  XJ_TRY(check_mode(ADD, output->dtype));
  XJ_TRY(xj_shape_read(node, 2, &((const xj_scatter_nd_attributes *)node->attributes)->shape, output));
  return check_updates(output, &node->inputs[0], &node->inputs[1]);
}

static xj_status scatter_nd_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *indices = &node->inputs[0];
  return make(node->output, indices, indices->dims[indices->rank - 1], ADD, "scatter_nd", prepare);
}

static xj_status scatter_nd_run(void *opaque, const xj_run *run) {
  const scatter *s = opaque;
  memset(run->output, 0, s->elements * s->element_bytes);
  return apply(s, run->inputs[0], run->inputs[1], run->output);
}

/* ---- tensor_scatter: tensor, indices, updates ---- */

static xj_status tensor_scatter_infer(const xj_node_view *node, xj_type *output) {
  *output = node->inputs[0];
  XJ_TRY(check_mode(((const xj_tensor_scatter_attributes *)node->attributes)->mode, output->dtype));
  return check_updates(output, &node->inputs[1], &node->inputs[2]);
}

static xj_status tensor_scatter_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *indices = &node->inputs[1];
  return make(node->output, indices, indices->dims[indices->rank - 1],
              ((const xj_tensor_scatter_attributes *)node->attributes)->mode, "tensor_scatter", prepare);
}

static xj_status tensor_scatter_run(void *opaque, const xj_run *run) {
  const scatter *s = opaque;
  memcpy(run->output, run->inputs[0], s->elements * s->element_bytes);
  return apply(s, run->inputs[1], run->inputs[2], run->output);
}

/* ---- sparse_to_dense: indices, values, default, shape ---- */

enum { DEFAULT = 2 };

static xj_status sparse_to_dense_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *indices = &node->inputs[0], *values = &node->inputs[1];
  output->dtype = values->dtype;
  XJ_TRY(xj_shape_read(node, 3, &((const xj_sparse_to_dense_attributes *)node->attributes)->shape, output));
  if (xj_present(node, DEFAULT)) {
    XJ_TRY(xj_scalar_check(node, DEFAULT, "default"));
    if (node->inputs[DEFAULT].dtype != values->dtype)
      return xj_fail(XJ_BAD_SHAPE, "values are %s and their default is %s", xj_dtype_name(values->dtype),
                     xj_dtype_name(node->inputs[DEFAULT].dtype));
  }
  const int32_t depth = indices->rank == 2 ? indices->dims[1] : 1, n = indices->rank == 0 ? 1 : indices->dims[0];
  if (indices->dtype != XJ_INT32 || indices->rank > 2 || depth != output->rank ||
      (xj_type_elements(values) != 1 && (values->rank != 1 || values->dims[0] != n)))
    return xj_fail(XJ_BAD_SHAPE, "%s indices of shape %s and values of shape %s, into shape %s",
                   xj_dtype_name(indices->dtype), xj_type_text(indices), xj_type_text(values), xj_type_text(output));
  return XJ_OK;
}

static xj_status sparse_to_dense_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *indices = &node->inputs[0];
  XJ_TRY(make(node->output, indices, node->output->rank, WRITE, "sparse_to_dense", prepare));
  scatter *s = prepare->state;
  s->has_default = xj_present(node, DEFAULT);
  if (xj_type_elements(&node->inputs[1]) == 1) s->step = 0;
  return XJ_OK;
}

static xj_status sparse_to_dense_run(void *opaque, const xj_run *run) {
  const scatter *s = opaque;
  static const uint32_t zero;
  xj_row_fill(run->output, s->elements, s->has_default ? run->inputs[DEFAULT] : &zero, s->element_bytes);
  return apply(s, run->inputs[0], run->inputs[1], run->output);
}

/* ---- unsorted_segment_sum: x, segment_ids ---- */

static xj_status unsorted_segment_sum_infer(const xj_node_view *node, xj_type *output) {
  const int32_t num_segments = ((const xj_unsorted_segment_sum_attributes *)node->attributes)->num_segments;
  const xj_type *x = &node->inputs[0], *ids = &node->inputs[1];
  XJ_TRY(xj_int_check(node, 1, "segment_ids"));
  if (x->dtype != XJ_FLOAT32 && x->dtype != XJ_INT32)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, only float32 and int32 are supported", xj_dtype_name(x->dtype));
  bool fits = ids->rank <= x->rank && (ids->rank > 0 || x->rank < XJ_MAX_RANK);
  for (int32_t i = 0; fits && i < ids->rank; i++) fits = ids->dims[i] == x->dims[i];
  if (!fits || num_segments < 0)
    return xj_fail(XJ_BAD_SHAPE, "%d segments of x with shape %s, segment_ids of shape %s", num_segments,
                   xj_type_text(x), xj_type_text(ids));
  *output = (xj_type){x->dtype, 1 + x->rank - ids->rank, {num_segments}};
  for (int32_t i = ids->rank; i < x->rank; i++) output->dims[1 + i - ids->rank] = x->dims[i];
  return XJ_OK;
}

static xj_status unsorted_segment_sum_prepare(const xj_node_view *node, xj_prepare *prepare) {
  XJ_TRY(make(node->output, &node->inputs[1], 1, ADD, "unsorted_segment_sum", prepare));
  ((scatter *)prepare->state)->drops_negative = true;
  return XJ_OK;
}

static xj_status unsorted_segment_sum_run(void *opaque, const xj_run *run) {
  const scatter *s = opaque;
  memset(run->output, 0, s->elements * s->element_bytes);
  return apply(s, run->inputs[1], run->inputs[0], run->output);
}

const xj_kernel xj_scatter_nd_kernel = {
    .infer = scatter_nd_infer, .prepare = scatter_nd_prepare, .run = scatter_nd_run};
const xj_kernel xj_tensor_scatter_kernel = {
    .infer = tensor_scatter_infer, .prepare = tensor_scatter_prepare, .run = tensor_scatter_run};
const xj_kernel xj_sparse_to_dense_kernel = {
    .infer = sparse_to_dense_infer, .prepare = sparse_to_dense_prepare, .run = sparse_to_dense_run};
const xj_kernel xj_unsorted_segment_sum_kernel = {
    .infer = unsorted_segment_sum_infer, .prepare = unsorted_segment_sum_prepare, .run = unsorted_segment_sum_run};
