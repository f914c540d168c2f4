/* The op qd_dense: dense with int8 weights. */
#include "kernels/qd_product.h"
#include "src/heap.h"

_Static_assert(sizeof(xj_qd_dense_attributes) == sizeof(xj_dense_attributes), "a pass makes one of the other");

static const xj_dense_attributes *attributes_of(const xj_node_view *node) { return node->attributes; }

static xj_qd8_shape shape_of(const xj_node_view *node) {
  const int32_t *w = node->inputs[XJ_WEIGHT].dims;
  const bool transposed = attributes_of(node)->transpose_b != 0;
  return (xj_qd8_shape){(size_t)w[transposed], (size_t)w[!transposed]};
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  XJ_TRY(xj_ops[XJ_OP_dense].kernel->infer(node, output));
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
    xj_pack_qd8_weight(&shape, attributes_of(node)->transpose_b != 0, weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  const xj_qd8_shape shape = shape_of(node);
  xj_pack_qd8_scale(&shape, scale, packed);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  xj_qd_product *product = prepare->state = xj_alloc(sizeof *product, XJ_HEAP_GENERAL);
  if (product == NULL) return XJ_OUT_OF_MEMORY;
  const xj_activation *activation = (const xj_activation *)&attributes_of(node)->activation;
  *product = xj_qd_product_make(node, activation, shape_of(node), prepare->packed);
  prepare->scratch_bytes = xj_qd_product_plan(product, prepare->n_threads);
  return XJ_OK;
}

static xj_status run(void *product, const xj_run *run) {
  xj_qd_product_run(product, run);
  return XJ_OK;
}

static double flops(const xj_node_view *node) { return xj_ops[XJ_OP_dense].kernel->flops(node); }

const xj_kernel xj_qd_dense_kernel = {.infer = infer,
                                      .packed_bytes = packed_bytes,
                                      .pack = pack,
                                      .scale = scale,
                                      .prepare = prepare,
                                      .run = run,
                                      .flops = flops};
