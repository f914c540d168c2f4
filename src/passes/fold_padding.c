#include "src/passes/passes.h"

/* Both convolutions' attributes start with WINDOW. */
static xj_conv2d_attributes *window_of(const xj_node *node) {
  _Static_assert(offsetof(xj_conv2d_attributes, pad_right) == offsetof(xj_depthwise_conv2d_attributes, pad_right),
                 "both start with WINDOW");
  return node->op == XJ_OP_conv2d || node->op == XJ_OP_depthwise_conv2d ? node->attributes : NULL;
}

/* Whether `pad` adds rows and columns of zeros and nothing else. */
static bool pads_window(const xj_pad_attributes *pad) {
  const int32_t *p = pad->paddings.values;
  if (pad->paddings.n != 8 || pad->value != 0) return false;
  return p[0] == 0 && p[1] == 0 && p[6] == 0 && p[7] == 0;
}

static bool fits(int32_t own, int32_t more) { return (int64_t)own + more <= XJ_WINDOW_MOST; }

xj_status xj_pass_fold_padding(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    xj_conv2d_attributes *window = window_of(node);
    if (window == NULL || window->padding != XJ_PADDING_EXPLICIT) continue;
    const xj_node *pad = xj_producer(graph, node->inputs[0]);
    if (pad == NULL || pad->op != XJ_OP_pad || !pads_window(pad->attributes)) continue;
    const int32_t *p = ((const xj_pad_attributes *)pad->attributes)->paddings.values;
    if (!fits(window->pad_top, p[2]) || !fits(window->pad_bottom, p[3])) continue;
    if (!fits(window->pad_left, p[4]) || !fits(window->pad_right, p[5])) continue;
    window->pad_top += p[2];
    window->pad_bottom += p[3];
    window->pad_left += p[4];
    window->pad_right += p[5];
    node->inputs[0] = pad->inputs[0]; /* the pad stays where others read it; drop_dead takes it otherwise */
  }
  return XJ_OK;
}
