// TensorFlow.js's cpu backend with five faults, each of which a run must notice.
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { getKernelsForBackend, registerBackend, registerKernel, removeBackend } from '@tensorflow/tfjs-core';

/** @type {Record<string, (kernel: import('@tensorflow/tfjs-core').KernelConfig) => import('@tensorflow/tfjs-core').KernelFunc | undefined>} */
const FAULTS = {
  Abs: ({ kernelFunc }) => {
    return (call) => {
      const y = /** @type {import('@tensorflow/tfjs-core').TensorInfo} */ (kernelFunc(call));
      const { values } = /** @type {any} */ (call.backend).data.get(y.dataId);
      values[0] += 1;
      return y;
    };
  },
  Acos: ({ kernelFunc }) => {
    return (call) => {
      /** @type {any} */ (call.backend).makeTensorInfo([2], 'float32', new Float32Array(2)); // nobody's
      return kernelFunc(call);
    };
  },
  Tan: () => undefined,
  Sinh: () => () => {
    for (;;);
  },
  Cosh: () => () => process.abort(),
};

registerBackend('faulty', () => new MathBackendCPU());
for (const kernel of getKernelsForBackend('cpu')) {
  const kernelFunc = FAULTS[kernel.kernelName] === undefined ? kernel.kernelFunc : FAULTS[kernel.kernelName](kernel);
  if (kernelFunc !== undefined) registerKernel({ ...kernel, kernelFunc, backendName: 'faulty' });
}
removeBackend('cpu');
