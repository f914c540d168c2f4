// compile() of xnnjs/tfjs: models that TensorFlow.js loaded give what their own predict() gives on its cpu backend.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { createRuntime } from '../../js/main.js';
import { compile, setOptions } from '../../js/tfjs/main.js';
import { currentOptions } from '../../js/tfjs/options.js';
import { compare } from '../support/agreement.js';
import { nsfwModel } from '../support/nsfwjs.js';
import { photoSamples } from '../support/photo-samples.js';
import { FACEMESH_URL } from '../support/photos.js';
import { readModelFiles } from '../support/tfjs-engine.js';

/** design.md, Numerics: max|a − b| ≤ 1e-5 · max|b|. Measured: 4.0e-7 facemesh, 2.1e-6 nsfwjs' MobileNetV2, 1.2e-7 two branches. */
const LIMIT = 1e-5;

before(async () => {
  setOptions({ threads: 1, variant: 'simd' });
  await tf.setBackend('cpu');
});

/** @param {string} what @param {any} actual @param {any} expected  Tensors or lists of them. @returns {number} the largest error */
function agree(what, actual, expected) {
  const [given, wanted] = [[actual].flat(), [expected].flat()];
  assert.equal(Array.isArray(actual), Array.isArray(expected), `${what}: one tensor or a list`);
  assert.equal(given.length, wanted.length);
  const errors = wanted.map((tensor, i) => {
    assert.deepEqual([given[i].shape, given[i].dtype], [tensor.shape, tensor.dtype]);
    const { error, where } = compare(given[i].dataSync(), tensor.dataSync());
    assert.ok(error <= LIMIT, `${what}: ${error.toExponential(2)} at output ${i} ${where}`);
    return error;
  });
  return Math.max(...errors);
}

/** @param {string | object} source @param {(model: any) => Promise<void>} use */
async function withGraph(source, use) {
  const { artifacts } = await readModelFiles(/** @type {any} */ (source));
  const model = await loadGraphModel({ load: async () => /** @type {any} */ (artifacts) });
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}

/** Two inputs, two outputs, one of them used again. */
function branches() {
  const { dense, add, concatenate, embedding, flatten } = layers.layers;
  const [image, words] = [layers.input({ shape: [6], name: 'image' }), layers.input({ shape: [3], name: 'words' })];
  const seed = (/** @type {number} */ s) => layers.initializers.glorotUniform({ seed: s });
  const a = /** @type {any} */ (dense({ units: 8, activation: 'relu', kernelInitializer: seed(1), name: 'a' }).apply(image));
  const table = embedding({ inputDim: 10, outputDim: 4, embeddingsInitializer: layers.initializers.randomUniform({ seed: 2 }), name: 'e' });
  const b = /** @type {any} */ (dense({ units: 8, kernelInitializer: seed(3), name: 'b' }).apply(flatten().apply(table.apply(words))));
  const sum = /** @type {any} */ (add({ name: 'sum' }).apply([a, b]));
  const both = /** @type {any} */ (concatenate().apply([sum, a]));
  const last = /** @type {any} */ (dense({ units: 3, activation: 'softmax', kernelInitializer: seed(4), name: 'last' }).apply(both));
  return layers.model({ inputs: [image, words], outputs: [last, sum] });
}

test('compile: a graph model gives what its predict and execute give, in their order', async (t) => {
  const [{ inputs }] = await photoSamples({ input: 'x', size: 192, scale: 1 / 255, count: 1 });
  const { data, shape } = /** @type {any} */ (inputs.x);
  await withGraph(FACEMESH_URL, async (model) => {
    const x = tf.tensor(data, shape);
    const compiled = await compile(model);
    const before = tf.memory().numTensors;
    const expected = model.predict(x);
    const errors = [agree('predict', compiled.predict(x), expected)];
    errors.push(agree('a list', compiled.predict([x]), expected), agree('predictAsync', await compiled.predictAsync(x), expected));
    for (const name of ['input_1', 'input_1:0']) errors.push(agree(name, compiled.predict({ [name]: x }), expected));
    const names = ['output_faceflag', 'Identity_2:0', 'output_faceflag'];
    const [flag, mesh] = /** @type {tf.Tensor[]} */ (model.execute(x, names));
    errors.push(agree('execute', compiled.execute(x, names), [flag, mesh, flag]));
    errors.push(agree('one', await compiled.executeAsync(x, 'output_mesh'), mesh));
    t.diagnostic(`facemesh: largest error ${Math.max(...errors).toExponential(2)} of max|b|`);
    assert.ok(tf.memory().numTensors > before);
    compiled.dispose();
  });
});

