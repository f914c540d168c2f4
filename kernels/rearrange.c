/* The ops transpose, reverse, split, tile, broadcast_to, depth_to_space and space_to_depth: views of x, copied. */
#include "kernels/operand.h"
#include "kernels/strided.h"

static xj_status prepare_view(const xj_node_view *node, const xj_strided *view, xj_prepare *prepare) {
  return xj_strided_prepare(view, xj_dtype_bytes(node->inputs[0].dtype), prepare);
}

/* ---- transpose ---- */

static xj_status read_permutation(const xj_node_view *node, int32_t perm[XJ_MAX_RANK]) {
  const xj_type *x = &node->inputs[0];
  bool taken[XJ_MAX_RANK] = {false};
  xj_list list;
  XJ_TRY(xj_list_read(node, 1, &((const xj_transpose_attributes *)node->attributes)->perm, "perm", &list));
  for (int32_t i = 0; i < x->rank; i++) perm[i] = x->rank - 1 - i;
  if (list.n == 0) return XJ_OK;
  if (list.n != x->rank)
    return xj_fail(XJ_BAD_SHAPE, "a permutation of %d axes for x with shape %s", list.n, xj_type_text(x));
  for (int32_t i = 0; i < x->rank; i++) {
    XJ_TRY(xj_axis_read(x, list.values[i], &perm[i]));
    if (taken[perm[i]]) return xj_fail(XJ_BAD_SHAPE, "axis %d is named twice", perm[i]);
    taken[perm[i]] = true;
  }
  return XJ_OK;
}

static xj_status transpose_infer(const xj_node_view *node, xj_type *output) {
  int32_t perm[XJ_MAX_RANK];
  XJ_TRY(read_permutation(node, perm));
  *output = node->inputs[0];
  for (int32_t i = 0; i < output->rank; i++) output->dims[i] = node->inputs[0].dims[perm[i]];
  return XJ_OK;
}

static xj_status transpose_prepare(const xj_node_view *node, xj_prepare *prepare) {
  int32_t perm[XJ_MAX_RANK];
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_strided view = {0};
  XJ_TRY(read_permutation(node, perm));
  xj_strides_of(&node->inputs[0], strides);
  for (int32_t i = 0; i < node->output->rank; i++)
    xj_strided_add(&view, (size_t)node->output->dims[i], strides[perm[i]]);
  return prepare_view(node, &view, prepare);
}

/* ---- reverse ---- */

static xj_status read_reversed(const xj_node_view *node, bool reversed[XJ_MAX_RANK]) {
  xj_list axes;
  XJ_TRY(xj_list_read(node, 1, &((const xj_reverse_attributes *)node->attributes)->axes, "axes", &axes));
  for (int32_t i = 0; i < XJ_MAX_RANK; i++) reversed[i] = false;
  for (int32_t i = 0; i < axes.n; i++) {
    int32_t axis;
    XJ_TRY(xj_axis_read(&node->inputs[0], axes.values[i], &axis));
    if (reversed[axis]) return xj_fail(XJ_BAD_SHAPE, "axis %d is named twice", axis);
    reversed[axis] = true;
  }
  return XJ_OK;
}

static xj_status reverse_infer(const xj_node_view *node, xj_type *output) {
  bool reversed[XJ_MAX_RANK];
  *output = node->inputs[0];
  return read_reversed(node, reversed);
}

static xj_status reverse_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  bool reversed[XJ_MAX_RANK];
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_strided view = {0};
  XJ_TRY(read_reversed(node, reversed));
  xj_strides_of(x, strides);
  for (int32_t i = 0; i < x->rank; i++) {
    if (reversed[i]) view.offset += (x->dims[i] - 1) * strides[i];
    xj_strided_add(&view, (size_t)x->dims[i], reversed[i] ? -strides[i] : strides[i]);
  }
  return prepare_view(node, &view, prepare);
}

/* ---- split ---- */

