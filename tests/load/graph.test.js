// The structure of graphs: what is read of a good one, and what is said of a broken one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGraph } from '../../js/load/tfjs-graph.js';
import { parseSpecs } from '../../js/load/tfjs-manifest.js';
import { attr, build, makeGraph, rejectsWith } from './helpers.js';

const relu = (/** @type {string} */ name, /** @type {string[]} */ ...input) => ({ name, op: 'Relu', input });
const add = (/** @type {string} */ name, /** @type {string[]} */ ...input) => ({ name, op: 'Add', input });
const outputNames = (/** @type {import('../../js/load/parse.js').GraphDescription} */ { outputs }) => outputs.map(({ name }) => name);

test('nodes: are sorted whatever order the file has', () => {
  const { nodes } = build([relu('c', 'b'), relu('b', 'a'), relu('a', 'x')]);
  assert.deepEqual(
    nodes.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('nodes: those that no output needs are left out, with their unsupported ops', () => {
  const graph = build([relu('y', 'x'), { name: 'unused', op: 'Fancy', input: ['x'] }], {}, { outputs: ['y'] });
  assert.deepEqual(
    graph.nodes.map(({ name }) => name),
    ['y'],
  );
});

test('nodes: control inputs are no data', () => {
  const { nodes, outputs } = build([relu('a', 'x'), relu('y', 'x', '^a', '^missing')]);
  assert.deepEqual(
    nodes.map(({ name, inputs }) => [name, inputs]),
    [['y', ['x']]],
  );
  assert.deepEqual(outputs, [{ name: 'y', value: 'y' }], 'a node that another one waits for is no output');
});

test('nodes: a chain of 200000 does not exhaust the stack', () => {
  const chain = Array.from({ length: 200_000 }, (_, i) => relu(`n${i}`, i === 0 ? 'x' : `n${i - 1}`));
  assert.equal(build(chain.reverse()).nodes.length, 200_000);
});

test('names: __proto__ and constructor are names like others', () => {
  const graph = build(
    [relu('__proto__', 'x'), add('constructor', '__proto__', 'toString'), relu('hasOwnProperty', 'constructor:0')],
    JSON.parse('{ "toString": ["float32", [4]] }'),
  );
  assert.deepEqual(
    graph.nodes.map(({ name }) => name),
    ['__proto__', 'constructor', 'hasOwnProperty'],
  );
  assert.ok(!('polluted' in {}));
  assert.deepEqual(graph.weights, [{ value: 'toString', weight: 0 }]);
});

test('attributes: those that every object inherits are not read', () => {
  // 'constructor' is no own property of attr, therefore nothing is known of T
  const graph = build([{ name: 'y', op: 'Relu', input: ['x'], attr: JSON.parse('{ "__proto__": { "T": { "type": "DT_INT32" } } }') }]);
  assert.equal(graph.nodes.length, 1);
});

test('weights: a constant is listed once, and not where it is only an attribute', () => {
  const graph = build([add('a', 'x', 'w'), add('b', 'a', 'w'), { name: 'y', op: 'Reshape', input: ['b', 's'] }], {
    s: ['int32', [2], [1, -1]],
    w: ['float32', [4]],
  });
  assert.deepEqual(graph.weights, [{ value: 'w', weight: 1 }]);
});

test('weights: a constant can be an output', () => {
  const graph = build([relu('y', 'x')], { w: ['float32', [4]] }, { outputs: ['w', 'y'] });
  assert.deepEqual(graph.outputs, [
    { name: 'w', value: 'w' },
    { name: 'y', value: 'y' },
  ]);
  assert.deepEqual(graph.weights, [{ value: 'w', weight: 0 }]);
});

test('inputs: have the dtype and shape of their placeholder', () => {
  const dtypes = { DT_FLOAT: 'float32', DT_HALF: 'float32', DT_INT32: 'int32', DT_INT64: 'int32', DT_UINT8: 'int32', DT_BOOL: 'bool' };
  const node = Object.keys(dtypes).map((type) => ({
    name: type,
    op: 'Placeholder',
    attr: { dtype: attr.type(type), shape: attr.shape(-1, 3) },
  }));
  const graph = parseGraph(
    { node: [...node, { name: 'scalar', op: 'Placeholder', attr: { shape: { shape: {} } } }, relu('y', 'DT_FLOAT')] },
    [],
    new Map(),
  );
  assert.deepEqual(graph.inputs, [
    ...Object.entries(dtypes).map(([name, dtype]) => ({ name, dtype, shape: [-1, 3] })),
    { name: 'scalar', dtype: 'float32', shape: [] },
  ]);
});

const signed = (/** @type {object} */ signature, nodes = [relu('y', 'x'), add('z', 'y', 'u')]) => {
  const { topology } = makeGraph(nodes, {}, { inputs: ['x', 'u'] });
  return parseGraph({ modelTopology: topology, ...signature }, [], new Map());
};
const entries = (/** @type {Record<string, string>} */ names) =>
  Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { name }]));

