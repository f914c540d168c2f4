/**
 * The xnnjs backend of TensorFlow.js: `import 'xnnjs/tfjs'; await tf.setBackend('xnnjs')`.
 *
 * @typedef {import('./options.js').BackendOptions} BackendOptions
 * @typedef {import('./compile.js').CompiledModel} CompiledModel
 * @typedef {import('./compile.js').CompileOptions} CompileOptions
 */
import { registerBackend, registerKernel } from '@tensorflow/tfjs-core';
import { XnnjsBackend } from './backend.js';
import { currentInstance } from './instance.js';
import { KERNELS } from './kernels.js';

export { compile } from './compile.js';
export { setOptions } from './options.js';

const NAME = 'xnnjs';
/** That of tfjs-backend-wasm; the cpu backend has 1: tf.ready() takes the highest that starts. */
const PRIORITY = 2;

if (registerBackend(NAME, async () => new XnnjsBackend(await currentInstance()), PRIORITY))
  for (const [kernelName, kernel] of Object.entries(KERNELS))
    registerKernel({
      kernelName,
      backendName: NAME,
      kernelFunc: (call) => /** @type {XnnjsBackend} */ (call.backend).runKernel(kernel, /** @type {any} */ (call)),
    });
