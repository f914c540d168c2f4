// precision: 'int8' on models of their full size: how far outputs are from float32's, which nodes have int8 weights, what that does to
// the memory, and that threads change no bit. float32 itself is held to TensorFlow.js elsewhere (architectures.test.js, facemesh.test.js).
// Bounds are what was measured, with room for another seed; docs/numerics.md has the figures.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { mobileBert } from '../support/architectures/mobilebert.js';
import { mobileNetV1, mobileNetV2 } from '../support/architectures/mobilenet.js';
import { sampleInputs } from '../support/architectures/samples.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { toTflite } from '../support/architectures/to-tflite.js';
import { int8Network } from '../support/int8-network.js';
import { FACEMESH_URL, readPhotos } from '../support/photos.js';

/** @import { Runtime } from '../../js/runtime.js' */

const MB = 1e6;
const runtimes = await Promise.all([1, 2].map((threads) => createRuntime({ variant: 'simd', threads })));
const [runtime] = runtimes;
after(() => {
  for (const each of runtimes) each.dispose();
});

/** The middle of a photograph, around its first face. */
async function facePixels() {
  const [{ image, noses }] = await readPhotos();
  const [size, side] = [192, Math.round(image.width / 4)];
  const data = new Float32Array(size * size * 3);
  for (let i = 0; i < size * size; i++) {
    const x = Math.round(noses[0].x + ((i % size) / size - 0.5) * side);
    const y = Math.round(noses[0].y + (Math.floor(i / size) / size - 0.5) * side);
    for (let c = 0; c < 3; c++) data[3 * i + c] = image.data[4 * (y * image.width + x) + c] / 255;
  }
  return { input_1: { dtype: /** @type {const} */ ('float32'), shape: [1, size, size, 3], data } };
}

/** @param {import('../support/architectures/network.js').Network} network */
const seededModel = (network) => ({
  source: toGraphModel(network),
  inputs: async () => sampleInputs(network.inputs, { words: 300 }),
});

/** The kinds of a model's nodes, and how many of each. @param {string} summary @returns {Record<string, number>} */
function kindsOf(summary) {
  /** @type {Record<string, number>} */
  const kinds = {};
  for (const [, kind] of summary.matchAll(/^\d+ (\w+) "/gm)) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return kinds;
}

/** @param {Runtime} where @param {unknown} source @param {'float32' | 'int8'} precision @param {import('../../js/tensors.js').Inputs} inputs */
async function measure(where, source, precision, inputs) {
  const before = where.memory();
  const model = await where.load(source, { precision });
  const outputs = Object.values(await model.run(inputs)).map(({ data }) => /** @type {Float32Array} */ (data));
  const { weightBytes, heapBytes, arenaBytes } = where.memory();
  const kinds = kindsOf(model.summary());
  model.dispose();
  return { outputs, kinds, arenaBytes, heapBytes, weightBytes: weightBytes - before.weightBytes };
}

/** max|a − b| / max|b| over all outputs. @param {Float32Array[]} a @param {Float32Array[]} b */
function deviation(a, b) {
  const largest = Math.max(...b.map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  return Math.max(...b.map((values, k) => values.reduce((most, value, i) => Math.max(most, Math.abs(a[k][i] - value)), 0))) / largest;
}

/** share: of the float32 weights' bytes that are left at most; kinds: nodes with int8 weights. @type {{ name: string, limit: number, share: number, kinds: Record<string, number>, make: () => { source: unknown, inputs: () => Promise<Record<string, any>> } }[]} */
const MODELS = [
  { name: 'MobileNetV1 224', limit: 0.03, share: 0.28, kinds: { qd_conv2d: 13 }, make: () => seededModel(mobileNetV1()) },
  { name: 'MobileNetV2 224', limit: 0.03, share: 0.3, kinds: { qd_conv2d: 28, qd_dense: 1 }, make: () => seededModel(mobileNetV2()) },
  { name: 'facemesh', limit: 0.02, share: 0.35, kinds: { qd_conv2d: 20 }, make: () => ({ source: FACEMESH_URL, inputs: facePixels }) },
];

for (const { name, limit, share, kinds, make } of MODELS)
  test(`int8 weights: ${name} is near float32, with a quarter of its weights' bytes`, async (t) => {
    const { source, inputs } = make();
    const given = await inputs();
    const exact = await measure(runtime, source, 'float32', given);
    const [one, two] = [await measure(runtimes[0], source, 'int8', given), await measure(runtimes[1], source, 'int8', given)];
    const error = deviation(one.outputs, exact.outputs);
    t.diagnostic(
      `${name}: ${error.toExponential(2)} of the largest output, weights ${(one.weightBytes / MB).toFixed(2)} MB of ${(exact.weightBytes / MB).toFixed(2)}, ${JSON.stringify(one.kinds)}`,
    );
    assert.ok(error > 0 && error <= limit, `${error} > ${limit}`);
    assert.ok(one.weightBytes <= share * exact.weightBytes, `${one.weightBytes} bytes of ${exact.weightBytes}`);
    assert.deepEqual(Object.fromEntries(Object.entries(one.kinds).filter(([kind]) => kind.startsWith('qd_'))), kinds);
    assert.deepEqual(two.outputs, one.outputs, 'two threads compute the same bits as one');
  });

test('int8 weights: MobileBERT of 384 words takes less than 60 MB of heap, while it loads too', async (t) => {
  const network = mobileBert();
  const { source, inputs } = seededModel(network);
  const given = await inputs();
  const exact = await measure(runtimes[1], source, 'float32', given);
  const fresh = await createRuntime({ variant: 'simd', threads: 1 });
  const one = await measure(fresh, source, 'int8', given);
  const { peakHeapBytes, wasmBytes } = fresh.memory();
  const { global_step: _, ...words } = given; // which TensorFlow Lite's form does not have
  const tflite = await measure(fresh, toTflite(network, { storage: 'float16' }), 'int8', words);
  fresh.dispose();
  const error = deviation(one.outputs, exact.outputs);
  t.diagnostic(
    `MobileBERT: ${error.toExponential(2)} of the largest logit, heap ${(one.heapBytes / MB).toFixed(1)} MB of ${(exact.heapBytes / MB).toFixed(1)}, at most ${(peakHeapBytes / MB).toFixed(1)} while loading, weights ${(one.weightBytes / MB).toFixed(1)} MB of ${(exact.weightBytes / MB).toFixed(1)}, ${JSON.stringify(one.kinds)}`,
  );
  assert.ok(error > 0 && error <= 0.1, `${error}`);
  for (const bytes of [one.heapBytes, peakHeapBytes, wasmBytes, tflite.heapBytes]) assert.ok(bytes < 60 * MB, `${bytes} bytes`);
  assert.ok(one.weightBytes <= 0.28 * exact.weightBytes, `${one.weightBytes} bytes of ${exact.weightBytes}`);
  assert.ok(one.kinds.qd_gather >= 1, 'the table of words has one byte for each value');
  assert.ok(one.kinds.qd_dense > 24 * 10, JSON.stringify(one.kinds));
  assert.deepEqual((await measure(runtimes[1], source, 'int8', given)).outputs, one.outputs, 'two threads compute the same bits as one');
});

test("int8 weights: a model of TensorFlow Lite that is int8 already stays what it is with precision: 'int8'", async () => {
  const { bytes } = int8Network();
  const inputs = Float32Array.from({ length: 64 * 64 * 3 }, (_, i) => (i % 251) / 251);
  const [exact, same] = [await measure(runtime, bytes, 'float32', inputs), await measure(runtime, bytes, 'int8', inputs)];
  assert.deepEqual(same, exact);
});
