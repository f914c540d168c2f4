/* The op conv3d_backprop_input: dy [N,OD,OH,OW,OC], filter [KD,KH,KW,C,OC] → [N,D,H,W,C]. Each phase of the result
 * (phases.h) is a convolution of dy with a part of the filter, which is packed in each run. */
#include <string.h>

#include "kernels/gradient.h"
#include "kernels/layer.h"
#include "kernels/phases.h"
#include "src/heap.h"

enum { DY = 0, FILTER = 1, NR = XJ_GEMM_NR };

typedef struct {
  xj_axis axes[3];
  xj_phases phases[3];
  size_t in, out; /* channels of dy, of the result */
  size_t packed_floats;
  xj_indirect indirect;
  xj_indirect_part parts[];
} backprop;

typedef struct {
  const backprop *t;
  const float *filter;
  float *packed;
} task;

static xj_status axes_of(const xj_node_view *node, const xj_type *x, xj_axis axes[3]) {
  const xj_conv3d_backprop_input_attributes *a = node->attributes;
  return xj_gradient_axes(3, x, node->inputs[FILTER].dims, &a->stride_d, axes);
}

/* For each phase and each block of NR channels of the result NR biases, then [taps][in][NR]. */
static uint64_t packed_floats(const xj_type *filter, const xj_axis axes[3]) {
  const uint64_t blocks = ((uint64_t)filter->dims[3] + NR - 1) / NR;
  const uint64_t phases = (uint64_t)axes[0].stride * (uint64_t)axes[1].stride * (uint64_t)axes[2].stride;
  return blocks * NR * (phases + xj_type_span(filter, 0, 3) * (uint64_t)filter->dims[4]);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_conv3d_backprop_input_attributes *a = node->attributes;
  const xj_type *filter = &node->inputs[FILTER];
  XJ_TRY(xj_float_check(node, FILTER, "the filter"));
  if (filter->rank != 5) return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of 5 axes", xj_type_text(filter));
  const int32_t out = filter->dims[3], in = filter->dims[4];
  if (out < 1 || in < 1) return xj_fail(XJ_BAD_SHAPE, "filter has %d channels by %d", out, in);
  XJ_TRY(xj_gradient_input(node, DY, 3, &a->in_d, out, output));
  xj_axis axes[3];
  XJ_TRY(axes_of(node, output, axes));
  XJ_TRY(xj_gradient_check(node, DY, output, axes, in));
  const int32_t d = axes[0].stride, h = axes[1].stride, w = axes[2].stride;
  if (d > XJ_PHASES_OF_AXIS || h > XJ_PHASES_OF_AXIS || w > XJ_PHASES_OF_AXIS || (int64_t)d * h * w > XJ_PHASES)
    return xj_fail(XJ_UNSUPPORTED, "strides of %d × %d × %d", d, h, w);
  XJ_TRY(xj_indirect_check(xj_type_span(filter, 0, 3)));
  if (packed_floats(filter, axes) > INT32_MAX / sizeof(float))
    return xj_fail(XJ_UNSUPPORTED, "its filter has %llu floats when packed",
                   (unsigned long long)packed_floats(filter, axes));
  return XJ_OK;
}

/* Where the weights of a phase start, and how many taps it has. */
static size_t start_of(const backprop *t, const int32_t phase[3], size_t *taps) {
  size_t before = 0, phases = 0;
  *taps = 1;
  for (int32_t i = 0; i < 3; i++) {
    const xj_phases *p = &t->phases[i];
    before = before * (size_t)t->axes[i].kernel + *taps * (size_t)p->before[phase[i]];
    phases = phases * (size_t)p->stride + (size_t)phase[i];
    *taps *= (size_t)xj_phase_taps(p, phase[i]);
  }
  return (t->out + NR - 1) / NR * NR * (phases + before * t->in);
}

static size_t n_phases_of(const backprop *t) {
  return (size_t)t->phases[0].stride * (size_t)t->phases[1].stride * (size_t)t->phases[2].stride;
}

