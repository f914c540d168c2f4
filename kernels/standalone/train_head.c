/* Trains the head of a classifier on features that do not change: Dense(relu), Dropout, Dense(softmax, no bias), by
 * Adam on the mean categorical cross-entropy. What Teachable Machine trains in a page; there it is TensorFlow.js op by
 * op. float32 with a fixed order of terms, no contraction, no libm: the same bits in every engine. */

#include "kernels/standalone/train_head.h"

#include <stdbool.h>

#include "kernels/simd.h"

/* Rows of the hidden kernel that stay in the cache while all rows of the batch pass: 96 rows of 104 floats are 40 kB.
 */
#define BLOCK_FEATURES 96

/* Adam's numbers as tfjs-core has them (train.adam; epsilon is the backend's). */
#define BETA1 0.9
#define BETA2 0.999
#define EPSILON 1e-7f

struct xj_head {
  size_t n_features, n_hidden, n_classes, n_examples, n_batch;
  size_t feature_stride; /* floats from one example to the next: n_features rounded up to 4 */
  size_t hidden_stride;  /* n_hidden rounded up to 8; what is between stays 0: its gradients are */
  size_t class_stride;   /* n_classes rounded up to 4, likewise */
  double beta1_power, beta2_power;
  uint32_t random[4];
  /* Parameters: hidden kernel [n_features, hidden_stride], hidden bias [hidden_stride], class kernel [hidden_stride,
   * class_stride], one after the other; Adam's moments in the same order. */
  size_t n_parameters;
  float *parameters, *moment1, *moment2;
  float *examples;  /* [n_examples, feature_stride] */
  uint32_t *labels; /* [n_examples] */
  float *hidden;    /* [n_batch, hidden_stride], behind relu and dropout */
  float *d_hidden;  /* [n_batch, hidden_stride] */
  float *classes;   /* [n_batch, class_stride]: probabilities, then their gradient before the softmax */
  float *gradient;  /* of hidden bias and class kernel: [hidden_stride, 1 + class_stride] */
};

struct step {
  v128_t rate, correction1, correction2; /* learning rate, 1 / (1 - beta^t) */
};

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

/* The block: the struct, then the arrays, 16 bytes aligned. */
static size_t lay_out(struct xj_head *h, char *memory) {
  h->feature_stride = round_up(h->n_features, 4);
  h->hidden_stride = round_up(h->n_hidden, 8);
  h->class_stride = round_up(h->n_classes, 4);
  h->n_parameters = h->hidden_stride * (h->n_features + 1 + h->class_stride);
  size_t offset = round_up(sizeof *h, 16);
  struct {
    float **array;
    size_t n;
  } const arrays[] = {
      {&h->parameters, h->n_parameters},
      {&h->moment1, h->n_parameters},
      {&h->moment2, h->n_parameters},
      {&h->examples, h->n_examples * h->feature_stride},
      {&h->hidden, h->n_batch * h->hidden_stride},
      {&h->d_hidden, h->n_batch * h->hidden_stride},
      {&h->classes, h->n_batch * h->class_stride},
      {&h->gradient, h->hidden_stride * (1 + h->class_stride)},
  };
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
    if (memory) *arrays[i].array = (float *)(void *)(memory + offset);
    offset += round_up(arrays[i].n, 4) * sizeof(float);
  }
  if (memory) h->labels = (uint32_t *)(void *)(memory + offset);
  return offset + round_up(h->n_examples, 4) * sizeof(uint32_t);
}

int32_t xj_head_abi(void) { return 1; }

size_t xj_head_bytes(size_t n_features, size_t n_hidden, size_t n_classes, size_t n_examples, size_t n_batch) {
  struct xj_head h = {.n_features = n_features,
                      .n_hidden = n_hidden,
                      .n_classes = n_classes,
                      .n_examples = n_examples,
                      .n_batch = n_batch};
  return lay_out(&h, NULL);
}

