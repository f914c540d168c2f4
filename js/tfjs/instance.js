// The one instance of the engine behind the backend. It outlives the backend, which tests dispose and make anew hundreds of times.
import { instantiate } from '../instantiate.js';
import { Runtime } from '../runtime.js';
import { chooseThreads, chooseVariant } from '../variants.js';
import { currentOptions } from './options.js';

/**
 * @typedef {object} Instance
 * @property {import('../wasm.js').Core} core
 * @property {Runtime} runtime  For compiled models, on the same instance.
 * @property {Readonly<import('./options.js').BackendOptions>} options  That it was started with.
 * @property {number} backends  That work on it.
 */

/** @type {Promise<Instance> | undefined} */
let running;

/** @param {Readonly<import('./options.js').BackendOptions>} options @returns {Promise<Instance>} */
async function start(options) {
  const variant = chooseVariant(options.variant ?? 'auto');
  const engine = await instantiate({ variant, threads: chooseThreads(options.threads ?? 'auto'), wasm: options.wasm });
  return { core: engine.core, runtime: new Runtime({ ...engine, variant }), options, backends: 0 };
}

/**
 * The instance, started at the first call, and again where the options have changed since.
 * @returns {Promise<Instance>}
 * @throws {import('../errors.js').XnnError} As createRuntime.
 */
export async function currentInstance() {
  const options = currentOptions();
  const before = await running?.catch(() => undefined);
  if (before !== undefined && before.options === options) return before;
  // One that a backend or a compiled model is on lives on beside the new one.
  if (before?.backends === 0 && before.runtime.memory().models === 0) before.runtime.dispose();
  running = start(options);
  const instance = await running;
  if (options.packedBytes !== undefined) instance.core.eager.limitPacked(options.packedBytes);
  return instance;
}
