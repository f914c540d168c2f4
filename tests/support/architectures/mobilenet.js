// MobileNet: V1 (arXiv 1704.04861), V2 (1801.04381), V3 (1905.02244), and EfficientNet-lite0, which is made of V2's blocks.

import { createNetwork } from './network.js';

/**
 * @typedef {import('./network.js').Network} Network
 * @typedef {import('./network.js').Tensor} Tensor
 */

/** Channels are multiples of 8, and no more than a tenth is rounded away. @param {number} value */
export function roundChannels(value) {
  const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
  return rounded < 0.9 * value ? rounded + 8 : rounded;
}

/** [channels, stride] of V1's separable blocks. @type {[number, number][]} */
const V1_BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/**
 * V1's layers up to its features. Where the stride would go beyond `outputStride` the filters are dilated instead.
 * @param {Network} net @param {Tensor} x @param {{ alpha: number, outputStride?: number }} options
 */
export function mobileNetV1Features(net, x, { alpha, outputStride = 32 }) {
  const channels = (/** @type {number} */ count) => Math.max(8, Math.floor(count * alpha));
  const relu6 = /** @type {const} */ ({ batchNorm: true, activation: 'relu6', gain: 2 });
  x = net.conv(x, channels(32), { ...relu6, kernel: 3, stride: 2, name: 'conv_0', gain: 1 });
  let reached = 2;
  let rate = 1;
  V1_BLOCKS.forEach(([count, wanted], i) => {
    const stride = reached * wanted > outputStride ? 1 : wanted;
    x = net.depthwise(x, { ...relu6, kernel: 3, stride, dilation: stride === 1 ? rate : 1, name: `depthwise_${i + 1}` });
    if (stride < wanted) rate *= wanted;
    reached *= stride;
    x = net.conv(x, channels(count), { ...relu6, name: `pointwise_${i + 1}` });
  });
  return x;
}

/** @param {{ size?: number, alpha?: number, classes?: number, seed?: number, batch?: number }} [options] */
export function mobileNetV1({ size = 224, alpha = 1, classes = 1001, seed = 11, batch = 1 } = {}) {
  const net = createNetwork({ seed });
  const x = mobileNetV1Features(net, net.input('input', [batch, size, size, 3]), { alpha });
  const logits = net.conv(net.globalAverage(x, true), classes, { name: 'logits', gain: 1 });
  const flat = net.op('Squeeze', [logits], [batch, classes], { attrs: { squeeze_dims: [1, 2] } });
  net.output(net.unary('Softmax', flat, 'probabilities'));
  return net;
}

/**
 * An inverted residual block.
 * @param {Network} net @param {Tensor} x
 * @param {{ expand: number, channels: number, kernel: number, stride: number, name: string }} options  expand: channels inside.
 */
function invertedResidual(net, x, { expand, channels, kernel, stride, name }) {
  const relu6 = /** @type {const} */ ({ batchNorm: true, activation: 'relu6' });
  let y = x;
  if (expand !== x.shape[3]) y = net.conv(y, expand, { ...relu6, name: `${name}/expand` });
  y = net.depthwise(y, { ...relu6, kernel, stride, gain: 2, name: `${name}/depthwise` });
  const residual = stride === 1 && channels === x.shape[3];
  y = net.conv(y, channels, { batchNorm: true, gain: residual ? 1 : 2, name: `${name}/project` });
  return residual ? net.binary('AddV2', x, y, `${name}/add`) : y;
}

/** [expansion, channels, blocks, stride, kernel] @type {[number, number, number, number, number][]} */
const V2_STAGES = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 32, 3, 2, 3],
  [6, 64, 4, 2, 3],
  [6, 96, 3, 1, 3],
  [6, 160, 3, 2, 3],
  [6, 320, 1, 1, 3],
];
/** @type {typeof V2_STAGES} */
const LITE0_STAGES = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 40, 2, 2, 5],
  [6, 80, 3, 2, 3],
  [6, 112, 3, 1, 5],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
];

/**
 * @param {typeof V2_STAGES} stages
 * @param {{ size: number, alpha: number, classes: number, seed: number, batch: number, last: number }} options
 */
function ofInvertedResiduals(stages, { size, alpha, classes, seed, batch, last }) {
  const net = createNetwork({ seed });
  const relu6 = /** @type {const} */ ({ batchNorm: true, activation: 'relu6' });
  let x = net.input('input', [batch, size, size, 3]);
  x = net.conv(x, roundChannels(32 * alpha), { ...relu6, kernel: 3, stride: 2, name: 'stem' });
  stages.forEach(([expansion, count, blocks, first, kernel], stage) => {
    for (let i = 0; i < blocks; i++) {
      const channels = roundChannels(count * alpha);
      const expand = x.shape[3] * expansion;
      x = invertedResidual(net, x, { expand, channels, kernel, stride: i === 0 ? first : 1, name: `block_${stage}_${i}` });
    }
  });
  x = net.conv(x, last, { ...relu6, name: 'head' });
  net.output(net.unary('Softmax', net.dense(net.globalAverage(x), classes, { gain: 1, name: 'logits' }), 'probabilities'));
  return net;
}

