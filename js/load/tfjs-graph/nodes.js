// The nodes of a TensorFlow graph: their structure checked, and sorted so that inputs come first.
import { XnnError } from '../../errors.js';
import { badNode } from '../tfjs-attrs.js';
import { isObject, show } from '../tfjs-manifest.js';

/** @typedef {import('../tfjs-attrs.js').ForeignNode} ForeignNode */

/**
 * A reference as TensorFlow writes it ('node', 'node:0', 'node:1') in two parts.
 * @param {string} text
 */
export function parseRef(text) {
  const match = text.includes(':') ? /^(.*):(\d{1,9})$/s.exec(text) : null; // most have none
  return match === null ? { name: text, index: 0 } : { name: match[1], index: Number(match[2]) };
}

/** A value ref: that of output 0 is the node's name. @param {string} name @param {number} index */
export function refText(name, index) {
  return index === 0 ? name : `${name}:${index}`;
}

/** @param {string} text */
export function normalizeRef(text) {
  const { name, index } = parseRef(text);
  return refText(name, index);
}

/**
 * @param {Record<string, unknown>} graph  A GraphDef.
 * @returns {Map<string, ForeignNode>}  In the order of the file. Inputs are value refs, control inputs are kept apart.
 */
export function readNodes(graph) {
  const { node: list } = graph;
  if (!Array.isArray(list)) throw new XnnError('bad-model', 'the topology has no list of nodes');
  /** @type {Map<string, ForeignNode>} */
  const nodes = new Map();
  list.forEach((entry, i) => {
    const node = readNode(entry, i);
    if (nodes.has(node.name)) badNode(node, 'there are two nodes of this name');
    nodes.set(node.name, node);
  });
  for (const node of nodes.values()) {
    for (const input of node.inputs) {
      const { name } = parseRef(input);
      if (!nodes.has(name)) badNode(node, `input "${name}" is missing`);
    }
  }
  return nodes;
}

/** @param {unknown} entry @param {number} index @returns {ForeignNode} */
function readNode(entry, index) {
  if (!isObject(entry)) throw new XnnError('bad-model', `node ${index} is no object`);
  const { name, op } = entry;
  if (typeof name !== 'string' || name === '') throw new XnnError('bad-model', `node ${index} has no name`);
  if (name.includes(':') || name.startsWith('^'))
    throw new XnnError('bad-model', `node ${index}: ${show(name)} cannot be a node's name`, { node: name });
  if (typeof op !== 'string' || op === '') throw new XnnError('bad-model', `node "${name}" has no op`, { node: name });
  const input = entry.input ?? [];
  const attr = entry.attr ?? {};
  if (!Array.isArray(input) || !input.every((ref) => typeof ref === 'string')) badNode({ name, op }, 'its inputs are no list of names');
  if (!isObject(attr)) badNode({ name, op }, 'its attributes are no object');
  return {
    name,
    op,
    inputs: input.filter((ref) => !ref.startsWith('^')).map(normalizeRef),
    controls: input.filter((ref) => ref.startsWith('^')).map((ref) => ref.slice(1)),
    attr,
  };
}

/**
 * The nodes that `roots` need, in no special order.
 * @param {ReadonlyMap<string, ForeignNode>} nodes
 * @param {readonly string[]} roots
 * @returns {ForeignNode[]}
 */
export function reachableNodes(nodes, roots) {
  const names = new Set(roots);
  /** @type {ForeignNode[]} */
  const found = [];
  for (const name of names) {
    const node = nodes.get(name);
    if (node === undefined) continue;
    found.push(node);
    for (const input of node.inputs) names.add(parseRef(input).name); // a Set also visits what is added meanwhile
  }
  return found;
}

/**
 * The nodes that `roots` need, each after its inputs.
 * @param {ReadonlyMap<string, ForeignNode>} nodes
 * @param {readonly string[]} roots
 * @returns {ForeignNode[]}
 */
export function sortNodes(nodes, roots) {
  /** @type {ForeignNode[]} */
  const sorted = [];
  /** @type {Map<string, 'open' | 'done'>} */
  const states = new Map();
  /** @type {{ node: ForeignNode, next: number }[]} The path from a root; not the call stack, which a long chain would exhaust. */
  const path = [];

  /** @param {string} name @param {ForeignNode | undefined} user */
  function enter(name, user) {
    const state = states.get(name);
    if (state === 'done') return;
    if (state === 'open') badNode(user ?? { name, op: '' }, `the graph has a cycle through "${name}"`);
    const node = nodes.get(name);
    if (node === undefined) throw new XnnError('bad-model', `node "${name}" is missing`, { node: name });
    states.set(name, 'open');
    path.push({ node, next: 0 });
  }

  for (const root of roots) {
    enter(root, undefined);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node } = top;
      if (top.next < node.inputs.length) {
        enter(parseRef(node.inputs[top.next++]).name, node);
      } else {
        states.set(node.name, 'done');
        sorted.push(node);
        path.pop();
      }
    }
  }
  return sorted;
}
