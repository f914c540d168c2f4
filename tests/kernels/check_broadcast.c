/* broadcast.h against NumPy's rule, element by element. */
#include "kernels/broadcast.h"

#include "tests/kernels/check.h"

static xj_type choose(int32_t most_rank, int32_t most_dim) {
  xj_type type = {.dtype = XJ_FLOAT32, .rank = xj_check_between(0, most_rank)};
  for (int32_t i = 0; i < type.rank; i++) type.dims[i] = xj_check_between(1, most_dim);
  return type;
}

/* A shape that broadcasts to `output`: some leading axes gone, some dimensions 1. */
static xj_type narrowed(const xj_type *output) {
  xj_type type = {.dtype = XJ_FLOAT32, .rank = xj_check_between(0, output->rank)};
  for (int32_t i = 0; i < type.rank; i++)
    type.dims[i] = xj_check_random(3) == 0 ? 1 : output->dims[output->rank - type.rank + i];
  return type;
}

static int32_t dim_from_end(const xj_type *type, int32_t i) { return i <= type->rank ? type->dims[type->rank - i] : 1; }

static void shape(void) {
  int32_t n_fit = 0;
  for (int32_t round = 0; round < 20000; round++) {
    const xj_type a = choose(4, 3), b = xj_check_random(2) ? choose(4, 3) : narrowed(&a);
    const int32_t rank = a.rank > b.rank ? a.rank : b.rank;
    bool fits = true;
    for (int32_t i = 1; i <= rank; i++) {
      const int32_t x = dim_from_end(&a, i), y = dim_from_end(&b, i);
      fits &= x == y || x == 1 || y == 1;
    }
    xj_type output = {0};
    const xj_status status = xj_broadcast(&a, &b, &output);
    if (status != (fits ? XJ_OK : XJ_BAD_SHAPE))
      xj_check_fail("broadcast of %s and %s: status %d", xj_type_text(&a), xj_type_text(&b), status);
    if (!fits) continue;
    n_fit++;
    if (output.rank != rank)
      xj_check_fail("broadcast of %s and %s: rank %d", xj_type_text(&a), xj_type_text(&b), output.rank);
    for (int32_t i = 1; i <= rank; i++) {
      const int32_t x = dim_from_end(&a, i), y = dim_from_end(&b, i);
      if (dim_from_end(&output, i) != (x > y ? x : y))
        xj_check_fail("broadcast of %s and %s is %s", xj_type_text(&a), xj_type_text(&b), xj_type_text(&output));
    }
  }
  if (n_fit < 5000) xj_check_fail("only %d of 20000 pairs broadcast", n_fit);
  /* an axis without elements wins over 1: NumPy */
  const xj_type none = {XJ_FLOAT32, 2, {0, 3}}, one = {XJ_FLOAT32, 2, {1, 3}};
  xj_type output = {0};
  if (xj_broadcast(&none, &one, &output) != XJ_OK || output.dims[0] != 0) xj_check_fail("[0,3] and [1,3] is not [0,3]");
}

/* Offset in `type` of element `index` of the output. */
static size_t expected_offset(const xj_type *output, const xj_type *type, size_t index) {
  size_t offset = 0, step = 1;
  for (int32_t i = 1; i <= output->rank; i++) {
    const size_t at = index % (size_t)output->dims[output->rank - i];
    index /= (size_t)output->dims[output->rank - i];
    const int32_t dim = dim_from_end(type, i);
    if (dim != 1) offset += at * step;
    step *= (size_t)dim;
  }
  return offset;
}

static void walk(void) {
  for (int32_t round = 0; round < 20000; round++) {
    const xj_type output = choose(round % 8 == 0 ? XJ_MAX_RANK : 5, round % 8 == 0 ? 2 : 4);
    xj_type types[XJ_OPERANDS];
    const xj_type *operands[XJ_OPERANDS];
    for (int32_t k = 0; k < XJ_OPERANDS; k++) {
      types[k] = xj_check_random(3) == 0 ? output : narrowed(&output);
      operands[k] = k == 2 && xj_check_random(2) ? NULL : &types[k];
    }
    xj_walk w;
    xj_walk_make(&output, operands, &w);
    const size_t n = xj_type_elements(&output);
    if (w.rows * w.n != n) xj_check_fail("walk of %s: %zu rows of %zu", xj_type_text(&output), w.rows, w.n);
    for (int32_t k = 0; k < XJ_OPERANDS; k++) {
      if (operands[k] == NULL) continue;
      for (size_t i = 0; i < n; i++) {
        const size_t offset = xj_walk_offset(&w, k, i / w.n) + i % w.n * w.inner[k];
        const size_t expected = expected_offset(&output, operands[k], i);
        if (offset != expected || w.inner[k] > 1)
          xj_check_fail("walk of %s over %s: element %zu at %zu, expected %zu", xj_type_text(&output),
                        xj_type_text(operands[k]), i, offset, expected);
      }
    }
  }
}

/* Same shapes are one row: what makes the common case fast. */
static void walk_joins(void) {
  const xj_type x = {XJ_FLOAT32, 4, {2, 3, 4, 5}}, channels = {XJ_FLOAT32, 1, {5}};
  xj_walk w;
  xj_walk_make(&x, (const xj_type *[XJ_OPERANDS]){&x, &x}, &w);
  if (w.rows != 1 || w.n != 120) xj_check_fail("equal shapes: %zu rows of %zu", w.rows, w.n);
  xj_walk_make(&x, (const xj_type *[XJ_OPERANDS]){&x, &channels}, &w);
  if (w.rows != 24 || w.n != 5) xj_check_fail("one value for each channel: %zu rows of %zu", w.rows, w.n);
}

const xj_check xj_checks_broadcast[] = {
    {"broadcast", "broadcast: shapes go together by NumPy's rule and no others", shape},
    {"walk", "broadcast walk: reads the element that NumPy's rule says, up to rank 8", walk},
    {"walk_joins", "broadcast walk: joins the axes that it can", walk_joins},
    {NULL, NULL, NULL}};
