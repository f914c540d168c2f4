// A loaded model: its ports, what goes in, what comes out, the order of calls.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { createRuntime, XnnError } from '../../js/main.js';
import { assertDense, denseExpected, denseInput, denseModel, identityModel, noise, pairModel, xnnError } from './models.js';

/** @type {import('../../js/index.js').Runtime} */
let runtime;
/** @type {import('../../js/index.js').Model} */
let dense;
/** @type {import('../../js/index.js').Model} */
let pair;

before(async () => {
  runtime = await createRuntime({ threads: 1 });
  [dense, pair] = await Promise.all([runtime.load(denseModel()), runtime.load(pairModel())]);
});
after(() => runtime.dispose());

const A = noise(6, 7);
const B = noise(6, 8);
const SUM = { dtype: 'float32', shape: [2, 3], data: A.map((a, i) => a + B[i]) };
const PRODUCT = { dtype: 'float32', shape: [2, 3], data: A.map((a, i) => a * B[i]) };

test('model: inputs and outputs have names, shapes with -1 where free, and dtypes', () => {
  assert.deepEqual(dense.inputs, [{ name: 'x', shape: [-1, 64], dtype: 'float32' }]);
  assert.deepEqual(dense.outputs, [{ name: 'y', shape: [-1, 32], dtype: 'float32' }]);
  assert.deepEqual(
    pair.inputs.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.deepEqual(pair.outputs, [
    { name: 'sum', shape: [2, 3], dtype: 'float32' },
    { name: 'product', shape: [2, 3], dtype: 'float32' },
  ]);
});

test('run: inputs by name are tensors or typed arrays, and results are the float32 ones', async () => {
  const tensor = (/** @type {Float32Array} */ data) => ({ dtype: /** @type {const} */ ('float32'), shape: [2, 3], data });
  for (const inputs of [
    { a: A, b: B },
    { b: B, a: A },
    { a: tensor(A), b: B },
    { a: tensor(A), b: tensor(B) },
  ]) {
    const expected = { sum: SUM, product: PRODUCT };
    assert.deepEqual(await pair.run(inputs), expected);
    assert.deepEqual(pair.runSync(inputs), expected);
  }
  const withoutDtype = /** @type {any} */ ({ shape: [2, 3], data: A });
  assert.deepEqual((await pair.run({ a: withoutDtype, b: B })).sum, SUM);
});

test('run: a model with one input takes it bare; its free dimension follows from the number of values', async () => {
  const x = denseInput(3);
  const expected = await dense.run({ x });
  assert.deepEqual(expected.y.shape, [3, 32]);
  assertDense(expected.y.data, x.data);
  assert.deepEqual(await dense.run(x), expected);
  assert.deepEqual(await dense.run(x.data), expected);
  assert.deepEqual(await dense.run({ x: x.data }), expected);
});

test('run: typed arrays may be parts of buffers, shared, or of another realm', async () => {
  const x = denseInput(2);
  const { y } = await dense.run(x);
  const padded = new Float32Array(x.data.length + 7);
  padded.set(x.data, 3);
  assert.deepEqual((await dense.run(padded.subarray(3, -4))).y, y);
  const shared = new Float32Array(new SharedArrayBuffer(x.data.byteLength));
  shared.set(x.data);
  assert.deepEqual((await dense.run(shared)).y, y);
  const foreign = runInNewContext('Float32Array.from(values)', { values: [...x.data] });
  assert.ok(!(foreign instanceof Float32Array));
  assert.deepEqual((await dense.run(foreign)).y, y);
  assert.deepEqual((await dense.run({ x: { dtype: 'float32', shape: [2, 64], data: foreign } })).y, y);
});

test('run: int32 and bool pass through as Int32Array and Uint8Array', async () => {
  for (const [type, dtype, data] of /** @type {const} */ ([
    ['DT_INT32', 'int32', Int32Array.of(1, -2, 2 ** 31 - 1, -(2 ** 31))],
    ['DT_BOOL', 'bool', Uint8Array.of(0, 1, 1, 0)],
  ])) {
    const model = await runtime.load(identityModel(type));
    assert.deepEqual(model.inputs, [{ name: 'x', shape: [-1, 4], dtype }]);
    assert.deepEqual((await model.run(data)).y, { dtype, shape: [1, 4], data });
    await assert.rejects(
      model.run(new Float32Array(4)),
      xnnError('misuse', new RegExp(`input "x" is ${dtype}, the data given is a Float32Array`)),
    );
    model.dispose();
  }
});

test('run: infinities, NaN, minus zero and the smallest numbers pass through', async () => {
  const model = await runtime.load(identityModel());
  const data = Float32Array.of(Infinity, -Infinity, Number.NaN, -0, 2 ** -149, 3.4e38, 0, -1);
  assert.deepEqual((await model.run(data)).y.data, data);
  model.dispose();
});

test('run: inputs may be changed as soon as it has returned its promise', async () => {
  const x = denseInput(2);
  const expected = await dense.run(denseInput(2));
  const running = dense.run(x);
  x.data.fill(0);
  x.shape[0] = 99;
  assert.deepEqual(await running, expected);
});

test('run: outputs own their data and shape', async () => {
  const x = denseInput(2);
  const first = await dense.run(x);
  const copy = structuredClone(first);
  const second = dense.runSync(denseInput(2, 99));
  assert.deepEqual(first, copy);
  assert.notDeepEqual(second, copy);
  assert.ok(first.y.data.buffer instanceof ArrayBuffer);
  assert.equal(first.y.data.buffer.byteLength, first.y.data.byteLength, 'a buffer of its own, not the whole memory');
  first.y.data.fill(7);
  first.y.shape[0] = 5;
  assert.deepEqual(await dense.run(x), copy);
  structuredClone(second, { transfer: [/** @type {ArrayBuffer} */ (second.y.data.buffer)] });
  assert.deepEqual(await dense.run(x), copy);
});

test('run: 0 rows give 0 rows', async () => {
  const { y } = await dense.run({ dtype: 'float32', shape: [0, 64], data: new Float32Array(0) });
  assert.deepEqual(y, { dtype: 'float32', shape: [0, 32], data: new Float32Array(0) });
});

test('inputs: wrong ones are refused with names and numbers', async () => {
  /** @param {unknown} inputs @param {import('../../js/index.js').XnnErrorCode} code @param {RegExp} message @param {import('../../js/index.js').Model} [model] */
  const refused = async (inputs, code, message, model = dense) => {
    await assert.rejects(model.run(/** @type {any} */ (inputs)), xnnError(code, message));
    assert.throws(() => model.runSync(/** @type {any} */ (inputs)), xnnError(code, message));
  };
  await refused(undefined, 'misuse', /the inputs are undefined instead of an object/);
  await refused(null, 'misuse', /the inputs are null/);
  await refused('x', 'misuse', /the inputs are x/);
  await refused({}, 'misuse', /input "x" is missing/);
  await refused({ x: undefined }, 'misuse', /input "x" is neither a typed array nor/);
  await refused({ x: [1, 2] }, 'misuse', /input "x" is neither a typed array nor/);
  await refused({ x: new DataView(new ArrayBuffer(256)) }, 'misuse', /input "x" is neither/);
  await refused({ x: denseInput(1), z: A }, 'misuse', /no input "z", only "x"/);
  await refused(A, 'misuse', /2 inputs \("a", "b"\): give \{ name: values \}/, pair);
  await refused({ a: A }, 'misuse', /input "b" is missing/, pair);
  await refused({ a: A, b: B, toString: A }, 'misuse', /no input "toString"/, pair);
  await refused(new Float64Array(64), 'misuse', /input "x" is float32, the data given is a Float64Array/);
  await refused(new Int32Array(64), 'misuse', /input "x" is float32, the data given is a Int32Array/);
  await refused({ ...denseInput(1), dtype: 'int32' }, 'misuse', /input "x" is float32, the data given is a Float32Array called int32/);
  await refused(new Float32Array(65), 'bad-shape', /input "x" has shape \[-1,64\], which 65 values do not say/);
  await refused({ a: A, b: new Float32Array(5) }, 'bad-shape', /input "b" of shape \[2,3\] has 6 values, 5 are given/, pair);
  await refused({ a: A, b: { shape: [3, 2], data: B } }, 'bad-shape', /input "b" has shape \[2,3\], \[3,2\] is given/, pair);
  for (const shape of [[64], [1, 64, 1], [1, 63], [1.5, 64], [-1, 64], [Number.NaN, 64], [2 ** 32, 64], ['1', 64]])
    await refused({ shape, data: new Float32Array(64) }, 'bad-shape', /input "x" has shape \[-1,64\], \[.*\] is given/);
  await refused({ shape: [2, 64], data: new Float32Array(64) }, 'bad-shape', /input "x" of shape \[2,64\] has 128 values, 64 are given/);
  assertDense((await dense.run(denseInput(1))).y.data, denseInput(1).data);
});

test('outputs at run: only those asked for are given, in their order; unknown ones are misuse', async () => {
  const inputs = { a: A, b: B };
  assert.deepEqual(Object.keys(await pair.run(inputs)), ['sum', 'product']);
  assert.deepEqual(await pair.run(inputs, { outputs: ['product'] }), { product: PRODUCT });
  assert.deepEqual(Object.keys(pair.runSync(inputs, { outputs: ['product', 'sum'] })), ['product', 'sum']);
  assert.deepEqual(await pair.run(inputs, { outputs: [] }), {});
  await assert.rejects(pair.run(inputs, { outputs: ['a'] }), xnnError('misuse', /no output "a", only "sum", "product"/));
  assert.throws(
    () => pair.runSync(inputs, { outputs: /** @type {any} */ ('sum') }),
    xnnError('misuse', /outputs is sum instead of a list/),
  );
});

test('outputs at load: any nodes, under their names, instead of the model’s own', async () => {
  const model = await runtime.load(denseModel(), { outputs: ['biased', 'y', 'fc'] });
  assert.deepEqual(
    model.outputs.map(({ name }) => name),
    ['biased', 'y', 'fc'],
  );
  const x = denseInput(2);
  const { biased, y } = await model.run(x);
  const expected = denseExpected(x.data).biased;
  assert.equal(biased.data.length, expected.length);
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(Number(biased.data[i]) - value) <= 1e-5, `[${i}]`);
  assertDense(y.data, x.data);
  model.dispose();
  await assert.rejects(runtime.load(denseModel(), { outputs: ['none'] }), xnnError('misuse', /no node "none"/));
  await assert.rejects(runtime.load(denseModel(), { outputs: [] }), xnnError('misuse', /outputs is not a list/));
});

