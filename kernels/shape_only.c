/* The ops that give the same bytes another shape: reshape, identity. They never run. */
#include "src/op.h"

static xj_status identity_infer(const xj_node_view *node, xj_type *output) {
  *output = node->inputs[0];
  return XJ_OK;
}

static xj_status reshape_infer(const xj_node_view *node, xj_type *output) {
  const xj_list *shape = &((const xj_reshape_attributes *)node->attributes)->shape;
  const xj_type *x = &node->inputs[0];
  if (shape->n < 0 || shape->n > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "it makes %d dimensions, at most %d are possible", shape->n, XJ_MAX_RANK);
  int32_t open = -1;
  uint64_t known = 1;
  *output = (xj_type){x->dtype, shape->n, {0}};
  for (int32_t i = 0; i < shape->n; i++) {
    int32_t dim = output->dims[i] = shape->values[i];
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

const xj_kernel xj_identity_kernel = {.infer = identity_infer};
const xj_kernel xj_reshape_kernel = {.infer = reshape_infer};
