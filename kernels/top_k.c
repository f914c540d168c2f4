/* The op top_k: of each row a heap of the k best so far, the worst of them on top; then the heap is sorted. */
#include "kernels/operand.h"
#include "kernels/simd.h"
#include "src/heap.h"

typedef bool is_before(const void *row, int32_t i, int32_t j);
typedef size_t next_before(const void *row, int32_t worst, size_t i, size_t n);
typedef void read_values(const void *row, const int32_t *indices, size_t k, void *y);

typedef struct {
  size_t rows, n, k, element_bytes;
  bool want_indices;
  is_before *is_before;
  next_before *next_before;
  read_values *read_values;
} top_k;

/* Whether element i comes before element j in the result; the first one from i on that comes before the worst. */
#define ORDER(name, next_name, read_name, type)                                                                        \
  static bool name(const void *row, int32_t i, int32_t j) {                                                            \
    const type a = ((const type *)row)[i], b = ((const type *)row)[j];                                                 \
    const bool a_is_nan = a != a, b_is_nan = b != b;                                                                   \
    if (a_is_nan || b_is_nan) return a_is_nan == b_is_nan ? i < j : b_is_nan;                                          \
    return a > b || (a == b && i < j);                                                                                 \
  }                                                                                                                    \
  static size_t next_name(const void *row, int32_t worst, size_t i, size_t n) {                                        \
    while (i < n && !name(row, (int32_t)i, worst)) i++;                                                                \
    return i;                                                                                                          \
  }                                                                                                                    \
  static void read_name(const void *row, const int32_t *indices, size_t k, void *y) {                                  \
    for (size_t i = 0; i < k; i++) ((type *)y)[i] = ((const type *)row)[indices[i]];                                   \
  }
ORDER(before_float, next_float, read_float, float)
ORDER(before_int, next_int, read_int, int32_t)
ORDER(before_uint8, next_uint8, read_uint8, uint8_t)
ORDER(before_int8, next_int8, read_int8, int8_t)

/* Of most rows few elements are: 16 at a time are passed over. NaN comes after all numbers. */
static size_t next_number(const void *row, int32_t worst, size_t i, size_t n) {
  const float *x = row;
  const v128_t least = wasm_f32x4_splat(x[worst]);
  if (x[worst] == x[worst])
    for (; i + 16 <= n; i += 16) {
      v128_t above = wasm_f32x4_gt(wasm_v128_load(x + i), least);
      for (size_t k = 4; k < 16; k += 4) above = wasm_v128_or(above, wasm_f32x4_gt(wasm_v128_load(x + i + k), least));
      if (wasm_v128_any_true(above)) break;
    }
  return next_float(row, worst, i, n);
}

static const struct {
  is_before *is_before;
  next_before *next_before;
  read_values *read_values;
} orders[] = {
    [XJ_FLOAT32] = {before_float, next_number, read_float},
    [XJ_INT32] = {before_int, next_int, read_int},
    [XJ_UINT8] = {before_uint8, next_uint8, read_uint8},
    [XJ_INT8] = {before_int8, next_int8, read_int8},
};

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_top_k_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  int32_t k;
  XJ_TRY(xj_int_read(node, 1, a->k, "k", &k));
  if (x->dtype > XJ_INT8 || orders[x->dtype].is_before == NULL)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, which has no order", xj_dtype_name(x->dtype));
  if (x->rank < 1 || k < 0 || k > x->dims[x->rank - 1])
    return xj_fail(XJ_BAD_SHAPE, "the largest %d of x with shape %s", k, xj_type_text(x));
  *output = *x;
  output->dims[x->rank - 1] = k;
  if (a->want_indices != 0) output->dtype = XJ_INT32;
  return XJ_OK;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  const int32_t last = x->rank - 1;
  top_k *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  *state = (top_k){.rows = xj_type_span(x, 0, last),
                   .n = (size_t)x->dims[last],
                   .k = (size_t)node->output->dims[last],
                   .element_bytes = xj_dtype_bytes(x->dtype),
                   .want_indices = ((const xj_top_k_attributes *)node->attributes)->want_indices != 0,
                   .is_before = orders[x->dtype].is_before,
                   .next_before = orders[x->dtype].next_before,
                   .read_values = orders[x->dtype].read_values};
  prepare->scratch_bytes = state->want_indices ? 0 : state->k * sizeof(int32_t);
  return XJ_OK;
}

/* Lets the element at `at` sink until none below it comes later in the result. */
static void sink(const top_k *s, const void *row, int32_t *heap, size_t n, size_t at) {
  for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && s->is_before(row, heap[child], heap[child + 1])) child++;
    if (!s->is_before(row, heap[at], heap[child])) return;
    const int32_t swapped = heap[at];
    heap[at] = heap[child];
    heap[child] = swapped;
    at = child;
  }
}

static void sort_row(const top_k *s, const void *row, int32_t *heap) {
  for (size_t i = 0; i < s->k; i++) heap[i] = (int32_t)i;
  for (size_t i = s->k / 2; i-- > 0;) sink(s, row, heap, s->k, i);
  for (size_t i = s->k; s->k > 0 && (i = s->next_before(row, heap[0], i, s->n)) < s->n; i++) {
    heap[0] = (int32_t)i;
    sink(s, row, heap, s->k, 0);
  }
  for (size_t n = s->k; n-- > 1;) { /* the worst goes to the end */
    const int32_t worst = heap[0];
    heap[0] = heap[n];
    heap[n] = worst;
    sink(s, row, heap, n, 0);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const top_k *s = opaque;
  for (size_t i = 0; i < s->rows; i++) {
    const char *row = (const char *)run->inputs[0] + i * s->n * s->element_bytes;
    int32_t *heap = s->want_indices ? (int32_t *)run->output + i * s->k : run->scratch;
    sort_row(s, row, heap);
    if (!s->want_indices) s->read_values(row, heap, s->k, (char *)run->output + i * s->k * s->element_bytes);
  }
  return XJ_OK;
}

const xj_kernel xj_top_k_kernel = {.infer = infer, .prepare = prepare, .run = run};
