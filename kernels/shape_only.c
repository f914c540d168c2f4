/* The ops that give the same bytes another shape: reshape, squeeze, expand_dims, identity. They never run. */
#include <string.h>

#include "src/op.h"

static xj_status identity_infer(const xj_node_view *node, xj_type *output) {
  *output = node->inputs[0];
  return XJ_OK;
}

/* The target: the attribute, or the second input. */
static xj_status read_target(const xj_node_view *node, xj_type *target) {
  const xj_list *shape = &((const xj_reshape_attributes *)node->attributes)->shape;
  int32_t rank = shape->n;
  const int32_t *dims = shape->values;
  if (xj_present(node, 1)) {
    dims = xj_known_ints(node, 1);
    if (dims == NULL) return xj_fail(XJ_UNSUPPORTED, "its shape is computed from data, or no int32");
    if (node->inputs[1].rank != 1)
      return xj_fail(XJ_BAD_SHAPE, "its shape has %d dimensions itself", node->inputs[1].rank);
    rank = node->inputs[1].dims[0];
  }
  if (rank < 0 || rank > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "it makes %d dimensions, at most %d are possible", rank, XJ_MAX_RANK);
  *target = (xj_type){.dtype = node->inputs[0].dtype, .rank = rank};
  memcpy(target->dims, dims, (size_t)rank * sizeof *dims);
  return XJ_OK;
}

/* Another shape of the input meets a target that was written for the declared one: the dimensions of both are taken in
 * groups of equal products, and a group follows its input dimensions: in the dimension that was written as -1, if the
 * rest of its group goes into them, else in the only one that is not 1. False where that leaves a choice. */
static bool adapt_target(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0], *was_x = &node->declared[0], *was_y = &node->declared[node->n_inputs];
  if (was_x->rank != x->rank || xj_type_elements(was_x) == 0) return false;
  const xj_type written = *output;
  *output = *was_y;
  int32_t i = 0, j = 0;
  while (i < x->rank && j < was_y->rank) {
    int64_t left = was_x->dims[i], right = was_y->dims[j], now = x->dims[i];
    bool changed = was_x->dims[i] != x->dims[i];
    int32_t at = j, wide = was_y->dims[j] != 1;
    int32_t open = written.dims[j] == -1 ? j : -1;
    for (i++, j++; left != right;) {
      if (left < right) {
        if (i == x->rank) return false;
        changed |= was_x->dims[i] != x->dims[i];
        now *= x->dims[i];
        if (now > INT32_MAX) return false; /* an empty shape may have any other dimensions */
        left *= was_x->dims[i++];
      } else {
        if (j == was_y->rank) return false;
        if (was_y->dims[j] != 1) {
          at = j;
          wide++;
        }
        if (written.dims[j] == -1) open = j;
        right *= was_y->dims[j++];
      }
    }
    if (!changed) continue;
    const int64_t rest = open >= 0 ? right / was_y->dims[open] : 0;
    if (rest > 0 && now % rest == 0 && now / rest <= INT32_MAX) {
      output->dims[open] = (int32_t)(now / rest);
      continue;
    }
    if (wide > 1 || now > INT32_MAX) return false;
    output->dims[at] = (int32_t)now;
  }
  for (; i < x->rank; i++)
    if (was_x->dims[i] != x->dims[i]) return false;
  return true;
}

static xj_status reshape_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  XJ_TRY(read_target(node, output));
  /* What inference computed from shapes fits already; what was written down is for the declared shapes. */
  const bool is_written = !xj_present(node, 1) || node->is_constant[1];
  if (node->declared != NULL && is_written) {
    const xj_type target = *output;
    if (adapt_target(node, output)) return XJ_OK;
    *output = target;
  }
  int32_t open = -1;
  uint64_t known = 1;
  for (int32_t i = 0; i < output->rank; i++) {
    int32_t dim = output->dims[i];
    if (dim == -1) {
      if (open >= 0) return xj_fail(XJ_BAD_SHAPE, "dimensions %d and %d are both -1", open, i);
      open = i;
    } else if (dim < 0 || (dim > 0 && known > INT32_MAX / (uint64_t)dim)) {
      return xj_fail(XJ_BAD_SHAPE, "dimension %d is %d", i, dim);
    } else {
      known *= (uint64_t)dim;
    }
  }
  uint64_t elements = xj_type_elements(x);
  if (open >= 0 && (known == 0 || elements % known != 0))
    return xj_fail(XJ_BAD_SHAPE, "%llu elements of x with shape %s do not divide by %llu", (unsigned long long)elements,
                   xj_type_text(x), (unsigned long long)known);
  if (open >= 0) output->dims[open] = (int32_t)(elements / known);
  if (open < 0 && known != elements)
    return xj_fail(XJ_BAD_SHAPE, "%llu elements of x with shape %s become %s", (unsigned long long)elements,
                   xj_type_text(x), xj_type_text(output));
  return XJ_OK;
}

static xj_status squeeze_infer(const xj_node_view *node, xj_type *output) {
  const xj_list *axes = &((const xj_squeeze_attributes *)node->attributes)->axes;
  const xj_type *x = &node->inputs[0];
  bool goes[XJ_MAX_RANK] = {false};
  if (axes->n < 0 || axes->n > XJ_LIST_MAX) return xj_fail(XJ_BAD_MODEL, "it has %d axes", axes->n);
  for (int32_t i = 0; i < x->rank; i++) goes[i] = axes->n == 0 && x->dims[i] == 1;
  for (int32_t i = 0; i < axes->n; i++) {
    int32_t axis = axes->values[i] < 0 ? axes->values[i] + x->rank : axes->values[i];
    if (axis < 0 || axis >= x->rank || x->dims[axis] != 1)
      return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s is not of length 1", axes->values[i], xj_type_text(x));
    goes[axis] = true;
  }
  output->dtype = x->dtype;
  for (int32_t i = 0; i < x->rank; i++)
    if (!goes[i]) output->dims[output->rank++] = x->dims[i];
  return XJ_OK;
}

static xj_status expand_dims_infer(const xj_node_view *node, xj_type *output) {
  const int32_t given = ((const xj_expand_dims_attributes *)node->attributes)->axis;
  const xj_type *x = &node->inputs[0];
  int32_t axis = given < 0 ? given + x->rank + 1 : given;
  if (axis < 0 || axis > x->rank || x->rank == XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "no axis %d can be inserted into shape %s", given, xj_type_text(x));
  *output = (xj_type){.dtype = x->dtype, .rank = x->rank + 1};
  for (int32_t i = 0; i < output->rank; i++) output->dims[i] = i == axis ? 1 : x->dims[i - (i > axis)];
  return XJ_OK;
}

const xj_kernel xj_squeeze_kernel = {.infer = squeeze_infer};
const xj_kernel xj_expand_dims_kernel = {.infer = expand_dims_infer};
const xj_kernel xj_identity_kernel = {.infer = identity_infer};
const xj_kernel xj_reshape_kernel = {.infer = reshape_infer};
