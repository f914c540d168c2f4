#include "src/prepared.h"

#include "src/heap.h"
#include "src/scale.h"

enum { N_BUCKETS = 1024, MOST = 2048, MOST_BYTES = 64 << 20 };

static struct {
  xj_prepared *buckets[N_BUCKETS];
  xj_prepared *newest, *oldest;
  size_t n, bytes;
} kept;

static struct {
  xj_packed *first;
  size_t bytes, limit;
  uint32_t now;
} weights = {.limit = 256u << 20};

/* ---- packed weights ---- */

static void release_packed(xj_packed *packed) {
  if (packed == NULL) return;
  xj_free(packed->storage);
  xj_free(packed);
}

static bool is_named(const xj_packed *packed, int32_t content) {
  for (int32_t i = 0; i < 3; i++)
    if (packed->contents[i] == content) return true;
  return false;
}

static bool is_same(const xj_packed *a, const xj_packed *b) {
  return a->op == b->op && memcmp(a->contents, b->contents, sizeof a->contents) == 0 && a->channels == b->channels &&
         xj_type_equal(&a->weight, &b->weight) && a->attribute_bytes == b->attribute_bytes &&
         memcmp(a->attributes, b->attributes, a->attribute_bytes) == 0;
}

/* The inputs that pack, in the order of xj_packed.contents. */
static const int32_t slots[3] = {XJ_WEIGHT, XJ_BIAS, XJ_SCALE};

static xj_status fill(const xj_node_view *node, const void *const *inputs, xj_packed *packed) {
  const xj_kernel *kernel = xj_ops[node->op].kernel;
  packed->bytes = kernel->packed_bytes(node);
  packed->storage = xj_alloc_zeroed(packed->bytes + XJ_SLACK_BYTES, XJ_HEAP_WEIGHTS);
  if (packed->storage == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t k = XJ_WEIGHT; k <= XJ_BIAS; k++) {
    if (!xj_present(node, k)) continue;
    const xj_type *type = &node->inputs[k];
    kernel->pack(node, k, &(xj_weight){{type->dtype, 1, 0}, inputs[k], xj_type_elements(type)}, packed->storage);
  }
  return xj_present(node, XJ_SCALE) ? xj_scale_packed(node, inputs[XJ_SCALE], packed->storage) : XJ_OK;
}

xj_status xj_packed_make(const xj_node_view *node, const void *const *inputs, const int32_t *contents,
                         uint32_t attribute_bytes, xj_packed **made) {
  xj_packed *packed = xj_alloc_zeroed(sizeof *packed + attribute_bytes, XJ_HEAP_GENERAL);
  if (packed == NULL) return XJ_OUT_OF_MEMORY;
  const xj_type *x = &node->inputs[XJ_X];
  *packed = (xj_packed){.op = node->op,
                        .weight = node->inputs[XJ_WEIGHT],
                        .channels = x->rank > 0 ? x->dims[x->rank - 1] : 0,
                        .attribute_bytes = attribute_bytes};
  memcpy(packed->attributes, node->attributes, attribute_bytes);
  bool has_names = true;
  for (int32_t i = 0; i < 3; i++) {
    if (!xj_present(node, slots[i])) continue;
    packed->contents[i] = contents[slots[i]];
    has_names = has_names && packed->contents[i] != 0;
  }
  for (xj_packed *other = weights.first; has_names && other != NULL; other = other->next) {
    if (!is_same(other, packed)) continue;
    release_packed(packed);
    other->n_readers++;
    *made = other;
    return XJ_OK;
  }
  xj_status status = fill(node, inputs, packed);
  if (status != XJ_OK) {
    release_packed(packed);
    return status;
  }
  packed->n_readers = 1;
  if (has_names) {
    packed->last_use = ++weights.now;
    packed->next = weights.first;
    weights.first = packed;
    weights.bytes += packed->bytes;
  }
  *made = packed;
  return XJ_OK;
}

static bool is_kept(const xj_packed *packed) {
  const xj_packed *other = weights.first;
  while (other != NULL && other != packed) other = other->next;
  return other != NULL;
}

/* ---- prepared kernels ---- */

