// TensorFlow.js's cpu backend and the project's, side by side. Node resolves '@tensorflow/tfjs-core' to one CommonJS bundle for import and
// require alike, so that these tests, tfjs-layers and both backends share one engine; the engine has one current backend.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { setOptions } from '../../js/tfjs/main.js';

setOptions({ threads: 1 });
tf.env().set('IS_TEST', true); // no banner about tfjs-node on stderr

/**
 * Calls `work` with a backend current. What it leaves of tensors is disposed.
 * @template T
 * @param {'cpu' | 'xnnjs'} backend
 * @param {() => Promise<T> | T} work  Returns no tensors.
 * @returns {Promise<T>}
 */
export async function withBackend(backend, work) {
  if (!(await tf.setBackend(backend))) throw new Error(`backend '${backend}' does not start`);
  tf.engine().startScope();
  try {
    return await work();
  } finally {
    tf.engine().endScope();
  }
}

/**
 * What a function of tensors gives on a backend.
 * @param {'cpu' | 'xnnjs'} backend
 * @param {() => tf.Tensor} compute
 */
export function valuesOn(backend, compute) {
  return withBackend(backend, async () => {
    const y = compute();
    return { dtype: y.dtype, shape: y.shape, values: [...(await y.data())] };
  });
}
