// The ops under "comparisons and logic" of ops.def, and those on bits.
import { broadcast, elementAt } from './elements.js';
import { build } from './tensor.js';

/** @import { Dtype, Tensor } from './tensor.js' */
/** @import { Op } from './elements.js' */

/** @param {Dtype} dtype @param {(a: number, b: number) => number | boolean} compute @returns {Op} */
const pairwise =
  (dtype, compute) =>
  ([a, b]) => {
    const [left, right] = [/** @type {Tensor} */ (a), /** @type {Tensor} */ (b)];
    return {
      ...build(broadcast(left.shape, right.shape), (index) => Number(compute(elementAt(left, index), elementAt(right, index)))),
      dtype,
    };
  };
/** @param {Dtype} dtype @param {(x: number) => number | boolean} compute @returns {Op} */
const each =
  (dtype, compute) =>
  ([x]) => {
    const { shape, data } = /** @type {Tensor} */ (x);
    return { ...build(shape, (_, i) => Number(compute(data[i]))), dtype };
  };

export const equal = pairwise('bool', (a, b) => a === b);
export const not_equal = pairwise('bool', (a, b) => a !== b);
export const greater = pairwise('bool', (a, b) => a > b);
export const greater_equal = pairwise('bool', (a, b) => a >= b);
export const less = pairwise('bool', (a, b) => a < b);
export const less_equal = pairwise('bool', (a, b) => a <= b);
export const logical_and = pairwise('bool', (a, b) => a && b);
export const logical_or = pairwise('bool', (a, b) => a || b);
export const logical_xor = pairwise('bool', (a, b) => a !== b);
export const bitwise_and = pairwise('int32', (a, b) => a & b);
export const bitwise_or = pairwise('int32', (a, b) => a | b);
export const bitwise_xor = pairwise('int32', (a, b) => a ^ b);
export const logical_not = each('bool', (x) => !x);
export const bitwise_not = each('int32', (x) => ~x);
export const is_nan = each('bool', Number.isNaN);
export const is_inf = each('bool', (x) => x === Infinity || x === -Infinity);
export const is_finite = each('bool', Number.isFinite);

/** @type {Op} */
export function select([condition, a, b]) {
  const [which, yes, no] = [/** @type {Tensor} */ (condition), /** @type {Tensor} */ (a), /** @type {Tensor} */ (b)];
  const shape = broadcast(which.shape, broadcast(yes.shape, no.shape));
  return { ...build(shape, (index) => elementAt(elementAt(which, index) ? yes : no, index)), dtype: yes.dtype };
}
