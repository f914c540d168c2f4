/* The op random: uniform and normal numbers, sixteen for each four counters. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "kernels/log_f32.h"
#include "kernels/philox.h"
#include "kernels/trig_f32.h"
#include "src/heap.h"
#include "src/op.h"

enum { GROUP = 16, GROUPS_PER_TASK = 64 };

typedef union {
  float floats[GROUP];
  int32_t ints[GROUP];
} group;

typedef struct numbers numbers;
typedef void draw(const numbers *r, uint32_t index, group *group);

struct numbers {
  xj_philox philox;
  draw *draw;
  float a, b;
  size_t n;
};

typedef struct {
  const numbers *numbers;
  int32_t *y; /* or float: of four bytes */
} task;

xj_philox xj_philox_start(int32_t seed, const void *place) {
  if (seed != 0) return (xj_philox){.key = {(uint32_t)seed, 0}};
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (xj_philox){.key = {(uint32_t)now.tv_nsec ^ (uint32_t)(uintptr_t)place, (uint32_t)now.tv_sec}};
}

static void words_of(const numbers *r, uint32_t index, uint32_t attempt, uint32_t words[GROUP]) {
  for (uint32_t i = 0; i < GROUP / 4; i++) {
    const xj_philox_block block = xj_philox_block_of(&r->philox, index * (GROUP / 4) + i, attempt);
    memcpy(words + 4 * i, block.words, sizeof block.words);
  }
}

/* a … b without b: 24 bits of each word. */
static void draw_uniform(const numbers *r, uint32_t index, group *group) {
  uint32_t words[GROUP];
  words_of(r, index, 0, words);
  for (size_t i = 0; i < GROUP; i++) {
    const float y = r->a + (float)(words[i] >> 8) * 0x1p-24f * (r->b - r->a);
    group->floats[i] = y >= r->b && r->b > r->a ? nextafterf(r->b, r->a) : y; /* where the sum was rounded up */
  }
}

/* Integers a … b - 1. */
static void draw_integer(const numbers *r, uint32_t index, group *group) {
  uint32_t words[GROUP];
  const int64_t least = (int64_t)r->a;
  const uint64_t range = (uint64_t)((int64_t)r->b - least);
  words_of(r, index, 0, words);
  for (size_t i = 0; i < GROUP; i++) group->ints[i] = (int32_t)(least + (int64_t)(words[i] * range >> 32));
}

/* Box and Muller's pairs: sqrt(-2 log u) times cosine and sine of an angle within ±pi. */
static void draw_standard(const numbers *r, uint32_t index, uint32_t attempt, float *y) {
  uint32_t words[GROUP];
  words_of(r, index, attempt, words);
  for (size_t i = 0; i < GROUP; i += 8) {
    const v128_t u = wasm_f32x4_mul(wasm_f32x4_convert_u32x4(wasm_v128_load(words + i / 2)), XJ_SPLAT(0x1p-32f));
    const v128_t log = xj_log4(wasm_f32x4_add(u, XJ_SPLAT(0x1p-33f)));
    const v128_t radius = wasm_f32x4_sqrt(wasm_f32x4_mul(log, XJ_SPLAT(-2)));
    const v128_t turns = wasm_f32x4_convert_i32x4(wasm_v128_load(words + 8 + i / 2));
    const xj_trig4_parts angle = xj_trig4(wasm_f32x4_mul(turns, XJ_SPLAT(0x1.921FB6p-30f))); /* pi / 2^31 */
    wasm_v128_store(y + i, wasm_f32x4_mul(radius, xj_sin4_of(angle, 1)));
    wasm_v128_store(y + i + 4, wasm_f32x4_mul(radius, xj_sin4_of(angle, 0)));
  }
}

static void draw_normal(const numbers *r, uint32_t index, group *group) {
  draw_standard(r, index, 0, group->floats);
  for (size_t i = 0; i < GROUP; i++) group->floats[i] = r->a + group->floats[i] * r->b;
}

/* Those within two deviations, drawn again until there are enough. */
static void draw_truncated(const numbers *r, uint32_t index, group *group) {
  size_t n = 0;
  for (uint32_t attempt = 0; n < GROUP; attempt++) {
    float drawn[GROUP];
    draw_standard(r, index, attempt, drawn);
    for (size_t i = 0; i < GROUP && n < GROUP; i++)
      if (fabsf(drawn[i]) < 2) group->floats[n++] = r->a + drawn[i] * r->b;
  }
}

static const struct {
  draw *draw;
  int32_t dtype;
} kinds[] = {
    {draw_uniform, XJ_FLOAT32}, {draw_normal, XJ_FLOAT32}, {draw_truncated, XJ_FLOAT32}, {draw_integer, XJ_INT32}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* The shape: the attribute, or input 0. */
static xj_status take_shape(const xj_node_view *node, xj_type *output) {
  const xj_list *shape = &((const xj_random_attributes *)node->attributes)->shape;
  const int32_t *dims = shape->values;
  size_t rank = (size_t)shape->n;
  if (xj_present(node, 0)) {
    dims = xj_known_ints(node, 0);
    if (dims == NULL) return xj_fail(XJ_UNSUPPORTED, "its shape is computed from data, or not int32");
    rank = xj_type_elements(&node->inputs[0]);
  }
  if (rank > XJ_MAX_RANK)
    return xj_fail(XJ_BAD_SHAPE, "its shape has %zu dimensions, at most %d are possible", rank, XJ_MAX_RANK);
  output->rank = (int32_t)rank;
  for (size_t i = 0; i < rank; i++) output->dims[i] = dims[i];
  return XJ_OK;
}

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const xj_random_attributes *a = node->attributes;
  if (a->kind < 0 || a->kind >= N_KINDS) return xj_fail(XJ_BAD_MODEL, "there is no kind %d of random numbers", a->kind);
  output->dtype = kinds[a->kind].dtype;
  if (a->dtype != output->dtype)
    return xj_fail(XJ_UNSUPPORTED, "random numbers of kind %d as %s", a->kind, xj_dtype_name(a->dtype));
  if (output->dtype == XJ_INT32 && !(a->a >= -0x1p31f && a->a < a->b && a->b <= 0x1p31f))
    return xj_fail(XJ_BAD_MODEL, "there is no int32 from %g to below %g", (double)a->a, (double)a->b);
  return take_shape(node, output);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_random_attributes *a = node->attributes;
  numbers *state = prepare->state = xj_alloc_zeroed(sizeof *state, XJ_HEAP_GENERAL);
  if (state == NULL) return XJ_OUT_OF_MEMORY;
  const size_t n = xj_type_elements(node->output);
  *state = (numbers){xj_philox_start(a->seed, state), kinds[a->kind].draw, a->a, a->b, n};
  return XJ_OK;
}

static void draw_groups(task *t, size_t first, size_t n_groups) {
  for (size_t i = first; i < first + n_groups; i++) {
    const size_t left = t->numbers->n - i * GROUP;
    group group;
    t->numbers->draw(t->numbers, (uint32_t)i, &group);
    memcpy(t->y + i * GROUP, &group, (left < GROUP ? left : GROUP) * sizeof *t->y);
  }
}

static xj_status run(void *opaque, const xj_run *run) {
  numbers *state = opaque;
  task t = {state, run->output};
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)draw_groups, &t,
                                     (state->n + GROUP - 1) / GROUP, GROUPS_PER_TASK, 0);
  state->philox.run++;
  return XJ_OK;
}

const xj_kernel xj_random_kernel = {.infer = infer, .prepare = prepare, .run = run};
