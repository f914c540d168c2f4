// Every row of js/load/tfjs-graph-ops.js on a hand-made graph. Expected attributes are TensorFlow's documented ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { parseGraph } from '../../js/load/tfjs-graph.js';
import { tfjsGraphOps } from '../../js/load/tfjs-graph-ops.js';
import * as einsum from './graph-cases/einsum.js';
import * as layers from './graph-cases/layers.js';
import { valid, window } from './graph-cases/layers.js';
import * as moving from './graph-cases/moving.js';
import * as values from './graph-cases/values.js';
import { attr, build, makeGraph, rejectsWith } from './helpers.js';

const filter = { w: ['float32', [3, 3, 4, 5]], b: ['float32', [5]], a: ['float32', [5]] };
const kernel = { w: ['float32', [4, 5]], b: ['float32', [5]], a: ['float32', [5]] };
const covered = new Set(['Const', 'Placeholder']);
const emitted = [];

/** One node y that reads the inputs; `expected` are the nodes it becomes, each [op, inputs, attrs]. */
function row(title, op, input, attrs, consts, expected) {
  covered.add(op);
  emitted.push(...expected);
  test(`${op}: ${title}`, () => {
    const graph = build([{ name: 'y', op, input, attr: attrs }], consts, { inputs: ['x', 'z'] });
    assert.deepEqual(
      graph.nodes.map((node) => [node.op, node.inputs, node.attrs]),
      expected,
    );
    assert.equal(graph.nodes.at(-1).output, 'y');
    assert.equal(graph.nodes[0].name, 'y');
    assert.deepEqual(graph.outputs, [{ name: 'y', value: 'y' }]);
    const used = new Set(graph.nodes.flatMap((node) => node.inputs));
    assert.deepEqual(new Set(graph.weights.map(({ value }) => value)), new Set(Object.keys(consts).filter((name) => used.has(name))));
  });
}

/** One node u of several outputs; `expected` are the nodes it becomes, each [op, inputs, attrs, output]. */
function outputs(op, input, attrs, consts, expected) {
  covered.add(op);
  emitted.push(...expected);
  const names = expected.map(([, , , output]) => output).filter((output) => /^u(:\d+)?$/.test(output));
  test(`${op}: has ${names.length} outputs`, () => {
    const nodes = [
      { name: 'u', op, input, attr: attrs },
      { name: 'y', op: 'Add', input: [names.at(-1), names[0]] },
    ];
    const graph = build(nodes, consts, { inputs: ['x', 'z'], outputs: ['y'] });
    assert.deepEqual(
      graph.nodes.map((node) => [node.op, node.inputs, node.attrs, node.output]),
      [...expected, ['add', [names.at(-1), names[0]], {}, 'y']],
    );
    nodes[1].input = [`u:${names.length}`, 'x'];
    rejectsWith(
      () => build(nodes, consts, { inputs: ['x', 'z'], outputs: ['y'] }),
      'bad-model',
      new RegExp(`has ${names.length} outputs`),
      'y',
    );
  });
}

/** One node y that cannot be built. */
function refuses(title, op, input, attrs, consts, code, message) {
  test(`${op}: ${title}`, () =>
    rejectsWith(() => build([{ name: 'y', op, input, attr: attrs }], consts, { inputs: ['x', 'z'] }), code, message, 'y'));
}

for (const [op, ours] of Object.entries({
  Relu: 'relu',
  Relu6: 'relu6',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Exp: 'exp',
  Abs: 'abs',
  Neg: 'neg',
  Square: 'square',
  Sqrt: 'sqrt',
  Rsqrt: 'rsqrt',
  Softmax: 'softmax',
  Identity: 'identity',
  Snapshot: 'identity',
  StopGradient: 'identity',
  PreventGradient: 'identity',
}))
  row(`becomes ${ours}`, op, ['x'], {}, {}, [[ours, ['x'], {}]]);
