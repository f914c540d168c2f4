// What setOptions says of the engine, for the backend when it starts and for compile().
import { XnnError } from '../errors.js';

/** @typedef {Pick<import('../runtime.js').RuntimeOptions, 'threads' | 'variant' | 'wasm'>} BackendOptions */

const NAMES = ['threads', 'variant', 'wasm'];

/** @type {BackendOptions} One for the page, as TensorFlow.js has one registry of backends. */
const current = {};

/**
 * Says how the engine is made; call it before the backend starts. What is not named stays as it is.
 * @param {BackendOptions} options
 * @throws {XnnError} 'misuse' for a name that is no option.
 */
export function setOptions(options) {
  for (const name of Object.keys(options))
    if (!NAMES.includes(name)) throw new XnnError('misuse', `there is no option "${name}", only ${NAMES.join(', ')}`);
  Object.assign(current, options);
}

/** @returns {BackendOptions}  A copy. */
export const currentOptions = () => ({ ...current });
