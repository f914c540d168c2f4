// The page's side of `worker: true`: a Runtime that works through messages. Files are opened and read here, for fetch,
// onProgress and IOHandlers belong to the page; the bytes go over as they arrive.
import { XnnError } from '../errors.js';
import { linkedController, throwIfAborted } from '../load/abort.js';
import { openSource } from '../load/source.js';
import { DISPOSE } from '../model.js';
import { VERSION } from '../version.js';
import { errorData, openPort, toError } from './messages.js';
import { RemoteModel } from './remote-model.js';

/** Bytes of weights that may be on their way at a time. */
const MOST_UNDER_WAY = 8 << 20;

/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void, taken?: (bytes: number) => void }} Pending */

/** The literal form is what bundlers look for. @returns {any} */
function startWorker() {
  const NodeWorker = globalThis.process?.getBuiltinModule?.('node:worker_threads').Worker;
  if (NodeWorker !== undefined) {
    const execArgv = process.execArgv.filter((argument) => !/^--(input-type|eval|print)\b/.test(argument)); // not for files
    return new NodeWorker(new URL('./worker.js', import.meta.url), { execArgv });
  }
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}

/** Numbers calls, matches answers. */
export class Connection {
  #worker;
  #port;
  #next = 1;
  #pending = /** @type {Map<number, Pending>} */ (new Map());
  #aborted = /** @type {Set<number>} */ (new Set());
  /** @type {Error | undefined} why nothing works any more */
  #closed;
  /** Of the last answer. @type {any} */
  memory = {};
  /** @type {Int32Array | undefined} see xj_abort_numbers; undefined where memory is not shared */
  abortNumbers;

