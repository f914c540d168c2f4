// The landmark model: 21 points in a rotated square of the image.

import { landmarkBox, pointAt, projectLandmarks, toKeypoints } from '../shared/landmarks.js';
import { regionAround, rotationOf } from '../shared/region.js';
import { HAND_KEYPOINTS } from './keypoints.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { ImageModel, Ports } from '../shared/engine.js' */
/** @import { Keypoint } from '../shared/landmarks.js' */
/** @import { Located } from '../shared/tracker.js' */

/**
 * @typedef {object} Hand
 * @property {import('../shared/boxes.js').Box} box  the smallest around the keypoints, in pixels; may reach beyond the image with them.
 * @property {(Keypoint & { name: string })[]} keypoints  [21]: x, y in pixels of the image, origin top left; z in the scale of x, 0 at the
 *   wrist, smaller is nearer.
 * @property {(Keypoint & { name: string })[]} keypoints3D  [21] in metres, origin in the middle of the hand.
 * @property {'Left' | 'Right'} handedness  the person's own hand, if the image is not mirrored.
 * @property {number} score  0…1, the landmark model's probability of a hand.
 */

// Numbers: MediaPipe hand_landmark_cpu.pbtxt (input 224 in [0, 1], border replicated, presence at least 0.5, z by 0.4 more than x).
// presence and handedness are probabilities already. handedness is that of a left hand in a mirrored image
// (hand_landmark_tracking_cpu.pbtxt), so that of a right hand in one that is not.
const INPUT = 224;
const POINTS = HAND_KEYPOINTS.length;
const Z_SCALE = 0.4;
const MIN_PRESENCE = 0.5;

export const HAND_PORTS = { input: [1, INPUT, INPUT, 3], outputs: { Identity_1: [1, 1], Identity_3: [1, 3 * POINTS] } };

/**
 * Names of outputs: Identity_1 and Identity_3 are presence and metric points everywhere; Identity and Identity_2 are points and handedness
 * in the TensorFlow Lite files, and the other way round in the TensorFlow.js models of hand-pose-detection.
 * @param {Ports} model
 */
function outputsOf({ outputs }) {
  const size = (/** @type {string} */ name) => outputs.find((port) => port.name === name)?.shape[1];
  const [points, handedness] = size('Identity') === 3 * POINTS ? ['Identity', 'Identity_2'] : ['Identity_2', 'Identity'];
  return { points, handedness, presence: 'Identity_1', metric: 'Identity_3' };
}

/** @param {ImageModel & Ports} model */
export function createHandLocator(model) {
  const names = outputsOf(model);

  /**
   * @param {Frame} frame
   * @param {Region} region
   * @returns {Promise<Located<Hand> | undefined>}  nothing if the model sees no hand there.
   */
  return async function locate(frame, region) {
    const outputs = await model.run({ [model.inputs[0].name]: handInput(frame, region) });
    const values = (/** @type {string} */ name) => /** @type {ArrayLike<number>} */ (outputs[name].data);
    const score = values(names.presence)[0];
    if (!(score >= MIN_PRESENCE)) return undefined;
    const points = projectLandmarks(values(names.points), { region, inputSize: INPUT, points: POINTS });
    for (let i = 2; i < points.length; i += 3) points[i] /= Z_SCALE;
    return {
      region: regionOfHand(points),
      item: {
        box: landmarkBox(points),
        keypoints: named(points),
        keypoints3D: named(turned(values(names.metric), region.rotation ?? 0)),
        handedness: values(names.handedness)[0] >= 0.5 ? 'Right' : 'Left',
        score,
      },
    };
  };
}

/**
 * @param {Frame} frame
 * @param {Region} region
 * @returns {Float32Array}  [224, 224, 3] in [0, 1].
 */
const handInput = (frame, region) => frame.crop({ region, width: INPUT, height: INPUT, scale: 1 / 255 });

/** @param {Float64Array} points  [21, 3] */
const named = (points) => /** @type {Hand['keypoints']} */ (toKeypoints(points, HAND_KEYPOINTS));

/**
 * Metric points as the image shows them, not as the region does.
 * @param {ArrayLike<number>} metric  [21, 3]
 * @param {number} rotation
 */
function turned(metric, rotation) {
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const points = Float64Array.from(metric);
  for (let i = 0; i < points.length; i += 3) {
    points[i] = metric[i] * cos - metric[i + 1] * sin;
    points[i + 1] = metric[i] * sin + metric[i + 1] * cos;
  }
  return points;
}

// Wrist, thumb but its tip, and the two lower joints of the fingers: hand_landmark_landmarks_to_roi.pbtxt leaves out what moves most.
const STABLE = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18];
const [WRIST, INDEX, MIDDLE, RING] = [0, 5, 9, 13];

/**
 * Where the hand will be in the next frame: the square around the stable points in the hand's own direction (from the wrist to the first
 * joints of its middle fingers, hand_landmarks_to_rect_calculator.cc), moved by a tenth of it towards the fingers and twice as large.
 * @param {Float64Array} points  [21, 3]
 * @returns {Region}
 */
export function regionOfHand(points) {
  const [wrist, index, middle, ring] = [WRIST, INDEX, MIDDLE, RING].map((i) => pointAt(points, i));
  const knuckles = { x: ((index.x + ring.x) / 2 + middle.x) / 2, y: ((index.y + ring.y) / 2 + middle.y) / 2 };
  const rotation = rotationOf(wrist, knuckles, Math.PI / 2);
  // The box along the hand's own axes, then its centre back in the image.
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  const own = Float64Array.from(points);
  for (let i = 0; i < own.length; i += 3) {
    own[i] = points[i] * cos + points[i + 1] * sin;
    own[i + 1] = -points[i] * sin + points[i + 1] * cos;
  }
  const { xMin, yMin, width, height } = landmarkBox(own, STABLE);
  const [right, down] = [xMin + width / 2, yMin + height / 2];
  const [x, y] = [right * cos - down * sin, right * sin + down * cos];
  return regionAround({ xMin: x - width / 2, yMin: y - height / 2, width, height }, rotation, { scale: 2, shiftY: -0.1 });
}
