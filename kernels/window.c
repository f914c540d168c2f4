#include "kernels/window.h"

xj_status xj_axis_make(char name, int32_t input, int32_t kernel, int32_t stride, int32_t dilation, int32_t before,
                       int32_t after, bool same, xj_axis *axis) {
  if (stride == 0) stride = 1;
  if (dilation == 0) dilation = 1;
  if (kernel < 1 || kernel > XJ_WINDOW_MOST || stride < 1 || stride > XJ_WINDOW_MOST || dilation < 1 ||
      dilation > XJ_WINDOW_MOST || before < 0 || before > XJ_WINDOW_MOST || after < 0 || after > XJ_WINDOW_MOST ||
      input > INT32_MAX / 4)
    return xj_fail(XJ_BAD_SHAPE, "along %c, input %d, kernel %d, stride %d, dilation %d, padding %d and %d", name,
                   input, kernel, stride, dilation, before, after);
  int64_t extent = (int64_t)(kernel - 1) * dilation + 1, output;
  if (same) {
    output = ((int64_t)input + stride - 1) / stride;
    int64_t missing = (output - 1) * stride + extent - input;
    if (missing < 0 || input == 0) missing = 0;
    if (missing > INT32_MAX / 4)
      return xj_fail(XJ_BAD_SHAPE, "along %c, the window covers %lld", name, (long long)extent);
    before = (int32_t)(missing / 2);
    after = (int32_t)(missing - missing / 2);
  } else {
    int64_t room = (int64_t)input + before + after - extent;
    if (room < 0)
      return xj_fail(XJ_BAD_SHAPE, "along %c, a window of %lld does not fit an input of %d padded by %d and %d", name,
                     (long long)extent, input, before, after);
    output = room / stride + 1;
  }
  *axis = (xj_axis){input, (int32_t)output, kernel, stride, dilation, before, after};
  return XJ_OK;
}

static xj_status check_padding(int32_t padding) {
  if (padding == XJ_PADDING_EXPLICIT || padding == XJ_PADDING_SAME) return XJ_OK;
  return xj_fail(XJ_BAD_MODEL, "there is no padding %d", padding);
}

xj_status xj_window_make(const xj_window_attributes *a, const xj_type *x, int32_t kernel_h, int32_t kernel_w,
                         xj_window *window) {
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  XJ_TRY(check_padding(a->padding));
  bool same = a->padding == XJ_PADDING_SAME;
  XJ_TRY(
      xj_axis_make('h', x->dims[1], kernel_h, a->stride_h, a->dilation_h, a->pad_top, a->pad_bottom, same, &window->h));
  return xj_axis_make('w', x->dims[2], kernel_w, a->stride_w, a->dilation_w, a->pad_left, a->pad_right, same,
                      &window->w);
}

xj_status xj_window3d_make(const xj_window3d_attributes *a, const xj_type *x, const int32_t kernel[3],
                           xj_axis axes[3]) {
  if (x->rank != 5) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,D,H,W,C]", xj_type_text(x));
  XJ_TRY(check_padding(a->padding));
  bool same = a->padding == XJ_PADDING_SAME;
  for (int32_t i = 0; i < 3; i++)
    XJ_TRY(xj_axis_make("dhw"[i], x -> dims[1 + i], kernel[i], a -> stride[i], a -> dilation[i], a -> pads[2 * i],
                        a -> pads[2 * i + 1], same, &axes[i]));
  return XJ_OK;
}
