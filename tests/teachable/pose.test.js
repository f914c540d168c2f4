// Pose exports against TensorFlow.js's cpu backend: the picture as the client prepares it, PoseNet, its sigmoid and offsets, the head.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { createSampler } from '../../js/image/sampler.js';
import { createRuntime } from '../../js/index.js';
import { loadPose, tmPose } from '../../models/teachable/main.js';
import { createPoseInput } from '../../models/teachable/pose-input.js';
import { compare } from '../support/agreement.js';
import { poseNet } from '../support/architectures/posenet.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { seeded } from '../support/random.js';
import { loadReference } from '../support/reference.js';
import { apart, asFiles, exportFiles, picture } from './bundles.js';

/** A small PoseNet: 17 × 17 cells as the real one, an eighth of its work. */
const NETWORK = toGraphModel(poseNet({ alpha: 0.25 }));
const LABELS = ['sitting', 'standing'];
const METADATA = {
  packageName: '@teachablemachine/pose',
  labels: LABELS,
  modelSettings: { posenet: { architecture: 'MobileNetV1', outputStride: 16, inputResolution: 257, multiplier: 0.75 } },
};

/** @type {import('../../js/index.js').Runtime} */
let runtime;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
  await tf.setBackend('cpu');
});
after(() => runtime.dispose());

/**
 * What padAndResizeTo of @tensorflow-models/posenet and its preprocessing do, with TensorFlow.js's ops.
 * @param {ReturnType<typeof picture>} image
 * @param {number} size
 */
function expectedInput({ width, height, data }, size) {
  return tf.tidy(() => {
    const rgb = tf.slice(tf.tensor3d(Float32Array.from(data), [height, width, 4]), [0, 0, 0], [height, width, 3]);
    const [x, y] = [Math.max(0, Math.round((height - width) / 2)), Math.max(0, Math.round((width - height) / 2))];
    const square = tf.pad(rgb, [
      [y, y],
      [x, x],
      [0, 0],
    ]);
    return /** @type {Float32Array} */ (
      tf.sub(tf.div(tf.image.resizeBilinear(/** @type {tf.Tensor3D} */ (square), [size, size]), 127.5), 1).dataSync()
    );
  });
}

for (const [width, height] of [
  [257, 257],
  [200, 200],
  [640, 480],
  [301, 500],
  [100, 60],
  [33, 90],
  [1, 1],
  [7, 300],
])
  test(`teachable: PoseNet sees a picture of ${width}×${height} as TensorFlow.js resizes it`, async (t) => {
    const image = picture(width, height);
    const { tensor } = createPoseInput(257)((await createSampler()).open(image));
    const { error, where } = compare(tensor, expectedInput(image, 257));
    t.diagnostic(error.toExponential(1));
    assert.ok(error <= 1e-4, `${error}: ${where}`); // 1.9e-7 measured
  });

/** A trained head: Dense(100, relu), Dropout, Dense(2, softmax). @returns {Promise<import('../support/tfjs-engine.js').ModelArtifacts>} */
function poseHead() {
  const model = layers.sequential({
    layers: [
      layers.layers.dense({ inputShape: [14739], units: 100, activation: 'relu' }),
      layers.layers.dropout({ rate: 0.5 }),
      layers.layers.dense({ units: 2, activation: 'softmax', useBias: false }),
    ],
  });
  const random = seeded(71);
  const values = model.weights.map(({ shape }) => {
    const sizes = /** @type {number[]} */ (shape);
    const count = sizes.reduce((product, size) => product * size, 1);
    return tf.tensor(
      Float32Array.from({ length: count }, () => (random() - 0.5) / Math.sqrt(sizes[0])),
      sizes,
    );
  });
  model.setWeights(values);
  return new Promise((resolve, reject) => {
    const save = async (/** @type {any} */ artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: /** @type {const} */ ('JSON') } };
    };
    model.save({ save }).catch(reject);
  });
}

