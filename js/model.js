// A loaded model: programs for the shapes it is run with, and the runs.
import { XnnError } from './errors.js';
import { makeProfile } from './profile.js';
import { readInputs } from './tensors.js';

/**
 * @typedef {import('./tensors.js').Tensor} Tensor
 * @typedef {import('./tensors.js').Port} Port
 * @typedef {{ signal?: AbortSignal, outputs?: string[] }} RunOptions  outputs: only these.
 */

/** Programs kept for different input shapes, the least recently used goes first. */
const MOST_PROGRAMS = 8;

/** Where engines have none yet, what compilers of `using` look for. @type {typeof Symbol.dispose} */
export const DISPOSE = Symbol.dispose ?? /** @type {any} */ (Symbol.for('Symbol.dispose'));

/** @param {AbortSignal} [signal] */
function throwIfAborted(signal) {
  if (signal?.aborted === true) throw new XnnError('aborted', 'the run was aborted before it began', { cause: signal.reason });
}

export class Model {
  /** @type {import('./wasm.js').CoreModel | undefined} undefined after dispose(): memory goes, even if the Model is kept */
  #core;
  #programs = /** @type {Map<string, import('./wasm.js').CoreProgram>} */ (new Map());
  #pending = 0;
  #onDispose;
  #engine;
  #shapes;

  /** @type {readonly Port[]} */
  inputs;
  /** @type {readonly Port[]} */
  outputs;

  /**
   * Made by Runtime.load.
   * @param {{ core: import('./wasm.js').CoreModel, engine: { variant: string, threads: number }, inputs: Port[], outputs: Port[],
   *   shapes: number[][], onDispose: (model: Model) => void }} parts  shapes: of the inputs, for a first program.
   */
  constructor({ core, engine, inputs, outputs, shapes, onDispose }) {
    this.#core = core;
    this.#shapes = shapes;
    this.#engine = engine;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#onDispose = onDispose;
  }

  /** @param {number[][]} shapes  One for each input. */
  #program(shapes) {
    const core = this.#usable();
    const key = shapes.join(';');
    let program = this.#programs.get(key);
    if (program === undefined) {
      program = core.createProgram(shapes);
      const [oldest] = this.#programs;
      if (this.#programs.size >= MOST_PROGRAMS) {
        this.#programs.delete(oldest[0]);
        oldest[1].release();
      }
    }
    this.#programs.delete(key);
    this.#programs.set(key, program);
    return program;
  }

  /** Compiles for the first shapes before they are run with; done by load. */
  prepare() {
    this.#program(this.#shapes);
  }

  #usable() {
    if (this.#core === undefined) throw new XnnError('misuse', 'the model was disposed');
    return this.#core;
  }

  /**
   * @param {import('./tensors.js').Inputs} inputs
   * @param {RunOptions} options
   * @returns {Record<string, Tensor>}
   */
  #compute(inputs, { outputs }) {
    const tensors = readInputs(this.inputs, inputs);
    const names = outputs ?? this.outputs.map(({ name }) => name);
    if (!Array.isArray(names)) throw new XnnError('misuse', `outputs is ${String(names)} instead of a list of names`);
    const indices = names.map((name) => {
      const index = this.outputs.findIndex((port) => port.name === name);
      if (index < 0)
        throw new XnnError('misuse', `the model has no output "${name}", only ${this.outputs.map((port) => `"${port.name}"`).join(', ')}`);
      return index;
    });
    const program = this.#program(tensors.map(({ shape }) => shape));
    for (const [i, { data }] of tensors.entries()) program.write(i, data);
    program.run();
    const results = indices.map((index) => ({
      dtype: program.outputs[index].dtype,
      shape: [...program.outputs[index].shape],
      data: program.read(index),
    }));
    return Object.fromEntries(results.map((result, i) => [names[i], result]));
  }

  /**
   * Computes the outputs. The work is done in this call, before the promise is returned.
   * @param {import('./tensors.js').Inputs} inputs  { name: Tensor | TypedArray }, or one of them where the model has one input.
   * @param {RunOptions} [options]
   * @returns {Promise<Record<string, Tensor>>}  By name; tensors own their data.
   * @throws {XnnError} 'bad-shape', 'misuse', 'aborted', 'out-of-memory' for shapes that need more.
   */
  async run(inputs, options = {}) {
    this.#usable();
    throwIfAborted(options.signal);
    this.#pending++;
    try {
      const result = this.#compute(inputs, options);
      await null;
      return result;
    } finally {
      this.#pending--;
    }
  }

  /**
   * run() without a promise.
   * @param {import('./tensors.js').Inputs} inputs
   * @param {RunOptions} [options]
   * @returns {Record<string, Tensor>}
   * @throws {XnnError} as run(); 'misuse' while a run() is pending.
   */
  runSync(inputs, options = {}) {
    this.#usable();
    throwIfAborted(options.signal);
    if (this.#pending > 0) throw new XnnError('misuse', `runSync while ${this.#pending} run() are pending`);
    return this.#compute(inputs, options);
  }

  /** The program of the shapes that were run last, or of the model's own. */
  #lastProgram() {
    return [...this.#programs.values()].at(-1) ?? this.#program(this.#shapes);
  }

  /**
   * Runs the model, taking the time of each op.
   * @param {import('./tensors.js').Inputs} inputs
   * @param {{ runs?: number }} [options]
   * @returns {Promise<import('./profile.js').Profile>}  Per op: name, kind, shapes, ms (mean of the runs), flops, bytes.
   * @throws {XnnError} as run().
   */
  async profile(inputs, { runs = 10 } = {}) {
    this.#usable();
    if (!Number.isInteger(runs) || runs < 1) throw new XnnError('misuse', `runs is ${String(runs)}: a whole number from 1 on is possible`);
    const tensors = readInputs(this.inputs, inputs);
    const program = this.#program(tensors.map(({ shape }) => shape));
    const steps = program.steps();
    const totals = new Float64Array(steps.length);
    for (let run = 0; run < runs; run++) {
      for (const [i, { data }] of tensors.entries()) program.write(i, data);
      for (const [i, ms] of program.runTimed().entries()) totals[i] += ms;
    }
    return makeProfile(steps, totals, { ...this.#engine, runs });
  }

  /** What `xnnjs inspect` shows: the steps of a run and the memory plan, for the shapes that were run last. */
  inspect() {
    this.#usable();
    const program = this.#lastProgram();
    return { steps: program.steps(), plan: program.plan() };
  }

  /** @returns {string}  Inputs, nodes, outputs, and the memory plan of the shapes that were run last, for people. */
  summary() {
    this.#usable();
    return this.#lastProgram().describe();
  }

  /** Frees the model's memory. A second call does nothing. */
  dispose() {
    const core = this.#core;
    if (core === undefined) return;
    this.#core = undefined;
    this.#programs.clear();
    core.release();
    this.#onDispose(this);
  }

  [DISPOSE]() {
    this.dispose();
  }
}
