/* The ops q_conv2d, x [N,H,W,C], filter [OC,KH,KW,C/groups], and q_dense, x […,K], w [N,K]: a convolution whose outputs
 * are each alone. Exact to TFLite's reference kernels. */
#include "kernels/q_product.h"
#include "kernels/window.h"
#include "src/heap.h"

enum { FLAT_COLUMNS = 64 /* outputs of a task where there are no lines */ };

typedef struct {
  xj_q_product product;
  xj_q_taps taps;
  int32_t offsets[]; /* of x, then of w */
} conv;

/* The filter as stretches of numbers that are next to each other in the image too: whole rows of the window where a
 * window has no holes and there is one group. */
typedef struct {
  size_t out, taps, stretches, length, groups;
  bool is_rows;
} filter_shape;

static const xj_q_attributes *conv_attributes(const xj_node_view *node) {
  return (const xj_q_attributes *)&((const xj_q_conv2d_attributes *)node->attributes)->x_scale;
}

static filter_shape conv_shape(const xj_node_view *node) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  const xj_q_conv2d_attributes *a = node->attributes;
  filter_shape s = {.out = (size_t)f[0], .groups = (size_t)(node->inputs[XJ_X].dims[3] / f[3])};
  s.taps = (size_t)f[1] * (size_t)f[2];
  s.is_rows = s.groups == 1 && a->dilation_w <= 1;
  s.stretches = s.is_rows ? (size_t)f[1] : s.taps;
  s.length = s.is_rows ? (size_t)f[2] * (size_t)f[3] : (size_t)f[3];
  return s;
}

static filter_shape dense_shape(const xj_node_view *node) {
  const int32_t *w = node->inputs[XJ_WEIGHT].dims;
  return (filter_shape){(size_t)w[0], 1, 1, (size_t)w[1], 1, true};
}

static xj_q_layout layout_of(const filter_shape *s) {
  return (xj_q_layout){s->groups, s->out / s->groups, xj_q_row_bytes(s->stretches, s->length)};
}

static xj_status window_of(const xj_node_view *node, xj_window *window) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return xj_window_make((const xj_window_attributes *)node->attributes, &node->inputs[XJ_X], f[1], f[2], window);
}

/* Whether outputs and inputs are the same pixels. */
static bool is_flat(const filter_shape *s, const xj_window *window) {
  return s->taps == 1 && window->h.stride == 1 && window->w.stride == 1 &&
         window->h.pad + window->h.pad_end + window->w.pad + window->w.pad_end == 0;
}

static xj_q_image image_of(const xj_node_view *node, const xj_q_attributes *a) {
  return (xj_q_image){.repeat = 1, .zero = a->x_zero, .is_unsigned = node->inputs[XJ_X].dtype == XJ_UINT8};
}

static xj_q_image conv_image(const xj_node_view *node, const xj_window *window) {
  xj_q_image image = image_of(node, conv_attributes(node));
  image.height = (size_t)window->h.input;
  image.width = (size_t)window->w.input;
  image.channels = (size_t)node->inputs[XJ_X].dims[3];
  image.top = (size_t)window->h.pad;
  image.bottom = (size_t)window->h.pad_end;
  image.left = (size_t)window->w.pad;
  image.right = (size_t)window->w.pad_end;
  return image;
}

/* `n` pixels of `channels`, each alone. */
static xj_q_image flat_image(const xj_node_view *node, const xj_q_attributes *a, size_t n, size_t channels) {
  xj_q_image image = image_of(node, a);
  image.height = n;
  image.width = 1;
  image.channels = channels;
  return image;
}

static xj_status conv_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *filter = &node->inputs[XJ_WEIGHT];
  if (filter->rank != 4)
    return xj_fail(XJ_BAD_SHAPE, "filter has shape %s instead of [OC,KH,KW,C]", xj_type_text(filter));
  xj_window window;
  XJ_TRY(window_of(node, &window));
  int32_t in = filter->dims[3], out = filter->dims[0];
  if (in < 1 || out < 1 || x->dims[3] < 1 || x->dims[3] % in != 0 || out % (x->dims[3] / in) != 0)
    return xj_fail(XJ_BAD_SHAPE, "input has %d channels, filter %d, and %d output channels", x->dims[3], in, out);
  XJ_TRY(xj_q_layer_check(node, conv_attributes(node), out));
  filter_shape shape = conv_shape(node);
  xj_q_layout layout = layout_of(&shape);
  XJ_TRY(xj_q_layout_check(&layout));
  xj_q_image image = conv_image(node, &window);
  XJ_TRY(xj_q_image_check(&image));
  *output = (xj_type){x->dtype, 4, {x->dims[0], window.h.output, window.w.output, out}};
  return XJ_OK;
}

