// An image classifier that is trained in the page, on the features of a base model.

import { createSampler } from '../../js/image/sampler.js';
import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { readArtifacts } from './artifacts.js';
import { cutBase } from './base.js';
import { artifactsOf, joinParts, writeExport } from './export.js';
import { imageShape } from './image.js';
import { createImageInput, openPicture } from './image-input.js';
import { createTrainer } from './trainer.js';

/** @import { ImageLike } from '../../js/image/pixels.js' */
/** @import { PixelRange } from './base.js' */
/** @import { LoadOptions } from './image.js' */
/** @import { Trainer } from './trainer.js' */

/**
 * @param {LoadOptions & { baseUrl: string | URL | object, layer?: string, pixels?: PixelRange, labels?: string[] }} options baseUrl: of a
 *   layers model: its model.json (in Node also a path), File[], a zip, or { modelTopology, weightSpecs, weightData }; Teachable Machine's
 *   own base, an export of it, nsfwjs's MobileNetV2. layer: the last that is kept of it; left out: where Teachable Machine cuts
 *   MobileNet, or before the classes of an export. pixels: what the base was trained with, a byte b as b · scale + offset; left out: b /
 *   127 − 1. labels: of all classes, in their order.
 * @returns {Promise<Trainer<ImageLike | Float32Array>>}  export() writes base and head as one layers model.
 * @throws {XnnError} 'unsupported' if the base is no layers model, or not for pictures; what runtime.load throws.
 */
export async function createImageTrainer({ runtime, baseUrl, layer, pixels, labels, ...options }) {
  const base = cutBase(await readArtifacts(baseUrl, options), { layer, pixels });
  return withModels(runtime, async (load, release) => {
    const model = await load(artifactsOf(base, 'sequential_features'), options);
    const [, features] = model.outputs[0].shape;
    if (model.outputs[0].shape.length !== 2 || !(features > 0))
      throw new XnnError(
        'unsupported',
        `teachable: features of shape [${model.outputs[0].shape.join(', ')}]; [1, n] is needed: choose another layer`,
      );
    const shape = imageShape(model.inputs, {});
    const sampler = await createSampler();
    const toInput = createImageInput(shape);
    const [input, output] = [model.inputs[0].name, model.outputs[0].name];
    return createTrainer({
      load,
      labels,
      base,
      release() {
        sampler.dispose();
        release();
      },
      async embed(image, flip) {
        const picture = await openPicture(sampler, image);
        const { [output]: result } = await model.run({ [input]: toInput(picture, flip) });
        return /** @type {Float32Array} */ (result.data);
      },
      write: (head, names, { name, timeStamp }) =>
        writeExport(joinParts(base, head), {
          tfjsVersion: '1.3.1',
          packageName: '@teachablemachine/image',
          packageVersion: '0.8.4-alpha2',
          timeStamp,
          userMetadata: {},
          modelName: name,
          labels: names,
          imageSize: shape.size,
          ...(shape.grayscale ? { grayscale: true } : {}),
        }),
    });
  });
}
