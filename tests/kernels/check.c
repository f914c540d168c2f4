/* Checks every micro-kernel of ours against a scalar reference, as dav1d's checkasm does. README.md says how to add
 * one.
 *
 *     check --list            the checks: name, tab, title
 *     check [--seed N] [NAME…] runs these, or all, until one fails
 *     check --bench NAME      GFLOP/s of gemm or depthwise, or the machine's own peak */
#include "tests/kernels/check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/xj.h"

static const xj_check *const tables[] = {xj_checks_gemm,   xj_checks_pack,   xj_checks_depthwise, xj_checks_activate,
                                         xj_checks_window, xj_checks_weight, xj_checks_exp,       xj_checks_broadcast,
                                         xj_checks_place,  xj_checks_plan,   xj_checks_matmul,    xj_checks_product,
                                         xj_checks_qd};
enum { N_TABLES = sizeof tables / sizeof *tables };

static const struct {
  const char *name;
  void (*run)(void);
} benches[] = {{"gemm", xj_bench_gemm}, {"depthwise", xj_bench_depthwise}, {"peak", xj_bench_peak}};
enum { N_BENCHES = sizeof benches / sizeof *benches };

/* The native build runs under AddressSanitizer, which then catches reads further than kernels may go: all before a
 * buffer and from 16 bytes after it on. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define FORBID(address, bytes) ASAN_POISON_MEMORY_REGION(address, bytes)
#define ALLOW(address, bytes) ASAN_UNPOISON_MEMORY_REGION(address, bytes)
#endif
#endif
#ifndef FORBID
#define FORBID(address, bytes) ((void)(address), (void)(bytes))
#define ALLOW(address, bytes) ((void)(address), (void)(bytes))
#endif

enum { GUARD_FLOATS = 16, SLACK_FLOATS = 4, GUARD_BITS = 0x7fc0dead, MOST_BUFFERS = 16 };

static struct {
  unsigned long seed;
  uint64_t random;
  struct {
    float *block;
    size_t n;
  } buffers[MOST_BUFFERS];
  int32_t n_buffers;
} check = {.seed = 1};

void xj_check_fail(const char *format, ...) {
  printf("failed, seed %lu: ", check.seed);
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
  exit(1);
}

void xj_check_note(const char *format, ...) {
  printf("note ");
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
}

uint32_t xj_check_random(uint32_t below) { /* splitmix64: Steele, Lea, Flood, OOPSLA 2014 */
  uint64_t z = check.random += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

int32_t xj_check_between(int32_t least, int32_t most) {
  return least + (int32_t)xj_check_random((uint32_t)(most - least + 1));
}

float xj_check_uniform(void) { return (float)xj_check_random(1u << 24) / (float)(1 << 23) - 1; }

void xj_check_fill(float *values, size_t n, bool specials) {
  static const float special[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1e-40f, -1e-45f};
  for (size_t i = 0; i < n; i++) {
    values[i] = xj_check_uniform();
    if (specials && xj_check_random(8) == 0) values[i] = special[xj_check_random(sizeof special / sizeof *special)];
  }
}

static void fill_with_guard(float *values, size_t n) {
  const uint32_t bits = GUARD_BITS;
  for (size_t i = 0; i < n; i++) memcpy(values + i, &bits, sizeof bits);
}

bool xj_check_untouched(const float *value) {
  const uint32_t bits = GUARD_BITS;
  return memcmp(value, &bits, sizeof bits) == 0;
}

static void forbid_guards(float *block, size_t n) {
  FORBID(block, GUARD_FLOATS * sizeof(float));
  FORBID(block + GUARD_FLOATS + n + SLACK_FLOATS, (GUARD_FLOATS - SLACK_FLOATS) * sizeof(float));
}

static void allow_guards(float *block, size_t n) { ALLOW(block, (n + 2 * GUARD_FLOATS) * sizeof(float)); }

