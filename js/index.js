/** The xnnjs package: load a model, run it. */
export { createRuntime } from './runtime.js';
export { XnnError } from './errors.js';
