// Every op of the tables of tfjs-converter as a graph of its own, run by xnnjs and by TensorFlow.js' cpu backend.
import '@tensorflow/tfjs-backend-cpu';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { tfjsGraphOps } from '../../js/load/tfjs-graph-ops.js';
import { createRuntime } from '../../js/main.js';
import { compare } from '../support/agreement.js';
import { attr, random } from './helpers.js';

tf.env().set('IS_TEST', true); // no banner about tfjs-node on stderr

const TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const LIMIT = 1e-5; // of the largest value, as docs/numerics.md has it
const count = (shape) => shape.reduce((product, size) => product * size, 1);

// Operands: with a `constant` they are in the model's weights, else the model's inputs.
/** Uniform in [low, high]. */
const floats = (shape, low = -2, high = 2, seed = 1) => {
  const next = random(seed + count(shape));
  return { dtype: 'float32', shape, data: Float32Array.from({ length: count(shape) }, () => low + (high - low) * next()) };
};
const integers = (shape, low, high, seed = 1) => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(floats(shape, low, high + 1, seed).data, Math.floor),
});
const flags = (shape, seed = 1) => ({ dtype: 'bool', shape, data: Uint8Array.from(floats(shape, -1, 1, seed).data, (value) => value > 0) });
const list = (...values) => ({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values), constant: true });
const int = (value) => ({ ...list(value), shape: [] });
const scalar = (value) => ({ dtype: 'float32', shape: [], data: Float32Array.of(value), constant: true });
const table = (rows, columns, ...values) => ({ ...list(...values), shape: [rows, columns] });
const fixed = (operand) => ({ ...operand, constant: true });
const at = (dtype, shape, ...values) => ({ dtype, shape, data: ARRAYS[dtype].from(values) });

const covered = new Set();
let runtime;
before(async () => {
  runtime = await createRuntime({ variant: 'simd', threads: 1 });
  await tf.setBackend('cpu');
});
after(() => runtime.dispose());

/**
 * One node y on the operands (or more nodes, of which y is the last); its outputs, of which there are `outputs`.
 * @param {{ nodes?: object[], outputs?: number, expected?: { shape: number[], data: number[] }[], sameType?: boolean }} options
 *   expected, sameType: where tfjs does something else.
 */
function agrees(title, op, operands, attrs = {}, { nodes = [], outputs = 1, expected, sameType = true } = {}) {
  covered.add(op);
  for (const node of nodes) covered.add(node.op);
  test(`${op}: ${title}`, async () => {
    const names = Object.keys(operands);
    const type = TYPES[Object.values(operands)[0]?.dtype ?? 'float32'];
    const node = { name: 'y', op, input: nodes.at(-1)?.name === 'last' ? ['last'] : names, attr: { T: attr.type(type), ...attrs } };
    if (attrs.input !== undefined) {
      node.input = attrs.input;
      delete node.attr.input;
    }
    const weightSpecs = [];
    const pieces = [];
    const list = names.map((name) => {
      const { dtype, shape, data, constant } = operands[name];
      if (!constant) return { name, op: 'Placeholder', attr: { dtype: attr.type(TYPES[dtype]), shape: attr.shape(...shape) } };
      weightSpecs.push({ name, dtype, shape });
      pieces.push(Buffer.from(data.buffer));
      return { name, op: 'Const', attr: { dtype: attr.type(TYPES[dtype]) } };
    });
    const inputs = Object.fromEntries(names.flatMap((name) => (operands[name].constant ? [] : [[name, operands[name]]])));
    const wanted = Array.from({ length: outputs }, (_, i) => (i === 0 ? 'y' : `y:${i}`));
    const signature = {
      inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, { name: `${name}:0` }])),
      outputs: Object.fromEntries(wanted.map((name) => [name, { name: name.includes(':') ? name : `${name}:0` }])),
    };
    const modelTopology = { node: [...list, ...nodes, node], versions: { producer: 1 } };
    const bytes = Buffer.concat(pieces);
    const weightData = new Uint8Array(bytes).buffer;
    const artifacts = { modelTopology, weightSpecs, weightData, signature };

    const reference = expected ?? (await runTfjs(artifacts, inputs, wanted));
    for (const optimize of [true, false]) {
      const model = await runtime.load(artifacts, { optimize });
      const results = await model.run(inputs);
      wanted.forEach((name, i) => {
        const { shape, data, dtype } = results[name];
        assert.deepEqual(shape, reference[i].shape, `shape of ${name}`);
        if (sameType && reference[i].dtype) assert.equal(dtype, reference[i].dtype, `dtype of ${name}`);
        const { error, where } = compare(data, reference[i].data);
        assert.ok(error <= (dtype === 'float32' ? LIMIT : 0), `${name}${optimize ? '' : ', not optimised'}: ${error} at ${where}`);
      });
      model.dispose();
    }
  });
}

