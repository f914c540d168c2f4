// The backend's data: which tensor of the engine's heap, strings or pair of parts stands behind each dataId; and calls of ops.
import { DataStorage, engine, KernelBackend, util } from '@tensorflow/tfjs-core';
import { XnnError } from '../errors.js';
import { opRow } from '../schema.js';
import { DTYPES } from '../wasm.js';

/**
 * @typedef {import('@tensorflow/tfjs-core').TensorInfo} TensorInfo
 * @typedef {import('@tensorflow/tfjs-core').DataType} DataType
 * @typedef {'float32' | 'int32' | 'bool'} NumericType
 * @typedef {Float32Array | Int32Array | Uint8Array} Values
 * @typedef {object} DataId
 *
 * @typedef {object} Data  What stands behind a dataId.
 * @property {number} id  Names the content to the engine.
 * @property {DataType | 'uint8'} dtype
 * @property {number} refCount
 * @property {number} count  Elements.
 * @property {number} tensor  Of the engine's heap, 0 where there is none.
 * @property {Uint8Array[]} [strings]  UTF-8
 * @property {{ real: TensorInfo, imag: TensorInfo }} [parts]  Of complex64.
 * @property {number} uses  How often it was a weight.
 * @property {boolean} isPacked  The engine may keep something that was packed from it.
 *
 * @typedef {object} CallOptions
 * @property {boolean} [keep]  What is packed from the operands is kept for the next call.
 * @property {boolean} [known]  The op reads its operands before it runs.
 */

/** @type {Record<string, number>} xj_dtype */
const CODES = Object.fromEntries(DTYPES.map((name, code) => [name, code]));
/** @type {Record<string, { new (length: number): Values, from(values: ArrayLike<number>): Values, BYTES_PER_ELEMENT: number }>} */
export const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array };
/** Where a scalar is on its way to the engine: ARRAYS[…].from([value]) takes microseconds. */
const SCALARS = { float32: new Float32Array(1), int32: new Int32Array(1), bool: new Uint8Array(1) };
const NOTHING = Object.freeze({});
/** The operands of a layer that it packs: XJ_WEIGHT and XJ_BIAS of src/op.h. */
const WEIGHT = 1;
const BIAS = 2;
/** Content ids are int32 in C. */
const LAST_ID = 2 ** 31 - 1;

export class XnnjsBackend extends KernelBackend {
  /** @param {import('./instance.js').Instance} instance */
  constructor(instance) {
    super();
    this.instance = instance;
    this.core = instance.core;
    this.eager = instance.core.eager;
    instance.backends++;
    /** @type {import('@tensorflow/tfjs-core').DataStorage<Data>} */
    this.data = new DataStorage(/** @type {any} */ (this), /** @type {any} */ (engine()));
    this.nextId = 1;
    this.isDisposed = false;
    /** Data that the kernel which is running has made or refers to. @type {DataId[] | undefined} */
    this.taken = undefined;
  }

  /**
   * Runs a kernel. Where it fails, what it has made and referred to by then is given back.
   * @template T @template C @param {(call: C) => T} kernel @param {C} call @returns {T}
   */
  runKernel(kernel, call) {
    const outer = this.taken;
    const taken = /** @type {DataId[]} */ ([]);
    this.taken = taken;
    try {
      return kernel(call);
    } catch (error) {
      this.taken = undefined;
      for (const dataId of taken) this.disposeData(dataId);
      throw error;
    } finally {
      this.taken = outer;
    }
  }

  // ---- what tfjs-core calls ----

  /** @override @param {any} values @param {number[]} shape @param {DataType} dtype @returns {DataId} */
  write(values, shape, dtype) {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    this.taken?.push(dataId);
    return dataId;
  }

