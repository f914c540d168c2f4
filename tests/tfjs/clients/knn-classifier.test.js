// @tensorflow-models/knn-classifier: three kinds of vectors, of which most are nearer to their own kind.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { create } from '@tensorflow-models/knn-classifier';
import { seeded } from '../../support/random.js';
import { testClient } from './client.js';

const SIZE = 96;
const random = seeded(11);
const noise = (/** @type {number} */ spread) => Float32Array.from({ length: SIZE }, () => (random() - 0.5) * spread);
const CENTRES = [noise(1), noise(1), noise(1)];
/** Around a centre. @param {number} kind */
const vector = (kind) => noise(1.5).map((value, i) => value + CENTRES[kind][i]);
const EXAMPLES = Array.from({ length: 30 }, (_, i) => ({ label: 'abc'[i % 3], data: vector(i % 3) }));
const QUESTIONS = Array.from({ length: 9 }, (_, i) => vector(i % 3));

testClient('knn-classifier', {
  from: '@tensorflow-models/knn-classifier',
  load: create,
  dispose: (client) => client.dispose(),
  limit: 1e-6, // measured: 7.0e-8, of similarities; the answers are equal
  check: ({ answers, again, similar }) => {
    assert.equal(new Set(answers.map((/** @type {any} */ { label }) => label)).size, 3);
    assert.deepEqual(again[0].confidences, answers[0].confidences);
    assert.equal(similar.length, 30);
  },
  run: async (client) => {
    for (const { label, data } of EXAMPLES) tf.tidy(() => client.addExample(tf.tensor2d(data, [8, SIZE / 8]), label));
    const ask = async (/** @type {typeof client} */ classifier, /** @type {number} */ k) => {
      const answers = [];
      for (const question of QUESTIONS) {
        const input = tf.tensor2d(question, [8, SIZE / 8]);
        answers.push(await classifier.predictClass(input, k));
        input.dispose();
      }
      return answers;
    };
    const answers = await ask(client, 5);
    const similar = tf.tidy(() => [.../** @type {any} */ (client).similarities(tf.tensor1d(QUESTIONS[0])).dataSync()]);
    // What the documentation says for keeping a classifier: its matrices go and come back.
    const matrices = client.getClassifierDataset();
    const copy = create();
    copy.setClassifierDataset(Object.fromEntries(Object.entries(matrices).map(([label, matrix]) => [label, tf.clone(matrix)])));
    const again = await ask(copy, 5);
    copy.dispose();
    client.clearClass('c');
    return { answers, similar, again, without: await ask(client, 3), counts: client.getClassExampleCount() };
  },
});
