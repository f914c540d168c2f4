/* The layers with int8 weights: qd_dense, and qd_conv2d of one group. */
#include "kernels/conv2d.h"
#include "kernels/qd_product.h"
#include "src/heap.h"

_Static_assert(sizeof(xj_qd_dense_attributes) == sizeof(xj_dense_attributes), "a pass makes one of the other");
_Static_assert(sizeof(xj_qd_conv2d_attributes) == sizeof(xj_conv2d_attributes), "a pass makes one of the other");

/* ---- What they differ in ---- */

static bool is_conv2d(const xj_node_view *node) { return node->op == XJ_OP_qd_conv2d; }
static const xj_dense_attributes *dense_attributes(const xj_node_view *node) { return node->attributes; }
static const xj_conv2d_attributes *conv2d_attributes(const xj_node_view *node) { return node->attributes; }

/* The same layer with float32 weights. */
static const xj_kernel *plain_of(const xj_node_view *node) {
  return xj_ops[is_conv2d(node) ? XJ_OP_conv2d : XJ_OP_dense].kernel;
}

static bool is_out_first(const xj_node_view *node) {
  return is_conv2d(node) ? xj_conv2d_is_out_first(node) : dense_attributes(node)->transpose_b != 0;
}

static xj_qd8_shape shape_of(const xj_node_view *node) {
  if (is_conv2d(node)) {
    const xj_pack_shape shape = xj_conv2d_pack_shape(node);
    return (xj_qd8_shape){shape.taps * shape.in, shape.out};
  }
  const int32_t *w = node->inputs[XJ_WEIGHT].dims;
  const bool transposed = is_out_first(node);
  return (xj_qd8_shape){(size_t)w[transposed], (size_t)w[!transposed]};
}

static const xj_activation *activation_of(const xj_node_view *node) {
  return (const xj_activation *)(is_conv2d(node) ? &conv2d_attributes(node)->activation
                                                 : &dense_attributes(node)->activation);
}

static xj_status add_window(const xj_node_view *node, xj_qd_product *product) {
  xj_window window;
  XJ_TRY(xj_conv2d_window(node, &window));
  const xj_axis *h = &window.h, *w = &window.w;
  product->has_window =
      h->kernel * w->kernel > 1 || h->stride > 1 || w->stride > 1 || h->pad + h->pad_end + w->pad + w->pad_end > 0;
  product->window = window;
  product->channels = (size_t)node->inputs[XJ_X].dims[3];
  return XJ_OK;
}

/* ---- What they share ---- */

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(plain_of(node)->infer(node, output));
  const size_t groups = is_conv2d(node) ? xj_conv2d_pack_shape(node).groups : 1;
  if (groups != 1) return xj_fail(XJ_UNSUPPORTED, "%zu groups, with int8 weights one is supported", groups);
  const xj_qd8_shape shape = shape_of(node);
  return xj_pack_qd8_check(&shape);
}

static size_t packed_bytes(const xj_node_view *node) {
  const xj_qd8_shape shape = shape_of(node);
  return xj_pack_qd8_bytes(&shape);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  const xj_qd8_shape shape = shape_of(node);
  if (input == XJ_BIAS)
    xj_pack_qd8_bias(&shape, weight, packed);
  else
    xj_pack_qd8_weight(&shape, is_out_first(node), weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  const xj_qd8_shape shape = shape_of(node);
  xj_pack_qd8_scale(&shape, scale, packed);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  xj_qd_product *product = prepare->state = xj_alloc(sizeof *product, XJ_HEAP_GENERAL);
  if (product == NULL) return XJ_OUT_OF_MEMORY;
  *product = xj_qd_product_make(node, activation_of(node), shape_of(node), prepare->packed);
  if (is_conv2d(node)) XJ_TRY(add_window(node, product));
  prepare->scratch_bytes = xj_qd_product_plan(product, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *product, const xj_run *run) {
  xj_qd_product_run(product, run);
  return XJ_OK;
}

static double flops(const xj_node_view *node) { return plain_of(node)->flops(node); }

#define ROWS                                                                                                           \
  {.infer = infer,                                                                                                     \
   .packed_bytes = packed_bytes,                                                                                       \
   .pack = pack,                                                                                                       \
   .scale = scale,                                                                                                     \
   .prepare = prepare,                                                                                                 \
   .run = run,                                                                                                         \
   .flops = flops}

const xj_kernel xj_qd_dense_kernel = ROWS;
const xj_kernel xj_qd_conv2d_kernel = ROWS;
