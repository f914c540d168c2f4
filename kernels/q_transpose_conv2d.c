/* The op q_transpose_conv2d: x [N,H,W,C], filter [OC,KH,KW,C]. Each output adds up the pixels of x whose window, put
 * down at stride times their place, covers it: a convolution for each place that an output has within the stride. */
#include "kernels/q_product.h"
#include "kernels/window.h"
#include "src/heap.h"

enum { STRIDE_MOST = 64 /* so that the tables of all phases stay small */ };

typedef struct {
  xj_q_product product;
  xj_q_taps taps[]; /* [phases of h, phases of w], then the offsets */
} transpose;

/* Along one axis: outputs, the padding that they have lost, and the padding that x gets. */
typedef struct {
  size_t input, output, kernel, stride, pad, before, after;
} axis;

static const xj_q_attributes *attributes_of(const xj_node_view *node) {
  return (const xj_q_attributes *)&((const xj_q_transpose_conv2d_attributes *)node->attributes)->x_scale;
}

static xj_status make_axis(char name, int32_t input, int32_t output, int32_t kernel, int32_t stride, int32_t dilation,
                           int32_t before, int32_t after, bool same, axis *axis_) {
  if (stride == 0) stride = 1;
  if (stride < 1 || stride > STRIDE_MOST || dilation < 0 || dilation > 1 || kernel < 1 || kernel > XJ_WINDOW_MOST ||
      before < 0 || before > XJ_WINDOW_MOST || after < 0 || after > XJ_WINDOW_MOST || output < 0)
    return xj_fail(XJ_UNSUPPORTED, "along %c, kernel %d, stride %d, dilation %d, padding %d and %d, output %d", name,
                   kernel, stride, dilation, before, after, output);
  int64_t size = output;
  if (size == 0) size = same ? (int64_t)input * stride : ((int64_t)input - 1) * stride + kernel - before - after;
  if (size < 0 || size > INT32_MAX / 4)
    return xj_fail(XJ_BAD_SHAPE, "along %c, the output of %d inputs has size %lld", name, input, (long long)size);
  if (same) { /* what a convolution of the output would be padded by */
    int64_t missing = ((size + stride - 1) / stride - 1) * stride + kernel - size;
    before = missing > 0 ? (int32_t)(missing / 2) : 0;
  }
  *axis_ = (axis){(size_t)input, (size_t)size, (size_t)kernel, (size_t)stride, (size_t)before, 0, 0};
  axis_->before = (axis_->kernel + axis_->stride - 1) / axis_->stride - 1;
  size_t last = size == 0 ? 0 : ((size_t)size - 1 + axis_->pad) / axis_->stride;
  axis_->after = last + 1 > axis_->input ? last + 1 - axis_->input : 0;
  return XJ_OK;
}

static xj_status axes_of(const xj_node_view *node, axis *h, axis *w) {
  const xj_q_transpose_conv2d_attributes *a = node->attributes;
  const int32_t *x = node->inputs[XJ_X].dims, *f = node->inputs[XJ_WEIGHT].dims;
  if (a->padding != XJ_PADDING_EXPLICIT && a->padding != XJ_PADDING_SAME)
    return xj_fail(XJ_BAD_MODEL, "there is no padding %d", a->padding);
  bool same = a->padding == XJ_PADDING_SAME;
  XJ_TRY(make_axis('h', x[1], a->out_h, f[1], a->stride_h, a->dilation_h, a->pad_top, a->pad_bottom, same, h));
  return make_axis('w', x[2], a->out_w, f[2], a->stride_w, a->dilation_w, a->pad_left, a->pad_right, same, w);
}

static xj_q_layout layout_of(const xj_node_view *node) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return (xj_q_layout){1, (size_t)f[0], xj_q_row_bytes((size_t)f[1] * (size_t)f[2], (size_t)f[3])};
}

static xj_q_image image_of(const xj_node_view *node, const axis *h, const axis *w) {
  return (xj_q_image){.height = h->input,
                      .width = w->input,
                      .channels = (size_t)node->inputs[XJ_X].dims[3],
                      .repeat = 1,
                      .top = h->before,
                      .bottom = h->after,
                      .left = w->before,
                      .right = w->after,
                      .zero = attributes_of(node)->x_zero,
                      .is_unsigned = node->inputs[XJ_X].dtype == XJ_UINT8};
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *filter = &node->inputs[XJ_WEIGHT];
  if (x->rank != 4 || filter->rank != 4 || x->dims[3] < 1 || x->dims[3] != filter->dims[3] || filter->dims[0] < 1)
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s and filter %s instead of [N,H,W,C] and [OC,KH,KW,C]", xj_type_text(x),
                   xj_type_text(filter));
  axis h, w;
  XJ_TRY(axes_of(node, &h, &w));
  XJ_TRY(xj_q_layer_check(node, attributes_of(node), filter->dims[0]));
  xj_q_layout layout = layout_of(node);
  XJ_TRY(xj_q_layout_check(&layout));
  xj_q_image image = image_of(node, &h, &w);
  XJ_TRY(xj_q_image_check(&image));
  *output = (xj_type){x->dtype, 4, {x->dims[0], (int32_t)h.output, (int32_t)w.output, filter->dims[0]}};
  return XJ_OK;
}

