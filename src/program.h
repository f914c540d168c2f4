/* Operators and memory plan of a model for one set of input shapes. */
#ifndef XJ_PROGRAM_H
#define XJ_PROGRAM_H

#include "src/model.h"
#include "src/plan.h"

typedef struct {
  int32_t node;
  const xj_kernel *kernel;
  void *state;
  const void **inputs; /* addresses, made anew when the arena moves */
  void *output, *scratch;
  pthreadpool_t threads;
  bool is_alone_at_first; /* in the first run of the instance */
} xj_step;

struct xj_program {
  xj_model *model;
  xj_program *next;
  xj_facts facts;
  bool *live;            /* [n_nodes] needed in a run */
  size_t *scratch_bytes; /* [n_nodes] */
  xj_plan plan;
  xj_step *steps;
  int32_t n_steps;
  const void **addresses; /* the inputs of all steps */
  const void *arena;      /* where the addresses point into */
  char *description;
  double *step_ms; /* [n_steps] of the last timed run */
};

/* Runs one step. */
xj_status xj_step_run(const xj_step *step);
/* What run does before the first step: all weights there, addresses good. */
xj_status xj_program_ready(xj_program *program);

#endif