for (const [op, ours] of Object.entries({
  Add: 'add',
  AddV2: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
  RealDiv: 'div',
  Maximum: 'maximum',
  Minimum: 'minimum',
  SquaredDifference: 'squared_difference',
  FloorDiv: 'floor_div',
  Prelu: 'prelu',
}))
  row(`becomes ${ours}`, op, ['x', 'b'], { T: attr.type('DT_FLOAT') }, { b: ['float32', [4]] }, [[ours, ['x', 'b'], {}]]);
row('becomes elu with alpha 1', 'Elu', ['x'], {}, {}, [['elu', ['x'], { alpha: 1 }]]);
row('has the default alpha of TensorFlow', 'LeakyRelu', ['x'], {}, {}, [['leaky_relu', ['x'], { alpha: 0.2 }]]);
row('takes its alpha', 'LeakyRelu', ['x'], { alpha: attr.f(0.125) }, {}, [['leaky_relu', ['x'], { alpha: 0.125 }]]);
row('becomes clamp', 'ClipByValue', ['x', 'lo', 'hi'], {}, { lo: ['float32', [], [-1]], hi: ['float32', [], [2.5]] }, [
  ['clamp', ['x'], { min: -1, max: 2.5 }],
]);
row('becomes a chain of adds', 'AddN', ['x', 'z', 'x', 'z'], {}, {}, [
  ['add', ['x', 'z'], {}],
  ['add', ['y:add.0', 'x'], {}],
  ['add', ['y:add.1', 'z'], {}],
]);
row('becomes add', 'BiasAdd', ['x', 'b'], {}, { b: ['float32', [4]] }, [['add', ['x', 'b'], {}]]);

row('has VALID padding and default dilations', 'Conv2D', ['x', 'w'], valid, filter, [['conv2d', ['x', 'w'], window]]);
row(
  'has strides, dilations and SAME padding',
  'Conv2D',
  ['x', 'w'],
  { strides: attr.ints(1, 2, 3, 1), dilations: attr.ints(1, 4, 5, 1), padding: attr.s('SAME'), data_format: attr.s('NHWC') },
  filter,
  [['conv2d', ['x', 'w'], { ...window, stride_h: 2, stride_w: 3, dilation_h: 4, dilation_w: 5, padding: 1 }]],
);
row(
  'has explicit paddings',
  'Conv2D',
  ['x', 'w'],
  { strides: attr.ints(1, 1, 1, 1), padding: attr.s('EXPLICIT'), explicit_paddings: attr.ints(0, 0, 1, 2, 3, 4, 0, 0) },
  filter,
  [['conv2d', ['x', 'w'], { ...window, pad_top: 1, pad_bottom: 2, pad_left: 3, pad_right: 4 }]],
);
row(
  'ignores explicit paddings where the padding is not explicit',
  'Conv2D',
  ['x', 'w'],
  { ...valid, explicit_paddings: attr.ints(0, 0, 1, 1, 1, 1, 0, 0) },
  filter,
  [['conv2d', ['x', 'w'], window]],
);
row('becomes depthwise_conv2d', 'DepthwiseConv2dNative', ['x', 'w'], { strides: attr.ints(1, 2, 2, 1), padding: attr.s('SAME') }, filter, [
  ['depthwise_conv2d', ['x', 'w'], { ...window, stride_h: 2, stride_w: 2, padding: 1 }],
]);
row('without fused ops is a plain convolution', '_FusedConv2D', ['x', 'w'], valid, filter, [['conv2d', ['x', 'w'], window]]);
row('BiasAdd is an input', '_FusedConv2D', ['x', 'w', 'b'], { ...valid, fused_ops: attr.strings('BiasAdd') }, filter, [
  ['conv2d', ['x', 'w', 'b'], window],
]);
for (const [foreign, ours, attrs] of [
  ['Relu', 'relu', {}],
  ['Relu6', 'relu6', {}],
  ['Elu', 'elu', { alpha: 1 }],
  ['LeakyRelu', 'leaky_relu', { alpha: 0.5 }],
  ['Sigmoid', 'sigmoid', {}],
  ['Tanh', 'tanh', {}],
]) {
  const fused = { ...valid, fused_ops: attr.strings('BiasAdd', foreign), leakyrelu_alpha: attr.f(0.5) };
  row(`${foreign} becomes a node of its own`, '_FusedConv2D', ['x', 'w', 'b'], fused, filter, [
    ['conv2d', ['x', 'w', 'b'], window],
    [ours, ['y:conv2d.0'], attrs],
  ]);
  row(`${foreign} becomes a node of its own`, 'FusedDepthwiseConv2dNative', ['x', 'w', 'b'], fused, filter, [
    ['depthwise_conv2d', ['x', 'w', 'b'], window],
    [ours, ['y:depthwise_conv2d.0'], attrs],
  ]);
  row(`${foreign} becomes a node of its own`, '_FusedMatMul', ['x', 'w', 'b'], fused, kernel, [
    ['dense', ['x', 'w', 'b'], { transpose_b: 0 }],
    [ours, ['y:dense.0'], attrs],
  ]);
}
row(
  'Prelu takes the last input as its slope',
  '_FusedConv2D',
  ['x', 'w', 'b', 'a'],
  { ...valid, fused_ops: attr.strings('BiasAdd', 'Prelu'), num_args: attr.i(2) },
  filter,
  [
    ['conv2d', ['x', 'w', 'b'], window],
    ['prelu', ['y:conv2d.0', 'a'], {}],
  ],
);
row('an activation without a bias', '_FusedConv2D', ['x', 'w'], { ...valid, fused_ops: attr.strings('Relu') }, filter, [
  ['conv2d', ['x', 'w'], window],
  ['relu', ['y:conv2d.0'], {}],
]);
row(
  'Prelu without a bias takes the third input as its slope',
  '_FusedConv2D',
  ['x', 'w', 'a'],
  { ...valid, fused_ops: attr.strings('Prelu') },
  filter,
  [
    ['conv2d', ['x', 'w'], window],
    ['prelu', ['y:conv2d.0', 'a'], {}],
  ],
);

