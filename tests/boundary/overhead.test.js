// What one call costs apart from computing. Printed, not judged: it is the machine's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { identityModel } from './models.js';

test('overhead: a call of an empty model takes microseconds and allocates nothing in the engine', async (t) => {
  const runtime = await createRuntime({ threads: 1 });
  const model = await runtime.load(identityModel());
  const x = Float32Array.of(1, 2, 3, 4);
  for (let i = 0; i < 2000; i++) model.runSync(x);
  const memory = runtime.memory();
  const median = (/** @type {number[]} */ times) => times.sort((a, b) => a - b)[times.length >> 1] * 1000;
  const sync = [];
  const async = [];
  for (let i = 0; i < 2000; i++) {
    const start = performance.now();
    model.runSync(x);
    sync.push(performance.now() - start);
  }
  for (let i = 0; i < 2000; i++) {
    const start = performance.now();
    await model.run(x);
    async.push(performance.now() - start);
  }
  t.diagnostic(`an empty model: runSync ${median(sync).toFixed(1)} µs, run ${median(async).toFixed(1)} µs (medians of 2000)`);
  assert.deepEqual(runtime.memory(), memory);
  runtime.dispose();
});