async function runTfjs(artifacts, inputs, wanted) {
  const model = await loadGraphModel({ load: async () => artifacts });
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { dtype, shape, data }]) => [name, tf.tensor(data, shape, dtype)]));
  const results = [model.execute(feeds, wanted)].flat();
  return results.map((result) => ({ shape: result.shape, dtype: result.dtype, data: result.dataSync() }));
}

const once = { dilations: attr.ints(1, 1, 1, 1) }; // which tfjs needs
const valid = { ...once, strides: attr.ints(1, 1, 1, 1), padding: attr.s('VALID') };
const same2 = { ...once, strides: attr.ints(1, 2, 2, 1), padding: attr.s('SAME') };
const of3d = { dilations: attr.ints(1, 1, 1, 1, 1), data_format: attr.s('NDHWC') };

// ---- arithmetic, logic, mathematics ----

const image = floats([2, 5, 6, 4]);
const pair = { a: floats([3, 1, 4]), b: floats([2, 4], -2, 2, 2) };
for (const op of ['Add', 'AddV2', 'Sub', 'Mul', 'Div', 'RealDiv', 'Maximum', 'Minimum', 'Mod', 'FloorMod', 'SquaredDifference', 'DivNoNan'])
  agrees('broadcasts', op, pair);
agrees('of floats gives floats, which tfjs calls integers', 'FloorDiv', pair, {}, { sameType: false });
agrees('of positive numbers', 'Pow', { a: floats([3, 1, 4], 0.1, 3), b: pair.b });
const whole = { a: integers([3, 1, 4], -9, 9), b: at('int32', [4], 3, -2, 5, -4) };
for (const op of ['Add', 'Sub', 'Mul', 'Div', 'RealDiv', 'Maximum', 'Minimum', 'FloorDiv', 'FloorMod', 'SquaredDifference'])
  agrees('of integers', op, whole);
agrees('of integers', 'Pow', { a: integers([3, 4], -5, 5), b: at('int32', [4], 0, 1, 2, 3) });
agrees('of all four quadrants', 'Atan2', pair);
agrees('of three', 'AddN', { a: floats([3, 4]), b: floats([3, 4], -1, 1, 2), c: floats([3, 4], -1, 1, 3) });
agrees('adds to each channel', 'BiasAdd', { x: image, b: fixed(floats([4])) });
for (const op of ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual']) {
  agrees('of integers', op, { a: integers([3, 1, 4], -2, 2), b: integers([5, 1], -2, 2, 2) });
  agrees('of floats', op, { a: floats([3, 4]), b: scalar(0.25) });
}
for (const op of ['LogicalAnd', 'LogicalOr']) agrees('broadcasts', op, { a: flags([3, 1, 4]), b: flags([5, 1], 2) });
agrees('inverts', 'LogicalNot', { a: flags([3, 4]) });
agrees(
  'of integers, whose names tfjs-converter mistakes',
  'BitwiseAnd',
  { a: at('int32', [4], 12, -1, 255, 8), b: at('int32', [4], 10, 7, -256, 4) },
  {},
  { expected: [{ shape: [4], data: [8, 7, 0, 0] }] },
);
agrees('broadcasts', 'SelectV2', { c: flags([4]), a: floats([3, 4]), b: floats([3, 1]) });
agrees('has a whole condition', 'Select', { c: flags([3, 4]), a: floats([3, 4]), b: floats([3, 4], -1, 1, 2) });
agrees(
  'takes whole rows as TensorFlow does',
  'Select',
  { c: at('bool', [3], 1, 0, 1), a: floats([3, 2], 1, 1), b: floats([3, 2], 2, 2) },
  { T: attr.type('DT_FLOAT') },
  { expected: [{ shape: [3, 2], data: [1, 1, 2, 2, 1, 1] }] },
);
agrees('has one condition for all', 'Select', { c: at('bool', [], 0), a: floats([3, 2]), b: floats([3, 2], -1, 1, 2) });

/** Where each is defined. */
const DOMAINS = {
  Acos: [-1, 1],
  Acosh: [1, 9],
  Asin: [-1, 1],
  Atanh: [-0.9, 0.9],
  Log: [0.01, 9],
  Log1p: [-0.9, 9],
  Reciprocal: [0.1, 3],
  Rsqrt: [0.1, 9],
  Sqrt: [0, 9],
  Tan: [-1.4, 1.4],
};
const UNARY =
  `Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Log Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu
  Sigmoid Sign Sin Sinh Softplus Sqrt Square Tan Tanh`.split(/\s+/);
