#include "kernels/q_product.h"

enum { TASKS_PER_THREAD = 4 /* since threads do not start at once */ };

void xj_q_product_split(xj_q_product *p, size_t n_threads) {
  const size_t blocks = xj_q_blocks(&p->layout), wanted = n_threads == 1 ? 1 : n_threads * TASKS_PER_THREAD;
  const size_t lines = p->lines * p->layout.groups;
  const size_t parts = lines == 0 || lines >= wanted ? 1 : (wanted + lines - 1) / lines;
  p->blocks_per_task = (blocks + parts - 1) / parts;
  if (p->blocks_per_task == 0) p->blocks_per_task = 1;
}

typedef struct {
  const xj_q_product *product;
  const int16_t *image;
  uint8_t *y;
} task;

/* The outputs of one phase of a line, first the blocks' channels, so that a block's weights stay in the cache. */
static void compute_phase(const task *t, size_t line, size_t phase, size_t group, size_t first, size_t n_blocks) {
  const xj_q_product *p = t->product;
  const size_t row = line + p->h.shift, all_channels = p->layout.groups * p->layout.out;
  const size_t column = (phase + p->w.phases - p->w.shift % p->w.phases) % p->w.phases; /* the first of the phase */
  size_t columns = p->outputs - line * p->columns < p->columns ? p->outputs - line * p->columns : p->columns;
  if (column >= columns) return;
  const size_t n = (columns - column + p->w.phases - 1) / p->w.phases;
  const xj_q_taps *taps = &p->taps[row % p->h.phases * p->w.phases + phase];
  const int16_t *x = t->image + row / p->h.phases * p->x_line + (column + p->w.shift) / p->w.phases * p->gemm.x_step;
  uint8_t *y = t->y + (line * p->columns + column) * all_channels + group * p->layout.out;
  const char *packed = p->packed + group * xj_q_blocks(&p->layout) * xj_q_block_bytes(&p->layout);
  for (size_t block = first; block < first + n_blocks; block++) {
    const size_t done = block * XJ_Q_BLOCK, left = p->layout.out - done;
    xj_q_gemm_block(&p->gemm, taps, x + group * p->in, n,
                    (const xj_q_head *)(packed + block * xj_q_block_bytes(&p->layout)),
                    left < XJ_Q_BLOCK ? left : XJ_Q_BLOCK, y + done);
  }
}

static void compute(const task *t, size_t line, size_t group, size_t first_block, size_t unused, size_t n_blocks) {
  (void)unused; /* groups are taken one by one */
  for (size_t phase = 0; phase < t->product->w.phases; phase++)
    compute_phase(t, line, phase, group, first_block, n_blocks);
}

void xj_q_product_run(const xj_q_product *p, const uint8_t *x, int16_t *scratch, uint8_t *y, pthreadpool_t threads) {
  const size_t x_bytes = p->image.height * p->image.width * p->image.channels;
  const size_t y_bytes = p->outputs * p->layout.groups * p->layout.out;
  for (size_t i = 0; i < p->batch; i++) {
    xj_q_image_make(&p->image, x + i * x_bytes, scratch, threads);
    task t = {p, scratch, y + i * y_bytes};
    pthreadpool_parallelize_3d_tile_2d(threads, (pthreadpool_task_3d_tile_2d_t)compute, &t, p->lines, p->layout.groups,
                                       xj_q_blocks(&p->layout), 1, p->blocks_per_task, 0);
  }
}

void xj_q_pack_rows(const xj_q_layout *layout, size_t stretches, size_t length, const xj_weight *weight, void *packed) {
  const size_t pairs = (length + 1) / 2, blocks = xj_q_blocks(layout);
  for (size_t i = 0; i < layout->groups * layout->out; i++) {
    const size_t in_group = i % layout->out, block = i / layout->out * blocks + in_group / XJ_Q_BLOCK;
    int8_t *column =
        (int8_t *)packed + block * xj_q_block_bytes(layout) + sizeof(xj_q_head) + in_group % XJ_Q_BLOCK * 2;
    for (size_t s = 0; s < stretches; s++) {
      int8_t *w = column + s * pairs * XJ_Q_PAIR_BYTES;
      const size_t from = (i * stretches + s) * length;
      for (size_t k = 0; k < length; k++) w[k / 2 * XJ_Q_PAIR_BYTES + k % 2] = xj_q_byte(weight, from + k);
    }
  }
}