/** @param {{ size?: number, alpha?: number, classes?: number, seed?: number, batch?: number }} [options] */
export function mobileNetV2({ size = 224, alpha = 1, classes = 1000, seed = 12, batch = 1 } = {}) {
  return ofInvertedResiduals(V2_STAGES, { size, alpha, classes, seed, batch, last: alpha > 1 ? roundChannels(1280 * alpha) : 1280 });
}

/** @param {{ size?: number, classes?: number, seed?: number, batch?: number }} [options] */
export function efficientNetLite0({ size = 224, classes = 1000, seed = 14, batch = 1 } = {}) {
  return ofInvertedResiduals(LITE0_STAGES, { size, alpha: 1, classes, seed, batch, last: 1280 });
}

/** [kernel, channels inside, channels, squeezes, hard swish, stride] @typedef {[number, number, number, boolean, boolean, number]} V3Block */
/** @type {V3Block[]} */
const V3_LARGE = [
  [3, 16, 16, false, false, 1],
  [3, 64, 24, false, false, 2],
  [3, 72, 24, false, false, 1],
  [5, 72, 40, true, false, 2],
  [5, 120, 40, true, false, 1],
  [5, 120, 40, true, false, 1],
  [3, 240, 80, false, true, 2],
  [3, 200, 80, false, true, 1],
  [3, 184, 80, false, true, 1],
  [3, 184, 80, false, true, 1],
  [3, 480, 112, true, true, 1],
  [3, 672, 112, true, true, 1],
  [5, 672, 160, true, true, 2],
  [5, 960, 160, true, true, 1],
  [5, 960, 160, true, true, 1],
];
/** @type {V3Block[]} */
const V3_SMALL = [
  [3, 16, 16, true, false, 2],
  [3, 72, 24, false, false, 2],
  [3, 88, 24, false, false, 1],
  [5, 96, 40, true, true, 2],
  [5, 240, 40, true, true, 1],
  [5, 240, 40, true, true, 1],
  [5, 120, 48, true, true, 1],
  [5, 144, 48, true, true, 1],
  [5, 288, 96, true, true, 2],
  [5, 576, 96, true, true, 1],
  [5, 576, 96, true, true, 1],
];

/** relu6(x + 3) / 6, as Keras writes it. @param {Network} net @param {Tensor} x @param {string} name */
function hardSigmoid(net, x, name) {
  const shifted = net.binary('AddV2', x, net.scalar('three', 3), `${name}/add`);
  return net.binary('Mul', net.unary('Relu6', shifted, `${name}/relu6`), net.scalar('sixth', 1 / 6), `${name}/hard_sigmoid`);
}

/** @param {Network} net @param {Tensor} x @param {string} name */
function hardSwish(net, x, name) {
  return net.binary('Mul', x, hardSigmoid(net, x, name), `${name}/hard_swish`);
}

/** @param {{ large?: boolean, size?: number, classes?: number, seed?: number, batch?: number }} [options] */
export function mobileNetV3({ large = true, size = 224, classes = 1000, seed = 13, batch = 1 } = {}) {
  const net = createNetwork({ seed });
  let x = net.input('input', [batch, size, size, 3]);
  x = hardSwish(net, net.conv(x, 16, { kernel: 3, stride: 2, batchNorm: true, gain: 2, name: 'stem' }), 'stem');
  (large ? V3_LARGE : V3_SMALL).forEach(([kernel, expand, channels, squeezes, swishes, stride], i) => {
    const name = `block_${i}`;
    const activate = (/** @type {Tensor} */ value, /** @type {string} */ called) =>
      swishes ? hardSwish(net, value, called) : net.unary('Relu', value, `${called}/relu`);
    let y = x;
    if (expand !== x.shape[3]) y = activate(net.conv(y, expand, { batchNorm: true, gain: 2, name: `${name}/expand` }), `${name}/expand`);
    y = activate(net.depthwise(y, { kernel, stride, batchNorm: true, gain: 2, name: `${name}/depthwise` }), `${name}/depthwise`);
    if (squeezes) {
      const reduced = net.conv(net.globalAverage(y, true), roundChannels(expand / 4), { activation: 'relu', name: `${name}/squeeze` });
      const scale = net.conv(reduced, expand, { gain: 2, name: `${name}/excite` });
      y = net.binary('Mul', y, hardSigmoid(net, scale, `${name}/excite`), `${name}/scaled`);
    }
    const residual = stride === 1 && channels === x.shape[3];
    y = net.conv(y, channels, { batchNorm: true, gain: residual ? 1 : 2, name: `${name}/project` });
    x = residual ? net.binary('AddV2', x, y, `${name}/add`) : y;
  });
  x = hardSwish(net, net.conv(x, large ? 960 : 576, { batchNorm: true, gain: 2, name: 'head' }), 'head');
  x = net.conv(net.globalAverage(x, true), large ? 1280 : 1024, { gain: 2, name: 'features' });
  const logits = net.conv(hardSwish(net, x, 'features'), classes, { gain: 1, name: 'logits' });
  net.output(net.unary('Softmax', net.reshape(logits, [batch, classes]), 'probabilities'));
  return net;
}
