/* Included first into every source of XNNPACK in the native build. XNNPACK for x86-64 needs cpuinfo and flags of its own for
 * each kernel, and has no switch for "scalar only": so the architecture is hidden after the system's headers have seen it,
 * behind one for which XNNPACK has nothing but its VSX kernels, which are switched off. */
#ifndef XNNJS_NATIVE_SHIM_H
#define XNNJS_NATIVE_SHIM_H

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __cplusplus
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>
#endif

#undef __x86_64__
#undef __x86_64
#undef __i386__
#undef __i686__
#define __PPC64__ 1
#define PPC_FEATURE_HAS_VSX 0

#endif
