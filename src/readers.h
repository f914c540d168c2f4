/* Who reads which value of a graph that no pass changes any more: found once, since a large model has thousands of
 * both. */
#ifndef XJ_READERS_H
#define XJ_READERS_H

#include "src/graph.h"

typedef struct {
  int32_t node, input;
} xj_reader;

typedef struct {
  bool *any;          /* [n_values] something reads the value, or it is an output */
  bool *raw;          /* [n_values] something but packing reads its bytes, under whatever shape */
  int32_t *first;     /* [n_values + 1] where in `packing` those of a value begin */
  xj_reader *packing; /* nodes that pack the value's bytes, under whatever shape, in the order of the graph */
} xj_readers;

/* Fills readers that are zeroed; they are released in either case. */
xj_status xj_readers_find(const xj_graph *graph, xj_readers *readers);
void xj_readers_release(xj_readers *readers);

#endif
