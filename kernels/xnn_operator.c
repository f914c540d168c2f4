#include "kernels/xnn_operator.h"

xj_status xj_xnn_status(enum xnn_status status, const char *doing) {
  /* XNNPACK calls some refused allocations an invalid parameter; the allocator has said how much was wanted. */
  if (status != xnn_status_success && xj_error_status() == XJ_OUT_OF_MEMORY) return XJ_OUT_OF_MEMORY;
  switch (status) {
    case xnn_status_success: return XJ_OK;
    case xnn_status_out_of_memory: return XJ_OUT_OF_MEMORY; /* the allocator has said how much */
    case xnn_status_unsupported_parameter: return xj_fail(XJ_UNSUPPORTED, "XNNPACK does not support this %s", doing);
    default: return xj_fail(XJ_UNSUPPORTED, "XNNPACK's %s fails with status %d", doing, (int)status);
  }
}

static size_t look_up(void *context, const struct xnn_weights_cache_look_up_key *key) {
  (void)context, (void)key;
  return 0;
}

static void *reserve_space(void *context, size_t bytes) {
  (void)context, (void)bytes;
  return NULL; /* never asked: look_up always finds */
}

static size_t look_up_or_insert(void *context, const struct xnn_weights_cache_look_up_key *key, void *weights,
                                size_t bytes) {
  (void)context, (void)key, (void)weights, (void)bytes;
  return 0;
}

static bool is_finalized(void *context) {
  (void)context;
  return true;
}

static void *offset_to_addr(void *context, size_t offset) {
  return (char *)((xj_xnn_weights *)context)->packed + offset;
}

static enum xnn_status delete_cache(void *context) {
  (void)context;
  return xnn_status_success;
}

void xj_xnn_weights_init(xj_xnn_weights *weights, void *packed) {
  weights->packed = packed;
  weights->provider = (struct xnn_weights_cache_provider){.context = weights,
                                                          .look_up = look_up,
                                                          .reserve_space = reserve_space,
                                                          .look_up_or_insert = look_up_or_insert,
                                                          .is_finalized = is_finalized,
                                                          .offset_to_addr = offset_to_addr,
                                                          .delete_cache = delete_cache};
}
