// What a TensorFlow.js graph model calls its inputs and outputs. As tfjs-converter has it: those of the signature, by the
// names of the tensors in it; without one all placeholders, and the nodes that no other node uses.
import { XnnError } from '../../errors.js';
import { badNode, dtypeAttr, shapeAttr, toShape, unsupportedNode } from '../tfjs-attrs.js';
import { isObject, show } from '../tfjs-manifest.js';
import { normalizeRef, parseRef } from './nodes.js';

/**
 * @typedef {import('../tfjs-attrs.js').ForeignNode} ForeignNode
 * @typedef {import('../tfjs-graph.js').GraphDescription} GraphDescription
 *
 * Value refs of the tensors that the signature names → their entries.
 * @typedef {{ inputs: Map<string, Record<string, unknown>>, outputs: Map<string, Record<string, unknown>> }} Signature
 */

/** Ops whose value is nobody's result, also where nobody uses it. */
const NO_OUTPUTS = ['Const', 'Placeholder', 'NoOp', 'Assert'];

/**
 * @param {unknown} topology  A GraphDef, or a model.json.
 * @returns {{ graph: Record<string, unknown>, signature: Signature }}
 */
export function readSignature(topology) {
  if (!isObject(topology)) throw new XnnError('bad-model', 'the topology is no object');
  const graph = topology.modelTopology ?? topology;
  if (!isObject(graph)) throw new XnnError('bad-model', 'modelTopology is no object');
  const metadata = isObject(topology.userDefinedMetadata) ? topology.userDefinedMetadata : {};
  const signature = metadata.signature ?? topology.signature ?? {};
  if (!isObject(signature)) throw new XnnError('bad-model', 'the signature is no object');
  return { graph, signature: { inputs: readEntries(signature.inputs, 'inputs'), outputs: readEntries(signature.outputs, 'outputs') } };
}

/** @param {unknown} entries @param {string} what */
function readEntries(entries, what) {
  /** @type {Map<string, Record<string, unknown>>} */
  const tensors = new Map();
  if (entries === undefined || entries === null) return tensors;
  if (!isObject(entries)) throw new XnnError('bad-model', `the signature's ${what} are no object`);
  for (const [key, entry] of Object.entries(entries)) {
    if (!isObject(entry) || typeof entry.name !== 'string' || entry.name === '')
      throw new XnnError('bad-model', `the signature's ${what} ${show(key)} name no tensor`);
    tensors.set(normalizeRef(entry.name), entry);
  }
  return tensors;
}

/**
 * @param {ReadonlyMap<string, ForeignNode>} nodes @param {Signature} signature @param {readonly string[]} [wanted]
 * @returns {GraphDescription['outputs']}
 */
export function findOutputs(nodes, signature, wanted) {
  if (wanted !== undefined) {
    if (!Array.isArray(wanted) || wanted.length === 0) throw new XnnError('misuse', 'outputs is not a list of names');
    return refs(wanted, (name) => new XnnError('misuse', `outputs: the model has no node ${show(name)}`));
  }
  if (signature.outputs.size > 0)
    return refs(
      signature.outputs.keys(),
      (name) => new XnnError('bad-model', `the signature's output ${show(name)} is missing`, { node: name }),
    );
  const childless = new Set(nodes.keys());
  for (const node of nodes.values()) {
    for (const input of node.inputs) childless.delete(parseRef(input).name);
    for (const name of node.controls) childless.delete(name);
  }
  const names = [...childless].filter((name) => !NO_OUTPUTS.includes(nodes.get(name)?.op ?? ''));
  if (names.length === 0) throw new XnnError('bad-model', 'the model has no outputs');
  return refs(names, (name) => new XnnError('bad-model', `node ${show(name)} is missing`));

  /** @param {Iterable<unknown>} texts @param {(name: string) => XnnError} failure */
  function refs(texts, failure) {
    /** @type {Set<string>} */
    const values = new Set();
    for (const text of texts) {
      if (typeof text !== 'string' || !nodes.has(parseRef(text).name)) throw failure(String(text));
      values.add(normalizeRef(text));
    }
    return [...values].map((value) => ({ name: value, value }));
  }
}

/**
 * @param {ReadonlyMap<string, ForeignNode>} nodes @param {Signature} signature @param {readonly ForeignNode[]} needed
 * @returns {GraphDescription['inputs']}
 */
export function findInputs(nodes, signature, needed) {
  // A placeholder with a default has its default.
  const names = new Set([...signature.inputs.keys()].filter((name) => nodes.get(name)?.op !== 'PlaceholderWithDefault'));
  for (const node of signature.inputs.size > 0 ? needed : nodes.values()) {
    if (node.op === 'Placeholder') names.add(node.name);
  }
  return [...names].map((name) => {
    const node = nodes.get(name);
    if (node === undefined) throw new XnnError('bad-model', `the signature's input ${show(name)} is missing`, { node: name });
    if (node.op !== 'Placeholder') badNode(node, 'the signature calls it an input, but it is no Placeholder');
    const declared = signature.inputs.get(name)?.tensorShape;
    const shape = shapeAttr(node, 'shape') ?? (declared === undefined || declared === null ? undefined : toShape(node, declared));
    if (shape === undefined) unsupportedNode(node, 'an input of unknown rank');
    return { name, dtype: dtypeAttr(node), shape };
  });
}