row('becomes dense', 'MatMul', ['x', 'w'], {}, kernel, [['dense', ['x', 'w'], { transpose_b: 0 }]]);
row('transpose_b', 'MatMul', ['x', 'w'], { transpose_b: attr.b(true), transpose_a: attr.b(false) }, kernel, [
  ['dense', ['x', 'w'], { transpose_b: 1 }],
]);

for (const [op, ours] of [
  ['MaxPool', 'max_pool2d'],
  ['AvgPool', 'avg_pool2d'],
])
  row(
    'has a kernel and strides',
    op,
    ['x'],
    { ksize: attr.ints(1, 2, 3, 1), strides: attr.ints(1, 4, 5, 1), padding: attr.s('SAME') },
    {},
    [[ours, ['x'], { ...window, kernel_h: 2, kernel_w: 3, stride_h: 4, stride_w: 5, padding: 1 }]],
  );
row('has axes', 'Mean', ['x', 'axes'], { keep_dims: attr.b(true) }, { axes: ['int32', [2], [1, -2]] }, [
  ['mean', ['x'], { axes: [1, -2], keep_dims: 1 }],
]);
row('drops dimensions unless told', 'Mean', ['x', 'axes'], {}, { axes: ['int32', [], [3]] }, [
  ['mean', ['x'], { axes: [3], keep_dims: 0 }],
]);
row('fills with 0', 'Pad', ['x', 'p'], {}, { p: ['int32', [4, 2], [0, 0, 1, 2, 3, 4, 0, 0]] }, [
  ['pad', ['x'], { paddings: [0, 0, 1, 2, 3, 4, 0, 0], value: 0 }],
]);
row('fills with a value', 'PadV2', ['x', 'p', 'v'], {}, { p: ['int32', [1, 2], [1, 1]], v: ['float32', [], [-2]] }, [
  ['pad', ['x'], { paddings: [1, 1], value: -2 }],
]);
row('takes its shape from a constant', 'Reshape', ['x', 's'], {}, { s: ['int32', [3], [1, -1, 2]] }, [
  ['reshape', ['x'], { shape: [1, -1, 2] }],
]);
row('has its axis last', 'ConcatV2', ['x', 'z', 'x', 'axis'], { N: attr.i(3) }, { axis: ['int32', [], [-1]] }, [
  ['concat', ['x', 'z', 'x'], { axis: -1 }],
]);
row('has its axis first', 'Concat', ['axis', 'x', 'z'], {}, { axis: ['int32', [], [2]] }, [['concat', ['x', 'z'], { axis: 2 }]]);
for (const [op, ours] of [
  ['ResizeBilinear', 'resize_bilinear'],
  ['ResizeNearestNeighbor', 'resize_nearest'],
]) {
  row('takes its size from a constant', op, ['x', 's'], {}, { s: ['int32', [2], [16, 24]] }, [
    [ours, ['x'], { out_h: 16, out_w: 24, align_corners: 0, half_pixel: 0 }],
  ]);
  row(
    'knows both ways to align',
    op,
    ['x', 's'],
    { align_corners: attr.b(true), half_pixel_centers: attr.b(true) },
    { s: ['int32', [2], [16, 24]] },
    [[ours, ['x'], { out_h: 16, out_w: 24, align_corners: 1, half_pixel: 1 }]],
  );
}

