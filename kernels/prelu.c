/* The op prelu: x […,C] and a slope for each channel or one, or slopes of a shape that broadcasts with x's. */
#include "kernels/activate.h"
#include "kernels/broadcast.h"
#include "kernels/layer.h"
#include "src/heap.h"

enum { X = 0, SLOPE = 1 };

typedef struct {
  xj_activate activate;
  size_t rows, channels;
  bool broadcasts;
  xj_walk walk; /* where it broadcasts */
  size_t rows_per_task;
} prelu;

typedef struct {
  const prelu *prelu;
  const float *x, *slope;
  float *y;
} task;

static const xj_activation prelu_activation = {.kind = XJ_ACTIVATION_PRELU};

/* Whether there are slopes for more than the last axis, or for a longer one than x has. */
static bool broadcasts(const xj_node_view *node) {
  const xj_type *x = &node->inputs[X], *slope = &node->inputs[SLOPE];
  if (xj_type_elements(slope) == 1) return false;
  return x->rank == 0 || slope->rank == 0 || slope->dims[slope->rank - 1] != x->dims[x->rank - 1] ||
         xj_type_elements(slope) != (size_t)x->dims[x->rank - 1];
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X];
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(xj_float_check(node, SLOPE, "its slope"));
  *output = *x;
  if (broadcasts(node)) return xj_broadcast_inputs(node, X, SLOPE, output);
  return xj_activation_check(node, &prelu_activation, SLOPE, x->rank == 0 ? 1 : x->dims[x->rank - 1]);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[X];
  prelu *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->activate = xj_activate_make(node, &prelu_activation, SLOPE);
  state->broadcasts = broadcasts(node);
  if (state->broadcasts) {
    const xj_type *operands[XJ_OPERANDS] = {x, &node->inputs[SLOPE]};
    xj_walk_make(node->output, operands, &state->walk);
    state->activate.one_slope = state->walk.inner[SLOPE] == 0;
    state->rows_per_task = (state->walk.rows + prepare->n_threads * 2 - 1) / (prepare->n_threads * 2);
    return XJ_OK;
  }
  state->channels = x->rank == 0 ? 1 : (size_t)x->dims[x->rank - 1];
  state->rows = xj_type_elements(x) / state->channels;
  return XJ_OK;
}

static void compute_rows(task *t, size_t first, size_t n_rows) {
  const prelu *op = t->prelu;
  const size_t n = op->walk.n;
  for (size_t row = first; row < first + n_rows; row++) {
    const float *x = t->x + xj_walk_offset(&op->walk, X, row);
    const float *slope = t->slope + xj_walk_offset(&op->walk, SLOPE, row);
    float *y = t->y + row * n;
    if (op->walk.inner[X] == 1)
      xj_activate_stretch(&op->activate, slope, 1, n, x, y);
    else
      for (size_t i = 0; i < n; i++) y[i] = xj_prelu1(*x, slope[i * op->walk.inner[SLOPE]]);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const prelu *state = opaque;
  task t = {state, run->inputs[X], run->inputs[SLOPE], run->output};
  if (state->broadcasts)
    pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute_rows, &t, state->walk.rows,
                                       state->rows_per_task, 0);
  else
    xj_activate_rows(&state->activate, t.slope, state->rows, state->channels, t.x, t.y, run->threads);
  return XJ_OK;
}

const xj_kernel xj_prelu_kernel = {.infer = infer, .prepare = prepare, .run = run};
