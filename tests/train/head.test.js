// The head's trainer against TensorFlow.js (layers, cpu backend) with the same weights and batches, and against float64.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as layers from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createHead } from '../../js/train/head.js';
import { compare } from '../support/agreement.js';
import { seeded } from '../support/random.js';

/** @typedef {import('../../js/train/head.js').HeadWeights} HeadWeights @typedef {import('../../js/train/head.js').HeadShape} HeadShape */

/**
 * Classes that lie around points of their own, so that there is something to learn.
 * @param {HeadShape & { count: number, seed?: number }} options
 */
function problem({ features, hidden, classes, count, seed = 5 }) {
  const random = seeded(seed);
  const uniform = (/** @type {number} */ n, /** @type {number} */ limit) =>
    Float32Array.from({ length: n }, () => limit * (2 * random() - 1));
  const centres = Array.from({ length: classes }, () => uniform(features, 1));
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const examples = labels.map((label) => uniform(features, 1).map((value, i) => value + 0.5 * centres[label][i]));
  const weights = {
    kernel: uniform(features * hidden, Math.sqrt(3 / features)),
    bias: uniform(hidden, 0.1),
    classKernel: uniform(hidden * classes, Math.sqrt(3 / hidden)),
  };
  return { shape: { features, hidden, classes }, examples, labels, weights };
}

/** @param {number} count */
const inOrder = (count) => Uint32Array.from({ length: count }, (_, i) => i);

/**
 * Gradients of the mean cross-entropy in float64, by the chain rule.
 * @param {ReturnType<typeof problem>} given @param {readonly number[]} batch @param {(example: number, unit: number) => number} [factor]
 *    dropout's.
 */
function gradients({ shape: { features, hidden, classes }, examples, labels, weights }, batch, factor = () => 1) {
  const kernel = new Float64Array(features * hidden);
  const bias = new Float64Array(hidden);
  const classKernel = new Float64Array(hidden * classes);
  let loss = 0;
  for (const [row, index] of batch.entries()) {
    const x = examples[index];
    const h = Float64Array.from({ length: hidden }, (_, k) => {
      let sum = weights.bias[k];
      for (let f = 0; f < features; f++) sum += x[f] * weights.kernel[f * hidden + k];
      return Math.max(sum, 0) * factor(row, k);
    });
    const z = Array.from({ length: classes }, (_, c) => h.reduce((sum, value, k) => sum + value * weights.classKernel[k * classes + c], 0));
    const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
    const d = z.map((value, c) => (Math.exp(value) / total - Number(c === labels[index])) / batch.length);
    loss -= Math.log(Math.exp(z[labels[index]]) / total) / batch.length;
    for (let k = 0; k < hidden; k++) {
      let dHidden = 0;
      for (let c = 0; c < classes; c++) {
        classKernel[k * classes + c] += h[k] * d[c];
        dHidden += d[c] * weights.classKernel[k * classes + c];
      }
      if (h[k] === 0) continue;
      dHidden *= factor(row, k);
      bias[k] += dHidden;
      for (let f = 0; f < features; f++) kernel[f * hidden + k] += x[f] * dHidden;
    }
  }
  return { loss, kernel, bias, classKernel };
}

const SHAPES = [
  { features: 1280, hidden: 100, classes: 2, count: 16 },
  { features: 37, hidden: 5, classes: 3, count: 7 },
  { features: 1, hidden: 1, classes: 1, count: 1 },
  { features: 98, hidden: 17, classes: 9, count: 13 },
];

for (const size of SHAPES)
  test(`train: the first moments of [${size.features}, ${size.hidden}, ${size.classes}] are a tenth of the gradients in float64`, async (t) => {
    const given = problem(size);
    const head = await createHead({ ...given, batchSize: size.count });
    head.setWeights(given.weights);
    const expected = gradients(given, [...inOrder(size.count)]);
    const { loss } = head.train(inOrder(size.count), { batchSize: size.count, learningRate: 1e-3, dropout: 0 });
    assert.ok(Math.abs(loss - expected.loss) <= 1e-5 * Math.max(1, expected.loss), `loss ${loss}, expected ${expected.loss}`);
    const { first, second } = head.moments();
    for (const name of /** @type {const} */ (['kernel', 'bias', 'classKernel'])) {
      const one = compare(
        first[name],
        expected[name].map((g) => 0.1 * g),
      ); // m = (1 − β₁) g
      assert.ok(one.error <= 1e-5, `${name}: ${one.error} of the largest, ${one.where}`); // 6e-7 measured
      const two = compare(
        second[name],
        expected[name].map((g) => 0.001 * g * g),
      );
      assert.ok(two.error <= 1e-5, `${name}, squares: ${two.error} of the largest, ${two.where}`);
      t.diagnostic(`${name}: ${one.error.toExponential(1)}, squares ${two.error.toExponential(1)}`);
    }
  });

