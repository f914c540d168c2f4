/* Gradients of maxima over a window: each output names the pixel that won, and each pixel gets the dy of what it won.
 */
#ifndef XJ_WINNERS_H
#define XJ_WINNERS_H

#include "kernels/gradient.h"

/* dx [batch,pixels,channels] = the sums of dy [batch,outputs,channels] where winners (of dy's shape) is the pixel's
 * number in its image; -1: nobody. */
void xj_winners_gather(const xj_axis axes[3], size_t batch, size_t channels, const int32_t *winners, const float *dy,
                       float *dx, pthreadpool_t threads);

#endif
