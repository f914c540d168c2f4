// Pose models that Teachable Machine exports: a head on PoseNet's outputs.

import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { openBundle } from './bundle.js';
import { createKeypointEstimator } from './keypoints.js';
import { checkClasses } from './metadata.js';
import { loadPoseNet } from './posenet.js';
import { bestPredictions, namePredictions } from './predictions.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { BundleSource } from './bundle.js' */
/** @import { LoadOptions } from './image.js' */
/** @import { PoseFinder } from './keypoints.js' */
/** @import { Metadata } from './metadata.js' */
/** @import { PoseEstimate } from './posenet.js' */
/** @import { Prediction } from './predictions.js' */

/**
 * @typedef {object} PoseClassifier
 * @property {(image: ImageLike, flip?: boolean) => Promise<PoseEstimate>} estimatePose  flip: mirrors the pose, not the features, as the
 *   client does.
 * @property {(input: Float32Array | ImageLike, flip?: boolean) => Promise<Prediction[]>} predict  of estimatePose's posenetOutput, or of
 *   a picture. Throws an XnnError: 'bad-shape', 'misuse' after dispose().
 * @property {(input: Float32Array | ImageLike, count?: number, flip?: boolean) => Promise<Prediction[]>} predictTopK  best first, 3 if
 *   left out.
 * @property {() => number} getTotalClasses
 * @property {() => string[]} getClassLabels
 * @property {() => Metadata} getMetadata
 * @property {() => void} dispose
 */

/**
 * @param {BundleSource} source
 * @param {string | URL | Blob | Metadata | object} [metadata]  left out: metadata.json beside model.json, or among the files.
 * @param {LoadOptions & { posenetUrl?: string | URL | object, pose?: PoseFinder }} [options]  posenetUrl: PoseNet's model.json, or what
 *   else runtime.load takes; pose: of what createPoseTrainer made with one, a loaded xnnjs/pose of that kind, which stays the caller's.
 * @returns {Promise<PoseClassifier>}
 * @throws {XnnError} 'bad-model' if the files do not fit together; 'unsupported'; 'misuse' without posenetUrl; what runtime.load throws.
 */
export async function loadPose(source, metadata, { runtime, posenetUrl, pose, ...options } = {}) {
  const bundle = await openBundle(source, metadata, options);
  return withModels(runtime, async (load, release) => {
    const { posenet: settings, keypoints } = bundle.metadata.modelSettings ?? {};
    if ((keypoints === undefined) !== (pose === undefined) || keypoints?.kind !== pose?.kind)
      throw new XnnError('misuse', `teachable: this model was trained on ${trainedOn(keypoints)}`);
    const [posenet, model] = [
      pose === undefined
        ? await loadPoseNet(load, posenetUrl, { options, inputSize: settings?.inputResolution })
        : createKeypointEstimator(pose),
      await load(bundle.model, options),
    ];
    checkClasses(bundle.metadata, model.outputs[0]?.shape);
    const [input, output] = [model.inputs[0], model.outputs[0].name];
    const features = input.shape[1];
    let disposed = false;
    const use = () => {
      if (disposed) throw new XnnError('misuse', 'teachable: predict after dispose');
    };

    /** @param {Float32Array | ImageLike} given @param {boolean} [flip] */
    const predict = async (given, flip = false) => {
      use();
      const values = given instanceof Float32Array ? given : (await posenet.estimate(given, flip)).posenetOutput;
      if (values.length !== features)
        throw new XnnError('bad-shape', `teachable: the pose gives ${values.length} features, the head was trained on ${features}`);
      const { [output]: probabilities } = await model.run({ [input.name]: { dtype: 'float32', shape: [1, features], data: values } });
      return namePredictions(bundle.metadata.labels, /** @type {Float32Array} */ (probabilities.data));
    };
    return {
      estimatePose: async (image, flip = false) => {
        use();
        return posenet.estimate(image, flip);
      },
      predict,
      predictTopK: async (given, count = 3, flip = false) => bestPredictions(await predict(given, flip), count),
      getTotalClasses: () => bundle.metadata.labels.length,
      getClassLabels: () => [...bundle.metadata.labels],
      getMetadata: () => ({ ...bundle.metadata }),
      dispose() {
        disposed = true;
        posenet.dispose();
        release();
      },
    };
  });
}

/** @param {{ kind?: string } | undefined} keypoints */
const trainedOn = (keypoints) =>
  keypoints === undefined ? "PoseNet's maps: give posenetUrl" : `keypoints of ${keypoints.kind}: give pose`;
