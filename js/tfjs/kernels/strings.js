// Ops of strings, and strings in tfjs-core's buffers for the functions that share them.
import { buffer } from '@tensorflow/tfjs-core';
import { staticRegexReplaceImpl, stringNGramsImpl, stringSplitImpl, stringToHashBucketFastImpl } from '../../../dist/tfjs-shared.js';
import { demand } from './rows.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** @param {XnnjsBackend} backend @param {TensorInfo} t @returns {any} a TensorBuffer of its strings */
export const stringBuffer = (backend, t) => buffer(/** @type {any} */ (t.shape), 'string', /** @type {any} */ (backend.strings(t)));

/** @type {Kernel} */
function stringNGrams({ inputs: { data, dataSplits }, attrs, backend }) {
  const { separator, nGramWidths, leftPad, rightPad, padWidth, preserveShortSequences } = attrs;
  const [grams, splits] = stringNGramsImpl(
    backend.values(data),
    backend.values(dataSplits),
    separator,
    nGramWidths,
    leftPad,
    rightPad,
    padWidth,
    preserveShortSequences,
  );
  return [backend.make([grams.length], 'string', grams), backend.make(dataSplits.shape, 'int32', splits)];
}

/** @type {Kernel} */
function stringSplit({ inputs: { input, delimiter }, attrs: { skipEmpty }, backend }) {
  demand(input.dtype === 'string', `Input must be of datatype string, not ${input.dtype}`);
  demand(input.shape.length === 1, `Input must be a vector, got shape: ${input.shape}`);
  demand(delimiter.shape.length === 0, `Delimiter must be a scalar, got shape: ${delimiter.shape}`);
  const [indices, values, shape] = stringSplitImpl(backend.values(input), backend.values(delimiter)[0], skipEmpty);
  return [
    backend.make([values.length, 2], 'int32', indices),
    backend.make([values.length], 'string', values),
    backend.make([2], 'int32', Int32Array.from(shape)),
  ];
}

/** @type {Kernel} */
function stringToHashBucketFast({ inputs: { input }, attrs: { numBuckets }, backend }) {
  demand(input.dtype === 'string', `Input must be of datatype string, not ${input.dtype}`);
  demand(numBuckets > 0, `Number of buckets must be at least 1, not ${numBuckets}`);
  return backend.make(input.shape, 'int32', stringToHashBucketFastImpl(backend.values(input), numBuckets));
}

/** @type {Kernel} */
const staticRegexReplace = ({ inputs: { x }, attrs, backend }) =>
  backend.makeStrings(x.shape, /** @type {any} */ (staticRegexReplaceImpl(/** @type {any} */ (backend.strings(x)), 'string', attrs)));

/** @type {Kernels} */
export const strings = {
  StringNGrams: stringNGrams,
  StringSplit: stringSplit,
  StringToHashBucketFast: stringToHashBucketFast,
  StaticRegexReplace: staticRegexReplace,
};
