// What users give and get: checking inputs against a model's.
import { XnnError } from './errors.js';

/**
 * A tensor that owns its data; data is in row-major order.
 * @typedef {{ dtype: import('./wasm.js').Dtype, shape: number[], data: import('./wasm.js').Values }} Tensor
 *
 * An input or output: -1 for a dimension that is free; declared: of an input the model's own shape where inputShapes says another; of
 * 8-bit numbers what they mean: (value - zeroPoint) * scale.
 * @typedef {{ name: string, dtype: import('./wasm.js').Dtype, shape: number[], declared?: number[], quantization?: { scale: number, zeroPoint: number } }} Port
 * @typedef {Tensor | import('./wasm.js').Values} Input  A typed array stands for a tensor of the model's own shape.
 * @typedef {Input | Record<string, Input>} Inputs
 */

/** By name, since arrays of another realm (a frame, a test's sandbox) are not instances of this realm's classes. @type {Record<string, string>} */
const ARRAYS = { float32: 'Float32Array', int32: 'Int32Array', bool: 'Uint8Array', uint8: 'Uint8Array', int8: 'Int8Array' };
/** Dimensions are int32 in C. */
const MOST_DIM = 2 ** 31 - 1;

/** @param {number[]} shape @param {readonly number[]} expected  -1 where free */
export function fitsShape(shape, expected) {
  return (
    shape.length === expected.length &&
    shape.every((dim, i) => Number.isInteger(dim) && dim >= 0 && dim <= MOST_DIM && (expected[i] === -1 || dim === expected[i]))
  );
}

/** @param {unknown} value @returns {value is import('./wasm.js').Values} */
function isValues(value) {
  return ArrayBuffer.isView(value) && /** @type {any} */ (value)[Symbol.toStringTag] !== 'DataView';
}

/** @param {import('./wasm.js').Values} values @returns {string} */
const typeName = (values) => values[Symbol.toStringTag];

/** @param {unknown} value @returns {value is Tensor} */
function isTensor(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    Array.isArray(/** @type {any} */ (value).shape) &&
    isValues(/** @type {any} */ (value).data)
  );
}

/**
 * The shape of plain values: the model's, with its one free dimension worked out from their number.
 * @param {Port} port @param {number} count
 */
function shapeOf(port, count) {
  const free = port.shape.filter((dim) => dim === -1).length;
  const known = port.shape.reduce((n, dim) => (dim === -1 ? n : n * dim), 1);
  if (free === 0 || (free === 1 && count === known)) return port.shape.map((dim) => (dim === -1 ? 1 : dim));
  if (free > 1 || known === 0 || count % known !== 0)
    throw new XnnError(
      'bad-shape',
      `input "${port.name}" has shape [${port.shape}], which ${count} values do not say: give { dtype, shape, data }`,
    );
  return port.shape.map((dim) => (dim === -1 ? count / known : dim));
}

/** The least and largest number of a dtype. @type {Record<string, [number, number]>} */
const LIMITS = { int8: [-128, 127], uint8: [0, 255] };

/**
 * float32 numbers as a quantised input stores them: the nearest, halves away from zero. NaN is the zero point.
 * @param {import('./wasm.js').Values} values @param {'int8' | 'uint8'} dtype @param {{ scale: number, zeroPoint: number }} quantization
 */
function quantize(values, dtype, { scale, zeroPoint }) {
  const [least, most] = LIMITS[dtype];
  const result = new { int8: Int8Array, uint8: Uint8Array }[dtype](values.length);
  for (let i = 0; i < values.length; i++) {
    const steps = Math.fround(values[i] / scale);
    const nearest = Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5) + zeroPoint;
    result[i] = Number.isNaN(nearest) ? zeroPoint : Math.min(Math.max(nearest, least), most);
  }
  return result;
}

