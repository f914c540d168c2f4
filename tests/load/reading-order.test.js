// Which file of a group is read first, and that its weights come out right all the same. Expected bytes are cut out by the test itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSource } from '../../js/load/source.js';
import { createRuntime } from '../../js/main.js';
import { seeded } from '../support/random.js';
import { rejectsWith } from './helpers.js';

const modelTopology = { node: [{ name: 'x', op: 'Placeholder' }] };
/** @param {string} name @param {number[]} shape @param {string} [dtype] */
const weight = (name, shape, dtype = 'float32') => ({ name, dtype, shape });
/** 400, 8, 4000, 4400, 16, 0 and 12 bytes: the last small one ends the group. */
const SPECS = [
  weight('a', [100]),
  weight('early', [2]),
  weight('b', [1000]),
  weight('c', [1100]),
  weight('shape', [4], 'int32'),
  weight('none', [0]),
  weight('axis', [3], 'int32'),
];
const SIZES = [400, 8, 4000, 4400, 16, 0, 12];
const TOTAL = SIZES.reduce((sum, size) => sum + size, 0);
const next = seeded(5);
const bytes = Uint8Array.from({ length: TOTAL }, () => Math.floor(256 * next()));

/** A model in files that end at `cuts`; `opened` hears of them. @param {number[]} cuts @param {string[]} opened @param {Uint8Array} [content] */
const inFiles = (cuts, opened, content = bytes, weights = SPECS) => ({
  modelTopology,
  weightsManifest: [{ paths: [...cuts, content.length].map((_, i) => `f${i}`), weights }],
  weights(/** @type {string} */ path) {
    opened.push(path);
    const i = Number(path.slice(1));
    return content.slice(cuts[i - 1] ?? 0, cuts[i] ?? content.length);
  },
});

/** @param {ReturnType<typeof inFiles>} source */
async function read(source) {
  /** @type {number[]} */
  const order = [];
  const all = SIZES.map((size) => new Uint8Array(size));
  for await (const { weight: index, offset, bytes: piece } of (await openSource(source)).bytes()) {
    if (order.at(-1) !== index) order.push(index);
    all[index].set(piece, offset);
  }
  const ends = SIZES.map((_, i) => SIZES.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
  assert.deepEqual(
    all,
    SIZES.map((size, i) => bytes.slice(ends[i] - size, ends[i])),
  );
  return order;
}

test('reading order: the last file comes first where small weights are to be expected there, and each weight in one run', async () => {
  // In the middle of 'c', at its beginning, in a small one, and a last file that is empty or all there is.
  for (const [cut, order] of /** @type {[number, number[]][]} */ ([
    [6000, [4, 6, 0, 1, 2, 3]],
    [4408, [3, 4, 6, 0, 1, 2]],
    [8810, [6, 0, 1, 2, 3, 4]],
    [TOTAL, [0, 1, 2, 3, 4, 6]],
    [0, [0, 1, 2, 3, 4, 6]],
  ])) {
    /** @type {string[]} */
    const opened = [];
    assert.deepEqual(await read(inFiles([cut], opened)), order, `cut at ${cut}`);
    assert.deepEqual(opened, ['f1', 'f0']);
  }
  /** @type {string[]} */
  const opened = [];
  assert.deepEqual(await read(inFiles([300, 405, 4500, 4600, 7000], opened)), [4, 6, 0, 1, 2, 3]);
  assert.deepEqual(opened, ['f5', 'f0', 'f1', 'f2', 'f3', 'f4']);
});

test('reading order: it is that of the files where small weights come early, and where strings hide what begins where', async () => {
  /** @type {string[]} */
  const opened = [];
  const early = [SPECS[1], SPECS[0], SPECS[2]];
  for await (const _ of (await openSource(inFiles([100], opened, bytes.slice(0, 4408), early))).bytes());
  assert.deepEqual(opened, ['f0', 'f1']);
  opened.length = 0;
  const strings = [SPECS[0], weight('text', [0], 'string'), SPECS[6]];
  for await (const _ of (await openSource(inFiles([100], opened, bytes.slice(0, 412), strings))).bytes());
  assert.deepEqual(opened, ['f0', 'f1']);
});

test('reading order: a byte too many or too few in any file is told with all lengths', async () => {
  for (const file of [0, 1, 2]) {
    for (const change of [-1, 1]) {
      const cuts = [3000, 6000];
      const source = inFiles(cuts, []);
      const whole = source.weights;
      source.weights = (path) =>
        path === `f${file}` ? new Uint8Array([...whole(path), 7]).slice(0, whole(path).length + change) : whole(path);
      const lengths = [3000, 3000, TOTAL - 6000].map((length, i) => (i === file ? length + change : length));
      const message = `weights files "f0" (${lengths[0]}), "f1" (${lengths[1]}), "f2" (${lengths[2]}): expected ${TOTAL} bytes in all, got ${TOTAL + change}`;
      await rejectsWith(read(source), 'bad-model', new RegExp(message.replace(/[().]/g, '\\$&')));
    }
  }
});

test('reading order: a model whose shapes come out of a file too short says so, not what the shapes became', async () => {
  const graph = {
    node: [
      { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '6' }] } } } },
      { name: 'big', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
      { name: 'to', op: 'Const', attr: { dtype: { type: 'DT_INT32' } } },
      { name: 'y', op: 'Reshape', input: ['x', 'to'], attr: { T: { type: 'DT_FLOAT' } } },
      { name: 'z', op: 'AddV2', input: ['y', 'big'], attr: { T: { type: 'DT_FLOAT' } } },
    ],
  };
  const content = new Uint8Array(24 * 100 + 8);
  new Float32Array(content.buffer, 0, 600).fill(1);
  new Int32Array(content.buffer, 2400).set([1, 6]);
  const runtime = await createRuntime({ threads: 1 });
  try {
    const weights = [weight('big', [100, 6]), weight('to', [2], 'int32')];
    const source = { ...inFiles([2000], [], content, weights), modelTopology: graph };
    const model = await runtime.load(source);
    const { z } = await model.run(Float32Array.of(0, 1, 2, 3, 4, 5));
    assert.deepEqual(z.shape, [100, 6]);
    assert.deepEqual([...z.data.slice(594)], [1, 2, 3, 4, 5, 6]);
    model.dispose();
    const short = { ...inFiles([2000], [], content.slice(0, 2405), weights), modelTopology: graph };
    await rejectsWith(runtime.load(short), 'bad-model', /"f0" \(2000\), "f1" \(405\): expected 2408 bytes in all, got 2405/);
  } finally {
    runtime.dispose();
  }
});
