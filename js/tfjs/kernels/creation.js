// Tensors made of numbers, other dtypes, complex numbers.
import { util } from '@tensorflow/tfjs-core';
import { XnnError } from '../../errors.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').DataType} DataType
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 */

/** @param {XnnjsBackend} backend @param {number[]} shape @param {number} value @param {'float32' | 'int32' | 'bool'} dtype @returns {TensorInfo} */
function full(backend, shape, value, dtype) {
  const one = backend.scalar(value, dtype);
  const y = backend.op('fill', [one], { shape });
  backend.drop(one);
  return y;
}

/** @type {Kernel} */
function fill({ attrs: { shape, value, dtype: given }, backend }) {
  const dtype = given ?? util.inferDtype(value);
  if (dtype === 'string') return backend.makeStrings(shape, new Array(util.sizeFromShape(shape)).fill(value));
  return full(backend, shape, Number(value), dtype);
}

/** @param {number} value @param {string} name @returns {Kernel} */
function alike(value, name) {
  return ({ inputs: { x }, backend }) => {
    if (x.dtype === 'string') throw new XnnError('unsupported', `${name} is not supported for string tensors`);
    if (x.dtype !== 'complex64') return full(backend, x.shape, value, x.dtype);
    return backend.complex(full(backend, x.shape, value, 'float32'), full(backend, x.shape, 0, 'float32'));
  };
}

/** @type {Kernel} */
function range({ attrs: { start, stop, step: given, dtype }, backend }) {
  const step = stop < start && given === 1 ? -1 : given;
  if (start === stop || start < stop !== step > 0) return backend.make([0], dtype, []);
  const operands = [start, stop, step].map((value) => backend.scalar(value, dtype));
  const y = backend.op('range', operands, {}, { known: true });
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function linSpace({ attrs: { start, stop, num }, backend }) {
  const operands = [start, stop].map((value) => backend.scalar(value, 'float32'));
  const y = backend.op('linspace', operands, { n: num });
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function oneHot({ inputs: { indices }, attrs: { dtype, depth, onValue, offValue }, backend }) {
  const operands = [backend.cast(indices, 'int32'), backend.scalar(onValue, dtype), backend.scalar(offValue, dtype)];
  const y = backend.op('one_hot', operands, { depth, axis: -1 });
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function cast({ inputs: { x }, attrs: { dtype }, backend }) {
  if (dtype === x.dtype) return backend.alias(x);
  if (dtype === 'string' || x.dtype === 'string') throw new XnnError('unsupported', `Error in Cast: failed to cast ${x.dtype} to ${dtype}`);
  if (dtype === 'complex64') return backend.complex(ownFloats(backend, x), full(backend, x.shape, 0, 'float32'));
  return backend.cast(x.dtype === 'complex64' ? backend.parts(x).real : x, dtype);
}

/** Floats that nothing else refers to. @param {XnnjsBackend} backend @param {TensorInfo} x */
const ownFloats = (backend, x) => (x.dtype === 'float32' ? backend.copy(x) : backend.cast(x, 'float32'));

/** @type {Kernels} */
export const creation = {
  Fill: fill,
  ZerosLike: alike(0, 'zerosLike'),
  OnesLike: alike(1, 'onesLike'),
  Range: range,
  LinSpace: linSpace,
  OneHot: oneHot,
  Cast: cast,
  Complex: ({ inputs: { real, imag }, backend }) => backend.complex(ownFloats(backend, real), ownFloats(backend, imag)),
  Real: ({ inputs: { input }, backend }) => backend.copy(backend.parts(input).real),
  Imag: ({ inputs: { input }, backend }) => backend.copy(backend.parts(input).imag),
  Multinomial: ({ inputs: { logits }, attrs: { numSamples, seed, normalized }, backend }) => {
    const floats = backend.cast(logits, 'float32');
    const y = backend.op('multinomial', [floats], { n_samples: numSamples, seed: seedOf(seed), is_probabilities: normalized ? 1 : 0 });
    backend.drop(floats);
    return y;
  },
};

/** Any number as the op's int32, of which 0 means another seed each time. @param {number} seed */
function seedOf(seed) {
  const bits = new Uint32Array(Float64Array.of(seed).buffer);
  return Math.imul(bits[0] ^ Math.imul(bits[1], 0x9e3779b1), 0x85ebca6b) | 1;
}
