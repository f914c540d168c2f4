// The palm detector.

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Detection, DetectorSpec } from '../shared/detector.js' */

import { regionAround, rotationOf } from '../shared/region.js';

/**
 * Points of a palm: wrist, first joints of index, middle, ring and little finger, first and second joint of the thumb; the box is around
 * the palm, without fingers.
 *
 * Numbers: MediaPipe palm_detection_cpu.pbtxt (input 192 in [0, 1] with a black border, strides 8, 16, 16, 16 with two anchors each,
 * offsets 0.5, scales 192, clipping 100, minimum 0.5, suppression 0.3 weighted). Names: palm_detection_full.tflite and _lite.tflite.
 * @type {DetectorSpec}
 */
export const PALM = {
  inputSize: 192,
  scale: 1 / 255,
  offset: 0,
  layers: [
    { stride: 8, perCell: 2 },
    { stride: 16, perCell: 6 },
  ],
  outputs: [{ scores: 'Identity_1', boxes: 'Identity' }],
  points: 7,
  scoreClip: 100,
  minScore: 0.5,
  minSize: 0,
  maxOverlap: 0.3,
};

export const PALM_PORTS = { input: [1, 192, 192, 3], outputs: { Identity: [1, 2016, 18], Identity_1: [1, 2016, 1] } };

const WRIST = 0;
const MIDDLE_FINGER = 2;

/**
 * The whole hand: palm_detection_detection_to_roi.pbtxt turns the line from the wrist to the middle finger upright, moves the square half
 * a palm towards the fingers and enlarges it 2.6 times.
 * @param {Detection} detection
 * @returns {Region}
 */
export const regionOfPalm = ({ box, points }) =>
  regionAround(box, rotationOf(points[WRIST], points[MIDDLE_FINGER], Math.PI / 2), { scale: 2.6, shiftY: -0.5 });
