/* A quantised image as the kernels read it: int16, its zero point subtracted, with its padding, which is 0. */
#ifndef XJ_Q_IMAGE_H
#define XJ_Q_IMAGE_H

#include "src/op.h"

typedef struct {
  size_t height, width, channels;
  size_t repeat; /* each channel so many times: what a depthwise convolution's multiplier wants */
  size_t top, bottom, left, right;
  int32_t zero;
  bool is_unsigned;
} xj_q_image;

/* int16 elements of a padded pixel, and of a padded row. */
static inline size_t xj_q_pixel(const xj_q_image *image) { return image->channels * image->repeat; }
static inline size_t xj_q_row(const xj_q_image *image) {
  return (image->left + image->width + image->right) * xj_q_pixel(image);
}
static inline size_t xj_q_rows(const xj_q_image *image) { return image->top + image->height + image->bottom; }
/* 'unsupported' where it would be more than 2 GiB - 1. */
xj_status xj_q_image_check(const xj_q_image *image);
/* What it takes, with room for reading a vector beyond its end. */
size_t xj_q_image_bytes(const xj_q_image *image);
/* x [height, width, channels] → padded [rows, row] */
void xj_q_image_make(const xj_q_image *image, const uint8_t *x, int16_t *padded, pthreadpool_t threads);

#endif
