#include "src/program.h"

#include <stdatomic.h>
#include <string.h>

#include "src/cost.h"
#include "src/engine.h"
#include "src/heap.h"
#include "src/live.h"
#include "src/view.h"

static xj_status take_shapes(const xj_graph *graph, const int32_t *dims, xj_type *inputs) {
  for (int32_t i = 0; i < graph->n_inputs; i++) {
    const xj_port *port = &graph->inputs[i];
    inputs[i] = graph->values[port->value].type;
    for (int32_t k = 0; k < inputs[i].rank; k++)
      if (port->dims[k] != -1) inputs[i].dims[k] = port->dims[k];
    if (dims == NULL) continue;
    xj_error_about("input", port->name);
    for (int32_t k = 0; k < inputs[i].rank; k++) {
      if (port->dims[k] != -1 && dims[k] != port->dims[k])
        return xj_fail(XJ_BAD_SHAPE, "dimension %d is %d, the model has %d there", k, dims[k], port->dims[k]);
      inputs[i].dims[k] = dims[k];
    }
    dims += inputs[i].rank;
  }
  return XJ_OK;
}

/* Weights are packed for the channels that the graph was compiled with: a convolution's groups follow from them. The
 * rows of a table are there for any indices. */
static xj_status check_packed(const xj_graph *graph, const xj_node *node, const xj_type *x) {
  if (node->op == XJ_OP_qd_gather) return XJ_OK;
  const xj_type *compiled = &graph->values[node->inputs[0]].type;
  int32_t packed_for = compiled->dims[compiled->rank - 1], channels = x->dims[x->rank - 1];
  if (channels == packed_for) return XJ_OK;
  return xj_fail(XJ_BAD_SHAPE, "input has %d channels, its weights are packed for %d", channels, packed_for);
}

/* Lets the kernel of node `i` make its operator. An output without elements needs none. */
static xj_status prepare_node(xj_program *program, int32_t i, const xj_node_view *view) {
  const xj_graph *graph = program->model->graph;
  const xj_node *node = &graph->nodes[i];
  const xj_op_row *row = &xj_ops[node->op];
  size_t elements = xj_type_elements(view->output);
  if ((row->flags & XJ_ALIAS) || elements == 0) return XJ_OK;
  bool alone = xj_cost_is_small(view);
  xj_prepare prepare = {.packed = program->model->packed[i],
                        .threads = alone ? NULL : xj_engine_threads(),
                        .n_threads = alone ? 1 : xj_engine_n_threads()};
  xj_error_about(row->name, node->name);
  if (row->flags & XJ_PACKS) XJ_TRY(check_packed(graph, node, &view->inputs[0]));
  xj_status status = row->kernel->prepare(view, &prepare);
  xj_step *step = &program->steps[program->n_steps];
  *step = (xj_step){.node = i,
                    .kernel = row->kernel,
                    .state = prepare.state,
                    .threads = prepare.threads,
                    .is_alone_at_first = xj_cost_is_small_at_first(view)};
  if (prepare.state != NULL) program->n_steps++; /* from here on it is released with the program */
  program->scratch_bytes[i] = prepare.scratch_bytes;
  return status;
}

static xj_status prepare_steps(xj_program *program) {
  const xj_graph *graph = program->model->graph;
  int32_t total = 0, n_nodes = 0;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    if (!program->live[i]) continue;
    n_nodes++;
    total += graph->nodes[i].n_inputs;
  }
  program->steps = xj_alloc_zeroed((size_t)n_nodes * sizeof(xj_step) + 1, XJ_HEAP_GENERAL);
  program->addresses = xj_alloc_zeroed((size_t)total * sizeof(void *) + 1, XJ_HEAP_GENERAL);
  if (program->steps == NULL || program->addresses == NULL) return XJ_OUT_OF_MEMORY;
  for (int32_t i = 0; i < graph->n_nodes; i++) {
    if (!program->live[i]) continue;
    xj_view_room room;
    XJ_TRY(xj_view_open(graph, &graph->nodes[i], &program->facts, true, &room));
    xj_status status = prepare_node(program, i, &room.view);
    xj_view_close(&room);
    XJ_TRY(status);
  }
  const void **addresses = program->addresses;
  for (int32_t k = 0; k < program->n_steps; k++) {
    program->steps[k].inputs = addresses;
    addresses += graph->nodes[program->steps[k].node].n_inputs;
  }
  return XJ_OK;
}

xj_program *xj_program_create(xj_model *model, const int32_t *dims) {
  const xj_graph *graph = model->graph;
  xj_error_about(NULL, NULL);
  xj_program *program = xj_alloc_zeroed(sizeof *program, XJ_HEAP_GENERAL);
  if (program == NULL) return NULL;
  program->model = model;
  program->next = model->programs;
  model->programs = program;
  xj_type *inputs = xj_alloc((size_t)graph->n_inputs * sizeof *inputs + 1, XJ_HEAP_GENERAL);
  program->live = xj_alloc_zeroed((size_t)graph->n_nodes * sizeof(bool) + 1, XJ_HEAP_GENERAL);
  program->scratch_bytes = xj_alloc_zeroed((size_t)graph->n_nodes * sizeof(size_t) + 1, XJ_HEAP_GENERAL);
  xj_status status = XJ_OUT_OF_MEMORY;
  if (inputs == NULL || program->live == NULL || program->scratch_bytes == NULL) goto out;
  status = take_shapes(graph, dims, inputs);
  if (status == XJ_OK) status = xj_graph_infer(graph, inputs, &program->facts);
  if (status == XJ_OK) xj_live_nodes(graph, &program->facts, program->live);
  if (status == XJ_OK) status = prepare_steps(program);
  if (status == XJ_OK) xj_error_about(NULL, NULL); /* from here on no one node is at fault */
  if (status == XJ_OK)
    status = xj_plan_make(graph, &program->facts, program->live, program->scratch_bytes, &program->plan);
  if (status == XJ_OK) status = xj_model_reserve_arena(model, program->plan.arena_bytes + 1);
out:
  xj_free(inputs);
  if (status == XJ_OK) return program;
  xj_program_release(program);
  return NULL;
}

