// Where maxima stand, putting them back, dilation.
import { input, NHWC, node } from './make.js';

const WINDOW = { kernel_h: 2, kernel_w: 2, stride_h: 2, stride_w: 2 };

/** @type {import('./make.js').Wrong[]} */
export const pool = [
  node('an unpooling of rank 3', 'bad-shape', 'x has shape [5,5,3] instead of [N,H,W,C]', 'max_unpool', [[5, 5, 3], NHWC], WINDOW),
  node('an unpooling of an unknown padding', 'bad-model', 'there is no padding 2', 'max_unpool', [NHWC, NHWC], { ...WINDOW, padding: 2 }),
  node('an unpooling of a negative window', 'bad-shape', 'along h, input -10, kernel -2', 'max_unpool', [NHWC, NHWC], {
    kernel_h: -2,
    kernel_w: 2,
  }),
  node('an unpooling beyond int32', 'bad-shape', 'along h, input 2147483647, kernel 1048576', 'max_unpool', [[1, 4096, 1, 1], NHWC], {
    kernel_h: 1048576,
    kernel_w: 1,
  }),
  node(
    'indices that are no integers, to unpool by',
    'bad-shape',
    'indices are float32 [1,5,5,3], for x with shape [1,5,5,3]',
    'max_unpool',
    [NHWC, NHWC],
    WINDOW,
  ),
  {
    what: 'indices of another shape, to unpool by',
    code: 'bad-shape',
    says: 'indices are int32 [1,5,5,1], for x with shape [1,5,5,3]',
    build: (g) => g.node('max_unpool', 'it', [input(g, NHWC), input(g, [1, 5, 5, 1], 'int32')], WINDOW),
  },
  node('a dilation of other channels', 'bad-shape', 'filter has shape [2,2,4], for x with shape [1,5,5,3]', 'dilation2d', [
    NHWC,
    [2, 2, 4],
  ]),
  {
    what: 'an average of bytes',
    code: 'unsupported',
    says: 'x is uint8, only float32 is supported',
    build: (g) => g.node('avg_pool2d', 'it', [input(g, NHWC, 'uint8')], WINDOW),
  },
];
