// createRuntime: its options, where the .wasm comes from, the end of a runtime.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRuntime, XnnError } from '../../js/main.js';
import { assertDense, denseInput, denseModel, identityModel, xnnError } from './models.js';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const WASM = path.join(DIST, 'xnnjs-simd.wasm');

/** @type {Buffer} */
let bytes;
before(async () => {
  bytes = await readFile(WASM);
});

/** Fails unless it computes. @param {import('../../js/index.js').Runtime} runtime */
async function assertWorks(runtime) {
  const model = await runtime.load(denseModel());
  const x = denseInput(3);
  assertDense((await model.run(x)).y.data, x.data);
  model.dispose();
}

/** @param {import('../../js/index.js').RuntimeOptions} options */
async function works(options) {
  const runtime = await createRuntime({ variant: 'simd', threads: 1, ...options });
  await assertWorks(runtime);
  runtime.dispose();
}

test('runtime: without options it has min(4, cores) threads, a variant and the version of package.json', async () => {
  const runtime = await createRuntime();
  assert.equal(runtime.threads, Math.min(4, os.availableParallelism()));
  assert.ok(['simd', 'relaxed'].includes(runtime.variant));
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(runtime.version, version);
  await assertWorks(runtime);
  runtime.dispose();
});

test('runtime: threads is taken as given, and refused with its value where it is no count', async () => {
  for (const threads of [1, 2, 3]) {
    const runtime = await createRuntime({ threads });
    assert.equal(runtime.threads, threads);
    await assertWorks(runtime);
    runtime.dispose();
  }
  for (const threads of /** @type {any[]} */ ([0, -1, 1.5, 65, Number.NaN, '2', null]))
    await assert.rejects(createRuntime({ threads }), xnnError('misuse', new RegExp(`threads is ${threads}:.*1 to 64`)));
});

test('runtime: variant and deterministic are checked', async () => {
  await assert.rejects(
    createRuntime({ variant: /** @type {any} */ ('avx') }),
    xnnError('misuse', /variant is avx: 'auto', 'simd' or 'relaxed'/),
  );
  await assert.rejects(createRuntime({ deterministic: true, variant: 'relaxed' }), xnnError('misuse', /deterministic.*relaxed/));
  for (const options of /** @type {const} */ ([{ variant: 'simd' }, { deterministic: true }, { variant: 'simd', deterministic: true }])) {
    const runtime = await createRuntime({ threads: 1, ...options });
    assert.equal(runtime.variant, 'simd');
    runtime.dispose();
  }
});

test('runtime: another precision says which there are', async () => {
  const runtime = await createRuntime({ threads: 1 });
  await assert.rejects(
    runtime.load(denseModel(), { precision: /** @type {any} */ ('float64') }),
    xnnError('misuse', /precision is float64/),
  );
  runtime.dispose();
});

test('runtime: maxMemory is checked', async () => {
  for (const maxMemory of /** @type {any[]} */ ([-1, 1.5, 2 ** 32, '1', Number.NaN]))
    await assert.rejects(createRuntime({ maxMemory }), xnnError('misuse', new RegExp(`maxMemory is ${maxMemory}: a whole number`)));
});

test('wasm: a path, a URL, the text of a URL, bytes, a module and functions that give them all work', async () => {
  const url = pathToFileURL(WASM);
  const module = await WebAssembly.compile(new Uint8Array(bytes));
  const relative = path.relative(process.cwd(), WASM);
  const buffer = new Uint8Array(bytes).buffer;
  const forms = [WASM, relative, url, url.href, bytes, new Uint8Array(buffer), new DataView(buffer), buffer, module];
  for (const wasm of forms) await works({ wasm });
  /** @type {string[]} */
  const asked = [];
  const from = (/** @type {string} */ file) => {
    asked.push(file);
    return path.join(DIST, file);
  };
  await works({ wasm: from });
  await works({ wasm: (file) => new URL(file, pathToFileURL(DIST)), threads: 2 });
  await works({ wasm: from, threads: 2 });
  for (const wasm of forms) await works({ wasm: () => wasm });
  assert.deepEqual(asked, ['xnnjs-simd.wasm', 'xnnjs-simd-threads.wasm']);
});

test('wasm: bytes and modules that are given serve several runtimes', async () => {
  const wasm = await WebAssembly.compile(new Uint8Array(bytes));
  const runtimes = await Promise.all([
    createRuntime({ variant: 'simd', wasm, threads: 1 }),
    createRuntime({ variant: 'simd', wasm, threads: 1 }),
  ]);
  for (const runtime of runtimes) await assertWorks(runtime);
  for (const runtime of runtimes) runtime.dispose();
});

test('wasm: a file that is not there or is something else is named', async () => {
  const none = path.join(DIST, 'none.wasm');
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: none, threads: 1 }),
    xnnError('network', /cannot read file:.*none\.wasm: ENOENT/),
  );
  const script = path.join(DIST, 'xnnjs-simd.js');
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: script, threads: 1 }),
    xnnError('network', /xnnjs-simd\.js is no WebAssembly module/),
  );
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: new Uint8Array(5), threads: 1 }),
    xnnError('misuse', /5 bytes, is no WebAssembly module/),
  );
  for (const wasm of /** @type {any[]} */ ([5, {}, true]))
    await assert.rejects(createRuntime({ variant: 'simd', wasm, threads: 1 }), xnnError('misuse', /the wasm option is .*: a URL/));
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  await assert.rejects(createRuntime({ variant: 'simd', wasm: empty, threads: 1 }), xnnError('misuse', /8 bytes, is not xnnjs-simd\.wasm/));
  const module = await WebAssembly.compile(empty);
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: module, threads: 2 }),
    xnnError('misuse', /Module given is not xnnjs-simd-threads\.wasm/),
  );
});

