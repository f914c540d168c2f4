/* The elementwise ops of one operand with exponentials, logarithms and angles. Those that models are full of are ours,
 * four at a time; of the others the C library's functions, one by one. */
#include <math.h>

#include "kernels/erf_f32.h"
#include "kernels/log_f32.h"
#include "kernels/trig_f32.h"
#include "kernels/unary.h"

XJ_UNARY(exp, XJ_LONG, xj_exp4(x))
XJ_UNARY(sigmoid, XJ_LONG, xj_sigmoid4_flushed(x))
XJ_UNARY(tanh, XJ_LONG, xj_tanh4(x))
XJ_UNARY(elu, XJ_LONG,
         wasm_v128_bitselect(wasm_f32x4_mul(p, xj_expm1_4_nonpositive(x)), x, wasm_f32x4_lt(x, XJ_SPLAT(0))))
#define SELU_SCALE XJ_SPLAT(1.0507009873554805f)
#define SELU_SCALE_ALPHA XJ_SPLAT(1.7580993408473769f)
XJ_UNARY(selu, XJ_SHORT, /* which is smaller: few models have it */
         wasm_v128_bitselect(wasm_f32x4_mul(SELU_SCALE_ALPHA, xj_expm1_4_nonpositive(x)), wasm_f32x4_mul(SELU_SCALE, x),
                             wasm_f32x4_lt(x, XJ_SPLAT(0))))
XJ_UNARY(expm1, XJ_LONG, wasm_v128_bitselect(x, xj_expm1_4(x), wasm_f32x4_eq(x, XJ_SPLAT(0)))) /* -0 stays */
XJ_UNARY(silu, XJ_LONG, wasm_f32x4_mul(x, xj_sigmoid4(x)))
XJ_UNARY(mish, XJ_LONG, xj_mish4(x))
XJ_UNARY(erf, XJ_LONG, xj_erf4(x))
XJ_UNARY(log, XJ_LONG, xj_log4(x))
XJ_UNARY(log1p, XJ_LONG, xj_log1p4(x))
XJ_UNARY(softplus, XJ_LONG, xj_softplus4(x))

XJ_UNARY_STRETCH(gelu_exact, XJ_LONG, xj_gelu4(x))
XJ_UNARY_STRETCH(gelu_tanh, XJ_LONG, xj_gelu_tanh4(x))

static void gelu_stretch(float p, float q, size_t n, const float *x, float *y) {
  int32_t approximate;
  memcpy(&approximate, &p, sizeof p);
  (approximate != 0 ? gelu_tanh_stretch : gelu_exact_stretch)(p, q, n, x, y);
}

XJ_UNARY_KERNEL(gelu, xj_unary_infer, gelu_stretch, NULL)

typedef float unary1(float x);

XJ_UNARY_INLINE void each(size_t n, const float *x, float *y, unary1 *f) {
  for (size_t i = 0; i < n; i++) y[i] = f(x[i]);
}

/* Angles of which one is huge are left to the C library, which multiplies them by as many digits of 2 / pi as it takes.
 */
XJ_UNARY_INLINE v128_t angles(v128_t x, v128_t y, unary1 *f) {
  if (xj_trig4_reaches(x)) return y;
  float of[4];
  wasm_v128_store(of, x);
  each(4, of, of, f);
  return wasm_v128_load(of);
}

XJ_UNARY(sin, XJ_LONG, angles(x, xj_sin4(x), sinf))
XJ_UNARY(cos, XJ_LONG, angles(x, xj_cos4(x), cosf))
XJ_UNARY(tan, XJ_LONG, angles(x, xj_tan4(x), tanf))

#define UNARY_OF_C(op)                                                                                                 \
  static void op##_stretch(float p, float q, size_t n, const float *x, float *y) {                                     \
    (void)p, (void)q;                                                                                                  \
    each(n, x, y, op##f);                                                                                              \
  }                                                                                                                    \
  XJ_UNARY_KERNEL(op, xj_unary_infer, op##_stretch, NULL)

UNARY_OF_C(asin)
UNARY_OF_C(acos)
UNARY_OF_C(atan)
UNARY_OF_C(sinh)
UNARY_OF_C(cosh)
UNARY_OF_C(asinh)
UNARY_OF_C(acosh)
UNARY_OF_C(atanh)
