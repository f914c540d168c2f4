// PoseNet as Teachable Machine uses it: a picture → the pose and the features that a head is trained on.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { decodeMultiplePoses, decodeSinglePose } from '../pose/posenet-decode.js';
import { createPoseInput, findPoseOutputs, poseFeatures } from './pose-input.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { Engine, Ports } from '../shared/engine.js' */

/**
 * As @tensorflow-models/posenet has it, in pixels of the picture.
 * @typedef {{ score: number, part: string, position: { x: number, y: number } }} Keypoint
 * @typedef {{ score: number, keypoints: Keypoint[] }} Pose
 *
 * @typedef {{ pose: Pose | undefined, posenetOutput: Float32Array }} PoseEstimate  pose: nothing where no part has a probability of 0.5.
 *
 * @typedef {object} PoseEstimator
 * @property {number} inputSize  side of PoseNet's input, in pixels.
 * @property {number} outputStride  pixels of the input from one cell of its outputs to the next.
 * @property {(image: ImageLike, flip: boolean) => Promise<PoseEstimate>} estimate
 * @property {() => void} dispose  not of the model.
 */

/** What @teachablemachine/pose decodes with (custom-posenet.js). */
const DECODING = { maxPoses: 3, scoreThreshold: 0.5, nmsRadius: 20 };

/**
 * @param {Engine['load']} load
 * @param {unknown} source  of PoseNet's graph model; any that runtime.load takes.
 * @param {{ options: object, inputSize?: number }} settings  inputSize: 257 if left out, where the model leaves it open.
 * @returns {Promise<PoseEstimator>}
 */
export async function loadPoseNet(load, source, { options, inputSize = 257 }) {
  if (source === undefined)
    throw new XnnError(
      'misuse',
      'teachable: pose models need PoseNet as well: posenetUrl, its model.json (models/teachable/README.md says where it is)',
    );
  const model = await load(source, options);
  /** @type {Ports} */
  const { inputs, outputs: ports } = model;
  const [, height, width, channels] = inputs[0]?.shape ?? [];
  if (inputs.length !== 1 || channels !== 3 || height !== width) {
    const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new XnnError('unsupported', `teachable: PoseNet has one input [1, size, size, 3], this model has ${shapes}`);
  }
  const names = findPoseOutputs(ports);
  const size = height > 0 ? height : inputSize;
  const known = ports.find(({ name }) => name === names.heatmap)?.shape[1] ?? -1;
  const outputStride = known > 1 ? (size - 1) / (known - 1) : 16; // the hosted model leaves it open
  const sampler = await createSampler();
  const toInput = createPoseInput(size);
  return {
    inputSize: size,
    outputStride,
    async estimate(image, flip) {
      const { tensor, ...picture } = toInput(await sampler.openAsync(image));
      const outputs = await model.run({ [inputs[0].name]: { dtype: 'float32', shape: [1, size, size, 3], data: tensor } });
      const dataOf = (/** @type {string} */ name) => /** @type {Float32Array} */ (outputs[name].data);
      const [heatmap, offsets] = [dataOf(names.heatmap), dataOf(names.offset)];
      const posenetOutput = poseFeatures(heatmap, offsets);
      const scores = heatmap.map((logit) => 1 / (1 + Math.exp(-logit)));
      const cells = Math.sqrt(heatmap.length / 17);
      const maps = { height: cells, width: cells, stride: outputStride, scores, offsets };
      const { forward, backward } = names;
      const found =
        forward === undefined || backward === undefined
          ? decodeSinglePose(maps)
          : decodeMultiplePoses({ ...maps, forward: dataOf(forward), backward: dataOf(backward) }, DECODING)[0];
      return { pose: found === undefined ? undefined : toPicture(found, { ...picture, size, flip }), posenetOutput };
    },
    dispose: () => sampler.dispose(),
  };
}

/**
 * @param {import('../pose/posenet-decode.js').DecodedPose} pose  in pixels of the network's input.
 * @param {{ width: number, height: number, padding: import('./pose-input.js').Padding, size: number, flip: boolean }} picture
 * @returns {Pose}
 */
function toPicture({ score, keypoints }, { width, height, padding, size, flip }) {
  const scaleX = (width + padding.left + padding.right) / size;
  const scaleY = (height + padding.top + padding.bottom) / size;
  return {
    score,
    keypoints: keypoints.map((point) => {
      const x = point.x * scaleX - padding.left;
      const position = { x: flip ? width - 1 - x : x, y: point.y * scaleY - padding.top };
      return { score: point.score, part: point.name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()), position };
    }),
  };
}
