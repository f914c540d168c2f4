// Threads in Node: their results, their beginning and their end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createRuntime } from '../../js/main.js';
import { BLAZEFACE_URL, FACEMESH_URL } from '../support/photos.js';
import { noise, xnnError } from './models.js';

const INDEX = new URL('../../js/main.js', import.meta.url).href;

/** What a script begins with: a runtime and a model that ran once; `live` counts the process's workers. */
const START = `
  import { createRuntime } from ${JSON.stringify(INDEX)};
  let live = 0, most = 0;
  process.on('worker', (worker) => { most = Math.max(most, ++live); worker.once('exit', () => live--); });
  const start = async (threads) => {
    const runtime = await createRuntime({ threads });
    const model = await runtime.load(${JSON.stringify(FACEMESH_URL)});
    await model.run(new Float32Array(192 * 192 * 3).fill(0.5));
    return { runtime, model };
  };
`;

/**
 * Runs a script in a process of its own.
 * @param {string} script @param {string[]} [flags]
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string, afterLast: number }>}  afterLast:
 *   milliseconds from the last output to the exit.
 */
function runScript(script, flags = []) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', START + script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let [stdout, stderr] = ['', ''];
    let last = performance.now();
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      last = performance.now();
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const afterLast = performance.now() - last;
      child.on('close', () => resolve({ code, signal, stdout, stderr, afterLast }));
    });
  });
}

for (const [name, path, size] of /** @type {const} */ ([
  ['facemesh', FACEMESH_URL, 192],
  ['blazeface', BLAZEFACE_URL, 256],
])) {
  test(`${name}: 2, 3 and 4 threads give the bits of one`, async () => {
    const input = noise(size * size * 3, 11);
    /** @param {number} threads */
    const outputs = async (threads) => {
      const runtime = await createRuntime({ threads, variant: 'simd' });
      assert.equal(runtime.threads, threads);
      const model = await runtime.load(path);
      const first = await model.run(input); // small ops on one thread
      const second = await model.run(input);
      runtime.dispose();
      assert.deepEqual(second, first);
      return second;
    };
    const one = await outputs(1);
    assert.ok(Object.values(one).every(({ data }) => data.some((value) => value !== 0)));
    for (const threads of [2, 3, 4]) assert.deepEqual(await outputs(threads), one, `${threads} threads`);
  });
}

test('threads: a script that never disposes exits by itself within a second', async (t) => {
  const { code, stdout, stderr, afterLast } = await runScript(`
    const { runtime } = await start(3);
    process.stdout.write('done ' + runtime.threads + ' ' + most);
  `);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'done 3 2', stderr: '' });
  assert.ok(afterLast < 1000, `it takes ${Math.round(afterLast)} ms to exit`);
  t.diagnostic(`exit ${Math.round(afterLast)} ms after the last line`);
});

test('threads: a script that throws, or leaves a rejection, exits with 1 and its own error', async () => {
  for (const fault of [
    "throw new Error('my fault')",
    "Promise.reject(new Error('my fault'))",
    "setTimeout(() => { throw new Error('my fault'); }, 10)",
  ]) {
    const { code, stderr, afterLast } = await runScript(`await start(3); process.stdout.write('ready'); ${fault};`);
    assert.equal(code, 1, fault);
    assert.match(stderr, /Error: my fault/);
    assert.ok(afterLast < 1000, `it takes ${Math.round(afterLast)} ms to exit`);
  }
});

test('threads: process.exit() in the middle gives its code', async () => {
  const { code, stderr } = await runScript('await start(3); process.exit(7);');
  assert.deepEqual({ code, stderr }, { code: 7, stderr: '' });
});

test('threads: dispose() ends all workers, and the host gets no global Worker', async () => {
  const { code, stdout, stderr } = await runScript(`
    const before = Object.getOwnPropertyNames(globalThis).sort().join();
    const { runtime } = await start(4);
    const during = live;
    runtime.dispose();
    for (let i = 0; i < 200 && live > 0; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    process.stdout.write(JSON.stringify({ during, live, globals: Object.getOwnPropertyNames(globalThis).sort().join() === before }));
  `);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.deepEqual(JSON.parse(stdout), { during: 3, live: 0, globals: true });
});

test('threads: 100 create and dispose leave no worker and no growth', async (t) => {
  const { code, stdout, stderr } = await runScript(
    `
    const sizes = [];
    for (let i = 0; i < 100; i++) {
      (await start(2)).runtime.dispose();
      while (live > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      gc();
      sizes.push(Math.round(process.memoryUsage().rss / 1e6));
    }
    process.stdout.write(JSON.stringify({ live, most, sizes }));
  `,
    ['--expose-gc'],
  );
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const { live, most, sizes } = JSON.parse(stdout);
  assert.deepEqual({ live, most }, { live: 0, most: 1 });
  const average = (/** @type {number[]} */ list) => list.reduce((sum, size) => sum + size, 0) / list.length;
  const growth = average(sizes.slice(90)) - average(sizes.slice(10, 20));
  t.diagnostic(`resident memory in MB: ${sizes.join(' ')}`);
  // One instance with the model holds 7 MB: eighty that leak would show as 560.
  assert.ok(growth < 40, `${growth} MB more after 100 than after 20: ${sizes}`);
});

test('threads: flags of the process are not passed on to them', async () => {
  const noisy = 'data:text/javascript,import { writeSync } from "node:fs"; writeSync(1, "loaded ");';
  const { code, stdout, stderr } = await runScript("await start(3); process.stdout.write('done');", ['--import', noisy]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'loaded done', stderr: '' });
});

test('threads: a runtime in a worker of the program has threads of its own, and ends with it', async () => {
  const { code, stdout, stderr, afterLast } = await runScript(`
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`
      import('${INDEX}').then(async ({ createRuntime }) => {
        const runtime = await createRuntime({ threads: 3 });
        const model = await runtime.load(${JSON.stringify(FACEMESH_URL)});
        await model.run(new Float32Array(192 * 192 * 3));
        process.getBuiltinModule('node:worker_threads').parentPort.postMessage(runtime.threads);
      });
    `)};
    const worker = new Worker(source, { eval: true });
    const threads = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await new Promise((resolve) => worker.once('exit', resolve));
    process.stdout.write(String(threads));
  `);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '3', stderr: '' });
  assert.ok(afterLast < 1000);
});

test('threads: a start that fails ends those that were started', async () => {
  const wasm = new URL('../../dist/xnnjs-simd-threads.wasm', import.meta.url);
  const bytes = await readFile(wasm);
  bytes.write('conv2q', bytes.indexOf('conv2d 2 '));
  let live = 0;
  const count = (/** @type {import('node:worker_threads').Worker} */ worker) => {
    live++;
    worker.once('exit', () => live--);
  };
  process.on('worker', count);
  await assert.rejects(createRuntime({ variant: 'simd', wasm: bytes, threads: 3 }), xnnError('misuse', /different versions/));
  for (let i = 0; i < 200 && live > 0; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(live, 0);
  process.off('worker', count);
});
