// A TensorFlow.js graph model's topology → the calls that build our graph. Everything here is untrusted: whatever it
// holds, the result is a graph or an XnnError, in time linear in its size.
// Formats: tensorflow/core/framework/{graph,node_def}.proto in JSON; tfjs-converter's GraphModel for what is an input and
// what an output.
import { XnnError } from '../errors.js';
import { createBuilder } from './tfjs-graph/builder.js';
import { parseRef, reachableNodes, readNodes, sortNodes } from './tfjs-graph/nodes.js';
import { findInputs, findOutputs, readSignature } from './tfjs-graph/signature.js';
import { tfjsGraphOps } from './tfjs-graph-ops.js';

/**
 * @typedef {import('./tfjs-manifest.js').WeightSpec} WeightSpec
 * @typedef {import('./tfjs-manifest.js').WeightValues} WeightValues
 * @typedef {import('./tfjs-attrs.js').ForeignNode} ForeignNode
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
    constants: builder.constants,
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
