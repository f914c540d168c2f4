/* The ops shape, broadcast_args, fill, range and linspace. */
#include <math.h>

#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

/* ---- shape ---- */

static xj_status shape_infer(const xj_node_view *node, xj_type *output) {
  *output = (xj_type){XJ_INT32, 1, {node->inputs[0].rank}};
  return XJ_OK;
}

static xj_status shape_prepare(const xj_node_view *node, xj_prepare *prepare) {
  xj_type *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = node->inputs[0];
  return XJ_OK;
}

static xj_status shape_run(void *opaque, const xj_run *run) {
  const xj_type *x = opaque;
  memcpy(run->output, x->dims, (size_t)x->rank * sizeof *x->dims);
  return XJ_OK;
}

/* ---- broadcast_args ---- */

typedef struct {
  int32_t lengths[2];
} broadcast_args;

static xj_status broadcast_args_infer(const xj_node_view *node, xj_type *output) {
  for (int32_t i = 0; i < 2; i++) {
    XJ_TRY(xj_int_check(node, i, "a shape"));
    if (node->inputs[i].rank != 1)
      return xj_fail(XJ_BAD_SHAPE, "input %d has shape %s instead of [n]", i, xj_type_text(&node->inputs[i]));
  }
  *output = node->inputs[node->inputs[0].dims[0] < node->inputs[1].dims[0]];
  return XJ_OK;
}

static xj_status broadcast_args_prepare(const xj_node_view *node, xj_prepare *prepare) {
  broadcast_args *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t i = 0; i < 2; i++) state->lengths[i] = node->inputs[i].dims[0];
  return XJ_OK;
}

static xj_status broadcast_args_run(void *opaque, const xj_run *run) {
  const int32_t *lengths = ((const broadcast_args *)opaque)->lengths, *a = run->inputs[0], *b = run->inputs[1];
  const int32_t n = lengths[0] > lengths[1] ? lengths[0] : lengths[1];
  int32_t *y = run->output;
  for (int32_t i = 1; i <= n; i++) {
    int32_t dim = i <= lengths[0] ? a[lengths[0] - i] : 1, other = i <= lengths[1] ? b[lengths[1] - i] : 1;
    if (dim != other && dim != 1 && other != 1)
      return xj_fail(XJ_BAD_SHAPE, "broadcast_args: axis %d from the end is %d and %d", i, dim, other);
    y[n - i] = dim == 1 ? other : dim;
  }
  return XJ_OK;
}

/* ---- fill ---- */

typedef struct {
  size_t n, element_bytes;
} fill;

typedef struct {
  const fill *fill;
  const void *value;
  char *y;
} fill_task;

static xj_status fill_infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_scalar_check(node, 0, "value"));
  output->dtype = node->inputs[0].dtype;
  return xj_shape_read(node, 1, &((const xj_fill_attributes *)node->attributes)->shape, output);
}

static xj_status fill_prepare(const xj_node_view *node, xj_prepare *prepare) {
  fill *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (fill){xj_type_elements(node->output), xj_dtype_bytes(node->output->dtype)};
  return XJ_OK;
}

static void fill_some(fill_task *t, size_t first, size_t n) {
  xj_row_fill(t->y + first * t->fill->element_bytes, n, t->value, t->fill->element_bytes);
}

static xj_status fill_run(void *opaque, const xj_run *run) {
  fill_task t = {opaque, run->inputs[0], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)fill_some, &t, t.fill->n,
                                     XJ_BYTES_PER_TASK, 0);
  return XJ_OK;
}

/* ---- range and linspace: computed in float64, rounded once ---- */

typedef struct {
  int32_t n, dtype;
} series;

static xj_status prepare_series(const xj_node_view *node, xj_prepare *prepare) {
  series *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (series){node->output->dims[0], node->output->dtype};
  return XJ_OK;
}