test('teachable: a pose export has the features and the probabilities of TensorFlow.js', async (t) => {
  const head = await poseHead();
  const model = await loadPose(asFiles(exportFiles(head, METADATA)), undefined, { runtime, posenetUrl: NETWORK });
  const [network, reference] = [await loadReference(NETWORK), await loadReference(head)];
  for (const image of [picture(257, 257), picture(200, 200, 9), picture(320, 240, 10)]) {
    const outputs = await network.run({ [network.inputs[0].name]: expectedInput(image, 257) });
    const dataOf = (/** @type {RegExp} */ name) =>
      /** @type {Float32Array} */ (Object.entries(outputs).find(([key]) => name.test(key))?.[1].data);
    const [heatmap, offset] = [dataOf(/heatmap/), dataOf(/offset/)];
    const features = Float32Array.from({ length: 14739 }, (_, i) => {
      const [cell, channel] = [Math.floor(i / 51), i % 51];
      return channel < 17 ? 1 / (1 + Math.exp(-heatmap[cell * 17 + channel])) : offset[cell * 34 + channel - 17];
    });
    const { pose, posenetOutput } = await model.estimatePose(image);
    const { error, where } = compare(posenetOutput, features);
    assert.ok(error <= 1e-4, `${error}: ${where}`); // 1.1e-6 measured
    const expected = Object.values(await reference.run({ [reference.inputs[0].name]: features }))[0].data;
    const predictions = await model.predict(posenetOutput);
    assert.deepEqual(
      predictions.map(({ className }) => className),
      LABELS,
    );
    const difference = apart(
      predictions.map(({ probability }) => probability),
      /** @type {Float32Array} */ (expected),
    );
    t.diagnostic(`features ${error.toExponential(1)}, probabilities ${difference.toExponential(1)}`);
    assert.ok(difference <= 1e-4, `${difference}`);
    assert.deepEqual(await model.predict(image), predictions);
    assert.equal((await model.predictTopK(image, 1)).length, 1);
    assert.equal(pose?.keypoints.length, 17);
  }
  model.dispose();
  await assert.rejects(model.estimatePose(picture(9, 9)), { code: 'misuse' });
});

/**
 * A PoseNet of three constants: every part in cell [row, column], with an offset.
 * @param {{ row: number, column: number, dx: number, dy: number }} place
 */
function fixedPoseNet({ row, column, dx, dy }) {
  const at = (/** @type {number} */ channels, /** @type {(cell: boolean, channel: number) => number} */ value) =>
    Float32Array.from({ length: 289 * channels }, (_, i) => value(Math.floor(i / channels) === row * 17 + column, i % channels));
  const outputs = {
    heatmap: { shape: [1, 17, 17, 17], data: at(17, (here) => (here ? 4 : -4)) },
    offset: { shape: [1, 17, 17, 34], data: at(34, (_, channel) => (channel < 17 ? dy : dx)) },
  };
  const ports = Object.entries(outputs).map(([name, { shape }]) => ({ name, shape, dtype: /** @type {const} */ ('float32') }));
  return { inputs: [{ name: 'x', shape: [1, 257, 257, 3] }], outputs: ports, run: async () => outputs, dispose() {} };
}

