// TensorFlow Lite models through the engine: small ones whose results are worked out by hand from the operators' definitions
// (tensorflow/lite/kernels), and MediaPipe's.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { mediapipeModels } from '../../demo/assets/mediapipe.js';
import { createRuntime, XnnError } from '../../js/main.js';
import { seeded } from '../support/random.js';
import { VARIED } from '../support/tflite-varied.js';
import { writeTflite } from '../support/tflite-writer.js';

const runtime = await createRuntime({ threads: 1, variant: 'simd' });
after(() => runtime.dispose());

/** @typedef {import('../support/tflite-writer.js').TfliteTensor} TfliteTensor */
/** @typedef {import('../support/tflite-writer.js').TfliteOperator} TfliteOperator */
/** @typedef {{ dtype: string, shape: number[], data: ArrayLike<number> }} Tensor */

/**
 * Runs a model of these tensors; those with values are the inputs' values, outputs are named y, y1, ….
 * @param {Record<string, TfliteTensor & { values?: number[] }>} tensors @param {TfliteOperator[]} operators
 * @returns {Promise<Record<string, Tensor>>}
 */
async function run(tensors, operators) {
  const names = Object.keys(tensors);
  const inputs = names.filter((name) => tensors[name].values !== undefined);
  const bytes = writeTflite({
    tensors: names.map((name) => ({ name, ...tensors[name] })),
    operators,
    inputs,
    outputs: names.filter((name) => /^y\d?$/.test(name)),
  });
  const model = await runtime.load(bytes);
  try {
    const arrays = { FLOAT32: Float32Array, INT32: Int32Array, INT8: Int8Array, UINT8: Uint8Array, BOOL: Uint8Array };
    const given = inputs.map((name) => {
      const { type = 'FLOAT32', values = [] } = tensors[name];
      return [name, arrays[/** @type {keyof typeof arrays} */ (type)].from(values)];
    });
    return /** @type {any} */ (await model.run(Object.fromEntries(given)));
  } finally {
    model.dispose();
  }
}

/** @param {string} op @param {string[]} inputs @param {Record<string, any>} [options] @param {string[]} [outputs] @returns {TfliteOperator} */
const operator = (op, inputs, options, outputs = ['y']) => ({ op, inputs, outputs, options });
/** @param {number[]} shape @param {...number} values */
const floats = (shape, ...values) => ({ shape, data: Float32Array.from(values) });
/** @param {...number} values */
const ints = (...values) => ({ shape: [values.length], type: 'INT32', data: Int32Array.from(values) });
/** @param {number} value */
const scalar = (value) => ({ shape: [], type: 'INT32', data: Int32Array.of(value) });
/** @param {number[]} shape @param {...number} values */
const given = (shape, ...values) => ({ shape, values });
/** @param {number} scale @param {number} zero */
const q = (scale, zero = 0) => ({ scale: [scale], zeroPoint: [zero] });

/**
 * @param {string} title @param {Record<string, any>} tensors @param {TfliteOperator[]} operators
 * @param {Record<string, { shape?: number[], dtype?: string, data: number[], within?: number }>} expected
 */
function gives(title, tensors, operators, expected) {
  test(title, async () => {
    const outputs = await run(tensors, operators);
    for (const [name, { shape, dtype, data, within = 1e-5 }] of Object.entries(expected)) {
      const actual = outputs[name];
      if (shape !== undefined) assert.deepEqual(actual.shape, shape);
      if (dtype !== undefined) assert.equal(actual.dtype, dtype);
      assert.equal(actual.data.length, data.length);
      for (const [i, value] of data.entries())
        assert.ok(
          Math.abs(actual.data[i] - value) <= within * Math.max(1, Math.abs(value)),
          `${name}[${i}] is ${actual.data[i]}, not ${value}`,
        );
    }
  });
}

// ---- layers ----

