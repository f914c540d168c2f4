// Anything that shows a picture → RGBA bytes.

import { XnnError } from '../errors.js';

/** @import { RgbaImage } from './crop.js' */

/**
 * @typedef {RgbaImage | HTMLImageElement | HTMLCanvasElement | HTMLVideoElement | OffscreenCanvas | ImageBitmap | VideoFrame} ImageLike
 *   An object with width, height and RGBA data (as ImageData has) is taken as it is; anything else needs a browser's
 *   canvas. Alpha is ignored.
 */

/**
 * @typedef {object} PixelReader
 * @property {(image: ImageLike) => RgbaImage} read  shares the bytes of an image that has `data`; others have their own, until the
 *   next is read. Throws an XnnError: 'bad-shape' if a side is not a positive integer or the bytes do not fill the image; 'misuse' if it
 *   is no image, is closed, or comes from an origin that does not let its pixels be read.
 */

/** Reads one picture after another, through one canvas. @returns {PixelReader} */
export function createPixelReader() {
  /** @type {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | undefined} */
  let context;
  return {
    read(image) {
      if (image === null || typeof image !== 'object') throw notAnImage();
      if ('data' in image) return checkBytes(image);
      const { width, height } = shownSize(image);
      checkSize(width, height);
      context ??= createContext(width, height);
      const { canvas } = context;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      try {
        context.globalCompositeOperation = 'copy'; // what is transparent shows no earlier picture
        context.drawImage(image, 0, 0, width, height);
        return context.getImageData(0, 0, width, height);
      } catch (error) {
        context = undefined; // a canvas that was drawn on from another origin stays unreadable
        throw new XnnError('misuse', `image: its pixels cannot be read: ${/** @type {Error} */ (error).message}`, { cause: error });
      }
    },
  };
}

/** @param {RgbaImage} image @returns {RgbaImage} */
function checkBytes(image) {
  const { width, height, data, stride } = image;
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) throw notAnImage();
  checkSize(width, height);
  if (stride === undefined) {
    if (data.length === width * height * 4) return image;
    throw new XnnError('bad-shape', `image: ${width}×${height} RGBA needs ${width * height * 4} bytes, data has ${data.length}`);
  }
  if (!Number.isInteger(stride) || stride < width * 4)
    throw new XnnError('bad-shape', `image: rows of ${width} pixels are ${width * 4} bytes long, a stride of ${stride} does not hold them`);
  const bytes = stride * (height - 1) + width * 4;
  if (data.length >= bytes) return image;
  throw new XnnError(
    'bad-shape',
    `image: ${width}×${height} RGBA with a stride of ${stride} needs ${bytes} bytes, data has ${data.length}`,
  );
}

/**
 * Size of the picture itself, not of the element that shows it.
 * @param {Exclude<ImageLike, RgbaImage>} image
 * @returns {{ width: number, height: number }}
 */
function shownSize(image) {
  if ('videoWidth' in image) return { width: image.videoWidth, height: image.videoHeight };
  if ('naturalWidth' in image) return { width: image.naturalWidth, height: image.naturalHeight };
  if ('displayWidth' in image) return { width: image.displayWidth, height: image.displayHeight };
  if ('width' in image && 'height' in image) return image;
  throw notAnImage();
}

/**
 * @param {number} width
 * @param {number} height
 */
function checkSize(width, height) {
  if (Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) return;
  throw new XnnError('bad-shape', `image: width and height must be positive integers, got ${width}×${height}`);
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D}
 */
function createContext(width, height) {
  if (typeof OffscreenCanvas === 'function') {
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (context) return context;
  } else if (typeof document === 'object') {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (context) return context;
  }
  throw new XnnError('misuse', 'image: without a canvas only { width, height, data } can be read');
}

const notAnImage = () => new XnnError('misuse', 'image: expected { width, height, data } with RGBA bytes, or a picture of the browser');
