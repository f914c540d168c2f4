// What 8-bit numbers mean, and functions of them as tables.
// Source: TensorFlow Lite's quantization specification; tensorflow/lite/kernels/{kernel_util,internal/common}.h.
import { badNode, unsupportedNode } from '../tfjs-attrs.js';
import { dtypeOf } from './weights.js';

/**
 * @typedef {import('./file.js').TfliteTensor} TfliteTensor
 * @typedef {{ dtype: 'int8' | 'uint8', values: Int8Array | Uint8Array }} Table
 */

/** @param {TfliteTensor} tensor */
export function isQuantized({ type, quantization }) {
  return quantization !== undefined && (type === 'INT8' || type === 'UINT8' || type === 'INT4');
}

/** The one scale and zero point. @param {TfliteTensor} tensor @param {{ name: string, op: string }} node */
export function quantizationOf({ ref, quantization }, node) {
  const { scales, zeroPoints } = quantization ?? badNode(node, `tensor "${ref}" has no scale`);
  if (scales.length !== 1) unsupportedNode(node, `tensor "${ref}" has ${scales.length} scales`);
  return { scale: scales[0], zero: zeroPoints[0] };
}

/** @param {TfliteTensor} a @param {TfliteTensor} b */
export function sameQuantization(a, b) {
  const [p, q] = [a.quantization, b.quantization];
  return (
    dtypeOf(a.type) === dtypeOf(b.type) &&
    p?.scales.length === 1 &&
    q?.scales.length === 1 &&
    p.scales[0] === q.scales[0] &&
    p.zeroPoints[0] === q.zeroPoints[0]
  );
}

/** The least and largest number that is stored. @param {TfliteTensor} tensor @returns {[number, number]} */
function limits({ type }) {
  return type === 'UINT8' ? [0, 255] : [-128, 127];
}

/** Half away from zero. @param {number} x */
function round(x) {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

/** The float32 values that activations let through. @type {ReadonlyMap<string, [number, number]>} */
const RANGES = new Map([
  ['NONE', [-Infinity, Infinity]],
  ['RELU', [0, Infinity]],
  ['RELU_N1_TO_1', [-1, 1]],
  ['RELU6', [0, 6]],
]);

/** Whether an activation is a clamp. @param {string} activation */
export function isClamp(activation) {
  return RANGES.has(activation);
}

/**
 * What a quantised result is clamped to, with the activation.
 * @param {TfliteTensor} tensor @param {string} activation @param {{ name: string, op: string }} node
 */
export function stepRange(tensor, activation, node) {
  const { scale, zero } = quantizationOf(tensor, node);
  const [least, most] = limits(tensor);
  const [min, max] = RANGES.get(activation) ?? unsupportedNode(node, `the fused activation ${activation}`);
  /** @param {number} x @param {number} open */
  const step = (x, open) => (Number.isFinite(x) ? zero + round(Math.fround(x / scale)) : open);
  return { act_min: Math.max(least, step(min, least)), act_max: Math.min(most, step(max, most)) };
}

/** A table that clamps; undefined where there is nothing to clamp. @param {TfliteTensor} tensor @param {string} activation @param {{ name: string, op: string }} node @returns {Table | undefined} */
export function clampTable(tensor, activation, node) {
  if (activation === 'NONE') return undefined;
  const { act_min, act_max } = stepRange(tensor, activation, node);
  return tableOf(tensor, limits(tensor)[0], (q) => Math.min(Math.max(q, act_min), act_max));
}

/** @param {TfliteTensor} tensor  Of the result. @param {number} first  The argument that comes first. @param {(q: number) => number} f @returns {Table} */
function tableOf(tensor, first, f) {
  const list = Array.from({ length: 256 }, (_, i) => f(first + i));
  return tensor.type === 'UINT8' ? { dtype: 'uint8', values: Uint8Array.from(list) } : { dtype: 'int8', values: Int8Array.from(list) };
}

/**
 * y = f(x) for every x, in float32 as TensorFlow Lite fills such tables (LUTPopulate).
 * @param {TfliteTensor} x @param {TfliteTensor} y @param {(x: number) => number} f @param {{ name: string, op: string }} node
 */
export function lookupTable(x, y, f, node) {
  const from = quantizationOf(x, node);
  const to = quantizationOf(y, node);
  const [least, most] = limits(y);
  const inverse = Math.fround(1 / to.scale);
  return tableOf(y, limits(x)[0], (q) => {
    const value = Math.fround(f(Math.fround(from.scale * (q - from.zero))));
    const step = round(Math.fround(value * inverse)) + to.zero;
    return Number.isNaN(step) ? to.zero : Math.min(Math.max(step, least), most);
  });
}

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
/** @param {number} x @param {number} least @param {number} most */
const clamp = (x, least, most) => Math.min(Math.max(x, least), most);

/** The Gauss error function by its series and its continued fraction (Abramowitz and Stegun 7.1.6, 7.1.14). @param {number} x */
export function erf(x) {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 60; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    return (Math.sign(x) * 2 * Math.exp(-z * z) * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)));
}

/** The functions of one number that tables are made of, by the names of the operators. @type {Record<string, (x: number, options: Record<string, any>) => number>} */
export const FUNCTIONS = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  COS: Math.cos,
  ELU: (x) => (x < 0 ? Math.expm1(x) : x),
  EXP: Math.exp,
  FLOOR: Math.floor,
  GELU: (x, { approximate }) =>
    approximate ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))) : 0.5 * x * (1 + erf(x / Math.SQRT2)),
  HARD_SWISH: (x) => (x * clamp(x + 3, 0, 6)) / 6,
  LEAKY_RELU: (x, { alpha }) => (x < 0 ? x * alpha : x),
  LOG: Math.log,
  LOGISTIC: sigmoid,
  NEG: (x) => -x,
  RELU: (x) => Math.max(x, 0),
  RELU6: (x) => clamp(x, 0, 6),
  RELU_0_TO_1: (x) => clamp(x, 0, 1),
  RELU_N1_TO_1: (x) => clamp(x, -1, 1),
  ROUND: (x) => {
    const low = Math.floor(x);
    return x - low === 0.5 ? 2 * Math.round(low / 2) : Math.round(x);
  },
  RSQRT: (x) => 1 / Math.sqrt(x),
  SIGN: Math.sign,
  SIN: Math.sin,
  SQRT: Math.sqrt,
  SQUARE: (x) => x * x,
  TANH: Math.tanh,
};
