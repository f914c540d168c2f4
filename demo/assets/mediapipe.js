// The TensorFlow Lite models in MediaPipe's npm packages: files, and ranges of packed assets that their loaders name.
import { readFileSync } from 'node:fs';

const PACKAGES = new URL('../../node_modules/@mediapipe/', import.meta.url);
/** Of each package: its packed assets, further files. @type {[folder: string, packed: string, files: string[]][]} */
const PLACES = [
  ['face_mesh', 'face_mesh_solution_packed_assets', []],
  ['hands', 'hands_solution_packed_assets', ['hand_landmark_full.tflite', 'hand_landmark_lite.tflite']],
  ['pose', 'pose_solution_packed_assets', ['pose_landmark_lite.tflite', 'pose_landmark_full.tflite', 'pose_landmark_heavy.tflite']],
];

/** @param {string} path */
const read = (path) => new Uint8Array(readFileSync(new URL(path, PACKAGES)));
/** @param {string} path */
const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1, -'.tflite'.length);

/** Each by its name without .tflite. @returns {Map<string, () => Uint8Array>} */
function places() {
  /** @type {Map<string, () => Uint8Array>} */
  const found = new Map();
  for (const [folder, packed, files] of PLACES) {
    const loader = readFileSync(new URL(`${folder}/${packed}_loader.js`, PACKAGES), 'utf8');
    const list = /loadPackage\((\{"files".*?\})\);/s.exec(loader);
    if (list === null) throw new Error(`${folder}: the loader names no files`);
    /** @type {{ filename: string, start: number, end: number }[]} */
    const assets = JSON.parse(/** @type {string} */ (list[1])).files;
    for (const { filename, start, end } of assets)
      if (filename.endsWith('.tflite')) found.set(nameOf(filename), () => read(`${folder}/${packed}.data`).slice(start, end));
    for (const file of files) found.set(nameOf(file), () => read(`${folder}/${file}`));
  }
  return found;
}

/** @returns {{ name: string, bytes: Uint8Array }[]}  name: without .tflite. */
export const mediapipeModels = () => [...places()].map(([name, bytes]) => ({ name, bytes: bytes() }));

/** @param {string} name */
export function mediapipeModel(name) {
  const bytes = places().get(name);
  if (bytes === undefined) throw new Error(`there is no model ${name}`);
  return bytes();
}
