// metadata.json of an export: the names of the classes, and what the pixels are made like.

import { XnnError } from '../../js/index.js';

/**
 * As @teachablemachine/image and /pose write it; sounds have the names in wordLabels (@tensorflow-models/speech-commands).
 * @typedef {object} Metadata
 * @property {string[]} labels
 * @property {number} [imageSize]
 * @property {boolean} [grayscale]
 * @property {object} [userMetadata]
 * @property {string} [modelName]
 * @property {string} [timeStamp]
 * @property {string} [tfjsVersion]
 * @property {string} [tmVersion]
 * @property {string} [packageName]
 * @property {string} [packageVersion]
 * @property {{ posenet?: { architecture?: string, outputStride?: number, inputResolution?: number, multiplier?: number }, keypoints?: {
 *   kind?: string } }} [modelSettings]  keypoints: what xnnjs's own pose trainer saw, where it was not PoseNet.
 */

/**
 * @param {unknown} value  the parsed file.
 * @returns {Metadata}
 * @throws {XnnError} 'bad-model'
 */
export function readMetadata(value) {
  if (typeof value !== 'object' || value === null) throw new XnnError('bad-model', 'metadata.json holds no object');
  const given = /** @type {Record<string, unknown>} */ (value);
  const labels = given.labels ?? given.wordLabels;
  if (!Array.isArray(labels) || labels.length === 0 || !labels.every((label) => typeof label === 'string'))
    throw new XnnError('bad-model', 'metadata.json has no list of labels (labels, or wordLabels for sounds)');
  const { imageSize } = given;
  if (imageSize !== undefined && imageSize !== null && !(Number.isInteger(imageSize) && Number(imageSize) > 0))
    throw new XnnError('bad-model', `metadata.json: imageSize is ${imageSize}`);
  return /** @type {Metadata} */ ({ ...given, labels: [...labels] });
}

/**
 * @param {Metadata} metadata
 * @param {readonly number[] | undefined} shape  of the model's output: [n, classes].
 * @throws {XnnError} 'bad-model' if there are more or fewer labels than classes.
 */
export function checkClasses({ labels }, shape) {
  const classes = shape?.[shape.length - 1];
  if (classes === labels.length) return;
  throw new XnnError(
    'bad-model',
    `teachable: the model has ${classes} classes, metadata.json has ${labels.length} labels: ${labels.join(', ')}`,
  );
}
