#include "kernels/strided.h"

#include "kernels/rows.h"
#include "src/heap.h"

enum { TILE_SIDE = 32, TILE_ELEMENTS = TILE_SIDE * TILE_SIDE }; /* 4 KB read, 4 KB written */

typedef struct strided strided;
typedef void move_row(const strided *s, const char *x, char *y);
typedef void move_tile(const strided *s, const char *x, char *y, size_t n_across, size_t n);

/* All distances in bytes. */
struct strided {
  int32_t rank; /* axes outside of the row or tile */
  size_t dims[XJ_STRIDED_AXES];
  ptrdiff_t from[XJ_STRIDED_AXES];
  size_t to[XJ_STRIDED_AXES];
  ptrdiff_t offset;
  size_t rows; /* product of dims */
  size_t n, element_bytes;
  ptrdiff_t step;   /* between a row's elements in x */
  size_t across;    /* length of the axis along which x is contiguous, where it is not the row's */
  size_t across_to; /* between its elements in y */
  move_row *row;    /* NULL: by tiles */
  move_tile *tile;
};

typedef struct {
  const strided *strided;
  const char *x;
  char *y;
} task;

void xj_strides_of(const xj_type *x, ptrdiff_t strides[XJ_MAX_RANK]) {
  ptrdiff_t step = 1;
  for (int32_t i = x->rank - 1; i >= 0; i--) {
    strides[i] = step;
    step *= x->dims[i];
  }
}

void xj_strided_add(xj_strided *view, size_t dim, ptrdiff_t stride) {
  view->dims[view->rank] = dim;
  view->strides[view->rank++] = stride;
}

static void row_contiguous(const strided *s, const char *x, char *y) { xj_row_copy(y, x, s->n * s->element_bytes); }
static void row_constant(const strided *s, const char *x, char *y) { xj_row_fill(y, s->n, x, s->element_bytes); }

/* Rows whose elements lie apart in x, and tiles of which x is contiguous along the other axis. */
#define MOVES(row_name, tile_name, type)                                                                               \
  static void row_name(const strided *s, const char *x, char *y) {                                                     \
    type *to = (type *)y;                                                                                              \
    for (size_t i = 0; i < s->n; i++, x += s->step) to[i] = *(const type *)x;                                          \
  }                                                                                                                    \
  static void tile_name(const strided *s, const char *x, char *y, size_t n_across, size_t n) {                         \
    for (size_t k = 0; k < n_across; k++) {                                                                            \
      const char *from = x + k * sizeof(type);                                                                         \
      type *to = (type *)(y + k * s->across_to);                                                                       \
      for (size_t i = 0; i < n; i++, from += s->step) to[i] = *(const type *)from;                                     \
    }                                                                                                                  \
  }
MOVES(row_1, tile_1, uint8_t)
MOVES(row_2, tile_2, uint16_t)
MOVES(row_4, tile_4_plain, uint32_t)

static void transpose_4x4(const char *x, ptrdiff_t step, char *y, size_t to) {
  const v128_t a = wasm_v128_load(x), b = wasm_v128_load(x + step);
  const v128_t c = wasm_v128_load(x + 2 * step), d = wasm_v128_load(x + 3 * step);
  const v128_t ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  const v128_t cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  wasm_v128_store(y, wasm_i64x2_shuffle(ab, cd, 0, 2));
  wasm_v128_store(y + to, wasm_i64x2_shuffle(ab, cd, 1, 3));
  wasm_v128_store(y + 2 * to, wasm_i64x2_shuffle(ab_high, cd_high, 0, 2));
  wasm_v128_store(y + 3 * to, wasm_i64x2_shuffle(ab_high, cd_high, 1, 3));
}

static void tile_4(const strided *s, const char *x, char *y, size_t n_across, size_t n) {
  const size_t whole_across = n_across & ~(size_t)3, whole = n & ~(size_t)3, to = s->across_to;
  const ptrdiff_t step = s->step;
  /* the side with the greater distances goes by fours outside: its lines may push each other out of the cache */
  if (step > (ptrdiff_t)to) {
    for (size_t i = 0; i < whole; i += 4)
      for (size_t k = 0; k < whole_across; k += 4)
        transpose_4x4(x + 4 * k + (ptrdiff_t)i * step, step, y + k * to + 4 * i, to);
  } else {
    for (size_t k = 0; k < whole_across; k += 4)
      for (size_t i = 0; i < whole; i += 4)
        transpose_4x4(x + 4 * k + (ptrdiff_t)i * step, step, y + k * to + 4 * i, to);
  }
  if (whole < n) tile_4_plain(s, x + (ptrdiff_t)whole * step, y + 4 * whole, whole_across, n - whole);
  if (whole_across < n_across) tile_4_plain(s, x + 4 * whole_across, y + whole_across * to, n_across - whole_across, n);
}