for (const op of UNARY) agrees('of floats', op, { x: floats([5, 37], ...(DOMAINS[op] ?? [-5, 7])) });
for (const op of ['Abs', 'Neg', 'Sign', 'Square', 'Relu', 'Relu6']) agrees('of integers', op, { x: integers([5, 7], -9, 9) });
const odd = at('float32', [6], 1, -0, NaN, Infinity, -Infinity, 3e38);
for (const op of ['IsNan', 'IsInf', 'IsFinite']) agrees('of all kinds', op, { x: odd });
agrees('has an alpha', 'LeakyRelu', { x: image }, { alpha: attr.f(0.375) });
agrees('has a slope for each channel', 'Prelu', { x: image, a: fixed(floats([1, 1, 4])) });
agrees('has a slope for each place', 'Prelu', { x: image, a: fixed(floats([5, 6, 4])) });
agrees('has two limits', 'ClipByValue', { x: image, lo: scalar(-0.5), hi: scalar(1) });
agrees('has limits that are computed', 'ClipByValue', { x: image, lo: floats([], -1, -0.5), hi: floats([], 0.5, 1) });
const complex = { name: 'c', op: 'Complex', input: ['a', 'b'], attr: { T: attr.type('DT_FLOAT') } };
for (const op of ['Real', 'Imag', 'ComplexAbs'])
  agrees('of a pair', op, { a: floats([3, 4]), b: floats([3, 4], -1, 1, 2) }, { input: ['c'] }, { nodes: [complex] });

// ---- layers ----

const filter = fixed(floats([3, 3, 4, 5]));
agrees('has a constant filter', 'Conv2D', { x: image, w: filter }, same2);
agrees('has a computed filter', 'Conv2D', { x: image, w: floats([3, 3, 4, 5]) }, { ...valid, dilations: attr.ints(1, 2, 2, 1) });
agrees('has channels first', 'Conv2D', { x: floats([2, 4, 5, 6]), w: filter }, { ...valid, data_format: attr.s('NCHW') });
agrees(
  'has explicit paddings',
  'Conv2D',
  { x: image, w: filter },
  { ...valid, padding: attr.s('EXPLICIT'), explicit_paddings: attr.ints(0, 0, 1, 2, 0, 3, 0, 0) },
);
agrees(
  'has a bias and an activation',
  '_FusedConv2D',
  { x: image, w: filter, b: fixed(floats([5])) },
  { ...same2, fused_ops: attr.strings('BiasAdd', 'Elu'), num_args: attr.i(1) },
);
agrees(
  'has a bias that is computed',
  '_FusedConv2D',
  { x: image, w: filter, b: floats([5]) },
  { ...same2, fused_ops: attr.strings('BiasAdd', 'Relu'), num_args: attr.i(1) },
);
const depthwise = fixed(floats([3, 3, 4, 2]));
for (const op of ['DepthwiseConv2d', 'DepthwiseConv2dNative']) agrees('has a multiplier', op, { x: image, w: depthwise }, same2);
agrees('has a computed filter', 'DepthwiseConv2dNative', { x: image, w: floats([3, 3, 4, 2]) }, valid);
agrees(
  'has a slope',
  'FusedDepthwiseConv2dNative',
  { x: image, w: depthwise, b: fixed(floats([8])), a: fixed(floats([8], 0, 1)) },
  { ...same2, fused_ops: attr.strings('BiasAdd', 'Prelu'), num_args: attr.i(2) },
);
agrees('is a row', 'Conv1D', { x: floats([2, 9, 4]), w: fixed(floats([3, 4, 5])) }, { padding: attr.s('SAME'), stride: attr.i(2) });
agrees(
  'is dilated',
  'Conv1D',
  { x: floats([2, 9, 4]), w: floats([3, 4, 5]) },
  { padding: attr.s('VALID'), stride: attr.i(1), dilation: attr.i(2) },
);
const backward = fixed(floats([3, 3, 5, 4]));
agrees('has an odd size', 'Conv2DBackpropInput', { x: image, s: list(2, 9, 12, 5), w: backward }, { ...same2, input: ['s', 'w', 'x'] });
const shapeOf = (name, of) => ({ name, op: 'Shape', input: [of], attr: { T: attr.type('DT_FLOAT') } });
agrees(
  'has a size that is computed',
  'Conv2DBackpropInput',
  { x: floats([2, 4, 3, 4]), w: backward, like: floats([2, 8, 6, 5]) },
  { ...same2, input: ['s', 'w', 'x'] },
  { nodes: [shapeOf('s', 'like')] },
);
agrees(
  'has three dimensions',
  'Conv3D',
  { x: floats([1, 4, 5, 6, 3]), w: fixed(floats([2, 3, 2, 3, 4])) },
  { ...of3d, strides: attr.ints(1, 1, 2, 1, 1), padding: attr.s('SAME') },
);
agrees(
  'is dilated',
  'Conv3D',
  { x: floats([1, 5, 5, 6, 3]), w: fixed(floats([2, 2, 2, 3, 4])) },
  { ...of3d, strides: attr.ints(1, 1, 1, 1, 1), dilations: attr.ints(1, 2, 2, 2, 1), padding: attr.s('VALID') },
);
agrees('has rates', 'Dilation2D', { x: image, w: fixed(floats([2, 2, 4])) }, { ...same2, rates: attr.ints(1, 2, 2, 1) });
for (const kind of ['Max', 'Avg']) {
  agrees('has a window', `${kind}Pool`, { x: image }, { ...same2, ksize: attr.ints(1, 3, 2, 1) });
  agrees(
    'has three dimensions',
    `${kind}Pool3D`,
    { x: floats([1, 4, 5, 6, 3]) },
    { ksize: attr.ints(1, 2, 3, 2, 1), strides: attr.ints(1, 2, 1, 2, 1), padding: attr.s('SAME') },
  );
}
for (const batch of [true, false])
  agrees(
    `says where${batch ? ', batch included' : ''}`,
    'MaxPoolWithArgmax',
    { x: image },
    { ...same2, ksize: attr.ints(1, 2, 2, 1), include_batch_in_index: attr.b(batch) },
    { outputs: 2 },
  );
