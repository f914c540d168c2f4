// TensorFlow Lite files: names, shapes, constants, structure. Expected from what the test itself writes; real files against
// the flatbuffers package's own reader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import { mediapipeModels } from '../../demo/assets/mediapipe.js';
import { decodeWeight } from '../../js/load/tfjs-manifest.js';
import { readTflite } from '../../js/load/tflite/file.js';
import { parseTflite } from '../../js/load/tflite.js';
import { writeTflite } from '../support/tflite-writer.js';
import { rejectsWith, smallConstants } from './helpers.js';

/** x → RELU → y, and what else a test wants. */
const simple = (more = {}) => ({
  tensors: [
    { name: 'x', shape: [2, 3] },
    { name: 'y', shape: [2, 3] },
  ],
  operators: [{ op: 'RELU', inputs: [0], outputs: [1] }],
  inputs: [0],
  outputs: [1],
  ...more,
});
const constantOf = (tensor, op = 'MUL', more = {}) => ({
  tensors: [
    { name: 'x', shape: [4] },
    { name: 'c', shape: [4], ...tensor },
    { name: 'y', shape: [4] },
  ],
  operators: [{ op, inputs: ['x', 'c'], outputs: ['y'] }],
  inputs: ['x'],
  outputs: ['y'],
  ...more,
});

function parse(model, options = {}) {
  const { topology, weights, sources } = readTflite(writeTflite(model));
  const all = sources.map((source) => source());
  for (const [i, bytes] of all.entries()) assert.equal(bytes.length, weights[i].byteLength, weights[i].name);
  return { ...parseTflite(topology, weights, smallConstants(weights, all), options), specs: weights, bytes: all };
}

/** The weights of a model, as compile.js decodes them. */
function weightsOf(model) {
  const { specs, bytes } = parse(model);
  return new Map(specs.map((spec, i) => [spec.name, { ...spec, values: [...decodeWeight(spec, bytes[i])] }]));
}

// ---- inputs and outputs ----

test('inputs: have names, types and shapes', () => {
  const types = { FLOAT32: 'float32', FLOAT16: 'float32', INT32: 'int32', INT64: 'int32', BOOL: 'bool', UINT8: 'uint8', INT8: 'int8' };
  const names = Object.keys(types);
  const tensors = names.map((type, i) => ({ name: type.toLowerCase(), type, shape: [i + 1, 3] }));
  const graph = parse(simple({ tensors: [...simple().tensors, ...tensors], inputs: ['x', ...tensors.map(({ name }) => name)] }));
  assert.deepEqual(graph.inputs, [
    { name: 'x', dtype: 'float32', shape: [2, 3] },
    ...tensors.map(({ name, type, shape }) => ({ name, dtype: types[type], shape })),
  ]);
  assert.deepEqual(graph.outputs, [{ name: 'y', value: 'y:relu' }]);
});

test('inputs: of another type are unsupported', () => {
  for (const type of ['STRING', 'INT16', 'COMPLEX64', 'UINT64', 'RESOURCE'])
    rejectsWith(
      () => parse(simple({ tensors: [{ name: 'x', shape: [1], type }, { name: 'y' }] })),
      'unsupported',
      new RegExp(`input "x": inputs of type ${type}`),
      'x',
    );
});

test('inputs: dimensions of the signature that are -1 are free', () => {
  const shaped = (shapeSignature) =>
    parse(simple({ tensors: [{ name: 'x', shape: [1, 4], shapeSignature }, { name: 'y' }] })).inputs[0].shape;
  assert.deepEqual(shaped([-1, 4]), [-1, 4]);
  assert.deepEqual(shaped([-1, -1]), [-1, -1]);
  assert.deepEqual(shaped(undefined), [1, 4]);
  assert.deepEqual(shaped([-1]), [1, 4]); // of another rank it says nothing
  assert.deepEqual(shaped([-2, 4]), [1, 4]);
});

test('quantised inputs and outputs say what their numbers mean', () => {
  const quantization = { scale: [0.5], zeroPoint: [3] };
  const graph = parse(
    simple({
      tensors: [
        { name: 'x', shape: [2], type: 'INT8', quantization },
        { name: 'y', shape: [2], type: 'INT8', quantization: { scale: [0.25] } },
      ],
    }),
  );
  assert.deepEqual(graph.inputs, [{ name: 'x', dtype: 'int8', shape: [2], quantization: { scale: 0.5, zeroPoint: 3 } }]);
  assert.deepEqual(graph.outputs[0].quantization, { scale: 0.25, zeroPoint: 0 });
});

