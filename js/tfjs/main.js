// What the backend consists of: dist/js/tfjs.js is this file and all that it leads to, bundled (scripts/build/bundle.js).
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
