// worker: true in Node: the same models, answers and errors as without.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createRuntime } from '../../js/main.js';

const MODELS = fileURLToPath(new URL('../../node_modules/@vladmandic/human/models/', import.meta.url));
const BLAZEFACE = `${MODELS}blazeface.json`;
const INDEX = new URL('../../js/main.js', import.meta.url).href;
const input = Float32Array.from({ length: 256 * 256 * 3 }, (_, i) => Math.sin(i * 0.0037));

/** @type {any} */
let runtime;
/** @type {any} */
let model;
before(async () => {
  runtime = await createRuntime({ worker: true, threads: 2 });
  model = await runtime.load(BLAZEFACE);
});
after(() => runtime.dispose());

/** @param {string} code */
const coded = (code) => (/** @type {any} */ error) => error.name === 'XnnError' && error.code === code;

test('worker: outputs are those of a runtime without one, bit for bit', async () => {
  const here = await createRuntime({ threads: 2 });
  const expected = await (await here.load(BLAZEFACE)).run(input);
  here.dispose();
  assert.deepEqual(await model.run(input), expected);
});

test("worker: inputs stay the caller's, and may be changed as soon as run() has returned", async () => {
  const copy = input.slice();
  const pending = model.run(copy);
  copy.fill(0);
  assert.deepEqual(await pending, await model.run(input));
  assert.equal(copy.length, input.length);
});

test('worker: runs queue in order', async () => {
  const order = /** @type {number[]} */ ([]);
  await Promise.all([0, 1, 2].map((i) => model.run(input).then(() => order.push(i))));
  assert.deepEqual(order, [0, 1, 2]);
});

test('worker: runSync is misuse', () => {
  assert.throws(() => model.runSync(input), coded('misuse'));
});

test('worker: an abort ends the run under way and those behind it, and no other', async () => {
  const controller = new AbortController();
  const aborted = Array.from({ length: 5 }, () => model.run(input, { signal: controller.signal }));
  const last = model.run(input);
  setTimeout(() => controller.abort(), 5);
  const results = await Promise.allSettled(aborted);
  const rejected = results.filter(({ status }) => status === 'rejected');
  assert.ok(rejected.length >= 3, `${rejected.length} of 5 runs of more than 5 ms were aborted after 5 ms`);
  for (const { reason } of /** @type {PromiseRejectedResult[]} */ (rejected)) assert.equal(reason.code, 'aborted');
  assert.deepEqual(await last, await model.run(input));
});

test('worker: errors keep their code and node', async () => {
  await assert.rejects(model.run(new Float32Array(5)), coded('bad-shape'));
  await assert.rejects(runtime.load(`${MODELS}none.json`), coded('network'));
  await assert.rejects(
    runtime.load(`${MODELS}handtrack.json`),
    (/** @type {any} */ error) => error.code === 'unsupported' && typeof error.node === 'string',
  );
});

test('worker: IOHandlers, fetch and onProgress are called on this side', async () => {
  const json = JSON.parse(await readFile(BLAZEFACE, 'utf8'));
  const bytes = await readFile(`${MODELS}blazeface.bin`);
  const progress = /** @type {number[]} */ ([]);
  const files = new Map(
    /** @type {[string, string | Uint8Array<ArrayBuffer>][]} */ ([
      ['m.json', JSON.stringify(json)],
      ['blazeface.bin', new Uint8Array(bytes)],
    ]),
  );
  const fetch = async (/** @type {string} */ url) => new Response(files.get(String(new URL(url).pathname.slice(1))) ?? null);
  const other = await runtime.load('http://example.invalid/m.json', {
    fetch,
    onProgress: (/** @type {any} */ { loaded }) => progress.push(loaded),
  });
  assert.deepEqual(await other.run(input), await model.run(input));
  assert.equal(progress.at(-1), bytes.length);
  const handler = {
    load: async () => ({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: new Uint8Array(bytes).buffer,
    }),
  };
  const third = await runtime.load(handler);
  assert.deepEqual(await third.run(input), await model.run(input));
  third.dispose();
  other.dispose();
});

test('worker: memory() says what the worker holds, and disposing a model frees it', async () => {
  await model.run(input);
  const before = runtime.memory();
  const other = await runtime.load(`${MODELS}facemesh.json`);
  assert.ok(runtime.memory().weightBytes > before.weightBytes);
  assert.equal(runtime.memory().models, 2);
  other.dispose();
  await model.run(input);
  assert.equal(runtime.memory().weightBytes, before.weightBytes);
  assert.equal(runtime.memory().models, 1);
});

test('worker: profile and summary work', async () => {
  const { ops, runs } = await model.profile(input, { runs: 2 });
  assert.equal(runs, 2);
  assert.ok(ops.some((/** @type {any} */ op) => op.kind === 'conv2d' && op.ms > 0 && op.flops > 0));
  assert.match(model.summary(), /arena \d+ bytes/);
});

test('worker: dispose ends what is pending with misuse', async () => {
  const other = await createRuntime({ worker: true });
  const running = (await other.load(BLAZEFACE)).run(input);
  const loading = other.load(BLAZEFACE);
  other.dispose();
  await assert.rejects(running, coded('misuse'));
  await assert.rejects(loading, coded('misuse'));
  await assert.rejects(other.load(BLAZEFACE), coded('misuse'));
});

test('worker: maxMemory holds there', async () => {
  const small = await createRuntime({ worker: true, threads: 1, maxMemory: 1e6 });
  await assert.rejects(small.load(BLAZEFACE), coded('out-of-memory'));
  small.dispose();
});

test("worker: the caller's thread is not blocked while a run computes", async (t) => {
  let ticks = 0;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    ticks++;
  }, 1);
  const start = performance.now();
  for (let i = 0; i < 20; i++) await model.run(input);
  const all = performance.now() - start;
  clearInterval(timer);
  t.diagnostic(`20 runs took ${all.toFixed(0)} ms, the timer ticked ${ticks} times, the longest gap was ${longest.toFixed(1)} ms`);
  assert.ok(ticks > 10, `${ticks} ticks in ${all.toFixed(0)} ms`);
});

test('worker: a script that never disposes exits by itself', async () => {
  const script = `const { createRuntime } = await import(${JSON.stringify(INDEX)});
    const runtime = await createRuntime({ worker: true, threads: 2 });
    const model = await runtime.load(${JSON.stringify(pathToFileURL(BLAZEFACE).href)});
    await model.run(new Float32Array(256 * 256 * 3)); console.log('done');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 20000 });
  assert.equal(stdout, 'done\n');
});
