/* The op non_max_suppression, as TensorFlow.js computes it: in double, the best candidate first, from a heap. */
#include <math.h>

#include "kernels/decimal.h"
#include "kernels/layer.h"
#include "kernels/operand.h"
#include "src/heap.h"

enum { BOXES = 0, SCORES = 1 };

typedef struct {
  size_t n, most; /* boxes; chosen at most */
  double iou_threshold, score_threshold;
  double scale; /* score * exp(scale * overlap^2); 0 where overlapping boxes just go */
} suppression;

typedef struct {
  double score;
  int32_t box;
  int32_t seen; /* chosen boxes that it has been compared with */
} candidate;

typedef struct {
  double y0, x0, y1, x1;
} corners;

static xj_status infer(const xj_node_view *node, xj_type *output) {
  const int32_t most = ((const xj_non_max_suppression_attributes *)node->attributes)->max_output;
  const xj_type *boxes = &node->inputs[BOXES], *scores = &node->inputs[SCORES];
  XJ_TRY(xj_float_check(node, BOXES, "boxes"));
  XJ_TRY(xj_float_check(node, SCORES, "scores"));
  if (boxes->rank != 2 || boxes->dims[1] != 4 || scores->rank != 1 || scores->dims[0] != boxes->dims[0])
    return xj_fail(XJ_BAD_SHAPE, "boxes have shape %s and scores %s, instead of [n,4] and [n]", xj_type_text(boxes),
                   xj_type_text(scores));
  if (most < 0) return xj_fail(XJ_BAD_SHAPE, "at most %d boxes", most);
  *output = (xj_type){.dtype = XJ_INT32, .rank = 1};
  return xj_dim_set(output, 0, 1 + 2 * (int64_t)most);
}

static xj_status prepare(const xj_node_view *node, xj_prepare *prepare) {
  const xj_non_max_suppression_attributes *a = node->attributes;
  suppression *s = prepare->state = xj_alloc_zeroed(sizeof *s, XJ_HEAP_GENERAL);
  if (s == NULL) return XJ_OUT_OF_MEMORY;
  *s = (suppression){.n = (size_t)node->inputs[SCORES].dims[0],
                     .most = (size_t)(node->output->dims[0] - 1) / 2,
                     .iou_threshold = xj_decimal(a->iou_threshold),
                     .score_threshold = xj_decimal(a->score_threshold),
                     .scale = a->soft_sigma > 0 ? -0.5 / xj_decimal(a->soft_sigma) : 0};
  prepare->scratch_bytes = s->n * sizeof(candidate);
  return XJ_OK;
}

/* NaN in either is NaN in the result. */
static double least(double a, double b) { return a != a || a < b ? a : b; }
static double most(double a, double b) { return a != a || a > b ? a : b; }

static corners corners_of(const float *boxes, int32_t index) {
  const float *box = boxes + 4 * (size_t)index;
  const double y0 = (double)box[0], x0 = (double)box[1], y1 = (double)box[2], x1 = (double)box[3];
  return (corners){least(y0, y1), least(x0, x1), most(y0, y1), most(x0, x1)};
}

static double area_of(const corners *a) { return (a->y1 - a->y0) * (a->x1 - a->x0); }

/* Of what both cover, that which is common. */
static double overlap(const corners *a, const corners *b) {
  const double of_a = area_of(a), of_b = area_of(b);
  if (of_a <= 0 || of_b <= 0) return 0;
  const double height = most(least(a->y1, b->y1) - most(a->y0, b->y0), 0);
  const double width = most(least(a->x1, b->x1) - most(a->x0, b->x0), 0);
  return height * width / (of_a + of_b - height * width);
}

/* The higher score; of equal ones the lower index. */
static bool is_before(const candidate *a, const candidate *b) {
  return a->score > b->score || (a->score == b->score && a->box < b->box);
}

/* Puts c where the heap's element `at` was, at it or below. */
static void sink(candidate *heap, size_t n, size_t at, candidate c) {
  for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
    if (child + 1 < n && is_before(&heap[child + 1], &heap[child])) child++;
    if (!is_before(&heap[child], &c)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = c;
}

/* Lowers the score by each box chosen since it was last looked at; false where one of them covers too much. */
static bool survives(const suppression *s, const float *boxes, const int32_t *chosen, size_t n_chosen, candidate *c) {
  const corners own = corners_of(boxes, c->box);
  for (size_t k = n_chosen; k-- > (size_t)c->seen;) {
    const corners other = corners_of(boxes, chosen[k]);
    const double iou = overlap(&own, &other);
    if (iou >= s->iou_threshold) return false;
    c->score *= iou <= s->iou_threshold ? s->scale == 0 ? 1 : exp(s->scale * iou * iou) : 0;
    if (c->score <= s->score_threshold) break;
  }
  return true;
}

static xj_status run(void *opaque, const xj_run *run) {
  const suppression *s = opaque;
  const float *boxes = run->inputs[BOXES], *scores = run->inputs[SCORES];
  candidate *heap = run->scratch;
  int32_t *count = run->output, *chosen = count + 1, *bits = chosen + s->most;
  size_t n = 0, n_chosen = 0;
  memset(count, 0, (1 + 2 * s->most) * sizeof *count);
  for (size_t i = 0; i < s->n; i++)
    if ((double)scores[i] > s->score_threshold) heap[n++] = (candidate){(double)scores[i], (int32_t)i, 0};
  for (size_t i = n / 2; i-- > 0;) sink(heap, n, i, heap[i]);
  while (n_chosen < s->most && n > 0) {
    candidate best = heap[0];
    const double score = best.score;
    const bool is_alone = survives(s, boxes, chosen, n_chosen, &best);
    if (is_alone && best.score != score && best.score > s->score_threshold) { /* back among the others */
      best.seen = (int32_t)n_chosen;
      sink(heap, n, 0, best);
      continue;
    }
    if (is_alone && best.score == score) {
      const float rounded = (float)score;
      memcpy(&bits[n_chosen], &rounded, sizeof rounded);
      chosen[n_chosen++] = best.box;
    }
    n--;
    if (n > 0) sink(heap, n, 0, heap[n]);
  }
  *count = (int32_t)n_chosen;
  return XJ_OK;
}

/* Each box against each that is chosen. */
static double flops(const xj_node_view *node) {
  return 20.0 * node->inputs[SCORES].dims[0] *
         fmin(((const xj_non_max_suppression_attributes *)node->attributes)->max_output, node->inputs[SCORES].dims[0]);
}

const xj_kernel xj_non_max_suppression_kernel = {.infer = infer, .prepare = prepare, .run = run, .flops = flops};
