/* Every allocation of the core and of XNNPACK: counted, limited, made to fail by tests. */
#ifndef XJ_HEAP_H
#define XJ_HEAP_H

#include "src/xj.h"

typedef enum { XJ_HEAP_GENERAL, XJ_HEAP_WEIGHTS, XJ_HEAP_ARENA } xj_heap_use;

/* 64-byte aligned; NULL and an 'out of memory' error where there is none. */
void *xj_alloc(size_t bytes, xj_heap_use use);
void *xj_alloc_zeroed(size_t bytes, xj_heap_use use);
/* Keeps the content; the old block stays good when it fails. */
void *xj_realloc(void *block, size_t bytes);
void xj_free(void *block);

#endif