gives(
  'CONV_2D: filters are [OC,KH,KW,C]',
  {
    x: given([1, 2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8),
    w: floats([2, 1, 2, 2], 1, 0, 0, 10, 0, 1, 100, 0), // channel 0: left c0 + 10 right c1; channel 1: left c1 + 100 right c0
    b: floats([2], 0.5, -0.5),
    y: { shape: [1, 2, 1, 2] },
  },
  [operator('CONV_2D', ['x', 'w', 'b'], { padding: 1, stride_w: 1, stride_h: 1 })],
  { y: { shape: [1, 2, 1, 2], data: [41.5, 301.5, 85.5, 705.5] } },
);
gives(
  'CONV_2D: a filter that is computed',
  { x: given([1, 1, 2, 1], 3, 4), w: given([2, 1, 2, 1], 1, 2, 10, 20), y: { shape: [1, 1, 1, 2] } },
  [operator('CONV_2D', ['x', 'w'], { padding: 1, stride_w: 1, stride_h: 1, fused_activation_function: 3 })],
  { y: { shape: [1, 1, 1, 2], data: [6, 6] } }, // 11 and 110, relu6
);
gives(
  'DEPTHWISE_CONV_2D: output channel c * M + m is from input channel c',
  { x: given([1, 1, 2, 2], 1, 2, 3, 4), w: floats([1, 1, 2, 4], 1, 10, 100, 1000, 2, 20, 200, 2000), y: { shape: [1, 1, 1, 4] } },
  [operator('DEPTHWISE_CONV_2D', ['x', 'w'], { padding: 1, stride_w: 1, stride_h: 1, depth_multiplier: 2 })],
  { y: { data: [1 + 6, 10 + 60, 200 + 800, 2000 + 8000] } },
);
gives(
  'DEPTHWISE_CONV_2D: int8 weights with a scale for each channel',
  {
    x: given([1, 1, 1, 2], 1, 2),
    w: { shape: [1, 1, 1, 2], type: 'INT8', data: Int8Array.of(3, -4), quantization: { scale: [0.5, 0.25], zeroPoint: [0, 0], axis: 3 } },
    y: { shape: [1, 1, 1, 2] },
  },
  [operator('DEPTHWISE_CONV_2D', ['x', 'w'], { stride_w: 1, stride_h: 1 })],
  { y: { data: [1.5, -2] } },
);
gives(
  'TRANSPOSE_CONV: of stride 2, to an even size',
  // SAME: 4 = 2 * 2 columns; a window of 3 overlaps one column, of which the surplus falls off at the end.
  { s: ints(1, 1, 4, 1), w: floats([1, 1, 3, 1], 1, 10, 100), x: given([1, 1, 2, 1], 1, 2), y: { shape: [1, 1, 4, 1] } },
  [operator('TRANSPOSE_CONV', ['s', 'w', 'x'], { padding: 0, stride_w: 2, stride_h: 1 })],
  { y: { shape: [1, 1, 4, 1], data: [1, 10, 102, 20] } },
);
gives(
  'TRANSPOSE_CONV: int8 weights with scales, a bias',
  {
    s: ints(1, 1, 2, 2),
    w: { shape: [2, 1, 1, 1], type: 'INT8', data: Int8Array.of(2, 4), quantization: { scale: [0.5, 2], zeroPoint: [0, 0], axis: 0 } },
    x: given([1, 1, 2, 1], 1, 2),
    b: floats([2], 100, 200),
    y: { shape: [1, 1, 2, 2] },
  },
  [operator('TRANSPOSE_CONV', ['s', 'w', 'x', 'b'], { padding: 1, stride_w: 1, stride_h: 1 })],
  { y: { data: [101, 208, 102, 216] } },
);
gives(
  'FULLY_CONNECTED: makes rows of what has more dimensions',
  { x: given([2, 1, 1, 2], 1, 2, 3, 4), w: floats([3, 2], 1, 0, 0, 1, 1, 1), b: floats([3], 0, 0, 10), y: { shape: [2, 3] } },
  [operator('FULLY_CONNECTED', ['x', 'w', 'b'])],
  { y: { shape: [2, 3], data: [1, 2, 13, 3, 4, 17] } },
);
gives(
  'FULLY_CONNECTED: keeps dimensions if told; weights that are computed',
  { x: given([1, 2, 2], 1, 2, 3, 4), w: given([1, 2], 10, 1), b: floats([1], 0.5), y: { shape: [1, 2, 1] } },
  [operator('FULLY_CONNECTED', ['x', 'w', 'b'], { keep_num_dims: true, fused_activation_function: 1 })],
  { y: { shape: [1, 2, 1], data: [12.5, 34.5] } },
);
gives(
  'CONV_3D: with a bias',
  { x: given([1, 2, 1, 1, 1], 3, 4), w: floats([2, 1, 1, 1, 2], 1, 2, 10, 20), b: floats([2], 0.5, 1), y: { shape: [1, 1, 1, 1, 2] } },
  [operator('CONV_3D', ['x', 'w', 'b'], { padding: 1, stride_d: 1, stride_w: 1, stride_h: 1 })],
  { y: { shape: [1, 1, 1, 1, 2], data: [43.5, 87] } },
);
gives(
  'AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D: SAME',
  { x: given([1, 1, 3, 1], 3, 4, -12), y: { shape: [1, 1, 2, 1] }, y1: { shape: [1, 1, 2, 1] }, y2: { shape: [1, 1, 2, 1] } },
  [
    operator('AVERAGE_POOL_2D', ['x'], { stride_w: 2, stride_h: 1, filter_width: 2, filter_height: 1 }),
    operator('MAX_POOL_2D', ['x'], { stride_w: 2, stride_h: 1, filter_width: 2, filter_height: 1 }, ['y1']),
    operator('L2_POOL_2D', ['x'], { stride_w: 2, stride_h: 1, filter_width: 2, filter_height: 1 }, ['y2']),
  ],
  { y: { data: [3.5, -12] }, y1: { data: [4, -12] }, y2: { data: [Math.sqrt(12.5), 12] } },
);
gives(
  'BATCH_MATMUL: transposes the second matrix',
  { x: given([1, 2, 2], 1, 2, 3, 4), w: given([1, 1, 2], 10, 1), y: { shape: [1, 2, 1] } },
  [operator('BATCH_MATMUL', ['x', 'w'], { adj_y: true })],
  { y: { shape: [1, 2, 1], data: [12, 34] } },
);

// ---- elements ----

gives(
  'PRELU: a slope for each element',
  { x: given([1, 2, 2], 1, -2, -3, 4), w: floats([1, 2, 2], 5, 6, 7, 8), y: { shape: [1, 2, 2] } },
  [operator('PRELU', ['x', 'w'])],
  { y: { data: [1, -12, -21, 4] } },
);
gives(
  'FAKE_QUANT: the nearest of its steps',
  // 2 bits from -1 to 3: steps of 4/3, from -4/3 to 8/3.
  { x: given([5], -9, -0.6, 0.7, 1.9, 9), y: { shape: [5] } },
  [operator('FAKE_QUANT', ['x'], { min: -1, max: 3, num_bits: 2 })],
  { y: { data: [-4 / 3, 0, 4 / 3, 4 / 3, 8 / 3] } },
);
gives(
  'L2_NORMALIZATION: of the last axis; no less than 1e-6',
  { x: given([2, 2], 3, 4, 1e-7, 0), y: { shape: [2, 2] } },
  [operator('L2_NORMALIZATION', ['x'])],
  { y: { data: [0.6, 0.8, 0.1, 0] } },
);
gives('SOFTMAX: beta', { x: given([1, 2], 0, 1), y: { shape: [1, 2] } }, [operator('SOFTMAX', ['x'], { beta: 2 })], {
  y: { data: [1 / (1 + Math.exp(2)), 1 / (1 + Math.exp(-2))] },
});
gives(
  'DIV of int32: toward zero; FLOOR_DIV and FLOOR_MOD: down',
  {
    x: { ...given([2], -7, 7), type: 'INT32' },
    w: { shape: [2], type: 'INT32', data: Int32Array.of(2, 2) },
    y: { shape: [2], type: 'INT32' },
    y1: { shape: [2], type: 'INT32' },
    y2: { shape: [2], type: 'INT32' },
  },
  [operator('DIV', ['x', 'w']), operator('FLOOR_DIV', ['x', 'w'], {}, ['y1']), operator('FLOOR_MOD', ['x', 'w'], {}, ['y2'])],
  { y: { data: [-3, 3], dtype: 'int32' }, y1: { data: [-4, 3] }, y2: { data: [1, 1] } },
);
gives(
  'SELECT: a list of conditions chooses rows',
  { c: { ...given([2], 1, 0), type: 'BOOL' }, x: given([2, 2], 1, 2, 3, 4), w: given([2, 2], 5, 6, 7, 8), y: { shape: [2, 2] } },
  [operator('SELECT', ['c', 'x', 'w'])],
  { y: { data: [1, 2, 7, 8] } },
);
gives(
  'GREATER and LOGICAL_NOT: bool',
  { x: given([3], 1, 2, 3), w: floats([], 2), b: { shape: [3], type: 'BOOL' }, y: { shape: [3], type: 'BOOL' } },
  [operator('GREATER', ['x', 'w'], {}, ['b']), operator('LOGICAL_NOT', ['b'])],
  { y: { dtype: 'bool', data: [1, 1, 0] } },
);
gives(
  'CUMSUM: exclusive, backwards',
  { x: given([1, 3], 1, 2, 3), a: scalar(1), y: { shape: [1, 3] } },
  [operator('CUMSUM', ['x', 'a'], { exclusive: true, reverse: true })],
  { y: { data: [5, 3, 0] } },
);
gives(
  'TOPK_V2 and ARG_MIN',
  {
    x: given([1, 4], 3, 9, 1, 9),
    k: scalar(2),
    y: { shape: [1, 2] },
    y1: { shape: [1, 2], type: 'INT32' },
    a: scalar(1),
    y2: { shape: [1], type: 'INT64' },
  },
  [operator('TOPK_V2', ['x', 'k'], {}, ['y', 'y1']), operator('ARG_MIN', ['x', 'a'], {}, ['y2'])],
  { y: { data: [9, 9] }, y1: { data: [1, 3] }, y2: { shape: [1], dtype: 'int32', data: [2] } },
);
gives(
  'MEAN over no axis is x; SUM over all',
  { x: given([2], 1, 2), a: { shape: [0], type: 'INT32' }, b: ints(0), y: { shape: [2] }, y1: { shape: [] } },
  [operator('MEAN', ['x', 'a']), operator('SUM', ['x', 'b'], {}, ['y1'])],
  { y: { shape: [2], data: [1, 2] }, y1: { shape: [], data: [3] } },
);

// ---- shapes and moving ----

gives(
  'SHAPE, RANK, ZEROS_LIKE and FILL: from shapes',
  {
    x: given([2, 3], 1, 2, 3, 4, 5, 6),
    y: { shape: [2], type: 'INT32' },
    y1: { shape: [], type: 'INT32' },
    y2: { shape: [2, 3] },
    v: floats([], 7),
    y3: { shape: [2, 3] },
  },
  [
    operator('SHAPE', ['x']),
    operator('RANK', ['x'], {}, ['y1']),
    operator('ZEROS_LIKE', ['x'], {}, ['y2']),
    operator('FILL', ['y', 'v'], {}, ['y3']),
  ],
  {
    y: { data: [2, 3], dtype: 'int32' },
    y1: { shape: [], data: [2] },
    y2: { shape: [2, 3], data: [0, 0, 0, 0, 0, 0] },
    y3: { shape: [2, 3], data: [7, 7, 7, 7, 7, 7] },
  },
);
gives(
  'RESHAPE: to a shape that PACK computes from SHAPE, and to a scalar',
  {
    x: given([2, 3], 1, 2, 3, 4, 5, 6),
    shape: { shape: [2], type: 'INT32' },
    first: { shape: [], type: 'INT32' },
    zero: ints(0),
    one: ints(1),
    minus: scalar(-1),
    target: { shape: [2], type: 'INT32' },
    y: { shape: [2, 3] },
    sum: { shape: [1] },
    axes: ints(0, 1),
    none: { shape: [0], type: 'INT32' },
    y1: { shape: [] },
  },
  [
    operator('SHAPE', ['x'], {}, ['shape']),
    operator('STRIDED_SLICE', ['shape', 'zero', 'one', 'one'], { shrink_axis_mask: 1 }, ['first']),
    operator('PACK', ['minus', 'first'], { axis: 0, values_count: 2 }, ['target']),
    operator('RESHAPE', ['x', 'target']),
    operator('SUM', ['x', 'axes'], { keep_dims: true }, ['sum']),
    operator('RESHAPE', ['sum', 'none'], {}, ['y1']),
  ],
  { y: { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }, y1: { shape: [], data: [21] } },
);
gives(
  'SPLIT_V: what is left over; SPLIT; UNPACK',
  {
    x: given([1, 4], 1, 2, 3, 4),
    z: ints(1, -1),
    a: scalar(-1),
    y: { shape: [1, 1] },
    y1: { shape: [1, 3] },
    y2: { shape: [1, 2] },
    y3: { shape: [1, 2] },
    y4: { shape: [4] },
  },
  [
    operator('SPLIT_V', ['x', 'z', 'a'], { num_splits: 2 }, ['y', 'y1']),
    operator('SPLIT', ['a', 'x'], { num_splits: 2 }, ['y2', 'y3']),
    operator('UNPACK', ['x'], { num: 1 }, ['y4']),
  ],
  { y: { data: [1] }, y1: { data: [2, 3, 4] }, y2: { data: [1, 2] }, y3: { data: [3, 4] }, y4: { shape: [4], data: [1, 2, 3, 4] } },
);
gives(
  'STRIDED_SLICE: the end counts from the beginning',
  { x: given([5], 0, 1, 2, 3, 4), b: ints(1), e: ints(3), s: ints(1), y: { shape: [3] } },
  [operator('STRIDED_SLICE', ['x', 'b', 'e', 's'], { offset: true })],
  { y: { data: [1, 2, 3] } },
);
gives(
  'PADV2, MIRROR_PAD, TRANSPOSE and REVERSE_V2',
  {
    x: given([1, 3], 1, 2, 3),
    p: { shape: [2, 2], type: 'INT64', data: BigInt64Array.of(0n, 0n, 1n, 2n) },
    v: floats([], -5),
    y: { shape: [1, 6] },
    m: { shape: [2, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1) },
    y1: { shape: [1, 5] },
    perm: ints(1, 0),
    y2: { shape: [3, 1] },
    a: ints(1),
    y3: { shape: [1, 3] },
  },
  [
    operator('PADV2', ['x', 'p', 'v']),
    operator('MIRROR_PAD', ['x', 'm'], { mode: 0 }, ['y1']),
    operator('TRANSPOSE', ['x', 'perm'], {}, ['y2']),
    operator('REVERSE_V2', ['x', 'a'], {}, ['y3']),
  ],
  { y: { data: [-5, 1, 2, 3, -5, -5] }, y1: { data: [2, 1, 2, 3, 2] }, y2: { shape: [3, 1], data: [1, 2, 3] }, y3: { data: [3, 2, 1] } },
);
gives(
  'GATHER, EMBEDDING_LOOKUP and ONE_HOT',
  {
    x: { ...given([2], 2, 0), type: 'INT32' },
    w: {
      shape: [3, 2],
      type: 'INT8',
      data: Int8Array.of(1, 2, 3, 4, 5, 6),
      quantization: { scale: [1, 10, 100], zeroPoint: [0, 0, 0], axis: 0 },
    },
    y: { shape: [2, 2] },
    c: floats([2, 2], 1, 2, 3, 4),
    i: ints(1),
    y1: { shape: [2, 1] },
    depth: scalar(3),
    on: floats([], 5),
    off: floats([], -1),
    y2: { shape: [2, 3] },
  },
  [
    operator('EMBEDDING_LOOKUP', ['x', 'w']),
    operator('GATHER', ['c', 'i'], { axis: 1 }, ['y1']),
    operator('ONE_HOT', ['x', 'depth', 'on', 'off'], { axis: -1 }, ['y2']),
  ],
  { y: { data: [500, 600, 1, 2] }, y1: { shape: [2, 1], data: [2, 4] }, y2: { shape: [2, 3], data: [-1, -1, 5, 5, -1, -1] } },
);
gives(
  'RANGE and CAST',
  { x: given([1], 2.7), s: scalar(1), e: scalar(7), d: scalar(2), y: { shape: [3], type: 'INT32' }, y1: { shape: [1], type: 'INT32' } },
  [operator('RANGE', ['s', 'e', 'd']), operator('CAST', ['x'], {}, ['y1'])],
  { y: { shape: [3], dtype: 'int32', data: [1, 3, 5] }, y1: { dtype: 'int32', data: [2] } },
);

test('RANDOM_UNIFORM: numbers from 0 to 1 that differ from run to run', async () => {
  const bytes = writeTflite({
    tensors: [
      { name: 'x', shape: [2], type: 'INT32', data: Int32Array.of(10, 10) },
      { name: 'y', shape: [10, 10] },
    ],
    operators: [operator('RANDOM_UNIFORM', ['x'], { seed: 5 })],
    inputs: [],
    outputs: ['y'],
  });
  const model = await runtime.load(bytes);
  const [a, b] = [await model.run({}), await model.run({})];
  assert.deepEqual(a.y.shape, [10, 10]);
  for (const value of [...a.y.data, ...b.y.data]) assert.ok(value >= 0 && value < 1);
  assert.notDeepEqual(a.y.data, b.y.data);
  model.dispose();
});

// ---- quantised ----

gives(
  'int8: convolution, tanh, softmax and what leads back to float32',
  {
    x: { ...given([1, 1, 2, 1], -1, 1), type: 'INT8', quantization: q(0.5, -3) }, // 1 and 2
    w: { shape: [2, 1, 1, 1], type: 'INT8', data: Int8Array.of(2, -4), quantization: { scale: [0.25, 0.5], zeroPoint: [0, 0], axis: 0 } },
    b: { shape: [2], type: 'INT32', data: Int32Array.of(8, 8), quantization: { scale: [0.125, 0.25], zeroPoint: [0, 0], axis: 0 } },
    y: { shape: [1, 1, 2, 2], type: 'INT8', quantization: q(0.125) },
    t: { shape: [1, 1, 2, 2], type: 'INT8', quantization: q(1 / 128) },
    y1: { shape: [1, 1, 2, 2], type: 'INT8', quantization: q(1 / 256, -128) },
    y2: { shape: [1, 1, 2, 2] },
  },
  [
    operator('CONV_2D', ['x', 'w', 'b'], { stride_w: 1, stride_h: 1 }),
    operator('TANH', ['y'], {}, ['t']),
    operator('SOFTMAX', ['t'], { beta: 1 }, ['y1']),
    operator('DEQUANTIZE', ['y1'], {}, ['y2']),
  ],
  {
    // 0.5 x + 1, -2 x + 2
    y: { dtype: 'int8', data: [12, 0, 16, -16] },
    // tanh 1.5 = 0.905, tanh 0 = 0; tanh 2 = 0.964, tanh -2 = -0.964: 116, 0; 123, -123
    y1: { dtype: 'int8', data: [54, -54, 95, -95], within: 0.04 },
    y2: { dtype: 'float32', data: [0.712, 0.288, 0.872, 0.128], within: 0.005 },
  },
);
gives(
  'uint8: dense, relu6, concatenation of other scales',
  {
    x: { ...given([1, 2], 130, 126), type: 'UINT8', quantization: q(0.5, 128) }, // 1, -1
    w: { shape: [2, 2], type: 'UINT8', data: Uint8Array.of(130, 128, 128, 140), quantization: q(1, 128) }, // 2 0; 0 12
    f: { shape: [1, 2], type: 'UINT8', quantization: q(0.25, 10) },
    y: { shape: [1, 4], type: 'UINT8', quantization: q(0.5, 128) },
    y1: { shape: [1, 2] },
  },
  [
    operator('FULLY_CONNECTED', ['x', 'w', /** @type {any} */ (-1)], { fused_activation_function: 3 }, ['f']),
    operator('CONCATENATION', ['f', 'x'], { axis: 1 }),
    operator('DEQUANTIZE', ['f'], {}, ['y1']),
  ],
  { y: { dtype: 'uint8', data: [132, 128, 130, 126] }, y1: { data: [2, 0] } }, // 2, and -12 cut off
);
gives(
  'int8: sums, means, pools and padding as they are stored',
  {
    x: { ...given([1, 2, 2, 1], 2, 4, 6, 8), type: 'INT8', quantization: q(0.5, 2) }, // 0 1 2 3
    p: { shape: [4, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 0, 0, 0, 0, 0) },
    y: { shape: [1, 3, 2, 1], type: 'INT8', quantization: q(0.5, 2) },
    axes: ints(1, 2),
    y1: { shape: [1, 1], type: 'INT8', quantization: q(0.25, 0) },
    y2: { shape: [1, 1, 1, 1], type: 'INT8', quantization: q(0.5, 2) },
    y3: { shape: [1, 2, 2, 1], type: 'INT8', quantization: q(1, 0) },
    y4: { shape: [1, 1, 1, 1], type: 'INT8', quantization: q(0.5, 2) },
  },
  [
    operator('PAD', ['x', 'p']),
    operator('MEAN', ['x', 'axes'], {}, ['y1']),
    operator('AVERAGE_POOL_2D', ['x'], { padding: 1, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2 }, ['y2']),
    operator('ADD', ['x', 'x'], {}, ['y3']),
    operator(
      'MAX_POOL_2D',
      ['x'],
      { padding: 1, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2, fused_activation_function: 2 },
      ['y4'],
    ),
  ],
  {
    y: { data: [2, 2, 2, 4, 6, 8], dtype: 'int8' },
    y1: { data: [6] },
    y2: { data: [5] },
    y3: { data: [0, 2, 4, 6] },
    y4: { data: [4] }, // 3, cut to 1
  },
);
gives(
  'int8: operators without an op of their own go through float32',
  {
    x: { ...given([1, 3], -4, 0, 4), type: 'INT8', quantization: q(0.5, 0) }, // -2 0 2
    y: { shape: [1, 3], type: 'INT8', quantization: q(0.25, -10) },
    w: { shape: [1, 3], type: 'INT8', data: Int8Array.of(2, 4, 6), quantization: q(0.5, 0) }, // 1 2 3
    y1: { shape: [1, 3], type: 'BOOL' },
    y2: { shape: [1, 3], type: 'INT8', quantization: q(0.1, 0) },
  },
  [operator('MAXIMUM', ['x', 'w']), operator('LESS', ['x', 'w'], {}, ['y1']), operator('EXP', ['x'], {}, ['y2'])],
  { y: { data: [-6, -2, 2] }, y1: { dtype: 'bool', data: [1, 1, 1] }, y2: { data: [1, 10, 74] } },
);
gives(
  'QUANTIZE: halves away from zero; from int8 to uint8',
  {
    x: given([6], 0.25, -0.25, 0.75, 1000, -1000, 0.2),
    y: { shape: [6], type: 'INT8', quantization: q(0.5, 1) },
    y1: { shape: [6], type: 'UINT8', quantization: q(0.5, 129) },
  },
  [operator('QUANTIZE', ['x']), operator('QUANTIZE', ['y'], {}, ['y1'])],
  { y: { dtype: 'int8', data: [2, 0, 3, 127, -128, 1] }, y1: { dtype: 'uint8', data: [130, 128, 131, 255, 0, 129] } },
);

// ---- what goes in ----

test('inputs: float32 for int8 is quantised, int64 becomes int32, truths become 0 and 1', async () => {
  const bytes = writeTflite({
    tensors: [
      { name: 'q', shape: [4], type: 'INT8', quantization: q(0.5, 3) },
      { name: 'u', shape: [4], type: 'UINT8', quantization: q(0.5, 128) },
      { name: 'i', shape: [2], type: 'INT64' },
      { name: 'b', shape: [3], type: 'BOOL' },
      { name: 'plain', shape: [1], type: 'INT8' },
    ],
    operators: [],
    inputs: ['q', 'u', 'i', 'b', 'plain'],
    outputs: ['q', 'u', 'i', 'b'],
  });
  const model = await runtime.load(bytes);
  assert.deepEqual(
    model.inputs.map(({ name, dtype, quantization }) => [name, dtype, quantization]),
    [
      ['q', 'int8', { scale: 0.5, zeroPoint: 3 }],
      ['u', 'uint8', { scale: 0.5, zeroPoint: 128 }],
      ['i', 'int32', undefined],
      ['b', 'bool', undefined],
      ['plain', 'int8', undefined],
    ],
  );
  assert.deepEqual(model.outputs[0].quantization, { scale: 0.5, zeroPoint: 3 });
  const sound = {
    q: Float32Array.of(0.25, -0.25, 1000, NaN),
    u: { dtype: /** @type {const} */ ('float32'), shape: [4], data: Float32Array.of(0, 1, -1000, Infinity) },
    i: /** @type {any} */ (BigInt64Array.of(-1n, 2147483647n)),
    b: Uint8Array.of(0, 1, 255),
    plain: new Int8Array(1),
  };
  const y = await model.run(sound);
  assert.deepEqual([...y.q.data], [4, 2, 127, 3]);
  assert.deepEqual([...y.u.data], [128, 130, 0, 255]);
  assert.deepEqual([...y.i.data], [-1, 2147483647]);
  assert.deepEqual([...y.b.data], [0, 1, 1]);
  assert.deepEqual([...(await model.run({ ...sound, q: Int8Array.of(1, 2, 3, -128) })).q.data], [1, 2, 3, -128]);
  /** @param {Record<string, any>} wrong @param {string} code @param {RegExp} message */
  const refuses = (wrong, code, message) =>
    assert.rejects(
      model.run({ ...sound, ...wrong }),
      (error) => error instanceof XnnError && error.code === code && message.test(error.message),
    );
  await refuses({ plain: new Float32Array(1) }, 'misuse', /"plain" is int8, the data given is a Float32Array/);
  await refuses({ q: { dtype: 'int8', shape: [4], data: new Float32Array(4) } }, 'misuse', /"q" is int8/);
  await refuses({ q: new Float32Array(3) }, 'bad-shape', /"q" of shape \[4\] has 4 values, 3 are given/);
  await refuses({ i: BigInt64Array.of(0n, 2147483648n) }, 'unsupported', /2147483648 does not fit into int32/);
  model.dispose();
});

test('free dimensions: a model of batch 1 with a signature of -1 takes any batch', async () => {
  const bytes = writeTflite({
    tensors: [
      { name: 'x', shape: [1, 2], shapeSignature: [-1, 2] },
      { name: 'w', shape: [1, 2], data: Float32Array.of(1, 10) },
      { name: 'y', shape: [1, 1], shapeSignature: [-1, 1] },
    ],
    operators: [operator('FULLY_CONNECTED', ['x', 'w', /** @type {any} */ (-1)])],
    inputs: ['x'],
    outputs: ['y'],
  });
  const model = await runtime.load(bytes);
  assert.deepEqual(model.inputs[0].shape, [-1, 2]);
  const { y } = await model.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6) });
  assert.deepEqual(
    [y.shape, [...y.data]],
    [
      [3, 1],
      [21, 43, 65],
    ],
  );
  model.dispose();
});