static size_t packed_bytes(const xj_node_view *node) {
  xj_q_layout layout = layout_of(node);
  return xj_q_packed_bytes(&layout);
}

static void pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  xj_q_layout layout = layout_of(node);
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  if (input == XJ_BIAS)
    xj_q_pack_bias(&layout, weight, packed);
  else
    xj_q_pack_rows(&layout, (size_t)f[1] * (size_t)f[2], (size_t)f[3], weight, packed);
}

static void scale(const xj_node_view *node, const float *scale, void *packed) {
  xj_q_layout layout = layout_of(node);
  xj_q_pack_scale(node, attributes_of(node), &layout, scale, node->inputs[XJ_X].dtype == XJ_UINT8, packed);
}

/* The taps of each phase: those of its remainder, each one place further back. */
static void make_taps(transpose *state, const axis *h, const axis *w) {
  const xj_q_product *p = &state->product;
  const size_t n_taps = h->kernel * w->kernel, pixel = xj_q_pixel(&p->image), row = xj_q_row(&p->image);
  const size_t pairs = (p->in + 1) / 2;
  int32_t *x_offset = (int32_t *)(state->taps + h->stride * w->stride), *w_offset = x_offset + n_taps;
  xj_q_taps *taps = state->taps;
  for (size_t py = 0; py < h->stride; py++)
    for (size_t px = 0; px < w->stride; px++, taps++) {
      *taps = (xj_q_taps){0, p->in, x_offset, w_offset};
      for (size_t y = py; y < h->kernel; y += h->stride)
        for (size_t x = px; x < w->kernel; x += w->stride, taps->n++) {
          *x_offset++ = (int32_t)((h->before - y / h->stride) * row + (w->before - x / w->stride) * pixel);
          *w_offset++ = (int32_t)((y * w->kernel + x) * pairs * XJ_Q_PAIR_BYTES);
        }
    }
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  axis h, w;
  XJ_TRY(axes_of(node, &h, &w));
  const size_t phases = h.stride * w.stride, n_taps = h.kernel * w.kernel;
  transpose *state = prepare->state =
      xj_alloc_zeroed(sizeof *state + phases * sizeof(xj_q_taps) + 2 * n_taps * sizeof(int32_t), XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const size_t channels = (size_t)node->inputs[XJ_X].dims[3];
  state->product = (xj_q_product){.image = image_of(node, &h, &w),
                                  .layout = layout_of(node),
                                  .h = {h.stride, h.pad},
                                  .w = {w.stride, w.pad},
                                  .batch = (size_t)node->inputs[XJ_X].dims[0],
                                  .lines = h.output,
                                  .columns = w.output,
                                  .outputs = h.output * w.output,
                                  .in = channels,
                                  .packed = prepare->packed,
                                  .taps = state->taps};
  xj_q_product *p = &state->product;
  p->x_line = xj_q_row(&p->image);
  p->gemm = (xj_q_gemm){.x_step = channels,
                        .y_step = w.stride * p->layout.out,
                        .filter_zero = xj_q_filter_zero(node, attributes_of(node)),
                        .output = xj_q_output_make(node, attributes_of(node))};
  make_taps(state, &h, &w);
  xj_q_product_split(p, prepare->n_threads);
  prepare->scratch_bytes = xj_q_image_bytes(&p->image);
  return XJ_OK;
}

static xj_status run(void *opaque, const xj_run *run) {
  const transpose *state = opaque;
  xj_q_product_run(&state->product, run->inputs[XJ_X], run->scratch, run->output, run->threads);
  return XJ_OK;
}

static double flops(const xj_node_view *node) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return 2.0 * (double)xj_type_elements(&node->inputs[XJ_X]) * f[0] * f[1] * f[2];
}

const xj_kernel xj_q_transpose_conv2d_kernel = {.infer = infer,
                                                .packed_bytes = packed_bytes,
                                                .pack = pack,
                                                .scale = scale,
                                                .prepare = prepare,
                                                .run = run,
                                                .flops = flops};
