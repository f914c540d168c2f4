// Frames as a camera would give them, cut out of photographs: moved, turned, mirrored.

import { cropToTensor } from './plain-crop.js';

/** @import { Region, RgbaImage } from '../../js/image/crop.js' */

/**
 * @param {RgbaImage} image
 * @param {Region} region  in pixels of the image.
 * @param {{ width: number, height: number, mirrored?: boolean }} size  of the frame.
 * @returns {RgbaImage}
 */
export function cutFrame(image, region, { width, height, mirrored = false }) {
  const rgb = cropToTensor(image, { region, width, height });
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + (mirrored ? width - 1 - column : column)) * 3;
      data.set([rgb[from], rgb[from + 1], rgb[from + 2], 255], (row * width + column) * 4);
    }
  }
  return { width, height, data };
}

/**
 * Where a point of a frame is in the image that it was cut from.
 * @param {{ x: number, y: number }} point
 * @param {Region} region
 * @param {{ width: number, height: number, mirrored?: boolean }} size
 */
export function toImage({ x, y }, { xCenter, yCenter, rotation = 0, ...region }, { width, height, mirrored = false }) {
  const right = ((mirrored ? width - x : x) / width - 0.5) * region.width;
  const down = (y / height - 0.5) * region.height;
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  return { x: xCenter + right * cos - down * sin, y: yCenter + right * sin + down * cos };
}
