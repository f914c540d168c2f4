/* The op fft, in double: what is left of the error is the rounding of the result. A length that has small prime factors
 * only goes by Stockham's passes, one for each factor, without a permutation; another one is a convolution with a
 * chirp, through a power of two (Bluestein, 1970). A complex number is a vector (re, im). */
#include <math.h>

#include "kernels/layer.h"
#include "kernels/simd.h"
#include "src/heap.h"

enum { RE = 0, IM = 1 };
/* Primes above cost more than a chirp. More points than MOST_POINTS do not fit the memory that they take. */
enum { LARGEST_PRIME = 31, MOST_FACTORS = 32, MOST_POINTS = 1 << 24, MOST_SCRATCH_BYTES = 1 << 28 };

typedef struct {
  size_t n, n_factors;
  size_t factors[MOST_FACTORS];
  const v128_t *roots; /* [n]: exp(-2 pi i k / n) */
} transform;

typedef struct {
  size_t rows, n, slots; /* slots: rows computed at once */
  bool inverse;
  transform of;           /* n points, or the power of two */
  const v128_t *chirp;    /* [n]: exp(-pi i k^2 / n); NULL where n has small factors */
  const v128_t *spectrum; /* [of.n]: the transform of the chirp's conjugate, divided by of.n */
  v128_t numbers[];       /* what these point to */
} fft;

typedef struct {
  const fft *fft;
  const float *re, *im; /* [rows,n] */
  float *y_re, *y_im;
  v128_t *scratch; /* [slots,2,of.n] */
} task;

static v128_t turned(v128_t x) { return wasm_i64x2_shuffle(x, x, 1, 0); } /* (im, re) */

static v128_t times(v128_t x, v128_t w) {
  const v128_t crossed = wasm_f64x2_mul(turned(x), wasm_i64x2_shuffle(w, w, 1, 1));
  const v128_t first = wasm_f64x2_mul(x, wasm_i64x2_shuffle(w, w, 0, 0));
  return wasm_f64x2_add(first, wasm_v128_xor(crossed, wasm_f64x2_make(-0.0, 0)));
}

/* exp(-2 pi i k / n) */
static v128_t root_of(uint64_t k, uint64_t n) {
  const double angle = -2 * 3.14159265358979323846 * (double)k / (double)n;
  return wasm_f64x2_make(cos(angle), sin(angle));
}

/* Fours first: they are the cheapest. False where a prime is too large. */
static bool find_factors(size_t n, transform *t) {
  static const size_t fours_first[] = {4, 2};
  t->n = n;
  t->n_factors = 0;
  for (size_t i = 0; i < 2; i++)
    for (; n % fours_first[i] == 0; n /= fours_first[i]) t->factors[t->n_factors++] = fours_first[i];
  for (size_t p = 3; p <= LARGEST_PRIME; p += 2)
    for (; n % p == 0; n /= p) t->factors[t->n_factors++] = p;
  return n == 1;
}

/* A factor p of n = p * m * s points: x [p,m,s] → y [m,p,s], y[j,r] = root(j * r / (p * m)) * sum of x[q,j] * root(q *
 * r / p). */
static void pass(const transform *t, size_t p, size_t m, size_t s, const v128_t *x, v128_t *y) {
  const size_t apart = m * s, step = t->n / p; /* root(1 / p) is roots[step] */
  for (size_t j = 0; j < m; j++)
    for (size_t k = 0; k < s; k++) {
      const v128_t *from = x + j * s + k;
      v128_t *to = y + j * p * s + k;
      for (size_t r = 0; r < p; r++) {
        v128_t sum = from[0];
        for (size_t q = 1, at = 0; q < p; q++) {
          at = at + r < p ? at + r : at + r - p; /* q * r modulo p */
          sum = wasm_f64x2_add(sum, times(from[q * apart], t->roots[at * step]));
        }
        to[r * s] = times(sum, t->roots[j * r * s]);
      }
    }
}

static void pass2(const transform *t, size_t m, size_t s, const v128_t *x, v128_t *y) {
  const size_t apart = m * s;
  for (size_t j = 0; j < m; j++) {
    const v128_t root = t->roots[j * s];
    for (size_t k = 0; k < s; k++) {
      const v128_t a = x[j * s + k], b = x[j * s + k + apart];
      y[2 * j * s + k] = wasm_f64x2_add(a, b);
      y[2 * j * s + k + s] = times(wasm_f64x2_sub(a, b), root);
    }
  }
}

