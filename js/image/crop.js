// What a crop is, and the checks of what it is made of.
import { XnnError } from '../errors.js';

/** @import { Sampling } from './kernel.js' */

/**
 * @typedef {object} RgbaImage
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array | Uint8ClampedArray} data  RGBA, row-major, [height, width, 4].
 * @property {number} [stride]  bytes from one row to the next; 4 · width if left out.
 */

/**
 * A rotated rectangle of an image, in pixels. Coordinates are continuous: (0, 0) is the outer corner of the first
 * pixel, (0.5, 0.5) its centre.
 * @typedef {object} Region
 * @property {number} xCenter
 * @property {number} yCenter
 * @property {number} width
 * @property {number} height
 * @property {number} [rotation]  radians from the image's x axis to the region's, positive towards +y (clockwise on a
 *   screen); 0 if left out.
 */

/**
 * @typedef {object} CropOptions
 * @property {Region} region
 * @property {number} width  of the tensor.
 * @property {number} height  of the tensor.
 * @property {number} [scale]  a tensor value is byte · scale + offset; 1 and 0 if left out.
 * @property {number} [offset]
 * @property {'replicate' | 'zero'} [border]  what lies outside the image: its nearest pixel, or black. Default
 *   'replicate'.
 * @property {Float32Array} [into]  [height, width, 3], written instead of a new array.
 */

/** The longest side of a tensor, and the largest number of a region: sums of such are whole numbers of 31 bits. */
const MOST_SIDE = 32768;
const MOST_PIXELS = 2 ** 28;
/** Grey of an RGB colour, as ITU-R BT.601 weighs it. */
export const GREY = [0.299, 0.587, 0.114];

/** @param {unknown} x @returns {x is number} */
const isNumber = (x) => Number.isFinite(x);

/** @param {number} width @param {number} height  Of a tensor. @throws {XnnError} 'bad-shape' */
export function checkTensorSize(width, height) {
  const isSide = (/** @type {unknown} */ side) => Number.isInteger(side) && Number(side) >= 1 && Number(side) <= MOST_SIDE;
  if (isSide(width) && isSide(height) && width * height <= MOST_PIXELS) return;
  throw new XnnError(
    'bad-shape',
    `image: a tensor's sides are whole numbers from 1 to ${MOST_SIDE}, with at most ${MOST_PIXELS} pixels, got ${width}×${height}`,
  );
}

/** @param {Region} region @throws {XnnError} 'bad-shape' if it is empty, 'misuse' if a number is none or beyond 2^28. */
export function checkRegion({ xCenter, yCenter, width, height, rotation = 0 }) {
  const numbers = { xCenter, yCenter, width, height, rotation };
  for (const [name, value] of Object.entries(numbers))
    if (!isNumber(value) || Math.abs(value) > MOST_PIXELS)
      throw new XnnError('misuse', `image: ${name} of a region must be a number within ±${MOST_PIXELS}, got ${String(value)}`);
  if (!(width > 0 && height > 0)) throw new XnnError('bad-shape', `image: a region of ${width}×${height} pixels is empty`);
}

/** @param {string} name @param {unknown} value @returns {number} @throws {XnnError} 'misuse' */
export function checkNumber(name, value) {
  if (isNumber(value) && isNumber(Math.fround(value))) return value;
  throw new XnnError('misuse', `image: ${name} must be a finite number, got ${String(value)}`);
}

/**
 * @param {CropOptions} options
 * @returns {Sampling}
 * @throws {XnnError} 'bad-shape' if a size is none or `into` has another, 'misuse' if another option is none that there is.
 */
export function samplingOfCrop({ region, width, height, scale = 1, offset = 0, border = 'replicate', into }) {
  checkRegion(region);
  checkTensorSize(width, height);
  if (border !== 'replicate' && border !== 'zero')
    throw new XnnError('misuse', `image: border is ${String(border)}: 'replicate' or 'zero' is possible`);
  if (into !== undefined && !(into instanceof Float32Array && into.length === width * height * 3))
    throw new XnnError(
      'bad-shape',
      `image: into must be a Float32Array of ${width * height * 3} for ${width}×${height}, has ${into.length}`,
    );
  checkNumber('scale', scale);
  checkNumber('offset', offset);
  return {
    ...{ region, columns: width, rows: height, flip: false, filter: 'bilinear' },
    ...{ border: border === 'zero' ? 'color' : 'replicate', color: [0, 0, 0] },
    ...{ dtype: 'float32', channels: 3, bgr: false, grey: GREY },
    ...{ scale: [scale, scale, scale], offset: [offset, offset, offset] },
  };
}
