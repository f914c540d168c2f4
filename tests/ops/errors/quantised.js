// Ops on int8 and uint8: what of their types, scales and zero points is wrong.
/** @import { Wrong } from './make.js' */
/** @typedef {import('../../../js/wasm.js').Dtype} Dtype */
/** @typedef {Record<string, number | number[]>} Attributes */
/** @typedef {[Dtype, number[], ('constant' | 'input')?]} Operand */

/**
 * @param {string} what @param {import('../../../js/errors.js').XnnErrorCode} code @param {string} says @param {string} op
 * @param {(Operand | null)[]} operands  Of weights, which are constants, unless said otherwise; x is an input.
 * @param {Attributes} attributes
 * @returns {Wrong}
 */
const wrong = (what, code, says, op, operands, attributes) => ({
  what: `${op} ${what}`,
  code,
  says: `node "it": ${op}: ${says}`,
  build: (g) => {
    const ids = operands.map((operand, i) => {
      if (operand === null) return -1;
      const [dtype, shape, from = i === 0 ? 'input' : 'constant'] = operand;
      return from === 'input' ? g.input(`x${i}`, dtype, shape) : g.weight(i, dtype, shape, { dtype });
    });
    g.node(op, 'it', ids, attributes);
  },
});

const LAYER = { x_scale: 0.1, y_scale: 0.1 };
/** @type {Operand} */
const X = ['int8', [1, 5, 5, 4]];
/** @type {Operand} */
const FILTER = ['int8', [6, 3, 3, 4]];
/** @type {Operand} */
const BIAS = ['int32', [6]];
/** @type {Operand} */
const SCALES = ['float32', [6]];

/** q_conv2d of all that is right but what is given. @param {string} what @param {Parameters<typeof wrong>[1]} code @param {string} says @param {{ x?: Operand, filter?: Operand, bias?: Operand | null, slope?: Operand, scales?: Operand | null }} operands @param {Attributes} [attributes] */
const conv = (what, code, says, { x = X, filter = FILTER, bias = BIAS, slope, scales = SCALES }, attributes = {}) =>
  wrong(what, code, says, 'q_conv2d', [x, filter, bias, slope ?? null, scales], { ...LAYER, ...attributes });
/** @param {number[]} shape @returns {Operand} */
const floats = (shape) => ['float32', shape];
/** @param {number[]} shape @returns {Operand} */
const bytes = (shape) => ['int8', shape];
const ONE = floats([1]);

