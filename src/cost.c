#include "src/cost.h"

/* Below so many microseconds of work, waking other threads costs more than it saves. */
static const double threading_us = 20;
/* While an instance runs for the first time, engines compile its kernels, on cores that the threads want as well. */
static const double first_threading_us = 400;

/* Roughly how long a node takes on one thread, at 30 GFLOP/s and 8 GB/s: only to tell small from large. */
static double microseconds(const xj_node_view *view) {
  double bytes = (double)xj_type_bytes(view->output), flops = 0;
  for (int32_t i = 0; i < view->n_inputs; i++)
    if (xj_present(view, i) && !view->is_constant[i]) bytes += (double)xj_type_bytes(&view->inputs[i]);
  const xj_kernel *kernel = xj_ops[view->op].kernel;
  if (kernel->flops != NULL) flops = kernel->flops(view);
  return flops / 30e3 + bytes / 8e3;
}

bool xj_cost_is_small(const xj_node_view *view) { return microseconds(view) < threading_us; }
bool xj_cost_is_small_at_first(const xj_node_view *view) { return microseconds(view) < first_threading_us; }
