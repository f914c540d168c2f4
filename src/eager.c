/* One op at a time. The key of a call is what its kernel's preparation depends on: op, attributes, types of the inputs,
 * the contents of those that it reads before the run, the names of those that it packs. */
#include <string.h>

#include "src/cost.h"
#include "src/engine.h"
#include "src/heap.h"
#include "src/prepared.h"

/* ---- tensors: a list, so that all can be released ---- */

typedef struct link {
  struct link *next, **to_this;
} link;

enum { LINK_BYTES = 64 /* what follows keeps the heap's alignment */ };

static link *tensors;

void *xj_tensor_create(uint32_t bytes) {
  if (bytes > UINT32_MAX - LINK_BYTES - XJ_SLACK_BYTES) {
    xj_fail(XJ_OUT_OF_MEMORY, "a tensor of %u bytes", bytes);
    return NULL;
  }
  link *l = xj_alloc((size_t)bytes + LINK_BYTES + XJ_SLACK_BYTES, XJ_HEAP_GENERAL);
  if (l == NULL) return NULL;
  *l = (link){tensors, &tensors};
  if (tensors != NULL) tensors->to_this = &l->next;
  tensors = l;
  return (char *)l + LINK_BYTES;
}

void xj_tensor_release(void *bytes) {
  if (bytes == NULL) return;
  link *l = (link *)(void *)((char *)bytes - LINK_BYTES);
  *l->to_this = l->next;
  if (l->next != NULL) l->next->to_this = l->to_this;
  xj_free(l);
}

/* ---- memory that all calls share: grown as needed ---- */

typedef struct {
  void *bytes;
  size_t size;
} room;

static room scratch, call_room;

static xj_status need(room *r, size_t bytes) {
  if (bytes <= r->size) return XJ_OK;
  if (bytes > PTRDIFF_MAX / 2) return xj_fail(XJ_OUT_OF_MEMORY, "%zu bytes of scratch memory", bytes);
  const size_t size = bytes + bytes / 4;
  void *grown = xj_alloc(size + XJ_SLACK_BYTES, XJ_HEAP_GENERAL);
  if (grown == NULL) return XJ_OUT_OF_MEMORY;
  xj_free(r->bytes);
  *r = (room){grown, size};
  return XJ_OK;
}

static void give_back(room *r) {
  xj_free(r->bytes);
  *r = (room){0};
}

/* ---- a call ---- */

enum { KNOWN_BYTES = 256, INPUT_WORDS = 2 + XJ_MAX_RANK + KNOWN_BYTES / 4 };

/* A call's arrays, for n inputs. */
typedef struct {
  const void **bytes, **known; /* [n] */
  xj_type *types;
  int32_t *contents, *key;
  bool *constants;
  uint8_t *written;
  xj_node_view view;
  uint32_t attribute_bytes;
  size_t n_words;
  bool is_kept; /* what is prepared */
} call;

static xj_status open(call *c, int32_t op, int32_t n, const void *attributes, uint32_t attribute_bytes) {
  const xj_op_row *row = op >= 0 && op < XJ_N_OPS ? &xj_ops[op] : NULL;
  if (row == NULL) return xj_fail(XJ_BAD_MODEL, "there is no op %d", op);
  xj_error_about(row->name, "");
  if (n < row->least_inputs || n > row->most_inputs)
    return xj_fail(XJ_BAD_MODEL, "%d inputs instead of %d to %d", n, row->least_inputs, row->most_inputs);
  if (attribute_bytes != row->attribute_bytes)
    return xj_fail(XJ_BAD_MODEL, "%u bytes of attributes instead of %u", attribute_bytes, row->attribute_bytes);
  const size_t count = (size_t)n + 1, words = count * INPUT_WORDS + attribute_bytes / 4 + 1;
  XJ_TRY(need(&call_room, count * (2 * sizeof(void *) + sizeof(xj_type) + 4 + 2) + words * 4));
  c->bytes = call_room.bytes;
  c->known = c->bytes + count;
  c->types = (xj_type *)(c->known + count);
  c->contents = (int32_t *)(c->types + count);
  c->key = c->contents + count;
  c->constants = (bool *)(c->key + words);
  c->written = (uint8_t *)(c->constants + count);
  c->view = (xj_node_view){.op = op,
                           .n_inputs = n,
                           .inputs = c->types,
                           .is_constant = c->constants,
                           .known = c->known,
                           .written = c->written,
                           .attributes = attributes};
  c->attribute_bytes = attribute_bytes;
  c->is_kept = (row->flags & XJ_RANDOM) == 0; /* two draws are not one repeated */
  c->key[0] = op;
  memcpy(c->key + 1, attributes, attribute_bytes);
  c->n_words = 1 + attribute_bytes / 4;
  return XJ_OK;
}

