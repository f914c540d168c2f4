// The integer references of the quantised ops against what they stand for: the same op on the real numbers, in float64,
// by the references that tfjs.test.js checks, is at most one step of y away; and against numbers that TFLite publishes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CASES } from './cases/index.js';
import { boundsOf, factorOf, limit, roundAway, scale } from './reference/fixed-point.js';
import { REFERENCES } from './reference/index.js';
import { number, sizeOf } from './reference/tensor.js';
import { makeInputs } from './run.js';

/** @import { Attributes, Reference, Tensor } from './reference/tensor.js' */

/** @param {Tensor | undefined} tensor @param {number} step @param {number} zero @returns {Tensor} */
const real = (tensor, step, zero) => {
  const { shape, data } = /** @type {Tensor} */ (tensor);
  return { shape, data: Float64Array.from(data, (value) => step * (value - zero)) };
};

/** What a layer's inputs stand for; the filter of [OC, …] as [KH,KW,C,OC] where `isFirst`. @param {(Tensor | undefined)[]} inputs @param {Attributes} a @param {boolean} isFirst */
function layerInputs([x, filter, bias, , scales], a, isFirst) {
  const { shape, data } = /** @type {Tensor} */ (filter);
  const steps = /** @type {Tensor} */ (scales).data;
  const channels = isFirst ? shape[0] : steps.length === 1 ? sizeOf(shape.slice(2)) : steps.length;
  const inner = sizeOf(shape) / channels;
  const stepOf = (/** @type {number} */ channel) => steps[steps.length === 1 ? 0 : channel];
  const values = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const channel = isFirst ? Math.floor(i / inner) : i % channels;
    values[isFirst ? (i % inner) * channels + channel : i] = stepOf(channel) * (data[i] - number(a, 'filter_zero'));
  }
  const xStep = Math.fround(number(a, 'x_scale'));
  const biases = Float64Array.from({ length: channels }, (_, channel) => (bias?.data[channel] ?? 0) * xStep * stepOf(channel));
  return [
    real(x, xStep, number(a, 'x_zero')),
    { shape: isFirst ? [...shape.slice(1), channels] : shape, data: values },
    { shape: [channels], data: biases },
  ];
}

/** Attributes of the window alone. @param {Attributes} a */
const windowOnly = (a) => Object.fromEntries(Object.entries(a).filter(([name]) => /^(stride|dilation|pad|kernel)/.test(name)));

/** @param {string} op @returns {(inputs: (Tensor | undefined)[], a: Attributes) => Reference} */
const pair =
  (op) =>
  ([p, q], a) =>
    REFERENCES[op]([real(p, number(a, 'a_scale'), number(a, 'a_zero')), real(q, number(a, 'b_scale'), number(a, 'b_zero'))], {});

/** Each op on real numbers. @type {Record<string, (inputs: (Tensor | undefined)[], a: Attributes) => Reference>} */
const REAL = {
  q_conv2d: (inputs, a) => REFERENCES.conv2d(layerInputs(inputs, a, true), windowOnly(a)),
  q_depthwise_conv2d: (inputs, a) => REFERENCES.depthwise_conv2d(layerInputs(inputs, a, false), windowOnly(a)),
  q_dense: (inputs, a) => REFERENCES.dense(layerInputs(inputs, a, true), {}),
  q_add: pair('add'),
  q_sub: pair('sub'),
  q_mul: pair('mul'),
  q_avg_pool2d: ([x], a) => REFERENCES.avg_pool2d([real(x, 1, 0)], windowOnly(a)),
  q_mean: ([x], a) =>
    REFERENCES.mean([real(x, number(a, 'x_scale'), number(a, 'x_zero'))], { axes: a.axes, keep_dims: number(a, 'keep_dims') }),
  q_softmax: ([x], a) => REFERENCES.softmax([real(x, number(a, 'x_scale') * number(a, 'beta'), 0)], {}),
  requantize: ([x], a) => {
    const { shape, data } = real(x, number(a, 'x_scale'), number(a, 'x_zero'));
    return { shape, data: Float64Array.from(data), scale: new Float64Array(data.length) };
  },
};

