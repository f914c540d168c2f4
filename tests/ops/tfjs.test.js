// The references of these tests against TensorFlow.js's cpu backend, over all cases that it can express: so that not
// only one reading of TensorFlow's definitions stands behind them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { SCHEMA } from '../../dist/schema.js';
import { CASES } from './cases/index.js';
import { REFERENCES } from './reference/index.js';
import { activation, list, number, sizeOf } from './reference/tensor.js';
import { makeInputs, measure } from './run.js';
import { GRADIENT_DEPARTURES, GRADIENTS } from './tfjs-gradients.js';
import { DEPARTURES, MATHEMATICS } from './tfjs-mathematics.js';
import { SIGNAL_DEPARTURES, SIGNALS } from './tfjs-signals.js';

/** @import { Attributes } from './reference/tensor.js' */

/** The cpu backend stores float32 after each step; the references do not. Measured 2e-7, softmax 2e-6 (in x - max). */
const LIMIT = 5e-6;
/** Elements of inputs and output; the cpu backend is slow. */
const MOST = 60000;
/**
 * Per op, the cases in which the cpu backend departs from TensorFlow, or from itself.
 * @type {Record<string, RegExp>}
 */
const DEPARTS = {
  clamp: /extremes.*"min":0.1|NaN alone.*"min":0.1/, // equal bounds make a constant there, whatever x is
  elu: /powers|extremes|in steps/, // exp(x) - 1 loses the digits of a small x there, expm1 here
  floor_div: /specials|extreme|at the edges/, // it gives int32, also for float32
  mul: /int32|integers/, // it computes integers in float64 and does not wrap
  squared_difference: /int32|integers/, // likewise
  prelu: /x \[\]/, // it gives a scalar the shape of its slope
  pad: /^\[\]/, // it pads no scalars
  bincount: /^\[\d+\].*binary 1/, // counts, or sums weights, of one row there
  crop_and_resize: /NaN/, // it mixes NaN pixels there
  strided_slice: /\[5\] from \[3\] to \[2\] by \[1\]/, // it gives a simple slice -1 elements
  range: /from 5 to 0 by 1/, // it turns the step around
  top_k: /specials|NaN/, // NaN has no place in its order
  linspace: /100000000000000000000/, // it adds up its errors
  gather_nd: /\[3,0\]/, // it refuses what is empty
  conv3d: /"stride_w":3/, // where strides leave pixels out, SAME pads by a negative number there
  // a window of 1 is the identity there, and keeps NaN; its -Infinity of padding only has no integer
  max_pool2d: /window 1,1, \{\}, specials|"pad_top":4.*int8/,
  ...DEPARTURES,
  ...SIGNAL_DEPARTURES,
  ...GRADIENT_DEPARTURES,
};

/** @typedef {(inputs: tf.Tensor[], attributes: Attributes) => tf.Tensor | undefined} Equivalent  undefined: not expressible */

/** @param {Attributes} a @returns {'same' | [[number, number], [number, number], [number, number], [number, number]]} */
const paddingOf = (a) =>
  number(a, 'padding') === 1
    ? 'same'
    : [
        [0, 0],
        [number(a, 'pad_top'), number(a, 'pad_bottom')],
        [number(a, 'pad_left'), number(a, 'pad_right')],
        [0, 0],
      ];
/** @param {Attributes} a @returns {[number, number]} */
const stridesOf = (a) => [number(a, 'stride_h', 1), number(a, 'stride_w', 1)];
/** @param {Attributes} a @returns {[number, number]} */
const dilationsOf = (a) => [number(a, 'dilation_h', 1), number(a, 'dilation_w', 1)];
/** TensorFlow allows strides or dilations, not both. @param {Attributes} a */
const isExpressible = (a) => Math.max(...stridesOf(a)) === 1 || Math.max(...dilationsOf(a)) === 1;

/** @param {(x: tf.Tensor, y: tf.Tensor) => tf.Tensor} op @returns {Equivalent} */
const binary =
  (op) =>
  ([x, y]) =>
    op(x, y);
