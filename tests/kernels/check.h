/* What the checks of the kernels share: the row of a check, random numbers, guarded buffers, failing. */
#ifndef XJ_CHECK_H
#define XJ_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One check. `run` returns if all holds and calls xj_check_fail if not. A table ends with a row without a name. */
typedef struct {
  const char *name;
  const char *title; /* "subject: claim in the present tense" */
  void (*run)(void);
} xj_check;

extern const xj_check xj_checks_gemm[], xj_checks_pack[], xj_checks_depthwise[], xj_checks_activate[],
    xj_checks_window[], xj_checks_weight[], xj_checks_exp[], xj_checks_broadcast[], xj_checks_place[], xj_checks_plan[],
    xj_checks_matmul[], xj_checks_product[], xj_checks_qd[];

/* Prints the message, with the seed, and ends the program with status 1. */
__attribute__((format(printf, 1, 2), noreturn)) void xj_check_fail(const char *format, ...);
/* Prints a number worth knowing: the test passes it on as a diagnostic. */
__attribute__((format(printf, 1, 2))) void xj_check_note(const char *format, ...);

/* Repeatable random numbers: splitmix64 from the seed. */
uint32_t xj_check_random(uint32_t below);
int32_t xj_check_between(int32_t least, int32_t most);
/* In -1 … 1. */
float xj_check_uniform(void);
/* Fills with xj_check_uniform; if `specials`, about one in eight is NaN, an infinity, a zero of either sign or
 * denormal. */
void xj_check_fill(float *values, size_t n, bool specials);

/* n floats of NaN with 64 bytes of guard on both sides, all live until xj_check_release. What kernels may read beyond a
 * tensor is guard too, a NaN that shows where it leaks into a result. */
float *xj_check_floats(size_t n);
/* Fails if a guard of a live buffer was written. */
void xj_check_guards(const char *what);
void xj_check_release(void);
/* Whether a float still is what xj_check_floats filled it with. */
bool xj_check_untouched(const float *value);

/* |actual − expected| in units of `bound`; infinite where one of them is NaN and the other not, or infinite and not. */
double xj_check_error(float actual, double expected, double bound);

/* Seconds for each call of `work`, the best of several. */
double xj_check_seconds(void (*work)(void *), void *context);
void xj_bench_gemm(void), xj_bench_depthwise(void), xj_bench_peak(void);

#endif
