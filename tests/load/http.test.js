// Models over HTTP, from a server of our own on 127.0.0.1.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openSource } from '../../js/load/source.js';
import { readWeightBytes, rejectsWith } from './helpers.js';

const SHARDS = 10;
const SHARD_BYTES = 1000;
const modelTopology = { node: [{ name: 'x', op: 'Placeholder' }] };
const manifest = (/** @type {string[]} */ paths, count = SHARDS * SHARD_BYTES) =>
  JSON.stringify({ modelTopology, weightsManifest: [{ paths, weights: [{ name: 'w', dtype: 'bool', shape: [count] }] }] });
const shardPaths = Array.from({ length: SHARDS }, (_, i) => `shard${i}.bin`);
const shard = (/** @type {number} */ i) => Buffer.alloc(SHARD_BYTES, i + 1);

let base = '';
/** @type {string[]} */
const requests = [];
let open = 0;
let mostOpen = 0;

/** What the server does, by path. @type {Record<string, (request: unknown, response: import('node:http').ServerResponse) => unknown>} */
const answers = {
  '/m/model.json': (_, response) => response.end(manifest(shardPaths)),
  '/one/model.json': (_, response) => response.end(manifest(['w.bin'], 1000)),
  '/one/w.bin': (_, response) => response.writeHead(404).end('not here'),
  '/broken/model.json': (_, response) => response.end(manifest(['w.bin'], 1000)),
  '/broken/w.bin': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(Buffer.alloc(400));
    setTimeout(() => response.destroy(), 20);
  },
  '/short/model.json': (_, response) => response.end(manifest(['w.bin'], 1000)),
  '/short/w.bin': (_, response) => {
    response.writeHead(200, { 'content-length': 900 }).end(Buffer.alloc(900));
  },
  '/slow/model.json': (_, response) => response.end(manifest(['w.bin'], 1000)),
  '/slow/w.bin': (_, response) => response.writeHead(200).write(Buffer.alloc(10)),
  '/never/model.json': () => {},
  '/moved/model.json': (_, response) => response.writeHead(302, { location: '/far/away.json' }).end(),
  '/far/away.json': (_, response) => response.end(manifest(['w.bin'], 3)),
  '/moved/w.bin': (_, response) => response.end(Buffer.from([1, 2, 3])),
  '/page/model.json': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
};
shardPaths.forEach((path, i) => {
  answers[`/m/${path}`] = (_, response) => {
    mostOpen = Math.max(mostOpen, ++open);
    setTimeout(() => {
      open--;
      response.end(shard(i));
    }, 10);
  };
});

