// What benchmarks give to onnxruntime-web and LiteRT.js computes what the same network computes as a graph model: else their times
// would be those of something else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web';
import { compareOutputs } from '../support/agreement.js';
import { readGraph } from '../support/architectures/from-graph.js';
import { mobileBert } from '../support/architectures/mobilebert.js';
import { efficientNetLite0, mobileNetV1, mobileNetV2, mobileNetV3 } from '../support/architectures/mobilenet.js';
import { poseNet } from '../support/architectures/posenet.js';
import { sampleInputs } from '../support/architectures/samples.js';
import { speechCommands } from '../support/architectures/speech-commands.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { toOnnx } from '../support/architectures/to-onnx.js';
import { toTflite } from '../support/architectures/to-tflite.js';
import { createTestRuntime } from '../support/engine.js';
import { modelPath } from '../support/photos.js';
import { loadReference } from '../support/reference.js';

ort.env.wasm.numThreads = 1;
const LIMIT = 3e-5; // measured: 8.9e-6 of MobileNetV3, 1.4e-6 of the others
const VOCABULARY = 1000;

/** @type {Record<string, () => import('../support/architectures/network.js').Network>} */
const NETWORKS = {
  'MobileNetV1 0.5 96': () => mobileNetV1({ size: 96, alpha: 0.5 }),
  'MobileNetV2 0.35 96': () => mobileNetV2({ size: 96, alpha: 0.35 }),
  'MobileNetV3 large 96': () => mobileNetV3({ size: 96 }),
  'EfficientNet-lite0 96': () => efficientNetLite0({ size: 96 }),
  'PoseNet 0.5 129': () => poseNet({ size: 129, alpha: 0.5 }),
  'speech commands': speechCommands,
  'MobileBERT 2 blocks 48': () => mobileBert({ blocks: 2, sequence: 48, vocabulary: VOCABULARY }),
};

/** @param {Uint8Array} onnx @param {Record<string, import('../support/engine.js').TestInput>} inputs */
async function runOnnx(onnx, inputs) {
  const session = await ort.InferenceSession.create(onnx);
  const given = session.inputNames.map((key) => {
    const { dtype, shape, data } = /** @type {import('../support/engine.js').TestTensor} */ (inputs[key]);
    return [key, new ort.Tensor(/** @type {'float32'} */ (dtype), /** @type {Float32Array} */ (data), shape)];
  });
  const results = await session.run(Object.fromEntries(given));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: /** @type {Float32Array} */ (data) }]),
  );
}

/**
 * The largest error. @param {Record<string, { shape: readonly number[], data: any }>} actual
 * @param {Record<string, { shape: number[], data: any }>} expected
 */
function check(actual, expected, limits = /** @type {Record<string, number>} */ ({})) {
  assert.deepEqual(new Set(Object.keys(actual)), new Set(Object.keys(expected)));
  for (const [name, { shape }] of Object.entries(expected)) assert.deepEqual(actual[name].shape, shape, `shape of ${name}`);
  const errors = Object.entries(expected).map(([name, output]) => {
    const { error, where } = compareOutputs(actual, { [name]: output });
    assert.ok(error <= (limits[name] ?? LIMIT), `${error.toExponential(2)} at ${where}`);
    return error;
  });
  return Math.max(...errors);
}

for (const [name, make] of Object.entries(NETWORKS))
  test(`ONNX of ${name}: onnxruntime-web agrees with the cpu backend on the graph model`, async (t) => {
    const network = make();
    const inputs = sampleInputs(network.inputs, { vocabulary: VOCABULARY, words: 30 });
    const expected = await (await loadReference(toGraphModel(network))).run(inputs);
    t.diagnostic(`largest error ${check(await runOnnx(toOnnx(network), inputs), expected).toExponential(2)} of max|b|`);
  });

/** Of facemesh's Identity_1, whether there is a face: the sigmoid of −11, whose relative error is the absolute one of that. 2.3e-4 was
 * measured. @type {Record<string, Record<string, number>>} */
const REAL = { facemesh: { Identity_1: 1e-3 }, blazeface: {}, emotion: {} };

for (const [name, limits] of Object.entries(REAL))
  test(`${name} as ONNX and as TensorFlow Lite: agrees with the cpu backend on the graph model`, async (t) => {
    const network = await readGraph(modelPath(name));
    const inputs = sampleInputs(network.inputs);
    const expected = await (await loadReference(modelPath(name))).run(inputs);
    const runtime = await createTestRuntime({ variant: 'simd', threads: 1 });
    const model = await runtime.load(toTflite(network, { fused: true }));
    const errors = [check(await runOnnx(toOnnx(network), inputs), expected, limits), check(await model.run(inputs), expected, limits)];
    runtime.dispose();
    t.diagnostic(`largest errors ${errors.map((error) => error.toExponential(2))} of max|b|`);
  });