for (const [op, compute] of Object.entries(REAL))
  test(`reference of ${op}: is at most one step from the op on real numbers`, (t) => {
    let [compared, equal, most] = [0, 0, 0];
    for (const testCase of CASES[op]) {
      const a = testCase.attributes ?? {};
      const inputs = makeInputs(testCase);
      const own = REFERENCES[op](inputs, a);
      const expected = compute(inputs, a);
      assert.deepEqual(own.shape, expected.shape, testCase.name);
      const [least, largest] = boundsOf(own.dtype);
      const limits =
        number(a, 'act_min') === 0 && number(a, 'act_max') === 0 ? [least, largest] : [number(a, 'act_min'), number(a, 'act_max')];
      const [low, high] = limits.map((bound) => limit(bound, least, largest));
      const seen = new Set();
      for (const [i, value] of own.data.entries()) {
        const exact = expected.data[i] / number(a, 'y_scale', 1) + number(a, 'y_zero');
        if (Number.isNaN(exact)) continue; // the average of nothing
        const apart = Math.abs(value - limit(exact, low, high));
        assert.ok(apart <= 1, `${testCase.name}: [${i}] is ${value}, ${exact} on real numbers`);
        if (value === limit(roundAway(exact), low, high)) equal++;
        compared++;
        seen.add(value);
      }
      most = Math.max(most, seen.size);
    }
    assert.ok(most >= 150, `at most ${most} different results: the cases say little`);
    // a mean of few elements is rounded twice with few bits between
    assert.ok(equal / compared > (op === 'q_mean' ? 0.65 : 0.98), `${equal} of ${compared} are the nearest`);
    t.diagnostic(`reference of ${op}: ${equal} of ${compared} results are the nearest, the others one away`);
  });

// tensorflow/lite/kernels/internal/resize_bilinear_test.cc, TestResizeBilinearHalfPixelCenters_2x2to4x6
test('reference of q_resize_bilinear: gives the numbers of TFLite’s own test', () => {
  const x = { shape: [1, 2, 2, 1], data: Int8Array.of(127, -128, 64, 0), dtype: /** @type {const} */ ('int8') };
  const { data } = REFERENCES.q_resize_bilinear([x], { out_h: 4, out_w: 6 });
  const top = [127, 42, -43, -128, -128, -128];
  const middle = [96, 42, -11, -64, -64, -64];
  const bottom = [64, 43, 21, 0, 0, 0];
  assert.deepEqual([...data], [...top, ...middle, ...bottom, ...bottom]);
});

// tensorflow/lite/kernels/internal/quantization_util_test.cc, QuantizeMultiplier
test('fixed point: factors are those of TFLite’s own test', () => {
  assert.deepEqual(factorOf(0.25), { multiplier: 2 ** 30, shift: -1 });
  assert.deepEqual(factorOf(0.5), { multiplier: 2 ** 30, shift: 0 });
  assert.deepEqual(factorOf(0.75), { multiplier: 1610612736, shift: 0 });
  assert.deepEqual(factorOf(1), { multiplier: 2 ** 30, shift: 1 });
});

test('fixed point: halves are rounded away from zero by a shift, and up by the multiplier', () => {
  const quarter = { multiplier: 2 ** 30, shift: -1 };
  // 10 / 2 = 5, then 5 / 2 = 2.5; -10 / 2 = -5, then -2.5
  assert.deepEqual([scale(10, quarter), scale(-10, quarter)], [3, -3]);
  // 5 / 2 = 2.5 and -5 / 2 = -2.5, by the multiplier alone
  const half = { multiplier: 2 ** 30, shift: 0 };
  assert.deepEqual([scale(5, half), scale(-5, half)], [3, -2]);
});