test('signature: gives the order of inputs and outputs, and their names without :0', () => {
  const signature = { inputs: entries({ second: 'u:0', first: 'x:0' }), outputs: entries({ b: 'z:0', a: 'y:0', again: 'y' }) };
  const graph = signed({ signature });
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ['u', 'x'],
  );
  assert.deepEqual(graph.outputs, [
    { name: 'z', value: 'z' },
    { name: 'y', value: 'y' },
  ]);
  assert.deepEqual(outputNames(signed({ userDefinedMetadata: { signature } })), ['z', 'y']);
  assert.deepEqual(
    outputNames(signed({ userDefinedMetadata: { signature }, signature: { outputs: entries({ a: 'y' }) } })),
    ['z', 'y'],
    'as in tfjs, that of the metadata wins',
  );
});

test('signature: a placeholder that it does not name comes after those that it names', () => {
  assert.deepEqual(
    signed({ signature: { inputs: entries({ a: 'u' }), outputs: entries({ a: 'z' }) } }).inputs.map(({ name }) => name),
    ['u', 'x'],
  );
});

test('signature: without one, placeholders are inputs and unused nodes outputs', () => {
  const graph = signed({});
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ['x', 'u'],
  );
  assert.deepEqual(outputNames(graph), ['z']);
});

test('signature: gives the shape where the placeholder has none', () => {
  const topology = { node: [{ name: 'x', op: 'Placeholder' }, relu('y', 'x')] };
  const signature = { inputs: { a: { name: 'x:0', tensorShape: { dim: [{ size: '-1' }, { size: '7' }] } } } };
  assert.deepEqual(parseGraph({ modelTopology: topology, signature }, [], new Map()).inputs, [
    { name: 'x', dtype: 'float32', shape: [-1, 7] },
  ]);
  rejectsWith(() => parseGraph(topology, [], new Map()), 'unsupported', /unknown rank/, 'x');
});

/**
 * A graph that is refused.
 * @param {string} title @param {() => unknown} make @param {import('../../js/errors.js').XnnErrorCode} code @param {RegExp} message
 * @param {string} [node]
 */
const refused = (title, make, code, message, node) => test(`broken: ${title}`, () => rejectsWith(make, code, message, node));

