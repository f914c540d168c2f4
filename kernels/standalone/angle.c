/* Sine and cosine: Math.sin and Math.cos may differ between browsers in their last bits. */
#include "kernels/standalone/image.h"

/* π/2 in three parts: the first two have 33 bits each, so that their products with less than 2^20 quarter turns are
 * exact. */
static const double QUARTER_HIGH = 0x1.921fb544p+0, QUARTER_MIDDLE = 0x1.0b4611a6p-34,
                    QUARTER_LOW = 0x1.3198a2e037073p-69;
static const double QUARTERS = 0x1.45f306dc9c883p-1; /* 2/π */

void xj_sine_cosine(double angle, double *sine, double *cosine) {
  const double turns = __builtin_rint(angle * QUARTERS);
  double x = ((angle - turns * QUARTER_HIGH) - turns * QUARTER_MIDDLE) - turns * QUARTER_LOW;
  if (x > -1e-12 && x < 1e-12) x = 0;
  /* Taylor's series: of |x| ≤ π/4 the first terms left out are below 1e-18. */
  const double x2 = x * x;
  double s = 0, c = 0;
  for (int n = 18; n > 0; n -= 2) {
    s = -x2 / (n * (n + 1)) * (1 + s);
    c = -x2 / (n * (n - 1)) * (1 + c);
  }
  s = x + x * s;
  c = 1 + c;
  const double quadrant = turns - 4 * __builtin_floor(turns * 0.25); /* 0, 1, 2 or 3 */
  const double sines[4] = {s, c, 0 - s, 0 - c}, cosines[4] = {c, 0 - s, 0 - c, s};
  *sine = sines[(int)quadrant & 3];
  *cosine = cosines[(int)quadrant & 3];
}