static xj_status range_infer(const xj_node_view *node, xj_type *output) {
  static const char *const names[] = {"start", "limit", "delta"};
  const int32_t dtype = node->inputs[0].dtype;
  double numbers[3];
  for (int32_t i = 0; i < 3; i++) {
    XJ_TRY(xj_scalar_check(node, i, names[i]));
    if (node->inputs[i].dtype != dtype || (dtype != XJ_FLOAT32 && dtype != XJ_INT32))
      return xj_fail(XJ_UNSUPPORTED, "start is %s and %s %s: only all float32 and all int32 are supported",
                     xj_dtype_name(dtype), names[i], xj_dtype_name(node->inputs[i].dtype));
    if (node->known[i] == NULL)
      return xj_fail(XJ_UNSUPPORTED,
                     "%s is computed from data, so the length of its result is not known before the run", names[i]);
    numbers[i] = dtype == XJ_INT32 ? *(const int32_t *)node->known[i] : (double)*(const float *)node->known[i];
  }
  double n = ceil((numbers[1] - numbers[0]) / numbers[2]);
  if (dtype == XJ_FLOAT32) n = ceilf((float)(numbers[1] - numbers[0]) / (float)numbers[2]); /* as TensorFlow counts */
  if (numbers[2] == 0 || !(n <= INT32_MAX))                                                 /* NaN, too */
    return xj_fail(XJ_BAD_SHAPE, "from %g to %g by %g", numbers[0], numbers[1], numbers[2]);
  *output = (xj_type){dtype, 1, {n > 0 ? (int32_t)n : 0}};
  return XJ_OK;
}

static xj_status range_run(void *opaque, const xj_run *run) {
  const series *s = opaque;
  if (s->dtype == XJ_INT32) {
    const int32_t start = *(const int32_t *)run->inputs[0], delta = *(const int32_t *)run->inputs[2];
    int32_t *y = run->output;
    for (int32_t i = 0; i < s->n; i++) y[i] = (int32_t)(start + (int64_t)i * delta);
    return XJ_OK;
  }
  const double start = *(const float *)run->inputs[0], delta = *(const float *)run->inputs[2];
  float *y = run->output;
  for (int32_t i = 0; i < s->n; i++) y[i] = (float)(start + i * delta);
  return XJ_OK;
}

static xj_status linspace_infer(const xj_node_view *node, xj_type *output) {
  int32_t n;
  XJ_TRY(xj_scalar_check(node, 0, "start"));
  XJ_TRY(xj_scalar_check(node, 1, "stop"));
  if (node->inputs[0].dtype != XJ_FLOAT32 || node->inputs[1].dtype != XJ_FLOAT32)
    return xj_fail(XJ_UNSUPPORTED, "from %s to %s, only float32 is supported", xj_dtype_name(node->inputs[0].dtype),
                   xj_dtype_name(node->inputs[1].dtype));
  XJ_TRY(xj_int_read(node, 2, ((const xj_linspace_attributes *)node->attributes)->n, "n", &n));
  if (n < 1) return xj_fail(XJ_BAD_SHAPE, "%d numbers", n);
  *output = (xj_type){XJ_FLOAT32, 1, {n}};
  return XJ_OK;
}

static xj_status linspace_run(void *opaque, const xj_run *run) {
  const int32_t n = ((const series *)opaque)->n;
  const double start = *(const float *)run->inputs[0], stop = *(const float *)run->inputs[1];
  float *y = run->output;
  for (int32_t i = 0; i < n; i++) y[i] = i == 0 ? (float)start : (float)(start + i * ((stop - start) / (n - 1)));
  if (n > 1) y[n - 1] = (float)stop;
  return XJ_OK;
}

const xj_kernel xj_shape_kernel = {.infer = shape_infer, .prepare = shape_prepare, .run = shape_run};
const xj_kernel xj_broadcast_args_kernel = {
    .infer = broadcast_args_infer, .prepare = broadcast_args_prepare, .run = broadcast_args_run};
const xj_kernel xj_fill_kernel = {.infer = fill_infer, .prepare = fill_prepare, .run = fill_run};
const xj_kernel xj_range_kernel = {.infer = range_infer, .prepare = prepare_series, .run = range_run};
const xj_kernel xj_linspace_kernel = {.infer = linspace_infer, .prepare = prepare_series, .run = linspace_run};