/** xoshiro128**, seeded by splitmix32 (Blackman and Vigna 2018), with BigInt. @param {number} seed */
function xoshiro(seed) {
  const M = 0xffffffffn;
  let z = BigInt(seed);
  const state = Array.from({ length: 4 }, () => {
    z = (z + 0x9e3779b9n) & M;
    let x = z;
    x = ((x ^ (x >> 16n)) * 0x85ebca6bn) & M;
    x = ((x ^ (x >> 13n)) * 0xc2b2ae35n) & M;
    return x ^ (x >> 16n);
  });
  const rotate = (/** @type {bigint} */ x, /** @type {bigint} */ by) => ((x << by) | (x >> (32n - by))) & M;
  return () => {
    const result = (rotate((state[1] * 5n) & M, 7n) * 9n) & M;
    const shifted = (state[1] << 9n) & M;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 11n);
    return Number(result >> 8n) / 2 ** 24;
  };
}

test('train: dropout leaves out what its generator says, and scales the rest', async () => {
  const size = { features: 60, hidden: 20, classes: 3, count: 12 };
  const given = problem(size);
  const head = await createHead({ ...given, batchSize: 12, seed: 99 });
  head.setWeights(given.weights);
  const random = xoshiro(99);
  const kept = Array.from({ length: 12 * 20 }, () => (random() < 0.5 ? 0 : 2));
  const share = kept.filter((factor) => factor === 0).length / kept.length;
  assert.ok(share > 0.35 && share < 0.65, `${share} are left out`);
  const expected = gradients(given, [...inOrder(12)], (row, k) => kept[row * 20 + k]);
  const { loss } = head.train(inOrder(12), { batchSize: 12, learningRate: 1e-3, dropout: 0.5 });
  assert.ok(Math.abs(loss - expected.loss) < 1e-5, `loss ${loss}, expected ${expected.loss}`);
  const { error, where } = compare(
    head.moments().first.kernel,
    expected.kernel.map((g) => 0.1 * g),
  );
  assert.ok(error <= 1e-5, where);
});

/**
 * The same training in TensorFlow.js.
 * @param {ReturnType<typeof problem>} given
 * @param {readonly Uint32Array[]} orders
 * @param {{ batchSize: number, learningRate: number }} options
 */
async function trainTfjs({ shape, examples, labels, weights }, orders, { batchSize, learningRate }) {
  await tf.setBackend('cpu');
  const model = layers.sequential({
    layers: [
      layers.layers.dense({ inputShape: [shape.features], units: shape.hidden, activation: 'relu' }),
      layers.layers.dense({ units: shape.classes, activation: 'softmax', useBias: false }),
    ],
  });
  const { features, hidden, classes } = shape;
  model.setWeights([
    tf.tensor(weights.kernel, [features, hidden]),
    tf.tensor(weights.bias),
    tf.tensor(weights.classKernel, [hidden, classes]),
  ]);
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const losses = [];
  for (const order of orders) {
    const xs = tf.tensor2d(
      Array.from(order, (i) => [...examples[i]]),
      [order.length, features],
    );
    const ys = tf.tensor2d(Array.from(order, (i) => Array.from({ length: classes }, (_, c) => Number(c === labels[i]))));
    const { history } = await model.fit(xs, ys, { batchSize, epochs: 1, shuffle: false, verbose: 0 });
    losses.push({ loss: Number(history.loss[0]), accuracy: Number(history.acc[0]) });
  }
  const [kernel, bias, classKernel] = await Promise.all(
    model.getWeights().map(async (tensor) => /** @type {Float32Array} */ (await tensor.data())),
  );
  return { losses, kernel, bias, classKernel };
}

test('train: five epochs of Adam end at the weights of TensorFlow.js', async (t) => {
  const size = { features: 128, hidden: 100, classes: 3, count: 43 };
  const given = problem(size);
  const random = seeded(8);
  const orders = Array.from({ length: 5 }, () => inOrder(43).sort(() => random() - 0.5));
  const options = { batchSize: 16, learningRate: 1e-3 };
  const expected = await trainTfjs(given, orders, options);
  const head = await createHead({ ...given, batchSize: 16 });
  head.setWeights(given.weights);
  for (const [epoch, order] of orders.entries()) {
    const { loss, accuracy } = head.train(order, { ...options, dropout: 0 });
    assert.ok(
      Math.abs(loss - expected.losses[epoch].loss) < 2e-5,
      `epoch ${epoch}: loss ${loss}, TensorFlow.js has ${expected.losses[epoch].loss}`,
    );
    assert.ok(Math.abs(accuracy - expected.losses[epoch].accuracy) < 1e-6);
  }
  const weights = head.weights();
  for (const name of /** @type {const} */ (['kernel', 'bias', 'classKernel'])) {
    const { error, where } = compare(weights[name], expected[name]);
    t.diagnostic(`${name}: ${error.toExponential(1)} of the largest`);
    assert.ok(error <= 1e-4, `${name}: ${error} of the largest, ${where}`);
    assert.ok(compare(weights[name], given.weights[name]).error > 1e-3, `${name} was trained`);
  }
});

