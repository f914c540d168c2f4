#include "kernels/reduction.h"

enum { ELEMENTS_PER_TASK = 16384 };

static xj_status take_axis(const xj_type *x, int32_t given, bool goes[XJ_MAX_RANK]) {
  const int32_t axis = given < 0 ? given + x->rank : given;
  if (axis < 0 || axis >= x->rank) return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", given, xj_type_text(x));
  goes[axis] = true;
  return XJ_OK;
}

xj_status xj_reduced_axes(const xj_node_view *node, const xj_list *axes, int32_t input, bool goes[XJ_MAX_RANK]) {
  const xj_type *x = &node->inputs[0];
  if (xj_present(node, input)) {
    const int32_t *known = xj_known_ints(node, input);
    if (known == NULL) return xj_fail(XJ_UNSUPPORTED, "its axes are computed from data, or not int32");
    for (int32_t i = 0; i < XJ_MAX_RANK; i++) goes[i] = false;
    for (size_t i = 0; i < xj_type_elements(&node->inputs[input]); i++) XJ_TRY(take_axis(x, known[i], goes));
    return XJ_OK;
  }
  if (axes->n < 0 || axes->n > XJ_LIST_MAX) return xj_fail(XJ_BAD_MODEL, "it has %d axes", axes->n);
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) goes[i] = axes->n == 0 && i < x->rank;
  for (int32_t i = 0; i < axes->n; i++) XJ_TRY(take_axis(x, axes->values[i], goes));
  return XJ_OK;
}

/* x's axes without those of length 1, neighbours of a kind joined. Returns how many. */
static int32_t join_axes(const xj_type *x, const bool *goes, size_t *dims, bool *folded) {
  int32_t n = 0;
  for (int32_t i = 0; i < x->rank; i++) {
    if (x->dims[i] == 1) continue;
    if (n == 0 || folded[n - 1] != goes[i]) {
      folded[n] = goes[i];
      dims[n++] = 1;
    }
    dims[n - 1] *= (size_t)x->dims[i];
  }
  return n;
}

void xj_reduction_make(const xj_type *x, const bool goes[XJ_MAX_RANK], xj_reduction *reduction) {
  size_t dims[XJ_MAX_RANK], stride = 1;
  bool folded[XJ_MAX_RANK];
  int32_t n = join_axes(x, goes, dims, folded);
  *reduction = (xj_reduction){.results = 1, .folds = 1, .n = 1, .n_rows = 1};
  if (n > 0 && folded[n - 1]) {
    stride = reduction->n = dims[--n];
  } else if (n > 0) {
    stride = reduction->n_columns = dims[--n];
    if (n > 0) stride *= reduction->n_rows = dims[--n];
  }
  for (int32_t i = n - 1; i >= 0; stride *= dims[i--]) {
    xj_nest *nest = folded[i] ? &reduction->folded : &reduction->kept;
    nest->dims[nest->n] = dims[i]; /* innermost first, for now */
    nest->strides[nest->n++] = stride;
    *(folded[i] ? &reduction->folds : &reduction->results) *= dims[i];
  }
}

size_t xj_reduction_count(const xj_reduction *reduction) {
  return reduction->folds * (reduction->n_columns > 0 ? reduction->n_rows : reduction->n);
}

/* Where block `index` of a nest starts. */
static size_t offset_of(const xj_nest *nest, size_t index) {
  size_t offset = 0;
  for (int32_t i = 0; i + 1 < nest->n; i++) {
    offset += index % nest->dims[i] * nest->strides[i];
    index /= nest->dims[i];
  }
  return nest->n == 0 ? 0 : offset + index * nest->strides[nest->n - 1];
}

typedef struct {
  const xj_reduction *reduction;
  const xj_reducer *reducer;
  double parameter;
  const char *x;
  char *y;
  size_t tiles; /* of a block's columns */
} task;

static void reduce_rows(task *t, size_t first, size_t n_results) {
  const xj_reduction *r = t->reduction;
  const xj_reducer *reducer = t->reducer;
  char *y = t->y + first * reducer->y_bytes;
  for (size_t result = first; result < first + n_results; result++, y += reducer->y_bytes) {
    const char *x = t->x + offset_of(&r->kept, result) * reducer->x_bytes;
    xj_partial partial;
    reducer->start(1, &partial);
    for (size_t fold = 0; fold < r->folds; fold++)
      reducer->row(r->n, x + offset_of(&r->folded, fold) * reducer->x_bytes, &partial);
    reducer->finish(1, &partial, t->parameter, y);
  }
}

static void reduce_columns(task *t, size_t first, size_t n_tiles) {
  const xj_reduction *r = t->reduction;
  const xj_reducer *reducer = t->reducer;
  for (size_t tile = first; tile < first + n_tiles; tile++) {
    const size_t result = tile / t->tiles, column = tile % t->tiles * XJ_REDUCED_AT_ONCE;
    const size_t left = r->n_columns - column, n = left < XJ_REDUCED_AT_ONCE ? left : XJ_REDUCED_AT_ONCE;
    const char *x = t->x + (offset_of(&r->kept, result) + column) * reducer->x_bytes;
    xj_partial partial;
    reducer->start(n, &partial);
    for (size_t fold = 0; fold < r->folds; fold++)
      reducer->columns(r->n_rows, r->n_columns, n, x + offset_of(&r->folded, fold) * reducer->x_bytes, &partial);
    reducer->finish(n, &partial, t->parameter, t->y + (result * r->n_columns + column) * reducer->y_bytes);
  }
}

void xj_reduce(const xj_reduction *reduction, const xj_reducer *reducer, double parameter, const void *x, void *y,
               pthreadpool_t threads) {
  const size_t columns = reduction->n_columns, at_once = columns == 0 ? 1 : XJ_REDUCED_AT_ONCE;
  task t = {reduction, reducer, parameter, x, y, columns == 0 ? 1 : (columns + at_once - 1) / at_once};
  pthreadpool_parallelize_1d_tile_1d(
      threads, (pthreadpool_task_1d_tile_1d_t)(columns == 0 ? reduce_rows : reduce_columns), &t,
      reduction->results * t.tiles, 1 + ELEMENTS_PER_TASK / (xj_reduction_count(reduction) * at_once + 1), 0);
}