/** @param {(x: tf.Tensor) => tf.Tensor} op @returns {Equivalent} */
const unary =
  (op) =>
  ([x]) =>
    op(x);
/** @param {'max' | 'avg'} kind @returns {Equivalent} */
const pool =
  (kind) =>
  ([x], a) => {
    const padding = paddingOf(a);
    const window = /** @type {[number, number]} */ ([number(a, 'kernel_h', 1), number(a, 'kernel_w', 1)]);
    if (!isExpressible(a) || x.size === 0) return undefined;
    const input = /** @type {tf.Tensor4D} */ (x);
    // tf.pool pads with zeros where there are dilations; only the pools proper leave padding out
    if (Math.max(...dilationsOf(a)) > 1) return undefined;
    const explicit = /** @type {any} */ (padding);
    return kind === 'max' ? tf.maxPool(input, window, stridesOf(a), explicit) : tf.avgPool(input, window, stridesOf(a), explicit);
  };

/** @param {typeof tf.maxPool3d} op @returns {Equivalent} */
const pool3d =
  (op) =>
  ([x], a) => {
    if (x.size === 0 || Object.keys(a).some((name) => /^(pad|dilation)_/.test(name))) return undefined;
    const three = (/** @type {string} */ name) =>
      /** @type {[number, number, number]} */ (['d', 'h', 'w'].map((side) => number(a, `${name}_${side}`, 1)));
    return op(/** @type {tf.Tensor5D} */ (x), three('kernel'), three('stride'), number(a, 'padding') === 1 ? 'same' : 'valid');
  };

/** Ops that TensorFlow.js has nothing like: their references stand alone. */
const ALONE = new Set(['landmarks_to_transform_matrix', 'transform_tensor_bilinear', 'max_unpool']);
/** A list that is an input or an attribute. @param {tf.Tensor | undefined} given @param {Attributes} a @param {string} name */
const values = (given, a, name) => (given === undefined ? list(a, name) : [...given.dataSync()]);
/** @param {tf.Tensor | undefined} given @param {Attributes} a @param {string} name */
const one = (given, a, name) => (given === undefined ? number(a, name) : given.dataSync()[0]);
/** @param {number[]} flat @returns {[number, number][]} */
const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