  /** @override @param {DataId} dataId @param {any} values @param {number[]} shape @param {DataType} dtype @param {number} refCount */
  move(dataId, values, shape, dtype, refCount) {
    const count = util.sizeFromShape(shape);
    const data = this.newData(dtype, count, refCount);
    if (dtype === 'string') data.strings = values;
    else if (dtype === 'complex64' && values !== null) this.splitComplex(data, shape, /** @type {Float32Array} */ (values));
    else if (dtype !== 'complex64') data.tensor = this.upload(values, dtype, count);
    this.data.set(dataId, data);
  }

  /** @override @param {DataId} dataId */
  async read(dataId) {
    return this.readSync(dataId);
  }

  /** @override @param {DataId} dataId @returns {any} */
  readSync(dataId) {
    const data = this.data.get(dataId);
    if (data.parts !== undefined) return this.joinComplex(data.parts);
    if (data.strings !== undefined) return data.strings;
    return this.eager.read(data.tensor, /** @type {any} */ (data.dtype), data.count);
  }

  /** @override @returns {number} */
  numDataIds() {
    return this.data.numDataIds();
  }

  /** @override @param {DataId} dataId @returns {number} */
  refCount(dataId) {
    return this.data.has(dataId) ? this.data.get(dataId).refCount : 0;
  }

  /** @override @param {DataId} dataId */
  incRef(dataId) {
    this.data.get(dataId).refCount++;
  }

  /** @override @param {DataId} dataId @param {boolean} [force] Whatever refers to it. @returns {boolean} whether it is gone */
  disposeData(dataId, force = false) {
    if (!this.data.has(dataId)) return true;
    const data = this.data.get(dataId);
    const place = this.taken === undefined ? -1 : this.taken.lastIndexOf(dataId);
    if (place >= 0) this.taken?.splice(place, 1);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (data.parts !== undefined) {
      this.disposeData(data.parts.real.dataId, true);
      this.disposeData(data.parts.imag.dataId, true);
    }
    if (!this.isDisposed) {
      if (data.isPacked) this.eager.forget(data.id);
      if (data.tensor !== 0) this.eager.release(data.tensor);
    }
    this.data.delete(dataId);
    return true;
  }

  /** @override @param {() => void} query */
  async time(query) {
    const start = util.now();
    query();
    return { kernelMs: util.now() - start };
  }

  /** heapBytes: what the engine has allocated, packed weights (weightBytes) and compiled models included; wasmBytes: its memory. @override */
  memory() {
    const { heapBytes, peakHeapBytes, weightBytes, wasmBytes } = this.core.memory();
    return /** @type {{ unreliable: boolean }} */ ({ unreliable: false, heapBytes, peakHeapBytes, weightBytes, wasmBytes });
  }

  /** @override @returns {16 | 32} */
  floatPrecision() {
    return 32;
  }

  /** Frees all tensors; the engine itself stays, for the next backend and for compiled models. @override */
  dispose() {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.instance.backends--;
    this.eager.reset();
  }

  // ---- data ----

  /** @param {DataType | 'uint8'} dtype @param {number} count @param {number} refCount @returns {Data} */
  newData(dtype, count, refCount) {
    const id = this.nextId;
    this.nextId = id === LAST_ID ? 1 : id + 1;
    return { id, dtype, refCount, count, tensor: 0, strings: undefined, parts: undefined, uses: 0, isPacked: false };
  }

  /** @param {any} values  null: whatever lies there @param {string} dtype @param {number} count @returns {number} */
  upload(values, dtype, count) {
    const array = ARRAYS[dtype];
    if (array === undefined) throw new XnnError('unsupported', `there are no tensors of dtype ${dtype}`);
    if (values === null || values === undefined) return this.eager.create(count * array.BYTES_PER_ELEMENT);
    const typed = values instanceof array ? values : array.from(values);
    if (typed.length < count) throw new XnnError('bad-shape', `${typed.length} values for ${count} elements`);
    const tensor = this.eager.create(count * array.BYTES_PER_ELEMENT);
    this.eager.write(tensor, new Uint8Array(typed.buffer, typed.byteOffset, count * array.BYTES_PER_ELEMENT));
    return tensor;
  }

