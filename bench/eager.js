// Models run by TensorFlow.js itself, op by op, on the project's backend and on another one.
// npm run bench:eager [-- --rounds 15] [--models facemesh,blazeface] [--rival cpu] [--threads 2] [--clock cpu] [--profile kernel|shape]
// A run copies the inputs in and the outputs out.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { mobileBert } from '../tests/support/architectures/mobilebert.js';
import { mobileNetV1 } from '../tests/support/architectures/mobilenet.js';
import { poseNet } from '../tests/support/architectures/posenet.js';
import { sampleInputs } from '../tests/support/architectures/samples.js';
import { teachableImage } from '../tests/support/architectures/teachable.js';
import { toGraphModel } from '../tests/support/architectures/to-graph.js';
import { nsfwModel } from '../tests/support/nsfwjs.js';
import { modelPath } from '../tests/support/photos.js';
import { median } from './statistics.js';
import { BACKEND_OPTIONS, clock, difference, inCurrentNode, markdown, startBackends, tensorsOf } from './tfjs/backends.js';
import { timeKernels } from './tfjs/kernel-times.js';

inCurrentNode();
const { values: options } = parseArgs({
  options: {
    ...BACKEND_OPTIONS,
    rounds: { type: 'string', default: '15' },
    models: { type: 'string' },
    profile: { type: 'string' },
  },
});
const now = clock(options.clock);
const WARM_RUNS = 8;
const TURN_MS = 60; // at least one run

/** @typedef {{ predict: (inputs: any) => tf.TensorContainer, inputs: any[], dispose: () => void }} Model */

/** @param {string} name */
async function human(name) {
  const path = modelPath(name);
  const { modelTopology, weightsManifest, signature, userDefinedMetadata } = JSON.parse(await readFile(path, 'utf8'));
  const bytes = new Uint8Array(await readFile(path.replace(/json$/, 'bin')));
  const weightSpecs = weightsManifest.flatMap((/** @type {any} */ group) => group.weights);
  return { modelTopology, weightSpecs, weightData: bytes.buffer, signature: signature ?? userDefinedMetadata?.signature };
}

/** Where each model is from; real weights, but for the architectures. @type {Record<string, () => any>} */
const MODELS = {
  ...Object.fromEntries(
    ['facemesh', 'blazeface', 'movenet-lightning', 'handlandmark-lite', 'emotion', 'faceres'].map((name) => [name, () => human(name)]),
  ),
  'nsfwjs mobilenet-v2': () => nsfwModel('mobilenet_v2'),
  'teachable image': () => teachableImage(),
  'mobilenet-v1': () => toGraphModel(mobileNetV1()),
  posenet: () => toGraphModel(poseNet()),
  'mobilebert, 4 blocks of 128': () => toGraphModel(mobileBert({ blocks: 4, sequence: 128, vocabulary: 2000, batch: 1 })),
};

/** @param {any} artifacts @returns {Promise<Model>} */
async function load(artifacts) {
  const topology = artifacts.modelTopology;
  const layers = 'model_config' in topology || 'class_name' in topology;
  const handler = { load: async () => artifacts };
  return /** @type {any} */ (await (layers ? loadLayersModel(handler) : loadGraphModel(handler)));
}

/** @param {Model} model @param {Record<string, any>} samples @returns {(Float32Array | Int32Array | Uint8Array)[]} */
function run(model, samples) {
  return tf.tidy(() => {
    const tensors = Object.values(samples).map(({ data, shape, dtype }) => tf.tensor(data, shape, dtype));
    const named = Object.fromEntries(Object.keys(samples).map((name, i) => [name, tensors[i]]));
    const outputs = model.predict(tensors.length === 1 ? tensors[0] : named);
    return tensorsOf(outputs).map((tensor) => tensor.dataSync().slice());
  });
}

/** @param {Model} model @param {string} name */
function samplesOf({ inputs }, name) {
  const ports = inputs.map(({ name, shape, dtype }) => ({
    name,
    shape: shape.map((/** @type {number | null} */ size) => (size === null || size < 0 ? 1 : size)),
    dtype,
  }));
  return sampleInputs(ports, { seed: name.length, vocabulary: 2000 });
}

const backends = await startBackends([options.ours, options.rival], options);