test('names: inputs and outputs keep theirs, others of the same name do not', () => {
  const graph = parse({
    tensors: [{ name: 'a', shape: [1] }, { name: 'a', shape: [1] }, { name: 'a', shape: [1] }, { shape: [1] }],
    operators: [
      { op: 'RELU', inputs: [2], outputs: [0] },
      { op: 'ABS', inputs: [0], outputs: [1] },
      { op: 'NEG', inputs: [0], outputs: [3] },
    ],
    inputs: [2],
    outputs: [1, 3],
  });
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ['a'],
  );
  assert.deepEqual(
    graph.outputs.map(({ name }) => name),
    ['a#1', 'tensor 3'],
  );
  assert.deepEqual(graph.nodes[0].inputs, ['a']);
});

test('names: __proto__ and constructor are names like others', () => {
  const graph = parse({
    tensors: [
      { name: '__proto__', shape: [1] },
      { name: 'constructor', shape: [1], data: Float32Array.of(1) },
      { name: 'hasOwnProperty', shape: [1] },
    ],
    operators: [{ op: 'ADD', inputs: [0, 1], outputs: [2] }],
    inputs: [0],
    outputs: [2],
  });
  assert.deepEqual(graph.nodes[0].inputs, ['__proto__', 'constructor']);
  assert.equal(graph.outputs[0].name, 'hasOwnProperty');
});

test('outputs: any tensor can be one; operators that no output needs are left out', () => {
  const model = {
    tensors: ['x', 'a', 'b', 'c'].map((name) => ({ name, shape: [2] })),
    operators: [
      { op: 'RELU', inputs: ['x'], outputs: ['a'] },
      { op: 'WHERE', inputs: ['x'], outputs: ['b'] },
      { op: 'ABS', inputs: ['a'], outputs: ['c'] },
    ],
    inputs: ['x'],
    outputs: ['b', 'c'],
  };
  rejectsWith(() => parse(model), 'unsupported', /WHERE \(node "b"\)/, 'b');
  const graph = parse(model, { outputs: ['c', 'a', 'c'] });
  assert.deepEqual(
    graph.outputs.map(({ name }) => name),
    ['c', 'a'],
  );
  assert.deepEqual(
    graph.nodes.map(({ op }) => op),
    ['relu', 'abs'],
  );
  assert.deepEqual(parse(model, { outputs: ['x'] }).outputs, [{ name: 'x', value: 'x' }]);
  rejectsWith(() => parse(model, { outputs: ['nothing'] }), 'misuse', /no tensor "nothing"/);
  rejectsWith(() => parse(model, { outputs: [] }), 'misuse', /outputs/);
  rejectsWith(() => parse({ ...model, outputs: [] }), 'bad-model', /no outputs/);
});

test('unsupported ops: all are named, each once', () => {
  const operators = ['WHERE', 'UNIQUE', 'WHERE', 'LSTM', 'RNN', 'SVDF', 'RFFT2D'].map((op, i) => ({ op, inputs: [0], outputs: [i + 1] }));
  const tensors = Array.from({ length: 8 }, (_, i) => ({ name: `t${i}`, shape: [1] }));
  rejectsWith(
    () => parse({ tensors, operators, inputs: [0], outputs: [1, 2, 3, 4, 5, 6, 7] }),
    'unsupported',
    /^unsupported ops: WHERE \(node "t1"\), UNIQUE \(node "t2"\), LSTM \(node "t4"\), RNN \(node "t5"\), SVDF \(node "t6"\) and 1 more$/,
    't1',
  );
});

test('subgraphs: the first one is the model', () => {
  const graph = parse(simple({ more: [simple({ operators: [{ op: 'WHERE', inputs: [0], outputs: [1] }] })] }));
  assert.equal(graph.nodes.length, 1);
});

// ---- constants ----

test('float32: bytes are views of the file', () => {
  const file = writeTflite(constantOf({ data: Float32Array.of(1, 2, 3, 4) }));
  const { weights, sources } = readTflite(file);
  assert.deepEqual(weights, [{ name: 'c', dtype: 'float32', shape: [4], storage: { dtype: 'float32' }, byteLength: 16 }]);
  const bytes = sources[0]();
  assert.equal(bytes.buffer, file.buffer);
  assert.deepEqual([...new Float32Array(bytes.slice().buffer)], [1, 2, 3, 4]);
});

