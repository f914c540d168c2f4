// tfjs-converter's op list "normalization".
import { boolAttr, floatAttr, intAttr, unsupportedNode } from '../tfjs-attrs.js';
import { channelsFirst, rows } from './attrs.js';
import { reduce } from './reduction.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const normalizationOps = [
  ...rows({ inputs: [1, 1], float: true }, { Softmax: 'softmax', LogSoftmax: 'log_softmax' }),
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].map(
    (name) => /** @type {OpRows[number]} */ ([name, { inputs: [5, 5], float: true, emit: batchNorm }]),
  ),
  [
    'LRN',
    {
      op: 'lrn',
      inputs: [1, 1],
      float: true,
      attrs: ({ node }) => ({
        radius: intAttr(node, 'depth_radius', 5),
        bias: floatAttr(node, 'bias', 1),
        alpha: floatAttr(node, 'alpha', 1),
        beta: floatAttr(node, 'beta', 0.5),
      }),
    },
  ],
  [
    'EuclideanNorm',
    {
      inputs: [2, 2],
      float: true,
      emit: (view) => view.add('sqrt', [reduce(view, 'reduce_sum', view.add('square', [view.use(0)]))]),
    },
  ],
];

/**
 * Inputs: x, scale, offset, mean, variance, all but x [C]. y = x * s + t with s = scale / sqrt(variance + epsilon) and
 * t = offset - mean * s, which are constants where their parts are.
 * @param {NodeView} view
 */
function batchNorm(view) {
  const { node } = view;
  if (boolAttr(node, 'is_training', false)) unsupportedNode(node, 'is_training');
  const [x, scale, offset, mean, variance] = node.inputs.map((_, i) => view.use(i));
  const epsilon = view.literal('float32', [floatAttr(node, 'epsilon', 1e-4)], []);
  let s = view.add('mul', [view.add('rsqrt', [view.add('add', [variance, epsilon])]), scale]);
  let t = view.add('sub', [offset, view.add('mul', [mean, s])]);
  if (channelsFirst(node)) for (const axis of [1, 2]) [s, t] = [s, t].map((value) => view.add('expand_dims', [value], { axis }));
  return view.add('add', [view.add('mul', [x, s]), t]);
}
