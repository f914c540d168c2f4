// nsfwjs' MobileNetV2, a layers model with weights of 8 bits, on photographs. Its larger models are in full/.
import { testAgreement } from '../support/model-agreement.js';
import { nsfwModel } from '../support/nsfwjs.js';
import { photoSamples } from '../support/photo-samples.js';

testAgreement('nsfwjs, MobileNetV2', {
  url: await nsfwModel('mobilenet_v2'),
  samples: () => photoSamples({ input: 'input_1', size: 224, scale: 1 / 255, whole: true }),
});
