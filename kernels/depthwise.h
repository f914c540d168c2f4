/* Depthwise convolution of float32, ours. conv2d uses it where every group has one channel in and one out. */
#ifndef XJ_DEPTHWISE_H
#define XJ_DEPTHWISE_H

#include "kernels/activate.h"
#include "kernels/window.h"

typedef struct {
  xj_window window;
  size_t batch, in_channels, multiplier; /* out channel o reads in channel o / multiplier */
  xj_activate activate;
  const float *packed;
  size_t rows_per_task;
} xj_depthwise;

/* Packed: for each block of 4 output channels the biases, then the weights of each tap; zeros beyond the last channel.
 */
size_t xj_depthwise_packed_bytes(size_t taps, size_t out_channels);
/* 'unsupported' where these are more than 2 GiB - 1. */
xj_status xj_depthwise_check(size_t taps, size_t out_channels);
void xj_depthwise_pack(size_t taps, size_t out_channels, bool is_bias, const xj_weight *weight, float *packed);
/* The weights of a filter that is stored [out_channels, taps]. */
void xj_depthwise_pack_out_first(size_t taps, size_t out_channels, const xj_weight *weight, float *packed);
/* scale: [out_channels] */
void xj_depthwise_scale(size_t taps, size_t out_channels, const float *scale, float *packed);
/* Rows of output that one thread takes at a time. */
size_t xj_depthwise_rows_per_task(const xj_depthwise *depthwise, size_t n_threads);
void xj_depthwise_run(const xj_depthwise *depthwise, const float *x, const float *slope, float *y,
                      pthreadpool_t threads);

#endif
