// Ops that fold axes away or run along one.
import { util } from '@tensorflow/tfjs-core';
import { asFloats, refuseComplex } from './rows.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').DataType} DataType
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 */

/**
 * @param {string} op @param {string} name  of the attribute with the axes
 * @param {(dtype: DataType) => DataType} computed  The dtype that it is computed in, of x's.
 * @param {boolean} [back]  The result has x's dtype.
 * @returns {Kernel}
 */
function reduce(op, name, computed, back = false) {
  return ({ inputs: { x }, attrs, backend }) => {
    refuseComplex(op, x);
    const axes = util.parseAxisParam(attrs[name], x.shape);
    const dtype = computed(x.dtype);
    const operand = backend.cast(x, dtype);
    // No axes: to the op that means all.
    if (axes.length === 0) return back ? backend.castOver(operand, x.dtype) : operand;
    const y = backend.op(op, [operand], { axes, keep_dims: attrs.keepDims ? 1 : 0 });
    backend.drop(operand);
    return back ? backend.castOver(y, x.dtype) : y;
  };
}

/** @param {DataType} dtype @returns {DataType} */
const number = (dtype) => (dtype === 'bool' ? 'int32' : dtype);
/** @returns {DataType} */
const float = () => 'float32';
/** @returns {DataType} */
const bool = () => 'bool';

/** @param {string} op @returns {Kernel} */
function argument(op) {
  return ({ inputs: { x }, attrs: { axis }, backend }) => {
    refuseComplex(op, x);
    const operand = backend.cast(x, number(x.dtype));
    const y = backend.op(op, [operand], { axis: util.parseAxisParam(axis, x.shape)[0] });
    backend.drop(operand);
    return y;
  };
}

/** @param {string} op @returns {Kernel} */
function scan(op) {
  return ({ inputs: { x }, attrs: { axis, exclusive, reverse }, backend }) => {
    refuseComplex(op, x);
    const operand = backend.cast(x, number(x.dtype));
    const y = backend.op(op, [operand], { axis, exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 });
    backend.drop(operand);
    return y;
  };
}

/** Over any axis; the op's is the last one. @type {Kernel} */
function softmax({ inputs: { logits }, attrs: { dim }, backend }) {
  const rank = logits.shape.length;
  const axis = dim < 0 ? dim + rank : dim;
  if (axis === rank - 1) return asFloats(backend, 'softmax', [logits]);
  const perm = logits.shape.map((/** @type {number} */ _, /** @type {number} */ i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  const moved = backend.op('transpose', [logits], { perm });
  const y = backend.opOver('softmax', [backend.castOver(moved, 'float32')]);
  const back = backend.op('transpose', [y], { perm });
  backend.drop(y);
  return back;
}

/** Bincount counts all elements, DenseBincount those of each row. @param {boolean} byRow @returns {Kernel} */
function bincount(byRow) {
  return ({ inputs: { x, weights }, attrs: { size, binaryOutput }, backend }) => {
    const none = weights.shape.some((/** @type {number} */ n) => n === 0) || weights.shape.length === 0;
    const list = byRow ? x : { ...x, shape: [util.sizeFromShape(x.shape)] };
    const operands = [backend.cast(list, 'int32')];
    if (!none) operands.push({ ...backend.cast(weights, 'float32'), shape: list.shape });
    const y = backend.op('bincount', operands, { size, binary: x.shape.length > 1 && binaryOutput ? 1 : 0 });
    backend.drop(...operands);
    return backend.castOver(y, weights.dtype);
  };
}

/** @type {Kernel} */
function topK({ inputs: { x }, attrs: { k }, backend }) {
  refuseComplex('TopK', x);
  const operand = backend.cast(x, number(x.dtype));
  const indices = backend.op('top_k', [operand], { k, want_indices: 1 });
  const last = x.shape.length - 1;
  const values = backend.op('gather', [operand, indices], { axis: last, batch_dims: last }); // to sort once
  backend.drop(operand);
  return [backend.castOver(values, x.dtype), indices];
}

/** @type {Kernels} */
export const reductions = {
  Sum: reduce('reduce_sum', 'axis', number),
  Prod: reduce('reduce_prod', 'axis', number),
  Mean: reduce('mean', 'axis', float),
  Max: reduce('reduce_max', 'reductionIndices', number, true),
  Min: reduce('reduce_min', 'axis', number, true),
  All: reduce('reduce_all', 'axis', bool),
  Any: reduce('reduce_any', 'axis', bool),
  ArgMax: argument('arg_max'),
  ArgMin: argument('arg_min'),
  Cumsum: scan('cumsum'),
  Cumprod: scan('cumprod'),
  Softmax: softmax,
  Bincount: bincount(false),
  DenseBincount: bincount(true),
  TopK: topK,
  LRN: ({ inputs: { x }, attrs: { depthRadius, bias, alpha, beta }, backend }) =>
    backend.op('lrn', [x], { radius: depthRadius, bias, alpha, beta }),
  LRNGrad: ({ inputs: { x, y, dy }, attrs: { depthRadius, bias, alpha, beta }, backend }) =>
    backend.op('lrn_grad', [x, y, dy], { radius: depthRadius, bias, alpha, beta }),
  FusedBatchNorm: ({ inputs: { x, mean, variance, offset, scale }, attrs: { varianceEpsilon }, backend }) =>
    asFloatsWithAbsent(backend, [x, mean, variance, offset, scale], { epsilon: varianceEpsilon ?? 0.001 }),
};

/**
 * @param {import('./rows.js').XnnjsBackend} backend @param {(TensorInfo | null | undefined)[]} tensors @param {Record<string, number>} attrs
 */
function asFloatsWithAbsent(backend, tensors, attrs) {
  const floats = tensors.map((t) => (t === null || t === undefined ? undefined : backend.cast(t, 'float32')));
  const y = backend.op('batch_norm', floats, attrs);
  backend.drop(...floats);
  return y;
}
