/* The custom ops of MediaPipe's face models: a crop around landmarks, its pixels, and the way back. Written from their
 * definition in mediapipe/util/tflite/operations; in double, since they are small and feed on each other. */
#include <math.h>
#include <string.h>

#include "kernels/layer.h"
#include "src/heap.h"

enum { X = 0, SUBSET = 1, MATRIX = 1 };

/* ---- landmarks_to_transform_matrix ---- */

typedef struct {
  size_t batch, landmarks, dims, n_subset;
  xj_landmarks_to_transform_matrix_attributes a;
} to_matrix;

static xj_status infer_to_matrix(const xj_node_view *node, xj_type *output) {
  const xj_landmarks_to_transform_matrix_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X], *subset = &node->inputs[SUBSET];
  XJ_TRY(xj_float_check(node, X, "x"));
  if (x->rank != 3 || x->dims[2] < 2)
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of landmarks [N,L,D]", xj_type_text(x));
  if (subset->dtype != XJ_INT32 || subset->rank != 1 || subset->dims[0] < 1)
    return xj_fail(XJ_BAD_SHAPE, "its subset is %s %s instead of int32 [n]", xj_dtype_name(subset->dtype),
                   xj_type_text(subset));
  const int32_t left = a->left_rotation_idx, right = a->right_rotation_idx;
  if (left < 0 || left >= x->dims[1] || right < 0 || right >= x->dims[1])
    return xj_fail(XJ_BAD_SHAPE, "it rotates by landmarks %d and %d of %d", left, right, x->dims[1]);
  if (a->output_height < 1 || a->output_width < 1)
    return xj_fail(XJ_BAD_MODEL, "its crop has %d × %d pixels", a->output_height, a->output_width);
  *output = (xj_type){XJ_FLOAT32, 3, {x->dims[0], 4, 4}};
  return XJ_OK;
}

static xj_status prepare_to_matrix(const xj_node_view *node, xj_prepare *prepare) {
  to_matrix *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const int32_t *dims = node->inputs[X].dims;
  state->batch = (size_t)dims[0];
  state->landmarks = (size_t)dims[1];
  state->dims = (size_t)dims[2];
  state->n_subset = (size_t)node->inputs[SUBSET].dims[0];
  memcpy(&state->a, node->attributes, sizeof state->a);
  return XJ_OK;
}

/* The matrix shift(centre) · rotate(-angle) · scale · shift(-half the crop), of one face. */
static void make_matrix(const to_matrix *t, const float *x, const int32_t *subset, float *y) {
  const float *left = x + (size_t)t->a.left_rotation_idx * t->dims;
  const float *right = x + (size_t)t->a.right_rotation_idx * t->dims;
  const double angle = (double)t->a.target_rotation_radians -
                       atan2((double)right[1] - (double)left[1], (double)right[0] - (double)left[0]);
  const double c = cos(angle), s = sin(angle);
  double least[2] = {INFINITY, INFINITY}, most[2] = {-INFINITY, -INFINITY};
  for (size_t i = 0; i < t->n_subset; i++) {
    const float *p = x + (size_t)subset[i] * t->dims;
    const double turned[2] = {c * (double)p[0] - s * (double)p[1], s * (double)p[0] + c * (double)p[1]};
    for (size_t k = 0; k < 2; k++) {
      if (turned[k] < least[k] || i == 0) least[k] = turned[k];
      if (turned[k] > most[k] || i == 0) most[k] = turned[k];
    }
  }
  const double middle[2] = {(least[0] + most[0]) / 2, (least[1] + most[1]) / 2};
  const double centre[2] = {c * middle[0] + s * middle[1], c * middle[1] - s * middle[0]};
  const double width = t->a.output_width, height = t->a.output_height;
  const double scale_x = (double)t->a.scale_x * (most[0] - least[0]) / width;
  const double scale_y = (double)t->a.scale_y * (most[1] - least[1]) / height;
  const double rows[2][2] = {{c * scale_x, s * scale_y}, {-s * scale_x, c * scale_y}};
  for (size_t i = 0; i < 16; i++) y[i] = i % 5 == 0;
  for (size_t k = 0; k < 2; k++) {
    y[4 * k] = (float)rows[k][0];
    y[4 * k + 1] = (float)rows[k][1];
    y[4 * k + 3] = (float)(centre[k] - (rows[k][0] * width + rows[k][1] * height) / 2);
  }
}

static xj_status run_to_matrix(void *state, const xj_run *run) {
  const to_matrix *t = state;
  const float *x = run->inputs[X];
  const int32_t *subset = run->inputs[SUBSET];
  for (size_t i = 0; i < t->n_subset; i++)
    if (subset[i] < 0 || (size_t)subset[i] >= t->landmarks)
      return xj_fail(XJ_BAD_SHAPE, "its subset names landmark %d of %zu", subset[i], t->landmarks);
  for (size_t n = 0; n < t->batch; n++)
    make_matrix(t, x + n * t->landmarks * t->dims, subset, (float *)run->output + n * 16);
  return XJ_OK;
}

const xj_kernel xj_landmarks_to_transform_matrix_kernel = {
    .infer = infer_to_matrix, .prepare = prepare_to_matrix, .run = run_to_matrix};

