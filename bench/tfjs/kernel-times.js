// Where the time of a model that runs op by op goes: every kernel of a backend, wrapped in a clock.
import * as tf from '@tensorflow/tfjs-core';

/** @typedef {{ calls: number, ms: number }} Total */

/** @param {any} inputs  named tensors, or lists of them */
const shapes = (inputs) =>
  Object.values(inputs ?? {})
    .flat()
    .map(({ shape }) => shape.join('×'))
    .join(', ');

/**
 * Counts until stop(). A kernel that calls others through the registry has only what is left for itself.
 * @param {string} backendName
 * @param {{ byShape?: boolean, now: () => number }} options
 * @returns {{ totals: Map<string, Total>, stop: () => void }}
 */
export function timeKernels(backendName, { byShape = false, now }) {
  /** @type {Map<string, Total>} */
  const totals = new Map();
  let inner = 0; // ms of kernels inside of the present one
  const kernels = tf.getKernelsForBackend(backendName);
  const put = (/** @type {tf.KernelConfig} */ config) => {
    tf.unregisterKernel(config.kernelName, backendName);
    tf.registerKernel(config);
  };
  for (const config of kernels)
    put({
      ...config,
      setupFunc: undefined,
      disposeFunc: undefined,
      kernelFunc: (params) => {
        const outer = inner;
        inner = 0;
        const start = now();
        const result = config.kernelFunc(params);
        const took = now() - start;
        const key = byShape ? `${config.kernelName} ${shapes(params.inputs)}` : config.kernelName;
        const total = totals.get(key) ?? { calls: 0, ms: 0 };
        total.calls++;
        total.ms += took - inner;
        totals.set(key, total);
        inner = outer + took;
        return result;
      },
    });
  return { totals, stop: () => kernels.forEach(put) };
}
