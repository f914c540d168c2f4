/* The trainer of a classifier's head, in one block of memory that the caller provides. Sizes are not checked here: the
 * caller does, and that every index of `order` is below n_examples and every label below n_classes. */
#ifndef XJ_TRAIN_HEAD_H
#define XJ_TRAIN_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/standalone/module.h"

/* Changes with this file. */
XJ_EXPORT(abi) int32_t xj_head_abi(void);

struct xj_head;

/* Sums over the examples of a call. */
struct xj_head_result {
  double loss, n_right;
};

/* Bytes of a trainer. n_batch: the most examples of one step. */
XJ_EXPORT(head_bytes)
size_t xj_head_bytes(size_t n_features, size_t n_hidden, size_t n_classes, size_t n_examples, size_t n_batch);

/* At `memory`, 16 bytes aligned. All is 0, also parameters, examples and labels, which the caller then writes. seed:
 * dropout's. */
XJ_EXPORT(head_create)
struct xj_head *xj_head_create(void *memory, size_t n_features, size_t n_hidden, size_t n_classes, size_t n_examples,
                               size_t n_batch, uint32_t seed);

/* Kernel [n_features, H], bias [H], class kernel [H, C], H and C being n_hidden and n_classes rounded up to 8 and 4;
 * the rest must stay 0. Adam's first moments, then its second, have the same shape each. */
XJ_EXPORT(head_parameters) float *xj_head_parameters(struct xj_head *head);
XJ_EXPORT(head_moments) float *xj_head_moments(struct xj_head *head);

/* [n_examples, n_features rounded up to 4] and [n_examples]. */
XJ_EXPORT(head_examples) float *xj_head_examples(struct xj_head *head);
XJ_EXPORT(head_labels) uint32_t *xj_head_labels(struct xj_head *head);

/* [n_batch, C]: those of the last n_batch examples of xj_head_evaluate. */
XJ_EXPORT(head_probabilities) float *xj_head_probabilities(struct xj_head *head);

/* A step for every n_batch of the n examples order[]; rate: Adam's; dropout: 0 or more and below 1. The result is that
 * of each batch before its step, with dropout, as Keras shows it. */
XJ_EXPORT(head_train)
void xj_head_train(struct xj_head *head, const uint32_t *order, size_t n, size_t n_batch, float rate, float dropout,
                   struct xj_head_result *result);

/* Loss and hits of examples that are not trained on, without dropout. */
XJ_EXPORT(head_evaluate)
void xj_head_evaluate(struct xj_head *head, const uint32_t *order, size_t n, struct xj_head_result *result);

#endif