static void make_parts(backprop *t, xj_lane *lanes) {
  xj_lane *of[3] = {lanes, lanes + t->phases[0].stride, lanes + t->phases[0].stride + t->phases[1].stride};
  for (int32_t i = 0; i < 3; i++) xj_phase_lanes(&t->axes[i], &t->phases[i], of[i]);
  const int32_t n = (int32_t)n_phases_of(t), h = t->phases[1].stride, w = t->phases[2].stride;
  for (int32_t i = 0; i < n; i++) {
    const int32_t phase[3] = {i / w / h, i / w % h, i % w};
    size_t taps;
    t->parts[i] = (xj_indirect_part){.axes = {of[0][phase[0]], of[1][phase[1]], of[2][phase[2]]},
                                     .weights = start_of(t, phase, &taps)};
  }
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *filter = &node->inputs[FILTER];
  xj_axis axes[3];
  XJ_TRY(axes_of(node, node->output, axes));
  const size_t strides = (size_t)axes[0].stride + (size_t)axes[1].stride + (size_t)axes[2].stride;
  const size_t n_parts = (size_t)axes[0].stride * (size_t)axes[1].stride * (size_t)axes[2].stride;
  xj_lane *lanes = xj_alloc(strides * sizeof *lanes, XJ_HEAP_GENERAL);
  if (lanes == NULL) return XJ_OUT_OF_MEMORY;
  backprop *t = prepare->state = xj_alloc_zeroed(sizeof *t + n_parts * sizeof *t->parts, XJ_HEAP_GENERAL);
  if (t != NULL) {
    memcpy(t->axes, axes, sizeof axes);
    for (int32_t i = 0; i < 3; i++) t->phases[i] = xj_phases_make(axes[i].stride, axes[i].dilation, axes[i].kernel);
    t->out = (size_t)filter->dims[3];
    t->in = (size_t)filter->dims[4];
    t->packed_floats = ((size_t)packed_floats(filter, axes) + 15) / 16 * 16;
    make_parts(t, lanes);
  }
  xj_free(lanes);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  t->indirect = (xj_indirect){.batch = (size_t)node->output->dims[0],
                              .groups = 1,
                              .in = t->in,
                              .out = t->out,
                              .x = {axes[0].output, axes[1].output, axes[2].output},
                              .y = {axes[0].input, axes[1].input, axes[2].input},
                              .is_linear = true,
                              .n_parts = n_parts,
                              .parts = t->parts};
  xj_indirect_plan(&t->indirect);
  prepare->scratch_bytes =
      t->packed_floats * sizeof(float) + xj_indirect_scratch_bytes(&t->indirect, prepare->n_threads);
  return XJ_OK;
}

static void pack_tap(task *job, size_t index) {
  const backprop *t = job->t;
  int32_t phase[3], rest = (int32_t)index, k[3];
  for (int32_t i = 2; i >= 0; i--) {
    k[i] = rest % t->axes[i].kernel;
    rest /= t->axes[i].kernel;
    phase[i] = (int32_t)((int64_t)k[i] * t->axes[i].dilation % t->axes[i].stride);
  }
  size_t tap = 0, taps;
  for (int32_t i = 0; i < 3; i++)
    tap = tap * (size_t)xj_phase_taps(&t->phases[i], phase[i]) + (size_t)(k[i] / t->phases[i].period);
  float *to = job->packed + start_of(t, phase, &taps) + NR * (1 + tap * t->in);
  const float *from = job->filter + index * t->out * t->in;
  for (size_t out = 0; out < t->out; out++) {
    float *column = to + out / NR * NR * (1 + taps * t->in) + out % NR;
    for (size_t i = 0; i < t->in; i++) column[i * NR] = *from++;
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const backprop *t = opaque;
  task job = {t, run->inputs[FILTER], run->scratch};
  memset(job.packed, 0, t->packed_floats * sizeof(float)); /* biases, and what fills up the last block */
  const size_t taps = (size_t)t->axes[0].kernel * (size_t)t->axes[1].kernel * (size_t)t->axes[2].kernel;
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)pack_tap, &job, taps, 0);
  xj_indirect_run(&t->indirect, run->inputs[DY], job.packed, run->output, job.packed + t->packed_floats, run->threads);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const xj_type *filter = &node->inputs[FILTER], *dy = &node->inputs[DY];
  return 2.0 * (double)xj_type_span(dy, 0, 4) * (double)xj_type_elements(filter);
}

const xj_kernel xj_conv3d_backprop_input_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
