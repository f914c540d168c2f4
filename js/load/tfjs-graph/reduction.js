// tfjs-converter's op list "reduction", and TopKV2 of "evaluation".
import { boolAttr } from '../tfjs-attrs.js';
import { axis, int, ofIntegers, rows } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRow} OpRow
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const reductionOps = [
  ...Object.entries({ Max: 'reduce_max', Mean: 'mean', Min: 'reduce_min', Prod: 'reduce_prod', Sum: 'reduce_sum' }).map(
    ([foreign, op]) =>
      /** @type {OpRows[number]} */ ([foreign, { inputs: [2, 2], numeric: true, emit: (view) => reduce(view, op, view.use(0)) }]),
  ),
  ...Object.entries({ All: 'reduce_all', Any: 'reduce_any' }).map(
    ([foreign, op]) => /** @type {OpRows[number]} */ ([foreign, { inputs: [2, 2], emit: (view) => reduce(view, op, view.use(0)) }]),
  ),
  ...rows(
    { inputs: [2, 2], tensors: [0, 1], numeric: true, attrs: (view) => ({ axis: axis(view, 1) }) },
    { ArgMax: 'arg_max', ArgMin: 'arg_min' },
  ),
  ...rows({ inputs: [2, 2], tensors: [0, 1], numeric: true, attrs: scan }, { Cumsum: 'cumsum', Cumprod: 'cumprod' }),
  ['Bincount', { inputs: [3, 3], emit: (view) => bincount(view, 0) }],
  ['DenseBincount', { inputs: [3, 3], emit: (view) => bincount(view, boolAttr(view.node, 'binary_output', false) ? 1 : 0) }],
  [
    'TopKV2',
    {
      inputs: [2, 2],
      numeric: true,
      emit: (view) =>
        view.values(1) === undefined
          ? topK(view, [view.use(0), view.use(1)], {})
          : topK(view, [view.use(0)], { k: int(view, 1, 'the number of elements') }),
    },
  ],
];

/**
 * Reduces x over the axes that input 1 has. None: over none, which for our attribute would mean all.
 * @param {NodeView} view @param {string} op @param {string} x
 */
export function reduce(view, op, x) {
  const keep_dims = boolAttr(view.node, 'keep_dims', false) ? 1 : 0;
  const axes = view.values(1);
  if (axes instanceof Int32Array && axes.length > 0) return view.add(op, [x], { axes: [...axes], keep_dims });
  return view.add(op, [x, view.use(1)], { keep_dims });
}

/** @param {NodeView} view */
function scan(view) {
  const [exclusive, reverse] = ['exclusive', 'reverse'].map((name) => (boolAttr(view.node, name, false) ? 1 : 0));
  return { axis: axis(view, 1), exclusive, reverse };
}

/** Inputs: integers, size, weights, which are empty where each counts 1. @param {NodeView} view @param {number} binary */
function bincount(view, binary) {
  const integers = ofIntegers(view.node);
  const attrs = { size: int(view, 1, 'the size'), binary };
  const none = view.constantShape(2)?.includes(0) ?? false;
  const weights = none ? [] : [integers ? view.add('cast', [view.use(2)], { dtype: 0 }) : view.use(2)];
  const counts = view.add('bincount', [view.use(0), ...weights], attrs);
  return integers ? view.add('cast', [counts], { dtype: 1 }) : counts;
}

/** @param {NodeView} view @param {string[]} inputs @param {Record<string, number>} attrs */
function topK(view, inputs, attrs) {
  return [0, 1].map((want_indices) => view.add('top_k', inputs, { ...attrs, want_indices }));
}
