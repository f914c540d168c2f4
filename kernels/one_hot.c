/* The ops one_hot, bincount, matrix_band_part and diag. */
#include "kernels/layer.h"
#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

/* ---- one_hot: indices, on, off, depth ---- */

typedef struct {
  size_t outer, depth, inner, element_bytes; /* y [outer, depth, inner], indices [outer, inner] */
} one_hot;

static xj_status one_hot_infer(const xj_node_view *node, xj_type *output) {
  const xj_one_hot_attributes *a = node->attributes;
  const xj_type *indices = &node->inputs[0];
  int32_t depth;
  XJ_TRY(xj_int_check(node, 0, "indices"));
  XJ_TRY(xj_scalar_check(node, 1, "on"));
  XJ_TRY(xj_scalar_check(node, 2, "off"));
  if (node->inputs[1].dtype != node->inputs[2].dtype)
    return xj_fail(XJ_BAD_SHAPE, "on is %s and off is %s", xj_dtype_name(node->inputs[1].dtype),
                   xj_dtype_name(node->inputs[2].dtype));
  XJ_TRY(xj_int_read(node, 3, a->depth, "depth", &depth));
  const int32_t axis = a->axis < 0 ? a->axis + indices->rank + 1 : a->axis;
  if (depth < 0 || axis < 0 || axis > indices->rank || indices->rank == XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "%d as axis %d of indices with shape %s", depth, a->axis, xj_type_text(indices));
  *output = (xj_type){node->inputs[1].dtype, indices->rank + 1, {0}};
  for (int32_t i = 0; i < output->rank; i++) output->dims[i] = i == axis ? depth : indices->dims[i - (i > axis)];
  return XJ_OK;
}

static xj_status one_hot_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *y = node->output;
  int32_t axis = ((const xj_one_hot_attributes *)node->attributes)->axis;
  if (axis < 0) axis += y->rank;
  one_hot *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (one_hot){xj_type_span(y, 0, axis), (size_t)y->dims[axis], xj_type_span(y, axis + 1, y->rank),
                     xj_dtype_bytes(y->dtype)};
  return XJ_OK;
}

static xj_status one_hot_run(void *opaque, const xj_run *run) {
  const one_hot *s = opaque;
  const int32_t *index = run->inputs[0];
  char *y = run->output;
  xj_row_fill(y, s->outer * s->depth * s->inner, run->inputs[2], s->element_bytes);
  for (size_t outer = 0; outer < s->outer; outer++, index += s->inner, y += s->depth * s->inner * s->element_bytes)
    for (size_t i = 0; i < s->inner; i++)
      if (index[i] >= 0 && (size_t)index[i] < s->depth)
        memcpy(y + ((size_t)index[i] * s->inner + i) * s->element_bytes, run->inputs[1], s->element_bytes);
  return XJ_OK;
}

/* ---- bincount: x, weights ---- */

typedef struct {
  size_t rows, n, size;
  bool weighted, binary;
} bincount;

static xj_status bincount_infer(const xj_node_view *node, xj_type *output) {
  const int32_t size = ((const xj_bincount_attributes *)node->attributes)->size;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_int_check(node, 0, "x"));
  if (size < 0 || x->rank < 1 || x->rank > 2)
    return xj_fail(XJ_BAD_SHAPE, "%d counts of x with shape %s", size, xj_type_text(x));
  *output = *x;
  output->dtype = XJ_FLOAT32;
  output->dims[x->rank - 1] = size;
  if (!xj_present(node, 1) || xj_type_elements(&node->inputs[1]) == 0) return XJ_OK;
  XJ_TRY(xj_float_check(node, 1, "weights"));
  xj_type alike = node->inputs[1];
  alike.dtype = XJ_INT32;
  if (xj_type_equal(&alike, x)) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "weights of shape %s for x with shape %s", xj_type_text(&alike), xj_type_text(x));
}

static xj_status bincount_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0], *y = node->output;
  bincount *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (bincount){.rows = xj_type_span(x, 0, x->rank - 1),
                      .n = (size_t)x->dims[x->rank - 1],
                      .size = (size_t)y->dims[y->rank - 1],
                      .weighted = xj_present(node, 1) && xj_type_elements(&node->inputs[1]) > 0,
                      .binary = ((const xj_bincount_attributes *)node->attributes)->binary != 0};
  return XJ_OK;
}