agrees('is a layer', 'MatMul', { a: floats([3, 4]), b: fixed(floats([4, 5])) });
agrees('of a transposed left side', 'MatMul', { a: floats([4, 3]), b: fixed(floats([4, 5])) }, { transpose_a: attr.b(true) });
agrees('of computed sides', 'MatMul', { a: floats([3, 4]), b: floats([5, 4]) }, { transpose_b: attr.b(true) });
agrees(
  'has a bias and an activation',
  '_FusedMatMul',
  { a: floats([3, 4]), b: floats([4, 5]), c: fixed(floats([5])) },
  { fused_ops: attr.strings('BiasAdd', 'Relu'), num_args: attr.i(1) },
);
agrees('has batches', 'BatchMatMul', { a: floats([2, 3, 4, 5]), b: floats([2, 3, 6, 5]) }, { adj_y: attr.b(true) });
agrees('broadcasts batches', 'BatchMatMulV2', { a: floats([1, 5, 4]), b: floats([3, 5, 6]) }, { adj_x: attr.b(true) });
agrees('of a constant', 'BatchMatMulV2', { a: floats([2, 3, 4]), b: fixed(floats([1, 4, 5])) });
for (const perm of [
  [0, 3, 1, 2],
  [3, 2, 1, 0],
  [0, 2, 1, 3],
])
  agrees(`by ${perm}`, 'Transpose', { x: image, p: list(...perm) });
agrees('of integers', 'Transpose', { x: integers([3, 4], 0, 99), p: list(1, 0) });
for (const [lower, upper] of [
  [1, 2],
  [-1, 0],
  [0, -1],
])
  agrees(
    `of ${lower} and ${upper}`,
    'MatrixBandPart',
    { x: floats([2, 4, 5]), l: int(lower), u: int(upper) },
    {},
    { expected: bands(lower, upper) },
  );

/** What MatrixBandPart keeps of floats([2, 4, 5]); tfjs-converter reads numUpper from the wrong input. */
function bands(lower, upper) {
  const { shape, data } = floats([2, 4, 5]);
  const keeps = (row, column) => (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper);
  return [{ shape, data: data.map((value, i) => (keeps(Math.floor((i % 20) / 5), i % 5) ? value : 0)) }];
}

const einsum = (equation, ...shapes) =>
  agrees(equation, 'Einsum', Object.fromEntries(shapes.map((shape, i) => [`x${i}`, floats(shape, -2, 2, i)])), {
    equation: attr.s(equation),
    N: attr.i(shapes.length),
  });
