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
 * @property {(image: ImageLike) => RgbaImage} read  shares the bytes of an image that has `data`; others have their own. Throws an XnnError: 'bad-shape' if a side is not a positive integer or the bytes do not fill the image; 'misuse' if it
 *   is no image, is closed, or comes from an origin that does not let its pixels be read.
 * @property {(image: ImageLike) => RgbaImage | Promise<RgbaImage>} readAsync  the same, and faster for video, of which it gives a promise:
 *   the browser converts it without a canvas (640×480 in Chromium: 0.7 ms instead of 1.7). The picture is what is shown at the call.
 */

/** Reads one picture after another, through one canvas. @returns {PixelReader} */
export function createPixelReader() {
  /** @type {OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | undefined} */
  let context;
  /** @type {boolean | undefined} */
  let copies;
  /** @type {PixelReader} */
  const reader = {
    readAsync(image) {
      const frame = isVideo(image) ? frameOf(image) : undefined;
      if (frame === undefined) return reader.read(image);
      const read = async () => {
        copies ??= copiesRgba();
        return (copies && isPlain(frame) ? await copyRgba(frame) : undefined) ?? reader.read(frame);
      };
      return read().finally(() => frame.close());
    },
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
  return reader;
}

/** @param {any} image @returns {image is HTMLVideoElement | VideoFrame} */
const isVideo = (image) => image !== null && typeof image === 'object' && ('videoWidth' in image || 'displayWidth' in image);

/** What it shows now, whatever becomes of it. @param {HTMLVideoElement | VideoFrame} image @returns {VideoFrame | undefined} */
function frameOf(image) {
  if (typeof VideoFrame !== 'function') return undefined;
  try {
    return 'videoWidth' in image ? new VideoFrame(image) : image.clone();
  } catch {
    return undefined; // nothing to show yet, closed, or of another origin: the canvas says so
  }
}

/** Whether this browser's copyTo() converts: one that does not know the option copies what is there. @returns {boolean} */
function copiesRgba() {
  try {
    const probe = new VideoFrame(new Uint8Array(6), { format: 'I420', codedWidth: 2, codedHeight: 2, timestamp: 0 });
    try {
      return probe.allocationSize({ format: 'RGBA' }) === 2 * 2 * 4;
    } finally {
      probe.close();
    }
  } catch {
    return false;
  }
}

/** Whether its pixels are those that are shown: not to be stretched, turned or mirrored. @param {VideoFrame} frame */
function isPlain(frame) {
  const { visibleRect, displayWidth, displayHeight } = frame;
  const { rotation = 0, flip = false } = /** @type {{ rotation?: number, flip?: boolean }} */ (frame);
  return visibleRect?.width === displayWidth && visibleRect.height === displayHeight && rotation === 0 && !flip;
}

/** @param {VideoFrame} frame @returns {Promise<RgbaImage | undefined>} nothing where this frame cannot be copied */
async function copyRgba(frame) {
  const { displayWidth: width, displayHeight: height } = frame;
  const data = new Uint8Array(width * height * 4);
  try {
    await frame.copyTo(data, { format: 'RGBA' });
    return { width, height, data };
  } catch {
    return undefined;
  }
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
