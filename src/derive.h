/* Constants that follow from others: computed once, when all weights have come. */
#ifndef XJ_DERIVE_H
#define XJ_DERIVE_H

#include "src/model.h"

/* Storage for the derived constants that something reads: all sizes are known from shapes. */
xj_status xj_derive_reserve(xj_model *model);
/* Computes them, packs and scales with them, and frees the constants that nothing else reads. May be called again where
 * it failed. */
xj_status xj_derive_run(xj_model *model);

#endif
