#include "kernels/operand.h"

#include <string.h>

xj_status xj_int_check(const xj_node_view *node, int32_t input, const char *name) {
  int32_t dtype = node->inputs[input].dtype;
  if (dtype == XJ_INT32) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "%s is %s, only int32 is supported", name, xj_dtype_name(dtype));
}

xj_status xj_scalar_check(const xj_node_view *node, int32_t input, const char *name) {
  if (xj_type_elements(&node->inputs[input]) == 1) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "%s has shape %s instead of one element", name, xj_type_text(&node->inputs[input]));
}

xj_status xj_list_read(const xj_node_view *node, int32_t input, const xj_list *attribute, const char *name,
                       xj_list *list) {
  if (input == XJ_NONE || !xj_present(node, input)) {
    *list = *attribute;
    if (list->n < 0 || list->n > XJ_LIST_MAX) return xj_fail(XJ_BAD_MODEL, "%s has %d values", name, list->n);
    return XJ_OK;
  }
  XJ_TRY(xj_int_check(node, input, name));
  const int32_t *values = xj_known_ints(node, input);
  const size_t n = xj_type_elements(&node->inputs[input]);
  if (n > XJ_LIST_MAX)
    return xj_fail(XJ_UNSUPPORTED, "%s has %zu values, at most %d are possible", name, n, XJ_LIST_MAX);
  if (values == NULL && n > 0)
    return xj_fail(XJ_UNSUPPORTED, "%s is computed from data, so the shape of its result is not known before the run",
                   name);
  *list = (xj_list){.n = (int32_t)n};
  if (n > 0) memcpy(list->values, values, n * sizeof *values);
  return XJ_OK;
}

xj_status xj_int_read(const xj_node_view *node, int32_t input, int32_t attribute, const char *name, int32_t *value) {
  xj_list list;
  *value = attribute;
  if (!xj_present(node, input)) return XJ_OK;
  XJ_TRY(xj_scalar_check(node, input, name));
  XJ_TRY(xj_list_read(node, input, NULL, name, &list));
  *value = list.values[0];
  return XJ_OK;
}

xj_status xj_shape_read(const xj_node_view *node, int32_t input, const xj_list *attribute, xj_type *output) {
  xj_list list;
  XJ_TRY(xj_list_read(node, input, attribute, "its shape", &list));
  output->rank = list.n;
  memcpy(output->dims, list.values, sizeof output->dims);
  return xj_type_check(output, "the output");
}

xj_status xj_axis_read(const xj_type *x, int32_t given, int32_t *axis) {
  *axis = given < 0 ? given + x->rank : given;
  if (*axis >= 0 && *axis < x->rank) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", given, xj_type_text(x));
}

xj_status xj_dim_set(xj_type *output, int32_t axis, int64_t dim) {
  if (dim < 0 || dim > INT32_MAX) return xj_fail(XJ_BAD_SHAPE, "axis %d becomes %lld long", axis, (long long)dim);
  output->dims[axis] = (int32_t)dim;
  return XJ_OK;
}
