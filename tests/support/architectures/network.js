// Networks layer by layer, with seeded weights: what to-graph.js writes as a TensorFlow.js graph model and to-tflite.js as
// TensorFlow Lite. Three layers have weights of their own; all else are TensorFlow's ops on tensors and constants.

import { seeded } from '../random.js';

/**
 * @typedef {'float32' | 'int32' | 'bool'} Dtype
 * @typedef {{ name: string, shape: number[], dtype: Dtype, data?: Float32Array | Int32Array }} Tensor  With data: a constant.
 * @typedef {'relu' | 'relu6' | undefined} Activation
 * @typedef {{ gamma: Float32Array, beta: Float32Array, mean: Float32Array, variance: Float32Array, epsilon: number }} BatchNorm
 *
 * @typedef {object} Layer
 * @property {'conv2d' | 'depthwise' | 'dense'} kind
 * @property {string} name
 * @property {Tensor} x
 * @property {Tensor} weights  [KH,KW,C,OC], [KH,KW,C,M] or [K,N].
 * @property {Tensor} [bias]
 * @property {BatchNorm} [batchNorm]
 * @property {Activation} [activation]
 * @property {[number, number]} stride
 * @property {[number, number]} dilation
 * @property {'SAME' | 'VALID'} padding
 * @property {Tensor} y
 *
 * @typedef {{ kind: 'op', op: string, name: string, inputs: Tensor[], attrs: Attributes, sizes?: Size[],
 *   outputs: Tensor[] }} Op  sizes: a shape, the last input; of Fill the first one.
 * @typedef {Record<string, number | boolean | string | number[]>} Attributes
 * @typedef {number | { of: Tensor, axis: number }} Size  A number, or what another tensor has along an axis.
 *
 * @typedef {object} LayerOptions
 * @property {string} [name]
 * @property {number} [kernel]  Or kernelSize.
 * @property {[number, number]} [kernelSize]
 * @property {number} [stride]
 * @property {number} [dilation]
 * @property {'SAME' | 'VALID'} [padding]
 * @property {Activation} [activation]
 * @property {boolean} [batchNorm]  Instead of a bias.
 * @property {boolean} [bias]
 * @property {number} [gain]  Variance of the result over that of the input; 2 after a relu, which halves it.
 *
 * @typedef {ReturnType<typeof createNetwork>} Network
 */