  constructor() {
    this.#worker = startWorker();
    this.#port = openPort(this.#worker);
    this.#port.onMessage((message) => this.#take(message));
    const failed = (/** @type {any} */ error) =>
      this.close(new XnnError('unsupported', `the worker ended: ${error?.message ?? 'its script does not load'}`));
    if (this.#worker.on !== undefined) this.#worker.on('error', failed);
    else this.#worker.onerror = failed;
  }

  /** @param {any} message  Answer | Taken */
  #take(message) {
    const pending = this.#pending.get(message.call);
    if (message.memory !== undefined) this.memory = message.memory;
    if (pending === undefined) return;
    if (message.taken !== undefined) {
      pending.taken?.(message.taken);
      return;
    }
    this.#pending.delete(message.call);
    if (this.#aborted.delete(message.call)) this.#signalAbort();
    if (this.#pending.size === 0) this.#worker.unref?.(); // Node: an idle worker keeps no process alive
    if (message.error === undefined) pending.resolve(message.result);
    else pending.reject(toError(message.error));
  }

  /**
   * @param {string} method @param {any[]} args
   * @param {{ transfer?: Transferable[], taken?: (bytes: number) => void, started?: (call: number) => void }} [options]
   * @returns {Promise<any>}
   */
  call(method, args, { transfer, taken, started } = {}) {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const call = this.#next++;
    started?.(call);
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject, taken });
      this.#worker.ref?.();
      try {
        this.#port.post({ call, method, args }, transfer);
      } catch (error) {
        this.#pending.delete(call);
        reject(new XnnError('misuse', `this cannot be sent to a worker: ${/** @type {Error} */ (error).message}`, { cause: error }));
      }
    });
  }

  /** @param {object} message @param {Transferable[]} [transfer] */
  post(message, transfer) {
    if (this.#closed === undefined) this.#port.post(message, transfer);
  }

  /** Ends a call: one that has not begun at once, one under way between two ops where memory is shared. @param {number} call */
  abort(call) {
    if (!this.#pending.has(call)) return;
    this.#aborted.add(call);
    this.post({ call, cancel: true });
    this.#signalAbort();
  }

  /** There is room for one number: calls run in order, so it is the first one's. */
  #signalAbort() {
    if (this.abortNumbers !== undefined) Atomics.store(this.abortNumbers, 0, this.#aborted.size === 0 ? 0 : Math.min(...this.#aborted));
  }

  /** @param {Error} reason  What all calls, also those to come, fail with. */
  close(reason) {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
    this.#worker.terminate();
  }
}

class RemoteRuntime {
  #connection;
  #models = /** @type {Set<RemoteModel>} */ (new Set());
  #loads = /** @type {Set<() => void>} */ (new Set());
  #disposed = false;
  version = VERSION;

  /** @param {Connection} connection @param {{ variant: 'simd' | 'relaxed', threads: number }} started */
  constructor(connection, { variant, threads }) {
    this.#connection = connection;
    this.variant = variant;
    this.threads = threads;
  }

  #usable() {
    if (this.#disposed) throw new XnnError('misuse', 'the runtime was disposed');
  }

  /**
   * As Runtime.load.
   * @param {unknown} source @param {import('../runtime.js').LoadOptions} [options]
   * @returns {Promise<RemoteModel>}
   */
  async load(source, options = {}) {
    this.#usable();
    const { signal, close } = linkedController(options.signal);
    this.#loads.add(close);
    try {
      const { format, topology, weights, bytes } = await openSource(source, { ...options, signal });
      this.#usable();
      const { outputs, inputShapes, precision } = options;
      const { optimize } = /** @type {{ optimize?: boolean }} */ (options);
      let call = 0;
      let underWay = 0;
      let ended = false;
      let wake = () => {};
      const loaded = this.#connection.call(
        'load',
        [
          { format, topology, weights },
          { outputs, inputShapes, precision, optimize },
        ],
        {
          started: (number) => {
            call = number;
          },
          taken: (count) => {
            underWay -= count;
            wake();
          },
        },
      );
      loaded
        .catch(() => {})
        .finally(() => {
          ended = true;
          wake();
        });
      const send = async () => {
        for await (const { weight, offset, bytes: piece } of bytes()) {
          if (ended) return;
          const copy = piece.slice(); // the bytes may be the caller's own
          underWay += copy.length;
          this.#connection.post({ call, piece: { weight, offset, bytes: copy } }, [copy.buffer]);
          while (underWay > MOST_UNDER_WAY && !ended)
            await new Promise((resolve) => {
              wake = () => resolve(undefined);
            });
        }
        this.#connection.post({ call, end: true });
      };
      const sent = send().catch((error) => {
        this.#connection.post({ call, error: errorData(error) });
        throw error;
      });
      const [parts] = await Promise.all([loaded, sent]);
      throwIfAborted(signal);
      const model = new RemoteModel(this.#connection, call, parts, (gone) => this.#models.delete(gone));
      this.#models.add(model);
      return model;
    } catch (error) {
      if (!this.#disposed) throw error;
      throw new XnnError('misuse', 'the runtime was disposed while the model was loading', { cause: error });
    } finally {
      this.#loads.delete(close);
      close();
    }
  }

  /** As Runtime.memory, of the last answer. */
  memory() {
    this.#usable();
    return { ...this.#connection.memory, models: this.#models.size };
  }

  /** Ends the worker with all that it holds. A second call does nothing. */
  dispose() {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const close of this.#loads) close();
    for (const model of this.#models) model.dispose();
    this.#connection.close(new XnnError('misuse', 'the runtime was disposed'));
  }

  [DISPOSE]() {
    this.dispose();
  }
}

/** @param {import('../instantiate.js').WasmOption | undefined} wasm @param {string} file */
function sendable(wasm, file) {
  const place = typeof wasm === 'function' ? wasm(file) : wasm;
  return place instanceof URL ? place.href : place;
}

/**
 * @param {{ variant: 'simd' | 'relaxed', threads: number, maxMemory: number, wasm?: import('../instantiate.js').WasmOption }} options
 * @returns {Promise<any>}  A RemoteRuntime.
 */
export async function createRemoteRuntime({ variant, threads, maxMemory, wasm }) {
  const file = `xnnjs-${variant}${threads > 1 ? '-threads' : ''}.wasm`;
  const connection = new Connection();
  try {
    const started = await connection.call('start', [{ variant, threads, maxMemory, wasm: sendable(wasm, file) }]);
    connection.abortNumbers = started.abortNumbers;
    return new RemoteRuntime(connection, started);
  } catch (error) {
    connection.close(/** @type {Error} */ (error));
    throw error;
  }
}
