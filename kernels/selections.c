/* The ops search_sorted, unique and where_true: what is where in a tensor. */
#include "kernels/operand.h"
#include "kernels/simd.h"
#include "src/heap.h"

/* ---- search_sorted: sorted, values ---- */

enum { VALUES_PER_TASK = 4096 };

typedef struct search search;
/* The first place of value in sorted [n], or the last (right), by halves. */
typedef int32_t place(const search *s, const void *sorted, const void *value);

struct search {
  size_t n, m, values; /* of a row; of all rows */
  bool right;
  place *place;
};

typedef struct {
  const search *search;
  const char *sorted, *values; /* of four bytes */
  int32_t *y;
} search_task;

static xj_status search_sorted_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *sorted = &node->inputs[0], *values = &node->inputs[1];
  if (sorted->dtype != values->dtype || (sorted->dtype != XJ_FLOAT32 && sorted->dtype != XJ_INT32))
    return xj_fail(XJ_UNSUPPORTED, "%s among %s: only both float32 and both int32", xj_dtype_name(values->dtype),
                   xj_dtype_name(sorted->dtype));
  if (sorted->rank != 2 || values->rank != 2 || sorted->dims[0] != values->dims[0])
    return xj_fail(XJ_BAD_SHAPE, "sorted has shape %s and values %s, instead of [B,n] and [B,m]", xj_type_text(sorted),
                   xj_type_text(values));
  *output = *values;
  output->dtype = XJ_INT32;
  return XJ_OK;
}

#define PLACE(name, type)                                                                                              \
  static int32_t name(const search *s, const void *sorted, const void *value) {                                        \
    const type *x = sorted, v = *(const type *)value;                                                                  \
    size_t from = 0, to = s->n;                                                                                        \
    while (from < to) {                                                                                                \
      const size_t middle = from + (to - from) / 2;                                                                    \
      if (s->right ? x[middle] <= v : x[middle] < v)                                                                   \
        from = middle + 1;                                                                                             \
      else                                                                                                             \
        to = middle;                                                                                                   \
    }                                                                                                                  \
    return (int32_t)to;                                                                                                \
  }
PLACE(place_float, float)
PLACE(place_int, int32_t)

static xj_status search_sorted_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *sorted = &node->inputs[0], *values = &node->inputs[1];
  search *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (search){.n = (size_t)sorted->dims[1],
                .m = (size_t)values->dims[1],
                .values = xj_type_elements(values),
                .right = ((const xj_search_sorted_attributes *)node->attributes)->right != 0,
                .place = sorted->dtype == XJ_FLOAT32 ? place_float : place_int};
  return XJ_OK;
}

static void search_values(search_task *t, size_t first, size_t count) {
  const search *s = t->search;
  for (size_t i = first; i < first + count; i++)
    t->y[i] = s->place(s, t->sorted + i / s->m * s->n * 4, t->values + i * 4);
}

static xj_status search_sorted_run(void *state, const xj_run *run) {
  search_task t = {state, run->inputs[0], run->inputs[1], run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)search_values, &t, t.search->values,
                                     VALUES_PER_TASK, 0);
  return XJ_OK;
}

/* ---- unique: x ---- */

/* A table of slices: the place of a slice by its hash, then the next free one. */
typedef struct {
  size_t outer, n, inner; /* x [outer, n, inner] */
  size_t slots;           /* a power of two, at least twice as many as slices */
  int32_t dtype;
} unique;

static xj_status unique_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  int32_t axis;
  if (x->dtype != XJ_FLOAT32 && x->dtype != XJ_INT32 && x->dtype != XJ_BOOL)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, only float32, int32 and bool are supported", xj_dtype_name(x->dtype));
  XJ_TRY(xj_axis_read(x, ((const xj_unique_attributes *)node->attributes)->axis, &axis));
  *output = (xj_type){.dtype = XJ_INT32, .rank = 1};
  return xj_dim_set(output, 0, 1 + 2 * (int64_t)x->dims[axis]);
}

static xj_status unique_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  int32_t axis;
  XJ_TRY(xj_axis_read(x, ((const xj_unique_attributes *)node->attributes)->axis, &axis));
  unique *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (unique){.outer = xj_type_span(x, 0, axis),
                .n = (size_t)x->dims[axis],
                .inner = xj_type_span(x, axis + 1, x->rank),
                .slots = 1,
                .dtype = x->dtype};
  while (s->slots < 2 * s->n) s->slots *= 2;
  prepare->scratch_bytes = (s->slots + s->n) * sizeof(uint32_t);
  return XJ_OK;
}