/* Takes input i, and adds to the key what it has to do with the preparation. */
static xj_status take(call *c, int32_t i, const xj_operand *operand) {
  int32_t *key = c->key + c->n_words;
  const bool packs = (xj_ops[c->view.op].flags & XJ_PACKS) && (i == XJ_WEIGHT || i == XJ_BIAS || i == XJ_SCALE);
  c->bytes[i] = operand->bytes;
  c->known[i] = NULL;
  c->contents[i] = operand->content_id;
  c->constants[i] = packs && operand->bytes != NULL;
  c->written[i] = 0;
  if (operand->bytes == NULL) {
    c->types[i] = (xj_type){.rank = -1};
    *key = -1;
    c->n_words++;
    return XJ_OK;
  }
  xj_type *type = &c->types[i];
  *type = (xj_type){.dtype = operand->dtype, .rank = operand->rank};
  if (type->rank >= 0 && type->rank <= XJ_MAX_RANK)
    memcpy(type->dims, operand->dims, (size_t)type->rank * sizeof *type->dims);
  XJ_TRY(xj_type_check(type, "an input"));
  *key++ = type->dtype | type->rank << 8 | operand->is_known << 16;
  for (int32_t k = 0; k < type->rank; k++) *key++ = type->dims[k];
  if (packs) {
    *key++ = operand->content_id;
    c->is_kept = c->is_kept && operand->content_id != 0;
  }
  if (operand->is_known) {
    const size_t bytes = xj_type_bytes(type);
    if (bytes > KNOWN_BYTES) return xj_fail(XJ_UNSUPPORTED, "input %d is read before the run: %zu bytes", i, bytes);
    c->known[i] = operand->bytes;
    key[bytes / 4] = 0;
    memcpy(key, operand->bytes, bytes);
    key += (bytes + 3) / 4;
  }
  c->n_words = (size_t)(key - c->key);
  return XJ_OK;
}

static uint32_t hash_of(const int32_t *words, size_t n) {
  uint32_t hash = 0x811c9dc5u;
  for (size_t i = 0; i < n; i++) {
    hash = (hash ^ (uint32_t)words[i]) * 0x9e3779b1u;
    hash ^= hash >> 15;
  }
  return hash;
}

static xj_status prepare(call *c, xj_prepared *prepared) {
  const xj_op_row *row = &xj_ops[c->view.op];
  prepared->kernel = row->kernel;
  XJ_TRY(row->kernel->infer(&c->view, &prepared->output));
  XJ_TRY(xj_type_check(&prepared->output, "the output"));
  c->view.output = &prepared->output;
  if ((row->flags & XJ_ALIAS) || xj_type_elements(&prepared->output) == 0) return XJ_OK;
  const bool is_alone = xj_cost_is_small(&c->view);
  if (row->flags & XJ_PACKS)
    XJ_TRY(xj_packed_make(&c->view, c->bytes, c->contents, c->attribute_bytes, &prepared->packed));
  xj_prepare p = {.packed = prepared->packed == NULL ? NULL : prepared->packed->storage,
                  .threads = is_alone ? NULL : xj_engine_threads(),
                  .n_threads = is_alone ? 1 : xj_engine_n_threads()};
  const xj_status status = row->kernel->prepare(&c->view, &p);
  prepared->state = p.state;
  prepared->threads = p.threads;
  if (status == XJ_OK && prepared->packed != NULL) xj_packed_trim(prepared->packed);
  return status == XJ_OK ? need(&scratch, p.scratch_bytes) : status;
}

