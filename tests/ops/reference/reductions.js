// The ops under "reductions and scans" of ops.def, mean and arg_max among them: tf.math.reduce_*, tf.math.argmax,
// tf.math.cumsum, tf.nn.log_softmax, tf.math.l2_normalize, tf.keras.layers.LayerNormalization, tf.nn.lrn.
import { build, flatOf, list, number, sizeOf } from './tensor.js';

/** @import { Attributes, Dtype, Tensor } from './tensor.js' */
/** @import { Op } from './elements.js' */

/** The axes that go. @param {Tensor} x @param {Tensor | undefined} input @param {Attributes} attributes */
function goingAxes({ shape }, input, attributes) {
  const given = input === undefined ? list(attributes, 'axes') : Array.from(input.data);
  const axes = given.map((axis) => (axis + shape.length) % shape.length);
  return shape.map((_, i) => (given.length === 0 ? input === undefined : axes.includes(i)));
}

/**
 * Of every result, the flat indices of the elements that meet in it.
 * @param {number[]} shape @param {boolean[]} goes @returns {{ kept: number[], groups: number[][] }}  kept: the shape with 1 for what goes
 */
function groupsOf(shape, goes) {
  const kept = shape.map((dim, i) => (goes[i] ? 1 : dim));
  /** @type {number[][]} */
  const groups = Array.from({ length: sizeOf(kept) }, () => []);
  const steps = kept.map((_, i) => (goes[i] ? 0 : sizeOf(kept.slice(i + 1))));
  const index = shape.map(() => 0);
  for (let flat = 0; flat < sizeOf(shape); flat++) {
    groups[index.reduce((offset, position, i) => offset + position * steps[i], 0)].push(flat);
    for (let i = shape.length - 1; i >= 0 && ++index[i] === shape[i]; i--) index[i] = 0;
  }
  return { kept, groups };
}

/**
 * @param {(values: number[]) => number | [number, number]} floats
 * @param {(values: number[]) => number} [integers]
 * @returns {Op}
 */
const folding =
  (floats, integers) =>
  ([x, axes], attributes) => {
    const tensor = /** @type {Tensor} */ (x);
    const { shape, data, dtype = 'float32' } = tensor;
    const goes = goingAxes(tensor, axes, attributes);
    const { groups } = groupsOf(shape, goes);
    const keep = number(attributes, 'keep_dims') !== 0;
    const outShape = shape.map((dim, i) => (goes[i] ? 1 : dim)).filter((_, i) => keep || !goes[i]);
    const compute = dtype === 'float32' || integers === undefined ? floats : integers;
    return { ...build(outShape, (_, i) => compute(groups[i].map((at) => data[at]))), dtype };
  };

/** @param {number[]} values @returns {[number, number]} */
const sumOf = (values) => [values.reduce((sum, value) => sum + value, 0), values.reduce((sum, value) => sum + Math.abs(value), 0)];
export const reduce_sum = folding(sumOf, (values) => values.reduce((sum, value) => (sum + value) | 0, 0));
export const mean = folding(
  (values) => {
    const [sum, terms] = sumOf(values);
    return [sum / values.length, terms / values.length];
  },
  (values) => (values.length === 0 ? 0 : Math.trunc(sumOf(values)[0] / values.length)),
);
export const reduce_prod = folding(
  (values) => values.reduce((product, value) => product * value, 1),
  (values) => values.reduce((product, value) => Math.imul(product, value), 1),
);
/** NaN stays, and +0 is more than -0: as maximum. */
export const reduce_max = folding(
  (values) => values.reduce((most, value) => Math.max(most, value), -Infinity),
  (values) => values.reduce((most, value) => Math.max(most, value), -(2 ** 31)),
);
export const reduce_min = folding(
  (values) => values.reduce((least, value) => Math.min(least, value), Infinity),
  (values) => values.reduce((least, value) => Math.min(least, value), 2 ** 31 - 1),
);
export const reduce_all = folding((values) => Number(values.every((value) => value !== 0)));
export const reduce_any = folding((values) => Number(values.some((value) => value !== 0)));

/** @param {(value: number, best: number) => boolean} beats @returns {Op} */
const extremeAt =
  (beats) =>
  ([x], attributes) => {
    const { shape, data } = /** @type {Tensor} */ (x);
    const axis = (number(attributes, 'axis') + shape.length) % shape.length;
    const result = build(
      shape.filter((_, i) => i !== axis),
      (index) => {
        const at = (/** @type {number} */ k) => data[flatOf([...index.slice(0, axis), k, ...index.slice(axis)], shape)];
        let best = 0;
        for (let k = 1; k < shape[axis]; k++) if (beats(at(k), at(best))) best = k;
        return best;
      },
    );
    return { ...result, dtype: 'int32' };
  };