row('of int32 is the same op', 'Mul', ['x', 'z'], { T: attr.type('DT_INT32') }, {}, [['mul', ['x', 'z'], {}]]);
row('has its axes', 'Squeeze', ['x'], { squeeze_dims: attr.ints(0, -1) }, {}, [['squeeze', ['x'], { axes: [0, -1] }]]);
row('without axes drops all of length 1', 'Squeeze', ['x'], {}, {}, [['squeeze', ['x'], { axes: [] }]]);
row('has its axis from a constant', 'ExpandDims', ['x', 'axis'], {}, { axis: ['int32', [], [-1]] }, [['expand_dims', ['x'], { axis: -1 }]]);
row('stacks along a new axis', 'Pack', ['x', 'z'], { axis: attr.i(1), N: attr.i(2) }, {}, [
  ['expand_dims', ['x'], { axis: 1 }],
  ['expand_dims', ['z'], { axis: 1 }],
  ['concat', ['y:expand_dims.0', 'y:expand_dims.1'], { axis: 1 }],
]);
row('becomes gather_nd', 'GatherNd', ['x', 'z'], {}, {}, [['gather_nd', ['x', 'z'], {}]]);
row('has its axis from a constant', 'ArgMax', ['x', 'axis'], {}, { axis: ['int32', [], [1]] }, [['arg_max', ['x'], { axis: 1 }]]);
for (const [type, dtype] of [
  ['DT_FLOAT', 0],
  ['DT_INT32', 1],
  ['DT_INT64', 1],
  ['DT_BOOL', 2],
  ['DT_UINT8', 1],
])
  row(`to ${type}`, 'Cast', ['x'], { DstT: attr.type(type) }, {}, [['cast', ['x'], { dtype }]]);

for (const family of [layers, einsum, values, moving]) {
  for (const given of family.rows) row(...given);
  for (const given of family.refusals) refuses(...given);
  for (const given of family.several ?? []) outputs(...given);
}

