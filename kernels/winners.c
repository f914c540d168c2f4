#include "kernels/winners.h"

#include <string.h>

#include "kernels/simd.h"

typedef struct {
  const xj_axis *axes;
  size_t channels;
  const int32_t *winners; /* the first image's */
  const float *dy;
  float *dx;
} job;

/* dx [n] (+)= dy [n] where the winner is the pixel. */
static inline __attribute__((always_inline)) void take_won(bool adds, v128_t pixel, size_t n, const int32_t *winners,
                                                           const float *dy, float *dx) {
  for (; n >= 4; n -= 4, winners += 4, dy += 4, dx += 4) {
    const v128_t won = wasm_v128_and(wasm_v128_load(dy), wasm_i32x4_eq(wasm_v128_load(winners), pixel));
    wasm_v128_store(dx, adds ? wasm_f32x4_add(wasm_v128_load(dx), won) : won);
  }
  for (; n > 0; n--, winners++, dy++, dx++) {
    const float won = *winners == wasm_i32x4_extract_lane(pixel, 0) ? *dy : 0;
    *dx = adds ? *dx + won : won;
  }
}

/* dx [channels] of pixel `at`. of: the outputs that read it; offset: of the image's first output. */
static void gather_pixel(const job *j, const xj_sources of[3], int32_t at, size_t offset, float *dx) {
  const size_t c = j->channels, w = (size_t)j->axes[2].output, h = (size_t)j->axes[1].output;
  const v128_t pixel = wasm_i32x4_splat(at);
  bool adds = false;
  for (int32_t id = 0; id < of[0].count; id++)
    for (int32_t ih = 0; ih < of[1].count; ih++) {
      const size_t line = ((size_t)(of[0].output + id * of[0].step) * h + (size_t)(of[1].output + ih * of[1].step)) * w;
      for (int32_t iw = 0; iw < of[2].count; iw++, adds = true) {
        const size_t o = offset + (line + (size_t)(of[2].output + iw * of[2].step)) * c;
        if (adds)
          take_won(true, pixel, c, j->winners + o, j->dy + o, dx);
        else
          take_won(false, pixel, c, j->winners + o, j->dy + o, dx);
      }
    }
  if (!adds) memset(dx, 0, c * sizeof *dx);
}

/* A row of dx. */
static void gather_row(job *j, size_t index) {
  const xj_axis *d = &j->axes[0], *h = &j->axes[1], *w = &j->axes[2];
  const int32_t row = (int32_t)(index % (size_t)h->input);
  const int32_t plane = (int32_t)(index / (size_t)h->input % (size_t)d->input);
  const size_t image = index / (size_t)h->input / (size_t)d->input;
  const size_t offset = image * xj_gradient_outputs(j->axes) * j->channels;
  float *dx = j->dx + index * (size_t)w->input * j->channels;
  const int32_t first = (plane * h->input + row) * w->input;
  xj_sources of[3] = {xj_axis_sources(d, plane), xj_axis_sources(h, row)};
  for (int32_t column = 0; column < w->input; column++, dx += j->channels) {
    of[2] = xj_axis_sources(w, column);
    gather_pixel(j, of, first + column, offset, dx);
  }
}

void xj_winners_gather(const xj_axis axes[3], size_t batch, size_t channels, const int32_t *winners, const float *dy,
                       float *dx, pthreadpool_t threads) {
  job j = {axes, channels, winners, dy, dx};
  pthreadpool_parallelize_1d(threads, (pthreadpool_task_1d_t)gather_row, &j,
                             batch * (size_t)axes[0].input * (size_t)axes[1].input, 0);
}
