// Runs one op through the core's public way: graph, compile, feed, program, run. And says how far off a result is.
import { seeded } from '../support/random.js';

/**
 * @import { Core } from '../../js/wasm.js'
 * @import { Attributes, Reference, Tensor } from './reference/tensor.js'
 *
 * @typedef {'uniform' | 'positive' | 'wide' | 'specials' | 'large'} Fill  wide: -20 … 20; large: ±1e18.
 * @typedef {{ dtype: 'float16' | 'int8' | 'uint8' | 'uint16', scale?: number, min?: number }} Stored
 *
 * @typedef {object} Operand
 * @property {number[]} shape
 * @property {import('./reference/tensor.js').Dtype} [dtype]  float32 where absent
 * @property {number[]} [values]
 * @property {Fill} [fill]  Where values are absent; 'uniform' is -1 … 1.
 * @property {[number, number]} [range]  Instead of fill: from the first to the second, of integers both included.
 * @property {'input' | 'constant' | 'weight'} [from]
 * @property {Stored} [stored]  Of a weight.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {(Operand | null)[]} inputs  null: absent.
 * @property {Attributes} [attributes]
 *
 * @typedef {{ shape: number[], dtype: import('./reference/tensor.js').Dtype, data: ArrayLike<number>, from: 'input' | 'constant' | 'weight', stored?: Stored, bytes?: Uint8Array }} Made
 */

const SPECIALS = [NaN, Infinity, -Infinity, 0, -0, 1e-40, -1e-45, 1.1754944e-38, 6, 3, -3];
/** Beyond this a constant does not fit the mailbox; js/compile.js draws the line there too. */
const SMALL_BYTES = 4096;

/** @param {readonly number[]} shape */
const count = (shape) => shape.reduce((n, dim) => n * dim, 1);

/** @param {Fill} fill @param {() => number} random @returns {number} */
function draw(fill, random) {
  const value = random() * 2 - 1;
  if (fill === 'positive') return Math.abs(value) + 1e-3;
  if (fill === 'wide') return value * 20;
  if (fill === 'large') return value * 1e18;
  if (fill === 'specials' && random() < 0.15) return SPECIALS[Math.floor(random() * SPECIALS.length)];
  return value;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, int8: Int8Array };

/** @type {Record<'int32' | 'bool' | 'uint8' | 'int8', [number, number]>} */
const RANGES = { int32: [-(2 ** 31), 2 ** 31 - 1], bool: [0, 1], uint8: [0, 255], int8: [-128, 127] };

/** @param {'int32' | 'bool' | 'uint8' | 'int8'} dtype @param {[number, number] | undefined} range @param {() => number} random */
function drawInteger(dtype, range, random) {
  const [low, high] = range ?? RANGES[dtype];
  return low + Math.floor(random() * (high - low + 1));
}

/** IEEE 754-2008, 3.4. @param {number} half */
function halfValue(half) {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half >> 15 ? -magnitude : magnitude;
}

/** @param {Operand} operand @param {Stored} stored @param {() => number} random @returns {Made} */
function makeStored({ shape, dtype: read = 'float32' }, stored, random) {
  const { dtype, scale = 0, min = 0 } = stored;
  const bytes = dtype === 'int8' || dtype === 'uint8';
  const codes = Array.from({ length: count(shape) }, () => Math.floor(random() * (bytes ? 256 : 65536)) - (dtype === 'int8' ? 128 : 0));
  if (dtype === 'float16')
    codes.forEach((code, i) => {
      codes[i] = code & 0xbbff;
    }); // exponents below 15: |value| < 1
  const list = dtype === 'int8' ? Int8Array.from(codes) : dtype === 'uint8' ? Uint8Array.from(codes) : Uint16Array.from(codes);
  const values = codes.map((code) => (dtype === 'float16' ? halfValue(code) : code * scale + min));
  const data = read === 'int32' ? values.map(Math.round) : values.map(Math.fround);
  return { shape, dtype: read, data, from: 'weight', stored, bytes: new Uint8Array(list.buffer) };
}

