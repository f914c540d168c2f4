/* The outputs of a transposed convolution by phase. Output o reads input (o + pad - k * dilation) / stride for every
 * tap k where that divides: outputs whose o + pad leaves the same remainder, a phase, have the same taps. */
#ifndef XJ_PHASES_H
#define XJ_PHASES_H

#include "kernels/indirect.h"
#include "kernels/window.h"

/* The most of one axis, and of all together. */
enum { XJ_PHASES_OF_AXIS = 1024, XJ_PHASES = 4096 };

/* The taps of the phases of one axis: phase p has the taps k with k * dilation % stride == p, `period` apart. */
typedef struct {
  int32_t stride, period;
  int32_t before[XJ_PHASES_OF_AXIS + 1]; /* taps of the phases before p */
} xj_phases;

/* stride: at most XJ_PHASES_OF_AXIS. */
xj_phases xj_phases_make(int32_t stride, int32_t dilation, int32_t kernel);
static inline int32_t xj_phase_taps(const xj_phases *p, int32_t phase) {
  return p->before[phase + 1] - p->before[phase];
}
/* Each phase as a convolution along the axis, whose input and output are those of the transposed one swapped. lanes:
 * [stride] */
void xj_phase_lanes(const xj_axis *axis, const xj_phases *p, xj_lane *lanes);
/* An axis that is not there. */
static inline xj_lane xj_lane_of_one(void) {
  return (xj_lane){.step = 1, .count = 1, .advance = 1, .tap_step = 1, .taps = 1};
}

#endif
