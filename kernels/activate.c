#include "kernels/activate.h"

xj_status xj_activation_check(const xj_node_view *node, const xj_activation *activation, int32_t slot,
                              int32_t channels) {
  if (activation->kind < XJ_ACTIVATION_NONE || activation->kind > XJ_ACTIVATION_UNARY)
    return xj_fail(XJ_BAD_MODEL, "there is no activation %d", activation->kind);
  if (activation->kind == XJ_ACTIVATION_CLAMP && !(activation->min <= activation->max))
    return xj_fail(XJ_BAD_MODEL, "its activation clamps to %g … %g", (double)activation->min, (double)activation->max);
  const bool is_op = activation->op >= 0 && activation->op < XJ_N_OPS;
  if (activation->kind == XJ_ACTIVATION_UNARY && !(is_op && xj_unary_stretch(activation->op) != NULL))
    return xj_fail(XJ_BAD_MODEL, "op %d is no activation", activation->op);
  if (activation->kind != XJ_ACTIVATION_PRELU) return XJ_OK;
  if (!xj_present(node, slot)) return xj_fail(XJ_BAD_MODEL, "its prelu has no slope");
  const xj_type *slope = &node->inputs[slot];
  size_t n = xj_type_elements(slope);
  bool last = slope->rank >= 1 && slope->dims[slope->rank - 1] == channels;
  if (slope->dtype != XJ_FLOAT32 || !(n == 1 || (last && n == (size_t)channels)))
    return xj_fail(XJ_BAD_SHAPE, "its slope is %s %s, for %d channels", xj_dtype_name(slope->dtype),
                   xj_type_text(slope), channels);
  return XJ_OK;
}

xj_activate xj_activate_make(const xj_node_view *node, const xj_activation *activation, int32_t slot) {
  bool prelu = activation->kind == XJ_ACTIVATION_PRELU;
  return (xj_activate){.kind = activation->kind,
                       .min = activation->min,
                       .max = activation->max,
                       .stretch = activation->kind == XJ_ACTIVATION_UNARY ? xj_unary_stretch(activation->op) : NULL,
                       .one_slope = prelu && xj_type_elements(&node->inputs[slot]) == 1};
}

void xj_activate_stretch(const xj_activate *a, const float *slope, size_t rows, size_t channels, const float *x,
                         float *y) {
  if (a->kind == XJ_ACTIVATION_NONE) return;
  if (a->kind == XJ_ACTIVATION_UNARY) {
    a->stretch(a->min, a->max, rows * channels, x, y);
    return;
  }
  for (size_t row = 0; row < rows; row++, x += channels, y += channels) {
    size_t i = 0;
    if (a->kind == XJ_ACTIVATION_CLAMP) {
      const v128_t min = wasm_f32x4_splat(a->min), max = wasm_f32x4_splat(a->max);
      for (; i + 4 <= channels; i += 4) wasm_v128_store(y + i, xj_clamp4(wasm_v128_load(x + i), min, max));
      for (; i < channels; i++) y[i] = xj_clamp1(x[i], a->min, a->max);
    } else if (a->one_slope) {
      const v128_t one = wasm_v128_load32_splat(slope);
      for (; i + 4 <= channels; i += 4) wasm_v128_store(y + i, xj_prelu4(wasm_v128_load(x + i), one));
      for (; i < channels; i++) y[i] = xj_prelu1(x[i], *slope);
    } else {
      for (; i + 4 <= channels; i += 4)
        wasm_v128_store(y + i, xj_prelu4(wasm_v128_load(x + i), wasm_v128_load(slope + i)));
      for (; i < channels; i++) y[i] = xj_prelu1(x[i], slope[i]);
    }
  }
}

typedef struct {
  const xj_activate *activate;
  const float *slope;
  size_t channels;
  const float *x;
  float *y;
} task;

static void activate_tile(task *t, size_t first, size_t n_rows) {
  const size_t offset = first * t->channels;
  xj_activate_stretch(t->activate, t->slope, n_rows, t->channels, t->x + offset, t->y + offset);
}

void xj_activate_rows(const xj_activate *activate, const float *slope, size_t rows, size_t channels, const float *x,
                      float *y, pthreadpool_t threads) {
  if (activate->kind == XJ_ACTIVATION_NONE) return;
  task t = {activate, slope, channels, x, y};
  pthreadpool_parallelize_1d_tile_1d(threads, (pthreadpool_task_1d_tile_1d_t)activate_tile, &t, rows,
                                     xj_activate_tile(channels), 0);
}
