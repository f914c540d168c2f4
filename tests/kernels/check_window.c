/* window.h against counting: taps inside the input, windows that fit, TensorFlow's SAME. */
#include "kernels/window.h"

#include "tests/kernels/check.h"

static void taps(void) {
  for (int32_t round = 0; round < 20000; round++) {
    const xj_axis a = {.input = xj_check_between(0, 12),
                       .kernel = xj_check_between(1, 7),
                       .stride = xj_check_between(1, 4),
                       .dilation = xj_check_between(1, 4),
                       .pad = xj_check_between(0, 9)};
    for (int32_t o = 0; o < 8; o++) {
      int32_t from, to, n = 0, first = -1;
      xj_axis_taps(&a, o, &from, &to);
      for (int32_t i = 0; i < a.kernel; i++) {
        const int32_t at = o * a.stride - a.pad + i * a.dilation;
        if (at < 0 || at >= a.input) continue;
        if (n++ == 0) first = i;
      }
      if (to - from != n || (n > 0 && from != first) || from < 0 || to > a.kernel)
        xj_check_fail(
            "taps: input %d, kernel %d, stride %d, dilation %d, pad %d, output %d: [%d, %d), expected [%d, %d)",
            a.input, a.kernel, a.stride, a.dilation, a.pad, o, from, to, first, first + n);
    }
  }
}

static xj_window_attributes choose(int32_t padding) {
  return (xj_window_attributes){.stride_h = xj_check_between(0, 4),
                                .stride_w = xj_check_between(0, 4),
                                .dilation_h = xj_check_between(0, 3),
                                .dilation_w = xj_check_between(0, 3),
                                .padding = padding,
                                .pad_top = xj_check_between(0, 4),
                                .pad_bottom = xj_check_between(0, 4),
                                .pad_left = xj_check_between(0, 4),
                                .pad_right = xj_check_between(0, 4)};
}

/* Positions of a window of `extent` in `length`, `stride` apart. */
static int32_t count(int32_t length, int32_t extent, int32_t stride) {
  int32_t n = 0;
  for (int32_t at = 0; at + extent <= length; at += stride) n++;
  return n;
}

static int32_t one_if_zero(int32_t n) { return n == 0 ? 1 : n; }

static void check_explicit(const xj_axis *axis, int32_t input, int32_t kernel, int32_t stride, int32_t dilation,
                           int32_t before, int32_t after) {
  stride = one_if_zero(stride);
  dilation = one_if_zero(dilation);
  const int32_t expected = count(input + before + after, (kernel - 1) * dilation + 1, stride);
  if (axis->output != expected || axis->pad != before || axis->pad_end != after || axis->stride != stride ||
      axis->dilation != dilation || axis->input != input || axis->kernel != kernel)
    xj_check_fail("window: input %d, kernel %d, stride %d, dilation %d, padding %d and %d: output %d, expected %d",
                  input, kernel, stride, dilation, before, after, axis->output, expected);
}

static void window_explicit(void) {
  int32_t n_fit = 0;
  for (int32_t round = 0; round < 20000; round++) {
    const xj_window_attributes a = choose(XJ_PADDING_EXPLICIT);
    const xj_type x = {XJ_FLOAT32, 4, {1, xj_check_between(0, 12), xj_check_between(0, 12), 1}};
    const int32_t kh = xj_check_between(1, 6), kw = xj_check_between(1, 6);
    const bool fits = count(x.dims[1] + a.pad_top + a.pad_bottom, (kh - 1) * one_if_zero(a.dilation_h) + 1, 1) > 0 &&
                      count(x.dims[2] + a.pad_left + a.pad_right, (kw - 1) * one_if_zero(a.dilation_w) + 1, 1) > 0;
    xj_window window;
    const xj_status status = xj_window_make(&a, &x, kh, kw, &window);
    if (status != (fits ? XJ_OK : XJ_BAD_SHAPE))
      xj_check_fail("window: status %d for input %d,%d, kernel %d,%d", status, x.dims[1], x.dims[2], kh, kw);
    if (!fits) continue;
    n_fit++;
    check_explicit(&window.h, x.dims[1], kh, a.stride_h, a.dilation_h, a.pad_top, a.pad_bottom);
    check_explicit(&window.w, x.dims[2], kw, a.stride_w, a.dilation_w, a.pad_left, a.pad_right);
  }
  if (n_fit < 5000) xj_check_fail("window: only %d of 20000 cases fit", n_fit);
}

