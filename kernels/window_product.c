#include "kernels/window_product.h"

#include <string.h>

#include "kernels/gemm_f32.h"
#include "kernels/rows.h"

enum {
  FEW_CHANNELS = 8, /* from so many on, pointers to taps are no burden, and their tiles run on from line to line */
  STRIP_FLOATS = 16 * 1024,      /* of several lines of the output */
  LINE_FLOATS = 4 * 1024 * 1024, /* of one */
  TASKS_PER_THREAD = 16
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static bool is_padded(const xj_window *window) {
  return window->h.pad > 0 || window->h.pad_end > 0 || window->w.pad > 0 || window->w.pad_end > 0;
}

/* Lines of x that `rows` lines of the output need, and columns that all of them do. */
static uint64_t strip_lines(const xj_axis *h, uint64_t rows) {
  return (rows - 1) * (uint64_t)h->stride + (uint64_t)(h->kernel - 1) * (uint64_t)h->dilation + 1;
}

static uint64_t reach_of(const xj_axis *w) {
  return (uint64_t)(w->output - 1) * (uint64_t)w->stride + (uint64_t)w->kernel;
}

bool xj_window_product_fits(const xj_window *window, size_t channels) {
  const xj_axis *h = &window->h, *w = &window->w;
  if (w->dilation != 1 || (h->output > 1 && channels >= FEW_CHANNELS)) return false;
  return !is_padded(window) || strip_lines(h, 1) * reach_of(w) <= LINE_FLOATS / channels;
}

size_t xj_window_product_plan(xj_window_product *t, size_t n_threads) {
  const xj_axis *h = &t->window.h, *w = &t->window.w;
  const bool padded = is_padded(&t->window);
  t->line = (padded ? (size_t)reach_of(w) : (size_t)w->input) * t->channels;
  t->product.n_segments = (size_t)h->kernel;
  t->product.segment = (size_t)w->kernel * t->channels;
  t->product.segment_step = (size_t)h->dilation * t->line;
  t->product.x_step = (size_t)w->stride * t->channels;
  const size_t tasks = n_threads == 1 ? 1 : n_threads * TASKS_PER_THREAD, rows = (size_t)h->output;
  t->rows_per_task = (rows + tasks - 1) / tasks;
  while (padded && t->rows_per_task > 1 && strip_lines(h, t->rows_per_task) * t->line > STRIP_FLOATS)
    t->rows_per_task = (t->rows_per_task + 1) / 2;
  t->strip_floats = padded ? ((size_t)strip_lines(h, t->rows_per_task) * t->line + 15) / 16 * 16 : 0;
  return n_threads * t->strip_floats * sizeof(float);
}

/* Line iy of an image, with the padding that the window sees; zeros where there is none. */
static void copy_line(const xj_window_product *t, const float *image, int32_t iy, float *to) {
  const xj_axis *h = &t->window.h, *w = &t->window.w;
  if (iy < 0 || iy >= h->input) {
    memset(to, 0, t->line * sizeof *to);
    return;
  }
  const size_t before = least((size_t)w->pad * t->channels, t->line);
  const size_t inside = least((size_t)w->input * t->channels, t->line - before);
  memset(to, 0, before * sizeof *to);
  xj_row_copy((char *)(to + before), (const char *)(image + (size_t)iy * (size_t)w->input * t->channels),
              inside * sizeof *to);
  memset(to + before + inside, 0, (t->line - before - inside) * sizeof *to);
}

typedef struct {
  const xj_window_product *t;
  size_t tasks_per_image;
  const xj_run *run;
} job;

static void multiply_lines(const job *j, size_t thread, size_t task) {
  const xj_window_product *t = j->t;
  const xj_axis *h = &t->window.h, *w = &t->window.w;
  const size_t image = task / j->tasks_per_image, from = task % j->tasks_per_image * t->rows_per_task;
  const size_t n = least((size_t)h->output - from, t->rows_per_task);
  const float *x = (const float *)j->run->inputs[XJ_X] + image * (size_t)h->input * (size_t)w->input * t->channels;
  const size_t n_blocks = (t->product.columns + XJ_GEMM_NR - 1) / XJ_GEMM_NR, width = (size_t)w->output;
  const int32_t first = (int32_t)from * h->stride - h->pad;
  const float *lines = x;
  if (t->strip_floats > 0) {
    float *strip = (float *)j->run->scratch + thread * t->strip_floats;
    for (size_t i = 0; i < strip_lines(h, n); i++) copy_line(t, x, first + (int32_t)i, strip + i * t->line);
    lines = strip;
  } else {
    lines = x + (size_t)first * t->line;
  }
  const xj_product_terms terms = xj_product_terms_of(&t->product, j->run);
  for (size_t i = 0; i < n; i++) {
    const size_t at = (image * (size_t)h->output + from + i) * width * t->product.columns;
    xj_product_rows(&t->product, lines + i * (size_t)h->stride * t->line, width, 0, n_blocks,
                    xj_product_terms_at(terms, at), (float *)j->run->output + at);
  }
}

void xj_window_product_run(const xj_window_product *t, const xj_run *run) {
  const size_t tasks = ((size_t)t->window.h.output + t->rows_per_task - 1) / t->rows_per_task;
  job j = {t, tasks, run};
  pthreadpool_parallelize_1d_with_thread(run->threads, (pthreadpool_task_1d_with_thread_t)multiply_lines, &j,
                                         t->batch * tasks, 0);
}
