/* Where the time of a run goes: its steps, and what each costs. */
#include <time.h>

#include "src/heap.h"
#include "src/program.h"
#include "src/text.h"
#include "src/view.h"

int32_t xj_program_n_steps(const xj_program *program) { return program->n_steps; }

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

const double *xj_program_run_timed(xj_program *program) {
  if (program->step_ms == NULL)
    program->step_ms = xj_alloc_zeroed((size_t)program->n_steps * sizeof(double) + 1, XJ_HEAP_GENERAL);
  if (program->step_ms == NULL || xj_program_ready(program) != XJ_OK) return NULL;
  double before = now_ms();
  for (int32_t i = 0; i < program->n_steps; i++) {
    if (xj_step_run(&program->steps[i]) != XJ_OK) return NULL;
    double after = now_ms();
    program->step_ms[i] = after - before;
    before = after;
  }
  return program->step_ms;
}

static const xj_type *input_type(const xj_program *program, const xj_node *node, int32_t input) {
  return node->inputs[input] == XJ_NONE ? NULL : &program->facts.types[node->inputs[input]];
}

static double flops_of(const xj_program *program, const xj_node *node) {
  const xj_kernel *kernel = xj_ops[node->op].kernel;
  const xj_type *output = &program->facts.types[node->output];
  if (kernel->flops == NULL) return (double)xj_type_elements(output);
  xj_view_room room;
  if (xj_view_open(program->model->graph, node, &program->facts, true, &room) != XJ_OK) return 0;
  double flops = kernel->flops(&room.view);
  xj_view_close(&room);
  return flops;
}

const char *xj_program_step(xj_program *program, int32_t index) {
  const xj_step *step = &program->steps[index];
  const xj_node *node = &program->model->graph->nodes[step->node];
  const xj_type *output = &program->facts.types[node->output];
  double bytes = (double)xj_type_bytes(output), parameters = 0;
  xj_text text = {0};
  xj_text_add(&text, "{\"name\":");
  xj_text_add_quoted(&text, node->name);
  const char *way = step->kernel->describe == NULL ? "" : step->kernel->describe(step->state);
  xj_text_add(&text, ",\"op\":\"%s\",\"kernel\":\"%s\",\"inputs\":[", xj_ops[node->op].name, way);
  for (int32_t i = 0, n = 0; i < node->n_inputs; i++) {
    const xj_type *type = input_type(program, node, i);
    if (type == NULL) continue;
    xj_text_add(&text, "%s%s", n++ > 0 ? "," : "", xj_type_text(type));
    bytes += (double)xj_type_bytes(type);
    if (xj_value_is_constant(&program->model->graph->values[node->inputs[i]]))
      parameters += (double)xj_type_elements(type);
  }
  xj_text_add(&text, "],\"output\":%s,\"flops\":%.0f,\"bytes\":%.0f,\"parameters\":%.0f,\"threads\":%zu}",
              xj_type_text(output), flops_of(program, node), bytes, parameters,
              pthreadpool_get_threads_count(step->threads));
  xj_free(program->description);
  program->description = text.chars;
  return text.failed ? NULL : text.chars;
}
