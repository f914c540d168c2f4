/* The op mean: over any axes, summed in double. */
#include <string.h>

#include "kernels/layer.h"
#include "src/heap.h"

typedef struct {
  xj_type x;
  bool reduced[XJ_MAX_RANK];
  size_t n_outputs, n_averaged;
} mean;

/* reduced[i]: whether axis i goes. */
static xj_status read_axes(const xj_node_view *node, bool reduced[XJ_MAX_RANK]) {
  const xj_mean_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  if (a->axes.n < 0 || a->axes.n > XJ_LIST_MAX) return xj_fail(XJ_BAD_MODEL, "it has %d axes", a->axes.n);
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) reduced[i] = a->axes.n == 0 && i < x->rank;
  for (int32_t i = 0; i < a->axes.n; i++) {
    int32_t axis = a->axes.values[i] < 0 ? a->axes.values[i] + x->rank : a->axes.values[i];
    if (axis < 0 || axis >= x->rank)
      return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", a->axes.values[i], xj_type_text(x));
    reduced[axis] = true;
  }
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  bool reduced[XJ_MAX_RANK];
  XJ_TRY(xj_float_check(node, 0, "x"));
  XJ_TRY(read_axes(node, reduced));
  bool keep = ((const xj_mean_attributes *)node->attributes)->keep_dims != 0;
  output->dtype = XJ_FLOAT32;
  for (int32_t i = 0; i < x->rank; i++)
    if (!reduced[i] || keep) output->dims[output->rank++] = reduced[i] ? 1 : x->dims[i];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  mean *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->x = node->inputs[0];
  XJ_TRY(read_axes(node, state->reduced));
  state->n_outputs = xj_type_elements(node->output);
  state->n_averaged = 1;
  for (int32_t i = 0; i < state->x.rank; i++)
    if (state->reduced[i]) state->n_averaged *= (size_t)state->x.dims[i];
  prepare->scratch_bytes = state->n_outputs * sizeof(double);
  return XJ_OK;
}

/* Adds the elements below one index of the axes before `axis`; returns how many x has moved on. */
static size_t add_axis(const mean *m, int32_t axis, const float *x, double *sum) {
  if (axis == m->x.rank) {
    *sum += (double)*x;
    return 1;
  }
  const size_t n = (size_t)m->x.dims[axis];
  if (axis == m->x.rank - 1) {
    if (m->reduced[axis]) {
      double total = 0;
      for (size_t i = 0; i < n; i++) total += (double)x[i];
      *sum += total;
    } else {
      for (size_t i = 0; i < n; i++) sum[i] += (double)x[i];
    }
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
  double *sum = run->scratch;
  float *y = run->output;
  memset(sum, 0, m->n_outputs * sizeof *sum);
  if (m->n_averaged > 0) add_axis(m, 0, run->inputs[0], sum);
  for (size_t i = 0; i < m->n_outputs; i++) y[i] = (float)(sum[i] / (double)m->n_averaged); /* of nothing: NaN */
  return XJ_OK;
}

const xj_kernel xj_mean_kernel = {.infer = infer, .prepare = prepare, .run = run};
