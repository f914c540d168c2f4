// The constants of a TensorFlow Lite model as weights: what of them is wanted in which form, and their bytes. Most are views
// of the file; 64-bit numbers, packed and sparse ones are converted as they are read.
import { XnnError } from '../../errors.js';
import { expandSparse, readSparsity } from './sparse.js';

/**
 * @typedef {import('../tfjs-manifest.js').WeightSpec} WeightSpec
 * @typedef {import('../flatbuffer.js').Range} Range
 * @typedef {import('./file.js').TfliteTensor} TfliteTensor
 *
 * How a type is stored: bits of an element in the file, the dtype and storage it becomes, and how, if not as it is.
 * @typedef {{ bits: number, dtype: import('../tfjs-manifest.js').WeightDtype, storage: import('../tfjs-manifest.js').WeightStorage['dtype'],
 *   bytes: number, convert?: (stored: Uint8Array, count: number, name: string) => ArrayBufferView }} StoredType
 */

/** All weights together may be so many times as large as the file: tensors share buffers, and sparse ones grow. */
const MOST_GROWTH = 64;
const FREE_BYTES = 1 << 20;

/** @type {[type: string, stored: StoredType][]} */
const TYPES = [
  ['FLOAT32', { bits: 32, dtype: 'float32', storage: 'float32', bytes: 4 }],
  ['FLOAT16', { bits: 16, dtype: 'float32', storage: 'float16', bytes: 2 }],
  [
    'FLOAT64',
    { bits: 64, dtype: 'float32', storage: 'float32', bytes: 4, convert: (stored) => Float32Array.from(new Float64Array(copyOf(stored))) },
  ],
  [
    'BFLOAT16',
    {
      bits: 16,
      dtype: 'float32',
      storage: 'float32',
      bytes: 4,
      convert: (stored) => Uint32Array.from(new Uint16Array(copyOf(stored)), (bits) => bits << 16),
    },
  ],
  ['INT32', { bits: 32, dtype: 'int32', storage: 'int32', bytes: 4 }],
  ['INT64', { bits: 64, dtype: 'int32', storage: 'int32', bytes: 4, convert: narrow }],
  ['BOOL', { bits: 8, dtype: 'bool', storage: 'bool', bytes: 1, convert: (stored) => stored.map((value) => (value === 0 ? 0 : 1)) }],
  ['UINT8', { bits: 8, dtype: 'uint8', storage: 'uint8', bytes: 1 }],
  ['INT8', { bits: 8, dtype: 'int8', storage: 'int8', bytes: 1 }],
  ['INT4', { bits: 4, dtype: 'int8', storage: 'int8', bytes: 1, convert: unpack }],
];
const STORED = new Map(TYPES);

/** @param {Uint8Array} bytes @returns {ArrayBuffer} an aligned copy */
const copyOf = (bytes) => new Uint8Array(bytes).buffer;

/** @param {Uint8Array} stored @param {number} count @param {string} name */
function narrow(stored, count, name) {
  const words = new Int32Array(copyOf(stored));
  return Int32Array.from({ length: count }, (_, i) => {
    const low = words[2 * i];
    if (words[2 * i + 1] !== low >> 31)
      throw new XnnError('unsupported', `tensor "${name}": element ${i} of int64 does not fit into int32`, { node: name });
    return low;
  });
}

/** Two in a byte, the first one in the lower half. @param {Uint8Array} stored @param {number} count */
function unpack(stored, count) {
  return Int8Array.from({ length: count }, (_, i) => (i % 2 === 0 ? (stored[i >> 1] << 28) >> 28 : (stored[i >> 1] << 24) >> 28));
}

/** The dtype of a tensor of this type when it is computed; undefined where it is not supported. @param {string} type */
export function dtypeOf(type) {
  return /** @type {import('../../wasm.js').Dtype | undefined} */ (STORED.get(type)?.dtype);
}

/**
 * Whether an operator wants its quantised constants as float32: that is what it computes in.
 * @param {readonly TfliteTensor[]} tensors @param {{ outputs: number[] }} operator
 */
export function wantsFloat(tensors, { outputs }) {
  return outputs.length > 0 && tensors[outputs[0]].type.startsWith('FLOAT');
}

/** @param {string} message @param {string} node @returns {never} */
function bad(message, node) {
  throw new XnnError('bad-model', message, { node });
}