struct xj_head *xj_head_create(void *memory, size_t n_features, size_t n_hidden, size_t n_classes, size_t n_examples,
                               size_t n_batch, uint32_t seed) {
  const size_t n_bytes = xj_head_bytes(n_features, n_hidden, n_classes, n_examples, n_batch);
  for (size_t i = 0; i < n_bytes; i += 16) wasm_v128_store((char *)memory + i, wasm_i32x4_splat(0));
  struct xj_head *h = memory;
  h->n_features = n_features;
  h->n_hidden = n_hidden;
  h->n_classes = n_classes;
  h->n_examples = n_examples;
  h->n_batch = n_batch;
  h->beta1_power = h->beta2_power = 1;
  for (size_t i = 0; i < 4; i++) { /* splitmix32 */
    uint32_t z = seed += 0x9e3779b9u;
    z = (z ^ (z >> 16)) * 0x85ebca6bu;
    z = (z ^ (z >> 13)) * 0xc2b2ae35u;
    h->random[i] = z ^ (z >> 16);
  }
  lay_out(h, memory);
  return h;
}

float *xj_head_parameters(struct xj_head *h) { return h->parameters; }
float *xj_head_moments(struct xj_head *h) { return h->moment1; }
float *xj_head_examples(struct xj_head *h) { return h->examples; }
uint32_t *xj_head_labels(struct xj_head *h) { return h->labels; }
float *xj_head_probabilities(struct xj_head *h) { return h->classes; }

/* xoshiro128** (Blackman and Vigna 2018): 24 bits of it, 0 … 1. */
static float random_unit(uint32_t s[4]) {
  const uint32_t five = s[1] * 5, result = ((five << 7) | (five >> 25)) * 9, t = s[1] << 9;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = (s[3] << 11) | (s[3] >> 21);
  return (float)(result >> 8) * 0x1p-24f;
}

/* e^x for x <= 0, relative error below 1e-14: 2^n of the whole part, Taylor's series of the rest. */
static double exp_negative(double x) {
  if (!(x > -700)) return 0;
  const int n = (int)(x * 1.4426950408889634 - 0.5);
  const double r = x - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10; /* ln 2 in two parts, as fdlibm */
  double sum = 1;
  for (int i = 13; i > 0; i--) sum = 1 + sum * r / i;
  const union {
    uint64_t bits;
    double value;
  } power = {.bits = (uint64_t)(n + 1023) << 52};
  return sum * power.value;
}

/* log(x) for normal x > 0, absolute error below 1e-13: 2 atanh((m - 1) / (m + 1)) of the mantissa m. */
static double log_positive(double x) {
  union {
    double value;
    uint64_t bits;
  } u = {.value = x};
  int exponent = (int)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  if (u.value > 1.4142135623730951) {
    u.value /= 2;
    exponent++;
  }
  const double s = (u.value - 1) / (u.value + 1), square = s * s;
  double sum = 0;
  for (int i = 21; i > 0; i -= 2) sum = sum * square + 1.0 / i;
  return 2 * s * sum + exponent * 0.693147180559945309417;
}

/* y[i][0…7] += x[i][0 … n_features-1] · kernel[0 … n_features-1][0…7] for n_rows = 1 … 4 rows. */
static inline void add_products(size_t n_rows, size_t n_features, const float *const x[4], const float *kernel,
                                size_t kernel_stride, float *const y[4]) {
  v128_t sum[4][2];
  for (size_t i = 0; i < n_rows; i++)
    for (size_t k = 0; k < 2; k++) sum[i][k] = wasm_v128_load(y[i] + 4 * k);
  for (size_t f = 0; f < n_features; f++, kernel += kernel_stride) {
    const v128_t w0 = wasm_v128_load(kernel), w1 = wasm_v128_load(kernel + 4);
    for (size_t i = 0; i < n_rows; i++) {
      const v128_t value = wasm_v128_load32_splat(x[i] + f);
      sum[i][0] = wasm_f32x4_add(sum[i][0], wasm_f32x4_mul(value, w0));
      sum[i][1] = wasm_f32x4_add(sum[i][1], wasm_f32x4_mul(value, w1));
    }
  }
  for (size_t i = 0; i < n_rows; i++)
    for (size_t k = 0; k < 2; k++) wasm_v128_store(y[i] + 4 * k, sum[i][k]);
}

