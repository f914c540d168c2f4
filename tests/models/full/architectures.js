// The architectures of ../architectures.test.js at their full sizes.

import { mobileBert } from '../../support/architectures/mobilebert.js';
import { efficientNetLite0, mobileNetV1, mobileNetV2, mobileNetV3 } from '../../support/architectures/mobilenet.js';
import { poseNet } from '../../support/architectures/posenet.js';
import { sampleInputs } from '../../support/architectures/samples.js';
import { teachableImage } from '../../support/architectures/teachable.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { testAgreement } from '../../support/model-agreement.js';
import { photoSamples } from '../../support/photo-samples.js';

/** @type {Record<string, () => import('../../support/architectures/network.js').Network>} */
const NETWORKS = {
  'MobileNetV1 224': mobileNetV1,
  'MobileNetV2 224': mobileNetV2,
  'MobileNetV3 large 224': mobileNetV3,
  'MobileNetV3 small 224': () => mobileNetV3({ large: false }),
  'EfficientNet-lite0 224': efficientNetLite0,
  'PoseNet 0.75 257': poseNet,
};

for (const [name, make] of Object.entries(NETWORKS)) {
  const network = make();
  const [{ name: input, shape }] = network.inputs;
  const samples = () => photoSamples({ input, size: shape[1], scale: 2 / 255, offset: -1, whole: true, count: 2 });
  testAgreement(`${name}, fused`, { url: toGraphModel(network), samples });
  testAgreement(`${name}, as trained`, { url: toGraphModel(network, { fused: false, dynamic: true }), samples });
}

{
  const network = mobileBert();
  const samples = async () => [{ name: 'a window of 300 words', inputs: sampleInputs(network.inputs, { words: 300 }) }];
  testAgreement('MobileBERT 384, fused', { url: toGraphModel(network), samples });
  testAgreement('MobileBERT 384, as trained', { url: toGraphModel(network, { fused: false, dynamic: true }), samples });
  testAgreement('MobileBERT 384, float16 weights', { url: toGraphModel(network, { storage: 'float16' }), samples });
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
