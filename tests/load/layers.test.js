// The structure of layers models: what is read of a good one, and what is said of a broken one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { XnnError } from '../../js/errors.js';
import { parseLayers } from '../../js/load/tfjs-layers.js';
import { parseSpecs } from '../../js/load/tfjs-manifest.js';
import { rejectsWith } from './helpers.js';
import {
  agrees,
  artifacts,
  artifactsOf,
  build,
  functional,
  input,
  layer,
  makeInputs,
  runOurs,
  seedWeights,
  sequential,
} from './layers-helpers.js';

const L = tfl.layers;
const relu = (name, ...calls) => layer('ReLU', name, {}, ...calls);
const dense = (name, ...calls) => layer('Dense', name, { units: 4, use_bias: false }, ...calls);
const add = (name, ...calls) => layer('Add', name, {}, ...calls);
const nested = (model, name, ...calls) => ({ ...model, name, inbound_nodes: layer('', name, {}, ...calls).inbound_nodes });
const names = (ports) => ports.map(({ name }) => name);
const simple = () => functional([input('x'), relu('y', ['x'])], ['x'], ['y']);

// ---- models of tfjs-layers ----

/** What tfjs-layers calls the inputs and outputs of its models, and their values. */
const modelTest = (title, make, options = {}) =>
  test(`models: ${title}`, async () => {
    const model = seedWeights(make());
    const { modelTopology, weightSpecs } = await artifactsOf(model);
    const graph = parseLayers({ modelTopology }, parseSpecs(weightSpecs), new Map());
    assert.deepEqual(names(graph.inputs), model.inputNames);
    assert.deepEqual(names(graph.outputs), model.outputNames);
    assert.deepEqual(
      graph.inputs.map(({ shape, dtype }) => ({ shape, dtype })),
      model.inputs.map(({ shape, dtype }) => ({ shape: shape.map((size) => size ?? -1), dtype })),
    );
    await agrees(model, makeInputs(model.inputs.map(({ shape }) => shape), options)); // biome-ignore format: one idea
  });

const small = () => [L.dense({ units: 4, activation: 'tanh', inputShape: [3] }), L.dense({ units: 2 })];
const features = (name) =>
  tfl.sequential({
    name,
    layers: [L.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 2] }), L.reLU({ maxValue: 6 }), L.globalAveragePooling2d({})],
  });

modelTest('a Sequential', () => tfl.sequential({ layers: small() }));
modelTest('a Sequential with an input layer', () =>
  tfl.sequential({ layers: [L.inputLayer({ inputShape: [3], name: 'given' }), ...small()] }),
);
modelTest('a Sequential of Sequentials, as Teachable Machine trains', () =>
  tfl.sequential({ layers: [features(), tfl.sequential({ layers: small() })] }),
);
modelTest('a Sequential of one Sequential of one Sequential', () => tfl.sequential({ layers: [tfl.sequential({ layers: [features()] })] }));
modelTest('several inputs and outputs', () => {
  const a = tfl.input({ shape: [3], name: 'a' });
  const b = tfl.input({ shape: [3], name: 'b' });
  const sum = L.add({ name: 'sum' }).apply([a, b]);
  const one = L.dense({ units: 2, name: 'one' }).apply(sum);
  return tfl.model({ inputs: [b, a], outputs: [one, L.concatenate({ name: 'two' }).apply([one, sum, b])] });
});
modelTest('a shared layer that reads itself', () => {
  const x = tfl.input({ shape: [4] });
  const shared = L.dense({ units: 4, activation: 'tanh' });
  const once = shared.apply(x);
  return tfl.model({ inputs: x, outputs: L.add().apply([shared.apply(shared.apply(once)), once]) });
});
modelTest('a nested model that is called twice, as of twins', () => {
  const a = tfl.input({ shape: [6, 6, 2], name: 'left' });
  const b = tfl.input({ shape: [6, 6, 2], name: 'right' });
  const twin = features('twin');
  return tfl.model({ inputs: [a, b], outputs: L.concatenate().apply([twin.apply(a), twin.apply(b)]) });
});
modelTest('a nested model of several inputs and outputs', () => {
  const p = tfl.input({ shape: [3] });
  const q = tfl.input({ shape: [3] });
  const inner = tfl.model({ inputs: [p, q], outputs: [L.dense({ units: 3 }).apply(q), L.multiply().apply([p, q])], name: 'inner' });
  const a = tfl.input({ shape: [3] });
  const b = tfl.input({ shape: [3] });
  const [u, v] = inner.apply([b, a]);
  return tfl.model({ inputs: [a, b], outputs: [L.concatenate().apply([v, u]), v] });
});
modelTest('an input that is an output', () => {
  const x = tfl.input({ shape: [3], name: 'x' });
  return tfl.model({ inputs: x, outputs: [L.dense({ units: 2 }).apply(x), x] });
});
modelTest('a TimeDistributed model', () => {
  const x = tfl.input({ batchShape: [null, 3, 6, 6, 2] });
  return tfl.model({ inputs: x, outputs: L.timeDistributed({ layer: features() }).apply(x) });
});
modelTest('an int32 input of tokens', () => {
  const x = tfl.input({ shape: [5], dtype: 'int32' });
  return tfl.model({ inputs: x, outputs: L.globalAveragePooling1d().apply(L.embedding({ inputDim: 9, outputDim: 4 }).apply(x)) });
}, { dtypes: ['int32'], range: [0, 9] }); // biome-ignore format: one case
modelTest('free dimensions beside the batch', () => {
  const x = tfl.input({ batchShape: [null, null, 4] });
  return tfl.model({ inputs: x, outputs: L.globalAveragePooling1d().apply(L.conv1d({ filters: 3, kernelSize: 1 }).apply(x)) });
}, { batch: 5 }); // biome-ignore format: one case

