// BlazePose: a detector for where people are, and 33 points of each in a rotated square of the image.

import { detectEverywhere } from '../shared/detect-everywhere.js';
import { createDetector } from '../shared/detector.js';
import { pointAt, projectLandmarks } from '../shared/landmarks.js';
import { sameShape } from '../shared/ports.js';
import { regionAround, rotationOf } from '../shared/region.js';
import { createTracker } from '../shared/tracker.js';
import { refineByHeatmap } from './heatmap.js';
import { BLAZEPOSE_KEYPOINTS } from './keypoints.js';
import { boxOf } from './pose.js';

/** @import { Region } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */
/** @import { DetectorSpec } from '../shared/detector.js' */
/** @import { ImageModel, Ports } from '../shared/engine.js' */
/** @import { Located } from '../shared/tracker.js' */
/** @import { Pose, PoseFinder } from './pose.js' */

/**
 * Points of a detection: the middle of the hips, and one that says with it how large the person is and how turned; the same for the upper
 * body. The box is around the face.
 *
 * Numbers: MediaPipe pose_detection_cpu.pbtxt (input 224 in [−1, 1] with a black border, strides 8, 16, 32, 32, 32 with two anchors each,
 * offsets 0.5, scales 224, clipping 100, suppression 0.3 weighted); minimum 0.5: @tensorflow-models/pose-detection, blazepose_tfjs.
 * Names: pose_detection.tflite.
 * @type {DetectorSpec}
 */
export const POSE_DETECTOR = {
  inputSize: 224,
  scale: 1 / 127.5,
  offset: -1,
  layers: [
    { stride: 8, perCell: 2 },
    { stride: 16, perCell: 2 },
    { stride: 32, perCell: 6 },
  ],
  outputs: [{ scores: 'Identity_1', boxes: 'Identity' }],
  points: 4,
  scoreClip: 100,
  minScore: 0.5,
  minSize: 0,
  maxOverlap: 0.3,
};

export const POSE_DETECTOR_PORTS = { input: [1, 224, 224, 3], outputs: { Identity: [1, 2254, 12], Identity_1: [1, 2254, 1] } };

// MediaPipe pose_landmark_by_roi_cpu.pbtxt, tensors_to_pose_landmarks_and_segmentation.pbtxt (input 256 in [0, 1], border replicated,
// 39 points of x, y, z, visibility, presence in pixels of the input, of which 33 are the person's and two say where to look next, presence
// of a person at least 0.5, heat maps with a window of 7).
const INPUT = 256;
const POINTS = 39;
const VALUES = 5;
const VISIBILITY = 3;
const MIN_PRESENCE = 0.5;

// Ours: people side by side are a third of their height apart, and their squares, as wide as high, overlap by more than half.
const MOST_OVERLAP = 0.7;

/** Shapes of the outputs that are used, by what they are; a segmentation mask is not. */
const OUTPUTS = { points: [1, POINTS * VALUES], presence: [1, 1], heatmap: [1, 64, 64, POINTS], metric: [1, POINTS * 3] };

/**
 * Names of these outputs in pose_landmark_lite, _full and _heavy.tflite, and in MediaPipe's TensorFlow.js models: with only them the mask,
 * a third of the lite model's time, need not be computed.
 */
export const POSE_OUTPUTS = [
  ['Identity', 'Identity_1', 'Identity_3', 'Identity_4'],
  ['ld_3d', 'output_poseflag', 'activation_heatmap', 'world_3d'],
];

/** @param {Ports} model @param {keyof typeof OUTPUTS} what */
const outputOf = ({ outputs }, what) => outputs.find(({ shape }) => sameShape(shape, OUTPUTS[what]))?.name;

/** @param {Ports} model */
export const isBlazePose = (model) =>
  model.inputs.length === 1 &&
  sameShape(model.inputs[0].shape, [1, INPUT, INPUT, 3]) &&
  /** @type {(keyof typeof OUTPUTS)[]} */ (Object.keys(OUTPUTS)).every((what) => outputOf(model, what) !== undefined);

/**
 * @param {ImageModel & Ports} detectorModel
 * @param {ImageModel & Ports} landmarksModel
 * @returns {PoseFinder}
 */
