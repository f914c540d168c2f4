/* Rows of a softmax: the largest element, exponentials and their sum. Functions of their own: V8 keeps the numbers of
 * exp in registers only where the loop is all that a function has. */
#ifndef XJ_SOFTMAX_ROWS_H
#define XJ_SOFTMAX_ROWS_H

#include <stddef.h>

/* NaN is passed over: its exponential makes the whole row NaN. -infinity of nothing. */
float xj_row_max(size_t n, const float *x);
/* x = x * factor + term, and the largest of it; each element has a factor or term of its own (step 1), or all have one
 * (step 0). */
float xj_row_add_max(size_t n, float *x, const float *term, size_t step);
float xj_row_mul_add_max(size_t n, float *x, const float *factor, size_t factor_step, const float *term, size_t step);
/* y = exp(x - max), and its sum; y may be x. An element counts as in any longer row whose rest has -infinity: to the
 * same bits. */
double xj_row_exponentials(size_t n, const float *x, float max, float *y);
/* The sum alone. */
double xj_row_sum(size_t n, const float *x, float max);
/* x = x * by */
void xj_row_scale(size_t n, float by, float *x);

#endif
