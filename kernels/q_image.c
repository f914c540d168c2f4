#include "kernels/q_image.h"

#include <string.h>

#include "kernels/simd.h"

enum { BYTES_PER_TASK = 16384 };

xj_status xj_q_image_check(const xj_q_image *image) {
  uint64_t pixels = (uint64_t)xj_q_rows(image) * (image->left + image->width + image->right);
  uint64_t most = (INT32_MAX - XJ_TILE_BYTES) / sizeof(int16_t);
  uint64_t pixel = (uint64_t)image->channels * image->repeat;
  if (pixel == 0 || (pixels <= most && pixel <= most && pixels * pixel <= most)) return XJ_OK;
  return xj_fail(XJ_UNSUPPORTED, "%llu padded pixels of %llu channels are more than the %llu numbers that are possible",
                 (unsigned long long)pixels, (unsigned long long)pixel, (unsigned long long)most);
}

size_t xj_q_image_bytes(const xj_q_image *image) {
  return xj_q_rows(image) * xj_q_row(image) * sizeof(int16_t) + XJ_TILE_BYTES;
}

/* y[i] = x[i] - zero */
static void widen(size_t n, const uint8_t *x, int32_t zero, bool is_unsigned, int16_t *y) {
  const v128_t zeros = wasm_i16x8_splat((int16_t)zero);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    v128_t words = is_unsigned ? wasm_u16x8_load8x8(x + i) : wasm_i16x8_load8x8(x + i);
    wasm_v128_store(y + i, wasm_i16x8_sub(words, zeros));
  }
  for (; i < n; i++) y[i] = (int16_t)((is_unsigned ? (int32_t)x[i] : (int32_t)(int8_t)x[i]) - zero);
}

typedef struct {
  const xj_q_image *image;
  const uint8_t *x;
  int16_t *padded;
} task;

static void make_rows(task *t, size_t first, size_t n) {
  const xj_q_image *image = t->image;
  const size_t pixel = xj_q_pixel(image), row = xj_q_row(image), bytes = image->width * image->channels;
  for (size_t r = first; r < first + n; r++) {
    int16_t *y = t->padded + r * row;
    if (r < image->top || r >= image->top + image->height) {
      memset(y, 0, row * sizeof *y);
      continue;
    }
    memset(y, 0, image->left * pixel * sizeof *y);
    y += image->left * pixel;
    const uint8_t *x = t->x + (r - image->top) * bytes;
    if (image->repeat == 1) {
      widen(bytes, x, image->zero, image->is_unsigned, y);
    } else {
      for (size_t i = 0; i < bytes; i++) {
        int16_t value = (int16_t)((image->is_unsigned ? (int32_t)x[i] : (int32_t)(int8_t)x[i]) - image->zero);
        for (size_t k = 0; k < image->repeat; k++) y[i * image->repeat + k] = value;
      }
    }
    memset(y + image->width * pixel, 0, image->right * pixel * sizeof *y);
  }
}

void xj_q_image_make(const xj_q_image *image, const uint8_t *x, int16_t *padded, pthreadpool_t threads) {
  const size_t rows = xj_q_rows(image), row = xj_q_row(image);
  memset(padded + rows * row, 0, XJ_TILE_BYTES); /* read by vectors, and part of no result */
  if (rows == 0 || row == 0) return;
  task t = {image, x, padded};
  size_t tile = BYTES_PER_TASK / row;
  pthreadpool_parallelize_1d_tile_1d(threads, (pthreadpool_task_1d_tile_1d_t)make_rows, &t, rows, tile == 0 ? 1 : tile,
                                     0);
}
