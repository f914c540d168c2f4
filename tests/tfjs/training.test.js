// Training with tf.layers: losses follow those of TensorFlow.js's cpu backend, step by step, from the same weights and data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { seeded } from '../support/random.js';
import { withBackend } from './backends.js';

/**
 * @typedef {object} Case
 * @property {() => import('@tensorflow/tfjs-layers').LayersModel} create  Compiled.
 * @property {(random: () => number) => { x: tf.Tensor, y: tf.Tensor }} batch
 * @property {number} steps
 * @property {number} tolerance  Of a loss, relative: about ten times the error that was measured.
 */

/** In [-1, 1). @param {() => number} random @param {number[]} shape @returns {tf.Tensor<any>} */
const noise = (random, shape) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random() * 2 - 1),
    shape,
  );

/** Labels by which third of the classes' thresholds the mean of an example lies in. @param {tf.Tensor} x @param {number} classes */
function labels(x, classes) {
  const [n, ...rest] = x.shape;
  const size = tf.util.sizeFromShape(rest);
  const data = Array.from(x.dataSync());
  const sums = Array.from({ length: n }, (_, i) => data.slice(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0));
  const ranks = [...sums].sort((a, b) => a - b);
  return tf.oneHot(
    tf.tensor1d(
      sums.map((sum) => Math.floor((ranks.indexOf(sum) * classes) / n)),
      'int32',
    ),
    classes,
  );
}

/** @type {Record<string, Case>} */
const CASES = {
  'a dense head with SGD and momentum': {
    create() {
      const model = layers.sequential({
        layers: [
          layers.layers.dense({ inputShape: [32], units: 24, activation: 'relu' }),
          layers.layers.dropout({ rate: 0.25, seed: 7 }),
          layers.layers.dense({ units: 4, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy' });
      return model;
    },
    batch(random) {
      const x = noise(random, [16, 32]);
      return { x, y: labels(x, 4) };
    },
    steps: 60,
    tolerance: 5e-6, // measured 4.4e-7
  },
  'a convolutional network with Adam': {
    create() {
      const model = layers.sequential({
        layers: [
          layers.layers.conv2d({ inputShape: [8, 8, 3], filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
          layers.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
          layers.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
          layers.layers.batchNormalization({}),
          layers.layers.activation({ activation: 'relu' }),
          layers.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
          layers.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
          layers.layers.dense({ units: 3, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
      return model;
    },
    batch(random) {
      const x = noise(random, [8, 8, 8, 3]);
      return { x, y: labels(x, 3) };
    },
    steps: 32,
    tolerance: 5e-6, // measured 3.5e-7
  },
  'an LSTM with RMSProp': {
    create() {
      const model = layers.sequential({
        layers: [layers.layers.lstm({ inputShape: [10, 6], units: 12, recurrentInitializer: 'zeros' }), layers.layers.dense({ units: 1 })],
      });
      model.compile({ optimizer: tf.train.rmsprop(0.01), loss: 'meanSquaredError' });
      return model;
    },
    batch(random) {
      const x = noise(random, [8, 10, 6]);
      return { x, y: tf.mul(tf.reshape(tf.mean(x, [1, 2]), [8, 1]), 4) };
    },
    steps: 40,
    tolerance: 3e-5, // measured 3.1e-6
  },
};

/**
 * The loss at each step. Four batches come in turns.
 * @param {'cpu' | 'xnnjs'} backend @param {Case} given
 * @returns {Promise<number[]>}
 */
function train(backend, { create, batch, steps }) {
  return withBackend(backend, async () => {
    const random = seeded(3);
    const model = create();
    // Small, as initialisers have it; scales and variances of a normalisation stay as they are.
    model.setWeights(model.getWeights().map((weight) => (weight.rank === 1 ? weight : tf.mul(noise(random, weight.shape), 0.3))));
    const batches = Array.from({ length: 4 }, () => batch(random));
    const losses = [];
    for (let step = 0; step < steps; step++) {
      const { x, y } = batches[step % batches.length];
      losses.push(/** @type {number} */ (await model.trainOnBatch(x, y)));
    }
    model.dispose();
    return losses;
  });
}

for (const [name, given] of Object.entries(CASES)) {
  test(`training: ${name} follows the losses of the cpu backend`, async (t) => {
    const expected = await train('cpu', given);
    const actual = await train('xnnjs', given);
    const errors = actual.map((loss, i) => Math.abs(loss - expected[i]) / Math.abs(expected[i]));
    t.diagnostic(`${name}: loss ${expected[0].toFixed(4)} → ${expected.at(-1)?.toFixed(4)}, error ${Math.max(...errors).toExponential(1)}`);
    assert.ok(/** @type {number} */ (expected.at(-1)) < 0.7 * expected[0], `it learns: ${expected}`);
    for (const [i, error] of errors.entries()) {
      assert.ok(error <= given.tolerance, `step ${i}: loss ${actual[i]} for ${expected[i]}`);
    }
  });
}