// ---- whole models ----

for (const { name, bytes } of mediapipeModels())
  test(`${name}: runs, its outputs have their shapes and are finite`, async () => {
    const before = runtime.memory().heapBytes;
    const model = await runtime.load(bytes);
    const [{ name: input, shape }] = model.inputs;
    const next = seeded(7);
    const x = Float32Array.from({ length: shape.reduce((n, size) => n * size, 1) }, next);
    const outputs = await model.run({ [input]: x });
    for (const port of model.outputs) {
      const { data } = outputs[port.name];
      assert.deepEqual(outputs[port.name].shape, port.shape);
      assert.ok(
        data.every((value) => Number.isFinite(value)),
        port.name,
      );
    }
    const whole = model.outputs.map(({ name: output }) => outputs[output].data);
    assert.ok(
      whole.some((data) => new Set(data).size > 10),
      'they are not all alike',
    );
    model.dispose();
    assert.equal(runtime.memory().heapBytes, before);
  });

test('worker: a TensorFlow Lite model runs in a worker as it does here', async () => {
  const { bytes } = /** @type {{ bytes: Uint8Array }} */ (mediapipeModels().find(({ name }) => name === 'face_detection_short_range'));
  const remote = await createRuntime({ threads: 1, variant: 'simd', worker: true });
  try {
    const x = Float32Array.from({ length: 128 * 128 * 3 }, seeded(3));
    const there = await (await remote.load(bytes)).run(x);
    const model = await runtime.load(bytes);
    assert.deepEqual(there, await model.run(x));
    model.dispose();
  } finally {
    remote.dispose();
  }
});

