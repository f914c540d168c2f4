// Einsum of one or two operands, taken apart: sums, transposes, reshapes and a matmul.
import { badNode, stringAttr, unsupportedNode } from '../tfjs-attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 *
 * A tensor whose dimensions have names. shape: where it is known already, that is of constants.
 * @typedef {{ value: string, labels: string[], shape?: number[] }} Labelled
 */

/** @param {NodeView} view */
export function einsum(view) {
  const { node } = view;
  const { terms, result } = readEquation(view);
  const operands = terms.map((labels, i) => {
    const shape = view.constantShape(i);
    if (shape !== undefined && shape.length !== labels.length)
      badNode(node, `operand ${i} has ${shape.length} dimensions, its term has ${labels.length}`);
    return { value: view.use(i), labels, shape };
  });
  const [a, b] = operands.map((operand, i) => sumOver(view, operand, [...result, ...(terms[1 - i] ?? [])]));
  return transposed(view, b === undefined ? a : contracted(view, a, b, result), result).value;
}

/** @param {NodeView} view @returns {{ terms: string[][], result: string[] }} */
function readEquation({ node }) {
  const equation = stringAttr(node, 'equation', '').replaceAll(' ', '');
  const shown = JSON.stringify(equation.slice(0, 60));
  if (equation.includes('...')) unsupportedNode(node, `the ellipsis of ${shown}`);
  const match = /^([a-z]*)(?:,([a-z]*))?->([a-z]*)$/i.exec(equation);
  if (match === null) badNode(node, `cannot read the equation ${shown}`);
  const terms = match.slice(1, 3).flatMap((term) => (term === undefined ? [] : [[...term]]));
  const result = [...match[3]];
  if (terms.length !== node.inputs.length) badNode(node, `has ${node.inputs.length} inputs, the equation ${shown} has ${terms.length}`);
  for (const term of [...terms, result]) if (new Set(term).size < term.length) unsupportedNode(node, `a repeated index in ${shown}`);
  for (const label of result) if (!terms.flat().includes(label)) badNode(node, `no operand of ${shown} has the index ${label}`);
  return { terms, result };
}

/** Sums over the dimensions that nobody else has. @param {NodeView} view @param {Labelled} x @param {string[]} wanted @returns {Labelled} */
function sumOver(view, x, wanted) {
  const keeps = (/** @type {unknown} */ _, /** @type {number} */ i) => wanted.includes(x.labels[i]);
  const axes = x.labels.flatMap((label, i) => (wanted.includes(label) ? [] : [i]));
  if (axes.length === 0) return x;
  const value = view.add('reduce_sum', [x.value], { axes, keep_dims: 0 });
  return { value, labels: x.labels.filter(keeps), shape: x.shape?.filter(keeps) };
}

/** @param {NodeView} view @param {Labelled} x @param {string[]} labels  The same in another order. @returns {Labelled} */
function transposed(view, x, labels) {
  const perm = labels.map((label) => x.labels.indexOf(label));
  if (perm.every((from, to) => from === to)) return x;
  const { shape } = x;
  return { value: view.add('transpose', [x.value], { perm }), labels, shape: shape && perm.map((from) => shape[from]) };
}

/**
 * The product of two operands, summed over what the result does not have.
 * @param {NodeView} view @param {Labelled} a @param {Labelled} b @param {string[]} result
 * @returns {Labelled}  Its dimensions in some order.
 */
function contracted(view, a, b, result) {
  const batch = result.filter((label) => a.labels.includes(label) && b.labels.includes(label));
  const rows = result.filter((label) => !b.labels.includes(label));
  const columns = result.filter((label) => !a.labels.includes(label));
  const inner = a.labels.filter((label) => !result.includes(label));
  const labels = [...batch, ...rows, ...columns];
  if (inner.length === 0) return { value: multiplied(view, a, b, { batch, rows, columns }), labels };

  // Without a batch the rows may be of any number of dimensions.
  const flat = batch.length > 0 || rows.length === 0;
  const left = transposed(view, a, [...batch, ...rows, ...inner]);
  const swapped = `${b.labels}` === `${[...batch, ...columns, ...inner]}`;
  const right = swapped ? b : transposed(view, b, [...batch, ...inner, ...columns]);
  const x = grouped(view, left, [...batch.map((label) => [label]), ...(flat ? [rows] : rows.map((label) => [label])), inner]);
  const y = grouped(view, right, [...batch.map((label) => [label]), ...(swapped ? [columns, inner] : [inner, columns])]);
  const value = view.add('batch_matmul', [x, y], { transpose_a: 0, transpose_b: swapped ? 1 : 0 });
  if ((!flat || rows.length === 1) && columns.length === 1) return { value, labels };
  const from = (/** @type {Labelled} */ operand, /** @type {string[]} */ group) => sizesOf(view, operand, group, false);
  const sizes = [...from(left, batch), ...from(left, rows), ...from(right, columns)];
  return { value: reshaped(view, value, sizes), labels };
}

/** Nothing to sum: an outer product. @param {NodeView} view @param {Labelled} a @param {Labelled} b @param {Record<'batch' | 'rows' | 'columns', string[]>} groups */
function multiplied(view, a, b, { batch, rows, columns }) {
  let x = transposed(view, a, [...batch, ...rows]).value;
  let y = transposed(view, b, [...batch, ...columns]).value;
  for (const _ of columns) x = view.add('expand_dims', [x], { axis: -1 });
  for (const _ of rows) y = view.add('expand_dims', [y], { axis: batch.length });
  return view.add('mul', [x, y]);
}

/** Makes one dimension of each group. @param {NodeView} view @param {Labelled} x @param {string[][]} groups */
function grouped(view, x, groups) {
  if (groups.every((group) => group.length === 1)) return x.value;
  const sizes = groups.flatMap((group) => sizesOf(view, x, group, true));
  return reshaped(view, x.value, sizes);
}

/**
 * The sizes of neighbouring dimensions: numbers where they are known, else values that are lists.
 * @param {NodeView} view @param {Labelled} x @param {string[]} group @param {boolean} multiply  Their product instead.
 * @returns {(number | string)[]}
 */
function sizesOf(view, { value, labels, shape }, group, multiply) {
  if (group.length === 0) return multiply ? [1] : [];
  const begin = labels.indexOf(group[0]);
  const known = shape?.slice(begin, begin + group.length);
  if (known !== undefined) return multiply ? [known.reduce((product, size) => product * size, 1)] : known;
  const sizes = view.add('slice', [view.add('shape', [value])], { axes: [0], begin: [begin], size: [group.length] });
  return [multiply && group.length > 1 ? view.add('reduce_prod', [sizes], { axes: [0], keep_dims: 1 }) : sizes];
}

/** @param {NodeView} view @param {string} x @param {(number | string)[]} sizes */
function reshaped(view, x, sizes) {
  if (sizes.every((size) => typeof size === 'number')) return view.add('reshape', [x], { shape: /** @type {number[]} */ (sizes) });
  const parts = sizes.map((size) => (typeof size === 'number' ? view.literal('int32', [size]) : size));
  return view.add('reshape', [x, parts.length === 1 ? parts[0] : view.add('concat', parts, { axis: 0 })]);
}
