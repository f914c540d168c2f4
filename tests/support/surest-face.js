// Where the surest face of a photograph is, by TensorFlow.js: the inputs of face models, cut from real photographs.

import { readDetector } from '../../models/facemesh/detectors.js';
import { regionOfDetection } from '../../models/facemesh/region.js';
import { createDetector } from '../../models/shared/detector.js';
import { wholeWindow } from '../../models/shared/windows.js';
import { BLAZEFACE_URL } from './photos.js';
import { cropToTensor } from './plain-crop.js';
import { loadReference } from './reference.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */

/** @param {RgbaImage} image @returns {Frame} */
export const frameOf = (image) => ({ width: image.width, height: image.height, crop: (options) => cropToTensor(image, options) });

/** What the pipeline makes of the shapes of @vladmandic/human's detector, 256×256. */
export const { spec: BLAZEFACE } = readDetector(
  {
    inputs: [{ name: 'input', shape: [1, 256, 256, 3], dtype: 'float32' }],
    outputs: [
      { name: 'Identity_3', shape: [1, 384, 16], dtype: 'float32' },
      { name: 'Identity', shape: [1, 512, 1], dtype: 'float32' },
      { name: 'Identity_1', shape: [1, 384, 1], dtype: 'float32' },
      { name: 'Identity_2', shape: [1, 512, 16], dtype: 'float32' },
    ],
    run: () => Promise.reject(new Error('shapes only')),
  },
  'blazeface',
);

/** @returns {Promise<(image: RgbaImage) => Promise<import('../../js/image/crop.js').Region>>}  the region that landmark models look at. */
export async function findSurestFaces() {
  const detect = createDetector(await loadReference(BLAZEFACE_URL), BLAZEFACE);
  return async (image) => regionOfDetection((await detect(frameOf(image), wholeWindow(image)))[0]);
}
