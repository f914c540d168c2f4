// The face detector that the pipeline knows.

/** @import { DetectorSpec } from '../shared/detector.js' */

/**
 * The 256×256 model ("back camera"). Its points: the person's right eye and left eye, nose tip, mouth, right and left ear tragion (on an
 * unmirrored photograph the right eye is on the left); its box reaches from the forehead to the chin, ear to ear.
 *
 * Numbers: MediaPipe face_detection_back_desktop_live.pbtxt (input 256, strides 16, 32, 32, 32 with two anchors each, offsets 0.5, scales
 * 256, clipping 100, suppression 0.3 weighted); bytes to [−1, 1] and the black border: face_detection.pbtxt. Names: @vladmandic/human's
 * conversion. The minimum score is 0.65 in that graph and 0.5 in the short-range one; 0.5 here, because the landmark model also rejects
 * what is no face.
 * @type {DetectorSpec}
 */
export const BLAZEFACE = {
  inputSize: 256,
  scale: 1 / 127.5,
  offset: -1,
  layers: [
    { stride: 16, perCell: 2 },
    { stride: 32, perCell: 6 },
  ],
  outputs: [
    { scores: 'Identity', boxes: 'Identity_2' },
    { scores: 'Identity_1', boxes: 'Identity_3' },
  ],
  points: 6,
  scoreClip: 100,
  minScore: 0.5,
  // Ours: three quarters of a cell of the finest layer, below which the network cannot place a box. Measured on the six
  // photographs of tests/support shrunk in steps to a fifth: detections beside a face were 6 to 10 pixels wide.
  minSize: 12,
  maxOverlap: 0.3,
};
