/* Whatever XNNPACK's probe says of the machine, the same kernels run and give the same bits: the notes of the two
 * checks are compared by machine.test.js. */
#include <string.h>
#include <xnnpack.h>

#include "kernels/kernels.h"
#include "kernels/simd.h"
#include "src/op.h"
#include "tests/kernels/check.h"
#include "xnnpack/hardware-config.h"

enum { ROWS = 37, COLUMNS = 53 };

static void pretend(bool is_x86) {
#ifdef __wasm__
  struct xnn_hardware_config *machine = (struct xnn_hardware_config *)(uintptr_t)xnn_init_hardware_config();
  machine->is_x86 = is_x86;
  xj_kernels_start(); /* as xj_start does after the probe */
  if (XJ_SAME_EVERYWHERE && !machine->is_x86) xj_check_fail("the probe decides which kernels run");
#else
  (void)is_x86;
#endif
}

static uint32_t hash_of(const float *values, size_t n, uint32_t hash) {
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    hash = (hash ^ bits) * 16777619u;
  }
  return hash;
}

/* One op on [ROWS, COLUMNS] of numbers in -8 … 8. */
static uint32_t run_op(int32_t op, const void *attributes, uint32_t bytes, uint32_t hash) {
  const int32_t dims[] = {ROWS, COLUMNS};
  xj_graph *graph = xj_graph_create();
  int32_t x = xj_graph_input(graph, XJ_FLOAT32, 2, dims, "x");
  int32_t inputs[] = {x, XJ_NONE};
  if (op == XJ_OP_dense) {
    static float weight[COLUMNS * COLUMNS];
    for (int32_t i = 0; i < COLUMNS * COLUMNS; i++) weight[i] = xj_check_uniform();
    inputs[1] = xj_graph_constant(graph, XJ_FLOAT32, 2, (int32_t[]){COLUMNS, COLUMNS}, weight, sizeof weight);
  }
  int32_t y = xj_graph_node(graph, op, "y", op == XJ_OP_dense ? 2 : 1, inputs, attributes, bytes);
  if (y < 0) xj_check_fail("%s", xj_error_text());
  xj_graph_output(graph, y, "y");
  xj_model *model = xj_model_compile(graph, 0);
  xj_program *program = xj_program_create(model, NULL);
  float *values = xj_program_input(program, 0);
  for (int32_t i = 0; i < ROWS * COLUMNS; i++) values[i] = 8 * xj_check_uniform();
  if (xj_program_run(program) != XJ_OK) xj_check_fail("%s", xj_error_text());
  hash = hash_of(xj_program_output(program, 0), ROWS * COLUMNS, hash);
  xj_model_release(model);
  return hash;
}

static void run_all(bool is_x86) {
  pretend(is_x86);
  uint32_t hash = 2166136261u;
  hash = run_op(XJ_OP_dense, NULL, 0, hash);
  hash = run_op(XJ_OP_sigmoid, NULL, 0, hash);
  hash = run_op(XJ_OP_tanh, NULL, 0, hash);
  hash = run_op(XJ_OP_exp, NULL, 0, hash);
  hash = run_op(XJ_OP_elu, &(xj_elu_attributes){.alpha = 1}, sizeof(xj_elu_attributes), hash);
  hash = run_op(XJ_OP_softmax, NULL, 0, hash);
  xj_check_note("bits %08x", (unsigned)hash);
}

static void x86(void) { run_all(true); }
static void other(void) { run_all(false); }

const xj_check xj_checks_machine[] = {
    {"machine_x86", "machine: a probe that says x86 gives these bits", x86},
    {"machine_other", "machine: a probe that says otherwise gives the same", other},
    {0},
};
