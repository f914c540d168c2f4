// The weights manifest of a TensorFlow.js model (weightsManifest, or weightSpecs of an IOHandler): what is checked before
// any weight is fetched, and how a weight's bytes become numbers.
// Format: @tensorflow/tfjs-core src/io/types.ts (WeightsManifestEntry) and io_utils.ts (decodeWeight).
import { XnnError } from '../errors.js';

/**
 * How a weight is stored. A float16 weight holds IEEE half floats; an int8, uint8 or uint16 weight q of a float32 or int32 one
 * means q * scale + min, of an int8 or uint8 one it is q.
 * @typedef {{ dtype: 'float32' | 'float16' | 'int8' | 'uint8' | 'uint16' | 'int32' | 'bool' | 'string' | 'complex64', scale?: number, min?: number }} WeightStorage
 *
 * @typedef {'float32' | 'int32' | 'bool' | 'uint8' | 'int8' | 'string' | 'complex64'} WeightDtype
 *
 * One tensor of the model's files. `byteLength` is that of the stored bytes; 0 for strings, whose length stands in the bytes.
 * @typedef {{ name: string, dtype: WeightDtype, shape: number[], storage: WeightStorage, byteLength: number }} WeightSpec
 *
 * A run of weights (first ≤ index < end) that is stored as one sequence of bytes, cut into the files `paths`.
 * @typedef {{ paths: string[], first: number, end: number, byteLength: number }} WeightGroup
 *
 * @typedef {Float32Array | Int32Array | Uint8Array | Int8Array} WeightValues
 */

/** No tensor has more elements or a longer side than this. */
const MAX_COUNT = 2 ** 31 - 1;
/** TensorFlow's own limit on the number of dimensions. */
const MAX_RANK = 254;

/** Bytes of one element as it is stored. @type {ReadonlyMap<string, number>} */
const BYTES = new Map([
  ['float32', 4],
  ['float16', 2],
  ['uint8', 1],
  ['uint16', 2],
  ['int32', 4],
  ['bool', 1],
  ['complex64', 8],
  ['string', 0],
]);
/** @type {readonly string[]} */
const DTYPES = ['float32', 'int32', 'bool', 'string', 'complex64'];

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {string} message @returns {never} */
function bad(message) {
  throw new XnnError('bad-model', message);
}

/**
 * Checks a weights manifest and flattens it.
 * @param {unknown} manifest  weightsManifest of a model.json: [{ paths, weights }].
 * @returns {{ weights: WeightSpec[], groups: WeightGroup[] }}
 * @throws {XnnError} 'bad-model'
 */
export function parseManifest(manifest) {
  if (!Array.isArray(manifest)) bad(`weightsManifest is not a list`);
  /** @type {WeightSpec[]} */
  const weights = [];
  const names = new Set();
  const groups = manifest.map((/** @type {unknown} */ group, i) => {
    if (!isObject(group)) bad(`weightsManifest[${i}] is not an object`);
    const { paths, weights: entries } = group;
    if (!Array.isArray(entries)) bad(`weightsManifest[${i}].weights is not a list`);
    if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string' && path !== ''))
      bad(`weightsManifest[${i}].paths is not a list of paths`);
    const first = weights.length;
    parseSpecs(entries, names, weights);
    const byteLength = sumBytes(weights, first);
    if (paths.length === 0 && byteLength > 0) bad(`weightsManifest[${i}] has ${byteLength} bytes of weights but no paths`);
    return { paths: /** @type {string[]} */ (paths), first, end: weights.length, byteLength };
  });
  return { weights, groups };
}

/**
 * Checks a list of weight specifications (weightSpecs of a tfjs IOHandler).
 * @param {unknown} entries
 * @param {Set<unknown>} [names]  Those that are taken.
 * @param {WeightSpec[]} [weights]  Where they are added.
 * @returns {WeightSpec[]}
 */
export function parseSpecs(entries, names = new Set(), weights = []) {
  if (!Array.isArray(entries)) bad('the weight specifications are not a list');
  for (const entry of entries) {
    const spec = parseSpec(entry, weights.length);
    if (names.has(spec.name)) bad(`weight "${spec.name}" is there twice`);
    names.add(spec.name);
    weights.push(spec);
  }
  return weights;
}

/** @param {readonly WeightSpec[]} weights @param {number} first */
export function sumBytes(weights, first = 0) {
  let sum = 0;
  for (let i = first; i < weights.length; i++) sum += weights[i].byteLength;
  return sum;
}

