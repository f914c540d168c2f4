/* Copying and filling short stretches of elements of any dtype. */
#ifndef XJ_ROWS_H
#define XJ_ROWS_H

#include <string.h>

#include "kernels/simd.h"
#include "src/op.h"

enum { XJ_BYTES_PER_TASK = 65536 };

/* WebAssembly's memory.copy costs tens of nanoseconds however little it copies: short rows are copied by vectors. */
static inline void xj_row_copy(char *y, const char *x, size_t bytes) {
  if (bytes > 512) {
    memcpy(y, x, bytes);
    return;
  }
  for (; bytes >= 16; bytes -= 16, x += 16, y += 16) wasm_v128_store(y, wasm_v128_load(x));
  for (; bytes >= 4; bytes -= 4, x += 4, y += 4) memcpy(y, x, 4);
  for (; bytes > 0; bytes--) *y++ = *x++;
}

/* y[i] = *value, for n elements of 1, 2 or 4 bytes. */
static inline void xj_row_fill(char *y, size_t n, const void *value, size_t element_bytes) {
  if (element_bytes == 1) {
    if (n > 0) memset(y, *(const uint8_t *)value, n);
    return;
  }
  if (element_bytes == 2) {
    for (size_t i = 0; i < n; i++) memcpy(y + 2 * i, value, 2);
    return;
  }
  const v128_t four = wasm_v128_load32_splat(value);
  for (; n >= 4; n -= 4, y += 16) wasm_v128_store(y, four);
  for (; n > 0; n--, y += 4) memcpy(y, value, 4);
}

/* How many rows make a task that is worth handing to a thread. */
static inline size_t xj_rows_per_task(size_t row_bytes) {
  return row_bytes >= XJ_BYTES_PER_TASK ? 1 : XJ_BYTES_PER_TASK / (row_bytes + 1) + 1;
}

#endif
