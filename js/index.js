/**
 * The xnnjs package: load a model, run it. dist/js/ holds js/main.js in few files (scripts/build/bundle.js): 70 modules, which a
 * browser finds level by level, took it 400 ms. These three are fetched at once.
 */
import '../dist/builds.js';

export { check, createRuntime } from '../dist/js/index.js';
export { XnnError } from './errors.js';

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
