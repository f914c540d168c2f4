#include "src/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The text of the last error: 0 as long as nothing failed. */
static struct {
  xj_status status;
  char op[32];
  char about[256];
  char node[256];
  char text[768];
} last;

static void copy(char *to, size_t size, const char *from) {
  size_t n = from ? strlen(from) : 0;
  if (n >= size) n = size - 1;
  if (n > 0) memcpy(to, from, n);
  to[n] = 0;
}

void xj_error_about(const char *op, const char *node) {
  copy(last.op, sizeof last.op, op);
  copy(last.about, sizeof last.about, node);
  last.status = XJ_OK;
}

xj_status xj_fail(xj_status status, const char *format, ...) {
  int n = 0;
  if (last.op[0] && last.about[0])
    n = snprintf(last.text, sizeof last.text, "node \"%s\": %s: ", last.about, last.op);
  else if (last.op[0])
    n = snprintf(last.text, sizeof last.text, "%s: ", last.op);
  if (n < 0 || (size_t)n >= sizeof last.text) n = 0;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last.text + n, sizeof last.text - (size_t)n, format, arguments);
  va_end(arguments);
  memcpy(last.node, last.about, sizeof last.node);
  last.status = status;
  return status;
}

xj_status xj_error_status(void) { return last.status; }
const char *xj_error_text(void) { return last.text; }
const char *xj_error_node(void) { return last.node; }
