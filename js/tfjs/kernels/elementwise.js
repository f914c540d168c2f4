// Functions of each element: arithmetic, comparisons, logic.
import { backend_util } from '@tensorflow/tfjs-core';
import { equalImpl, greaterEqualImpl, greaterImpl, lessEqualImpl, lessImpl, notEqualImpl } from '../../../dist/tfjs-shared.js';
import { asFloats, binary, inFloats, matched, refuseComplex, unary } from './rows.js';

/**
 * @typedef {import('./rows.js').Kernel} Kernel
 * @typedef {import('./rows.js').Kernels} Kernels
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 */

/** Of x floats only, of integers by way of floats. @param {string} op @returns {Kernel} */
function classify(op) {
  return ({ inputs: { x }, backend }) => {
    refuseComplex(op, x);
    return inFloats(backend, op, [x]);
  };
}

/** @param {string} op @param {(a: number[], b: number[], aVals: any, bVals: any, dtype: 'bool') => [any, number[]]} ofStrings @returns {Kernel} */
function compare(op, ofStrings) {
  return ({ inputs: { a, b }, backend }) => {
    refuseComplex(op, a, b);
    if (a.dtype === 'string') {
      const [values, shape] = ofStrings(a.shape, b.shape, backend.strings(a), backend.strings(b), 'bool');
      return backend.make(shape, 'bool', values);
    }
    if (a.dtype === b.dtype) return backend.op(op, [a, b]);
    const pair = matched(backend, a, b, true);
    const y = backend.op(op, pair);
    backend.drop(...pair);
    return y;
  };
}

/** The parts of a tensor of any dtype, to be dropped. @param {XnnjsBackend} backend @param {TensorInfo} t */
function partsOf(backend, t) {
  if (t.dtype === 'complex64') {
    const { real, imag } = backend.parts(t);
    return { real: backend.alias(real), imag: backend.alias(imag) };
  }
  const real = backend.cast(t, 'float32');
  const zero = backend.scalar(0, 'float32');
  const imag = backend.op('broadcast_to', [zero], { shape: t.shape });
  backend.drop(zero);
  return { real, imag };
}

/**
 * An op that also takes complex64.
 * @param {Kernel} plain
 * @param {(op: (name: string, a: TensorInfo, b: TensorInfo) => TensorInfo, a: { real: TensorInfo, imag: TensorInfo },
 *   b: { real: TensorInfo, imag: TensorInfo }) => [TensorInfo, TensorInfo]} parts  Real and imaginary part, from those of both.
 * @returns {Kernel}
 */
function complexToo(plain, parts) {
  return (call) => {
    const { inputs, backend } = call;
    const { a, b } = inputs;
    if (a.dtype !== 'complex64' && b.dtype !== 'complex64') return plain(call);
    const [x, y] = [partsOf(backend, a), partsOf(backend, b)];
    /** @type {TensorInfo[]} */
    const made = [];
    const op = (/** @type {string} */ name, /** @type {TensorInfo} */ left, /** @type {TensorInfo} */ right) => {
      const t = backend.op(name, [left, right]);
      made.push(t);
      return t;
    };
    const [real, imag] = parts(op, x, y);
    backend.drop(x.real, x.imag, y.real, y.imag, ...made.filter((t) => t !== real && t !== imag));
    return backend.complex(real, imag);
  };
}

/** @type {Kernel} */
function clipByValue({ inputs: { x }, attrs: { clipValueMin: min, clipValueMax: max }, backend }) {
  refuseComplex('ClipByValue', x);
  if (x.dtype === 'bool') return inFloats(backend, 'clamp', [x], { min, max });
  return backend.op('clamp', [x], { min, max });
}

/** @type {Kernel} */
function prelu({ inputs: { x, alpha }, backend }) {
  refuseComplex('Prelu', x, alpha);
  return asFloats(backend, 'prelu', [x, alpha]);
}

/** A condition of fewer dimensions selects rows. @type {Kernel} */
function select({ inputs: { condition, t, e }, backend }) {
  refuseComplex('Select', condition, t, e);
  const dtype = backend_util.upcastType(t.dtype, e.dtype);
  const ones = condition.shape.length === 1 ? t.shape.length - 1 : 0;
  const whole = { ...condition, shape: [...condition.shape, ...new Array(Math.max(0, ones)).fill(1)] };
  const operands = [backend.cast(whole, 'bool'), backend.cast(t, dtype), backend.cast(e, dtype)];
  const y = backend.op('select', operands);
  backend.drop(...operands);
  return y;
}

