/* The passes: each rewrites a graph into one that computes the same with less. None reads a weight's bytes. */
#ifndef XJ_PASSES_H
#define XJ_PASSES_H

#include "src/graph.h"

/* All of them, in the order that lets each feed the next. */
xj_status xj_passes_run(xj_graph *graph);

/* identity → its input. */
xj_status xj_pass_drop_identities(xj_graph *graph);
/* pad of rows and columns with zeros, then a convolution → the convolution with that padding. */
xj_status xj_pass_fold_padding(xj_graph *graph);
/* small nodes of constants → constants. */
xj_status xj_pass_fold_constants(xj_graph *graph);
/* nodes that compute the same of the same, and equal constants → the first of them. */
xj_status xj_pass_share_common(xj_graph *graph);
/* layer, then mul, div, add or sub with one constant for each channel (batch normalisation and NoNorm are made of them)
 * → its scale, its bias and what multiplies its residual, derived from the constants. */
xj_status xj_pass_fold_scale(xj_graph *graph);
/* layer, then add of a tensor like its output → its residual. */
xj_status xj_pass_fuse_residual(xj_graph *graph);
/* batch_matmul with a matrix of constants on the right → dense, which packs it once. */
xj_status xj_pass_constant_matmul(xj_graph *graph);
/* transposes before and behind batch_matmul → strides by which it reads and writes; after each other → one. */
xj_status xj_pass_fold_transpose(xj_graph *graph);
/* batch_matmul, perhaps times a number or a tensor and plus a tensor, softmax, batch_matmul → attention. */
xj_status xj_pass_fuse_attention(xj_graph *graph);
/* functions that exporters spell out → one op: gelu by erf or tanh; hard sigmoid and hard swish; silu; clamp and leaky
 * relu by maximum and minimum. */
xj_status xj_pass_name_gelu(xj_graph *graph);
xj_status xj_pass_name_hard_swish(xj_graph *graph);
xj_status xj_pass_name_silu(xj_graph *graph);
xj_status xj_pass_name_clamp(xj_graph *graph);
/* mul, then add of the product → mul_add. */
xj_status xj_pass_fuse_mul_add(xj_graph *graph);
/* what can end in an activation, then relu, relu6, clamp or prelu → one node. */
xj_status xj_pass_fuse_activation(xj_graph *graph);
/* layers and tables with many weights → their forms with int8 weights. Not in xj_passes_run: other numbers come of it.
 */
xj_status xj_pass_quantize_weights(xj_graph *graph);
/* Nodes that no output needs. */
xj_status xj_pass_drop_dead(xj_graph *graph);

/* The node that makes `value`, or NULL; and the same if `value` has no second reader. */
xj_node *xj_producer(const xj_graph *graph, int32_t value);
xj_node *xj_sole_producer(const xj_graph *graph, int32_t value);
/* An input of a node, XJ_NONE where it is absent; and setting it. */
int32_t xj_node_input(const xj_node *node, int32_t input);
void xj_node_set_input(xj_node *node, int32_t input, int32_t value);
/* Whether a node packs weights and can end in an activation. */
bool xj_is_layer(const xj_node *node);
/* The activation that a node ends in: NULL where its op cannot have one. */
xj_activation *xj_node_activation(const xj_node *node);
/* Lets `later` do what `earlier` does, ending in later's output; `earlier` is dropped. */
void xj_node_absorb(xj_node *later, xj_node *earlier);

#endif
