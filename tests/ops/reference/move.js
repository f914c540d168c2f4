// Ops that make shapes and constants and that move data, after tensorflow.org's definitions (tf.transpose, tf.gather,
// tf.strided_slice, tf.scatter_nd, …) and NumPy's indexing.
import { as, build, flatOf, indexOf, list, moved, number, operand, sizeOf } from './tensor.js';

/** @import { Attributes, Tensor } from './tensor.js' */
/** @import { Op } from './elementwise.js' */

/** @param {(Tensor | undefined)[]} inputs @param {number} at @param {Attributes} attributes @param {string} name */
const count = (inputs, at, attributes, name) => (inputs[at] === undefined ? number(attributes, name) : inputs[at].data[0]);

/** @param {unknown} x */
const tensor = (x) => /** @type {Tensor} */ (x);

/** @type {Op} */
export const shape = ([x]) => ({ ...build([tensor(x).shape.length], (_, i) => tensor(x).shape[i]), dtype: 'int32' });

/** @type {Op} */
export function broadcast_args([a, b]) {
  const [x, y] = [Array.from(tensor(a).data), Array.from(tensor(b).data)];
  const rank = Math.max(x.length, y.length);
  const full = (/** @type {number[]} */ dims) => [...new Array(rank - dims.length).fill(1), ...dims];
  return { ...build([rank], (_, i) => (full(x)[i] === 1 ? full(y)[i] : full(x)[i])), dtype: 'int32' };
}

/** @type {Op} */
export const fill = (inputs, attributes) =>
  as(
    build(operand(inputs, 1, attributes, 'shape'), () => tensor(inputs[0]).data[0]),
    tensor(inputs[0]),
  );

/** The length is counted in the dtype, as TensorFlow's RangeOp does. @type {Op} */
export function range([start, limit, delta]) {
  const [from, to, by] = [start, limit, delta].map((x) => tensor(x).data[0]);
  const round = tensor(start).dtype === 'int32' ? (/** @type {number} */ x) => x : Math.fround;
  const n = Math.max(0, Math.ceil(round(round(to - from) / by)));
  return as(
    build([n], (_, i) => from + i * by),
    tensor(start),
  );
}

/** @type {Op} */
export function linspace(inputs, attributes) {
  const [start, stop] = inputs.map((x) => tensor(x)?.data[0]);
  const n = count(inputs, 2, attributes, 'n');
  return build([n], (_, i) => (i === 0 ? start : i === n - 1 ? stop : start + i * ((stop - start) / (n - 1))));
}

/** @type {Op} */
export function one_hot(inputs, attributes) {
  const [indices, on, off] = inputs.map(tensor);
  const depth = count(inputs, 3, attributes, 'depth');
  const rank = indices.shape.length;
  const axis = (number(attributes, 'axis') + rank + 1) % (rank + 1);
  const outShape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
  return as(
    build(outShape, (index) => {
      const named = indices.data[flatOf([...index.slice(0, axis), ...index.slice(axis + 1)], indices.shape)];
      return (named === index[axis] ? on : off).data[0];
    }),
    on,
  );
}

/** @type {Op} */
export function transpose(inputs, attributes) {
  const x = tensor(inputs[0]);
  const given = operand(inputs, 1, attributes, 'perm');
  const rank = x.shape.length;
  const perm = given.length === 0 ? x.shape.map((_, i) => rank - 1 - i) : given.map((axis) => (axis + rank) % rank);
  return moved(
    x,
    perm.map((axis) => x.shape[axis]),
    (index) => x.shape.map((_, axis) => index[perm.indexOf(axis)]),
  );
}

/** @type {Op} */
export function reverse([input], attributes) {
  const x = tensor(input);
  const axes = list(attributes, 'axes').map((axis) => (axis + x.shape.length) % x.shape.length);
  return moved(x, x.shape, (index) => index.map((at, i) => (axes.includes(i) ? x.shape[i] - 1 - at : at)));
}

/** @type {Op} */
export function split([input], attributes) {
  const x = tensor(input);
  const axis = (number(attributes, 'axis') + x.shape.length) % x.shape.length;
  const each = x.shape[axis] / number(attributes, 'parts');
  return moved(
    x,
    x.shape.map((dim, i) => (i === axis ? each : dim)),
    (index) => index.map((at, i) => (i === axis ? at + each * number(attributes, 'index') : at)),
  );
}

/** @type {Op} */
export function tile(inputs, attributes) {
  const x = tensor(inputs[0]);
  const multiples = operand(inputs, 1, attributes, 'multiples');
  return moved(
    x,
    x.shape.map((dim, i) => dim * multiples[i]),
    (index) => index.map((at, i) => at % x.shape[i]),
  );
}