/* Hidden layer of the examples order[0 … n-1], n <= n_batch, with what dropout leaves where rate > 0. */
static void compute_hidden(struct xj_head *h, const uint32_t *order, size_t n, float rate) {
  const size_t stride = h->hidden_stride;
  const float *bias = h->parameters + h->n_features * stride;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < stride; k += 4) wasm_v128_store(h->hidden + i * stride + k, wasm_v128_load(bias + k));
  for (size_t first = 0; first < h->n_features; first += BLOCK_FEATURES) {
    const size_t left = h->n_features - first, n_features = left < BLOCK_FEATURES ? left : BLOCK_FEATURES;
    const float *kernel = h->parameters + first * stride;
    for (size_t i = 0; i < n;) {
      const size_t n_rows = n - i >= 4 ? 4 : 1;
      const float *x[4];
      for (size_t row = 0; row < n_rows; row++) x[row] = h->examples + order[i + row] * h->feature_stride + first;
      for (size_t k = 0; k < stride; k += 8) {
        float *y[4];
        for (size_t row = 0; row < n_rows; row++) y[row] = h->hidden + (i + row) * stride + k;
        if (n_rows == 4)
          add_products(4, n_features, x, kernel + k, stride, y);
        else
          add_products(1, n_features, x, kernel + k, stride, y);
      }
      i += n_rows;
    }
  }
  const float kept = 1 / (1 - rate);
  for (size_t i = 0; i < n; i++) {
    float *row = h->hidden + i * stride;
    for (size_t k = 0; k < stride; k += 4)
      wasm_v128_store(row + k, wasm_f32x4_max(wasm_v128_load(row + k), wasm_f32x4_const_splat(0)));
    if (rate > 0)
      for (size_t k = 0; k < h->n_hidden; k++) row[k] = random_unit(h->random) < rate ? 0 : row[k] * kept;
  }
}

/* classes[i] = softmax(hidden[i] · class kernel) of row i; the loss of label, and whether it has the largest
 * probability. */
static void compute_classes(struct xj_head *h, size_t i, uint32_t label, struct xj_head_result *result) {
  const float *kernel = h->parameters + (h->n_features + 1) * h->hidden_stride,
              *hidden = h->hidden + i * h->hidden_stride;
  float *y = h->classes + i * h->class_stride;
  for (size_t c = 0; c < h->class_stride; c += 4) {
    v128_t sum = wasm_f32x4_const_splat(0);
    for (size_t k = 0; k < h->n_hidden; k++)
      sum = wasm_f32x4_add(
          sum, wasm_f32x4_mul(wasm_v128_load32_splat(hidden + k), wasm_v128_load(kernel + k * h->class_stride + c)));
    wasm_v128_store(y + c, sum);
  }
  size_t best = 0;
  for (size_t c = 1; c < h->n_classes; c++)
    if (y[c] > y[best]) best = c;
  const double largest = (double)y[best];
  double sum = 0;
  for (size_t c = 0; c < h->n_classes; c++) sum += exp_negative((double)y[c] - largest);
  for (size_t c = 0; c < h->n_classes; c++) y[c] = (float)(exp_negative((double)y[c] - largest) / sum);
  /* Probabilities are limited to epsilon … 1 - epsilon in the loss, as tfjs-layers does. */
  const double p = (double)y[label], low = (double)EPSILON;
  const bool finite = p >= 0; /* not NaN */
  result->loss -= finite ? log_positive(p < low ? low : p > 1 - low ? 1 - low : p) : p;
  result->n_right += best == label;
}

/* Four parameters by their gradient. */
static inline void update4(struct xj_head *h, size_t at, v128_t gradient, const struct step *step) {
  float *m = h->moment1 + at, *v = h->moment2 + at, *w = h->parameters + at;
  const v128_t new_m = wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(m), wasm_f32x4_const_splat((float)BETA1)),
                                      wasm_f32x4_mul(gradient, wasm_f32x4_const_splat((float)(1 - BETA1))));
  const v128_t new_v =
      wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(v), wasm_f32x4_const_splat((float)BETA2)),
                     wasm_f32x4_mul(wasm_f32x4_mul(gradient, gradient), wasm_f32x4_const_splat((float)(1 - BETA2))));
  const v128_t root = wasm_f32x4_sqrt(wasm_f32x4_mul(new_v, step->correction2));
  const v128_t change =
      wasm_f32x4_div(wasm_f32x4_mul(new_m, step->correction1), wasm_f32x4_add(root, wasm_f32x4_const_splat(EPSILON)));
  wasm_v128_store(m, new_m);
  wasm_v128_store(v, new_v);
  wasm_v128_store(w, wasm_f32x4_sub(wasm_v128_load(w), wasm_f32x4_mul(step->rate, change)));
}

/* Rows first … first+n_rows-1 (1 … 4) of the hidden kernel: gradient and step at once, so that it passes the cache
 * once. */