for (const [title, batchShape, shape, make] of [
  ['a TimeDistributed of free length', [null, null, 4], [2, 8, 4], () => L.timeDistributed({ layer: L.dense({ units: 3 }) })],
  ['a reshape of free length', [null, null, 6], [2, 8, 6], () => L.reshape({ targetShape: [-1, 3] })],
  ['cropping of a free size', [null, null, null, 2], [2, 5, 6, 2], () => L.cropping2D({ cropping: [[1, 1], [0, 2]] })], // biome-ignore format: one case
  ['upsampling of a free size', [null, null, null, 2], [2, 5, 6, 2], () => L.upSampling2d({ size: [2, 3] })],
])
  test(`models: ${title}`, async () => {
    const x = tfl.input({ batchShape });
    await agrees(seedWeights(tfl.model({ inputs: x, outputs: make().apply(x) })), makeInputs([shape]));
  });

test('models: of another batch than the declared one give one result an image', async () => {
  const model = seedWeights(tfl.sequential({ layers: [features(), ...small()] }));
  const source = await artifactsOf(model);
  for (const batch of [1, 3]) {
    const [x] = makeInputs([[null, 6, 6, 2]], { batch });
    const { results } = await runOurs(source, [x]);
    assert.deepEqual(Object.values(results)[0].shape, [batch, 2]);
  }
});

test('models: quantised weights are read where they are stored', async () => {
  const model = seedWeights(tfl.sequential({ layers: small() }));
  const { modelTopology, weightSpecs } = await artifactsOf(model);
  const stored = weightSpecs.map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'float32',
    quantization: { dtype: 'uint8', scale: 1 / 64, min: -2 },
  }));
  const weightData = Uint8Array.from(
    { length: stored.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape), 0) },
    (_, i) => (i * 37) % 256,
  ).buffer;
  const graph = parseLayers({ modelTopology }, parseSpecs(stored), new Map());
  assert.equal(graph.weights.length, 4);
  const meant = stored.map(({ shape }, i) => {
    const from = stored.slice(0, i).reduce((sum, before) => sum + tf.util.sizeFromShape(before.shape), 0);
    return tf.tensor(
      [...new Uint8Array(weightData, from, tf.util.sizeFromShape(shape))].map((q) => q / 64 - 2),
      shape,
    );
  });
  model.setWeights(meant);
  await agrees(model, makeInputs([[null, 3]]), { artifacts: { modelTopology, weightSpecs: stored, weightData } });
});

// ---- forms of configs ----

const chainOf = (graph) => graph.nodes.map(({ op, name }) => `${op} ${name}`);
const DENSE = { 'a/kernel': [4, 4], 'b/kernel': [4, 4] };

test('forms: model_config, a bare config and a whole model.json say the same', () => {
  const config = simple();
  const graph = build(config);
  assert.deepEqual(chainOf(graph), ['relu y']);
  for (const topology of [
    config,
    { model_config: config },
    { modelTopology: config },
    { modelTopology: { model_config: config, keras_version: '2.1' } },
  ])
    assert.deepEqual(parseLayers(topology, [], new Map()), graph);
});

test('forms: camelCase is read as snake_case is', () => {
  const config = {
    className: 'Model',
    config: {
      layers: [
        { className: 'InputLayer', name: 'x', config: { batchInputShape: [null, 4], name: 'x' }, inboundNodes: [] },
        { className: 'ReLU', name: 'y', config: { name: 'y', maxValue: 2 }, inboundNodes: [[['x', 0, 0]]] },
      ],
      inputLayers: [['x', 0, 0]],
      outputLayers: [['y', 0, 0]],
    },
  };
  assert.deepEqual(build(config).nodes[0].attrs, { min: 0, max: 2 });
});

test('forms: a Sequential may be a bare list, also nested', () => {
  const inner = {
    class_name: 'Sequential',
    config: [layer('Dense', 'a', { units: 4, use_bias: false, batch_input_shape: [null, 4] }), relu('r')],
  };
  const graph = build({ class_name: 'Sequential', config: [inner, { class_name: 'Sequential', config: [dense('b')] }] }, DENSE);
  assert.deepEqual(graph.inputs, [{ name: 'a_input', dtype: 'float32', shape: [-1, 4] }]);
  assert.deepEqual(
    graph.nodes.map(({ op }) => op),
    ['dense', 'relu', 'dense'],
  );
});

test('forms: layers without a config of input and output layers are a Sequential', () => {
  const graph = build({ config: { layers: [input('x'), relu('y')] } });
  assert.deepEqual(names(graph.outputs), ['y']);
});