static void unlink_prepared(xj_prepared *prepared) {
  xj_prepared **link = &kept.buckets[prepared->hash % N_BUCKETS];
  while (*link != prepared) link = &(*link)->next;
  *link = prepared->next;
  *(prepared->newer != NULL ? &prepared->newer->older : &kept.newest) = prepared->older;
  *(prepared->older != NULL ? &prepared->older->newer : &kept.oldest) = prepared->newer;
  prepared->newer = prepared->older = NULL;
}

static void push_newest(xj_prepared *prepared) {
  prepared->older = kept.newest;
  *(kept.newest != NULL ? &kept.newest->newer : &kept.oldest) = prepared;
  kept.newest = prepared;
}

static void drop(xj_prepared *prepared) {
  unlink_prepared(prepared);
  kept.n--;
  kept.bytes -= prepared->bytes;
  xj_prepared_release(prepared);
}

xj_prepared *xj_prepared_find(uint32_t hash, const int32_t *key, size_t n_words) {
  xj_prepared *found = kept.buckets[hash % N_BUCKETS];
  while (found != NULL &&
         (found->hash != hash || found->n_words != n_words || memcmp(found->key, key, n_words * sizeof *key) != 0))
    found = found->next;
  if (found == NULL) return NULL;
  if (found->packed != NULL) found->packed->last_use = ++weights.now;
  if (found == kept.newest) return found;
  found->newer->older = found->older; /* it has a newer one */
  *(found->older != NULL ? &found->older->newer : &kept.oldest) = found->newer;
  found->newer = NULL;
  push_newest(found);
  return found;
}

xj_prepared *xj_prepared_create(uint32_t hash, const int32_t *key, size_t n_words) {
  xj_prepared *prepared = xj_alloc_zeroed(sizeof *prepared + n_words * sizeof *key, XJ_HEAP_GENERAL);
  if (prepared == NULL) return NULL;
  prepared->hash = hash;
  prepared->n_words = n_words;
  memcpy(prepared->key, key, n_words * sizeof *key);
  return prepared;
}

void xj_prepared_keep(xj_prepared *prepared) {
  xj_prepared **bucket = &kept.buckets[prepared->hash % N_BUCKETS];
  prepared->next = *bucket;
  *bucket = prepared;
  push_newest(prepared);
  kept.n++;
  kept.bytes += prepared->bytes;
  while ((kept.n > MOST || kept.bytes > MOST_BYTES) && kept.oldest != prepared) drop(kept.oldest);
}

void xj_prepared_release(xj_prepared *prepared) {
  if (prepared == NULL) return;
  if (prepared->state != NULL)
    (prepared->kernel->release != NULL ? prepared->kernel->release : xj_free)(prepared->state);
  if (prepared->packed != NULL && --prepared->packed->n_readers == 0 && !is_kept(prepared->packed))
    release_packed(prepared->packed);
  xj_free(prepared);
}

/* ---- what goes ---- */

/* Drops a kept packed weight (at *link) and the kernels that read it. */
static void drop_packed(xj_packed **link) {
  xj_packed *packed = *link;
  xj_prepared *older;
  for (xj_prepared *p = kept.newest; p != NULL && packed->n_readers > 0; p = older) {
    older = p->older;
    if (p->packed == packed) drop(p);
  }
  *link = packed->next;
  weights.bytes -= packed->bytes;
  release_packed(packed);
}

void xj_eager_forget(int32_t content_id) {
  for (xj_packed **link = &weights.first; *link != NULL;)
    if (is_named(*link, content_id))
      drop_packed(link);
    else
      link = &(*link)->next;
}

void xj_packed_trim(const xj_packed *used) {
  while (weights.bytes > weights.limit) {
    xj_packed **oldest = NULL;
    for (xj_packed **link = &weights.first; *link != NULL; link = &(*link)->next)
      if (*link != used && (oldest == NULL || (*link)->last_use < (*oldest)->last_use)) oldest = link;
    if (oldest == NULL) return;
    drop_packed(oldest);
  }
}

void xj_eager_limit(uint32_t packed_bytes) {
  weights.limit = packed_bytes;
  xj_packed_trim(NULL);
}

void xj_prepared_reset(void) {
  while (kept.newest != NULL) drop(kept.newest);
  while (weights.first != NULL) drop_packed(&weights.first);
}
