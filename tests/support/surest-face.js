// Where the surest face of a photograph is, by TensorFlow.js: the inputs of face models, cut from real photographs.

import { cropToTensor } from '../../js/image/crop.js';
import { BLAZEFACE } from '../../models/facemesh/blazeface.js';
import { regionOfDetection } from '../../models/facemesh/region.js';
import { wholeWindow } from '../../models/facemesh/windows.js';
import { createDetector } from '../../models/shared/detector.js';
import { BLAZEFACE_URL } from './photos.js';
import { loadReference } from './reference.js';

/** @import { RgbaImage } from '../../js/image/crop.js' */
/** @import { Frame } from '../../js/image/sampler.js' */

/** @param {RgbaImage} image @returns {Frame} */
export const frameOf = (image) => ({ width: image.width, height: image.height, crop: (options) => cropToTensor(image, options) });

/** @returns {Promise<(image: RgbaImage) => Promise<import('../../js/image/crop.js').Region>>}  the region that landmark models look at. */
export async function findSurestFaces() {
  const detect = createDetector(await loadReference(BLAZEFACE_URL), BLAZEFACE);
  return async (image) => regionOfDetection((await detect(frameOf(image), wholeWindow(image)))[0]);
}