test('forms: the input of a Sequential is told by its first layer, or by build_input_shape', () => {
  const shapeOf = (first, rest = {}) => build({ class_name: 'Sequential', config: { layers: [first], ...rest } }, DENSE).inputs[0];
  assert.deepEqual(shapeOf(layer('ReLU', 'r', { batch_input_shape: [2, null, 3], dtype: 'float16' })), {
    name: 'r_input',
    dtype: 'float32',
    shape: [2, -1, 3],
  });
  assert.deepEqual(shapeOf(layer('ReLU', 'r', { input_shape: [5] })).shape, [-1, 5]);
  assert.deepEqual(shapeOf(layer('Dense', 'a', { units: 4, use_bias: false, input_dim: 4 })).shape, [-1, 4]);
  assert.deepEqual(shapeOf(relu('r'), { build_input_shape: [null, 7] }).shape, [-1, 7]);
  assert.deepEqual(shapeOf(layer('ReLU', 'r', { batch_shape: [null, 3] })).shape, [-1, 3]);
  rejectsWith(() => shapeOf(relu('r')), 'bad-model', /no input shape, nor has its first layer "r"/);
});

test('forms: a nested Sequential without an input shape takes that of its call', () => {
  const inner = { class_name: 'Sequential', config: { name: 'head', layers: [layer('Flatten', 'f'), dense('a')] } };
  const graph = build(functional([input('x', [null, 2, 2]), nested(inner, 'head', ['x'])], ['x'], ['head']), DENSE);
  assert.deepEqual(
    graph.nodes.map(({ op, attrs }) => [op, attrs.shape]),
    [['reshape', [-1, 4]], ['dense', undefined]], // biome-ignore format: one idea
  );
});

test('forms: calls of a nested model are counted from 0 or from 1', () => {
  const inner = functional([input('i'), relu('r', ['i'])], ['i'], ['r'], 'inner');
  const both = (first) =>
    build(functional([input('x'), nested(inner, 'inner', ['x'], [['inner', first, 0]])], ['x'], [['inner', first, 0], ['inner', first + 1, 0]])); // biome-ignore format: one idea
  assert.deepEqual(both(0), both(1));
  assert.deepEqual(names(both(1).outputs), ['inner', 'inner_1']);
});

test('forms: inputs and outputs may be one ref, refs, or refs by name', () => {
  const list = [input('x'), relu('y', ['x'])];
  const graph = build(functional(list, ['x'], ['y']));
  for (const refs of [(name) => [name, 0, 0], (name) => [[name, 0, 0]], (name) => ({ any: [name, 0, 0] }), (name) => [[name]]]) {
    const config = { class_name: 'Functional', config: { layers: list, input_layers: refs('x'), output_layers: refs('y') } };
    assert.deepEqual(build(config), graph);
  }
});

test('forms: calls may be one ref, refs by name, or as Keras 3 writes them', () => {
  const history = (...ref) => ({ class_name: '__keras_tensor__', config: { shape: [null, 4], dtype: 'float32', keras_history: ref } });
  const calls = [
    [[['a', 0, 0, {}], ['b', 0, 0, {}]]], // biome-ignore format: one call
    [{ first: ['a', 0, 0, {}], second: ['b', 0, 0, {}] }],
    [{ args: [[history('a', 0, 0), history('b', 0, 0)]], kwargs: {} }],
    [{ args: [history('a', 0, 0), history('b', 0, 0)] }],
  ];
  for (const inbound_nodes of calls) {
    const graph = build(functional([input('a'), input('b'), { ...add('y'), inbound_nodes }], ['a', 'b'], ['y']));
    assert.deepEqual(graph.nodes[0].inputs, ['a', 'b']);
  }
  const one = build(functional([input('a'), { ...relu('y'), inbound_nodes: [['a', 0, 0, { axis: 1 }]] }], ['a'], ['y']));
  assert.deepEqual(one.nodes[0].inputs, ['a']);
});

test('forms: layers may stand in any order', () => {
  const list = [add('z', ['y', 'x']), relu('y', ['x']), input('x')];
  assert.deepEqual(chainOf(build(functional(list, ['x'], ['z']))), ['relu y', 'add z']);
});

test('forms: layers that no output needs are left out, with their classes and weights', () => {
  const graph = build(functional([input('x'), relu('y', ['x']), layer('LSTM', 'l', {}, ['x']), dense('d', ['x'])], ['x'], ['y']));
  assert.deepEqual(chainOf(graph), ['relu y']);
  assert.deepEqual(graph.weights, []);
});

test('forms: dtypes of inputs are those that TensorFlow.js holds them in', () => {
  const dtypes = { float64: 'float32', bfloat16: 'float32', int64: 'int32', uint8: 'int32', int32: 'int32', bool: 'bool' };
  for (const [dtype, ours] of Object.entries(dtypes))
    assert.equal(build(functional([input('x', [null], dtype), layer('Dropout', 'y', {}, ['x'])], ['x'], ['y'])).inputs[0].dtype, ours);
  const policy = { class_name: 'DTypePolicy', config: { name: 'float32' } };
  assert.equal(build(functional([input('x', [null], policy), relu('y', ['x'])], ['x'], ['y'])).inputs[0].dtype, 'float32');
  rejectsWith(() => build(functional([input('x', [null], 'string'), relu('y', ['x'])], ['x'], ['y'])), 'unsupported', /"string"/, 'x');
});

test('forms: unnamed layers are given names', () => {
  const graph = build({
    class_name: 'Sequential',
    config: [
      { class_name: 'ReLU', config: { batch_input_shape: [null, 4] } },
      { class_name: 'ReLU', config: {} },
    ],
  });
  assert.deepEqual(names(graph.outputs), ['re_lu_1']);
});

test('nodes: the main one of a layer has its name, the others a suffix', () => {
  const graph = build(sequential([input('x', [null, 9, 4]), layer('Conv1D', 'c', { activation: 'relu' })]), {
    'c/kernel': [3, 4, 5],
    'c/bias': [5],
  });
  assert.deepEqual(chainOf(graph), [
    'expand_dims c/expand_dims',
    'expand_dims c/expand_dims_1',
    'conv2d c',
    'add c/add',
    'relu c/relu',
    'squeeze c/squeeze',
  ]);
});

