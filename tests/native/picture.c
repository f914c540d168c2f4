/* The kernel of xnnjs-image.wasm under sanitizers: pictures, work and tensors that end where they should, at random
 * sizes, strides and regions, and the fast path's bits against the plain one's.
 *
 *     picture --list     the checks: name, tab, title
 *     picture [NAME…]    runs these, or all, until one fails */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/standalone/image.h"

static uint32_t state = 1;

static uint32_t below(uint32_t n) { /* 0 … n - 1, the same on every machine */
  state = state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)state * n) >> 32);
}

static double between(double low, double high) { return low + (high - low) * below(1u << 30) * 0x1p-30; }

static void *allocate(size_t bytes) {
  void *const memory = malloc(bytes);
  if (memory == NULL) exit(2);
  return memory;
}

#define CHECK(condition, ...)                                                                                          \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      printf("failed: " __VA_ARGS__), printf("\n");                                                                    \
      exit(1);                                                                                                         \
    }                                                                                                                  \
  } while (0)

/* Of bytes 100 … 199; not one behind its last pixel. */
static xj_picture make_picture(void) {
  const int32_t width = 1 + (int32_t)below(below(2) ? 9 : 70), height = 1 + (int32_t)below(below(2) ? 5 : 40);
  const size_t stride = (size_t)width * 4 + below(3) * 5;
  const size_t bytes = stride * (size_t)(height - 1) + (size_t)width * 4;
  uint8_t *const rgba = allocate(bytes);
  for (size_t i = 0; i < bytes; i++) rgba[i] = (uint8_t)(100 + below(100));
  return (xj_picture){rgba, width, height, stride};
}

static xj_sampling make_sampling(const xj_picture *picture, double reach) {
  xj_sampling s = {0};
  s.x_center = picture->width * between(-reach, 1 + reach), s.y_center = picture->height * between(-reach, 1 + reach);
  s.width = picture->width * between(0.001, 1 + reach), s.height = picture->height * between(0.001, 1 + reach);
  s.rotation = below(2) ? between(-10, 10) : 0;
  s.flip = below(2);
  s.columns = 1 + below(50), s.rows = 1 + below(20);
  s.filter = below(2), s.border = below(3), s.type = below(3);
  s.channels = below(2) ? 3 : 1, s.bgr = below(2);
  for (int k = 0; k < 3; k++) s.color[k] = 100 + below(100), s.grey[k] = 1.0 / 3, s.scale[k] = 1;
  return s;
}

static void check_bounds(void) {
  for (int round = 0; round < 6000; round++) {
    const xj_picture picture = make_picture();
    const xj_sampling s = make_sampling(&picture, round % 10 == 0 ? 1e5 : 2);
    const size_t n = (size_t)(s.rows * s.columns * s.channels), each = (int)s.type == XJ_TENSOR_UINT8 ? 1 : 4;
    void *const work = allocate(xj_sample_bytes(&s, picture.width));
    uint8_t *const tensor = allocate(n * each + 16);
    xj_sample(&picture, &s, work, tensor);
    for (size_t i = 0; i < n; i++) {
      double value = tensor[i];
      if ((int)s.type == XJ_TENSOR_FLOAT32) {
        float x;
        memcpy(&x, tensor + i * 4, 4);
        value = (double)x;
      } else if ((int)s.type == XJ_TENSOR_INT32) {
        int32_t x;
        memcpy(&x, tensor + i * 4, 4);
        value = x;
      }
      /* Means of bytes and colours of 100 … 199, with the rounding of sums of up to 64 × 64. */
      CHECK(value > 99.99 && value < 199.01, "round %d: value %zu is %g", round, i, value);
    }
    free(tensor);
    free(work);
    free((void *)(uintptr_t)picture.rgba);
  }
}

static void check_paths(void) {
  int compared = 0;
  for (int round = 0; round < 3000; round++) {
    const xj_picture picture = make_picture();
    const int32_t columns = 1 + (int32_t)below(50), rows = 1 + (int32_t)below(20), border = (int32_t)below(3);
    const float color[4] = {1, 2, 3, 0};
    const xj_map map = {between(-90, 90), between(-50, 50), between(-3, 3), 0, 0, between(-3, 3)};
    const size_t floats = ((size_t)columns + 3) / 4 * 16;
    float *const plain = allocate(floats * sizeof(float)), *const fast = allocate(floats * sizeof(float));
    void *const work = allocate(xj_aligned_bytes(columns));
    xj_aligned_prepare(&picture, &map, border, columns, work);
    for (int32_t i = 0; i < rows; i++) {
      const int32_t row = below(4) == 0 ? (int32_t)below((uint32_t)rows) : i;
      xj_bilinear_line(&picture, &map, border, color, row, columns, plain);
      xj_aligned_line(&picture, &map, border, color, row, columns, work, fast);
      CHECK(memcmp(plain, fast, (size_t)columns * 16) == 0, "round %d, row %d: another line", round, row);
      compared++;
    }
    free(work), free(fast), free(plain);
    free((void *)(uintptr_t)picture.rgba);
  }
  printf("note %d lines compared\n", compared);
}

static const struct {
  const char *name, *title;
  void (*run)(void);
} checks[] = {
    {"bounds", "image kernel: it stays within picture, work and tensor, and its values within those of the picture",
     check_bounds},
    {"paths", "image kernel: upright lines have the bits of the plain path", check_paths},
};

int main(int argc, char **argv) {
  for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
    int wanted = argc == 1;
    for (int k = 1; k < argc; k++) wanted |= strcmp(argv[k], checks[i].name) == 0;
    if (argc == 2 && strcmp(argv[1], "--list") == 0) printf("%s\t%s\n", checks[i].name, checks[i].title);
    if (!wanted) continue;
    checks[i].run();
    printf("ok %s\n", checks[i].name);
  }
  return 0;
}
