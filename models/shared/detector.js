// Single-shot detectors of the BlazeFace family: boxes with keypoints in a square window of a picture.

import { createAnchors } from './anchors.js';
import { blendOverlapping, boundingBox } from './boxes.js';

/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { Box } from './boxes.js' */
/** @import { ImageModel } from './engine.js' */

/**
 * @typedef {{ xMin: number, yMin: number, size: number, turns?: number }} Window  a square in pixels; may reach beyond the image. turns:
 *   quarters by which it is turned clockwise about its centre before the model looks at it; what is found comes back in the image.
 */

/**
 * @typedef {object} Detection  in pixels of the image.
 * @property {number} score  0…1.
 * @property {Box} box
 * @property {{ x: number, y: number }[]} points
 */

/**
 * @typedef {object} DetectorSpec
 * @property {number} inputSize  side of the model's square input in pixels, to which its raw boxes and points are scaled.
 * @property {number} scale  an input value is byte · scale + offset.
 * @property {number} offset
 * @property {{ stride: number, perCell: number }[]} layers  of anchors, in the order of the outputs.
 * @property {{ scores: string, boxes: string }[]} outputs  logits [1, n, 1] and raw boxes [1, n, 4 + 2 · points] by name; several
 *   pairs follow one another along n.
 * @property {number} points  keypoints of a detection.
 * @property {number} scoreClip  bound of |logit|.
 * @property {number} minScore
 * @property {number} minSize  in pixels of the input: smaller boxes on both sides are dropped.
 * @property {number} maxOverlap  intersection over union of what is suppressed.
 */

/**
 * Raw network output to detections in pixels of the network's input.
 * @param {DetectorSpec} spec
 * @param {{ scores: ArrayLike<number>, boxes: ArrayLike<number> }[]} raw  logits [n], raw boxes [n, 4 + 2 · points].
 * @param {Float32Array} anchors  [n of all, 2].
 * @returns {Detection[]}  every anchor with at least the minimum score and size, unsuppressed.
 */
export function decodeDetections({ points, scoreClip, minScore, minSize }, raw, anchors) {
  const values = 4 + 2 * points;
  const detections = [];
  let anchor = 0;
  for (const { scores, boxes } of raw) {
    for (let i = 0; i < scores.length; i++, anchor += 2) {
      const logit = Math.min(Math.max(scores[i], -scoreClip), scoreClip);
      const score = 1 / (1 + Math.exp(-logit));
      if (!(score >= minScore)) continue;
      const x = anchors[anchor];
      const y = anchors[anchor + 1];
      const at = i * values;
      const width = boxes[at + 2];
      const height = boxes[at + 3];
      if (Math.max(width, height) < minSize) continue;
      detections.push({
        score,
        box: { xMin: x + boxes[at] - width / 2, yMin: y + boxes[at + 1] - height / 2, width, height },
        points: Array.from({ length: points }, (_, p) => ({
          x: x + boxes[at + 4 + 2 * p],
          y: y + boxes[at + 5 + 2 * p],
        })),
      });
    }
  }
  return detections;
}

/**
 * The detector's input for one window; what the window has outside the image is black (letterbox).
 * @param {DetectorSpec} spec
 * @param {Frame} frame
 * @param {Window} window
 * @returns {Float32Array}  [inputSize, inputSize, 3].
 */
export function detectorInput({ inputSize, scale, offset }, frame, { xMin, yMin, size, turns = 0 }) {
  return frame.crop({
    region: { xCenter: xMin + size / 2, yCenter: yMin + size / 2, width: size, height: size, rotation: (turns * Math.PI) / 2 },
    width: inputSize,
    height: inputSize,
    scale,
    offset,
    border: 'zero',
  });
}

/**
 * @param {ImageModel} model
 * @param {DetectorSpec} spec
 */
export function createDetector(model, spec) {
  const { inputSize, layers, outputs, maxOverlap } = spec;
  const anchors = createAnchors(inputSize, layers);

  /**
   * What one window shows.
   * @param {Frame} frame
   * @param {Window} window
   * @returns {Promise<Detection[]>}  best first, in pixels of the image.
   */
  return async function detect(frame, window) {
    const results = await model.run({ [model.inputs[0].name]: detectorInput(spec, frame, window) });
    const raw = outputs.map(({ scores, boxes }) => ({
      scores: /** @type {ArrayLike<number>} */ (results[scores].data),
      boxes: /** @type {ArrayLike<number>} */ (results[boxes].data),
    }));
    return blendOverlapping(decodeDetections(spec, raw, anchors), maxOverlap).map((detection) => toImage(detection, window, inputSize));
  };
}

/**
 * @param {Detection} detection  in pixels of the model's input.
 * @param {Window} window
 * @param {number} inputSize
 * @returns {Detection}  in pixels of the image.
 */
function toImage({ score, box, points }, { xMin, yMin, size, turns = 0 }, inputSize) {
  const pixels = size / inputSize;
  const [cos, sin] = [Math.round(Math.cos((turns * Math.PI) / 2)), Math.round(Math.sin((turns * Math.PI) / 2))];
  /** @param {{ x: number, y: number }} point */
  const place = ({ x, y }) => {
    const [right, down] = [x - inputSize / 2, y - inputSize / 2];
    return { x: xMin + size / 2 + (right * cos - down * sin) * pixels, y: yMin + size / 2 + (right * sin + down * cos) * pixels };
  };
  const corners = [
    { x: box.xMin, y: box.yMin },
    { x: box.xMin + box.width, y: box.yMin + box.height },
  ];
  return { score, box: boundingBox(corners.map(place)), points: points.map(place) };
}