test('names: __proto__ and constructor are names like others', () => {
  const list = [input('__proto__'), relu('constructor', ['__proto__']), add('toString', ['constructor', '__proto__'])];
  const graph = build(functional(list, ['__proto__'], ['toString']));
  assert.deepEqual(names(graph.inputs), ['__proto__']);
  assert.deepEqual(chainOf(graph), ['relu constructor', 'add toString']);
  const classes = ['__proto__', 'constructor', 'toString'];
  for (const name of classes)
    rejectsWith(() => build(sequential([input('x'), layer(name, 'y')])), 'unsupported', /unsupported layers/, 'y');
  const config = sequential([input('x'), layer('Activation', 'y', { activation: '__proto__' })]);
  rejectsWith(() => build(config), 'unsupported', /the activation "__proto__"/, 'y');
  const polluted = JSON.parse('{ "class_name": "Sequential", "config": { "__proto__": { "layers": [] } } }');
  rejectsWith(() => build(polluted), 'bad-model', /no list of layers/);
});

test('names: a value of ours never takes the name of an input', () => {
  const graph = build(functional([input('y#1'), input('y#2'), relu('y', ['y#1'])], ['y#1', 'y#2'], ['y']));
  assert.ok(!names(graph.inputs).includes(graph.nodes[0].output));
});

// ---- weights ----

const weightsOf = (config, specs, options) => {
  const graph = build(config, specs, options);
  const list = Object.keys(specs);
  return graph.weights.map(({ weight }) => list[weight]);
};
const one = () => sequential([input('x'), dense('a')]);
const deep = () => sequential([sequential([input('x'), dense('a')], 'inner'), dense('b')], 'outer');

test('weights: are found by name, whatever converters put around it', () => {
  const spellings = [
    'a/kernel',
    'a/kernel:0',
    'model/a/kernel',
    'outer/model/a/kernel:0',
    'a/cell/kernel',
    'a/0',
    '_layers/a/vars/0',
    '_backbone/_layer_checkpoint_dependencies/a/vars/0',
  ];
  for (const name of spellings) assert.deepEqual(weightsOf(one(), { other: [1], [name]: [4, 4] }), [name], name);
});

test('weights: of nested models are named by their layers, with or without the models', () => {
  assert.deepEqual(weightsOf(deep(), { 'b/kernel': [4, 4], 'a/kernel': [4, 4] }), ['a/kernel', 'b/kernel']);
  assert.deepEqual(weightsOf(deep(), { 'outer/b/kernel': [4, 4], 'outer/inner/a/kernel': [4, 4] }), [
    'outer/inner/a/kernel',
    'outer/b/kernel',
  ]);
});

test('weights: of layers of one name are told apart by their models', () => {
  const twins = sequential([sequential([input('x'), dense('a')], 'one'), sequential([input('x'), dense('a')], 'two')]);
  const specs = { 'two/a/kernel': [4, 4], 'one/a/kernel': [4, 4] };
  assert.deepEqual(weightsOf(twins, specs), ['one/a/kernel', 'two/a/kernel']);
  const prefixed = { 'top/two/a/kernel': [4, 4], 'top/one/a/kernel': [4, 4] };
  assert.deepEqual(weightsOf(twins, prefixed), ['top/one/a/kernel', 'top/two/a/kernel']);
  rejectsWith(() => build(twins, { 'a/kernel': [4, 4] }), 'bad-model', /"a\/kernel" is already that of "one\/a"/, 'two/a');
});

test('weights: the exact name wins over a longer one', () => {
  assert.deepEqual(weightsOf(one(), { 'ema/a/kernel': [4, 4], 'a/kernel': [4, 4] }), ['a/kernel']);
});

test('weights: of a TimeDistributed layer are named after the wrapper', () => {
  const config = sequential([input('x', [null, 3, 4]), layer('TimeDistributed', 't', { layer: dense('a') })]);
  for (const name of ['t/kernel', 't/a/kernel']) assert.deepEqual(weightsOf(config, { [name]: [4, 4] }), [name]);
});

test('weights: variables by number are counted as the layer makes them', () => {
  const config = sequential([input('x'), layer('BatchNormalization', 'n', { scale: false })]);
  const graph = build(config, { 'n/2': [4], 'n/1': [4], 'n/0': [4] });
  // beta, moving_mean, moving_variance
  assert.deepEqual(graph.weights.map(({ weight }) => weight), [2, 1, 0]); // biome-ignore format: one idea
});

test('weights: a shared layer has its weights once', () => {
  const graph = build(functional([input('x'), dense('a', ['x'], [['a', 0, 0]])], ['x'], [['a', 1, 0]]), DENSE);
  assert.equal(graph.weights.length, 1);
  assert.deepEqual(chainOf(graph), ['dense a', 'dense a:1']);
});

// ---- outputs that are asked for ----

test('outputs: any layers can be asked for, in any order', () => {
  const config = functional([input('x'), relu('a', ['x']), relu('b', ['a']), relu('c', ['b'])], ['x'], ['c']);
  const graph = build(config, {}, { outputs: ['b', 'x', 'a', 'b'] });
  assert.deepEqual(names(graph.outputs), ['b', 'x', 'a']);
  assert.deepEqual(chainOf(graph), ['relu a', 'relu b']);
});

