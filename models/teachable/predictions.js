// Probabilities with the names of their classes.

import { XnnError } from '../../js/index.js';

/** @typedef {{ className: string, probability: number }} Prediction */

/**
 * @param {readonly string[]} labels
 * @param {ArrayLike<number>} probabilities
 * @returns {Prediction[]}  in the order of the labels.
 */
export const namePredictions = (labels, probabilities) => labels.map((className, i) => ({ className, probability: probabilities[i] }));

/**
 * @param {readonly Prediction[]} predictions
 * @param {number} count
 * @returns {Prediction[]}  the best `count`, best first; equal ones stay in the order of the labels.
 * @throws {XnnError} 'misuse' if count is no positive integer.
 */
export function bestPredictions(predictions, count) {
  if (!Number.isInteger(count) || count < 1)
    throw new XnnError('misuse', `predictTopK: ${count} classes were asked for; from 1 on is possible`);
  return [...predictions].sort((a, b) => b.probability - a.probability).slice(0, count);
}
