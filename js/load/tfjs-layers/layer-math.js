// Dense, merging, normalising and reshaping layers: tfjs-layers src/layers/{core,embeddings,merge,normalization,wrappers}.ts.

import { show } from '../tfjs-manifest.js';
import { activate } from './layer-activations.js';
import { toDim } from './layer-config.js';
import { countOf, range } from './layer-shapes.js';
import { channelsFirst } from './layer-windows.js';

/**
 * @typedef {import('./layer-builder.js').LayerView} LayerView
 * @typedef {import('./layer-builder.js').Value} Value
 */

/** K.epsilon() */
const EPSILON = 1e-7;

/** @param {LayerView} view */
export const identity = ({ x }) => x;

/** @param {LayerView} view */
export function dense(view) {
  const { config, x, emit, weight } = view;
  const y = emit('dense', [x, weight('kernel', 2)], { transpose_b: 0 });
  return activate(view, config.bool('use_bias', true) ? emit('add', [y, weight('bias', 1)]) : y);
}

/** @param {LayerView} view */
export const activation = (view) => activate(view, view.x);

/** @param {LayerView} view */
export function embedding({ x, emit, cast, weight }) {
  const table = weight('embeddings', 2);
  return emit('gather', [table, cast(x, 'int32')], { axis: 0, batch_dims: 0 });
}

/** @param {LayerView} view */
export function flatten(view) {
  const { emit, reshape } = view;
  let { x } = view;
  const rank = x.shape.length;
  if (channelsFirst(view) && rank > 2) x = emit('transpose', [x], { perm: [0, ...range(2, rank), 1] });
  return reshape(x, [
    { of: x, axis: 0 },
    { of: x, axis: 1, count: rank - 1 },
  ]);
}

/** @param {LayerView} view */
export function reshapeTo(view) {
  const { config, x, reshape, bad } = view;
  const given = config.raw('target_shape');
  if (!Array.isArray(given) || given.length > 8) return bad(`target_shape is no list of sizes: ${show(given)}`);
  const target = Array.from(given, (size) => toDim(config.layer, size));
  const open = target.indexOf(-1);
  if (open !== target.lastIndexOf(-1)) bad(`target_shape ${show(given)} has several unknown sizes`);
  const count = countOf(x.shape.slice(1));
  const rest = countOf(target.filter((size) => size >= 0));
  if (count >= 0 && (open < 0 ? count !== rest : rest === 0 || count % rest !== 0))
    bad(`cannot make [${target}] of the ${count} elements of [${x.shape.slice(1)}]`);
  if (open >= 0 && count >= 0) target[open] = count / rest;
  return reshape(x, [{ of: x, axis: 0 }, ...target]);
}

/** dims count from 1, as the batch is none of them. @param {LayerView} view */
export function permute({ config, x, emit, bad }) {
  const dims = config.list('dims');
  if (dims.length !== x.shape.length - 1 || [...dims].sort((a, b) => a - b).some((dim, i) => dim !== i + 1))
    bad(`dims [${dims}] are no permutation of ${x.shape.length - 1} dimensions`);
  return emit('transpose', [x], { perm: [0, ...dims] });
}

/** @param {LayerView} view */
export function repeatVector({ config, x, emit }) {
  return emit('tile', [emit('expand_dims', [x], { axis: 1 })], { multiples: [1, config.int('n', undefined, 1), 1] });
}

/** Zero where all of the last axis is mask_value. @param {LayerView} view */
export function masking({ config, x, emit, constant, cast }) {
  const differs = emit('not_equal', [x, constant([config.number('mask_value', 0)])], {}, { dtype: 'bool' });
  return emit('mul', [x, cast(emit('reduce_any', [differs], { axes: [-1 + x.shape.length], keep_dims: 1 }), 'float32')]);
}

/** The batch's means and deviations are constants: y = x * s + t. @param {LayerView} view */
export function batchNormalization({ config, x, emit, weight, constant, reshape, bad }) {
  const rank = x.shape.length;
  const [first, ...others] = config.list('axis', [-1]);
  const axis = first < 0 ? first + rank : first;
  if (others.length > 0 || axis < 0 || axis >= rank) bad(`axis ${show(config.raw('axis'))} of ${rank} dimensions`);
  const gamma = config.bool('scale', true) ? weight('gamma', 1) : undefined;
  const beta = config.bool('center', true) ? weight('beta', 1) : undefined;
  const mean = weight('moving_mean', 1);
  const variance = weight('moving_variance', 1);
  const root = emit('rsqrt', [emit('add', [variance, constant([config.number('epsilon', 1e-3)])])]);
  const scale = gamma === undefined ? root : emit('mul', [gamma, root]);
  const moved = emit('mul', [mean, scale]);
  const shift = beta === undefined ? emit('neg', [moved]) : emit('sub', [beta, moved]);
  const aligned = (/** @type {Value} */ value) =>
    axis === rank - 1 ? value : reshape(value, [value.shape[0], ...Array.from({ length: rank - 1 - axis }, () => 1)]);
  return emit('add', [emit('mul', [x, aligned(scale)]), aligned(shift)]);
}

