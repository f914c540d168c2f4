// xnnjs check: whether and how a model would run, without its weights.
import { check } from '../index.js';
import { bytesText } from './plan-drawing.js';
import { fixed, portText, table } from './table.js';

/** @typedef {import('../index.js').Report} Report */

/** @param {{ model: string, options: import('./arguments.js').Options }} command @returns {Promise<number>} exit code */
export async function checkModel({ model, options }) {
  const report = await check(model, { inputShapes: options.shapes, variant: options.variant });
  console.log(options.json ? JSON.stringify(report, null, 2) : `${model}: ${reportText(report)}`);
  return report.supported ? 0 : 2;
}

/** @param {Report} report @returns {string} */
function reportText({ format, supported, unsupported, inputs, outputs, ops, nodes, parameters, weightBytes, flops, memory, notes = [] }) {
  const facts = [`${format}, ${supported ? 'supported' : 'not supported'}`];
  if (!supported) {
    const rows = unsupported.map(({ op, node, reason }) => [op, reason, node]);
    facts.push('', table(['missing', 'why', 'first node'], rows), '');
  }
  if (inputs.length > 0) facts.push(`inputs   ${inputs.map(portText).join('\n         ')}`);
  if (outputs.length > 0) facts.push(`outputs  ${outputs.map(portText).join('\n         ')}`);
  facts.push(
    `model    ${nodes} nodes, ${parameters} parameters, ${bytesText(weightBytes)} of weights${format === 'tflite' ? '' : ' to download'}`,
  );
  if (memory !== undefined)
    facts.push(
      `memory   ${bytesText(memory.peak)} at most: packed weights ${bytesText(memory.weights)}, arena ${bytesText(memory.arena)}, ` +
        `staging while loading ${bytesText(memory.staging)}`,
    );
  if (flops !== undefined)
    facts.push(`a run    ${ops.reduce((total, { count }) => total + count, 0)} steps, ${fixed(flops / 1e6, 1)} MFLOP`);
  if (ops.length > 0)
    facts.push(
      '',
      supported
        ? table(
            ['step', 'count', 'MFLOP'],
            ops.map(({ op, count, flops: own = 0 }) => [op, count, fixed(own / 1e6)]),
          )
        : table(
            ['op of the model', 'count'],
            ops.map(({ op, count }) => [op, count]),
          ),
    );
  if (notes.length > 0) facts.push('', ...notes.map((note) => `note: ${note}`));
  return facts.join('\n');
}
