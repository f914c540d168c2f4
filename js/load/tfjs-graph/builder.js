// Collects the nodes of our graph while the rows of the table (../tfjs-graph-ops.js) add them.
import { badNode, typeAttr, unsupportedNode } from '../tfjs-attrs.js';
import { tfjsGraphOps } from '../tfjs-graph-ops.js';
import { LIST_MAX } from './attrs.js';
import { parseRef, refText } from './nodes.js';

/**
 * @typedef {import('../tfjs-manifest.js').WeightSpec} WeightSpec
 * @typedef {import('../tfjs-manifest.js').WeightValues} WeightValues
 * @typedef {import('../tfjs-attrs.js').ForeignNode} ForeignNode
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRow} OpRow
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 * @typedef {import('../parse.js').GraphDescription} GraphDescription
 */

/** Ops whose result does not count as a constant even where their inputs are: src/graph.c, is_derived. */
const NEVER_DERIVED = ['conv2d', 'depthwise_conv2d', 'dense', 'conv2d_transpose', 'random', 'multinomial', 'shape'];

/** dtype → the array of its elements. */
const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/**
 * @param {ReadonlyMap<string, ForeignNode>} nodes
 * @param {readonly WeightSpec[]} specs
 * @param {ReadonlyMap<string, WeightValues>} constants
 */