/** @type {Kernel} */
function complexAbs({ inputs: { x }, backend }) {
  const { real, imag } = backend.parts(x);
  return backend.op('hypot', [real, imag]);
}

/** @type {Kernel} */
function addN({ inputs, backend }) {
  const tensors = /** @type {TensorInfo[]} */ (inputs);
  let sum = backend.alias(tensors[0]);
  for (const t of tensors.slice(1)) sum = backend.opOver('add', [sum, t]);
  return sum;
}

const floorDiv = binary('floor_div');

/** @type {Kernels} */
export const elementwise = {
  Abs: unary('abs', { ints: true }),
  Acos: unary('acos'),
  Acosh: unary('acosh'),
  Asin: unary('asin'),
  Asinh: unary('asinh'),
  Atan: unary('atan'),
  Atanh: unary('atanh'),
  Ceil: unary('ceil'),
  Cos: unary('cos'),
  Cosh: unary('cosh'),
  Elu: unary('elu', { attrs: () => ({ alpha: 1 }) }),
  Erf: unary('erf'),
  Exp: ({ inputs: { x }, backend }) => asFloats(backend, 'exp', [x]),
  Expm1: unary('expm1'),
  Floor: unary('floor'),
  LeakyRelu: ({ inputs: { x }, attrs: { alpha }, backend }) => asFloats(backend, 'leaky_relu', [x], { alpha }),
  Log: unary('log'),
  Log1p: unary('log1p'),
  Neg: unary('neg', { ints: true }),
  Reciprocal: unary('reciprocal'),
  Relu: unary('relu', { ints: true }),
  Relu6: unary('relu6', { ints: true }),
  Round: unary('round'),
  Rsqrt: unary('rsqrt'),
  Selu: unary('selu'),
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign', { ints: true, attrs: () => ({ nan_is_zero: 1 }) }),
  Sin: unary('sin'),
  Sinh: unary('sinh'),
  Softplus: unary('softplus'),
  Sqrt: unary('sqrt'),
  Square: unary('square', { ints: true }),
  Step: unary('step', { attrs: ({ alpha }) => ({ alpha }) }),
  Tan: unary('tan'),
  Tanh: unary('tanh'),
  ClipByValue: clipByValue,
  Prelu: prelu,
  ComplexAbs: complexAbs,
  IsFinite: classify('is_finite'),
  IsInf: classify('is_inf'),
  IsNan: classify('is_nan'),

  Add: complexToo(binary('add'), (op, a, b) => [op('add', a.real, b.real), op('add', a.imag, b.imag)]),
  Sub: complexToo(binary('sub'), (op, a, b) => [op('sub', a.real, b.real), op('sub', a.imag, b.imag)]),
  Multiply: complexToo(binary('mul'), (op, a, b) => [
    op('sub', op('mul', a.real, b.real), op('mul', a.imag, b.imag)),
    op('add', op('mul', a.real, b.imag), op('mul', a.imag, b.real)),
  ]),
  AddN: addN,
  RealDiv: binary('div'),
  FloorDiv: (call) => call.backend.castOver(/** @type {TensorInfo} */ (floorDiv(call)), 'int32'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Mod: binary('mod'),
  Pow: binary('pow'),
  SquaredDifference: binary('squared_difference'),
  Atan2: binary('atan2', { ints: false }),
  BitwiseAnd: binary('bitwise_and'),

  Equal: compare('equal', equalImpl),
  NotEqual: compare('not_equal', notEqualImpl),
  Greater: compare('greater', greaterImpl),
  GreaterEqual: compare('greater_equal', greaterEqualImpl),
  Less: compare('less', lessImpl),
  LessEqual: compare('less_equal', lessEqualImpl),
  LogicalAnd: ({ inputs: { a, b }, backend }) => backend.op('logical_and', [a, b]),
  LogicalOr: ({ inputs: { a, b }, backend }) => backend.op('logical_or', [a, b]),
  LogicalXor: ({ inputs: { a, b }, backend }) => backend.op('logical_xor', [a, b]),
  LogicalNot: ({ inputs: { x }, backend }) => backend.op('logical_not', [x]),
  Select: select,
  EluGrad: ({ inputs: { dy, y }, backend }) => backend.op('elu_grad', [dy, y]),
};