einsum('ab->ba', [3, 4]);
einsum('abc->ca', [3, 4, 5]);
einsum('ab,bc->ac', [3, 4], [4, 5]);
einsum('ba,bc->ca', [4, 3], [4, 5]);
einsum('abc,cde->abde', [2, 3, 4], [4, 5, 6]);
einsum('abcd,cde->abe', [2, 3, 4, 5], [4, 5, 6]);
einsum('aecd,abcd->acbe', [2, 3, 4, 5], [2, 6, 4, 5]);
einsum('acbe,aecd->abcd', [2, 3, 4, 5], [2, 5, 3, 6]);
einsum('abcd,cbde->ae', [2, 3, 4, 5], [4, 3, 5, 6]);
einsum('abe,bc->ac', [3, 4, 2], [4, 5]);
einsum('ab,bc->bac', [3, 4], [4, 5]);
einsum('a,a->', [7], [7]);
einsum('ab,a->b', [3, 4], [3]);
einsum('abc,abd->acd', [2, 3, 4], [2, 3, 5]);
einsum('abc,adbe->ad', [2, 3, 4], [2, 5, 3, 6]);
agrees(
  'projects to heads',
  'Einsum',
  { x: floats([2, 3, 4]), w: fixed(floats([4, 5, 6])) },
  { equation: attr.s('abc,cde->abde'), N: attr.i(2) },
);

// ---- normalisation, reductions ----

const rows = floats([3, 4, 5]);
for (const op of ['Softmax', 'LogSoftmax']) agrees('over the last axis', op, { x: rows });
agrees('over channels', 'LRN', { x: image }, { depth_radius: attr.i(1), bias: attr.f(1.5), alpha: attr.f(0.5), beta: attr.f(0.75) });
agrees('over an axis', 'EuclideanNorm', { x: rows, a: list(1) }, { keep_dims: attr.b(true) });
const parts = {
  x: image,
  s: fixed(floats([4], 0.5, 2)),
  o: fixed(floats([4])),
  m: fixed(floats([4], -1, 1, 2)),
  v: fixed(floats([4], 0.5, 2, 3)),
};
for (const op of ['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'])
  agrees('of constants', op, parts, { epsilon: attr.f(0.01), is_training: attr.b(false) });
for (const op of ['Max', 'Mean', 'Min', 'Prod', 'Sum']) {
  agrees('over two axes', op, { x: rows, a: list(0, -1) });
  agrees('over one that stays', op, { x: rows, a: list(1) }, { keep_dims: attr.b(true) });
  agrees('over none', op, { x: rows, a: list() });
  if (op !== 'Mean') agrees('of integers', op, { x: integers([3, 4], -3, 3), a: list(0) });
}
agrees(
  'over axes that are computed',
  'Sum',
  { x: rows, one: list(1), two: list(1) },
  { input: ['x', 'a'] },
  { nodes: [{ name: 'a', op: 'Add', input: ['one', 'two'], attr: { T: attr.type('DT_INT32') } }] },
);
for (const op of ['All', 'Any']) agrees('over an axis', op, { x: flags([4, 3]), a: list(1) });
for (const op of ['ArgMax', 'ArgMin']) agrees('along an axis', op, { x: rows, a: int(1) });
for (const op of ['Cumsum', 'Cumprod'])
  for (const exclusive of [false, true])
    agrees(`exclusive ${exclusive}`, op, { x: rows, a: int(1) }, { exclusive: attr.b(exclusive), reverse: attr.b(exclusive) });
agrees('counts', 'Bincount', { x: integers([20], 0, 6), n: int(5), w: fixed(at('float32', [0])) }, { T: attr.type('DT_FLOAT') });
agrees('counts integers', 'Bincount', { x: integers([20], 0, 6), n: int(5), w: integers([20], 1, 9) });
agrees(
  'has weights',
  'DenseBincount',
  { x: integers([3, 9], 0, 6), n: int(5), w: floats([3, 9]) },
  { T: attr.type('DT_FLOAT'), binary_output: attr.b(false) },
);
agrees(
  'says which there are',
  'DenseBincount',
  { x: integers([3, 9], 0, 6), n: int(5), w: fixed(at('float32', [0])) },
  { T: attr.type('DT_FLOAT'), binary_output: attr.b(true) },
);
agrees('has values and places', 'TopKV2', { x: rows, k: int(3) }, { sorted: attr.b(true) }, { outputs: 2 });

// ---- slices and joins ----

