/* What this machine can do at most in WebAssembly, for bench:kernels to be measured against: loops as tight as compiled
 * code gets, which do nothing else. */
#include <math.h>

#include "kernels/simd.h"
#include "tests/kernels/check.h"

enum { NR = 8, DEPTH = 512, MOST_ROWS = 6, CHAINS = 12, REPEATS = 64 };

/* c [rows, NR] = a [rows, DEPTH] · b [DEPTH, NR], all in the first-level cache: the inner loop of a matrix product,
 * without packing, edges and bias. `rows` is a constant wherever this is inlined, so that the sums are in registers. */
static inline void tile(size_t rows, const float *restrict a, const float *restrict b, float *restrict c) {
  v128_t left[MOST_ROWS], right[MOST_ROWS];
#pragma GCC unroll 6
  for (size_t i = 0; i < rows; i++) left[i] = right[i] = wasm_f32x4_const_splat(0);
  for (size_t k = 0; k < DEPTH; k++, b += NR) {
    const v128_t b0 = wasm_v128_load(b), b1 = wasm_v128_load(b + 4);
#pragma GCC unroll 6
    for (size_t i = 0; i < rows; i++) {
      const v128_t factor = wasm_v128_load32_splat(a + i * DEPTH + k);
      left[i] = XJ_MADD(factor, b0, left[i]);
      right[i] = XJ_MADD(factor, b1, right[i]);
    }
  }
#pragma GCC unroll 6
  for (size_t i = 0; i < rows; i++) {
    wasm_v128_store(c + i * NR, left[i]);
    wasm_v128_store(c + i * NR + 4, right[i]);
  }
}

typedef struct {
  float *a, *b, *c;
  size_t floats; /* of a, where it is copied */
} work;

static void tile_4x8(void *context) {
  const work *w = context;
  for (int32_t i = 0; i < REPEATS; i++) tile(4, w->a, w->b, w->c);
}

static void tile_5x8(void *context) {
  const work *w = context;
  for (int32_t i = 0; i < REPEATS; i++) tile(5, w->a, w->b, w->c);
}

static void tile_6x8(void *context) {
  const work *w = context;
  for (int32_t i = 0; i < REPEATS; i++) tile(6, w->a, w->b, w->c);
}

/* Independent chains of multiply and add that load nothing: what the arithmetic units give. */
static void registers(void *context) {
  const work *w = context;
  const v128_t factor = wasm_v128_load(w->a), term = wasm_v128_load(w->b);
  v128_t x[CHAINS];
#pragma GCC unroll 12
  for (int32_t i = 0; i < CHAINS; i++) x[i] = term;
  for (int32_t k = 0; k < REPEATS * DEPTH; k++) {
#pragma GCC unroll 12
    for (int32_t i = 0; i < CHAINS; i++) x[i] = XJ_MADD(x[i], factor, term);
  }
  v128_t sum = x[0];
#pragma GCC unroll 12
  for (int32_t i = 1; i < CHAINS; i++) sum = wasm_f32x4_add(sum, x[i]);
  wasm_v128_store(w->c, sum);
}

/* Reads w->floats and writes as many. */
static void copy(void *context) {
  const work *w = context;
  const float *from = w->a;
  float *to = w->b;
  for (size_t n = w->floats; n > 0; n -= 16, from += 16, to += 16) {
#pragma GCC unroll 4
    for (size_t i = 0; i < 16; i += 4) wasm_v128_store(to + i, wasm_v128_load(from + i));
  }
}

/* A loop that computes something else would be no measure. */
static void check_tile(const char *name, size_t rows, const work *w) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < NR; j++) {
      double sum = 0, magnitude = 0;
      for (size_t k = 0; k < DEPTH; k++) {
        const double term = (double)w->a[i * DEPTH + k] * (double)w->b[k * NR + j];
        sum += term;
        magnitude += fabs(term);
      }
      const double error = xj_check_error(w->c[i * NR + j], sum, (double)(DEPTH + 1) * 0x1p-24 * magnitude);
      if (!(error <= 1)) xj_check_fail("peak, %s: c[%zu][%zu] is off by %.3g bounds", name, i, j, error);
    }
}

/* Each line: what, and 1e9 a second. */
void xj_bench_peak(void) {
  static const struct {
    const char *name;
    void (*run)(void *);
    size_t rows;
  } tiles[] = {{"tile 4x8", tile_4x8, 4}, {"tile 5x8", tile_5x8, 5}, {"tile 6x8", tile_6x8, 6}};
  work w = {
      .a = xj_check_floats(MOST_ROWS * DEPTH), .b = xj_check_floats(DEPTH * NR), .c = xj_check_floats(MOST_ROWS * NR)};
  xj_check_fill(w.a, MOST_ROWS * DEPTH, false);
  xj_check_fill(w.b, DEPTH * NR, false);
  for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
    const double flops = 2 * (double)(REPEATS * DEPTH * NR * tiles[i].rows);
    const double seconds = xj_check_seconds(tiles[i].run, &w);
    check_tile(tiles[i].name, tiles[i].rows, &w);
    xj_check_note("peak %s: %.2f GFLOP/s", tiles[i].name, flops / seconds * 1e-9);
  }
  xj_check_note("peak registers: %.2f GFLOP/s",
                2 * (double)(REPEATS * DEPTH * CHAINS * 4) / xj_check_seconds(registers, &w) * 1e-9);
  xj_check_release();
  /* Of a size that feature maps have: the second-level cache, and beyond it. */
  static const size_t kilobytes[] = {256, 4096};
  for (size_t i = 0; i < sizeof kilobytes / sizeof *kilobytes; i++) {
    const size_t floats = kilobytes[i] * 1024 / 2 / sizeof(float);
    w = (work){.a = xj_check_floats(floats), .b = xj_check_floats(floats), .floats = floats};
    xj_check_fill(w.a, floats, false);
    xj_check_note("peak copy %zu kB: %.2f GB/s", kilobytes[i],
                  2.0 * sizeof(float) * (double)floats / xj_check_seconds(copy, &w) * 1e-9);
    xj_check_release();
  }
}
