/* A program as text: its nodes with their shapes, and the memory plan; the plan for programs, too. */
#include "src/heap.h"
#include "src/program.h"
#include "src/text.h"

static void add_buffer_of(xj_text *to, const xj_program *program, int32_t value) {
  int32_t buffer = program->plan.of_value[value];
  if (buffer == XJ_NONE) return;
  const xj_buffer *b = &program->plan.buffers[buffer];
  xj_text_add(to, "  @%zu +%zu, steps %d-%d", b->offset, b->bytes, b->first, b->last);
}

const char *xj_program_describe(xj_program *program) {
  const xj_graph *graph = program->model->graph;
  const xj_plan *plan = &program->plan;
  xj_text to = {0};
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    int32_t value = graph->inputs[i].value;
    xj_text_add(&to, "input %s %s", graph->inputs[i].name, xj_type_text(&program->facts.types[value]));
    add_buffer_of(&to, program, value);
    xj_text_add(&to, "\n");
  }
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    const xj_node *node = &graph->nodes[i];
    if (!program->live[i]) continue;
    xj_text_add(&to, "%d %s \"%s\" %s", i, xj_ops[node->op].name, node->name,
                xj_type_text(&program->facts.types[node->output]));
    add_buffer_of(&to, program, node->output);
    int32_t scratch = plan->of_scratch[i];
    if (scratch != XJ_NONE)
      xj_text_add(&to, ", scratch @%zu +%zu", plan->buffers[scratch].offset, plan->buffers[scratch].bytes);
    xj_text_add(&to, "\n");
  }
  for (int32_t i = 0; i < graph->n_outputs; i++)
    xj_text_add(&to, "output %s %s\n", graph->outputs[i].name,
                xj_type_text(&program->facts.types[graph->outputs[i].value]));
  xj_text_add(&to, "arena %zu bytes: lower bound %zu, without reuse %zu, %d buffers\n", plan->arena_bytes,
              plan->lower_bound, plan->sum, plan->n_buffers);
  xj_free(program->description);
  program->description = to.chars;
  return to.failed ? NULL : to.chars;
}

const char *xj_program_plan(xj_program *program) {
  const xj_plan *plan = &program->plan;
  xj_text to = {0};
  xj_text_add(&to, "{\"arenaBytes\":%zu,\"lowerBound\":%zu,\"sum\":%zu,\"buffers\":[", plan->arena_bytes,
              plan->lower_bound, plan->sum);
  for (int32_t i = 0; i < plan->n_buffers; i++) {
    const xj_buffer *b = &plan->buffers[i];
    xj_text_add(&to, "%s{\"offset\":%zu,\"bytes\":%zu,\"first\":%d,\"last\":%d}", i > 0 ? "," : "", b->offset, b->bytes,
                b->first, b->last);
  }
  xj_text_add(&to, "]}");
  xj_free(program->description);
  program->description = to.chars;
  return to.failed ? NULL : to.chars;
}
