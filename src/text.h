/* A text that grows. */
#ifndef XJ_TEXT_H
#define XJ_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  char *chars; /* made by xj_alloc, or NULL */
  size_t used, size;
  bool failed; /* out of memory: the text is cut */
} xj_text;

__attribute__((format(printf, 2, 3))) void xj_text_add(xj_text *text, const char *format, ...);
/* As a JSON string, quotes included. */
void xj_text_add_quoted(xj_text *text, const char *chars);

#endif
