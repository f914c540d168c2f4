// Well-known architectures with made-up weights, small here; their full sizes are in full/. Each as the converter leaves a graph
// and as it was trained, where nothing is fused and shapes are computed from shapes.

import { mobileBert } from '../support/architectures/mobilebert.js';
import { efficientNetLite0, mobileNetV1, mobileNetV2, mobileNetV3 } from '../support/architectures/mobilenet.js';
import { poseNet } from '../support/architectures/posenet.js';
import { sampleInputs } from '../support/architectures/samples.js';
import { speechCommands } from '../support/architectures/speech-commands.js';
import { teachableImage } from '../support/architectures/teachable.js';
import { toGraphModel } from '../support/architectures/to-graph.js';
import { toTflite } from '../support/architectures/to-tflite.js';
import { testAgreement } from '../support/model-agreement.js';

const VOCABULARY = 1000;
/** @type {Record<string, () => import('../support/architectures/network.js').Network>} */
const NETWORKS = {
  'MobileNetV1 0.5 96': () => mobileNetV1({ size: 96, alpha: 0.5 }),
  'MobileNetV2 0.35 96': () => mobileNetV2({ size: 96, alpha: 0.35 }),
  'MobileNetV3 large 96': () => mobileNetV3({ size: 96 }),
  'MobileNetV3 small 96': () => mobileNetV3({ size: 96, large: false }),
  'EfficientNet-lite0 96': () => efficientNetLite0({ size: 96 }),
  'PoseNet 0.5 129': () => poseNet({ size: 129, alpha: 0.5 }),
  'speech commands': speechCommands,
  'MobileBERT 2 blocks 48': () => mobileBert({ blocks: 2, sequence: 48, vocabulary: VOCABULARY }),
};

for (const [name, make] of Object.entries(NETWORKS)) {
  const network = make();
  const samples = async () =>
    [1, 2].map((seed) => ({
      name: `seed ${seed}`,
      inputs: sampleInputs(network.inputs, { seed, vocabulary: VOCABULARY, words: 30 * seed }),
    }));
  testAgreement(`${name}, fused`, { url: toGraphModel(network), samples });
  testAgreement(`${name}, as trained`, { url: toGraphModel(network, { fused: false, dynamic: true }), samples });
  testAgreement(`${name}, TensorFlow Lite`, { url: toTflite(network), reference: toGraphModel(network), samples });
}

for (const sequence of [16, 40, 64, 100]) {
  const network = mobileBert({ blocks: 1, sequence, vocabulary: VOCABULARY });
  testAgreement(`MobileBERT of ${sequence} words, TensorFlow Lite of float16 weights`, {
    url: toTflite(network, { storage: 'float16' }),
    reference: toGraphModel(network, { storage: 'float16' }),
    samples: async () => [
      { name: 'seed 1', inputs: sampleInputs(network.inputs, { vocabulary: VOCABULARY, words: Math.ceil(sequence * 0.8) }) },
    ],
  });
}

for (const storage of /** @type {const} */ (['float16', 'uint8', 'uint16'])) {
  const network = mobileNetV2({ size: 64, alpha: 0.35, classes: 10 });
  testAgreement(`MobileNetV2 of ${storage} weights`, {
    url: toGraphModel(network, { storage }),
    samples: async () => [{ name: 'seed 1', inputs: sampleInputs(network.inputs) }],
  });
}

{
  const network = mobileNetV2({ size: 64, alpha: 0.35, classes: 10, batch: -1 });
  const [input] = network.inputs;
  testAgreement('MobileNetV2 of any batch', {
    url: toGraphModel(network),
    samples: async () =>
      [3, 1].map((batch) => ({
        name: `batch of ${batch}`,
        inputs: sampleInputs([{ ...input, shape: [batch, ...input.shape.slice(1)] }]),
      })),
  });
}

{
  const network = mobileBert({ blocks: 1, sequence: 24, vocabulary: VOCABULARY });
  for (const fused of [true, false])
    testAgreement(`MobileBERT of any batch, ${fused ? 'fused' : 'as trained'}`, {
      url: toGraphModel(network, { fused, dynamic: !fused }),
      samples: async () =>
        [3, 1].map((batch) => ({
          name: `batch of ${batch}`,
          inputs: sampleInputs(
            network.inputs.map((input) => (input.shape.length < 2 ? input : { ...input, shape: [batch, ...input.shape.slice(1)] })),
            { vocabulary: VOCABULARY, words: 20 },
          ),
        })),
    });
}

for (const [name, options] of Object.entries({
  'Teachable Machine, RGB 96': { size: 96 },
  'Teachable Machine, RGB 96, config as bare lists': { size: 96, bareList: true },
  'Teachable Machine, grayscale 96': { grayscale: true },
}))
  testAgreement(name, {
    url: await teachableImage(options),
    named: !('bareList' in options), // which has no names, so that each reader makes them up
    samples: async () => {
      const shape = [1, 96, 96, 'grayscale' in options ? 1 : 3];
      return [1, 2].map((seed) => ({
        name: `seed ${seed}`,
        inputs: sampleInputs([{ name: 'input_1', shape, dtype: 'float32' }], { seed }),
      }));
    },
  });
