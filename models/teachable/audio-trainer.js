// A classifier of sounds that is trained in the page, on the features of speech-commands' network.

import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { readArtifacts } from './artifacts.js';
import { readSpectrogram, spectrogramShape } from './audio.js';
import { cutBase } from './base.js';
import { artifactsOf, joinParts, writeExport } from './export.js';
import { createTrainer } from './trainer.js';

/** @import { AudioInput } from './audio.js' */
/** @import { LoadOptions } from './image.js' */
/** @import { Trainer } from './trainer.js' */

/**
 * @param {LoadOptions & { baseUrl: string | URL | object, layer?: string, labels?: string[] }} options  baseUrl: as of
 *   createImageTrainer: speech-commands' layers model, or an export for sounds. layer: the last that is kept of it; left out: the second
 *   dense layer from the end.
 * @returns {Promise<Trainer<AudioInput>>}  export() writes base and head as one layers model.
 * @throws {XnnError} 'unsupported' if the base is no layers model, or not for spectrograms; what runtime.load throws.
 */
export async function createAudioTrainer({ runtime, baseUrl, layer, labels, ...options }) {
  const base = cutBase(await readArtifacts(baseUrl, options), { layer, input: 'sound' });
  return withModels(runtime, async (load, release) => {
    const model = await load(artifactsOf(base, 'sequential_features'), options);
    const shape = spectrogramShape(model.inputs);
    const [input, output] = [model.inputs[0].name, model.outputs[0].name];
    if (model.outputs[0].shape.length !== 2)
      throw new XnnError(
        'unsupported',
        `teachable: features of shape [${model.outputs[0].shape.join(', ')}]; [1, n] is needed: choose another layer`,
      );
    return createTrainer({
      load,
      release,
      labels,
      base,
      async embed(/** @type {AudioInput} */ given) {
        const data = readSpectrogram(given, shape);
        const { [output]: result } = await model.run({ [input]: { dtype: 'float32', shape: [1, shape.frames, shape.bins, 1], data } });
        return /** @type {Float32Array} */ (result.data);
      },
      write: (head, names, { name, timeStamp }) =>
        writeExport(joinParts(base, head), { tfjsSpeechCommandsVersion: '0.4.0', modelName: name, timeStamp, wordLabels: names }),
    });
  });
}
