// check(): what it says of a model against what loading and running that model says.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mediapipeModels } from '../../demo/assets/mediapipe.js';
import { check, createRuntime } from '../../js/main.js';
import { convModel, denseModel, identityModel, pairModel } from '../boundary/models.js';
import { nsfwModel } from '../support/nsfwjs.js';
import { modelPath } from '../support/photos.js';
import { serveRanges } from '../support/range-server.js';
import { writeTflite } from '../support/tflite-writer.js';
import { attr, rejectsWith } from './helpers.js';

const FACEMESH = modelPath('facemesh');
const FOLDER = fileURLToPath(new URL('.', `file://${FACEMESH}`));

/** Files of the folder of models, by the path of a URL. @param {string} path */
const modelFile = (path) => readFile(`${FOLDER}${path.slice(1)}`).catch(() => undefined);

/**
 * What check() should say, from a model that is loaded and run.
 * @param {unknown} source @param {import('../../js/index.js').LoadOptions} [options] @param {Record<string, number[]>} [shapes]
 */
async function measured(source, options, shapes = {}) {
  const runtime = await createRuntime({ threads: 1, variant: 'simd' });
  try {
    const model = await runtime.load(source, options);
    const inputs = model.inputs.map(({ name, dtype, shape }) => {
      const given = shapes[name] ?? shape.map((dim) => (dim === -1 ? 1 : dim));
      const Type = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, uint8: Uint8Array, int8: Int8Array }[dtype];
      return [name, { dtype, shape: given, data: new Type(given.reduce((product, dim) => product * dim, 1)) }];
    });
    const memory = runtime.memory();
    const profile = await model.profile(Object.fromEntries(inputs), { runs: 1 });
    return { inputs: [...model.inputs], outputs: [...model.outputs], memory, profile };
  } finally {
    runtime.dispose();
  }
}

/** @param {import('../../js/index.js').Report} report @param {Awaited<ReturnType<typeof measured>>} real */
function assertAgrees(report, { inputs, outputs, memory, profile }) {
  assert.equal(report.supported, true);
  assert.deepEqual(report.unsupported, []);
  assert.deepEqual(report.inputs, inputs);
  assert.deepEqual(report.outputs, outputs);
  assert.equal(report.flops, profile.flops);
  /** @type {Record<string, { op: string, count: number, flops: number }>} */
  const ops = {};
  for (const { kind, flops } of profile.ops) {
    ops[kind] ??= { op: kind, count: 0, flops: 0 };
    ops[kind].count++;
    ops[kind].flops += flops;
  }
  assert.deepEqual(Object.fromEntries(report.ops.map((own) => [own.op, own])), ops);
  const said = report.memory ?? assert.fail();
  assert.equal(said.weights, memory.weightBytes);
  assert.equal(said.arena, memory.arenaBytes);
  const error = Math.abs(said.peak / memory.peakHeapBytes - 1);
  assert.ok(error <= 0.01, `peak ${said.peak}, measured ${memory.peakHeapBytes}`); // measured: 0, byte for byte
}

/** The elements of the floats and the stored bytes of a model of @vladmandic/human, from its files alone. @param {string} name */
async function sizesOf(name) {
  const { weightsManifest } = JSON.parse(await readFile(modelPath(name), 'utf8'));
  const floats = weightsManifest.flatMap((/** @type {any} */ { weights }) =>
    weights.filter((/** @type {any} */ { dtype }) => dtype === 'float32'),
  );
  const counts = floats.map((/** @type {any} */ { shape }) =>
    shape.reduce((/** @type {number} */ n, /** @type {number} */ dim) => n * dim, 1),
  );
  const { size } = await stat(modelPath(name).replace('.json', '.bin'));
  return { parameters: counts.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0), weightBytes: size };
}

for (const name of ['facemesh', 'blazeface', 'iris', 'faceres', 'emotion', 'movenet-lightning', 'antispoof'])
  test(`${name}: the report agrees with loading, with a profile, and with the files`, async (t) => {
    const report = await check(modelPath(name), { variant: 'simd' });
    const real = await measured(modelPath(name));
    assertAgrees(report, real);
    assert.equal(report.format, 'tfjs-graph');
    const { parameters, weightBytes } = await sizesOf(name);
    assert.equal(report.weightBytes, weightBytes);
    assert.ok(Math.abs(report.parameters / parameters - 1) < 0.001, `${report.parameters}, in the files ${parameters}`); // some are not used
    t.diagnostic(`${name}: peak said ${report.memory?.peak}, measured ${real.memory.peakHeapBytes}`);
  });

