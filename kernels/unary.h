/* What the elementwise ops of one operand share, and how others get at their functions. */
#ifndef XJ_UNARY_H
#define XJ_UNARY_H

#include "kernels/simd.h"
#include "src/op.h"

/* y[i] = f(x[i]) for i < n; y may be x. p and q are the op's one or two attributes. */
typedef void xj_stretch_fn(float p, float q, size_t n, const float *x, float *y);
typedef void xj_int_stretch_fn(float p, float q, size_t n, const int32_t *x, int32_t *y);

/* The function of an op from float32 to float32, or NULL where `op` is none. */
static inline xj_stretch_fn *xj_unary_stretch(int32_t op) { return xj_ops[op].kernel->stretch; }

/* float32; float32 or int32. The output has x's type. */
xj_status xj_unary_infer(const xj_node_view *node, xj_type *output);
xj_status xj_number_infer(const xj_node_view *node, xj_type *output);
xj_status xj_unary_prepare(const xj_node_view *node, xj_prepare *prepare, xj_stretch_fn *floats,
                           xj_int_stretch_fn *ints);
xj_status xj_unary_run(void *state, const xj_run *run);

#define XJ_UNARY_INLINE static inline __attribute__((always_inline))

typedef v128_t xj_unary4(v128_t x, v128_t p, v128_t q);

/* A long computation waits for each of its steps, and four side by side wait only once. */
enum { XJ_SHORT = 1, XJ_LONG = 4 };

XJ_UNARY_INLINE void xj_each4(float p1, float q1, size_t n, const float *x, float *y, xj_unary4 *f, size_t at_once) {
  const v128_t p = wasm_f32x4_splat(p1), q = wasm_f32x4_splat(q1);
  for (; at_once == XJ_LONG && n >= 16; n -= 16, x += 16, y += 16) {
    v128_t v[4];
    for (size_t k = 0; k < 4; k++) v[k] = f(wasm_v128_load(x + 4 * k), p, q);
    for (size_t k = 0; k < 4; k++) wasm_v128_store(y + 4 * k, v[k]);
  }
  for (; n >= 4; n -= 4, x += 4, y += 4) wasm_v128_store(y, f(wasm_v128_load(x), p, q));
  if (n > 0) xj_store_tail4(y, n, f(xj_load_tail4(x, n), p, q));
}

/* A kernel of functions of this file's form. */
#define XJ_UNARY_KERNEL(op, infer_, floats, ints)                                                                      \
  static xj_status op##_prepare(const xj_node_view *node, xj_prepare *prepare) {                                       \
    return xj_unary_prepare(node, prepare, floats, ints);                                                              \
  }                                                                                                                    \
  const xj_kernel xj_##op##_kernel = {.infer = infer_, .prepare = op##_prepare, .run = xj_unary_run, .stretch = floats};

/* A function of float32: `vector` is f of the vector x, and of the numbers p and q. */
#define XJ_UNARY_STRETCH(op, at_once, vector)                                                                          \
  XJ_UNARY_INLINE v128_t op##_4(v128_t x, v128_t p, v128_t q) {                                                        \
    (void)p, (void)q;                                                                                                  \
    return vector;                                                                                                     \
  }                                                                                                                    \
  static void op##_stretch(float p, float q, size_t n, const float *x, float *y) {                                     \
    xj_each4(p, q, n, x, y, op##_4, at_once);                                                                          \
  }

/* An op of float32. */
#define XJ_UNARY(op, at_once, vector)                                                                                  \
  XJ_UNARY_STRETCH(op, at_once, vector)                                                                                \
  XJ_UNARY_KERNEL(op, xj_unary_infer, op##_stretch, NULL)

#endif