/* ---- transform_tensor_bilinear, transform_landmarks ---- */

typedef struct {
  xj_type x, y;
  size_t matrix_step; /* floats from one image's matrix to the next */
} transform;

static xj_status check_matrix(const xj_node_view *node) {
  const xj_type *x = &node->inputs[X], *m = &node->inputs[MATRIX];
  XJ_TRY(xj_float_check(node, X, "x"));
  XJ_TRY(xj_float_check(node, MATRIX, "the matrix"));
  if (m->rank == 3 && m->dims[1] == 4 && m->dims[2] == 4 && (m->dims[0] == 1 || m->dims[0] == x->dims[0])) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "its matrix has shape %s, for x with shape %s", xj_type_text(m), xj_type_text(x));
}

static xj_status infer_tensor(const xj_node_view *node, xj_type *output) {
  const xj_transform_tensor_bilinear_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[X];
  if (x->rank != 4) return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of [N,H,W,C]", xj_type_text(x));
  XJ_TRY(check_matrix(node));
  if (a->output_height < 1 || a->output_width < 1)
    return xj_fail(XJ_BAD_MODEL, "it makes images of %d × %d pixels", a->output_height, a->output_width);
  *output = (xj_type){XJ_FLOAT32, 4, {x->dims[0], a->output_height, a->output_width, x->dims[3]}};
  return XJ_OK;
}

static xj_status infer_landmarks(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[X];
  if (x->rank != 3 || x->dims[2] < 2)
    return xj_fail(XJ_BAD_SHAPE, "x has shape %s instead of landmarks [N,L,D]", xj_type_text(x));
  XJ_TRY(check_matrix(node));
  *output = *x;
  return XJ_OK;
}

static xj_status prepare_transform(const xj_node_view *node, xj_prepare *prepare) {
  transform *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  state->x = node->inputs[X];
  state->y = *node->output;
  state->matrix_step = node->inputs[MATRIX].dims[0] == 1 ? 0 : 16;
  return XJ_OK;
}

/* A row of the matrix at (x, y, 0, 1). */
static double row_at(const float *row, double x, double y) {
  return (double)row[0] * x + (double)row[1] * y + (double)row[3];
}

/* One pixel of x [h,w,channels] at (column, row), both inside. */
static void read_pixel(const transform *t, const float *x, double column, double row, float *y) {
  const size_t channels = (size_t)t->x.dims[3], w = (size_t)t->x.dims[2], h = (size_t)t->x.dims[1];
  const size_t left = (size_t)column, top = (size_t)row;
  const size_t right = left + 1 < w ? channels : 0, below = top + 1 < h ? w * channels : 0; /* at the edge: weight 0 */
  const float fx = (float)(column - (double)left), fy = (float)(row - (double)top);
  const float *p = x + (top * w + left) * channels;
  for (size_t c = 0; c < channels; c++, p++) {
    const float upper = p[0] * (1 - fx) + (right ? p[right] * fx : 0);
    const float lower = below ? p[below] * (1 - fx) + (right ? p[below + right] * fx : 0) : 0;
    y[c] = upper * (1 - fy) + lower * fy;
  }
}

static xj_status run_tensor(void *state, const xj_run *run) {
  const transform *t = state;
  const float *x = run->inputs[X], *matrix = run->inputs[MATRIX];
  const size_t channels = (size_t)t->x.dims[3], image = xj_type_span(&t->x, 1, 4);
  float *y = run->output;
  for (int32_t n = 0; n < t->y.dims[0]; n++, x += image, matrix += t->matrix_step)
    for (int32_t row = 0; row < t->y.dims[1]; row++)
      for (int32_t column = 0; column < t->y.dims[2]; column++, y += channels) {
        const double at_x = row_at(matrix, column + 0.5, row + 0.5) - 0.5;
        const double at_y = row_at(matrix + 4, column + 0.5, row + 0.5) - 0.5;
        const bool inside = at_x >= 0 && at_x <= t->x.dims[2] - 1 && at_y >= 0 && at_y <= t->x.dims[1] - 1;
        if (inside)
          read_pixel(t, x, at_x, at_y, y);
        else
          memset(y, 0, channels * sizeof *y);
      }
  return XJ_OK;
}

static xj_status run_landmarks(void *state, const xj_run *run) {
  const transform *t = state;
  const float *x = run->inputs[X], *matrix = run->inputs[MATRIX];
  const size_t dims = (size_t)t->x.dims[2];
  float *y = run->output;
  for (int32_t n = 0; n < t->x.dims[0]; n++, matrix += t->matrix_step)
    for (int32_t i = 0; i < t->x.dims[1]; i++, x += dims, y += dims) {
      y[0] = (float)row_at(matrix, (double)x[0], (double)x[1]);
      y[1] = (float)row_at(matrix + 4, (double)x[0], (double)x[1]);
      memcpy(y + 2, x + 2, (dims - 2) * sizeof *y);
    }
  return XJ_OK;
}

const xj_kernel xj_transform_tensor_bilinear_kernel = {
    .infer = infer_tensor, .prepare = prepare_transform, .run = run_tensor};
const xj_kernel xj_transform_landmarks_kernel = {
    .infer = infer_landmarks, .prepare = prepare_transform, .run = run_landmarks};
