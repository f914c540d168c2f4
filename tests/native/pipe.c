/* The whole pipe through xj.h, as JavaScript drives it: build, compile, feed, make programs, run, release. Its numbers
 * are checked against scalar loops in double; every allocation on the way is made to fail in turn.
 *
 *     pipe --list     the checks: name, tab, title
 *     pipe [NAME…]    runs these, or all, until one fails */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/op.h"
#include "tests/fuzz/guarded_run.h"

enum { IN = 3, MID = 10, OUT = 7 };                          /* channels */
enum { SMALL = 4, MOST = 40 * 40 * MID * 2, N_WEIGHTS = 7 }; /* SMALL: inputs' n, h, w at least 1 */

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...) {
  printf("failed: ");
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
  exit(1);
}

static float uniform(void) { /* -1 … 1, the same on every machine */
  static uint32_t state = 1;
  state = state * 1664525u + 1013904223u;
  return (float)(int32_t)state * 0x1p-31f;
}

/* ---- the network: its weights as they are stored, and as the reference reads them ---- */

typedef struct {
  int32_t id;
  xj_storage storage;
  int32_t rank, dims[4];
} weight;

static const weight weights[N_WEIGHTS] = {
    {11, {XJ_FLOAT32, 0, 0}, 4, {3, 3, IN, MID}},           /* conv2d's filter */
    {12, {XJ_FLOAT16, 0, 0}, 1, {MID}},                     /* its bias */
    {13, {XJ_FLOAT32, 0, 0}, 1, {MID}},                     /* prelu's slope, which is not packed */
    {14, {XJ_UINT8, 1.0f / 256, -0.5f}, 4, {3, 3, MID, 1}}, /* depthwise_conv2d's filter */
    {15, {XJ_FLOAT32, 0, 0}, 1, {MID}},                     /* its bias */
    {16, {XJ_UINT16, 0x1p-16f, -0.5f}, 2, {OUT, MID}},      /* dense's, transposed */
    {17, {XJ_FLOAT32, 0, 0}, 1, {OUT}},                     /* its bias */
};
enum { FILTER, FILTER_BIAS, SLOPE, DEPTHWISE, DEPTHWISE_BIAS, DENSE, DENSE_BIAS, MOST_WEIGHTS = 9 * IN * MID };

static unsigned char stored[N_WEIGHTS][MOST_WEIGHTS * sizeof(float)];
static double values[N_WEIGHTS][MOST_WEIGHTS];

static size_t n_of(const weight *w) {
  size_t n = 1;
  for (int32_t i = 0; i < w->rank; i++) n *= (size_t)w->dims[i];
  return n;
}

static void make_weights(void) {
  for (int32_t i = 0; i < N_WEIGHTS; i++)
    for (size_t k = 0; k < n_of(&weights[i]); k++) {
      const xj_storage *s = &weights[i].storage;
      float value = uniform();
      uint16_t raw = (uint16_t)(32767 + value * 32767);
      switch (s->dtype) {
        case XJ_UINT8:
          stored[i][k] = (uint8_t)raw;
          values[i][k] = (double)(uint8_t)raw * s->scale + s->min;
          break;
        case XJ_UINT16:
          memcpy(&stored[i][2 * k], &raw, 2);
          values[i][k] = (double)raw * s->scale + s->min;
          break;
        case XJ_FLOAT16: /* sign and fraction of a number in ±[0.5, 1) */
          raw = (uint16_t)((raw & 0x83ff) | (14 << 10));
          memcpy(&stored[i][2 * k], &raw, 2);
          values[i][k] = (raw & 0x8000 ? -0.5 : 0.5) * (1 + (raw & 0x3ff) / 1024.0);
          break;
        default: memcpy(&stored[i][4 * k], &value, 4); values[i][k] = (double)value;
      }
    }
}

/* ---- the reference ---- */

typedef struct {
  int32_t n, h, w;
} size3;

/* Outputs of a 3×3 window of stride 2 with SAME padding, and of the pool after it. */
static int32_t half(int32_t size) { return (size + 1) / 2; }