void xj_program_release(xj_program *program) {
  if (program == NULL) return;
  xj_program **link = &program->model->programs;
  while (*link != program) link = &(*link)->next;
  *link = program->next;
  for (int32_t i = 0; i < program->n_steps; i++) {
    const xj_step *step = &program->steps[i];
    (step->kernel->release != NULL ? step->kernel->release : xj_free)(step->state);
  }
  xj_plan_release(&program->plan);
  xj_free(program->steps);
  xj_free(program->addresses);
  xj_facts_release(program->model->graph, &program->facts);
  xj_free(program->live);
  xj_free(program->scratch_bytes);
  xj_free(program->description);
  xj_free(program->step_ms);
  xj_free(program);
}

/* Where the bytes of a value lie; NULL where it is absent, or packed and nowhere raw. */
static void *address_of(const xj_program *program, int32_t value) {
  const xj_model *model = program->model;
  if (value == XJ_NONE) return NULL;
  if (!xj_value_is_constant(&model->graph->values[value]) && program->facts.known[value] != NULL)
    return program->facts.known[value];
  value = xj_value_root(model->graph, value);
  if (xj_value_is_constant(&model->graph->values[value])) return model->constants[value];
  int32_t buffer = program->plan.of_value[value];
  return buffer == XJ_NONE ? NULL : (char *)model->arena + program->plan.buffers[buffer].offset;
}

static void bind(xj_program *program) {
  const xj_model *model = program->model;
  for (int32_t i = 0; i < program->n_steps; i++) {
    xj_step *step = &program->steps[i];
    const xj_node *node = &model->graph->nodes[step->node];
    for (int32_t k = 0; k < node->n_inputs; k++) step->inputs[k] = address_of(program, node->inputs[k]);
    step->output = address_of(program, node->output);
    int32_t scratch = program->plan.of_scratch[step->node];
    step->scratch = scratch == XJ_NONE ? NULL : (char *)model->arena + program->plan.buffers[scratch].offset;
  }
  program->arena = model->arena;
}

xj_status xj_program_ready(xj_program *program) {
  const xj_model *model = program->model;
  xj_error_about(NULL, NULL);
  if (model->n_fed < model->n_wanted)
    return xj_fail(XJ_MISUSE, "%d of %d weights have not been fed", model->n_wanted - model->n_fed, model->n_wanted);
  if (program->arena != model->arena) bind(program);
  return XJ_OK;
}

xj_status xj_step_run(const xj_step *step) {
  bool alone = step->is_alone_at_first && !xj_engine_has_run();
  return step->kernel->run(step->state, &(xj_run){.inputs = step->inputs,
                                                  .output = step->output,
                                                  .scratch = step->scratch,
                                                  .threads = alone ? NULL : step->threads});
}

/* [0] the number of the run to abort, [1] that of the run under way: a late request meets no other run. */
static _Atomic int32_t abort_numbers[2];

int32_t *xj_abort_numbers(void) { return (int32_t *)abort_numbers; }

static bool is_aborted(void) {
  int32_t wanted = atomic_load_explicit(&abort_numbers[0], memory_order_relaxed);
  return wanted != 0 && wanted == atomic_load_explicit(&abort_numbers[1], memory_order_relaxed);
}

xj_status xj_program_run(xj_program *program) {
  XJ_TRY(xj_program_ready(program));
  for (int32_t i = 0; i < program->n_steps; i++) {
    if (is_aborted()) return xj_fail(XJ_ABORTED, "the run was aborted before step %d of %d", i, program->n_steps);
    XJ_TRY(xj_step_run(&program->steps[i]));
  }
  xj_engine_set_run();
  return XJ_OK;
}

int32_t xj_program_n_inputs(const xj_program *program) { return program->model->graph->n_inputs; }
int32_t xj_program_n_outputs(const xj_program *program) { return program->model->graph->n_outputs; }

void *xj_program_input(xj_program *program, int32_t index) {
  return address_of(program, program->model->graph->inputs[index].value);
}

const void *xj_program_output(xj_program *program, int32_t index) {
  return address_of(program, program->model->graph->outputs[index].value);
}

void xj_program_shape(const xj_program *program, int32_t index, int32_t shape[2 + XJ_MAX_RANK]) {
  const xj_graph *graph = program->model->graph;
  int32_t value = index >= 0 ? graph->inputs[index].value : graph->outputs[~index].value;
  const xj_type *type = &program->facts.types[value];
  shape[0] = type->dtype;
  shape[1] = type->rank;
  memcpy(shape + 2, type->dims, sizeof type->dims);
}