/** @type {Wrong[]} */
const layers = [
  conv('of floats', 'unsupported', 'x is float32, only int8 and uint8 are supported', { x: floats([1, 5, 5, 4]) }),
  conv('with a filter of floats', 'unsupported', 'the weight is float32, only int8', { filter: floats([6, 3, 3, 4]) }),
  conv('with a bias of floats', 'bad-shape', 'bias is float32 [6] instead of int32 [6]', { bias: floats([6]) }),
  conv('with a bias of other channels', 'bad-shape', 'bias is int32 [5] instead of int32 [6]', { bias: ['int32', [5]] }),
  conv('with a slope', 'bad-model', 'it has an input 3, a slope that it does not take', { slope: floats([6]) }),
  conv('without scales', 'bad-model', 'it has no scales of its weight, input 4', { scales: null }),
  conv('with scales of other channels', 'bad-shape', 'its scales are float32 [4] instead of float32 [1] or [6]', { scales: floats([4]) }),
  conv('with a computed filter', 'unsupported', 'its input 1 is computed at run time, only constants', {
    filter: ['int8', [6, 3, 3, 4], 'input'],
  }),
  conv('with a computed bias', 'unsupported', 'its input 2 is computed at run time, only constants', { bias: ['int32', [6], 'input'] }),
  conv('with computed scales', 'unsupported', 'its input 4 is computed at run time, only constants', { scales: ['float32', [6], 'input'] }),
  conv('without a scale of x', 'bad-model', 'the scale of x is 0 instead of positive and finite', {}, { x_scale: 0 }),
  conv('with an infinite scale of y', 'bad-model', 'the scale of y is inf instead of positive', {}, { y_scale: Infinity }),
  conv('with a zero point that is no int8', 'bad-model', 'the zero point of x is 128, which is no int8', {}, { x_zero: 128 }),
  conv(
    'with a zero point of the filter that is no int8',
    'bad-model',
    'the zero point of the weight is -129, which',
    {},
    { filter_zero: -129 },
  ),
  conv(
    'with a zero point that is no uint8',
    'bad-model',
    'the zero point of y is -1, which is no uint8',
    { x: ['uint8', [1, 5, 5, 4]] },
    { y_zero: -1 },
  ),
  conv('limited upside down', 'bad-model', 'its activation is limited to 5 … 4', {}, { act_min: 5, act_max: 4 }),
  conv('with a filter of rank 3', 'bad-shape', 'filter has shape [6,3,4] instead of [OC,KH,KW,C]', { filter: bytes([6, 3, 4]) }),
  conv('of other channels', 'bad-shape', 'input has 4 channels, filter 3, and 6 output channels', { filter: bytes([6, 3, 3, 3]) }),
  conv('of groups that do not divide the output', 'bad-shape', 'input has 4 channels, filter 1, and 6', { filter: bytes([6, 3, 3, 1]) }),
  conv('with a window that does not fit', 'bad-shape', 'along h, a window of 6 does not fit an input of 5', {
    filter: bytes([6, 6, 3, 4]),
  }),
  conv('of weights beyond 2 GiB', 'unsupported', 'its weights have 6174015488 bytes when packed, at most 2147483647', {
    x: bytes([1, 4, 4, 16777216]),
    filter: bytes([16777216, 4, 4, 1]),
    bias: null,
    scales: ONE,
  }),
  conv(
    'with padding beyond 2 GiB',
    'unsupported',
    '1074791425 padded pixels of 100 channels are more than the 1073741791 numbers',
    { x: bytes([1, 1, 1, 100]), filter: bytes([1, 1, 1, 100]), bias: null, scales: ONE },
    { pad_left: 1 << 20, pad_top: 1 << 10 },
  ),
  wrong(
    'with a filter of rank 3',
    'bad-shape',
    'filter has shape [3,3,4] instead of [KH,KW,C,M]',
    'q_depthwise_conv2d',
    [X, bytes([3, 3, 4]), null, null, ONE],
    LAYER,
  ),
  wrong(
    'of other channels',
    'bad-shape',
    'input has 4 channels, filter 5 times 2',
    'q_depthwise_conv2d',
    [X, bytes([3, 3, 5, 2]), null, null, ONE],
    LAYER,
  ),
  wrong(
    'of other depth',
    'bad-shape',
    'x has shape [2,4] and w [6,5] instead of […,K] and [N,K]',
    'q_dense',
    [bytes([2, 4]), bytes([6, 5]), null, null, ONE],
    LAYER,
  ),
  wrong(
    'of other channels',
    'bad-shape',
    'x has shape [1,5,5,4] and filter [6,3,3,5] instead of',
    'q_transpose_conv2d',
    [X, bytes([6, 3, 3, 5]), null, null, ONE],
    LAYER,
  ),
  wrong(
    'of a stride beyond 64',
    'unsupported',
    'along h, kernel 3, stride 65, dilation 0, padding 0 and 0, output 0',
    'q_transpose_conv2d',
    [X, FILTER, null, null, ONE],
    { ...LAYER, stride_h: 65 },
  ),
  wrong(
    'that pads more than there is',
    'bad-shape',
    'along h, the output of 5 inputs has size -3',
    'q_transpose_conv2d',
    [X, FILTER, null, null, ONE],
    { ...LAYER, pad_top: 10 },
  ),
  wrong('of an unknown padding', 'bad-model', 'there is no padding 2', 'q_transpose_conv2d', [X, FILTER, null, null, ONE], {
    ...LAYER,
    padding: 2,
  }),
];

