/* The instance: XNNPACK started, and the one thread pool. */
#ifndef XJ_ENGINE_H
#define XJ_ENGINE_H

#include <pthreadpool.h>
#include <stdbool.h>

#include "src/xj.h"

/* NULL with one thread. */
pthreadpool_t xj_engine_threads(void);
size_t xj_engine_n_threads(void);
/* Whether any program was run to its end. */
bool xj_engine_has_run(void);
void xj_engine_set_run(void);

#endif
