/* Attributes are float32 where TensorFlow.js compares with doubles: what a float32 was before it was rounded. */
#ifndef XJ_DECIMAL_H
#define XJ_DECIMAL_H

#include <math.h>

/* The double nearest to the number of at most nine decimals that rounds to x, of the fewest decimals; x where there is
 * none. 0.3f is 0.3. */
static inline double xj_decimal(float x) {
  double power = 1;
  for (int decimals = 0; decimals <= 9; decimals++, power *= 10) {
    const double y = round((double)x * power) / power;
    if ((float)y == x) return y;
  }
  return (double)x;
}

#endif
