// The small weights of a model, read without the large ones. Expected bytes are cut out by the test itself.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mergeRanges } from '../../js/load/partial.js';
import { openSource } from '../../js/load/source.js';
import { seeded } from '../support/random.js';
import { serveRanges } from '../support/range-server.js';
import { rejectsWith } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xnnjs-partial-'));
after(() => rmSync(folder, { recursive: true }));

const modelTopology = { node: [{ name: 'x', op: 'Placeholder' }] };
/** @param {string} name @param {number[]} shape @param {string} [dtype] */
const weight = (name, shape, dtype = 'float32') => ({ name, dtype, shape });
/** Small ones at both ends, in the middle, cut by files; 4096 bytes are small, 4100 are not, of floats 256. */
const weightsManifest = [
  {
    paths: ['a-1of3.bin', 'a-2of3.bin', 'sub/a-3of3.bin'],
    weights: [
      weight('first', [3]),
      weight('none', [0, 4]),
      weight('large', [200, 200]),
      weight('cut', [1024], 'int32'),
      weight('larger', [1025], 'int32'),
      weight('huge', [100, 1000]),
      weight('last', [5], 'bool'),
    ],
  },
  { paths: ['b.bin'], weights: [weight('big', [50_000]), { ...weight('half', [3]), quantization: { dtype: 'float16' } }] },
];
const SIZES = [12, 0, 160_000, 4096, 4100, 400_000, 5, 200_000, 6];
const SMALL = [0, 3, 6, 8];
const next = seeded(11);
const bytes = Uint8Array.from({ length: SIZES.reduce((sum, size) => sum + size, 0) }, () => Math.floor(256 * next()));
const starts = SIZES.map((_, i) => SIZES.slice(0, i).reduce((sum, size) => sum + size, 0));
const expected = new Map(SMALL.map((i) => [i, bytes.slice(starts[i], starts[i] + SIZES[i])]));
const GROUP = starts[7];
/** The first cut lies inside 'cut', the second one inside 'huge'. @type {Record<string, Uint8Array<ArrayBuffer>>} */
const parts = {
  'a-1of3.bin': bytes.slice(0, starts[3] + 100),
  'a-2of3.bin': bytes.slice(starts[3] + 100, starts[5] + 7),
  'sub/a-3of3.bin': bytes.slice(starts[5] + 7, GROUP),
  'b.bin': bytes.slice(GROUP),
};
const json = JSON.stringify({ modelTopology, weightsManifest });
const encoded = new TextEncoder().encode(json);
/** @param {Record<string, Uint8Array>} [files] @returns {(path: string) => Uint8Array | undefined} */
const found =
  (files = parts) =>
  (path) =>
    path === '/model.json' ? encoded : files[path.slice(1)];

/** @param {unknown} source @param {import('../../js/load/source.js').OpenOptions} [options] */
const small = async (source, options) => (await openSource(source, options)).smallWeights();

/** @param {Record<string, Uint8Array>} files @returns {string} path of the model.json */
function onDisk(files = parts) {
  const place = mkdtempSync(join(folder, 'model-'));
  mkdirSync(join(place, 'sub'));
  writeFileSync(join(place, 'model.json'), json);
  for (const [path, part] of Object.entries(files)) writeFileSync(join(place, path), part);
  return join(place, 'model.json');
}

test('small weights: every kind of source in memory gives them', async () => {
  const memory = { modelTopology, weightsManifest };
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const cuts = [0, 5, 160_050, 160_050, 170_000, 300_000, bytes.length];
  const chunks = cuts.slice(1).map((end, i) => bytes.slice(cuts[i], end));
  for (const source of [
    { ...memory, weights: bytes },
    { ...memory, weights: [bytes.slice(0, GROUP), bytes.slice(GROUP)] },
    { ...memory, weights: Object.values(parts) },
    { ...memory, weights: (/** @type {string} */ path) => parts[path] },
    { load: () => ({ modelTopology, weightSpecs, weightData: bytes.buffer }) },
    { load: () => ({ modelTopology, weightSpecs, weightData: chunks.map((chunk) => chunk.buffer) }) },
    { load: () => ({ modelTopology, weightSpecs, getWeightStream: () => new Blob(chunks).stream() }) },
  ]) {
    const model = await openSource(source);
    assert.deepEqual(await model.smallWeights(), expected);
    assert.deepEqual(await model.smallWeights(), expected, 'they can be read again');
  }
});

