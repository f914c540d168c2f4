// nsfwjs: what is on a photograph, by the three networks that come with the package.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import * as nsfwjs from 'nsfwjs';
import { photo, testClient } from './client.js';

const make = await photo(0);

/** How long the cpu backend takes decides what it is asked once per machine. @param {'MobileNetV2' | 'MobileNetV2Mid' | 'InceptionV3'} name @param {boolean} twice */
function testNetwork(name, twice) {
  testClient(`nsfwjs, ${name}`, {
    from: 'nsfwjs',
    load: () => nsfwjs.load(name),
    dispose: (client) => client.model.dispose(),
    limit: 1e-5, // measured: 1.2e-6
    slow: [name, 'sample1.jpg', String(twice)],
    check: ({ all, best }) => {
      const sum = all.reduce((/** @type {number} */ total, /** @type {any} */ { probability }) => total + probability, 0);
      assert.ok(all.length === 5 && Math.abs(sum - 1) < 1e-5);
      assert.equal(best.length, twice ? 2 : 0);
    },
    run: async (client) => {
      const image = make();
      const all = await client.classify(image);
      const mirrored = tf.tidy(() => tf.reverse(image, 1));
      const best = twice ? await client.classify(mirrored, 2) : [];
      tf.dispose([image, mirrored]);
      return { all, best };
    },
  });
}

testNetwork('MobileNetV2', true);
testNetwork('MobileNetV2Mid', true);
testNetwork('InceptionV3', false);
