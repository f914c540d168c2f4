// Models with real weights that take TensorFlow.js' cpu backend long.

import { testAgreement } from '../../support/model-agreement.js';
import { nsfwModel } from '../../support/nsfwjs.js';
import { photoSamples } from '../../support/photo-samples.js';
import { modelPath } from '../../support/photos.js';

testAgreement('centernet', {
  url: modelPath('centernet'),
  // Widths and heights of objects, unbounded and mostly small: large terms cancel. On photographs up to 2.7e-5; against float64
  // it is 1.2e-5 for us, 8.3e-6 for TensorFlow.js.
  limits: { 'tower_0/wh': 4e-5 },
  samples: () => photoSamples({ input: 'tower_0/images', size: 512, scale: 1, whole: true }),
});

testAgreement('nsfwjs, MobileNetV2 of a graph', {
  url: await nsfwModel('mobilenet_v2_mid'),
  samples: () => photoSamples({ input: 'input', size: 224, scale: 1 / 255, whole: true }),
});

testAgreement('nsfwjs, InceptionV3', {
  url: await nsfwModel('inception_v3'),
  samples: () => photoSamples({ input: 'input_1', size: 299, scale: 1 / 255, whole: true, count: 2 }),
});
