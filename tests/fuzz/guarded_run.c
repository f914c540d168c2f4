#include "tests/fuzz/guarded_run.h"

#include <sanitizer/asan_interface.h>

#include "src/model.h"

static void allow(const xj_model *model, const void *address, size_t bytes) {
  const char *arena = model->arena, *at = address;
  if (at >= arena && at < arena + model->arena_bytes) __asan_unpoison_memory_region(at, bytes);
}

xj_status xj_guarded_run(xj_program *program) {
  const xj_model *model = program->model;
  xj_status status = XJ_OK;
  for (int32_t i = 0; i < program->n_steps && status == XJ_OK; i++) {
    const xj_step *step = &program->steps[i];
    const xj_node *node = &model->graph->nodes[step->node];
    __asan_poison_memory_region(model->arena, model->arena_bytes);
    for (int32_t k = 0; k < node->n_inputs; k++)
      if (node->inputs[k] != XJ_NONE)
        allow(model, step->inputs[k], xj_type_bytes(&program->facts.types[node->inputs[k]]) + XJ_SLACK_BYTES);
    allow(model, step->output, xj_type_bytes(&program->facts.types[node->output]));
    allow(model, step->scratch, program->scratch_bytes[step->node]);
    status = xj_step_run(step);
  }
  __asan_unpoison_memory_region(model->arena, model->arena_bytes);
  return status;
}