refused('an input that is missing', () => build([relu('y', 'gone')]), 'bad-model', /"gone" is missing/, 'y');
refused('two nodes of one name', () => build([relu('y', 'x'), relu('y', 'x')]), 'bad-model', /two nodes/, 'y');
refused('a cycle', () => build([add('a', 'x', 'b'), relu('b', 'a'), relu('y', 'b')]), 'bad-model', /cycle/);
refused('a node that reads itself', () => build([add('y', 'x', 'y')], {}, { outputs: ['y'] }), 'bad-model', /cycle/, 'y');
refused('an output that a node does not have', () => build([relu('a', 'x'), relu('y', 'a:1')]), 'bad-model', /has 1 output/, 'y');
refused(
  'an output beyond those of IdentityN',
  () => build([{ name: 'a', op: 'IdentityN', input: ['x', 'x'] }, relu('y', 'a:2')]),
  'bad-model',
  /has 2 outputs/,
  'y',
);
refused('no inputs', () => build([{ name: 'y', op: 'Relu' }]), 'bad-model', /has 0 inputs, needs 1/, 'y');
refused('inputs that are no list', () => build([{ name: 'y', op: 'Relu', input: 'x' }]), 'bad-model', /list/, 'y');
refused('inputs that are no names', () => build([{ name: 'y', op: 'Relu', input: [1] }]), 'bad-model', /names/, 'y');
refused('attributes that are no object', () => build([{ name: 'y', op: 'Relu', input: ['x'], attr: [] }]), 'bad-model', /attributes/, 'y');
refused('a node without a name', () => build([{ op: 'Relu', input: ['x'] }]), 'bad-model', /no name/);
refused('a node without an op', () => build([{ name: 'y', input: ['x'] }]), 'bad-model', /no op/, 'y');
refused('a name that could be taken for an output', () => build([relu('y:1', 'x')]), 'bad-model', /cannot be/);
refused('a node that is no object', () => build([null]), 'bad-model', /no object/);
refused('a graph that is no list', () => parseGraph({ node: {} }, [], new Map()), 'bad-model', /list of nodes/);
refused('no topology', () => parseGraph(null, [], new Map()), 'bad-model', /topology/);
refused('no outputs', () => build([]), 'bad-model', /no outputs/);
refused(
  'a constant that the manifest does not have',
  () => {
    const { topology, constants } = makeGraph([add('y', 'x', 'w')], { w: ['float32', [4]] });
    return parseGraph(topology, [], constants);
  },
  'bad-model',
  /"w" is not in the weights manifest/,
  'y',
);
refused(
  'a placeholder of strings',
  () =>
    parseGraph(
      { node: [{ name: 'x', op: 'Placeholder', attr: { dtype: attr.type('DT_STRING'), shape: attr.shape(1) } }, relu('y', 'x')] },
      [],
      new Map(),
    ),
  'unsupported',
  /STRING/,
  'x',
);
refused(
  'a dimension of -2',
  () => parseGraph({ node: [{ name: 'x', op: 'Placeholder', attr: { shape: attr.shape(-2) } }, relu('y', 'x')] }, [], new Map()),
  'bad-model',
  /dimension/,
  'x',
);
refused(
  'a signature whose output is missing',
  () => signed({ signature: { outputs: entries({ a: 'gone:0' }) } }),
  'bad-model',
  /"gone:0"|"gone"/,
);
refused('a signature whose input is missing', () => signed({ signature: { inputs: entries({ a: 'gone:0' }) } }), 'bad-model', /"gone"/);
refused(
  'a signature whose input is no placeholder',
  () => signed({ signature: { inputs: entries({ a: 'y:0' }) } }),
  'bad-model',
  /no Placeholder/,
  'y',
);
refused('a signature without names', () => signed({ signature: { outputs: { a: {} } } }), 'bad-model', /name no tensor/);
refused('outputs that the caller made up', () => build([relu('y', 'x')], {}, { outputs: ['nope'] }), 'misuse', /"nope"/);
refused('an empty list of outputs', () => build([relu('y', 'x')], {}, { outputs: [] }), 'misuse', /outputs/);

test('unsupported ops: five of them are named with a node each, the others counted', () => {
  const nodes = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'A'].map((op, i) => ({ name: `n${i}`, op, input: [i === 0 ? 'x' : `n${i - 1}`] }));
  rejectsWith(
    () => build(nodes),
    'unsupported',
    /^unsupported ops: A \(node "n7"\), G \(node "n6"\), F \(node "n5"\), E \(node "n4"\), D \(node "n3"\) and 2 more$/,
    'n7',
  );
});

test('unsupported ops: a loop of control flow is not called a cycle', () => {
  const nodes = [{ name: 'm', op: 'Merge', input: ['x', 'n'] }, { name: 'n', op: 'NextIteration', input: ['m'] }, relu('y', 'm')];
  rejectsWith(() => build(nodes), 'unsupported', /Merge.*NextIteration/);
});

test('specs: rank 0 constants are scalars', () => {
  assert.deepEqual(parseSpecs([{ name: 's', dtype: 'float32', shape: [] }])[0].byteLength, 4);
});
