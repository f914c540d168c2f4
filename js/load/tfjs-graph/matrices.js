// tfjs-converter's op list "matrices".
import { boolAttr } from '../tfjs-attrs.js';
import { int } from './attrs.js';
import { einsum } from './einsum.js';
import { withFused } from './fused.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const matrixOps = [
  ['MatMul', { inputs: [2, 2], numeric: true, emit: (view) => product(view, 'transpose_a', 'transpose_b') }],
  ['_FusedMatMul', { inputs: [2, 4], float: true, emit: (view) => product(view, 'transpose_a', 'transpose_b') }],
  ['BatchMatMul', { inputs: [2, 2], numeric: true, emit: (view) => product(view, 'adj_x', 'adj_y') }],
  ['BatchMatMulV2', { inputs: [2, 2], numeric: true, emit: (view) => product(view, 'adj_x', 'adj_y') }],
  ['Einsum', { inputs: [1, 2], numeric: true, emit: einsum }],
  ['Transpose', { op: 'transpose', inputs: [2, 2], lists: { 1: 'perm' } }],
  ['MatrixBandPart', { inputs: [3, 3], emit: bandPart }],
];

/** @param {NodeView} view @param {string} nameA @param {string} nameB  The attributes that say what is transposed. */
function product(view, nameA, nameB) {
  const { node } = view;
  const [transpose_a, transpose_b] = [nameA, nameB].map((name) => (boolAttr(node, name, false) ? 1 : 0));
  const [a, b] = [view.use(0), view.use(1)];
  // A matrix of the file is a layer's; other constants become one in C, once they are computed.
  const dense = view.constantShape(1)?.length === 2 && transpose_a === 0 && view.values(1)?.constructor !== Int32Array;
  return withFused(view, dense, (bias) =>
    dense
      ? view.add('dense', bias === undefined ? [a, b] : [a, b, bias], { transpose_b })
      : view.add('batch_matmul', [a, b], { transpose_a, transpose_b }),
  );
}

/** @param {NodeView} view */
function bandPart(view) {
  if (view.values(1) === undefined || view.values(2) === undefined)
    return view.add('matrix_band_part', [view.use(0), view.use(1), view.use(2)]);
  const [lower, upper] = [1, 2].map((input) => int(view, input, 'the number of diagonals'));
  return view.add('matrix_band_part', [view.use(0)], { lower, upper });
}