/** Ops that move data, and of images. @type {Record<string, Equivalent>} */
const MOVES = {
  shape: ([x]) => tf.tensor1d(x.shape, 'int32'),
  broadcast_args: ([x, y]) => /** @type {tf.Tensor} */ (tf.engine().runKernel('BroadcastArgs', { s0: x, s1: y })),
  fill: ([value, shape], a) => tf.fill(values(shape, a, 'shape'), value.dataSync()[0], value.dtype === 'bool' ? 'int32' : value.dtype),
  range([start, limit, delta]) {
    const [from, to, by] = [start, limit, delta].map((x) => x.dataSync()[0]);
    // it counts in float64, and in float32 adds up its errors
    return start.dtype === 'int32' ? tf.range(from, to, by, 'int32') : Number.isInteger(by) ? tf.range(from, to, by) : undefined;
  },
  linspace: ([start, stop, n], a) => tf.linspace(start.dataSync()[0], stop.dataSync()[0], one(n, a, 'n')),
  one_hot([indices, on, off, given], a) {
    const depth = one(given, a, 'depth');
    const axis = (number(a, 'axis') + indices.rank + 1) % (indices.rank + 1);
    if (indices.size === 0 || depth < 2) return undefined; // it refuses depths below 2
    const last = tf.oneHot(/** @type {tf.Tensor1D} */ (indices), depth, on.dataSync()[0], off.dataSync()[0]);
    const perm = last.shape.map((_, i) => i).slice(0, -1);
    return tf.transpose(last, [...perm.slice(0, axis), indices.rank, ...perm.slice(axis)]);
  },
  transpose([x, given], a) {
    const perm = values(given, a, 'perm');
    return tf.transpose(x, perm.length === 0 ? undefined : perm.map((axis) => (axis + x.rank) % x.rank));
  },
  reverse: ([x], a) => (x.rank === 0 || x.size === 0 || list(a, 'axes').length === 0 ? undefined : tf.reverse(x, list(a, 'axes'))),
  split: ([x], a) => tf.split(x, number(a, 'parts'), number(a, 'axis'))[number(a, 'index')],
  tile: ([x, given], a) => (x.rank === 0 ? undefined : tf.tile(x, values(given, a, 'multiples'))),
  broadcast_to: ([x, given], a) => (values(given, a, 'shape').includes(0) ? undefined : tf.broadcastTo(x, values(given, a, 'shape'))),
  strided_slice([x, ...given], a) {
    const [begin, end, strides] = ['begin', 'end', 'strides'].map((name, i) => values(given[i], a, name));
    const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map((name) => number(a, name));
    return begin.length === 0 ? undefined : tf.stridedSlice(x, begin, end, strides, ...masks);
  },
  mirror_pad: ([x, given], a) =>
    x.rank === 0 || x.size === 0
      ? undefined
      : tf.mirrorPad(x, pairs(values(given, a, 'paddings')), number(a, 'symmetric') === 1 ? 'symmetric' : 'reflect'),
  gather: ([params, indices], a) =>
    params.size === 0 || indices.size === 0 ? undefined : tf.gather(params, indices, number(a, 'axis'), number(a, 'batch_dims')),
  scatter_nd([indices, updates, given], a) {
    const shape = values(given, a, 'shape');
    return updates.size === 0 || updates.rank === 0 || indices.size === 0 ? undefined : tf.scatterND(indices, updates, shape);
  },
  // it has the update only
  tensor_scatter: ([x, indices, updates], a) =>
    number(a, 'mode') !== 0 || updates.rank === 0 || updates.size === 0 || indices.size === 0
      ? undefined
      : tf.tensorScatterUpdate(x, indices, updates),
  sparse_to_dense: ([indices, sparse, fallback, given], a) =>
    indices.size === 0 || sparse.dtype === 'bool'
      ? undefined
      : tf.sparseToDense(indices, sparse, values(given, a, 'shape'), /** @type {tf.Scalar} */ (fallback ?? tf.scalar(0, sparse.dtype))),
  matrix_band_part([x, below, above], a) {
    const [lower, upper] = [one(below, a, 'lower'), one(above, a, 'upper')];
    const [rows, columns] = x.shape.slice(-2);
    // it refuses bounds beyond the matrix
    return x.size === 0 || x.dtype !== 'float32' || lower > rows || upper > columns ? undefined : tf.linalg.bandPart(x, lower, upper);
  },
  bincount([x, weights], a) {
    if (x.size === 0) return undefined;
    const input = /** @type {tf.Tensor1D} */ (x);
    return tf.denseBincount(input, /** @type {tf.Tensor1D} */ (weights ?? tf.tensor1d([])), number(a, 'size'), number(a, 'binary') === 1);
  },
  top_k([x, given], a) {
    const k = one(given, a, 'k');
    if (k === 0 || x.size === 0) return undefined;
    const { values: largest, indices } = tf.topk(x, k);
    return number(a, 'want_indices') === 1 ? indices : largest;
  },
  space_to_batch: ([x, block, paddings], a) =>
    x.size === 0 ? undefined : tf.spaceToBatchND(x, values(block, a, 'block'), pairs(values(paddings, a, 'paddings'))),
  batch_to_space: ([x, block, crops], a) =>
    x.size === 0 ? undefined : tf.batchToSpaceND(x, values(block, a, 'block'), pairs(values(crops, a, 'crops'))),
  depth_to_space: ([x], a) =>
    number(a, 'order') === 1 || number(a, 'block') < 2 || x.size === 0 || x.dtype !== 'float32'
      ? undefined
      : tf.depthToSpace(/** @type {tf.Tensor4D} */ (x), number(a, 'block'), 'NHWC'),
  // it has the inverse only
  space_to_depth([x], a) {
    const block = number(a, 'block');
    const [n, height, width, channels] = x.shape;
    if (x.size === 0) return undefined;
    const blocks = tf.reshape(x, [n, height / block, block, width / block, block, channels]);
    return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [n, height / block, width / block, block * block * channels]);
  },
  crop_and_resize([image, boxes, boxIndices], a) {
    if (image.size === 0 || boxes.size === 0) return undefined;
    const method = number(a, 'nearest') === 1 ? 'nearest' : 'bilinear';
    const size = /** @type {[number, number]} */ ([number(a, 'crop_h'), number(a, 'crop_w')]);
    const outside = Math.fround(number(a, 'extrapolation'));
    const [pixels, corners] = [/** @type {tf.Tensor4D} */ (image), /** @type {tf.Tensor2D} */ (boxes)];
    return tf.image.cropAndResize(pixels, corners, /** @type {tf.Tensor1D} */ (boxIndices), size, method, outside);
  },
  projective_transform([image, transforms], a) {
    const mode = /** @type {const} */ (['constant', 'reflect', 'wrap', 'nearest'])[number(a, 'fill_mode')];
    const size = /** @type {[number, number]} */ ([number(a, 'out_h', image.shape[1]), number(a, 'out_w', image.shape[2])]);
    const method = number(a, 'bilinear') === 1 ? 'bilinear' : 'nearest';
    const outside = Math.fround(number(a, 'fill_value'));
    // it computes the first of several images only
    const matrices = tf.split(/** @type {tf.Tensor2D} */ (transforms), transforms.shape[0]);
    const pixels = tf.split(/** @type {tf.Tensor4D} */ (image), image.shape[0]);
    return tf.concat(
      pixels.map((x, i) =>
        tf.image.transform(
          /** @type {tf.Tensor4D} */ (x),
          /** @type {tf.Tensor2D} */ (matrices[i % matrices.length]),
          method,
          mode,
          outside,
          size,
        ),
      ),
    );
  },
};

