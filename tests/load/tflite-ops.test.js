// What each TensorFlow Lite operator becomes. Expected from the operators' definitions (tensorflow/lite/kernels) and
// src/ops.def, by hand; every row of the tables has a case.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import { tfliteCustomOps } from '../../js/load/tflite/custom.js';
import { readTflite } from '../../js/load/tflite/file.js';
import { parseTflite } from '../../js/load/tflite.js';
import { tfliteOps } from '../../js/load/tflite-ops.js';
import { writeTflite } from '../support/tflite-writer.js';
import { rejectsWith, smallConstants } from './helpers.js';

const { encode } = createRequire(import.meta.url)('flatbuffers/js/flexbuffers.js');

/** Tensors by name: f and g float32 [1,8,8,4], i and j int32 [3], b bool, q and r int8, u uint8; constants come with a case. */
const q = (scale, zero = 0) => ({ scale: [scale], zeroPoint: [zero] });
const GIVEN = {
  f: { shape: [1, 8, 8, 4] },
  g: { shape: [1, 8, 8, 4] },
  m: { shape: [2, 4] },
  i: { shape: [3], type: 'INT32' },
  j: { shape: [3], type: 'INT32' },
  b: { shape: [3], type: 'BOOL' },
  d: { shape: [3], type: 'BOOL' },
  q: { shape: [1, 8, 8, 4], type: 'INT8', quantization: q(0.5, 3) },
  r: { shape: [1, 8, 8, 4], type: 'INT8', quantization: q(0.25, -1) },
  u: { shape: [1, 8, 8, 4], type: 'UINT8', quantization: q(0.5, 128) },
  s: { shape: [1, 8, 8, 4], type: 'STRING' },
  long: { shape: [3], type: 'INT64' },
};
const ints = (...values) => ({ shape: [values.length], type: 'INT32', data: Int32Array.from(values) });
const scalar = (value) => ({ shape: [], type: 'INT32', data: Int32Array.of(value) });
const floats = (shape, ...values) => ({
  shape,
  data: values.length > 0 ? Float32Array.from(values) : new Float32Array(shape.reduce((n, size) => n * size, 1)),
});

/** A model of one operator: its inputs by name (null: absent), further tensors, its outputs' tensors (float32 unless said). */
function model(op, inputs, { options, tensors = {}, outputs = [{}], customOptions, version } = {}) {
  const all = { ...GIVEN, ...tensors };
  const names = Object.keys(all);
  return {
    tensors: [
      ...names.map((name) => ({ name, ...all[name] })),
      ...outputs.map((tensor, k) => ({ name: k === 0 ? 'y' : `y${k}`, shape: [1, 8, 8, 4], ...tensor })),
    ],
    operators: [
      {
        op,
        inputs: inputs.map((name) => name ?? -1),
        outputs: outputs.map((_, k) => (k === 0 ? 'y' : `y${k}`)),
        options,
        customOptions,
        version,
      },
    ],
    inputs: names.filter((name) => all[name].data === undefined && all[name].type !== 'STRING' && !all[name].shape.includes(0)),
    outputs: outputs.map((_, k) => (k === 0 ? 'y' : `y${k}`)),
  };
}

function parse(description, options = {}) {
  const { topology, weights, sources } = readTflite(writeTflite(description));
  const bytes = sources.map((source) => source());
  return { ...parseTflite(structuredClone(topology), weights, smallConstants(weights, bytes), options), specs: weights };
}

const covered = new Set();
const emitted = [];

/** Fails unless the operator becomes these nodes: [op, inputs, attributes]. Constants that were made are shown by their values. */
function row(title, op, inputs, more, expected) {
  covered.add(op);
  test(`${op}: ${title}`, () => {
    const graph = parse(model(op, inputs, more));
    const made = new Map(graph.constants.map(({ value, dtype, shape, data }) => [value, { [dtype]: [...data], shape }]));
    const nodes = graph.nodes.map((node) => [node.op, node.inputs.map((value) => made.get(value) ?? value), node.attrs]);
    assert.deepEqual(nodes, expected);
    assert.ok(
      graph.nodes.every(({ name }) => /^y(\d|$|\/)/.test(name)),
      'nodes bear the name',
    );
    emitted.push(...graph.nodes);
  });
}

function refuses(title, op, inputs, more, code, message) {
  test(`${op}: ${title} is ${code}`, () => rejectsWith(() => parse(model(op, inputs, more)), code, message, 'y'));
}

const number = (value) => ({ float32: [Math.fround(value)], shape: [] });
const quantizeTo = { q: { scale: 0.5, zero_point: 3, dtype: 4 }, u: { scale: 0.5, zero_point: 128, dtype: 3 } };
const dequantize = { q: { scale: 0.5, zero_point: 3 }, r: { scale: 0.25, zero_point: -1 }, u: { scale: 0.5, zero_point: 128 } };
const likeQ = { outputs: [{ type: 'INT8', quantization: q(0.5, 3) }] };
const likeR = { outputs: [{ type: 'INT8', quantization: q(0.25, -1) }] };

// ---- one operand ----

for (const [op, ours, attrs = {}, options] of [
  ['ABS', 'abs'],
  ['CEIL', 'ceil'],
  ['COS', 'cos'],
  ['ELU', 'elu', { alpha: 1 }],
  ['EXP', 'exp'],
  ['FLOOR', 'floor'],
  ['GELU', 'gelu', { approximate: 1 }, { approximate: true }],
  ['GELU', 'gelu', { approximate: 0 }],
  ['HARD_SWISH', 'hard_swish'],
  ['LEAKY_RELU', 'leaky_relu', { alpha: 0.25 }, { alpha: 0.25 }],
  ['LOG', 'log'],
  ['LOGISTIC', 'sigmoid'],
  ['LOG_SOFTMAX', 'log_softmax'],
  ['NEG', 'neg'],
  ['RELU', 'relu'],
  ['RELU6', 'relu6'],
  ['RELU_0_TO_1', 'clamp', { min: 0, max: 1 }],
  ['RELU_N1_TO_1', 'clamp', { min: -1, max: 1 }],
  ['ROUND', 'round'],
  ['RSQRT', 'rsqrt'],
  ['SIGN', 'sign'],
  ['SIN', 'sin'],
  ['SOFTMAX', 'softmax', {}, { beta: 1 }],
  ['SQRT', 'sqrt'],
  ['SQUARE', 'square'],
  ['TANH', 'tanh'],
])
  row(`is ${ours}`, op, ['f'], { options }, [[ours, ['f'], attrs]]);
row('of int32 is the same', 'NEG', ['i'], { outputs: [{ type: 'INT32' }] }, [['neg', ['i'], {}]]);
row('beta is a factor', 'SOFTMAX', ['f'], { options: { beta: 2 } }, [
  ['mul', ['f', number(2)], {}],
  ['softmax', ['y:mul'], {}],
]);
row(
  'of int8 has an op of its own',
  'SOFTMAX',
  ['q'],
  { options: { beta: 0.5 }, outputs: [{ type: 'INT8', quantization: q(1 / 256, -128) }] },
  [['q_softmax', ['q'], { beta: 0.5, x_scale: 0.5, y_scale: 1 / 256, y_zero: -128 }]],
);
row('divides by no less than 1e-6', 'L2_NORMALIZATION', ['f'], {}, [['l2_normalize', ['f'], { epsilon: 1e-12, axes: [-1] }]]);
row('has its numbers', 'LOCAL_RESPONSE_NORMALIZATION', ['f'], { options: { radius: 5, bias: 1, alpha: 0.5, beta: 0.75 } }, [
  ['lrn', ['f'], { radius: 5, bias: 1, alpha: 0.5, beta: 0.75 }],
]);
row('without an op of its own computes in float32', 'LOG_SOFTMAX', ['q'], likeR, [
  ['dequantize', ['q'], dequantize.q],
  ['log_softmax', ['y:dequantize'], {}],
  ['quantize', ['y:log_softmax'], { scale: 0.25, zero_point: -1, dtype: 4 }],
]);