/** What a hostile file may end in. */
const BLAMED = ['bad-model', 'unsupported', 'out-of-memory', 'bad-shape'];
const seed = Number(process.env.XNNJS_SEED ?? 20240611);

test(`broken files: load and run, or are blamed on the model, and leave no memory behind (seed ${seed})`, async () => {
  const limited = await createRuntime({ threads: 1, variant: 'simd', maxMemory: 64 << 20 });
  const next = seeded(seed);
  const below = (/** @type {number} */ n) => Math.floor(next() * n);
  /** @type {Record<string, number>} */
  const codes = {};
  try {
    const before = limited.memory().heapBytes;
    for (let round = 0; round < 3000; round++) {
      const bytes = VARIED.slice();
      for (let i = 0; i <= below(3); i++) bytes[below(bytes.length)] = /** @type {number} */ ([0, 1, 2, 4, 127, 255, below(256)][below(7)]);
      let code = 'runs';
      try {
        const model = await limited.load(bytes);
        try {
          const inputs = model.inputs.map(({ name, dtype, shape }) => {
            const count = shape.reduce((n, size) => n * Math.abs(size), 1);
            const arrays = { float32: Float32Array, int32: Int32Array, int8: Int8Array, uint8: Uint8Array, bool: Uint8Array };
            return [name, new arrays[dtype](Math.min(count, 1 << 20))];
          });
          await model.run(Object.fromEntries(inputs));
        } finally {
          model.dispose();
        }
      } catch (error) {
        assert.ok(error instanceof XnnError && BLAMED.includes(error.code), `round ${round}: ${/** @type {Error} */ (error).stack}`);
        code = error.code;
      }
      codes[code] = (codes[code] ?? 0) + 1;
    }
    assert.ok(codes.runs > 100 && codes['bad-model'] > 1000, JSON.stringify(codes));
    assert.equal(limited.memory().heapBytes, before);
  } finally {
    limited.dispose();
  }
});

test('unsupported: the operator and its node are named', () =>
  assert.rejects(
    run({ x: given([1], 1), y: { shape: [1] } }, [operator('WHILE', ['x'])]),
    (error) =>
      error instanceof XnnError &&
      error.code === 'unsupported' &&
      error.message === 'unsupported ops: WHILE (node "y")' &&
      error.node === 'y',
  ));
