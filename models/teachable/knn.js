// The nearest neighbours among a handful of examples: no training, for a first try.

import { XnnError } from '../../js/index.js';

/**
 * @param {readonly (readonly Float32Array[])[]} classes  examples of each.
 * @param {number} [k]  neighbours that vote; 10 if left out, or as many as there are.
 * @returns {(features: Float32Array) => Float32Array}  the share of the votes that each class has.
 * @throws {XnnError} 'misuse' for fewer than two classes or a bad k.
 */
export function createNeighbours(classes, k = 10) {
  if (classes.length < 2) throw new XnnError('misuse', `teachable: ${classes.length} classes have examples; two at least are needed`);
  if (!(Number.isInteger(k) && k > 0)) throw new XnnError('misuse', `teachable: k is ${k}: a whole number from 1 on is possible`);
  const examples = classes.flatMap((list, label) => list.map((example) => ({ label, direction: unit(example) })));
  const voters = Math.min(k, examples.length);
  return (features) => {
    const direction = unit(features);
    const near = examples
      .map((example) => ({ label: example.label, cosine: dot(direction, example.direction) }))
      .sort((a, b) => b.cosine - a.cosine);
    const votes = new Float32Array(classes.length);
    for (const { label } of near.slice(0, voters)) votes[label] += 1 / voters;
    return votes;
  };
}

/** @param {Float32Array} vector @returns {Float32Array}  of length 1; zeros stay. */
function unit(vector) {
  const length = Math.sqrt(dot(vector, vector));
  return length > 0 ? vector.map((value) => value / length) : vector.slice();
}

/** @param {Float32Array} a @param {Float32Array} b */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
