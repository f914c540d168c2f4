/* The op batch_norm: (x - mean) * scale / sqrt(variance + epsilon) + offset, each of the four repeated along x. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "src/heap.h"

enum { X = 0, MEAN = 1, VARIANCE = 2, OFFSET = 3, SCALE = 4, OPERANDS = 5 };
enum { SHORT = 64 /* periods are repeated up to here, for long rows */, LINE_FLOATS = 16, ELEMENTS_PER_TASK = 16384 };

typedef struct {
  size_t n, period, line;  /* elements of x; after which all four repeat; floats for a period in scratch */
  size_t counts[OPERANDS]; /* 0: absent */
  double epsilon;
} norm;

typedef struct {
  const norm *t;
  const float *x, *mean, *factor, *offset; /* but for x [period] */
  float *y;
} job;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  static const char *const names[OPERANDS] = {"x", "the mean", "the variance", "the offset", "the scale"};
  *output = node->inputs[X];
  for (int32_t i = 0; i < OPERANDS; i++) {
    if (!xj_present(node, i)) continue;
    XJ_TRY(xj_float_check(node, i, names[i]));
    if (xj_type_elements(&node->inputs[i]) == 0 && xj_type_elements(output) > 0)
      return xj_fail(XJ_BAD_SHAPE, "%s has shape %s, for x with shape %s", names[i], xj_type_text(&node->inputs[i]),
                     xj_type_text(output));
  }
  return XJ_OK;
}

/* The least common multiple, or n where it is not less. */
static size_t common(size_t a, size_t b, size_t n) {
  size_t divisor = a, rest = b;
  while (rest != 0) {
    const size_t next = divisor % rest;
    divisor = rest;
    rest = next;
  }
  const uint64_t multiple = (uint64_t)(a / divisor) * b;
  return multiple < n ? (size_t)multiple : n;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  norm *t = prepare->state = xj_alloc_zeroed(sizeof *t, XJ_HEAP_GENERAL);
  if (t == NULL) return XJ_OUT_OF_MEMORY;
  t->n = xj_type_elements(&node->inputs[X]);
  t->epsilon = (double)((const xj_batch_norm_attributes *)node->attributes)->epsilon;
  t->period = 1;
  for (int32_t i = MEAN; i < OPERANDS; i++) {
    if (!xj_present(node, i)) continue;
    t->counts[i] = xj_type_elements(&node->inputs[i]);
    if (t->period < t->n) t->period = common(t->period, t->counts[i], t->n);
  }
  if (t->period < SHORT) t->period *= (SHORT + t->period - 1) / t->period;
  t->line = (t->period + LINE_FLOATS - 1) / LINE_FLOATS * LINE_FLOATS;
  prepare->scratch_bytes = xj_scratch_bytes(3 * (uint64_t)t->line * sizeof(float));
  return XJ_OK;
}

static void normalise(job *j, size_t first, size_t n) {
  const size_t period = j->t->period;
  const float *x = j->x + first;
  float *y = j->y + first;
  for (size_t at = first % period, row; n > 0; n -= row, x += row, y += row, at = 0) {
    const float *mean = j->mean + at, *factor = j->factor + at, *offset = j->offset + at;
    row = period - at < n ? period - at : n;
    size_t i = 0;
    for (; i + 4 <= row; i += 4) {
      const v128_t centred = wasm_f32x4_sub(wasm_v128_load(x + i), wasm_v128_load(mean + i));
      wasm_v128_store(y + i, XJ_MADD(centred, wasm_v128_load(factor + i), wasm_v128_load(offset + i)));
    }
    for (; i < row; i++) y[i] = (x[i] - mean[i]) * factor[i] + offset[i];
  }
}

static xj_status run(void *state, const xj_run *run) {
  const norm *t = state;
  const size_t *n = t->counts;
  float *mean = run->scratch, *factor = mean + t->line, *offset = factor + t->line;
  const float *const *in = (const float *const *)run->inputs;
  for (size_t i = 0, m = 0, v = 0, o = 0, s = 0; i < t->period; i++) {
    mean[i] = in[MEAN][m];
    factor[i] = (float)((n[SCALE] > 0 ? (double)in[SCALE][s] : 1) / sqrt((double)in[VARIANCE][v] + t->epsilon));
    offset[i] = n[OFFSET] > 0 ? in[OFFSET][o] : 0;
    if (++m == n[MEAN]) m = 0;
    if (++v == n[VARIANCE]) v = 0;
    if (++o >= n[OFFSET]) o = 0;
    if (++s >= n[SCALE]) s = 0;
  }
  job j = {t, run->inputs[X], mean, factor, offset, run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)normalise, &j, t->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

static double flops(const xj_node_view *node) { return 3.0 * (double)xj_type_elements(node->output); }

const xj_kernel xj_batch_norm_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
