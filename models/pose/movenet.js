// MoveNet (single pose, Lightning or Thunder): one person's 17 points in a square of the image, which follows the person.

import { sameShape } from '../shared/ports.js';
import { wholeWindow } from '../shared/windows.js';
import { COCO_KEYPOINTS } from './keypoints.js';
import { boxOf, PROBABLE } from './pose.js';

/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { Window } from '../shared/detector.js' */
/** @import { ImageModel, Ports } from '../shared/engine.js' */
/** @import { PoseFinder, PoseKeypoint } from './pose.js' */

// Numbers: @tensorflow-models/pose-detection, dist/movenet (constants.js, crop_utils.js): a person's score is the mean over probable
// points; the next square is centred between the hips and reaches 1.9 times as far as shoulders and hips, 1.2 times as far as all
// probable points; its edges follow by nine tenths. Input: bytes, black outside the image.
const MIN_SCORE = 0.25;
const TORSO_REACH = 1.9;
const BODY_REACH = 1.2;
const SHARE_OF_NEW = 0.9;

const [SHOULDERS, HIPS] = ['shoulder', 'hip'].map((part) => ['left', 'right'].map((side) => COCO_KEYPOINTS.indexOf(`${side}_${part}`)));

/** @param {Ports} model */
export const isMoveNet = ({ inputs, outputs }) =>
  inputs.length === 1 &&
  inputs[0].shape.length === 4 &&
  inputs[0].shape[1] > 0 &&
  sameShape(inputs[0].shape, [1, inputs[0].shape[1], inputs[0].shape[1], 3]) &&
  outputs.length === 1 &&
  sameShape(outputs[0].shape, [1, 1, COCO_KEYPOINTS.length, 3]);

/**
 * @param {ImageModel & Ports} model
 * @returns {PoseFinder}
 */
export function createMoveNet(model) {
  const [input] = model.inputs;
  const [output] = model.outputs;
  const size = input.shape[1];
  /** @type {Window | undefined} */
  let window;
  /** @type {Window | undefined} the last one that followed the person */
  let followed;
  let [width, height] = [0, 0];

  /**
   * @param {Frame} frame
   * @param {Window} at
   */
  async function look(frame, at) {
    const values = await model.run({ [input.name]: moveNetInput(frame, at, { size, dtype: input.dtype }) });
    const points = readPoints(/** @type {ArrayLike<number>} */ (values[output.name].data), at);
    const probable = points.filter(({ score }) => score > PROBABLE);
    return { points, score: probable.length === 0 ? 0 : probable.reduce((sum, { score }) => sum + score, 0) / probable.length };
  }

  function reset() {
    window = followed = undefined;
  }

  return {
    async find(frame, { staticImageMode, scoreThreshold = MIN_SCORE }) {
      if (staticImageMode || frame.width !== width || frame.height !== height) reset();
      [width, height] = [frame.width, frame.height];
      const whole = wholeWindow(frame);
      let { points, score } = await look(frame, window ?? whole);
      if (staticImageMode && score >= scoreThreshold) {
        const again = await look(frame, nextWindow(points, frame) ?? whole);
        if (again.score >= scoreThreshold) ({ points, score } = again);
      }
      if (!(score >= scoreThreshold)) {
        reset();
        return [];
      }
      if (!staticImageMode) {
        const next = nextWindow(points, frame) ?? whole;
        followed = followed === undefined ? next : blend(followed, next, SHARE_OF_NEW);
        window = followed;
      }
      return [{ box: boxOf(points), keypoints: points, score }];
    },
    reset,
  };
}

/**
 * @param {Frame} frame
 * @param {Window} window
 * @param {{ size: number, dtype: string }} input
 * @returns {Int32Array | Float32Array}  [size, size, 3] of 0…255.
 */
function moveNetInput(frame, { xMin, yMin, size }, input) {
  const region = { xCenter: xMin + size / 2, yCenter: yMin + size / 2, width: size, height: size };
  const pixels = frame.crop({ region, width: input.size, height: input.size, border: 'zero' });
  if (input.dtype !== 'int32') return pixels;
  const bytes = new Int32Array(pixels.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = pixels[i] + 0.5;
  return bytes;
}

/**
 * @param {ArrayLike<number>} values  [17, 3] of y, x, score; in shares of the window.
 * @param {Window} window
 * @returns {PoseKeypoint[]}
 */
const readPoints = (values, { xMin, yMin, size }) =>
  COCO_KEYPOINTS.map((name, i) => ({
    x: xMin + values[3 * i + 1] * size,
    y: yMin + values[3 * i] * size,
    score: values[3 * i + 2],
    name,
  }));

/**
 * The square that the next frame is looked at in.
 * @param {PoseKeypoint[]} points
 * @param {{ width: number, height: number }} image
 * @returns {Window | undefined}  nothing where no shoulder or no hip is probable, or the square would be larger than the image: the whole then.
 */
export function nextWindow(points, { width, height }) {
  const isProbable = (/** @type {number} */ i) => points[i].score > PROBABLE;
  if (!HIPS.some(isProbable) || !SHOULDERS.some(isProbable)) return undefined;
  const [x, y] = /** @type {const} */ (['x', 'y']).map((axis) => (points[HIPS[0]][axis] + points[HIPS[1]][axis]) / 2);
  /** Farthest along an axis. @param {PoseKeypoint[]} some */
  const reach = (some) => Math.max(0, ...some.map((point) => Math.max(Math.abs(point.x - x), Math.abs(point.y - y))));
  const torso = [...SHOULDERS, ...HIPS].map((i) => points[i]);
  const body = points.filter(({ score }) => score >= PROBABLE);
  const half = Math.min(Math.max(reach(torso) * TORSO_REACH, reach(body) * BODY_REACH), Math.max(x, width - x, y, height - y));
  return half > Math.max(width, height) / 2 ? undefined : { xMin: x - half, yMin: y - half, size: 2 * half };
}

/** @param {Window} old @param {Window} next @param {number} share  of next. @returns {Window} */
const blend = (old, next, share) => ({
  xMin: old.xMin + share * (next.xMin - old.xMin),
  yMin: old.yMin + share * (next.yMin - old.yMin),
  size: old.size + share * (next.size - old.size),
});
