// The face detectors that the pipeline knows: MediaPipe's BlazeFace models, told apart by the shapes of their inputs and outputs.

import { XnnError } from '../../js/index.js';
import { countOf, shapesOf } from './shapes.js';

/** @import { DetectorSpec } from '../shared/detector.js' */
/** @import { ImageModel, Ports } from '../shared/engine.js' */

// What all have in common. Points: the person's right eye and left eye, nose tip, mouth, right and left ear tragion (on an unmirrored
// photograph the right eye is on the left); the box reaches from the forehead to the chin, ear to ear.
// Bytes to [−1, 1], the black border: MediaPipe face_detection.pbtxt; clipping 100, suppression 0.3 weighted:
// face_detection_back_desktop_live.pbtxt, face_detection_short_range.pbtxt, face_detection_full_range.pbtxt. The minimum score is 0.65,
// 0.5 and 0.6 there; 0.5 here, because the landmark model also rejects what is no face.
const COMMON = { scale: 1 / 127.5, offset: -1, points: 6, scoreClip: 100, minScore: 0.5, maxOverlap: 0.3 };
const VALUES = 4 + 2 * COMMON.points;

/**
 * Input size and anchors: strides 16, 32, 32, 32 with two anchors each ("back camera"), 8, 16, 16, 16 with two each (short range), 4 with
 * one (full range), of the same files.
 * @type {{ inputSize: number, layers: DetectorSpec['layers'] }[]}
 */
const KINDS = [
  {
    inputSize: 256,
    layers: [
      { stride: 16, perCell: 2 },
      { stride: 32, perCell: 6 },
    ],
  },
  {
    inputSize: 128,
    layers: [
      { stride: 8, perCell: 2 },
      { stride: 16, perCell: 6 },
    ],
  },
  { inputSize: 192, layers: [{ stride: 4, perCell: 1 }] },
];

/**
 * @param {Pick<ImageModel, 'run'> & Ports} model
 * @param {string} source  for the error.
 * @returns {{ model: ImageModel, spec: DetectorSpec }}
 * @throws {XnnError} 'unsupported' if it is none of the detectors.
 */
export function readDetector(model, source) {
  const [input] = model.inputs;
  const kind = KINDS.find(({ inputSize }) => model.inputs.length === 1 && countOf(input.shape) === inputSize * inputSize * 3);
  if (kind !== undefined) {
    const { inputSize, layers } = kind;
    // Of the finest layer three quarters of a cell, below which the network cannot place a box. Measured with 256: on the six
    // photographs of tests/support shrunk in steps to a fifth, detections beside a face were 6 to 10 pixels wide.
    const spec = { ...COMMON, inputSize, layers, minSize: 0.75 * layers[0].stride };
    const anchors = layers.map(({ stride, perCell }) => (inputSize / stride) ** 2 * perCell);
    const pairs = findPairs(model, anchors) ?? findPairs(model, [anchors.reduce((a, b) => a + b)]);
    if (pairs !== undefined) return { model, spec: { ...spec, outputs: pairs } };
    const joined = findJoined(model, anchors);
    if (joined !== undefined)
      return { model: splitting(model, joined), spec: { ...spec, outputs: [{ scores: 'scores', boxes: 'boxes' }] } };
  }
  throw new XnnError(
    'unsupported',
    `facemesh: ${source} should be a BlazeFace detector: one input [1, 256, 256, 3], [1, 192, 192, 3] or [1, 128, 128, 3], and a score and ` +
      `${VALUES} values for each anchor; it has ${shapesOf(model.inputs)} and ${shapesOf(model.outputs)}`,
  );
}

/**
 * Scores and boxes of each group of anchors.
 * @param {Ports} model
 * @param {number[]} groups  numbers of anchors.
 */
function findPairs({ outputs }, groups) {
  const pairs = groups.map((anchors) => ({
    scores: outputs.find(({ shape }) => shape.at(-1) === 1 && countOf(shape) === anchors)?.name,
    boxes: outputs.find(({ shape }) => shape.at(-1) === VALUES && countOf(shape) === anchors * VALUES)?.name,
  }));
  if (!pairs.every(({ scores, boxes }) => scores !== undefined && boxes !== undefined)) return undefined;
  return /** @type {DetectorSpec['outputs']} */ (pairs);
}

/**
 * One output of score and box together, as TensorFlow Hub's conversion of the short-range detector has it.
 * @param {Ports} model
 * @param {number[]} groups  numbers of anchors.
 */
function findJoined({ outputs }, groups) {
  const anchors = groups.reduce((a, b) => a + b);
  return outputs.find(({ shape }) => shape.at(-1) === 1 + VALUES && countOf(shape) === anchors * (1 + VALUES))?.name;
}

/**
 * The model with its joined output [1, n, 1 + values] as two, `scores` [n] and `boxes` [n, values].
 * @param {Pick<ImageModel, 'run'> & Ports} model
 * @param {string} name
 * @returns {ImageModel}
 */
const splitting = (model, name) => ({
  inputs: model.inputs,
  async run(inputs) {
    const data = /** @type {ArrayLike<number>} */ ((await model.run(inputs))[name].data);
    const anchors = data.length / (1 + VALUES);
    const scores = new Float32Array(anchors);
    const boxes = new Float32Array(anchors * VALUES);
    for (let i = 0, at = 0; i < anchors; i++) {
      scores[i] = data[at++];
      for (let j = 0; j < VALUES; j++) boxes[i * VALUES + j] = data[at++];
    }
    return { scores: { shape: [anchors], data: scores }, boxes: { shape: [anchors, VALUES], data: boxes } };
  },
});
