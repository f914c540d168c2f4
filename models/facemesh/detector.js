// BlazeFace: faces in a square window of the image.

import { cropToTensor } from '../../js/image/crop.js';
import { createAnchors } from './anchors.js';
import { blendOverlapping } from './boxes.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */
/** @import { Box } from './boxes.js' */
/** @import { Window } from './windows.js' */

/**
 * What the pipeline uses of a loaded Model.
 * @typedef {object} ImageModel
 * @property {readonly { name: string }[]} inputs
 * @property {(inputs: Record<string, Float32Array>) => Promise<Record<string, { data: ArrayLike<number> | string[] }>>} run
 */

/**
 * @typedef {object} Detection  in pixels of the image.
 * @property {number} score  0…1.
 * @property {Box} box  from the forehead to the chin, ear to ear.
 * @property {{ x: number, y: number }[]} points  [6]: the person's right eye and left eye, nose tip, mouth, right and
 *   left ear tragion (on an unmirrored photograph the right eye is on the left).
 */

/**
 * The 256×256 model ("back camera"). Numbers: MediaPipe face_detection_back_desktop_live.pbtxt (input 256, strides 16,
 * 32, 32, 32 with two anchors each, offsets 0.5, scales 256, clipping 100, suppression 0.3 weighted); bytes to
 * [−1, 1] and the black border: face_detection.pbtxt. Names: @vladmandic/human's conversion. The minimum score is 0.65 in
 * that graph and 0.5 in the short-range one; 0.5 here, because the landmark model also rejects what is no face.
 */
export const BLAZEFACE = {
  inputSize: 256,
  layers: [
    { stride: 16, perCell: 2, scores: 'Identity', boxes: 'Identity_2' },
    { stride: 32, perCell: 6, scores: 'Identity_1', boxes: 'Identity_3' },
  ],
  values: 16, // per anchor: x, y, width, height, then x and y of six points
  points: 6,
  scoreClip: 100,
  minScore: 0.5,
  // Ours: three quarters of a cell of the finest layer, below which the network cannot place a box. Measured on the six
  // photographs of tests/support shrunk in steps to a fifth: detections beside a face were 6 to 10 pixels wide.
  minSize: 12,
  maxOverlap: 0.3,
};

/**
 * Raw network output to detections in pixels of the network's input.
 * @param {{ scores: ArrayLike<number>, boxes: ArrayLike<number> }[]} layers  logits [n], raw boxes [n, 16].
 * @param {Float32Array} anchors  [n of all layers, 2].
 * @param {number} [minScore]
 * @returns {Detection[]}  every anchor with at least the minimum score and size, unsuppressed.
 */
export function decodeDetections(layers, anchors, minScore = BLAZEFACE.minScore) {
  const { values, points, scoreClip, minSize } = BLAZEFACE;
  const detections = [];
  let anchor = 0;
  for (const { scores, boxes } of layers) {
    for (let i = 0; i < scores.length; i++, anchor += 2) {
      const logit = Math.min(Math.max(scores[i], -scoreClip), scoreClip);
      const score = 1 / (1 + Math.exp(-logit));
      if (score < minScore) continue;
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
 * @param {RgbaImage} image
 * @param {Window} window
 * @returns {Float32Array}  [256, 256, 3] in [−1, 1].
 */
export function detectorInput(image, { xMin, yMin, size }) {
  return cropToTensor(image, {
    region: { xCenter: xMin + size / 2, yCenter: yMin + size / 2, width: size, height: size },
    width: BLAZEFACE.inputSize,
    height: BLAZEFACE.inputSize,
    scale: 1 / 127.5,
    offset: -1,
    border: 'zero',
  });
}

/**
 * @param {ImageModel} model
 */
export function createDetector(model) {
  const { inputSize, layers, maxOverlap } = BLAZEFACE;
  const anchors = createAnchors(inputSize, layers);

  /**
   * Faces of one window.
   * @param {RgbaImage} image
   * @param {Window} window
   * @returns {Promise<Detection[]>}  best first, in pixels of the image.
   */
  return async function detect(image, window) {
    const outputs = await model.run({ [model.inputs[0].name]: detectorInput(image, window) });
    const raw = layers.map(({ scores, boxes }) => ({
      scores: /** @type {ArrayLike<number>} */ (outputs[scores].data),
      boxes: /** @type {ArrayLike<number>} */ (outputs[boxes].data),
    }));
    const { xMin, yMin, size } = window;
    const pixels = size / inputSize;
    return blendOverlapping(decodeDetections(raw, anchors), maxOverlap).map(({ score, box, points }) => ({
      score,
      box: {
        xMin: xMin + box.xMin * pixels,
        yMin: yMin + box.yMin * pixels,
        width: box.width * pixels,
        height: box.height * pixels,
      },
      points: points.map(({ x, y }) => ({ x: xMin + x * pixels, y: yMin + y * pixels })),
    }));
  };
}
