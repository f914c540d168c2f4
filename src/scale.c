#include "src/scale.h"

#include "src/heap.h"

xj_status xj_scale_packed(const xj_node_view *view, const float *scale, void *packed) {
  const xj_kernel *kernel = xj_ops[view->op].kernel;
  const size_t n = (size_t)view->output->dims[view->output->rank - 1];
  if (xj_type_elements(&view->inputs[XJ_SCALE]) == n) {
    kernel->scale(view, scale, packed);
    return XJ_OK;
  }
  float *all = xj_alloc(n * sizeof *all, XJ_HEAP_GENERAL);
  if (all == NULL) return XJ_OUT_OF_MEMORY;
  for (size_t i = 0; i < n; i++) all[i] = *scale;
  kernel->scale(view, all, packed);
  xj_free(all);
  return XJ_OK;
}
