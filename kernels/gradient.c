#include "kernels/gradient.h"

#include "kernels/layer.h"

xj_status xj_gradient_axes(int32_t n_axes, const xj_type *x, const int32_t *kernel, const int32_t *window,
                           xj_axis axes[3]) {
  if (n_axes == 3) return xj_window3d_make((const xj_window3d_attributes *)window, x, kernel, axes);
  xj_window flat;
  XJ_TRY(xj_window_make((const xj_window_attributes *)window, x, kernel[0], kernel[1], &flat));
  axes[0] = (xj_axis){1, 1, 1, 1, 1, 0, 0};
  axes[1] = flat.h;
  axes[2] = flat.w;
  return XJ_OK;
}

xj_status xj_gradient_check(const xj_node_view *node, int32_t dy, const xj_type *x, const xj_axis axes[3],
                            int32_t channels) {
  const xj_type *given = &node->inputs[dy];
  XJ_TRY(xj_float_check(node, dy, "dy"));
  xj_type made = {XJ_FLOAT32, x->rank, {x->dims[0]}};
  for (int32_t i = 1; i < x->rank - 1; i++) made.dims[i] = axes[i + 4 - x->rank].output;
  made.dims[x->rank - 1] = channels;
  if (xj_type_equal(given, &made)) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "dy has shape %s; of x with shape %s the window makes %s", xj_type_text(given),
                 xj_type_text(x), xj_type_text(&made));
}

xj_status xj_gradient_input(const xj_node_view *node, int32_t dy, int32_t n_axes, const int32_t *sizes,
                            int32_t channels, xj_type *x) {
  const xj_type *given = &node->inputs[dy];
  if (given->rank != n_axes + 2)
    return xj_fail(XJ_BAD_SHAPE, "dy has shape %s instead of %d axes", xj_type_text(given), n_axes + 2);
  *x = (xj_type){XJ_FLOAT32, n_axes + 2, {given->dims[0]}};
  for (int32_t i = 0; i < n_axes; i++) {
    if (sizes[i] < 0) return xj_fail(XJ_BAD_SHAPE, "axis %d of x is %d long", i + 1, sizes[i]);
    x->dims[i + 1] = sizes[i];
  }
  x->dims[n_axes + 1] = channels;
  return XJ_OK;
}

size_t xj_gradient_pixels(const xj_axis axes[3]) {
  return (size_t)axes[0].input * (size_t)axes[1].input * (size_t)axes[2].input;
}

size_t xj_gradient_outputs(const xj_axis axes[3]) {
  return (size_t)axes[0].output * (size_t)axes[1].output * (size_t)axes[2].output;
}

double xj_gradient_taps(const xj_axis axes[3]) {
  return (double)axes[0].kernel * (double)axes[1].kernel * (double)axes[2].kernel;
}
