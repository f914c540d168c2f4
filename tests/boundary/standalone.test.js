// js/standalone.js: getting the small modules, and what happens where they are not what they should be.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { standalone } from '../../js/standalone.js';

const MODULE = new URL('../../dist/xnnjs-image.wasm', import.meta.url);
const ABI = 1; // as js/image/kernel.js says

/** @type {string} */
let folder;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-standalone-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('standalone: each call makes an instance with memory of its own, which grows to what is asked for', async () => {
  const open = standalone(MODULE, ABI);
  const [a, b] = await Promise.all([open(), open()]);
  assert.equal(a.call.abi(), ABI);
  assert.equal(a.base % 16, 0);
  assert.notEqual(a.reserve(0), b.reserve(0));
  assert.equal(a.reserve(a.base + 1), a.reserve(0), 'no growth without need');
  const memory = a.reserve(a.base + 1e6);
  assert.ok(memory.byteLength >= a.base + 1e6 && memory.byteLength < a.base + 1e6 + 65536);
  new Uint8Array(memory).fill(7, a.base);
  assert.ok(new Uint8Array(b.reserve(b.base + 1e6), b.base, 1e6).every((byte) => byte === 0));
  assert.throws(() => a.reserve(2 ** 32 + 1), { name: 'XnnError', code: 'out-of-memory', message: /4294967297 bytes/ });
  assert.throws(() => a.reserve(2 ** 60), { name: 'XnnError', code: 'out-of-memory' });
  assert.ok(
    new Uint8Array(a.reserve(0), a.base, 1e6).every((byte) => byte === 7),
    'all as it was',
  );
});

test('standalone: a file that is not there, and a later call when it is', async () => {
  const url = pathToFileURL(path.join(folder, 'late.wasm'));
  const open = standalone(url, ABI);
  await assert.rejects(open(), { name: 'XnnError', code: 'network', message: /late\.wasm/ });
  await copyFile(MODULE, url);
  assert.equal((await open()).call.abi(), ABI);
});

test('standalone: no module, and a module of another version', async () => {
  const url = pathToFileURL(path.join(folder, 'text.wasm'));
  await writeFile(url, 'not found');
  await assert.rejects(standalone(url, ABI)(), { name: 'XnnError', code: 'network', message: /text\.wasm is no WebAssembly module/ });
  await assert.rejects(standalone(MODULE, 99)(), { name: 'XnnError', code: 'misuse', message: /another version.*\(1, 99 is needed\)/ });
});

test('standalone: without WebAssembly SIMD it is unsupported', async () => {
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    await assert.rejects(standalone(MODULE, ABI)(), { name: 'XnnError', code: 'unsupported', message: /no WebAssembly SIMD/ });
  } finally {
    WebAssembly.validate = validate;
  }
});
