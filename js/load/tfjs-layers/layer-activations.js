// Activations by name, and the layers that are nothing but one: tfjs-layers src/activations.ts and src/layers/advanced_activations.ts;
// where these leave out what Keras has (negative_slope, threshold, alpha of ELU), as Keras computes it.

import { isObject, show } from '../tfjs-manifest.js';
import { plainWord } from './layer-config.js';

/**
 * @typedef {import('./layer-builder.js').LayerView} LayerView
 * @typedef {import('./layer-builder.js').Value} Value
 * @typedef {import('./layer-shapes.js').Attributes} Attributes
 */

/**
 * Names as plainWord writes them → our op, undefined for none. times: a factor after it; alongAxis: what it does depends on the
 * last axis.
 * @typedef {{ op?: string, attrs?: Attributes, times?: number, alongAxis?: true }} Activation
 * @type {ReadonlyMap<string, Activation>}
 */
export const activations = new Map(
  /** @type {[string, Activation][]} */ ([
    ['linear', {}],
    ['elu', { op: 'elu', attrs: { alpha: 1 } }],
    // Klambauer et al. 2017: scale * elu(x), with this alpha
    ['selu', { op: 'elu', attrs: { alpha: 1.6732632423543772 }, times: 1.0507009873554805 }],
    ['relu', { op: 'relu' }],
    ['relu6', { op: 'relu6' }],
    ['sigmoid', { op: 'sigmoid' }],
    ['hardsigmoid', { op: 'hard_sigmoid', attrs: { alpha: 0.2, beta: 0.5 } }],
    ['softplus', { op: 'softplus' }],
    ['softsign', { op: 'softsign' }],
    ['tanh', { op: 'tanh' }],
    ['softmax', { op: 'softmax', alongAxis: true }],
    ['logsoftmax', { op: 'log_softmax', alongAxis: true }],
    ['gelu', { op: 'gelu', attrs: { approximate: 0 } }],
    ['gelunew', { op: 'gelu', attrs: { approximate: 1 } }],
    ['mish', { op: 'mish' }],
    ['swish', { op: 'silu' }],
    // Keras only
    ['silu', { op: 'silu' }],
    ['exponential', { op: 'exp' }],
  ]),
);

/**
 * The layer's activation after y. `last` brings y to the layout that the activation is meant for, if that matters to it.
 * @param {LayerView} view @param {Value} y @param {(y: Value) => Value} [last]
 * @returns {Value}
 */
export function activate(view, y, last = (value) => value) {
  const given = view.config.raw('activation') ?? 'linear';
  // A class of its own: { class_name: 'LeakyReLU', config: { alpha } }
  const [name, config] = isObject(given) ? [given.class_name ?? given.className, given.config] : [given, undefined];
  if (typeof name !== 'string') return view.bad(`its activation is no text: ${show(given)}`);
  const activation = activations.get(plainWord(name));
  if (activation === undefined) {
    const row = ACTIVATION_LAYERS.get(name);
    if (row === undefined) return view.unsupported(`the activation ${show(name)}`);
    return view.apply({ build: row }, [last(y)], isObject(config) ? config : {});
  }
  const { op, attrs, times, alongAxis } = activation;
  if (op === undefined) return last(y);
  if (alongAxis) return view.emit(op, [last(y)], attrs);
  const active = view.emit(op, [y], attrs);
  return last(times === undefined ? active : view.emit('mul', [active, view.constant([times])]));
}

/** max(x, 0) up to max_value, as Keras has it with threshold t and slope s: x < t becomes s * (x - t). @param {LayerView} view */
export function relu({ config, x, emit, constant }) {
  const most = config.raw('max_value') === undefined ? Infinity : config.number('max_value');
  const slope = config.number('negative_slope', 0);
  const threshold = config.number('threshold', 0);
  const upTo = (/** @type {Value} */ y) => (most === Infinity ? y : emit('clamp', [y], { min: -Infinity, max: most }));
  if (threshold === 0 && slope === 0) {
    if (most === Infinity) return emit('relu', [x]);
    return most === 6 ? emit('relu6', [x]) : emit('clamp', [x], { min: 0, max: most });
  }
  if (threshold === 0) return upTo(emit('leaky_relu', [x], { alpha: slope }));
  const high = emit('greater_equal', [x, constant([threshold])], {}, { dtype: 'bool' });
  const low = emit('mul', [emit('sub', [x, constant([threshold])]), constant([slope])]);
  return upTo(emit('select', [high, x, low], {}, { dtype: 'float32' }));
}

/** Keras 3 says negative_slope. @param {LayerView} view */
export function leakyRelu({ config, x, emit }) {
  return emit('leaky_relu', [x], { alpha: config.number('alpha', config.number('negative_slope', 0.3)) });
}

/** @param {LayerView} view */
export function elu({ config, x, emit }) {
  return emit('elu', [x], { alpha: config.number('alpha', 1) });
}

/** x * (x > theta) @param {LayerView} view */
export function thresholdedRelu({ config, x, emit, constant, cast }) {
  const above = emit('greater', [x, constant([config.number('theta', 1)])], {}, { dtype: 'bool' });
  return emit('mul', [x, cast(above, 'float32')]);
}

/** A slope for every element but the batch's. @param {LayerView} view */
export function prelu({ x, emit, weight, reshape, constant }) {
  const alpha = weight('alpha');
  const channels = alpha.shape.at(-1) ?? 1;
  // One for each channel, or one: what our op has.
  if (alpha.shape.slice(0, -1).every((size) => size === 1) && (channels === 1 || channels === x.shape.at(-1)))
    return emit('prelu', [x, alpha.shape.length === 1 ? alpha : reshape(alpha, [channels])]);
  const negative = emit('mul', [emit('minimum', [x, constant([0])]), alpha]);
  return emit('add', [emit('relu', [x]), negative]);
}

/** Along one axis, or over several together. @param {LayerView} view */
export function softmax(view) {
  const { config, x, emit } = view;
  if (x.masked) view.unsupported('a softmax of masked values');
  const rank = x.shape.length;
  const axes = config.list('axis', [1]).map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.some((axis) => axis < 0 || axis >= rank)) view.bad(`axis ${show(config.raw('axis'))} of ${rank} dimensions`);
  if (axes.length === 1 && axes[0] === rank - 1) return emit('softmax', [x]);
  const powers = emit('exp', [emit('sub', [x, emit('reduce_max', [x], { axes, keep_dims: 1 })])]);
  return emit('div', [powers, emit('reduce_sum', [powers], { axes, keep_dims: 1 })]);
}

/** Layers that can stand where an activation's name does. @type {ReadonlyMap<string, (view: LayerView) => Value>} */
const ACTIVATION_LAYERS = new Map([
  ['ReLU', relu],
  ['LeakyReLU', leakyRelu],
  ['ELU', elu],
  ['ThresholdedReLU', thresholdedRelu],
  ['Softmax', softmax],
]);
