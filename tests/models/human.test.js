// The other models of @vladmandic/human that have no control flow, on crops of real photographs: faces for those that look
// at faces, whole photographs for the others. What they say is not judged here, only that it is what TensorFlow.js says.
// Its centernet, which takes TensorFlow.js 20 s, is in full/.
import { testAgreement } from '../support/model-agreement.js';
import { photoSamples } from '../support/photo-samples.js';
import { modelPath } from '../support/photos.js';

/** @type {Record<string, import('../support/photo-samples.js').PhotoInput>} */
const MODELS = {
  iris: { input: 'input_1', size: 64, scale: 1 / 255 },
  emotion: { input: 'input_1', size: 64, channels: 1, scale: 1 / 255 },
  antispoof: { input: 'conv2d_input', size: 128, scale: 1 / 255 },
  liveness: { input: 'conv2d_1_input', size: 32, scale: 1 / 255 },
  faceres: { input: 'input_1', size: 224, scale: 1 },
  'handlandmark-lite': { input: 'input_1', size: 224, scale: 1 / 255, whole: true },
  'movenet-lightning': { input: 'input', size: 192, scale: 1, whole: true, dtype: 'int32' },
};

for (const [name, options] of Object.entries(MODELS)) testAgreement(name, { url: modelPath(name), samples: () => photoSamples(options) });
