/* The op q_mean: over any axes of int8 or uint8, the division folded into the fixed-point factor as in TFLite. */
#include <string.h>

#include "kernels/requantize.h"
#include "src/heap.h"

typedef struct {
  xj_type x;
  bool reduced[XJ_MAX_RANK];
  size_t n_outputs;
  int64_t n_averaged;
  xj_fixed factor;
  int32_t x_zero, y_zero;
} mean;

static xj_status read_axes(const xj_node_view *node, bool reduced[XJ_MAX_RANK]) {
  const xj_q_mean_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  if (a->axes.n < 0 || a->axes.n > XJ_LIST_MAX) return xj_fail(XJ_BAD_MODEL, "it has %d axes", a->axes.n);
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) reduced[i] = a->axes.n == 0 && i < x->rank;
  for (int32_t i = 0; i < a->axes.n; i++) {
    int32_t axis = a->axes.values[i];
    if (axis < -x->rank || axis >= x->rank)
      return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", axis, xj_type_text(x));
    reduced[axis < 0 ? axis + x->rank : axis] = true;
  }
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_q_mean_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  bool reduced[XJ_MAX_RANK];
  XJ_TRY(xj_byte_check(node, 0, "x"));
  XJ_TRY(read_axes(node, reduced));
  XJ_TRY(xj_scale_check(a->x_scale, "x"));
  XJ_TRY(xj_scale_check(a->y_scale, "y"));
  XJ_TRY(xj_zero_check(a->x_zero, x->dtype, "x"));
  XJ_TRY(xj_zero_check(a->y_zero, x->dtype, "y"));
  output->dtype = x->dtype;
  for (int32_t i = 0; i < x->rank; i++)
    if (!reduced[i] || a->keep_dims != 0) output->dims[output->rank++] = reduced[i] ? 1 : x->dims[i];
  return XJ_OK;
}

/* factor / n, in a multiplier that is not normalised. */
static xj_fixed divided(xj_fixed factor, int64_t n) {
  if (n == 0) return (xj_fixed){0, 0};
  int32_t shift = 0;
  while (n >> shift > 1) shift++;
  if (shift > 32) shift = 32;
  if (shift > 31 + factor.shift) shift = 31 + factor.shift;
  return (xj_fixed){(int32_t)(((int64_t)factor.multiplier << shift) / n), factor.shift - shift};
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_q_mean_attributes *a = node->attributes;
  mean *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->x = node->inputs[0];
  XJ_TRY(read_axes(node, state->reduced));
  state->n_outputs = xj_type_elements(node->output);
  state->n_averaged = 1;
  for (int32_t i = 0; i < state->x.rank; i++)
    if (state->reduced[i]) state->n_averaged *= state->x.dims[i];
  state->factor = divided(xj_fixed_make((double)a->x_scale / (double)a->y_scale), state->n_averaged);
  state->x_zero = a->x_zero;
  state->y_zero = a->y_zero;
  prepare->scratch_bytes = state->n_outputs * sizeof(int64_t);
  return XJ_OK;
}

/* Adds the elements below one index of the axes before `axis`; returns how many x has moved on. */
static size_t add_axis(const mean *m, int32_t axis, const uint8_t *x, int64_t *sum) {
  const bool is_unsigned = m->x.dtype == XJ_UINT8;
  if (axis == m->x.rank) {
    *sum += is_unsigned ? (int32_t)*x : (int32_t)(int8_t)*x;
    return 1;
  }
  const size_t n = (size_t)m->x.dims[axis];
  if (axis == m->x.rank - 1) {
    const size_t step = m->reduced[axis] ? 0 : 1;
    for (size_t i = 0; i < n; i++) sum[i * step] += is_unsigned ? (int32_t)x[i] : (int32_t)(int8_t)x[i];
    return n;
  }
  size_t step = 1, moved = 0;
  for (int32_t i = axis + 1; i < m->x.rank; i++)
    if (!m->reduced[i]) step *= (size_t)m->x.dims[i];
  for (size_t i = 0; i < n; i++) moved += add_axis(m, axis + 1, x + moved, m->reduced[axis] ? sum : sum + i * step);
  return moved;
}

static xj_status run(void *state, const xj_run *run) {
  const mean *m = state;
  const xj_range range = {xj_byte_min(m->x.dtype), xj_byte_max(m->x.dtype)};
  int64_t *sum = run->scratch;
  uint8_t *y = run->output;
  memset(sum, 0, m->n_outputs * sizeof *sum);
  if (m->n_averaged > 0) add_axis(m, 0, run->inputs[0], sum);
  for (size_t i = 0; i < m->n_outputs; i++) {
    const int32_t shifted = (int32_t)(uint32_t)(sum[i] - m->x_zero * m->n_averaged);
    const int64_t moved = (int64_t)xj_fixed_scale(shifted, m->factor) + m->y_zero;
    y[i] = (uint8_t)(moved < range.min ? range.min : moved > range.max ? range.max : (int32_t)moved);
  }
  return XJ_OK;
}

const xj_kernel xj_q_mean_kernel = {.infer = infer, .prepare = prepare, .run = run};