test('Complex: is a pair, of which other ops take the parts', () => {
  for (const op of ['Complex', 'Real', 'Imag', 'ComplexAbs']) covered.add(op);
  const pair = [
    { name: 'c', op: 'Complex', input: ['x', 'z'] },
    { name: 'same', op: 'Identity', input: ['c'] },
  ];
  const graph = build(
    [
      ...pair,
      { name: 'i', op: 'Imag', input: ['same'] },
      { name: 'r', op: 'Real', input: ['same'] },
      { name: 'a', op: 'ComplexAbs', input: ['c'] },
    ],
    {},
    { inputs: ['x', 'z'] },
  );
  assert.deepEqual(
    graph.nodes.map(({ op, inputs, output }) => [op, inputs, output]),
    [
      ['square', ['x'], 'a:square.0'],
      ['square', ['z'], 'a:square.1'],
      ['add', ['a:square.0', 'a:square.1'], 'a:add.2'],
      ['sqrt', ['a:add.2'], 'a'],
    ],
  );
  assert.deepEqual(graph.outputs, [
    { name: 'i', value: 'z' },
    { name: 'r', value: 'x' },
    { name: 'a', value: 'a' },
  ]);
  const refused = (node, ...rest) => rejectsWith(() => build([...pair, node], {}, { inputs: ['x', 'z'] }), 'unsupported', ...rest);
  refused({ name: 'y', op: 'Mul', input: ['same', 'x'] }, /holds complex numbers/, 'y');
  refused({ name: 'y', op: 'Real', input: ['x'] }, /does not hold complex numbers/, 'y');
  refused({ name: 'y', op: 'Identity', input: ['c'] }, /complex/);
});

test('seeds: any of 64 bits gives one that is not 0, and another one each', () => {
  const seedOf = (attributes) => build([{ name: 'y', op: 'RandomUniform', input: ['x'], attr: attributes }]).nodes[0].attrs.seed;
  const seeds = [
    { seed: attr.i(1) },
    { seed2: attr.i(1) },
    { seed: attr.i(1), seed2: attr.i(1) },
    { seed: { i: '9223372036854775807' } },
    { seed: { i: -5 } },
  ].map(seedOf);
  assert.equal(new Set(seeds).size, seeds.length);
  for (const seed of seeds) assert.ok(Number.isInteger(seed) && seed !== 0 && Math.abs(seed) <= 2 ** 31);
  assert.equal(seedOf({ seed: attr.i(0), seed2: attr.i(0) }), 0);
  assert.equal(seedOf({}), 0);
});

test('constants: what follows from constants is one, so that a layer may have it as its filter', () => {
  const filterOf = (...nodes) => build([...nodes, { name: 'y', op: 'Conv2D', input: ['x', 'f'], attr: valid }], filter).nodes.at(-1).op;
  assert.equal(filterOf({ name: 'f', op: 'Mul', input: ['w', 'w'] }), 'conv2d');
  assert.equal(filterOf({ name: 'g', op: 'Neg', input: ['w'] }, { name: 'f', op: 'Identity', input: ['g'] }), 'conv2d');
  assert.equal(filterOf({ name: 'f', op: 'ZerosLike', input: ['w'] }), 'conv2d_dynamic');
  assert.equal(filterOf({ name: 'f', op: 'Mul', input: ['w', 'x'] }), 'conv2d_dynamic');
});

test('constants of ours: are shared', () => {
  const graph = build([
    { name: 'a', op: 'ZerosLike', input: ['x'] },
    { name: 'b', op: 'ZerosLike', input: ['a'] },
    { name: 'y', op: 'OnesLike', input: ['b'], attr: { T: attr.type('DT_BOOL') } },
  ]);
  assert.deepEqual(graph.constants, [
    { value: ':literal.0', dtype: 'float32', shape: [], data: Float32Array.of(0) },
    { value: ':literal.1', dtype: 'bool', shape: [], data: Uint8Array.of(1) },
  ]);
});

test('PlaceholderWithDefault: is its default, also where the signature calls it an input', () => {
  const { topology, weights, constants } = makeGraph(
    [
      { name: 'p', op: 'PlaceholderWithDefault', input: ['d'] },
      { name: 'y', op: 'Add', input: ['x', 'p'] },
    ],
    { d: ['float32', [4]] },
  );
  const signature = { inputs: { a: { name: 'p:0' }, b: { name: 'x:0' } }, outputs: { a: { name: 'y:0' } } };
  const graph = parseGraph({ modelTopology: topology, signature }, weights, constants);
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ['x'],
  );
  assert.deepEqual(graph.nodes[0].inputs, ['x', 'd']);
});