test('compile: weights that were streamed are read from the tensors', async () => {
  const { artifacts } = await readModelFiles(FACEMESH_URL);
  const { weightData, ...others } = artifacts;
  const getWeightStream = () => /** @type {any} */ (new Blob([weightData]).stream());
  const model = await loadGraphModel({ load: async () => /** @type {any} */ ({ ...others, getWeightStream }) });
  const x = tf.randomUniform([1, 192, 192, 3], 0, 1, 'float32', 5);
  const compiled = await compile(model);
  agree('facemesh', compiled.predict(x), model.predict(x));
  compiled.dispose();
  model.dispose();
});

test('compile: outputs may be any nodes', async () => {
  await withGraph(FACEMESH_URL, async (model) => {
    const node = model.artifacts.modelTopology.node.find((/** @type {any} */ { op }) => op === 'MaxPool').name;
    const compiled = await compile(model, { outputs: [node, 'output_faceflag'] });
    const x = tf.randomUniform([1, 192, 192, 3], 0, 1, 'float32', 6);
    agree('predict', compiled.predict(x), model.execute(x, [node, 'output_faceflag']));
    assert.deepEqual(
      compiled.outputs.map(({ name }) => name),
      [node, 'Identity_1'],
    );
    assert.throws(() => compiled.execute(x, 'output_mesh'), { name: 'XnnError', code: 'misuse', message: /not for "output_mesh"/ });
    compiled.dispose();
  });
});

test("compile: a layers model of nsfwjs agrees on a photograph's two halves at once", async (t) => {
  const model = await layers.loadLayersModel({ load: async () => /** @type {any} */ (await nsfwModel('mobilenet_v2')) });
  const [{ inputs }] = await photoSamples({ input: 'x', size: 224, scale: 1 / 255, whole: true, count: 1 });
  const { data, shape } = /** @type {any} */ (inputs.x);
  const x = tf.tidy(() => tf.concat([tf.tensor4d(data, shape), tf.reverse(tf.tensor4d(data, shape), 2)]));
  const compiled = await compile(model);
  const expected = model.predict(x);
  const error = agree('predict', compiled.predict(x, { batchSize: 1 }), expected);
  agree('predictOnBatch', compiled.predictOnBatch(x), expected);
  t.diagnostic(`MobileNetV2 of nsfwjs: largest error ${error.toExponential(2)} of max|b|`);
  compiled.dispose();
  model.dispose();
});

test('compile: a layers model with two inputs and outputs agrees, also where integers stand for float32', async (t) => {
  const model = branches();
  const compiled = await compile(model);
  const [image, words] = [
    tf.randomUniform([5, 6], -1, 1, 'float32', 7),
    tf.tensor2d(
      [...Array(15).keys()].map((i) => i % 10),
      [5, 3],
    ),
  ];
  const expected = model.predict([image, words]);
  const errors = [agree('a list', compiled.predict([image, words]), expected)];
  errors.push(agree('by name', await compiled.executeAsync({ words, image }), expected));
  errors.push(agree('integers', compiled.predict([image, tf.cast(words, 'int32')]), expected));
  agree('one', compiled.execute([image, words], 'sum'), /** @type {any} */ (expected)[1]);
  t.diagnostic(`two branches: largest error ${Math.max(...errors).toExponential(2)} of max|b|`);
  compiled.dispose();
  model.dispose();
});

