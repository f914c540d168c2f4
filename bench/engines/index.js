// The engines of the comparison: ours, and then its peers. Each file is read by Node and by pages, so that none imports its engine
// before start().
import { liteRt } from './litert.js';
import { onnxruntimeWeb } from './onnxruntime-web.js';
import { tfjsWasm } from './tfjs-wasm.js';
import { xnnjs } from './xnnjs.js';

/**
 * @typedef {'graph' | 'layers' | 'tflite' | 'onnx'} Format
 * @typedef {'browser' | 'node'} Environment
 * @typedef {{ data: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32' }} Input
 * @typedef {Record<string, ArrayLike<number>>} Outputs  By their names where the engine knows them, in the model's order.
 *
 * @typedef {object} Settings
 * @property {Environment} environment
 * @property {string} root  URL of the project, with a slash at the end.
 * @property {number} threads
 * @property {string} [variant]  Of xnnjs.
 *
 * @typedef {object} Loaded
 * @property {(inputs: Record<string, Input>) => Outputs | Promise<Outputs>} run  Inputs in, inference, outputs out. Of the inputs it
 *   takes those that the model has.
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} [package]  In node_modules: whose version is shown.
 * @property {Format[]} formats  The best first.
 * @property {Partial<Record<Environment, number>>} threads  The most that it has there; where nothing is said it does not run.
 * @property {(settings: Settings) => Promise<{ note?: string, load: (url: string, format: Format, options?: object) => Promise<Loaded> }>}
 *   start  note: what it chose by itself. options: of the task, for xnnjs.
 */

/** @type {readonly Engine[]} */
export const ENGINES = [xnnjs, tfjsWasm, onnxruntimeWeb, liteRt];