const LISTS = [
  'arithmetic',
  'basic_math',
  'convolution',
  'creation',
  'image',
  'logical',
  'matrices',
  'normalization',
  'reduction',
  'slice_join',
  'transformation',
];
for (const list of LISTS)
  test(`op list ${list} of tfjs-converter: every op has a row`, async () => {
    const { json } = await import(`../../node_modules/@tensorflow/tfjs-converter/dist/operations/op_list/${list}.js`);
    assert.ok(json.length > 3);
    assert.deepEqual(
      json.map(({ tfOpName }) => tfOpName).filter((op) => !tfjsGraphOps.has(op)),
      [],
    );
  });

test('IdentityN: output i is input i', () => {
  covered.add('IdentityN');
  const graph = build(
    [
      { name: 'n', op: 'IdentityN', input: ['x', 'c', 'z'] },
      { name: 'y', op: 'Add', input: ['n:2', 'n:1'] },
    ],
    { c: ['float32', [4]] },
    { inputs: ['x', 'z'] },
  );
  assert.deepEqual(
    graph.nodes.map(({ op, inputs, output }) => [op, inputs, output]),
    [
      ['identity', ['x'], 'n'],
      ['identity', ['z'], 'n:2'],
      ['add', ['n:2', 'c'], 'y'],
    ],
  );
});

test('Identity: of a constant is the constant', () => {
  const graph = build(
    [
      { name: 'r', op: 'Identity', input: ['w'] },
      { name: 'q', op: 'StopGradient', input: ['r:0'] },
      { name: 'y', op: 'Conv2D', input: ['x', 'q'], attr: valid },
    ],
    filter,
  );
  assert.deepEqual(
    graph.nodes.map(({ op, inputs }) => [op, inputs]),
    [['conv2d', ['x', 'w']]],
  );
  assert.deepEqual(graph.weights, [{ value: 'w', weight: 0 }]);
});

test('every op: its name and attributes stand in src/ops.def', () => {
  const text = readFileSync(new URL('../../src/ops.def', import.meta.url), 'utf8').replaceAll('\\\n', ' ');
  const names = (attributes) => [...attributes.matchAll(/\b(?:I32|F32|I32S)\((\w+)\)/g)].map(([, name]) => name);
  const shared = [...text.matchAll(/^#define ([A-Z0-9_]+) (.*)$/gm)].map(([, name, attributes]) => [
    new RegExp(`\\b${name}\\b`),
    names(attributes),
  ]);
  const known = new Map();
  for (const [, op, attributes] of text.matchAll(/^XJ_OP\( *(\w+),(.*)\)$/gm)) {
    const macros = shared.filter(([name]) => name.test(attributes)).flatMap(([, list]) => list);
    known.set(op, new Set([...names(attributes), ...macros]));
  }
  assert.ok(known.size > 30 && known.get('max_pool2d').size === 11 && known.get('conv3d').has('pad_front'));
  for (const [foreign, { op }] of tfjsGraphOps) assert.ok(op === undefined || known.has(op), `${foreign} → ${op}`);
  for (const [op, , attrs] of emitted) for (const name of Object.keys(attrs)) assert.ok(known.get(op)?.has(name), `${op} has no ${name}`);
  assert.ok(emitted.length > 80);
});

after(() =>
  assert.deepEqual(
    [...tfjsGraphOps.keys()].filter((op) => !covered.has(op)),
    [],
    'every row has a case',
  ),
);