test('small weights: files of a page are sliced, not read', async () => {
  /** @type {string[]} */
  const read = [];
  class Spy extends File {
    stream() {
      read.push(this.name);
      return super.stream();
    }
  }
  const files = Object.entries(parts).map(([path, part]) => new Spy([part], path.split('/').at(-1) ?? ''));
  assert.deepEqual(await small([new File([json], 'model.json'), ...files]), expected);
  assert.deepEqual(read, []);
  await rejectsWith(small([new File([json], 'model.json'), ...files.slice(1)]), 'network', /none of the files given is "a-1of3.bin"/);
});

test('small weights: a disk gives them', async () => {
  assert.deepEqual(await small(onDisk()), expected);
  const { 'b.bin': _, ...incomplete } = parts;
  await rejectsWith(small(onDisk(incomplete)), 'network', /no such file: .*b\.bin/);
});

test('small weights: HTTP ranges bring them and little else, the size of a shard comes without its bytes', async () => {
  const server = await serveRanges(found());
  try {
    assert.deepEqual(await small(`${server.url}/model.json`), expected);
    const wanted = SMALL.reduce((sum, i) => sum + SIZES[i], 0);
    assert.ok(server.sent(/\.bin$/) <= wanted + 4 * 32 * 1024, `${server.sent(/\.bin$/)} of ${bytes.length} bytes`);
    assert.ok(
      server.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('.bin')).every(({ status }) => status === 206),
    );
    assert.deepEqual(
      server.requests.filter(({ method }) => method === 'HEAD').map(({ path }) => path.slice(1)),
      Object.keys(parts).slice(0, 3),
      'of a single file Content-Range tells it',
    );
  } finally {
    server.close();
  }
});

test('small weights: a server that knows neither ranges nor HEAD gives them as well', async () => {
  for (const options of [
    { ranges: false },
    { head: false },
    { ranges: false, head: false },
    { headers: { 'content-encoding': 'identity' } },
  ]) {
    const server = await serveRanges(found(), options);
    try {
      assert.deepEqual(await small(`${server.url}/model.json`), expected, JSON.stringify(options));
    } finally {
      server.close();
    }
  }
});

/** One file with a small weight, then 20 MB, then (`again`) another small one. @param {boolean} again */
function longModel(again) {
  const weights = [weight('small', [4]), weight('long', [5_000_000]), ...(again ? [weight('end', [4])] : [])];
  const model = new TextEncoder().encode(JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights }] }));
  const data = new Uint8Array(20_000_016 + (again ? 16 : 0)).fill(7);
  return (/** @type {string} */ path) => (path === '/model.json' ? model : data);
}

test('small weights: a file that only comes as a whole is left after the last of them', async () => {
  const server = await serveRanges(longModel(false), { ranges: false });
  try {
    assert.equal((await small(`${server.url}/model.json`)).size, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sent = server.sent(/\.bin$/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(server.sent(/\.bin$/), sent, 'the server does not send any more');
    assert.ok(sent < 10_000_000, `${sent} of 20000016 bytes`);
  } finally {
    server.close();
  }
});

test('small weights: many ranges are fetched four at a time, after the first has told that the server knows ranges', async () => {
  const weights = Array.from({ length: 40 }, (_, i) => weight(`w${i}`, [i % 2 === 0 ? 2 : 10_000]));
  const model = new TextEncoder().encode(JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights }] }));
  const data = Uint8Array.from({ length: 20 * 40_008 }, (_, i) => Math.floor(i / 40_008));
  const server = await serveRanges((path) => (path === '/model.json' ? model : data));
  try {
    const all = await small(`${server.url}/model.json`);
    assert.deepEqual(
      [...all].map(([i, [value]]) => [i, value]),
      Array.from({ length: 20 }, (_, i) => [2 * i, i]),
    );
    assert.equal(server.requests.filter(({ status }) => status === 206).length, 20);
    assert.ok(server.mostOpen() > 1 && server.mostOpen() <= 4, `${server.mostOpen()} at once`);
  } finally {
    server.close();
  }
});

const URL_OF_MODEL = 'https://models.test/model.json';
/**
 * A fetch whose answers for w.bin the test makes.
 * @param {(range: string | null, method: string) => Response | Promise<Response>} answer
 */
const fetching =
  (answer) =>
  async (/** @type {string} */ url, /** @type {RequestInit} */ init = {}) => {
    if (url.endsWith('.json'))
      return new Response(
        JSON.stringify({
          modelTopology,
          weightsManifest: [{ paths: ['w.bin'], weights: [weight('a', [1]), weight('long', [20_000]), weight('b', [1])] }],
        }),
      );
    return answer(new Headers(init.headers).get('range'), init.method ?? 'GET');
  };
const LENGTH = 80_008;
const data = Uint8Array.from({ length: LENGTH }, (_, i) => i);
const wanted = new Map([
  [0, data.slice(0, 4)],
  [2, data.slice(80_004)],
]);
/** @param {string} range */
const cut = (range) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? assert.fail(range);
  return data.slice(Number(from), Number(to) + 1);
};

