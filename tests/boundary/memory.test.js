// What memory() promises: peaks, limits, nothing leaked, whichever allocation fails.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { createRuntime, XnnError } from '../../js/main.js';
import { Runtime } from '../../js/runtime.js';
import { BLAZEFACE_URL, FACEMESH_URL } from '../support/photos.js';
import { assertDense, convModel, denseInput, denseModel, identityModel, noise, pairModel, xnnError } from './models.js';

const MB = 1e6;

/** The stored bytes of a model's largest weight: what staging has to hold. @param {string} path */
async function largestWeight(path) {
  const { weightsManifest } = JSON.parse(await readFile(path, 'utf8'));
  const sizes = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 };
  return Math.max(
    ...weightsManifest.flatMap((/** @type {any} */ { weights }) =>
      weights.map((/** @type {any} */ { shape, dtype, quantization }) => {
        const stored = /** @type {keyof typeof sizes} */ (quantization?.dtype ?? dtype);
        return shape.reduce((/** @type {number} */ n, /** @type {number} */ dim) => n * dim, sizes[stored]);
      }),
    ),
  );
}

for (const [name, path, size] of /** @type {const} */ ([
  ['facemesh', FACEMESH_URL, 192],
  ['blazeface', BLAZEFACE_URL, 256],
])) {
  for (const threads of [1, 2]) {
    test(`${name}: with ${threads} thread(s) load takes no more than packed weights + arena + staging + 4 MB, a run nothing`, async (t) => {
      const runtime = await createRuntime({ threads });
      const empty = runtime.memory();
      const model = await runtime.load(path);
      const loaded = runtime.memory();
      const staging = await largestWeight(path);
      const allowed = loaded.weightBytes + loaded.arenaBytes + staging + 4 * MB;
      t.diagnostic(
        `${name}, ${threads} thread(s): peak ${kb(loaded.peakHeapBytes)}, weights ${kb(loaded.weightBytes)}, arena ${kb(loaded.arenaBytes)}, staging ${kb(staging)}, ` +
          `WebAssembly memory ${kb(loaded.wasmBytes)} (${kb(empty.wasmBytes)} before)`,
      );
      assert.ok(loaded.peakHeapBytes <= allowed, `${loaded.peakHeapBytes} > ${allowed}`);
      assert.ok(
        loaded.wasmBytes <= allowed + empty.wasmBytes,
        `${loaded.wasmBytes} of WebAssembly memory > ${allowed} + ${empty.wasmBytes}`,
      );
      for (let i = 0; i < 3; i++) await model.run(noise(size * size * 3, 1 + i));
      assert.deepEqual(runtime.memory(), loaded);
      model.dispose();
      const { peakHeapBytes: _, wasmBytes: grown, ...after } = runtime.memory();
      const { peakHeapBytes: __, wasmBytes: ___, ...before } = empty;
      assert.deepEqual(after, before);
      const again = await runtime.load(path);
      assert.equal(runtime.memory().wasmBytes, grown, 'a second load finds the memory of the first');
      again.dispose();
      runtime.dispose();
    });
  }
}

test('memory: it counts models, weights and arenas, and after dispose() of all of them is what it was', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const empty = runtime.memory();
  assert.deepEqual([empty.models, empty.weightBytes, empty.arenaBytes], [0, 0, 0]);
  const models = [];
  for (const [i, source] of [denseModel(), convModel(), pairModel(), identityModel()].entries()) {
    const before = runtime.memory();
    models.push(await runtime.load(source));
    const now = runtime.memory();
    assert.equal(now.models, i + 1);
    assert.ok(now.heapBytes > before.heapBytes && now.peakHeapBytes >= now.heapBytes);
    if (i < 2) assert.ok(now.weightBytes >= before.weightBytes + (i === 0 ? 64 * 32 * 4 : 9 * 4 * 32 * 4 + 32 * 32 * 4));
    assert.ok(now.arenaBytes > before.arenaBytes);
    assert.ok(now.wasmBytes >= now.heapBytes);
  }
  for (const model of models.reverse()) model.dispose();
  const { heapBytes, models: left, weightBytes, arenaBytes } = runtime.memory();
  assert.deepEqual(
    { heapBytes, models: left, weightBytes, arenaBytes },
    { heapBytes: empty.heapBytes, models: 0, weightBytes: 0, arenaBytes: 0 },
  );
  runtime.dispose();
});

test('programs: the last eight shapes are kept, the ninth ends the one used longest ago, results stay right', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const { heapBytes: empty } = runtime.memory();
  const model = await runtime.load(denseModel());
  const run = async (/** @type {number} */ rows) => {
    const x = denseInput(rows, rows);
    assertDense((await model.run(x)).y.data, x.data);
    return runtime.memory().heapBytes;
  };
  // The arena is as large as its largest program: with that one first, what changes afterwards is the programs alone.
  await run(16);
  const sizes = [];
  for (let rows = 1; rows <= 7; rows++) sizes.push(await run(rows));
  assert.ok(new Set(sizes.slice(1)).size === 6, 'each new shape is a program of its own');
  const full = await run(16);
  assert.equal(full, sizes[6], 'eight are kept: 16 and 2 … 7 and 1');
  for (let rows = 8; rows <= 15; rows++) assert.equal(await run(rows), full, `${rows} rows end an older program and need as much`);
  for (const rows of [1, 16, 9, 1, 15, 2]) assert.equal(await run(rows), full, 'back and forth');
  // Least recently used, not first made: a program that is used between stays, and stays without a new one.
  const { peakHeapBytes } = runtime.memory();
  assert.ok(peakHeapBytes > full, 'the ninth is made before the eighth ends');
  model.dispose();
  assert.equal(runtime.memory().heapBytes, empty);
  runtime.dispose();
});