float *xj_check_floats(size_t n) {
  float *block = malloc((n + 2 * GUARD_FLOATS) * sizeof(float));
  if (block == NULL || check.n_buffers == MOST_BUFFERS) xj_check_fail("no guarded buffer of %zu floats", n);
  fill_with_guard(block, n + 2 * GUARD_FLOATS);
  forbid_guards(block, n);
  check.buffers[check.n_buffers].block = block;
  check.buffers[check.n_buffers++].n = n;
  return block + GUARD_FLOATS;
}

void xj_check_guards(const char *what) {
  for (int32_t i = 0; i < check.n_buffers; i++) {
    float *block = check.buffers[i].block;
    const size_t n = check.buffers[i].n;
    allow_guards(block, n);
    for (size_t k = 0; k < GUARD_FLOATS; k++) {
      if (!xj_check_untouched(block + k))
        xj_check_fail("%s: writes %zu bytes before buffer %d of %zu floats", what, (GUARD_FLOATS - k) * 4, i, n);
      if (!xj_check_untouched(block + GUARD_FLOATS + n + k))
        xj_check_fail("%s: writes %zu bytes beyond buffer %d of %zu floats", what, k * 4, i, n);
    }
    forbid_guards(block, n);
  }
}

void xj_check_release(void) {
  while (check.n_buffers > 0) {
    check.n_buffers--;
    allow_guards(check.buffers[check.n_buffers].block, check.buffers[check.n_buffers].n);
    free(check.buffers[check.n_buffers].block);
  }
}

double xj_check_error(float actual, double expected, double bound) {
  if (isnan(expected)) return isnan(actual) ? 0 : INFINITY;
  if (isinf(expected) || !isfinite(actual)) return (double)actual == expected ? 0 : INFINITY;
  const double distance = fabs((double)actual - expected);
  return distance == 0 ? 0 : distance / bound;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double xj_check_seconds(void (*work)(void *), void *context) {
  double best = INFINITY;
  for (int32_t round = 0; round < 20; round++) {
    double start = now(), taken = 0;
    int32_t calls = 0;
    for (; taken < 0.02; calls++) {
      work(context);
      taken = now() - start;
    }
    if (taken / calls < best) best = taken / calls;
  }
  return best;
}

static void run_check(const xj_check *row) {
  check.random = check.seed;
  row->run();
  xj_check_guards(row->name);
  xj_check_release();
  printf("ok %s\n", row->name);
}

/* Runs the checks of that name, all without one; returns how many. */
static int32_t run_checks(const char *name) {
  int32_t n = 0;
  for (size_t t = 0; t < N_TABLES; t++)
    for (const xj_check *row = tables[t]; row->name != NULL; row++)
      if (name == NULL || strcmp(name, row->name) == 0) {
        run_check(row);
        n++;
      }
  return n;
}

static int list(void) {
  for (size_t t = 0; t < N_TABLES; t++)
    for (const xj_check *row = tables[t]; row->name != NULL; row++) printf("%s\t%s\n", row->name, row->title);
  return 0;
}

static int bench(const char *name) {
  for (size_t i = 0; i < N_BENCHES; i++)
    if (strcmp(benches[i].name, name) == 0) {
      benches[i].run();
      xj_check_release();
      return 0;
    }
  printf("no bench %s\n", name);
  return 1;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--list") == 0) return list();
  if (argc > 2 && strcmp(argv[1], "--bench") == 0) return bench(argv[2]);
  int first = 1;
  if (argc > 2 && strcmp(argv[1], "--seed") == 0) {
    check.seed = strtoul(argv[2], NULL, 10);
    first = 3;
  }
  printf("seed %lu, variant %s\n", check.seed, xj_variant());
  if (xj_start(1) != XJ_OK) xj_check_fail("%s", xj_error_text());
  for (int i = first; i < argc; i++)
    if (run_checks(argv[i]) == 0) xj_check_fail("there is no check %s", argv[i]);
  if (first >= argc) run_checks(NULL);
  return 0;
}
