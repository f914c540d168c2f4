// Rows of tflite-ops.js: layers with weights, pooling, matrix products and resizing.
import { isClamp, quantizationOf, sameQuantization, stepRange } from './quantized.js';

/**
 * @typedef {import('./builder.js').NodeView} NodeView
 * @typedef {import('./builder.js').OpRow} OpRow
 */

/** @type {[string, OpRow][]} */
export const tfliteLayers = [
  ['CONV_2D', { inputs: [2, 3], emit: convolution }],
  ['DEPTHWISE_CONV_2D', { inputs: [2, 3], emit: depthwise }],
  ['TRANSPOSE_CONV', { inputs: [3, 4], emit: transposed }],
  ['FULLY_CONNECTED', { inputs: [2, 3], emit: fullyConnected }],
  ['CONV_3D', { inputs: [2, 3], emit: convolution3d }],
  ['BATCH_MATMUL', { inputs: [2, 2], emit: matmul }],
  ['MAX_POOL_2D', { inputs: [1, 1], emit: maxPool }],
  ['AVERAGE_POOL_2D', { inputs: [1, 1], emit: averagePool }],
  [
    'L2_POOL_2D',
    { inputs: [1, 1], emit: (n) => n.finish(n.emit('sqrt', [n.emit('avg_pool2d', [n.emit('square', [n.float(0)])], pooling(n))])) },
  ],
  ['RESIZE_BILINEAR', { inputs: [2, 2], emit: (n) => resize(n, 'resize_bilinear') }],
  ['RESIZE_NEAREST_NEIGHBOR', { inputs: [2, 2], emit: (n) => resize(n, 'resize_nearest') }],
];

/** Strides and dilations count; 0 of ours would mean 1. @param {NodeView} n @param {...string} names @returns {number[]} */
function positive(n, ...names) {
  return names.map((name) => (n.options[name] >= 1 ? n.options[name] : n.bad(`${name} is ${n.options[name]}`)));
}

/** The enum Padding: SAME, VALID. @param {NodeView} n */
function samePadding({ options, bad }) {
  return [1, 0][options.padding] ?? bad(`padding ${options.padding}`);
}

/** @param {NodeView} n */
function strides(n) {
  const [stride_h, stride_w] = positive(n, 'stride_h', 'stride_w');
  return { stride_h, stride_w, padding: samePadding(n) };
}

/** @param {NodeView} n */
function windows(n) {
  const [dilation_h, dilation_w] = positive(n, 'dilation_h', 'dilation_w');
  return { ...strides(n), dilation_h, dilation_w };
}

/** @param {NodeView} n */
function pooling(n) {
  const [kernel_h, kernel_w] = positive(n, 'filter_h', 'filter_w');
  return { kernel_h, kernel_w, ...strides(n) };
}

/**
 * Whether a layer computes with 8-bit numbers: x, weight and output are, the bias is int32.
 * @param {NodeView} n @param {number} x @param {number} weight @param {number} bias  Places of the inputs.
 */
function isQuantizedLayer(n, x, weight, bias) {
  if (!n.allQuantized([x]) || !isClamp(n.activation()) || !n.input(weight).constant) return false;
  const { type, quantization } = n.input(weight);
  const bits8 = quantization !== undefined && ['INT8', 'UINT8', 'INT4'].includes(type);
  const zeros = quantization?.zeroPoints.every((zero) => zero === quantization.zeroPoints[0]);
  return bits8 && zeros === true && (!n.has(bias) || n.input(bias).type === 'INT32');
}

/** Attributes of a quantised layer. @param {NodeView} n @param {number} x @param {number} weight */
function layerSteps(n, x, weight) {
  const from = quantizationOf(n.input(x), n.operator);
  const to = quantizationOf(n.output(), n.operator);
  return {
    x_scale: from.scale,
    x_zero: from.zero,
    filter_zero: n.input(weight).quantization?.zeroPoints[0] ?? 0,
    y_scale: to.scale,
    y_zero: to.zero,
    ...stepRange(n.output(), n.activation(), n.operator),
  };
}

