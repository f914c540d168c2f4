/* The trainer of heads (kernels/standalone/train_head.h) where sanitizers see every access: shapes with and without
 * tails, in a block of exactly as many bytes as it asks for. tests/train trains the same in WebAssembly and expects the
 * same hash.
 *
 *     train --list     the checks: name, tab, title
 *     train [NAME…]    runs these, or all, until one fails */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/standalone/train_head.h"

static uint32_t state;
static float uniform(void) { /* -0.5 … 0.5, exactly the same in JavaScript */
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) * 0x1p-24f - 0.5f;
}

static uint32_t hash_floats(uint32_t hash, const float *x, size_t n) { /* FNV-1a */
  const unsigned char *bytes = (const unsigned char *)x;
  for (size_t i = 0; i < n * sizeof(float); i++) hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

/* Three epochs with dropout, batches of `n_batch`, the last one smaller; the hash of all parameters. */
static uint32_t train(size_t n_features, size_t n_hidden, size_t n_classes, size_t n_examples, size_t n_batch) {
  const size_t n_bytes = xj_head_bytes(n_features, n_hidden, n_classes, n_examples, n_batch);
  void *memory = aligned_alloc(16, n_bytes);
  uint32_t *order = malloc(n_examples * sizeof *order);
  if (!memory || !order) exit(2);
  struct xj_head *head = xj_head_create(memory, n_features, n_hidden, n_classes, n_examples, n_batch, 7);
  const size_t stride = (n_hidden + 7) / 8 * 8, class_stride = (n_classes + 3) / 4 * 4;
  const size_t feature_stride = (n_features + 3) / 4 * 4;
  float *parameters = xj_head_parameters(head), *class_kernel = parameters + (n_features + 1) * stride;
  state = 1;
  for (size_t i = 0; i < n_examples; i++) {
    for (size_t f = 0; f < n_features; f++) xj_head_examples(head)[i * feature_stride + f] = uniform();
    xj_head_labels(head)[i] = (uint32_t)(i % n_classes);
    order[i] = (uint32_t)(n_examples - 1 - i);
  }
  for (size_t f = 0; f < n_features; f++)
    for (size_t k = 0; k < n_hidden; k++) parameters[f * stride + k] = uniform() * 0.25f;
  for (size_t k = 0; k < n_hidden; k++)
    for (size_t c = 0; c < n_classes; c++) class_kernel[k * class_stride + c] = uniform();
  struct xj_head_result result;
  for (int epoch = 0; epoch < 3; epoch++) {
    xj_head_train(head, order, n_examples, n_batch, 0.001f, 0.25f, &result);
    xj_head_evaluate(head, order, n_examples, &result);
  }
  uint32_t hash = 2166136261u;
  for (size_t f = 0; f <= n_features; f++) hash = hash_floats(hash, parameters + f * stride, n_hidden);
  for (size_t k = 0; k < n_hidden; k++) hash = hash_floats(hash, class_kernel + k * class_stride, n_classes);
  free(order);
  free(memory);
  return hash;
}

static const struct {
  const char *name, *title;
  size_t n_features, n_hidden, n_classes, n_examples, n_batch;
  uint32_t hash;
} checks[] = {
    {"usual", "train: a head of usual size is trained to the bits of WebAssembly", 200, 100, 3, 21, 16, 0x0216201f},
    {"tails", "train: so is one whose sizes are multiples of nothing", 101, 13, 5, 11, 6, 0x54239254},
    {"least", "train: and the smallest", 1, 1, 1, 1, 1, 0xd7f1eaa6},
};
enum { N_CHECKS = sizeof checks / sizeof *checks };

int main(int n, char **arguments) {
  bool list = n > 1 && strcmp(arguments[1], "--list") == 0;
  int n_run = 0;
  for (int i = 0; i < N_CHECKS; i++) {
    bool wanted = n == 1;
    for (int k = 1; k < n; k++) wanted |= strcmp(arguments[k], checks[i].name) == 0;
    if (list) printf("%s\t%s\n", checks[i].name, checks[i].title);
    if (list || !wanted) continue;
    const uint32_t hash =
        train(checks[i].n_features, checks[i].n_hidden, checks[i].n_classes, checks[i].n_examples, checks[i].n_batch);
    if (hash != checks[i].hash) {
      printf("failed: %s has hash 0x%08x instead of 0x%08x\n", checks[i].name, hash, checks[i].hash);
      return 1;
    }
    printf("ok %s\n", checks[i].name);
    n_run++;
  }
  return !list && n_run < (n == 1 ? N_CHECKS : n - 1);
}
