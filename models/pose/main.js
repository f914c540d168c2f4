// People's body points in a picture, by whichever pose model there is.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { checkPorts, describePorts, nameOf } from '../shared/ports.js';
import { createTurns } from '../shared/turns.js';
import { createBlazePose, isBlazePose, POSE_DETECTOR_PORTS, POSE_OUTPUTS } from './blazepose.js';
import { createMoveNet, isMoveNet } from './movenet.js';
import { createPoseNet, isPoseNet } from './posenet.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { Engine, ModelSource } from '../shared/engine.js' */
/** @import { Pose, PoseFinder } from './pose.js' */

export { BLAZEPOSE_KEYPOINTS, COCO_KEYPOINTS, SKELETONS } from './keypoints.js';

/**
 * @typedef {object} EstimateOptions
 * @property {boolean} [flipHorizontal]  points and boxes as if the image were mirrored; left and right stay the person's own.
 * @property {boolean} [staticImageMode]  a photograph rather than a frame: nothing is known from the image before, and points are refined by
 *   a second look; BlazePose also looks for smaller people.
 * @property {number} [maxPoses]  1 if left out; MoveNet never finds more.
 * @property {number} [scoreThreshold]  of a person's score (MoveNet 0.25, BlazePose 0.5, PoseNet with one person 0.1), or, PoseNet with
 *   several people, of the point that a person is found by (0.5).
 * @property {number} [nmsRadius]  PoseNet with several people: points of one kind this near to each other, in pixels of the network's
 *   input, are one person's; 20 if left out.
 *
 * @typedef {object} PoseEstimator
 * @property {'movenet' | 'blazepose' | 'posenet'} kind
 * @property {(image: ImageLike, options?: EstimateOptions) => Promise<Pose[]>} estimatePoses
 * @property {() => void} reset  forgets everything about earlier images.
 * @property {() => void} dispose  frees the models, and the runtime if load() made it.
 */

/**
 * Which kind of model it is, its inputs and outputs say.
 * @param {object} options
 * @param {ModelSource} options.modelUrl  MoveNet (single pose, 17 points), BlazePose's landmarks (33 points) or PoseNet (17 points).
 * @param {ModelSource} [options.detectorUrl]  BlazePose's detector, pose_detection.tflite.
 * @param {Engine} [options.runtime]  a Runtime, or anything that loads models like one; its own if left out.
 * @returns {Promise<PoseEstimator>}
 * @throws {XnnError} 'unsupported' if the model is none of these; 'misuse' if detectorUrl is missing, or given for a model that has no use
 *   for it; what runtime.load throws.
 */
export async function load({ modelUrl, detectorUrl, runtime }) {
  return withModels(runtime, async (loadModel, release) => {
    const { kind, finder } = await loadFinder(loadModel, modelUrl, detectorUrl);
    return createEstimator({ kind, finder, sampler: await createSampler(), release });
  });
}

/**
 * @param {Engine['load']} loadModel
 * @param {ModelSource} modelUrl
 * @param {ModelSource} [detectorUrl]
 * @returns {Promise<{ kind: PoseEstimator['kind'], finder: PoseFinder }>}
 */
async function loadFinder(loadModel, modelUrl, detectorUrl) {
  if (detectorUrl !== undefined) {
    const model = await loadWithoutMask(loadModel, modelUrl);
    if (!isBlazePose(model)) {
      throw new XnnError('misuse', `pose: detectorUrl is for BlazePose, but ${nameOf(modelUrl)} is not: it has ${describePorts(model)}`);
    }
    const detector = await loadModel(detectorUrl);
    checkPorts(detector, { subject: 'pose', url: detectorUrl, ...POSE_DETECTOR_PORTS });
    return { kind: 'blazepose', finder: createBlazePose(detector, model) };
  }
  const model = await loadModel(modelUrl);
  if (isMoveNet(model)) return { kind: 'movenet', finder: createMoveNet(model) };
  if (isPoseNet(model)) return { kind: 'posenet', finder: createPoseNet(model) };
  if (isBlazePose(model)) throw new XnnError('misuse', `pose: ${nameOf(modelUrl)} is BlazePose, which needs detectorUrl`);
  throw new XnnError('unsupported', `pose: ${nameOf(modelUrl)} is no pose model that is known: it has ${describePorts(model)}`);
}

/**
 * @param {Engine['load']} loadModel
 * @param {ModelSource} modelUrl
 */
async function loadWithoutMask(loadModel, modelUrl) {
  for (const outputs of POSE_OUTPUTS) {
    try {
      return await loadModel(modelUrl, { outputs });
    } catch (error) {
      if (!(error instanceof XnnError && error.code === 'misuse')) throw error; // not: no such output
    }
  }
  return loadModel(modelUrl);
}

/**
 * @param {object} parts
 * @param {PoseEstimator['kind']} parts.kind
 * @param {PoseFinder} parts.finder
 * @param {import('../../js/image/sampler.js').Sampler} parts.sampler
 * @param {() => void} parts.release
 * @returns {PoseEstimator}
 */
function createEstimator({ kind, finder, sampler, release }) {
  const inTurn = createTurns();
  let disposed = false;

  return {
    kind,

    /**
     * @param {ImageLike} image
     * @param {EstimateOptions} [options]
     * @returns {Promise<Pose[]>}  empty if nobody is there.
     * @throws {XnnError} 'bad-shape' if width or height is 0 or the bytes do not fill the image; 'misuse' if maxPoses is no positive
     *   integer, or after dispose().
     */
    estimatePoses: (image, { flipHorizontal = false, staticImageMode = false, maxPoses = 1, scoreThreshold, nmsRadius } = {}) =>
      inTurn(async () => {
        if (disposed) throw new XnnError('misuse', 'pose: estimatePoses after dispose');
        if (!(maxPoses === Infinity || (Number.isInteger(maxPoses) && maxPoses > 0))) {
          throw new XnnError('misuse', `pose: maxPoses must be a positive integer, got ${maxPoses}`);
        }
        const frame = await sampler.openAsync(image);
        const poses = await finder.find(frame, { staticImageMode, maxPoses, scoreThreshold, nmsRadius });
        return flipHorizontal ? poses.map((pose) => mirror(pose, frame.width)) : poses;
      }),

    reset: () => finder.reset(),

    dispose() {
      disposed = true;
      sampler.dispose();
      release();
    },
  };
}

/**
 * @param {Pose} pose
 * @param {number} width  of the image.
 * @returns {Pose}
 */
const mirror = ({ keypoints3D, ...pose }, width) => ({
  ...pose,
  box: { ...pose.box, xMin: width - pose.box.xMin - pose.box.width },
  keypoints: pose.keypoints.map((point) => ({ ...point, x: width - point.x })),
  ...(keypoints3D && { keypoints3D: keypoints3D.map((point) => ({ ...point, x: -point.x })) }),
});
