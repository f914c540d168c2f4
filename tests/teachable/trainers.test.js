// Classifiers trained in the page: what is exported predicts in TensorFlow.js what the trainer predicts.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as knnClassifier from '@tensorflow-models/knn-classifier';
import { unzipSync } from '../../dist/zip.js';
import { createRuntime } from '../../js/index.js';
import { createNeighbours } from '../../models/teachable/knn.js';
import { createAudioTrainer, createImageTrainer, createPoseTrainer, loadAudio, loadImage, loadPose } from '../../models/teachable/main.js';
import { splitExamples } from '../../models/teachable/training.js';
import { poseNet } from '../support/architectures/posenet.js';
import { teachableImage } from '../support/architectures/teachable.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { nsfwModel } from '../support/nsfwjs.js';
import { readPhotos } from '../support/photos.js';
import { seeded } from '../support/random.js';
import { loadReference } from '../support/reference.js';
import { apart, asFiles, exportFiles, onDisk, picture } from './bundles.js';
import { soundModel } from './sound-model.js';

/** @import { Export } from '../../models/teachable/export.js' */
/** @typedef {import('../../js/image/crop.js').RgbaImage} RgbaImage */

/** @type {import('../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
});
after(() => runtime.dispose());

/** @param {{ probability: number }[]} predictions */
const probabilities = (predictions) => predictions.map(({ probability }) => probability);