/** @param {unknown} entry @param {number} index @returns {WeightSpec} */
function parseSpec(entry, index) {
  if (!isObject(entry)) bad(`weight ${index} is not an object`);
  const { name, dtype, shape, quantization } = entry;
  if (typeof name !== 'string' || name === '') bad(`weight ${index} has no name`);
  if (typeof dtype !== 'string' || !DTYPES.includes(dtype)) bad(`weight "${name}": unknown dtype ${show(dtype)}`);
  const count = countElements(name, shape);
  const storage = parseStorage(name, dtype, quantization);
  return {
    name,
    dtype: /** @type {WeightDtype} */ (dtype),
    shape: [.../** @type {number[]} */ (shape)],
    storage,
    byteLength: count * (BYTES.get(storage.dtype) ?? 0),
  };
}

/** @param {string} name @param {unknown} shape */
function countElements(name, shape) {
  if (!Array.isArray(shape)) bad(`weight "${name}" has no shape`);
  if (shape.length > MAX_RANK) bad(`weight "${name}" has ${shape.length} dimensions, at most ${MAX_RANK} are allowed`);
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0 || size > MAX_COUNT)
      bad(`weight "${name}": shape ${show(shape)} has a dimension that is no count`);
  }
  if (shape.includes(0)) return 0;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MAX_COUNT) bad(`weight "${name}": shape ${show(shape)} has more than ${MAX_COUNT} elements`);
  return count;
}

/** @param {string} name @param {string} dtype @param {unknown} quantization @returns {WeightStorage} */
function parseStorage(name, dtype, quantization) {
  if (quantization === undefined || quantization === null) return { dtype: /** @type {WeightDtype} */ (dtype) };
  if (!isObject(quantization)) bad(`weight "${name}": quantization is not an object`);
  const { dtype: stored, scale, min } = quantization;
  if (stored === 'float16') {
    if (dtype !== 'float32') bad(`weight "${name}": float16 quantization of ${dtype}`);
    return { dtype: 'float16' };
  }
  if (stored !== 'uint8' && stored !== 'uint16') bad(`weight "${name}": unknown quantization dtype ${show(stored)}`);
  if (dtype !== 'float32' && dtype !== 'int32') bad(`weight "${name}": ${stored} quantization of ${dtype}`);
  if (!isNumber(scale)) bad(`weight "${name}": ${stored} quantization without a scale (${show(scale)})`);
  if (!isNumber(min)) bad(`weight "${name}": ${stored} quantization without a min (${show(min)})`);
  return { dtype: stored, scale, min };
}

/** @param {unknown} value @returns {value is number} */
function isNumber(value) {
  return Number.isFinite(value);
}

/** A short text of any JSON value. @param {unknown} value */
export function show(value) {
  let text;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    return 'something that cannot be shown'; // nested deeper than the stack
  }
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/**
 * The numbers of a weight.
 * @param {WeightSpec} spec
 * @param {Uint8Array} bytes  As stored: little-endian, exactly spec.byteLength.
 * @returns {WeightValues}  float32 → Float32Array, int32 → Int32Array, bool and uint8 → Uint8Array, int8 → Int8Array; a copy.
 * @throws {XnnError} 'bad-model' if the number of bytes is wrong; 'unsupported' for strings and complex numbers.
 */
export function decodeWeight(spec, bytes) {
  const { name, dtype, storage } = spec;
  if (dtype === 'string' || dtype === 'complex64')
    throw new XnnError('unsupported', `weight "${name}": ${dtype} weights are not supported`);
  if (bytes.byteLength !== spec.byteLength) bad(`weight "${name}" needs ${spec.byteLength} bytes, not ${bytes.byteLength}`);
  if (dtype === 'bool' || dtype === 'uint8') return new Uint8Array(bytes);
  const { buffer } = new Uint8Array(bytes); // a copy, therefore aligned
  if (dtype === 'int8') return new Int8Array(buffer);
  if (storage.dtype === 'float32') return new Float32Array(buffer);
  if (storage.dtype === 'int32') return new Int32Array(buffer);
  if (storage.dtype === 'float16') return mapped(new Float32Array(buffer.byteLength / 2), new Uint16Array(buffer), halfToFloat);
  const { scale = 1, min = 0 } = storage;
  const stored =
    storage.dtype === 'int8' ? new Int8Array(buffer) : storage.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  if (dtype === 'int32') return mapped(new Int32Array(stored.length), stored, (q) => Math.round(q * scale + min));
  return mapped(new Float32Array(stored.length), stored, (q) => q * scale + min);
}

/**
 * As TypedArray.from, which takes ten times as long.
 * @template {Float32Array | Int32Array} T
 * @param {T} values  Takes them. @param {ArrayLike<number>} stored @param {(stored: number) => number} decode
 * @returns {T}
 */
function mapped(values, stored, decode) {
  for (let i = 0; i < values.length; i++) values[i] = decode(stored[i]);
  return values;
}

/** What the last bit of a number with this exponent is worth. */
const HALF_STEPS = Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The number that the bits of an IEEE 754 binary16 mean. @param {number} bits */
function halfToFloat(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction : 1024 + fraction) * HALF_STEPS[exponent];
}
