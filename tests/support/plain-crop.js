// The crop of js/image/crop.js as a plain loop over pixels in double, which needs no kernel.

/** @import { CropOptions, RgbaImage } from '../../js/image/crop.js' */

/**
 * Resamples a region of an image bilinearly. Alpha is ignored.
 * @param {RgbaImage} image
 * @param {CropOptions} options
 * @returns {Float32Array}  [height, width, 3], NHWC with n = 1.
 */
export function cropToTensor(image, options) {
  const { region, width, height, scale = 1, offset = 0, border = 'replicate' } = options;
  const tensor = options.into ?? new Float32Array(height * width * 3);
  const { data } = image;
  const xLast = image.width - 1;
  const yLast = image.height - 1;
  // Tensor position (i + 0.5, j + 0.5) → image position, an affine map; −0.5 brings it to the grid of pixel centres.
  const cos = Math.cos(region.rotation ?? 0);
  const sin = Math.sin(region.rotation ?? 0);
  const xPerColumn = (cos * region.width) / width;
  const yPerColumn = (sin * region.width) / width;
  const xPerRow = (-sin * region.height) / height;
  const yPerRow = (cos * region.height) / height;
  const xOrigin = region.xCenter - 0.5 - (xPerColumn * (width - 1) + xPerRow * (height - 1)) / 2;
  const yOrigin = region.yCenter - 0.5 - (yPerColumn * (width - 1) + yPerRow * (height - 1)) / 2;
  const zero = border === 'zero';

  let at = 0;
  for (let row = 0; row < height; row++) {
    const xRow = xOrigin + row * xPerRow;
    const yRow = yOrigin + row * yPerRow;
    for (let column = 0; column < width; column++, at += 3) {
      const x = xRow + column * xPerColumn;
      const y = yRow + column * yPerColumn;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const right = x - left;
      const below = y - top;
      let w00 = (1 - right) * (1 - below);
      let w01 = right * (1 - below);
      let w10 = (1 - right) * below;
      let w11 = right * below;
      let x0 = left;
      let x1 = left + 1;
      let y0 = top;
      let y1 = top + 1;
      if (x0 < 0 || y0 < 0 || x1 > xLast || y1 > yLast) {
        if (zero) {
          if (x0 < 0 || x0 > xLast) w00 = w10 = 0;
          if (x1 < 0 || x1 > xLast) w01 = w11 = 0;
          if (y0 < 0 || y0 > yLast) w00 = w01 = 0;
          if (y1 < 0 || y1 > yLast) w10 = w11 = 0;
        }
        x0 = Math.min(Math.max(x0, 0), xLast);
        x1 = Math.min(Math.max(x1, 0), xLast);
        y0 = Math.min(Math.max(y0, 0), yLast);
        y1 = Math.min(Math.max(y1, 0), yLast);
      }
      const a = (y0 * image.width + x0) * 4;
      const b = (y0 * image.width + x1) * 4;
      const c = (y1 * image.width + x0) * 4;
      const d = (y1 * image.width + x1) * 4;
      tensor[at] = (data[a] * w00 + data[b] * w01 + data[c] * w10 + data[d] * w11) * scale + offset;
      tensor[at + 1] = (data[a + 1] * w00 + data[b + 1] * w01 + data[c + 1] * w10 + data[d + 1] * w11) * scale + offset;
      tensor[at + 2] = (data[a + 2] * w00 + data[b + 2] * w01 + data[c + 2] * w10 + data[d + 2] * w11) * scale + offset;
    }
  }
  return tensor;
}