  /** @param {Data} data @param {number[]} shape @param {Float32Array} values  pairs */
  splitComplex(data, shape, values) {
    const real = values.filter((_, i) => i % 2 === 0);
    const imag = values.filter((_, i) => i % 2 === 1);
    data.parts = { real: this.make(shape, 'float32', real), imag: this.make(shape, 'float32', imag) };
  }

  /** @param {{ real: TensorInfo, imag: TensorInfo }} parts @returns {Float32Array} pairs */
  joinComplex({ real, imag }) {
    const [re, im] = [this.readSync(real.dataId), this.readSync(imag.dataId)];
    const pairs = new Float32Array(2 * re.length);
    for (let i = 0; i < re.length; i++) {
      pairs[2 * i] = re[i];
      pairs[2 * i + 1] = im[i];
    }
    return pairs;
  }

  /** A new tensor. @param {number[]} shape @param {DataType} dtype @param {any} values @returns {TensorInfo} */
  make(shape, dtype, values) {
    return { dataId: this.write(values, shape, dtype), shape, dtype };
  }

  /** A string tensor. @param {number[]} shape @param {string[]} texts @returns {TensorInfo} */
  makeStrings(shape, texts) {
    return this.make(
      shape,
      'string',
      texts.map((text) => util.encodeString(text)),
    );
  }

  /** @param {TensorInfo} t @returns {any} a copy of its elements */
  values(t) {
    return this.readSync(t.dataId);
  }

  /** @param {TensorInfo} t @returns {string[]} */
  strings(t) {
    return /** @type {Uint8Array[]} */ (this.readSync(t.dataId)).map((bytes) => util.decodeString(bytes));
  }

  /** The same data under another shape. @param {TensorInfo} t @param {number[]} [shape] @returns {TensorInfo} */
  alias(t, shape = t.shape) {
    const data = this.data.get(t.dataId);
    data.refCount++;
    this.taken?.push(t.dataId);
    return { dataId: t.dataId, shape, dtype: t.dtype };
  }

  /** @param {...(TensorInfo | undefined)} tensors  Results in between, of which nothing is left. */
  drop(...tensors) {
    for (const t of tensors) if (t !== undefined) this.disposeData(t.dataId);
  }

  /** For tfjs-core's own helpers. @param {TensorInfo} t */
  disposeIntermediateTensorInfo(t) {
    this.disposeData(t.dataId);
  }

  /** @param {TensorInfo} real @param {TensorInfo} imag  Both are taken over. @returns {TensorInfo} */
  complex(real, imag) {
    const t = this.make(real.shape, 'complex64', null);
    this.data.get(t.dataId).parts = { real, imag };
    return t;
  }

  /** @param {TensorInfo} t  complex64 @returns {{ real: TensorInfo, imag: TensorInfo }} */
  parts(t) {
    const { real, imag } = /** @type {{ real: TensorInfo, imag: TensorInfo }} */ (this.data.get(t.dataId).parts);
    return { real: { ...real, shape: t.shape }, imag: { ...imag, shape: t.shape } };
  }

  /** Counts a use as a weight. @param {TensorInfo} t @returns {boolean} whether it was one before: its packed form is worth keeping */
  isSeenWeight(t) {
    return ++this.data.get(t.dataId).uses > 1;
  }

  // ---- ops ----

  /**
   * Calls an op of src/ops.def.
   * @param {string} op @param {readonly (TensorInfo | null | undefined)[]} inputs @param {Record<string, any>} [attrs]
   * @param {CallOptions} [options]
   * @returns {TensorInfo}
   */
  op(op, inputs, attrs = NOTHING, options = NOTHING) {
    const operands = this.operands(inputs, options);
    return this.result(this.call(op, inputs, operands, attrs, options, -1));
  }

