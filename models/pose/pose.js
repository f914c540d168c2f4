// What all pose models give.

import { boundingBox } from '../shared/boxes.js';

/** @import { Box } from '../shared/boxes.js' */

/**
 * @typedef {object} PoseKeypoint
 * @property {number} x  in pixels of the image, origin top left.
 * @property {number} y
 * @property {number} [z]  BlazePose: in the scale of x, 0 in the middle of the hips, smaller is nearer.
 * @property {number} score  0…1: that the point is where it is said to be; BlazePose: that it is visible.
 * @property {string} name
 */

/**
 * @typedef {object} Pose
 * @property {Box} box  the smallest around the points that are probable, in pixels; may reach beyond the image with them.
 * @property {PoseKeypoint[]} keypoints  [17], or [33] of BlazePose.
 * @property {(PoseKeypoint & { z: number })[]} [keypoints3D]  BlazePose: in metres, origin in the middle of the hips.
 * @property {number} score  0…1.
 */

/**
 * How a kind of model finds people in an opened picture.
 * @typedef {object} PoseFinder
 * @property {(frame: import('../../js/image/sampler.js').Frame, options: FindOptions) => Promise<Pose[]>} find
 * @property {() => void} reset
 *
 * @typedef {object} FindOptions
 * @property {boolean} staticImageMode
 * @property {number} [maxPoses]
 * @property {number} [scoreThreshold]
 * @property {number} [nmsRadius]
 */

/** Points below are guesses: MoveNet's own threshold (MIN_CROP_KEYPOINT_SCORE of @tensorflow-models/pose-detection). */
export const PROBABLE = 0.2;

/** @param {PoseKeypoint[]} keypoints @returns {Box} */
export function boxOf(keypoints) {
  const probable = keypoints.filter(({ score }) => score > PROBABLE);
  return boundingBox(probable.length > 0 ? probable : keypoints);
}
