#include "src/heap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "src/status.h"

enum { ALIGNMENT = 64 };

/* Stands right before the block that the caller sees. */
typedef struct {
  void *raw;
  size_t bytes;
  xj_heap_use use;
} header;

static struct {
  size_t in_use, peak, limit;
  size_t of_use[3];
  uint32_t fail_at;
} heap;

void *xj_alloc(size_t bytes, xj_heap_use use) {
  const size_t overhead = sizeof(header) + ALIGNMENT;
  bool refused = heap.limit != 0 && (bytes > heap.limit || heap.in_use > heap.limit - bytes);
  if (heap.fail_at != 0 && --heap.fail_at == 0) refused = true;
  void *raw = refused || bytes > SIZE_MAX - overhead ? NULL : malloc(bytes + overhead);
  if (raw == NULL) {
    if (heap.limit != 0)
      xj_fail(XJ_OUT_OF_MEMORY, "out of memory: %zu bytes more than the %zu in use do not fit the limit of %zu", bytes,
              heap.in_use, heap.limit);
    else
      xj_fail(XJ_OUT_OF_MEMORY, "out of memory: no %zu bytes more than the %zu in use", bytes, heap.in_use);
    return NULL;
  }
  uintptr_t at = ((uintptr_t)raw + sizeof(header) + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1);
  ((header *)at)[-1] = (header){raw, bytes, use};
  heap.in_use += bytes;
  heap.of_use[use] += bytes;
  if (heap.in_use > heap.peak) heap.peak = heap.in_use;
  return (void *)at;
}

void *xj_alloc_zeroed(size_t bytes, xj_heap_use use) {
  void *block = xj_alloc(bytes, use);
  if (block != NULL) memset(block, 0, bytes);
  return block;
}

void xj_free(void *block) {
  if (block == NULL) return;
  header head = ((header *)block)[-1];
  heap.in_use -= head.bytes;
  heap.of_use[head.use] -= head.bytes;
  free(head.raw);
}

void *xj_realloc(void *block, size_t bytes) {
  if (block == NULL) return xj_alloc(bytes, XJ_HEAP_GENERAL);
  header head = ((header *)block)[-1];
  void *grown = xj_alloc(bytes, head.use);
  if (grown == NULL) return NULL;
  memcpy(grown, block, head.bytes < bytes ? head.bytes : bytes);
  xj_free(block);
  return grown;
}

void xj_memory_read(xj_memory *memory) {
  *memory = (xj_memory){(uint32_t)heap.in_use, (uint32_t)heap.peak, (uint32_t)heap.of_use[XJ_HEAP_WEIGHTS],
                        (uint32_t)heap.of_use[XJ_HEAP_ARENA]};
}

void xj_memory_limit(uint32_t bytes) { heap.limit = bytes; }
void xj_memory_fail_at(uint32_t n) { heap.fail_at = n; }
