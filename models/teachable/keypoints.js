// A picture → features that a pose classifier is trained on, from the keypoints of xnnjs/pose instead of PoseNet's maps.

import { XnnError } from '../../js/index.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { PoseEstimate } from './posenet.js' */

/**
 * What is used of a loaded xnnjs/pose.
 * @typedef {object} PoseFinder
 * @property {string} kind  'movenet' and 'posenet' find 17 keypoints, 'blazepose' 33.
 * @property {(image: ImageLike, options?: { flipHorizontal?: boolean }) => Promise<{ score: number, keypoints: { x: number, y: number,
 *   score?: number, name?: string }[] }[]>} estimatePoses
 */

/** Of each keypoint: x and y from the middle of the shoulders in widths of the shoulders, and its score. */
const VALUES = 3;
/** Points that a model guesses far outside of the picture count as this far. */
const FAR = 4;

/**
 * @param {PoseFinder} finder
 * @returns {{ estimate: (image: ImageLike, flip: boolean) => Promise<PoseEstimate>, dispose: () => void }}  the finder stays the caller's.
 */
export function createKeypointEstimator(finder) {
  const nobody = (finder.kind === 'blazepose' ? 33 : 17) * VALUES;
  return {
    async estimate(image, flip) {
      const [found] = await finder.estimatePoses(image, { flipHorizontal: flip });
      if (found === undefined) return { pose: undefined, posenetOutput: new Float32Array(nobody) };
      const keypoints = found.keypoints.map(({ x, y, score = 1, name = '' }) => ({ part: name, score, position: { x, y } }));
      return { pose: { score: found.score, keypoints }, posenetOutput: keypointFeatures(found.keypoints) };
    },
    dispose() {},
  };
}

/**
 * @param {readonly { x: number, y: number, score?: number, name?: string }[]} keypoints  left_shoulder and right_shoulder among them.
 * @returns {Float32Array}  [3 · keypoints]
 */
export function keypointFeatures(keypoints) {
  const [left, right] = ['left_shoulder', 'right_shoulder'].map((wanted) => keypoints.find(({ name }) => name === wanted));
  if (left === undefined || right === undefined)
    throw new XnnError('unsupported', `teachable: a pose of ${keypoints.length} keypoints without left_shoulder and right_shoulder`);
  const unit = Math.max(Math.hypot(left.x - right.x, left.y - right.y), 1);
  const [xCenter, yCenter] = [(left.x + right.x) / 2, (left.y + right.y) / 2];
  const clip = (/** @type {number} */ value) => Math.min(Math.max(value, -FAR), FAR);
  const features = new Float32Array(keypoints.length * VALUES);
  for (const [i, { x, y, score = 1 }] of keypoints.entries())
    features.set([clip((x - xCenter) / unit), clip((y - yCenter) / unit), score], i * VALUES);
  return features;
}
