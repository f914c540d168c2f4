/* The ops space_to_batch and batch_to_space: one mapping between the pixels of both, copied one way or the other. */
#include "kernels/operand.h"
#include "kernels/rows.h"
#include "src/heap.h"

enum { BLOCK = 1, MARGINS = 2 };

typedef struct {
  int32_t n_axes; /* of space */
  size_t images;  /* where there are few of them, with all of space */
  size_t whole[XJ_MAX_RANK], part[XJ_MAX_RANK], block[XJ_MAX_RANK], margin[XJ_MAX_RANK];
  size_t pixels, pixel_bytes; /* images * whole space; what one pixel is made of */
  size_t output_bytes;
  bool to_batch;
} space;

typedef struct {
  const space *space;
  const char *x;
  char *y;
} task;

_Static_assert(sizeof(xj_space_to_batch_attributes) == sizeof(xj_batch_to_space_attributes), "both are alike");

/* block, and what is padded or cropped before and after each axis; *blocks: their product. */
static xj_status read_blocks(const xj_node_view *node, xj_list *block, xj_list *margins, int64_t *blocks) {
  const xj_space_to_batch_attributes *a = node->attributes;
  const xj_type *x = &node->inputs[0];
  XJ_TRY(xj_list_read(node, BLOCK, &a->block, "block", block));
  XJ_TRY(xj_list_read(node, MARGINS, &a->paddings, "margins", margins));
  if (margins->n != 2 * block->n || block->n < 1 || block->n >= x->rank)
    return xj_fail(XJ_BAD_SHAPE, "%d blocks and %d margins for x with shape %s", block->n, margins->n, xj_type_text(x));
  *blocks = 1;
  for (int32_t i = 0; i < block->n; i++) {
    const int32_t before = margins->values[2 * i], after = margins->values[2 * i + 1];
    *blocks *= block->values[i] < 1 ? 0 : block->values[i];
    if (*blocks < 1 || *blocks > INT32_MAX || before < 0 || after < 0)
      return xj_fail(XJ_BAD_SHAPE, "along axis %d, blocks of %d, margins %d and %d", i + 1, block->values[i], before,
                     after);
  }
  return XJ_OK;
}

static xj_status to_batch_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  xj_list block, paddings;
  int64_t blocks;
  XJ_TRY(read_blocks(node, &block, &paddings, &blocks));
  *output = *x;
  XJ_TRY(xj_dim_set(output, 0, x->dims[0] * blocks));
  for (int32_t i = 1; i <= block.n; i++) {
    const int64_t padded = (int64_t)x->dims[i] + paddings.values[2 * i - 2] + paddings.values[2 * i - 1];
    if (padded % block.values[i - 1] != 0)
      return xj_fail(XJ_BAD_SHAPE, "axis %d has %lld elements with its padding, blocks are %d", i, (long long)padded,
                     block.values[i - 1]);
    XJ_TRY(xj_dim_set(output, i, padded / block.values[i - 1]));
  }
  return XJ_OK;
}

static xj_status to_space_infer(const xj_node_view *node, xj_type *output) {
  const xj_type *x = &node->inputs[0];
  xj_list block, crops;
  int64_t blocks;
  XJ_TRY(read_blocks(node, &block, &crops, &blocks));
  *output = *x;
  if (x->dims[0] % blocks != 0)
    return xj_fail(XJ_BAD_SHAPE, "%d images do not divide into blocks of %lld", x->dims[0], (long long)blocks);
  output->dims[0] = (int32_t)(x->dims[0] / blocks);
  for (int32_t i = 1; i <= block.n; i++)
    XJ_TRY(xj_dim_set(output, i,
                      (int64_t)x->dims[i] * block.values[i - 1] - crops.values[2 * i - 2] - crops.values[2 * i - 1]));
  return XJ_OK;
}

static xj_status prepare_space(const xj_node_view *node, xj_prepare *prepare, bool to_batch) {
  const xj_type *x = &node->inputs[0], *y = node->output, *whole = to_batch ? x : y, *part = to_batch ? y : x;
  xj_list block, margins;
  int64_t blocks;
  XJ_TRY(read_blocks(node, &block, &margins, &blocks));
  space *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (space){.n_axes = block.n,
               .images = (size_t)whole->dims[0],
               .pixels = xj_type_span(whole, 0, block.n + 1),
               .pixel_bytes = xj_type_span(x, block.n + 1, x->rank) * xj_dtype_bytes(x->dtype),
               .output_bytes = xj_type_bytes(y),
               .to_batch = to_batch};
  for (int32_t i = 0; i < block.n; i++) {
    s->whole[i] = (size_t)whole->dims[i + 1];
    s->part[i] = (size_t)part->dims[i + 1];
    s->block[i] = (size_t)block.values[i];
    s->margin[i] = (size_t)margins.values[2 * i];
  }
  return XJ_OK;
}

static xj_status to_batch_prepare(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_space(node, prepare, true);
}

static xj_status to_space_prepare(const xj_node_view *node, xj_prepare *prepare) {
  return prepare_space(node, prepare, false);
}

/* Where pixel `pixel` of the few images lies in the many. */
static size_t place(const space *s, size_t pixel) {
  size_t at = 0, step = 1, image = 0, weight = 1;
  for (int32_t i = s->n_axes - 1; i >= 0; i--) {
    const size_t padded = pixel % s->whole[i] + s->margin[i];
    pixel /= s->whole[i];
    at += padded / s->block[i] * step;
    step *= s->part[i];
    image += padded % s->block[i] * weight;
    weight *= s->block[i];
  }
  return (image * s->images + pixel) * step + at;
}

static void copy_pixels(task *t, size_t first, size_t n) {
  const space *s = t->space;
  for (size_t i = first; i < first + n; i++) {
    const size_t other = place(s, i);
    xj_row_copy(t->y + (s->to_batch ? other : i) * s->pixel_bytes, t->x + (s->to_batch ? i : other) * s->pixel_bytes,
                s->pixel_bytes);
  }
}

static xj_status run(void *state, const xj_run *run) {
  task t = {state, run->inputs[0], run->output};
  if (t.space->to_batch) memset(t.y, 0, t.space->output_bytes);
  pthreadpool_parallelize_1d_tile_1d(run->threads, (pthreadpool_task_1d_tile_1d_t)copy_pixels, &t, t.space->pixels,
                                     xj_rows_per_task(t.space->pixel_bytes), 0);
  return XJ_OK;
}

const xj_kernel xj_space_to_batch_kernel = {.infer = to_batch_infer, .prepare = to_batch_prepare, .run = run};
const xj_kernel xj_batch_to_space_kernel = {.infer = to_space_infer, .prepare = to_space_prepare, .run = run};
