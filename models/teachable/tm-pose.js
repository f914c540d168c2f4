// The names of @teachablemachine/pose, so that a page that uses it changes one line, and says where PoseNet is:
//   import { tmPose } from 'xnnjs/teachable'
//   const model = await tmPose.load(modelUrl, metadataUrl, { posenetUrl });

import { loadPose } from './pose.js';

export { Webcam } from './webcam.js';

/** @import { Engine } from '../shared/engine.js' */
/** @import { Metadata } from './metadata.js' */
/** @import { PoseClassifier } from './pose.js' */
/** @import { Keypoint } from './posenet.js' */

/**
 * @typedef {object} TmPoseOptions
 * @property {string | URL | object} posenetUrl  PoseNet's model.json: the client downloads one by itself, xnnjs nothing that is not named.
 * @property {Engine} [runtime]  its own if left out.
 */

/** Along these lines of parts a skeleton is drawn: connectedPartNames of @tensorflow-models/posenet, no face. */
const LIMBS = [
  'leftWrist leftElbow leftShoulder rightShoulder rightElbow rightWrist',
  'leftShoulder leftHip rightHip rightShoulder',
  'leftHip leftKnee leftAnkle',
  'rightHip rightKnee rightAnkle',
].map((line) => line.split(' '));

const COLOUR = 'aqua';

/**
 * @param {string} model  URL of model.json.
 * @param {string | Metadata} [metadata]  URL of metadata.json, or itself.
 * @param {TmPoseOptions} [options]
 * @returns {Promise<PoseClassifier>}
 * @throws {import('../../js/index.js').XnnError} 'misuse' without posenetUrl; what loadPose throws.
 */
export const load = (model, metadata, options) => loadPose(model, metadata, options);

/**
 * @param {File} model @param {File} weights @param {File} metadata @param {TmPoseOptions} [options]
 * @returns {Promise<PoseClassifier>}
 */
export const loadFromFiles = (model, weights, metadata, options) => loadPose([model, weights], metadata, options);

/**
 * A dot on each keypoint that is sure enough.
 * @param {readonly Keypoint[]} keypoints @param {number} minConfidence @param {CanvasRenderingContext2D} ctx
 * @param {number} [keypointSize]  radius, in pixels of the canvas. @param {string} [fillColor] @param {string} [strokeColor]
 * @param {number} [scale]  of positions.
 */
export function drawKeypoints(keypoints, minConfidence, ctx, keypointSize = 4, fillColor = COLOUR, strokeColor = COLOUR, scale = 1) {
  for (const { score, position } of keypoints)
    if (score >= minConfidence) drawPoint(ctx, position.y * scale, position.x * scale, keypointSize, fillColor, strokeColor);
}

/**
 * A line for each limb of which both ends are sure enough.
 * @param {readonly Keypoint[]} keypoints @param {number} minConfidence @param {CanvasRenderingContext2D} ctx
 * @param {number} [lineWidth] @param {string} [strokeColor] @param {number} [scale]  of positions.
 */
export function drawSkeleton(keypoints, minConfidence, ctx, lineWidth = 2, strokeColor = COLOUR, scale = 1) {
  const sure = new Map(keypoints.filter(({ score }) => score >= minConfidence).map(({ part, position: { x, y } }) => [part, [y, x]]));
  for (const line of LIMBS)
    for (const [i, part] of line.slice(1).entries()) {
      const [from, to] = [sure.get(line[i]), sure.get(part)];
      if (from !== undefined && to !== undefined) drawSegment(from, to, ctx, lineWidth, strokeColor, scale);
    }
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} y @param {number} x @param {number} keypointSize  radius.
 * @param {string} fillColor @param {string} strokeColor
 */
export function drawPoint(ctx, y, x, keypointSize, fillColor, strokeColor) {
  ctx.fillStyle = fillColor;
  ctx.strokeStyle = strokeColor;
  ctx.beginPath();
  ctx.arc(x, y, keypointSize, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
}

/**
 * @param {readonly number[]} from  [y, x] @param {readonly number[]} to  [y, x] @param {CanvasRenderingContext2D} ctx
 * @param {number} lineWidth @param {string} strokeColor @param {number} scale
 */
export function drawSegment([fromY, fromX], [toY, toX], ctx, lineWidth, strokeColor, scale) {
  ctx.beginPath();
  ctx.moveTo(fromX * scale, fromY * scale);
  ctx.lineTo(toX * scale, toY * scale);
  ctx.lineWidth = lineWidth;
  ctx.strokeStyle = strokeColor;
  ctx.stroke();
}
