/* The op dense: x […,K], w [K,N] or [N,K]. */
#include "kernels/layer.h"
#include "kernels/pack_f32.h"
#include "kernels/product.h"
#include "src/heap.h"

static const xj_dense_attributes *attributes_of(const xj_node_view *node) { return node->attributes; }

static const xj_activation *activation_of(const xj_node_view *node) {
  return (const xj_activation *)&attributes_of(node)->activation;
}

static xj_pack_shape pack_shape_of(const xj_node_view *node) {
  const int32_t *w = node->inputs[XJ_WEIGHT].dims;
  bool transposed = attributes_of(node)->transpose_b != 0;
  return (xj_pack_shape){1, 1, (size_t)w[transposed], (size_t)w[!transposed]};
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *w = &node->inputs[XJ_WEIGHT];
  if (x->rank < 1) return xj_fail(XJ_BAD_SHAPE, "x has no dimension");
  if (w->rank != 2) return xj_fail(XJ_BAD_SHAPE, "w has shape %s instead of [K,N]", xj_type_text(w));
  xj_pack_shape shape = pack_shape_of(node);
  if ((size_t)x->dims[x->rank - 1] != shape.in || shape.in < 1 || shape.out < 1)
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s, w has %zu rows and %zu columns", xj_type_text(x), shape.in,
                   shape.out);
  XJ_TRY(xj_layer_check(node, activation_of(node), (int32_t)shape.out));
  XJ_TRY(xj_pack_f32_check(&shape));
  *output = *x;
  output->dims[x->rank - 1] = (int32_t)shape.out;
  return xj_layer_check_residual(node, output);
}

static size_t packed_bytes(const xj_node_view *node) {
  xj_pack_shape shape = pack_shape_of(node);
  return xj_pack_f32_bytes(&shape);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  xj_pack_shape shape = pack_shape_of(node);
  if (input == XJ_BIAS)
    xj_pack_f32_bias(&shape, weight, packed);
  else
    xj_pack_f32_weight(&shape, attributes_of(node)->transpose_b != 0, weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  xj_pack_shape shape = pack_shape_of(node);
  xj_pack_f32_scale(&shape, scale, packed);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  xj_product_layer *layer = prepare->state = xj_alloc(sizeof *layer, XJ_HEAP_GENERAL);
  if (layer == NULL) return XJ_OUT_OF_MEMORY;
  *layer = xj_product_layer_make(node, activation_of(node), prepare);
  return XJ_OK;
}

static xj_status run(void *layer, const xj_run *run) {
  xj_product_layer_run(layer, run);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  return 2.0 * (double)xj_type_elements(node->output) * (double)pack_shape_of(node).in;
}

const xj_kernel xj_dense_kernel = {.infer = infer,
                                   .packed_bytes = packed_bytes,
                                   .pack = pack,
                                   .scale = scale,
                                   .prepare = prepare,
                                   .run = run,
                                   .flops = flops};
