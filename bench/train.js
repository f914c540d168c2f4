// A training step (forward, gradients, optimiser, loss read back) of TensorFlow.js on the project's backend, its WebAssembly one where
// that has the gradients, and its plain one.
// npm run bench:train [-- --rounds 9] [--networks head,cnn,lstm] [--threads 2] [--clock cpu]
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { seeded } from '../tests/support/random.js';
import { median } from './statistics.js';
import { BACKEND_OPTIONS, clock, inCurrentNode, markdown, startBackends } from './tfjs/backends.js';

inCurrentNode();
const { rival: _, ...backendOptions } = BACKEND_OPTIONS;
const { values: options } = parseArgs({
  options: { ...backendOptions, rounds: { type: 'string', default: '9' }, networks: { type: 'string' } },
});
const now = clock(options.clock);
const TURN_MS = 50; // at least one step
const WARM_STEPS = 10;

/** @typedef {{ make: () => layers.Sequential, x: number[], y: number[], loss: string, optimizer: string }} Network  shapes of a batch */

/** @type {Record<string, Network>} */
const NETWORKS = {
  // Teachable Machine's head.
  'head: 16 × 1280 → 100 → 3, Adam': {
    make: () =>
      layers.sequential({
        layers: [
          layers.layers.dense({ units: 100, activation: 'relu', inputShape: [1280] }),
          layers.layers.dense({ units: 3, activation: 'softmax', useBias: false }),
        ],
      }),
    ...{ x: [16, 1280], y: [16, 3], loss: 'categoricalCrossentropy', optimizer: 'adam' },
  },
  'cnn: 32 × 28×28, two convolutions, SGD': {
    make: () =>
      layers.sequential({
        layers: [
          layers.layers.conv2d({ filters: 8, kernelSize: 5, activation: 'relu', inputShape: [28, 28, 1] }),
          layers.layers.maxPooling2d({ poolSize: 2 }),
          layers.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
          layers.layers.maxPooling2d({ poolSize: 2 }),
          layers.layers.flatten(),
          layers.layers.dense({ units: 10, activation: 'softmax' }),
        ],
      }),
    ...{ x: [32, 28, 28, 1], y: [32, 10], loss: 'categoricalCrossentropy', optimizer: 'sgd' },
  },
  'lstm: 16 × 20 × 16 → 64, RMSProp': {
    make: () =>
      layers.sequential({
        layers: [
          layers.layers.lstm({ units: 64, recurrentInitializer: 'glorotUniform', inputShape: [20, 16] }),
          layers.layers.dense({ units: 1 }),
        ],
      }),
    ...{ x: [16, 20, 16], y: [16, 1], loss: 'meanSquaredError', optimizer: 'rmsprop' },
  },
};

/** Numbers of which only the seed matters; of labels, rows of one 1. @param {number[]} shape @param {number} seed @param {boolean} oneHot */
function batch(shape, seed, oneHot) {
  const random = seeded(seed);
  const data = new Float32Array(shape.reduce((n, size) => n * size, 1));
  if (oneHot) for (let row = 0; row < shape[0]; row++) data[row * shape[1] + Math.floor(random() * shape[1])] = 1;
  else for (let i = 0; i < data.length; i++) data[i] = random() * 2 - 1;
  return tf.tensor(data, shape);
}

/** @param {Network} network */
function start({ make, x, y, loss, optimizer }) {
  const model = make();
  const weights = model.getWeights().map(({ shape }, i) => tf.mul(batch(shape, i + 1, false), 0.1));
  model.setWeights(weights);
  tf.dispose(weights);
  model.compile({ loss, optimizer });
  const tensors = { x: batch(x, 7, false), y: batch(y, 8, loss === 'categoricalCrossentropy') };
  return {
    step: async () => Number(await model.trainOnBatch(tensors.x, tensors.y)),
    dispose() {
      tf.dispose(tensors);
      model.dispose();
    },
  };
}

const backends = await startBackends([...new Set([options.ours, 'wasm', 'cpu'])], options);
const wanted = options.networks?.split(',') ?? [''];
const table = [];
for (const [name, network] of Object.entries(NETWORKS).filter(([name]) => wanted.some((prefix) => name.startsWith(prefix)))) {
  const contestants = [];
  for (const backend of backends) {
    backend.use();
    const training = start(network);
    /** @type {number[]} */
    const losses = [];
    let failure = '';
    try {
      for (let i = 0; i < WARM_STEPS; i++) losses.push(await training.step());
    } catch (error) {
      failure = /Kernel '(\w+)' not registered/.exec(/** @type {Error} */ (error).message)?.[1] ?? /** @type {Error} */ (error).message;
    }
    const before = now();
    if (failure === '') await training.step();
    const steps = Math.max(1, Math.min(200, Math.round(TURN_MS / (now() - before))));
    contestants.push({ backend, training, losses, failure, steps, rounds: /** @type {number[]} */ ([]) });
  }
  for (let round = 0; round < Number(options.rounds); round++)
    for (const { backend, training, failure, steps, rounds } of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      if (failure !== '') continue;
      backend.use();
      const started = now();
      for (let i = 0; i < steps; i++) await training.step();
      rounds.push((now() - started) / steps);
    }
  const [ours] = contestants;
  for (const { backend, training, losses, failure, rounds } of contestants) {
    backend.use();
    training.dispose();
    const last = losses.at(-1) ?? NaN;
    const ratio = median(ours.rounds.map((ms, i) => ms / rounds[i]));
    table.push(
      failure === ''
        ? [name, backend.label, median(rounds).toFixed(3), Math.min(...rounds).toFixed(3), ratio.toFixed(3), last.toPrecision(6)]
        : [name, backend.label, `lacks ${failure}`, '', '', ''],
    );
  }
}
console.log(`Node ${process.version}; ${options.clock} clock; ratio: ours to it\n`);
console.log(markdown(['network', 'backend', 'ms a step', 'least', 'ratio', `loss after ${WARM_STEPS} steps`], table));
