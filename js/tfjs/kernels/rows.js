// What the tables of kernels are made of: rows for the common forms.
import { backend_util } from '@tensorflow/tfjs-core';
import { XnnError } from '../../errors.js';

/**
 * @typedef {import('../backend.js').XnnjsBackend} XnnjsBackend
 * @typedef {import('../backend.js').TensorInfo} TensorInfo
 * @typedef {import('../backend.js').DataType} DataType
 * @typedef {Record<string, any>} Attrs
 *
 * @typedef {object} KernelCall
 * @property {any} inputs  TensorInfos by name, or a list.
 * @property {any} attrs
 * @property {XnnjsBackend} backend
 *
 * @typedef {(call: KernelCall) => TensorInfo | TensorInfo[]} Kernel
 * @typedef {Record<string, Kernel>} Kernels  By tfjs-core's name.
 */

/** @param {string} kernel @param {...TensorInfo} tensors */
export function refuseComplex(kernel, ...tensors) {
  for (const { dtype } of tensors)
    if (dtype === 'complex64') throw new XnnError('unsupported', `${kernel} does not take complex64 tensors`);
}

/** @param {boolean} holds @param {string} message */
export function demand(holds, message) {
  if (!holds) throw new XnnError('bad-shape', message);
}

/**
 * Calls an op of floats; int32 and bool become float32 before.
 * @param {XnnjsBackend} backend @param {string} op @param {(TensorInfo | null | undefined)[]} tensors @param {Attrs} [attrs]
 * @returns {TensorInfo}
 */
export function asFloats(backend, op, tensors, attrs) {
  if (tensors.every((t) => t === null || t === undefined || t.dtype === 'float32')) return backend.op(op, tensors, attrs);
  const floats = tensors.map((t) => (t === null || t === undefined ? undefined : backend.cast(t, 'float32')));
  const y = backend.op(op, floats, attrs);
  backend.drop(...floats);
  return y;
}

/**
 * The same, and floats become what the first tensor is.
 * @param {XnnjsBackend} backend @param {string} op @param {TensorInfo[]} tensors @param {Attrs} [attrs] @returns {TensorInfo}
 */
export function inFloats(backend, op, tensors, attrs) {
  const y = asFloats(backend, op, tensors, attrs);
  return y.dtype === 'float32' ? backend.castOver(y, tensors[0].dtype) : y;
}

/**
 * y = f(x), each element.
 * @param {string} op @param {{ ints?: boolean, attrs?: (given: any) => Attrs }} [options]  ints: the op takes int32 itself.
 * @returns {Kernel}
 */
export function unary(op, { ints = false, attrs } = {}) {
  return ({ inputs: { x }, attrs: given, backend }) => {
    refuseComplex(op, x);
    if (x.dtype === 'float32' || (ints && x.dtype === 'int32')) return backend.op(op, [x], attrs?.(given));
    if (!ints) return inFloats(backend, op, [x], attrs?.(given));
    const integers = backend.cast(x, 'int32');
    return backend.castOver(backend.opOver(op, [integers], attrs?.(given)), x.dtype);
  };
}

/** Both in the dtype that takes the other. @param {XnnjsBackend} backend @param {TensorInfo} a @param {TensorInfo} b @param {boolean} [bools] left as they are */
export function matched(backend, a, b, bools = false) {
  const together = a.dtype === b.dtype ? a.dtype : backend_util.upcastType(a.dtype, b.dtype);
  const dtype = together === 'bool' && !bools ? 'int32' : together;
  return [backend.cast(a, dtype), backend.cast(b, dtype)];
}

/**
 * y = f(a, b), broadcast. Of bool it is computed in int32.
 * @param {string} op @param {{ ints?: boolean }} [options]  ints: the op takes int32 itself.
 * @returns {Kernel}
 */
export function binary(op, { ints = true } = {}) {
  return ({ inputs: { a, b }, backend }) => {
    refuseComplex(op, a, b);
    if (a.dtype === b.dtype && (a.dtype === 'float32' || (ints && a.dtype === 'int32'))) return backend.op(op, [a, b]);
    if (!ints) return inFloats(backend, op, [a, b]);
    const pair = matched(backend, a, b);
    const y = backend.op(op, pair);
    backend.drop(...pair);
    return a.dtype === 'bool' && b.dtype === 'bool' ? backend.castOver(y, 'bool') : y;
  };
}

/** A list of tensors, of each its real and its imaginary part, with the kernel applied to both. @param {KernelCall} call @param {string} name of the input @param {Kernel} kernel @returns {TensorInfo} */
export function byParts({ inputs, attrs, backend }, name, kernel) {
  const { real, imag } = backend.parts(inputs[name]);
  const [re, im] = [real, imag].map((part) => /** @type {TensorInfo} */ (kernel({ inputs: { ...inputs, [name]: part }, attrs, backend })));
  return backend.complex(owned(backend, re), owned(backend, im));
}

/** Data that a complex tensor may own: no other's. @param {XnnjsBackend} backend @param {TensorInfo} t @returns {TensorInfo} */
export function owned(backend, t) {
  if (backend.refCount(t.dataId) === 1) return t;
  const copy = { ...backend.copy(t), shape: t.shape };
  backend.drop(t);
  return copy;
}