static void pass4(const transform *t, size_t m, size_t s, const v128_t *x, v128_t *y) {
  const size_t apart = m * s;
  const v128_t conjugate = wasm_f64x2_make(0, -0.0);
  for (size_t j = 0; j < m; j++) {
    const v128_t root1 = t->roots[j * s], root2 = t->roots[2 * j * s], root3 = t->roots[3 * j * s];
    for (size_t k = 0; k < s; k++) {
      const v128_t *from = x + j * s + k;
      v128_t *to = y + 4 * j * s + k;
      const v128_t a = wasm_f64x2_add(from[0], from[2 * apart]), b = wasm_f64x2_sub(from[0], from[2 * apart]);
      const v128_t c = wasm_f64x2_add(from[apart], from[3 * apart]);
      /* times -i */
      const v128_t d = wasm_v128_xor(turned(wasm_f64x2_sub(from[apart], from[3 * apart])), conjugate);
      to[0] = wasm_f64x2_add(a, c);
      to[s] = times(wasm_f64x2_add(b, d), root1);
      to[2 * s] = times(wasm_f64x2_sub(a, c), root2);
      to[3 * s] = times(wasm_f64x2_sub(b, d), root3);
    }
  }
}

/* Of the t->n points x; both arrays are written, the result is in the one returned. */
static v128_t *transformed(const transform *t, v128_t *x, v128_t *y) {
  size_t m = t->n, s = 1;
  for (size_t i = 0; i < t->n_factors; i++, s = t->n / m) {
    const size_t p = t->factors[i];
    m /= p;
    if (p == 4)
      pass4(t, m, s, x, y);
    else if (p == 2)
      pass2(t, m, s, x, y);
    else
      pass(t, p, m, s, x, y);
    v128_t *const last = x;
    x = y;
    y = last;
  }
  return x;
}

static void transform_row(const fft *f, const float *re, const float *im, float *y_re, float *y_im, v128_t *scratch) {
  v128_t *x = scratch, *other = scratch + f->of.n;
  const double scale = f->inverse ? 1 / (double)f->n : 1;
  for (size_t i = 0; i < f->n; i++) {
    x[i] = wasm_f64x2_make((double)re[i], (double)im[i]);
    if (f->chirp != NULL) x[i] = times(x[i], f->chirp[i]);
  }
  if (f->chirp != NULL) memset(x + f->n, 0, (f->of.n - f->n) * sizeof *x);
  x = transformed(&f->of, x, other);
  if (f->chirp != NULL) { /* times the spectrum, and back: the inverse with re and im exchanged is the transform */
    other = x == scratch ? scratch + f->of.n : scratch;
    for (size_t i = 0; i < f->of.n; i++) x[i] = turned(times(x[i], f->spectrum[i]));
    x = transformed(&f->of, x, other);
    for (size_t i = 0; i < f->n; i++) x[i] = times(turned(x[i]), f->chirp[i]);
  }
  for (size_t i = 0; i < f->n; i++) {
    y_re[i] = (float)(wasm_f64x2_extract_lane(x[i], 0) * scale);
    y_im[i] = (float)(wasm_f64x2_extract_lane(x[i], 1) * scale);
  }
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *re = &node->inputs[RE], *im = &node->inputs[IM];
  XJ_TRY(xj_float_check(node, RE, "re"));
  XJ_TRY(xj_float_check(node, IM, "im"));
  if (!xj_type_equal(re, im) || re->rank < 1 || re->rank >= XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "re has shape %s and im %s, instead of one of 1 to %d axes", xj_type_text(re),
                   xj_type_text(im), XJ_MAX_RANK - 1);
  if (re->dims[re->rank - 1] > MOST_POINTS)
    return xj_fail(XJ_UNSUPPORTED, "%d points, at most %d are possible", re->dims[re->rank - 1], MOST_POINTS);
  *output = (xj_type){XJ_FLOAT32, re->rank + 1, {2}};
  memcpy(output->dims + 1, re->dims, (size_t)re->rank * sizeof *re->dims);
  return XJ_OK;
}

