// One engine with one model and its inputs, in a page or a process of its own. What it is told comes from contest.js.
import { ENGINES } from './engines/index.js';

/**
 * @typedef {{ name: string, shape: number[], dtype: 'float32' | 'int32' }} Port
 * @typedef {{ engine: string, threads: number, variant?: string, format: import('./engines/index.js').Format, model: string,
 *   inputs: string, ports: Port[], options?: object }} Task  options: of xnnjs' load. model,
 *   inputs: URLs; inputs has the values of all ports, one behind the other.
 * @typedef {[name: string, values: number[]][]} Answer
 */

/** ms of each. @typedef {{ engine: number, files: number, run: number }} Stages */

/**
 * @param {import('./engines/index.js').Environment} environment
 * @param {string} root  URL of the project.
 * @param {(url: string) => Promise<ArrayBuffer>} read
 */
export function createContestant(environment, root, read) {
  /** @type {import('./engines/index.js').Loaded | undefined} */
  let model;
  /** @type {Record<string, import('./engines/index.js').Input>} */
  let inputs = {};

  const run = async () => {
    if (model === undefined) throw new Error('no model');
    return model.run(inputs);
  };

  return {
    /** Starts engine and model. firstMs: from the import of the engine to its first result. @param {Task} task */
    async start({ engine: name, threads, variant, format, model: url, inputs: values, ports, options }) {
      inputs = readInputs(await read(values), ports);
      const engine = ENGINES.find((item) => item.name === name);
      if (engine === undefined) throw new Error(`no engine ${name}`);
      const began = performance.now();
      const { note, load } = await engine.start({ environment, root, threads, variant });
      const started = performance.now();
      model = await load(url, format, options);
      const loaded = performance.now();
      await run();
      const ended = performance.now();
      return { note, firstMs: ended - began, stages: { engine: started - began, files: loaded - started, run: ended - loaded } };
    },
    /** Runs until V8 has compiled what is hot. @param {number} ms @returns {Promise<number>} ms of a run */
    async warm(ms) {
      const times = [];
      for (const began = performance.now(); times.length < 3 || performance.now() - began < ms; ) times.push(await time(run));
      return Math.min(...times);
    },
    /**
     * One run that does not count, for caches and for threads that sleep; then the times of some. @param {number} runs
     * @returns {Promise<number[]>} ms
     */
    async time(runs) {
      await run();
      const times = [];
      for (let i = 0; i < runs; i++) times.push(await time(run));
      return times;
    },
    /** @returns {Promise<Answer>} */
    async answer() {
      return Object.entries(await run()).map(([name, values]) => [name, Array.from(values)]);
    },
  };
}

/** @param {() => Promise<unknown>} work */
async function time(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** @param {ArrayBuffer} bytes @param {Port[]} ports */
function readInputs(bytes, ports) {
  let offset = 0;
  return Object.fromEntries(
    ports.map(({ name, shape, dtype }) => {
      const length = shape.reduce((n, size) => n * size, 1);
      const data = new { float32: Float32Array, int32: Int32Array }[dtype](bytes, offset, length);
      offset += data.byteLength;
      return [name, { data, shape, dtype }];
    }),
  );
}

/** @typedef {ReturnType<typeof createContestant>} Contestant */
