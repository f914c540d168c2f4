// The runtime: one instance of the engine, with its memory and its threads.
import { compileModel } from './compile.js';
import { XnnError } from './errors.js';
import { instantiate } from './instantiate.js';
import { linkedController, throwIfAborted } from './load/abort.js';
import { importPart } from './load/part.js';
import { openSource } from './load/source.js';
import { DISPOSE, Model } from './model.js';
import { chooseThreads, chooseVariant } from './variants.js';
import { VERSION } from './version.js';

/**
 * @typedef {object} RuntimeOptions
 * @property {'auto' | number} [threads]  'auto': 1 without SharedArrayBuffer (in browsers: without cross-origin isolation), else
 *   min(4, cores). Where there are no threads, any number means 1.
 * @property {'auto' | 'simd' | 'relaxed'} [variant]
 * @property {import('./instantiate.js').WasmOption} [wasm]  Where the .wasm is; by default in dist/ beside js/.
 * @property {boolean} [worker]  true: in a worker of its own, so that the page never blocks; runSync is then 'misuse'. What
 *   summary() and memory() say is that of the last answer.
 * @property {boolean} [deterministic]  The same bits everywhere: never relaxed SIMD.
 * @property {number} [maxMemory]  Bytes; a load or run that needs more fails with 'out-of-memory'.
 *
 * @typedef {import('./load/source.js').OpenOptions & { outputs?: string[], inputShapes?: Record<string, number[]>,
 *   precision?: 'float32' | 'int8' }} LoadOptions  inputShapes: -1 for a side that shall be free, also where the model says a size; '*'
 *   stands for all inputs of as many sides that are not named.
 */

/** A source that was opened elsewhere: on the page, for a runtime in a worker. */
export class OpenedSource {
  /** @param {Pick<import('./load/source.js').OpenModel, 'format' | 'topology' | 'weights' | 'bytes'>} model */
  constructor(model) {
    this.model = model;
  }
}

export class Runtime {
  /** @type {import('./wasm.js').Core | undefined} undefined after dispose(): the memory goes, even if the Runtime is kept */
  #core;
  #models = /** @type {Set<Model>} */ (new Set());
  /** Ends a load that is under way. */
  #loads = /** @type {Set<() => void>} */ (new Set());
  #terminate;

  /** @readonly @type {'simd' | 'relaxed'} */
  variant;
  /** @readonly @type {number} */
  threads;
  /** @readonly */
  version = VERSION;

  /**
   * Made by createRuntime.
   * @param {{ core: import('./wasm.js').Core, variant: 'simd' | 'relaxed', threads: number, terminate: () => void }} parts
   */
  constructor({ core, variant, threads, terminate }) {
    this.#core = core;
    this.variant = variant;
    this.threads = threads;
    this.#terminate = terminate;
  }

  #usable() {
    if (this.#core === undefined) throw new XnnError('misuse', 'the runtime was disposed');
    return this.#core;
  }

  /**
   * Loads and compiles a model. Weights are packed as they arrive.
   * @param {unknown} source  URL or path of a model.json or .tflite; File[]; the parsed content of a model.json, the bytes of a
   *   .tflite; an IOHandler.
   * @param {LoadOptions} [options]
   * @returns {Promise<Model>}
   * @throws {XnnError} 'bad-model', 'unsupported', 'network', 'integrity', 'aborted', 'out-of-memory', 'bad-shape' (inputShapes)
   */
  async load(source, options = {}) {
    const engine = this.#usable();
    checkLoadOptions(options);
    const { signal, close } = linkedController(options.signal);
    this.#loads.add(close);
    try {
      const opened = source instanceof OpenedSource ? source.model : await openSource(source, { ...options, signal });
      const { core, inputs, outputs, shapes, guessed } = await compileModel(engine, opened, options);
      const model = new Model({
        core,
        engine: { variant: this.variant, threads: this.threads },
        inputs,
        outputs,
        shapes,
        onDispose: (gone) => this.#models.delete(gone),
      });
      this.#models.add(model);
      try {
        throwIfAborted(signal);
        if (!guessed) model.prepare();
      } catch (error) {
        model.dispose();
        throw error;
      }
      return model;
    } catch (error) {
      if (this.#core !== undefined) throw error;
      throw new XnnError('misuse', 'the runtime was disposed while the model was loading', { cause: error });
    } finally {
      this.#loads.delete(close);
      close();
    }
  }

  /**
   * Bytes that the engine has allocated now and at most so far, of them packed weights and arenas; wasmBytes is the size of
   * the WebAssembly memory, which grows and never shrinks.
   * @returns {{ heapBytes: number, peakHeapBytes: number, weightBytes: number, arenaBytes: number, wasmBytes: number, models: number }}
   */
  memory() {
    return { ...this.#usable().memory(), models: this.#models.size };
  }

  /** For a runtime in a worker: the numbers by which another thread ends a run; see xj_abort_numbers. */
  abortNumbers() {
    return this.#usable().abortNumbers();
  }

  /** Disposes all models, ends loads that are under way ('misuse') and the threads. A second call does nothing. */
  dispose() {
    const core = this.#core;
    if (core === undefined) return;
    for (const model of this.#models) model.dispose();
    this.#core = undefined;
    for (const close of this.#loads) close();
    core.stop();
    this.#terminate();
  }

  [DISPOSE]() {
    this.dispose();
  }
}

/** @param {LoadOptions} options */
function checkLoadOptions({ precision = 'float32' }) {
  if (precision !== 'float32' && precision !== 'int8')
    throw new XnnError('misuse', `precision is ${String(precision)}: 'float32' or 'int8' is possible`);
}

/**
 * @param {RuntimeOptions} [options]
 * @returns {Promise<Runtime>}  With worker: true one that has the same methods, and works through messages.
 * @throws {XnnError} 'unsupported' without WebAssembly SIMD; 'network' if the .wasm cannot be had; 'misuse' for bad options.
 */
export async function createRuntime({
  threads = 'auto',
  variant = 'auto',
  wasm,
  worker = false,
  deterministic = false,
  maxMemory = 0,
} = {}) {
  if (!(Number.isInteger(maxMemory) && maxMemory >= 0 && maxMemory < 2 ** 32))
    throw new XnnError('misuse', `maxMemory is ${String(maxMemory)}: a whole number of bytes below 4294967296 is possible`);
  const chosen = chooseVariant(variant, { deterministic });
  if (worker) {
    const { createRemoteRuntime } = await importPart(import('./worker/remote-runtime.js'));
    return createRemoteRuntime({ threads: chooseThreads(threads), variant: chosen, wasm, maxMemory });
  }
  const engine = await instantiate({ variant: chosen, threads: chooseThreads(threads), wasm });
  engine.core.limitMemory(maxMemory);
  return new Runtime({ ...engine, variant: chosen });
}
