#include "src/passes/passes.h"

/* Both convolutions' attributes start with WINDOW. */
static xj_conv2d_attributes *window_of(const xj_node *node) {
  _Static_assert(offsetof(xj_conv2d_attributes, pad_right) == offsetof(xj_depthwise_conv2d_attributes, pad_right),
                 "both start with WINDOW");
  return node->op == XJ_OP_conv2d || node->op == XJ_OP_depthwise_conv2d ? node->attributes : NULL;
}

/* Whether `pad` adds rows and columns of zeros and nothing else. */
static bool pads_window(const xj_pad_attributes *pad, const int32_t *paddings) {
  if (paddings == NULL || pad->value != 0) return false;
  for (int32_t i = 0; i < 8; i++)
    if (paddings[i] < 0) return false;
  return paddings[0] == 0 && paddings[1] == 0 && paddings[6] == 0 && paddings[7] == 0;
}

/* Before and after of four axes: the attribute, or a constant in its place; NULL where they are neither. */
static const int32_t *paddings_of(const xj_graph *graph, const xj_node *pad) {
  const int32_t given = xj_node_input(pad, 1);
  if (given != XJ_NONE) {
    const xj_value *value = &graph->values[given];
    const bool fits = value->type.dtype == XJ_INT32 && xj_type_elements(&value->type) == 8;
    return fits && value->kind == XJ_VALUE_CONSTANT ? value->data : NULL;
  }
  const xj_list *list = &((const xj_pad_attributes *)pad->attributes)->paddings;
  return list->n == 8 ? list->values : NULL;
}

static void add_pads(xj_conv2d_attributes *window, const int32_t *paddings, int32_t sign) {
  window->pad_top += sign * paddings[2];
  window->pad_bottom += sign * paddings[3];
  window->pad_left += sign * paddings[4];
  window->pad_right += sign * paddings[5];
}

static bool fits(int32_t own, int32_t more) { return (int64_t)own + more <= XJ_WINDOW_MOST; }

xj_status xj_pass_fold_padding(xj_graph *graph) {
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    xj_conv2d_attributes *window = window_of(node);
    if (window == NULL || window->padding != XJ_PADDING_EXPLICIT) continue;
    const xj_node *pad = xj_producer(graph, node->inputs[0]);
    if (pad == NULL || pad->op != XJ_OP_pad) continue;
    const int32_t *p = paddings_of(graph, pad);
    if (!pads_window(pad->attributes, p)) continue;
    if (!fits(window->pad_top, p[2]) || !fits(window->pad_bottom, p[3])) continue;
    if (!fits(window->pad_left, p[4]) || !fits(window->pad_right, p[5])) continue;
    add_pads(window, p, 1);
    const int32_t padded = node->inputs[0];
    node->inputs[0] = pad->inputs[0]; /* the pad stays where others read it; drop_dead takes it otherwise */
    if (xj_graph_accepts(graph, node)) continue;
    add_pads(window, p, -1);
    node->inputs[0] = padded;
  }
  return XJ_OK;
}