/** @param {LayerView} view */
export function layerNormalization({ config, x, emit, weight, constant, reshape, bad }) {
  const rank = x.shape.length;
  const axes = config.list('axis', [-1]).map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.length === 0 || new Set(axes).size < axes.length || axes.some((axis) => axis < 0 || axis >= rank))
    bad(`axis ${show(config.raw('axis'))} of ${rank} dimensions`);
  const sizes = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  const gamma = config.bool('scale', true) ? weight('gamma', axes.length) : undefined;
  const beta = config.bool('center', true) ? weight('beta', axes.length) : undefined;
  const epsilon = config.number('epsilon', 1e-3);
  if (axes.every((axis) => axis >= rank - axes.length)) {
    const last = (/** @type {Value | undefined} */ value) =>
      value === undefined ? null : axes.length === 1 ? value : reshape(value, sizes.slice(-axes.length));
    const parameters = gamma === undefined && beta === undefined ? [] : beta === undefined ? [last(gamma)] : [last(gamma), last(beta)];
    return emit('layer_norm', [x, ...parameters], { epsilon, n_axes: axes.length });
  }
  const attrs = { axes, keep_dims: 1 };
  const centred = emit('sub', [x, emit('mean', [x], attrs)]);
  const variance = emit('mean', [emit('square', [centred])], attrs);
  let y = emit('mul', [centred, emit('rsqrt', [emit('add', [variance, constant([epsilon])])])]);
  if (gamma !== undefined) y = emit('mul', [y, reshape(gamma, sizes)]);
  return beta === undefined ? y : emit('add', [y, reshape(beta, sizes)]);
}

/** Inputs of one dtype, and of one rank: dimensions of length 1 follow the batch. @param {LayerView} view @returns {Value[]} */
function alike({ inputs, emit, cast }) {
  const mixed = inputs.some(({ dtype }) => dtype !== inputs[0].dtype || dtype === 'bool');
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  return inputs.map((input) => {
    let x = mixed ? cast(input, 'float32') : input;
    while (x.shape.length < rank) x = emit('expand_dims', [x], { axis: 1 });
    return x;
  });
}

/** @param {string} op */
export const merge = (op) => (/** @type {LayerView} */ view) => {
  const [first, ...others] = alike(view);
  return others.reduce((sum, x) => view.emit(op, [sum, x]), first);
};

/** @param {LayerView} view */
export function average(view) {
  const sum = view.cast(merge('add')(view), 'float32');
  return view.emit('mul', [sum, view.constant([1 / view.inputs.length])]);
}

/** @param {LayerView} view */
export function concatenate({ config, inputs, emit, cast, bad }) {
  const rank = inputs[0].shape.length;
  const axis = config.int('axis', -1);
  if (axis < -rank || axis >= rank || inputs.some(({ shape }) => shape.length !== rank))
    bad(`axis ${axis} of [${inputs.map(({ shape }) => shape).join('], [')}]`);
  const mixed = inputs.some(({ dtype }) => dtype !== inputs[0].dtype);
  const parts = mixed ? inputs.map((x) => cast(x, 'float32')) : inputs;
  return emit('concat', parts, { axis });
}

/** The dot product along one axis of each, for every element of the batch. @param {LayerView} view */
export function dot({ config, inputs, emit, unsupported }) {
  const given = config.ints('axes', 2, undefined, -8);
  const ranks = inputs.map(({ shape }) => shape.length);
  const axes = given.map((axis, i) => (axis < 0 ? axis + ranks[i] : axis));
  if (ranks.some((rank) => rank < 2 || rank > 3) || axes.some((axis, i) => axis < 1 || axis >= ranks[i]))
    unsupported(`axes [${given}] of [${inputs[0].shape}] and [${inputs[1].shape}]`);
  const [a, b] = config.bool('normalize', false)
    ? inputs.map((x, i) => emit('l2_normalize', [x], { epsilon: EPSILON, axes: [axes[i]] }))
    : inputs;
  if (ranks[0] === 2 && ranks[1] === 2) return emit('reduce_sum', [emit('mul', [a, b])], { axes: [1], keep_dims: 1 });
  // A vector is a matrix of one row or column.
  const left = ranks[0] === 2 ? emit('expand_dims', [a], { axis: 1 }) : a;
  const right = ranks[1] === 2 ? emit('expand_dims', [b], { axis: 2 }) : b;
  const y = emit('batch_matmul', [left, right], {
    transpose_a: ranks[0] === 3 && axes[0] === 1 ? 1 : 0,
    transpose_b: ranks[1] === 3 && axes[1] === 2 ? 1 : 0,
  });
  if (ranks[0] === ranks[1]) return y;
  return emit('squeeze', [y], { axes: [ranks[0] === 2 ? 1 : 2] });
}

/** [batch, time, …] → [batch * time, …] @param {LayerView} view */
export function joinTime({ x, reshape, bad }) {
  if (x.shape.length < 3) bad(`its input has ${x.shape.length} dimensions, at least 3 are needed`);
  return reshape(x, [{ of: x, axis: 0, count: 2 }, ...range(2, x.shape.length).map((axis) => ({ of: x, axis }))]);
}

/** Back again; the second input is what was joined. @param {LayerView} view */
export function splitTime({ inputs: [y, x], reshape }) {
  const rest = range(1, y.shape.length).map((axis) => ({ of: y, axis }));
  // For another batch than the declared one, -1 would leave open whether batch or time grew.
  return reshape(y, [{ of: x, axis: 0 }, { of: x, axis: 1 }, ...rest], { computed: true });
}
