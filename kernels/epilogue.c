#include "kernels/epilogue.h"

#include "kernels/layer.h"

xj_epilogue xj_epilogue_make(const xj_node_view *node, const xj_activation *activation, bool inner_prelu) {
  const xj_type *y = node->output;
  xj_epilogue e = {.has_residual = xj_present(node, XJ_RESIDUAL),
                   .residual_scales = xj_residual_scales(node),
                   .rows = xj_type_span(y, 0, y->rank - 1),
                   .channels = (size_t)y->dims[y->rank - 1]};
  const xj_activate whole = xj_activate_make(node, activation, XJ_SLOPE);
  bool is_inner =
      !e.has_residual && (whole.kind == XJ_ACTIVATION_CLAMP || (inner_prelu && whole.kind == XJ_ACTIVATION_PRELU));
  if (is_inner)
    e.inner = whole;
  else
    e.activate = whole;
  return e;
}

typedef struct {
  const xj_epilogue *epilogue;
  const float *residual, *residual_scale, *slope;
  float *y;
} task;

/* y += residual * scale; `step`: 1 where each element has a scale of its own, 0 where all have one. */
static void add_scaled(size_t n, const float *residual, const float *scale, size_t step, float *y) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const v128_t by = step == 1 ? wasm_v128_load(scale + i) : wasm_v128_load32_splat(scale);
    wasm_v128_store(y + i, XJ_MADD(wasm_v128_load(residual + i), by, wasm_v128_load(y + i)));
  }
  for (; i < n; i++) y[i] += residual[i] * scale[i * step];
}

static void finish_tile(task *t, size_t first, size_t n_rows) {
  const xj_epilogue *e = t->epilogue;
  const size_t n = n_rows * e->channels, offset = first * e->channels;
  float *y = t->y + offset;
  if (t->residual != NULL && e->residual_scales == 1)
    add_scaled(n, t->residual + offset, t->residual_scale, 0, y);
  else if (t->residual != NULL && e->residual_scales > 1)
    for (size_t row = 0; row < n; row += e->channels)
      add_scaled(e->channels, t->residual + offset + row, t->residual_scale, 1, y + row);
  else if (t->residual != NULL) {
    const float *residual = t->residual + offset;
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
      wasm_v128_store(y + i, wasm_f32x4_add(wasm_v128_load(y + i), wasm_v128_load(residual + i)));
    for (; i < n; i++) y[i] += residual[i];
  }
  xj_activate_stretch(&e->activate, t->slope, n_rows, e->channels, y, y);
}

void xj_epilogue_run(const xj_epilogue *epilogue, const xj_run *run) {
  const xj_epilogue *e = epilogue;
  if (!e->has_residual && e->activate.kind == XJ_ACTIVATION_NONE) return;
  task t = {e, e->has_residual ? run->inputs[XJ_RESIDUAL] : NULL,
            e->has_residual && e->residual_scales > 0 ? run->inputs[XJ_RESIDUAL_SCALE] : NULL,
            e->activate.kind == XJ_ACTIVATION_PRELU ? run->inputs[XJ_SLOPE] : NULL, run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)finish_tile, &t, e->rows,
                                     xj_activate_tile(e->channels), 0);
}