static inline void update_rows(struct xj_head *h, size_t n_rows, size_t first, const uint32_t *order, size_t n,
                               const struct step *step) {
  const size_t stride = h->hidden_stride;
  for (size_t k = 0; k < stride; k += 8) {
    v128_t sum[4][2];
    for (size_t row = 0; row < n_rows; row++) sum[row][0] = sum[row][1] = wasm_f32x4_const_splat(0);
    for (size_t i = 0; i < n; i++) {
      const float *x = h->examples + order[i] * h->feature_stride + first, *d = h->d_hidden + i * stride + k;
      const v128_t d0 = wasm_v128_load(d), d1 = wasm_v128_load(d + 4);
      for (size_t row = 0; row < n_rows; row++) {
        const v128_t value = wasm_v128_load32_splat(x + row);
        sum[row][0] = wasm_f32x4_add(sum[row][0], wasm_f32x4_mul(value, d0));
        sum[row][1] = wasm_f32x4_add(sum[row][1], wasm_f32x4_mul(value, d1));
      }
    }
    for (size_t row = 0; row < n_rows; row++) {
      update4(h, (first + row) * stride + k, sum[row][0], step);
      update4(h, (first + row) * stride + k + 4, sum[row][1], step);
    }
  }
}

/* Gradients of the loss of n examples, whose hidden layer and probabilities are there, and one step of Adam. */
static void step_back(struct xj_head *h, const uint32_t *order, size_t n, float rate, const struct step *step) {
  const size_t stride = h->hidden_stride, class_stride = h->class_stride, kernel_at = h->n_features * stride;
  const float kept = 1 / (1 - rate), share = 1 / (float)n;
  const float *class_kernel = h->parameters + kernel_at + stride;
  for (size_t k = 0; k < stride * (1 + class_stride); k += 4)
    wasm_v128_store(h->gradient + k, wasm_f32x4_const_splat(0));
  for (size_t i = 0; i < n; i++) {
    float *d_class = h->classes + i * class_stride;
    const float *hidden = h->hidden + i * stride;
    d_class[h->labels[order[i]]] -= 1;
    for (size_t c = 0; c < class_stride; c++) d_class[c] *= share;
    for (size_t k = 0; k < stride; k++) {
      float *gradient = h->gradient + stride + k * class_stride, d = 0;
      for (size_t c = 0; c < class_stride; c++) {
        d += d_class[c] * class_kernel[k * class_stride + c];
        gradient[c] += hidden[k] * d_class[c];
      }
      /* 0 where relu or dropout left nothing */
      const float d_hidden = hidden[k] > 0 ? d * kept : 0;
      h->d_hidden[i * stride + k] = d_hidden;
      h->gradient[k] += d_hidden;
    }
  }
  size_t f = 0;
  for (; f + 4 <= h->n_features; f += 4) update_rows(h, 4, f, order, n, step);
  for (; f < h->n_features; f++) update_rows(h, 1, f, order, n, step);
  for (size_t k = 0; k < stride * (1 + class_stride); k += 4)
    update4(h, kernel_at + k, wasm_v128_load(h->gradient + k), step);
}

void xj_head_train(struct xj_head *h, const uint32_t *order, size_t n, size_t n_batch, float rate, float dropout,
                   struct xj_head_result *result) {
  *result = (struct xj_head_result){0, 0};
  for (size_t at = 0; at < n; at += n_batch) {
    const size_t size = n - at < n_batch ? n - at : n_batch;
    compute_hidden(h, order + at, size, dropout);
    for (size_t i = 0; i < size; i++) compute_classes(h, i, h->labels[order[at + i]], result);
    h->beta1_power *= BETA1;
    h->beta2_power *= BETA2;
    const struct step step = {wasm_f32x4_splat(rate), wasm_f32x4_splat((float)(1 / (1 - h->beta1_power))),
                              wasm_f32x4_splat((float)(1 / (1 - h->beta2_power)))};
    step_back(h, order + at, size, dropout, &step);
  }
}

void xj_head_evaluate(struct xj_head *h, const uint32_t *order, size_t n, struct xj_head_result *result) {
  *result = (struct xj_head_result){0, 0};
  for (size_t at = 0; at < n; at += h->n_batch) {
    const size_t size = n - at < h->n_batch ? n - at : h->n_batch;
    compute_hidden(h, order + at, size, 0);
    for (size_t i = 0; i < size; i++) compute_classes(h, i, h->labels[order[at + i]], result);
  }
}
