// What compiling makes of each model, and what it takes: npm run bench:plans [-- --models facemesh,mobilebert,…]
// Nodes as the loader issues them and steps that are left; arena, its lower bound and the sum of its buffers; the heap at its
// peak during load, and what the project's rule allows: packed weights + arena + staging + 4 MB. Times of one load and the
// least of some runs, with and without the passes, one thread.
import { parseArgs } from 'node:util';
import { mediapipeModels } from '../demo/assets/mediapipe.js';
import { createRuntime } from '../js/index.js';
import { ARCHITECTURES } from '../tests/support/architectures/index.js';
import { sampleInputs } from '../tests/support/architectures/samples.js';
import { teachableImage } from '../tests/support/architectures/teachable.js';
import { toGraphModel } from '../tests/support/architectures/to-graph.js';
import { nsfwModel } from '../tests/support/nsfwjs.js';
import { modelPath } from '../tests/support/photos.js';

const HUMAN = [
  'facemesh',
  'blazeface',
  'iris',
  'emotion',
  'faceres',
  'antispoof',
  'liveness',
  'handlandmark-lite',
  'movenet-lightning',
  'centernet',
];
const NSFW = /** @type {const} */ (['mobilenet_v2', 'inception_v3']);
const RUNS = 5;
const MB = 1e6;

/** Sources by name; made when their turn comes. @type {[string, () => unknown][]} */
const entries = [
  ...HUMAN.map((name) => /** @type {[string, () => unknown]} */ ([name, () => modelPath(name)])),
  ...NSFW.map((name) => /** @type {[string, () => unknown]} */ ([`nsfwjs ${name}`, () => nsfwModel(name)])),
  ...mediapipeModels().map(({ name, bytes }) => /** @type {[string, () => unknown]} */ ([`${name}.tflite`, () => bytes])),
  ['teachable rgb', () => teachableImage()],
  ['teachable grayscale', () => teachableImage({ grayscale: true })],
  ...Object.entries(ARCHITECTURES).map(([name, make]) => /** @type {[string, () => unknown]} */ ([name, () => toGraphModel(make())])),
];
const sources = new Map(entries);

/** @param {readonly import('../js/index.js').Port[]} inputs */
const ones = (inputs) => sampleInputs(inputs.map((port) => ({ ...port, shape: port.shape.map((dim) => (dim === -1 ? 1 : dim)) })));

/** @param {unknown} source @param {boolean} optimize */
async function measure(source, optimize) {
  const runtime = await createRuntime({ threads: 1 });
  const started = performance.now();
  const model = await runtime.load(source, /** @type {any} */ ({ optimize }));
  const loadMs = performance.now() - started;
  const { peakHeapBytes, weightBytes, arenaBytes } = runtime.memory();
  const inputs = ones(model.inputs);
  let best = Infinity;
  for (let i = 0; i <= RUNS; i++) {
    const before = performance.now();
    await model.run(inputs);
    best = Math.min(best, performance.now() - before);
  }
  const { steps, plan } = model.inspect();
  runtime.dispose();
  return { loadMs, best, steps: steps.length, plan, peakHeapBytes, weightBytes, arenaBytes };
}

const { values } = parseArgs({ options: { models: { type: 'string' } } });
const wanted = values.models?.split(',') ?? [...sources.keys()];
console.log(
  '| model | steps: plain → passes | arena MB: is, least, sum | weights MB | peak of load MB | load ms | run ms: plain → passes |',
);
console.log('|---|---|---|---|---|---|---|');
for (const name of wanted) {
  const source = await sources.get(name)?.();
  if (source === undefined) throw new Error(`no model ${name}: ${[...sources.keys()].join(', ')}`);
  const [plain, folded] = [await measure(source, false), await measure(source, true)];
  const { arenaBytes, lowerBound, sum } = folded.plan;
  const arena = [arenaBytes, lowerBound, sum].map((bytes) => (bytes / MB).toFixed(2)).join(', ');
  const times = `${plain.best.toFixed(1)} → ${folded.best.toFixed(1)} (${(plain.best / folded.best).toFixed(2)}×)`;
  const memory = `${(folded.weightBytes / MB).toFixed(2)} | ${(folded.peakHeapBytes / MB).toFixed(2)}`;
  console.log(`| ${name} | ${plain.steps} → ${folded.steps} | ${arena} | ${memory} | ${folded.loadMs.toFixed(0)} | ${times} |`);
}