test('lookup: functions of 8-bit numbers are tables, in the order of the numbers', () => {
  const lookup = (op, from, to, options) => {
    const graph = parse(model(op, ['t'], { options, tensors: { t: { shape: [4], ...from } }, outputs: [to] }));
    assert.deepEqual(
      graph.nodes.map((node) => [node.op, node.inputs[0]]),
      [['lookup', 't']],
    );
    const [{ dtype, shape, data }] = graph.constants;
    assert.deepEqual(shape, [256]);
    return { dtype, at: (x) => data[x + (from.type === 'INT8' ? 128 : 0)] };
  };
  const int8 = (scale, zero) => ({ type: 'INT8', quantization: q(scale, zero) });
  const uint8 = (scale, zero) => ({ type: 'UINT8', quantization: q(scale, zero) });
  const tanh = lookup('TANH', int8(1 / 16, 4), int8(1 / 128, 0));
  assert.equal(tanh.dtype, 'int8');
  // 128 * tanh((x - 4) / 16), limited to 127
  for (const [x, y] of [
    [4, 0],
    [5, 8], // 7.99
    [12, 59], // 59.15
    [-128, -128],
    [127, 127],
  ])
    assert.equal(tanh.at(x), y, `${x}`);
  const relu6 = lookup('RELU6', uint8(0.1, 100), uint8(6 / 255, 0));
  assert.equal(relu6.dtype, 'uint8');
  for (const [x, y] of [
    [0, 0],
    [100, 0],
    [101, 4], // 4.25
    [150, 213], // 212.5, away from zero: float32 makes it more
    [255, 255],
  ])
    assert.ok(Math.abs(relu6.at(x) - y) <= (x === 150 ? 1 : 0), `${x}`);
  const logistic = lookup('LOGISTIC', int8(0.5, 0), int8(1 / 256, -128));
  assert.deepEqual([-128, -1, 0, 1, 127].map(logistic.at), [-128, -31, 0, 31, 127]); // 256 σ(±½) = 159.35, 96.65
  const leaky = lookup('LEAKY_RELU', int8(1, 0), int8(1, 0), { alpha: 0.5 });
  assert.deepEqual([-128, -3, -2, 5].map(leaky.at), [-64, -2, -1, 5]); // -1.5 away from zero
  const gelu = lookup('GELU', int8(0.1, 0), int8(0.1, 0));
  assert.deepEqual([-30, -10, 0, 10, 30].map(gelu.at), [0, -2, 0, 8, 30]); // 10 · gelu: -0.04, -1.59, 0, 8.41, 29.96
  const rsqrt = lookup('RSQRT', int8(0.25, 0), int8(0.1, 0));
  assert.deepEqual([-1, 0, 4, 16].map(rsqrt.at), [0, 127, 10, 5]); // NaN is 0, infinity the largest
  for (const [op, low, high] of [
    ['ABS', 2, 2],
    ['NEG', 2, -2],
    ['SQUARE', 4, 4],
    ['SIGN', -1, 1],
    ['RELU', 0, 2],
    ['RELU_N1_TO_1', -1, 1],
    ['RELU_0_TO_1', 0, 1],
    ['CEIL', -2, 2],
    ['FLOOR', -2, 2],
    ['ROUND', -2, 2],
    ['HARD_SWISH', 0, 2], // -2/6, 10/6
    ['ELU', -1, 2], // e^-2 - 1 = -0.86
    ['EXP', 0, 7], // 0.14, 7.39
    ['COS', 0, 0], // -0.42
    ['SIN', -1, 1], // ±0.91
  ]) {
    const table = lookup(op, int8(1, 0), int8(1, 0));
    assert.deepEqual([table.at(-2), table.at(2)], [low, high], op);
  }
  assert.deepEqual([1, 4, 9].map(lookup('SQRT', int8(1, 0), int8(1, 0)).at), [1, 2, 3]);
  assert.deepEqual([1, 20].map(lookup('LOG', int8(1, 0), int8(1, 0)).at), [0, 3]); // 2.996
  const halves = lookup('ROUND', int8(0.5, 0), int8(0.5, 0));
  assert.deepEqual([-3, -1, 1, 3, 5].map(halves.at), [-4, 0, 0, 4, 4]); // ½ → 0, 1½ → 2, 2½ → 2
});

// ---- two operands ----

for (const [op, ours] of [
  ['ADD', 'add'],
  ['ATAN2', 'atan2'],
  ['DIV', 'div'],
  ['FLOOR_DIV', 'floor_div'],
  ['FLOOR_MOD', 'mod'],
  ['MAXIMUM', 'maximum'],
  ['MINIMUM', 'minimum'],
  ['MUL', 'mul'],
  ['POW', 'pow'],
  ['SQUARED_DIFFERENCE', 'squared_difference'],
  ['SUB', 'sub'],
])
  row(`is ${ours}`, op, ['f', 'g'], {}, [[ours, ['f', 'g'], {}]]);
row('of int32 is the same', 'ADD', ['i', 'j'], { outputs: [{ type: 'INT32' }] }, [['add', ['i', 'j'], {}]]);
for (const [kind, op, attrs] of [
  [1, 'relu', {}],
  [2, 'clamp', { min: -1, max: 1 }],
  [3, 'relu6', {}],
  [4, 'tanh', {}],
])
  row(`the fused activation ${kind} becomes ${op}`, 'MUL', ['f', 'g'], { options: { fused_activation_function: kind } }, [
    ['mul', ['f', 'g'], {}],
    [op, ['y:mul'], attrs],
  ]);
const scales = { a_scale: 0.5, a_zero: 3, b_scale: 0.25, b_zero: -1, y_scale: 0.1, y_zero: 10 };
const toS = { outputs: [{ type: 'INT8', quantization: q(Math.fround(0.1), 10) }] };
for (const [op, ours, activation, act_min, act_max] of [
  ['ADD', 'q_add', 0, -128, 127],
  ['SUB', 'q_sub', 1, 10, 127],
  ['MUL', 'q_mul', 3, 10, 70],
  ['ADD', 'q_add', 2, 0, 20],
])
  row(
    `of int8 is ${ours}, its activation ${activation} a range`,
    op,
    ['q', 'r'],
    { ...toS, options: { fused_activation_function: activation } },
    [[ours, ['q', 'r'], { ...scales, y_scale: Math.fround(0.1), act_min, act_max }]],
  );
row('of int8 with tanh computes in float32', 'ADD', ['q', 'r'], { ...likeQ, options: { fused_activation_function: 4 } }, [
  ['dequantize', ['q'], dequantize.q],
  ['dequantize', ['r'], dequantize.r],
  ['add', ['y:dequantize', 'y:dequantize_1'], {}],
  ['tanh', ['y:add'], {}],
  ['quantize', ['y:tanh'], quantizeTo.q],
]);
row('of int8 computes in float32', 'MAXIMUM', ['q', 'q'], likeQ, [
  ['dequantize', ['q'], dequantize.q],
  ['maximum', ['y:dequantize', 'y:dequantize'], {}],
  ['quantize', ['y:maximum'], quantizeTo.q],
]);
row('is a chain of sums', 'ADD_N', ['f', 'g', 'f'], {}, [
  ['add', ['f', 'g'], {}],
  ['add', ['y:add', 'f'], {}],
]);
for (const op of ['EQUAL', 'NOT_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL']) {
  const bool = { outputs: [{ type: 'BOOL' }] };
  row('of float32', op, ['f', 'g'], bool, [[op.toLowerCase(), ['f', 'g'], {}]]);
  row('of int8 that means the same compares what is stored', op, ['q', 'q'], bool, [[op.toLowerCase(), ['q', 'q'], {}]]);
  row('of int8 that means others compares float32', op, ['q', 'r'], bool, [
    ['dequantize', ['q'], dequantize.q],
    ['dequantize', ['r'], dequantize.r],
    [op.toLowerCase(), ['y:dequantize', 'y:dequantize_1'], {}],
  ]);
}
for (const op of ['LOGICAL_AND', 'LOGICAL_OR'])
  row('has the same name', op, ['b', 'd'], { outputs: [{ type: 'BOOL' }] }, [[op.toLowerCase(), ['b', 'd'], {}]]);