test('odd servers: every way in which ranges do not work ends at the whole file', async () => {
  /** @type {Record<string, (range: string, count: number) => Response>} */
  const odd = {
    'refuses the header (as a preflight does)': () => {
      throw new TypeError('Failed to fetch');
    },
    'sends another range': () => new Response(data.slice(8, 12), { status: 206, headers: { 'content-range': `bytes 8-11/${LENGTH}` } }),
    'calls the whole file a part': () => new Response(data, { status: 206 }),
    'breaks off': () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.error(new TypeError('cannot be decoded'));
          },
        }),
        { status: 206 },
      ),
    'knows ranges only at first': (range, count) => (count === 1 ? new Response(cut(range), { status: 206 }) : new Response(data)),
    'sends too little': (range) => new Response(cut(range).slice(1), { status: 206 }),
    'says that there is nothing': () => new Response(null, { status: 416 }),
  };
  for (const [name, answer] of Object.entries(odd)) {
    let count = 0;
    const fetch = fetching((range, method) =>
      method === 'HEAD' ? new Response(null, { status: 501 }) : range === null ? new Response(data) : answer(range, ++count),
    );
    assert.deepEqual(await small(URL_OF_MODEL, { fetch }), wanted, name);
    assert.ok(count > 0, name);
  }
});

test('odd servers: a Content-Range that another origin hides is not needed', async () => {
  const fetch = fetching((range, method) =>
    method === 'HEAD'
      ? new Response(null, { headers: { 'content-length': `${LENGTH}` } })
      : new Response(cut(range ?? assert.fail('the file was fetched whole')), { status: 206 }),
  );
  assert.deepEqual(await small(URL_OF_MODEL, { fetch }), wanted);
});

test('odd servers: a length that is that of compressed bytes is found out by reading the file', async () => {
  const lying = fetching((range, method) =>
    method === 'HEAD'
      ? new Response(null, { headers: { 'content-length': '1234' } })
      : range === null
        ? new Response(data)
        : new Response(cut(range), { status: 206 }),
  );
  assert.deepEqual(await small(URL_OF_MODEL, { fetch: lying }), wanted);
  let whole = 0;
  const honest = fetching((range, method) => {
    if (method === 'HEAD') return new Response(null, { headers: { 'content-length': '1234', 'content-encoding': 'br' } });
    if (range === null) whole++;
    return range === null ? new Response(data) : new Response(cut(range), { status: 206 });
  });
  assert.deepEqual(await small(URL_OF_MODEL, { fetch: honest }), wanted);
  assert.equal(whole, 0);
});

test('odd servers: statuses that are no success are network errors with status and URL', async () => {
  for (const status of [403, 404, 500])
    await rejectsWith(
      small(URL_OF_MODEL, { fetch: fetching(() => new Response('no', { status })) }),
      'network',
      new RegExp(`w\\.bin: HTTP status ${status}`),
    );
});

test('requests: requestInit is kept, with a range among its headers', async () => {
  /** @type {[string | null, string | null, string | undefined][]} */
  const seen = [];
  const answer = fetching((range) => new Response(cut(range ?? ''), { status: 206, headers: { 'content-range': `bytes 0-3/${LENGTH}` } }));
  await small(URL_OF_MODEL, {
    requestInit: { headers: [['authorization', 'x']], credentials: 'include' },
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      if (url.endsWith('.bin')) seen.push([headers.get('authorization'), headers.get('range'), init?.credentials]);
      if (headers.get('range')?.startsWith('bytes=80')) return new Response(cut(headers.get('range') ?? ''), { status: 206 });
      return answer(url, init);
    },
  });
  assert.deepEqual(seen, [
    ['x', 'bytes=0-3', 'include'],
    ['x', 'bytes=80004-80007', 'include'],
  ]);
});

test('sizes: files that are too long or too short are told as loading tells them, wherever they are', async () => {
  for (const [path, part] of Object.entries(parts)) {
    for (const length of [0, part.length - 1, part.length + 1]) {
      const changed = { ...parts, [path]: new Uint8Array(length) };
      const sum = path === 'b.bin' ? [200_006, length] : [GROUP, GROUP - part.length + length];
      const message = new RegExp(`"${path}".*expected ${sum[0]} bytes( in all)?, got ${sum[1]}$`);
      await rejectsWith(small(onDisk(changed)), 'bad-model', message);
      if (path === 'b.bin')
        await rejectsWith(
          small({ modelTopology, weightsManifest, weights: [bytes.slice(0, GROUP), changed[path]] }),
          'bad-model',
          new RegExp(`expected ${sum[0]} bytes, got ${sum[1]}$`),
        );
      const server = await serveRanges(found(changed));
      try {
        await rejectsWith(small(`${server.url}/model.json`), 'bad-model', message);
      } finally {
        server.close();
      }
    }
  }
});

