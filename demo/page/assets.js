// Files of npm packages that the page asks for. Each is a development dependency: nothing of it is in this repository.
import { readFileSync } from 'node:fs';
import { mediapipeModel } from '../assets/mediapipe.js';
import { mobilenetJson, mobilenetWeights } from '../assets/nsfwjs.js';

const packages = new URL('../../node_modules/@vladmandic/', import.meta.url);
/** @param {string} file */
const human = (file) => /** @type {const} */ ([`models/${file}`, () => readFileSync(new URL(`human/models/${file}`, packages))]);
/** @param {string} name */
const mediapipe = (name) => /** @type {const} */ ([`models/${name}.tflite`, () => mediapipeModel(name)]);

/** Path in the page → its content. @type {Map<string, () => Uint8Array | string>} */
export const ASSETS = new Map(
  /** @type {[string, () => Uint8Array | string][]} */ ([
    ...['blazeface.json', 'blazeface.bin', 'facemesh.json', 'facemesh.bin', 'movenet-lightning.json', 'movenet-lightning.bin'].map(human),
    ...['face_detection_short_range', 'face_landmark', 'palm_detection_lite', 'hand_landmark_lite'].map(mediapipe),
    ['models/mobilenet_v2.json', () => mobilenetJson('mobilenet_v2.bin')],
    ['models/mobilenet_v2.bin', mobilenetWeights],
    ...[1, 2, 3, 4, 5, 6].map(
      (n) => /** @type {const} */ ([`photos/sample${n}.jpg`, () => readFileSync(new URL(`face-api/demo/sample${n}.jpg`, packages))]),
    ),
  ]),
);