row('has the same name', 'LOGICAL_NOT', ['b'], { outputs: [{ type: 'BOOL' }] }, [['logical_not', ['b'], {}]]);
row('of int32', 'BITWISE_XOR', ['i', 'j'], { outputs: [{ type: 'INT32' }] }, [['bitwise_xor', ['i', 'j'], {}]]);
row('of bool', 'BITWISE_XOR', ['b', 'd'], { outputs: [{ type: 'BOOL' }] }, [['logical_xor', ['b', 'd'], {}]]);
row('broadcasts', 'SELECT_V2', ['b', 'f', 'g'], {}, [['select', ['b', 'f', 'g'], {}]]);
row('moves int8 as it is', 'SELECT_V2', ['b', 'q', 'q'], likeQ, [['select', ['b', 'q', 'q'], {}]]);
row('of a list chooses rows', 'SELECT', ['b', 'm', 'm'], {}, [
  ['reshape', ['b'], { shape: [-1, 1] }],
  ['select', ['y:reshape', 'm', 'm'], {}],
]);
row('of as many conditions', 'SELECT', ['b', 'i', 'j'], { outputs: [{ type: 'INT32' }] }, [['select', ['b', 'i', 'j'], {}]]);
row('has a slope for each channel', 'PRELU', ['f', 'a'], { tensors: { a: floats([1, 1, 4]) } }, [['prelu', ['f', 'a'], {}]]);
row('with a slope for each element is relu of both signs', 'PRELU', ['f', 'a'], { tensors: { a: floats([8, 8, 4]) } }, [
  ['neg', ['f'], {}],
  ['relu', ['y:neg'], {}],
  ['mul', ['a', 'y:relu'], {}],
  ['relu', ['f'], {}],
  ['sub', ['y:relu_1', 'y:mul'], {}],
]);
// 2 bits from -1 to 3: steps of 4/3. 0 is step 0.75, which becomes 1: from -1 step to 2 steps.
const step = Math.fround(4 / 3);
row('is the nearest of its steps', 'FAKE_QUANT', ['f'], { options: { min: -1, max: 3, num_bits: 2 } }, [
  ['clamp', ['f'], { min: -step, max: 2 * step }],
  ['sub', ['y:clamp', number(-step)], {}],
  ['mul', ['y:sub', number(1 / step)], {}],
  ['add', ['y:mul', number(0.5)], {}],
  ['floor', ['y:add'], {}],
  ['mul', ['y:floor', number(step)], {}],
  ['add', ['y:mul_1', number(-step)], {}],
]);

// ---- layers ----

const window = { stride_h: 2, stride_w: 3, padding: 1, dilation_h: 1, dilation_w: 1 };
const conv = { stride_h: 2, stride_w: 3, padding: 0 };
const filter = { w: floats([8, 3, 3, 4]), v: floats([8]) };
row('keeps the filter as it lies', 'CONV_2D', ['f', 'w', 'v'], { options: conv, tensors: filter }, [
  ['conv2d', ['f', 'w', 'v'], { ...window, filter_layout: 1 }],
]);
row(
  'VALID, dilated, without a bias, with relu6',
  'CONV_2D',
  ['f', 'w'],
  { options: { ...conv, padding: 1, dilation_h_factor: 2, dilation_w_factor: 3, fused_activation_function: 3 }, tensors: filter },
  [
    ['conv2d', ['f', 'w'], { ...window, padding: 0, dilation_h: 2, dilation_w: 3, filter_layout: 1 }],
    ['relu6', ['y:conv2d'], {}],
  ],
);
row('transposes a filter that is computed', 'CONV_2D', ['f', 'w', null], { options: conv, tensors: { w: { shape: [8, 3, 3, 4] } } }, [
  ['transpose', ['w'], { perm: [1, 2, 3, 0] }],
  ['conv2d_dynamic', ['f', 'y:transpose'], window],
]);
const bytes = (shape, quantization, type = 'INT8') => ({
  shape,
  type,
  quantization,
  data: new Uint8Array(shape.reduce((n, size) => n * size, 1)),
});
const channels = { scale: Array.from({ length: 8 }, (_, i) => i + 1), zeroPoint: Array(8).fill(0) };
row(
  'of float32 with int8 weights multiplies by the scales of the channels',
  'CONV_2D',
  ['f', 'w', 'v'],
  { options: conv, tensors: { ...filter, w: bytes([8, 3, 3, 4], { ...channels, axis: 0 }) } },
  [['conv2d', ['f', 'w:float', 'v', null, 'w:scale'], { ...window, filter_layout: 1 }]],
);
row(
  'of float32 with int8 weights of one scale',
  'CONV_2D',
  ['f', 'w', 'v'],
  { options: conv, tensors: { ...filter, w: bytes([8, 3, 3, 4], q(0.5)) } },
  [['conv2d', ['f', 'w:float', 'v'], { ...window, filter_layout: 1 }]],
);
row(
  'of float32 with uint8 weights that have zero points for each channel',
  'CONV_2D',
  ['f', 'w'],
  { options: conv, tensors: { w: bytes([8, 3, 3, 4], { ...channels, zeroPoint: [1, 2, 3, 4, 5, 6, 7, 8], axis: 0 }, 'UINT8') } },
  [
    ['sub', ['w:float', { float32: [1, 2, 3, 4, 5, 6, 7, 8], shape: [8, 1, 1, 1] }], {}],
    ['reshape', ['w:scale'], { shape: [8, 1, 1, 1] }],
    ['mul', ['y:sub', 'y:reshape'], {}],
    ['conv2d', ['f', 'y:mul'], { ...window, filter_layout: 1 }],
  ],
);
const bias = { v: { shape: [8], type: 'INT32', data: new Int32Array(8), quantization: q(0.125) } };
const steps = { x_scale: 0.5, x_zero: 3, filter_zero: 0, y_scale: 0.25, y_zero: -1, act_min: -128, act_max: 127 };
row(
  'of int8 is exact, with the scales of the channels',
  'CONV_2D',
  ['q', 'w', 'v'],
  { ...likeR, options: conv, tensors: { ...bias, w: bytes([8, 3, 3, 4], { ...channels, axis: 0 }) } },
  [['q_conv2d', ['q', 'w', 'v', null, 'w:scale'], { ...window, ...steps }]],
);
row(
  'of uint8 has zero points, and relu as a range',
  'CONV_2D',
  ['u', 'w', null],
  {
    options: { ...conv, fused_activation_function: 1 },
    tensors: { w: bytes([8, 3, 3, 4], q(0.75, 7), 'UINT8') },
    outputs: [{ type: 'UINT8', quantization: q(0.25, 20) }],
  },
  [
    [
      'q_conv2d',
      ['u', 'w', null, null, { float32: [0.75], shape: [1] }],
      { ...window, x_scale: 0.5, x_zero: 128, filter_zero: 7, y_scale: 0.25, y_zero: 20, act_min: 20, act_max: 255 },
    ],
  ],
);
row(
  'of int8 with a filter that is computed goes through float32',
  'CONV_2D',
  ['q', 'w', 'v'],
  { ...likeR, options: conv, tensors: { ...bias, w: { shape: [8, 3, 3, 4], type: 'INT8', quantization: q(0.5) } } },
  [
    ['dequantize', ['w'], { scale: 0.5, zero_point: 0 }],
    ['transpose', ['y:dequantize'], { perm: [1, 2, 3, 0] }],
    ['dequantize', ['q'], dequantize.q],
    ['dequantize', ['v'], { scale: 0.125, zero_point: 0 }],
    ['conv2d_dynamic', ['y:dequantize_1', 'y:transpose', 'y:dequantize_2'], window],
    ['quantize', ['y:conv2d_dynamic'], { scale: 0.25, zero_point: -1, dtype: 4 }],
  ],
);
row(
  'of int8 with tanh goes through float32',
  'CONV_2D',
  ['q', 'w'],
  { ...likeR, options: { ...conv, fused_activation_function: 4 }, tensors: { w: bytes([8, 3, 3, 4], { ...channels, axis: 0 }) } },
  [
    ['dequantize_axis', ['w', 'w:scale'], { axis: 0 }],
    ['dequantize', ['q'], dequantize.q],
    ['conv2d', ['y:dequantize', 'y:dequantize_axis'], { ...window, filter_layout: 1 }],
    ['tanh', ['y:conv2d'], {}],
    ['quantize', ['y:tanh'], { scale: 0.25, zero_point: -1, dtype: 4 }],
  ],
);

