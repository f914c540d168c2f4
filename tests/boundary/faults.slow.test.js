// Two real models: every allocation of load and first run fails once; a thousand rounds leave nothing.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { instantiate } from '../../js/instantiate.js';
import { XnnError } from '../../js/main.js';
import { Runtime } from '../../js/runtime.js';
import { modelPath } from '../support/photos.js';

const MODELS = { facemesh: 192 * 192 * 3, blazeface: 256 * 256 * 3 };

/** The model's files in memory, so that only the engine is at work. @param {string} name */
async function readModel(name) {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(modelPath(name), 'utf8'));
  const weights = new Uint8Array(await readFile(modelPath(name).replace(/json$/, 'bin')));
  return { modelTopology, weightsManifest, weights };
}

/** @param {string} name @param {number} size */
async function open(name, size) {
  const { core, ...engine } = await instantiate({ variant: 'simd', threads: 1 });
  const runtime = new Runtime({ core, ...engine, variant: 'simd' });
  const source = await readModel(name);
  const input = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.0037));
  const round = async () => {
    const model = await runtime.load(source);
    try {
      return await model.run(input);
    } finally {
      model.dispose();
    }
  };
  return { core, runtime, round };
}

for (const [name, size] of Object.entries(MODELS)) {
  test(`faults: ${name}: whichever allocation of load and first run fails, nothing leaks and the runtime goes on`, async (t) => {
    const { core, runtime, round } = await open(name, size);
    const expected = await round();
    const { heapBytes } = runtime.memory();
    for (let n = 1; ; n++) {
      core.failAllocation(n);
      /** @type {any} */
      const failed = await round().then(
        () => undefined,
        (error) => error,
      );
      core.failAllocation(0);
      if (failed === undefined) {
        t.diagnostic(`${name}: ${n - 1} allocations, each failed once`);
        assert.ok(n > 100, `only ${n - 1} allocations`);
        break;
      }
      assert.ok(failed instanceof XnnError && failed.code === 'out-of-memory', `allocation ${n}: ${failed}`);
      assert.equal(runtime.memory().heapBytes, heapBytes, `allocation ${n} failed and leaves bytes`);
    }
    assert.deepEqual(await round(), expected);
    runtime.dispose();
  });

  test(`soak: ${name}: 500 rounds of load, run and dispose leave the heap as it was`, async (t) => {
    const { runtime, round } = await open(name, size);
    for (let i = 0; i < 5; i++) await round();
    const before = runtime.memory();
    for (let i = 0; i < 500; i++) await round();
    const after = runtime.memory();
    t.diagnostic(`${name}: ${after.heapBytes} bytes in use, ${after.wasmBytes} bytes of memory after 505 rounds`);
    assert.deepEqual(after, before);
    runtime.dispose();
  });
}
