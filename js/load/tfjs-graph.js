// A TensorFlow.js graph model's topology → the calls that build our graph. Everything here is untrusted: whatever it
// holds, the result is a graph or an XnnError, in time linear in its size.
// Formats: tensorflow/core/framework/{graph,node_def}.proto in JSON; tfjs-converter's GraphModel for what is an input and
// what an output.
import { XnnError } from '../errors.js';
import { badNode, typeAttr, unsupportedNode } from './tfjs-attrs.js';
import { parseRef, reachableNodes, readNodes, refText, sortNodes } from './tfjs-graph-nodes.js';
import { tfjsGraphOps } from './tfjs-graph-ops.js';
import { findInputs, findOutputs, readSignature } from './tfjs-graph-signature.js';

/**
 * @typedef {import('./tfjs-manifest.js').WeightSpec} WeightSpec
 * @typedef {import('./tfjs-manifest.js').WeightValues} WeightValues
 * @typedef {import('./tfjs-attrs.js').ForeignNode} ForeignNode
 * @typedef {import('./tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('./parse.js').GraphDescription} GraphDescription
 *
 * A value ref names a tensor: 'node' is the node's first output, 'node:1' its second one, 'node:conv2d.0' a value that
 * only exists in our graph.
 */

/**
 * @param {unknown} topology  The GraphDef as JSON, or a whole model.json (which also has the signature).
 * @param {readonly WeightSpec[]} weights
 * @param {ReadonlyMap<string, WeightValues>} constants  The values of the small weights (decodeWeight), by name.
 * @param {{ outputs?: readonly string[] }} [options]  outputs: names of any nodes, instead of the model's outputs.
 * @returns {GraphDescription}
 * @throws {XnnError} 'bad-model'; 'unsupported'; 'misuse' if `outputs` names no node.
 */
export function parseGraph(topology, weights, constants, options = {}) {
  const { graph, signature } = readSignature(topology);
  const nodes = readNodes(graph);
  const outputs = findOutputs(nodes, signature, options.outputs);
  const roots = outputs.map(({ value }) => parseRef(value).name);
  checkOps(reachableNodes(nodes, roots)); // before sorting: loops of control flow are no cycles of a broken model
  const needed = sortNodes(nodes, roots);

  const builder = createBuilder(nodes, weights, constants);
  for (const node of needed) builder.add(node);
  return {
    inputs: findInputs(nodes, signature, needed),
    outputs: outputs.map(({ name, value }) => ({ name, value: builder.use(value, nodes.get(parseRef(value).name) ?? { name, op: '' }) })),
    weights: builder.weights,
    nodes: builder.nodes,
  };
}

/** One error for all ops that are missing. @param {ForeignNode[]} nodes */
function checkOps(nodes) {
  /** @type {Map<string, string>} op → the first node that has it */
  const missing = new Map();
  for (const { op, name } of nodes) {
    if (!tfjsGraphOps.has(op) && !missing.has(op)) missing.set(op, name);
  }
  if (missing.size === 0) return;
  const shown = [...missing].slice(0, 5).map(([op, name]) => `${op} (node "${name}")`);
  const more = missing.size > 5 ? ` and ${missing.size - 5} more` : '';
  const unsupported = [...missing].map(([op, node]) => ({ op, node, reason: 'xnnjs has no such op' }));
  throw new XnnError('unsupported', `unsupported ops: ${shown.join(', ')}${more}`, { node: unsupported[0].node, unsupported });
}

/**
 * Collects the nodes of our graph.
 * @param {ReadonlyMap<string, ForeignNode>} nodes
 * @param {readonly WeightSpec[]} specs
 * @param {ReadonlyMap<string, WeightValues>} constants
 */