test('outputs: nested layers are asked for by path, or by their name where there is one', () => {
  for (const name of ['inner/a', 'a', 'inner']) {
    const graph = build(deep(), { ...DENSE }, { outputs: [name] });
    assert.deepEqual(names(graph.outputs), [name]);
    assert.deepEqual(chainOf(graph), ['dense inner/a']);
  }
});

test('outputs: a later call of a shared layer has its number', () => {
  const config = functional([input('x'), relu('a', ['x'], [['a', 0, 0]])], ['x'], [['a', 0, 0]]);
  assert.deepEqual(chainOf(build(config, {}, { outputs: ['a:1'] })), ['relu a', 'relu a:1']);
});

test('outputs: a name that no layer has, or several have, is misuse', () => {
  const twins = sequential([sequential([input('x'), relu('a')], 'one'), sequential([input('x'), relu('a')], 'two')]);
  for (const outputs of [['nope'], ['a'], ['one/a:7'], [], 'a', [7], [null]])
    rejectsWith(() => build(twins, {}, { outputs }), 'misuse', /outputs/);
  assert.deepEqual(names(build(twins, {}, { outputs: ['two/a'] }).outputs), ['two/a']);
});

test('outputs: of a running model come by the names that were asked for', async () => {
  const { source } = artifacts(deep(), { 'a/kernel': [[4, 4]], 'b/kernel': [[4, 4]] });
  const { results } = await runOurs(source, makeInputs([[2, 4]]), { outputs: ['a', 'x'] });
  assert.deepEqual(Object.keys(results), ['a', 'x']);
});

// ---- broken ones ----

/** A model that is refused. */
const refused = (title, make, code, message, node) => test(`broken: ${title}`, () => rejectsWith(make, code, message, node));
const chain = (...list) => build(sequential([input('x', [null, 6, 6, 2]), ...list]), { 'c/kernel': [3, 3, 2, 4], 'c/bias': [4] });
const settings = (title, className, config, message, code = 'bad-model') =>
  refused(title, () => chain(layer(className, 'c', config)), code, message, 'c');

