// xnnjs inspect: what a model is made of, before and after the passes, and how its memory is planned.
import { bytesText, drawPlan } from './plan-drawing.js';
import { fixed, portText, table } from './table.js';

/** @param {import('../wasm.js').StepInfo[]} steps */
function stepTable(steps) {
  return table(
    ['op', 'kernel', 'inputs', 'output', 'parameters', 'MFLOP', 'name'],
    steps.map(({ op, kernel, inputs, output, parameters, flops, name }) => [
      op,
      kernel,
      inputs.map((shape) => `[${shape}]`).join(' '),
      `[${output}]`,
      parameters,
      fixed(flops / 1e6),
      name,
    ]),
  );
}

/** @param {import('../wasm.js').StepInfo[]} steps @param {'parameters' | 'flops'} key */
const sum = (steps, key) => steps.reduce((total, step) => total + step[key], 0);

/** @param {import('./arguments.js').Context} context */
export async function inspect({ runtime, model: path, options }) {
  const plain = await runtime.load(path, /** @type {any} */ ({ optimize: false, inputShapes: options.shapes }));
  const before = plain.inspect();
  plain.dispose();
  const model = await runtime.load(path, { inputShapes: options.shapes, precision: options.precision });
  const { steps, plan } = model.inspect();
  console.log(
    `${path}\ninputs   ${model.inputs.map(portText).join('\n         ')}\noutputs  ${model.outputs.map(portText).join('\n         ')}`,
  );
  console.log(`\nbefore the passes: ${before.steps.length} steps, arena ${bytesText(before.plan.arenaBytes)}\n${stepTable(before.steps)}`);
  console.log(
    `\nafter the passes: ${steps.length} steps, ${sum(steps, 'parameters')} parameters, ${fixed(sum(steps, 'flops') / 1e6, 1)} MFLOP\n${stepTable(steps)}`,
  );
  const { weightBytes } = runtime.memory();
  console.log(`\nmemory: packed weights ${bytesText(weightBytes)}\n${drawPlan(plan)}`);
}
