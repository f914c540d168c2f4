/* The op qd_conv2d: conv2d of one group with int8 weights. */
#include "kernels/conv2d.h"
#include "kernels/qd_product.h"
#include "src/heap.h"

_Static_assert(sizeof(xj_qd_conv2d_attributes) == sizeof(xj_conv2d_attributes), "a pass makes one of the other");

static xj_qd8_shape shape_of(const xj_node_view *node) {
  const xj_pack_shape shape = xj_conv2d_pack_shape(node);
  return (xj_qd8_shape){shape.taps * shape.in, shape.out};
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_ops[XJ_OP_conv2d].kernel->infer(node, output));
  const xj_pack_shape pack = xj_conv2d_pack_shape(node);
  if (pack.groups != 1) return xj_fail(XJ_UNSUPPORTED, "%zu groups, with int8 weights one is supported", pack.groups);
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
    xj_pack_qd8_weight(&shape, xj_conv2d_is_out_first(node), weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  const xj_qd8_shape shape = shape_of(node);
  xj_pack_qd8_scale(&shape, scale, packed);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  xj_qd_product *product = prepare->state = xj_alloc(sizeof *product, XJ_HEAP_GENERAL);
  if (product == NULL) return XJ_OUT_OF_MEMORY;
  const xj_conv2d_attributes *attributes = node->attributes;
  *product = xj_qd_product_make(node, (const xj_activation *)&attributes->activation, shape_of(node), prepare->packed);
  xj_window window;
  XJ_TRY(xj_conv2d_window(node, &window));
  const xj_axis *h = &window.h, *w = &window.w;
  product->has_window =
      h->kernel * w->kernel > 1 || h->stride > 1 || w->stride > 1 || h->pad + h->pad_end + w->pad + w->pad_end > 0;
  product->window = window;
  product->channels = (size_t)node->inputs[XJ_X].dims[3];
  prepare->scratch_bytes = xj_qd_product_plan(product, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *product, const xj_run *run) {
  xj_qd_product_run(product, run);
  return XJ_OK;
}

static double flops(const xj_node_view *node) { return xj_ops[XJ_OP_conv2d].kernel->flops(node); }

const xj_kernel xj_qd_conv2d_kernel = {.infer = infer,
                                       .packed_bytes = packed_bytes,
                                       .pack = pack,
                                       .scale = scale,
                                       .prepare = prepare,
                                       .run = run,
                                       .flops = flops};