/** @param {Operand} operand @param {() => number} random @returns {Made} */
function make(operand, random) {
  const { shape, dtype = 'float32', values, fill = 'uniform', range, from = 'input', stored } = operand;
  if (stored !== undefined) return makeStored(operand, stored, random);
  const drawFloat = () => (range === undefined ? draw(fill, random) : range[0] + random() * (range[1] - range[0]));
  const data = new /** @type {Float32ArrayConstructor} */ (ARRAYS[dtype])(count(shape));
  for (let i = 0; i < data.length; i++) data[i] = values?.[i] ?? (dtype === 'float32' ? drawFloat() : drawInteger(dtype, range, random));
  return {
    shape,
    dtype,
    data,
    from: from === 'constant' && data.byteLength > SMALL_BYTES ? 'weight' : from,
    bytes: new Uint8Array(data.buffer),
  };
}

/** By case: tables of cases are shared by ops. @type {WeakMap<Case, (Made | undefined)[]>} */
const made = new WeakMap();

/**
 * The operands of a case, the same each time, to be read only.
 * @param {Case} testCase
 */
export function makeInputs(testCase) {
  const known = made.get(testCase);
  if (known !== undefined) return known;
  const inputs = makeAnew(testCase);
  made.set(testCase, inputs);
  return inputs;
}

/** @param {Case} testCase @returns {(Made | undefined)[]} */
function makeAnew({ name, inputs }) {
  const random = seeded([...name].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7) >>> 1);
  return inputs.map((operand) => (operand === null ? undefined : make(operand, random)));
}

/**
 * @param {Core} core @param {string} op @param {(Made | undefined)[]} inputs @param {Attributes} attributes
 * @returns {{ shape: number[], dtype: string, data: import('../../js/wasm.js').Values }}
 */
export function runOp(core, op, inputs, attributes) {
  const graph = core.createGraph();
  /** @type {ReturnType<typeof graph.compile> | undefined} */
  let model;
  try {
    const ids = inputs.map((input, i) => {
      if (input === undefined) return -1;
      if (input.from === 'input') return graph.input(`in${i}`, input.dtype, input.shape);
      if (input.from === 'constant') return graph.constant(input.dtype, input.shape, /** @type {Float32Array} */ (input.data));
      return graph.weight(i, input.dtype, input.shape, input.stored ?? { dtype: input.dtype });
    });
    graph.output('y', graph.node(op, 'it', ids, attributes));
    model = graph.compile({ optimize: true });
    const program = model.createProgram(inputs.flatMap((input) => (input?.from === 'input' ? [input.shape] : [])));
    model.wanted.forEach((id, index) => {
      model?.stage(0, /** @type {Uint8Array} */ (inputs[id]?.bytes));
      model?.feed(index);
    });
    inputs
      .filter((input) => input?.from === 'input')
      .forEach((input, i) => {
        program.write(i, /** @type {Float32Array} */ (input?.data));
      });
    program.run();
    return { ...program.outputs[0], data: program.read(0) };
  } finally {
    if (model === undefined) graph.release();
    else model.release();
  }
}

/** Results below the smallest normal float may be flushed to zero by ops with exponentials. */
const SMALLEST_NORMAL = 2 ** -126;
const SMALLEST = 2 ** -149;

/**
 * The largest error in units of |result| + Σ|terms|; Infinity where NaN, an infinity or (if exact) any bit is wrong.
 * @param {ArrayLike<number>} actual @param {Reference} expected @param {{ exact?: boolean, flushes?: boolean }} [options]
 * @returns {{ error: number, where: string }}
 */
export function measure(actual, expected, { exact = false, flushes = false } = {}) {
  let worst = { error: 0, where: 'equal' };
  const isFloat = expected.dtype === undefined || expected.dtype === 'float32';
  for (let i = 0; i < expected.data.length; i++) {
    const value = actual[i];
    const exactly = expected.data[i];
    const rounded = isFloat ? Math.fround(exactly) : exactly;
    if (Object.is(value, rounded)) continue;
    const apart = Math.max(0, Math.abs(value - exactly) - (flushes ? SMALLEST_NORMAL : SMALLEST));
    const comparable = !exact && Number.isFinite(value) && Number.isFinite(rounded);
    const error = comparable ? (apart === 0 ? 0 : apart / expected.scale[i]) : Infinity;
    if (error > worst.error) worst = { error, where: `[${i}] is ${value}, expected ${rounded} ± ${expected.scale[i]} * 1e-5` };
  }
  return worst;
}
