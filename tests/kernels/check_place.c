/* plan_place.c as properties over random lifetimes and sizes. */
#include <stdlib.h>
#include <string.h>

#include "src/op.h"
#include "src/plan.h"
#include "tests/kernels/check.h"

enum { MOST = 120 };

static int32_t choose(xj_buffer *buffers) {
  const int32_t n = xj_check_between(0, MOST), steps = xj_check_between(1, 60);
  const uint32_t most_length = 1 + xj_check_random(20), most_tiles = 1 + xj_check_random(500);
  for (int32_t i = 0; i < n; i++) {
    const int32_t first = (int32_t)xj_check_random((uint32_t)steps);
    const int32_t length = (int32_t)(xj_check_random(10) == 0 ? xj_check_random(60) : xj_check_random(most_length));
    buffers[i] =
        (xj_buffer){.bytes = XJ_TILE_BYTES * (1 + xj_check_random(most_tiles)), .first = first, .last = first + length};
  }
  return n;
}

static size_t most_alive(const xj_buffer *buffers, int32_t n) {
  size_t most = 0;
  for (int32_t step = 0; step < 120; step++) {
    size_t alive = 0;
    for (int32_t i = 0; i < n; i++)
      if (buffers[i].first <= step && step <= buffers[i].last) alive += buffers[i].bytes;
    if (alive > most) most = alive;
  }
  return most;
}

static void compare_pair(const xj_buffer *a, const xj_buffer *b) {
  const bool at_once = a->first <= b->last && b->first <= a->last;
  const bool overlap = a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
  if (at_once && overlap)
    xj_check_fail("place: @%zu +%zu in steps %d-%d overlaps @%zu +%zu in steps %d-%d", a->offset, a->bytes, a->first,
                  a->last, b->offset, b->bytes, b->first, b->last);
}

static void place(void) {
  double waste = 0;
  for (int32_t round = 0; round < 600; round++) {
    xj_buffer buffers[MOST], again[MOST];
    const int32_t n = choose(buffers);
    memcpy(again, buffers, sizeof buffers);
    size_t arena, same_arena, sum = 0;
    if (xj_plan_place(buffers, n, &arena) != XJ_OK) xj_check_fail("place: %s", xj_error_text());
    for (int32_t i = 0; i < n; i++) {
      sum += buffers[i].bytes;
      if (buffers[i].offset % XJ_TILE_BYTES != 0 || buffers[i].offset + buffers[i].bytes > arena)
        xj_check_fail("place: buffer @%zu +%zu in an arena of %zu", buffers[i].offset, buffers[i].bytes, arena);
      for (int32_t k = 0; k < i; k++) compare_pair(&buffers[i], &buffers[k]);
    }
    const size_t lower = most_alive(buffers, n);
    if (xj_plan_lower_bound(buffers, n) != lower || xj_plan_sum(buffers, n) != sum)
      xj_check_fail("place: lower bound %zu and sum %zu, expected %zu and %zu", xj_plan_lower_bound(buffers, n),
                    xj_plan_sum(buffers, n), lower, sum);
    if (arena < lower || arena > sum) xj_check_fail("place: arena %zu is not within %zu … %zu", arena, lower, sum);
    if (xj_plan_place(again, n, &same_arena) != XJ_OK || same_arena != arena ||
        memcmp(buffers, again, (size_t)n * sizeof *again) != 0)
      xj_check_fail("place: the same buffers give another plan");
    if (lower > 0) waste += (double)arena / (double)lower - 1;
  }
  xj_check_note("place: %.1f %% above the lower bound on average", waste / 600 * 100);
}

static void place_chain(void) {
  /* in a chain two neighbours live at once: greedy placing reaches the lower bound */
  xj_buffer chain[20];
  for (int32_t i = 0; i < 20; i++) chain[i] = (xj_buffer){.bytes = XJ_TILE_BYTES * 7, .first = i, .last = i + 1};
  size_t arena;
  if (xj_plan_place(chain, 20, &arena) != XJ_OK || arena != 2 * 7 * XJ_TILE_BYTES)
    xj_check_fail("place: a chain of equal buffers takes %zu bytes", arena);
}

const xj_check xj_checks_place[] = {
    {"place", "placement: live buffers never overlap, the arena is within lower bound and sum, twice the same", place},
    {"place_chain", "placement: a chain of equal buffers takes two of them", place_chain},
    {NULL, NULL, NULL}};