/** @type {Record<string, Equivalent>} */
const EQUIVALENTS = {
  conv2d_transpose([x, filter, bias, , scale], a) {
    if (Math.max(...dilationsOf(a)) > 1 || x.size === 0) return undefined;
    const tfliteLayout = number(a, 'filter_layout') === 1;
    const kernel = /** @type {tf.Tensor4D} */ (tfliteLayout ? tf.transpose(filter, [1, 2, 0, 3]) : filter);
    const weights = scale === undefined ? kernel : tf.mul(kernel, tf.reshape(scale, [-1, 1]));
    // the size of the output as ops.def says; the rest is the backend's
    const [h, w] = [0, 1].map((i) => {
      const step = stridesOf(a)[i];
      const pads = number(a, ['pad_top', 'pad_left'][i]) + number(a, ['pad_bottom', 'pad_right'][i]);
      const whole = number(a, 'padding') === 1 ? x.shape[i + 1] * step : (x.shape[i + 1] - 1) * step + kernel.shape[i] - pads;
      return number(a, ['out_h', 'out_w'][i], whole);
    });
    const padding = paddingOf(a);
    const y = tf.conv2dTranspose(
      /** @type {tf.Tensor4D} */ (x),
      /** @type {tf.Tensor4D} */ (weights),
      [x.shape[0], h, w, kernel.shape[2]],
      stridesOf(a),
      padding,
    );
    return bias === undefined ? y : tf.add(y, bias);
  },
  conv2d_dynamic: (inputs, a) => EQUIVALENTS.conv2d(inputs, a),
  conv3d([x, filter, bias], a) {
    if (filter.shape[3] !== x.shape[4] || x.size === 0 || Object.keys(a).some((name) => name.startsWith('pad_'))) return undefined;
    const three = (/** @type {string} */ name) =>
      /** @type {[number, number, number]} */ (['d', 'h', 'w'].map((side) => number(a, `${name}_${side}`, 1)));
    const [volume, kernel] = [/** @type {tf.Tensor5D} */ (x), /** @type {tf.Tensor5D} */ (filter)];
    const y = tf.conv3d(volume, kernel, three('stride'), number(a, 'padding') === 1 ? 'same' : 'valid', 'NDHWC', three('dilation'));
    return bias === undefined ? y : tf.add(y, bias);
  },
  max_pool3d: pool3d(tf.maxPool3d),
  avg_pool3d: pool3d(tf.avgPool3d),
  max_pool_argmax([x], a) {
    if (a.in_window || !isExpressible(a) || Math.max(...dilationsOf(a)) > 1 || paddingOf(a) !== 'same') return undefined;
    const window = /** @type {[number, number]} */ ([number(a, 'kernel_h', 1), number(a, 'kernel_w', 1)]);
    const image = /** @type {tf.Tensor4D} */ (x);
    return tf.maxPoolWithArgmax(image, window, stridesOf(a), 'same', number(a, 'include_batch') === 1).indexes;
  },
  dilation2d([x, filter], a) {
    if (x.size === 0 || number(a, 'pad_top') > 0) return undefined;
    const [image, kernel] = [/** @type {tf.Tensor4D} */ (x), /** @type {tf.Tensor3D} */ (filter)];
    return tf.dilation2d(image, kernel, stridesOf(a), number(a, 'padding') === 1 ? 'same' : 'valid', dilationsOf(a));
  },
  batch_matmul([a, b], attributes) {
    // it computes integers in float64, multiplies nothing empty, and broadcasts one matrix only
    const batches = [a, b].map(({ shape }) => shape.slice(0, -2));
    if (`${batches[0]}` !== `${batches[1]}` && batches.every((batch) => sizeOf(batch) > 1)) return undefined;
    if (a.dtype === 'int32' || a.size === 0 || b.size === 0) return undefined;
    const permuted = (/** @type {tf.Tensor} */ x, /** @type {string} */ name) =>
      attributes[name] === undefined ? x : tf.transpose(x, /** @type {number[]} */ (attributes[name]));
    const [left, right] = [permuted(a, 'perm_a'), permuted(b, 'perm_b')];
    return permuted(tf.matMul(left, right, number(attributes, 'transpose_a') === 1, number(attributes, 'transpose_b') === 1), 'perm_y');
  },
  attention([q, k, v, mask, factor], a) {
    // its matMul broadcasts one matrix only, and nothing empty; its softmax is of the last of two axes at least
    const batches = [q, k, v].map(({ shape }) => shape.slice(0, -2));
    if (batches.some((batch) => `${batch}` !== `${batches[0]}`) || [q, k, v].some(({ size }) => size === 0)) return undefined;
    const permuted = (/** @type {tf.Tensor} */ x, /** @type {string} */ name) =>
      a[name] === undefined ? x : tf.transpose(x, /** @type {number[]} */ (a[name]));
    const scaled = tf.mul(tf.matMul(permuted(q, 'perm_q'), permuted(k, 'perm_k'), false, true), number(a, 'scale', 1));
    const product = factor === undefined ? scaled : tf.mul(scaled, factor);
    const scores = mask === undefined ? product : tf.add(product, mask);
    if (scores.rank !== permuted(v, 'perm_v').rank) return undefined;
    return permuted(tf.matMul(tf.softmax(scores), permuted(v, 'perm_v')), 'perm_y');
  },
  transform_landmarks([x, matrix]) {
    const [batch, landmarks, dims] = x.shape;
    if (batch !== 1 || dims > 3 || x.size === 0) return undefined; // one image: its matrices do not broadcast for [N,L,4]
    const at = tf.concat([tf.slice(x, [0, 0, 0], [1, landmarks, 2]), tf.zeros([1, landmarks, 1]), tf.ones([1, landmarks, 1])], 2);
    const moved = tf.slice(tf.matMul(at, matrix, false, true), [0, 0, 0], [1, landmarks, 2]);
    return dims === 2 ? moved : tf.concat([moved, tf.slice(x, [0, 0, 2], [1, landmarks, 1])], 2);
  },
  conv2d([x, filter, bias], a) {
    if (filter.shape[2] !== x.shape[3] || !isExpressible(a) || x.size === 0) return undefined;
    const [image, kernel] = [/** @type {tf.Tensor4D} */ (x), /** @type {tf.Tensor4D} */ (filter)];
    const y = tf.conv2d(image, kernel, stridesOf(a), paddingOf(a), 'NHWC', dilationsOf(a));
    return bias === undefined ? y : tf.add(y, bias);
  },
  depthwise_conv2d([x, filter, bias], a) {
    if (!isExpressible(a) || x.size === 0 || stridesOf(a)[0] !== stridesOf(a)[1]) return undefined;
    const [image, kernel] = [/** @type {tf.Tensor4D} */ (x), /** @type {tf.Tensor4D} */ (filter)];
    const y = tf.depthwiseConv2d(image, kernel, stridesOf(a), paddingOf(a), 'NHWC', dilationsOf(a));
    return bias === undefined ? y : tf.add(y, bias);
  },
  dense([x, w, bias], a) {
    if (x.rank !== 2) return undefined;
    const y = tf.matMul(/** @type {tf.Tensor2D} */ (x), /** @type {tf.Tensor2D} */ (w), false, number(a, 'transpose_b') === 1);
    return bias === undefined ? y : tf.add(y, bias);
  },
  max_pool2d: pool('max'),
  avg_pool2d: pool('avg'),
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  mul_add: ([a, b, c]) => tf.add(tf.mul(a, b), c),
  div: binary(tf.div),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  squared_difference: binary(tf.squaredDifference),
  floor_div: binary(tf.floorDiv),
  cast: ([x], a) =>
    number(a, 'dtype') === 3 || x.dtype === 'bool'
      ? undefined
      : tf.cast(x, /** @type {'float32'} */ (['float32', 'int32', 'bool'][number(a, 'dtype')])),
  gather_nd: ([params, indices]) =>
    params.rank === 0 || indices.size === 0 || params.dtype === 'bool' ? undefined : tf.gatherND(params, indices),
  slice([x, begins, sizes], a) {
    if (begins !== undefined) return tf.slice(x, [...begins.dataSync()], [...sizes.dataSync()]);
    const [begin, size] = [x.shape.map(() => 0), [...x.shape]];
    for (const [i, axis] of /** @type {number[]} */ (a.axes).entries()) {
      begin[(axis + x.rank) % x.rank] = /** @type {number[]} */ (a.begin)[i];
      size[(axis + x.rank) % x.rank] = /** @type {number[]} */ (a.size)[i];
    }
    return x.rank === 0 ? undefined : tf.slice(x, begin, size);
  },
  squeeze: ([x], a) => tf.squeeze(x, /** @type {number[] | undefined} */ (a.axes)),
  expand_dims: ([x], a) => tf.expandDims(x, number(a, 'axis')),
  relu: unary(tf.relu),
  relu6: unary(tf.relu6),
  clamp: ([x], a) => tf.clipByValue(x, Math.fround(number(a, 'min')), Math.fround(number(a, 'max'))),
  leaky_relu: ([x], a) => tf.leakyRelu(x, Math.fround(number(a, 'alpha'))),
  elu: ([x], a) => (number(a, 'alpha') === 1 ? tf.elu(x) : undefined),
  // TensorFlow.js has no such op; the formula of arXiv 1905.02244 in its ops
  hard_swish: ([x]) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)),
  sigmoid: unary(tf.sigmoid),
  tanh: unary(tf.tanh),
  exp: unary(tf.exp),
  abs: unary(tf.abs),
  neg: unary(tf.neg),
  square: unary(tf.square),
  sqrt: unary(tf.sqrt),
  rsqrt: unary(tf.rsqrt),
  prelu: ([x, slope]) => tf.prelu(x, slope),
  pad([x, given], a) {
    const paddings = values(given, a, 'paddings');
    if (given !== undefined && (x.dtype !== 'float32' || !Number.isInteger(number(a, 'value')))) return undefined; // converts otherwise
    return tf.pad(
      x,
      x.shape.map((_, i) => [paddings[2 * i], paddings[2 * i + 1]]),
      number(a, 'value'),
    );
  },
  reshape: ([x], a) => tf.reshape(x, /** @type {number[]} */ (a.shape)),
  identity: unary(tf.clone),
  concat: (inputs, a) => tf.concat(inputs, number(a, 'axis')),
  resize_bilinear: ([x, size], a) =>
    x.size === 0 || size !== undefined
      ? undefined
      : tf.image.resizeBilinear(
          /** @type {tf.Tensor4D} */ (x),
          [number(a, 'out_h'), number(a, 'out_w')],
          number(a, 'align_corners') === 1,
          number(a, 'half_pixel') === 1,
        ),
  resize_nearest: ([x, size], a) =>
    x.size === 0 || size !== undefined
      ? undefined
      : tf.image.resizeNearestNeighbor(
          /** @type {tf.Tensor4D} */ (x),
          [number(a, 'out_h'), number(a, 'out_w')],
          number(a, 'align_corners') === 1,
          number(a, 'half_pixel') === 1,
        ),
  softmax: unary((x) => tf.softmax(x)),
  ...MATHEMATICS,
  ...SIGNALS,
  ...GRADIENTS,
  ...MOVES,
};

