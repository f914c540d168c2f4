// A runtime whose models count how often they were run.

/** @import { Engine } from '../../models/shared/engine.js' */

/**
 * @param {Engine} engine
 * @returns {Engine & { runs: number[] }}  runs: of each model, in the order of their loading.
 */
export function countRuns(engine) {
  /** @type {number[]} */
  const runs = [];
  return {
    runs,
    async load(source, options) {
      const model = await engine.load(source, options);
      const index = runs.push(0) - 1;
      return {
        inputs: model.inputs,
        outputs: model.outputs,
        run: (inputs, wanted) => {
          runs[index]++;
          return model.run(inputs, wanted);
        },
        dispose: () => model.dispose(),
      };
    },
  };
}
