/* Statuses and their messages. A message is made where its numbers are known. */
#ifndef XJ_STATUS_H
#define XJ_STATUS_H

#include "src/xj.h"

/* Records status and message (printf's format) and returns the status. */
__attribute__((format(printf, 2, 3))) xj_status xj_fail(xj_status status, const char *format, ...);
/* Names the node that the messages of the calls to come are about; NULL: none. Copied. Forgets the last failure's status. */
void xj_error_about(const char *op, const char *node);

#define XJ_TRY(call)                                                                                                   \
  do {                                                                                                                 \
    xj_status try_status_ = (call);                                                                                    \
    if (try_status_ != XJ_OK) return try_status_;                                                                      \
  } while (0)

#endif
