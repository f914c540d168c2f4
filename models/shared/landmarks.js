// From a landmark model's output to points of the image.

/** @import { Region } from '../../js/image/crop.js' */

/** @typedef {{ x: number, y: number, z: number, name?: string }} Keypoint  x, y in pixels of the image; z in the scale of x. */

/**
 * @param {ArrayLike<number>} values  [points, stride]: x, y, z in pixels of the model's input, and what else a point has.
 * @param {object} options
 * @param {Region} options.region  what the model looked at.
 * @param {number} options.inputSize  side of the model's square input in pixels.
 * @param {number} options.points
 * @param {number} [options.stride]  values of a point; 3 if left out.
 * @param {Float64Array} [options.into]  [points, 3], written instead of a new array.
 * @returns {Float64Array}  [points, 3] of x, y, z.
 */
export function projectLandmarks(values, { region, inputSize, points, stride = 3, into = new Float64Array(points * 3) }) {
  const { xCenter, yCenter, width, height, rotation = 0 } = region;
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  for (let i = 0, from = 0, to = 0; i < points; i++, from += stride, to += 3) {
    const right = (values[from] / inputSize - 0.5) * width;
    const down = (values[from + 1] / inputSize - 0.5) * height;
    into[to] = xCenter + right * cos - down * sin;
    into[to + 1] = yCenter + right * sin + down * cos;
    into[to + 2] = (values[from + 2] / inputSize) * width;
  }
  return into;
}

/**
 * @param {Float64Array} landmarks  [points, 3].
 * @param {readonly (string | undefined)[]} [names]  of the points.
 * @returns {Keypoint[]}  [points].
 */
export function toKeypoints(landmarks, names = []) {
  /** @type {Keypoint[]} */
  const keypoints = new Array(landmarks.length / 3);
  for (let i = 0, at = 0; i < keypoints.length; i++, at += 3) {
    const name = names[i];
    const point = { x: landmarks[at], y: landmarks[at + 1], z: landmarks[at + 2] };
    keypoints[i] = name === undefined ? point : { ...point, name };
  }
  return keypoints;
}

/**
 * The smallest box around some or all of the points.
 * @param {Float64Array} landmarks  [points, 3].
 * @param {Iterable<number>} [indices]  of points; all if left out.
 * @returns {import('./boxes.js').Box}
 */
export function landmarkBox(landmarks, indices = Array(landmarks.length / 3).keys()) {
  let [xMin, yMin, xMax, yMax] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const i of indices) {
    const x = landmarks[3 * i];
    const y = landmarks[3 * i + 1];
    xMin = Math.min(xMin, x);
    yMin = Math.min(yMin, y);
    xMax = Math.max(xMax, x);
    yMax = Math.max(yMax, y);
  }
  return { xMin, yMin, width: xMax - xMin, height: yMax - yMin };
}

/** @param {Float64Array} landmarks  [points, 3]. @param {number} i @returns {{ x: number, y: number }} */
export const pointAt = (landmarks, i) => ({ x: landmarks[3 * i], y: landmarks[3 * i + 1] });
