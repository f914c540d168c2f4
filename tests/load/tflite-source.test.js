// Where TensorFlow Lite models come from: bytes, files, disk, HTTP. Expected bytes are what the test writes.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openSource } from '../../js/load/source.js';
import { parseGraph } from '../../js/load/tfjs-graph.js';
import { writeTflite } from '../support/tflite-writer.js';
import { readWeightBytes, rejectsWith } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xnnjs-tflite-'));
after(() => rmSync(folder, { recursive: true }));

const values = Float32Array.from({ length: 300_000 }, (_, i) => i);
const file = writeTflite({
  tensors: [
    { name: 'x', shape: [300_000] },
    { name: 'c', shape: [300_000], data: values },
    { name: 'half', shape: [3], type: 'FLOAT16', data: Uint16Array.of(1, 2, 3) },
    { name: 'int64', shape: [2], type: 'INT64', data: BigInt64Array.of(-5n, 7n) },
    { name: 'y', shape: [300_000] },
    { name: 'z', shape: [3] },
  ],
  operators: [
    { op: 'ADD', inputs: ['x', 'c'], outputs: ['y'] },
    { op: 'DEQUANTIZE', inputs: ['half'], outputs: ['z'] },
    { op: 'RESHAPE', inputs: ['y', 'int64'], outputs: ['z'] },
  ],
  inputs: ['x'],
  outputs: ['y'],
});
const expected = [
  new Uint8Array(values.buffer),
  new Uint8Array(Uint16Array.of(1, 2, 3).buffer),
  new Uint8Array(Int32Array.of(-5, 7).buffer),
];

async function holds(source, options) {
  const model = await openSource(source, options);
  assert.equal(model.format, 'tflite');
  for (let times = 0; times < 2; times++) {
    const { all } = await readWeightBytes(model); // and again
    assert.equal(all.length, 3);
    for (const [i, bytes] of all.entries()) assert.ok(Buffer.from(bytes).equals(expected[i]), `weight ${i}`);
  }
  assert.deepEqual(structuredClone(model.topology), model.topology);
  assert.ok(JSON.stringify(model.topology).length < 5000, 'nothing large goes to workers with the topology');
  return model;
}
const fileOf = (bytes, name) => new File([bytes], name);

test('in memory: an ArrayBuffer, a Uint8Array, a part of one, a Node Buffer, shared memory', async () => {
  await holds(file);
  await holds(file.slice().buffer);
  await holds(Buffer.from(file));
  const larger = new Uint8Array(file.length + 7);
  larger.set(file, 3);
  await holds(larger.subarray(3, 3 + file.length));
  const shared = new Uint8Array(new SharedArrayBuffer(file.length));
  shared.set(file);
  await holds(shared);
  await holds(shared.buffer);
  for (const format of ['auto', 'tflite']) await holds(file, { format });
});

test('in memory: pieces are views, of 4 MB at most', async () => {
  const model = await openSource(file);
  for await (const { weight, bytes } of model.bytes()) if (weight < 2) assert.equal(bytes.buffer, file.buffer);
  const big = writeTflite({
    tensors: [
      { name: 'x', shape: [1] },
      { name: 'c', shape: [1_200_000], data: new Float32Array(1_200_000) },
      { name: 'y', shape: [1] },
    ],
    operators: [{ op: 'ADD', inputs: [0, 1], outputs: [2] }],
    inputs: [0],
    outputs: [2],
  });
  const sizes = [];
  for await (const { bytes } of (await openSource(big)).bytes()) sizes.push(bytes.length);
  assert.deepEqual(sizes, [4 * 1024 * 1024, 4_800_000 - 4 * 1024 * 1024]);
});

test('File[]: one .tflite', async () => {
  await holds([fileOf(file, 'model.tflite')]);
  await holds([fileOf(new Uint8Array(3), 'labels.txt'), fileOf(file, 'MODEL.TFLITE')]);
  await holds([fileOf(file, 'model.json')]); // it is what it says inside
  await rejectsWith(openSource([fileOf(file, 'a.tflite'), fileOf(file, 'b.tflite')]), 'misuse', /several of the 2 files/);
});

test('disk: a path, a file: URL and its text; without an extension by what is inside', async () => {
  const path = join(folder, 'model.tflite');
  writeFileSync(path, file);
  for (const source of [path, pathToFileURL(path), pathToFileURL(path).href]) await holds(source);
  const bare = join(folder, 'model');
  writeFileSync(bare, file);
  await holds(bare);
  await holds(bare, { format: 'tflite' });
  await rejectsWith(openSource(join(folder, 'nowhere.tflite')), 'network', /no such file: .*nowhere\.tflite/);
  await rejectsWith(openSource(path, { format: 'tfjs' }), 'bad-model', /not JSON/);
});

test('what is no TensorFlow Lite model is a bad model where one is wanted', async () => {
  const text = new TextEncoder().encode('{"modelTopology":{}}');
  await rejectsWith(openSource(text), 'bad-model', /no TensorFlow Lite model/);
  await rejectsWith(openSource([fileOf(text, 'model.tflite')]), 'bad-model', /"TFL3" is missing/);
  await rejectsWith(openSource([fileOf('<html>', 'model.tflite')]), 'bad-model', /web page/);
  await rejectsWith(openSource([fileOf(text, 'model.json')], { format: 'tflite' }), 'bad-model', /"TFL3" is missing/);
  await rejectsWith(openSource(file, { format: 'tfjs' }), 'bad-model');
});

