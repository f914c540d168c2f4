/* Folding axes away: which go, how the rest is walked, and what is computed of the elements that meet. */
#ifndef XJ_REDUCTION_H
#define XJ_REDUCTION_H

#include "src/op.h"

/* Columns that are reduced side by side. */
enum { XJ_REDUCED_AT_ONCE = 16 };

/* The state of up to XJ_REDUCED_AT_ONCE results on their way, as their reducer has it. */
typedef union {
  double floats[XJ_REDUCED_AT_ONCE];
  int64_t longs[XJ_REDUCED_AT_ONCE];
  int32_t ints[XJ_REDUCED_AT_ONCE];
} xj_partial;

typedef struct {
  void (*start)(size_t n, xj_partial *partial); /* of the first n results */
  /* Takes n elements in a row into the first result. */
  void (*row)(size_t n, const void *x, xj_partial *partial);
  /* Takes `rows` rows, `stride` elements apart, of n elements into the first n results. */
  void (*columns)(size_t rows, size_t stride, size_t n, const void *x, xj_partial *partial);
  /* Writes the first n results. */
  void (*finish)(size_t n, const xj_partial *partial, double parameter, void *y);
  size_t x_bytes, y_bytes; /* of one element */
} xj_reducer;

/* By dtype where there are two. The parameter of a mean is how many elements meet; that of the last one epsilon. */
extern const xj_reducer xj_sum_float, xj_sum_int, xj_prod_float, xj_prod_int, xj_max_float, xj_max_int, xj_min_float,
    xj_min_int, xj_mean_float, xj_mean_int, xj_all_bool, xj_any_bool;
/* 1 / sqrt(max(sum of squares, epsilon)) */
extern const xj_reducer xj_inverse_norm_float;

/* Axes of x, outermost first. */
typedef struct {
  int32_t n;
  size_t dims[XJ_MAX_RANK], strides[XJ_MAX_RANK];
} xj_nest;

/* x as blocks: `results` of them make results, `folds` meet in each. A block is a row of n elements (n_columns 0), or
 * n_rows rows of n_columns elements. */
typedef struct {
  xj_nest kept, folded;
  size_t results, folds;
  size_t n, n_rows, n_columns;
} xj_reduction;

/* goes[i]: whether axis i goes. `axes` lists them, negative ones from the end, none meaning all; the input of number
 * `input`, where it is present, takes their place, and none means none. */
xj_status xj_reduced_axes(const xj_node_view *node, const xj_list *axes, int32_t input, bool goes[XJ_MAX_RANK]);
void xj_reduction_make(const xj_type *x, const bool goes[XJ_MAX_RANK], xj_reduction *reduction);
/* How many elements meet in each result. */
size_t xj_reduction_count(const xj_reduction *reduction);
void xj_reduce(const xj_reduction *reduction, const xj_reducer *reducer, double parameter, const void *x, void *y,
               pthreadpool_t threads);

#endif
