// TensorFlow Lite's builtin operators → the ops of src/ops.def: one row for each. A row says how many inputs there are and adds
// the nodes, by what tflite/builder.js gives it. Layers and windows stand in tflite/layers.js, shapes and what moves elements in
// tflite/moving.js.
// Semantics: tensorflow/lite/kernels; quantised operators that have no op of their own compute in float32, those that only move
// elements move them as they are.
import { tfliteLayers } from './tflite/layers.js';
import { tfliteMoving } from './tflite/moving.js';
import { FUNCTIONS, isClamp, isQuantized, quantizationOf, stepRange } from './tflite/quantized.js';
import { axisOf, known, MANY, operands, row } from './tflite/rows.js';

/**
 * @typedef {import('./tflite/builder.js').NodeView} NodeView
 * @typedef {import('./tflite/builder.js').OpRow} OpRow
 * @typedef {import('./tflite/builder.js').Attributes} Attributes
 */

/** xj_dtype of what a CAST makes. */
const DTYPES = ['float32', 'int32', 'bool', 'uint8', 'int8'];

/** @type {ReadonlyMap<string, OpRow>} */
export const tfliteOps = new Map([
  ...tfliteLayers,
  ...tfliteMoving,

  // y = f(x), each element
  ...['CEIL', 'COS', 'EXP', 'FLOOR', 'LOG', 'RSQRT', 'SIN', 'SQRT', 'TANH'].map((name) => unary(name, name.toLowerCase())),
  ...['ABS', 'NEG', 'RELU', 'RELU6', 'SIGN', 'SQUARE'].map((name) => unary(name, name.toLowerCase())),
  unary('ROUND', 'round'),
  unary('LOGISTIC', 'sigmoid'),
  unary('HARD_SWISH', 'hard_swish'),
  unary('ELU', 'elu', () => ({ alpha: 1 })),
  unary('LEAKY_RELU', 'leaky_relu', ({ options }) => ({ alpha: options.alpha })),
  unary('GELU', 'gelu', ({ options }) => ({ approximate: options.approximate ? 1 : 0 })),
  unary('RELU_N1_TO_1', 'clamp', () => ({ min: -1, max: 1 })),
  unary('RELU_0_TO_1', 'clamp', () => ({ min: 0, max: 1 })),
  ['PRELU', { inputs: [2, 2], emit: prelu }],
  ['FAKE_QUANT', { inputs: [1, 1], emit: fakeQuant }],

  // two operands
  binary('ADD', 'add', 'q_add'),
  binary('SUB', 'sub', 'q_sub'),
  binary('MUL', 'mul', 'q_mul'),
  ...Object.entries({
    ATAN2: 'atan2',
    DIV: 'div',
    FLOOR_DIV: 'floor_div',
    FLOOR_MOD: 'mod',
    MAXIMUM: 'maximum',
    MINIMUM: 'minimum',
    POW: 'pow',
    SQUARED_DIFFERENCE: 'squared_difference',
  }).map(([name, op]) => binary(name, op)),
  ['ADD_N', { inputs: [1, MANY], emit: addN }],
  ...['EQUAL', 'NOT_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL'].map((name) =>
    row(name, 2, (n) => n.set(n.emit(name.toLowerCase(), n.alike(0, 1)))),
  ),
  ...['LOGICAL_AND', 'LOGICAL_OR', 'LOGICAL_NOT'].map((name) =>
    row(name, name === 'LOGICAL_NOT' ? 1 : 2, (n) => n.set(n.emit(name.toLowerCase(), operands(n)))),
  ),
  row('BITWISE_XOR', 2, (n) => n.set(n.emit(n.input(0).type === 'BOOL' ? 'logical_xor' : 'bitwise_xor', operands(n)))),
  row('SELECT_V2', 3, (n) => n.set(n.emit('select', [n.stored(0), n.carry(1), n.carry(2)]))),
  row('SELECT', 3, (n) => n.set(n.emit('select', [selectCondition(n), n.carry(1), n.carry(2)]))),

  // along axes
  ...Object.entries({
    MEAN: 'mean',
    SUM: 'reduce_sum',
    REDUCE_PROD: 'reduce_prod',
    REDUCE_MAX: 'reduce_max',
    REDUCE_MIN: 'reduce_min',
    REDUCE_ANY: 'reduce_any',
    REDUCE_ALL: 'reduce_all',
  }).map(([name, op]) => row(name, 2, (n) => reduce(n, op))),
  row('ARG_MAX', 2, (n) => n.set(n.emit('arg_max', [n.stored(0)], { axis: axisOf(n, 1) }))),
  row('ARG_MIN', 2, (n) => n.set(n.emit('arg_min', [n.stored(0)], { axis: axisOf(n, 1) }))),
  row('CUMSUM', 2, (n) =>
    n.finish(
      n.emit('cumsum', [n.number(0)], {
        axis: axisOf(n, 1),
        exclusive: n.options.exclusive ? 1 : 0,
        reverse: n.options.reverse ? 1 : 0,
      }),
    ),
  ),
  row('SOFTMAX', 1, softmax),
  row('LOG_SOFTMAX', 1, (n) => n.finish(n.emit('log_softmax', [n.float(0)]))),
  // TensorFlow Lite divides by no less than 1e-6; the fused activation is ignored.
  row('L2_NORMALIZATION', 1, (n) => n.finish(n.emit('l2_normalize', [n.float(0)], { epsilon: 1e-12, axes: [-1] }))),
  row('LOCAL_RESPONSE_NORMALIZATION', 1, (n) => {
    const { radius, bias, alpha, beta } = n.options;
    n.finish(n.emit('lrn', [n.float(0)], { radius, bias, alpha, beta }));
  }),
  row('TOPK_V2', 2, (n) => {
    const x = n.carry(0);
    const k = n.numbers(1);
    const [rest, attrs] = k === undefined ? [[n.stored(1)], {}] : [[], { k: k[0] }];
    n.set(n.emit('top_k', [x, ...rest], { ...attrs, want_indices: 0 }), 0);
    n.set(n.emit('top_k', [x, ...rest], { ...attrs, want_indices: 1 }), 1);
  }),

  // types
  row('CAST', 1, (n) => {
    const { type, ref } = n.output();
    const dtype = DTYPES.indexOf(n.dtypeOf(type) ?? n.unsupported(`output "${ref}" is of type ${type}`));
    n.set(n.emit('cast', [n.stored(0)], { dtype }));
  }),
  row('DEQUANTIZE', 1, (n) => n.dequantize()),
  row('DENSIFY', 1, (n) => n.set(n.stored(0))), // constants come dense
  row('QUANTIZE', 1, (n) => {
    if (!isQuantized(n.output())) n.unsupported(`output "${n.output().ref}" is of type ${n.output().type}`);
    n.set(n.carry(0));
  }),
]);