refuses(
  'a data format that does not exist',
  'Conv2D',
  ['x', 'w'],
  { ...valid, data_format: attr.s('NHCW') },
  filter,
  'bad-model',
  /data_format/,
);
refuses(
  'strides over the batch',
  'Conv2D',
  ['x', 'w'],
  { ...valid, strides: attr.ints(2, 1, 1, 1) },
  filter,
  'unsupported',
  /strides \[2,1,1,1\]/,
);
refuses(
  'dilations over channels',
  'Conv2D',
  ['x', 'w'],
  { ...valid, dilations: attr.ints(1, 1, 1, 2) },
  filter,
  'unsupported',
  /dilations/,
);
refuses('a stride of 0', 'Conv2D', ['x', 'w'], { ...valid, strides: attr.ints(1, 0, 1, 1) }, filter, 'bad-model', /positive/);
refuses('three strides', 'Conv2D', ['x', 'w'], { ...valid, strides: attr.ints(1, 1, 1) }, filter, 'bad-model', /3 values, not 4/);
refuses('no strides', 'Conv2D', ['x', 'w'], { padding: attr.s('SAME') }, filter, 'bad-model', /no strides/);
refuses('no padding', 'Conv2D', ['x', 'w'], { strides: attr.ints(1, 1, 1, 1) }, filter, 'bad-model', /padding/);
refuses(
  'a stride beyond int32',
  'Conv2D',
  ['x', 'w'],
  { ...valid, strides: attr.ints(1, 2 ** 31, 1, 1) },
  filter,
  'bad-model',
  /out of range: "2147483648"/,
);
refuses(
  'a fractional stride',
  'Conv2D',
  ['x', 'w'],
  { ...valid, strides: { list: { i: [1, 1.5, 1, 1] } } },
  filter,
  'bad-model',
  /no integer: 1.5/,
);
refuses('strides of the wrong type', 'Conv2D', ['x', 'w'], { ...valid, strides: attr.s('1111') }, filter, 'bad-model', /strides/);
refuses(
  'negative explicit paddings',
  'Conv2D',
  ['x', 'w'],
  { ...valid, padding: attr.s('EXPLICIT'), explicit_paddings: attr.ints(0, 0, -1, 0, 0, 0, 0, 0) },
  filter,
  'bad-model',
  /explicit_paddings/,
);
refuses(
  'explicit paddings of channels',
  'Conv2D',
  ['x', 'w'],
  { ...valid, padding: attr.s('EXPLICIT'), explicit_paddings: attr.ints(0, 0, 0, 0, 0, 0, 1, 0) },
  filter,
  'unsupported',
  /channels/,
);
refuses('one input', 'Conv2D', ['x'], valid, filter, 'bad-model', /has 1 inputs, needs 2/);
refuses('strings', 'Add', ['x', 'z'], { T: attr.type('DT_STRING') }, {}, 'unsupported', /STRING/);
refuses('a complex result', 'Cast', ['x'], { DstT: attr.type('DT_COMPLEX64') }, {}, 'unsupported', /COMPLEX64/);
refuses('no outputs', 'Unpack', ['x'], { axis: attr.i(0) }, {}, 'bad-model', /0 outputs/);
refuses('a type that does not exist', 'Add', ['x', 'z'], { T: attr.type('DT_FLAOT') }, {}, 'bad-model', /DT_FLAOT/);
refuses(
  'fused batch norm',
  '_FusedConv2D',
  ['x', 'w', 'b'],
  { ...valid, fused_ops: attr.strings('FusedBatchNorm') },
  filter,
  'unsupported',
  /FusedBatchNorm/,
);
refuses('a missing bias', '_FusedConv2D', ['x', 'w'], { ...valid, fused_ops: attr.strings('BiasAdd') }, filter, 'bad-model', /needs 3/);
refuses(
  'a missing slope',
  '_FusedConv2D',
  ['x', 'w', 'b'],
  { ...valid, fused_ops: attr.strings('BiasAdd', 'Prelu') },
  filter,
  'bad-model',
  /needs 4/,
);
refuses('a flag that is a number', 'MatMul', ['x', 'w'], { transpose_b: { b: 1 } }, kernel, 'bad-model', /true nor false/);
refuses('two free dimensions', 'Reshape', ['x', 's'], {}, { s: ['int32', [2], [-1, -1]] }, 'bad-model', /-1,-1/);
refuses('a dimension of -2', 'Reshape', ['x', 's'], {}, { s: ['int32', [1], [-2]] }, 'bad-model', /-2/);
refuses('a shape of floats', 'Reshape', ['x', 's'], {}, { s: ['float32', [1], [1]] }, 'bad-model', /no integers/);
refuses('17 dimensions', 'Reshape', ['x', 's'], {}, { s: ['int32', [17], Array(17).fill(1)] }, 'unsupported', /17 values/);
refuses('negative paddings', 'Pad', ['x', 's'], {}, { s: ['int32', [1, 2], [-1, 0]] }, 'bad-model', /negative/);
refuses('a flat list of paddings', 'Pad', ['x', 's'], {}, { s: ['int32', [2], [1, 0]] }, 'bad-model', /\[rank,2\]/);
refuses(
  'a padding value per element',
  'PadV2',
  ['x', 'p', 'v'],
  {},
  { p: ['int32', [1, 2], [1, 1]], v: ['float32', [2], [1, 2]] },
  'unsupported',
  /2 values/,
);
refuses('two axes', 'ConcatV2', ['x', 'z', 's'], {}, { s: ['int32', [2], [1, 1]] }, 'bad-model', /the axis: needs one, has 2/);
refuses('an axis that is computed', 'ExpandDims', ['x', 'z'], {}, {}, 'unsupported', /input 1 \("z"\) is computed at run time/);
refuses('an axis whose values are not at hand', 'ExpandDims', ['x', 's'], {}, { s: ['int32', [2000]] }, 'unsupported', /too large/);
refuses('an op of strings', 'StringJoin', ['x', 'z'], {}, {}, 'unsupported', /StringJoin/);
refuses('an empty size', 'ResizeBilinear', ['x', 's'], {}, { s: ['int32', [2], [0, 4]] }, 'bad-model', /resize to \[0,4\]/);
refuses('a string constant as a tensor', 'Add', ['x', 's'], {}, { s: ['string', [1]] }, 'unsupported', /string/);
refuses('a string constant as an attribute', 'Reshape', ['x', 's'], {}, { s: ['string', [1]] }, 'bad-model', /string/);