row(
  'splits the channels of the filter',
  'DEPTHWISE_CONV_2D',
  ['f', 'w', 'v'],
  { options: { ...conv, depth_multiplier: 2 }, tensors: { w: floats([1, 3, 5, 8]), v: floats([8]) } },
  [
    ['reshape', ['w'], { shape: [3, 5, 4, 2] }],
    ['depthwise_conv2d', ['f', 'y:reshape', 'v'], window],
  ],
);
row(
  'takes the multiplier from the shapes',
  'DEPTHWISE_CONV_2D',
  ['f', 'w'],
  { options: { ...conv, depth_multiplier: 0 }, tensors: { w: floats([1, 3, 5, 4]) } },
  [
    ['reshape', ['w'], { shape: [3, 5, 4, 1] }],
    ['depthwise_conv2d', ['f', 'y:reshape'], window],
  ],
);
row(
  'of float32 with int8 weights',
  'DEPTHWISE_CONV_2D',
  ['f', 'w'],
  { options: conv, tensors: { w: bytes([1, 3, 5, 8], { ...channels, axis: 3 }) } },
  [
    ['reshape', ['w:float'], { shape: [3, 5, 4, 2] }],
    ['depthwise_conv2d', ['f', 'y:reshape', null, null, 'w:scale'], window],
  ],
);
row(
  'of int8',
  'DEPTHWISE_CONV_2D',
  ['q', 'w', 'v'],
  { ...likeR, options: conv, tensors: { ...bias, w: bytes([1, 3, 5, 8], { ...channels, axis: 3 }) } },
  [
    ['reshape', ['w'], { shape: [3, 5, 4, 2] }],
    ['q_depthwise_conv2d', ['q', 'y:reshape', 'v', null, 'w:scale'], { ...window, ...steps }],
  ],
);
row(
  'with a filter that is computed has as many groups as channels',
  'DEPTHWISE_CONV_2D',
  ['f', 'w'],
  { options: conv, tensors: { w: { shape: [1, 3, 5, 8] } } },
  [
    ['reshape', ['w'], { shape: [3, 5, 1, 8] }],
    ['conv2d_dynamic', ['f', 'y:reshape'], window],
  ],
);

const size = { z: ints(1, 16, 24, 8) };
const strides = { stride_h: 2, stride_w: 3, padding: 1 };
row('has its size from a constant', 'TRANSPOSE_CONV', ['z', 'w', 'f', 'v'], { options: conv, tensors: { ...filter, ...size } }, [
  ['conv2d_transpose', ['f', 'w', 'v'], { ...strides, out_h: 16, out_w: 24, filter_layout: 1 }],
]);
row(
  'has its size from the output, where it is computed',
  'TRANSPOSE_CONV',
  ['z', 'w', 'f'],
  {
    options: { ...conv, fused_activation_function: 1 },
    tensors: { ...filter, z: { shape: [4], type: 'INT32' } },
    outputs: [{ shape: [1, 17, 25, 8] }],
  },
  [
    ['conv2d_transpose', ['f', 'w'], { ...strides, out_h: 17, out_w: 25, filter_layout: 1 }],
    ['relu', ['y:conv2d_transpose'], {}],
  ],
);
row(
  'of int8',
  'TRANSPOSE_CONV',
  ['z', 'w', 'q', 'v'],
  { ...likeR, options: conv, tensors: { ...size, ...bias, w: bytes([8, 3, 3, 4], { ...channels, axis: 0 }) } },
  [['q_transpose_conv2d', ['q', 'w', 'v', null, 'w:scale'], { ...strides, out_h: 16, out_w: 24, ...steps }]],
);
row(
  'of float32 with int8 weights multiplies by the scales of the channels',
  'TRANSPOSE_CONV',
  ['z', 'w', 'f'],
  { options: conv, tensors: { ...size, w: bytes([8, 3, 3, 4], { ...channels, axis: 0 }) } },
  [['conv2d_transpose', ['f', 'w:float', null, null, 'w:scale'], { ...strides, out_h: 16, out_w: 24, filter_layout: 1 }]],
);

const dense = { w: floats([5, 4]), v: floats([5]) };
row('multiplies rows', 'FULLY_CONNECTED', ['m', 'w', 'v'], { tensors: dense }, [['dense', ['m', 'w', 'v'], { transpose_b: 1 }]]);
row(
  'makes rows of what has more dimensions',
  'FULLY_CONNECTED',
  ['f', 'w', null],
  { tensors: dense, options: { fused_activation_function: 1 } },
  [
    ['reshape', ['f'], { shape: [-1, 4] }],
    ['dense', ['y:reshape', 'w'], { transpose_b: 1 }],
    ['relu', ['y:dense'], {}],
  ],
);
row('keeps dimensions if told', 'FULLY_CONNECTED', ['f', 'w'], { tensors: dense, options: { keep_num_dims: true } }, [
  ['dense', ['f', 'w'], { transpose_b: 1 }],
]);
row(
  'with weights that are computed is a product of matrices',
  'FULLY_CONNECTED',
  ['m', 'w', 'v'],
  { tensors: { ...dense, w: { shape: [5, 4] } } },
  [
    ['batch_matmul', ['m', 'w'], { transpose_b: 1 }],
    ['add', ['y:batch_matmul', 'v'], {}],
  ],
);
row('of float32 with int8 weights', 'FULLY_CONNECTED', ['m', 'w'], { tensors: { w: bytes([8, 4], { ...channels, axis: 0 }) } }, [
  ['dense', ['m', 'w:float', null, null, 'w:scale'], { transpose_b: 1 }],
]);
row('of int8', 'FULLY_CONNECTED', ['q', 'w', 'v'], { ...likeR, tensors: { ...bias, w: bytes([8, 4], q(0.5)) } }, [
  ['reshape', ['q'], { shape: [-1, 4] }],
  ['q_dense', ['y:reshape', 'w', 'v', null, { float32: [0.5], shape: [1] }], steps],
]);

row(
  'keeps the filter as it lies',
  'CONV_3D',
  ['x', 'w', 'v'],
  {
    tensors: { x: { shape: [1, 4, 8, 8, 4] }, w: floats([2, 3, 3, 4, 8]), v: floats([8]) },
    options: { ...conv, stride_d: 1, dilation_d_factor: 2 },
  },
  [['conv3d', ['x', 'w', 'v'], { ...window, stride_d: 1, dilation_d: 2 }]],
);
row('transposes as told', 'BATCH_MATMUL', ['f', 'g'], { options: { adj_x: true } }, [
  ['batch_matmul', ['f', 'g'], { transpose_a: 1, transpose_b: 0 }],
]);
row('with an int8 constant', 'BATCH_MATMUL', ['m', 'w'], { options: { adj_y: true }, tensors: { w: bytes([8, 4], q(0.5)) } }, [
  ['batch_matmul', ['m', 'w:float'], { transpose_a: 0, transpose_b: 1 }],
]);

const pool = { ...conv, filter_height: 2, filter_width: 4 };
const kernel = { kernel_h: 2, kernel_w: 4, ...strides };
row('has a kernel and strides', 'MAX_POOL_2D', ['f'], { options: pool }, [['max_pool2d', ['f'], kernel]]);
row('has a kernel and strides', 'AVERAGE_POOL_2D', ['f'], { options: { ...pool, padding: 1, fused_activation_function: 1 } }, [
  ['avg_pool2d', ['f'], { ...kernel, padding: 0 }],
  ['relu', ['y:avg_pool2d'], {}],
]);
row('is the root of the mean of squares', 'L2_POOL_2D', ['f'], { options: pool }, [
  ['square', ['f'], {}],
  ['avg_pool2d', ['y:square'], kernel],
  ['sqrt', ['y:avg_pool2d'], {}],
]);
row('of int8', 'MAX_POOL_2D', ['q'], { ...likeQ, options: pool }, [['max_pool2d', ['q'], kernel]]);
row('of int8', 'AVERAGE_POOL_2D', ['q'], { ...likeQ, options: { ...pool, fused_activation_function: 3 } }, [
  ['q_avg_pool2d', ['q'], { ...kernel, act_min: 3, act_max: 15 }],
]);
test('MAX_POOL_2D: of int8 with relu6 goes through a table that clamps', () => {
  const graph = parse(model('MAX_POOL_2D', ['q'], { ...likeQ, options: { ...pool, fused_activation_function: 3 } }));
  assert.deepEqual(
    graph.nodes.map(({ op }) => op),
    ['max_pool2d', 'lookup'],
  );
  const { data } = graph.constants[0]; // 0 is stored as 3, 6 as 15
  assert.deepEqual(
    [-128, 2, 3, 9, 15, 16, 127].map((x) => data[x + 128]),
    [3, 3, 3, 9, 15, 15, 15],
  );
});

for (const [op, ours] of [
  ['RESIZE_BILINEAR', 'resize_bilinear'],
  ['RESIZE_NEAREST_NEIGHBOR', 'resize_nearest'],
]) {
  const attrs = { align_corners: 0, half_pixel: 0 };
  row('has its size from a constant', op, ['f', 'z'], { tensors: { z: ints(16, 24) } }, [
    [ours, ['f'], { out_h: 16, out_w: 24, ...attrs }],
  ]);
  row(
    'takes a size that is computed',
    op,
    ['f', 'z'],
    { tensors: { z: { shape: [2], type: 'INT32' } }, options: { half_pixel_centers: true } },
    [[ours, ['f', 'z'], { align_corners: 0, half_pixel: 1 }]],
  );
}
row('of int8', 'RESIZE_BILINEAR', ['q', 'z'], { ...likeQ, tensors: { z: ints(16, 24) }, options: { align_corners: true } }, [
  ['q_resize_bilinear', ['q'], { out_h: 16, out_w: 24, align_corners: 1, half_pixel: 0 }],
]);
row('of int8 moves it', 'RESIZE_NEAREST_NEIGHBOR', ['q', 'z'], { ...likeQ, tensors: { z: ints(16, 24) } }, [
  ['resize_nearest', ['q'], { out_h: 16, out_w: 24, align_corners: 0, half_pixel: 0 }],
]);

