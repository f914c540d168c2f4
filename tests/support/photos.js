// Six photographs with 22 faces, and the models that read them; all from installed packages.

import { fileURLToPath } from 'node:url';
import { readPhoto } from '../../demo/photo/photo-file.js';

const PACKAGES = new URL('../../node_modules/@vladmandic/', import.meta.url);

/** @param {string} name */
export const modelPath = (name) => fileURLToPath(new URL(`human/models/${name}.json`, PACKAGES));
export const BLAZEFACE_URL = modelPath('blazeface');
export const FACEMESH_URL = modelPath('facemesh');

// Noses, marked by eye on each photograph scaled to a width of 900.
const NOSES = [
  [
    [222, 240],
    [433, 262],
    [721, 160],
  ],
  [
    [172, 138],
    [462, 178],
    [722, 147],
  ],
  [
    [313, 225],
    [538, 182],
    [757, 215],
  ],
  [
    [182, 155],
    [332, 108],
    [484, 152],
    [618, 128],
  ],
  [
    [407, 115],
    [553, 150],
    [335, 260],
    [690, 262],
    [222, 480],
  ],
  [
    [180, 305],
    [350, 235],
    [598, 222],
    [735, 203],
  ],
];
const MARKED_WIDTH = 900;

/**
 * @typedef {object} Photo
 * @property {string} name
 * @property {string} path
 * @property {{ x: number, y: number }[]} noses  one per face, in pixels of the photograph.
 * @property {import('../../js/image/crop.js').RgbaImage} image
 */

/** @type {Promise<Photo[]> | undefined} */
let photos;

/** The six photographs, decoded once per process. */
export function readPhotos() {
  photos ??= Promise.all(
    NOSES.map(async (noses, i) => {
      const name = `sample${i + 1}.jpg`;
      const path = fileURLToPath(new URL(`face-api/demo/${name}`, PACKAGES));
      const image = await readPhoto(path);
      const scale = image.width / MARKED_WIDTH;
      return { name, path, image, noses: noses.map(([x, y]) => ({ x: x * scale, y: y * scale })) };
    }),
  );
  return photos;
}
