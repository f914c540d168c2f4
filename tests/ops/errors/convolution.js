// Transposed convolutions, filters that are computed, volumes.
import { NHWC, node } from './make.js';

const NDHWC = [1, 4, 5, 6, 3];

/** @type {import('./make.js').Wrong[]} */
export const convolution = [
  node('a transposed filter of rank 3', 'bad-shape', 'filter has shape [3,3,3] instead of 4 axes', 'conv2d_transpose', [NHWC], {}, [
    [3, 3, 3],
  ]),
  node('a transposed convolution of rank 3', 'bad-shape', 'x has shape [5,5,3] instead of [N,H,W,C]', 'conv2d_transpose', [[5, 5, 3]], {}, [
    [3, 3, 2, 3],
  ]),
  node('an unknown layout of a filter', 'bad-model', 'there is no filter layout 2', 'conv2d_transpose', [NHWC], { filter_layout: 2 }, [
    [3, 3, 2, 3],
  ]),
  node('a transposed filter of other channels', 'bad-shape', 'input has 3 channels, filter makes 3 of 2', 'conv2d_transpose', [NHWC], {}, [
    [3, 3, 3, 2],
  ]),
  node('a transposed filter that is computed', 'unsupported', 'its weight is computed at run time', 'conv2d_transpose', [
    NHWC,
    [3, 3, 2, 3],
  ]),
  node(
    'a transposed convolution to too many pixels',
    'bad-shape',
    'it makes 2684354560 × 0 pixels',
    'conv2d_transpose',
    [[1, 2560, 0, 1]],
    { stride_h: 1048576, padding: 1 },
    [[1, 1, 1, 1]],
  ),
  node(
    'a transposed convolution to pixels that no window has',
    'bad-shape',
    'it makes 9 × 12 pixels, of which a convolution has 5 × 6, not those of x with shape [1,5,5,3]',
    'conv2d_transpose',
    [NHWC],
    { stride_h: 2, stride_w: 2, padding: 1, out_h: 9, out_w: 12 },
    [[3, 3, 2, 3]],
  ),
  node(
    'a transposed window larger than its output',
    'bad-shape',
    'along h, a window of 3 does not fit an input of 2',
    'conv2d_transpose',
    [NHWC],
    { out_h: 2 },
    [[3, 3, 2, 3]],
  ),
  node('strides of too many phases', 'unsupported', 'strides of 128 × 64', 'conv2d_transpose', [NHWC], { stride_h: 128, stride_w: 64 }, [
    [1, 1, 2, 3],
  ]),
  node(
    'transposed weights that grow beyond 2 GiB',
    'unsupported',
    'its weights have 536870920 floats when packed',
    'conv2d_transpose',
    [[1, 1, 1, 67108864]],
    { stride_h: 1, stride_w: 1 },
    [[1, 1, 1, 67108864]],
  ),
  node('a window of too many taps', 'unsupported', 'a window of 1050625 taps, at most 1048576', 'conv2d_transpose', [[1, 1, 1, 1]], {}, [
    [1025, 1025, 1, 1],
  ]),
  node('a computed filter of rank 5', 'bad-shape', 'filter has shape [1,3,3,3,2] instead of 4 axes', 'conv2d_dynamic', [
    NHWC,
    [1, 3, 3, 3, 2],
  ]),
  node('a volume of rank 4', 'bad-shape', 'x has shape [1,5,5,3] instead of [N,D,H,W,C]', 'conv3d', [NHWC, [1, 3, 3, 3, 2]]),
  node('an unknown padding of a volume', 'bad-model', 'there is no padding 3', 'conv3d', [NDHWC, [1, 3, 3, 3, 2]], { padding: 3 }),
  node('a volume that a window does not fit', 'bad-shape', 'along d, a window of 5 does not fit an input of 4', 'conv3d', [
    NDHWC,
    [5, 3, 3, 3, 2],
  ]),
  node('a computed filter of other channels', 'bad-shape', 'x has 3 channels, filter takes groups of 2 to 4 in all', 'conv2d_dynamic', [
    NHWC,
    [3, 3, 2, 4],
  ]),
  node('a computed bias of other channels', 'bad-shape', 'bias has shape [3], for 2 output channels', 'conv2d_dynamic', [
    NHWC,
    [3, 3, 3, 2],
    [3],
  ]),
];