test('float16: stays small, means float32', () => {
  const c = weightsOf(constantOf({ type: 'FLOAT16', data: Uint16Array.of(0x3c00, 0xc000, 0x3555, 0) })).get('c');
  assert.deepEqual([c.dtype, c.storage, c.byteLength], ['float32', { dtype: 'float16' }, 8]);
  assert.deepEqual(c.values, [1, -2, Math.fround(0.333251953125), 0]);
});

test('float64 and bfloat16: become float32', () => {
  const double = weightsOf(constantOf({ type: 'FLOAT64', data: Float64Array.of(0.1, -2, 3e300, 4) })).get('c');
  assert.deepEqual(double.values, [Math.fround(0.1), -2, Infinity, 4]);
  const brain = weightsOf(constantOf({ type: 'BFLOAT16', data: Uint16Array.of(0x3f80, 0xc000, 0x3eab, 0) })).get('c');
  assert.deepEqual(brain.values, [1, -2, 0.333984375, 0]);
  assert.equal(brain.storage.dtype, 'float32');
});

test('int64: becomes int32', () => {
  const c = weightsOf(constantOf({ type: 'INT64', data: BigInt64Array.of(1n, -1n, 2147483647n, -2147483648n) })).get('c');
  assert.deepEqual([c.dtype, c.storage, c.byteLength], ['int32', { dtype: 'int32' }, 16]);
  assert.deepEqual(c.values, [1, -1, 2147483647, -2147483648]);
});

for (const value of [2147483648n, -2147483649n, 1n << 40n])
  test(`int64: ${value} is unsupported`, () =>
    rejectsWith(
      () => parse(constantOf({ type: 'INT64', data: BigInt64Array.of(1n, value, 0n, 0n) })),
      'unsupported',
      /tensor "c": element 1 of int64 does not fit into int32/,
      'c',
    ));

test('int32, bool and 8-bit numbers without a scale: are what they are', () => {
  const where = (type, data) => weightsOf(constantOf({ type, data }, 'GATHER')).get('c');
  assert.deepEqual(where('INT32', Int32Array.of(1, -2, 3, 4)).values, [1, -2, 3, 4]);
  assert.deepEqual(where('BOOL', Uint8Array.of(0, 1, 2, 255)).values, [0, 1, 1, 1]);
  assert.deepEqual(
    [where('UINT8', Uint8Array.of(0, 1, 2, 255)).values, where('UINT8', new Uint8Array(4)).dtype],
    [[0, 1, 2, 255], 'uint8'],
  );
  assert.deepEqual([where('INT8', Int8Array.of(0, 1, -2, -128)).values, where('INT8', new Int8Array(4)).dtype], [[0, 1, -2, -128], 'int8']);
});

test('int8 of float operators: is stored as it is and means float32', () => {
  const c = weightsOf(
    constantOf({ type: 'INT8', data: Int8Array.of(0, 1, -2, -128), quantization: { scale: [0.5], zeroPoint: [-4] } }),
  ).get('c:float');
  assert.deepEqual([c.dtype, c.storage, c.byteLength], ['float32', { dtype: 'int8', scale: 0.5, min: 2 }, 4]);
  assert.deepEqual(c.values, [2, 2.5, 1, -62]);
  const u = weightsOf(
    constantOf({ type: 'UINT8', data: Uint8Array.of(0, 1, 128, 255), quantization: { scale: [0.5], zeroPoint: [128] } }),
  ).get('c:float');
  assert.deepEqual([u.storage, u.values], [{ dtype: 'uint8', scale: 0.5, min: -64 }, [-64, -63.5, 0, 63.5]]);
});

test('int4: two in a byte, the first one in the lower half', () => {
  const quantization = { scale: [1], zeroPoint: [0] };
  const c = weightsOf(constantOf({ type: 'INT4', shape: [5], data: Uint8Array.of(0x21, 0xf8, 0x07), quantization })).get('c:float');
  assert.deepEqual([c.byteLength, c.values], [5, [1, 2, -8, -1, 7]]);
});

test('scales of channels: are a weight of their own, a view of the file', () => {
  const file = writeTflite(
    constantOf({
      type: 'INT8',
      shape: [2, 2],
      data: Int8Array.of(1, 2, 3, 4),
      quantization: { scale: [0.5, 0.25], zeroPoint: [0, 0], axis: 1 },
    }),
  );
  const { topology, weights, sources } = readTflite(file);
  assert.deepEqual(
    weights.map(({ name }) => name),
    ['c:float', 'c:scale'],
  );
  const bytes = sources[1]();
  assert.equal(bytes.buffer, file.buffer);
  assert.deepEqual([...new Float32Array(bytes.slice().buffer)], [0.5, 0.25]);
  assert.deepEqual(topology.tensors[1].quantization, { scales: [0.5, 0.25], zeroPoints: [0, 0], axis: 1 });
});

