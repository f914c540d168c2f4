/* What the adapters of XNNPACK's operators share. */
#ifndef XJ_XNN_OPERATOR_H
#define XJ_XNN_OPERATOR_H

#include <xnnpack.h>

#include "src/op.h"

/* XNNPACK's status as ours; `doing` says what failed. */
xj_status xj_xnn_status(enum xnn_status status, const char *doing);

/* A weights cache that knows one packed weight, made and owned by the model: every look-up finds it, nothing is packed
 * again, and the kernel pointer given to XNNPACK is never read. */
typedef struct {
  struct xnn_weights_cache_provider provider;
  void *packed;
} xj_xnn_weights;

void xj_xnn_weights_init(xj_xnn_weights *weights, void *packed);

#endif
