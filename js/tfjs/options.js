// What setOptions was given: read when the backend starts.
import { XnnError } from '../errors.js';

/**
 * @typedef {object} BackendOptions
 * @property {'auto' | number} [threads]  As of createRuntime.
 * @property {'auto' | 'simd' | 'relaxed'} [variant]
 * @property {import('../instantiate.js').WasmOption} [wasm]
 * @property {number} [packedBytes]  Most bytes of packed weights that are kept for convolutions and matrix products; 256 MB where absent.
 */

/** @type {Readonly<BackendOptions>} */
let options = Object.freeze({});

const NAMES = ['threads', 'variant', 'wasm', 'packedBytes'];

/**
 * Says how the backend starts; what is not named stays as it was. A backend that runs takes it when it is made anew
 * (`tf.removeBackend` and a new registration, or dispose()).
 * @param {BackendOptions} given
 * @throws {XnnError} 'misuse' for a name that is no option.
 */
export function setOptions(given) {
  const wrong = Object.keys(given).find((name) => !NAMES.includes(name));
  if (wrong !== undefined) throw new XnnError('misuse', `there is no option ${wrong}, only ${NAMES.join(', ')}`);
  options = Object.freeze({ ...options, ...given });
}

/** @returns {Readonly<BackendOptions>} */
export const currentOptions = () => options;
