/* The op qd_gather: rows of a table that is kept as int8. */
#include "kernels/operand.h"
#include "kernels/pack_qd8.h"
#include "kernels/rows.h"
#include "src/heap.h"

typedef struct {
  size_t n, slice; /* indices, and elements of a row of the table */
  int32_t length;  /* rows */
  const float *scales;
  const int8_t *bytes; /* [length, slice] */
} gather;

typedef struct {
  const gather *gather;
  const int32_t *indices;
  float *y;
} task;

static size_t length_of(const xj_node_view *node) { return (size_t)node->inputs[XJ_WEIGHT].dims[0]; }

static size_t slice_of(const xj_node_view *node) {
  const xj_type *table = &node->inputs[XJ_WEIGHT];
  return xj_type_span(table, 1, table->rank);
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *indices = &node->inputs[XJ_X], *table = &node->inputs[XJ_WEIGHT];
  XJ_TRY(xj_int_check(node, XJ_X, "indices"));
  if (table->dtype != XJ_FLOAT32 || !node->is_constant[XJ_WEIGHT])
    return xj_fail(XJ_UNSUPPORTED, "its table is a %s of %s, only constants of float32 are supported",
                   node->is_constant[XJ_WEIGHT] ? "constant" : "value", xj_dtype_name(table->dtype));
  if (table->rank < 1 || table->rank - 1 + indices->rank > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "a table of shape %s by indices with shape %s", xj_type_text(table),
                   xj_type_text(indices));
  output->dtype = XJ_FLOAT32;
  for (int32_t i = 0; i < indices->rank; i++) output->dims[output->rank++] = indices->dims[i];
  for (int32_t i = 1; i < table->rank; i++) output->dims[output->rank++] = table->dims[i];
  return XJ_OK;
}

/* The scales of all rows, then their bytes. */
static size_t packed_bytes(const xj_node_view *node) { return length_of(node) * (sizeof(float) + slice_of(node)); }

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  enum { STRETCH = 256 };
  (void)input; /* it has no bias */
  float values[STRETCH], *scales = packed;
  const size_t length = length_of(node), slice = slice_of(node);
  int8_t *bytes = (int8_t *)(scales + length);
  for (size_t row = 0; row < length; row++, bytes += slice) {
    float most = 0;
    for (size_t i = 0; i < slice; i += STRETCH) {
      const size_t n = slice - i < STRETCH ? slice - i : STRETCH;
      xj_weight_read(weight, row * slice + i, n, values);
      most = xj_qd8_most(most, values, n);
    }
    scales[row] = xj_qd8_weight_step(most);
    for (size_t i = 0; i < slice; i += STRETCH) {
      const size_t n = slice - i < STRETCH ? slice - i : STRETCH;
      xj_weight_read(weight, row * slice + i, n, values);
      for (size_t k = 0; k < n; k++) bytes[i + k] = xj_qd8_weight_byte(values[k], scales[row]);
    }
  }
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  gather *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const size_t length = length_of(node);
  *state = (gather){.n = xj_type_elements(&node->inputs[XJ_X]),
                    .slice = slice_of(node),
                    .length = (int32_t)length,
                    .scales = prepare->packed,
                    .bytes = (const int8_t *)((const float *)prepare->packed + length)};
  return XJ_OK;
}

static void decode(const task *t, size_t first, size_t count) {
  const gather *g = t->gather;
  float *y = t->y + first * g->slice;
  for (size_t i = first; i < first + count; i++, y += g->slice) {
    const size_t index = (size_t)t->indices[i];
    const int8_t *bytes = g->bytes + index * g->slice;
    const float scale = g->scales[index];
    for (size_t k = 0; k < g->slice; k++) y[k] = (float)bytes[k] * scale;
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const gather *g = opaque;
  task t = {g, run->inputs[XJ_X], run->output};
  for (size_t i = 0; i < g->n; i++)
    if (t.indices[i] < 0 || t.indices[i] >= g->length)
      return xj_fail(XJ_BAD_SHAPE, "gather: index %d of axis 0, which has %d elements", t.indices[i], g->length);
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)decode, &t, g->n,
                                     xj_rows_per_task(g->slice * sizeof(float)), 0);
  return XJ_OK;
}

const xj_kernel xj_qd_gather_kernel = {
    .infer = infer, .packed_bytes = packed_bytes, .pack = pack, .prepare = prepare, .run = run};
