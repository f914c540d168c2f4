// speech-commands' network (tests/support/architectures/speech-commands.js has its source) as the layers model that Teachable Machine
// starts from.
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { seeded } from '../support/random.js';

/**
 * @param {{ classes?: number, seed?: number }} [options]
 * @returns {Promise<import('../support/tfjs-engine.js').ModelArtifacts>}
 */
export async function soundModel({ classes = 20, seed = 61 } = {}) {
  await tf.setBackend('cpu');
  const model = layers.sequential();
  for (const [i, filters] of [8, 32, 32, 32].entries()) {
    const inputShape = i === 0 ? { inputShape: [43, 232, 1] } : {};
    model.add(layers.layers.conv2d({ filters, kernelSize: [2, i === 0 ? 8 : 4], activation: 'relu', padding: 'valid', ...inputShape }));
    model.add(layers.layers.maxPooling2d({ poolSize: [2, 2], strides: i === 3 ? [1, 2] : [2, 2] }));
  }
  model.add(layers.layers.flatten());
  model.add(layers.layers.dense({ units: 2000, activation: 'relu' }));
  model.add(layers.layers.dropout({ rate: 0.25 }));
  model.add(layers.layers.dense({ units: classes, activation: 'softmax' }));
  const random = seeded(seed);
  const values = model.weights.map(({ shape }) => {
    const sizes = /** @type {number[]} */ (shape);
    const limit = sizes.length === 1 ? 0.05 : Math.sqrt(6 / sizes.slice(0, -1).reduce((product, size) => product * size, 1));
    return tf.tensor(
      Float32Array.from({ length: sizes.reduce((product, size) => product * size, 1) }, () => limit * (2 * random() - 1)),
      sizes,
    );
  });
  model.setWeights(values);
  tf.dispose(values);
  return new Promise((resolve, reject) => {
    const save = async (/** @type {any} */ artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: /** @type {const} */ ('JSON') } };
    };
    model.save({ save }).catch(reject);
  });
}
