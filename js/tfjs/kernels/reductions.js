// Ops that fold axes away or run along one.
import { util } from '@tensorflow/tfjs-core';
import { refuseComplex } from './rows.js';

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
  Bincount: bincount(false),
  DenseBincount: bincount(true),
  TopK: topK,
};
