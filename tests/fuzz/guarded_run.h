/* A second run of a program in which each step can only touch what is its own. */
#ifndef XJ_GUARDED_RUN_H
#define XJ_GUARDED_RUN_H

#include "src/program.h"

/* Runs the steps of a program that xj_program_run has run before, one by one. Under AddressSanitizer a step that reads
 * beyond its inputs and their slack, or writes beyond its output and scratch, ends the process: in the arena, which is
 * one allocation, nothing else would notice. */
xj_status xj_guarded_run(xj_program *program);

#endif
