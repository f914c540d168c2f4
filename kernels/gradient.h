/* What the gradients of windowed ops share: the window they invert, the outputs that an input went into, checks. */
#ifndef XJ_GRADIENT_H
#define XJ_GRADIENT_H

#include "kernels/window.h"

/* The window over x [N,H,W,C] (n_axes 2, `window` is WINDOW of ops.def) or [N,D,H,W,C] (3, WINDOW3D) as three axes. */
xj_status xj_gradient_axes(int32_t n_axes, const xj_type *x, const int32_t *kernel, const int32_t *window,
                           xj_axis axes[3]);
/* Fails unless input `dy` is float32 and has the shape of what that window makes of x, of so many channels. */
xj_status xj_gradient_check(const xj_node_view *node, int32_t dy, const xj_type *x, const xj_axis axes[3],
                            int32_t channels);
/* *x: [dy's N,sizes…,channels], where sizes are attributes: one for each of n_axes. */
xj_status xj_gradient_input(const xj_node_view *node, int32_t dy, int32_t n_axes, const int32_t *sizes,
                            int32_t channels, xj_type *x);
/* How many of an image's pixels the window reads, and how many it makes. */
size_t xj_gradient_pixels(const xj_axis axes[3]);
size_t xj_gradient_outputs(const xj_axis axes[3]);
/* Taps of the window, as a number of any size. */
double xj_gradient_taps(const xj_axis axes[3]);

/* The outputs along one axis that read one input: output, output + step, …, by the taps tap, tap - tap_step, …; of one
 * the steps are 0. */
typedef struct {
  int32_t output, step, tap, tap_step, count;
} xj_sources;

static inline int32_t xj_sources_period(int32_t stride, int32_t dilation) {
  int32_t divisor = dilation, rest = stride;
  while (rest != 0) {
    const int32_t next = divisor % rest;
    divisor = rest;
    rest = next;
  }
  return dilation / divisor;
}

/* Of the input `at`. */
static inline xj_sources xj_axis_sources(const xj_axis *axis, int32_t at) {
  const int32_t place = at + axis->pad, stride = axis->stride, dilation = axis->dilation;
  const int64_t least = place - (int64_t)(axis->kernel - 1) * dilation;
  int32_t first = least <= 0 ? 0 : (int32_t)((least + stride - 1) / stride), last = place / stride, step = 1;
  if (last > axis->output - 1) last = axis->output - 1;
  if (dilation > 1) {
    step = xj_sources_period(stride, dilation);
    for (int32_t i = 1; i < step && first <= last && (place - first * stride) % dilation != 0; i++) first++;
  }
  if (first > last || (place - first * stride) % dilation != 0) return (xj_sources){0};
  const xj_sources s = {first, step, (place - first * stride) / dilation, (int32_t)((int64_t)step * stride / dilation),
                        (last - first) / step + 1};
  return s.count > 1 ? s : (xj_sources){s.output, 0, s.tap, 0, 1};
}

#endif