test('teachable: keypoints are in pixels of the picture, mirrored if asked, as the client has them', async () => {
  const head = await poseHead();
  const engine = {
    load: async (/** @type {any} */ source, /** @type {any} */ options) =>
      source === NETWORK ? fixedPoseNet({ row: 5, column: 10, dx: 3, dy: -2 }) : runtime.load(source, options),
  };
  const model = await loadPose(asFiles(exportFiles(head, METADATA)), undefined, {
    runtime: /** @type {any} */ (engine),
    posenetUrl: NETWORK,
  });
  const image = picture(514, 400);
  // In the input: x 163, y 78; the square is 514 wide, 57 rows of black above the picture.
  const { pose } = await model.estimatePose(image);
  const { pose: mirrored } = await model.estimatePose(image, true);
  const nose = pose?.keypoints[0];
  assert.equal(nose?.part, 'nose');
  assert.ok(
    Math.abs(Number(nose?.position.x) - 326) < 1e-9 && Math.abs(Number(nose?.position.y) - (156 - 57)) < 1e-9,
    JSON.stringify(nose),
  );
  assert.ok(Math.abs(Number(mirrored?.keypoints[0].position.x) - (513 - 326)) < 1e-9);
  assert.ok(Math.abs(Number(nose?.score) - 1 / (1 + Math.exp(-4))) < 1e-6);
  assert.deepEqual(
    pose?.keypoints.slice(1, 4).map(({ part }) => part),
    ['leftEye', 'rightEye', 'leftEar'],
  );
  model.dispose();
});

test('teachable: a pose export needs PoseNet, the right one', async () => {
  const files = asFiles(exportFiles(await poseHead(), METADATA));
  await assert.rejects(loadPose(files, undefined, { runtime }), { code: 'misuse', message: /posenetUrl/ });
  await assert.rejects(loadPose(files, undefined, { runtime, posenetUrl: await poseHead() }), {
    code: 'unsupported',
    message: /PoseNet has one input \[1, size, size, 3\], this model has \[-1, 14739\]/,
  });
  const small = toGraphModel(poseNet({ alpha: 0.25, size: 129 }));
  const model = await loadPose(files, undefined, { runtime, posenetUrl: small });
  await assert.rejects(model.predict(picture(50, 50)), {
    code: 'bad-shape',
    message: 'teachable: the pose gives 4131 features, the head was trained on 14739',
  });
  model.dispose();
  assert.equal(runtime.memory().models, 0);
});

