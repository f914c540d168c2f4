// What tf.memory() tells of the backend, and that loops leave nothing behind: no tensor, no data, no byte of the engine's heap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { seeded } from '../support/random.js';
import { withBackend } from './backends.js';

/** @returns {{ numTensors: number, numDataBuffers: number, numBytes: number, heapBytes: number, data: number }} */
function memory() {
  const { numTensors, numDataBuffers, numBytes, heapBytes } = /** @type {any} */ (tf.memory());
  return { numTensors, numDataBuffers, numBytes, heapBytes, data: tf.backend().numDataIds() };
}

test('memory: numBytes, numTensors and heapBytes follow a tensor', () =>
  withBackend('xnnjs', () => {
    const before = memory();
    const x = tf.zeros([1000, 250]);
    const with1 = memory();
    assert.equal(with1.numTensors, before.numTensors + 1);
    assert.equal(with1.data, before.data + 1);
    assert.equal(with1.numBytes, before.numBytes + 1_000_000);
    assert.ok(with1.heapBytes >= before.heapBytes + 1_000_000, `${before.heapBytes} → ${with1.heapBytes}`);
    assert.ok(with1.heapBytes <= before.heapBytes + 1_010_000, `${before.heapBytes} → ${with1.heapBytes}`);
    const view = tf.reshape(x, [250, 1000]); // the same data
    assert.equal(memory().heapBytes, with1.heapBytes);
    x.dispose();
    assert.equal(memory().heapBytes, with1.heapBytes);
    view.dispose();
    assert.deepEqual(memory(), before);
  }));

test('memory: bool, int32, string and complex64 tensors are freed', () =>
  withBackend('xnnjs', () => {
    const make = () => [
      tf.tensor1d([true, false]),
      tf.tensor1d([1, 2, 3], 'int32'),
      tf.tensor1d(['a', 'b']),
      tf.complex(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])),
    ];
    tf.tidy(() => void make());
    const before = memory();
    const tensors = make();
    assert.ok(memory().heapBytes > before.heapBytes);
    tf.dispose(tensors);
    tf.dispose(tf.tidy(() => tf.real(tf.complex(tf.ones([3]), tf.ones([3])))));
    // The arguments of complex() are the caller's.
    assert.equal(memory().numTensors, before.numTensors + 2);
  }).then(() => withBackend('xnnjs', () => assert.equal(memory().data, 0))));

/**
 * Memory after `warm` steps, when caches are full, and after 10,000.
 * @param {(step: number) => void} work @param {number} [warm]
 */
function loop(work, warm = 200) {
  for (let step = 0; step < warm; step++) work(step);
  const before = memory();
  for (let step = warm; step < 10_000; step++) work(step);
  return { before, after: memory() };
}

test('memory: 10,000 steps of training leave nothing behind', () =>
  withBackend('xnnjs', () => {
    const random = seeded(1);
    const numbers = (/** @type {number} */ n) => Float32Array.from({ length: n }, () => random() - 0.5);
    const x = tf.tensor2d(numbers(32), [8, 4]);
    const y = tf.tensor2d(numbers(8), [8, 1]);
    const weights = tf.variable(tf.tensor2d(numbers(4), [4, 1]));
    const bias = tf.variable(tf.tensor1d([0]));
    const optimizer = tf.train.adam(0.001);
    const loss = () => /** @type {tf.Scalar} */ (tf.mean(tf.squaredDifference(tf.add(tf.matMul(x, weights), bias), y)));
    const first = tf.tidy(() => loss().dataSync()[0]);
    const { before, after } = loop(() => void optimizer.minimize(loss, false, [weights, bias]));
    assert.deepEqual(after, before);
    assert.ok(tf.tidy(() => loss().dataSync()[0]) < first);
    optimizer.dispose();
    weights.dispose();
    bias.dispose();
  }));

test('memory: 10,000 predictions of a layers model leave nothing behind', () =>
  withBackend('xnnjs', () => {
    const model = layers.sequential({
      layers: [
        layers.layers.conv2d({ inputShape: [6, 6, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
        layers.layers.flatten(),
        layers.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    const x = tf.ones([1, 6, 6, 1]);
    const { before, after } = loop(() => {
      const y = /** @type {tf.Tensor} */ (model.predict(x));
      y.dataSync();
      y.dispose();
    });
    assert.deepEqual(after, before);
    model.dispose();
  }));

test('memory: inputs of 1,000 sizes do not fill the heap with what was prepared for them', () =>
  withBackend('xnnjs', () => {
    const weights = tf.ones([16, 8]);
    const step = (/** @type {number} */ i) => tf.tidy(() => void tf.softmax(tf.matMul(tf.ones([1 + (i % 1000), 16]), weights)));
    for (let i = 0; i < 1000; i++) step(i);
    const before = memory();
    for (let i = 0; i < 2000; i++) step(i);
    const after = memory();
    assert.deepEqual({ ...after, heapBytes: 0 }, { ...before, heapBytes: 0 });
    assert.ok(after.heapBytes < before.heapBytes + 256 * 1024, `${before.heapBytes} → ${after.heapBytes}`);
  }));

test('memory: a kernel that fails leaves nothing, neither new data nor references to its operands', () =>
  withBackend('xnnjs', () => {
    const before = memory().data;
    const images = tf.zeros([1, 4, 4, 1]);
    const boxes = tf.tensor2d([[0, 0, 1, 1]]);
    const wrong = tf.tensor1d([7], 'int32');
    const integers = tf.cast(images, 'int32');
    const held = memory().data;
    for (const fails of [
      () => tf.image.cropAndResize(/** @type {any} */ (images), boxes, wrong, [2, 2]),
      () => tf.image.cropAndResize(/** @type {any} */ (integers), boxes, wrong, [2, 2]), // cast before
      () => tf.unsortedSegmentSum(boxes, wrong, 2),
      () => tf.gather(boxes, wrong),
    ]) {
      assert.throws(fails, /7/);
      assert.equal(memory().data, held);
    }
    tf.dispose([images, boxes, wrong, integers]);
    assert.equal(memory().data, before);
  }));