test('inputShapes: the first shape; those that do not fit are refused before a weight is read', async () => {
  const model = await runtime.load(denseModel(), { inputShapes: { x: [7, 64] } });
  assert.match(model.summary(), /7×32|7,\s*32/);
  const x = denseInput(2);
  assertDense((await model.run(x)).y.data, x.data);
  model.dispose();
  // Weights that never come: what is refused is refused without them, as long as no constant of the graph is among them.
  const weightless = { ...pairModel(), weights: () => new Promise(() => {}) };
  await assert.rejects(runtime.load(weightless, { inputShapes: { a: [9] } }), xnnError('bad-shape', /\[9\] is given/));
  /** @param {any} inputShapes @param {import('../../js/index.js').XnnErrorCode} code @param {RegExp} message */
  const refused = (inputShapes, code, message) => assert.rejects(runtime.load(denseModel(), { inputShapes }), xnnError(code, message));
  await refused({ x: [1, 65] }, 'bad-shape', /x has shape \[1,65\], w has 64 rows/);
  await refused({ x: [64] }, 'bad-shape', /\[64\] is given/);
  await refused({ x: [2 ** 32, 64] }, 'bad-shape', /\[4294967296,64\] is given/);
  await refused({ x: 64 }, 'misuse', /"x" is 64 instead of a list/);
  await refused({ z: [1] }, 'misuse', /no input "z", only "x"/);
});

