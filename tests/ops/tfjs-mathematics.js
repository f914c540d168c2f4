// What TensorFlow.js calls the ops under "mathematics", "comparisons and logic", "reductions and scans".
import * as tf from '@tensorflow/tfjs-core';
import { list, number } from './reference/tensor.js';

/** @import { Attributes } from './reference/tensor.js' */
/** @typedef {(inputs: tf.Tensor[], attributes: Attributes) => tf.Tensor | undefined} Equivalent  undefined: not expressible */

/** @param {(x: tf.Tensor) => tf.Tensor} op @returns {Equivalent} */
const unary =
  (op) =>
  ([x]) =>
    op(x);

/** @param {(a: tf.Tensor, b: tf.Tensor) => tf.Tensor} op @returns {Equivalent} */
const binary =
  (op) =>
  ([a, b]) =>
    op(a, b);

/** It does not broadcast. @param {tf.Tensor} a @param {tf.Tensor} b */
const bitsOf = (a, b) => tf.bitwiseAnd(tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a)));

/** @param {(x: tf.Tensor, axes: number[] | undefined, keep: boolean) => tf.Tensor} op @returns {Equivalent} */
const folding =
  (op) =>
  ([x, axes], a) => {
    const given = axes === undefined ? list(a, 'axes') : Array.from(axes.dataSync());
    const all = axes === undefined && given.length === 0;
    return x.size === 0 ? undefined : op(x, all ? undefined : [...new Set(given)], number(a, 'keep_dims') === 1);
  };

/** @param {(x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean) => tf.Tensor} op @returns {Equivalent} */
const scanning =
  (op) =>
  ([x], a) =>
    op(x, (number(a, 'axis') + x.rank) % x.rank, number(a, 'exclusive') === 1, number(a, 'reverse') === 1);

