// What TensorFlow.js calls the ops under "mathematics", "comparisons and logic", "reductions and scans".
import * as tf from '@tensorflow/tfjs-core';
import { number } from './reference/tensor.js';

/** @import { Attributes } from './reference/tensor.js' */
/** @typedef {(inputs: tf.Tensor[], attributes: Attributes) => tf.Tensor | undefined} Equivalent  undefined: not expressible */

/** @param {(x: tf.Tensor) => tf.Tensor} op @returns {Equivalent} */
const unary =
  (op) =>
  ([x]) =>
    op(x);

/** @type {Record<string, Equivalent>} */
export const MATHEMATICS = {
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
  hard_sigmoid: ([x], a) => tf.clipByValue(tf.add(tf.mul(x, number(a, 'alpha')), number(a, 'beta')), 0, 1),
};

/**
 * Per op, the cases in which the cpu backend departs from TensorFlow, or from itself.
 * @type {Record<string, RegExp>}
 */
export const DEPARTURES = {
  abs: /int32 at the edges/, // it computes integers in float64 and does not wrap
  square: /int32/, // likewise
  sign: /extremes|NaN/, // of NaN: 0 there
};
