// The options of toTensor(), checked, as what the kernel samples.
import { XnnError } from '../errors.js';
import { checkNumber, checkRegion, checkTensorSize, GREY } from './crop.js';

/** @import { Region } from './crop.js' */
/** @import { Sampling } from './kernel.js' */

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Rectangle  in pixels of the picture, x and y of its top left corner;
 *   fractions are possible, and parts outside.
 *
 * @typedef {object} TensorOptions
 * @property {number | { width: number, height: number }} [size]  of the tensor, in values; a number is both sides. The crop's own size,
 *   rounded, if left out.
 * @property {Rectangle} [crop]  what is taken of the picture; all of it if left out.
 * @property {number} [rotate]  turns that rectangle about its centre, clockwise, in radians (so that the tensor's picture turns the
 *   other way); 0 if left out.
 * @property {'stretch' | 'cover' | 'contain'} [fit]  where crop and tensor have another ratio of sides: 'stretch' (default) distorts,
 *   'cover' takes the largest part around the crop's centre, 'contain' takes all and what is around it, or the border (a letterbox).
 * @property {boolean} [flip]  mirrors from left to right, after all else; false if left out.
 * @property {'bilinear' | 'area'} [filter]  'bilinear' (default) mixes the four nearest pixels, which skips pixels where a picture
 *   shrinks to less than half. 'area' is the mean of all pixels that a value stands for, exactly, where it shrinks, and bilinear where it
 *   grows; of a rotated crop, and with border 'reflect', the mean of bilinear samples at most one pixel apart (at most 64 × 64).
 * @property {'replicate' | 'reflect' | 'zero' | [r: number, g: number, b: number]} [border]  what lies outside of the picture: its nearest
 *   pixel, its mirror image, black, or a colour of 0 … 255. 'zero' with fit 'contain', else 'replicate'. With 'contain' it stands in
 *   for what is outside of the picture, not of the crop.
 * @property {'rgb' | 'bgr' | 'grey'} [color]  the channels: three, or one; 'rgb' if left out.
 * @property {[r: number, g: number, b: number]} [grey]  weights of 'grey'; 0.299, 0.587, 0.114 (ITU-R BT.601) if left out.
 * @property {number | number[]} [mean]  value = (byte − mean) · scale, a number or one for each channel in the tensor's order; 0 and 1 if
 *   left out, so that values are 0 … 255. [−1, 1] is mean 127.5 and scale 1 / 127.5, [0, 1] scale 1 / 255.
 * @property {number | number[]} [scale]
 * @property {'float32' | 'uint8' | 'int32'} [dtype]  'float32' if left out; whole numbers are the nearest, of two equally near ones
 *   the even, and saturated.
 */

/**
 * @template {string | boolean} T
 * @param {string} name @param {unknown} value @param {readonly T[]} possible
 * @returns {T}
 */
function choose(name, value, possible) {
  const found = possible.find((item) => item === value);
  if (found !== undefined) return found;
  throw new XnnError(
    'misuse',
    `image: ${name} is ${String(value)}: ${possible.map((item) => (typeof item === 'string' ? `'${item}'` : item)).join(', ')} are possible`,
  );
}

/** @param {string} name @param {unknown} value @param {number} count @returns {number[]} as many numbers as channels */
function perChannel(name, value, count) {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return Array.from({ length: count }, () => checkNumber(name, value));
  const list = Array.from(/** @type {ArrayLike<unknown>} */ (/** @type {unknown} */ (value)));
  if (list.length !== count) throw new XnnError('bad-shape', `image: ${name} has ${list.length} numbers, the tensor ${count} channels`);
  return list.map((item, i) => checkNumber(`${name}[${i}]`, item));
}

/** @param {TensorOptions['border']} border @returns {Pick<Sampling, 'border' | 'color'>} */
function borderOf(border) {
  if (Array.isArray(border)) {
    const color = perChannel('border', border, 3);
    const wrong = color.find((value) => value < 0 || value > 255);
    if (wrong !== undefined) throw new XnnError('misuse', `image: a border's colour is of 0 … 255, got ${wrong}`);
    return { border: 'color', color };
  }
  const name = choose('border', border, /** @type {const} */ (['replicate', 'reflect', 'zero']));
  return { border: name === 'zero' ? 'color' : name, color: [0, 0, 0] };
}

/** @param {number} width @param {number} height  Of the picture. @param {TensorOptions} options @returns {Region} before fit */
function cropOf(width, height, { crop = { x: 0, y: 0, width, height }, rotate = 0 }) {
  const region = {
    ...{ xCenter: crop.x + crop.width / 2, yCenter: crop.y + crop.height / 2 },
    ...{ width: crop.width, height: crop.height, rotation: rotate },
  };
  checkRegion(region);
  return region;
}

/**
 * @param {number} width @param {number} height  Of the picture, in pixels.
 * @param {TensorOptions} options
 * @returns {Sampling}
 * @throws {XnnError} 'misuse' if an option is none that there is, or no number; 'bad-shape' if a size is none or a list has other numbers
 *   than there are channels.
 */
export function samplingOf(width, height, options) {
  const region = cropOf(width, height, options);
  const { size = { width: Math.max(1, Math.round(region.width)), height: Math.max(1, Math.round(region.height)) } } = options;
  const { width: columns, height: rows } = typeof size === 'object' ? size : { width: size, height: size };
  checkTensorSize(columns, rows);
  const fit = choose('fit', options.fit ?? 'stretch', /** @type {const} */ (['stretch', 'cover', 'contain']));
  if (fit !== 'stretch') {
    const [across, down] = [region.width / columns, region.height / rows];
    const pixels = fit === 'cover' ? Math.min(across, down) : Math.max(across, down); // that a value stands for
    Object.assign(region, { width: pixels * columns, height: pixels * rows });
    checkRegion(region);
  }
  const order = choose('color', options.color ?? 'rgb', /** @type {const} */ (['rgb', 'bgr', 'grey']));
  const channels = order === 'grey' ? 1 : 3;
  const means = perChannel('mean', options.mean ?? 0, channels);
  const scales = perChannel('scale', options.scale ?? 1, channels);
  const padded = (/** @type {number[]} */ list) => [...list, 0, 0].slice(0, 3);
  return {
    ...{ region, columns, rows, flip: choose('flip', options.flip ?? false, [false, true]) },
    filter: choose('filter', options.filter ?? 'bilinear', /** @type {const} */ (['bilinear', 'area'])),
    ...borderOf(options.border ?? (fit === 'contain' ? 'zero' : 'replicate')),
    dtype: choose('dtype', options.dtype ?? 'float32', /** @type {const} */ (['float32', 'uint8', 'int32'])),
    ...{ channels, bgr: order === 'bgr', grey: perChannel('grey', options.grey ?? GREY, 3) },
    scale: padded(scales),
    offset: padded(scales.map((scale, i) => checkNumber('mean · scale', 0 - means[i] * scale))),
  };
}
