// The layers models of nsfwjs (MobileNetV2 and InceptionV3 of Keras 2.2, with uint8 weights) against tfjs-layers.
import '@tensorflow/tfjs-backend-cpu';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { parseLayers } from '../../js/load/tfjs-layers.js';
import { parseManifest } from '../../js/load/tfjs-manifest.js';
import { compareOutputs } from '../support/agreement.js';
import { readPhotos } from '../support/photos.js';
import { LIMIT, runOurs } from './layers-helpers.js';

const require = createRequire(import.meta.url);
const folder = (name) => fileURLToPath(new URL(`../../node_modules/nsfwjs/dist/models/${name}/`, import.meta.url));

/** The package has its files as scripts: the model as an object, the weights in base64. */
function readModel(name) {
  const files = readdirSync(folder(name)).filter((file) => file.startsWith('group'));
  const { modelTopology, weightsManifest } = require(`${folder(name)}model.min.js`);
  const weights = Buffer.concat(files.sort().map((file) => Buffer.from(require(folder(name) + file), 'base64')));
  return { modelTopology, weightsManifest, weights: new Uint8Array(weights) };
}

/** A photograph as nsfwjs gives it to a model: resized, 0 … 1. */
async function photo(size) {
  const [{ image }] = await readPhotos();
  const pixels = tf.tensor(Float32Array.from(image.data), [1, image.height, image.width, 4]);
  return tf.div(tf.image.resizeBilinear(tf.slice(pixels, [0, 0, 0, 0], [-1, -1, -1, 3]), [size, size], true), 255);
}

for (const [name, size, layers] of [
  ['mobilenet_v2', 224, 155],
  ['inception_v3', 299, 313],
]) {
  // biome-ignore format: one model each
  test(`${name}: what tfjs-layers reads is read, and its values agree on a photograph`, async (t) => {
    const { modelTopology, weightsManifest, weights } = readModel(name);
    const specs = parseManifest(weightsManifest).weights;
    const graph = parseLayers({ modelTopology }, specs, new Map());
    assert.equal(graph.weights.length, specs.length, 'every weight is used');
    assert.ok(modelTopology.model_config.config.layers.length >= layers);

    const weightSpecs = weightsManifest.flatMap((group) => group.weights);
    const reference = await loadLayersModel(io.fromMemory({ modelTopology: structuredClone(modelTopology), weightSpecs, weightData: weights.buffer }));
    assert.deepEqual(graph.inputs.map((port) => port.name), reference.inputNames); // biome-ignore format: one idea
    assert.deepEqual(graph.outputs.map((port) => port.name), reference.outputNames); // biome-ignore format: one idea
    const x = await photo(size);
    const expected = reference.predict(x);
    const input = { data: x.dataSync(), shape: x.shape, dtype: 'float32' };
    for (const optimize of [true, false]) {
      const { results } = await runOurs({ modelTopology, weightsManifest, weights }, [input], { optimize });
      const { error, where } = compareOutputs({ y: Object.values(results)[0] }, { y: { data: expected.dataSync() } });
      t.diagnostic(`${name}, optimize ${optimize}: ${error.toExponential(2)} of max|b|`);
      assert.ok(error <= LIMIT, `${error.toExponential(2)} at ${where}`);
    }
  });
}