test('compile: the compiled weights are those of the moment, and outlive the model', async () => {
  const model = layers.sequential({ layers: [layers.layers.dense({ units: 2, useBias: false, inputShape: [2] })] });
  model.setWeights([tf.tensor2d([1, 2, 3, 4], [2, 2])]);
  const compiled = await compile(model);
  model.setWeights([tf.zeros([2, 2])]);
  model.dispose();
  assert.deepEqual([.../** @type {any} */ (compiled.predict(tf.tensor2d([[1, 10]]))).dataSync()], [31, 42]);
  compiled.dispose();
});

test('compile: neither compiling, running nor disposing leaves tensors', async () => {
  await withGraph(FACEMESH_URL, async (model) => {
    const x = tf.zeros([1, 192, 192, 3]);
    const before = tf.memory().numTensors;
    const compiled = await compile(model);
    assert.equal(tf.memory().numTensors, before, 'after compile()');
    const outputs = /** @type {tf.Tensor[]} */ (compiled.predict(x));
    assert.equal(tf.memory().numTensors, before + 3);
    tf.dispose(outputs);
    tf.tidy(() => void compiled.predict(x));
    tf.dispose(await compiled.executeAsync(x));
    compiled.dispose();
    compiled.dispose();
    assert.equal(tf.memory().numTensors, before, 'after dispose()');
    assert.throws(() => compiled.predict(x), { name: 'XnnError', code: 'misuse', message: /disposed/ });
  });
  const model = branches();
  const before = tf.memory().numTensors;
  (await compile(model)).dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('compile: several models share a runtime that is given, and leave it', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const model = branches();
  const [a, b] = [await compile(model, { runtime }), await compile(model, { runtime, outputs: ['sum'] })];
  assert.equal(runtime.memory().models, 2);
  a.dispose();
  assert.equal(runtime.memory().models, 1);
  const inputs = [tf.ones([1, 6]), tf.ones([1, 3])];
  agree('sum', b.predict(inputs), /** @type {any} */ (model.predict(inputs))[1]);
  b.dispose();
  runtime.dispose();
});

test('setOptions: adds to what was said before, and knows its options', () => {
  setOptions({ threads: 1 });
  assert.deepEqual(currentOptions(), { threads: 1, variant: 'simd' });
  assert.throws(() => setOptions(/** @type {any} */ ({ thread: 2 })), {
    code: 'misuse',
    message: /no option thread, only threads, variant, wasm/,
  });
});

test('compile: errors name what is wrong', async () => {
  for (const wrong of [undefined, {}, tf.zeros([1])])
    await assert.rejects(compile(/** @type {any} */ (wrong)), {
      name: 'XnnError',
      code: 'misuse',
      message: /tf\.GraphModel or a tf\.LayersModel/,
    });
  const model = branches();
  const compiled = await compile(model);
  const [image, words] = [tf.zeros([1, 6]), tf.zeros([1, 3])];
  /** @type {[inputs: any, code: string, message: RegExp][]} */
  const cases = [
    [image, 'misuse', /2 inputs \("image", "words"\), 1 tensors/],
    [null, 'misuse', /instead of a tensor/],
    [[image, [1, 2, 3]], 'misuse', /input "words" is no tensor/],
    [{ image }, 'misuse', /input "words" is missing/],
    [{ image, words, more: words }, 'misuse', /no input "more"/],
    [[words, image], 'bad-shape', /input "image" has shape \[-1,6\], \[1,3\] is given/],
    [[tf.zeros([1, 6], 'complex64'), words], 'unsupported', /input "image" is complex64/],
  ];
  for (const [inputs, code, message] of cases) assert.throws(() => compiled.predict(inputs), { name: 'XnnError', code, message });
  assert.throws(() => compiled.execute([image, words], 'a'), { code: 'misuse', message: /compiled for "last", "sum", not for "a"/ });
  compiled.dispose();
  await assert.rejects(compile(model, { outputs: ['nowhere'] }), { name: 'XnnError', code: 'misuse', message: /nowhere/ });
  await withGraph(FACEMESH_URL, async (graph) => {
    const mesh = await compile(graph);
    const wrong = tf.zeros([1, 192, 192, 3], 'int32');
    assert.throws(() => mesh.predict(wrong), { name: 'XnnError', code: 'misuse', message: /float32.*int32/ });
    mesh.dispose();
  });
});