agrees('along the last axis', 'ConcatV2', { a: rows, b: floats([3, 4, 2]), axis: int(-1) }, { N: attr.i(2) });
agrees('has its axis first', 'Concat', { axis: int(0), a: rows, b: floats([1, 4, 5]) }, { T: attr.type('DT_FLOAT'), N: attr.i(2) });
agrees('makes an axis', 'Pack', { a: rows, b: floats([3, 4, 5], 0, 1) }, { axis: attr.i(1), N: attr.i(2) });
agrees('takes an axis apart', 'Unpack', { x: rows }, { axis: attr.i(1), num: attr.i(4) }, { outputs: 4 });
agrees('in equal parts', 'Split', { axis: int(1), x: rows }, { num_split: attr.i(2), T: attr.type('DT_FLOAT') }, { outputs: 2 });
agrees('in unequal parts', 'SplitV', { x: rows, s: list(1, 3, 1), axis: int(-1) }, {}, { outputs: 3 });
agrees('leaves one open', 'SplitV', { x: rows, s: list(1, -1, 2), axis: int(-2) }, {}, { outputs: 3 });
agrees('of the first axis', 'Gather', { x: rows, i: integers([2, 2], 0, 2) });
agrees('along an axis', 'GatherV2', { x: rows, i: integers([2, 2], 0, 3), a: int(1) });
agrees('has batch dimensions', 'GatherV2', { x: rows, i: integers([3, 2], 0, 3), a: int(1) }, { batch_dims: attr.i(1) });
agrees('of slices', 'GatherNd', { x: rows, i: integers([2, 2], 0, 2) });
agrees('has flags', 'Reverse', { x: rows, d: fixed(at('bool', [3], 1, 0, 1)) });
agrees('has axes', 'ReverseV2', { x: rows, a: list(1, -1) });
agrees('has a begin and a size', 'Slice', { x: rows, b: list(1, 0, 2), s: list(2, -1, 2) });
const sum = (name, ...input) => ({ name, op: 'Add', input, attr: { T: attr.type('DT_INT32') } });
agrees(
  'has a begin that is computed',
  'Slice',
  { x: rows, b: list(0, 0, 1), s: list(2, 2, 2), one: list(1, 1, 1) },
  { input: ['x', 'begin', 's'] },
  { nodes: [sum('begin', 'b', 'one')] },
);
const strides = (mask) => Object.fromEntries(Object.entries(mask).map(([name, value]) => [`${name}_mask`, attr.i(value)]));
agrees('goes backwards', 'StridedSlice', { x: rows, b: list(2, 0, 4), e: list(0, 4, 0), s: list(-1, 2, -3) });
agrees(
  'has all masks',
  'StridedSlice',
  { x: rows, b: list(1, 0, 0, 2), e: list(2, 0, 0, 0), s: list(1, 1, 1, 1) },
  strides({ begin: 0, end: 8, ellipsis: 2, new_axis: 4, shrink_axis: 1 }),
);
agrees('repeats', 'Tile', { x: rows, m: list(2, 1, 3) });
agrees('sums duplicates', 'ScatterNd', { i: at('int32', [3, 1], 1, 3, 1), u: floats([3, 2]), s: list(5, 2) }, { T: attr.type('DT_FLOAT') });
agrees('overwrites', 'TensorScatterUpdate', { x: floats([4, 3]), i: at('int32', [2, 1], 2, 0), u: floats([2, 3], 5, 6) });
agrees(
  'has a default',
  'SparseToDense',
  { i: at('int32', [3, 2], 0, 1, 1, 3, 2, 0), s: list(3, 4), v: floats([3]), d: scalar(-1) },
  { T: attr.type('DT_FLOAT') },
);

// ---- shapes, images, creation ----

for (const [from, to] of [
  ['DT_FLOAT', 'DT_INT32'],
  ['DT_FLOAT', 'DT_BOOL'],
])
  agrees(`from ${from} to ${to}`, 'Cast', { x: rows }, { SrcT: attr.type(from), DstT: attr.type(to) });