/** An export in TensorFlow.js. @param {Export} exported @param {Float32Array} input */
async function inTfjs({ files }, input) {
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(files['model.json']));
  const weightData = new Uint8Array(files['weights.bin']).buffer;
  const reference = await loadReference({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  return /** @type {Float32Array} */ (Object.values(await reference.run({ [reference.inputs[0].name]: input }))[0].data);
}

/** A byte b as b / 127 − 1. @param {RgbaImage} image */
const tensorOf = ({ data }) =>
  Float32Array.from(
    data.filter((_, i) => i % 4 !== 3),
    (value) => value / 127 - 1,
  );

/** The middle of a photograph, 224 × 224 pixels as they are. @param {RgbaImage} image @param {number} dx @param {number} dy */
function cutOut(image, dx, dy) {
  const data = new Uint8ClampedArray(224 * 224 * 4);
  const [left, top] = [Math.floor((image.width - 224) / 2) + dx, Math.floor((image.height - 224) / 2) + dy];
  for (let y = 0; y < 224; y++) {
    const from = 4 * ((top + y) * image.width + left);
    data.set(image.data.subarray(from, from + 224 * 4), y * 224 * 4);
  }
  return { width: 224, height: 224, data };
}

/** @param {RgbaImage} image @param {(byte: number) => number} change */
const changed = (image, change) => ({
  ...image,
  data: Uint8ClampedArray.from(image.data, (value, i) => (i % 4 === 3 ? 255 : change(value))),
});

test('teachable: an image classifier trained on nsfwjs is exported with its base, and TensorFlow.js predicts the same', async (t) => {
  const photos = await readPhotos();
  const trainer = await createImageTrainer({ runtime, baseUrl: await nsfwModel('mobilenet_v2'), pixels: { scale: 1 / 255, offset: 0 } });
  for (let i = 0; i < 8; i++) {
    assert.equal(await trainer.addExample('face', cutOut(photos[i % photos.length].image, 4 * i, 3 * i)), i + 1);
    await trainer.addExample(
      'dark',
      changed(cutOut(photos[i % photos.length].image, -4 * i, 0), (value) => value / 8),
    );
  }
  assert.deepEqual(trainer.countExamples(), { face: 8, dark: 8 });
  /** @type {number[]} */
  const epochs = [];
  const report = await trainer.train({ epochs: 30, seed: 4, onEpoch: ({ epoch }) => epochs.push(epoch) });
  assert.deepEqual(report.counts, { training: 12, validation: 4 });
  assert.deepEqual(
    epochs,
    report.history.map(({ epoch }) => epoch),
  );
  assert.ok(
    Number(report.history[report.bestEpoch - 1].validationLoss) < 0.2 * Number(report.history[0].validationLoss) + 0.1,
    JSON.stringify(report.history),
  );
  const unseen = cutOut(photos[0].image, -10, 12);
  assert.equal((await trainer.predictTopK(unseen, 1))[0].className, 'face');
  assert.equal(
    (
      await trainer.predictTopK(
        changed(unseen, (value) => value / 9),
        1,
      )
    )[0].className,
    'dark',
  );

  const exported = await trainer.export({ name: 'light' });
  const ours = await trainer.predict(unseen);
  const theirs = await inTfjs(exported, tensorOf(unseen));
  t.diagnostic(`trainer and TensorFlow.js: ${apart(probabilities(ours), theirs).toExponential(1)}`);
  assert.ok(apart(probabilities(ours), theirs) <= 1e-4, `${probabilities(ours)} and ${theirs}`);

  const again = await loadImage(await exported.toZip(), undefined, { runtime });
  assert.deepEqual(again.getClassLabels(), ['face', 'dark']);
  assert.equal(again.getMetadata().modelName, 'light');
  assert.ok(apart(probabilities(await again.predict(unseen)), theirs) <= 1e-4);
  again.dispose();

  // The same examples and seed give the same bits.
  await trainer.train({ epochs: 30, seed: 4 });
  assert.deepEqual((await trainer.export()).files['weights.bin'], exported.files['weights.bin']);
  await trainer.train({ epochs: 30, seed: 5 });
  assert.notDeepEqual((await trainer.export()).files['weights.bin'], exported.files['weights.bin']);
  trainer.dispose();
  assert.equal(runtime.memory().models, 0);
});

for (const [name, options] of /** @type {const} */ ([
  ['RGB 224', {}],
  ['grayscale 96, a bare list of layers', { grayscale: true, bareList: true }],
]))
  test(`teachable: an export is the base of another, ${name}, from its folder`, async (t) => {
    const grayscale = 'grayscale' in options;
    const size = grayscale ? 96 : 224;
    const folder = await onDisk(t, exportFiles(await teachableImage({ ...options, classes: 3 }), { labels: ['a', 'b', 'c'] }));
    const trainer = await createImageTrainer({ runtime, baseUrl: path.join(folder, 'model.json'), labels: ['two', 'one'] });
    for (let i = 0; i < 5; i++) {
      await trainer.addExample('one', picture(size, size, 10 + i));
      await trainer.addExample(
        'two',
        changed(picture(size, size, 20 + i), (value) => 255 - value / 3),
      );
    }
    await trainer.train({ epochs: 20, dropout: 0.3, hiddenUnits: 30 });
    assert.deepEqual(trainer.getClassLabels(), ['two', 'one']);
    const exported = await trainer.export();
    const image = picture(size, size, 77);
    const input = tensorOf(image);
    const grey = Float32Array.from(
      { length: size * size },
      (_, i) => 0.2989 * (input[3 * i] + 1) + 0.587 * (input[3 * i + 1] + 1) + 0.114 * (input[3 * i + 2] + 1) - 1,
    );
    const theirs = await inTfjs(exported, grayscale ? grey : input);
    assert.ok(apart(probabilities(await trainer.predict(image)), theirs) <= 1e-4);
    const metadata = JSON.parse(new TextDecoder().decode(exported.files['metadata.json']));
    assert.deepEqual(
      [metadata.labels, metadata.imageSize, metadata.grayscale ?? false, metadata.packageName],
      [['two', 'one'], size, grayscale, '@teachablemachine/image'],
    );
    trainer.dispose();
  });

test('teachable: a pose classifier learns from PoseNet, and its head is exported', async (t) => {
  const network = toGraphModel(poseNet());
  const trainer = await createPoseTrainer({ runtime, posenetUrl: network });
  for (let i = 0; i < 6; i++) {
    const { posenetOutput } = await trainer.estimatePose(picture(257, 257, 30 + i));
    await trainer.addExample('left', posenetOutput);
    await trainer.addExample(
      'right',
      changed(picture(257, 200, 40 + i), (value) => value / 4),
    );
  }
  const report = await trainer.train({ epochs: 6, learningRate: 1e-4 });
  assert.deepEqual(report.counts, { training: 10, validation: 2 });
  const exported = await trainer.export();
  const topology = JSON.parse(new TextDecoder().decode(exported.files['model.json'])).modelTopology;
  assert.deepEqual(
    topology.config.layers.map((/** @type {any} */ layer) => [layer.class_name, layer.config.rate ?? layer.config.units]),
    [
      ['Dense', 100],
      ['Dropout', 0.5],
      ['Dense', 2],
    ],
  );
  const { posenetOutput } = await trainer.estimatePose(picture(300, 257, 99));
  assert.equal(posenetOutput.length, 14739);
  const theirs = await inTfjs(exported, posenetOutput);
  assert.ok(apart(probabilities(await trainer.predict(picture(300, 257, 99))), theirs) <= 1e-4);
  trainer.dispose();
  const model = await loadPose(exported.toFiles(), undefined, { runtime, posenetUrl: network });
  assert.ok(apart(probabilities(await model.predict(posenetOutput)), theirs) <= 1e-4);
  assert.deepEqual(model.getMetadata().modelSettings, {
    posenet: { architecture: 'MobileNetV1', outputStride: 16, inputResolution: 257, multiplier: 0.75 },
  });
  t.diagnostic(`validation ${report.history.map(({ validationLoss }) => validationLoss?.toFixed(3)).join(' ')}`);
  model.dispose();
});

test('teachable: a classifier of sounds learns from speech-commands, and is exported with it', async () => {
  const base = await soundModel();
  const trainer = await createAudioTrainer({ runtime, baseUrl: base });
  const random = seeded(12);
  const spectrogram = (/** @type {number} */ from) =>
    Float32Array.from({ length: 43 * 232 }, (_, i) => (i % 232 >= from && i % 232 < from + 60 ? 2 : -0.5) + random() - 0.5);
  for (let i = 0; i < 6; i++) {
    await trainer.addExample('Background Noise', spectrogram(10));
    await trainer.addExample('Clap', spectrogram(120));
  }
  await trainer.train({ epochs: 15 });
  const exported = await trainer.export({ name: 'claps' });
  const heard = spectrogram(118);
  const theirs = await inTfjs(exported, heard);
  assert.ok(apart(probabilities(await trainer.predict(heard)), theirs) <= 1e-4);
  trainer.dispose();
  const model = await loadAudio(exported.toFiles(), undefined, { runtime });
  assert.deepEqual(model.getClassLabels(), ['Background Noise', 'Clap']);
  assert.ok(apart(probabilities(await model.predict(heard)), theirs) <= 1e-4);
  model.dispose();
});

test('teachable: each class holds back its share, and every example is used once', () => {
  const classes = [50, 7, 2, 1].map((count, label) => Array.from({ length: count }, (_, i) => Float32Array.of(label, i)));
  const { training, validation } = splitExamples(classes, 0.15, seeded(3));
  const count = (/** @type {[number, Float32Array][]} */ list) =>
    [0, 1, 2, 3].map((label) => list.filter(([given]) => given === label).length);
  assert.deepEqual(count(validation), [8, 2, 1, 0]); // ceil(0.15 n), but for a class of one
  assert.deepEqual(count(training), [42, 5, 1, 1]);
  const all = [...training, ...validation];
  assert.ok(all.every(([label, example]) => example[0] === label));
  assert.equal(new Set(all.map(([, example]) => String(example))).size, 60);
});

test('teachable: training ends early, keeps its best weights, can be aborted, and refuses what cannot be trained', async () => {
  const base = await teachableImage({ grayscale: true });
  const trainer = await createImageTrainer({ runtime, baseUrl: base });
  await assert.rejects(trainer.train(), { code: 'misuse', message: /0 classes have examples/ });
  for (let i = 0; i < 12; i++) await trainer.addExample(i % 2 ? 'odd' : 'even', picture(96, 96, 100 + i)); // noise: nothing to learn
  await assert.rejects(trainer.predict(picture(96, 96)), { code: 'misuse', message: 'teachable: predict before train' });
  await assert.rejects(trainer.export(), { code: 'misuse', message: 'teachable: export before train' });
  const report = await trainer.train({ epochs: 500, patience: 3 });
  assert.ok(report.history.length < 500, `${report.history.length} epochs`);
  assert.equal(report.history.length, report.bestEpoch + 3);
  const losses = report.history.map(({ validationLoss }) => Number(validationLoss));
  assert.equal(losses[report.bestEpoch - 1], Math.min(...losses));

  const image = picture(96, 96, 5);
  const before = await trainer.predict(image);
  const controller = new AbortController();
  /** @type {number[]} */
  const seen = [];
  const aborted = trainer.train({
    seed: 9,
    signal: controller.signal,
    onEpoch({ epoch }) {
      seen.push(epoch);
      if (epoch === 2) controller.abort();
    },
  });
  await assert.rejects(trainer.train(), { code: 'misuse', message: 'teachable: train while training' });
  await assert.rejects(aborted, { code: 'aborted' });
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(await trainer.predict(image), before);

  await assert.rejects(trainer.train({ epochs: 0 }), { code: 'misuse', message: /epochs is 0/ });
  await assert.rejects(trainer.train({ validationShare: 1 }), { code: 'misuse' });
  await assert.rejects(trainer.train({ learningRate: 1e30 }), {
    code: 'misuse',
    message: /the loss of epoch \d is NaN: a lower learningRate/,
  });
  trainer.removeExamples('odd');
  await assert.rejects(trainer.train(), { code: 'misuse', message: /1 classes/ });
  assert.deepEqual(await trainer.predict(image), before);
  trainer.dispose();
  await assert.rejects(trainer.addExample('a', image), { code: 'misuse' });
  await assert.rejects(createImageTrainer({ runtime, baseUrl: base, layer: 'nothing' }), {
    code: 'misuse',
    message: /has no layer "nothing", only sequential_1, sequential_3/,
  });
  await assert.rejects(createImageTrainer({ runtime, baseUrl: toGraphModel(poseNet()) }), {
    code: 'unsupported',
    message: /no layers model/,
  });
  assert.equal(runtime.memory().models, 0);
});

test('teachable: neighbours vote as in @tensorflow-models/knn-classifier', async () => {
  const random = seeded(2);
  const vector = (/** @type {number} */ centre) =>
    Float32Array.from({ length: 40 }, (_, i) => random() - 0.5 + (i % 3 === centre ? 0.3 : 0));
  const classes = [0, 1, 2].map((label) => Array.from({ length: 5 + label }, () => vector(label)));
  await tf.setBackend('cpu');
  const theirs = knnClassifier.create();
  for (const [label, list] of classes.entries()) for (const example of list) theirs.addExample(tf.tensor1d(example), label);
  const votes = new Set();
  for (let i = 0; i < 10; i++) {
    const query = vector(i % 3);
    const { confidences } = await theirs.predictClass(tf.tensor1d(query), 5);
    const ours = createNeighbours(classes, 5)(query);
    assert.ok(apart(ours, Object.values(confidences)) < 1e-6, `${ours} and ${Object.values(confidences)}`);
    votes.add(String(ours));
  }
  assert.ok(votes.size > 2, 'the votes differ');
  theirs.dispose();
});

test('teachable: neighbours need no training, and say that they cannot be exported', async () => {
  const trainer = await createImageTrainer({ runtime, baseUrl: await teachableImage({ grayscale: true }) });
  await trainer.addExample(
    'dark',
    changed(picture(96, 96, 1), (value) => value / 6),
  );
  await trainer.addExample(
    'light',
    changed(picture(96, 96, 2), (value) => 200 + value / 6),
  );
  const report = await trainer.train({ mode: 'knn', k: 1 });
  assert.deepEqual(report, { mode: 'knn', history: [], bestEpoch: 0, counts: { training: 2, validation: 0 } });
  assert.deepEqual(await trainer.predict(changed(picture(96, 96, 3), (value) => value / 7)), [
    { className: 'dark', probability: 1 },
    { className: 'light', probability: 0 },
  ]);
  await assert.rejects(trainer.export(), { code: 'misuse', message: /neighbours cannot be exported/ });
  trainer.dispose();
});

test('teachable: a zip has the three files, as they are', async () => {
  const trainer = await createImageTrainer({ runtime, baseUrl: asFiles(exportFiles(await teachableImage({ grayscale: true }), {})) });
  await trainer.addExample('a', picture(96, 96, 1));
  await trainer.addExample('b', picture(96, 96, 2));
  await trainer.train({ epochs: 2, validationShare: 0 });
  const exported = await trainer.export({ name: 'x', timeStamp: '2024-01-01T00:00:00.000Z' });
  assert.deepEqual({ ...unzipSync(await exported.toZip()) }, { ...exported.files });
  assert.deepEqual(await exported.toZip(), await exported.toZip());
  assert.deepEqual(
    exported.toFiles().map(({ name, size }) => [name, size]),
    Object.entries(exported.files).map(([name, { length }]) => [name, length]),
  );
  trainer.dispose();
});
