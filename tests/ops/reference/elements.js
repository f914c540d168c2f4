// What the references of elementwise ops share.
import { activated, build, number } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */
/** @typedef {(inputs: (Tensor | undefined)[], attributes: Attributes) => Reference} Op */

/** NumPy's rule. @param {number[]} a @param {number[]} b */
export function broadcast(a, b) {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    return x === 1 ? y : x;
  });
}

/** @param {Tensor} tensor @param {number[]} index  of the result */
export function elementAt({ shape, data }, index) {
  const skipped = index.length - shape.length;
  let flat = 0;
  for (let i = 0; i < shape.length; i++) flat = flat * shape[i] + (shape[i] === 1 ? 0 : index[skipped + i]);
  return data[flat];
}

/**
 * @param {(a: number, b: number) => number | [number, number]} compute
 * @param {(a: number, b: number) => number} [integer]  The result modulo 2^32 is int32's.
 * @returns {Op}
 */
export const binary =
  (compute, integer) =>
  ([a, b, slope], attributes) => {
    const [left, right] = [/** @type {Tensor} */ (a), /** @type {Tensor} */ (b)];
    if (left.dtype === 'int32' && integer !== undefined) {
      const wrapped = build(broadcast(left.shape, right.shape), (index) => integer(elementAt(left, index), elementAt(right, index)) | 0);
      return { ...wrapped, dtype: 'int32' };
    }
    const result = build(broadcast(left.shape, right.shape), (index) => compute(elementAt(left, index), elementAt(right, index)));
    return activated(result, attributes, slope);
  };

/**
 * @param {(x: number, attributes: Attributes) => number | [number, number]} compute
 * @param {(x: number, attributes: Attributes) => number} [integer]  The result modulo 2^32 is int32's.
 * @returns {Op}
 */
export const unary =
  (compute, integer) =>
  ([x], attributes) => {
    const { shape, data, dtype } = /** @type {Tensor} */ (x);
    if (dtype === 'int32' && integer !== undefined) return { ...build(shape, (_, i) => integer(data[i], attributes) | 0), dtype: 'int32' };
    return build(shape, (_, i) => compute(data[i], attributes));
  };

/** Comparisons with NaN are false, so that it stays. @param {number} x @param {number} low @param {number} high */
export const clampTo = (x, low, high) => (x < low ? low : x > high ? high : x);
/** An attribute as C has it. @param {Attributes} a @param {string} name */
export const float = (a, name) => Math.fround(number(a, name));