for (const { name, bytes } of mediapipeModels())
  test(`${name} of TensorFlow Lite: the report agrees with loading and with a profile`, async () => {
    const report = await check(bytes, { variant: 'simd' });
    assertAgrees(report, await measured(bytes));
    assert.equal(report.format, 'tflite');
    // Weights of 16 bits, without the file's tables; those of pose_detection are sparse.
    const share = report.weightBytes / bytes.length;
    assert.ok(name === 'pose_detection' ? share > 1 : share > 0.88 && share < 1, `${share}`);
    assert.ok(report.parameters * 2 > 0.99 * report.weightBytes && report.parameters * 2 <= report.weightBytes, `${report.parameters}`);
  });

for (const name of /** @type {const} */ (['mobilenet_v2', 'inception_v3']))
  test(`${name} of layers: the report agrees with loading and with a profile`, async () => {
    const artifacts = await nsfwModel(name);
    const source = { load: async () => artifacts };
    const report = await check(source, { variant: 'simd' });
    assertAgrees(report, await measured(source));
    assert.equal(report.format, 'tfjs-layers');
    const { byteLength } = /** @type {ArrayBuffer} */ (artifacts.weightData);
    assert.deepEqual([report.weightBytes, report.parameters], [byteLength, byteLength]); // one byte for each
  });

test('report: of a quantised model says what the numbers of its inputs and outputs mean', async () => {
  const quantization = { scale: [0.5], zeroPoint: [3] };
  const bytes = writeTflite({
    tensors: [
      { name: 'x', shape: [1, 4], type: 'UINT8', quantization },
      { name: 'y', shape: [1, 4], type: 'UINT8', quantization },
    ],
    operators: [{ op: 'RELU', inputs: ['x'], outputs: ['y'] }],
    inputs: ['x'],
    outputs: ['y'],
  });
  const report = await check(bytes, { variant: 'simd' });
  const port = { dtype: 'uint8', shape: [1, 4], quantization: { scale: 0.5, zeroPoint: 3 } };
  assert.deepEqual([report.inputs, report.outputs], [[{ name: 'x', ...port }], [{ name: 'y', ...port }]]);
  assertAgrees(report, await measured(bytes));
});

test('report: is plain data', async () => {
  const report = await check(FACEMESH);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  assert.deepEqual(structuredClone(report), report);
});

test('report: of models made by hand has the numbers that can be counted', async () => {
  const dense = await check(denseModel(), { variant: 'simd' });
  assertAgrees(dense, await measured(denseModel()));
  const { inputs, outputs, parameters, weightBytes, memory, notes } = dense;
  assert.deepEqual(
    { inputs, outputs, parameters, weightBytes, staging: memory?.staging },
    {
      inputs: [{ name: 'x', dtype: 'float32', shape: [-1, 64] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: [-1, 32] }],
      parameters: 64 * 32 + 32,
      weightBytes: 4 * (64 * 32 + 32),
      staging: 4 * 64 * 32,
    },
  );
  assert.match(notes?.join() ?? '', /input "x" has the free shape \[-1,64\].*\[1,64\]/);
  assertAgrees(await check(convModel(), { variant: 'simd' }), await measured(convModel()));
  const pair = await check(pairModel());
  assert.deepEqual(
    [pair.nodes, pair.parameters, pair.weightBytes, pair.flops, pair.memory?.staging, pair.notes],
    [2, 0, 0, 12, 0, undefined],
  );
  assertAgrees(pair, await measured(pairModel()));
});

test('inputShapes: flops and memory are those of the shapes given', async () => {
  for (const rows of [1, 7, 300]) {
    const options = { inputShapes: { x: [rows, 64] } };
    const report = await check(denseModel(), { ...options, variant: 'simd' });
    assertAgrees(report, await measured(denseModel(), options, options.inputShapes));
    assert.deepEqual(report.inputs[0].shape, [-1, 64]);
  }
  const inputShapes = { input_1: [3, 192, 192, 3] };
  assertAgrees(await check(FACEMESH, { inputShapes, variant: 'simd' }), await measured(FACEMESH, { inputShapes }, inputShapes));
  await rejectsWith(check(denseModel(), { inputShapes: { z: [1, 64] } }), 'misuse', /no input "z"/);
  await rejectsWith(check(denseModel(), { inputShapes: { x: [1] } }), 'bad-shape', /"x"/);
});

