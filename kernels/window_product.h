/* Convolutions as products whose rows are read where they lie: a line of the window is one stretch of x, [KW,C]. Images
 * that need padding are copied strip by strip into scratch, where the padding is. */
#ifndef XJ_WINDOW_PRODUCT_H
#define XJ_WINDOW_PRODUCT_H

#include "kernels/product.h"
#include "kernels/window.h"

typedef struct {
  xj_product product;
  xj_window window;
  size_t batch, channels;
  size_t line;          /* floats of a line of x, padding included */
  size_t rows_per_task; /* of the output */
  size_t strip_floats;  /* of a task; 0 where x needs no padding */
} xj_window_product;

/* Whether a convolution of one group is possible, and expected to be faster than by pointers. */
bool xj_window_product_fits(const xj_window *window, size_t channels);
/* Completes `t`, whose product, window, batch and channels are set; returns bytes of scratch. */
size_t xj_window_product_plan(xj_window_product *t, size_t n_threads);
void xj_window_product_run(const xj_window_product *t, const xj_run *run);

#endif
