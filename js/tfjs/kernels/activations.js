// What tfjs fuses behind convolutions and matrix products.
import { XnnError } from '../../errors.js';
import { opRow } from '../../schema.js';

/**
 * @typedef {import('./rows.js').TensorInfo} TensorInfo
 * @typedef {import('./rows.js').XnnjsBackend} XnnjsBackend
 * @typedef {{ activation?: string, leakyreluAlpha?: number }} Fused
 */

/** XJ_ACTIVATION_… */
const CLAMP = 1;
const PRELU = 2;
const UNARY = 3;

/** The ops of one operand, and their attributes. @type {Record<string, { op: string, attrs: (fused: Fused) => Record<string, number> }>} */
const FUNCTIONS = {
  relu: { op: 'relu', attrs: () => ({}) },
  relu6: { op: 'relu6', attrs: () => ({}) },
  elu: { op: 'elu', attrs: () => ({ alpha: 1 }) },
  sigmoid: { op: 'sigmoid', attrs: () => ({}) },
  leakyrelu: { op: 'leaky_relu', attrs: ({ leakyreluAlpha }) => ({ alpha: leakyreluAlpha ?? 0.2 }) },
};

/** @param {string} activation */
function functionOf(activation) {
  const found = Object.hasOwn(FUNCTIONS, activation) ? FUNCTIONS[activation] : undefined;
  if (found === undefined) throw new XnnError('unsupported', `the fused activation ${activation}`);
  return found;
}

/**
 * As attributes of a layer.
 * @param {Fused} fused @param {TensorInfo | undefined} slope @param {number} channels
 * @returns {{ attrs: Record<string, number>, slope?: TensorInfo } | undefined}  undefined where a layer cannot end in it.
 */
export function activationOf(fused, slope, channels) {
  const { activation = 'linear' } = fused;
  if (activation === 'linear') return { attrs: {} };
  if (activation === 'relu') return { attrs: { activation: CLAMP, act_min: 0, act_max: Infinity } };
  if (activation === 'relu6') return { attrs: { activation: CLAMP, act_min: 0, act_max: 6 } };
  if (activation === 'prelu') {
    if (slope === undefined || slope.dtype !== 'float32') return undefined;
    const count = slope.shape.reduce((n, size) => n * size, 1);
    if (count === 1) return { attrs: { activation: PRELU }, slope: { ...slope, shape: [1] } };
    if (count !== channels || slope.shape.at(-1) !== channels) return undefined;
    return { attrs: { activation: PRELU }, slope: { ...slope, shape: [channels] } };
  }
  const { op, attrs } = functionOf(activation);
  return { attrs: { activation: UNARY, act_op: opRow(op).number, act_min: attrs(fused).alpha ?? 0 } };
}

/** @param {XnnjsBackend} backend @param {TensorInfo} x  Taken over. @param {Fused} fused @param {TensorInfo | undefined} slope @returns {TensorInfo} */
export function applyActivation(backend, x, fused, slope) {
  const { activation = 'linear' } = fused;
  if (activation === 'linear' || activation === null) return x;
  if (activation === 'prelu') return backend.opOver('prelu', [x, slope]);
  const { op, attrs } = functionOf(activation);
  return backend.opOver(op, [x], attrs(fused));
}
