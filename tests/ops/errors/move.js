// Ops that make shapes and constants, that move data, and of images.
import { input, NHWC, node } from './make.js';

/** @import { Dtype } from '../../../js/wasm.js' */
/** @import { XnnErrorCode } from '../../../js/errors.js' */

/**
 * An op whose inputs have other dtypes than float32, or are constants: [dtype, shape] or [dtype, shape, values].
 * @param {string} what @param {XnnErrorCode} code @param {string} says @param {string} op
 * @param {([Dtype, number[]] | [Dtype, number[], number[]] | null)[]} inputs @param {Record<string, number | number[]>} [attributes]
 * @returns {import('./make.js').Wrong}
 */
const typed = (what, code, says, op, inputs, attributes = {}) => ({
  what,
  code,
  says: `node "it": ${op}: ${says}`,
  build: (g) => {
    const ids = inputs.map((given) => {
      if (given === null) return -1;
      const [dtype, shape, values] = given;
      if (values === undefined) return input(g, shape, dtype);
      return g.constant(dtype, shape, dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values));
    });
    g.node(op, 'it', ids, attributes);
  },
});

const INT = /** @type {const} */ ('int32');
const FLOAT = /** @type {const} */ ('float32');

/** @type {import('./make.js').Wrong[]} */
export const move = [
  // operands that say a shape
  typed('a permutation in floats', 'unsupported', 'perm is float32, only int32 is supported', 'transpose', [
    [FLOAT, [2, 3]],
    [FLOAT, [2], [1, 0]],
  ]),
  typed('a permutation computed from data', 'unsupported', 'perm is computed from data', 'transpose', [
    [FLOAT, [2, 3]],
    [INT, [2]],
  ]),
  typed('a shape of 17 dimensions', 'unsupported', 'its shape has 17 values, at most 16 are possible', 'fill', [
    [FLOAT, []],
    [INT, [17], new Array(17).fill(1)],
  ]),
  typed('a depth that is a row', 'bad-shape', 'depth has shape [2] instead of one element', 'one_hot', [
    [INT, [3]],
    [FLOAT, []],
    [FLOAT, []],
    [INT, [2], [1, 2]],
  ]),
  node('a filling of rank 9', 'bad-shape', 'the output has 9 dimensions, at most 8 are possible', 'fill', [[]], {
    shape: new Array(9).fill(1),
  }),
  node('a filling of a negative length', 'bad-shape', 'the output has shape [2,-3], with a negative dimension', 'fill', [[]], {
    shape: [2, -3],
  }),
  node('a filling beyond 2 GiB', 'bad-shape', 'the output has shape [65536,65536], more than', 'fill', [[]], { shape: [65536, 65536] }),
  node('a filling of many values', 'bad-shape', 'value has shape [2] instead of one element', 'fill', [[2]], { shape: [2] }),
  // shapes and constants
  typed('shapes that are a matrix', 'bad-shape', 'input 1 has shape [1,2] instead of [n]', 'broadcast_args', [
    [INT, [2]],
    [INT, [1, 2]],
  ]),
  node('shapes in floats', 'unsupported', 'a shape is float32, only int32 is supported', 'broadcast_args', [[2], [2]]),
  typed('a range of two dtypes', 'unsupported', 'start is int32 and limit float32: only all float32 and all int32', 'range', [
    [INT, [], [0]],
    [FLOAT, [], [3]],
    [INT, [], [1]],
  ]),
  typed('a range of bytes', 'unsupported', 'start is uint8 and start uint8: only all float32 and all int32', 'range', [
    ['uint8', []],
    ['uint8', []],
    ['uint8', []],
  ]),
  typed('a range to a limit from data', 'unsupported', 'limit is computed from data, so the length', 'range', [
    [INT, [], [0]],
    [INT, []],
    [INT, [], [1]],
  ]),
  ...[
    { what: 'no steps', numbers: [0, 3, 0], says: 'from 0 to 3 by 0' },
    { what: 'no steps down', numbers: [3, 0, 0], says: 'from 3 to 0 by 0' },
    { what: 'NaN', numbers: [0, NaN, 1], says: 'from 0 to nan by 1' },
    { what: 'too many steps', numbers: [0, 1e30, 1], says: 'from 0 to 1e+30 by 1' },
  ].map(({ what, numbers, says }) =>
    typed(
      `a range of ${what}`,
      'bad-shape',
      says,
      'range',
      numbers.map((value) => [FLOAT, [], [value]]),
    ),
  ),
  typed('a linspace of integers', 'unsupported', 'from int32 to float32, only float32 is supported', 'linspace', [
    [INT, []],
    [FLOAT, []],
  ]),
  node('a linspace of nothing', 'bad-shape', '0 numbers', 'linspace', [[], []]),
  node('one_hot of floats', 'unsupported', 'indices is float32, only int32 is supported', 'one_hot', [[3], [], []], { depth: 2 }),
  typed('one_hot of two dtypes', 'bad-shape', 'on is float32 and off is int32', 'one_hot', [
    [INT, [3]],
    [FLOAT, []],
    [INT, []],
  ]),
  ...[
    { depth: -2, axis: -1, rank: 1 },
    { depth: 2, axis: 2, rank: 1 },
    { depth: 2, axis: -3, rank: 1 },
    { depth: 2, axis: 0, rank: 8 },
  ].map(({ depth, axis, rank }) =>
    typed(
      `one_hot of depth ${depth} at ${axis} of rank ${rank}`,
      'bad-shape',
      `${depth} as axis ${axis} of indices with shape [${new Array(rank).fill(1)}]`,
      'one_hot',
      [
        [INT, new Array(rank).fill(1)],
        [FLOAT, []],
        [FLOAT, []],
      ],
      { depth, axis },
    ),
  ),
  // moving data
  node('a permutation of one axis', 'bad-shape', 'a permutation of 1 axes for x with shape [2,3]', 'transpose', [[2, 3]], { perm: [0] }),
  node('a permutation that names an axis twice', 'bad-shape', 'axis 1 is named twice', 'transpose', [[2, 3]], { perm: [1, -1] }),
  node('a permutation beyond the axes', 'bad-shape', 'axis 2 of x with shape [2,3]', 'transpose', [[2, 3]], { perm: [1, 2] }),
  node('reverse along an axis twice', 'bad-shape', 'axis 0 is named twice', 'reverse', [[2, 3]], { axes: [0, -2] }),
  node('reverse beyond the axes', 'bad-shape', 'axis -3 of x with shape [2,3]', 'reverse', [[2, 3]], { axes: [-3] }),
  ...[
    { parts: 0, index: 0 },
    { parts: 3, index: 0 },
    { parts: 2, index: 2 },
    { parts: 2, index: -1 },
  ].map(({ parts, index }) =>
    node(`part ${index} of ${parts}`, 'bad-shape', `part ${index} of ${parts}, along axis 1 of x with shape [3,4]`, 'split', [[3, 4]], {
      axis: -1,
      parts,
      index,
    }),
  ),
  node('too few multiples', 'bad-shape', '1 multiples for x with shape [2,3]', 'tile', [[2, 3]], { multiples: [2] }),
  node('a negative multiple', 'bad-shape', 'axis 1 is repeated -1 times', 'tile', [[2, 3]], { multiples: [2, -1] }),
  node('a tile beyond int32', 'bad-shape', 'axis 0 becomes 4294967294 long', 'tile', [[2]], { multiples: [2147483647] }),
  node('a broadcast to other lengths', 'bad-shape', 'x with shape [2,3] does not broadcast to [2,4]', 'broadcast_to', [[2, 3]], {
    shape: [2, 4],
  }),
  node('a broadcast to lower rank', 'bad-shape', 'x with shape [1,3] does not broadcast to [3]', 'broadcast_to', [[1, 3]], { shape: [3] }),
  node('strides without ends', 'bad-shape', '1 begins, 0 ends, 1 strides', 'strided_slice', [[3]], { begin: [0], strides: [1] }),
  node('a stride of 0', 'bad-shape', 'the stride of axis 0 is 0', 'strided_slice', [[3]], { begin: [0], end: [2], strides: [0] }),
  ...[
    { at: 3, stride: 1 },
    { at: -4, stride: 1 },
    { at: 0, stride: -1 },
  ].map(({ at, stride }) =>
    node(
      `index ${at} by stride ${stride}`,
      'bad-shape',
      `index ${at} of axis 0, which has 3 elements, by stride ${stride}`,
      'strided_slice',
      [[3]],
      { begin: [at], end: [0], strides: [stride], shrink_axis_mask: 1 },
    ),
  ),
  node('two ellipses', 'bad-shape', 'entries 0 and 2 are both an ellipsis', 'strided_slice', [[3]], {
    begin: [0, 0, 0],
    end: [1, 1, 1],
    strides: [1, 1, 1],
    ellipsis_mask: 5,
  }),
  node('more cuts than axes', 'bad-shape', 'it cuts 2 axes of x with shape [3]', 'strided_slice', [[3]], {
    begin: [0, 0],
    end: [1, 1],
    strides: [1, 1],
  }),
  node('nine new axes', 'bad-shape', 'the output has 10 dimensions, at most 8 are possible', 'strided_slice', [[3]], {
    begin: new Array(9).fill(0),
    end: new Array(9).fill(0),
    strides: new Array(9).fill(1),
    new_axis_mask: 511,
  }),
  {
    what: 'a pad of what is only stored',
    code: 'unsupported',
    says: 'x is float16, which is only stored',
    build: (g) => g.node('pad', 'it', [input(g, [2], /** @type {any} */ ('float16'))], { paddings: [1, 1] }),
  },
  node(
    'a reflection of more than there is',
    'bad-shape',
    'paddings 3 and 0 of axis 0, of which 2 elements can be mirrored',
    'mirror_pad',
    [[3]],
    {
      paddings: [3, 0],
    },
  ),
  node(
    'a symmetric reflection of more than there is',
    'bad-shape',
    'paddings 0 and 4 of axis 0, of which 3 elements',
    'mirror_pad',
    [[3]],
    {
      paddings: [0, 4],
      symmetric: 1,
    },
  ),
  node('a reflection of nothing', 'bad-shape', 'paddings 1 and 1 of axis 0, of which 0 elements', 'mirror_pad', [[0]], {
    paddings: [1, 1],
    symmetric: 1,
  }),
  node('gather by floats', 'unsupported', 'indices is float32, only int32 is supported', 'gather', [[3], [2]]),
  ...[
    { params: [3], indices: [2], axis: 1, batch_dims: 0 },
    { params: [3], indices: [2], axis: -2, batch_dims: 0 },
    { params: [], indices: [2], axis: 0, batch_dims: 0 },
    { params: [3, 4], indices: [3], axis: 0, batch_dims: 1 },
    { params: [3, 4], indices: [3], axis: 1, batch_dims: 2 },
    { params: [3, 4], indices: [3], axis: 1, batch_dims: -2 },
    { params: [1, 1, 1, 1, 1], indices: [1, 1, 1, 1, 1], axis: 0, batch_dims: 0 },
  ].map(({ params, indices, axis, batch_dims }) =>
    typed(
      `gather of [${params}] by [${indices}] along ${axis}, ${batch_dims} batch axes`,
      'bad-shape',
      `axis ${axis} of params with shape [${params}] by indices with shape [${indices}], ${batch_dims} batch axes`,
      'gather',
      [
        [FLOAT, params],
        [INT, indices],
      ],
      { axis, batch_dims },
    ),
  ),
  typed(
    'gather of unequal batches',
    'bad-shape',
    'batch axis 0 is 3 in params and 2 in indices',
    'gather',
    [
      [FLOAT, [3, 4]],
      [INT, [2, 4]],
    ],
    { axis: 1, batch_dims: 1 },
  ),
  ...[
    { indices: [], updates: [], shape: [3] },
    { indices: [2, 2], updates: [2], shape: [3] },
    { indices: [2, 1], updates: [3], shape: [3] },
    { indices: [2, 1], updates: [2, 5], shape: [3, 4] },
    { indices: [2, 1], updates: [2], shape: [3, 4] },
  ].map(({ indices, updates, shape }) =>
    typed(
      `a scattering of [${updates}] at [${indices}] into [${shape}]`,
      'bad-shape',
      `int32 indices of shape [${indices}] and updates of shape [${updates}], into shape [${shape}]`,
      'scatter_nd',
      [
        [INT, indices],
        [FLOAT, updates],
      ],
      { shape },
    ),
  ),
  node('a scattering at floats', 'bad-shape', 'float32 indices of shape [2,1]', 'scatter_nd', [[2, 1], [2]], { shape: [3] }),
  typed('a sum of booleans', 'unsupported', 'updates are bool, only float32 and int32 are supported', 'scatter_nd', [
    [INT, [2, 1]],
    ['bool', [2]],
  ]),
  typed(
    'updates of another dtype',
    'bad-shape',
    'int32 indices of shape [2,1] and updates of shape [2], into shape [3]',
    'tensor_scatter',
    [
      [FLOAT, [3]],
      [INT, [2, 1]],
      [INT, [2]],
    ],
  ),
  typed(
    'an unknown mode of scattering',
    'bad-model',
    'there is no mode 4',
    'tensor_scatter',
    [
      [FLOAT, [3]],
      [INT, [2, 1]],
      [FLOAT, [2]],
    ],
    { mode: 4 },
  ),
  typed(
    'a default of another dtype',
    'bad-shape',
    'values are float32 and their default is int32',
    'sparse_to_dense',
    [
      [INT, [2]],
      [FLOAT, [2]],
      [INT, []],
    ],
    { shape: [3] },
  ),
  ...[
    { indices: [2, 2], values: [2], shape: [3] },
    { indices: [2], values: [3], shape: [3] },
    { indices: [2], values: [2], shape: [3, 3] },
    { indices: [1, 1, 1], values: [1], shape: [3] },
  ].map(({ indices, values, shape }) =>
    typed(
      `values [${values}] at [${indices}] into [${shape}]`,
      'bad-shape',
      `int32 indices of shape [${indices}] and values of shape [${values}], into shape [${shape}]`,
      'sparse_to_dense',
      [
        [INT, indices],
        [FLOAT, values],
      ],
      { shape },
    ),
  ),
  node('the band of a row', 'bad-shape', 'x has shape [3]: no matrices', 'matrix_band_part', [[3]]),
  typed('counts of a scalar', 'bad-shape', '3 counts of x with shape []', 'bincount', [[INT, []]], { size: 3 }),
  typed('negative counts', 'bad-shape', '-1 counts of x with shape [2]', 'bincount', [[INT, [2]]], { size: -1 }),
  typed('weights of another shape', 'bad-shape', 'weights of shape [3] for x with shape [2]', 'bincount', [
    [INT, [2]],
    [FLOAT, [3]],
  ]),
  ...[
    { k: 4, x: [2, 3] },
    { k: -1, x: [2, 3] },
    { k: 0, x: [] },
  ].map(({ k, x }) => node(`the ${k} largest of [${x}]`, 'bad-shape', `the largest ${k} of x with shape [${x}]`, 'top_k', [x], { k })),
  typed('the largest of booleans', 'unsupported', 'x is bool, which has no order', 'top_k', [['bool', [3]]], { k: 1 }),
  // images
  typed('a size of three', 'bad-shape', 'size has 3 values', 'resize_bilinear', [
    [FLOAT, NHWC],
    [INT, [3], [2, 2, 3]],
  ]),
  ...[
    { x: [2], block: [2], margins: [0, 0] },
    { x: [2, 4], block: [2], margins: [0] },
    { x: [2, 4], block: [2, 2], margins: [0, 0, 0, 0] },
    { x: [2, 4], block: [], margins: [] },
  ].map(({ x, block, margins }) =>
    node(
      `blocks of [${block}], margins of [${margins}] for [${x}]`,
      'bad-shape',
      `${block.length} blocks and ${margins.length} margins for x with shape [${x}]`,
      'space_to_batch',
      [x],
      { block, paddings: margins },
    ),
  ),
  ...[
    { block: 0, before: 0, after: 0 },
    { block: -1, before: 0, after: 0 },
    { block: 2, before: -1, after: 1 },
    { block: 2, before: 1, after: -1 },
  ].map(({ block, before, after }) =>
    node(
      `blocks of ${block}, crops of ${before} and ${after}`,
      'bad-shape',
      `along axis 1, blocks of ${block}, margins ${before} and ${after}`,
      'batch_to_space',
      [[4, 4]],
      { block: [block], crops: [before, after] },
    ),
  ),
  node('blocks beyond int32', 'bad-shape', 'along axis 2, blocks of 65536, margins 0 and 0', 'space_to_batch', [[1, 65536, 0]], {
    block: [65536, 65536],
    paddings: [0, 0, 0, 0],
  }),
  node('images beyond int32', 'bad-shape', 'axis 0 becomes 4294967296 long', 'space_to_batch', [[65536, 65536, 0]], {
    block: [65536],
    paddings: [0, 0],
  }),
  node('blocks that do not divide space', 'bad-shape', 'axis 1 has 6 elements with its padding, blocks are 4', 'space_to_batch', [[1, 5]], {
    block: [4],
    paddings: [0, 1],
  }),
  node('blocks that do not divide a batch', 'bad-shape', '6 images do not divide into blocks of 4', 'batch_to_space', [[6, 5, 5]], {
    block: [2, 2],
    crops: [0, 0, 0, 0],
  }),
  node('crops of more than there is', 'bad-shape', 'axis 1 becomes -1 long', 'batch_to_space', [[2, 2]], { block: [2], crops: [2, 3] }),
  node('depth_to_space of rank 3', 'bad-shape', 'x has shape [5,5,4] instead of [N,H,W,C]', 'depth_to_space', [[5, 5, 4]], { block: 2 }),
  node('depth_to_space without a block', 'bad-shape', 'blocks of 0 × 0', 'depth_to_space', [[1, 5, 5, 4]]),
  node('space_to_depth by a huge block', 'bad-shape', 'blocks of 65536 × 65536', 'space_to_depth', [[1, 5, 5, 4]], { block: 65536 }),
  node('channels that do not divide', 'bad-shape', '6 channels into blocks of 2 × 2, order 0', 'depth_to_space', [[1, 5, 5, 6]], {
    block: 2,
  }),
  node('an unknown order', 'bad-shape', '4 channels into blocks of 2 × 2, order 2', 'depth_to_space', [[1, 5, 5, 4]], {
    block: 2,
    order: 2,
  }),
  node('pixels that do not divide', 'bad-shape', '4 × 5 pixels into blocks of 2 × 2', 'space_to_depth', [[1, 4, 5, 1]], { block: 2 }),
  ...[
    { image: [5, 5, 3], boxes: [2, 4], indices: [2] },
    { image: NHWC, boxes: [2, 5], indices: [2] },
    { image: NHWC, boxes: [4], indices: [1] },
    { image: NHWC, boxes: [2, 4], indices: [3] },
    { image: NHWC, boxes: [2, 4], indices: [2, 1] },
  ].map(({ image, boxes, indices }) =>
    typed(
      `crops of [${image}] by [${boxes}] and [${indices}]`,
      'bad-shape',
      `image [${image}], boxes [${boxes}], box_indices [${indices}] instead of [N,H,W,C], [n,4], [n]`,
      'crop_and_resize',
      [
        [FLOAT, image],
        [FLOAT, boxes],
        [INT, indices],
      ],
      { crop_h: 2, crop_w: 2 },
    ),
  ),
  ...[
    { image: NHWC, crop_w: 0, says: 'crops of 2 × 0' },
    { image: [1, 0, 5, 3], crop_w: 2, says: 'image has shape [1,0,5,3]: nothing to read' },
  ].map(({ image, crop_w, says }) =>
    typed(
      `crops of [${image}] to 2 × ${crop_w}`,
      'bad-shape',
      says,
      'crop_and_resize',
      [
        [FLOAT, image],
        [FLOAT, [2, 4]],
        [INT, [2]],
      ],
      { crop_h: 2, crop_w },
    ),
  ),
  ...[
    { image: [5, 5, 3], transforms: [1, 8] },
    { image: NHWC, transforms: [1, 9] },
    { image: NHWC, transforms: [8] },
    { image: NHWC, transforms: [2, 8] },
  ].map(({ image, transforms }) =>
    node(
      `[${image}] transformed by [${transforms}]`,
      'bad-shape',
      `image [${image}] and transforms [${transforms}] instead of [N,H,W,C] and [1,8] or [N,8]`,
      'projective_transform',
      [image, transforms],
    ),
  ),
  node('a transformation to less than nothing', 'bad-shape', 'a result of 2 × -1', 'projective_transform', [NHWC, [1, 8]], {
    out_h: 2,
    out_w: -1,
  }),
  node('an unknown fill mode', 'bad-model', 'there is no fill mode 4', 'projective_transform', [NHWC, [1, 8]], { fill_mode: 4 }),
  node(
    'a transformation of nothing',
    'bad-shape',
    'image has shape [1,5,0,3]: nothing to read',
    'projective_transform',
    [
      [1, 5, 0, 3],
      [1, 8],
    ],
    {
      out_w: 3,
    },
  ),
];