/** Kernel by kernel, or with shapes: both backends beside each other. @param {{ backend: import('./tfjs/backends.js').Backend, model: Model }[]} contestants @param {Record<string, any>} samples */
function profile(contestants, samples) {
  const runs = 10;
  const sides = contestants.map(({ backend, model }) => {
    backend.use();
    const hook = timeKernels(backend.name, { byShape: options.profile === 'shape', now });
    for (let i = 0; i < WARM_RUNS; i++) run(model, samples);
    hook.totals.clear();
    const start = now();
    for (let i = 0; i < runs; i++) run(model, samples);
    const ms = (now() - start) / runs;
    hook.stop();
    const kernelMs = [...hook.totals.values()].reduce((sum, total) => sum + total.ms, 0) / runs;
    return { totals: hook.totals, ms, kernelMs };
  });
  const of = (/** @type {number} */ side, /** @type {string} */ key) => sides[side].totals.get(key) ?? { calls: 0, ms: 0 };
  const keys = [...new Set(sides.flatMap(({ totals }) => [...totals.keys()]))].sort((a, b) => of(0, b).ms - of(0, a).ms);
  const rows = keys.map((key) => {
    const [ours, theirs] = [of(0, key), of(1, key)];
    return [
      ...[key, ours.calls / runs, (ours.ms / runs).toFixed(3), (theirs.ms / runs).toFixed(3)],
      ...[
        (ours.ms / theirs.ms).toFixed(2),
        ((ours.ms * 1000) / ours.calls).toFixed(1),
        `${((ours.ms / runs / sides[0].ms) * 100).toFixed(1)} %`,
      ],
    ];
  });
  const [ours, theirs] = sides.map(({ ms, kernelMs }) => ms - kernelMs);
  rows.push([
    'outside of kernels',
    '',
    ours.toFixed(3),
    theirs.toFixed(3),
    (ours / theirs).toFixed(2),
    '',
    `${((ours / sides[0].ms) * 100).toFixed(1)} %`,
  ]);
  console.log(markdown(['kernel', 'calls', 'ours ms', `${options.rival} ms`, 'ratio', 'µs a call', 'share of ours'], rows));
  console.log('');
}

const names = options.models?.split(';') ?? Object.keys(MODELS);
const table = [];
for (const name of names) {
  const artifacts = await MODELS[name]?.();
  if (artifacts === undefined) throw new Error(`no model ${name}: ${Object.keys(MODELS).join('; ')}`);
  const contestants = [];
  try {
    for (const backend of backends) {
      backend.use();
      const start = now();
      const model = await load(artifacts);
      const samples = samplesOf(model, name);
      const outputs = run(model, samples);
      contestants.push({ backend, model, samples, outputs, first: now() - start, times: /** @type {number[][]} */ ([]) });
    }
  } catch (error) {
    console.log(`${name} on ${backends[contestants.length].name}: ${/** @type {Error} */ (error).message}\n`);
    process.exitCode = 1;
    continue;
  }
  const [, their] = contestants;
  const errors = contestants[0].outputs.map((data, i) => difference(Array.from(data), Array.from(their.outputs[i])));
  let turnMs = 0;
  for (const { backend, model, samples } of contestants) {
    backend.use();
    for (let i = 0; i < WARM_RUNS; i++) {
      const start = now();
      run(model, samples);
      turnMs = Math.max(turnMs, now() - start);
    }
  }
  const runs = Math.max(1, Math.round(TURN_MS / turnMs));
  const tensors = tf.memory().numTensors;
  for (let round = 0; round < Number(options.rounds); round++)
    for (const { backend, model, samples, times } of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      backend.use();
      const turn = [];
      for (let i = 0; i < runs; i++) {
        const start = now();
        run(model, samples);
        turn.push(now() - start);
      }
      times.push(turn);
    }
  if (tf.memory().numTensors !== tensors) throw new Error(`${name}: ${tf.memory().numTensors - tensors} tensors are left`);
  const [ours, theirs] = contestants.map(({ times }) => times);
  const [a, b] = [ours.map(median), theirs.map(median)];
  const [least, theirLeast] = [Math.min(...ours.flat()), Math.min(...theirs.flat())];
  table.push([
    ...[name, median(a).toFixed(2), median(b).toFixed(2), median(a.map((ms, i) => ms / b[i])).toFixed(2)],
    ...[least.toFixed(2), theirLeast.toFixed(2), (least / theirLeast).toFixed(2)],
    ...[contestants.map(({ first }) => first.toFixed(0)).join(' / '), Math.max(...errors).toExponential(1)],
  ]);
  if (options.profile !== undefined) {
    console.log(`${name}\n`);
    profile(contestants, contestants[0].samples);
  }
  for (const { backend, model } of contestants) {
    backend.use();
    model.dispose();
  }
}
console.log(`Node ${process.version}: ${backends.map(({ label }) => label).join(' beside ')}; ${options.clock} clock\n`);
console.log(
  markdown(
    [
      'model',
      'ours ms',
      `${options.rival} ms`,
      'ratio',
      'ours least',
      `${options.rival} least`,
      'ratio',
      'load and first run ms',
      'difference',
    ],
    table,
  ),
);