/* An element's bits, the same for equal ones. */
static uint32_t bits_of(int32_t dtype, const void *x, size_t i) {
  uint32_t bits;
  if (dtype == XJ_BOOL) return ((const uint8_t *)x)[i] != 0;
  memcpy(&bits, (const char *)x + 4 * i, sizeof bits);
  if (dtype == XJ_INT32) return bits;
  if (bits << 1 > 0xff000000u) return 0x7fc00000u; /* NaN */
  return bits << 1 == 0 ? 0 : bits;
}

/* Slice i, whose elements lie in rows of `inner`: their hash (multiplied and mixed word by word, as Murmur 3 does). */
static uint32_t hash_of(const unique *s, const void *x, size_t i) {
  uint32_t hash = 0;
  for (size_t outer = 0; outer < s->outer; outer++)
    for (size_t k = 0; k < s->inner; k++) {
      const uint32_t word = bits_of(s->dtype, x, (outer * s->n + i) * s->inner + k) * 0xcc9e2d51u;
      hash ^= (word << 15 | word >> 17) * 0x1b873593u;
      hash = (hash << 13 | hash >> 19) * 5 + 0xe6546b64u;
    }
  hash = (hash ^ hash >> 16) * 0x85ebca6bu;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
  return hash ^ hash >> 16;
}

static bool is_same(const unique *s, const void *x, size_t i, size_t j) {
  for (size_t outer = 0; outer < s->outer; outer++)
    for (size_t k = 0; k < s->inner; k++) {
      const size_t row = outer * s->n;
      if (bits_of(s->dtype, x, (row + i) * s->inner + k) != bits_of(s->dtype, x, (row + j) * s->inner + k))
        return false;
    }
  return true;
}

static xj_status unique_run(void *opaque, const xj_run *run) {
  const unique *s = opaque;
  const void *x = run->inputs[0];
  uint32_t *table = run->scratch, *hashes = table + s->slots; /* a kind's number + 1, or 0; of each kind */
  int32_t *count = run->output, *kinds = count + 1, *firsts = kinds + s->n;
  size_t n_kinds = 0;
  memset(table, 0, s->slots * sizeof *table);
  for (size_t i = 0; i < s->n; i++) {
    const uint32_t hash = hash_of(s, x, i);
    size_t slot = hash & (s->slots - 1);
    for (; table[slot] != 0; slot = (slot + 1) & (s->slots - 1)) {
      const size_t kind = table[slot] - 1;
      if (hashes[kind] == hash && is_same(s, x, i, (size_t)firsts[kind])) break;
    }
    if (table[slot] == 0) {
      hashes[n_kinds] = hash;
      firsts[n_kinds] = (int32_t)i;
      table[slot] = (uint32_t)++n_kinds;
    }
    kinds[i] = (int32_t)table[slot] - 1;
  }
  memset(firsts + n_kinds, 0, (s->n - n_kinds) * sizeof *firsts);
  *count = (int32_t)n_kinds;
  return XJ_OK;
}

/* ---- where_true: x ---- */

typedef struct {
  size_t n;
  xj_type x;
} where_true;

static xj_status where_true_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  if (x->dtype != XJ_BOOL) return xj_fail(XJ_UNSUPPORTED, "x is %s instead of bool", xj_dtype_name(x->dtype));
  *output = (xj_type){.dtype = XJ_INT32, .rank = 1};
  return xj_dim_set(output, 0, 1 + (int64_t)xj_type_elements(x) * x->rank);
}

static xj_status where_true_prepare(const xj_node_view *node, xj_prepare *prepare) {
  where_true *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (where_true){xj_type_elements(&node->inputs[0]), node->inputs[0]};
  return XJ_OK;
}

static xj_status where_true_run(void *opaque, const xj_run *run) {
  const where_true *s = opaque;
  const uint8_t *x = run->inputs[0];
  const size_t rank = (size_t)s->x.rank;
  int32_t *count = run->output, *y = count + 1;
  size_t n_true = 0;
  for (size_t i = 0; i < s->n; i++) {
    if (i + 16 <= s->n && !wasm_v128_any_true(wasm_v128_load(x + i))) {
      i += 15;
      continue;
    }
    if (x[i] == 0) continue;
    size_t rest = i;
    for (size_t axis = rank; axis-- > 0; rest /= (size_t)s->x.dims[axis])
      y[axis] = (int32_t)(rest % (size_t)s->x.dims[axis]);
    y += rank;
    n_true++;
  }
  memset(y, 0, (s->n - n_true) * rank * sizeof *y);
  *count = (int32_t)n_true;
  return XJ_OK;
}

const xj_kernel xj_search_sorted_kernel = {
    .infer = search_sorted_infer, .prepare = search_sorted_prepare, .run = search_sorted_run};
const xj_kernel xj_unique_kernel = {.infer = unique_infer, .prepare = unique_prepare, .run = unique_run};
const xj_kernel xj_where_true_kernel = {
    .infer = where_true_infer, .prepare = where_true_prepare, .run = where_true_run};
