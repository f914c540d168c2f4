/* y = a · b in float32, for operands of any strides: what is not laid out as the micro-kernels want it is packed. */
#ifndef XJ_MATMUL_F32_H
#define XJ_MATMUL_F32_H

#include <stdbool.h>
#include <stddef.h>

/* y [m,n] = a [m,k] · b [k,n]; element (i, j) stands at i * its first stride + j * its second, in floats. */
typedef struct {
  size_t m, n, k;
  size_t a_m, a_k, b_k, b_n, y_m, y_n;
  bool in_place; /* set by xj_matmul_plan: few rows, b is read where it is */
} xj_matmul;

/* Decides how to multiply. Returns whether to see the product from the other side, y' = b' · a': then a and b change
 * places. Parts of a product, fewer rows or columns, are computed as the whole is: to the same bits. */
bool xj_matmul_plan(xj_matmul *shape);
/* So many columns of b, a multiple of 8, fit the cache when packed. */
size_t xj_matmul_columns(size_t k);
/* What xj_matmul_f32 wants, for any number of rows. */
size_t xj_matmul_scratch_floats(const xj_matmul *shape);
/* b [k,n] as pack_f32.h lays out weights, with biases of 0: (k + 1) * n floats, n rounded up to a multiple of 8. */
void xj_matmul_pack(const xj_matmul *shape, const float *b, float *packed);
void xj_matmul_f32(const xj_matmul *shape, const float *a, const float *b, float *y, float *scratch);

#endif
