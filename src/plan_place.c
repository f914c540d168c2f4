/* Placing buffers in the arena: greedy best fit, in the best of three orders. */
#include <string.h>

#include "src/heap.h"
#include "src/plan.h"

static bool meet(const xj_buffer *a, const xj_buffer *b) { return a->first <= b->last && b->first <= a->last; }

/* Orders of placement: 0 large first, 1 long-lived first, 2 as they come to life. Ties by index, so that a plan is the
 * same on every machine. */
static int before(const xj_buffer *buffers, int32_t order, int32_t a, int32_t b) {
  const xj_buffer *x = &buffers[a], *y = &buffers[b];
  if (order == 1 && x->last - x->first != y->last - y->first) return x->last - x->first > y->last - y->first ? -1 : 1;
  if (order == 2 && x->first != y->first) return x->first < y->first ? -1 : 1;
  if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
  return a < b ? -1 : a > b;
}

static void sort(const xj_buffer *buffers, int32_t order, int32_t *indices, int32_t *spare, int32_t n) {
  if (n < 2) return; /* merge sort: qsort has no context argument in C11 */
  int32_t half = n / 2;
  sort(buffers, order, indices, spare, half);
  sort(buffers, order, indices + half, spare, n - half);
  memcpy(spare, indices, (size_t)n * sizeof *indices);
  for (int32_t i = 0, a = 0, b = half; i < n; i++)
    indices[i] = b == n || (a < half && before(buffers, order, spare[a], spare[b]) <= 0) ? spare[a++] : spare[b++];
}

/* The lowest offset of the smallest gap that buffer `index` fits in, among the n_placed ones sorted by offset. */
static size_t best_fit(const xj_buffer *buffers, const int32_t *placed, int32_t n_placed, int32_t index) {
  const xj_buffer *buffer = &buffers[index];
  size_t end = 0, best = SIZE_MAX, best_gap = SIZE_MAX;
  for (int32_t i = 0; i < n_placed; i++) {
    const xj_buffer *other = &buffers[placed[i]];
    if (!meet(buffer, other)) continue;
    if (other->offset > end) {
      size_t gap = other->offset - end;
      if (gap >= buffer->bytes && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
    }
    if (other->offset + other->bytes > end) end = other->offset + other->bytes;
  }
  return best == SIZE_MAX ? end : best;
}

/* Returns the arena's bytes, or SIZE_MAX where they are more than can be addressed. */
static size_t place_in_order(xj_buffer *buffers, const int32_t *order, int32_t *placed, int32_t n) {
  size_t arena = 0;
  for (int32_t i = 0; i < n; i++) {
    xj_buffer *buffer = &buffers[order[i]];
    buffer->offset = best_fit(buffers, placed, i, order[i]);
    if (buffer->bytes > (size_t)PTRDIFF_MAX - buffer->offset) return SIZE_MAX;
    if (buffer->offset + buffer->bytes > arena) arena = buffer->offset + buffer->bytes;
    int32_t at = i;
    for (; at > 0 && buffers[placed[at - 1]].offset > buffer->offset; at--) placed[at] = placed[at - 1];
    placed[at] = order[i];
  }
  return arena;
}

xj_status xj_plan_place(xj_buffer *buffers, int32_t n, size_t *arena_bytes) {
  enum { N_ORDERS = 3 };
  int32_t *room = xj_alloc((size_t)n * (3 * sizeof(int32_t)) + 1, XJ_HEAP_GENERAL);
  if (room == NULL) return XJ_OUT_OF_MEMORY;
  int32_t *order = room, *spare = room + n, *placed = room + 2 * n;
  size_t best = SIZE_MAX;
  int32_t best_order = 0;
  for (int32_t k = 0; k <= N_ORDERS; k++) { /* the last round repeats the best */
    int32_t which = k < N_ORDERS ? k : best_order;
    for (int32_t i = 0; i < n; i++) order[i] = i;
    sort(buffers, which, order, spare, n);
    size_t arena = place_in_order(buffers, order, placed, n);
    if (arena < best) {
      best = arena;
      best_order = which;
    }
  }
  *arena_bytes = n > 0 ? best : 0;
  xj_free(room);
  if (n == 0 || best < SIZE_MAX) return XJ_OK;
  return xj_fail(XJ_OUT_OF_MEMORY, "out of memory: tensors that live at once have more than %td bytes", PTRDIFF_MAX);
}

size_t xj_plan_lower_bound(const xj_buffer *buffers, int32_t n) {
  size_t most = 0;
  for (int32_t i = 0; i < n; i++) { /* the maximum is reached where some buffer comes to life */
    size_t alive = 0;
    for (int32_t k = 0; k < n; k++)
      if (buffers[k].first <= buffers[i].first && buffers[i].first <= buffers[k].last) alive += buffers[k].bytes;
    if (alive > most) most = alive;
  }
  return most;
}

size_t xj_plan_sum(const xj_buffer *buffers, int32_t n) {
  size_t sum = 0;
  for (int32_t i = 0; i < n; i++) sum += buffers[i].bytes;
  return sum;
}
