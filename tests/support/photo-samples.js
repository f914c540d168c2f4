// Inputs of image models, cut from real photographs: the surest face of each, or the whole of it squeezed into a square.

import { readPhotos } from './photos.js';
import { cropToTensor } from './plain-crop.js';
import { findSurestFaces } from './surest-face.js';

/** @import { TestInput } from './engine.js' */

/**
 * size: of the square input; channels: 3, or 1 for grey; scale: of the pixels' bytes, then offset is added; whole: of a photograph,
 * not of a face.
 * @typedef {{ input: string, size: number, channels?: 1, scale: number, offset?: number, whole?: boolean, dtype?: 'int32', count?: number }} PhotoInput
 */

/** Red, green and blue to grey, as ITU-R BT.601 weighs them. @param {Float32Array} rgb */
const toGrey = (rgb) =>
  Float32Array.from({ length: rgb.length / 3 }, (_, i) => 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2]);

/**
 * @param {PhotoInput} options  count: of photographs.
 * @returns {Promise<{ name: string, inputs: Record<string, TestInput> }[]>}
 */
export async function photoSamples({ input, size, channels, scale, offset = 0, whole = false, dtype, count = 3 }) {
  const regionOf = whole ? undefined : await findSurestFaces();
  return Promise.all(
    (await readPhotos()).slice(0, count).map(async ({ name, image }) => {
      const { width, height } = image;
      const all = { xCenter: width / 2, yCenter: height / 2, width, height };
      const region = regionOf === undefined ? all : await regionOf(image);
      const rgb = cropToTensor(image, { region, width: size, height: size, scale });
      const values = (channels === 1 ? toGrey(rgb) : rgb).map((value) => value + offset);
      const data = dtype === 'int32' ? Int32Array.from(values, Math.round) : values;
      const shape = [1, size, size, channels ?? 3];
      return { name, inputs: { [input]: { dtype: dtype ?? 'float32', shape, data } } };
    }),
  );
}
