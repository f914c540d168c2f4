/* Runs cases of single nodes that tests/native/ops.test.js wrote down, and writes down what they give.
 *
 *     replay CASES RESULTS
 *
 * Both files are little-endian 32-bit words; bytes are padded to whole words.
 * A case: op, n attribute bytes, attributes, n inputs, each of them: kind (-1 absent, 0 input, 1 constant, 2 weight),
 * and where it is not absent dtype, rank, dims, storage (dtype, scale, min: doubles), n bytes, bytes. A result: status
 * (0: dtype, rank, dims, n bytes, bytes; else n bytes, text). Of all cases with 1 thread, then of all with 2. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/op.h"
#include "tests/fuzz/guarded_run.h"

enum { MOST_INPUTS = 64, ABSENT = -1, INPUT = 0, CONSTANT = 1 };

typedef struct {
  int32_t kind, dtype, rank;
  const int32_t *dims;
  xj_storage storage;
  uint32_t n_bytes;
  const void *bytes;
} operand;

typedef struct {
  int32_t op, n_inputs;
  uint32_t attribute_bytes;
  const void *attributes;
  operand inputs[MOST_INPUTS];
} replayed;

static const int32_t *at, *end;
static FILE *results;

static void die(const char *why) {
  fprintf(stderr, "replay: %s\n", why);
  exit(2);
}

static int32_t take(void) {
  if (at == end) die("the file of cases is cut off");
  return *at++;
}

static const void *take_bytes(uint32_t n) {
  const int32_t *start = at;
  if ((size_t)(end - at) < ((size_t)n + 3) / 4) die("the file of cases is cut off");
  at += ((size_t)n + 3) / 4;
  return start;
}

static void put(int32_t word) { fwrite(&word, sizeof word, 1, results); }

static void put_bytes(const void *bytes, size_t n) {
  put((int32_t)n);
  fwrite(bytes, 1, n, results);
  fwrite("\0\0\0", 1, (4 - n % 4) % 4, results);
}

static void read_case(replayed *c) {
  *c = (replayed){.op = take(), .attribute_bytes = (uint32_t)take()};
  c->attributes = take_bytes(c->attribute_bytes);
  c->n_inputs = take();
  if (c->n_inputs < 0 || c->n_inputs > MOST_INPUTS) die("a case has too many inputs");
  for (int32_t i = 0; i < c->n_inputs; i++) {
    operand *input = &c->inputs[i];
    input->kind = take();
    if (input->kind == ABSENT) continue;
    input->dtype = take();
    input->rank = take();
    input->dims = take_bytes((uint32_t)input->rank * 4);
    input->storage.dtype = take();
    memcpy(&input->storage.scale, take_bytes(8), 8);
    memcpy(&input->storage.min, take_bytes(8), 8);
    input->n_bytes = (uint32_t)take();
    input->bytes = take_bytes(input->n_bytes);
  }
}

/* NULL: xj_error_status says why. */
static xj_model *compile(const replayed *c) {
  int32_t ids[MOST_INPUTS], node = 0;
  xj_graph *graph = xj_graph_create();
  for (int32_t i = 0; i < c->n_inputs && node >= 0; i++) {
    const operand *input = &c->inputs[i];
    if (input->kind == ABSENT)
      ids[i] = XJ_NONE;
    else if (input->kind == INPUT)
      node = ids[i] = xj_graph_input(graph, input->dtype, input->rank, input->dims, "x");
    else if (input->kind == CONSTANT)
      node = ids[i] = xj_graph_constant(graph, input->dtype, input->rank, input->dims, input->bytes, input->n_bytes);
    else
      node = ids[i] = xj_graph_weight(graph, i, &input->storage, input->dtype, input->rank, input->dims);
  }
  if (node >= 0) node = xj_graph_node(graph, c->op, "it", c->n_inputs, ids, c->attributes, c->attribute_bytes);
  if (node >= 0) node = xj_graph_output(graph, node, "y");
  if (node >= 0) return xj_model_compile(graph, 0);
  xj_graph_release(graph);
  return NULL;
}

static xj_status feed(xj_model *model, const replayed *c) {
  for (int32_t i = 0; i < xj_model_n_wanted(model); i++) {
    const operand *weight = &c->inputs[xj_model_wanted(model, i)];
    memcpy(xj_model_staging(model), weight->bytes, weight->n_bytes);
    XJ_TRY(xj_model_feed(model, i));
  }
  return XJ_OK;
}

static void write_inputs(xj_program *program, const replayed *c) {
  for (int32_t i = 0, k = 0; i < c->n_inputs; i++)
    if (c->inputs[i].kind == INPUT && c->inputs[i].n_bytes > 0)
      memcpy(xj_program_input(program, k++), c->inputs[i].bytes, c->inputs[i].n_bytes);
    else if (c->inputs[i].kind == INPUT)
      k++;
}

/* Runs the case twice, the second time with all of the arena poisoned that a step has no business in. */
static xj_status run(xj_model *model, const replayed *c) {
  XJ_TRY(feed(model, c));
  xj_program *program = xj_program_create(model, NULL);
  if (program == NULL) return xj_error_status();
  write_inputs(program, c);
  XJ_TRY(xj_program_run(program));
  int32_t shape[2 + XJ_MAX_RANK];
  xj_program_shape(program, -1, shape);
  size_t n_bytes = xj_dtype_bytes(shape[0]);
  for (int32_t i = 0; i < shape[1]; i++) n_bytes *= (size_t)shape[2 + i];
  void *first = malloc(n_bytes + 1);
  memcpy(first, xj_program_output(program, 0), n_bytes);
  write_inputs(program, c);
  XJ_TRY(xj_guarded_run(program));
  if (!(xj_ops[c->op].flags & XJ_RANDOM) && memcmp(first, xj_program_output(program, 0), n_bytes) != 0) {
    fprintf(stderr, "replay: %s: ", xj_ops[c->op].name);
    die("a second run gives other bits");
  }
  put(XJ_OK);
  for (int32_t i = 0; i < 2 + shape[1]; i++) put(shape[i]);
  put_bytes(first, n_bytes);
  free(first);
  return XJ_OK;
}

static void replay(const replayed *c) {
  xj_model *model = compile(c);
  const xj_status status = model == NULL ? xj_error_status() : run(model, c);
  if (status != XJ_OK) {
    put((int32_t)status);
    put_bytes(xj_error_text(), strlen(xj_error_text()));
  }
  xj_model_release(model);
  xj_memory memory;
  xj_memory_read(&memory);
  if (memory.in_use != 0) die("bytes are left");
}

int main(int n, char **arguments) {
  FILE *cases = n == 3 ? fopen(arguments[1], "rb") : NULL;
  results = n == 3 ? fopen(arguments[2], "wb") : NULL;
  if (cases == NULL || results == NULL || fseek(cases, 0, SEEK_END) != 0) die("replay CASES RESULTS");
  const size_t size = (size_t)ftell(cases);
  int32_t *words = malloc(size + 1);
  rewind(cases);
  if (words == NULL || fread(words, 1, size, cases) != size) die("cannot read the cases");
  end = words + size / 4;
  for (int32_t n_threads = 1; n_threads <= 2; n_threads++) {
    if (xj_start(n_threads) != XJ_OK) die(xj_error_text());
    for (at = words; at < end;) {
      static replayed c;
      read_case(&c);
      replay(&c);
    }
    xj_stop();
  }
  free(words);
  fclose(cases);
  return fclose(results) == 0 ? 0 : 2;
}