test('outputs: only what they need is counted', async () => {
  const report = await check(denseModel(), { outputs: ['fc'], variant: 'simd' });
  assertAgrees(report, await measured(denseModel(), { outputs: ['fc'] }));
  assert.deepEqual([report.nodes, report.parameters, report.weightBytes], [1, 64 * 32, 4 * (64 * 32 + 32)]);
  await rejectsWith(check(denseModel(), { outputs: ['nowhere'] }), 'misuse', /"nowhere"/);
});

test('sources: a path, a URL, files of a page, an IOHandler and memory give the same report', async () => {
  const expected = await check(FACEMESH);
  const json = await readFile(FACEMESH);
  const bin = await readFile(FACEMESH.replace('.json', '.bin'));
  const { modelTopology, weightsManifest, ...rest } = JSON.parse(json.toString());
  const weightSpecs = weightsManifest[0].weights;
  const server = await serveRanges(modelFile);
  const slow = await serveRanges(modelFile, { ranges: false, head: false });
  try {
    for (const source of [
      new URL(`file://${FACEMESH}`),
      `${server.url}/facemesh.json`,
      new URL(`${slow.url}/facemesh.json`),
      [new File([bin], 'facemesh.bin'), new File([json], 'facemesh.json')],
      {
        load: async () => ({
          ...rest,
          modelTopology,
          weightSpecs,
          weightData: bin.buffer.slice(bin.byteOffset, bin.byteOffset + bin.length),
        }),
      },
      { load: () => ({ ...rest, modelTopology, weightSpecs, getWeightStream: () => new Blob([bin]).stream() }) },
      { ...rest, modelTopology, weightsManifest, weights: bin },
      { ...rest, modelTopology, weightsManifest, weights: async () => bin },
    ])
      assert.deepEqual(await check(source), expected);
  } finally {
    server.close();
    slow.close();
  }
});

for (const name of ['facemesh', 'movenet-lightning', 'faceres'])
  test(`HTTP: ${name} is checked with less than a tenth of its weights`, async (t) => {
    const server = await serveRanges(modelFile);
    try {
      const report = await check(`${server.url}/${name}.json`);
      assert.equal(report.supported, true);
      const sent = server.sent(/\.bin$/);
      t.diagnostic(`${name}: ${sent} of ${report.weightBytes} bytes in ${server.requests.length - 1} requests`);
      assert.ok(sent > 0 && sent < report.weightBytes / 10, `${sent} of ${report.weightBytes} bytes`);
    } finally {
      server.close();
    }
  });

/** @param {{ name: string, op: string, input?: string[], attr?: object }[]} nodes  Beside the placeholder x. @param {string[]} [outputs] */
const graph = (nodes, outputs) => ({
  modelTopology: {
    node: [{ name: 'x', op: 'Placeholder', attr: { dtype: attr.type('DT_FLOAT'), shape: attr.shape(1, 4) } }, ...nodes],
  },
  weightsManifest: [],
  ...(outputs && { signature: { outputs: Object.fromEntries(outputs.map((name) => [name, { name }])) } }),
});

test('unsupported: all ops that outputs need are named, each with its first node, and all ops are counted', async () => {
  const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((letter) => `Fancy${letter}`);
  const chain = [...names, 'Relu', 'FancyA'].map((op, i) => ({ name: `n${i}`, op, input: [i === 0 ? 'x' : `n${i - 1}`] }));
  const source = graph([...chain, { name: 'unused', op: 'FancyUnused', input: ['x'] }], ['n8']);
  const report = await check(source);
  assert.deepEqual(
    { ...report, unsupported: undefined },
    {
      format: 'tfjs-graph',
      supported: false,
      unsupported: undefined,
      inputs: [],
      outputs: [],
      ops: [{ op: 'FancyA', count: 2 }, ...[...names.slice(1), 'Relu', 'FancyUnused'].map((op) => ({ op, count: 1 }))],
      nodes: 10,
      parameters: 0,
      weightBytes: 0,
    },
  );
  assert.deepEqual(report.unsupported.map(({ op }) => op).sort(), names);
  for (const { op, node, reason } of report.unsupported) {
    assert.ok(chain.some((own) => own.op === op && own.name === node));
    assert.match(reason, /no such op/);
  }
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
});