const PAIR = { a_scale: 0.1, b_scale: 0.1, y_scale: 0.1 };

/** @type {Wrong[]} */
export const quantised = [
  ...layers,
  wrong('of two dtypes', 'bad-shape', 'a is int8 and b uint8', 'q_add', [bytes([2]), ['uint8', [2]]], PAIR),
  wrong('of shapes that do not broadcast', 'bad-shape', 'shapes [2] and [3] do not broadcast', 'q_mul', [bytes([2]), bytes([3])], PAIR),
  wrong('without a scale of b', 'bad-model', 'the scale of b is 0 instead', 'q_sub', [bytes([2]), bytes([2])], { a_scale: 1, y_scale: 1 }),
  wrong('of floats', 'unsupported', 'x is float32, only int8', 'lookup', [floats([2]), bytes([256])], {}),
  wrong('in too few', 'bad-shape', 'the table has shape [255] instead of 256 elements', 'lookup', [bytes([2]), bytes([255])], {}),
  wrong('limited upside down', 'bad-model', 'its activation is limited to 0 … -1', 'q_avg_pool2d', [X], {
    kernel_h: 2,
    kernel_w: 2,
    act_max: -1,
  }),
  wrong('over an axis that is none', 'bad-shape', 'axis 4 of x with shape [1,5,5,4]', 'q_mean', [X], { ...LAYER, axes: [4] }),
  wrong('of a scalar', 'bad-shape', 'x has no dimension', 'q_softmax', [bytes([])], { ...LAYER, beta: 1 }),
  wrong('without beta', 'bad-model', 'beta is 0 instead of positive and finite', 'q_softmax', [bytes([3])], LAYER),
  wrong('of rank 3', 'bad-shape', 'x has shape [5,5,4] instead of [N,H,W,C]', 'q_resize_bilinear', [bytes([5, 5, 4])], {
    out_h: 2,
    out_w: 2,
  }),
  wrong('to nothing', 'bad-shape', 'it resizes 5 × 5 to 0 × 2', 'q_resize_bilinear', [X], { out_w: 2 }),
  wrong(
    'to a size that is computed',
    'unsupported',
    'its size is int32 [2] instead of two int32 that are known',
    'q_resize_bilinear',
    [X, ['int32', [2], 'input']],
    {},
  ),
  wrong('to int32', 'bad-model', 'it quantises to dtype 1 instead of int8 or uint8', 'quantize', [floats([2])], { scale: 1, dtype: 1 }),
  wrong('of integers', 'unsupported', 'x is int32, only float32 is supported', 'quantize', [['int32', [2]]], { scale: 1, dtype: 4 }),
  wrong('without a scale', 'bad-model', 'the scale of x is 0 instead', 'dequantize', [bytes([2])], {}),
  wrong('of bools', 'unsupported', 'x is bool, only int8 and uint8 are supported', 'dequantize', [['bool', [2]]], { scale: 1 }),
  wrong('of a zero point that is none', 'bad-model', 'the zero point of y is 200, which is no int8', 'requantize', [bytes([2])], {
    ...LAYER,
    y_zero: 200,
    dtype: 4,
  }),
  wrong('along an axis that is none', 'bad-shape', 'axis 2 of x with shape [2,3]', 'dequantize_axis', [bytes([2, 3]), floats([3])], {
    axis: 2,
  }),
  wrong(
    'with scales of another length',
    'bad-shape',
    'scales have shape [2], for an axis of 3',
    'dequantize_axis',
    [bytes([2, 3]), floats([2])],
    { axis: 1 },
  ),
  wrong(
    'with zero points of another dtype',
    'bad-shape',
    'zero points are int8 [3] instead of int32 [3]',
    'dequantize_axis',
    [bytes([2, 3]), floats([3]), bytes([3])],
    { axis: 1 },
  ),
];
