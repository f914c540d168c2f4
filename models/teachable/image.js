// Image models that Teachable Machine exports.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { openBundle } from './bundle.js';
import { createImageInput, openPicture } from './image-input.js';
import { checkClasses } from './metadata.js';
import { bestPredictions, namePredictions } from './predictions.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { Engine } from '../shared/engine.js' */
/** @import { BundleSource } from './bundle.js' */
/** @import { Metadata } from './metadata.js' */
/** @import { Prediction } from './predictions.js' */
/** @import { ReadOptions } from '../shared/read-bytes.js' */

/**
 * @typedef {{ runtime?: Engine } & ReadOptions} LoadOptions  runtime: its own if left out; all else goes to runtime.load as well.
 *
 * @typedef {object} ImageClassifier
 * @property {(image: ImageLike | Float32Array, flip?: boolean) => Promise<Prediction[]>} predict  in the order of the labels. The middle
 *   square of the picture counts; flip: as in a mirror. A tensor [size, size, 3 or 1] of b / 127 − 1 is taken as it is. Throws an
 *   XnnError: 'bad-shape', 'misuse' after dispose().
 * @property {(image: ImageLike | Float32Array, count?: number, flip?: boolean) => Promise<Prediction[]>} predictTopK  best first, 10 if
 *   left out.
 * @property {() => number} getTotalClasses
 * @property {() => string[]} getClassLabels
 * @property {() => Metadata} getMetadata
 * @property {() => void} dispose
 */

/**
 * @param {BundleSource} source
 * @param {string | URL | Blob | Metadata | object} [metadata]  left out: metadata.json beside model.json, or among the files.
 * @param {LoadOptions} [options]
 * @returns {Promise<ImageClassifier>}
 * @throws {XnnError} 'bad-model' if the files do not fit together; 'unsupported' if it is no image model; what runtime.load throws.
 */
export async function loadImage(source, metadata, { runtime, ...options } = {}) {
  const bundle = await openBundle(source, metadata, options);
  return withModels(runtime, async (load, release) => {
    const model = await load(bundle.model, options);
    checkClasses(bundle.metadata, model.outputs[0]?.shape);
    const sampler = await createSampler();
    const toInput = createImageInput(imageShape(model.inputs, bundle.metadata));
    const [input, output] = [model.inputs[0].name, model.outputs[0].name];
    let disposed = false;

    /** @param {ImageLike | Float32Array} image @param {boolean} [flip] */
    const predict = async (image, flip = false) => {
      if (disposed) throw new XnnError('misuse', 'teachable: predict after dispose');
      const picture = await openPicture(sampler, image);
      const { [output]: probabilities } = await model.run({ [input]: toInput(picture, flip) });
      return namePredictions(bundle.metadata.labels, /** @type {Float32Array} */ (probabilities.data));
    };
    return {
      predict,
      predictTopK: async (image, count = 10, flip = false) => bestPredictions(await predict(image, flip), count),
      getTotalClasses: () => bundle.metadata.labels.length,
      getClassLabels: () => [...bundle.metadata.labels],
      getMetadata: () => ({ ...bundle.metadata }),
      dispose() {
        disposed = true;
        sampler.dispose();
        release();
      },
    };
  });
}

/**
 * @param {readonly { shape: readonly number[] }[]} inputs
 * @param {{ imageSize?: number }} metadata  Its size counts where the model leaves it open.
 */
export function imageShape(inputs, { imageSize = 224 }) {
  const [, height, width, channels] = inputs[0]?.shape ?? [];
  if (inputs.length !== 1 || inputs[0].shape.length !== 4 || height !== width || (channels !== 1 && channels !== 3)) {
    const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
    throw new XnnError('unsupported', `teachable: an image model has one input [1, size, size, 3 or 1], this one has ${shapes}`);
  }
  return { size: height > 0 ? height : imageSize, grayscale: channels === 1 };
}