/* The chirp, and the spectrum of its conjugate, for which `other` is room. */
static void make_chirp(fft *f, v128_t *chirp, v128_t *spectrum, v128_t *other) {
  const size_t m = f->of.n;
  const v128_t scale = wasm_f64x2_splat(1 / (double)m);
  const v128_t conjugate = wasm_f64x2_make(0, -0.0);
  memset(spectrum, 0, m * sizeof *spectrum);
  for (size_t k = 0; k < f->n; k++) {
    chirp[k] = root_of((uint64_t)k * k % (2 * f->n), 2 * f->n);
    spectrum[k] = wasm_f64x2_mul(wasm_v128_xor(chirp[k], conjugate), scale);
    if (k > 0) spectrum[m - k] = spectrum[k];
  }
  const v128_t *made = transformed(&f->of, spectrum, other);
  if (made != spectrum) memcpy(spectrum, made, m * sizeof *spectrum);
  f->chirp = chirp;
  f->spectrum = spectrum;
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[RE];
  const size_t n = (size_t)x->dims[x->rank - 1];
  transform of = {0};
  const bool is_direct = find_factors(n, &of);
  size_t points = n;
  if (!is_direct) {
    for (points = 1; points < 2 * n - 1; points *= 2) continue;
    find_factors(points, &of);
  }
  const size_t numbers = is_direct ? points : 2 * points + n;
  fft *f = prepare->state = xj_alloc_zeroed(sizeof *f + numbers * sizeof(v128_t), XJ_HEAP_GENERAL);
  if (f == NULL) return XJ_OUT_OF_MEMORY;
  v128_t *roots = f->numbers;
  f->rows = xj_type_span(x, 0, x->rank - 1);
  f->n = n;
  f->inverse = ((const xj_fft_attributes *)node->attributes)->inverse != 0;
  f->of = of;
  f->of.roots = roots;
  for (size_t k = 0; k < points; k++) roots[k] = root_of(k, points);
  const size_t slot_bytes = 2 * points * sizeof(v128_t);
  f->slots = f->rows < prepare->n_threads ? f->rows : prepare->n_threads;
  if (f->slots > 1 && slot_bytes > MOST_SCRATCH_BYTES / f->slots) f->slots = 1;
  prepare->scratch_bytes = f->slots * slot_bytes;
  if (is_direct) return XJ_OK;
  v128_t *room = xj_alloc(points * sizeof *room, XJ_HEAP_GENERAL);
  if (room == NULL) return XJ_OUT_OF_MEMORY;
  make_chirp(f, roots + 2 * points, roots + points, room);
  xj_free(room);
  return XJ_OK;
}

static void transform_rows(task *t, size_t slot) {
  const fft *f = t->fft;
  for (size_t row = slot; row < f->rows; row += f->slots) {
    const size_t at = row * f->n;
    transform_row(f, t->re + at, t->im + at, t->y_re + at, t->y_im + at, t->scratch + slot * 2 * f->of.n);
  }
}

static xj_status run(void *state, const xj_run *run) {
  const fft *f = state;
  float *y = run->output;
  task t = {f, run->inputs[RE], run->inputs[IM], y, y + f->rows * f->n, run->scratch};
  if (f->inverse) /* with re and im exchanged, before and after, it is the transform */
    t = (task){f, t.im, t.re, t.y_im, t.y_re, t.scratch};
  pthreadpool_parallelize_1d(run->threads, (pthreadpool_task_1d_t)transform_rows, &t, f->slots, 0);
  return XJ_OK;
}

/* 5 n log2 n, of Bluestein's four times as many */
static double flops(const xj_node_view *node) {
  const xj_type *x = &node->inputs[RE];
  double stages = 1;
  for (size_t n = (size_t)x->dims[x->rank - 1]; n > 1; n /= 2) stages++;
  transform of;
  const bool is_direct = x->dims[x->rank - 1] == 0 || find_factors((size_t)x->dims[x->rank - 1], &of);
  return (is_direct ? 5 : 20) * stages * (double)xj_type_elements(x);
}

const xj_kernel xj_fft_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