test('run: several at once give each its own result, in the order of the calls', async () => {
  /** @type {number[]} */
  const order = [];
  const xs = [1, 4, 2, 1, 3].map((rows, i) => denseInput(rows, 20 + i));
  const results = await Promise.all(
    xs.map(async (x, i) => {
      const result = await dense.run(x);
      order.push(i);
      return result;
    }),
  );
  for (const [i, { y }] of results.entries()) assertDense(y.data, xs[i].data);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test('runSync: while a run is pending it is misuse with the number, afterwards it works', async () => {
  const x = denseInput(1);
  const running = [dense.run(x), dense.run(x)];
  assert.throws(() => dense.runSync(x), xnnError('misuse', /runSync while 2 run\(\) are pending/));
  const [{ y }] = await Promise.all(running);
  assert.deepEqual(dense.runSync(x).y, y);
});

test('run: one that fails leaves no trace', async () => {
  await assert.rejects(dense.run(new Float32Array(3)), { code: 'bad-shape' });
  const x = denseInput(1);
  assertDense(dense.runSync(x).y.data, x.data);
});

test('run: a signal that is aborted ends it before it begins', async () => {
  const reason = new Error('enough');
  const signal = AbortSignal.abort(reason);
  const check = { ...xnnError('aborted', /the run was aborted/), cause: reason };
  await assert.rejects(dense.run(denseInput(1), { signal }), check);
  assert.throws(() => dense.runSync(denseInput(1), { signal }), check);
  const { signal: quiet } = new AbortController();
  assertDense((await dense.run(denseInput(1), { signal: quiet })).y.data, denseInput(1).data);
});

test('load: a signal ends it, before and during', async () => {
  await assert.rejects(runtime.load(denseModel(), { signal: AbortSignal.abort() }), xnnError('aborted', /aborted/));
  const controller = new AbortController();
  const { heapBytes } = runtime.memory();
  const loading = runtime.load({ ...denseModel(), weights: () => new Promise(() => {}) }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  await assert.rejects(loading, xnnError('aborted', /aborted/));
  assert.equal(runtime.memory().heapBytes, heapBytes);
});

test('dispose: a run whose promise is pending still gives its result; then the model is gone', async () => {
  const model = await runtime.load(denseModel());
  const x = denseInput(2);
  const running = model.run(x);
  model.dispose();
  assertDense((await running).y.data, x.data);
  await assert.rejects(model.run(x), xnnError('misuse', /model was disposed/));
  model.dispose();
});

test('summary: it names inputs, nodes, outputs and the memory plan', () => {
  const text = dense.summary();
  for (const part of [/input x/, /dense "fc"|dense "biased"|dense "y"/, /output y/, /arena \d+ bytes/]) assert.match(text, part);
});

test('models: what is known to be wrong is bad-model, at load, and leaves nothing', async () => {
  const { heapBytes, models } = runtime.memory();
  const { modelTopology, weightsManifest, weights } = denseModel();
  const node = modelTopology.node.map((item) => (item.name === 'x' ? { ...item, attr: pairModel().modelTopology.node[0].attr } : item));
  // x of [2, 3] into w of [64, 32]
  await assert.rejects(
    runtime.load({ modelTopology: { node }, weightsManifest, weights }),
    (error) =>
      error instanceof XnnError && error.code === 'bad-model' && error.node === 'fc' && /node "fc": dense: .*3.*64/.test(error.message),
  );
  await assert.rejects(
    runtime.load({ modelTopology, weightsManifest, weights: weights.slice(4) }),
    xnnError('bad-model', /expected 8320 bytes, got 8316/),
  );
  await assert.rejects(runtime.load({ modelTopology: {}, weightsManifest, weights }), xnnError('bad-model', /node/));
  assert.deepEqual({ heapBytes, models }, { heapBytes: runtime.memory().heapBytes, models: runtime.memory().models });
});
