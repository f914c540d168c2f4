// Rows of tflite-ops.js: shapes, moving elements, making them.
import { isClamp, quantizationOf } from './quantized.js';
import { axisOf, fixed, known, MANY, operands, row } from './rows.js';

/**
 * @typedef {import('./builder.js').NodeView} NodeView
 * @typedef {import('./builder.js').OpRow} OpRow
 */

/** @type {[string, OpRow][]} */
export const tfliteMoving = [
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
];

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
