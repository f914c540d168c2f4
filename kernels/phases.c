#include "kernels/phases.h"

xj_phases xj_phases_make(int32_t stride, int32_t dilation, int32_t kernel) {
  int32_t divisor = stride, rest = dilation;
  while (rest != 0) {
    const int32_t next = divisor % rest;
    divisor = rest;
    rest = next;
  }
  xj_phases p = {.stride = stride, .period = stride / divisor};
  for (int64_t k = 0; k < kernel; k++) p.before[k * dilation % stride + 1]++;
  for (int32_t i = 0; i < stride; i++) p.before[i + 1] += p.before[i];
  return p;
}

/* The outputs of a phase along one axis. first_tap: its least tap, where it has one. */
static xj_lane lane_of(const xj_axis *axis, const xj_phases *p, int32_t phase, int32_t first_tap) {
  const int32_t stride = p->stride, first = ((phase - axis->pad) % stride + stride) % stride;
  const int64_t base = ((int64_t)first + axis->pad - (int64_t)first_tap * axis->dilation) / stride;
  return (xj_lane){.first = first,
                   .step = stride,
                   .count = axis->input > first ? (axis->input - first - 1) / stride + 1 : 0,
                   .base = (int32_t)base,
                   .advance = 1,
                   .tap_step = -(int32_t)((int64_t)axis->dilation * p->period / stride),
                   .taps = xj_phase_taps(p, phase)};
}

void xj_phase_lanes(const xj_axis *axis, const xj_phases *p, xj_lane *lanes) {
  const int32_t most = axis->kernel < p->period ? axis->kernel : p->period;
  for (int32_t phase = 0; phase < p->stride; phase++) lanes[phase] = lane_of(axis, p, phase, 0);
  for (int32_t k = 0; k < most; k++) {
    const int32_t phase = (int32_t)((int64_t)k * axis->dilation % p->stride);
    lanes[phase] = lane_of(axis, p, phase, k);
  }
}