static xj_status split_infer(const xj_node_view *node, xj_type *output) {
  const xj_split_attributes *a = node->attributes;
  int32_t axis;
  XJ_TRY(xj_axis_read(&node->inputs[0], a->axis, &axis));
  *output = node->inputs[0];
  if (a->parts < 1 || a->index < 0 || a->index >= a->parts || output->dims[axis] % a->parts != 0)
    return xj_fail(XJ_BAD_SHAPE, "part %d of %d, along axis %d of x with shape %s", a->index, a->parts, axis,
                   xj_type_text(output));
  output->dims[axis] /= a->parts;
  return XJ_OK;
}

static xj_status split_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_split_attributes *a = node->attributes;
  ptrdiff_t strides[XJ_MAX_RANK];
  int32_t axis;
  xj_strided view = {0};
  XJ_TRY(xj_axis_read(&node->inputs[0], a->axis, &axis));
  xj_strides_of(&node->inputs[0], strides);
  view.offset = a->index * node->output->dims[axis] * strides[axis];
  for (int32_t i = 0; i < node->output->rank; i++) xj_strided_add(&view, (size_t)node->output->dims[i], strides[i]);
  return prepare_view(node, &view, prepare);
}

/* ---- tile ---- */

static xj_status tile_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  xj_list multiples;
  XJ_TRY(xj_list_read(node, 1, &((const xj_tile_attributes *)node->attributes)->multiples, "multiples", &multiples));
  if (multiples.n != x->rank)
    return xj_fail(XJ_BAD_SHAPE, "%d multiples for x with shape %s", multiples.n, xj_type_text(x));
  *output = *x;
  for (int32_t i = 0; i < x->rank; i++) {
    if (multiples.values[i] < 0) return xj_fail(XJ_BAD_SHAPE, "axis %d is repeated %d times", i, multiples.values[i]);
    XJ_TRY(xj_dim_set(output, i, (int64_t)x->dims[i] * multiples.values[i]));
  }
  return XJ_OK;
}

static xj_status tile_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_strided view = {0};
  xj_strides_of(x, strides);
  for (int32_t i = 0; i < x->rank; i++) {
    xj_strided_add(&view, (size_t)(node->output->dims[i] / x->dims[i]), 0);
    xj_strided_add(&view, (size_t)x->dims[i], strides[i]);
  }
  return prepare_view(node, &view, prepare);
}

/* ---- broadcast_to ---- */

/* A target that only says again how long x's axis was declared to be follows x to another length. */
static void follow_input(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  const int32_t before = output->rank - x->rank;
  if (node->declared == NULL || xj_present(node, 1)) return;
  for (int32_t i = 0; i < x->rank; i++)
    if (node->declared[0].dims[i] == output->dims[before + i]) output->dims[before + i] = x->dims[i];
}

static xj_status broadcast_to_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  output->dtype = x->dtype;
  XJ_TRY(xj_shape_read(node, 1, &((const xj_broadcast_to_attributes *)node->attributes)->shape, output));
  const int32_t before = output->rank - x->rank;
  if (before >= 0) follow_input(node, output);
  for (int32_t i = 0; i < x->rank; i++)
    if (before < 0 || (x->dims[i] != output->dims[before + i] && x->dims[i] != 1))
      return xj_fail(XJ_BAD_SHAPE, "x with shape %s does not broadcast to %s", xj_type_text(x), xj_type_text(output));
  return XJ_OK;
}

static xj_status broadcast_to_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_type *x = &node->inputs[0];
  const int32_t before = node->output->rank - x->rank;
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_strided view = {0};
  xj_strides_of(x, strides);
  for (int32_t i = 0; i < node->output->rank; i++)
    xj_strided_add(&view, (size_t)node->output->dims[i],
                   i < before || x->dims[i - before] == 1 ? 0 : strides[i - before]);
  return prepare_view(node, &view, prepare);
}

/* ---- depth_to_space, space_to_depth ---- */

static xj_status check_image(const xj_type *x, int32_t block) {
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  if (block < 1 || block > INT16_MAX) return xj_fail(XJ_BAD_SHAPE, "blocks of %d × %d", block, block);
  return XJ_OK;
}

