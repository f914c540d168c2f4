/* The ops pad and mirror_pad: a constant, or the mirror image of what is there, around any axis; of any dtype. */
#include <math.h>

#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

typedef struct {
  xj_type x, y;
  int32_t before[XJ_MAX_RANK];
  size_t element_bytes;
  bool mirrors, symmetric, is_vectors; /* is_vectors: a row's three parts are short and multiples of 16 bytes */
  uint32_t value;                      /* its first element_bytes bytes */
} pad;

typedef struct {
  const pad *pad;
  const char *x;
  char *y;
} task;

static xj_status read_paddings(const xj_node_view *node, const xj_list *attribute, xj_list *paddings) {
  XJ_TRY(xj_list_read(node, 1, attribute, "paddings", paddings));
  if (paddings->n == 2 * node->inputs[0].rank) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "%d paddings for x with shape %s", paddings->n, xj_type_text(&node->inputs[0]));
}

/* `most`: paddings of each axis; at least -1. */
static xj_status pad_shape(const xj_type *x, const xj_list *paddings, const int32_t most[XJ_MAX_RANK],
                           xj_type *output) {
  *output = *x;
  for (int32_t i = 0; i < x->rank; i++) {
    int32_t before = paddings->values[2 * i], after = paddings->values[2 * i + 1];
    int64_t dim = (int64_t)x->dims[i] + before + after;
    if (before < 0 || after < 0 || dim > INT32_MAX)
      return xj_fail(XJ_BAD_SHAPE, "paddings %d and %d of axis %d", before, after, i);
    if (before + after > 0 && (before > most[i] || after > most[i]))
      return xj_fail(XJ_BAD_SHAPE, "paddings %d and %d of axis %d, of which %d elements can be mirrored", before, after,
                     i, most[i]);
    output->dims[i] = (int32_t)dim;
  }
  return XJ_OK;
}

static xj_status pad_infer(const xj_node_view *node, xj_type *output) {
  int32_t most[XJ_MAX_RANK];
  xj_list paddings;
  XJ_TRY(read_paddings(node, &((const xj_pad_attributes *)node->attributes)->paddings, &paddings));
  if (node->inputs[0].dtype > XJ_INT8)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, which is only stored", xj_dtype_name(node->inputs[0].dtype));
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) most[i] = INT32_MAX;
  return pad_shape(&node->inputs[0], &paddings, most, output);
}

static xj_status mirror_pad_infer(const xj_node_view *node, xj_type *output) {
  const xj_mirror_pad_attributes *a = node->attributes;
  int32_t most[XJ_MAX_RANK];
  xj_list paddings;
  XJ_TRY(read_paddings(node, &a->paddings, &paddings));
  for (int32_t i = 0; i < node->inputs[0].rank; i++) most[i] = node->inputs[0].dims[i] - (a->symmetric == 0);
  return pad_shape(&node->inputs[0], &paddings, most, output);
}

/* The value in another dtype: the nearest that there is, bool where it is not 0. */
static uint32_t convert(float value, int32_t dtype) {
  union {
    float f;
    uint32_t bits;
  } as = {value};
  if (dtype == XJ_FLOAT32) return as.bits;
  if (dtype == XJ_BOOL) return value != 0;
  const double low = dtype == XJ_INT32 ? INT32_MIN : dtype == XJ_INT8 ? INT8_MIN : 0;
  const double high = dtype == XJ_INT32 ? INT32_MAX : dtype == XJ_INT8 ? INT8_MAX : UINT8_MAX;
  const double nearest = value != value ? 0 : rint((double)value);
  return (uint32_t)(int32_t)(nearest < low ? low : nearest > high ? high : nearest);
}

static xj_status prepare_pad(const xj_node_view *node, const xj_list *attribute, const pad *options,
                             xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0], *y = node->output;
  xj_list paddings;
  XJ_TRY(read_paddings(node, attribute, &paddings));
  pad *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = *options;
  state->element_bytes = xj_dtype_bytes(x->dtype);
  for (int32_t i = 0; i < x->rank; i++) {
    const int32_t last = state->x.rank - 1, dim = x->dims[i];
    /* an axis that is not padded joins the one before it, unless that is mirrored */
    if (last >= 0 && dim == y->dims[i] && (!state->mirrors || state->x.dims[last] == state->y.dims[last])) {
      state->x.dims[last] *= dim;
      state->y.dims[last] *= dim;
      state->before[last] *= dim;
      continue;
    }
    state->before[state->x.rank] = paddings.values[2 * i];
    state->x.dims[state->x.rank++] = dim;
    state->y.dims[state->y.rank++] = y->dims[i];
  }
  if (x->rank == 0) state->x = state->y = (xj_type){x->dtype, 1, {1}};
  const int32_t last = state->x.rank - 1;
  const int32_t parts = state->before[last] | state->x.dims[last] | state->y.dims[last];
  state->is_vectors = !state->mirrors && state->element_bytes == 4 && parts % 4 == 0 && state->y.dims[last] <= 256;
  if (state->mirrors && last > 0 && state->x.dims[last] == state->y.dims[last]) { /* pixels are mirrored whole */
    state->element_bytes *= (size_t)state->x.dims[last];
    state->x.rank = state->y.rank = last;
  }
  return XJ_OK;
}