static double conv_at(const float *x, const size3 *s, int32_t n, int32_t oy, int32_t ox, int32_t c) {
  int32_t missing_y = (half(s->h) - 1) * 2 + 3 - s->h, missing_x = (half(s->w) - 1) * 2 + 3 - s->w;
  double sum = values[FILTER_BIAS][c];
  for (int32_t ky = 0; ky < 3; ky++)
    for (int32_t kx = 0; kx < 3; kx++) {
      int32_t y = oy * 2 - missing_y / 2 + ky, at = ox * 2 - missing_x / 2 + kx;
      if (y < 0 || y >= s->h || at < 0 || at >= s->w) continue;
      for (int32_t i = 0; i < IN; i++)
        sum += (double)x[((n * s->h + y) * s->w + at) * IN + i] * values[FILTER][((ky * 3 + kx) * IN + i) * MID + c];
    }
  return sum < 0 ? sum * values[SLOPE][c] : sum;
}

/* min(max(depthwise(mid) + mid, 0), 6) */
static double residual_at(const double *mid, int32_t h, int32_t w, int32_t y, int32_t x, int32_t c) {
  double sum = values[DEPTHWISE_BIAS][c] + mid[(y * w + x) * MID + c];
  for (int32_t ky = -1; ky <= 1; ky++)
    for (int32_t kx = -1; kx <= 1; kx++) {
      if (y + ky < 0 || y + ky >= h || x + kx < 0 || x + kx >= w) continue;
      sum += mid[((y + ky) * w + x + kx) * MID + c] * values[DEPTHWISE][((ky + 1) * 3 + kx + 1) * MID + c];
    }
  return fmin(fmax(sum, 0), 6);
}

/* probabilities [n, OUT] for x [n, h, w, IN] */
static void reference(const float *x, const size3 *s, double *probabilities) {
  static double mid[MOST];
  const int32_t h = half(s->h), w = half(s->w);
  for (int32_t n = 0; n < s->n; n++) {
    double mean[MID] = {0}, sum = 0, *p = probabilities + n * OUT;
    for (int32_t i = 0; i < h * w; i++)
      for (int32_t c = 0; c < MID; c++) mid[i * MID + c] = conv_at(x, s, n, i / w, i % w, c);
    for (int32_t oy = 0; oy < half(h); oy++)
      for (int32_t ox = 0; ox < half(w); ox++)
        for (int32_t c = 0; c < MID; c++) {
          double most = 0; /* what relu6 gives is not below */
          for (int32_t y = 2 * oy; y < 2 * oy + 2 && y < h; y++)
            for (int32_t at = 2 * ox; at < 2 * ox + 2 && at < w; at++)
              most = fmax(most, residual_at(mid, h, w, y, at, c));
          mean[c] += most / (half(h) * half(w));
        }
    for (int32_t o = 0; o < OUT; o++) {
      p[o] = values[DENSE_BIAS][o];
      for (int32_t c = 0; c < MID; c++) p[o] += mean[c] * values[DENSE][o * MID + c];
      sum += p[o] = exp(p[o]);
    }
    for (int32_t o = 0; o < OUT; o++) p[o] /= sum;
  }
}

/* ---- the network through xj.h ---- */

/* What is done when a call fails: end the attempt, or call again (the failing allocation fails once only). */
typedef struct {
  bool again;
  int32_t failures;
} attempt;

/* Counts a failure, which must be the one that was asked for; whether to call again. */
static bool call_again(attempt *try, const char *call) {
  if (xj_error_status() != XJ_OUT_OF_MEMORY)
    fail("%s gives status %d (%s) where memory is short", call, (int)xj_error_status(), xj_error_text());
  if (strstr(xj_error_text(), "out of memory") == NULL) fail("%s says \"%s\"", call, xj_error_text());
  try->failures++;
  return try->again && try->failures < 100;
}

