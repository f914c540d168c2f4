// Matrix multiplication, from tensorflow.org's tf.linalg.matmul and tf.transpose.
import { flatOf, indexOf, list, number, sizeOf } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */

/** @template {ArrayLike<number>} T @param {{ shape: number[], data: T }} tensor @param {number[]} perm @returns {{ shape: number[], data: Float64Array }} */
function transpose({ shape, data }, perm) {
  const made = perm.map((axis) => shape[axis]);
  const moved = Float64Array.from({ length: sizeOf(made) }, (_, flat) => {
    const index = indexOf(flat, made);
    const from = new Array(shape.length);
    perm.forEach((axis, i) => {
      from[axis] = index[i];
    });
    return data[flatOf(from, shape)];
  });
  return { shape: made, data: moved };
}

/** @param {Tensor} tensor @param {number[]} perm @param {number} swaps */
function operand(tensor, perm, swaps) {
  const axes = tensor.shape.map((_, i) => i);
  const first = perm.length > 0 ? transpose(tensor, perm) : tensor;
  const last = axes.length - 1;
  return swaps ? transpose(first, [...axes.slice(0, -2), last, last - 1]) : first;
}

/** @param {number[]} a @param {number[]} b */
function broadcast(a, b) {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i + a.length - rank] ?? 1, b[i + b.length - rank] ?? 1];
    return x === 1 ? y : x;
  });
}

/** Which matrix of an operand the product at `index` reads. @param {number[]} index @param {number[]} batch */
const matrixOf = (index, batch) =>
  flatOf(
    batch.map((dim, i) => (dim === 1 ? 0 : index[i + index.length - batch.length])),
    batch,
  );

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference} */
export function batch_matmul(inputs, attributes) {
  const [left, right] = /** @type {Tensor[]} */ (inputs);
  const a = operand(left, list(attributes, 'perm_a'), number(attributes, 'transpose_a'));
  const b = operand(right, list(attributes, 'perm_b'), number(attributes, 'transpose_b'));
  const [m, k] = a.shape.slice(-2);
  const n = b.shape[b.shape.length - 1];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, m, n];
  const data = new Float64Array(sizeOf(shape));
  const scale = new Float64Array(data.length);
  for (let product = 0; product < sizeOf(batch); product++) {
    const index = indexOf(product, batch);
    const x = matrixOf(index, a.shape.slice(0, -2)) * m * k;
    const y = matrixOf(index, b.shape.slice(0, -2)) * k * n;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let terms = 0;
        for (let d = 0; d < k; d++) {
          const [p, q] = [a.data[x + i * k + d], b.data[y + d * n + j]];
          sum = left.dtype === 'int32' ? (sum + Math.imul(p, q)) | 0 : sum + p * q;
          terms += Math.abs(p * q);
        }
        data[(product * m + i) * n + j] = sum;
        scale[(product * m + i) * n + j] = left.dtype === 'int32' ? 0 : Math.abs(sum) + terms; // integers are exact
      }
  }
  const perm = list(attributes, 'perm_y');
  const [result, magnitude] =
    perm.length > 0 ? [data, scale].map((values) => transpose({ shape, data: values }, perm)) : [{ shape, data }, { data: scale }];
  return { .../** @type {{ shape: number[], data: Float64Array }} */ (result), scale: magnitude.data, dtype: left.dtype };
}

/** By rows: softmax of scores, whose -Infinity counts nothing. @param {Float64Array} row */
function softmaxOf(row) {
  const most = row.reduce((largest, score) => (score > largest ? score : largest), -Infinity);
  const weights = row.map((score) => Math.exp(score - most));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * As Vaswani et al. have it (arXiv 1706.03762, 3.2.1), of the products above. The terms: those of the last sum, and what the terms of a
 * score move them by, since exp makes of its absolute error a relative one.
 * @param {(Tensor | undefined)[]} inputs @param {Attributes} attributes @returns {Reference}
 */
export function attention([q, k, v, mask, factor], attributes) {
  const [query, key, value] = [q, k, v].map((x, i) =>
    operand(/** @type {Tensor} */ (x), list(attributes, ['perm_q', 'perm_k', 'perm_v'][i]), 0),
  );
  const products = batch_matmul([query, key], { transpose_b: 1 });
  const by = Math.fround(number(attributes, 'scale', 1));
  const shape = [mask, factor].reduce((all, x) => (x === undefined ? all : broadcast(all, x.shape)), products.shape);
  const n = shape[shape.length - 1];
  const weights = new Float64Array(sizeOf(shape));
  const terms = new Float64Array(weights.length); // of a weight and of what moves it
  for (let row = 0; row < weights.length; row += n) {
    const moved = new Float64Array(n);
    const scores = Float64Array.from({ length: n }, (_, j) => {
      const index = indexOf(row + j, shape);
      const at = (/** @type {Tensor | undefined} */ x, /** @type {number} */ none) =>
        x === undefined ? none : x.data[matrixOf(index, x.shape)];
      const [product, times, term] = [matrixOf(index, products.shape), by * at(factor, 1), at(mask, 0)];
      moved[j] = Math.abs(times) * products.scale[product] + (Number.isFinite(term) ? Math.abs(term) : 0);
      return products.data[product] * times + term;
    });
    const weight = softmaxOf(scores);
    const mean = weight.reduce((sum, p, j) => sum + p * moved[j], 0);
    for (let j = 0; j < n; j++) [weights[row + j], terms[row + j]] = [weight[j], weight[j] * (1 + moved[j] + mean)];
  }
  const result = batch_matmul([{ shape, data: weights }, value], {});
  const sums = batch_matmul(
    [
      { shape, data: terms },
      { shape: value.shape, data: Float64Array.from(value.data, Math.abs) },
    ],
    {},
  );
  const scale = result.data.map((y, i) => Math.abs(y) + sums.data[i]);
  const perm = list(attributes, 'perm_y');
  if (perm.length === 0) return { ...result, scale };
  return { ...transpose(result, perm), scale: transpose({ shape: result.shape, data: scale }, perm).data };
}
