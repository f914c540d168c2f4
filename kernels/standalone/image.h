/* From RGBA bytes to a tensor: a region of a picture, turned, resized, normalised. The parts of xnnjs-image.wasm. */
#ifndef XJ_IMAGE_H
#define XJ_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* Coordinates are continuous and in pixels: (0, 0) is the outer corner of the first one, (0.5, 0.5) its centre. */

enum { XJ_BORDER_REPLICATE, XJ_BORDER_COLOR, XJ_BORDER_REFLECT }; /* … b a | a b … y z | z y … */
enum { XJ_FILTER_BILINEAR, XJ_FILTER_AREA };
enum { XJ_TENSOR_FLOAT32, XJ_TENSOR_UINT8, XJ_TENSOR_INT32 };

typedef struct {
  const uint8_t *rgba; /* [height, width, 4], `stride` bytes from one row to the next */
  int32_t width, height;
  size_t stride;
} xj_picture;

/* What is asked for; all doubles, as js/image/kernel.js writes them in one array. Finite; the region within ±2^28. */
typedef struct {
  double x_center, y_center, width, height; /* the region; both sizes above 0 */
  double rotation;                          /* radians, from the picture's x axis towards its y axis */
  double flip;                              /* 1: mirrored from left to right */
  double columns, rows;                     /* of the tensor */
  double filter, border;
  double color[3];            /* R, G, B of XJ_BORDER_COLOR, 0 … 255 */
  double type, channels, bgr; /* channels: 3, or 1, which is grey; bgr: 1 for that order of three */
  double grey[3];             /* weights of R, G and B */
  double scale[3], offset[3]; /* value = byte · scale + offset, for each channel of the tensor in its order */
} xj_sampling;

/* Where the tensor's column c and row r look, on the grid of the centres of pixels: x = x0 + c · x_column + r · x_row.
 */
typedef struct {
  double x0, y0, x_column, y_column, x_row, y_row;
} xj_map;

/* A line is [columns, 4] floats: R, G, B of 0 … 255, and something. */

/* sin and cos of any finite angle, within 1e-15 below 1e6, the same bits on every machine. Quarter turns are exact, and
 * what is nearer to one than 1e-12. */
void xj_sine_cosine(double angle, double *sine, double *cosine);

/* bilinear.c. `color`: R, G, B, 0. */
void xj_bilinear_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                      int32_t columns, float *line);
/* The same bits where rows of the map are rows of the picture (y_column = x_row = 0), with what lines share kept in
 * `work`: prepare() once, then rows in any order. */
size_t xj_aligned_bytes(int32_t columns);
void xj_aligned_prepare(const xj_picture *picture, const xj_map *map, int32_t border, int32_t columns, void *work);
void xj_aligned_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                     int32_t columns, void *work, float *line);

/* area.c: means over boxes as large as a column and a row are in the picture, at least a pixel. The map has rows of the
 * picture for its rows; the border is not XJ_BORDER_REFLECT. */
size_t xj_area_bytes(int32_t columns, int32_t width);
void xj_area_prepare(const xj_picture *picture, const xj_map *map, int32_t border, int32_t columns, void *work);
void xj_area_line(const xj_picture *picture, const xj_map *map, int32_t border, const float *color, int32_t row,
                  int32_t columns, void *work, float *line);

/* finish.c: a line → [columns, channels] of the tensor. Writes up to 12 bytes behind them. `values`: [columns, 4]
 * floats, used where the tensor's type is not float32. */
void xj_finish_line(const xj_sampling *sampling, const float *line, int32_t columns, float *values, void *tensor);

/* The whole: `tensor` [rows, columns, channels] and 16 bytes, `work` xj_sample_bytes(), both at multiples of 16. */
size_t xj_sample_bytes(const xj_sampling *sampling, int32_t picture_width);
void xj_sample(const xj_picture *picture, const xj_sampling *sampling, void *work, void *tensor);

#endif
