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