test('unsupported: what is wrong with a node is said, whoever notices it', async () => {
  const relu = (/** @type {object} */ more) => graph([{ name: 'y', op: 'Relu', input: ['x'], attr: more }]);
  const foreign = await check(relu({ T: attr.type('DT_COMPLEX64') }));
  assert.equal(foreign.supported, false);
  assert.deepEqual(
    foreign.unsupported.map(({ op, node }) => [op, node]),
    [['Relu', 'y']],
  );
  assert.match(foreign.unsupported[0].reason, /COMPLEX64/);
  // An image without rows, which the engine does not take.
  const windows = { strides: attr.ints(1, 1, 1, 1), padding: attr.s('EXPLICIT'), explicit_paddings: attr.ints(0, 0, 2, 2, 1, 1, 0, 0) };
  const node = [
    { name: 'x', op: 'Placeholder', attr: { dtype: attr.type('DT_FLOAT'), shape: attr.shape(1, 0, 4, 2) } },
    { name: 'w', op: 'Const', attr: { dtype: attr.type('DT_FLOAT') } },
    { name: 'y', op: 'Conv2D', input: ['x', 'w'], attr: windows },
  ];
  const weightsManifest = [{ paths: ['w.bin'], weights: [{ name: 'w', dtype: 'float32', shape: [3, 3, 2, 3] }] }];
  const own = await check({ modelTopology: { node }, weightsManifest, weights: new Float32Array(54) });
  assert.equal(own.supported, false);
  assert.deepEqual(
    own.unsupported.map((missing) => [missing.op, missing.node]),
    [['conv2d', 'y']],
  );
  assert.match(own.unsupported[0].reason, /padding only/);
});

test('unsupported: a class of layers, and a format, are no errors', async () => {
  const layer = (/** @type {string} */ name, /** @type {string} */ class_name, config = {}) => ({
    class_name,
    config: { name, ...config },
  });
  const inner = layer('inner', 'Sequential', { layers: [layer('deep', 'FancyLayer')] });
  const layers = [layer('in', 'InputLayer', { batch_input_shape: [null, 4] }), layer('fancy', 'FancyLayer'), inner];
  const report = await check({ modelTopology: { model_config: layer('model', 'Sequential', { layers }) }, weightsManifest: [] });
  assert.deepEqual([report.format, report.supported, report.ops], ['tfjs-layers', false, [{ op: 'FancyLayer', count: 2 }]]);
  assert.deepEqual(report.unsupported, [{ op: 'FancyLayer', node: 'fancy', reason: 'xnnjs has no such layer' }]);
  const binary = await check({ modelTopology: new ArrayBuffer(8), weightsManifest: [] });
  assert.deepEqual([binary.format, binary.supported], ['unknown', false]);
  assert.match(binary.unsupported[0].reason, /binary/);
});

test('unsupported: what is wrong with a layer is said; models that hold themselves end', async () => {
  const layer = (/** @type {string} */ class_name, /** @type {object} */ config) => ({ class_name, config });
  const input = layer('InputLayer', { name: 'in', batch_input_shape: [null, 4], dtype: 'float32' });
  const dense = layer('Dense', { name: 'dense', units: 2, activation: 'fancy' });
  const config = { model_config: layer('Sequential', { layers: [input, dense] }) };
  const weights = [
    { name: 'dense/kernel', dtype: 'float32', shape: [4, 2] },
    { name: 'dense/bias', dtype: 'float32', shape: [2] },
  ];
  const report = await check({ modelTopology: config, weightsManifest: [{ paths: ['w'], weights }], weights: new Float32Array(10) });
  assert.deepEqual([report.supported, report.ops], [false, [{ op: 'Dense', count: 1 }]]);
  assert.deepEqual(
    report.unsupported.map(({ op, node }) => [op, node]),
    [['Dense', 'dense']],
  );
  assert.match(report.unsupported[0].reason, /fancy/);

  /** @type {object[]} */
  const layers = [input, layer('Relu', { name: 'a' })];
  const knot = layer('Sequential', { name: 'knot', layers });
  layers.push(knot, knot);
  const endless = await check({ modelTopology: { model_config: knot }, weightsManifest: [] });
  assert.deepEqual([endless.supported, endless.ops], [false, [{ op: 'Relu', count: 1 }]]);
});

