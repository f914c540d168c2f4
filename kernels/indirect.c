#include "kernels/indirect.h"

#include <string.h>

enum { MR = XJ_GEMM_MR, NR = XJ_GEMM_NR, TASK_PIXELS = 32, LINE_BYTES = 64, MOST_TAPS = 1 << 20 };

typedef struct {
  const xj_indirect *t;
  const float *x, *packed, *zero; /* zero: [in] */
  float *y;
  char *pointers; /* [threads][most_taps * MR] */
  size_t pointers_bytes;
} job;

static size_t up(size_t bytes) { return (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES; }

xj_status xj_indirect_check(size_t taps) {
  if (taps <= MOST_TAPS) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "a window of %zu taps, at most %d are supported", taps, MOST_TAPS);
}

size_t xj_indirect_taps(const xj_indirect_part *part) {
  return (size_t)part->axes[0].taps * (size_t)part->axes[1].taps * (size_t)part->axes[2].taps;
}

static size_t tiles_of(const xj_indirect_part *part) {
  return ((size_t)part->axes[2].count + TASK_PIXELS - 1) / TASK_PIXELS;
}

void xj_indirect_plan(xj_indirect *t) {
  t->n_tasks = t->most_taps = 0;
  for (size_t i = 0; i < t->n_parts; i++) {
    xj_indirect_part *part = &t->parts[i];
    part->first_task = t->n_tasks;
    t->n_tasks += t->batch * t->groups * (size_t)part->axes[0].count * (size_t)part->axes[1].count * tiles_of(part);
    if (xj_indirect_taps(part) > t->most_taps) t->most_taps = xj_indirect_taps(part);
  }
}

static size_t pointers_bytes(const xj_indirect *t) { return up(t->most_taps * MR * sizeof(float *)); }

size_t xj_indirect_scratch_bytes(const xj_indirect *t, size_t n_threads) {
  return up(t->in * sizeof(float)) + n_threads * pointers_bytes(t);
}

/* The last part that starts at or before the task. Parts without tasks start where the next one does. */
static const xj_indirect_part *part_of(const xj_indirect *t, size_t task) {
  size_t low = 0, high = t->n_parts;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    if (t->parts[middle].first_task <= task)
      low = middle;
    else
      high = middle;
  }
  return &t->parts[low];
}

static int32_t position(const xj_lane *lane, int32_t output, int32_t tap) {
  return lane->base + output * lane->advance + tap * lane->tap_step;
}

static bool is_inside(int32_t position, int32_t size) { return position >= 0 && position < size; }

/* Pointers of `rows` outputs from `column` on, of which `n` exist; the others repeat the last. x: of the group. */
static void point(const job *j, const xj_indirect_part *part, const float *x, int32_t depth, int32_t row,
                  int32_t column, size_t n, size_t rows, const float **pointers) {
  const xj_indirect *t = j->t;
  const xj_lane *d = &part->axes[0], *h = &part->axes[1], *w = &part->axes[2];
  const size_t channels = t->groups * t->in, width = (size_t)t->x[2], height = (size_t)t->x[1];
  for (int32_t td = 0; td < d->taps; td++)
    for (int32_t th = 0; th < h->taps; th++) {
      const int32_t at_d = position(d, depth, td), at_h = position(h, row, th);
      const bool inside = is_inside(at_d, t->x[0]) && is_inside(at_h, t->x[1]);
      const float *line = inside ? x + ((size_t)at_d * height + (size_t)at_h) * width * channels : NULL;
      for (int32_t tw = 0; tw < w->taps; tw++, pointers += rows)
        for (size_t r = 0; r < rows; r++) {
          const int32_t at_w = position(w, column + (int32_t)(r < n ? r : n - 1), tw);
          pointers[r] = inside && is_inside(at_w, t->x[2]) ? line + (size_t)at_w * channels : j->zero;
        }
    }
}

static void compute(job *j, size_t thread, size_t task) {
  const xj_indirect *t = j->t;
  const xj_indirect_part *part = part_of(t, task);
  const size_t n_tiles = tiles_of(part), taps = xj_indirect_taps(part);
  size_t rest = task - part->first_task;
  const int32_t from = (int32_t)(rest % n_tiles) * TASK_PIXELS;
  rest /= n_tiles;
  const int32_t row = (int32_t)(rest % (size_t)part->axes[1].count);
  rest /= (size_t)part->axes[1].count;
  const int32_t depth = (int32_t)(rest % (size_t)part->axes[0].count);
  rest /= (size_t)part->axes[0].count;
  const size_t group = rest % t->groups, image = rest / t->groups;
  const size_t x_pixels = (size_t)t->x[0] * (size_t)t->x[1] * (size_t)t->x[2], channels = t->groups * t->out;
  const float *x = j->x + image * x_pixels * t->groups * t->in + group * t->in;
  const size_t block = NR * (1 + taps * t->in);
  const float *weights = j->packed + part->weights + group * ((t->out + NR - 1) / NR) * block;
  const int32_t left = part->axes[2].count - from, until = from + (left < TASK_PIXELS ? left : TASK_PIXELS);
  const size_t y_line =
      ((image * (size_t)t->y[0] + (size_t)(part->axes[0].first + depth * part->axes[0].step)) * (size_t)t->y[1] +
       (size_t)(part->axes[1].first + row * part->axes[1].step)) *
      (size_t)t->y[2];
  const float **pointers = (const float **)(void *)(j->pointers + thread * j->pointers_bytes);
  for (int32_t column = from; column < until; column += MR) {
    const size_t n = (size_t)(until - column < MR ? until - column : MR), rows = n == 1 ? 1 : MR;
    float *y =
        j->y + (y_line + (size_t)(part->axes[2].first + column * part->axes[2].step)) * channels + group * t->out;
    point(j, part, x, depth, row, column, n, rows, pointers);
    xj_igemm_f32 *const one = t->is_linear ? xj_igemm_f32_linear_1x8 : xj_igemm_f32_1x8;
    xj_igemm_f32 *const four = t->is_linear ? xj_igemm_f32_linear_4x8 : xj_igemm_f32_4x8;
    (rows == 1 ? one : four)(n, t->out, t->in * sizeof *x, taps * rows * sizeof *pointers, pointers, weights, y,
                             (size_t)part->axes[2].step * channels * sizeof *y, NR * sizeof *y, 0, j->zero, &t->limits);
  }
}

void xj_indirect_run(const xj_indirect *t, const float *x, const float *packed, float *y, void *scratch,
                     pthreadpool_t threads) {
  float *zero = scratch;
  memset(zero, 0, t->in * sizeof *zero);
  job j = {t, x, packed, zero, y, (char *)scratch + up(t->in * sizeof *zero), pointers_bytes(t)};
  pthreadpool_parallelize_1d_with_thread(threads, (pthreadpool_task_1d_with_thread_t)compute, &j, t->n_tasks, 0);
}