/** @type {Op} */
export function broadcast_to(inputs, attributes) {
  const x = tensor(inputs[0]);
  const target = operand(inputs, 1, attributes, 'shape');
  return moved(x, target, (index) => index.slice(target.length - x.shape.length).map((at, i) => (x.shape[i] === 1 ? 0 : at)));
}

/** Python's slice(begin, end, stride).indices(n), expanded. @param {number | null} begin @param {number | null} end */
function indicesOf(begin, end, /** @type {number} */ stride, /** @type {number} */ n) {
  const clip = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high) =>
    Math.min(Math.max(at < 0 ? at + n : at, low), high);
  const from = stride > 0 ? (begin === null ? 0 : clip(begin, 0, n)) : begin === null ? n - 1 : clip(begin, -1, n - 1);
  const to = stride > 0 ? (end === null ? n : clip(end, 0, n)) : end === null ? -1 : clip(end, -1, n - 1);
  const result = [];
  for (let at = from; stride > 0 ? at < to : at > to; at += stride) result.push(at);
  return result;
}

/** x[…] with what tf.strided_slice's masks make of each entry. @type {Op} */
export function strided_slice(inputs, attributes) {
  const x = tensor(inputs[0]);
  const [begin, end, strides] = ['begin', 'end', 'strides'].map((name, i) => operand(inputs, i + 1, attributes, name));
  const has = (/** @type {string} */ mask, /** @type {number} */ i) => ((number(attributes, mask) >> i) & 1) === 1;
  const cuts = begin.filter((_, i) => !has('ellipsis_mask', i) && !has('new_axis_mask', i)).length;
  /** What each axis of x is read at. @type {number[][]} */
  const taken = [];
  /** Axes of the result: -1 for a new one. @type {number[]} */
  const axes = [];
  const keep = () => {
    axes.push(taken.length);
    taken.push(Array.from({ length: x.shape[taken.length] }, (_, at) => at));
  };
  for (let i = 0; i < begin.length; i++) {
    const n = x.shape[taken.length];
    if (has('ellipsis_mask', i)) for (let k = x.shape.length - cuts; k > 0; k--) keep();
    else if (has('new_axis_mask', i)) axes.push(-1);
    else if (has('shrink_axis_mask', i)) taken.push([begin[i] < 0 ? begin[i] + n : begin[i]]);
    else {
      axes.push(taken.length);
      taken.push(indicesOf(has('begin_mask', i) ? null : begin[i], has('end_mask', i) ? null : end[i], strides[i], n));
    }
  }
  while (taken.length < x.shape.length) keep();
  return moved(
    x,
    axes.map((axis) => (axis < 0 ? 1 : taken[axis].length)),
    (index) => taken.map((from, axis) => from[axes.includes(axis) ? index[axes.indexOf(axis)] : 0]),
  );
}

/** @type {Op} */
export function mirror_pad(inputs, attributes) {
  const x = tensor(inputs[0]);
  const paddings = operand(inputs, 1, attributes, 'paddings');
  const again = number(attributes, 'symmetric') === 0 ? 0 : 1;
  return moved(
    x,
    x.shape.map((dim, i) => dim + paddings[2 * i] + paddings[2 * i + 1]),
    (index) =>
      index.map((at, i) => {
        const from = at - paddings[2 * i];
        if (from < 0) return -from - again;
        return from < x.shape[i] ? from : x.shape[i] - 1 - (from - x.shape[i] + 1 - again);
      }),
  );
}

/** @type {Op} */
export function gather([input, positions], attributes) {
  const [params, indices] = [tensor(input), tensor(positions)];
  const [rank, indexRank] = [params.shape.length, indices.shape.length];
  const axis = (number(attributes, 'axis') + rank) % rank;
  const given = number(attributes, 'batch_dims');
  const batches = given < 0 ? given + indexRank : given;
  const outShape = [...params.shape.slice(0, axis), ...indices.shape.slice(batches), ...params.shape.slice(axis + 1)];
  const after = axis + indexRank - batches;
  return moved(params, outShape, (index) => {
    const named = indices.data[flatOf([...index.slice(0, batches), ...index.slice(axis, after)], indices.shape)];
    return [...index.slice(0, axis), named, ...index.slice(after)];
  });
}

/**
 * Every element of updates [I…,PK,…], and the element of the output that its index names.
 * @param {Tensor} indices @param {Tensor} updates @param {number[]} outShape @param {(at: number, value: number) => void} apply
 */