/** @param {NodeView} n @param {number} i */
const optional = (n, i) => (n.has(i) ? n.float(i) : null);
/** @param {NodeView} n @param {number} i */
const optionalStored = (n, i) => (n.has(i) ? n.stored(i) : null);

/** Filters are [OC,KH,KW,C/groups]. @param {NodeView} n */
function convolution(n) {
  const attrs = windows(n);
  if (isQuantizedLayer(n, 0, 1, 2)) {
    const given = [n.stored(0), n.stored(1), optionalStored(n, 2), null, n.scalesOf(1)];
    n.set(n.emit('q_conv2d', given, { ...attrs, ...layerSteps(n, 0, 1) }));
  } else if (n.isConstant(1)) {
    const { value, scale } = n.layerWeight(1, 0);
    n.finish(n.emit('conv2d', [n.float(0), value, optional(n, 2), null, scale], { ...attrs, filter_layout: 1 }));
  } else {
    const filter = n.emit('transpose', [n.float(1)], { perm: [1, 2, 3, 0] });
    n.finish(n.emit('conv2d_dynamic', [n.float(0), filter, optional(n, 2)], attrs));
  }
}

/** Filters are [1,KH,KW,C*M]. @param {NodeView} n */
function depthwise(n) {
  const attrs = windows(n);
  const { shape, ref } = n.input(1);
  const channels = n.input(0).shape[3] ?? -1;
  const multiplier = channels > 0 ? shape[3] / channels : n.options.depth_multiplier;
  if (shape.length !== 4 || shape[0] !== 1 || !Number.isInteger(multiplier) || multiplier < 1 || shape[3] % multiplier !== 0)
    n.bad(`filter "${ref}" of shape [${shape}] for ${channels} channels`);
  const layout = { shape: [shape[1], shape[2], shape[3] / multiplier, multiplier] };
  if (isQuantizedLayer(n, 0, 1, 2)) {
    const filter = n.emit('reshape', [n.stored(1)], layout);
    const given = [n.stored(0), filter, optionalStored(n, 2), null, n.scalesOf(1)];
    n.set(n.emit('q_depthwise_conv2d', given, { ...attrs, ...layerSteps(n, 0, 1) }));
  } else if (n.isConstant(1)) {
    const { value, scale } = n.layerWeight(1, 3);
    const filter = n.emit('reshape', [value], layout);
    n.finish(n.emit('depthwise_conv2d', [n.float(0), filter, optional(n, 2), null, scale], attrs));
  } else {
    const filter = n.emit('reshape', [n.float(1)], { shape: [shape[1], shape[2], 1, shape[3]] });
    n.finish(n.emit('conv2d_dynamic', [n.float(0), filter, optional(n, 2)], attrs));
  }
}

/** Inputs: the output's shape, filter [OC,KH,KW,C], x, bias. @param {NodeView} n */
function transposed(n) {
  const [, height = -1, width = -1] = n.numbers(0) ?? n.output().shape;
  if (height < 1 || width < 1) n.unsupported(`the output's size (input 0, "${n.input(0).ref}") is computed at run time`);
  const attrs = { ...strides(n), out_h: height, out_w: width };
  if (!n.isConstant(1)) n.unsupported(`filter "${n.input(1).ref}" is computed at run time`);
  if (isQuantizedLayer(n, 2, 1, 3)) {
    const given = [n.stored(2), n.stored(1), optionalStored(n, 3), null, n.scalesOf(1)];
    n.set(n.emit('q_transpose_conv2d', given, { ...attrs, ...layerSteps(n, 2, 1) }));
    return;
  }
  const { value, scale } = n.layerWeight(1, 0);
  n.finish(n.emit('conv2d_transpose', [n.float(2), value, optional(n, 3), null, scale], { ...attrs, filter_layout: 1 }));
}