agrees('from bool to float', 'Cast', { x: flags([3, 4]) }, { SrcT: attr.type('DT_BOOL'), DstT: attr.type('DT_FLOAT') });
agrees('inserts an axis', 'ExpandDims', { x: rows, a: int(1) });
agrees('drops an axis', 'Squeeze', { x: floats([3, 1, 4, 1]) }, { squeeze_dims: attr.ints(1) });
agrees('has an open size', 'Reshape', { x: rows, s: list(5, -1) });
agrees('gives its input', 'EnsureShape', { x: rows, s: list(3, 4, 5) });
const paddings = table(3, 2, 1, 0, 0, 2, 1, 1);
agrees('fills with 0', 'Pad', { x: rows, p: paddings });
agrees('fills with a value', 'PadV2', { x: rows, p: paddings, v: scalar(2.5) });
for (const mode of ['REFLECT', 'SYMMETRIC']) agrees(mode, 'MirrorPad', { x: rows, p: paddings }, { mode: attr.s(mode.toLowerCase()) });
agrees('has blocks', 'SpaceToBatchND', { x: floats([1, 4, 5, 3]), b: list(2, 3), p: table(2, 2, 0, 0, 1, 0) });
agrees('has blocks', 'BatchToSpaceND', { x: floats([6, 2, 2, 3]), b: list(2, 3), c: table(2, 2, 0, 0, 1, 0) });
agrees('has a block', 'DepthToSpace', { x: floats([2, 3, 4, 8]) }, { block_size: attr.i(2), data_format: attr.s('NHWC') });
agrees('repeats', 'BroadcastTo', { x: floats([3, 1]), s: list(2, 3, 4) });
agrees(
  'joins shapes',
  'BroadcastArgs',
  { a: at('int32', [3], 2, 1, 4), b: at('int32', [2], 3, 1) },
  {},
  { expected: [{ shape: [3], data: [2, 3, 4] }] },
);
agrees('is a list', 'Shape', { x: rows });
agrees('is one of each', 'ShapeN', { x: rows, z: image }, { N: attr.i(2) }, { outputs: 2, expected: [list(3, 4, 5), list(2, 5, 6, 4)] });
agrees('is a number', 'Size', { x: rows });
agrees('is a number', 'Rank', { x: rows });
for (const op of ['Identity', 'Snapshot', 'StopGradient', 'FakeQuantWithMinMaxVars']) agrees('gives its input', op, { x: rows });
agrees('gives its input', 'PreventGradient', { x: rows }, {}, { expected: [rows] });
agrees('gives its input', 'Print', { x: rows }, {}, { expected: [rows] });
agrees('gives all inputs', 'IdentityN', { x: rows, z: image }, {}, { outputs: 2 });
agrees('has its default', 'PlaceholderWithDefault', { x: fixed(rows) }, {}, { expected: [rows] });
agrees(
  'follows from a shape: Shape, StridedSlice, Pack',
  'Reshape',
  { x: rows, b: list(0), e: list(1), one: list(1), open: int(-1) },
  { input: ['x', 'shape'] },
  {
    nodes: [
      shapeOf('sizes', 'x'),
      {
        name: 'first',
        op: 'StridedSlice',
        input: ['sizes', 'b', 'e', 'one'],
        attr: { T: attr.type('DT_INT32'), shrink_axis_mask: attr.i(1) },
      },
      { name: 'shape', op: 'Pack', input: ['first', 'open'], attr: { N: attr.i(2), axis: attr.i(0) } },
    ],
  },
);

for (const op of ['ResizeBilinear', 'ResizeNearestNeighbor'])
  for (const [align, half] of [
    [false, false],
    [true, false],
    [false, true],
  ])
    agrees(
      `align_corners ${align}, half_pixel_centers ${half}`,
      op,
      { x: image, s: list(8, 5) },
      { align_corners: attr.b(align), half_pixel_centers: attr.b(half) },
    );
agrees('of integers', 'ResizeBilinear', { x: integers([1, 3, 4, 2], 0, 99), s: list(5, 7) });
agrees('of integers', 'ResizeNearestNeighbor', { x: integers([1, 3, 4, 2], 0, 99), s: list(5, 7) });
const boxes = at('float32', [2, 4], 0.1, 0.2, 0.8, 0.9, -0.2, 0, 1.3, 0.5);
for (const method of ['bilinear', 'nearest'])
  agrees(
    method,
    'CropAndResize',
    { x: image, b: boxes, i: at('int32', [2], 1, 0), s: list(3, 4) },
    { method: attr.s(method), extrapolation_value: attr.f(0.5) },
  );
const turn = fixed(at('float32', [1, 8], 0.9, 0.2, -0.5, -0.1, 1.1, 0.3, 0.01, 0.02));
for (const mode of ['CONSTANT', 'REFLECT', 'WRAP', 'NEAREST'])
  agrees(
    mode,
    'ImageProjectiveTransformV3',
    { x: floats([1, 5, 6, 4]), t: turn, s: list(7, 8), v: scalar(0.5) },
    { interpolation: attr.s('BILINEAR'), fill_mode: attr.s(mode) },
  );

agrees(
  'has a shape',
  'Fill',
  { s: list(2, 3), v: scalar(1.5) },
  { T: attr.type('DT_FLOAT') },
  { expected: [{ shape: [2, 3], data: Array(6).fill(1.5) }] },
);
agrees(
  'has a shape that is computed',
  'Fill',
  { x: rows, v: scalar(1.5) },
  { T: attr.type('DT_FLOAT'), input: ['s', 'v'] },
  { nodes: [shapeOf('s', 'x')] },
);
for (const [op, value] of [
  ['Zeros', 0],
  ['Ones', 1],
])
  agrees(
    'has a shape',
    op,
    { s: list(2, 3) },
    { T: attr.type('DT_FLOAT') },
    { expected: [{ shape: [2, 3], data: Array(6).fill(value), dtype: 'float32' }] },
  );