test('attributes: all spellings mean the same', () => {
  const spellings = [
    { strides: attr.ints(1, 2, 2, 1), padding: attr.s('SAME'), T: attr.type('DT_FLOAT') },
    { strides: { list: { i: [1, 2, 2, 1] } }, padding: { s: [83, 65, 77, 69] }, T: { type: 1 } },
    {
      strides: { list: { i: ['1', 2, '2', 1], f: [] } },
      padding: { s: Uint8Array.from([115, 97, 109, 101]) },
      T: { type: '1' },
      dilations: null,
      data_format: {},
    },
  ];
  const built = spellings.map((attributes) => build([{ name: 'y', op: 'Conv2D', input: ['x', 'w'], attr: attributes }], filter).nodes);
  assert.deepEqual(built[0][0].attrs, { ...window, stride_h: 2, stride_w: 2, padding: 1 });
  assert.deepEqual(built[1], built[0]);
  assert.deepEqual(built[2], built[0]);
  const alphas = [{ f: 0.5 }, { f: '0.5' }].map(
    (alpha) => build([{ name: 'y', op: 'LeakyRelu', input: ['x'], attr: { alpha } }]).nodes[0].attrs.alpha,
  );
  assert.deepEqual(alphas, [0.5, 0.5]);
  rejectsWith(() => build([{ name: 'y', op: 'LeakyRelu', input: ['x'], attr: { alpha: { f: 'half' } } }]), 'bad-model', /alpha/, 'y');
});