static xj_status depth_to_space_infer(const xj_node_view *node, xj_type *output) {
  const xj_depth_to_space_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(check_image(x, a->block));
  if (x->dims[3] % (a->block * a->block) != 0 || (a->order != 0 && a->order != 1))
    return xj_fail(XJ_BAD_SHAPE, "%d channels into blocks of %d × %d, order %d", x->dims[3], a->block, a->block,
                   a->order);
  *output = *x;
  for (int32_t i = 1; i <= 2; i++) XJ_TRY(xj_dim_set(output, i, (int64_t)x->dims[i] * a->block));
  output->dims[3] = x->dims[3] / (a->block * a->block);
  return XJ_OK;
}

static xj_status depth_to_space_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_depth_to_space_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  const ptrdiff_t block = a->block, channels = node->output->dims[3];
  const ptrdiff_t column = a->order == 0 ? channels : 1, channel = a->order == 0 ? 1 : block * block;
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_strided view = {0};
  xj_strides_of(x, strides);
  xj_strided_add(&view, (size_t)x->dims[0], strides[0]);
  xj_strided_add(&view, (size_t)x->dims[1], strides[1]);
  xj_strided_add(&view, (size_t)block, block * column);
  xj_strided_add(&view, (size_t)x->dims[2], strides[2]);
  xj_strided_add(&view, (size_t)block, column);
  xj_strided_add(&view, (size_t)channels, channel);
  return prepare_view(node, &view, prepare);
}

static xj_status space_to_depth_infer(const xj_node_view *node, xj_type *output) {
  const int32_t block = ((const xj_space_to_depth_attributes *)node->attributes)->block;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(check_image(x, block));
  if (x->dims[1] % block != 0 || x->dims[2] % block != 0)
    return xj_fail(XJ_BAD_SHAPE, "%d × %d pixels into blocks of %d × %d", x->dims[1], x->dims[2], block, block);
  *output = (xj_type){x->dtype, 4, {x->dims[0], x->dims[1] / block, x->dims[2] / block, 0}};
  return xj_dim_set(output, 3, (int64_t)x->dims[3] * block * block);
}

static xj_status space_to_depth_prepare(const xj_node_view *node, xj_prepare *prepare) {
  const int32_t block = ((const xj_space_to_depth_attributes *)node->attributes)->block;
  const xj_type *x = &node->inputs[0], *y = node->output;
  ptrdiff_t strides[XJ_MAX_RANK];
  xj_strided view = {0};
  xj_strides_of(x, strides);
  xj_strided_add(&view, (size_t)y->dims[0], strides[0]);
  xj_strided_add(&view, (size_t)y->dims[1], strides[1] * block);
  xj_strided_add(&view, (size_t)y->dims[2], strides[2] * block);
  xj_strided_add(&view, (size_t)block, strides[1]);
  xj_strided_add(&view, (size_t)block, strides[2]);
  xj_strided_add(&view, (size_t)x->dims[3], 1);
  return prepare_view(node, &view, prepare);
}

const xj_kernel xj_transpose_kernel = {.infer = transpose_infer, .prepare = transpose_prepare, .run = xj_strided_run};
const xj_kernel xj_reverse_kernel = {.infer = reverse_infer, .prepare = reverse_prepare, .run = xj_strided_run};
const xj_kernel xj_split_kernel = {.infer = split_infer, .prepare = split_prepare, .run = xj_strided_run};
const xj_kernel xj_tile_kernel = {.infer = tile_infer, .prepare = tile_prepare, .run = xj_strided_run};
const xj_kernel xj_broadcast_to_kernel = {
    .infer = broadcast_to_infer, .prepare = broadcast_to_prepare, .run = xj_strided_run};
const xj_kernel xj_depth_to_space_kernel = {
    .infer = depth_to_space_infer, .prepare = depth_to_space_prepare, .run = xj_strided_run};
const xj_kernel xj_space_to_depth_kernel = {
    .infer = space_to_depth_infer, .prepare = space_to_depth_prepare, .run = xj_strided_run};
