// The ops under "signals, segments, selections".
import { input, integers, node } from './make.js';

/** @import { Dtype } from '../../../js/wasm.js' */
/** @import { XnnErrorCode } from '../../../js/errors.js' */
/** @import { Attributes } from '../reference/tensor.js' */

/** @param {string} what @param {XnnErrorCode} code @param {string} says @param {string} op @param {[Dtype, number[]][]} inputs @param {Attributes} [attributes] @returns {import('./make.js').Wrong} */
const typed = (what, code, says, op, inputs, attributes = {}) => ({
  what,
  code,
  says: `node "it": ${op}: ${says}`,
  build: (g) =>
    g.node(
      op,
      'it',
      inputs.map(([dtype, shape]) => input(g, shape, dtype)),
      attributes,
    ),
});

const BOXES = { iou_threshold: 0.5, max_output: 2 };

/** @type {import('./make.js').Wrong[]} */
export const signals = [
  ...['step', 'selu'].map(integers),
  typed('hypot of integers', 'unsupported', 'a is int32, only float32 is supported', 'hypot', [
    ['int32', [2]],
    ['int32', [2]],
  ]),
  typed('fft of integers', 'unsupported', 'im is int32, only float32 is supported', 'fft', [
    ['float32', [4]],
    ['int32', [4]],
  ]),
  node('fft of two shapes', 'bad-shape', 're has shape [2,4] and im [4], instead of one of 1 to 7 axes', 'fft', [[2, 4], [4]]),
  node('fft of a scalar', 'bad-shape', 're has shape [] and im []', 'fft', [[], []]),
  node('fft of rank 8', 'bad-shape', 're has shape [1,1,1,1,1,1,1,2]', 'fft', [
    [1, 1, 1, 1, 1, 1, 1, 2],
    [1, 1, 1, 1, 1, 1, 1, 2],
  ]),
  node('fft of too many points', 'unsupported', '16777217 points, at most 16777216 are possible', 'fft', [[16777217], [16777217]]),
  typed('segments of bool', 'unsupported', 'x is bool, only float32 and int32 are supported', 'unsorted_segment_sum', [
    ['bool', [3]],
    ['int32', [3]],
  ]),
  node('segments by floats', 'unsupported', 'segment_ids is float32, only int32 is supported', 'unsorted_segment_sum', [[3], [3]]),
  typed(
    'ids for other slices',
    'bad-shape',
    '2 segments of x with shape [3,2], segment_ids of shape [2]',
    'unsorted_segment_sum',
    [
      ['float32', [3, 2]],
      ['int32', [2]],
    ],
    { num_segments: 2 },
  ),
  typed(
    'ids of a higher rank',
    'bad-shape',
    '2 segments of x with shape [3], segment_ids of shape [3,1]',
    'unsorted_segment_sum',
    [
      ['float32', [3]],
      ['int32', [3, 1]],
    ],
    { num_segments: 2 },
  ),
  typed(
    'a negative number of segments',
    'bad-shape',
    '-1 segments of x',
    'unsorted_segment_sum',
    [
      ['float32', [3]],
      ['int32', [3]],
    ],
    { num_segments: -1 },
  ),
  typed(
    'segments beyond 2 GiB',
    'bad-shape',
    'the output has shape [2147483647,3], more than',
    'unsorted_segment_sum',
    [
      ['float32', [2, 3]],
      ['int32', [2]],
    ],
    { num_segments: 2147483647 },
  ),
  {
    what: 'an id that is no segment',
    code: 'bad-shape',
    says: 'unsorted_segment_sum: index 3 of axis 0, which has 3 elements',
    build: (g) =>
      g.node(
        'unsorted_segment_sum',
        'it',
        [g.constant('float32', [2], Float32Array.of(1, 2)), g.constant('int32', [2], Int32Array.of(-1, 3))],
        { num_segments: 3 },
      ),
  },
  typed('a search of integers among floats', 'unsupported', 'int32 among float32: only both float32 and both int32', 'search_sorted', [
    ['float32', [1, 3]],
    ['int32', [1, 3]],
  ]),
  typed('a search among bytes', 'unsupported', 'uint8 among uint8', 'search_sorted', [
    ['uint8', [1, 3]],
    ['uint8', [1, 3]],
  ]),
  node('a search in other rows', 'bad-shape', 'sorted has shape [2,3] and values [3,3]', 'search_sorted', [
    [2, 3],
    [3, 3],
  ]),
  node('a search of rank 1', 'bad-shape', 'sorted has shape [3] and values [3], instead of [B,n] and [B,m]', 'search_sorted', [[3], [3]]),
  node('boxes of three sides', 'bad-shape', 'boxes have shape [2,3] and scores [2]', 'non_max_suppression', [[2, 3], [2]], BOXES),
  node('scores of other boxes', 'bad-shape', 'boxes have shape [2,4] and scores [3]', 'non_max_suppression', [[2, 4], [3]], BOXES),
  typed('boxes in integers', 'unsupported', 'boxes is int32, only float32 is supported', 'non_max_suppression', [
    ['int32', [2, 4]],
    ['float32', [2]],
  ]),
  node('less than no boxes', 'bad-shape', 'at most -3 boxes', 'non_max_suppression', [[2, 4], [2]], { max_output: -3 }),
  node('too many boxes', 'bad-shape', 'axis 0 becomes 4000000001 long', 'non_max_suppression', [[2, 4], [2]], { max_output: 2000000000 }),
  node('a rotation of rank 3', 'bad-shape', 'image has shape [4,4,3] instead of [N,H,W,C]', 'rotate_with_offset', [[4, 4, 3]]),
  typed('a rotation of integers', 'unsupported', 'image is int32, only float32 is supported', 'rotate_with_offset', [
    ['int32', [1, 4, 4, 3]],
  ]),
  typed('kinds of bytes', 'unsupported', 'x is uint8, only float32, int32 and bool are supported', 'unique', [['uint8', [4]]]),
  node('kinds along an axis that is not there', 'bad-shape', 'axis 2 of x with shape [2,3]', 'unique', [[2, 3]], { axis: 2 }),
  node('kinds of a scalar', 'bad-shape', 'axis 0 of x with shape []', 'unique', [[]]),
  typed('kinds of too many slices', 'bad-shape', 'axis 0 becomes 4000000001 long', 'unique', [['bool', [2000000000]]]),
  node('where numbers are true', 'unsupported', 'x is float32 instead of bool', 'where_true', [[4]]),
  typed('too many places', 'bad-shape', 'axis 0 becomes 12800000001 long', 'where_true', [['bool', [20000, 20000, 1, 1, 1, 1, 1, 4]]]),
  node('a diagonal of rank 5', 'bad-shape', 'the diagonal has 10 axes, at most 8 are possible', 'diag', [[1, 1, 1, 1, 2]]),
  node('a diagonal beyond 2 GiB', 'bad-shape', 'the output has shape [50000,50000], more than', 'diag', [[50000]]),
  node('pixels in floats', 'unsupported', 'x is float32 instead of uint8', 'from_pixels', [[2, 2, 4]], { channels: 3 }),
  ...[
    { shape: [2, 2, 4], channels: 0 },
    { shape: [2, 2, 4], channels: 5 },
    { shape: [2, 2, 3], channels: 4 },
    { shape: [2, 4], channels: 2 },
  ].map(({ shape, channels }) =>
    typed(
      `${channels} channels of pixels [${shape}]`,
      'bad-shape',
      `the first ${channels} channels, of at most 4, of x with shape [${shape}]`,
      'from_pixels',
      [['uint8', shape]],
      { channels },
    ),
  ),
];