test('unsupported: ops of TensorFlow Lite are named and counted', async () => {
  const ops = ['RELU', 'WHERE', 'WHERE', 'FancyOp'];
  const bytes = writeTflite({
    tensors: ['x', 'y0', 'y1', 'y2', 'y3'].map((name) => ({ name, shape: [4] })),
    operators: ops.map((op, i) => ({ op, inputs: [i === 0 ? 'x' : `y${i - 1}`], outputs: [`y${i}`] })),
    inputs: ['x'],
    outputs: ['y3'],
  });
  const report = await check(bytes);
  const reason = 'xnnjs has no such op';
  assert.deepEqual(report, {
    format: 'tflite',
    supported: false,
    unsupported: [
      { op: 'WHERE', node: 'y1', reason },
      { op: 'custom op FancyOp', node: 'y3', reason },
    ],
    inputs: [],
    outputs: [],
    ops: [
      { op: 'WHERE', count: 2 },
      { op: 'RELU', count: 1 },
      { op: 'custom op FancyOp', count: 1 },
    ],
    nodes: 4,
    parameters: 0,
    weightBytes: 0,
  });
});

test('unsupported: the error of a load holds the same list, from a worker as well', async () => {
  const source = graph([{ name: 'y', op: 'Fancy', input: ['x'] }]);
  const { unsupported } = await check(source);
  for (const worker of [false, true]) {
    const runtime = await createRuntime({ threads: 1, worker });
    await assert.rejects(runtime.load(source), (/** @type {any} */ error) => {
      assert.equal(error.code, 'unsupported');
      assert.deepEqual(error.unsupported, unsupported);
      return true;
    });
    runtime.dispose();
  }
});

test('broken: models, files and options are refused as load refuses them', async () => {
  const { weights: _, ...without } = denseModel();
  const relu = (/** @type {string[]} */ ...input) => [{ name: 'y', op: 'Relu', input }];
  const cases = /** @type {[unknown, import('../../js/index.js').XnnErrorCode][]} */ ([
    [new Uint8Array([1, 2, 3]), 'bad-model'],
    [graph(relu('gone')), 'bad-model'],
    [graph(relu('y'), ['y']), 'bad-model'],
    [{ ...denseModel(), weights: new Uint8Array(100) }, 'bad-model'],
    [{ ...without, weights: () => undefined }, 'misuse'],
    [{ ...without, weights: () => Promise.reject(new Error('no')) }, 'network'],
    ['http://127.0.0.1:1/model.json', 'network'],
    ['nowhere/model.json', 'network'],
    [7, 'misuse'],
    [{ load: () => undefined }, 'bad-model'],
    [
      graph([
        { name: 'y', op: 'Add', input: ['x', 'z'] },
        { name: 'z', op: 'Placeholder', attr: { shape: attr.shape(1, 3) } },
      ]),
      'bad-model',
    ],
  ]);
  const runtime = await createRuntime({ threads: 1 });
  for (const [source, code] of cases) {
    /** @type {any} */
    const loading = await runtime.load(source).catch((error) => error);
    assert.equal(loading.code, code);
    await assert.rejects(check(source), { name: 'XnnError', code, message: loading.message });
  }
  runtime.dispose();
  await rejectsWith(check(denseModel(), { variant: /** @type {any} */ ('fast') }), 'misuse', /variant/);
});

test('abort: before, and while files are awaited', async () => {
  await rejectsWith(check(FACEMESH, { signal: AbortSignal.abort() }), 'aborted');
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  const { modelTopology, weightsManifest } = denseModel();
  await rejectsWith(
    check({ modelTopology, weightsManifest, weights: () => new Promise(() => {}) }, { signal: controller.signal }),
    'aborted',
  );
});

test('integrity: that of the model.json is checked, that of weights is a note', async () => {
  const wrong = `sha256-${'A'.repeat(43)}=`;
  await rejectsWith(check(FACEMESH, { integrity: { 'facemesh.json': wrong } }), 'integrity');
  const { notes = [] } = await check(FACEMESH, { integrity: { 'facemesh.bin': wrong } });
  assert.ok(notes.some((note) => /hashes/.test(note)));
});

test('wasm: is looked for where load looks for it', async () => {
  /** @type {string[]} */
  const asked = [];
  const wasm = (/** @type {string} */ file) => {
    asked.push(file);
    return new URL(`../../dist/${file}`, import.meta.url);
  };
  assert.equal((await check(identityModel(), { wasm, variant: 'simd' })).supported, true);
  assert.deepEqual(asked, ['xnnjs-simd.wasm']);
  await rejectsWith(check(identityModel(), { wasm: new URL('file:///nowhere.wasm') }), 'network', /nowhere\.wasm/);
});
