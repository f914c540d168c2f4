// The architectures of ../architectures.test.js at their full sizes.

import { ARCHITECTURES } from '../../support/architectures/index.js';
import { sampleInputs } from '../../support/architectures/samples.js';
import { teachableImage } from '../../support/architectures/teachable.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { toTflite } from '../../support/architectures/to-tflite.js';
import { testAgreement } from '../../support/model-agreement.js';
import { photoSamples } from '../../support/photo-samples.js';

for (const [name, make] of Object.entries(ARCHITECTURES)) {
  const network = make();
  const [{ name: input, shape }] = network.inputs;
  const sees = shape.length === 4 && shape[3] === 3;
  const samples = async () =>
    sees
      ? photoSamples({ input, size: shape[1], scale: 2 / 255, offset: -1, whole: true, count: 2 })
      : [{ name: 'seed 1', inputs: sampleInputs(network.inputs, { words: 300 }) }];
  testAgreement(`${name}, fused`, { url: toGraphModel(network), samples });
  testAgreement(`${name}, as trained`, { url: toGraphModel(network, { fused: false, dynamic: true }), samples });
  const storage = 'float16';
  testAgreement(`${name}, float16 weights`, { url: toGraphModel(network, { storage }), samples });
  testAgreement(`${name}, TensorFlow Lite of float16 weights`, {
    url: toTflite(network, { storage }),
    reference: toGraphModel(network, { storage }),
    samples,
  });
}

for (const [name, options] of Object.entries({
  'Teachable Machine, RGB 224': {},
  'Teachable Machine, RGB 224, config as bare lists': { bareList: true },
}))
  testAgreement(name, {
    url: await teachableImage(options),
    named: !('bareList' in options),
    samples: () => photoSamples({ input: 'input_1', size: 224, scale: 1 / 127, offset: -1, whole: true }),
  });