function scattered(indices, updates, outShape, apply) {
  const depth = indices.shape.at(-1) ?? 0;
  const outer = indices.shape.slice(0, -1);
  const slice = outShape.slice(depth);
  for (let i = 0; i < sizeOf(outer); i++)
    for (let k = 0; k < sizeOf(slice); k++) {
      const named = Array.from({ length: depth }, (_, d) => indices.data[i * depth + d]);
      apply(flatOf([...named, ...indexOf(k, slice)], outShape), updates.data[i * sizeOf(slice) + k]);
    }
}

/** @type {Op} */
export function scatter_nd(inputs, attributes) {
  const [indices, updates] = inputs.map(tensor);
  const outShape = operand(inputs, 2, attributes, 'shape');
  const result = as(
    build(outShape, () => 0),
    updates,
  );
  scattered(indices, updates, outShape, (at, value) => {
    result.data[at] += value;
    result.scale[at] += Math.abs(value);
  });
  return updates.dtype === 'int32' ? { ...result, data: result.data.map((value) => value | 0) } : result;
}

/** @type {Op} */
export function tensor_scatter(inputs, attributes) {
  const [x, indices, updates] = inputs.map(tensor);
  const result = as(
    build(x.shape, (_, i) => [x.data[i], Math.abs(x.data[i])]),
    x,
  );
  const combine = [
    (/** @type {number} */ _, /** @type {number} */ value) => value,
    (/** @type {number} */ old, /** @type {number} */ value) => (x.dtype === 'int32' ? (old + value) | 0 : old + value),
    Math.min,
    Math.max,
  ][number(attributes, 'mode')];
  scattered(indices, updates, x.shape, (at, value) => {
    result.data[at] = combine(result.data[at], value);
    result.scale[at] += Math.abs(value);
  });
  return result;
}

/** @type {Op} */
export function sparse_to_dense(inputs, attributes) {
  const [indices, values, fallback] = inputs.map(tensor);
  const outShape = operand(inputs, 3, attributes, 'shape');
  const n = indices.shape[0] ?? 1;
  const result = as(
    build(outShape, () => fallback?.data[0] ?? 0),
    values,
  );
  for (let i = 0; i < n; i++) {
    const named = outShape.map((_, k) => indices.data[i * outShape.length + k]);
    result.data[flatOf(named, outShape)] = values.data[values.data.length === 1 ? 0 : i];
  }
  return result;
}

/** @type {Op} */
export function matrix_band_part(inputs, attributes) {
  const x = tensor(inputs[0]);
  const [lower, upper] = ['lower', 'upper'].map((name, i) => count(inputs, i + 1, attributes, name));
  return as(
    build(x.shape, (index, flat) => {
      const [row, column] = index.slice(-2);
      return (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper) ? x.data[flat] : 0;
    }),
    x,
  );
}

/** @type {Op} */
export function bincount([input, weights], attributes) {
  const x = tensor(input);
  const size = number(attributes, 'size');
  const n = x.shape.at(-1) ?? 0;
  const result = build([...x.shape.slice(0, -1), size], () => 0);
  for (let i = 0; i < x.data.length; i++) {
    if (x.data[i] >= size) continue;
    const at = Math.floor(i / n) * size + x.data[i];
    const weight = weights === undefined || weights.data.length === 0 ? 1 : weights.data[i];
    result.data[at] = number(attributes, 'binary') === 1 ? 1 : result.data[at] + weight;
    result.scale[at] += Math.abs(weight);
  }
  return result;
}

/** @type {Op} */
export function top_k(inputs, attributes) {
  const x = tensor(inputs[0]);
  const k = count(inputs, 1, attributes, 'k');
  const n = x.shape.at(-1) ?? 0;
  const outShape = [...x.shape.slice(0, -1), k];
  const wantIndices = number(attributes, 'want_indices') === 1;
  const sortedRow = (/** @type {number} */ row) =>
    Array.from({ length: n }, (_, i) => i).sort((i, j) => {
      const [a, b] = [x.data[row * n + i], x.data[row * n + j]];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j;
      return a === b ? i - j : b > a ? 1 : -1;
    });
  const rows = Array.from({ length: sizeOf(x.shape.slice(0, -1)) }, (_, row) => sortedRow(row));
  const result = build(outShape, (_, flat) => {
    const row = Math.floor(flat / k);
    const at = rows[row][flat % k];
    return wantIndices ? at : x.data[row * n + at];
  });
  return wantIndices ? { ...result, dtype: 'int32' } : as(result, x);
}
