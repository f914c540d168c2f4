// TensorFlow Lite's builtin operators → the ops of src/ops.def: one row for each. A row says how many inputs there are and adds
// the nodes, by what tflite-builder.js gives it. Rows of layers and of windows stand in tflite-layers.js.
// Semantics: tensorflow/lite/kernels; quantised operators that have no op of their own compute in float32, those that only move
// elements move them as they are.
import { tfliteLayers } from './tflite-layers.js';
import { FUNCTIONS, isClamp, isQuantized, quantizationOf, stepRange } from './tflite-quantized.js';

/**
 * @typedef {import('./tflite-builder.js').NodeView} NodeView
 * @typedef {import('./tflite-builder.js').OpRow} OpRow
 * @typedef {import('./tflite-builder.js').Attributes} Attributes
 */

const MANY = 4096;
/** xj_dtype of what a CAST makes. */
const DTYPES = ['float32', 'int32', 'bool', 'uint8', 'int8'];

/** @type {ReadonlyMap<string, OpRow>} */
export const tfliteOps = new Map([
  ...tfliteLayers,

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

  // shapes
  ['RESHAPE', { inputs: [1, 2], emit: reshape }],
  row('SQUEEZE', 1, (n) => n.set(n.emit('squeeze', [n.carry(0)], { axes: n.options.squeeze_dims ?? [] }))),
  row('EXPAND_DIMS', 2, (n) => n.set(n.emit('expand_dims', [n.carry(0)], { axis: axisOf(n, 1) }))),
  row('SHAPE', 1, (n) => n.set(n.emit('shape', [n.stored(0)]))),
  row('RANK', 1, (n) => n.set(n.emit('reshape', [n.emit('shape', [n.emit('shape', [n.stored(0)])])], { shape: [] }))),
  row('BROADCAST_ARGS', 2, (n) => n.set(n.emit('broadcast_args', operands(n)))),

  // moving elements
  ['CONCATENATION', { inputs: [1, MANY], emit: concatenation }],
  ['PACK', { inputs: [1, MANY], emit: pack }],
  row('UNPACK', 1, unpack),
  row('SPLIT', 2, split),
  row('SPLIT_V', 3, splitV),
  row('SLICE', 3, slice),
  row('STRIDED_SLICE', 4, stridedSlice),
  row('GATHER', 2, (n) => n.set(n.emit('gather', [n.carry(0), n.stored(1)], { axis: n.options.axis, batch_dims: n.options.batch_dims }))),
  row('GATHER_ND', 2, (n) => n.set(n.emit('gather_nd', [n.carry(0), n.stored(1)]))),
  row('EMBEDDING_LOOKUP', 2, (n) => n.set(n.emit('gather', [n.carry(1), n.stored(0)], { axis: 0, batch_dims: 0 }))),
  row('TRANSPOSE', 2, (n) => n.set(known(n, 'transpose', [n.carry(0)], 1, 'perm'))),
  row('REVERSE_V2', 2, (n) => n.set(n.emit('reverse', [n.carry(0)], { axes: fixed(n, 1, 'the axes') }))),
  row('TILE', 2, (n) => n.set(known(n, 'tile', [n.carry(0)], 1, 'multiples'))),
  row('BROADCAST_TO', 2, (n) => n.set(known(n, 'broadcast_to', [n.carry(0)], 1, 'shape'))),
  row('PAD', 2, pad),
  row('PADV2', 3, pad),
  row('MIRROR_PAD', 2, (n) => n.set(known(n, 'mirror_pad', [n.carry(0)], 1, 'paddings', { symmetric: n.options.mode === 1 ? 1 : 0 }))),
  row('SPACE_TO_BATCH_ND', 3, spaceToBatch),
  row('BATCH_TO_SPACE_ND', 3, (n) =>
    n.set(n.emit('batch_to_space', [n.carry(0)], { block: fixed(n, 1, 'the blocks'), crops: fixed(n, 2, 'the crops') })),
  ),
  row('SPACE_TO_DEPTH', 1, (n) => n.set(n.emit('space_to_depth', [n.carry(0)], { block: n.options.block_size }))),
  row('DEPTH_TO_SPACE', 1, (n) => n.set(n.emit('depth_to_space', [n.carry(0)], { block: n.options.block_size, order: 0 }))),
  row('SCATTER_ND', 3, (n) => n.finish(known(n, 'scatter_nd', [n.stored(0), n.number(1)], 2, 'shape'))),
  row('SPARSE_TO_DENSE', 4, (n) => {
    const shape = n.numbers(1);
    const given = [n.stored(0), n.carry(2), n.carry(3)];
    n.set(shape === undefined ? n.emit('sparse_to_dense', [...given, n.stored(1)]) : n.emit('sparse_to_dense', given, { shape }));
  }),

  // making elements
  row('FILL', 2, (n) => {
    const shape = n.numbers(0);
    n.set(shape === undefined ? n.emit('fill', [n.carry(1), n.stored(0)]) : n.emit('fill', [n.carry(1)], { shape }));
  }),
  row('ZEROS_LIKE', 1, zerosLike),
  row('RANGE', 3, (n) => n.set(n.emit('range', [n.stored(0), n.stored(1), n.stored(2)]))),
  row('ONE_HOT', 4, (n) => {
    const depth = n.numbers(1);
    const given = [n.stored(0), n.carry(2), n.carry(3)];
    const { axis } = n.options;
    n.set(depth === undefined ? n.emit('one_hot', [...given, n.stored(1)], { axis }) : n.emit('one_hot', given, { depth: depth[0], axis }));
  }),
  row('RANDOM_UNIFORM', 1, (n) => random(n, 0)),
  row('RANDOM_STANDARD_NORMAL', 1, (n) => random(n, 1)),
  row('MULTINOMIAL', 2, (n) =>
    n.set(n.emit('multinomial', [n.float(0)], { n_samples: axisOf(n, 1, 'number of samples'), seed: seedOf(n), is_probabilities: 0 })),
  ),

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

/** @param {string} name @param {number} count @param {(n: NodeView) => void} emit @returns {[string, OpRow]} */
function row(name, count, emit) {
  return [name, { inputs: [count, count], emit }];
}

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

/** All inputs as they are stored. @param {NodeView} n */
function operands(n) {
  return Array.from({ length: n.count }, (_, i) => n.stored(i));
}

/** The integers of an input that has to be a constant. @param {NodeView} n @param {number} i @param {string} what */
function fixed(n, i, what) {
  const values = n.numbers(i);
  if (values !== undefined) return values;
  const { ref } = n.input(i);
  return n.unsupported(`${what} (input ${i}, "${ref}") ${n.isConstant(i) ? 'are too many' : 'are computed at run time'}`);
}

/** One integer. @param {NodeView} n @param {number} i @param {string} [what] */
function axisOf(n, i, what = 'axis') {
  const values = fixed(n, i, `the ${what}`);
  return values.length === 1 ? values[0] : n.bad(`needs one ${what}, has ${values.length}`);
}

/**
 * An op whose attribute is also an input: the attribute where it is a constant, else what is computed.
 * @param {NodeView} n @param {string} op @param {string[]} given @param {number} i @param {string} name @param {Attributes} [attrs]
 */
function known(n, op, given, i, name, attrs = {}) {
  const values = n.numbers(i);
  return values === undefined ? n.emit(op, [...given, n.stored(i)], attrs) : n.emit(op, given, { ...attrs, [name]: values });
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

/** @param {NodeView} n */
function reshape(n) {
  const x = n.carry(0);
  const shape = n.has(1) ? n.numbers(1) : (n.options.new_shape ?? []);
  if (shape === undefined) return n.set(n.emit('reshape', [x, n.stored(1)]));
  const free = shape.filter((/** @type {number} */ size) => size === -1).length;
  if (free > 1 || shape.some((/** @type {number} */ size) => size < -1)) n.bad(`cannot reshape to [${shape}]`);
  return n.set(n.emit('reshape', [x], { shape }));
}

/** @param {NodeView} n */
function concatenation(n) {
  const { axis } = n.options;
  const quantized = n.output().quantization !== undefined && isClamp(n.activation());
  const parts = Array.from({ length: n.count }, (_, i) => (quantized || n.activation() === 'NONE' ? n.carry(i) : n.number(i)));
  const y = n.emit('concat', parts, { axis });
  if (quantized) n.finishStored(y);
  else if (n.activation() === 'NONE') n.set(y);
  else n.finish(y);
}

/** @param {NodeView} n */
function pack(n) {
  const { axis } = n.options;
  const parts = Array.from({ length: n.count }, (_, i) => n.emit('expand_dims', [n.carry(i)], { axis }));
  n.set(n.emit('concat', parts, { axis }));
}

/** @param {NodeView} n */
function unpack(n) {
  const { axis } = n.options;
  for (let k = 0; k < n.outputs; k++)
    n.set(n.emit('squeeze', [n.emit('slice', [n.carry(0, k)], { axes: [axis], begin: [k], size: [1] })], { axes: [axis] }), k);
}

/** @param {NodeView} n */
function split(n) {
  const axis = axisOf(n, 0);
  for (let index = 0; index < n.outputs; index++) n.set(n.emit('split', [n.carry(1, index)], { axis, parts: n.outputs, index }), index);
}

/** @param {NodeView} n */
function splitV(n) {
  const sizes = fixed(n, 1, 'the sizes');
  const axis = axisOf(n, 2);
  if (sizes.length !== n.outputs || sizes.some((size) => size < -1)) n.bad(`splits into [${sizes}], but has ${n.outputs} outputs`);
  const left = sizes.indexOf(-1);
  if (left >= 0) {
    const { shape } = n.input(0);
    const whole = shape[axis < 0 ? axis + shape.length : axis] ?? -1;
    const others = sizes.reduce((sum, size) => sum + size, 1);
    if (whole < 0 && left < sizes.length - 1) n.unsupported('what is left over for a part is only known at run time');
    if (whole >= 0) sizes[left] = whole - others;
    if (sizes[left] < -1 || sizes.indexOf(-1, left + 1) >= 0) n.bad(`splits ${whole} into [${sizes}]`);
  }
  let begin = 0;
  sizes.forEach((size, k) => {
    n.set(n.emit('slice', [n.carry(0, k)], { axes: [axis], begin: [begin], size: [size] }), k);
    begin += size;
  });
}

/** @param {NodeView} n */
function slice(n) {
  const [begin, size] = [n.numbers(1), n.numbers(2)];
  if (begin === undefined || size === undefined) return n.set(n.emit('slice', [n.carry(0), n.stored(1), n.stored(2)]));
  if (begin.length !== size.length) n.bad(`slices from [${begin}] on, of size [${size}]`);
  return n.set(n.emit('slice', [n.carry(0)], { axes: [...begin.keys()], begin, size }));
}

/** @param {NodeView} n */
function stridedSlice(n) {
  const { offset, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask } = n.options;
  const masks = { begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask };
  const [begin, end, strides] = [n.numbers(1), n.numbers(2), n.numbers(3)];
  if (begin === undefined || end === undefined || strides === undefined) {
    const last = offset ? n.emit('add', [n.stored(1), n.stored(2)]) : n.stored(2);
    return n.set(n.emit('strided_slice', [n.carry(0), n.stored(1), last, n.stored(3)], masks));
  }
  if (begin.length !== end.length || begin.length !== strides.length) n.bad(`slices from [${begin}] to [${end}] by [${strides}]`);
  const last = offset ? end.map((size, i) => (size + begin[i]) | 0) : end;
  return n.set(n.emit('strided_slice', [n.carry(0)], { begin, end: last, strides, ...masks }));
}

/** What fills stands as a float32 attribute; for quantised numbers it is what they are stored as. @param {NodeView} n */
function pad(n) {
  const quantized = n.output().quantization !== undefined && n.output().type !== 'INT32';
  const zero = quantized ? quantizationOf(n.output(), n.operator).zero : 0;
  const value = n.has(2) ? axisOf(n, 2, 'value') : zero;
  n.set(known(n, 'pad', [n.carry(0)], 1, 'paddings', { value }));
}

/** Pads with 0, which quantised numbers may be stored otherwise. @param {NodeView} n */
function spaceToBatch(n) {
  const attrs = { block: fixed(n, 1, 'the blocks'), paddings: fixed(n, 2, 'the paddings') };
  const stored = n.output().quantization === undefined || attrs.paddings.every((size) => size === 0);
  if (stored) n.set(n.emit('space_to_batch', [n.carry(0)], attrs));
  else n.finish(n.emit('space_to_batch', [n.float(0)], attrs));
}

/** @param {NodeView} n */
function zerosLike(n) {
  const { type, ref, quantization } = n.output();
  const dtype = n.dtypeOf(type) ?? n.unsupported(`output "${ref}" is of type ${type}`);
  const zero = quantization?.zeroPoints[0] ?? 0;
  const data = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, int8: Int8Array }[dtype].of(zero);
  n.set(n.emit('fill', [n.constant(dtype, [], data), n.emit('shape', [n.stored(0)])]));
}

/** Two numbers make a seed; 0 is another one each time. @param {NodeView} n */
function seedOf({ options: { seed, seed2 } }) {
  const both = seed + 7919 * seed2;
  return both === 0 ? 0 : 1 + (both % (2 ** 31 - 1));
}

/** @param {NodeView} n @param {number} kind */
function random(n, kind) {
  const shape = n.numbers(0);
  const attrs = { kind, dtype: 0, seed: seedOf(n), a: 0, b: 1 };
  n.finish(shape === undefined ? n.emit('random', [n.stored(0)], attrs) : n.emit('random', [], { ...attrs, shape }));
}