const server = createServer((request, response) => {
  const { url = '' } = request;
  requests.push(url);
  const answer = answers[url.split('?')[0]];
  if (answer) answer(request, response);
  else response.writeHead(500).end();
});
before(
  () =>
    new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        base = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
        resolve(undefined);
      }),
    ),
);
after(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {unknown} source @param {import('../../js/load/source.js').OpenOptions} [options] */
const drain = async (source, options) => readWeightBytes(await openSource(source, options));

test('HTTP: shards are fetched a few at a time and read in order', async () => {
  const { all } = await drain(`${base}/m/model.json`);
  assert.deepEqual(Buffer.from(all[0]), Buffer.concat(shardPaths.map((_, i) => shard(i))));
  assert.ok(mostOpen > 1 && mostOpen <= 4, `${mostOpen} at once`);
});

test('HTTP: a URL object works, and its query is not given to the shards', async () => {
  requests.length = 0;
  await drain(new URL(`${base}/m/model.json?v=1#x`));
  assert.ok(requests.includes('/m/model.json?v=1') && requests.includes('/m/shard0.bin'), requests.join());
});

test('HTTP: a status that is no success is a network error with status and URL', async () => {
  await rejectsWith(drain(`${base}/one/model.json`), 'network', /\/one\/w\.bin: HTTP status 404 Not Found/);
  await rejectsWith(openSource(`${base}/nothing.json`), 'network', /nothing\.json: HTTP status 500/);
});

test('HTTP: a connection that is refused or breaks is a network error with the URL', async () => {
  await rejectsWith(openSource('http://127.0.0.1:1/model.json'), 'network', /127\.0\.0\.1:1\/model\.json/);
  await rejectsWith(drain(`${base}/broken/model.json`), 'network', /broken\/w\.bin/);
});

test('HTTP: a body that is too short is a bad model', async () => {
  await rejectsWith(drain(`${base}/short/model.json`), 'bad-model', /"w\.bin": expected 1000 bytes, got 900/);
});

test('HTTP: a web page instead of a model says so', () => rejectsWith(openSource(`${base}/page/model.json`), 'bad-model', /web page/));

test('HTTP: after a redirect, shards are still beside the URL that was asked for', async () => {
  const { all } = await drain(`${base}/moved/model.json`);
  assert.deepEqual([...all[0]], [1, 2, 3]);
});

test('HTTP: abort ends waiting for an answer, and for a body', async () => {
  const first = new AbortController();
  setTimeout(() => first.abort(), 30);
  await rejectsWith(openSource(`${base}/never/model.json`, { signal: first.signal }), 'aborted');
  const second = new AbortController();
  const model = await openSource(`${base}/slow/model.json`, { signal: second.signal });
  setTimeout(() => second.abort(), 30);
  await rejectsWith(readWeightBytes(model), 'aborted');
});

test('HTTP: a reader that leaves early cancels the requests', async () => {
  const model = await openSource(`${base}/m/model.json`);
  /** @type {(AbortSignal | null | undefined)[]} */
  const signals = [];
  const spied = await openSource(`${base}/m/model.json`, {
    fetch: (url, init) => {
      signals.push(init?.signal);
      return fetch(url, init);
    },
  });
  for await (const _ of spied.bytes()) break;
  assert.ok(signals.length > 1 && signals.slice(1).every((signal) => signal?.aborted));
  assert.equal(model.weights.length, 1);
});

test('HTTP: fetch and requestInit are the caller’s', async () => {
  /** @type {unknown[]} */
  const seen = [];
  const fake = async (/** @type {string} */ url, /** @type {RequestInit} */ init = {}) => {
    seen.push([url, init.headers, init.credentials]);
    return url.endsWith('.json')
      ? new Response(manifest(['w.bin'], 2))
      : /** @type {any} */ ({ ok: true, status: 200, statusText: '', body: null, arrayBuffer: async () => new ArrayBuffer(2) });
  };
  const headers = { authorization: 'x' };
  await drain('https://models.test/a/model.json', { fetch: fake, requestInit: { headers, credentials: 'include' } });
  assert.deepEqual(seen, [
    ['https://models.test/a/model.json', headers, 'include'],
    ['https://models.test/a/w.bin', headers, 'include'],
  ]);
});

test('HTTP: a model cannot name a file of another server', async () => {
  /** @type {string[]} */
  const seen = [];
  for (const path of ['https://evil.test/w.bin', '//evil.test/w.bin', '../w.bin', 'data:,abc'])
    await rejectsWith(
      drain('https://models.test/model.json', {
        fetch: async (url) => {
          seen.push(url);
          return new Response(manifest([path], 2));
        },
      }),
      'bad-model',
      /leaves/,
    );
  assert.deepEqual(new Set(seen), new Set(['https://models.test/model.json']));
});

test('cache: a second load asks the server for nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xnnjs-cache-'));
  try {
    const cache = join(folder, 'models');
    const first = await drain(`${base}/m/model.json`, { cache });
    assert.equal(readdirSync(cache).length, SHARDS + 1);
    requests.length = 0;
    const second = await drain(`${base}/m/model.json`, { cache });
    assert.deepEqual(requests, []);
    assert.deepEqual(second.all, first.all);
    await rejectsWith(openSource(`${base}/m/model.json`, { cache: true }), 'misuse', /folder/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('cache: what is broken or incomplete does not stay in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xnnjs-cache-'));
  try {
    await rejectsWith(openSource(`${base}/page/model.json`, { cache: folder }), 'bad-model');
    await rejectsWith(drain(`${base}/short/model.json`, { cache: folder }), 'bad-model');
    assert.deepEqual(readdirSync(folder), []);
    const wrong = `sha256-${'A'.repeat(43)}=`;
    await rejectsWith(drain(`${base}/m/model.json`, { cache: folder, integrity: { 'shard3.bin': wrong } }), 'integrity');
    const model = await openSource(`${base}/broken/model.json`, { cache: folder });
    await rejectsWith(readWeightBytes(model), 'network');
    assert.equal(readdirSync(folder).length, 1, 'only the sound model.json');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('http: files that wait for their turn stay whole when garbage is collected', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  let loaded = 0;
  for await (const { bytes } of (await openSource(`${base}/m/model.json`)).bytes()) {
    loaded += bytes.length;
    await sleep(20); // the next ones have come
    for (let i = 0; i < 3; i++) {
      collect();
      await sleep(1); // finalizers run between tasks
    }
  }
  assert.equal(loaded, SHARDS * SHARD_BYTES);
});
