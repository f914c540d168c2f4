/** The xnnjs package: load a model, run it. */
export { check } from './check.js';
export { XnnError } from './errors.js';
export { createRuntime } from './runtime.js';

/**
 * @typedef {import('./check.js').CheckOptions} CheckOptions
 * @typedef {import('./check.js').Report} Report
 * @typedef {import('./errors.js').Unsupported} Unsupported
 * @typedef {import('./errors.js').XnnErrorCode} XnnErrorCode
 * @typedef {import('./instantiate.js').WasmOption} WasmOption
 * @typedef {import('./model.js').Model} Model
 * @typedef {import('./model.js').RunOptions} RunOptions
 * @typedef {import('./runtime.js').LoadOptions} LoadOptions
 * @typedef {import('./runtime.js').Runtime} Runtime
 * @typedef {import('./runtime.js').RuntimeOptions} RuntimeOptions
 * @typedef {import('./tensors.js').Inputs} Inputs
 * @typedef {import('./tensors.js').Port} Port
 * @typedef {import('./tensors.js').Tensor} Tensor
 */
