// Where the time of a pipeline goes, measured from outside: a runtime that times each model's runs.

/** @import { Engine } from '../../models/shared/engine.js' */

/**
 * @param {Engine} runtime
 */
export function timeRuns(runtime) {
  /** @type {Map<string, { ms: number, runs: number }>} by the model's source */
  const spent = new Map();

  return {
    /** @type {Engine['load']} */
    async load(source) {
      const model = await runtime.load(source);
      /** @type {typeof model.run} */
      const run = async (inputs) => {
        const start = performance.now();
        const outputs = await model.run(inputs);
        const { ms, runs } = spent.get(String(source)) ?? { ms: 0, runs: 0 };
        spent.set(String(source), { ms: ms + performance.now() - start, runs: runs + 1 });
        return outputs;
      };
      return { inputs: model.inputs, outputs: model.outputs, run, dispose: () => model.dispose() };
    },

    /**
     * Milliseconds and runs of a model since it was last taken.
     * @param {string} source
     */
    take(source) {
      const result = spent.get(source) ?? { ms: 0, runs: 0 };
      spent.delete(source);
      return result;
    },
  };
}