/** @param {{ seed?: number }} [options] */
export function createNetwork({ seed = 1 } = {}) {
  const random = seeded(seed);
  /** @type {Tensor[]} */
  const inputs = [];
  /** @type {Tensor[]} */
  const outputs = [];
  /** @type {(Layer | Op)[]} */
  const nodes = [];
  /** @type {Map<string, number>} */
  const names = new Map();

  /** @param {string} name */
  function unique(name) {
    const count = names.get(name) ?? 0;
    names.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  }

  /** @param {number[]} shape @param {number} low @param {number} high */
  function uniform(shape, low, high) {
    return Float32Array.from({ length: count(shape) }, () => low + (high - low) * random());
  }

  /** Of mean 0. @param {number[]} shape @param {number} variance */
  const centred = (shape, variance) => uniform(shape, -Math.sqrt(3 * variance), Math.sqrt(3 * variance));

  /** @param {string} name @param {number[]} shape @param {Float32Array | Int32Array} data @returns {Tensor} */
  function constant(name, shape, data) {
    return { name: unique(name), shape, dtype: data instanceof Int32Array ? 'int32' : 'float32', data };
  }

  /** @param {string} name @param {number[]} values */
  const ints = (name, values) => constant(name, [values.length], Int32Array.from(values));
  /** @param {string} name @param {number} value */
  const scalar = (name, value) => constant(name, [], Float32Array.of(value));

  /** @param {string} name @param {number[]} shape  -1 where free; computed with as 1. @param {Dtype} [dtype] */
  function input(name, shape, dtype = 'float32') {
    const tensor = { name: unique(name), shape, dtype };
    inputs.push(tensor);
    return tensor;
  }

  /** @param {Tensor} tensor */
  function output(tensor) {
    outputs.push(tensor);
  }

  /** @param {number} channels @returns {BatchNorm} */
  function statistics(channels) {
    return {
      gamma: uniform([channels], 0.8, 1.2),
      beta: uniform([channels], -0.2, 0.2),
      mean: uniform([channels], -0.3, 0.3),
      variance: uniform([channels], 0.6, 1.4),
      epsilon: 1e-3,
    };
  }

  /**
   * @param {Layer['kind']} kind @param {Tensor} x @param {number[]} filter @param {number} inputsEach @param {number[]} shape
   * @param {LayerOptions} options
   */
  function layer(kind, x, filter, inputsEach, shape, options) {
    const { batchNorm = false, bias = !batchNorm, activation, gain = 1, stride = 1, dilation = 1, padding = 'SAME' } = options;
    const name = unique(options.name ?? kind);
    const channels = shape[shape.length - 1];
    const y = { name: activation === undefined ? name : `${name}/${activation}`, shape, dtype: /** @type {Dtype} */ ('float32') };
    nodes.push({
      kind,
      name,
      x,
      weights: constant(`${name}/weights`, filter, centred(filter, gain / inputsEach)),
      bias: bias ? constant(`${name}/bias`, [channels], uniform([channels], -0.2, 0.2)) : undefined,
      batchNorm: batchNorm ? statistics(channels) : undefined,
      activation,
      stride: [stride, stride],
      dilation: [dilation, dilation],
      padding,
      y,
    });
    return y;
  }

  /** @param {Tensor} x @param {LayerOptions} options */
  function windowed(x, { kernel = 1, kernelSize = [kernel, kernel], stride = 1, dilation = 1, padding = 'SAME' }) {
    const sides = [1, 2].map((axis) => outputSize(x.shape[axis], kernelSize[axis - 1], stride, dilation, padding));
    return { kernelSize, sides };
  }

  /** @param {Tensor} x @param {number} filters @param {LayerOptions} [options] */
  function conv(x, filters, options = {}) {
    const { kernelSize, sides } = windowed(x, options);
    const channels = x.shape[3];
    const shape = [x.shape[0], ...sides, filters];
    return layer('conv2d', x, [...kernelSize, channels, filters], count(kernelSize) * channels, shape, options);
  }

  /** @param {Tensor} x @param {LayerOptions} [options] */
  function depthwise(x, options = {}) {
    const { kernelSize, sides } = windowed(x, options);
    const channels = x.shape[3];
    return layer('depthwise', x, [...kernelSize, channels, 1], count(kernelSize), [x.shape[0], ...sides, channels], options);
  }

  /** @param {Tensor} x @param {number} units @param {LayerOptions} [options] */
  function dense(x, units, options = {}) {
    const size = x.shape[x.shape.length - 1];
    return layer('dense', x, [size, units], size, [...x.shape.slice(0, -1), units], options);
  }

  /**
   * Any op of TensorFlow with one result.
   * @param {string} name @param {Tensor[]} values @param {number[]} shape  Of the result.
   * @param {{ name?: string, dtype?: Dtype, attrs?: Attributes, sizes?: Size[] }} [options]
   */
  function op(name, values, shape, { name: called = name.toLowerCase(), dtype = 'float32', attrs = {}, sizes } = {}) {
    const y = { name: unique(called), shape, dtype };
    nodes.push({ kind: 'op', op: name, name: y.name, inputs: values, attrs, sizes, outputs: [y] });
    return y;
  }

  /** Of shapes that broadcast. @param {string} name @param {Tensor} a @param {Tensor} b @param {string} [called] */
  function binary(name, a, b, called) {
    const rank = Math.max(a.shape.length, b.shape.length);
    const at = (/** @type {Tensor} */ { shape }, /** @type {number} */ i) => shape[i - rank + shape.length] ?? 1;
    const shape = Array.from({ length: rank }, (_, i) => (at(a, i) === 1 ? at(b, i) : at(a, i)));
    return op(name, [a, b], shape, { name: called, dtype: a.dtype });
  }

  /** Same shape, one operand. @param {string} name @param {Tensor} x @param {string} [called] */
  const unary = (name, x, called) => op(name, [x], x.shape, { name: called });

  /** @param {Tensor} x @param {Size[]} sizes */
  function reshape(x, sizes) {
    const shape = sizes.map((size) => (typeof size === 'number' ? size : size.of.shape[size.axis]));
    return op('Reshape', [x], shape, { dtype: x.dtype, sizes });
  }

  /** @param {Tensor} x @param {number[]} perm */
  function transpose(x, perm) {
    return op(
      'Transpose',
      [x, ints('perm', perm)],
      perm.map((axis) => x.shape[axis]),
      { dtype: x.dtype },
    );
  }

  /** Mean over rows and columns. @param {Tensor} x @param {boolean} [keep] */
  function globalAverage(x, keep = false) {
    const [n, , , c] = x.shape;
    return op('Mean', [x, ints('axes', [1, 2])], keep ? [n, 1, 1, c] : [n, c], { attrs: { keep_dims: keep } });
  }

  /** @param {'MaxPool' | 'AvgPool'} kind @param {Tensor} x @param {[number, number]} size @param {[number, number]} stride @param {'SAME' | 'VALID'} padding */
  function pool(kind, x, size, stride, padding) {
    const sides = [0, 1].map((i) => outputSize(x.shape[i + 1], size[i], stride[i], 1, padding));
    const attrs = { ksize: [1, ...size, 1], strides: [1, ...stride, 1], padding };
    return op(kind, [x], [x.shape[0], ...sides, x.shape[3]], { attrs });
  }

  return {
    inputs,
    outputs,
    nodes,
    input,
    output,
    constant,
    ints,
    scalar,
    uniform,
    centred,
    conv,
    depthwise,
    dense,
    op,
    binary,
    unary,
    reshape,
    transpose,
    globalAverage,
    pool,
  };
}

/** @param {readonly number[]} shape */
export function count(shape) {
  return shape.reduce((product, size) => product * (size === -1 ? 1 : size), 1);
}

/** @param {number} size @param {number} kernel @param {number} stride @param {number} dilation @param {'SAME' | 'VALID'} padding */
function outputSize(size, kernel, stride, dilation, padding) {
  return padding === 'SAME' ? Math.ceil(size / stride) : Math.floor((size - (kernel - 1) * dilation - 1) / stride) + 1;
}

/**
 * A layer's weights with its batch norm in them.
 * @param {Layer} layer
 * @returns {{ weights: Tensor, bias: Tensor | undefined }}
 */
export function foldBatchNorm({ kind, name, weights, bias, batchNorm }) {
  if (batchNorm === undefined) return { weights, bias };
  const { gamma, beta, mean, variance, epsilon } = batchNorm;
  const factors = gamma.map((value, i) => value / Math.sqrt(variance[i] + epsilon));
  const channels = factors.length;
  // The channel is the last axis, also of a depthwise filter that has one result for each channel.
  const data = Float32Array.from(/** @type {Float32Array} */ (weights.data), (value, i) => value * factors[i % channels]);
  const shift = beta.map((value, i) => value - mean[i] * factors[i]);
  if (kind === 'depthwise' && weights.shape[3] !== 1) throw new Error('depthwise filters have one result for each channel');
  return { weights: { ...weights, data }, bias: { name: `${name}/folded_bias`, shape: [channels], dtype: 'float32', data: shift } };
}