static xj_status dense_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[XJ_X], *w = &node->inputs[XJ_WEIGHT];
  if (x->rank < 1 || w->rank != 2 || w->dims[0] < 1 || w->dims[1] < 1 || x->dims[x->rank - 1] != w->dims[1])
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s and w %s instead of […,K] and [N,K]", xj_type_text(x),
                   xj_type_text(w));
  XJ_TRY(xj_q_layer_check(node, node->attributes, w->dims[0]));
  filter_shape shape = dense_shape(node);
  xj_q_layout layout = layout_of(&shape);
  XJ_TRY(xj_q_layout_check(&layout));
  xj_q_image image = flat_image(node, node->attributes, xj_type_span(x, 0, x->rank - 1), shape.length);
  XJ_TRY(xj_q_image_check(&image));
  *output = *x;
  output->dims[x->rank - 1] = w->dims[0];
  return XJ_OK;
}

static void pack_layer(const filter_shape *shape, int32_t input, const xj_weight *weight, void *packed) {
  xj_q_layout layout = layout_of(shape);
  if (input == XJ_BIAS)
    xj_q_pack_bias(&layout, weight, packed);
  else
    xj_q_pack_rows(&layout, shape->stretches, shape->length, weight, packed);
}

static conv *make_state(const xj_node_view *node, const xj_q_attributes *a, const filter_shape *shape,
                        xj_prepare *prepare) {
  conv *state = prepare->state =
      xj_alloc_zeroed(sizeof *state + 2 * shape->stretches * sizeof(int32_t), XJ_HEAP_GENERAL);
  if (state == NULL) return NULL;
  const int32_t stretch_bytes = (int32_t)xj_q_row_bytes(1, shape->length);
  int32_t *w_offset = state->offsets + shape->stretches;
  for (size_t i = 0; i < shape->stretches; i++) w_offset[i] = (int32_t)i * stretch_bytes;
  state->taps = (xj_q_taps){shape->stretches, shape->length, state->offsets, w_offset};
  state->product.layout = layout_of(shape);
  state->product.gemm.y_step = shape->out;
  state->product.gemm.filter_zero = xj_q_filter_zero(node, a);
  state->product.gemm.output = xj_q_output_make(node, a);
  state->product.packed = prepare->packed;
  state->product.taps = &state->taps;
  state->product.h.phases = state->product.w.phases = 1;
  state->product.batch = 1;
  state->product.in = shape->length;
  return state;
}

/* Every output from its own pixel. */
static void make_flat(conv *state, const xj_q_image *image) {
  xj_q_product *p = &state->product;
  p->image = *image;
  p->outputs = image->height;
  p->columns = FLAT_COLUMNS;
  p->lines = (p->outputs + FLAT_COLUMNS - 1) / FLAT_COLUMNS;
  p->gemm.x_step = image->channels;
  p->x_line = FLAT_COLUMNS * image->channels;
}

static void make_window(conv *state, const filter_shape *shape, const xj_node_view *node, const xj_window *window) {
  xj_q_product *p = &state->product;
  const xj_axis *h = &window->h, *w = &window->w;
  p->image = conv_image(node, window);
  const size_t pixel = xj_q_pixel(&p->image), row = xj_q_row(&p->image);
  p->batch = (size_t)node->inputs[XJ_X].dims[0];
  p->lines = (size_t)h->output;
  p->columns = (size_t)w->output;
  p->outputs = p->lines * p->columns;
  p->gemm.x_step = (size_t)w->stride * pixel;
  p->x_line = (size_t)h->stride * row;
  p->in = (size_t)node->inputs[XJ_WEIGHT].dims[3];
  const size_t in_row = shape->is_rows ? 1 : (size_t)w->kernel; /* stretches in a row of the window */
  for (size_t i = 0; i < shape->stretches; i++)
    state->offsets[i] = (int32_t)(i / in_row * (size_t)h->dilation * row + i % in_row * (size_t)w->dilation * pixel);
}

