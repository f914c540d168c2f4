// The TensorFlow Lite models in MediaPipe's packages: files, and ranges of packed assets that their loaders name.
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

/** @returns {{ name: string, bytes: Uint8Array }[]}  name: without .tflite. */
export function mediapipeModels() {
  return PLACES.flatMap(([folder, packed, files]) => {
    const loader = readFileSync(new URL(`${folder}/${packed}_loader.js`, PACKAGES), 'utf8');
    const list = /loadPackage\((\{"files".*?\})\);/s.exec(loader);
    if (list === null) throw new Error(`${folder}: the loader names no files`);
    const data = read(`${folder}/${packed}.data`);
    /** @type {{ filename: string, start: number, end: number }[]} */
    const assets = JSON.parse(/** @type {string} */ (list[1])).files;
    return [
      ...assets
        .filter(({ filename }) => filename.endsWith('.tflite'))
        .map(({ filename, start, end }) => ({ name: filename, bytes: data.slice(start, end) })),
      ...files.map((file) => ({ name: file, bytes: read(`${folder}/${file}`) })),
    ].map(({ name, bytes }) => ({ name: name.slice(name.lastIndexOf('/') + 1, -'.tflite'.length), bytes }));
  });
}

/** @param {string} name */
export function mediapipeModel(name) {
  const found = mediapipeModels().find((model) => model.name === name);
  if (found === undefined) throw new Error(`there is no model ${name}`);
  return found.bytes;
}
