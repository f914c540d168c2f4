/* The ops softmax and log_softmax, over the last axis. Ours, not XNNPACK's: that adds a long row up in float32, beyond
 * our bound from about 50000 elements on. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "kernels/softmax_rows.h"
#include "src/heap.h"

enum { ELEMENTS_PER_TASK = 16384 };

typedef struct {
  size_t rows, channels;
} softmax;

typedef struct {
  size_t channels;
  const float *x;
  float *y;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_float_check(node, 0, "x"));
  if (node->inputs[0].rank < 1) return xj_fail(XJ_BAD_SHAPE, "x has no dimension");
  *output = node->inputs[0];
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  softmax *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->channels = (size_t)node->output->dims[node->output->rank - 1];
  state->rows = xj_type_elements(node->output) / state->channels;
  return XJ_OK;
}

static void softmax_rows(task *t, size_t first, size_t n_rows) {
  const size_t n = t->channels;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * n;
    float *y = t->y + row * n;
    const double sum = xj_row_exponentials(n, x, xj_row_max(n, x), y);
    xj_row_scale(n, (float)(1 / sum), y);
  }
}

/* y = x - max - log(sum) */
static void log_softmax_rows(task *t, size_t first, size_t n_rows) {
  const size_t n = t->channels;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * n, max = xj_row_max(n, x);
    float *y = t->y + row * n;
    const float log_sum = (float)log(xj_row_sum(n, x, max));
    const v128_t max4 = wasm_f32x4_splat(max), log4 = wasm_f32x4_splat(log_sum);
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
      wasm_v128_store(y + i, wasm_f32x4_sub(wasm_f32x4_sub(wasm_v128_load(x + i), max4), log4));
    for (; i < n; i++) y[i] = x[i] - max - log_sum;
  }
}

typedef void rows(task *t, size_t first, size_t n_rows);

static xj_status run_rows(const softmax *state, const xj_run *run, rows *rows) {
  task t = {state->channels, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)rows, &t, state->rows,
                                     1 + ELEMENTS_PER_TASK / state->channels, 0);
  return XJ_OK;
}

static xj_status softmax_run(void *state, const xj_run *run) { return run_rows(state, run, softmax_rows); }
static xj_status log_softmax_run(void *state, const xj_run *run) { return run_rows(state, run, log_softmax_rows); }

const xj_kernel xj_softmax_kernel = {.infer = infer, .prepare = prepare, .run = softmax_run};
const xj_kernel xj_log_softmax_kernel = {.infer = infer, .prepare = prepare, .run = log_softmax_run};