refused('no topology', () => parseLayers(null, [], new Map()), 'bad-model', /topology/);
refused('a model without a config', () => build({ class_name: 'Model' }), 'bad-model', /no model config/);
refused('a model config that is no object', () => build([]), 'bad-model', /model_config is no object/);
refused('a class name that is no text', () => build({ class_name: 7, config: {} }), 'bad-model', /model config/);
refused('no layers', () => build(sequential([])), 'bad-model', /no layers/);
refused('layers that are no list', () => build({ class_name: 'Sequential', config: { layers: {} } }), 'bad-model', /no list of layers/);
refused('a layer that is no object', () => build(sequential([null])), 'bad-model', /layer 0 is no object/);
refused('a layer without a class', () => build(sequential([{ config: {} }])), 'bad-model', /no class_name/);
refused('a layer whose name is no text', () => build(sequential([{ class_name: 'ReLU', name: 7 }])), 'bad-model', /name of layer 0/);
refused('a layer whose config is no object', () => chain({ class_name: 'ReLU', name: 'c', config: 7 }), 'bad-model', /no config/, 'c');
refused('two layers of one name', () => chain(relu('c'), relu('c')), 'bad-model', /two layers/, 'c');
refused('an input layer in the middle', () => chain(input('c')), 'bad-model', /first of a Sequential/, 'c');
refused(
  'an input that is missing',
  () => build(functional([input('x'), relu('y', ['gone'])], ['x'], ['y'])),
  'bad-model',
  /"gone" is missing/,
  'y',
);
refused('an output that is missing', () => build(functional([input('x')], ['x'], ['gone'])), 'bad-model', /"gone" is missing/);
refused('an output that is no ref', () => build(functional([input('x')], ['x'], [[7]])), 'bad-model', /output_layers/);
refused('no outputs', () => build(functional([input('x')], ['x'], [])), 'bad-model', /no outputs/);
refused(
  'no input layers',
  () => build({ class_name: 'Model', config: { layers: [input('x')], output_layers: [['x', 0, 0]] } }),
  'bad-model',
  /no input_layers/,
);
refused('an input that is no input layer', () => build(functional([relu('y')], ['y'], ['y'])), 'bad-model', /"y" is no input layer/);
refused('an input twice', () => build(functional([input('x')], ['x', 'x'], ['x'])), 'bad-model', /"x" is there twice/);
refused(
  'an input layer that is no input',
  () => build(functional([input('x'), input('z'), relu('y', ['z'])], ['x'], ['y'])),
  'bad-model',
  /no input of its model/,
  'z',
);
refused(
  'an input without a shape',
  () => build(functional([layer('InputLayer', 'x')], ['x'], ['x'])),
  'unsupported',
  /without a shape/,
  'x',
);
refused('an input of a negative size', () => build(functional([input('x', [-2])], ['x'], ['x'])), 'bad-model', /dimension is -2/, 'x');
refused(
  'an input of nine dimensions',
  () => build(functional([input('x', Array(9).fill(1))], ['x'], ['x'])),
  'unsupported',
  /9 dimensions/,
  'x',
);
refused(
  'inbound_nodes that are no list',
  () => build(functional([input('x'), { ...relu('y'), inbound_nodes: 7 }], ['x'], ['y'])),
  'bad-model',
  /inbound_nodes/,
  'y',
);
refused('a call without inputs', () => build(functional([input('x'), relu('y', [])], ['x'], ['y'])), 'bad-model', /without inputs/, 'y');
refused(
  'a call that is no list',
  () => build(functional([input('x'), { ...relu('y'), inbound_nodes: [7] }], ['x'], ['y'])),
  'bad-model',
  /inbound_nodes/,
  'y',
);
refused(
  'a negative call',
  () => build(functional([input('x'), relu('y', [['x', -1, 0]])], ['x'], ['y'])),
  'bad-model',
  /inbound_nodes has/,
  'y',
);
refused(
  'a call that is not there',
  () => build(functional([input('x'), relu('y', ['x'])], ['x'], [['y', 3, 0]])),
  'bad-model',
  /called 1 times, call 3/,
  'y',
);
refused(
  'an output that a layer does not have',
  () => build(functional([input('x'), relu('y', ['x'])], ['x'], [['y', 0, 1]])),
  'bad-model',
  /has 1 outputs, output 1/,
  'y',
);
refused('a layer that is never called', () => build(functional([input('x'), relu('y')], ['x'], ['y'])), 'bad-model', /called 0 times/, 'y');
refused(
  'too many inputs',
  () => build(functional([input('x'), relu('y', ['x', 'x'])], ['x'], ['y'])),
  'bad-model',
  /has 2 inputs, needs 1/,
  'y',
);
refused(
  'too few inputs',
  () => build(functional([input('x'), add('y', ['x'])], ['x'], ['y'])),
  'bad-model',
  /has 1 inputs, needs 2 to 4096/,
  'y',
);
refused('a cycle', () => build(functional([input('x'), add('a', ['x', 'b']), relu('b', ['a'])], ['x'], ['b'])), 'bad-model', /cycle/);
refused(
  'a layer that reads itself',
  () => build(functional([input('x'), relu('a', [['a', 0, 0]])], ['x'], ['a'])),
  'bad-model',
  /cycle/,
  'a',
);
refused('a nested model with other inputs than its call', () => {
  const inner = functional([input('p'), input('q'), add('s', ['p', 'q'])], ['p', 'q'], ['s'], 'inner');
  build(functional([input('x'), nested(inner, 'inner', ['x'])], ['x'], ['inner']));
}, 'bad-model', /called with 1 inputs, the model has 2/, 'inner'); // biome-ignore format: one case
refused(
  'a broken layer of a nested model',
  () => chain(sequential([layer('Conv2D', 'd', { strides: 0 })], 'inner')),
  'bad-model',
  /"inner\/d" \(Conv2D\)/,
  'inner/d',
);
refused(
  'a weight that is not in the manifest',
  () => chain(layer('Conv2D', 'd')),
  'bad-model',
  /weight "d\/kernel" is not in the weights manifest/,
  'd',
);
refused(
  'a weight of other dimensions',
  () => build(sequential([input('x'), dense('a')]), { 'a/kernel': [16] }),
  'bad-model',
  /shape \[16\], not 2/,
  'a',
);
refused('a weight of strings', () => {
  const specs = parseSpecs([{ name: 'a/kernel', shape: [4, 4], dtype: 'string' }]);
  parseLayers(one(), specs, new Map());
}, 'unsupported', /holds string values/, 'a'); // biome-ignore format: one case
refused('a Sequential around a model of two inputs', () => {
  const inner = functional([input('p'), input('q'), add('s', ['p', 'q'])], ['p', 'q'], ['s'], 'inner');
  build(sequential([inner]));
}, 'bad-model', /has 2 inputs/, 'inner'); // biome-ignore format: one case
refused('a TimeDistributed without a layer', () => chain(layer('TimeDistributed', 'c')), 'bad-model', /no layer/, 'c');
refused(
  'a TimeDistributed of vectors',
  () => build(sequential([input('x'), layer('TimeDistributed', 'c', { layer: relu('r') })])),
  'bad-model',
  /at least 3/,
  'c',
);
refused(
  'a TimeDistributed LSTM',
  () => chain(layer('TimeDistributed', 'c', { layer: layer('LSTM', 'r') })),
  'unsupported',
  /LSTM/,
  'c/layer',
);