/** Ops that can end in an activation. */
const ACTIVATES = new Set(SCHEMA.filter((line) => line.includes(' activation:')).map((line) => line.split(' ')[0]));
/** What it has no seeds for, or other ones: tests/ops/random.test.js. */
const OTHERWISE = new Set(['random', 'multinomial']);

before(async () => {
  assert.ok(await tf.setBackend('cpu'));
  tf.env().set('IS_TEST', true); // which silences it
});

/** TensorFlow.js has no ops on quantised values or weights of bytes: quantised.test.js and tests/models/int8.test.js look at those. */
const comparable = Object.entries(CASES).filter(([op]) => !ALONE.has(op) && !OTHERWISE.has(op) && !/^qd?_|quantize|^lookup$/.test(op));

for (const [op, cases] of comparable)
  test(`reference of ${op}: agrees with tfjs-backend-cpu`, (t) => {
    let compared = 0;
    let largest = 0;
    for (const testCase of cases) {
      const attributes = testCase.attributes ?? {};
      if (testCase.inputs.some((input) => input !== null && sizeOf(input.shape) > MOST)) continue;
      if (testCase.inputs.some((input) => input !== null && input.shape.length > 6)) continue; // the most that it takes
      if (DEPARTS[op]?.test(testCase.name)) continue;
      if (/, scaled|, residual|output channel first/.test(testCase.name)) continue; // tf has no such layers
      const inputs = makeInputs(testCase);
      // the sum before its activation: the activations are compared as ops of their own
      const slopeAt = !ACTIVATES.has(op) ? -1 : /conv|dense|mul_add/.test(op) ? 3 : 2;
      const expected = tf.tidy(() => {
        const tensors = inputs.map((input, i) =>
          input === undefined || (i === slopeAt && number(attributes, 'activation') === 2)
            ? /** @type {any} */ (undefined)
            : tf.tensor(
                input.dtype === 'float32' ? Float32Array.from(input.data) : Int32Array.from(input.data),
                input.shape,
                input.dtype === 'uint8' || input.dtype === 'int8' ? 'int32' : input.dtype,
              ),
        );
        const result = EQUIVALENTS[op](tensors, attributes);
        return result === undefined ? undefined : { shape: result.shape, data: result.dataSync() };
      });
      if (expected === undefined) continue;
      const own = REFERENCES[op](inputs, attributes);
      assert.deepEqual(own.shape, expected.shape, `${op} ${testCase.name}`);
      const apply = activation(attributes, inputs[slopeAt]);
      const channels = own.shape.at(-1) ?? 1;
      const { error, where } = measure(
        Float64Array.from(expected.data, (value, i) => (attributes.activation ? apply(value, i % channels) : value)),
        own,
        { flushes: true },
      );
      assert.ok(error <= LIMIT, `${op} ${testCase.name}: ${error}, ${where}`);
      largest = Math.max(largest, error);
      compared++;
    }
    assert.ok(compared >= 4, `only ${compared} cases compared`);
    t.diagnostic(`reference of ${op}: ${compared} of ${cases.length} cases compared, largest difference ${largest.toExponential(2)}`);
  });
