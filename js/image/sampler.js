// Crops of one picture after another, as a pipeline takes them: a picture is opened once, and cropped several times.

import { XnnError } from '../errors.js';
import { samplingOfCrop } from './crop.js';
import { createKernel } from './kernel.js';
import { createPixelReader } from './pixels.js';

/** @import { CropOptions } from './crop.js' */
/** @import { Kernel } from './kernel.js' */
/** @import { ImageLike } from './pixels.js' */

/**
 * @typedef {object} Frame  an opened picture.
 * @property {number} width  in pixels.
 * @property {number} height
 * @property {(options: CropOptions) => Float32Array} crop  [height, width, 3] of the options, the caller's own. Throws an XnnError:
 *   'bad-shape' or 'misuse' if the options are wrong, 'out-of-memory', 'misuse' once the sampler is disposed.
 *
 * @typedef {object} Sampler
 * @property {(image: ImageLike) => Frame} open  throws an XnnError: 'bad-shape' if a side is not a positive integer or the bytes do
 *   not fill the image, 'misuse' if it is no image or cannot be read, 'out-of-memory'.
 * @property {(image: ImageLike) => Promise<Frame>} openAsync  the same, and faster for video; the picture is what is shown at the call.
 * @property {() => void} dispose
 */

/**
 * The picture that was opened or cropped last lies in the kernel's memory, which grows to the largest one and its crop, and is the
 * sampler's until it is disposed. An earlier frame can be cropped still: its bytes are copied again.
 * @returns {Promise<Sampler>}
 * @throws {XnnError} 'unsupported' without WebAssembly SIMD; 'network' if the kernel cannot be fetched.
 */
export async function createSampler() {
  /** @type {Kernel | undefined} */
  let kernel = await createKernel();
  const reader = createPixelReader();
  /** @type {import('./crop.js').RgbaImage | undefined} */
  let current;
  const use = () => {
    if (kernel !== undefined) return kernel;
    throw new XnnError('misuse', 'image: the sampler is disposed');
  };
  const put = (/** @type {import('./crop.js').RgbaImage} */ pixels) => {
    current = undefined; // where there is no memory for it
    use().put(pixels);
    current = pixels;
  };
  /** @param {import('./crop.js').RgbaImage} pixels @returns {Frame} */
  const frameOf = (pixels) => {
    put(pixels);
    return {
      width: pixels.width,
      height: pixels.height,
      crop(options) {
        const sampling = samplingOfCrop(options);
        if (current !== pixels) put(pixels);
        const values = /** @type {Float32Array} */ (use().sample(sampling));
        if (options.into === undefined) return values.slice();
        options.into.set(values);
        return options.into;
      },
    };
  };
  return {
    open(image) {
      use();
      return frameOf(reader.read(image));
    },
    async openAsync(image) {
      use();
      const pixels = reader.readAsync(image);
      return frameOf(pixels instanceof Promise ? await pixels : pixels); // bytes that are given may change behind the call
    },
    dispose() {
      kernel = current = undefined;
    },
  };
}