/**
 * @typedef {object} Late
 * @property {string} op
 * @property {Record<string, number | number[]>} [attributes]
 * @property {[Dtype, number[]][]} inputs
 * @property {{ values: number[][], says: string }[]} wrong
 * @property {number[][]} right @property {number[]} expected
 */

/** What is wrong with the data, so that only a run can tell; the next run works. @type {Late[]} */
export const late = [
  {
    op: 'gather',
    attributes: { axis: 1 },
    inputs: [
      [FLOAT, [2, 3]],
      [INT, [2]],
    ],
    wrong: [
      {
        values: [
          [1, 2, 3, 4, 5, 6],
          [0, 3],
        ],
        says: 'gather: index 3 of axis 1, which has 3 elements',
      },
      {
        values: [
          [1, 2, 3, 4, 5, 6],
          [-1, 0],
        ],
        says: 'gather: index -1 of axis 1, which has 3 elements',
      },
    ],
    right: [
      [1, 2, 3, 4, 5, 6],
      [2, 0],
    ],
    expected: [3, 1, 6, 4],
  },
  {
    op: 'scatter_nd',
    attributes: { shape: [2, 2] },
    inputs: [
      [INT, [1, 2]],
      [FLOAT, [1]],
    ],
    wrong: [
      { values: [[0, 2], [7]], says: 'scatter_nd: index 2 of axis 1, which has 2 elements' },
      { values: [[-3, 0], [7]], says: 'scatter_nd: index -3 of axis 0, which has 2 elements' },
    ],
    right: [[1, 0], [7]],
    expected: [0, 0, 7, 0],
  },
  {
    op: 'tensor_scatter',
    inputs: [
      [INT, [3]],
      [INT, [1, 1]],
      [INT, [1]],
    ],
    wrong: [{ values: [[1, 2, 3], [3], [7]], says: 'tensor_scatter: index 3 of axis 0, which has 3 elements' }],
    right: [[1, 2, 3], [1], [7]],
    expected: [1, 7, 3],
  },
  {
    op: 'sparse_to_dense',
    attributes: { shape: [3] },
    inputs: [
      [INT, [2]],
      [FLOAT, [2]],
    ],
    wrong: [
      {
        values: [
          [0, 2147483647],
          [1, 2],
        ],
        says: 'sparse_to_dense: index 2147483647 of axis 0, which has 3 elements',
      },
    ],
    right: [
      [0, 2],
      [1, 2],
    ],
    expected: [1, 0, 2],
  },
  {
    op: 'bincount',
    attributes: { size: 2 },
    inputs: [[INT, [3]]],
    wrong: [{ values: [[0, -1, 1]], says: 'bincount: element 1 is -1' }],
    right: [[1, 5, 1]],
    expected: [0, 2],
  },
  {
    op: 'broadcast_args',
    inputs: [
      [INT, [2]],
      [INT, [1]],
    ],
    wrong: [{ values: [[3, 2], [4]], says: 'broadcast_args: axis 1 from the end is 2 and 4' }],
    right: [[3, 1], [4]],
    expected: [3, 4],
  },
  {
    op: 'crop_and_resize',
    attributes: { crop_h: 1, crop_w: 1 },
    inputs: [
      [FLOAT, [1, 2, 2, 1]],
      [FLOAT, [1, 4]],
      [INT, [1]],
    ],
    wrong: [
      { values: [[1, 2, 3, 4], [0, 0, 1, 1], [1]], says: 'crop_and_resize: box 0 is of image 1, there are 1' },
      { values: [[1, 2, 3, 4], [0, 0, 1, 1], [-1]], says: 'crop_and_resize: box 0 is of image -1, there are 1' },
    ],
    right: [[1, 2, 3, 4], [0, 0, 1, 1], [0]],
    expected: [2.5],
  },
];
