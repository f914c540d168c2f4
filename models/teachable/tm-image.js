// The names of @teachablemachine/image, so that a page that uses it changes one line:
//   import { tmImage } from 'xnnjs/teachable'

import { loadImage } from './image.js';

export { Webcam } from './webcam.js';

/** @import { ImageClassifier } from './image.js' */
/** @import { Metadata } from './metadata.js' */

export const IMAGE_SIZE = 224;

/**
 * @param {string} model  URL of model.json.
 * @param {string | Metadata} [metadata]  URL of metadata.json, or itself.
 * @returns {Promise<ImageClassifier>}
 */
export const load = (model, metadata) => loadImage(model, metadata);

/**
 * @param {File} model @param {File} weights @param {File} metadata
 * @returns {Promise<ImageClassifier>}
 */
export const loadFromFiles = (model, weights, metadata) => loadImage([model, weights], metadata);