// ---- along axes ----

for (const [op, ours] of [
  ['MEAN', 'mean'],
  ['SUM', 'reduce_sum'],
  ['REDUCE_PROD', 'reduce_prod'],
  ['REDUCE_MAX', 'reduce_max'],
  ['REDUCE_MIN', 'reduce_min'],
]) {
  row('has axes', op, ['f', 'z'], { tensors: { z: ints(1, -2) }, options: { keep_dims: true } }, [
    [ours, ['f'], { axes: [1, -2], keep_dims: 1 }],
  ]);
  row('over no axis is x', op, ['f', 'z'], { tensors: { z: ints() } }, []);
  row('takes axes that are computed', op, ['f', 'i'], {}, [[ours, ['f', 'i'], { keep_dims: 0 }]]);
}
for (const op of ['REDUCE_ANY', 'REDUCE_ALL'])
  row('of bool', op, ['b', 'z'], { tensors: { z: scalar(0) }, outputs: [{ type: 'BOOL' }] }, [
    [op.toLowerCase(), ['b'], { axes: [0], keep_dims: 0 }],
  ]);
row('of int8', 'MEAN', ['q', 'z'], { ...likeR, tensors: { z: ints(1, 2) } }, [
  ['q_mean', ['q'], { axes: [1, 2], keep_dims: 0, x_scale: 0.5, x_zero: 3, y_scale: 0.25, y_zero: -1 }],
]);
for (const op of ['ARG_MAX', 'ARG_MIN']) {
  const ours = op.toLowerCase();
  row('has its axis from a constant', op, ['f', 'z'], { tensors: { z: scalar(-1) }, outputs: [{ type: 'INT64' }] }, [
    [ours, ['f'], { axis: -1 }],
  ]);
  row('of uint8 needs no scale', op, ['u', 'z'], { tensors: { z: ints(1) }, outputs: [{ type: 'INT32' }] }, [[ours, ['u'], { axis: 1 }]]);
}
row('has its axis from a constant', 'CUMSUM', ['f', 'z'], { tensors: { z: scalar(1) }, options: { exclusive: true, reverse: true } }, [
  ['cumsum', ['f'], { axis: 1, exclusive: 1, reverse: 1 }],
]);
const both = { outputs: [{}, { type: 'INT32' }] };
row('makes values and indices', 'TOPK_V2', ['f', 'z'], { ...both, tensors: { z: scalar(3) } }, [
  ['top_k', ['f'], { k: 3, want_indices: 0 }],
  ['top_k', ['f'], { k: 3, want_indices: 1 }],
]);
row('takes a number that is computed', 'TOPK_V2', ['f', 'z'], { ...both, tensors: { z: { shape: [], type: 'INT32' } } }, [
  ['top_k', ['f', 'z'], { want_indices: 0 }],
  ['top_k', ['f', 'z'], { want_indices: 1 }],
]);

// ---- shapes and moving elements ----

