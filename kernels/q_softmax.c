/* The op q_softmax, over the last axis of int8 or uint8. As TFLite's optimised kernel: a table of exp in float32, sums
 * in float32 from first to last. (Its reference kernel computes exp in fixed point; the two differ by at most one.) */
#include <math.h>

#include "kernels/requantize.h"
#include "src/heap.h"

typedef struct {
  size_t rows, n;
  float y_scale;
  int32_t y_zero, dtype;
  float exp[256]; /* exp[i] = exp(-i * beta * x_scale): of what lies i below the largest */
} softmax;

typedef struct {
  const softmax *softmax;
  const uint8_t *x;
  uint8_t *y;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_q_softmax_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_byte_check(node, 0, "x"));
  if (x->rank < 1) return xj_fail(XJ_BAD_SHAPE, "x has no dimension");
  if (!(a->beta > 0 && isfinite(a->beta)))
    return xj_fail(XJ_BAD_MODEL, "beta is %g instead of positive and finite", (double)a->beta);
  XJ_TRY(xj_scale_check(a->x_scale, "x"));
  XJ_TRY(xj_scale_check(a->y_scale, "y"));
  XJ_TRY(xj_zero_check(a->y_zero, x->dtype, "y"));
  *output = *x;
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_q_softmax_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  softmax *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->rows = xj_type_span(x, 0, x->rank - 1);
  state->n = (size_t)x->dims[x->rank - 1];
  state->y_scale = a->y_scale;
  state->y_zero = a->y_zero;
  state->dtype = x->dtype;
  const float scale = -a->x_scale * a->beta;
  for (int32_t i = 0; i < 256; i++) state->exp[i] = (float)exp((double)(scale * (float)i));
  return XJ_OK;
}

static void softmax_row(const task *t, size_t row) {
  const softmax *s = t->softmax;
  const uint8_t *x = t->x + row * s->n, flip = s->dtype == XJ_INT8 ? 0x80 : 0;
  uint8_t *y = t->y + row * s->n;
  uint8_t largest = 0;
  for (size_t i = 0; i < s->n; i++) largest = (x[i] ^ flip) > largest ? x[i] ^ flip : largest;
  float sum = 0;
  for (size_t i = 0; i < s->n; i++) sum += s->exp[largest - (x[i] ^ flip)];
  const float factor = 1 / (sum * s->y_scale);
  const xj_range range = {xj_byte_min(s->dtype), xj_byte_max(s->dtype)};
  for (size_t i = 0; i < s->n; i++) {
    const float probability =
        s->exp[largest - (x[i] ^ flip)] * factor; /* in steps of y; may be more than any integer */
    y[i] = (uint8_t)xj_range_limit(&range, (probability < 1024 ? (int32_t)roundf(probability) : 1024) + s->y_zero);
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)softmax_row, &t, t.softmax->rows, 0);
  return XJ_OK;
}

const xj_kernel xj_q_softmax_kernel = {.infer = infer, .prepare = prepare, .run = run};