test('a constant that is used as int8 and as float32 is two weights', () => {
  const quantization = { scale: [0.5], zeroPoint: [0] };
  const { specs, nodes } = parse({
    tensors: [
      { name: 'x', shape: [4] },
      { name: 'q', shape: [4], type: 'INT8', quantization },
      { name: 'c', shape: [4], type: 'INT8', data: Int8Array.of(1, 2, 3, 4), quantization },
      { name: 'y', shape: [4] },
      { name: 'z', shape: [4], type: 'INT8', quantization },
    ],
    operators: [
      { op: 'ADD', inputs: ['x', 'c'], outputs: ['y'] },
      { op: 'ADD', inputs: ['q', 'c'], outputs: ['z'] },
    ],
    inputs: ['x', 'q'],
    outputs: ['y', 'z'],
  });
  assert.deepEqual(
    specs.map(({ name, dtype }) => [name, dtype]),
    [
      ['c:float', 'float32'],
      ['c', 'int8'],
    ],
  );
  assert.deepEqual(
    nodes.map(({ op, inputs }) => [op, inputs]),
    [
      ['add', ['x', 'c:float']],
      ['q_add', ['q', 'c']],
    ],
  );
});

test('a constant may be an output, and tensors may share a buffer', () => {
  const { specs, outputs, bytes } = parse({
    tensors: [
      { name: 'x', shape: [2] },
      { name: 'a', shape: [2], buffer: 1 },
      { name: 'b', shape: [2, 1], buffer: 1 },
      { name: 'y', shape: [2] },
    ],
    buffers: [Float32Array.of(5, 6)],
    operators: [{ op: 'ADD', inputs: ['x', 'a'], outputs: ['y'] }],
    inputs: ['x'],
    outputs: ['y', 'b'],
  });
  assert.deepEqual(
    specs.map(({ name, shape }) => [name, shape]),
    [
      ['a', [2]],
      ['b', [2, 1]],
    ],
  );
  assert.deepEqual(bytes[0], bytes[1]);
  assert.deepEqual(outputs[1], { name: 'b', value: 'b' });
});

test('a tensor without elements that nothing computes is a constant', () => {
  const graph = parse({
    tensors: [
      { name: 'x', shape: [2] },
      { name: 'e', shape: [0] },
      { name: 'y', shape: [2] },
    ],
    operators: [{ op: 'CONCATENATION', inputs: ['x', 'e'], outputs: ['y'] }],
    inputs: ['x'],
    outputs: ['y'],
  });
  assert.deepEqual(graph.specs, [{ name: 'e', dtype: 'float32', shape: [0], storage: { dtype: 'float32' }, byteLength: 0 }]);
  assert.deepEqual(graph.nodes[0].inputs, ['x', 'e']);
});

test('data outside of the flatbuffer is found', () => {
  const model = constantOf({ data: Float32Array.of(1, 2, 3, 4) });
  assert.deepEqual(weightsOf({ ...model, external: true }).get('c').values, [1, 2, 3, 4]);
  const file = writeTflite({ ...model, external: true });
  rejectsWith(() => readTflite(file.subarray(0, file.length - 1)), 'bad-model', /buffers\[1\]: 16 bytes from \d+ on, but the file has \d+/);
});

// ---- sparse constants ----

/** DENSIFY of a sparse constant; its dense values. */
function densify(shape, sparsity, data, type = 'FLOAT32') {
  const { specs, bytes, nodes } = parse({
    tensors: [
      { name: 'x', shape },
      { name: 's', shape, type, data, sparsity },
      { name: 'd', shape, type },
      { name: 'y', shape },
    ],
    operators: [
      { op: 'DENSIFY', inputs: ['s'], outputs: ['d'] },
      { op: 'ADD', inputs: ['x', 'd'], outputs: ['y'] },
    ],
    inputs: ['x'],
    outputs: ['y'],
  });
  assert.deepEqual(
    nodes.map(({ op, inputs }) => [op, inputs]),
    [['add', ['x', 's']]],
  );
  return [...decodeWeight(specs[0], bytes[0])];
}