row('takes its shape from a constant', 'RESHAPE', ['f', 'z'], { tensors: { z: ints(1, -1, 2) } }, [
  ['reshape', ['f'], { shape: [1, -1, 2] }],
]);
row('takes its shape from the options', 'RESHAPE', ['f'], { options: { new_shape: [2, -1] } }, [['reshape', ['f'], { shape: [2, -1] }]]);
row('the constant counts more than the options', 'RESHAPE', ['f', 'z'], { tensors: { z: ints(256) }, options: { new_shape: [2, -1] } }, [
  ['reshape', ['f'], { shape: [256] }],
]);
row('to a scalar: an empty constant', 'RESHAPE', ['f', 'z'], { tensors: { z: { shape: [0], type: 'INT32' } } }, [
  ['reshape', ['f'], { shape: [] }],
]);
row('to a shape that is computed', 'RESHAPE', ['f', 'i'], {}, [['reshape', ['f', 'i'], {}]]);
row('moves int8 as it is', 'RESHAPE', ['q', 'z'], { ...likeQ, tensors: { z: ints(-1) } }, [['reshape', ['q'], { shape: [-1] }]]);
row('to other scales requantises', 'RESHAPE', ['q', 'z'], { ...likeR, tensors: { z: ints(-1) } }, [
  ['requantize', ['q'], { x_scale: 0.5, x_zero: 3, y_scale: 0.25, y_zero: -1, dtype: 4 }],
  ['reshape', ['y:requantize'], { shape: [-1] }],
]);
row('has axes', 'SQUEEZE', ['f'], { options: { squeeze_dims: [0, -1] } }, [['squeeze', ['f'], { axes: [0, -1] }]]);
row('without axes drops all of length 1', 'SQUEEZE', ['f'], {}, [['squeeze', ['f'], { axes: [] }]]);
row('has its axis from a constant', 'EXPAND_DIMS', ['f', 'z'], { tensors: { z: scalar(-1) } }, [['expand_dims', ['f'], { axis: -1 }]]);
const int32 = { outputs: [{ type: 'INT32' }] };
row('of anything', 'SHAPE', ['q'], int32, [['shape', ['q'], {}]]);
row('is the shape of the shape', 'RANK', ['f'], int32, [
  ['shape', ['f'], {}],
  ['shape', ['y:shape'], {}],
  ['reshape', ['y:shape_1'], { shape: [] }],
]);
row('has the same name', 'BROADCAST_ARGS', ['i', 'j'], int32, [['broadcast_args', ['i', 'j'], {}]]);
row('has an axis', 'CONCATENATION', ['f', 'g', 'f'], { options: { axis: -1 } }, [['concat', ['f', 'g', 'f'], { axis: -1 }]]);
row('of float32 with an activation', 'CONCATENATION', ['f', 'g'], { options: { axis: 1, fused_activation_function: 1 } }, [
  ['concat', ['f', 'g'], { axis: 1 }],
  ['relu', ['y:concat'], {}],
]);
row('brings int8 to the scale of the output', 'CONCATENATION', ['q', 'r'], { ...likeQ, options: { axis: 3 } }, [
  ['requantize', ['r'], { x_scale: 0.25, x_zero: -1, y_scale: 0.5, y_zero: 3, dtype: 4 }],
  ['concat', ['q', 'y:requantize'], { axis: 3 }],
]);
row('of int32', 'CONCATENATION', ['i', 'j'], { ...int32, options: { axis: 0 } }, [['concat', ['i', 'j'], { axis: 0 }]]);
row('stacks along a new axis', 'PACK', ['f', 'g'], { options: { axis: 1, values_count: 2 } }, [
  ['expand_dims', ['f'], { axis: 1 }],
  ['expand_dims', ['g'], { axis: 1 }],
  ['concat', ['y:expand_dims', 'y:expand_dims_1'], { axis: 1 }],
]);
row('slices an axis away', 'UNPACK', ['m'], { options: { axis: 0, num: 2 }, outputs: [{}, {}] }, [
  ['slice', ['m'], { axes: [0], begin: [0], size: [1] }],
  ['squeeze', ['y:slice'], { axes: [0] }],
  ['slice', ['m'], { axes: [0], begin: [1], size: [1] }],
  ['squeeze', ['y:slice_1'], { axes: [0] }],
]);
row('has the axis first', 'SPLIT', ['z', 'f'], { tensors: { z: scalar(3) }, options: { num_splits: 2 }, outputs: [{}, {}] }, [
  ['split', ['f'], { axis: 3, parts: 2, index: 0 }],
  ['split', ['f'], { axis: 3, parts: 2, index: 1 }],
]);
const splits = (...sizes) => ({ tensors: { z: ints(...sizes), a: scalar(-1) }, outputs: sizes.map(() => ({})) });
row('slices one part behind the other', 'SPLIT_V', ['f', 'z', 'a'], splits(1, 3), [
  ['slice', ['f'], { axes: [-1], begin: [0], size: [1] }],
  ['slice', ['f'], { axes: [-1], begin: [1], size: [3] }],
]);
row('works out what is left over', 'SPLIT_V', ['f', 'z', 'a'], splits(1, -1, 1), [
  ['slice', ['f'], { axes: [-1], begin: [0], size: [1] }],
  ['slice', ['f'], { axes: [-1], begin: [1], size: [2] }],
  ['slice', ['f'], { axes: [-1], begin: [3], size: [1] }],
]);
row('lists every axis', 'SLICE', ['m', 'z', 'a'], { tensors: { z: ints(0, 1), a: ints(-1, 2) } }, [
  ['slice', ['m'], { axes: [0, 1], begin: [0, 1], size: [-1, 2] }],
]);
row('takes what is computed', 'SLICE', ['f', 'i', 'j'], {}, [['slice', ['f', 'i', 'j'], {}]]);
const cut = { z: ints(0, 1), a: ints(2, 3), c: ints(1, 2) };
const masks = { begin_mask: 1, end_mask: 2, ellipsis_mask: 4, new_axis_mask: 8, shrink_axis_mask: 16 };
row('has masks', 'STRIDED_SLICE', ['m', 'z', 'a', 'c'], { tensors: cut, options: masks }, [
  ['strided_slice', ['m'], { begin: [0, 1], end: [2, 3], strides: [1, 2], ...masks }],
]);
const noMasks = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 };
row('the end may count from the beginning', 'STRIDED_SLICE', ['m', 'z', 'a', 'c'], { tensors: cut, options: { offset: true } }, [
  ['strided_slice', ['m'], { begin: [0, 1], end: [2, 4], strides: [1, 2], ...noMasks }],
]);
row('takes what is computed', 'STRIDED_SLICE', ['f', 'i', 'j', 'i'], { options: { offset: true } }, [
  ['add', ['i', 'j'], {}],
  ['strided_slice', ['f', 'i', 'y:add', 'i'], noMasks],
]);
row('has an axis', 'GATHER', ['f', 'i'], { options: { axis: 2, batch_dims: 1 } }, [['gather', ['f', 'i'], { axis: 2, batch_dims: 1 }]]);
row('of int8 with float32 dequantises', 'GATHER', ['w', 'i'], { options: { axis: 0 }, tensors: { w: bytes([8, 4], q(0.5)) } }, [
  ['gather', ['w:float', 'i'], { axis: 0, batch_dims: 0 }],
]);
row('is gather_nd', 'GATHER_ND', ['f', 'i'], {}, [['gather_nd', ['f', 'i'], {}]]);
row('has the indices first', 'EMBEDDING_LOOKUP', ['i', 'm'], {}, [['gather', ['m', 'i'], { axis: 0, batch_dims: 0 }]]);
row('of rows with scales multiplies them', 'EMBEDDING_LOOKUP', ['i', 'w'], { tensors: { w: bytes([8, 4], { ...channels, axis: 0 }) } }, [
  ['reshape', ['w:scale'], { shape: [8, 1] }],
  ['mul', ['w:float', 'y:reshape'], {}],
  ['gather', ['y:mul', 'i'], { axis: 0, batch_dims: 0 }],
]);
for (const [op, ours, attr, list] of [
  ['TRANSPOSE', 'transpose', 'perm', [1, 0]],
  ['TILE', 'tile', 'multiples', [2, 3]],
  ['BROADCAST_TO', 'broadcast_to', 'shape', [2, 2, 4]],
]) {
  row('has its numbers from a constant', op, ['m', 'z'], { tensors: { z: ints(...list) } }, [[ours, ['m'], { [attr]: list }]]);
  row('takes what is computed', op, ['m', 'i'], {}, [[ours, ['m', 'i'], {}]]);
  row('moves int8 as it is', op, ['q', 'i'], likeQ, [[ours, ['q', 'i'], {}]]);
}
row('has axes from a constant', 'REVERSE_V2', ['f', 'z'], { tensors: { z: ints(1, 2) } }, [['reverse', ['f'], { axes: [1, 2] }]]);
const around = { shape: [2, 2], type: 'INT32', data: Int32Array.of(0, 1, 2, 3) };
row('fills with 0', 'PAD', ['m', 'z'], { tensors: { z: around } }, [['pad', ['m'], { paddings: [0, 1, 2, 3], value: 0 }]]);
row('of int8 fills with the zero point', 'PAD', ['q', 'z'], { ...likeQ, tensors: { z: around } }, [
  ['pad', ['q'], { paddings: [0, 1, 2, 3], value: 3 }],
]);
row('takes what is computed', 'PAD', ['m', 'i'], {}, [['pad', ['m', 'i'], { value: 0 }]]);
row('with paddings of int64', 'PAD', ['m', 'z'], { tensors: { z: { ...around, type: 'INT64', data: BigInt64Array.of(0n, 1n, 2n, 3n) } } }, [
  ['pad', ['m'], { paddings: [0, 1, 2, 3], value: 0 }],
]);
row('fills with a value', 'PADV2', ['m', 'z', 'a'], { tensors: { z: around, a: floats([], -2) } }, [
  ['pad', ['m'], { paddings: [0, 1, 2, 3], value: -2 }],
]);
row('REFLECT', 'MIRROR_PAD', ['m', 'z'], { tensors: { z: around } }, [['mirror_pad', ['m'], { paddings: [0, 1, 2, 3], symmetric: 0 }]]);
row('SYMMETRIC', 'MIRROR_PAD', ['m', 'z'], { tensors: { z: around }, options: { mode: 1 } }, [
  ['mirror_pad', ['m'], { paddings: [0, 1, 2, 3], symmetric: 1 }],
]);
const blocks = { z: ints(2, 3), a: around };
row('has blocks and paddings', 'SPACE_TO_BATCH_ND', ['f', 'z', 'a'], { tensors: blocks }, [
  ['space_to_batch', ['f'], { block: [2, 3], paddings: [0, 1, 2, 3] }],
]);
row('of int8 pads in float32', 'SPACE_TO_BATCH_ND', ['q', 'z', 'a'], { ...likeQ, tensors: blocks }, [
  ['dequantize', ['q'], dequantize.q],
  ['space_to_batch', ['y:dequantize'], { block: [2, 3], paddings: [0, 1, 2, 3] }],
  ['quantize', ['y:space_to_batch'], quantizeTo.q],
]);
row(
  'of int8 without paddings moves it',
  'SPACE_TO_BATCH_ND',
  ['q', 'z', 'a'],
  { ...likeQ, tensors: { z: ints(2, 3), a: { ...around, data: new Int32Array(4) } } },
  [['space_to_batch', ['q'], { block: [2, 3], paddings: [0, 0, 0, 0] }]],
);
row('has blocks and crops', 'BATCH_TO_SPACE_ND', ['q', 'z', 'a'], { ...likeQ, tensors: blocks }, [
  ['batch_to_space', ['q'], { block: [2, 3], crops: [0, 1, 2, 3] }],
]);
row('has a block', 'SPACE_TO_DEPTH', ['f'], { options: { block_size: 2 } }, [['space_to_depth', ['f'], { block: 2 }]]);
row('has a block', 'DEPTH_TO_SPACE', ['q'], { ...likeQ, options: { block_size: 2 } }, [['depth_to_space', ['q'], { block: 2, order: 0 }]]);
row('has its shape from a constant', 'SCATTER_ND', ['i', 'f', 'z'], { tensors: { z: ints(9, 9) } }, [
  ['scatter_nd', ['i', 'f'], { shape: [9, 9] }],
]);
row('takes a shape that is computed', 'SCATTER_ND', ['i', 'f', 'j'], {}, [['scatter_nd', ['i', 'f', 'j'], {}]]);
const dots = { z: ints(9, 9), v: floats([], 0) };
row('has its shape from a constant', 'SPARSE_TO_DENSE', ['i', 'z', 'f', 'v'], { tensors: dots }, [
  ['sparse_to_dense', ['i', 'f', 'v'], { shape: [9, 9] }],
]);
row('takes a shape that is computed', 'SPARSE_TO_DENSE', ['i', 'j', 'f', 'v'], { tensors: dots }, [
  ['sparse_to_dense', ['i', 'f', 'v', 'j'], {}],
]);

// ---- making elements; types ----

