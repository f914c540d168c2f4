// A pose classifier that is trained in the page, on PoseNet's outputs.

import { withModels } from '../shared/engine.js';
import { writeExport } from './export.js';
import { createKeypointEstimator } from './keypoints.js';
import { loadPoseNet } from './posenet.js';
import { createTrainer } from './trainer.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { LoadOptions } from './image.js' */
/** @import { PoseFinder } from './keypoints.js' */
/** @import { PoseEstimate } from './posenet.js' */
/** @import { Trainer } from './trainer.js' */

/**
 * @typedef {Trainer<ImageLike | Float32Array> & { estimatePose: (image: ImageLike, flip?: boolean) => Promise<PoseEstimate> }}
 *   PoseTrainer Takes pictures, or estimatePose's posenetOutput.
 */

/**
 * @param {LoadOptions & { posenetUrl?: string | URL | object, pose?: PoseFinder, labels?: string[] }} options  posenetUrl: PoseNet's
 *   model.json, or what else runtime.load takes; MobileNetV1 0.75 of stride 16 is what clients of the export will bring. pose: a loaded
 *   xnnjs/pose instead (MoveNet, say), which stays the caller's: the head sees its keypoints.
 * @returns {Promise<PoseTrainer>}  Dropout of 0.5 and batches of 32 if train() does not say; export() writes the head alone.
 * @throws {XnnError} 'unsupported' if it is not PoseNet; what runtime.load throws.
 */
export function createPoseTrainer({ runtime, posenetUrl, pose, labels, ...options }) {
  return withModels(runtime, async (load, release) => {
    const maps = pose === undefined ? await loadPoseNet(load, posenetUrl, { options }) : undefined;
    const posenet = maps ?? createKeypointEstimator(/** @type {PoseFinder} */ (pose));
    const trainer = createTrainer({
      load,
      labels,
      // A step's time is that of reading and writing 14739 × 100 weights and their moments, whatever the batch.
      defaults: { dropout: 0.5, batchSize: 32 },
      release() {
        posenet.dispose();
        release();
      },
      embed: async (/** @type {ImageLike | Float32Array} */ input, flip) =>
        input instanceof Float32Array ? input.slice() : (await posenet.estimate(input, flip)).posenetOutput,
      write: (head, names, { name, timeStamp }) =>
        writeExport(head, {
          tfjsVersion: '1.3.1',
          packageName: '@teachablemachine/pose',
          packageVersion: '0.8.6',
          timeStamp,
          userMetadata: {},
          modelName: name,
          labels: names,
          modelSettings: maps === undefined ? { keypoints: { kind: pose?.kind } } : { posenet: settingsOf(maps) },
        }),
    });
    return { ...trainer, estimatePose: (image, flip = false) => posenet.estimate(image, flip) };
  });
}

/** @param {{ inputSize: number, outputStride: number }} posenet */
const settingsOf = ({ inputSize, outputStride }) => ({
  architecture: 'MobileNetV1',
  outputStride,
  inputResolution: inputSize,
  multiplier: 0.75,
});