for (const op of ['ZerosLike', 'OnesLike']) for (const like of [odd, integers([2, 3], 0, 5)]) agrees(`of ${like.dtype}`, op, { x: like });
agrees('of integers', 'Range', { a: int(2), b: int(11), c: int(3) }, { Tidx: attr.type('DT_INT32') });
agrees('goes down', 'Range', { a: scalar(2), b: scalar(-1), c: scalar(-0.5) }, { Tidx: attr.type('DT_FLOAT') });
agrees('has a count', 'LinSpace', { a: scalar(2), b: scalar(-1), n: int(7) });
agrees(
  'has two values',
  'OneHot',
  { i: at('int32', [2, 3], 0, 3, 1, 5, -1, 2), d: int(4), on: scalar(2), off: scalar(-1) },
  { T: attr.type('DT_FLOAT') },
);
agrees(
  'has an axis, which tfjs does not know',
  'OneHot',
  { i: at('int32', [2], 2, 0), d: int(3), on: scalar(1), off: scalar(0) },
  { T: attr.type('DT_FLOAT'), axis: attr.i(0) },
  { expected: [{ shape: [3, 2], data: [0, 1, 0, 0, 1, 0] }] },
);

/** Ops whose results are random: their moments. */
const RANDOM = [
  ['RandomUniform', { minval: attr.f(2), maxval: attr.f(4) }, 3, 1 / 3, 2, 4],
  ['RandomStandardNormal', {}, 0, 1, -9, 9],
  ['TruncatedNormal', { means: attr.f(1), stddev: attr.f(0.5) }, 1, 0.7737 * 0.25, 0, 2], // variance between two deviations
  ['RandomUniformInt', { minval: attr.i(-2), maxval: attr.i(3) }, 0, 2, -2, 2],
];
for (const [op, attrs, mean, variance, low, high] of RANDOM) {
  covered.add(op);
  test(`${op}: has its mean, variance and limits, and another value each run`, async () => {
    const node = { name: 'y', op, input: ['s'], attr: { seed: attr.i(7), ...attrs } };
    const modelTopology = { node: [{ name: 's', op: 'Const' }, { name: 'x', op: 'Placeholder', attr: { shape: attr.shape(1) } }, node] };
    const weightData = Int32Array.of(100, 200).buffer;
    const model = await runtime.load({ modelTopology, weightSpecs: [{ name: 's', dtype: 'int32', shape: [2] }], weightData });
    const { y } = await model.run({ x: Float32Array.of(0) });
    const again = await model.run({ x: Float32Array.of(0) });
    model.dispose();
    const n = y.data.length;
    assert.deepEqual(y.shape, [100, 200]);
    const average = y.data.reduce((total, value) => total + value, 0) / n;
    const spread = y.data.reduce((total, value) => total + (value - average) ** 2, 0) / n;
    assert.ok(Math.abs(average - mean) < 5 * Math.sqrt(variance / n), `mean ${average}`);
    assert.ok(Math.abs(spread - variance) < 0.05 * variance, `variance ${spread}`);
    assert.ok(y.data.every((value) => value >= low && value <= high));
    assert.notDeepEqual(again.y.data, y.data);
  });
}

covered.add('Multinomial');
test('Multinomial: draws as often as the logits say', async () => {
  const node = { name: 'y', op: 'Multinomial', input: ['x', 'n'], attr: { seed: attr.i(7) } };
  const placeholder = { name: 'x', op: 'Placeholder', attr: { shape: attr.shape(1, 3) } };
  const modelTopology = { node: [{ name: 'n', op: 'Const' }, placeholder, node] };
  const weightSpecs = [{ name: 'n', dtype: 'int32', shape: [] }];
  const model = await runtime.load({ modelTopology, weightSpecs, weightData: Int32Array.of(20000).buffer });
  const { y } = await model.run({ x: Float32Array.of(Math.log(1), Math.log(2), Math.log(5)) });
  model.dispose();
  assert.deepEqual([y.dtype, y.shape], ['int32', [1, 20000]]);
  [1, 2, 5].forEach((weight, i) => {
    const share = y.data.filter((value) => value === i).length / 20000;
    assert.ok(Math.abs(share - weight / 8) < 0.02, `${share} of ${i}`);
  });
});

after(() =>
  assert.deepEqual(
    [...tfjsGraphOps.keys()].filter((op) => !covered.has(op) && op !== 'Const' && op !== 'Placeholder'),
    [],
    'every row is run',
  ),
);
