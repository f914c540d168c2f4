// Pictures as tensors: cropped, turned, resized and normalised in one pass. dist/js/image.js is this and sampler.js, bundled.
import { createKernel } from './kernel.js';
import { samplingOf } from './options.js';
import { createPixelReader } from './pixels.js';

export { readImage } from './read-file.js';

/**
 * @typedef {import('./crop.js').RgbaImage} RgbaImage
 * @typedef {import('./options.js').Rectangle} Rectangle
 * @typedef {import('./options.js').TensorOptions} TensorOptions
 * @typedef {import('./pixels.js').ImageLike} ImageLike
 */

/**
 * @typedef {object} ImageTensor  What a model's run() takes.
 * @property {'float32' | 'uint8' | 'int32'} dtype
 * @property {[batch: 1, height: number, width: number, channels: number]} shape
 * @property {Float32Array | Uint8Array | Int32Array} data  the caller's own.
 */

/** A kernel whose memory has grown beyond this, by a large picture, is not kept. */
const KEPT_BYTES = 2 ** 26;

/** The kernel that calls share: nothing of a picture stays in it. */
const shared = {
  /** @type {Promise<import('./kernel.js').Kernel> | undefined} */
  kernel: undefined,
  reader: createPixelReader(),
};

/**
 * A picture as a tensor. Samples lie at the centres of pixels: (0, 0) is the outer corner of the first one.
 * @param {ImageLike} image  ImageData, VideoFrame, HTMLVideoElement (the frame that it shows), HTMLImageElement, HTMLCanvasElement,
 *   OffscreenCanvas, ImageBitmap, or { width, height, data, stride? } with RGBA bytes, which stay as they are until the promise
 *   resolves; of all else, the picture is what is shown at the call. Alpha is ignored.
 * @param {TensorOptions} [options]
 * @returns {Promise<ImageTensor>}  The same bits in Node and in every browser, for the same bytes.
 * @throws {import('../errors.js').XnnError} 'misuse' if it is no image, is closed or comes from another origin, or if an option is none
 *   that there is; 'bad-shape' if a side is 0 or bytes do not fill the image; 'out-of-memory'; 'unsupported' without WebAssembly SIMD;
 *   'network' if the kernel (dist/xnnjs-image.wasm) cannot be fetched.
 */
export async function toTensor(image, options = {}) {
  const pixels = await shared.reader.readAsync(image);
  const sampling = samplingOf(pixels.width, pixels.height, options);
  shared.kernel ??= createKernel();
  let kernel;
  try {
    kernel = await shared.kernel;
  } catch (error) {
    shared.kernel = undefined; // the network may be back at the next call
    throw error;
  }
  try {
    kernel.put(pixels);
    const data = kernel.sample(sampling).slice();
    return { dtype: sampling.dtype, shape: [1, sampling.rows, sampling.columns, sampling.channels], data };
  } finally {
    if (kernel.bytes() > KEPT_BYTES) shared.kernel = undefined;
  }
}
