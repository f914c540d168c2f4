// Crops of one picture after another, as a pipeline takes them: a picture is opened once, and cropped several times.

import { cropToTensor } from './crop.js';
import { toRgba } from './pixels.js';

/** @import { CropOptions } from './crop.js' */
/** @import { ImageLike } from './pixels.js' */

/**
 * @typedef {object} Frame  an opened picture, until the sampler opens the next.
 * @property {number} width  in pixels.
 * @property {number} height
 * @property {(options: CropOptions) => Float32Array} crop  [height, width, 3] of the options, the caller's own.
 *
 * @typedef {object} Sampler
 * @property {(image: ImageLike) => Frame} open  throws an XnnError: 'bad-shape' if a side is not a positive integer or the bytes do
 *   not fill the image, 'misuse' if it is no image.
 * @property {() => void} dispose
 */

/** @returns {Promise<Sampler>} */
export async function createSampler() {
  return {
    open(image) {
      const pixels = toRgba(image);
      return { width: pixels.width, height: pixels.height, crop: (options) => cropToTensor(pixels, options) };
    },
    dispose() {},
  };
}
