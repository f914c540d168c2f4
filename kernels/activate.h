/* The activation that a kernel ends in. */
#ifndef XJ_ACTIVATE_H
#define XJ_ACTIVATE_H

#include "kernels/simd.h"
#include "kernels/unary.h"
#include "src/op.h"

/* Checks an activation and, where it is prelu, that input `slot` is a slope for `channels` channels. */
xj_status xj_activation_check(const xj_node_view *node, const xj_activation *activation, int32_t slot,
                              int32_t channels);

/* What run needs of it. A slope of one element serves all channels. */
typedef struct {
  int32_t kind;
  float min, max; /* XJ_ACTIVATION_UNARY: the op's attributes */
  bool one_slope;
  xj_stretch_fn *stretch; /* XJ_ACTIVATION_UNARY */
} xj_activate;

xj_activate xj_activate_make(const xj_node_view *node, const xj_activation *activation, int32_t slot);

/* y = activation(x) for a few rows of `channels`, on this thread. */
void xj_activate_stretch(const xj_activate *activate, const float *slope, size_t rows, size_t channels, const float *x,
                         float *y);
/* So many rows of `channels` fit the nearest cache. */
static inline size_t xj_activate_tile(size_t channels) { return 1 + 4096 / channels; }
/* y = activation(x) for `rows` rows of `channels`; y may be x, or the slope where that has y's shape. */
void xj_activate_rows(const xj_activate *activate, const float *slope, size_t rows, size_t channels, const float *x,
                      float *y, pthreadpool_t threads);

#endif
