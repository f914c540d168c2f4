/* The ops cumsum and cumprod: float32 in double, int32 wraps. */
#include "src/heap.h"
#include "src/op.h"

/* Columns that are scanned side by side. */
enum { AT_ONCE = 64, ELEMENTS_PER_TASK = 16384 };

/* The attributes of both. */
typedef struct {
  int32_t axis, exclusive, reverse;
} attributes;

/* n columns (at most AT_ONCE) of `length` rows, which lie `step` elements apart. */
typedef void scan_fn(size_t length, ptrdiff_t step, size_t n, bool exclusive, const void *x, void *y);

typedef struct {
  size_t outer, length, inner; /* x as [outer, length, inner] */
  bool exclusive, reverse;
  scan_fn *scan;
} scan;

typedef struct {
  const scan *scan;
  const int32_t *x; /* or float: of four bytes */
  int32_t *y;
  size_t tiles; /* of the columns */
} task;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  if (x->dtype != XJ_FLOAT32 && x->dtype != XJ_INT32)
    return xj_fail(XJ_UNSUPPORTED, "x is %s, only float32 and int32 are supported", xj_dtype_name(x->dtype));
  const int32_t axis = a->axis < 0 ? a->axis + x->rank : a->axis;
  if (axis < 0 || axis >= x->rank) return xj_fail(XJ_BAD_SHAPE, "axis %d of x with shape %s", a->axis, xj_type_text(x));
  *output = *x;
  return XJ_OK;
}

static xj_status prepare_scan(const xj_node_view *node, xj_prepare *prepare, scan_fn *floats, scan_fn *ints) {
  const attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  scan *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const int32_t axis = a->axis < 0 ? a->axis + x->rank : a->axis;
  *state = (scan){xj_type_span(x, 0, axis), (size_t)x->dims[axis], xj_type_span(x, axis + 1, x->rank),
                  a->exclusive != 0,        a->reverse != 0,       x->dtype == XJ_FLOAT32 ? floats : ints};
  return XJ_OK;
}

static void scan_tiles(task *t, size_t first, size_t n_tiles) {
  const scan *s = t->scan;
  for (size_t tile = first; tile < first + n_tiles; tile++) {
    const size_t column = tile % t->tiles * AT_ONCE, left = s->inner - column;
    const size_t start = tile / t->tiles * s->length * s->inner + column;
    const size_t from = s->reverse ? start + (s->length - 1) * s->inner : start;
    const ptrdiff_t step = s->reverse ? -(ptrdiff_t)s->inner : (ptrdiff_t)s->inner;
    s->scan(s->length, step, left < AT_ONCE ? left : AT_ONCE, s->exclusive, t->x + from, t->y + from);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  const scan *state = opaque;
  task t = {state, run->inputs[0], run->output, (state->inner + AT_ONCE - 1) / AT_ONCE};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)scan_tiles, &t,
                                     state->outer * t.tiles, 1 + ELEMENTS_PER_TASK / (state->length * AT_ONCE), 0);
  return XJ_OK;
}

#define SCAN(name, type, state_type, neutral, next)                                                                    \
  static void name(size_t length, ptrdiff_t step, size_t n, bool exclusive, const void *xs, void *ys) {                \
    const type *from = xs;                                                                                             \
    type *to = ys;                                                                                                     \
    state_type states[AT_ONCE], only = (neutral);                                                                      \
    for (size_t k = 0; n == 1 && k < length; k++) { /* in a register */                                                \
      const type x = from[(ptrdiff_t)k * step];                                                                        \
      const state_type state = only;                                                                                   \
      only = next;                                                                                                     \
      to[(ptrdiff_t)k * step] = (type)(exclusive ? state : only);                                                      \
    }                                                                                                                  \
    if (n == 1) return;                                                                                                \
    for (size_t i = 0; i < n; i++) states[i] = (neutral);                                                              \
    for (size_t k = 0; k < length; k++) {                                                                              \
      const ptrdiff_t at = (ptrdiff_t)k * step;                                                                        \
      for (size_t i = 0; i < n; i++) {                                                                                 \
        const type x = from[at + (ptrdiff_t)i];                                                                        \
        const state_type state = states[i];                                                                            \
        states[i] = next;                                                                                              \
        to[at + (ptrdiff_t)i] = (type)(exclusive ? state : states[i]);                                                 \
      }                                                                                                                \
    }                                                                                                                  \
  }

#define KERNEL(op)                                                                                                     \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return prepare_scan(node, prepare, op##_float, op##_int);                                                          \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer, .prepare = op##_prepare, .run = run};

SCAN(cumsum_float, float, double, 0, state + (double)x)
SCAN(cumsum_int, int32_t, int32_t, 0, (int32_t)((uint32_t)state + (uint32_t)x))
KERNEL(cumsum)
SCAN(cumprod_float, float, double, 1, state *(double)x)
SCAN(cumprod_int, int32_t, int32_t, 1, (int32_t)((uint32_t)state *(uint32_t)x))
KERNEL(cumprod)