/** 64-bit integers as the 32 bits that the engine has. @param {BigInt64Array} values @param {string} name */
function narrow(values, name) {
  return Int32Array.from(values, (value) => {
    if (BigInt.asIntN(32, value) !== value)
      throw new XnnError('unsupported', `input "${name}": ${value} does not fit into int32, which int64 is computed in`);
    return Number(value);
  });
}

/**
 * What is given in another form than the port's: float32 for quantised numbers, int64 for int32, truths that are not 0 or 1.
 * @param {Port} port @param {import('./wasm.js').Values} data @param {string} [called]  The dtype that the caller says.
 * @returns {{ dtype: string, data: import('./wasm.js').Values }}
 */
function converted({ name, dtype, quantization }, data, called) {
  const given = typeName(data);
  if (
    quantization !== undefined &&
    (dtype === 'int8' || dtype === 'uint8') &&
    given === 'Float32Array' &&
    (called ?? 'float32') === 'float32'
  )
    return { dtype, data: quantize(data, dtype, quantization) };
  if (dtype === 'int32' && given === 'BigInt64Array' && (called ?? 'int64') === 'int64')
    return { dtype, data: narrow(/** @type {any} */ (data), name) };
  if (dtype === 'bool' && given === 'Uint8Array' && /** @type {Uint8Array} */ (data).some((value) => value > 1))
    return { dtype: called ?? dtype, data: Uint8Array.from(/** @type {Uint8Array} */ (data), (value) => (value === 0 ? 0 : 1)) };
  return { dtype: called ?? dtype, data };
}

/**
 * @param {Port} port @param {unknown} given
 * @returns {Tensor}  With the data as given, not copied, where it is of the port's dtype.
 * @throws {XnnError} 'misuse' for what is no tensor of this dtype, 'bad-shape' for a shape that does not fit.
 */
function readInput(port, given) {
  const tensor = isTensor(given) ? given : undefined;
  const values = tensor?.data ?? given;
  if (!isValues(values)) throw new XnnError('misuse', `input "${port.name}" is neither a typed array nor { dtype, shape, data }`);
  const { data, dtype } = converted(port, values, tensor?.dtype);
  const shape = tensor?.shape ?? shapeOf(port, data.length);
  if (dtype !== port.dtype || typeName(data) !== ARRAYS[port.dtype])
    throw new XnnError(
      'misuse',
      `input "${port.name}" is ${port.dtype}, the data given is a ${typeName(data)}${tensor ? ` called ${dtype}` : ''}`,
    );
  if (!fitsShape(shape, port.shape)) throw new XnnError('bad-shape', `input "${port.name}" has shape [${port.shape}], [${shape}] is given`);
  const count = shape.reduce((n, dim) => n * dim, 1);
  if (count !== data.length)
    throw new XnnError('bad-shape', `input "${port.name}" of shape [${shape}] has ${count} values, ${data.length} are given`);
  return { dtype: port.dtype, shape, data };
}

/**
 * @param {readonly Port[]} ports @param {Inputs} inputs
 * @returns {Tensor[]}  One for each port, in their order.
 */
export function readInputs(ports, inputs) {
  if (isValues(inputs) || isTensor(inputs)) {
    if (ports.length !== 1)
      throw new XnnError(
        'misuse',
        `the model has ${ports.length} inputs (${ports.map(({ name }) => `"${name}"`).join(', ')}): give { name: values }`,
      );
    return [readInput(ports[0], inputs)];
  }
  if (typeof inputs !== 'object' || inputs === null) throw new XnnError('misuse', `the inputs are ${String(inputs)} instead of an object`);
  const names = new Set(ports.map(({ name }) => name));
  for (const name of Object.keys(inputs))
    if (!names.has(name))
      throw new XnnError('misuse', `the model has no input "${name}", only ${[...names].map((known) => `"${known}"`).join(', ')}`);
  return ports.map((port) => {
    if (!Object.hasOwn(inputs, port.name)) throw new XnnError('misuse', `input "${port.name}" is missing`);
    return readInput(port, inputs[port.name]);
  });
}