/** @param {string} name @param {string} op @param {(n: NodeView) => Attributes} attrs @returns {[string, OpRow]} */
function unary(name, op, attrs = () => ({})) {
  const f = FUNCTIONS[name];
  return row(name, 1, (n) => {
    if (!n.lookup((x) => f(x, n.options))) n.finish(n.emit(op, [n.number(0)], attrs(n)));
  });
}

/** @param {string} name @param {string} op @param {string} [quantized] @returns {[string, OpRow]} */
function binary(name, op, quantized) {
  return row(name, 2, (n) => {
    if (quantized === undefined || !n.allQuantized([0, 1]) || !isClamp(n.activation())) {
      n.finish(n.emit(op, [n.number(0), n.number(1)]));
      return;
    }
    const [a, b, y] = [n.input(0), n.input(1), n.output()].map((tensor) => quantizationOf(tensor, n.operator));
    const attrs = { a_scale: a.scale, a_zero: a.zero, b_scale: b.scale, b_zero: b.zero, y_scale: y.scale, y_zero: y.zero };
    n.set(n.emit(quantized, operands(n), { ...attrs, ...stepRange(n.output(), n.activation(), n.operator) }));
  });
}

/** The slope has any shape that broadcasts: beside one for each channel that is relu(x) - slope * relu(-x). @param {NodeView} n */
function prelu(n) {
  const [x, slope] = [n.float(0), n.float(1)];
  const { shape } = n.input(1);
  if (shape.slice(0, -1).every((size) => size === 1)) return n.finish(n.emit('prelu', [x, slope]));
  const negative = n.emit('mul', [slope, n.emit('relu', [n.emit('neg', [x])])]);
  return n.finish(n.emit('sub', [n.emit('relu', [x]), negative]));
}