/** @type {Record<string, Equivalent>} */
export const MATHEMATICS = {
  mean: folding(tf.mean),
  reduce_sum: folding(tf.sum),
  reduce_prod: folding(tf.prod),
  reduce_max: folding(tf.max),
  reduce_min: folding(tf.min),
  reduce_all: folding(tf.all),
  reduce_any: folding(tf.any),
  arg_max: ([x], a) => tf.argMax(x, number(a, 'axis')),
  arg_min: ([x], a) => tf.argMin(x, number(a, 'axis')),
  cumsum: scanning(tf.cumsum),
  cumprod: scanning(tf.cumprod),
  log_softmax: unary((x) => tf.logSoftmax(x)),
  // the next two have no op there: their formulas in its ops
  l2_normalize: ([x], a) => {
    const axes = list(a, 'axes');
    const squares = tf.sum(tf.square(x), axes.length === 0 ? undefined : [...new Set(axes)], true);
    return x.size === 0 ? undefined : tf.div(x, tf.sqrt(tf.maximum(squares, number(a, 'epsilon'))));
  },
  layer_norm: ([x, gamma, beta], a) => {
    const axes = Array.from({ length: number(a, 'n_axes') }, (_, i) => x.rank - 1 - i);
    const { mean, variance } = tf.moments(x, axes, true);
    const normalized = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, number(a, 'epsilon'))));
    if (x.size === 0) return undefined;
    const shape = x.shape.slice(-axes.length);
    const scaled = gamma === undefined ? normalized : tf.mul(normalized, tf.reshape(gamma, shape));
    return beta === undefined ? scaled : tf.add(scaled, tf.reshape(beta, shape));
  },
  lrn: ([x], a) =>
    x.rank === 4
      ? tf.localResponseNormalization(
          /** @type {tf.Tensor4D} */ (x),
          number(a, 'radius'),
          number(a, 'bias'),
          number(a, 'alpha'),
          number(a, 'beta'),
        )
      : undefined,

  sign: unary(tf.sign),
  ceil: unary(tf.ceil),
  floor: unary(tf.floor),
  round: unary(tf.round),
  reciprocal: unary(tf.reciprocal),
  log: unary(tf.log),
  log1p: unary(tf.log1p),
  expm1: unary(tf.expm1),
  // Abramowitz and Stegun 7.1.26, within 1.5e-7: nothing is left of it near 0
  erf: ([x]) => (x.dataSync().every((value) => Math.abs(value) > 0.39) ? tf.erf(x) : undefined),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  tan: unary(tf.tan),
  asin: unary(tf.asin),
  acos: unary(tf.acos),
  atan: unary(tf.atan),
  sinh: unary(tf.sinh),
  cosh: unary(tf.cosh),
  asinh: unary(tf.asinh),
  acosh: unary(tf.acosh),
  atanh: unary(tf.atanh),
  softplus: unary(tf.softplus),
  // the last five have no op there: their formulas in its ops
  softsign: unary((x) => tf.div(x, tf.add(1, tf.abs(x)))),
  silu: unary((x) => tf.mul(x, tf.sigmoid(x))),
  mish: unary((x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  // (1 + tanh(u)) / 2 as sigmoid(2u); its erf is too coarse for the exact one
  gelu: ([x], a) => {
    if (number(a, 'approximate') === 0 || Math.min(...x.dataSync()) < -8) return undefined; // far out u is rounded, and exp(u) more so
    const inner = tf.mul(2 * Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3))));
    return tf.mul(x, tf.sigmoid(inner));
  },
  trunc_mod: ([a, b]) => tf.mul(tf.sign(a), tf.mod(tf.abs(a), tf.abs(b))),
  mod: binary(tf.mod),
  pow: binary(tf.pow),
  atan2: binary(tf.atan2),
  div_no_nan: binary(tf.divNoNan),
  equal: binary(tf.equal),
  not_equal: binary(tf.notEqual),
  greater: binary(tf.greater),
  greater_equal: binary(tf.greaterEqual),
  less: binary(tf.less),
  less_equal: binary(tf.lessEqual),
  logical_and: binary(tf.logicalAnd),
  logical_or: binary(tf.logicalOr),
  logical_xor: binary(tf.logicalXor),
  logical_not: unary(tf.logicalNot),
  bitwise_and: binary(bitsOf),
  // it has no other op on bits: they follow from this one
  bitwise_or: ([a, b]) => tf.sub(tf.add(a, b), bitsOf(a, b)),
  bitwise_xor: ([a, b]) => tf.sub(tf.add(a, b), tf.mul(tf.scalar(2, 'int32'), bitsOf(a, b))),
  bitwise_not: ([x]) => tf.sub(tf.scalar(-1, 'int32'), x),
  is_nan: unary(tf.isNaN),
  is_inf: unary(tf.isInf),
  is_finite: unary(tf.isFinite),
  select: ([condition, a, b]) => ([condition, a, b].some(({ size }) => size === 0) ? undefined : tf.where(condition, a, b)),
  hard_sigmoid: ([x], a) => tf.clipByValue(tf.add(tf.mul(x, number(a, 'alpha')), number(a, 'beta')), 0, 1),
};

/**
 * Per op, the cases in which the cpu backend departs from TensorFlow, or from itself.
 * @type {Record<string, RegExp>}
 */
export const DEPARTURES = {
  reduce_prod: /^int32/, // it computes integers in float32
  cumprod: /^int32/, // likewise
  mean: /^int32/, // float32 there

  div: /int32|integers/, // of int32 it is floorDiv there
  abs: /int32 at the edges/, // it computes integers in float64 and does not wrap
  square: /int32/, // likewise
  trunc_mod: /int32|integers|extreme/, // products of integers in float64, and mod as below
  mod: /extreme/, // (a % b + b) % b where the signs differ: NaN of infinite b, and rounded
  pow: /extreme|specials|int32|integers/, // of 1 and of -1 as ECMAScript; of integers in float64
  sign: /extremes|NaN/, // of NaN: 0 there
};
