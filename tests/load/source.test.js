// Where models come from, except HTTP. Expected bytes are made by the test itself.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openSource } from '../../js/load/source.js';
import { random, readWeightBytes, rejectsWith } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xnnjs-source-'));
after(() => rmSync(folder, { recursive: true }));

/** Two groups: tensors of 12, 0, 8 and 5 bytes in three files, then one of 6 in its own. */
const weightsManifest = [
  {
    paths: ['g1-1of3.bin', 'g1-2of3.bin', 'sub/g1-3of3.bin'],
    weights: [
      { name: 'a', dtype: 'float32', shape: [3] },
      { name: 'none', dtype: 'float32', shape: [0, 4] },
      { name: 'b', dtype: 'int32', shape: [2] },
      { name: 'c', dtype: 'bool', shape: [5] },
    ],
  },
  { paths: ['g2.bin'], weights: [{ name: 'd', dtype: 'float32', shape: [3], quantization: { dtype: 'uint16', scale: 1, min: 0 } }] },
];
const bytes = Uint8Array.from({ length: 31 }, (_, i) => i + 1);
const expected = [bytes.slice(0, 12), new Uint8Array(0), bytes.slice(12, 20), bytes.slice(20, 25), bytes.slice(25, 31)];
const modelTopology = { node: [{ name: 'x', op: 'Placeholder' }] };
const json = { format: 'graph-model', modelTopology, weightsManifest };
/** Its files; the cuts lie inside tensors. */
const parts = {
  'g1-1of3.bin': bytes.slice(0, 5),
  'g1-2of3.bin': bytes.slice(5, 23),
  'sub/g1-3of3.bin': bytes.slice(23, 25),
  'g2.bin': bytes.slice(25),
};
const groups = [bytes.slice(0, 25), bytes.slice(25)];

async function holds(source, options) {
  const model = await openSource(source, options);
  assert.equal(model.format, 'tfjs-graph');
  assert.deepEqual((await readWeightBytes(model)).all, expected);
  assert.deepEqual((await readWeightBytes(model)).all, expected, 'bytes() can be read again');
  return model;
}
const drain = async (source, options) => readWeightBytes(await openSource(source, options));

test('in memory: weights are one buffer, one per group, one per file, or a function', async () => {
  await holds({ modelTopology, weightsManifest, weights: bytes });
  await holds({ topology: modelTopology, weightsManifest, weights: bytes.buffer });
  await holds({ topology: json, weights: bytes });
  await holds({ modelTopology, weightsManifest, weights: groups });
  await holds({
    modelTopology,
    weightsManifest,
    weights: [[parts['g1-1of3.bin'], parts['g1-2of3.bin'].slice().buffer, parts['sub/g1-3of3.bin']], groups[1]],
  });
  await holds({ modelTopology, weightsManifest, weights: Object.values(parts) });
  await holds({ modelTopology, weightsManifest, weights: (path) => parts[path] });
  await holds({ modelTopology, weightsManifest, weights: async (path) => parts[path].slice().buffer });
});

test('in memory: pieces are views, not copies', async () => {
  const model = await openSource({ modelTopology, weightsManifest, weights: bytes });
  for await (const piece of model.bytes()) assert.equal(piece.bytes.buffer, bytes.buffer);
});

test('in memory: the signature comes along', async () => {
  const signature = { outputs: { y: { name: 'y:0' } } };
  assert.equal((await openSource({ topology: { ...json, signature }, weights: bytes })).topology.signature, signature);
  assert.equal((await openSource({ modelTopology, signature, weightsManifest, weights: bytes })).topology.signature, signature);
});

test('any chunks: pieces are the same however the bytes are cut', async () => {
  const next = random(7);
  for (let round = 0; round < 200; round++) {
    const cuts = [0, ...Array.from({ length: Math.floor(next() * 40) }, () => Math.floor(next() * 32)).sort((a, b) => a - b), 31];
    const chunks = cuts.slice(1).map((end, i) => bytes.slice(cuts[i], end));
    const getWeightStream = () => ReadableStream.from(chunks);
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
    const { all } = await drain({ load: () => ({ modelTopology, weightSpecs, getWeightStream }) });
    assert.deepEqual(all, expected, `seed 7, round ${round}`);
  }
});

