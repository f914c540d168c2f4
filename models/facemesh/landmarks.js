// The landmark model: 468 points in a rotated region of the image, or 478 with irises.

import { XnnError } from '../../js/index.js';
import { projectLandmarks } from '../shared/landmarks.js';
import { MESH_POINTS, mergeParts, REFINED_POINTS } from './attention.js';
import { countOf, shapesOf } from './shapes.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { ImageModel, Ports } from '../shared/engine.js' */

// MediaPipe face_landmark_cpu.pbtxt: input 192 in [0, 1], border replicated, points in pixels of the input, presence at least 0.5.
export const INPUT_SIZE = 192;
export const MIN_PRESENCE = 0.5;

/** How many values each output of the refined model has. */
const LIPS_VALUES = 160;
const EYE_VALUES = 142;
const IRIS_VALUES = 10;

/**
 * @param {Frame} image
 * @param {Region} region
 * @param {Float32Array} [into]  [192, 192, 3].
 * @returns {Float32Array}  [192, 192, 3] in [0, 1].
 */
export const landmarksInput = (image, region, into) =>
  image.crop({ region, width: INPUT_SIZE, height: INPUT_SIZE, scale: 1 / 255, ...(into && { into }) });

/**
 * @typedef {object} Landmarker
 * @property {number} points  468 or 478.
 * @property {(image: Frame, region: Region, into: Float64Array) => Promise<number>} find  the probability that the region shows a face;
 *   its points, x, y in pixels of the image and z in the scale of x, are written into [points, 3].
 */

/**
 * @param {ImageModel & Ports} model
 * @param {string} source  for the error.
 * @param {(stage: 'crop' | 'landmarks', start: number) => void} done  told when each ends, with performance.now() of its start.
 * @returns {Promise<Landmarker>}
 * @throws {XnnError} 'unsupported' if it is no landmark model.
 */
export async function createLandmarker(model, source, done) {
  const named = findOutputs(model, source);
  const [{ name: input }] = model.inputs;
  const { mesh, presence, refined } = named;
  const points = refined === undefined ? MESH_POINTS : REFINED_POINTS;
  const pixels = new Float32Array(INPUT_SIZE * INPUT_SIZE * 3);
  const merged = new Float32Array(REFINED_POINTS * 3);

  /** @param {Record<string, { data: ArrayLike<number> | string[] }>} results @param {string} name */
  const dataOf = (results, name) => /** @type {ArrayLike<number>} */ (results[name].data);

  // What shapes do not say, plain grey does. There is no face in it: presence is a probability (below 0.5) or a logit (below 0, measured
  // −7 to −12). And points lie about where they do in a mean face: the one eye, and iris, is left of the other (64 and 128 of 192).
  const grey = await model.run({ [input]: pixels.fill(0.5) });
  const isLogit = dataOf(grey, presence)[0] < 0;
  const [rightEye, leftEye] = fromLeft(refined?.eyes ?? [], (name) => dataOf(grey, name));
  const [rightIris, leftIris] = fromLeft(refined?.irises ?? [], (name) => dataOf(grey, name));

  /** @param {Record<string, { data: ArrayLike<number> | string[] }>} results @returns {ArrayLike<number>} [points, 3] */
  function pointsOf(results) {
    if (refined === undefined) return dataOf(results, mesh);
    const parts = { mesh, lips: refined.lips, rightEye, leftEye, rightIris, leftIris };
    const data = Object.fromEntries(Object.entries(parts).map(([part, name]) => [part, dataOf(results, name)]));
    mergeParts(/** @type {import('./attention.js').Parts} */ (data), merged);
    return merged;
  }

  return {
    points,
    async find(image, region, into) {
      const start = performance.now();
      landmarksInput(image, region, pixels);
      done('crop', start);
      const cropped = performance.now();
      const results = await model.run({ [input]: pixels });
      projectLandmarks(pointsOf(results), { region, inputSize: INPUT_SIZE, points, into });
      done('landmarks', cropped);
      const [flag] = /** @type {[number]} */ (dataOf(results, presence));
      return isLogit ? 1 / (1 + Math.exp(-flag)) : flag;
    },
  };
}

/**
 * @param {Ports} model
 * @param {string} source
 */
function findOutputs({ inputs, outputs }, source) {
  const withCount = (/** @type {number} */ count) => outputs.filter(({ shape }) => countOf(shape) === count).map(({ name }) => name);
  const [mesh, presence, lips] = [MESH_POINTS * 3, 1, LIPS_VALUES].map((count) => withCount(count).at(0));
  const fits = inputs.length === 1 && countOf(inputs[0].shape) === INPUT_SIZE * INPUT_SIZE * 3;
  if (!fits || mesh === undefined || presence === undefined) {
    throw new XnnError(
      'unsupported',
      `facemesh: ${source} should be a face landmark model: one input [1, ${INPUT_SIZE}, ${INPUT_SIZE}, 3], outputs of ` +
        `${MESH_POINTS * 3} values and of one; it has ${shapesOf(inputs)} and ${shapesOf(outputs)}`,
    );
  }
  const [eyes, irises] = [EYE_VALUES, IRIS_VALUES].map(withCount);
  const refined = lips !== undefined && eyes.length === 2 && irises.length === 2 ? { lips, eyes, irises } : undefined;
  return { mesh, presence, refined };
}

/**
 * @param {string[]} names
 * @param {(name: string) => ArrayLike<number>} points  [n, 2] of x, y.
 * @returns {string[]}  by the mean of x.
 */
function fromLeft(names, points) {
  const meanX = (/** @type {string} */ name) => {
    const values = points(name);
    let sum = 0;
    for (let i = 0; i < values.length; i += 2) sum += values[i];
    return sum / values.length;
  };
  return [...names].sort((a, b) => meanX(a) - meanX(b));
}