row('has its shape from a constant', 'FILL', ['z', 'v'], { tensors: dots }, [['fill', ['v'], { shape: [9, 9] }]]);
row('takes a shape that is computed', 'FILL', ['i', 'v'], { tensors: dots }, [['fill', ['v', 'i'], {}]]);
row('fills the shape', 'ZEROS_LIKE', ['f'], {}, [
  ['shape', ['f'], {}],
  ['fill', [number(0), 'y:shape'], {}],
]);
row('of int8 fills with the zero point', 'ZEROS_LIKE', ['q'], likeQ, [
  ['shape', ['q'], {}],
  ['fill', [{ int8: [3], shape: [] }, 'y:shape'], {}],
]);
row('has three operands', 'RANGE', ['z', 'a', 'z'], { ...int32, tensors: { z: scalar(0), a: scalar(5) } }, [
  ['range', ['z', 'a', 'z'], {}],
]);
const hot = { z: scalar(10), v: floats([], 1), a: floats([], 0) };
row('has its depth from a constant', 'ONE_HOT', ['i', 'z', 'v', 'a'], { tensors: hot, options: { axis: -1 } }, [
  ['one_hot', ['i', 'v', 'a'], { depth: 10, axis: -1 }],
]);
row('takes a depth that is computed', 'ONE_HOT', ['i', 'k', 'v', 'a'], { tensors: { ...hot, k: { shape: [], type: 'INT32' } } }, [
  ['one_hot', ['i', 'v', 'a', 'k'], { axis: 0 }],
]);
const randoms = { kind: 0, dtype: 0, seed: 0, a: 0, b: 1 };
row('without seeds', 'RANDOM_UNIFORM', ['z'], { tensors: { z: ints(2, 3) } }, [['random', [], { ...randoms, shape: [2, 3] }]]);
row('with seeds', 'RANDOM_STANDARD_NORMAL', ['i'], { options: { seed: 1, seed2: 2 } }, [
  ['random', ['i'], { ...randoms, kind: 1, seed: 15840 }],
]);
row('draws from logits', 'MULTINOMIAL', ['m', 'z'], { ...int32, tensors: { z: scalar(5) } }, [
  ['multinomial', ['m'], { n_samples: 5, seed: 0, is_probabilities: 0 }],
]);
for (const [type, dtype] of [
  ['FLOAT32', 0],
  ['FLOAT16', 0],
  ['INT32', 1],
  ['INT64', 1],
  ['BOOL', 2],
  ['UINT8', 3],
  ['INT8', 4],
])
  row(`to ${type}`, 'CAST', ['i'], { outputs: [{ type }] }, [['cast', ['i'], { dtype }]]);
row('of int8', 'DEQUANTIZE', ['q'], {}, [['dequantize', ['q'], dequantize.q]]);
row(
  'of a float16 constant is the constant',
  'DEQUANTIZE',
  ['w'],
  { tensors: { w: { shape: [4], type: 'FLOAT16', data: new Uint16Array(4) } } },
  [],
);
row('of an int8 constant is the constant', 'DEQUANTIZE', ['w'], { tensors: { w: bytes([8, 4], q(0.5)) } }, []);
row(
  'of an int8 constant with more scales multiplies it',
  'DEQUANTIZE',
  ['w'],
  { tensors: { w: bytes([4, 8], { ...channels, axis: 1 }) } },
  [
    ['reshape', ['w:scale'], { shape: [1, 8] }],
    ['mul', ['w:float', 'y:reshape'], {}],
  ],
);
row('of float32', 'QUANTIZE', ['f'], likeQ, [['quantize', ['f'], quantizeTo.q]]);
row('of int8 to uint8', 'QUANTIZE', ['q'], { outputs: [{ type: 'UINT8', quantization: q(0.5, 131) }] }, [
  ['requantize', ['q'], { x_scale: 0.5, x_zero: 3, y_scale: 0.5, y_zero: 131, dtype: 3 }],
]);
covered.add('DENSIFY'); // tflite.test.js

test('DEQUANTIZE and CONV_2D: the scales of the channels go to the layer', () => {
  const graph = parse({
    tensors: [
      { name: 'x', shape: [1, 4, 4, 4] },
      { name: 'w', ...bytes([8, 1, 1, 4], { ...channels, axis: 0 }) },
      { name: 'd', shape: [8, 1, 1, 4] },
      { name: 'y', shape: [1, 4, 4, 8] },
    ],
    operators: [
      { op: 'DEQUANTIZE', inputs: ['w'], outputs: ['d'] },
      { op: 'CONV_2D', inputs: ['x', 'd'], outputs: ['y'], options: { stride_h: 1, stride_w: 1 } },
    ],
    inputs: ['x'],
    outputs: ['y'],
  });
  assert.deepEqual(
    graph.nodes.map(({ op, inputs }) => [op, inputs]),
    [['conv2d', ['x', 'w:float', null, null, 'w:scale']]],
  );
  assert.deepEqual(
    graph.specs.map(({ name, dtype, storage, shape }) => [name, dtype, storage, shape]),
    [
      ['w:float', 'float32', { dtype: 'int8', scale: 1, min: 0 }, [8, 1, 1, 4]],
      ['w:scale', 'float32', { dtype: 'float32' }, [8]],
    ],
  );
});

// ---- custom ops ----

const flex = (values) => ({ customOptions: encode(values), version: 2 });
const crop = {
  left_rotation_idx: 1,
  right_rotation_idx: 2,
  output_height: 16,
  output_width: 24,
  scale_x: 1.5,
  scale_y: 2.5,
  target_rotation_radians: 0.5,
  subset_idxs: [3, 1, 2],
};
row('has its options', 'Landmarks2TransformMatrix', ['f'], flex(crop), [
  [
    'landmarks_to_transform_matrix',
    ['f', { int32: [3, 1, 2], shape: [3] }],
    {
      left_rotation_idx: 1,
      right_rotation_idx: 2,
      output_height: 16,
      output_width: 24,
      scale_x: 1.5,
      scale_y: 2.5,
      target_rotation_radians: 0.5,
    },
  ],
]);
row('has its size', 'TransformTensorBilinear', ['f', 'm'], flex({ output_height: 16, output_width: 24 }), [
  ['transform_tensor_bilinear', ['f', 'm'], { output_height: 16, output_width: 24 }],
]);
row('has no options', 'TransformLandmarks', ['f', 'm'], { version: 2 }, [['transform_landmarks', ['f', 'm'], {}]]);
row(
  'has the struct of TRANSPOSE_CONV',
  'Convolution2DTransposeBias',
  ['f', 'w', 'v'],
  { tensors: filter, customOptions: new Uint8Array(Int32Array.of(1, 3, 2).buffer) },
  [['conv2d_transpose', ['f', 'w', 'v'], { stride_h: 2, stride_w: 3, padding: 1, out_h: 0, out_w: 0, filter_layout: 1 }]],
);