/** Weights are [N,K]; but for keep_num_dims, x becomes [-1,K] first. @param {NodeView} n */
function fullyConnected(n) {
  const { weights_format: format, keep_num_dims: keep } = n.options;
  if (format !== 0) n.unsupported(`weights of format ${format}`);
  const { shape: weights, ref } = n.input(1);
  const { shape } = n.input(0);
  if (weights.length !== 2) n.bad(`weights "${ref}" have shape [${weights}]`);
  const flat = keep || (shape.length === 2 && shape[1] === weights[1]);
  /** @param {string} x */
  const flatten = (x) => (flat ? x : n.emit('reshape', [x], { shape: [-1, weights[1]] }));
  if (isQuantizedLayer(n, 0, 1, 2)) {
    const given = [flatten(n.stored(0)), n.stored(1), optionalStored(n, 2), null, n.scalesOf(1)];
    n.set(n.emit('q_dense', given, layerSteps(n, 0, 1)));
  } else if (n.isConstant(1)) {
    const { value, scale } = n.layerWeight(1, 0);
    n.finish(n.emit('dense', [flatten(n.float(0)), value, optional(n, 2), null, scale], { transpose_b: 1 }));
  } else {
    const product = n.emit('batch_matmul', [flatten(n.float(0)), n.float(1)], { transpose_b: 1 });
    n.finish(n.has(2) ? n.emit('add', [product, n.float(2)]) : product);
  }
}

/** Filters are [KD,KH,KW,C,OC]. @param {NodeView} n */
function convolution3d(n) {
  const [stride_d, dilation_d] = positive(n, 'stride_d', 'dilation_d');
  n.finish(n.emit('conv3d', [n.float(0), n.float(1), optional(n, 2)], { ...windows(n), stride_d, dilation_d }));
}

/** @param {NodeView} n */
function matmul(n) {
  const attrs = { transpose_a: n.options.adj_x ? 1 : 0, transpose_b: n.options.adj_y ? 1 : 0 };
  n.finish(n.emit('batch_matmul', [n.number(0), n.number(1)], attrs));
}

/** @param {NodeView} n */
function maxPool(n) {
  const attrs = pooling(n);
  const stored = n.allQuantized([0]) && sameQuantization(n.input(0), n.output()) && isClamp(n.activation());
  if (stored) n.finishStored(n.emit('max_pool2d', [n.stored(0)], attrs));
  else n.finish(n.emit('max_pool2d', [n.float(0)], attrs));
}

/** @param {NodeView} n */
function averagePool(n) {
  const attrs = pooling(n);
  const stored = n.allQuantized([0]) && sameQuantization(n.input(0), n.output()) && isClamp(n.activation());
  if (stored) n.set(n.emit('q_avg_pool2d', [n.stored(0)], { ...attrs, ...stepRange(n.output(), n.activation(), n.operator) }));
  else n.finish(n.emit('avg_pool2d', [n.float(0)], attrs));
}

/** @param {NodeView} n @param {string} op */
function resize(n, op) {
  const size = n.numbers(1);
  const flags = { align_corners: n.options.align_corners ? 1 : 0, half_pixel: n.options.half_pixel ? 1 : 0 };
  if (size !== undefined && (size.length !== 2 || size.some((side) => side < 1))) n.bad(`cannot resize to [${size}]`);
  const [rest, attrs] = size === undefined ? [[n.stored(1)], flags] : [[], { out_h: size[0], out_w: size[1], ...flags }];
  if (op === 'resize_bilinear' && n.allQuantized([0]) && sameQuantization(n.input(0), n.output()))
    n.set(n.emit('q_resize_bilinear', [n.stored(0), ...rest], attrs));
  else if (op === 'resize_nearest') n.set(n.emit(op, [n.carry(0), ...rest], attrs));
  else n.finish(n.emit(op, [n.float(0), ...rest], attrs));
}