settings('an input of other dimensions', 'Conv1D', {}, /its input has 4 dimensions, not 3/);
settings('strides of 0', 'Conv2D', { strides: [0, 1] }, /strides is out of range/);
settings('three strides', 'Conv2D', { strides: [1, 1, 1] }, /strides has 3 values, not 2/);
settings('a stride that is no integer', 'Conv2D', { strides: 1.5 }, /strides is no integer/);
settings('strides that are text', 'Conv2D', { strides: '2' }, /strides is no integer/);
settings('padding that nobody knows', 'Conv2D', { padding: 'wide' }, /padding "wide"/, 'unsupported');
settings('causal padding of images', 'Conv2D', { padding: 'causal' }, /causal/, 'unsupported');
settings('a data format that nobody knows', 'Conv2D', { data_format: 'nchw' }, /data_format "nchw"/, 'unsupported');
settings('an activation that nobody knows', 'Conv2D', { activation: 'wiggle' }, /the activation "wiggle"/, 'unsupported');
settings('an activation of a custom class', 'Activation', { activation: { class_name: 'Mine', config: {} } }, /"Mine"/, 'unsupported');
settings('an activation that is a number', 'Activation', { activation: 7 }, /activation is no text/);
settings('use_bias that is text', 'Conv2D', { use_bias: 'no' }, /use_bias is neither true nor false/);
settings('a slope that is text', 'LeakyReLU', { alpha: 'steep' }, /alpha is no number/);
settings('a kernel wider than the image', 'MaxPooling2D', { pool_size: 9, strides: 1 }, /has no size/);
settings('cropping of more than there is', 'Cropping2D', { cropping: 4 }, /has no size/);
settings('cropping that is no pairs', 'Cropping2D', { cropping: [[1], [2]] }, /no list of pairs/); // biome-ignore format: one case
settings('padding of less than nothing', 'ZeroPadding2D', { padding: -1 }, /padding is out of range/);
settings('a shape of another size', 'Reshape', { target_shape: [7, 10] }, /cannot make \[7,10\] of the 72 elements/);
settings('two unknown sizes', 'Reshape', { target_shape: [-1, -1] }, /several unknown/);
settings('no shape', 'Reshape', {}, /target_shape is no list/);
settings('no permutation', 'Permute', { dims: [1, 2, 2] }, /no permutation/);
settings('no dims', 'Permute', {}, /has no dims/);
settings('an axis beyond the last', 'BatchNormalization', { axis: 4 }, /axis 4 of 4 dimensions/);
settings('two axes of batch normalisation', 'BatchNormalization', { axis: [1, 2] }, /axis \[1,2\]/);
settings('an axis twice', 'LayerNormalization', { axis: [1, 1] }, /axis \[1,1\]/);
settings('an axis beyond the last of a softmax', 'Softmax', { axis: 9 }, /axis 9/);
settings('a dilated transposed convolution', 'Conv2DTranspose', { dilation_rate: 2 }, /dilated/, 'unsupported');
settings('output_padding', 'Conv2DTranspose', { output_padding: [1, 1] }, /output_padding/, 'unsupported');
settings('an interpolation that nobody has', 'UpSampling2D', { interpolation: 'lanczos3' }, /interpolation "lanczos3"/, 'unsupported');
settings('resizing to nothing', 'Resizing', { height: 0, width: 3 }, /height is out of range/);
settings('no size to resize to', 'Resizing', {}, /has no height/);
settings('tf_idf', 'CategoryEncoding', { num_tokens: 3, output_mode: 'tf_idf' }, /output_mode "tf_idf"/, 'unsupported');
settings('categories of images', 'CategoryEncoding', { num_tokens: 3 }, /output_mode/);
refused(
  'a softmax of masked steps',
  () => build(sequential([input('x', [null, 5, 4]), layer('Masking', 'm'), layer('Dropout', 'd'), layer('Softmax', 's')])),
  'unsupported',
  /masked/,
  's',
);
refused(
  'a concatenation of ranks',
  () => build(functional([input('x'), input('y', [null, 2, 4]), layer('Concatenate', 'c', {}, ['x', 'y'])], ['x', 'y'], ['c'])),
  'bad-model',
  /axis -1 of/,
  'c',
);
refused(
  'a dot product along the batch',
  () => build(functional([input('x'), layer('Dot', 'c', { axes: 0 }, ['x', 'x'])], ['x'], ['c'])),
  'unsupported',
  /axes \[0,0\]/,
  'c',
);

test('masks: end where a layer does not pass them on', () => {
  const graph = build(
    sequential([input('x', [null, 5, 4]), layer('Masking', 'm'), layer('Flatten', 'f'), layer('Softmax', 's', { axis: -1 })]),
  );
  assert.equal(graph.nodes.at(-1).op, 'softmax');
});

test('unsupported: five classes are named with a layer each, the others counted', () => {
  const list = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'A'].map((name, i) => layer(name, `l${i}`));
  rejectsWith(
    () => build(sequential([input('x'), ...list])),
    'unsupported',
    /^unsupported layers: A \(layer "l0"\), B \(layer "l1"\), C \(layer "l2"\), D \(layer "l3"\), E \(layer "l4"\) and 2 more$/,
    'l0',
  );
});

test('unsupported: custom, Lambda and string layers are named', () => {
  for (const name of ['Lambda', 'TFOpLambda', 'MyLayer', 'TextVectorization', 'StringLookup', 'Hashing', 'MultiHeadAttention'])
    rejectsWith(() => build(sequential([input('x'), layer(name, 'l')])), 'unsupported', new RegExp(`${name} \\(layer "l"\\)`), 'l');
});

// ---- hostile ones ----

/** Must end, in a graph or an XnnError, and soon. */
function ends(title, make, { code, ms = 30_000 } = {}) {
  test(`hostile: ${title}`, () => {
    const start = performance.now();
    let found;
    try {
      make();
    } catch (error) {
      assert.ok(error instanceof XnnError, error.stack);
      found = error.code;
    }
    assert.equal(found, code);
    assert.ok(performance.now() - start < ms, `${(performance.now() - start).toFixed()} ms`);
  });
}

const deeper = (depth, wrap, seed) => {
  let value = seed;
  for (let i = 0; i < depth; i++) value = wrap(value, i);
  return value;
};
const nest = (text, depth) => JSON.parse(`${text.repeat(depth)}0${text === '[' ? ']'.repeat(depth) : '}'.repeat(depth)}`);

