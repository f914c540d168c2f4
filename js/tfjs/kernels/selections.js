// Ops that choose: by order, by overlap, by being there already.
import { util } from '@tensorflow/tfjs-core';
import { uniqueImpl } from '../../../dist/tfjs-shared.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** @param {XnnjsBackend} backend @param {TensorInfo} boxes @param {TensorInfo} scores @param {any} attrs */
function suppress(backend, boxes, scores, { maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma = 0 }) {
  const most = Math.min(maxOutputSize, boxes.shape[0]);
  const operands = [backend.cast(boxes, 'float32'), backend.cast(scores, 'float32')];
  const y = backend.op('non_max_suppression', operands, {
    max_output: most,
    iou_threshold: iouThreshold,
    score_threshold: scoreThreshold,
    soft_sigma: softNmsSigma,
  });
  const chosen = /** @type {Int32Array} */ (backend.values(y));
  backend.drop(y, ...operands);
  const count = chosen[0];
  return {
    count,
    indices: chosen.slice(1, 1 + count),
    scores: new Float32Array(chosen.slice(1 + most, 1 + most + count).buffer),
  };
}

/** @type {Kernel} */
function nonMaxSuppressionV3({ inputs: { boxes, scores }, attrs, backend }) {
  const { count, indices } = suppress(backend, boxes, scores, attrs);
  return backend.make([count], 'int32', indices);
}

/** @type {Kernel} */
function nonMaxSuppressionV4({ inputs: { boxes, scores }, attrs, backend }) {
  const { count, indices } = suppress(backend, boxes, scores, attrs);
  const length = attrs.padToMaxOutputSize ? Math.max(attrs.maxOutputSize, count) : count;
  const padded = new Int32Array(length);
  padded.set(indices);
  return [backend.make([length], 'int32', padded), backend.scalar(count, 'int32')];
}

/** @type {Kernel} */
function nonMaxSuppressionV5({ inputs: { boxes, scores }, attrs, backend }) {
  const chosen = suppress(backend, boxes, scores, attrs);
  return [backend.make([chosen.count], 'int32', chosen.indices), backend.make([chosen.count], 'float32', chosen.scores)];
}

/** @type {Kernel} */
function unique({ inputs: { x }, attrs: { axis: given }, backend }) {
  if (x.dtype === 'string' || x.dtype === 'complex64') {
    const { outputValues, outputShape, indices } = uniqueImpl(backend.values(x), given, x.shape, x.dtype);
    return [backend.make(outputShape, x.dtype, outputValues), backend.make([indices.length], 'int32', indices)];
  }
  const axis = util.parseAxisParam(given, x.shape)[0];
  const n = x.shape[axis];
  const found = backend.op('unique', [x], { axis });
  const numbers = /** @type {Int32Array} */ (backend.values(found));
  backend.drop(found);
  const count = numbers[0];
  const first = backend.make([count], 'int32', numbers.slice(1 + n, 1 + n + count));
  const y = backend.op('gather', [x, first], { axis });
  backend.drop(first);
  return [y, backend.make([n], 'int32', numbers.slice(1, 1 + n))];
}

/** @type {Kernels} */
export const selections = {
  NonMaxSuppressionV3: nonMaxSuppressionV3,
  NonMaxSuppressionV4: nonMaxSuppressionV4,
  NonMaxSuppressionV5: nonMaxSuppressionV5,
  Unique: unique,
  SearchSorted: ({ inputs: { sortedSequence, values }, attrs: { side }, backend }) =>
    backend.op('search_sorted', [sortedSequence, values], { right: side === 'right' ? 1 : 0 }),
};