/** As tensorflow/lite/kernels/fake_quant.cc: limits that are multiples of the step, one of them for 0. @param {NodeView} n */
function fakeQuant(n) {
  const { min, max, num_bits: bits, narrow_range: narrow } = n.options;
  if (!(bits >= 2 && bits <= 16 && min <= 0 && max >= 0 && max > min)) n.bad(`${bits} bits from ${min} to ${max}`);
  const [least, most] = [narrow ? 1 : 0, 2 ** bits - 1];
  const scale = Math.fround((max - min) / (most - least));
  const zero = Math.min(Math.max(Math.floor(least - min / scale + 0.5), least), most);
  const [low, high] = [(least - zero) * scale, (most - zero) * scale];
  const number = (/** @type {number} */ value) => n.constant('float32', [], Float32Array.of(value));
  const inside = n.emit('clamp', [n.float(0)], { min: low, max: high });
  const steps = n.emit('add', [n.emit('mul', [n.emit('sub', [inside, number(low)]), number(1 / scale)]), number(0.5)]);
  n.finish(n.emit('add', [n.emit('mul', [n.emit('floor', [steps]), number(scale)]), number(low)]));
}

/** @param {NodeView} n */
function addN(n) {
  let sum = n.number(0);
  for (let i = 1; i < n.count; i++) sum = n.emit('add', [sum, n.number(i)]);
  n.finish(sum);
}

/** A list of conditions chooses among rows. @param {NodeView} n */
function selectCondition(n) {
  const rank = n.input(1).shape.length;
  const given = n.input(0).shape;
  return given.length === 1 && rank > 1 ? n.emit('reshape', [n.stored(0)], { shape: [-1, ...Array(rank - 1).fill(1)] }) : n.stored(0);
}

/** @param {NodeView} n @param {string} op */
function reduce(n, op) {
  const axes = n.numbers(1);
  const keep_dims = n.options.keep_dims ? 1 : 0;
  if (axes?.length === 0) return n.set(n.carry(0)); // for our ops that would be all axes
  const logical = op === 'reduce_any' || op === 'reduce_all';
  if (op === 'mean' && axes !== undefined && n.allQuantized([0])) {
    const [x, y] = [n.input(0), n.output()].map((tensor) => quantizationOf(tensor, n.operator));
    const attrs = { axes, keep_dims, x_scale: x.scale, x_zero: x.zero, y_scale: y.scale, y_zero: y.zero };
    return n.set(n.emit('q_mean', [n.stored(0)], attrs));
  }
  const y = known(n, op, [logical ? n.stored(0) : n.number(0)], 1, 'axes', { keep_dims });
  return logical ? n.set(y) : n.finish(y);
}

/** @param {NodeView} n */
function softmax(n) {
  const { beta } = n.options;
  if (n.allQuantized([0])) {
    const [x, y] = [n.input(0), n.output()].map((tensor) => quantizationOf(tensor, n.operator));
    n.set(n.emit('q_softmax', [n.stored(0)], { beta, x_scale: x.scale, y_scale: y.scale, y_zero: y.zero }));
    return;
  }
  const x = beta === 1 ? n.float(0) : n.emit('mul', [n.float(0), n.constant('float32', [], Float32Array.of(beta))]);
  n.finish(n.emit('softmax', [x]));
}
