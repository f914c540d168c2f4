// tfjs-converter's op list "basic_math".
import { floatAttr } from '../tfjs-attrs.js';
import { number, rows } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const mathOps = [
  ...rows(
    { inputs: [1, 1], float: true },
    {
      Acos: 'acos',
      Acosh: 'acosh',
      Asin: 'asin',
      Asinh: 'asinh',
      Atan: 'atan',
      Atanh: 'atanh',
      Ceil: 'ceil',
      Cos: 'cos',
      Cosh: 'cosh',
      Erf: 'erf',
      Exp: 'exp',
      Expm1: 'expm1',
      Floor: 'floor',
      IsFinite: 'is_finite',
      IsInf: 'is_inf',
      IsNan: 'is_nan',
      Log: 'log',
      Log1p: 'log1p',
      Reciprocal: 'reciprocal',
      Round: 'round',
      Rsqrt: 'rsqrt',
      Sigmoid: 'sigmoid',
      Sin: 'sin',
      Sinh: 'sinh',
      Softplus: 'softplus',
      Sqrt: 'sqrt',
      Tan: 'tan',
      Tanh: 'tanh',
    },
  ),
  ...rows({ inputs: [1, 1], numeric: true }, { Abs: 'abs', Neg: 'neg', Sign: 'sign', Square: 'square', Relu: 'relu', Relu6: 'relu6' }),
  ['Elu', { op: 'elu', inputs: [1, 1], float: true, attrs: () => ({ alpha: 1 }) }],
  ['Selu', { inputs: [1, 1], float: true, emit: selu }],
  ['LeakyRelu', { op: 'leaky_relu', inputs: [1, 1], float: true, attrs: ({ node }) => ({ alpha: floatAttr(node, 'alpha', 0.2) }) }],
  ['Prelu', { inputs: [2, 2], float: true, emit: prelu }],
  ['Atan2', { op: 'atan2', inputs: [2, 2], float: true }],
  ['ClipByValue', { inputs: [3, 3], numeric: true, emit: clip }],
  ['Complex', { inputs: [2, 2], emit: (view) => view.complex(view.use(0), view.use(1)) }],
  ['Real', { inputs: [1, 1], emit: (view) => view.pair(0).real }],
  ['Imag', { inputs: [1, 1], emit: (view) => view.pair(0).imag }],
  ['ComplexAbs', { inputs: [1, 1], emit: complexAbs }],
];

/** @param {NodeView} view */
function selu(view) {
  const [alpha, scale] = [1.6732632423543772, 1.0507009873554805]; // arXiv 1706.02515
  return view.add('mul', [view.add('elu', [view.use(0)], { alpha }), view.literal('float32', [scale], [])]);
}

/** A slope that is not one for each channel is multiplied. @param {NodeView} view */
function prelu(view) {
  const [x, slope] = [view.use(0), view.use(1)];
  const shape = view.constantShape(1) ?? [];
  if (shape.slice(0, -1).every((size) => size === 1)) return view.add('prelu', [x, slope]);
  const negative = view.add('minimum', [x, view.literal('float32', [0], [])]);
  return view.add('add', [view.add('relu', [x]), view.add('mul', [negative, slope])]);
}

/** @param {NodeView} view */
function clip(view) {
  const x = view.use(0);
  const [min, max] = [1, 2].map((input) => view.values(input));
  if (min?.length === 1 && max?.length === 1) return view.add('clamp', [x], { min: number(view, 1), max: number(view, 2) });
  return view.add('maximum', [view.add('minimum', [x, view.use(2)]), view.use(1)]);
}

/** @param {NodeView} view */
function complexAbs(view) {
  const { real, imag } = view.pair(0);
  const squares = [real, imag].map((part) => view.add('square', [part]));
  return view.add('sqrt', [view.add('add', squares)]);
}
