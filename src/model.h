/* A compiled graph with what belongs to it: packed weights, raw constants, the arena, programs. */
#ifndef XJ_MODEL_H
#define XJ_MODEL_H

#include "src/readers.h"

struct xj_model {
  xj_graph *graph;
  xj_readers readers; /* until all weights are fed */
  void **packed;      /* [n_nodes] storage of nodes that pack, NULL else */
  void **constants;   /* [n_values] raw values that nodes read, in the tensor's dtype, NULL else */
  int32_t *wanted;    /* [n_wanted] values whose weight is to be fed, 0 … n_wanted - 1 */
  bool *fed;          /* [n_wanted] */
  int32_t n_wanted, n_fed;
  int32_t n_finished; /* nodes, from the first on, whose storage is packed and scaled */
  void *staging;
  size_t staging_bytes; /* as large as the largest wanted weight, as stored */
  void *arena;
  size_t arena_bytes;
  xj_program *programs; /* a list */
};

/* Makes the arena at least so large. Programs notice by its address. */
xj_status xj_model_reserve_arena(xj_model *model, size_t bytes);

#endif