/* tensorflow.org, tf.nn, "Notes on padding": out = ceil(in / stride), the odd column at the end. Found by counting: the
 * outputs whose first position lies inside, and the least padding that makes room for the last window. */
static void check_same(const xj_axis *axis, int32_t input, int32_t kernel, int32_t stride, int32_t dilation) {
  stride = one_if_zero(stride);
  dilation = one_if_zero(dilation);
  const int32_t extent = (kernel - 1) * dilation + 1;
  int32_t output = 0, total = 0;
  for (int32_t at = 0; at < input; at += stride) output++;
  while (output > 0 && count(input + total, extent, stride) < output) total++;
  if (axis->output != output || axis->pad + axis->pad_end != total || axis->pad_end - axis->pad != total % 2)
    xj_check_fail(
        "window same: input %d, kernel %d, stride %d, dilation %d: output %d, padding %d and %d, expected %d "
        "and %d in all",
        input, kernel, stride, dilation, axis->output, axis->pad, axis->pad_end, output, total);
}

static void window_same(void) {
  for (int32_t round = 0; round < 20000; round++) {
    const xj_window_attributes a = choose(XJ_PADDING_SAME);
    const xj_type x = {XJ_FLOAT32, 4, {1, xj_check_between(0, 12), xj_check_between(0, 12), 1}};
    const int32_t kh = xj_check_between(1, 6), kw = xj_check_between(1, 6);
    xj_window window;
    if (xj_window_make(&a, &x, kh, kw, &window) != XJ_OK) xj_check_fail("window same: %s", xj_error_text());
    check_same(&window.h, x.dims[1], kh, a.stride_h, a.dilation_h);
    check_same(&window.w, x.dims[2], kw, a.stride_w, a.dilation_w);
  }
}

/* Numbers at the edges of int32 give a status, or a window whose numbers stay in range. */
static void window_extremes(void) {
  static const int32_t edges[] = {INT32_MIN,     -1,       0, 1, 2, 1 << 20, (1 << 20) + 1, INT32_MAX / 4,
                                  INT32_MAX - 1, INT32_MAX};
  enum { N = sizeof edges / sizeof *edges };
  for (int32_t round = 0; round < 100000; round++) {
    int32_t v[8];
    for (size_t i = 0; i < 8; i++) v[i] = edges[xj_check_random(N)];
    const xj_window_attributes a = {.stride_h = v[0],
                                    .stride_w = 1,
                                    .dilation_h = v[1],
                                    .dilation_w = 1,
                                    .padding = (int32_t)xj_check_random(2),
                                    .pad_top = v[2],
                                    .pad_bottom = v[3]};
    const xj_type x = {XJ_FLOAT32, 4, {1, v[4] < 0 ? 0 : v[4], 1, 1}};
    xj_window window;
    if (xj_window_make(&a, &x, v[5], 1, &window) != XJ_OK) continue;
    const xj_axis *h = &window.h;
    const int64_t extent = (int64_t)(h->kernel - 1) * h->dilation + 1;
    const int64_t last = (int64_t)(h->output - 1) * h->stride + extent,
                  length = (int64_t)h->input + h->pad + h->pad_end;
    if (h->output < 0 || h->pad < 0 || h->pad_end < 0 || (h->output > 0 && last > length))
      xj_check_fail("window: stride %d, dilation %d, input %d, kernel %d: output %d, padding %d and %d", v[0], v[1],
                    x.dims[1], v[5], h->output, h->pad, h->pad_end);
    for (int32_t k = 0; k < 3 && h->output > 0; k++) {
      int32_t from, to;
      xj_axis_taps(h, k == 0 ? 0 : k == 1 ? h->output / 2 : h->output - 1, &from, &to);
      if (from < 0 || from > to || to > h->kernel) xj_check_fail("window: taps [%d, %d) of %d", from, to, h->kernel);
    }
  }
}

const xj_check xj_checks_window[] = {
    {"taps", "window taps: are those that counting finds inside the input", taps},
    {"window_explicit", "window with explicit padding: has the outputs that counting finds, or is no shape",
     window_explicit},
    {"window_same", "window SAME: pads as TensorFlow, the odd one at the end, found by counting", window_same},
    {"window_extremes", "window: numbers at the edges of int32 are refused or stay in range", window_extremes},
    {NULL, NULL, NULL}};