test('train: a seed gives the same bits, another one other bits, and evaluating changes nothing', async () => {
  const given = problem({ features: 64, hidden: 32, classes: 2, count: 30 });
  const run = async (/** @type {number} */ seed) => {
    const head = await createHead({ ...given, batchSize: 8, seed });
    head.setWeights(given.weights);
    for (let epoch = 0; epoch < 3; epoch++) {
      head.train(inOrder(30), { batchSize: 8, learningRate: 1e-3, dropout: 0.5 });
      assert.deepEqual(head.evaluate(inOrder(30)), head.evaluate(inOrder(30)));
    }
    return createHash('sha256').update(Buffer.from(head.weights().kernel.buffer)).digest('hex');
  };
  assert.equal(await run(3), await run(3));
  assert.notEqual(await run(3), await run(4));
});

test('train: it learns, and says how well', async () => {
  const given = problem({ features: 200, hidden: 100, classes: 4, count: 80 });
  const head = await createHead({ ...given, batchSize: 16, seed: 1 });
  head.setWeights(given.weights);
  const before = head.evaluate(inOrder(80));
  for (let epoch = 0; epoch < 30; epoch++) head.train(inOrder(80), { batchSize: 16, learningRate: 1e-3, dropout: 0.2 });
  const after = head.evaluate(inOrder(80));
  assert.ok(before.accuracy < 0.6 && after.accuracy > 0.95 && after.loss < before.loss / 4, JSON.stringify({ before, after }));
});

test('train: what does not fit is an error with its numbers, and the trainer stays usable', async () => {
  const given = problem({ features: 8, hidden: 4, classes: 2, count: 6 });
  const rejects = (/** @type {object} */ change, /** @type {object} */ expected) =>
    assert.rejects(createHead({ ...given, batchSize: 4, ...change }), expected);
  await rejects({ labels: [0, 1] }, { code: 'bad-shape', message: 'train: 6 examples have 2 labels' });
  await rejects({ labels: [0, 1, 0, 1, 0, 2] }, { code: 'misuse', message: 'train: example 5 has label 2; there are 2 classes' });
  await rejects({ shape: { ...given.shape, features: 9 } }, { code: 'bad-shape', message: 'train: example 0 has 8 features, not 9' });
  await rejects({ shape: { ...given.shape, hidden: 0 } }, { code: 'misuse', message: /hidden is 0/ });
  await rejects({ shape: { ...given.shape, hidden: 2 ** 28 } }, { code: 'out-of-memory' });
  const head = await createHead({ ...given, batchSize: 4 });
  const options = { batchSize: 4, learningRate: 1e-3, dropout: 0 };
  assert.throws(() => head.train(Uint32Array.of(6), options), { code: 'misuse', message: 'train: example 6 was listed; there are 6' });
  assert.throws(() => head.train(new Uint32Array(0), options), { code: 'misuse' });
  assert.throws(() => head.train(inOrder(6), { ...options, batchSize: 5 }), { code: 'misuse', message: /batchSize is 5; 1 to 4/ });
  assert.throws(() => head.train(inOrder(6), { ...options, dropout: 1 }), { code: 'misuse' });
  assert.throws(() => head.train(inOrder(6), { ...options, learningRate: Number.NaN }), { code: 'misuse' });
  assert.throws(() => head.setWeights({ ...given.weights, bias: new Float32Array(3) }), { code: 'bad-shape' });
  head.setWeights(given.weights);
  assert.ok(head.train(inOrder(6), options).loss > 0);
});

/**
 * What tests/native/train.c trains for the processor itself: the same problem, and FNV-1a of all parameters.
 * @param {HeadShape} shape
 * @param {number} count
 * @param {number} batchSize
 */
async function nativeProblem(shape, count, batchSize) {
  const { features, hidden, classes } = shape;
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24 - 0.5;
  };
  const examples = Array.from({ length: count }, () => Float32Array.from({ length: features }, uniform));
  const head = await createHead({ shape, examples, labels: examples.map((_, i) => i % classes), batchSize, seed: 7 });
  const kernel = Float32Array.from({ length: features * hidden }, () => uniform() * 0.25);
  head.setWeights({ kernel, bias: new Float32Array(hidden), classKernel: Float32Array.from({ length: hidden * classes }, uniform) });
  const order = inOrder(count).reverse();
  for (let epoch = 0; epoch < 3; epoch++) {
    head.train(order, { batchSize, learningRate: 0.001, dropout: 0.25 });
    head.evaluate(order);
  }
  let hash = 2166136261;
  for (const values of Object.values(head.weights()))
    for (const byte of new Uint8Array(values.buffer)) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash;
}

test('train: the bits are those of the processor itself, which tests/native pins', async () => {
  const source = await readFile(new URL('../native/train.c', import.meta.url), 'utf8');
  const checks = [...source.matchAll(/\{"\w+", "[^"]*",\s*(\d+), (\d+), (\d+), (\d+), (\d+), (0x\w+)\}/g)].map((match) =>
    match.slice(1).map(Number),
  );
  assert.equal(checks.length, 3);
  for (const [features, hidden, classes, count, batchSize, expected] of checks)
    assert.equal(await nativeProblem({ features, hidden, classes }, count, batchSize), expected, `[${features}, ${hidden}, ${classes}]`);
});
