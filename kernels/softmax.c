/* The ops softmax and log_softmax, over the last axis. Ours, not XNNPACK's: that adds a long row up in float32, beyond
 * our bound from about 50000 elements on. */
#include <math.h>
#include <string.h>

#include "kernels/exp_f32.h"
#include "kernels/layer.h"
#include "src/heap.h"

#define INLINE static inline __attribute__((always_inline))

/* Sums are float32 over a stretch and double over the stretches. */
enum { STRETCH = 1024, ELEMENTS_PER_TASK = 16384 };

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

/* The last 1 … 3 elements of a row, the other lanes -infinity: no maximum, and nothing in a sum. */
static v128_t load_tail(const float *x, size_t n) {
  float values[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
  memcpy(values, x, n * sizeof(float));
  return wasm_v128_load(values);
}

/* Passes NaN over: its exponential makes the whole row NaN. Four maxima at a time, since each waits for its last. */
static float maximum(size_t n, const float *x) {
  v128_t max[4];
  size_t i = 0;
  for (size_t k = 0; k < 4; k++) max[k] = wasm_f32x4_const_splat(-INFINITY);
  for (; i + 16 <= n; i += 16)
    for (size_t k = 0; k < 4; k++) max[k] = wasm_f32x4_pmax(max[k], wasm_v128_load(x + i + 4 * k));
  for (; i + 4 <= n; i += 4) max[0] = wasm_f32x4_pmax(max[0], wasm_v128_load(x + i));
  if (i < n) max[1] = wasm_f32x4_pmax(max[1], load_tail(x + i, n - i));
  v128_t one = wasm_f32x4_pmax(wasm_f32x4_pmax(max[0], max[1]), wasm_f32x4_pmax(max[2], max[3]));
  one = wasm_f32x4_pmax(one, wasm_i32x4_shuffle(one, one, 2, 3, 0, 1));
  one = wasm_f32x4_pmax(one, wasm_i32x4_shuffle(one, one, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(one, 0);
}

INLINE v128_t exponential(v128_t x, v128_t max) { return xj_exp4_nonpositive(wasm_f32x4_sub(x, max)); }

/* The sum of exp(x - max), which goes to y where that is wanted. */
INLINE double exponentials(size_t n, const float *x, float max, float *y, bool wanted) {
  const v128_t most = wasm_f32x4_splat(max);
  double total = 0;
  for (size_t i = 0; i < n;) {
    const size_t end = n - i < STRETCH ? n : i + STRETCH;
    v128_t sum = wasm_f32x4_const_splat(0);
    for (; i + 16 <= end; i += 16) {
      v128_t e[4];
      for (size_t k = 0; k < 4; k++) e[k] = exponential(wasm_v128_load(x + i + 4 * k), most);
      for (size_t k = 0; k < 4 && wanted; k++) wasm_v128_store(y + i + 4 * k, e[k]);
      sum = wasm_f32x4_add(sum, wasm_f32x4_add(wasm_f32x4_add(e[0], e[1]), wasm_f32x4_add(e[2], e[3])));
    }
    for (; i + 4 <= end; i += 4) {
      const v128_t e = exponential(wasm_v128_load(x + i), most);
      if (wanted) wasm_v128_store(y + i, e);
      sum = wasm_f32x4_add(sum, e);
    }
    if (i < end) {
      const v128_t e = exponential(load_tail(x + i, end - i), most);
      if (wanted) xj_store_tail4(y + i, end - i, e);
      sum = wasm_f32x4_add(sum, e);
      i = end;
    }
    total += (double)wasm_f32x4_extract_lane(sum, 0) + (double)wasm_f32x4_extract_lane(sum, 1) +
             (double)wasm_f32x4_extract_lane(sum, 2) + (double)wasm_f32x4_extract_lane(sum, 3);
  }
  return total;
}

static void scale(size_t n, float by, float *y) {
  const v128_t factor = wasm_f32x4_splat(by);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) wasm_v128_store(y + i, wasm_f32x4_mul(wasm_v128_load(y + i), factor));
  for (; i < n; i++) y[i] *= by;
}

static void softmax_rows(task *t, size_t first, size_t n_rows) {
  const size_t n = t->channels;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * n;
    float *y = t->y + row * n;
    const double sum = exponentials(n, x, maximum(n, x), y, true);
    scale(n, (float)(1 / sum), y);
  }
}

/* y = x - max - log(sum) */
static void log_softmax_rows(task *t, size_t first, size_t n_rows) {
  const size_t n = t->channels;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + row * n, max = maximum(n, x);
    float *y = t->y + row * n;
    const float log_sum = (float)log(exponentials(n, x, max, NULL, false));
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