function createBuilder(nodes, specs, constants) {
  const indexes = new Map(specs.map(({ name }, index) => [name, index]));
  /** @type {Map<string, string>} What passes a constant through → the constant. */
  const aliases = new Map();
  /** @type {Map<string, number>} How many outputs a node has that was added. */
  const outputCounts = new Map();
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {GraphDescription['weights']} */
  const weights = [];
  /** @type {GraphDescription['nodes']} */
  const built = [];

  /** The spec of a value if it is a constant. @param {string} value @param {{ name: string, op: string }} user */
  function constantSpec(value, user) {
    if (nodes.get(value)?.op !== 'Const') return undefined;
    const index = indexes.get(value);
    if (index === undefined) badNode(user, `constant "${value}" is not in the weights manifest`);
    return { index, spec: specs[index] };
  }

  /** Takes a value as a tensor. @param {string} value @param {{ name: string, op: string }} user */
  function use(value, user) {
    value = aliases.get(value) ?? value;
    const { name, index } = parseRef(value);
    const count = outputCounts.get(name) ?? 1;
    if (index >= count) badNode(user, `input "${value}": node "${name}" has ${count} output${count === 1 ? '' : 's'}`);
    const weight = constantSpec(value, user);
    if (weight === undefined || used.has(value)) return value;
    const { dtype } = weight.spec;
    if (dtype === 'string' || dtype === 'complex64') unsupportedNode(user, `constant "${value}" holds ${dtype} values`);
    used.add(value);
    weights.push({ value, weight: weight.index });
    return value;
  }

  /** @param {ForeignNode} node @returns {NodeView} */
  function viewOf(node) {
    const inputs = node.inputs.map((value) => aliases.get(value) ?? value);
    return {
      node,
      inputs,
      constantShape: (input) => constantSpec(inputs[input], node)?.spec.shape,
      constant(input) {
        const weight = constantSpec(inputs[input], node);
        if (weight === undefined) unsupportedNode(node, `input ${input} ("${inputs[input]}") is computed at run time`);
        if (weight.spec.dtype === 'string' || weight.spec.dtype === 'complex64')
          badNode(node, `input ${input} ("${inputs[input]}") holds ${weight.spec.dtype} values`);
        return (
          constants.get(weight.spec.name) ??
          unsupportedNode(node, `input ${input} ("${inputs[input]}") is too large to be an attribute: [${weight.spec.shape}]`)
        );
      },
    };
  }

  /** @param {ForeignNode} node */
  function add(node) {
    const row = tfjsGraphOps.get(node.op);
    if (row === undefined) return;
    const [least, most] = row.inputs;
    const count = node.inputs.length;
    if (count < least || count > most) badNode(node, `has ${count} inputs, needs ${least === most ? least : `${least} to ${most}`}`);
    const view = viewOf(node);
    if (row.kind === 'pass') addPass(view);
    else if (row.op !== undefined) addSteps(view, row, row.op);
  }

  /** @param {NodeView} view */
  function addPass({ node, inputs }) {
    outputCounts.set(node.name, inputs.length);
    inputs.forEach((input, i) => {
      const output = refText(node.name, i);
      if (nodes.get(input)?.op === 'Const') aliases.set(output, input);
      else built.push({ op: 'identity', name: node.name, inputs: [use(input, node)], attrs: {}, output });
    });
  }

  /** @param {NodeView} view @param {import('./tfjs-graph-ops.js').OpRow} row @param {string} op */
  function addSteps(view, row, op) {
    const { node, inputs } = view;
    if (row.float === true) checkType(node, FLOATS);
    if (row.numeric === true) checkType(node, [...FLOATS, 'INT32']);
    for (const input of row.fixed ?? []) {
      if (input < inputs.length && nodes.get(inputs[input])?.op !== 'Const')
        unsupportedNode(node, `input ${input} ("${inputs[input]}") is computed at run time, only a constant is supported`);
    }
    const range = typeof row.tensors === 'function' ? row.tensors(view) : (row.tensors ?? [0]);
    const tensors = inputs.slice(...range).map((value) => use(value, node));
    const each = row.each?.(view);
    const given = each === undefined ? tensors : tensors.map((value, i) => addStep(node, each, [value], `${i}`, undefined, 0));
    const after = row.after?.(view) ?? [];
    const outputs = row.outputs?.(view) ?? [row.attrs?.(view) ?? {}];
    outputCounts.set(node.name, outputs.length);
    outputs.forEach((attrs, index) => {
      const steps = [{ op, inputs: [], attrs }, ...after];
      /** @type {string[]} */
      let fed = given;
      steps.forEach((step, i) => {
        const values = step.inputs.map((value) => use(value, node));
        const last = i === steps.length - 1;
        fed = [
          addStep(
            node,
            step,
            [...fed, ...values],
            outputs.length === 1 ? `${i}` : `${index}.${i}`,
            last ? refText(node.name, index) : undefined,
            i,
          ),
        ];
      });
    });
  }

  /**
   * Adds a node of ours; returns the value that it makes.
   * @param {ForeignNode} node @param {import('./tfjs-graph-ops.js').Step} step @param {string[]} inputs
   * @param {string} suffix  Makes the value's own name, where it has no foreign one. @param {string} [output] @param {number} [place]
   */
  function addStep(node, { op, attrs }, inputs, suffix, output = `${node.name}:${op}.${suffix}`, place = 1) {
    const name = place === 0 ? node.name : `${node.name}/${op}${place === 1 ? '' : `_${place}`}`;
    built.push({ op, name, inputs, attrs, output });
    return output;
  }

  return { add, use, nodes: built, weights };
}

/** @param {ForeignNode} node @param {readonly string[]} types */
function checkType(node, types) {
  const type = typeAttr(node, 'T', 'FLOAT');
  if (!types.includes(type))
    unsupportedNode(node, `works on type ${type}, only ${types === FLOATS ? 'float32 is' : 'float32 and int32 are'} supported`);
}
const FLOATS = ['FLOAT', 'HALF', 'DOUBLE'];
