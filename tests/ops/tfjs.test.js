// The references of these tests against TensorFlow.js's cpu backend, over all cases that it can express: so that not
// only one reading of TensorFlow's definitions stands behind them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { CASES } from './cases/index.js';
import { REFERENCES } from './reference/index.js';
import { activation, number, sizeOf } from './reference/tensor.js';
import { makeInputs, measure } from './run.js';
import { DEPARTURES, MATHEMATICS } from './tfjs-mathematics.js';

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
  gather_nd: /\[3,0\]/, // it refuses what is empty
  max_pool2d: /window 1,1, \{\}, specials/, // a window of 1 is the identity there, and keeps NaN
  ...DEPARTURES,
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

/** @type {Record<string, Equivalent>} */
const EQUIVALENTS = {
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
  slice([x], a) {
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
  pad([x], a) {
    const paddings = /** @type {number[]} */ (a.paddings);
    return tf.pad(
      x,
      x.shape.map((_, i) => [paddings[2 * i], paddings[2 * i + 1]]),
      number(a, 'value'),
    );
  },
  reshape: ([x], a) => tf.reshape(x, /** @type {number[]} */ (a.shape)),
  identity: unary(tf.clone),
  concat: (inputs, a) => tf.concat(inputs, number(a, 'axis')),
  resize_bilinear: ([x], a) =>
    x.size === 0
      ? undefined
      : tf.image.resizeBilinear(
          /** @type {tf.Tensor4D} */ (x),
          [number(a, 'out_h'), number(a, 'out_w')],
          number(a, 'align_corners') === 1,
          number(a, 'half_pixel') === 1,
        ),
  resize_nearest: ([x], a) =>
    x.size === 0
      ? undefined
      : tf.image.resizeNearestNeighbor(
          /** @type {tf.Tensor4D} */ (x),
          [number(a, 'out_h'), number(a, 'out_w')],
          number(a, 'align_corners') === 1,
          number(a, 'half_pixel') === 1,
        ),
  softmax: unary((x) => tf.softmax(x)),
  ...MATHEMATICS,
};

/** What it has no seeds for, or other ones: tests/ops/random.test.js. */
const OTHERWISE = new Set(['random', 'multinomial']);

before(async () => {
  assert.ok(await tf.setBackend('cpu'));
  tf.env().set('IS_TEST', true); // which silences it
});

for (const [op, cases] of Object.entries(CASES).filter(([name]) => !OTHERWISE.has(name)))
  test(`reference of ${op}: agrees with tfjs-backend-cpu`, (t) => {
    let compared = 0;
    let largest = 0;
    for (const testCase of cases) {
      const attributes = testCase.attributes ?? {};
      if (testCase.inputs.some((input) => input !== null && sizeOf(input.shape) > MOST)) continue;
      if (testCase.inputs.some((input) => input !== null && input.shape.length > 6)) continue; // the most that it takes
      if (DEPARTS[op]?.test(testCase.name)) continue;
      const inputs = makeInputs(testCase);
      // the sum before its activation: the activations are compared as ops of their own
      const slopeAt = op === 'prelu' ? -1 : ['conv2d', 'depthwise_conv2d', 'dense'].includes(op) ? 3 : 2;
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