static xj_status find_or_prepare(call *c, xj_prepared **found) {
  const uint32_t hash = hash_of(c->key, c->n_words);
  *found = c->is_kept ? xj_prepared_find(hash, c->key, c->n_words) : NULL;
  if (*found != NULL) return XJ_OK;
  xj_memory before, after;
  xj_memory_read(&before);
  xj_prepared *prepared = xj_prepared_create(hash, c->key, c->n_words);
  if (prepared == NULL) return XJ_OUT_OF_MEMORY;
  const size_t scratch_before = scratch.size;
  const xj_status status = prepare(c, prepared);
  if (status != XJ_OK) {
    xj_prepared_release(prepared);
    return status;
  }
  xj_memory_read(&after);
  /* What it holds itself: the scratch and the weights are everybody's. */
  const int64_t held = (int64_t)after.in_use - before.in_use - (int64_t)(scratch.size - scratch_before) -
                       ((int64_t)after.weights - before.weights);
  prepared->bytes = held > 0 ? (size_t)held : 0;
  if (c->is_kept) xj_prepared_keep(prepared);
  *found = prepared;
  return XJ_OK;
}

static xj_status run(const call *c, const xj_prepared *prepared, void *output) {
  if (xj_ops[c->view.op].flags & XJ_ALIAS) {
    if (output != c->bytes[0]) memcpy(output, c->bytes[0], xj_type_bytes(&prepared->output));
    return XJ_OK;
  }
  if (prepared->state == NULL) return XJ_OK; /* no elements */
  xj_error_about(NULL, NULL);                /* what fails in a run names its op itself */
  return prepared->kernel->run(
      prepared->state,
      &(xj_run){.inputs = c->bytes, .output = output, .scratch = scratch.bytes, .threads = prepared->threads});
}

xj_status xj_eager_run(int32_t op, int32_t n_inputs, const xj_operand *inputs, const void *attributes,
                       uint32_t attribute_bytes, int32_t into, xj_result *result) {
  call c;
  XJ_TRY(open(&c, op, n_inputs, attributes, attribute_bytes));
  for (int32_t i = 0; i < n_inputs; i++) XJ_TRY(take(&c, i, &inputs[i]));
  xj_prepared *prepared;
  XJ_TRY(find_or_prepare(&c, &prepared));
  const xj_type type = prepared->output;
  const bool is_over = into >= 0 && into < n_inputs && (xj_ops[op].flags & (XJ_INPLACE | XJ_ALIAS)) &&
                       inputs[into].bytes != NULL && xj_type_equal(&c.types[into], &type);
  void *output = is_over ? (void *)(uintptr_t)inputs[into].bytes : xj_tensor_create((uint32_t)xj_type_bytes(&type));
  const xj_status status = output == NULL ? XJ_OUT_OF_MEMORY : run(&c, prepared, output);
  if (!c.is_kept) xj_prepared_release(prepared);
  if (status != XJ_OK) {
    if (!is_over) xj_tensor_release(output);
    return status;
  }
  *result = (xj_result){.bytes = output, .dtype = type.dtype, .rank = type.rank};
  memcpy(result->dims, type.dims, sizeof type.dims);
  return XJ_OK;
}

void xj_eager_reset(void) {
  while (tensors != NULL) xj_tensor_release((char *)tensors + LINK_BYTES);
  xj_prepared_reset();
  give_back(&scratch);
  give_back(&call_room);
}
