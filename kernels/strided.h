/* Results whose every element lies somewhere in x, at a distance that is constant along each axis: transposed,
 * reversed, repeated, cut out. One engine copies them all, by rows where x has rows, by 4 × 4 tiles where it is
 * transposed. */
#ifndef XJ_STRIDED_H
#define XJ_STRIDED_H

#include "src/op.h"

enum { XJ_STRIDED_AXES = 2 * XJ_MAX_RANK };

/* y[i, j, …] = x[offset + i * strides[0] + j * strides[1] + …]; everything in elements of x. */
typedef struct {
  int32_t rank;
  size_t dims[XJ_STRIDED_AXES];
  ptrdiff_t strides[XJ_STRIDED_AXES];
  ptrdiff_t offset;
} xj_strided;

/* The strides of x as it lies. */
void xj_strides_of(const xj_type *x, ptrdiff_t strides[XJ_MAX_RANK]);
/* One axis more, inside of those there are. */
void xj_strided_add(xj_strided *view, size_t dim, ptrdiff_t stride);
/* What kernels whose result is such a view do in prepare and run; there is at least one element. */
xj_status xj_strided_prepare(const xj_strided *view, size_t element_bytes, xj_prepare *prepare);
xj_status xj_strided_run(void *state, const xj_run *run);

#endif
