// How far the engine is from the truth, not only from TensorFlow.js: models computed in float64 by the references of the ops.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareOutputs } from '../../support/agreement.js';
import { mobileBert } from '../../support/architectures/mobilebert.js';
import { sampleInputs } from '../../support/architectures/samples.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { createTestRuntime } from '../../support/engine.js';
import { computeFloat64 } from '../../support/float64.js';
import { nsfwModel } from '../../support/nsfwjs.js';
import { photoSamples } from '../../support/photo-samples.js';
import { modelPath } from '../../support/photos.js';

const bert = mobileBert({ blocks: 4, sequence: 128 });
const faces = { size: 192, scale: 1 / 255, input: 'input_1', count: 1 };

/** @type {Record<string, { source: any, samples: () => Promise<{ inputs: Record<string, any> }[]>, limit: number }>} */
const MODELS = {
  facemesh: { source: modelPath('facemesh'), samples: () => photoSamples(faces), limit: 1e-5 },
  'nsfwjs, MobileNetV2': {
    source: await nsfwModel('mobilenet_v2'),
    samples: () => photoSamples({ ...faces, size: 224, whole: true }),
    limit: 1e-5,
  },
  'MobileBERT, 4 blocks': {
    source: toGraphModel(bert),
    samples: async () => [{ inputs: sampleInputs(bert.inputs, { words: 100 }) }],
    limit: 1e-5,
  },
  centernet: {
    source: modelPath('centernet'),
    samples: () => photoSamples({ input: 'tower_0/images', size: 512, scale: 1, whole: true, count: 1 }),
    limit: 2e-5, // of tower_0/wh
  },
};

for (const [name, { source, samples, limit }] of Object.entries(MODELS))
  test(`${name}: agrees with float64`, async (t) => {
    const [{ inputs }] = await samples();
    const expected = await computeFloat64(source, inputs);
    const runtime = await createTestRuntime({ variant: 'simd', threads: 1 });
    for (const optimize of [true, false]) {
      const model = await runtime.load(source, { optimize });
      const { error, where } = compareOutputs(await model.run(inputs), expected);
      assert.ok(error <= limit, `${error.toExponential(2)} at ${where}`);
      t.diagnostic(`${name}, ${optimize ? '' : 'not '}optimised: ${error.toExponential(2)} of max|b|`);
      model.dispose();
    }
    runtime.dispose();
  });
