// Gradients.
import { input, NHWC, node } from './make.js';

const NDHWC = [1, 4, 5, 6, 3];
const WINDOW = { kernel_h: 2, kernel_w: 2 };

/** The last input is int32. @param {string} op @param {number[][]} shapes @param {string} name  of that input @param {Record<string, number>} [attributes] @returns {import('./make.js').Wrong} */
const integer = (op, shapes, name, attributes = {}) => ({
  what: `${op}, ${name} of integers`,
  code: 'unsupported',
  says: `${name} is int32, only float32 is supported`,
  build: (g) => {
    const ids = shapes.map((shape, i) => input(g, shape, i === shapes.length - 1 ? 'int32' : 'float32'));
    g.node(op, 'it', ids, attributes);
  },
});

/** @type {import('./make.js').Wrong[]} */
export const gradients = [
  ...['conv2d_backprop_filter', 'depthwise_backprop_filter', 'max_pool2d_grad'].map((op) => integer(op, [NHWC, NHWC], 'dy', WINDOW)),
  ...['dilation2d_grad_input', 'dilation2d_grad_filter'].map((op) => integer(op, [NHWC, [2, 2, 3], NHWC], 'dy')),
  integer('depthwise_backprop_input', [NHWC, [2, 2, 3, 1]], 'the filter'),
  integer('conv3d_backprop_input', [NDHWC, [2, 2, 2, 3, 3]], 'the filter'),
  integer('avg_pool2d_grad', [NHWC], 'dy', { ...WINDOW, in_h: 6, in_w: 6 }),
  integer('resize_bilinear_grad', [NHWC], 'dy', { in_h: 2, in_w: 2 }),
  integer('elu_grad', [[3], [3]], 'y'),
  integer('lrn_grad', [[3], [3], [3]], 'dy'),
  integer('batch_norm', [[2, 3], [3], [3]], 'the variance'),
  ...['conv2d_backprop_filter', 'depthwise_backprop_filter', 'max_pool2d_grad'].map((op) =>
    node(
      `${op} of a dy of other rows`,
      'bad-shape',
      'dy has shape [1,3,4,3]; of x with shape [1,5,5,3] the window makes [1,4,4,3]',
      op,
      [NHWC, [1, 3, 4, 3]],
      WINDOW,
    ),
  ),
  node(
    'conv2d_backprop_filter of a dy of rank 3',
    'bad-shape',
    'dy has shape [4,4,3]; of x with shape [1,5,5,3] the window makes [1,4,4,0]',
    'conv2d_backprop_filter',
    [NHWC, [4, 4, 3]],
    WINDOW,
  ),
  node(
    'conv2d_backprop_filter of another batch',
    'bad-shape',
    'dy has shape [2,4,4,3]; of x with shape [1,5,5,3] the window makes [1,4,4,3]',
    'conv2d_backprop_filter',
    [NHWC, [2, 4, 4, 3]],
    WINDOW,
  ),
  node('conv2d_backprop_filter of a window of nothing', 'bad-shape', 'along h, input 5, kernel 0', 'conv2d_backprop_filter', [NHWC, NHWC]),
  node('conv2d_backprop_filter of a volume', 'bad-shape', 'x has shape [1,4,5,6,3] instead of [N,H,W,C]', 'conv2d_backprop_filter', [
    NDHWC,
    NHWC,
  ]),
  node('conv3d_backprop_filter of an image', 'bad-shape', 'x has shape [1,5,5,3] instead of [N,D,H,W,C]', 'conv3d_backprop_filter', [
    NHWC,
    NHWC,
  ]),
  node(
    'a filter of more than 2 GiB',
    'bad-shape',
    'the output has shape [32768,16384,1,1], more than the 2147483647 bytes',
    'conv2d_backprop_filter',
    [
      [1, 32768, 16383, 1],
      [1, 1, 1, 1],
    ],
    { kernel_h: 32768, kernel_w: 16384, pad_right: 1 },
  ),
  node(
    'depthwise_backprop_filter of other channels',
    'bad-shape',
    "dy has 4 channels, no multiple of x's 3",
    'depthwise_backprop_filter',
    [NHWC, [1, 4, 4, 4]],
    WINDOW,
  ),
  node(
    'depthwise_backprop_input of a filter of rank 3',
    'bad-shape',
    'filter has shape [2,2,3] instead of 4 axes',
    'depthwise_backprop_input',
    [NHWC, [2, 2, 3]],
  ),
  node('depthwise_backprop_input of a dy of rank 3', 'bad-shape', 'dy has shape [5,5,3] instead of 4 axes', 'depthwise_backprop_input', [
    [5, 5, 3],
    [2, 2, 3, 1],
  ]),
  node(
    'depthwise_backprop_input to a negative size',
    'bad-shape',
    'axis 2 of x is -6 long',
    'depthwise_backprop_input',
    [NHWC, [2, 2, 3, 1]],
    { in_h: 6, in_w: -6 },
  ),
  node(
    'depthwise_backprop_input to another size',
    'bad-shape',
    'dy has shape [1,5,5,3]; of x with shape [1,6,7,3] the window makes [1,5,6,6]',
    'depthwise_backprop_input',
    [NHWC, [2, 2, 3, 2]],
    { in_h: 6, in_w: 7 },
  ),
  node(
    'conv3d_backprop_input of a filter of rank 4',
    'bad-shape',
    'filter has shape [2,2,3,4] instead of 5 axes',
    'conv3d_backprop_input',
    [NDHWC, [2, 2, 3, 4]],
  ),
  node('conv3d_backprop_input of a filter of no channels', 'bad-shape', 'filter has 0 channels by 3', 'conv3d_backprop_input', [
    NDHWC,
    [2, 2, 2, 0, 3],
  ]),
  node('conv3d_backprop_input of an image', 'bad-shape', 'dy has shape [1,5,5,3] instead of 5 axes', 'conv3d_backprop_input', [
    NHWC,
    [2, 2, 2, 4, 3],
  ]),
  node(
    'conv3d_backprop_input of other channels',
    'bad-shape',
    'dy has shape [1,4,5,6,3]; of x with shape [1,5,6,7,4] the window makes [1,4,5,6,2]',
    'conv3d_backprop_input',
    [NDHWC, [2, 2, 2, 4, 2]],
    { in_d: 5, in_h: 6, in_w: 7 },
  ),
  node(
    'conv3d_backprop_input of too many phases',
    'unsupported',
    'strides of 32 × 16 × 16',
    'conv3d_backprop_input',
    [
      [1, 1, 1, 1, 1],
      [1, 1, 1, 1, 1],
    ],
    { in_d: 1, in_h: 1, in_w: 1, stride_d: 32, stride_h: 16, stride_w: 16 },
  ),
  node(
    'conv3d_backprop_input of a filter that grows beyond 2 GiB',
    'unsupported',
    'its filter has 536870920 floats when packed',
    'conv3d_backprop_input',
    [
      [1, 1, 1, 1, 67108864],
      [1, 1, 1, 1, 67108864],
    ],
    { in_d: 1, in_h: 1, in_w: 1 },
  ),
  node('avg_pool2d_grad of a volume', 'bad-shape', 'dy has shape [1,4,5,6,3] instead of 4 axes', 'avg_pool2d_grad', [NDHWC]),
  node('avg_pool3d_grad of an image', 'bad-shape', 'dy has shape [1,5,5,3] instead of 5 axes', 'avg_pool3d_grad', [NHWC]),
  node(
    'avg_pool2d_grad to another size',
    'bad-shape',
    'dy has shape [1,5,5,3]; of x with shape [1,5,6,3] the window makes [1,4,5,3]',
    'avg_pool2d_grad',
    [NHWC],
    { ...WINDOW, in_h: 5, in_w: 6 },
  ),
  node(
    'max_pool3d_grad of other planes',
    'bad-shape',
    'dy has shape [1,4,5,6,3]; of x with shape [1,4,5,6,3] the window makes [1,3,5,6,3]',
    'max_pool3d_grad',
    [NDHWC, NDHWC],
    { kernel_d: 2, kernel_h: 1, kernel_w: 1 },
  ),
  ...['dilation2d_grad_input', 'dilation2d_grad_filter'].flatMap((op) => [
    node(`${op} of other channels`, 'bad-shape', 'filter has shape [2,2,4], for x with shape [1,5,5,3]', op, [NHWC, [2, 2, 4], NHWC]),
    node(`${op} of another dy`, 'bad-shape', 'dy has shape [1,5,5,3]; of x with shape [1,5,5,3] the window makes [1,4,4,3]', op, [
      NHWC,
      [2, 2, 3],
      NHWC,
    ]),
  ]),
  node('resize_nearest_grad to nothing', 'bad-shape', 'dy has shape [1,5,5,3], of x with shape [1,0,4,3]', 'resize_nearest_grad', [NHWC], {
    in_w: 4,
  }),
  node('resize_bilinear_grad of rank 3', 'bad-shape', 'dy has shape [5,5,3] instead of 4 axes', 'resize_bilinear_grad', [[5, 5, 3]]),
  node('lrn_grad of another y', 'bad-shape', 'x has shape [2,3], y [3,2], dy [2,3]', 'lrn_grad', [
    [2, 3],
    [3, 2],
    [2, 3],
  ]),
  node('lrn_grad of a negative radius', 'bad-model', 'its radius is -1', 'lrn_grad', [[3], [3], [3]], { radius: -1 }),
  node('elu_grad of another dy', 'bad-shape', 'dy has shape [2,3], y [3]', 'elu_grad', [[2, 3], [3]]),
  node('batch_norm by nothing', 'bad-shape', 'the offset has shape [0], for x with shape [2,3]', 'batch_norm', [[2, 3], [3], [3], [0]]),
];
