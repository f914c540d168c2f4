/* The op multinomial: classes drawn by their probabilities, through the sums of those before. */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/philox.h"
#include "src/heap.h"

enum { MOST_CLASSES = 1 << 24 };

typedef struct {
  xj_philox philox;
  size_t rows, classes, samples;
  bool is_probabilities;
} multinomial;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_multinomial_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_float_check(node, 0, "x"));
  if (x->rank != 2 || x->dims[1] == 0)
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [batch,classes]", xj_type_text(x));
  if (x->dims[1] > MOST_CLASSES)
    return xj_fail(XJ_UNSUPPORTED, "x has %d classes, at most %d are possible", x->dims[1], MOST_CLASSES);
  *output = (xj_type){XJ_INT32, 2, {x->dims[0], a->n_samples}};
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_multinomial_attributes *a = node->attributes;
  const int32_t *dims = node->inputs[0].dims;
  multinomial *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (multinomial){.philox = xj_philox_start(a->seed, state),
                         .rows = (size_t)dims[0],
                         .classes = (size_t)dims[1],
                         .samples = (size_t)a->n_samples,
                         .is_probabilities = a->is_probabilities != 0};
  prepare->scratch_bytes = state->classes * sizeof(double);
  return XJ_OK;
}

/* sums[i]: of the weights of classes 0 … i. What is not finite weighs nothing, as in TensorFlow. */
static void sum_up(const multinomial *m, const float *x, double *sums) {
  float most = -INFINITY;
  double sum = 0;
  for (size_t i = 0; i < m->classes; i++)
    if (isfinite(x[i]) && x[i] > most) most = x[i];
  for (size_t i = 0; i < m->classes; i++) {
    if (isfinite(x[i])) sum += !m->is_probabilities ? exp((double)x[i] - (double)most) : x[i] > 0 ? (double)x[i] : 0;
    sums[i] = sum;
  }
}

/* The first class whose sum is beyond `at`; 0 where none weighs anything. */
static size_t class_at(size_t classes, const double *sums, double at) {
  size_t from = 0, to = classes;
  while (from < to) {
    const size_t middle = from + (to - from) / 2;
    if (sums[middle] > at)
      to = middle;
    else
      from = middle + 1;
  }
  return from < classes ? from : 0;
}

static xj_status run(void *opaque, const xj_run *run) {
  multinomial *m = opaque;
  const float *x = run->inputs[0];
  double *sums = run->scratch;
  int32_t *y = run->output;
  xj_philox_block block = {0};
  for (size_t row = 0; row < m->rows; row++) {
    sum_up(m, x + row * m->classes, sums);
    for (size_t i = row * m->samples; i < (row + 1) * m->samples; i++) {
      if (i % 4 == 0) block = xj_philox_block_of(&m->philox, (uint32_t)(i / 4), 0);
      y[i] = (int32_t)class_at(m->classes, sums, (double)block.words[i % 4] * 0x1p-32 * sums[m->classes - 1]);
    }
  }
  m->philox.run++;
  return XJ_OK;
}

const xj_kernel xj_multinomial_kernel = {.infer = infer, .prepare = prepare, .run = run};
