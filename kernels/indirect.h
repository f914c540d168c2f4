/* Convolutions of any kind on the IGEMM micro-kernels: sums over taps that read x through pointers, which are made for
 * four outputs at a time. What conv2d_transpose, conv2d_dynamic and conv3d run on. */
#ifndef XJ_INDIRECT_H
#define XJ_INDIRECT_H

#include "kernels/gemm_f32.h"
#include "src/op.h"

/* Outputs along one axis that have the same taps: first, first + step, …, `count` of them. Tap t of the j-th reads
 * x at base + j * advance + t * tap_step, which is 0 where it is outside. */
typedef struct {
  int32_t first, step, count;
  int32_t base, advance, tap_step, taps;
} xj_lane;

/* Outputs that have the same taps along all three axes. */
typedef struct {
  xj_lane axes[3];
  size_t weights; /* offset of their packed weights, in floats */
  size_t first_task;
} xj_indirect_part;

typedef struct {
  size_t batch, groups, in, out; /* in, out: channels of one group */
  int32_t x[3], y[3];            /* depth, height, width */
  xj_minmax limits;
  bool is_linear; /* without limits */
  size_t n_parts, n_tasks, most_taps;
  xj_indirect_part *parts;
} xj_indirect;

/* 'unsupported' where pointers to so many taps are more than can be addressed. */
xj_status xj_indirect_check(size_t taps);
/* Of the part's taps, all axes together. */
size_t xj_indirect_taps(const xj_indirect_part *part);
/* Counts tasks and taps, once the parts are there. */
void xj_indirect_plan(xj_indirect *t);
size_t xj_indirect_scratch_bytes(const xj_indirect *t, size_t n_threads);
/* x [batch, …, groups * in], y [batch, …, groups * out]; packed: as pack_f32.h says, for each part. */
void xj_indirect_run(const xj_indirect *t, const float *x, const float *packed, float *y, void *scratch,
                     pthreadpool_t threads);

#endif
