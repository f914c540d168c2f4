// Sound models that Teachable Machine exports: speech-commands' network with a new last layer.

import { XnnError } from '../../js/index.js';
import { withModels } from '../shared/engine.js';
import { openBundle } from './bundle.js';
import { checkClasses } from './metadata.js';
import { bestPredictions, namePredictions } from './predictions.js';
import { toSpectrogram } from './spectrogram.js';

/** @import { BundleSource } from './bundle.js' */
/** @import { LoadOptions } from './image.js' */
/** @import { Metadata } from './metadata.js' */
/** @import { Prediction } from './predictions.js' */

/**
 * A spectrogram [frames, bins] as the model was trained with (of mean 0 and deviation 1), bare or as a tensor; or sound of 44100 Hz, of
 * which the last second counts: an AudioBuffer (its first channel) or { samples, sampleRate }.
 * @typedef {Float32Array | { data: Float32Array, shape?: readonly number[] } | AudioBuffer | { samples: Float32Array, sampleRate: number
 *   }} AudioInput
 *
 * @typedef {object} AudioClassifier
 * @property {(input: AudioInput) => Promise<Prediction[]>} predict  in the order of the labels. Throws an XnnError: 'bad-shape', 'misuse'
 *   after dispose().
 * @property {(input: AudioInput, count?: number) => Promise<Prediction[]>} predictTopK  best first, 3 if left out.
 * @property {() => number} getTotalClasses
 * @property {() => string[]} getClassLabels
 * @property {() => Metadata} getMetadata
 * @property {() => number[]} getInputShape  [frames, bins].
 * @property {() => void} dispose
 */

/**
 * @param {BundleSource} source
 * @param {string | URL | Blob | Metadata | object} [metadata]  left out: metadata.json beside model.json, or among the files.
 * @param {LoadOptions} [options]
 * @returns {Promise<AudioClassifier>}
 * @throws {XnnError} 'bad-model' if the files do not fit together; 'unsupported' if it is no sound model; what runtime.load throws.
 */
export async function loadAudio(source, metadata, { runtime, ...options } = {}) {
  const bundle = await openBundle(source, metadata, options);
  return withModels(runtime, async (load, release) => {
    const model = await load(bundle.model, options);
    checkClasses(bundle.metadata, model.outputs[0]?.shape);
    const shape = spectrogramShape(model.inputs);
    const [input, output] = [model.inputs[0].name, model.outputs[0].name];
    let disposed = false;

    /** @param {AudioInput} given */
    const predict = async (given) => {
      if (disposed) throw new XnnError('misuse', 'teachable: predict after dispose');
      const data = readSpectrogram(given, shape);
      const { [output]: probabilities } = await model.run({ [input]: { dtype: 'float32', shape: [1, shape.frames, shape.bins, 1], data } });
      return namePredictions(bundle.metadata.labels, /** @type {Float32Array} */ (probabilities.data));
    };
    return {
      predict,
      predictTopK: async (given, count = 3) => bestPredictions(await predict(given), count),
      getTotalClasses: () => bundle.metadata.labels.length,
      getClassLabels: () => [...bundle.metadata.labels],
      getMetadata: () => ({ ...bundle.metadata }),
      getInputShape: () => [shape.frames, shape.bins],
      dispose() {
        disposed = true;
        release();
      },
    };
  });
}

/**
 * @param {readonly { shape: readonly number[] }[]} inputs
 * @returns {{ frames: number, bins: number }}
 */
export function spectrogramShape(inputs) {
  const [, frames, bins, channels] = inputs[0]?.shape ?? [];
  if (inputs.length === 1 && frames > 0 && bins > 0 && channels === 1) return { frames, bins };
  const shapes = inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ');
  throw new XnnError('unsupported', `teachable: a sound model has one input [1, frames, bins, 1], this one has ${shapes}`);
}

/**
 * @param {AudioInput} given @param {{ frames: number, bins: number }} shape
 * @returns {Float32Array}  [frames, bins]
 */
export function readSpectrogram(given, { frames, bins }) {
  if (typeof given !== 'object' || given === null) throw new XnnError('misuse', 'teachable: the input is no spectrogram and no sound');
  if ('getChannelData' in given) return toSpectrogram(given.getChannelData(0), { sampleRate: given.sampleRate, frames, bins });
  if ('samples' in given) return toSpectrogram(given.samples, { sampleRate: given.sampleRate, frames, bins });
  const data = given instanceof Float32Array ? given : given.data;
  if (!(data instanceof Float32Array)) throw new XnnError('misuse', 'teachable: the input is no spectrogram and no sound');
  if (data.length !== frames * bins)
    throw new XnnError('bad-shape', `teachable: the spectrogram has ${data.length} values, [${frames}, ${bins}] needs ${frames * bins}`);
  return data;
}
