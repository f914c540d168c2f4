// Images: resizing, cropping, rotating; pixels of a page in and out.
import { backend_util } from '@tensorflow/tfjs-core';
import { XnnError } from '../../errors.js';
import { asFloats, inFloats } from './rows.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 */

/** @param {string} op @returns {Kernel} */
function resize(op) {
  return ({ inputs: { images }, attrs: { alignCorners, halfPixelCenters, size }, backend }) =>
    asFloats(backend, op, [images], {
      out_h: size[0],
      out_w: size[1],
      align_corners: alignCorners ? 1 : 0,
      half_pixel: halfPixelCenters ? 1 : 0,
    });
}

/** @param {string} op @returns {Kernel} */
function resizeGrad(op) {
  return ({ inputs: { images, dy }, attrs: { alignCorners }, backend }) =>
    asFloats(backend, op, [dy], { in_h: images.shape[1], in_w: images.shape[2], align_corners: alignCorners ? 1 : 0 });
}

/** @type {Kernel} */
function cropAndResize({ inputs: { image, boxes, boxInd }, attrs: { cropSize, method, extrapolationValue }, backend }) {
  const operands = [backend.cast(image, 'float32'), backend.cast(boxes, 'float32'), backend.cast(boxInd, 'int32')];
  const y = backend.op('crop_and_resize', operands, {
    crop_h: cropSize[0],
    crop_w: cropSize[1],
    nearest: method === 'nearest' ? 1 : 0,
    extrapolation: extrapolationValue,
  });
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function rotateWithOffset({ inputs: { image }, attrs: { radians, fillValue, center }, backend }) {
  const [centerX, centerY] = backend_util.getImageCenter(center, image.shape[1], image.shape[2]);
  const fill = typeof fillValue === 'number' ? new Array(4).fill(fillValue) : [...fillValue.slice(0, 3), 255];
  return inFloats(backend, 'rotate_with_offset', [image], {
    radians,
    fill_0: fill[0],
    fill_1: fill[1],
    fill_2: fill[2],
    fill_3: fill[3],
    center_x: centerX,
    center_y: centerY,
  });
}

const FILL_MODES = ['constant', 'reflect', 'wrap', 'nearest'];

/** @type {Kernel} */
function transform({ inputs: { image, transforms }, attrs: { interpolation, fillMode, fillValue, outputShape }, backend }) {
  const [out_h, out_w] = outputShape ?? image.shape.slice(1, 3);
  return inFloats(backend, 'projective_transform', [image, transforms], {
    out_h,
    out_w,
    bilinear: interpolation === 'bilinear' ? 1 : 0,
    fill_mode: Math.max(0, FILL_MODES.indexOf(fillMode)),
    fill_value: fillValue,
  });
}

/** A context to draw on, of a canvas of its own. @param {number} width @param {number} height */
function drawingContext(width, height) {
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height);
  const context = /** @type {CanvasRenderingContext2D | null} */ (canvas.getContext('2d', { willReadFrequently: true }));
  if (context === null) throw new XnnError('misuse', 'there is no canvas to read pixels with');
  return context;
}

/**
 * RGBA bytes of what tf.browser.fromPixels takes: images as large as they are shown, a canvas as it is.
 * @param {any} pixels @returns {{ width: number, height: number, data: Uint8Array | Uint8ClampedArray }}
 */
function rgbaOf(pixels) {
  if (pixels.getContext !== undefined) {
    const { width, height } = pixels;
    return { width, height, data: pixels.getContext('2d').getImageData(0, 0, width, height).data };
  }
  if (pixels.data !== undefined) return pixels;
  const isVideo = typeof HTMLVideoElement !== 'undefined' && pixels instanceof HTMLVideoElement;
  const [width, height] = isVideo ? [pixels.videoWidth, pixels.videoHeight] : [pixels.width, pixels.height];
  const context = drawingContext(width, height);
  context.drawImage(pixels, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** @type {Kernel} */
function fromPixels({ inputs: { pixels }, attrs: { numChannels }, backend }) {
  const { width, height, data } = rgbaOf(pixels);
  const shape = [height, width, 4];
  const bytes = { dataId: {}, shape, dtype: /** @type {any} */ ('uint8') };
  const values = data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data;
  backend.move(bytes.dataId, values, shape, bytes.dtype, 1);
  const y = backend.op('from_pixels', [bytes], { channels: numChannels });
  backend.drop(bytes);
  return y;
}

/** The largest value of an image, which white has. @type {Record<string, number>} */
const WHITE = { float32: 1, int32: 255 };

/**
 * @param {ArrayLike<number>} values @param {TensorInfo} image  [height, width] or [height, width, 1, 3 or 4], 0 … 1 in floats, 0 … 255 in integers
 * @param {number} alpha  Where the image has none. @returns {Uint8ClampedArray<ArrayBuffer>}
 */
function rgba(values, { shape: [height, width, depth = 1], dtype }, alpha) {
  const white = WHITE[dtype] ?? Infinity;
  const wrong = Array.prototype.find.call(values, (value) => value < 0 || value > white);
  if (wrong !== undefined)
    throw new XnnError('bad-shape', `Tensor values for a ${dtype} Tensor must be in the range [0 - ${white}] but encountered ${wrong}.`);
  const scale = dtype === 'float32' ? 255 : 1;
  const bytes = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    bytes[4 * i + 3] = Math.round(255 * alpha);
    for (let channel = 0; channel < depth; channel++) bytes[4 * i + channel] = Math.round(values[i * depth + channel] * scale);
    if (depth === 1) bytes[4 * i + 1] = bytes[4 * i + 2] = bytes[4 * i];
  }
  return bytes;
}

/** @type {Kernel} */
function draw({ inputs: { image }, attrs: { canvas, options }, backend }) {
  const [height, width] = image.shape;
  const { contextType = '2d', contextAttributes = {} } = options?.contextOptions ?? {};
  // tfjs-core's specs ask for a context of the backend's name.
  if (contextType !== '2d' && contextType !== 'xnnjs')
    throw new XnnError('unsupported', `Context type ${contextType} is not supported by the xnnjs backend.`);
  const context = canvas.getContext('2d', contextAttributes);
  if (context === null || context === undefined) throw new XnnError('misuse', 'Could not get the context with 2d type.');
  const bytes = rgba(backend.values(image), image, options?.imageOptions?.alpha ?? 1);
  canvas.width = width;
  canvas.height = height;
  context.putImageData(new ImageData(bytes, width, height), 0, 0);
  return image; // itself: no other tensor
}

/** @type {Kernels} */
export const images = {
  ResizeBilinear: resize('resize_bilinear'),
  ResizeNearestNeighbor: resize('resize_nearest'),
  ResizeBilinearGrad: resizeGrad('resize_bilinear_grad'),
  ResizeNearestNeighborGrad: resizeGrad('resize_nearest_grad'),
  CropAndResize: cropAndResize,
  RotateWithOffset: rotateWithOffset,
  FlipLeftRight: ({ inputs: { image }, backend }) => backend.op('reverse', [image], { axes: [2] }),
  Transform: transform,
  Draw: draw,
  FromPixels: fromPixels,
};
