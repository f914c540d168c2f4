// What TensorFlow.js's cpu backend answers for (model, inputs), computed once per machine and kept in the user's cache.

import { cached } from './cached.js';
import { createRuntime, readModelFiles } from './tfjs-engine.js';

/** @typedef {import('./tfjs-engine.js').Tensor} Tensor */

/**
 * A model as runtime.load() gives it, except that answers come from the cache where they are known. The key is the
 * hash of the model's files, the inputs' bytes and TensorFlow.js's version.
 * @param {string | Uint8Array | import('./tfjs-engine.js').ModelArtifacts} source  path of model.json, or a model in memory.
 */
export async function loadReference(source) {
  const runtime = await createRuntime({ backend: 'cpu' });
  const { hash } = await readModelFiles(source);
  const model = await runtime.load(source);

  /**
   * @param {Record<string, Float32Array | Int32Array | Tensor>} inputs
   * @returns {Promise<Record<string, Tensor>>}
   */
  const run = (inputs) => cached(`${runtime.version}\n${hash}\n`, /** @type {any} */ (inputs), () => model.run(inputs));

  return { ...model, run };
}
