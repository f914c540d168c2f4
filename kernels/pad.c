/* The op pad: constant values around any axis. */
#include <string.h>

#include "kernels/layer.h"
#include "src/heap.h"

typedef struct {
  xj_type x, y;
  int32_t before[XJ_MAX_RANK];
  float value;
} pad;

typedef struct {
  const pad *pad;
  const float *x;
  float *y;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_pad_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_float_check(node, 0, "x"));
  if (a->paddings.n != 2 * x->rank)
    return xj_fail(XJ_BAD_SHAPE, "%d paddings for x with shape %s", a->paddings.n, xj_type_text(x));
  *output = *x;
  for (int32_t i = 0; i < x->rank; i++) {
    int32_t before = a->paddings.values[2 * i], after = a->paddings.values[2 * i + 1];
    int64_t dim = (int64_t)x->dims[i] + before + after;
    if (before < 0 || after < 0 || dim > INT32_MAX)
      return xj_fail(XJ_BAD_SHAPE, "paddings %d and %d of axis %d", before, after, i);
    output->dims[i] = (int32_t)dim;
  }
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_pad_attributes *a = node->attributes;
  pad *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (pad){.x = node->inputs[0], .y = *node->output, .value = a->value};
  if (state->x.rank == 0) state->x = state->y = (xj_type){XJ_FLOAT32, 1, {1}};
  for (int32_t i = 0; i < node->inputs[0].rank; i++) state->before[i] = a->paddings.values[2 * i];
  return XJ_OK;
}

/* The row of x that lies in row `row` of y; false where that row is all padding. */
static bool source_row(const pad *p, size_t row, size_t *source) {
  size_t step = 1;
  *source = 0;
  for (int32_t i = p->y.rank - 2; i >= 0; i--) {
    size_t at = row % (size_t)p->y.dims[i];
    row /= (size_t)p->y.dims[i];
    if (at < (size_t)p->before[i] || at >= (size_t)p->before[i] + (size_t)p->x.dims[i]) return false;
    *source += (at - (size_t)p->before[i]) * step;
    step *= (size_t)p->x.dims[i];
  }
  return true;
}

static void fill(float *y, size_t n, float value) {
  for (size_t i = 0; i < n; i++) y[i] = value;
}

static void pad_rows(task *t, size_t first, size_t n_rows) {
  const pad *p = t->pad;
  const int32_t last = p->y.rank - 1;
  const size_t n = (size_t)p->y.dims[last], inside = (size_t)p->x.dims[last], before = (size_t)p->before[last];
  for (size_t row = first; row < first + n_rows; row++) {
    float *y = t->y + row * n;
    size_t source;
    if (!source_row(p, row, &source)) {
      fill(y, n, p->value);
      continue;
    }
    fill(y, before, p->value);
    if (inside > 0) memcpy(y + before, t->x + source * inside, inside * sizeof(float));
    fill(y + before + inside, n - before - inside, p->value);
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  size_t rows = xj_type_span(&t.pad->y, 0, t.pad->y.rank - 1);
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)pad_rows, &t, rows, 256, 0);
  return XJ_OK;
}

const xj_kernel xj_pad_kernel = {.infer = infer, .prepare = prepare, .run = run};