/* Joins axes that x has one after the other, and drops those of one element. */
static void join_axes(const xj_strided *view, xj_strided *joined) {
  *joined = (xj_strided){.offset = view->offset};
  for (int32_t i = 0; i < view->rank; i++) {
    const int32_t last = joined->rank - 1;
    if (view->dims[i] == 1) continue;
    if (last >= 0 && joined->strides[last] == view->strides[i] * (ptrdiff_t)view->dims[i]) {
      joined->dims[last] *= view->dims[i];
      joined->strides[last] = view->strides[i];
    } else {
      xj_strided_add(joined, view->dims[i], view->strides[i]);
    }
  }
  if (joined->rank == 0) xj_strided_add(joined, 1, 1);
}

/* The axis other than the last along which x is contiguous, or -1. */
static int32_t contiguous_axis(const xj_strided *view) {
  for (int32_t i = view->rank - 2; i >= 0; i--)
    if (view->strides[i] == 1) return i;
  return -1;
}

static void choose(strided *s, ptrdiff_t stride, bool by_tiles) {
  const bool one = s->element_bytes == 1, two = s->element_bytes == 2;
  if (by_tiles)
    s->tile = one ? tile_1 : two ? tile_2 : tile_4;
  else
    s->row = stride == 1 ? row_contiguous : stride == 0 ? row_constant : one ? row_1 : two ? row_2 : row_4;
}

xj_status xj_strided_prepare(const xj_strided *view, size_t element_bytes, xj_prepare *prepare) {
  xj_strided joined;
  strided *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  join_axes(view, &joined);
  const int32_t last = joined.rank - 1;
  const ptrdiff_t bytes = (ptrdiff_t)element_bytes, stride = joined.strides[last];
  const int32_t across = stride == 0 || stride == 1 ? -1 : contiguous_axis(&joined);
  *s = (strided){.offset = joined.offset * bytes, .rows = 1, .n = joined.dims[last], .element_bytes = element_bytes};
  s->step = stride * bytes;
  choose(s, stride, across >= 0);
  size_t to[XJ_STRIDED_AXES], step = element_bytes;
  for (int32_t i = last; i >= 0; i--) {
    to[i] = step;
    step *= joined.dims[i];
  }
  for (int32_t i = 0; i < last; i++) {
    if (i == across) {
      s->across = joined.dims[i];
      s->across_to = to[i];
      continue;
    }
    s->dims[s->rank] = joined.dims[i];
    s->from[s->rank] = joined.strides[i] * bytes;
    s->to[s->rank++] = to[i];
    s->rows *= joined.dims[i];
  }
  return XJ_OK;
}

static void copy_rows(task *t, size_t first, size_t n_rows) {
  const strided *s = t->strided;
  size_t index[XJ_STRIDED_AXES], left = first;
  const char *x = t->x + s->offset;
  char *y = t->y + first * s->n * s->element_bytes;
  for (int32_t i = s->rank - 1; i >= 0; i--) {
    index[i] = left % s->dims[i];
    left /= s->dims[i];
    x += (ptrdiff_t)index[i] * s->from[i];
  }
  for (size_t row = 0; row < n_rows; row++, y += s->n * s->element_bytes) {
    s->row(s, x, y);
    for (int32_t i = s->rank - 1; i >= 0 && row + 1 < n_rows; i--) {
      x += s->from[i];
      if (++index[i] < s->dims[i]) break;
      x -= s->from[i] * (ptrdiff_t)s->dims[i];
      index[i] = 0;
    }
  }
}

static void copy_tile(task *t, size_t outer, size_t across, size_t first, size_t n_across, size_t n) {
  const strided *s = t->strided;
  const char *x = t->x + s->offset + across * s->element_bytes + (ptrdiff_t)first * s->step;
  char *y = t->y + across * s->across_to + first * s->element_bytes;
  for (int32_t i = s->rank - 1; i >= 0; i--) {
    const size_t at = outer % s->dims[i];
    outer /= s->dims[i];
    x += (ptrdiff_t)at * s->from[i];
    y += at * s->to[i];
  }
  s->tile(s, x, y, n_across, n);
}

/* The side of a tile along an axis of n elements, where the other axis has n_other. */
static size_t side(size_t n, size_t n_other) {
  size_t most = n_other < TILE_SIDE ? TILE_ELEMENTS / n_other : TILE_SIDE;
  return n < most ? n : most;
}

xj_status xj_strided_run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  const strided *s = state;
  if (s->row != NULL)
    pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)copy_rows, &t, s->rows,
                                       xj_rows_per_task(s->n * s->element_bytes), 0);
  else
    pthreadpool_parallelize_3d_tile_2d(run->threads, (pthreadpool_task_3d_tile_2d_t)copy_tile, &t, s->rows, s->across,
                                       s->n, side(s->across, s->n), side(s->n, s->across), 0);
  return XJ_OK;
}
