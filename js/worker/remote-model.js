// A model that lives in a worker.
import { XnnError } from '../errors.js';
import { DISPOSE } from '../model.js';
import { readInputs } from '../tensors.js';

/** @typedef {import('../tensors.js').Tensor} Tensor */

export class RemoteModel {
  #connection;
  #id;
  #summary;
  #onDispose;
  #disposed = false;

  /**
   * @param {import('./remote-runtime.js').Connection} connection @param {number} id
   * @param {{ inputs: readonly import('../tensors.js').Port[], outputs: readonly import('../tensors.js').Port[], summary: string }} parts
   * @param {(model: RemoteModel) => void} onDispose
   */
  constructor(connection, id, { inputs, outputs, summary }, onDispose) {
    this.#connection = connection;
    this.#id = id;
    this.#summary = summary;
    this.#onDispose = onDispose;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  #usable() {
    if (this.#disposed) throw new XnnError('misuse', 'the model was disposed');
  }

  /** Copies of the inputs, which are handed over: the caller's stay his. @param {import('../tensors.js').Inputs} inputs */
  #copy(inputs) {
    const tensors = readInputs(this.inputs, inputs);
    const entries = tensors.map(({ dtype, shape, data }, i) => [this.inputs[i].name, { dtype, shape, data: data.slice() }]);
    const copies = /** @type {Record<string, Tensor>} */ (Object.fromEntries(entries));
    return { copies, transfer: Object.values(copies).map(({ data }) => /** @type {ArrayBuffer} */ (data.buffer)) };
  }

  /**
   * As Model.run; an abort takes effect between two ops where memory is shared, else before the run.
   * @param {import('../tensors.js').Inputs} inputs @param {import('../model.js').RunOptions} [options]
   * @returns {Promise<Record<string, Tensor>>}
   */
  async run(inputs, { signal, outputs } = {}) {
    this.#usable();
    if (signal?.aborted) throw new XnnError('aborted', 'the run was aborted before it began', { cause: signal.reason });
    const { copies, transfer } = this.#copy(inputs);
    let stop = () => {};
    try {
      const result = await this.#connection.call('run', [this.#id, copies, { outputs }], {
        transfer,
        started: (call) => {
          stop = () => this.#connection.abort(call);
          signal?.addEventListener('abort', stop);
        },
      });
      this.#summary = result.summary;
      return result.outputs;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** @returns {never} */
  runSync() {
    throw new XnnError('misuse', 'runSync with worker: true: the model is in another thread, use run');
  }

  /**
   * As Model.profile.
   * @param {import('../tensors.js').Inputs} inputs @param {{ runs?: number }} [options]
   * @returns {Promise<import('../profile.js').Profile>}
   */
  async profile(inputs, options) {
    this.#usable();
    const { copies, transfer } = this.#copy(inputs);
    return this.#connection.call('profile', [this.#id, copies, options], { transfer });
  }

  /** @returns {string}  Of the shapes that were run last. */
  summary() {
    this.#usable();
    return this.#summary;
  }

  /** Frees the model's memory in the worker. A second call does nothing. */
  dispose() {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#connection.call('dispose', [this.#id]).catch(() => {}); // a worker that has ended has freed it
    this.#onDispose(this);
  }

  [DISPOSE]() {
    this.dispose();
  }
}