export function createBlazePose(detectorModel, landmarksModel) {
  const detect = createDetector(detectorModel, POSE_DETECTOR);
  const locate = createPoseLocator(landmarksModel);
  let minPresence = MIN_PRESENCE;
  const tracker = createTracker({
    detect: async (frame, { thorough }) =>
      (await detectEverywhere(detect, POSE_DETECTOR, frame, thorough)).map(({ points }) => regionOfPerson(points[0], points[1])),
    locate: (frame, region) => locate(frame, region, minPresence),
    mostOverlap: MOST_OVERLAP,
  });
  return {
    async find(frame, { staticImageMode, maxPoses = 1, scoreThreshold = MIN_PRESENCE }) {
      minPresence = scoreThreshold;
      const found = await tracker.find(frame, { most: maxPoses, still: staticImageMode });
      return found.map(({ item }) => item);
    },
    reset: () => tracker.reset(),
  };
}

/** @param {ImageModel & Ports} model */
function createPoseLocator(model) {
  const names = /** @type {Record<keyof typeof OUTPUTS, string>} */ (
    Object.fromEntries(/** @type {(keyof typeof OUTPUTS)[]} */ (Object.keys(OUTPUTS)).map((what) => [what, outputOf(model, what)]))
  );
  // TensorFlow Lite's heat maps are logits; MediaPipe's TensorFlow.js models have the sigmoid inside, and its name says so.
  const logits = !names.heatmap.startsWith('activation');
  const wanted = { outputs: Object.values(names) };

  /**
   * @param {Frame} frame
   * @param {Region} region
   * @param {number} minPresence
   * @returns {Promise<Located<Pose> | undefined>}  nothing if the model sees nobody there.
   */
  return async function locate(frame, region, minPresence) {
    const outputs = await model.run({ [model.inputs[0].name]: poseInput(frame, region) }, wanted);
    const values = (/** @type {keyof typeof OUTPUTS} */ what) => /** @type {ArrayLike<number>} */ (outputs[names[what]].data);
    const score = values('presence')[0];
    if (!(score >= minPresence)) return undefined;
    const raw = Float32Array.from(values('points'));
    refineByHeatmap(raw, values('heatmap'), { points: POINTS, stride: VALUES, inputSize: INPUT, logits });
    const points = projectLandmarks(raw, { region, inputSize: INPUT, points: POINTS, stride: VALUES });
    const visible = (/** @type {number} */ i) => sigmoid(raw[VALUES * i + VISIBILITY]);
    const keypoints = BLAZEPOSE_KEYPOINTS.map((name, i) => ({ ...pointAt(points, i), z: points[3 * i + 2], score: visible(i), name }));
    const [hips, top] = [0, 1].map((i) => pointAt(points, BLAZEPOSE_KEYPOINTS.length + i));
    return {
      region: regionOfPerson(hips, top),
      item: { box: boxOf(keypoints), keypoints, keypoints3D: metricPoints(values('metric'), region.rotation ?? 0, keypoints), score },
    };
  };
}

/** @param {Frame} frame @param {Region} region @returns {Float32Array}  [256, 256, 3] in [0, 1]. */
const poseInput = (frame, region) => frame.crop({ region, width: INPUT, height: INPUT, scale: 1 / 255 });

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * Metric points as the image shows them, not as the region does.
 * @param {ArrayLike<number>} metric  [39, 3]
 * @param {number} rotation
 * @param {Pose['keypoints']} keypoints
 */
function metricPoints(metric, rotation, keypoints) {
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
  return keypoints.map(({ score, name }, i) => ({
    x: metric[3 * i] * cos - metric[3 * i + 1] * sin,
    y: metric[3 * i] * sin + metric[3 * i + 1] * cos,
    z: metric[3 * i + 2],
    score,
    name,
  }));
}

/**
 * The square that has the person in it, upright: around the middle of the hips, through the other point, and 1.25 times as large
 * (pose_detection_to_roi.pbtxt, pose_landmarks_to_roi.pbtxt: alignment points, target angle 90°).
 * @param {{ x: number, y: number }} hips
 * @param {{ x: number, y: number }} top
 * @returns {Region}
 */
export function regionOfPerson(hips, top) {
  const reach = Math.hypot(top.x - hips.x, top.y - hips.y);
  const box = { xMin: hips.x - reach, yMin: hips.y - reach, width: 2 * reach, height: 2 * reach };
  return regionAround(box, rotationOf(hips, top, Math.PI / 2), { scale: 1.25 });
}