test('wasm: the file of another variant is told from the right one', async () => {
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: WASM, threads: 2 }),
    xnnError('misuse', /is xnnjs-simd\.wasm, xnnjs-simd-threads\.wasm is needed/),
  );
  const threaded = path.join(DIST, 'xnnjs-simd-threads.wasm');
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: threaded, threads: 1 }),
    xnnError('misuse', /is xnnjs-simd-threads\.wasm, xnnjs-simd\.wasm is needed/),
  );
});

test('wasm: one of another version gives one clear error', async () => {
  const stale = /different versions: clear the cache, or check the wasm option/;
  const otherBuild = Buffer.from(bytes);
  // The mark is the last thing in the file: 'simd ' and 16 digits.
  otherBuild[otherBuild.length - 1] ^= 1;
  await assert.rejects(createRuntime({ variant: 'simd', wasm: otherBuild, threads: 1 }), xnnError('misuse', stale));
  const otherSchema = Buffer.from(bytes);
  otherSchema.write('conv2q', otherSchema.indexOf('conv2d 2 '));
  await assert.rejects(
    createRuntime({ variant: 'simd', wasm: otherSchema, threads: 1 }),
    xnnError('misuse', /of different versions: clear the cache, or check the `?wasm/),
  );
});

test('wasm: http: a server that calls the file something else serves it too, one without it is named with its status', async () => {
  const server = createServer((request, response) => {
    const found = request.url === '/typed.wasm' || request.url === '/untyped.wasm';
    if (request.url === '/cut.wasm') {
      response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000), () => response.destroy());
      return;
    }
    if (request.url === '/page.wasm') response.setHeader('content-type', 'text/html').end('<!doctype html>');
    else
      response
        .writeHead(found ? 200 : 404, { 'content-type': request.url === '/typed.wasm' ? 'application/wasm' : 'text/plain' })
        .end(found ? bytes : 'no');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  after(() => server.close());
  const base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  await works({ wasm: `${base}/typed.wasm` });
  await works({ wasm: new URL(`${base}/untyped.wasm`) });
  await assert.rejects(createRuntime({ wasm: `${base}/none.wasm`, threads: 1 }), xnnError('network', /none\.wasm: HTTP status 404/));
  await assert.rejects(
    createRuntime({ wasm: `${base}/page.wasm`, threads: 1 }),
    xnnError('network', /page\.wasm is no WebAssembly module/),
  );
  await assert.rejects(createRuntime({ wasm: `${base}/cut.wasm`, threads: 1 }), xnnError('network', /cut\.wasm/));
  server.closeAllConnections();
  server.close();
  await assert.rejects(createRuntime({ wasm: `${base}/typed.wasm`, threads: 1 }), xnnError('network', /cannot fetch .*typed\.wasm/));
});

test('runtime: two live side by side, and the end of one does not touch the other', async () => {
  const [one, two] = await Promise.all([createRuntime({ variant: 'simd', threads: 1 }), createRuntime({ variant: 'simd', threads: 2 })]);
  const models = await Promise.all([one.load(denseModel()), two.load(denseModel())]);
  const x = denseInput(5);
  const [a, b] = await Promise.all(models.map((model) => model.run(x)));
  assert.deepEqual(a, b);
  const before = two.memory();
  one.dispose();
  assert.deepEqual(two.memory(), before);
  assert.deepEqual(await models[1].run(x), b);
  two.dispose();
});

test('runtime: after dispose() everything but dispose() is misuse', async () => {
  const runtime = await createRuntime({ threads: 2 });
  const model = await runtime.load(denseModel());
  runtime.dispose();
  runtime.dispose();
  model.dispose();
  assert.throws(() => runtime.memory(), xnnError('misuse', /runtime was disposed/));
  await assert.rejects(runtime.load(denseModel()), xnnError('misuse', /runtime was disposed/));
  await assert.rejects(model.run(denseInput(1)), xnnError('misuse', /model was disposed/));
  assert.throws(() => model.runSync(denseInput(1)), xnnError('misuse', /model was disposed/));
  assert.throws(() => model.summary(), xnnError('misuse', /model was disposed/));
});

test('runtime: dispose() ends a load that is under way', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const loading = runtime.load({ ...denseModel(), weights: () => new Promise(() => {}) });
  const failed = assert.rejects(loading, xnnError('misuse', /disposed while the model was loading/));
  await new Promise((resolve) => setTimeout(resolve, 20));
  runtime.dispose();
  await failed;
});

test('runtime and model: Symbol.dispose disposes', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const model = await runtime.load(identityModel());
  model[Symbol.dispose]();
  assert.equal(runtime.memory().models, 0);
  runtime[Symbol.dispose]();
  assert.throws(() => runtime.memory(), xnnError('misuse', /disposed/));
});

test('errors: XnnError is an Error with a name, a code and, where there is one, the node and the cause', async () => {
  const runtime = await createRuntime({ threads: 1 });
  const { modelTopology, ...rest } = denseModel();
  const nodes = modelTopology.node.map((node) => (node.name === 'fc' ? { ...node, op: 'MatrixInverse' } : node));
  const error = await runtime.load({ modelTopology: { node: nodes }, ...rest }).catch((/** @type {unknown} */ reason) => reason);
  assert.ok(error instanceof XnnError && error instanceof Error);
  assert.equal(error.name, 'XnnError');
  assert.equal(error.code, 'unsupported');
  assert.equal(error.node, 'fc');
  assert.match(error.message, /MatrixInverse/);
  const missing = await runtime.load('/nowhere/model.json').catch((/** @type {unknown} */ reason) => reason);
  assert.ok(missing instanceof XnnError && missing.cause instanceof Error);
  assert.equal(missing.code, 'network');
  runtime.dispose();
});
