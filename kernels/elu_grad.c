/* The op elu_grad: dy where y = elu(x) is not negative, dy * (y + 1) where it is. */
#include "kernels/layer.h"
#include "kernels/simd.h"
#include "src/heap.h"

enum { DY = 0, Y = 1, ELEMENTS_PER_TASK = 16384 };

typedef struct {
  size_t n;
} grad;

typedef struct {
  const float *dy, *y;
  float *dx;
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *dy = &node->inputs[DY], *y = &node->inputs[Y];
  XJ_TRY(xj_float_check(node, DY, "dy"));
  XJ_TRY(xj_float_check(node, Y, "y"));
  *output = *y;
  if (xj_type_equal(dy, y)) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "dy has shape %s, y %s", xj_type_text(dy), xj_type_text(y));
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  grad *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->n = xj_type_elements(node->output);
  return XJ_OK;
}

static void compute(task *t, size_t first, size_t n) {
  const float *dy = t->dy + first, *y = t->y + first;
  float *dx = t->dx + first;
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const v128_t v = wasm_v128_load(y + i), d = wasm_v128_load(dy + i);
    const v128_t slope = wasm_f32x4_add(v, wasm_f32x4_const_splat(1));
    wasm_v128_store(dx + i,
                    wasm_v128_bitselect(d, wasm_f32x4_mul(d, slope), wasm_f32x4_ge(v, wasm_f32x4_const_splat(0))));
  }
  for (; i < n; i++) dx[i] = y[i] >= 0 ? dy[i] : dy[i] * (y[i] + 1);
}

static xj_status run(void *state, const xj_run *run) {
  task t = {run->inputs[DY], run->inputs[Y], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)compute, &t, ((const grad *)state)->n,
                                     ELEMENTS_PER_TASK, 0);
  return XJ_OK;
}

const xj_kernel xj_elu_grad_kernel = {.infer = infer, .prepare = prepare, .run = run};
