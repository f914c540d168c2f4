// The other models of @vladmandic/human that have no control flow, on crops of real photographs: faces for those that look
// at faces, whole photographs for the others. What they say is not judged here, only that it is what TensorFlow.js says.
import { cropToTensor } from '../../js/image/crop.js';
import { createDetector } from '../../models/facemesh/detector.js';
import { regionOfDetection } from '../../models/facemesh/region.js';
import { wholeWindow } from '../../models/facemesh/windows.js';
import { testAgreement } from '../support/model-agreement.js';
import { BLAZEFACE_URL, modelPath, readPhotos } from '../support/photos.js';
import { loadReference } from '../support/reference.js';

/**
 * size: of the square input; channels: 3, or 1 for grey; scale: of the pixels' bytes; whole: of a photograph, not of a face.
 * @type {Record<string, { input: string, size: number, channels?: 1, scale: number, whole?: true, dtype?: 'int32' }>}
 */
const MODELS = {
  iris: { input: 'input_1', size: 64, scale: 1 / 255 },
  emotion: { input: 'input_1', size: 64, channels: 1, scale: 1 / 255 },
  antispoof: { input: 'conv2d_input', size: 128, scale: 1 / 255 },
  liveness: { input: 'conv2d_1_input', size: 32, scale: 1 / 255 },
  faceres: { input: 'input_1', size: 224, scale: 1 },
  'handlandmark-lite': { input: 'input_1', size: 224, scale: 1 / 255, whole: true },
  'movenet-lightning': { input: 'input', size: 192, scale: 1, whole: true, dtype: 'int32' },
  centernet: { input: 'input_1', size: 512, scale: 1, whole: true },
};

/** Red, green and blue to grey, as ITU-R BT.601 weighs them. @param {Float32Array} rgb */
const toGrey = (rgb) =>
  Float32Array.from({ length: rgb.length / 3 }, (_, i) => 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2]);

for (const [name, { input, size, channels = 3, scale, whole = false, dtype = 'float32' }] of Object.entries(MODELS)) {
  testAgreement(name, {
    url: modelPath(name),
    samples: async () => {
      const detect = createDetector(await loadReference(BLAZEFACE_URL));
      const photos = (await readPhotos()).slice(0, 3);
      return Promise.all(
        photos.map(async ({ name: photo, image }) => {
          const { width, height } = image;
          const all = { xCenter: width / 2, yCenter: height / 2, width, height };
          const region = whole ? all : regionOfDetection((await detect(image, wholeWindow(image)))[0]);
          const rgb = cropToTensor(image, { region, width: size, height: size, scale });
          const values = channels === 1 ? toGrey(rgb) : rgb;
          return { name: photo, inputs: { [input]: dtype === 'int32' ? Int32Array.from(values, Math.round) : values } };
        }),
      );
    },
  });
}
