/* The sliding window of convolutions and pooling: where it starts, what it covers, how large the output is. */
#ifndef XJ_WINDOW_H
#define XJ_WINDOW_H

#include "src/op.h"

/* WINDOW of ops.def, in its order. */
typedef struct {
  int32_t stride_h, stride_w, dilation_h, dilation_w;
  int32_t padding, pad_top, pad_bottom, pad_left, pad_right;
} xj_window_attributes;

/* One axis. Output o covers inputs o * stride - pad + i * dilation, i < kernel. */
typedef struct {
  int32_t input, output, kernel, stride, dilation, pad, pad_end;
} xj_axis;

typedef struct {
  xj_axis h, w;
} xj_window;

/* WINDOW3D of ops.def, in its order: depth, height, width. */
typedef struct {
  int32_t stride[3], dilation[3];
  int32_t padding, pads[6];
} xj_window3d_attributes;

/* One axis, called `name` in messages; checks all numbers. */
xj_status xj_axis_make(char name, int32_t input, int32_t kernel, int32_t stride, int32_t dilation, int32_t before,
                       int32_t after, bool same, xj_axis *axis);
/* For x [N,D,H,W,C]. */
xj_status xj_window3d_make(const xj_window3d_attributes *attributes, const xj_type *x, const int32_t kernel[3],
                           xj_axis axes[3]);
/* For x [N,H,W,C] and a kernel_h × kernel_w window; checks all numbers. */
xj_status xj_window_make(const xj_window_attributes *attributes, const xj_type *x, int32_t kernel_h, int32_t kernel_w,
                         xj_window *window);

/* The taps [*from, *to) of output `o` that lie inside the input. */
static inline void xj_axis_taps(const xj_axis *axis, int32_t o, int32_t *from, int32_t *to) {
  int32_t start = o * axis->stride - axis->pad;
  *from = start < 0 ? (-start + axis->dilation - 1) / axis->dilation : 0;
  int32_t room = axis->input - start; /* taps i with i * dilation < room */
  *to = room <= 0 ? 0 : (room + axis->dilation - 1) / axis->dilation;
  if (*to > axis->kernel) *to = axis->kernel;
  if (*from > *to) *from = *to;
}

#endif
