// A TensorFlow Lite model → the calls that build our graph.
import { XnnError } from '../errors.js';
import { createBuilder } from './tflite/builder.js';
import { tfliteCustomOps } from './tflite/custom.js';
import { dtypeOf } from './tflite/weights.js';
import { tfliteOps } from './tflite-ops.js';

export { readTflite } from './tflite/file.js';

/**
 * @typedef {import('./tflite/file.js').TfliteTopology} TfliteTopology
 * @typedef {import('./tflite/file.js').TfliteOperator} TfliteOperator
 * @typedef {import('./tflite/file.js').TfliteTensor} TfliteTensor
 * @typedef {import('./parse.js').GraphDescription} GraphDescription
 */

/** @type {import('./parse.js').Parser} */
export function parseTflite(topology, weights, constants, options = {}) {
  const model = /** @type {TfliteTopology} */ (/** @type {unknown} */ (topology));
  const { tensors } = model;
  const outputs = findOutputs(model, options.outputs);
  const needed = neededOperators(model, outputs);
  checkOps(needed);
  const inputs = findInputs(model);
  const builder = createBuilder(model, weights, constants);
  for (const operator of needed) builder.add(operator, /** @type {import('./tflite/builder.js').OpRow} */ (rowOf(operator)));
  return {
    inputs,
    outputs: outputs.map((index) => ({ name: tensors[index].ref, value: builder.valueOf(index), ...scaleOf(tensors[index]) })),
    weights: builder.weights,
    constants: builder.constants,
    nodes: builder.nodes,
  };
}

/** @param {TfliteOperator} operator */
function rowOf({ op, custom }) {
  return custom ? tfliteCustomOps.get(op) : tfliteOps.get(op);
}

/** What 8-bit numbers of an input or output mean. @param {TfliteTensor} tensor */
function scaleOf({ type, quantization }) {
  if (quantization?.scales.length !== 1 || (type !== 'INT8' && type !== 'UINT8')) return {};
  return { quantization: { scale: quantization.scales[0], zeroPoint: quantization.zeroPoints[0] } };
}

/** @param {TfliteTopology} model @param {readonly string[]} [wanted] @returns {number[]} */
function findOutputs({ tensors, outputs }, wanted) {
  if (wanted === undefined) {
    if (outputs.length === 0) throw new XnnError('bad-model', 'the model has no outputs');
    return [...new Set(outputs)];
  }
  if (!Array.isArray(wanted) || wanted.length === 0) throw new XnnError('misuse', 'outputs is not a list of names');
  const indices = new Map(tensors.map(({ ref }, index) => [ref, index]));
  const found = wanted.map((name) => {
    const index = indices.get(name);
    if (index === undefined) throw new XnnError('misuse', `outputs: the model has no tensor "${String(name)}"`);
    return index;
  });
  return [...new Set(found)];
}

/** @param {TfliteTopology} model @returns {GraphDescription['inputs']} */
function findInputs({ tensors, inputs }) {
  return [...new Set(inputs)].map((index) => {
    const { ref: name, type, shape, constant } = tensors[index];
    const dtype = dtypeOf(type);
    if (constant) throw new XnnError('bad-model', `input "${name}" is a constant`, { node: name });
    if (dtype === undefined) throw new XnnError('unsupported', `input "${name}": inputs of type ${type} are not supported`, { node: name });
    return { name, dtype, shape, ...scaleOf(tensors[index]) };
  });
}

/**
 * The operators that the outputs need, in the file's order, in which they are run.
 * @param {TfliteTopology} model @param {readonly number[]} outputs
 */
function neededOperators({ tensors, operators, inputs }, outputs) {
  /** @type {Map<number, number>} tensor → operator */
  const producers = new Map();
  operators.forEach(({ op, name, outputs: made }, i) => {
    for (const tensor of made) {
      if (producers.has(tensor) || tensors[tensor].constant || inputs.includes(tensor))
        throw new XnnError('bad-model', `node "${name}" (${op}): tensor "${tensors[tensor].ref}" has a value already`, { node: name });
      producers.set(tensor, i);
    }
  });
  const wanted = new Set(outputs);
  /** @type {Set<number>} */
  const needed = new Set();
  for (const tensor of wanted) {
    const producer = producers.get(tensor);
    if (producer === undefined || needed.has(producer)) continue;
    needed.add(producer);
    for (const input of operators[producer].inputs) if (input >= 0) wanted.add(input); // a Set also visits what is added meanwhile
  }
  return operators.filter((_, i) => needed.has(i));
}

/** One error for all ops that are missing. @param {readonly TfliteOperator[]} operators */
function checkOps(operators) {
  /** @type {Map<string, string>} op → the first node that has it */
  const missing = new Map();
  for (const operator of operators) {
    const { op, custom, name } = operator;
    const shown = custom ? `custom op ${op}` : op;
    if (rowOf(operator) === undefined && !missing.has(shown)) missing.set(shown, name);
  }
  if (missing.size === 0) return;
  const shown = [...missing].slice(0, 5).map(([op, name]) => `${op} (node "${name}")`);
  const more = missing.size > 5 ? ` and ${missing.size - 5} more` : '';
  const unsupported = [...missing].map(([op, node]) => ({ op, node, reason: 'xnnjs has no such op' }));
  throw new XnnError('unsupported', `unsupported ops: ${shown.join(', ')}${more}`, { node: unsupported[0].node, unsupported });
}