export const arg_max = extremeAt((value, best) => value > best);
export const arg_min = extremeAt((value, best) => value < best);

/** @param {number} neutral @param {(state: number, x: number) => number} next @param {(state: number, x: number) => number} integer @param {boolean} sums @returns {Op} */
const scanning =
  (neutral, next, integer, sums) =>
  ([x], attributes) => {
    const { shape, data, dtype = 'float32' } = /** @type {Tensor} */ (x);
    const axis = (number(attributes, 'axis') + shape.length) % shape.length;
    const [exclusive, reverse] = [number(attributes, 'exclusive') !== 0, number(attributes, 'reverse') !== 0];
    const { groups } = groupsOf(
      shape,
      shape.map((_, i) => i === axis),
    );
    const n = sizeOf(shape);
    const result = { shape, data: new Float64Array(n), scale: new Float64Array(n), dtype };
    for (const group of groups) {
      let [state, terms] = [neutral, 0];
      for (const at of reverse ? group.reverse() : group) {
        const before = state;
        state = dtype === 'int32' ? integer(state, data[at]) : next(state, data[at]);
        terms += sums ? Math.abs(data[at]) : 0;
        result.data[at] = exclusive ? before : state;
        result.scale[at] = Math.abs(result.data[at]) + terms;
      }
    }
    return result;
  };
export const cumsum = scanning(
  0,
  (state, x) => state + x,
  (state, x) => (state + x) | 0,
  true,
);
export const cumprod = scanning(1, (state, x) => state * x, Math.imul, false);

/** The terms: those of the sum, whose parts make 1. @type {Op} */
export function log_softmax([x]) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const { groups } = groupsOf(
    shape,
    shape.map((_, i) => i === shape.length - 1),
  );
  const result = new Float64Array(sizeOf(shape));
  for (const group of groups) {
    const max = group.reduce((most, at) => Math.max(most, data[at]), -Infinity);
    const sum = group.reduce((total, at) => total + Math.exp(data[at] - max), 0);
    for (const at of group) result[at] = data[at] - max - Math.log(sum);
  }
  return { shape, data: result, scale: result.map((value) => Math.abs(value) + 1) };
}

/** @type {Op} */
export function l2_normalize([x], attributes) {
  const tensor = /** @type {Tensor} */ (x);
  const { shape, data } = tensor;
  const epsilon = Math.fround(number(attributes, 'epsilon'));
  const result = new Float64Array(sizeOf(shape));
  for (const group of groupsOf(shape, goingAxes(tensor, undefined, attributes)).groups) {
    const squares = group.reduce((sum, at) => sum + data[at] ** 2, 0);
    for (const at of group) result[at] = data[at] / Math.sqrt(Math.max(squares, epsilon));
  }
  return { shape, data: result, scale: result.map(Math.abs) };
}

/** The terms: x and its mean, scaled, and beta. @type {Op} */
export function layer_norm([x, gamma, beta], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const n = sizeOf(shape.slice(shape.length - number(attributes, 'n_axes')));
  const rows = Array.from({ length: n === 0 ? 0 : sizeOf(shape) / n }, (_, row) => {
    const values = Array.from({ length: n }, (_unused, i) => data[row * n + i]);
    const average = values.reduce((sum, value) => sum + value, 0) / n;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / n;
    return { average, factor: 1 / Math.sqrt(variance + Math.fround(number(attributes, 'epsilon'))) };
  });
  return build(shape, (_, i) => {
    const { average, factor } = rows[Math.floor(i / n)];
    const [scale, shift] = [factor * (gamma?.data[i % n] ?? 1), beta?.data[i % n] ?? 0];
    return [(data[i] - average) * scale + shift, (Math.abs(data[i]) + Math.abs(average)) * Math.abs(scale) + Math.abs(shift)];
  });
}

/** @type {Op} */
export function lrn([x], attributes) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [radius, channels] = [number(attributes, 'radius'), shape[shape.length - 1]];
  const [bias, alpha, beta] = ['bias', 'alpha', 'beta'].map((name) => Math.fround(number(attributes, name)));
  return build(shape, (_, i) => {
    const at = i % channels;
    let sum = 0;
    for (let k = Math.max(0, at - radius); k <= Math.min(channels - 1, at + radius); k++) sum += data[i - at + k] ** 2;
    return data[i] / (bias + alpha * sum) ** beta;
  });
}
