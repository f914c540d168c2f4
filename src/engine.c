#include "src/engine.h"

#include <xnnpack.h>

#include "src/heap.h"
#include "src/op.h"
#include "src/status.h"

static struct {
  pthreadpool_t threads;
  size_t n_threads;
  bool has_run;
} engine = {.n_threads = 1};

static void *allocate(void *context, size_t bytes) {
  (void)context;
  return xj_alloc(bytes, XJ_HEAP_GENERAL);
}

static void *reallocate(void *context, void *block, size_t bytes) {
  (void)context;
  return xj_realloc(block, bytes);
}

static void deallocate(void *context, void *block) {
  (void)context;
  xj_free(block);
}

static void *allocate_aligned(void *context, size_t alignment, size_t bytes) {
  (void)context;
  return alignment > XJ_TILE_BYTES ? NULL : xj_alloc(bytes, XJ_HEAP_GENERAL);
}

static const struct xnn_allocator allocator = {
    .allocate = allocate,
    .reallocate = reallocate,
    .deallocate = deallocate,
    .aligned_allocate = allocate_aligned,
    .aligned_deallocate = deallocate,
};

xj_status xj_start(int32_t n_threads) {
  xj_error_about(NULL, NULL);
  if (n_threads < 1) return xj_fail(XJ_MISUSE, "%d threads: at least one is needed", n_threads);
  if (engine.threads != NULL) return xj_fail(XJ_MISUSE, "already started, with %zu threads", engine.n_threads);
  if (xnn_initialize(&allocator) != xnn_status_success) return xj_fail(XJ_UNSUPPORTED, "XNNPACK does not start here");
  if (n_threads > 1) {
    engine.threads = pthreadpool_create((size_t)n_threads);
    if (engine.threads == NULL) return xj_fail(XJ_OUT_OF_MEMORY, "no pool of %d threads", n_threads);
  }
  engine.n_threads = (size_t)n_threads;
  return XJ_OK;
}

void xj_stop(void) {
  pthreadpool_destroy(engine.threads); /* NULL is fine */
  engine.threads = NULL;
  engine.n_threads = 1;
  engine.has_run = false;
}

pthreadpool_t xj_engine_threads(void) { return engine.threads; }
size_t xj_engine_n_threads(void) { return engine.n_threads; }
bool xj_engine_has_run(void) { return engine.has_run; }
void xj_engine_set_run(void) { engine.has_run = true; }
const char *xj_variant(void) { return XJ_VARIANT; }
