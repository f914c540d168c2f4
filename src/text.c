#include "src/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/heap.h"

void xj_text_add(xj_text *text, const char *format, ...) {
  while (!text->failed) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = text->size - text->used;
    int n = vsnprintf(text->chars == NULL ? NULL : text->chars + text->used, room, format, arguments);
    va_end(arguments);
    if (n < 0) return;
    if ((size_t)n < room) {
      text->used += (size_t)n;
      return;
    }
    size_t size = text->size * 2 + (size_t)n + 1024;
    char *grown = xj_realloc(text->chars, size);
    text->failed = grown == NULL;
    if (grown == NULL) return;
    text->chars = grown;
    text->size = size;
  }
}

void xj_text_add_quoted(xj_text *text, const char *chars) {
  xj_text_add(text, "\"");
  for (; *chars != 0; chars++) {
    unsigned char c = (unsigned char)*chars;
    if (c < 0x20 || c == '"' || c == '\\')
      xj_text_add(text, "\\u%04x", c);
    else
      xj_text_add(text, "%c", c);
  }
  xj_text_add(text, "\"");
}
