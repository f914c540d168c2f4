// A picture → the tensor that an image model of Teachable Machine sees.

import { XnnError } from '../../js/index.js';

/** @import { Frame, Sampler } from '../../js/image/sampler.js' */
/** @import { ImageLike } from '../../js/image/pixels.js' */

/** Weights of red, green and blue in a grey pixel (tf.js of @teachablemachine/image). */
const GREY = [0.2989, 0.587, 0.114];

/**
 * The client draws the picture so large that its shorter side is `size`, in whole pixels, and keeps the middle (canvas.js of
 * @teachablemachine/image). This is that square in pixels of the picture; where they are not whole it is wider than the middle.
 * @param {{ width: number, height: number }} image @param {number} size
 * @returns {import('../../js/image/crop.js').Region}
 */
export function centreSquare({ width, height }, size) {
  const scale = size / Math.min(width, height);
  const [drawnWidth, drawnHeight] = [Math.ceil(width * scale), Math.ceil(height * scale)];
  const [left, top] = [Math.trunc((drawnWidth - size) / 2), Math.trunc((drawnHeight - size) / 2)];
  return {
    xCenter: ((left + size / 2) * width) / drawnWidth,
    yCenter: ((top + size / 2) * height) / drawnHeight,
    width: (size * width) / drawnWidth,
    height: (size * height) / drawnHeight,
  };
}

/**
 * @param {{ size: number, grayscale: boolean }} shape
 * @returns {(input: Frame | Float32Array, flip: boolean) => Float32Array}  [size, size, 3 or 1], a byte b as b / 127 − 1; the same
 *   array each time. A tensor that was made so before is given back, flipped if asked.
 */
export function createImageInput({ size, grayscale }) {
  const channels = grayscale ? 1 : 3;
  const colours = new Float32Array(size * size * 3);
  const tensor = grayscale ? new Float32Array(size * size) : colours;
  return (input, flip) => {
    if (input instanceof Float32Array) {
      if (input.length !== tensor.length)
        throw new XnnError(
          'bad-shape',
          `teachable: the tensor has ${input.length} values, [${size}, ${size}, ${channels}] needs ${tensor.length}`,
        );
      tensor.set(input);
    } else {
      const region = centreSquare(input, size);
      const pixels = input.crop({ region, width: size, height: size, scale: 1 / 127, offset: -1, into: colours });
      if (grayscale) toGrey(pixels, tensor);
    }
    if (flip) mirror(tensor, size, channels);
    return tensor;
  };
}

/**
 * @param {Sampler} sampler @param {ImageLike | Float32Array} image
 * @returns {Promise<Frame | Float32Array>}  what createImageInput's function takes; a tensor is one already.
 */
export const openPicture = async (sampler, image) => (image instanceof Float32Array ? image : sampler.openAsync(image));

/** @param {Float32Array} colours  [n, 3], b / 127 − 1. @param {Float32Array} grey  [n] */
function toGrey(colours, grey) {
  const [red, green, blue] = GREY;
  const rest = red + green + blue - 1; // the weights' sum is 0.9999
  for (let i = 0; i < grey.length; i++) grey[i] = red * colours[3 * i] + green * colours[3 * i + 1] + blue * colours[3 * i + 2] + rest;
}

/** Left to right, in place. @param {Float32Array} tensor  [size, size, channels] @param {number} size @param {number} channels */
function mirror(tensor, size, channels) {
  for (let row = 0; row < size; row++) {
    const start = row * size * channels;
    for (let left = 0, right = size - 1; left < right; left++, right--)
      for (let c = 0; c < channels; c++) {
        const [a, b] = [start + left * channels + c, start + right * channels + c];
        [tensor[a], tensor[b]] = [tensor[b], tensor[a]];
      }
  }
}
