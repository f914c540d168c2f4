// Layers with int8 weights and rows that are quantised as they come, from the definitions in kernels/qd8_row.h and docs/numerics.md:
// ranges, steps and bytes in float32, sums of products of integers exact, the rest in float64. As the variant simd has them.
import { windowOf } from './positions.js';
import { build, finished, number } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */

const { fround } = Math;
const [LEAST, MOST] = [-128, 127];
const SMALLEST_STEP = 2 ** -126;

/** To the even one of two equally near. @param {number} value */
function round(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Symmetric, by the largest magnitude. @param {number[]} values */
function quantiseWeights(values) {
  const step = Math.max(fround(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127), SMALLEST_STEP);
  const factor = fround(1 / step);
  return { step, bytes: values.map((value) => Math.max(-127, Math.min(127, round(fround(value * factor))))) };
}

/** By its range, which includes 0. @param {number[]} row @returns {{ step: number, levels: number[] }}  levels: byte - zero */
function quantiseRow(row) {
  if (!row.every(Number.isFinite)) return { step: NaN, levels: row.map(() => 0) };
  const [low, high] = [Math.min(0, ...row), Math.max(0, ...row)];
  const step = Math.max(fround(fround(high / (MOST - LEAST)) - fround(low / (MOST - LEAST))), SMALLEST_STEP);
  const factor = fround(1 / step);
  const zero = Math.min(MOST, LEAST - round(fround(low / step)));
  return { step, levels: row.map((x) => Math.max(LEAST, Math.min(MOST, round(fround(x * factor)) + zero)) - zero) };
}

/**
 * @param {number[]} shape  of the output
 * @param {number[][]} rows  what each row of the output multiplies
 * @param {(channel: number) => number[]} weightsOf
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes
 * @returns {Reference}
 */
function product(shape, rows, weightsOf, [, , bias, slope, factors, residual, times], attributes) {
  const channels = /** @type {number} */ (shape.at(-1));
  const quantised = rows.map(quantiseRow);
  const weights = Array.from({ length: channels }, (_, channel) => quantiseWeights(weightsOf(channel)));
  const result = build(shape, (_, flat) => {
    const channel = flat % channels;
    const { step, levels } = quantised[Math.floor(flat / channels)];
    const { bytes } = weights[channel];
    const factor = factors?.data[factors.data.length === 1 ? 0 : channel] ?? 1;
    const sum = levels.reduce((total, level, k) => total + level * bytes[k], 0) * step * weights[channel].step * factor;
    const offset = bias?.data[channel] ?? 0;
    return [sum + offset, Math.abs(sum) + Math.abs(offset)];
  });
  return finished(result, attributes, slope, residual, times);
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference} */
export function qd_dense(inputs, attributes) {
  const [x, w] = /** @type {[Tensor, Tensor]} */ (inputs);
  const transposed = number(attributes, 'transpose_b') !== 0;
  const [depth, columns] = transposed ? [w.shape[1], w.shape[0]] : w.shape;
  const weightsOf = (/** @type {number} */ channel) =>
    Array.from({ length: depth }, (_, k) => w.data[transposed ? channel * depth + k : k * columns + channel]);
  const rows = Array.from({ length: x.data.length / depth }, (_, row) => Array.from({ length: depth }, (_, k) => x.data[row * depth + k]));
  return product([...x.shape.slice(0, -1), columns], rows, weightsOf, inputs, attributes);
}

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference} */
export function qd_conv2d(inputs, attributes) {
  const [x, filter] = /** @type {[Tensor, Tensor]} */ (inputs);
  const outFirst = number(attributes, 'filter_layout') === 1;
  const [kernelH, kernelW, channels, out] = outFirst ? [...filter.shape.slice(1), filter.shape[0]] : filter.shape;
  const [batch, height, width] = x.shape;
  const { h, w } = windowOf(x.shape, kernelH, kernelW, attributes);
  /** @type {number[][]} */
  const rows = [];
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < h.output; oy++)
      for (let ox = 0; ox < w.output; ox++) {
        const row = new Array(kernelH * kernelW * channels).fill(0);
        for (const { tap: ky, at: iy } of h.positions(oy))
          for (const { tap: kx, at: ix } of w.positions(ox))
            for (let c = 0; c < channels; c++)
              row[(ky * kernelW + kx) * channels + c] = x.data[((n * height + iy) * width + ix) * channels + c];
        rows.push(row);
      }
  const depth = kernelH * kernelW * channels;
  const weightsOf = (/** @type {number} */ channel) =>
    Array.from({ length: depth }, (_, k) => filter.data[outFirst ? channel * depth + k : k * out + channel]);
  return product([batch, h.output, w.output, out], rows, weightsOf, inputs, attributes);
}

/** @param {(Tensor | undefined)[]} inputs @returns {Reference} */
export function qd_gather(inputs) {
  const [indices, table] = /** @type {[Tensor, Tensor]} */ (inputs);
  const slice = table.shape.slice(1).reduce((n, dim) => n * dim, 1);
  const rows = Array.from({ length: table.shape[0] }, (_, row) =>
    quantiseWeights(Array.from({ length: slice }, (_, i) => table.data[row * slice + i])),
  );
  return build([...indices.shape, ...table.shape.slice(1)], (_, flat) => {
    const { step, bytes } = rows[indices.data[Math.floor(flat / slice)]];
    return step * bytes[flat % slice];
  });
}