static xj_status bincount_run(void *opaque, const xj_run *run) {
  const bincount *s = opaque;
  const int32_t *x = run->inputs[0];
  const float *weights = s->weighted ? run->inputs[1] : NULL;
  float *y = run->output;
  memset(y, 0, s->rows * s->size * sizeof *y);
  for (size_t i = 0; i < s->rows * s->n; i++) {
    if (x[i] < 0) return xj_fail(XJ_BAD_SHAPE, "bincount: element %zu is %d", i, x[i]);
    if ((size_t)x[i] >= s->size) continue;
    float *count = y + i / s->n * s->size + (size_t)x[i];
    *count = s->binary ? 1 : *count + (weights == NULL ? 1 : weights[i]);
  }
  return XJ_OK;
}

/* ---- matrix_band_part: x, lower, upper ---- */

typedef struct {
  size_t matrices, rows, columns, element_bytes;
  int64_t lower, upper;
} band;

static xj_status read_bounds(const xj_node_view *node, int32_t *lower, int32_t *upper) {
  const xj_matrix_band_part_attributes *a = node->attributes;
  XJ_TRY(xj_int_read(node, 1, a->lower, "lower", lower));
  return xj_int_read(node, 2, a->upper, "upper", upper);
}

static xj_status band_infer(const xj_node_view *node, xj_type *output) {
  int32_t lower, upper;
  *output = node->inputs[0];
  if (output->rank < 2) return xj_fail(XJ_BAD_SHAPE, "x has shape %s: no matrices", xj_type_text(output));
  return read_bounds(node, &lower, &upper);
}

static xj_status band_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  int32_t lower, upper;
  XJ_TRY(read_bounds(node, &lower, &upper));
  band *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (band){.matrices = xj_type_span(x, 0, x->rank - 2),
                  .rows = (size_t)x->dims[x->rank - 2],
                  .columns = (size_t)x->dims[x->rank - 1],
                  .element_bytes = xj_dtype_bytes(x->dtype),
                  .lower = lower < 0 ? INT32_MAX : lower,
                  .upper = upper < 0 ? INT32_MAX : upper};
  return XJ_OK;
}

static xj_status band_run(void *opaque, const xj_run *run) {
  const band *s = opaque;
  const size_t row_bytes = s->columns * s->element_bytes;
  const char *x = run->inputs[0];
  char *y = run->output;
  memset(y, 0, s->matrices * s->rows * row_bytes);
  for (size_t i = 0; i < s->matrices * s->rows; i++, x += row_bytes, y += row_bytes) {
    const int64_t row = (int64_t)(i % s->rows), n = (int64_t)s->columns;
    const int64_t from = row > s->lower ? row - s->lower : 0, to = row + s->upper + 1 < n ? row + s->upper + 1 : n;
    if (from < to)
      xj_row_copy(y + (size_t)from * s->element_bytes, x + (size_t)from * s->element_bytes,
                  (size_t)(to - from) * s->element_bytes);
  }
  return XJ_OK;
}

/* ---- diag: x ---- */

typedef struct {
  size_t n, element_bytes;
} diag;

static xj_status diag_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  if (2 * x->rank > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "the diagonal has %d axes, at most %d are possible", 2 * x->rank, XJ_MAX_RANK);
  *output = (xj_type){.dtype = x->dtype, .rank = 2 * x->rank};
  for (int32_t i = 0; i < output->rank; i++) output->dims[i] = x->dims[i % x->rank];
  return XJ_OK;
}

static xj_status diag_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  diag *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (diag){xj_type_elements(x), xj_dtype_bytes(x->dtype)};
  return XJ_OK;
}

static xj_status diag_run(void *opaque, const xj_run *run) {
  const diag *s = opaque;
  const char *x = run->inputs[0];
  char *y = run->output;
  memset(y, 0, s->n * s->n * s->element_bytes);
  for (size_t i = 0; i < s->n; i++, x += s->element_bytes, y += (s->n + 1) * s->element_bytes)
    memcpy(y, x, s->element_bytes);
  return XJ_OK;
}

const xj_kernel xj_one_hot_kernel = {.infer = one_hot_infer, .prepare = one_hot_prepare, .run = one_hot_run};
const xj_kernel xj_bincount_kernel = {.infer = bincount_infer, .prepare = bincount_prepare, .run = bincount_run};
const xj_kernel xj_matrix_band_part_kernel = {.infer = band_infer, .prepare = band_prepare, .run = band_run};
const xj_kernel xj_diag_kernel = {.infer = diag_infer, .prepare = diag_prepare, .run = diag_run};
