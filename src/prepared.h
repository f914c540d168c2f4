/* What eager ops keep between calls: prepared kernels by types and attributes, packed weights by content. */
#ifndef XJ_PREPARED_H
#define XJ_PREPARED_H

#include "src/op.h"

/* Packed weights that several prepared kernels read, or one that is not kept. */
typedef struct xj_packed {
  struct xj_packed *next;
  int32_t op, contents[3]; /* of weight, bias and scale */
  xj_type weight;
  int32_t channels; /* of x */
  uint32_t attribute_bytes, last_use, n_readers;
  size_t bytes;
  void *storage;
  uint8_t attributes[];
} xj_packed;

typedef struct xj_prepared {
  struct xj_prepared *next;          /* in its bucket */
  struct xj_prepared *newer, *older; /* in the order of use */
  const xj_kernel *kernel;
  xj_packed *packed; /* NULL where the op packs nothing */
  void *state;
  pthreadpool_t threads;
  size_t bytes; /* that it holds itself */
  xj_type output;
  uint32_t hash;
  size_t n_words;
  int32_t key[]; /* [n_words] */
} xj_prepared;

/* The kernel that was kept under a key [n_words], now the one used last; or NULL. */
xj_prepared *xj_prepared_find(uint32_t hash, const int32_t *key, size_t n_words);
/* Room for a new one, zeroed but for its key. */
xj_prepared *xj_prepared_create(uint32_t hash, const int32_t *key, size_t n_words);
/* Keeps it, and drops those not used for longest while they are too many. */
void xj_prepared_keep(xj_prepared *prepared);
/* Of one that is not kept. */
void xj_prepared_release(xj_prepared *prepared);

/* Packs the constants of a node, whose bytes are `inputs` and whose contents are named by `contents` [n_inputs]; where
 * all are named, looks for what is packed already, and keeps it. */
xj_status xj_packed_make(const xj_node_view *node, const void *const *inputs, const int32_t *contents,
                         uint32_t attribute_bytes, xj_packed **packed);
/* Drops kept weights beyond the limit, those not used for longest first; not `used`. */
void xj_packed_trim(const xj_packed *used);
/* Drops everything that is kept. */
void xj_prepared_reset(void);

#endif