  /**
   * The same, over `inputs[0]`, a result in between that nothing else refers to; else it is dropped.
   * @param {string} op @param {readonly (TensorInfo | null | undefined)[]} inputs @param {Record<string, any>} [attrs]
   * @returns {TensorInfo}
   */
  opOver(op, inputs, attrs = NOTHING) {
    const first = /** @type {TensorInfo} */ (inputs[0]);
    const operands = this.operands(inputs, NOTHING);
    const own = /** @type {Data} */ (operands[0]);
    const tensor = this.call(op, inputs, operands, attrs, NOTHING, own.refCount === 1 ? 0 : -1);
    if (tensor === own.tensor) return { dataId: first.dataId, shape: this.eager.shape(), dtype: first.dtype };
    const y = this.result(tensor);
    this.drop(first);
    return y;
  }

  /** @param {readonly (TensorInfo | null | undefined)[]} inputs @param {CallOptions} options @returns {(Data | undefined)[]} */
  operands(inputs, options) {
    const operands = new Array(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const t = inputs[i];
      if (t === null || t === undefined) continue;
      const data = this.data.get(t.dataId); // may bring it from another backend
      operands[i] = data;
      if (data.tensor === 0) throw new XnnError('unsupported', `a tensor of dtype ${data.dtype} where numbers are expected`);
      if (options.keep && (i === WEIGHT || i === BIAS)) data.isPacked = true;
    }
    return operands;
  }

  /**
   * @param {string} op @param {readonly (TensorInfo | null | undefined)[]} inputs @param {(Data | undefined)[]} operands
   * @param {Record<string, any>} attrs @param {CallOptions} options @param {number} into
   */
  call(op, inputs, operands, attrs, { keep = false, known = false }, into) {
    const { eager } = this;
    eager.begin();
    for (let i = 0; i < operands.length; i++) {
      const data = operands[i];
      if (data === undefined) eager.absent();
      else eager.operand(data.tensor, CODES[data.dtype], /** @type {TensorInfo} */ (inputs[i]).shape, keep ? data.id : 0, known);
    }
    return eager.run(opRow(op), attrs, into);
  }

  /** @param {number} tensor @returns {TensorInfo} of the last call's result */
  result(tensor) {
    const shape = this.eager.shape();
    const dtype = /** @type {DataType} */ (this.eager.dtype());
    let count = 1;
    for (let i = 0; i < shape.length; i++) count *= shape[i];
    const data = this.newData(dtype, count, 1);
    data.tensor = tensor;
    const dataId = {};
    this.data.set(dataId, data);
    this.taken?.push(dataId);
    return { dataId, shape, dtype };
  }

  /** A tensor of its own with the same elements. @param {TensorInfo} t @returns {TensorInfo} */
  copy(t) {
    return this.op('identity', [t]);
  }

  /** @param {TensorInfo} t @param {DataType} dtype  float32, int32 or bool @returns {TensorInfo} t's data itself where it has the dtype */
  cast(t, dtype) {
    return t.dtype === dtype ? this.alias(t) : this.op('cast', [t], { dtype: CODES[dtype] });
  }

  /** The same of a result in between, which is gone. @param {TensorInfo} t @param {DataType} dtype @returns {TensorInfo} */
  castOver(t, dtype) {
    if (t.dtype === dtype) return t;
    const y = this.cast(t, dtype);
    this.drop(t);
    return y;
  }

  /** A tensor of one value. @param {number[]} shape @param {number} value @param {NumericType} dtype @returns {TensorInfo} */
  full(shape, value, dtype) {
    const t = this.make(shape, dtype, null);
    const { tensor, count } = this.data.get(t.dataId);
    this.eager.fill(tensor, dtype, count, value);
    return t;
  }

  /** One number. @param {number} value @param {NumericType} dtype @returns {TensorInfo} */
  scalar(value, dtype) {
    SCALARS[dtype][0] = value;
    return this.make([], dtype, SCALARS[dtype]);
  }
}