ends('a chain of 100000 layers', () => build(sequential([input('x'), ...Array.from({ length: 100_000 }, (_, i) => relu(`l${i}`))])));
ends('a chain of 100000 layers in reverse', () => {
  const list = Array.from({ length: 100_000 }, (_, i) => relu(`l${i}`, [i === 0 ? 'x' : `l${i - 1}`]));
  build(functional([input('x'), ...list].reverse(), ['x'], ['l99999']));
});
ends('a shared layer called 100000 times', () => {
  const calls = Array.from({ length: 100_000 }, (_, i) => [i === 0 ? 'x' : ['s', i - 1, 0]]);
  build(functional([input('x'), { ...relu('s'), inbound_nodes: calls.map(([ref]) => [[ref].flat()]) }], ['x'], [['s', 99_999, 0]]));
});
ends('models nested 2000 deep', () => build(deeper(2000, (model, i) => sequential([model], `m${i}`), sequential([input('x')]))), {
  code: 'unsupported',
});
ends(
  'bare lists nested 2000 deep',
  () => build(deeper(2000, (config) => ({ class_name: 'Sequential', config: [config] }), layer('ReLU', 'r'))),
  { code: 'unsupported' },
);
ends(
  'TimeDistributed nested 2000 deep',
  () => build(deeper(2000, (inner, i) => layer('TimeDistributed', `t${i}`, { layer: inner }), relu('r'))),
  { code: 'bad-model' },
);
ends(
  'TimeDistributed nested 2000 deep in a Sequential',
  () => build(sequential([input('x'), deeper(2000, (inner, i) => layer('TimeDistributed', `t${i}`, { layer: inner }), relu('r'))])),
  { code: 'unsupported' },
);
ends('models that double at each of 60 levels', () => {
  const level = (inner, i) => functional([input('x'), nested(inner, 'n', ['x'], [['n', 1, 0]])], ['x'], [['n', 2, 0]], `m${i}`);
  build(deeper(60, level, functional([input('x'), relu('r', ['x'])], ['x'], ['r'])));
}, { code: 'unsupported' }); // biome-ignore format: one case
ends('a config that contains itself', () => {
  const config = { class_name: 'Sequential', config: { layers: [input('x')] } };
  config.config.layers.push(config);
  build(config);
}, { code: 'unsupported' }); // biome-ignore format: one case
ends('a layer that contains itself', () => {
  const inner = { class_name: 'TimeDistributed', name: 't', config: {} };
  inner.config.layer = inner;
  build(sequential([input('x', [null, 3, 4]), inner]));
}, { code: 'unsupported' }); // biome-ignore format: one case
ends('arguments that contain themselves', () => {
  const args = [];
  args.push(args, args);
  build(functional([input('x'), { ...relu('y'), inbound_nodes: [{ args }] }], ['x'], ['y']));
}, { code: 'bad-model' }); // biome-ignore format: one case
ends('lists nested 100000 deep where a number belongs', () => chain(layer('Conv2D', 'c', { strides: nest('[', 100_000) })), {
  code: 'bad-model',
});
ends('objects nested 100000 deep where a ref belongs', () => build(functional([input('x')], ['x'], [nest('{"a":', 100_000)])), {
  code: 'bad-model',
});
ends('a list of a million values where two belong', () => chain(layer('Conv2D', 'c', { strides: Array(1_000_000).fill(1) })), {
  code: 'bad-model',
});
ends('a name of a million parts', () => build(one(), { ['a/'.repeat(1_000_000)]: [4], 'a/kernel': [4, 4] }));
ends(
  '100000 weights of one ending',
  () => build(one(), Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`m${i}/a/kernel`, [4, 4]]))),
  { code: 'bad-model' },
);
ends('100000 unnamed layers', () =>
  build({ class_name: 'Sequential', config: [input('x'), ...Array.from({ length: 100_000 }, () => ({ class_name: 'ReLU', config: {} }))] }),
);

/** Every value of a config replaced in turn by values of other kinds. */
test('hostile: a config with any value replaced ends in a graph or an XnnError', async () => {
  const inner = seedWeights(
    tfl.sequential({
      name: 'inner',
      layers: [L.conv2d({ filters: 2, kernelSize: 3, inputShape: [6, 6, 2] }), L.batchNormalization(), L.flatten()],
    }),
  );
  const x = tfl.input({ shape: [6, 6, 2], name: 'x' });
  const wide = L.timeDistributed({ layer: L.dense({ units: 3, activation: 'relu' }) }).apply(L.reshape({ targetShape: [2, 36] }).apply(x));
  const both = L.concatenate().apply([inner.apply(x), L.flatten().apply(wide)]);
  const { modelTopology, weightSpecs } = await artifactsOf(tfl.model({ inputs: x, outputs: L.dense({ units: 2 }).apply(both) }));
  const specs = parseSpecs(weightSpecs);
  const paths = [];
  const walk = (value, path) => {
    paths.push(path);
    if (typeof value === 'object' && value !== null && path.length < 12)
      for (const key of Object.keys(value)) walk(value[key], [...path, key]);
  };
  walk(modelTopology, []);
  assert.ok(paths.length > 200);
  for (const path of paths.slice(1))
    for (const other of [null, -1, 1.5, 1e9, 'text', '__proto__', [], {}, [[]], [0, 0, 0], true, undefined]) {
      const broken = structuredClone(modelTopology);
      const parent = path.slice(0, -1).reduce((value, key) => value[key], broken);
      if (other === undefined) delete parent[path.at(-1)];
      else parent[path.at(-1)] = other;
      try {
        parseLayers({ modelTopology: broken }, specs, new Map());
      } catch (error) {
        assert.ok(error instanceof XnnError, `${path.join('.')} = ${JSON.stringify(other)}: ${error.stack}`);
        assert.ok(['bad-model', 'unsupported'].includes(error.code));
      }
    }
});