// Rows of
//   1 0 0 2
//   0 0 0 0
//   0 3 4 0
const matrix = [1, 0, 0, 2, 0, 0, 0, 0, 0, 3, 4, 0];
const rows = { segments: [0, 2, 2, 4], indices: [0, 3, 1, 2] };

test('sparse: rows of indices, of any width', () => {
  for (const bits of [32, 16, 8])
    assert.deepEqual(densify([3, 4], { order: [0, 1], levels: [{ size: 3 }, { ...rows, bits }] }, Float32Array.of(1, 2, 3, 4)), matrix);
  assert.deepEqual(
    densify([3, 4], { order: [0, 1], levels: [{ size: 3 }, rows] }, Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400), 'FLOAT16'),
    matrix,
  );
});

test('sparse: columns first', () => {
  const columns = { segments: [0, 1, 2, 3, 4], indices: [0, 2, 2, 0] };
  assert.deepEqual(densify([3, 4], { order: [1, 0], levels: [{ size: 4 }, columns] }, Float32Array.of(1, 3, 4, 2)), matrix);
});

test('sparse: blocks', () => {
  // Blocks of 2 × 2 of a 4 × 4 matrix, the second and the third of them: as in the schema's description.
  const levels = [{ size: 2 }, { segments: [0, 1, 2], indices: [1, 0] }, { size: 2 }, { size: 2 }];
  assert.deepEqual(
    densify([4, 4], { order: [0, 1, 2, 3], blockMap: [0, 1], levels }, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
    [0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0, 0],
  );
});

test('sparse: both dimensions are lists', () => {
  const levels = [
    { segments: [0, 2], indices: [0, 2] },
    { segments: [0, 2, 4], indices: [0, 3, 1, 2] },
  ];
  assert.deepEqual(densify([3, 4], { order: [0, 1], levels }, Float32Array.of(1, 2, 3, 4)), matrix);
});

for (const [what, sparsity, message] of [
  ['an order that is none', { order: [0, 0], levels: [{ size: 3 }, rows] }, /the order \[0,0\] is none/],
  ['a block before its dimension', { order: [2, 1, 0], blockMap: [0], levels: [{ size: 3 }, rows, { size: 1 }] }, /the order/],
  ['too few levels', { order: [0, 1], levels: [{ size: 3 }] }, /2 dimensions to go through, 1 described/],
  [
    'a block that does not divide',
    { order: [0, 1, 2], blockMap: [0], levels: [{ size: 3 }, rows, { size: 2 }] },
    /blocks of 2 in dimension 0/,
  ],
  [
    'a block of a dimension that is not there',
    { order: [0, 1, 2], blockMap: [2], levels: [{ size: 3 }, rows, { size: 1 }] },
    /blocks of \[2\]/,
  ],
  ['another size', { order: [0, 1], levels: [{ size: 4 }, rows] }, /dimension 0 has 4 entries instead of 3/],
  [
    'segments that are too few',
    { order: [0, 1], levels: [{ size: 3 }, { ...rows, segments: [0, 2, 4] }] },
    /3 segments of 4 indices for 3 nodes/,
  ],
  ['segments that go back', { order: [0, 1], levels: [{ size: 3 }, { ...rows, segments: [0, 3, 2, 4] }] }, /segment 1 of dimension 1 ends/],
  ['segments that end too early', { order: [0, 1], levels: [{ size: 3 }, { ...rows, segments: [0, 2, 2, 3] }] }, /segments/],
  ['an index outside', { order: [0, 1], levels: [{ size: 3 }, { ...rows, indices: [0, 4, 1, 2] }] }, /index 4 in dimension 1 of 4/],
  ['an index below 0', { order: [0, 1], levels: [{ size: 3 }, { ...rows, indices: [0, -1, 1, 2] }] }, /index -1/],
  ['more leaves than values', { order: [0, 1], levels: [{ size: 3 }, { size: 4 }] }, /has 16 bytes for 12 elements of 32 bits/],
])
  test(`sparse: ${what} is a bad model`, () =>
    rejectsWith(() => densify([3, 4], sparsity, Float32Array.of(1, 2, 3, 4)), 'bad-model', message, 's'));

// ---- what is broken ----

for (const [what, model, message, node] of [
  [
    'a constant with too few bytes',
    constantOf({ data: Float32Array.of(1, 2, 3) }),
    /tensor "c" of shape \[4\] needs 16 bytes, its buffer has 12/,
    'c',
  ],
  ['a constant with too many bytes', constantOf({ type: 'INT8', data: new Int8Array(5) }), /needs 4 bytes, its buffer has 5/, 'c'],
  ['a dimension below 0', simple({ tensors: [{ name: 'x', shape: [-1] }, { name: 'y' }] }), /tensor "x": shape \[-1\]/, 'x'],
  [
    'a constant of more elements than can be',
    constantOf({ shape: [65536, 65536], data: new Float32Array(4) }),
    /constant "c" has shape \[65536,65536\]/,
    'c',
  ],
  ['a tensor that no operator computes', constantOf({}), /node "y" \(MUL\): tensor "c" is used before an operator computes it/, 'y'],
  [
    'an operator before the one that it needs',
    {
      ...simple(),
      tensors: [...simple().tensors, { name: 'z' }],
      operators: [{ op: 'ABS', inputs: [1], outputs: [2] }, ...simple().operators],
      outputs: [2],
    },
    /node "z" \(ABS\): tensor "y" is used before/,
    'z',
  ],
  ['an operator that needs itself', simple({ operators: [{ op: 'RELU', inputs: [1], outputs: [1] }] }), /tensor "y" is used before/, 'y'],
  [
    'a tensor that is computed twice',
    simple({ operators: [...simple().operators, ...simple().operators] }),
    /tensor "y" has a value already/,
    'y',
  ],
  ['an input that is computed', simple({ operators: [{ op: 'RELU', inputs: [0], outputs: [0] }] }), /tensor "x" has a value already/, 'x'],
  [
    'a constant that is computed',
    constantOf({ data: new Float32Array(4) }, 'MUL', { operators: [{ op: 'RELU', inputs: ['x'], outputs: ['c'] }] }),
    /"c" has a value already/,
    'c',
  ],
  ['an input that is a constant', constantOf({ data: new Float32Array(4) }, 'MUL', { inputs: ['x', 'c'] }), /input "c" is a constant/, 'c'],
  ['an input that is no tensor', simple({ inputs: [2] }), /the inputs: there is no tensor 2 among 2/],
  ['an output that is no tensor', simple({ outputs: [-1] }), /the outputs: there is no tensor -1/],
  [
    'an operand that is no tensor',
    simple({ operators: [{ op: 'RELU', inputs: [9], outputs: [1] }] }),
    /operators\[0\]\.inputs: there is no tensor 9/,
  ],
  [
    'a result that is absent',
    simple({ operators: [{ op: 'RELU', inputs: [0], outputs: [-1] }] }),
    /operators\[0\]\.outputs: there is no tensor -1/,
  ],
  [
    'a buffer that does not exist',
    simple({ tensors: [{ name: 'x', shape: [1], buffer: 7 }, { name: 'y' }] }),
    /tensors\[0\]\.buffer: there is no buffer 7/,
  ],
  [
    'a type that does not exist',
    simple({ tensors: [{ name: 'x', shape: [1], type: 19 }, { name: 'y' }] }),
    /tensors\[0\] \("x"\): unknown type/,
  ],
  [
    'scales that are too few',
    constantOf({ type: 'INT8', data: new Int8Array(4), quantization: { scale: [1, 2], zeroPoint: [0, 0] } }),
    /tensor "c" of shape \[4\]: 2 scales for axis 0/,
    'c',
  ],
  [
    'zero points that are too few',
    constantOf({ type: 'INT8', data: new Int8Array(4), quantization: { scale: [1, 2, 3, 4], zeroPoint: [0, 0] } }),
    /4 scales, but 2 zero points/,
    'c',
  ],
  [
    'an axis that does not exist',
    constantOf({ type: 'INT8', data: new Int8Array(4), quantization: { scale: [1, 2, 3, 4], axis: 1 } }),
    /4 scales for axis 1/,
    'c',
  ],
  ['a scale below 0', constantOf({ type: 'INT8', data: new Int8Array(4), quantization: { scale: [-1] } }), /a scale of -1/, 'c'],
  [
    'a scale that is no number',
    constantOf({ type: 'INT8', data: new Int8Array(4), quantization: { scale: [NaN] } }),
    /a scale of NaN/,
    'c',
  ],
  [
    'a zero point beyond int8',
    constantOf({ type: 'INT8', data: new Int8Array(4), quantization: { scale: [1], zeroPoint: [128] } }),
    /zero point 128 does not fit into INT8/,
    'c',
  ],
])
  test(`structure: ${what} is a bad model`, () => rejectsWith(() => parse(model), 'bad-model', message, node));

test('structure: another version is unsupported, another identifier a bad model', () => {
  rejectsWith(() => parse(simple({ version: 2 })), 'unsupported', /version 2 of TensorFlow Lite's format/);
  rejectsWith(() => parse(simple({ identifier: 'TFL2' })), 'bad-model', /no TensorFlow Lite model: "TFL3" is missing/);
  rejectsWith(() => readTflite(new TextEncoder().encode('<!DOCTYPE html>')), 'bad-model', /looks like a web page/);
  rejectsWith(() => readTflite(new Uint8Array(0)), 'bad-model', /TFL3/);
});

test('structure: options of another operator are a bad model', () => {
  const file = writeTflite(
    constantOf({ data: new Float32Array(4) }, 'ADD', {
      operators: [{ op: 'ADD', inputs: ['x', 'c'], outputs: ['y'], options: { fused_activation_function: 1 } }],
    }),
  );
  const at = findOptionsType(file, 11);
  file[at] = 12;
  rejectsWith(() => readTflite(file), 'bad-model', /node "y" \(ADD\): has options of type 12, not 11/, 'y');
});

/** Where an operator's options say their type: found by the package's reader. */
function findOptionsType(bytes, type) {
  const at = operatorsOf(bytes)[0].optionsTypeAt;
  assert.equal(bytes[at], type);
  return at;
}

test('structure: a variable is unsupported', () =>
  rejectsWith(() => parse(constantOf({ variable: true })), 'unsupported', /tensor "c" is a variable/, 'y'));

test('structure: small files whose tensors share a large buffer are refused', () => {
  const count = 2000;
  const shared = new Float32Array(100_000);
  const tensors = Array.from({ length: count }, (_, i) => ({ name: `c${i}`, shape: [100_000], buffer: 1 }));
  const model = {
    tensors: [{ name: 'x', shape: [100_000] }, ...tensors, { name: 'y', shape: [100_000] }],
    buffers: [shared],
    operators: [{ op: 'ADD_N', inputs: ['x', ...tensors.map(({ name }) => name)], outputs: ['y'] }],
    inputs: ['x'],
    outputs: ['y'],
  };
  rejectsWith(() => readTflite(writeTflite(model)), 'bad-model', /the weights are more than 64 times as large as the file of \d+ bytes/);
});

test('structure: a chain of 50000 operators is read without recursion', () => {
  const n = 50_000;
  const graph = parse({
    tensors: Array.from({ length: n + 1 }, (_, i) => ({ name: `t${i}`, shape: [1] })),
    operators: Array.from({ length: n }, (_, i) => ({ op: 'RELU', inputs: [i], outputs: [i + 1] })),
    inputs: [0],
    outputs: [n],
  });
  assert.equal(graph.nodes.length, n);
});

// ---- real files, against the package's reader ----

/** Fields of a table by the package's ByteBuffer, which checks nothing. */
function tableAt(bb, at) {
  const place = (slot) => {
    const offset = bb.__offset(at, 4 + 2 * slot);
    return offset === 0 ? 0 : at + offset;
  };
  const vector = (slot) =>
    place(slot) === 0 ? { at: 0, length: 0 } : { at: bb.__vector(place(slot)), length: bb.__vector_len(place(slot)) };
  return {
    place,
    int: (slot) => (place(slot) === 0 ? 0 : bb.readInt32(place(slot))),
    byte: (slot) => (place(slot) === 0 ? 0 : bb.readInt8(place(slot))),
    text: (slot) => (place(slot) === 0 ? '' : bb.__string(place(slot))),
    ints: (slot) => Array.from({ length: vector(slot).length }, (_, i) => bb.readInt32(vector(slot).at + 4 * i)),
    floats: (slot) => Array.from({ length: vector(slot).length }, (_, i) => bb.readFloat32(vector(slot).at + 4 * i)),
    bytes: (slot) => bb.bytes().subarray(vector(slot).at, vector(slot).at + vector(slot).length),
    tables: (slot) => Array.from({ length: vector(slot).length }, (_, i) => tableAt(bb, bb.__indirect(vector(slot).at + 4 * i))),
    table: (slot) => (place(slot) === 0 ? undefined : tableAt(bb, bb.__indirect(place(slot)))),
  };
}
function rootOf(bytes) {
  const bb = new ByteBuffer(bytes);
  return tableAt(bb, bb.readInt32(0));
}
function operatorsOf(bytes) {
  const model = rootOf(bytes);
  const codes = model.tables(1);
  return model
    .tables(2)[0]
    .tables(3)
    .map((table) => ({
      code: Math.max(codes[table.int(0)].byte(0), codes[table.int(0)].int(3)),
      custom: codes[table.int(0)].text(1),
      inputs: table.ints(1),
      outputs: table.ints(2),
      optionsTypeAt: table.place(3),
      options: table.table(4),
      customOptions: table.bytes(5),
    }));
}
/** Numbers of the builtins that occur in these files. */
const CODES = {
  ADD: 0,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  DEPTH_TO_SPACE: 5,
  DEQUANTIZE: 6,
  FULLY_CONNECTED: 9,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  MUL: 18,
  RELU: 19,
  RESHAPE: 22,
  RESIZE_BILINEAR: 23,
  PAD: 34,
  MEAN: 40,
  STRIDED_SLICE: 45,
  PRELU: 54,
  DENSIFY: 124,
};
const TYPES = { FLOAT32: 0, FLOAT16: 1, INT32: 2 };

for (const { name, bytes } of mediapipeModels())
  test(`${name}: is read as the flatbuffers package reads it`, () => {
    const { topology, weights, sources } = readTflite(bytes);
    const model = rootOf(bytes);
    const graph = model.tables(2)[0];
    const buffers = model.tables(4);
    const tensors = graph.tables(0);
    assert.equal(topology.tensors.length, tensors.length);
    tensors.forEach((table, i) => {
      const tensor = topology.tensors[i];
      assert.equal(tensor.name, table.text(3));
      assert.deepEqual(tensor.shape, table.ints(0));
      assert.equal(TYPES[tensor.type], table.byte(1));
      const data = buffers[table.int(2)].bytes(0);
      assert.equal(tensor.constant, data.length > 0);
      const weight = tensor.weights.stored;
      if (weight === undefined || table.place(6) !== 0) return; // not used, or sparse
      assert.equal(weights[weight].name, tensor.ref);
      assert.ok(Buffer.from(data).equals(sources[weight]()), tensor.name);
    });
    assert.deepEqual(topology.inputs, graph.ints(1));
    assert.deepEqual(topology.outputs, graph.ints(2));
    const operators = operatorsOf(bytes);
    assert.equal(topology.operators.length, operators.length);
    operators.forEach((other, i) => {
      const { op, custom, inputs, outputs, options, customOptions } = topology.operators[i];
      assert.equal(custom ? op : CODES[op], custom ? other.custom : other.code);
      assert.deepEqual([inputs, outputs], [other.inputs, other.outputs]);
      if (custom) assert.deepEqual([...customOptions], [...other.customOptions]);
      const slots = {
        CONV_2D: { padding: 'byte 0', stride_w: 'int 1', stride_h: 'int 2', activation: 'byte 3' },
        DEPTHWISE_CONV_2D: { padding: 'byte 0', stride_w: 'int 1', stride_h: 'int 2', depth_multiplier: 'int 3', activation: 'byte 4' },
        MAX_POOL_2D: {
          padding: 'byte 0',
          stride_w: 'int 1',
          stride_h: 'int 2',
          filter_w: 'int 3',
          filter_h: 'int 4',
          activation: 'byte 5',
        },
        CONCATENATION: { axis: 'int 0' },
        ADD: { activation: 'byte 0' },
        DEPTH_TO_SPACE: { block_size: 'int 0' },
        STRIDED_SLICE: {
          begin_mask: 'int 0',
          end_mask: 'int 1',
          ellipsis_mask: 'int 2',
          new_axis_mask: 'int 3',
          shrink_axis_mask: 'int 4',
        },
      }[op];
      for (const [option, text] of Object.entries(slots ?? {})) {
        const [kind, slot] = text.split(' ');
        assert.equal(options[option], other.options?.[kind](Number(slot)) ?? 0, `${op} ${option}`);
      }
    });
    const all = sources.map((source) => source());
    for (const [i, data] of all.entries()) assert.equal(data.length, weights[i].byteLength);
    const description = parseTflite(topology, weights, smallConstants(weights, all));
    assert.ok(description.nodes.length > 50 && description.nodes.length < operators.length, 'weights of float16 are no nodes');
    assert.ok(weights.filter(({ storage }) => storage.dtype === 'float16').length > 50);
    assert.ok(weights.every(({ storage, byteLength }) => storage.dtype !== 'float32' || byteLength < 5000));
  });