/**
 * Makes the weights of all constants that an operator uses or that are outputs, and notes their indices in the tensors.
 * @param {Uint8Array} bytes
 * @param {(table: import('../flatbuffer.js').Table, fields: import('../flatbuffer.js').Fields) => Record<string, any>} read
 * @param {import('./file.js').TfliteTopology} topology
 * @param {{ data: Range, sparsity?: import('../flatbuffer.js').Table, scales?: Range }[]} places  For each tensor; the length of
 *   scales is their number.
 */
export function createWeights(bytes, read, { tensors, operators, outputs }, places) {
  /** @type {WeightSpec[]} */
  const weights = [];
  /** @type {(() => Uint8Array)[]} */
  const sources = [];
  const names = new Set(tensors.map(({ ref }) => ref));
  let left = MOST_GROWTH * bytes.length + FREE_BYTES;

  /** @param {string} name @param {Omit<WeightSpec, 'name'>} spec @param {() => Uint8Array} source */
  function add(name, spec, source) {
    while (names.has(name)) name += '#';
    names.add(name);
    left -= spec.byteLength;
    if (left < 0) bad(`the weights are more than ${MOST_GROWTH} times as large as the file of ${bytes.length} bytes`, name);
    weights.push({ name, ...spec });
    sources.push(source);
    return weights.length - 1;
  }

  /** The bytes of a tensor, checked to be as many as its shape says. @param {number} index @param {StoredType} type */
  function sourceOf(index, type) {
    const { name, shape } = tensors[index];
    const { data, sparsity } = places[index];
    const count = countOf(tensors[index]);
    const stored = bytes.subarray(data.at, data.at + data.length);
    if (sparsity !== undefined) {
      if (type.bits < 8) throw new XnnError('unsupported', `tensor "${name}": a sparse tensor of 4-bit numbers`, { node: name });
      const layout = readSparsity(read, sparsity, shape, name);
      if (data.length !== (layout.leaves * type.bits) / 8)
        bad(`sparse tensor "${name}" has ${data.length} bytes for ${layout.leaves} elements of ${type.bits} bits`, name);
      const dense = () => expandSparse(layout.levels, stored, type.bits / 8, count);
      const { convert } = type;
      return convert === undefined ? dense : () => asBytes(convert(dense(), count, name));
    }
    const expected = Math.ceil((count * type.bits) / 8);
    if (data.length !== expected) bad(`tensor "${name}" of shape [${shape}] needs ${expected} bytes, its buffer has ${data.length}`, name);
    const { convert } = type;
    return convert === undefined ? () => stored : () => asBytes(convert(stored, count, name));
  }

  /** @param {number} index @param {boolean} float  Whether its numbers are wanted as what they mean. */
  function want(index, float) {
    const tensor = tensors[index];
    const type = STORED.get(tensor.type);
    if (type === undefined || !tensor.constant) return; // 'unsupported' where it is used
    const { ref, shape, quantization, weights: made } = tensor;
    const byteLength = countOf(tensor) * type.bytes;
    const scaled = float && quantization !== undefined && (type.dtype === 'int8' || type.dtype === 'uint8');
    if (!scaled) {
      if (made.stored !== undefined) return;
      const source = sourceOf(index, type);
      names.delete(ref); // its own
      made.stored = add(ref, { dtype: type.dtype, shape, storage: { dtype: type.storage }, byteLength }, source);
    } else if (made.float === undefined) {
      const { scales, zeroPoints } = quantization;
      const single = scales.length === 1;
      const storage = { dtype: type.storage, scale: single ? scales[0] : 1, min: single ? -zeroPoints[0] * scales[0] : 0 };
      made.float = add(`${ref}:float`, { dtype: 'float32', shape, storage, byteLength }, sourceOf(index, type));
    }
    if (quantization !== undefined && quantization.scales.length > 1 && made.scale === undefined) {
      const { at, length } = /** @type {Range} */ (places[index].scales);
      const source = () => bytes.subarray(at, at + 4 * length);
      made.scale = add(
        `${ref}:scale`,
        { dtype: 'float32', shape: [length], storage: { dtype: 'float32' }, byteLength: 4 * length },
        source,
      );
    }
  }

  for (const operator of operators) {
    const float = wantsFloat(tensors, operator);
    for (const input of operator.inputs) if (input >= 0) want(input, float);
  }
  for (const output of outputs) want(output, false);
  return { weights, sources };
}

/** @param {ArrayBufferView} view */
const asBytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** @param {TfliteTensor} tensor */
function countOf({ name, shape }) {
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  if (!(count >= 0 && count < 2 ** 31)) bad(`constant "${name}" has shape [${shape}]`, name);
  return count;
}