test('strings: their bytes are skipped, those around them are found', async () => {
  const text = (value) => [...new Uint8Array(Uint32Array.of(value.length).buffer), ...new TextEncoder().encode(value)];
  const weightSpecs = [
    { name: 'a', dtype: 'bool', shape: [2] },
    { name: 's', dtype: 'string', shape: [2, 2] },
    { name: 'none', dtype: 'string', shape: [0] },
    { name: 'b', dtype: 'bool', shape: [1] },
    { name: 't', dtype: 'string', shape: [] },
  ];
  const data = Uint8Array.from([1, 2, ...text('one'), ...text(''), ...text('x'.repeat(300)), ...text(''), 3, ...text('')]);
  for (const size of [1, 2, 3, 5, 7, 1000]) {
    const weightData = Array.from({ length: Math.ceil(data.length / size) }, (_, i) => data.slice(i * size, (i + 1) * size).buffer);
    const { all } = await drain({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
    assert.deepEqual(
      all.map((one) => [...one]),
      [[1, 2], [], [], [3], []],
    );
  }
  await rejectsWith(drain({ load: () => ({ modelTopology, weightSpecs, weightData: data.slice(0, -1).buffer }) }), 'bad-model', /got/);
});

test('IOHandler: weightData is one buffer or several', async () => {
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  await holds({ load: () => ({ modelTopology, weightSpecs, weightData: bytes.buffer }) });
  await holds({ load: async () => ({ modelTopology, weightSpecs, weightData: Object.values(parts).map((part) => part.slice().buffer) }) });
  await rejectsWith(
    openSource({
      load: async () => {
        throw new Error('no key');
      },
    }),
    'network',
    /IOHandler failed: no key/,
  );
  await rejectsWith(openSource({ load: () => undefined }), 'bad-model', /no model/);
});

const fileOf = (content, name) => new File([typeof content === 'string' ? content : content], name);
const jsonFile = fileOf(JSON.stringify(json), 'model.json');
const binFiles = Object.entries(parts).map(([path, part]) => fileOf(part, path.split('/').at(-1)));

test('File[]: files are found by name, in any order', async () => {
  await holds([...(binFiles.toReversed?.() ?? binFiles), jsonFile]);
  await rejectsWith(drain([jsonFile, ...binFiles.slice(1)]), 'network', /none of the files given is "g1-1of3.bin"/);
  await rejectsWith(drain([jsonFile, ...binFiles, binFiles[0]]), 'misuse', /several of the files/);
  await rejectsWith(openSource(binFiles), 'misuse', /none of the 4 files/);
  await rejectsWith(openSource([]), 'misuse', /source/);
});

function writeModel(name, { model = JSON.stringify(json), files = parts } = {}) {
  const path = join(folder, name);
  writeFileSync(`${path}.json`, model);
  for (const [file, part] of Object.entries(files)) writeFileSync(join(folder, file.replace('sub/', '')), part);
  return `${path}.json`;
}

test('disk: a path, a relative path, a file: URL and its text name the same model', async () => {
  const flat = {
    ...json,
    weightsManifest: [{ ...weightsManifest[0], paths: ['g1-1of3.bin', 'g1-2of3.bin', './g1-3of3.bin'] }, weightsManifest[1]],
  };
  const path = writeModel('good', { model: JSON.stringify(flat) });
  for (const source of [path, relative(process.cwd(), path), pathToFileURL(path), pathToFileURL(path).href]) await holds(source);
});

test('disk: large files come in pieces of at most 1 MB', async () => {
  const big = { modelTopology, weightsManifest: [{ paths: ['big.bin'], weights: [{ name: 'w', dtype: 'float32', shape: [700_000] }] }] };
  const path = writeModel('big', { model: JSON.stringify(big), files: { 'big.bin': new Uint8Array(2_800_000) } });
  for await (const piece of (await openSource(path)).bytes()) assert.ok(piece.bytes.length <= 2 ** 20);
});

test('disk: what is missing is named', async () => {
  await rejectsWith(openSource(join(folder, 'nowhere.json')), 'network', /no such file: .*nowhere\.json/);
  const path = writeModel('incomplete', {
    model: JSON.stringify({ ...json, weightsManifest: [{ ...weightsManifest[1], paths: ['lost.bin'] }] }),
  });
  await rejectsWith(drain(path), 'network', /no such file: .*lost\.bin/);
  await rejectsWith(openSource(folder), 'network', /EISDIR/);
});

for (const path of ['../g2.bin', '/etc/hosts', 'https://example.com/g2.bin', 'file:///etc/hosts', '..\\g2.bin', 'a/../../g2.bin'])
  test(`disk: a model cannot name the file ${path}`, async () => {
    const source = writeModel('curious', {
      model: JSON.stringify({ ...json, weightsManifest: [{ ...weightsManifest[1], paths: [path] }] }),
    });
    await rejectsWith(drain(source), 'bad-model', /leaves the model's folder/);
  });

test('sizes: every wrong length of every file is told with both counts', async () => {
  const one = [weightsManifest[1]];
  for (let length = 0; length <= 12; length++) {
    if (length === 6) continue;
    await rejectsWith(
      drain({ modelTopology, weightsManifest: one, weights: () => new Uint8Array(length) }),
      'bad-model',
      new RegExp(`"g2.bin": expected 6 bytes, got ${length}$`),
    );
  }
  for (const [path, part] of Object.entries(parts)) {
    for (const length of [0, part.length - 1, part.length + 1, part.length + 100]) {
      const changed = { ...parts, [path]: new Uint8Array(length) };
      const total = path === 'g2.bin' ? [6, length] : [25, 25 - part.length + length];
      await rejectsWith(
        drain({ modelTopology, weightsManifest, weights: (name) => changed[name] }),
        'bad-model',
        new RegExp(`"${path}".*expected ${total[0]} bytes( in all)?, got ${total[1]}$`),
      );
    }
  }
});

test('progress: grows to the total, by files as they are read', async () => {
  const seen = [];
  await drain({ modelTopology, weightsManifest, weights: (path) => parts[path] }, { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen, [
    { loaded: 2, total: 31 },
    { loaded: 7, total: 31 },
    { loaded: 25, total: 31 },
    { loaded: 31, total: 31 },
  ]);
});

const sha256 = async (data) => `sha256-${Buffer.from(await crypto.subtle.digest('SHA-256', data)).toString('base64')}`;

test('integrity: right hashes pass, a wrong one names the path and both hashes', async () => {
  const source = { modelTopology, weightsManifest, weights: (path) => parts[path] };
  const integrity = Object.fromEntries(await Promise.all(Object.entries(parts).map(async ([path, part]) => [path, await sha256(part)])));
  await holds(source, { integrity });
  const wrong = await sha256(Uint8Array.of(1));
  const right = integrity['g2.bin'];
  await rejectsWith(
    drain(source, { integrity: { ...integrity, 'g2.bin': wrong } }),
    'integrity',
    new RegExp(`"g2.bin" has hash ${right.replaceAll('+', '\\+')}, expected ${wrong.replaceAll('+', '\\+')}`),
  );
  await rejectsWith(openSource(source, { integrity: { 'g3.bin': wrong } }), 'misuse', /"g3.bin"/);
  await rejectsWith(openSource(source, { integrity: { 'g2.bin': 'sha1-xyz' } }), 'misuse', /sha256/);
  await rejectsWith(openSource([jsonFile, ...binFiles], { integrity: { 'model.json': wrong } }), 'integrity', /"model.json"/);
});

test('integrity: no byte of a file is given out before its hash was checked', async () => {
  const model = await openSource(
    { modelTopology, weightsManifest: [weightsManifest[1]], weights: () => groups[1] },
    { integrity: { 'g2.bin': await sha256(bytes) } },
  );
  await rejectsWith(model.bytes().next(), 'integrity');
});

test('integrity: without crypto.subtle it is misuse', async () => {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
  try {
    await rejectsWith(
      openSource({ modelTopology, weightsManifest, weights: bytes }, { integrity: { 'g2.bin': `sha256-${'A'.repeat(43)}=` } }),
      'misuse',
      /crypto\.subtle/,
    );
  } finally {
    Object.defineProperty(globalThis, 'crypto', descriptor);
  }
});

test('abort: before, and between pieces', async () => {
  const source = { modelTopology, weightsManifest, weights: (path) => parts[path] };
  await rejectsWith(openSource(source, { signal: AbortSignal.abort() }), 'aborted');
  const controller = new AbortController();
  const stream = (await openSource(source, { signal: controller.signal })).bytes();
  await stream.next();
  controller.abort(new Error('enough'));
  await rejectsWith(
    (async () => {
      for await (const _ of stream);
    })(),
    'aborted',
  );
  const hanging = new AbortController();
  setTimeout(() => hanging.abort(), 10);
  await rejectsWith(openSource({ load: () => new Promise(() => {}) }, { signal: hanging.signal }), 'aborted');
});

test('formats: layers models and TensorFlow Lite are recognised by what they hold', async () => {
  const layers = { format: 'layers-model', modelTopology: { model_config: {} }, weightsManifest: [] };
  assert.equal((await openSource([fileOf(JSON.stringify(layers), 'model.json')])).format, 'tfjs-layers');
  const bare = { modelTopology: { class_name: 'Sequential', config: [] }, weightsManifest: [] };
  assert.equal((await openSource(bare)).format, 'tfjs-layers');
  // What calls itself TensorFlow Lite and breaks off: bad-model, whatever the file's name.
  const tflite = Uint8Array.of(28, 0, 0, 0, 84, 70, 76, 51, 0);
  for (const source of [tflite, tflite.buffer, [fileOf(tflite, 'model.json')], [fileOf(tflite, 'model.tflite')]])
    await rejectsWith(openSource(source), 'bad-model');
  await rejectsWith(openSource({ modelTopology: new ArrayBuffer(8), weightsManifest: [] }), 'unsupported', /binary/);
});

test('nonsense: is misuse where the caller is wrong, bad-model where the file is', async () => {
  for (const source of [undefined, null, 7, '', {}, [1], () => {}]) await rejectsWith(openSource(source), 'misuse');
  await rejectsWith(openSource('x.json', { format: 'onnx' }), 'misuse', /onnx/);
  await rejectsWith(openSource({ modelTopology, weightsManifest, weights: 'abc' }), 'misuse', /weights/);
  await rejectsWith(drain({ modelTopology, weightsManifest, weights: () => undefined }), 'misuse', /g1-3of3/);
  for (const text of ['', '{', '[]', '7', 'null', '{}', '"x"', '[[['.repeat(100_000)])
    await rejectsWith(openSource([fileOf(text, 'model.json')]), 'bad-model');
  await rejectsWith(openSource([fileOf('<!doctype html>', 'model.json')]), 'bad-model', /web page/);
  await rejectsWith(openSource([fileOf(Uint8Array.of(123, 34, 255, 34, 58, 49, 125), 'model.json')]), 'bad-model', /not JSON/);
  await rejectsWith(openSource(Uint8Array.of(1, 2, 3)), 'bad-model', /no TensorFlow Lite/);
});

test('js/load: imports nothing but js/errors.js and itself', () => {
  const here = new URL('../../js/load/', import.meta.url);
  for (const name of readdirSync(here, { recursive: true }).filter((file) => file.endsWith('.js'))) {
    const text = readFileSync(new URL(name, here), 'utf8').replaceAll(/\/\*\*.*?\*\//gs, '');
    for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g))
      assert.match(
        path,
        name.includes('/') ? /^(\.\.?\/[a-z-]+\.js|\.\.\/\.\.\/errors\.js)$/ : /^(\.\/[a-z/-]+\.js|\.\.\/errors\.js)$/,
        `${name} imports ${path}`,
      );
    assert.doesNotMatch(text, /\bimport\s*\(\s*(?!['"])/, `${name} has an import() of something computed`);
  }
});