test('programs: one that is used between is not the one that ends', async () => {
  const { core, ...engine } = await instantiate({ variant: 'simd', threads: 1 });
  const runtime = new Runtime({ core, ...engine, variant: 'simd' });
  const model = await runtime.load(denseModel());
  for (let rows = 20; rows > 0; rows--) {
    model.runSync(denseInput(rows));
    // A run of known shapes allocates nothing: were it compiled anew, this allocation would fail.
    core.failAllocation(1);
    model.runSync(denseInput(20));
    core.failAllocation(0);
  }
  core.failAllocation(1);
  assert.throws(() => model.runSync(denseInput(15)), xnnError('out-of-memory', /out of memory/));
  runtime.dispose();
});

test('maxMemory: a load that needs more is out-of-memory with the numbers, leaves nothing, and smaller models still load', async () => {
  const maxMemory = 2_000_000;
  const runtime = await createRuntime({ threads: 1, maxMemory });
  const { heapBytes } = runtime.memory();
  for (let i = 0; i < 3; i++) {
    await assert.rejects(
      runtime.load(FACEMESH_URL),
      xnnError('out-of-memory', /\d+ bytes more than the \d+ in use do not fit the limit of 2000000/),
    );
    assert.equal(runtime.memory().heapBytes, heapBytes);
    assert.equal(runtime.memory().models, 0);
  }
  const model = await runtime.load(denseModel());
  const x = denseInput(4);
  assertDense((await model.run(x)).y.data, x.data);
  const before = runtime.memory();
  await assert.rejects(model.run(denseInput(10_000)), xnnError('out-of-memory', /limit of 2000000/));
  assert.equal(runtime.memory().heapBytes, before.heapBytes, 'a shape that does not fit leaves nothing');
  assertDense((await model.run(x)).y.data, x.data);
  assert.ok(runtime.memory().peakHeapBytes <= maxMemory);
  model.dispose();
  assert.equal(runtime.memory().heapBytes, heapBytes);
  runtime.dispose();
});

test('maxMemory: what a load reached is enough for the next one', async () => {
  const free = await createRuntime({ threads: 1 });
  await free.load(FACEMESH_URL);
  const { peakHeapBytes } = free.memory();
  free.dispose();
  const exact = await createRuntime({ threads: 1, maxMemory: peakHeapBytes });
  await exact.load(FACEMESH_URL);
  exact.dispose();
  const short = await createRuntime({ threads: 1, maxMemory: peakHeapBytes - 1 });
  await assert.rejects(short.load(FACEMESH_URL), { code: 'out-of-memory' });
  short.dispose();
});

test('memory: without a limit, more than the 4 GB there are is out-of-memory, and the runtime goes on', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const model = await runtime.load(denseModel());
  const { heapBytes, wasmBytes } = runtime.memory();
  // 2^25 rows of 64 floats are 8 GB.
  await assert.rejects(runtime.load(denseModel(), { inputShapes: { x: [2 ** 25, 64] } }), {
    name: 'XnnError',
    code: /** @type {any} */ (/out-of-memory|bad-shape|unsupported/),
  });
  assert.deepEqual([runtime.memory().heapBytes, runtime.memory().wasmBytes], [heapBytes, wasmBytes]);
  const x = denseInput(1);
  assertDense((await model.run(x)).y.data, x.data);
  runtime.dispose();
});

test('faults: whichever allocation of load and first run fails, it is out-of-memory, nothing leaks and the runtime goes on', async (t) => {
  for (const [name, source, count] of /** @type {const} */ ([
    ['dense', denseModel(), 2 * 64],
    ['conv', convModel(), 2 * 16 * 16 * 4],
    ['pair', pairModel(), 6],
    ['identity', identityModel(), 8],
  ])) {
    const { core, ...engine } = await instantiate({ variant: 'simd', threads: 1 });
    const runtime = new Runtime({ core, ...engine, variant: 'simd' });
    const data = noise(count, 9);
    const loadAndRun = async () => {
      const model = await runtime.load(source);
      try {
        const result = await model.run(name === 'pair' ? { a: data, b: data } : data);
        model.summary();
        return result;
      } finally {
        model.dispose();
      }
    };
    const expected = await loadAndRun();
    const { heapBytes } = runtime.memory();
    let n = 1;
    for (; ; n++) {
      core.failAllocation(n);
      /** @type {unknown} */
      let error;
      const result = await loadAndRun().catch((/** @type {unknown} */ reason) => {
        error = reason;
      });
      core.failAllocation(0);
      if (error === undefined) {
        assert.deepEqual(result, expected);
        break;
      }
      assert.ok(error instanceof XnnError && error.code === 'out-of-memory', `${name}, allocation ${n}: ${error}`);
      assert.match(error.message, /out of memory: .*\d+ bytes/);
      assert.equal(runtime.memory().heapBytes, heapBytes, `${name}: allocation ${n} failed and leaves bytes`);
    }
    assert.ok(n > 10, `${name}: only ${n - 1} allocations`);
    t.diagnostic(`${name}: ${n - 1} allocations, each failed once`);
    assert.deepEqual(await loadAndRun(), expected);
    assert.equal(runtime.memory().heapBytes, heapBytes);
    runtime.dispose();
  }
});

/** @param {number} bytes */
const kb = (bytes) => `${Math.round(bytes / 1000)} kB`;