static xj_status pad_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_pad_attributes *a = node->attributes;
  return prepare_pad(node, &a->paddings, &(pad){.value = convert(a->value, node->inputs[0].dtype)}, prepare);
}

static xj_status mirror_pad_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_mirror_pad_attributes *a = node->attributes;
  return prepare_pad(node, &a->paddings, &(pad){.mirrors = true, .symmetric = a->symmetric != 0}, prepare);
}

/* Where element `at` of an axis of the result comes from; -1: from nowhere. */
static int32_t source_of(const pad *p, int32_t axis, int32_t at) {
  const int32_t n = p->x.dims[axis], i = at - p->before[axis];
  if (i >= 0 && i < n) return i;
  if (!p->mirrors) return -1;
  return i < 0 ? -i - p->symmetric : 2 * (n - 1) - i + p->symmetric;
}

/* The row of x that row `row` of y, axes 0 … last, is made of; false where that row is all constant. */
static bool source_row(const pad *p, int32_t last, size_t row, size_t *source) {
  size_t step = 1;
  *source = 0;
  for (int32_t i = last; i >= 0; i--) {
    const int32_t from = source_of(p, i, (int32_t)(row % (size_t)p->y.dims[i]));
    row /= (size_t)p->y.dims[i];
    if (from < 0) return false;
    *source += (size_t)from * step;
    step *= (size_t)p->x.dims[i];
  }
  return true;
}

/* Elements first … first + n of a row, all of them padding. */
static void pad_side(const pad *p, const char *x, char *y, int32_t first, int32_t n) {
  const int32_t last = p->y.rank - 1;
  const size_t bytes = p->element_bytes;
  if (!p->mirrors) {
    xj_row_fill(y + (size_t)first * bytes, (size_t)n, &p->value, bytes);
    return;
  }
  for (int32_t i = first; i < first + n; i++)
    xj_row_copy(y + (size_t)i * bytes, x + (size_t)source_of(p, last, i) * bytes, bytes);
}

static void pad_row(const pad *p, const char *x, char *y) {
  const int32_t last = p->y.rank - 1, n = p->y.dims[last], inside = p->x.dims[last], before = p->before[last];
  const size_t bytes = p->element_bytes;
  if (p->is_vectors) { /* channels, most of the time: few, of many pixels */
    const v128_t value = wasm_v128_load32_splat(&p->value);
    const char *x_end = x + (size_t)inside * bytes, *before_end = y + (size_t)before * bytes;
    const char *end = y + (size_t)n * bytes;
    for (; y != before_end; y += 16) wasm_v128_store(y, value);
    for (; x != x_end; x += 16, y += 16) wasm_v128_store(y, wasm_v128_load(x));
    for (; y != end; y += 16) wasm_v128_store(y, value);
    return;
  }
  pad_side(p, x, y, 0, before);
  xj_row_copy(y + (size_t)before * bytes, x, (size_t)inside * bytes);
  pad_side(p, x, y, before + inside, n - before - inside);
}

/* Rows that lie side by side in the last axis but one are found together: pixels of few channels are many. */
static void pad_rows(task *t, size_t first, size_t n_rows) {
  const pad *p = t->pad;
  const int32_t last = p->y.rank - 1, axis = last - 1;
  const size_t x_bytes = (size_t)p->x.dims[last] * p->element_bytes,
               y_bytes = (size_t)p->y.dims[last] * p->element_bytes;
  const size_t side = axis < 0 ? 1 : (size_t)p->y.dims[axis], end = first + n_rows;
  char *y = t->y + first * y_bytes;
  for (size_t row = first; row < end;) {
    const size_t at = row % side, stop = end - row < side - at ? at + end - row : side;
    size_t source;
    const bool is_inside = source_row(p, axis - 1, row / side, &source);
    row += stop - at;
    for (size_t i = at; i < stop; i++, y += y_bytes) {
      const int32_t from = !is_inside ? -1 : axis < 0 ? 0 : source_of(p, axis, (int32_t)i);
      if (from < 0)
        xj_row_fill(y, (size_t)p->y.dims[last], &p->value, p->element_bytes);
      else
        pad_row(p, t->x + (source * (axis < 0 ? 1 : (size_t)p->x.dims[axis]) + (size_t)from) * x_bytes, y);
    }
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  const xj_type *y = &t.pad->y;
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)pad_rows, &t,
                                     xj_type_span(y, 0, y->rank - 1),
                                     xj_rows_per_task((size_t)y->dims[y->rank - 1] * t.pad->element_bytes), 0);
  return XJ_OK;
}

const xj_kernel xj_pad_kernel = {.infer = pad_infer, .prepare = pad_prepare, .run = run};
const xj_kernel xj_mirror_pad_kernel = {.infer = mirror_pad_infer, .prepare = mirror_pad_prepare, .run = run};
