// The ONNX that benchmarks give to onnxruntime-web computes what the same network computes as a graph model: else its times would
// be those of something else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web';
import { compare } from '../support/agreement.js';
import { mobileBert } from '../support/architectures/mobilebert.js';
import { efficientNetLite0, mobileNetV1, mobileNetV2, mobileNetV3 } from '../support/architectures/mobilenet.js';
import { poseNet } from '../support/architectures/posenet.js';
import { sampleInputs } from '../support/architectures/samples.js';
import { speechCommands } from '../support/architectures/speech-commands.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { toOnnx } from '../support/architectures/to-onnx.js';
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

for (const [name, make] of Object.entries(NETWORKS))
  test(`ONNX of ${name}: onnxruntime-web agrees with the cpu backend on the graph model`, async (t) => {
    const network = make();
    const inputs = sampleInputs(network.inputs, { vocabulary: VOCABULARY, words: 30 });
    const expected = await (await loadReference(toGraphModel(network))).run(inputs);
    const session = await ort.InferenceSession.create(toOnnx(network));
    const given = session.inputNames.map((key) => {
      const { dtype, shape, data } = /** @type {import('../support/engine.js').TestTensor} */ (inputs[key]);
      return [key, new ort.Tensor(/** @type {'float32'} */ (dtype), /** @type {Float32Array} */ (data), shape)];
    });
    const actual = await session.run(Object.fromEntries(given));
    assert.deepEqual(new Set(session.outputNames), new Set(network.outputs.map((output) => output.name)));
    let worst = 0;
    for (const [output, { shape, data }] of Object.entries(expected)) {
      assert.deepEqual(actual[output].dims, shape);
      const { error, where } = compare(/** @type {Float32Array} */ (actual[output].data), /** @type {Float32Array} */ (data));
      assert.ok(error <= LIMIT, `${error.toExponential(2)} at ${output}${where}`);
      worst = Math.max(worst, error);
    }
    t.diagnostic(`largest error ${worst.toExponential(2)} of max|b|`);
    await session.release();
  });
