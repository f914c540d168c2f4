// The runtime and the models that a pipeline works with, and their end.

import { createRuntime } from '../../js/index.js';

/** @typedef {string | URL | Uint8Array} ModelSource  address or path of a model, or the bytes of a .tflite file. */

/** @typedef {Float32Array | Int32Array | { dtype: 'float32', shape: number[], data: Float32Array }} ImageTensor  what models are given. */

/**
 * What pipelines use of a loaded Model.
 * @typedef {object} ImageModel
 * @property {readonly { name: string }[]} inputs
 * @property {(inputs: Record<string, ImageTensor>, options?: { outputs?: string[] }) => Promise<Record<string, ModelOutput>>} run  outputs:
 *   only these.
 * @typedef {{ shape: readonly number[], data: ArrayLike<number> | string[] }} ModelOutput
 */

/**
 * @typedef {object} Ports
 * @property {readonly { name: string, shape: readonly number[], dtype: string }[]} inputs
 * @property {readonly { name: string, shape: readonly number[], dtype: string }[]} outputs
 */

/**
 * What pipelines use of a Runtime.
 * @typedef {{ load: (source: any, options?: object) => Promise<ImageModel & Ports & { dispose: () => void }> }} Engine
 */

/**
 * Gives `build` a way to load models; all of them, and the runtime if none was given, are freed by `release`, or at once if `build` throws.
 * @template T
 * @param {Engine | undefined} runtime
 * @param {(load: Engine['load'], release: () => void) => Promise<T>} build
 * @returns {Promise<T>}
 */
export async function withModels(runtime, build) {
  /** @type {{ dispose: () => void }[]} */
  const owned = [];
  const release = () => {
    for (const thing of owned.splice(0).reverse()) thing.dispose();
  };
  try {
    let engine = runtime;
    if (engine === undefined) {
      const own = await createRuntime();
      owned.push(own);
      engine = own;
    }
    const { load } = /** @type {{ load: Engine['load'] }} */ ({ load: engine.load.bind(engine) });
    return await build(async (source, options) => {
      const model = await load(source, options);
      owned.push(model);
      return model;
    }, release);
  } catch (error) {
    release();
    throw error;
  }
}