test('progress: of bytes in memory as they are given out, of a file as it is read', async () => {
  const seen = [];
  await readWeightBytes(await openSource(file, { onProgress: (progress) => seen.push(progress) }));
  assert.deepEqual(seen, [
    { loaded: 1_200_000, total: 1_200_014 },
    { loaded: 1_200_006, total: 1_200_014 },
    { loaded: 1_200_014, total: 1_200_014 },
  ]);
  const path = join(folder, 'progress.tflite');
  writeFileSync(path, file);
  for (const source of [path, [fileOf(file, 'progress.tflite')]]) {
    const steps = [];
    await readWeightBytes(await openSource(source, { onProgress: (progress) => steps.push(progress) }));
    assert.ok(steps.length > 0);
    assert.ok(steps.every(({ loaded, total }, i) => total === file.length && loaded > (steps[i - 1]?.loaded ?? 0)));
    assert.equal(steps.at(-1).loaded, file.length);
  }
});

test('abort: before, while the file is read, and between pieces', async () => {
  const path = join(folder, 'abort.tflite');
  writeFileSync(path, file);
  await rejectsWith(openSource(path, { signal: AbortSignal.abort() }), 'aborted');
  const during = new AbortController();
  await rejectsWith(openSource(path, { signal: during.signal, onProgress: () => during.abort() }), 'aborted');
  const later = new AbortController();
  const pieces = (await openSource(path, { signal: later.signal })).bytes();
  await pieces.next();
  later.abort();
  await rejectsWith(pieces.next(), 'aborted');
});

const sha256 = async (data) => `sha256-${Buffer.from(await crypto.subtle.digest('SHA-256', data)).toString('base64')}`;

test('integrity: of the file by its name', async () => {
  const path = join(folder, 'sure.tflite');
  writeFileSync(path, file);
  await holds(path, { integrity: { 'sure.tflite': await sha256(file) } });
  await rejectsWith(
    openSource(path, { integrity: { 'sure.tflite': await sha256(Uint8Array.of(1)) } }),
    'integrity',
    /"sure.tflite" has hash/,
  );
  await rejectsWith(openSource(path, { integrity: { 'other.tflite': await sha256(file) } }), 'misuse', /no file "other.tflite"/);
  await rejectsWith(openSource(file, { integrity: { 'sure.tflite': await sha256(file) } }), 'misuse', /no file/);
});

// ---- HTTP ----

let base = '';
const requests = [];
const answers = {
  '/model.tflite': (response) => response.writeHead(200, { 'content-length': file.length }).end(file),
  '/models/7': (response) => response.end(file),
  '/page.tflite': (response) => response.end('<!doctype html>'),
  '/slow.tflite': (response) => response.writeHead(200).write(file.subarray(0, 1000)),
};
const server = createServer(({ url }, response) => {
  requests.push(url);
  const answer = answers[url.split('?')[0]];
  if (answer) answer(response);
  else response.writeHead(404).end();
});
before(
  () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        base = `http://127.0.0.1:${server.address().port}`;
        resolve();
      });
    }),
);
after(() => {
  server.closeAllConnections();
  server.close();
});

test('HTTP: by extension, with a query, and without an extension by what is inside', async () => {
  await holds(`${base}/model.tflite`);
  await holds(new URL(`${base}/model.tflite?version=2`));
  await holds(`${base}/models/7`);
  await rejectsWith(openSource(`${base}/nowhere.tflite`), 'network', /HTTP status 404/);
  await rejectsWith(openSource(`${base}/page.tflite`), 'bad-model', /web page/);
});

test('HTTP: progress knows the length that is announced', async () => {
  const steps = [];
  await openSource(`${base}/model.tflite`, { onProgress: (progress) => steps.push(progress) });
  assert.ok(steps.every(({ total }) => total === file.length));
  assert.equal(steps.at(-1).loaded, file.length);
  const unknown = [];
  await openSource(`${base}/models/7`, { format: 'tflite', onProgress: (progress) => unknown.push(progress) });
  assert.equal(unknown.at(-1).loaded, file.length);
});

test('HTTP: an abort ends a download', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await rejectsWith(openSource(`${base}/slow.tflite`, { signal: controller.signal }), 'aborted');
});

test('HTTP: the cache keeps the file; a broken one is forgotten', async () => {
  const cache = join(folder, 'cache');
  requests.length = 0;
  await holds(`${base}/model.tflite`, { cache });
  await holds(`${base}/model.tflite`, { cache });
  assert.deepEqual(requests, ['/model.tflite']);
  assert.equal(readdirSync(cache).length, 1);
  await rejectsWith(openSource(`${base}/page.tflite`, { cache }), 'bad-model');
  assert.equal(readdirSync(cache).length, 1);
});

test('HTTP: a caller’s fetch and requestInit are used', async () => {
  const seen = [];
  const fetch = (url, init) => {
    seen.push([url, init.headers]);
    return Promise.resolve(new Response(file));
  };
  await holds('https://example.com/a/model.tflite', { fetch, requestInit: { headers: { a: 'b' } } });
  assert.deepEqual(seen, [['https://example.com/a/model.tflite', { a: 'b' }]]);
});

test('TensorFlow.js models are still what they are', async () => {
  const model = await openSource({ modelTopology: { node: [{ name: 'x', op: 'Placeholder' }] }, weightsManifest: [], weights: [] });
  assert.equal(model.format, 'tfjs-graph');
  assert.throws(() => parseGraph(model.topology, [], new Map()));
});