test('strings: a group with them is read to its last small weight, another one not', async () => {
  const text = (/** @type {string} */ value) => [
    ...new Uint8Array(Uint32Array.of(value.length).buffer),
    ...new TextEncoder().encode(value),
  ];
  const manifest = [
    {
      paths: ['s.bin'],
      weights: [weight('a', [2], 'bool'), weight('s', [2], 'string'), weight('b', [1], 'bool'), weight('long', [2_000_000], 'bool')],
    },
    { paths: ['n.bin'], weights: [weight('only', [2_000_000], 'bool')] },
  ];
  const first = new Uint8Array([1, 2, ...text('one'), ...text('x'.repeat(300)), 3, ...new Uint8Array(2_000_000)]);
  /** @type {string[]} */
  const opened = [];
  let pulled = 0;
  const model = await openSource(URL_OF_MODEL, {
    fetch: async (url, init) => {
      if (url.endsWith('.json')) return new Response(JSON.stringify({ modelTopology, weightsManifest: manifest }));
      if (init?.method === 'HEAD') return new Response(null, { headers: { 'content-length': '2000000' } });
      opened.push(url.slice(-5));
      return new Response(
        new ReadableStream(
          {
            pull(controller) {
              controller.enqueue(first.subarray(pulled, pulled + 100));
              pulled += 100;
            },
          },
          { highWaterMark: 0 },
        ),
      );
    },
  });
  assert.deepEqual(
    [...(await model.smallWeights())].map(([i, values]) => [i, ...values]),
    [
      [0, 1, 2],
      [2, 3],
    ],
  );
  assert.deepEqual(opened, ['s.bin']);
  assert.ok(pulled <= 600, `${pulled} bytes`);
});

test('abort: ends a range that does not come', async () => {
  for (const hanging of ['HEAD', 'GET']) {
    const controller = new AbortController();
    const fetch = fetching((range, method) =>
      method === hanging ? new Promise(() => {}) : new Response(range === null ? data : cut(range), { status: 206 }),
    );
    const model = await openSource(URL_OF_MODEL, { fetch, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await rejectsWith(model.smallWeights(), 'aborted');
  }
});

test('integrity: of files that are read in parts it is not checked, of the model.json it is', async () => {
  const wrong = `sha256-${'A'.repeat(43)}=`;
  assert.deepEqual(await small(onDisk(), { integrity: { 'b.bin': wrong } }), expected);
  await rejectsWith(small(onDisk(), { integrity: { 'model.json': wrong } }), 'integrity');
  await rejectsWith(small(onDisk(), { integrity: { 'c.bin': wrong } }), 'misuse', /"c\.bin"/);
});

test('cache: parts are not kept, what was kept is read from there', async () => {
  const server = await serveRanges(found());
  const cache = join(folder, 'cache');
  try {
    assert.deepEqual(await small(`${server.url}/model.json`, { cache }), expected);
    assert.equal(readdirSync(cache).length, 1, 'the model.json');
    for await (const _ of (await openSource(`${server.url}/model.json`, { cache })).bytes());
    assert.equal(readdirSync(cache).length, 5);
    server.forget();
    assert.deepEqual(await small(`${server.url}/model.json`, { cache }), expected);
    assert.deepEqual(server.requests, []);
  } finally {
    server.close();
  }
});

test('merging: all ranges are there, and no more than the budget besides', () => {
  const random = seeded(5);
  for (let round = 0; round < 500; round++) {
    let at = 0;
    const ranges = Array.from({ length: Math.floor(random() * 30) }, () => {
      const from = at + Math.floor(random() ** 3 * 60_000);
      at = from + 1 + Math.floor(random() * 4096);
      return { from, to: at };
    });
    const budget = Math.floor(random() * 200_000);
    const merged = mergeRanges(ranges, budget);
    const length = (/** @type {{ from: number, to: number }[]} */ list) => list.reduce((sum, { from, to }) => sum + to - from, 0);
    assert.ok(ranges.every(({ from, to }) => merged.some((range) => range.from <= from && to <= range.to)));
    assert.ok(length(merged) - length(ranges) <= budget, `seed 5, round ${round}`);
    merged.forEach(({ from }, i) => {
      if (i === 0) return;
      const gap = from - merged[i - 1].to;
      assert.ok(gap > 0);
      assert.ok(gap >= 32 * 1024 || length(merged) - length(ranges) + gap > budget, `a gap of ${gap} is left, round ${round}`);
    });
  }
});
