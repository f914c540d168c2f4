/* A program as text: its nodes with their shapes, and the memory plan. */
#include <stdarg.h>
#include <stdio.h>

#include "src/heap.h"
#include "src/program.h"

typedef struct {
  char *text;
  size_t used, size;
  bool failed;
} text;

__attribute__((format(printf, 2, 3))) static void add(text *to, const char *format, ...) {
  for (;;) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = to->size - to->used;
    int n = vsnprintf(to->text == NULL ? NULL : to->text + to->used, room, format, arguments);
    va_end(arguments);
    if (n < 0 || to->failed) return;
    if ((size_t)n < room) {
      to->used += (size_t)n;
      return;
    }
    size_t size = to->size * 2 + (size_t)n + 1024;
    char *grown = xj_realloc(to->text, size);
    to->failed = grown == NULL;
    if (grown == NULL) return;
    to->text = grown;
    to->size = size;
  }
}

static void add_buffer_of(text *to, const xj_program *program, int32_t value) {
  int32_t buffer = program->plan.of_value[value];
  if (buffer == XJ_NONE) return;
  const xj_buffer *b = &program->plan.buffers[buffer];
  add(to, "  @%zu +%zu, steps %d-%d", b->offset, b->bytes, b->first, b->last);
}

const char *xj_program_describe(xj_program *program) {
  const xj_graph *graph = program->model->graph;
  const xj_plan *plan = &program->plan;
  text to = {0};
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    int32_t value = graph->inputs[i].value;
    add(&to, "input %s %s", graph->inputs[i].name, xj_type_text(&program->types[value]));
    add_buffer_of(&to, program, value);
    add(&to, "\n");
  }
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (node->op == XJ_NONE) continue;
    add(&to, "%d %s \"%s\" %s", i, xj_ops[node->op].name, node->name, xj_type_text(&program->types[node->output]));
    add_buffer_of(&to, program, node->output);
    int32_t scratch = plan->of_scratch[i];
    if (scratch != XJ_NONE)
      add(&to, ", scratch @%zu +%zu", plan->buffers[scratch].offset, plan->buffers[scratch].bytes);
    add(&to, "\n");
  }
  for (int32_t i = 0; i < graph->n_outputs; i++)
    add(&to, "output %s %s\n", graph->outputs[i].name, xj_type_text(&program->types[graph->outputs[i].value]));
  add(&to, "arena %zu bytes: lower bound %zu, without reuse %zu, %d buffers\n", plan->arena_bytes, plan->lower_bound,
      plan->sum, plan->n_buffers);
  xj_free(program->description);
  program->description = to.text;
  return to.failed ? NULL : to.text;
}
