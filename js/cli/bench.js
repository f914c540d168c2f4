// xnnjs bench: how long a run takes.
import { makeInputs } from './inputs.js';
import { fixed } from './table.js';

/** @param {import('./arguments.js').Context} context */
export async function bench({ runtime, model: path, options }) {
  const start = performance.now();
  const model = await runtime.load(path, { precision: options.precision });
  const inputs = await makeInputs(model, options);
  model.runSync(inputs);
  const first = performance.now() - start;
  const times = [];
  for (let i = 0; i < options.runs + 10; i++) {
    const before = performance.now();
    model.runSync(inputs);
    if (i >= 10) times.push(performance.now() - before); // the first ones run before V8 has optimised
  }
  times.sort((a, b) => a - b);
  console.log(`${path}: ${options.precision}, ${runtime.variant}, ${runtime.threads} thread(s)`);
  console.log(
    `median ${fixed(times[times.length >> 1])} ms, least ${fixed(times[0])} ms, of ${times.length} runs; load to first result ${fixed(first, 0)} ms`,
  );
}