static xj_status finish_prepare(conv *state, xj_prepare *prepare) {
  xj_q_product_split(&state->product, prepare->n_threads);
  prepare->scratch_bytes = xj_q_image_bytes(&state->product.image);
  return XJ_OK;
}

static xj_status conv_prepare(const xj_node_view *node, xj_prepare *prepare) {
  filter_shape shape = conv_shape(node);
  xj_window window;
  XJ_TRY(window_of(node, &window));
  conv *state = make_state(node, conv_attributes(node), &shape, prepare);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  if (is_flat(&shape, &window) && shape.groups == 1) {
    const xj_type *x = &node->inputs[XJ_X];
    xj_q_image image = flat_image(node, conv_attributes(node), xj_type_span(x, 0, 3), (size_t)x->dims[3]);
    make_flat(state, &image);
  } else {
    make_window(state, &shape, node, &window);
  }
  return finish_prepare(state, prepare);
}

static xj_status dense_prepare(const xj_node_view *node, xj_prepare *prepare) {
  filter_shape shape = dense_shape(node);
  conv *state = make_state(node, node->attributes, &shape, prepare);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *x = &node->inputs[XJ_X];
  xj_q_image image = flat_image(node, node->attributes, xj_type_span(x, 0, x->rank - 1), shape.length);
  make_flat(state, &image);
  return finish_prepare(state, prepare);
}

static size_t conv_packed_bytes(const xj_node_view *node) {
  filter_shape shape = conv_shape(node);
  xj_q_layout layout = layout_of(&shape);
  return xj_q_packed_bytes(&layout);
}

static size_t dense_packed_bytes(const xj_node_view *node) {
  filter_shape shape = dense_shape(node);
  xj_q_layout layout = layout_of(&shape);
  return xj_q_packed_bytes(&layout);
}

static void conv_pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  filter_shape shape = conv_shape(node);
  pack_layer(&shape, input, weight, packed);
}

static void dense_pack(const xj_node_view *node, int32_t input, const xj_weight *weight, void *packed) {
  filter_shape shape = dense_shape(node);
  pack_layer(&shape, input, weight, packed);
}

static void conv_scale(const xj_node_view *node, const float *scale, void *packed) {
  filter_shape shape = conv_shape(node);
  xj_q_layout layout = layout_of(&shape);
  xj_q_pack_scale(node, conv_attributes(node), &layout, scale, node->inputs[XJ_X].dtype == XJ_UINT8, packed);
}

static void dense_scale(const xj_node_view *node, const float *scale, void *packed) {
  filter_shape shape = dense_shape(node);
  xj_q_layout layout = layout_of(&shape);
  const bool is_single = xj_type_elements(&node->inputs[XJ_SCALE]) == 1;
  xj_q_pack_scale(node, node->attributes, &layout, scale, is_single, packed);
}

static xj_status run(void *opaque, const xj_run *run) {
  const conv *state = opaque;
  xj_q_product_run(&state->product, run->inputs[XJ_X], run->scratch, run->output, run->threads);
  return XJ_OK;
}

static double conv_flops(const xj_node_view *node) {
  const int32_t *f = node->inputs[XJ_WEIGHT].dims;
  return 2.0 * (double)xj_type_elements(node->output) * f[1] * f[2] * f[3];
}

static double dense_flops(const xj_node_view *node) {
  return 2.0 * (double)xj_type_elements(node->output) * node->inputs[XJ_WEIGHT].dims[1];
}

const xj_kernel xj_q_conv2d_kernel = {.infer = conv_infer,
                                      .packed_bytes = conv_packed_bytes,
                                      .pack = conv_pack,
                                      .scale = conv_scale,
                                      .prepare = conv_prepare,
                                      .run = run,
                                      .flops = conv_flops};
const xj_kernel xj_q_dense_kernel = {.infer = dense_infer,
                                     .packed_bytes = dense_packed_bytes,
                                     .pack = dense_pack,
                                     .scale = dense_scale,
                                     .prepare = dense_prepare,
                                     .run = run,
                                     .flops = dense_flops};