test('teachable: tmPose loads from URLs and from files, with the calls of @teachablemachine/pose', async () => {
  const files = exportFiles(await poseHead(), METADATA);
  const engine = {
    load: async (/** @type {any} */ source, /** @type {any} */ options) =>
      source === NETWORK ? fixedPoseNet({ row: 5, column: 10, dx: 3, dy: -2 }) : runtime.load(source, options),
  };
  const options = { runtime: /** @type {any} */ (engine), posenetUrl: NETWORK };
  const folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-tm-pose-'));
  try {
    for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
    const [modelUrl, metadataUrl] = ['model.json', 'metadata.json'].map((name) => path.join(folder, name));
    const byName = Object.fromEntries(asFiles(files).map((file) => [file.name, file]));
    const reference = await loadPose(asFiles(files), undefined, options);
    const image = picture(320, 240);
    const { pose, posenetOutput } = await reference.estimatePose(image, true);
    for (const load of [
      () => tmPose.load(modelUrl, metadataUrl, options),
      () => tmPose.load(modelUrl, /** @type {any} */ (METADATA), options),
      () => tmPose.loadFromFiles(byName['model.json'], byName['weights.bin'], byName['metadata.json'], options),
    ]) {
      const model = await load();
      assert.deepEqual([model.getTotalClasses(), model.getClassLabels()], [2, LABELS]);
      const found = await model.estimatePose(image, true);
      assert.deepEqual(found, { pose, posenetOutput });
      assert.equal(found.posenetOutput.length, 14739);
      const predictions = await model.predict(found.posenetOutput);
      assert.deepEqual(predictions, await reference.predict(posenetOutput));
      const [best, other] = await model.predictTopK(found.posenetOutput, 2);
      assert.ok(best.probability >= other.probability);
      assert.deepEqual(await model.predictTopK(found.posenetOutput, 1), [best]);
      assert.deepEqual(await model.predictTopK(found.posenetOutput), [best, other]);
      model.dispose();
    }
    reference.dispose();
    await assert.rejects(tmPose.load(modelUrl, metadataUrl), { code: 'misuse', message: /posenetUrl/ });
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** A canvas's context that writes down what is drawn. */
function recorder() {
  /** @type {(string | number)[][]} */
  const calls = [];
  /** @type {Record<string, any>} */
  const context = {};
  for (const name of ['beginPath', 'arc', 'moveTo', 'lineTo'])
    context[name] = (/** @type {number[]} */ ...given) => calls.push([name, ...given]);
  context.fill = () => calls.push(['fill', context.fillStyle]);
  context.stroke = () => calls.push(['stroke', context.strokeStyle, context.lineWidth]);
  return { calls, context: /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (context)) };
}

/** connectedPartNames of @tensorflow-models/posenet (keypoints.js), between which its clients draw. */
const CONNECTED = [
  ['leftHip', 'leftShoulder'],
  ['leftElbow', 'leftShoulder'],
  ['leftElbow', 'leftWrist'],
  ['leftHip', 'leftKnee'],
  ['leftKnee', 'leftAnkle'],
  ['rightHip', 'rightShoulder'],
  ['rightElbow', 'rightShoulder'],
  ['rightElbow', 'rightWrist'],
  ['rightHip', 'rightKnee'],
  ['rightKnee', 'rightAnkle'],
  ['leftShoulder', 'rightShoulder'],
  ['leftHip', 'rightHip'],
];

test('teachable: tmPose draws the points and the limbs that the client draws, sure ones alone', () => {
  const parts = ['nose', ...new Set(CONNECTED.flat())];
  const keypoints = parts.map((part, i) => ({ part, score: 0.5, position: { x: i, y: 100 + i } }));
  const dots = recorder();
  tmPose.drawKeypoints(keypoints.slice(0, 2), 0.5, dots.context);
  assert.deepEqual(dots.calls, [
    ['beginPath'],
    ['arc', 0, 100, 4, 0, 2 * Math.PI],
    ['fill', 'aqua'],
    ['stroke', 'aqua', undefined],
    ['beginPath'],
    ['arc', 1, 101, 4, 0, 2 * Math.PI],
    ['fill', 'aqua'],
    ['stroke', 'aqua', undefined],
  ]);
  const few = recorder();
  tmPose.drawKeypoints([keypoints[2], { ...keypoints[3], score: 0.49 }], 0.5, few.context, 7, 'red', 'blue', 2);
  assert.deepEqual(few.calls, [['beginPath'], ['arc', 4, 204, 7, 0, 2 * Math.PI], ['fill', 'red'], ['stroke', 'blue', undefined]]);

  const limbs = recorder();
  tmPose.drawSkeleton(keypoints, 0.5, limbs.context, 3, 'red', 10);
  const ends = limbs.calls.filter(([name]) => name === 'moveTo' || name === 'lineTo').map(([, x, y]) => `${x},${y}`);
  const drawn = CONNECTED.map((_, i) =>
    ends
      .slice(2 * i, 2 * i + 2)
      .sort()
      .join(' '),
  );
  const at = (/** @type {string} */ part) => `${10 * parts.indexOf(part)},${10 * (100 + parts.indexOf(part))}`;
  assert.equal(ends.length, 24);
  assert.deepEqual(drawn.sort(), CONNECTED.map((pair) => pair.map(at).sort().join(' ')).sort());
  assert.deepEqual(
    limbs.calls.filter(([name]) => name === 'stroke'),
    CONNECTED.map(() => ['stroke', 'red', 3]),
  );

  const unsure = recorder();
  const weak = keypoints.map((point) => (point.part === 'leftShoulder' ? { ...point, score: 0.1 } : point));
  tmPose.drawSkeleton(weak, 0.5, unsure.context);
  assert.equal(unsure.calls.filter(([name]) => name === 'lineTo').length, CONNECTED.length - 3);
  assert.deepEqual(unsure.calls.at(-1), ['stroke', 'aqua', 2]);
});
