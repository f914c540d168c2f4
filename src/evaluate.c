#include "src/evaluate.h"

#include <string.h>

#include "src/heap.h"

xj_status xj_evaluate(const xj_node_view *node, const void *const *inputs, void *output) {
  const xj_op_row *row = &xj_ops[node->op];
  size_t bytes = xj_type_bytes(node->output);
  if (bytes == 0) return XJ_OK;
  if (row->flags & XJ_ALIAS) {
    memcpy(output, inputs[0], bytes);
    return XJ_OK;
  }
  xj_prepare prepare = {.n_threads = 1};
  xj_status status = row->kernel->prepare(node, &prepare);
  void *scratch = NULL;
  if (status == XJ_OK && prepare.scratch_bytes > 0) {
    scratch = xj_alloc(prepare.scratch_bytes + XJ_SLACK_BYTES, XJ_HEAP_GENERAL);
    if (scratch == NULL) status = XJ_OUT_OF_MEMORY;
  }
  if (status == XJ_OK)
    status = row->kernel->run(prepare.state, &(xj_run){.inputs = inputs, .output = output, .scratch = scratch});
  xj_free(scratch);
  if (prepare.state != NULL) (row->kernel->release != NULL ? row->kernel->release : xj_free)(prepare.state);
  return status;
}