export function createBuilder(nodes, specs, constants) {
  const indexes = new Map(specs.map(({ name }, index) => [name, index]));
  /** @type {Map<string, string>} A foreign value ref → the value that it is another name of. */
  const aliases = new Map();
  /** @type {Map<string, number>} How many outputs a node has that was added. */
  const outputCounts = new Map();
  /** @type {Map<string, { real: string, imag: string }>} Values that are complex: no tensors, only pairs of them. */
  const pairs = new Map();
  /** @type {Set<string>} Values that follow from constants alone. */
  const derived = new Set();
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {GraphDescription['weights']} */
  const weights = [];
  /** @type {NonNullable<GraphDescription['constants']>} */
  const literals = [];
  /** @type {Map<string, string>} */
  const literalRefs = new Map();
  /** @type {GraphDescription['nodes']} */
  const built = [];

  const resolve = (/** @type {string} */ value) => aliases.get(value) ?? value;
  const isConstant = (/** @type {string} */ value) => derived.has(value) || nodes.get(value)?.op === 'Const';

  /** The spec of a value if it is a constant of the file. @param {string} value @param {{ name: string, op: string }} user */
  function constantSpec(value, user) {
    if (nodes.get(value)?.op !== 'Const') return undefined;
    const index = indexes.get(value);
    if (index === undefined) badNode(user, `constant "${value}" is not in the weights manifest`);
    return { index, spec: specs[index] };
  }

  /** Fails unless the node of this value was added and has so many outputs. @param {string} value @param {{ name: string, op: string }} user */
  function checkOutput(value, user) {
    const { name, index } = parseRef(value);
    const count = outputCounts.get(name) ?? 1;
    if (index >= count) badNode(user, `input "${value}": node "${name}" has ${count} output${count === 1 ? '' : 's'}`);
  }

  /** Takes a value as a tensor. @param {string} value @param {{ name: string, op: string }} user */
  function use(value, user) {
    checkOutput(value, user);
    value = resolve(value);
    if (pairs.has(value)) unsupportedNode(user, `input "${value}" holds complex numbers`);
    const weight = constantSpec(value, user);
    if (weight === undefined || used.has(value)) return value;
    const { dtype } = weight.spec;
    if (dtype === 'string' || dtype === 'complex64') unsupportedNode(user, `constant "${value}" holds ${dtype} values`);
    used.add(value);
    weights.push({ value, weight: weight.index });
    return value;
  }

  /** A constant that is in no file. @type {NodeView['literal']} */
  function literal(dtype, values, shape = [values.length]) {
    const key = `${dtype} ${shape} ${values}`;
    const known = literalRefs.get(key);
    if (known !== undefined) return known;
    const value = `:literal.${literals.length}`; // no foreign node can have this name
    literals.push({ value, dtype, shape, data: ARRAYS[dtype].from(values) });
    literalRefs.set(key, value);
    derived.add(value);
    return value;
  }

  /** @param {ForeignNode} node @param {GraphDescription['nodes']} steps  Where its nodes of ours are collected. @returns {NodeView} */
  function viewOf(node, steps) {
    const inputs = node.inputs.map(resolve);
    /** @type {NodeView} */
    const view = {
      node,
      inputs,
      constantShape: (input) => constantSpec(inputs[input], node)?.spec.shape,
      values(input) {
        const weight = constantSpec(inputs[input], node);
        if (weight === undefined) return undefined;
        if (weight.spec.dtype === 'string' || weight.spec.dtype === 'complex64')
          badNode(node, `input ${input} ("${inputs[input]}") holds ${weight.spec.dtype} values`);
        return constants.get(weight.spec.name);
      },
      constant(input) {
        const values = view.values(input);
        if (values !== undefined) return values;
        const shape = view.constantShape(input);
        if (shape === undefined) unsupportedNode(node, `input ${input} ("${inputs[input]}") is computed at run time`);
        return unsupportedNode(node, `input ${input} ("${inputs[input]}") is too large to be an attribute: [${shape}]`);
      },
      isConstant,
      use: (input) => use(node.inputs[input], node),
      pair(input) {
        checkOutput(node.inputs[input], node);
        return pairs.get(inputs[input]) ?? unsupportedNode(node, `input "${inputs[input]}" does not hold complex numbers`);
      },
      literal,
      add(op, values, attrs = {}) {
        const place = steps.length;
        const name = place === 0 ? node.name : `${node.name}/${op}${place === 1 ? '' : `_${place}`}`;
        const output = `${node.name}:${op}.${place}`;
        if (!NEVER_DERIVED.includes(op) && values.every((value) => value === null || isConstant(value))) derived.add(output);
        steps.push({ op, name, inputs: values, attrs, output });
        return output;
      },
      complex(real, imag) {
        const value = `${node.name}:complex`;
        pairs.set(value, { real, imag });
        return value;
      },
    };
    return view;
  }

  /** @param {ForeignNode} node */
  function add(node) {
    const row = tfjsGraphOps.get(node.op);
    if (row === undefined || row.kind === 'input' || row.kind === 'constant') return;
    const [least, most] = row.inputs;
    const count = node.inputs.length;
    if (count < least || count > most) badNode(node, `has ${count} inputs, needs ${least === most ? least : `${least} to ${most}`}`);
    if (row.float === true) checkType(node, FLOATS);
    if (row.numeric === true) checkType(node, [...FLOATS, ...INTEGERS]);
    /** @type {GraphDescription['nodes']} */
    const steps = [];
    const view = viewOf(node, steps);
    const outputs = row.kind === 'pass' ? passed(view, row) : row.emit !== undefined ? [row.emit(view)].flat() : [plain(view, row)];
    outputCounts.set(node.name, outputs.length);
    take(node, steps, outputs);
  }

  /** Output i is input i. @param {NodeView} view @param {OpRow} row */
  function passed(view, row) {
    return view.inputs.slice(0, row.passes).map((input, i) => {
      if (pairs.has(input) || nodes.get(input)?.op === 'Const') return input;
      return view.add('identity', [view.use(i)]);
    });
  }

  /** A row that is one op of ours. @param {NodeView} view @param {OpRow} row */
  function plain(view, row) {
    const op = row.op ?? 'identity';
    const range = typeof row.tensors === 'function' ? row.tensors(view) : (row.tensors ?? [0]);
    const tensors = view.inputs.map((_, i) => i).slice(...range);
    const attrs = row.attrs?.(view) ?? {};
    const lists = Object.entries(row.lists ?? {}).map(([input, name]) => ({ input: Number(input), name }));
    const asAttributes = lists.every(({ input }) => isShort(view, input));
    const given = asAttributes ? tensors.filter((i) => !lists.some(({ input }) => input === i)) : tensors;
    if (asAttributes) for (const { input, name } of lists) attrs[name] = [...view.constant(input)];
    return view.add(op, given.map(view.use), attrs);
  }

  /**
   * Gives the outputs their foreign names, and the steps to the graph.
   * @param {ForeignNode} node @param {GraphDescription['nodes']} steps @param {string[]} outputs
   */
  function take(node, steps, outputs) {
    const own = new Set(steps.map(({ output }) => output));
    /** @type {Map<string, string>} */
    const names = new Map();
    outputs.forEach((value, index) => {
      const name = refText(node.name, index);
      if (own.has(value) && !names.has(value)) names.set(value, name);
      else aliases.set(name, names.get(value) ?? value);
    });
    for (const step of steps) {
      const output = names.get(step.output) ?? step.output;
      if (derived.has(step.output)) derived.add(output);
      built.push({ ...step, inputs: step.inputs.map((value) => (value === null ? null : (names.get(value) ?? value))), output });
    }
  }

  return { add, use, nodes: built, weights, constants: literals };
}

/** Whether an input is a constant that fits in an attribute. @param {NodeView} view @param {number} input */
function isShort(view, input) {
  const values = view.values(input);
  return values instanceof Int32Array && values.length <= LIST_MAX;
}

/** @param {ForeignNode} node @param {readonly string[]} types */
function checkType(node, types) {
  const type = typeAttr(node, 'T', 'FLOAT');
  if (!types.includes(type))
    unsupportedNode(node, `works on type ${type}, only ${types === FLOATS ? 'float32 is' : 'float32 and int32 are'} supported`);
}
const FLOATS = ['FLOAT', 'HALF', 'DOUBLE'];
/** tfjs holds all of them as int32. */
const INTEGERS = ['INT32', 'INT64', 'INT16', 'INT8', 'UINT8', 'UINT16'];
