/* Where JavaScript puts what a call points to: names, dimensions, attributes, small constants. */
#include <stdint.h>

enum { MAILBOX_BYTES = 32768 };

/* Its address; its size into the first four bytes. */
void *xj_mailbox(void);

void *xj_mailbox(void) {
  static _Alignas(16) uint8_t mailbox[MAILBOX_BYTES];
  *(uint32_t *)(void *)mailbox = MAILBOX_BYTES;
  return mailbox;
}
