/* The op prelu: x […,C], slope. */
#include "kernels/activate.h"
#include "kernels/layer.h"
#include "src/heap.h"

enum { X = 0, SLOPE = 1 };

typedef struct {
  xj_activate activate;
  size_t rows, channels;
} prelu;

static const xj_activation prelu_activation = {.kind = XJ_ACTIVATION_PRELU};

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X];
  XJ_TRY(xj_float_check(node, X, "x"));
  *output = *x;
  return xj_activation_check(node, &prelu_activation, SLOPE, x->rank == 0 ? 1 : x->dims[x->rank - 1]);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[X];
  prelu *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->activate = xj_activate_make(node, &prelu_activation, SLOPE);
  state->channels = x->rank == 0 ? 1 : (size_t)x->dims[x->rank - 1];
  state->rows = xj_type_elements(x) / state->channels;
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const prelu *state = opaque;
  xj_activate_rows(&state->activate, run->inputs[SLOPE], state->rows, state->channels, run->inputs[X], run->output,
                   run->threads);
  return XJ_OK;
}

const xj_kernel xj_prelu_kernel = {.infer = infer, .prepare = prepare, .run = run};