test('every op: its name, number of inputs and attributes stand in src/ops.def', () => {
  const text = readFileSync(new URL('../../src/ops.def', import.meta.url), 'utf8').replaceAll('\\\n', ' ');
  const names = (attributes) => [...attributes.matchAll(/\b(?:I32|F32|I32S)\((\w+)\)/g)].map(([, name]) => name);
  const macros = new Map([...text.matchAll(/^#define (\w+) (.*)$/gm)].map(([, name, body]) => [name, names(body)]));
  assert.ok(macros.get('WINDOW').length > 5);
  const known = new Map();
  for (const [, op, least, most, attributes] of text.matchAll(/^XJ_OP\( *(\w+), *(\d+), *(\d+),(.*)\)$/gm)) {
    const shared = [...macros].flatMap(([macro, list]) => (new RegExp(`\\b${macro}\\b`).test(attributes) ? list : []));
    known.set(op, { least: Number(least), most: Number(most), attributes: new Set([...names(attributes), ...shared]) });
  }
  assert.ok(known.size > 100);
  assert.ok(emitted.length > 250);
  for (const { op, inputs, attrs } of emitted) {
    const found = known.get(op) ?? assert.fail(`there is no op ${op}`);
    assert.ok(inputs.length >= found.least && inputs.length <= found.most, `${op} of ${inputs.length} inputs`);
    for (const name of Object.keys(attrs)) assert.ok(found.attributes.has(name), `${op} has no ${name}`);
  }
});

after(() =>
  assert.deepEqual(
    [...tfliteOps.keys(), ...tfliteCustomOps.keys()].filter((op) => !covered.has(op)),
    [],
    'every row has a case',
  ),
);

// ---- what is refused ----

refuses('an unknown builtin', 'WHERE', ['b'], {}, 'unsupported', /^unsupported ops: WHERE \(node "y"\)$/);
for (const op of [
  'WHILE',
  'IF',
  'CALL',
  'LSTM',
  'UNIDIRECTIONAL_SEQUENCE_LSTM',
  'RNN',
  'NON_MAX_SUPPRESSION_V5',
  'UNIQUE',
  'HASHTABLE',
  'VAR_HANDLE',
])
  refuses('what cannot be run', op, ['f'], {}, 'unsupported', new RegExp(`^unsupported ops: ${op} \\(node "y"\\)$`));
refuses('what nobody knows', 'FlexErf', ['f'], {}, 'unsupported', /^unsupported ops: custom op FlexErf \(node "y"\)$/);
refuses(
  'strings',
  'EQUAL',
  ['s', 's'],
  { tensors: { s: { shape: [1], type: 'STRING', data: new Uint8Array(8) } } },
  'unsupported',
  /tensor "s" is of type STRING/,
);
refuses(
  '16-bit numbers',
  'ADD',
  ['x', 'x'],
  { tensors: { x: { shape: [1], type: 'INT16', data: new Int16Array(1) } } },
  'unsupported',
  /"x"\) is of type INT16/,
);
refuses('a float op of int32', 'BATCH_MATMUL', ['f', 'b'], {}, 'unsupported', /input 1 \("b"\) is of type BOOL/);
refuses('no inputs', 'ADD', [], {}, 'bad-model', /^node "y" \(ADD\): has 0 inputs, needs 2$/);
refuses('an input that is absent', 'ADD', ['f', null], {}, 'bad-model', /input 1 is missing/);
refuses('a stride of 0', 'CONV_2D', ['f', 'w'], { tensors: filter, options: { stride_h: 1 } }, 'bad-model', /stride_w is 0/);
refuses(
  'a dilation below 0',
  'CONV_2D',
  ['f', 'w'],
  { tensors: filter, options: { ...conv, dilation_h_factor: -1 } },
  'bad-model',
  /dilation_h is -1/,
);
refuses(
  'a padding that does not exist',
  'CONV_2D',
  ['f', 'w'],
  { tensors: filter, options: { ...conv, padding: 2 } },
  'bad-model',
  /padding 2/,
);
refuses('an activation that does not exist', 'ADD', ['f', 'g'], { options: { fused_activation_function: 6 } }, 'bad-model', /activation 6/);
refuses('an activation nobody computes', 'ADD', ['f', 'g'], { options: { fused_activation_function: 5 } }, 'unsupported', /SIGN_BIT/);
refuses(
  'a filter of other channels',
  'DEPTHWISE_CONV_2D',
  ['f', 'w'],
  { tensors: { w: floats([1, 3, 3, 6]) }, options: conv },
  'bad-model',
  /\[1,3,3,6\] for 4 channels/,
);
refuses(
  'a filter of three dimensions',
  'DEPTHWISE_CONV_2D',
  ['f', 'w'],
  { tensors: { w: floats([3, 3, 4]) }, options: conv },
  'bad-model',
  /shape \[3,3,4\]/,
);
refuses(
  'weights of three dimensions',
  'FULLY_CONNECTED',
  ['m', 'w'],
  { tensors: { w: floats([1, 5, 4]) } },
  'bad-model',
  /weights "w" have shape \[1,5,4\]/,
);
refuses(
  'shuffled weights',
  'FULLY_CONNECTED',
  ['m', 'w'],
  { tensors: dense, options: { weights_format: 1 } },
  'unsupported',
  /weights of format 1/,
);
refuses(
  'a size that nobody knows',
  'TRANSPOSE_CONV',
  ['z', 'w', 'f'],
  { options: conv, tensors: { ...filter, z: { shape: [4], type: 'INT32' } }, outputs: [{ shape: [] }] },
  'unsupported',
  /size \(input 0, "z"\)/,
);
refuses(
  'a filter that is computed',
  'TRANSPOSE_CONV',
  ['z', 'g', 'f'],
  { options: conv, tensors: size },
  'unsupported',
  /filter "g" is computed/,
);
refuses(
  'an axis that is computed',
  'EXPAND_DIMS',
  ['f', 'i'],
  {},
  'unsupported',
  /the axis \(input 1, "i"\) are computed at run time|axis/,
);
refuses('two axes', 'ARG_MAX', ['f', 'z'], { tensors: { z: ints(1, 2) } }, 'bad-model', /needs one axis, has 2/);
refuses('two free dimensions', 'RESHAPE', ['f', 'z'], { tensors: { z: ints(-1, -1) } }, 'bad-model', /-1,-1/);
refuses('a dimension of -2', 'RESHAPE', ['f', 'z'], { tensors: { z: ints(-2) } }, 'bad-model', /-2/);
refuses(
  'parts that are too many',
  'SPLIT_V',
  ['f', 'z', 'a'],
  { ...splits(1, 3), outputs: [{}] },
  'bad-model',
  /splits into \[1,3\], but has 1 outputs/,
);
refuses('parts that are too large', 'SPLIT_V', ['f', 'z', 'a'], splits(9, -1), 'bad-model', /splits 4 into/);
refuses('two parts that are left over', 'SPLIT_V', ['f', 'z', 'a'], splits(-1, -1), 'bad-model', /splits 4 into/);
refuses(
  'begin and size of different lengths',
  'SLICE',
  ['m', 'z', 'a'],
  { tensors: { z: ints(0), a: ints(1, 1) } },
  'bad-model',
  /\[0\] on, of size \[1,1\]/,
);
refuses(
  'ends of different lengths',
  'STRIDED_SLICE',
  ['m', 'z', 'a', 'c'],
  { tensors: { ...cut, a: ints(1) } },
  'bad-model',
  /from \[0,1\] to \[1\]/,
);
refuses('a size of 0', 'RESIZE_BILINEAR', ['f', 'z'], { tensors: { z: ints(0, 4) } }, 'bad-model', /resize to \[0,4\]/);
refuses('limits without 0', 'FAKE_QUANT', ['f'], { options: { min: 1, max: 2, num_bits: 8 } }, 'bad-model', /8 bits from 1 to 2/);
refuses(
  'a result of int16',
  'QUANTIZE',
  ['f'],
  { outputs: [{ type: 'INT16', quantization: q(1) }] },
  'unsupported',
  /output "y" is of type INT16/,
);
refuses('another type without a scale', 'RESHAPE', ['i', 'j'], likeQ, 'unsupported', /"i" is of type INT32, "y" of type INT8/);
refuses(
  'a table without outputs',
  'SPLIT',
  ['z', 'f'],
  { tensors: { z: scalar(0) }, outputs: [{ type: 'INT32' }] },
  'unsupported',
  /"f" is of type FLOAT32/,
);
refuses('an output too many', 'ADD', ['f', 'g'], { outputs: [{}, {}] }, 'bad-model', /has 2 outputs/);
refuses(
  'scales of a tensor that is computed',
  'RELU',
  ['x'],
  { tensors: { x: { shape: [8], type: 'INT8', quantization: { ...channels, axis: 0 } } } },
  'unsupported',
  /"x" has 8 scales, but is computed at run time/,
);
refuses('version 1', 'TransformLandmarks', ['f', 'm'], {}, 'unsupported', /version 1; version 2 is supported/);
refuses(
  'options that are no map',
  'TransformTensorBilinear',
  ['f', 'm'],
  { customOptions: encode([1, 'two']), version: 2 },
  'bad-model',
  /no map/,
);
refuses(
  'options that are missing',
  'TransformTensorBilinear',
  ['f', 'm'],
  flex({ output_height: 1 }),
  'bad-model',
  /output_width is undefined/,
);
refuses(
  'a size of 0',
  'TransformTensorBilinear',
  ['f', 'm'],
  flex({ output_height: 0, output_width: 1 }),
  'bad-model',
  /output_height is 0/,
);
refuses(
  'landmarks that are none',
  'Landmarks2TransformMatrix',
  ['f'],
  flex({ ...crop, subset_idxs: [-1] }),
  'bad-model',
  /subset_idxs is a list/,
);
refuses('a scale that is text', 'Landmarks2TransformMatrix', ['f'], flex({ ...crop, scale_x: 'wide' }), 'bad-model', /scale_x is wide/);
refuses(
  '1001 landmarks',
  'Landmarks2TransformMatrix',
  ['f'],
  flex({ ...crop, subset_idxs: Array(1001).fill(1) }),
  'unsupported',
  /1001 landmarks/,
);
refuses(
  'a struct that is too short',
  'Convolution2DTransposeBias',
  ['f', 'w', 'v'],
  { tensors: filter, customOptions: new Uint8Array(8) },
  'bad-model',
  /8 bytes, not 12/,
);
refuses(
  'a stride of 0',
  'Convolution2DTransposeBias',
  ['f', 'w', 'v'],
  { tensors: filter, customOptions: new Uint8Array(Int32Array.of(1, 0, 2).buffer) },
  'bad-model',
  /strides 2 and 0/,
);