/* Evaluates `call` until `good`; leaves the function with `otherwise` when it failed for good. */
#define CALL(try, good, call, otherwise)                                                                               \
  while (call, !(good))                                                                                                \
    if (!call_again(try, #call)) return otherwise

static int32_t add_node(xj_graph *graph, attempt *try, int32_t op, int32_t n, const int32_t *inputs,
                        const void *attributes, uint32_t bytes) {
  int32_t id;
  CALL(try, id >= 0, id = xj_graph_node(graph, op, xj_ops[op].name, n, inputs, attributes, bytes), id);
  return id;
}

#define NODE(op, attributes, ...)                                                                                      \
  add_node(graph, try, op, (int32_t)(sizeof((int32_t[]){__VA_ARGS__}) / 4), (int32_t[]){__VA_ARGS__}, attributes,      \
           (attributes) == NULL ? 0 : xj_ops[op].attribute_bytes)

static bool build_nodes(xj_graph *graph, attempt *try) {
  int32_t x, w[N_WEIGHTS], output;
  CALL(try, x >= 0, x = xj_graph_input(graph, XJ_FLOAT32, 4, (int32_t[]){-1, -1, -1, IN}, "x"), false);
  for (int32_t i = 0; i < N_WEIGHTS; i++)
    CALL(
        try, w[i] >= 0,
        w[i] = xj_graph_weight(graph, weights[i].id, &weights[i].storage, XJ_FLOAT32, weights[i].rank, weights[i].dims),
        false);
  const xj_conv2d_attributes same2 = {.stride_h = 2, .stride_w = 2, .padding = XJ_PADDING_SAME};
  const xj_depthwise_conv2d_attributes same = {.padding = XJ_PADDING_SAME};
  const xj_max_pool2d_attributes pool = {
      .kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 2, .padding = XJ_PADDING_SAME};
  const xj_mean_attributes area = {.axes = {2, {1, 2}}};
  const xj_dense_attributes transposed = {.transpose_b = 1};
  int32_t conv, mid, depthwise, sum, relu6, pooled, mean, dense, softmax;
  if ((conv = NODE(XJ_OP_conv2d, &same2, x, w[FILTER], w[FILTER_BIAS])) < 0) return false;
  if ((mid = NODE(XJ_OP_prelu, NULL, conv, w[SLOPE])) < 0) return false;
  if ((depthwise = NODE(XJ_OP_depthwise_conv2d, &same, mid, w[DEPTHWISE], w[DEPTHWISE_BIAS])) < 0) return false;
  if ((sum = NODE(XJ_OP_add, NULL, depthwise, mid)) < 0) return false;
  if ((relu6 = NODE(XJ_OP_relu6, NULL, sum)) < 0) return false;
  if ((pooled = NODE(XJ_OP_max_pool2d, &pool, relu6)) < 0) return false;
  if ((mean = NODE(XJ_OP_mean, &area, pooled)) < 0) return false;
  if ((dense = NODE(XJ_OP_dense, &transposed, mean, w[DENSE], w[DENSE_BIAS])) < 0) return false;
  if ((softmax = NODE(XJ_OP_softmax, NULL, dense)) < 0) return false;
  CALL(try, output >= 0, output = xj_graph_output(graph, softmax, "p"), false);
  return true;
}

static bool feed(xj_model *model, attempt *try) {
  for (int32_t i = 0; i < xj_model_n_wanted(model); i++) {
    void *staging;
    CALL(try, staging != NULL, staging = xj_model_staging(model), false);
    int32_t k = 0;
    while (k < N_WEIGHTS && weights[k].id != xj_model_wanted(model, i)) k++;
    if (k == N_WEIGHTS) fail("a weight %d is wanted", xj_model_wanted(model, i));
    memcpy(staging, stored[k], n_of(&weights[k]) * xj_dtype_bytes(weights[k].storage.dtype));
    xj_status status;
    CALL(try, status == XJ_OK, status = xj_model_feed(model, i), false);
  }
  return true;
}

/* NULL when memory was short and `try` does not call again; what was made is released. */
static xj_model *make_model(uint32_t flags, attempt *try) {
  for (;;) { /* compile takes the graph, so another try starts from the beginning */
    xj_graph *graph;
    CALL(try, graph != NULL, graph = xj_graph_create(), NULL);
    if (!build_nodes(graph, try)) {
      xj_graph_release(graph);
      return NULL;
    }
    xj_model *model = xj_model_compile(graph, flags);
    if (model == NULL) {
      if (call_again(try, "compile")) continue;
      return NULL;
    }
    int32_t shape[2 + XJ_MAX_RANK];
    xj_status status = xj_model_output_shape(model, 0, shape);
    if (status != XJ_OK && try->again && call_again(try, "output_shape"))
      status = xj_model_output_shape(model, 0, shape);
    if (status == XJ_OK && (shape[1] != 2 || shape[2] != -1 || shape[3] != OUT))
      fail("the output's shape is of rank %d, [%d,%d]", shape[1], shape[2], shape[3]);
    if (status == XJ_OK && feed(model, try)) return model;
    if (status != XJ_OK) call_again(try, "output_shape");
    xj_model_release(model);
    return NULL;
  }
}

static xj_program *make_program(xj_model *model, const size3 *s, attempt *try) {
  xj_program *program;
  CALL(try, program != NULL, program = xj_program_create(model, (int32_t[]){s->n, s->h, s->w, IN}), NULL);
  return program;
}

/* Runs on new random numbers and checks the output; `bits` (may be NULL) takes a copy of it. */
static void run_and_check(xj_program *program, const size3 *s, float *bits) {
  static float x[MOST];
  static double expected[SMALL * OUT];
  const size_t n = (size_t)(s->n * s->h * s->w * IN);
  for (size_t i = 0; i < n; i++) x[i] = uniform();
  memcpy(xj_program_input(program, 0), x, n * sizeof *x);
  if (xj_program_run(program) != XJ_OK) fail("run: %s", xj_error_text());
  if (bits == NULL) { /* and once more, each step held to what is its own */
    memcpy(xj_program_input(program, 0), x, n * sizeof *x);
    if (xj_guarded_run(program) != XJ_OK) fail("guarded run: %s", xj_error_text());
  }
  const float *p = xj_program_output(program, 0);
  reference(x, s, expected);
  for (int32_t i = 0; i < s->n * OUT; i++)
    if (!(fabs((double)p[i] - expected[i]) < 2e-6))
      fail("%d×%d×%d: output %d is %.9g instead of %.9g", s->n, s->h, s->w, i, (double)p[i], expected[i]);
  if (bits != NULL) memcpy(bits, p, (size_t)(s->n * OUT) * sizeof *p);
}

static uint32_t bytes_in_use(void) {
  xj_memory memory;
  xj_memory_read(&memory);
  return memory.in_use;
}

static void start(int32_t n_threads) {
  if (xj_start(n_threads) != XJ_OK) fail("start: %s", xj_error_text());
}

/* ---- the checks ---- */

static const size3 sizes[] = {{1, 1, 1}, {1, 2, 5}, {1, 32, 32}, {2, 7, 8}, {4, 16, 3}, {1, 40, 37}, {3, 1, 40}};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void check_values(void) {
  for (int32_t n_threads = 1; n_threads <= 2; n_threads++)
    for (uint32_t flags = 0; flags <= XJ_UNOPTIMISED; flags++) {
      start(n_threads);
      uint32_t before = bytes_in_use();
      xj_model *model = make_model(flags, &(attempt){0});
      if (model == NULL) fail("no model: %s", xj_error_text());
      xj_program *programs[N_SIZES];
      for (int32_t i = 0; i < N_SIZES; i++) {
        programs[i] = make_program(model, &sizes[i], &(attempt){0});
        if (programs[i] == NULL) fail("no program: %s", xj_error_text());
        run_and_check(programs[i], &sizes[i], NULL);
      }
      uint32_t running = bytes_in_use();
      for (int32_t round = 0; round < 2; round++) /* the arena has moved since the first were made */
        for (int32_t i = N_SIZES; i-- > 0;) run_and_check(programs[i], &sizes[i], NULL);
      if (bytes_in_use() != running) fail("run allocates %u bytes", bytes_in_use() - running);
      if (xj_program_describe(programs[0]) == NULL) fail("describe: %s", xj_error_text());
      xj_program_release(programs[3]);
      run_and_check(programs[2], &sizes[2], NULL);
      xj_model_release(model);
      if (bytes_in_use() != before) fail("%u bytes are left", bytes_in_use() - before);
      xj_stop();
    }
}

/* One attempt at everything; false when memory was short. */
static bool whole_pipe(uint32_t flags, attempt *try) {
  xj_model *model = make_model(flags, try);
  if (model == NULL) return false;
  bool whole = false;
  for (int32_t i = 2; i < 4; i++) {
    xj_program *program = make_program(model, &sizes[i], try);
    if (program == NULL) goto out;
    run_and_check(program, &sizes[i], NULL);
    const char *text;
    while ((text = xj_program_describe(program)) == NULL)
      if (!call_again(try, "describe")) goto out;
  }
  whole = true;
out:
  xj_model_release(model);
  return whole;
}

static void fail_each_allocation(bool again) {
  for (int32_t n_threads = 1; n_threads <= 2; n_threads++)
    for (uint32_t flags = 0; flags <= XJ_UNOPTIMISED; flags++) {
      start(n_threads);
      const uint32_t before = bytes_in_use();
      uint32_t n = 1;
      for (;; n++) {
        attempt try = {.again = again};
        xj_memory_fail_at(n);
        bool whole = whole_pipe(flags, &try);
        xj_memory_fail_at(0);
        if (bytes_in_use() != before) fail("allocation %u fails: %u bytes are left", n, bytes_in_use() - before);
        if (whole != (again || try.failures == 0))
          fail("allocation %u fails: the network is %s", n, whole ? "there" : "not");
        if (try.failures == 0) break;
        if (n > 10000) fail("there is no end of allocations");
      }
      printf("note %u allocations, each failed once, with %d threads%s\n", n - 1, n_threads,
             flags ? ", unoptimised" : "");
      xj_stop();
    }
}

static void check_failures(void) { fail_each_allocation(false); }
static void check_retries(void) { fail_each_allocation(true); }

static void check_limit(void) {
  start(1);
  const uint32_t before = bytes_in_use();
  uint32_t limit = before + 1, refused = 0;
  for (;; limit += 509) {
    attempt try = {.again = false};
    xj_memory_limit(limit);
    bool whole = whole_pipe(0, &try);
    xj_memory_limit(0);
    if (bytes_in_use() != before) fail("limit %u: %u bytes are left", limit, bytes_in_use() - before);
    if (whole) break;
    refused++;
    if (limit > 1 << 24) fail("a limit of %u bytes is not enough", limit);
  }
  xj_memory memory;
  xj_memory_read(&memory);
  if (memory.peak > limit) fail("peak %u is above the limit of %u", memory.peak, limit);
  printf("note %u limits refused, %u bytes are enough\n", refused, limit);
  xj_stop();
}

static void check_bits(void) {
  enum { N = 2 };
  static float bits[N][SMALL * OUT];
  for (int32_t k = 0; k < N_SIZES; k++) {
    for (int32_t i = 0; i < N; i++) {
      start(1 + i);
      xj_model *model = make_model(0, &(attempt){0});
      xj_program *program = model == NULL ? NULL : make_program(model, &sizes[k], &(attempt){0});
      if (program == NULL) fail("no program: %s", xj_error_text());
      float *x = xj_program_input(program, 0);
      for (int32_t run = 0; run < 2; run++) { /* the first one has small ops on one thread */
        for (int32_t j = 0; j < sizes[k].n * sizes[k].h * sizes[k].w * IN; j++)
          x[j] = (float)(j * 7919 % 1000) / 500 - 1;
        if (xj_program_run(program) != XJ_OK) fail("run: %s", xj_error_text());
      }
      memcpy(bits[i], xj_program_output(program, 0), (size_t)(sizes[k].n * OUT) * sizeof(float));
      xj_model_release(model);
      xj_stop();
    }
    if (memcmp(bits[0], bits[1], (size_t)(sizes[k].n * OUT) * sizeof(float)) != 0)
      fail("%d×%d×%d: two threads give other bits than one", sizes[k].n, sizes[k].h, sizes[k].w);
  }
}

/* A layer without bias and slope as the only node: what it reads of its absent inputs lies beyond all that there are.
 */
static void check_alone(void) {
  static const int32_t layers[] = {XJ_OP_conv2d, XJ_OP_depthwise_conv2d, XJ_OP_dense};
  start(1);
  for (int32_t i = 0; i < 3; i++)
    for (int32_t kernel = 1; kernel <= 2; kernel++) {
      const bool grouped = layers[i] == XJ_OP_conv2d; /* one channel each, which our own kernel computes */
      const int32_t rank = layers[i] == XJ_OP_dense ? 2 : 4;
      const int32_t filter[4] = {kernel, kernel, grouped ? 1 : IN, grouped ? IN : 1};
      const xj_storage storage = {XJ_FLOAT32, 0, 0};
      xj_graph *graph = xj_graph_create();
      int32_t inputs[2] = {xj_graph_input(graph, XJ_FLOAT32, rank, (int32_t[]){2, IN, IN, IN}, "x"),
                           xj_graph_weight(graph, 1, &storage, XJ_FLOAT32, rank, filter + 4 - rank)};
      xj_graph_output(graph, xj_graph_node(graph, layers[i], "", 2, inputs, NULL, 0), "y");
      xj_model *model = xj_model_compile(graph, 0);
      if (model == NULL) fail("%s: %s", xj_ops[layers[i]].name, xj_error_text());
      const int32_t taps = layers[i] == XJ_OP_dense ? 1 : kernel * kernel;
      memset(xj_model_staging(model), 0, (size_t)(taps * IN) * sizeof(float));
      xj_program *program = xj_model_feed(model, 0) == XJ_OK ? xj_program_create(model, NULL) : NULL;
      if (program == NULL || xj_program_run(program) != XJ_OK) fail("%s: %s", xj_ops[layers[i]].name, xj_error_text());
      if (*(const float *)xj_program_output(program, 0) != 0) fail("%s of zeros is not 0", xj_ops[layers[i]].name);
      xj_model_release(model);
    }
  xj_stop();
}

/* A free dimension of channels makes groups out of more of them, for which the weights are not packed. */
static void check_groups(void) {
  start(1);
  for (int32_t channels = 1; channels <= 4; channels++) {
    const xj_storage storage = {XJ_FLOAT32, 0, 0};
    xj_graph *graph = xj_graph_create();
    int32_t inputs[2] = {xj_graph_input(graph, XJ_FLOAT32, 4, (int32_t[]){2, 5, 5, -1}, "x"),
                         xj_graph_weight(graph, 1, &storage, XJ_FLOAT32, 4, (int32_t[]){2, 2, 1, 4})};
    xj_graph_output(graph, xj_graph_node(graph, XJ_OP_conv2d, "", 2, inputs, NULL, 0), "y");
    xj_model *model = xj_model_compile(graph, 0);
    if (model == NULL) fail("no model: %s", xj_error_text());
    memset(xj_model_staging(model), 0, 16 * sizeof(float));
    xj_model_feed(model, 0);
    xj_program *program = xj_program_create(model, (int32_t[]){2, 5, 5, channels});
    if ((program != NULL) != (channels == 1)) fail("%d channels are %s", channels, program ? "taken" : xj_error_text());
    if (program != NULL && xj_program_run(program) != XJ_OK) fail("run: %s", xj_error_text());
    if (program == NULL && xj_error_status() != XJ_BAD_SHAPE) fail("%d channels: %s", channels, xj_error_text());
    xj_model_release(model);
  }
  xj_stop();
}

/* Each of these needs 2^32 bytes and some, which 32 bits take for a few: of packed weights, pointers to the taps of a
 * window, scratch, and an arena. */
static int32_t add_unaddressable(xj_graph *graph, int32_t which) {
  enum { THIRD = 357913941 /* floats: a third of 2^32 bytes */, HALF = INT32_MAX / 4 };
  const xj_storage as_bytes = {XJ_UINT8, 1, 0};
  const int32_t big[2] = {1, which == 4 ? HALF : THIRD};
  const xj_conv2d_attributes padded = {
      .dilation_w = 2, .pad_top = 511, .pad_bottom = 511, .pad_left = 767, .pad_right = 766};
  const xj_mean_attributes rows = {.axes = {1, {0}}}, all = {.axes = {0}};
  int32_t image[4] = {1, 32768, 8192, 1}, filter[4] = {32768, 8192, 1, 1}, matrix[2] = {1 << 28, 1};
  int32_t inputs[3], sum, i;
  switch (which) {
    case 0: /* dense, packed 8 columns wide */
      inputs[0] = xj_graph_input(graph, XJ_FLOAT32, 2, (int32_t[]){1, 1 << 28}, "x");
      inputs[1] = xj_graph_weight(graph, 1, &as_bytes, XJ_FLOAT32, 2, matrix);
      return xj_graph_node(graph, XJ_OP_dense, "", 2, inputs, NULL, 0);
    case 1: /* depthwise_conv2d, packed 4 channels wide */
    case 2: /* and conv2d of one channel, which is packed alike */
      inputs[0] = xj_graph_input(graph, XJ_FLOAT32, 4, image, "x");
      inputs[1] = xj_graph_weight(graph, 1, &as_bytes, XJ_FLOAT32, 4, filter);
      return xj_graph_node(graph, which == 1 ? XJ_OP_depthwise_conv2d : XJ_OP_conv2d, "", 2, inputs, NULL, 0);
    case 3: /* 512 × 512 taps at 512 × 512 places, dilated: by pointers */
      inputs[0] = xj_graph_input(graph, XJ_FLOAT32, 4, (int32_t[]){1, 1, 1, 2}, "x");
      inputs[1] = xj_graph_weight(graph, 1, &as_bytes, XJ_FLOAT32, 4, (int32_t[]){512, 512, 2, 1});
      return xj_graph_node(graph, XJ_OP_conv2d, "", 2, inputs, &padded, sizeof padded);
    case 4: /* a double for each output */
      inputs[0] = xj_graph_input(graph, XJ_FLOAT32, 2, big, "x");
      return xj_graph_node(graph, XJ_OP_mean, "", 1, inputs, &rows, sizeof rows);
    case 5: /* scratch of three times the input */
      for (i = 0; i < 3; i++) inputs[i] = xj_graph_input(graph, XJ_FLOAT32, 2, big, "x");
      return xj_graph_node(graph, XJ_OP_batch_norm, "", 3, inputs, NULL, 0);
    default: /* three inputs that live at once */
      for (i = 0; i < 3; i++) inputs[i] = xj_graph_input(graph, XJ_FLOAT32, 2, big, "x");
      for (sum = i = 0; i < 3; i++) {
        int32_t mean = xj_graph_node(graph, XJ_OP_mean, "", 1, &inputs[i], &all, sizeof all);
        sum = i == 0 ? mean : xj_graph_node(graph, XJ_OP_add, "", 2, (int32_t[]){sum, mean}, NULL, 0);
      }
      return sum;
  }
}

static void check_unaddressable(void) {
  enum { N_CASES = 7 };
  start(1);
  xj_memory_limit(64 << 20); /* what wraps around would fit */
  for (int32_t which = 0; which < N_CASES; which++) {
    xj_graph *graph = xj_graph_create();
    int32_t output = add_unaddressable(graph, which);
    if (output < 0) {
      xj_graph_release(graph);
    } else {
      xj_graph_output(graph, output, "y");
      xj_model *model = xj_model_compile(graph, 0);
      if (model != NULL && xj_program_create(model, NULL) != NULL) fail("case %d is taken", which);
      xj_model_release(model);
    }
    if (sizeof(size_t) == 4 && strstr(xj_error_text(), "the limit of") != NULL)
      fail("case %d asks for memory all the same: %s", which, xj_error_text());
    if (xj_error_status() != XJ_UNSUPPORTED && xj_error_status() != XJ_OUT_OF_MEMORY)
      fail("case %d: status %d, %s", which, (int)xj_error_status(), xj_error_text());
    printf("note %s\n", xj_error_text());
    if (bytes_in_use() != 0) fail("case %d: %u bytes are left", which, bytes_in_use());
  }
  xj_memory_limit(0);
  xj_stop();
}

static const struct {
  const char *name, *title;
  void (*run)(void);
} checks[] = {
    {"values", "pipe: outputs are those of scalar loops, for several shapes, 1 and 2 threads, with passes and without",
     check_values},
    {"bits", "pipe: two threads give the same bits as one", check_bits},
    {"alone", "pipe: a layer without bias and activation as the only node reads what is its own", check_alone},
    {"groups", "pipe: a program for other channels than the weights are packed for is refused", check_groups},
    {"failures", "pipe: every allocation that fails gives a status and leaves no byte behind", check_failures},
    {"retries", "pipe: after an allocation failed the same call works, and the outputs are right", check_retries},
    {"unaddressable", "pipe: what needs more bytes than 32 bits can count is refused, with the numbers",
     check_unaddressable},
    {"limit", "pipe: below the memory it needs a network is refused, never half made", check_limit},
};
enum { N_CHECKS = sizeof checks / sizeof *checks };

int main(int n, char **arguments) {
  make_weights();
  bool list = n > 1 && strcmp(arguments[1], "--list") == 0;
  int32_t n_run = 0;
  for (int32_t i = 0; i < N_CHECKS; i++) {
    bool wanted = n == 1;
    for (int32_t k = 1; k < n; k++) wanted |= strcmp(arguments[k], checks[i].name) == 0;
    if (list) printf("%s\t%s\n", checks[i].name, checks[i].title);
    if (list || !wanted) continue;
    checks[i].run();
    printf("ok %s\n", checks[i].name);
    n_run++;
  }
  return !list && n_run < (n == 1 ? N_CHECKS : n - 1);
}
