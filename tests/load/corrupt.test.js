// Broken models end in an XnnError that blames the model, never in anything else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { XnnError } from '../../js/errors.js';
import { openSource } from '../../js/load/source.js';
import { parseGraph } from '../../js/load/tfjs-graph.js';
import { decodeWeight } from '../../js/load/tfjs-manifest.js';
import { humanModel, random, readBin, readWeightBytes, smallConstants } from './helpers.js';

const seed = Number(process.env.XNNJS_SEED ?? 20240611);
const NAMES = ['facemesh', 'antispoof', 'liveness'];
const weightBytes = new Map();
for (const name of NAMES) weightBytes.set(name, await readWeightBytes(await openSource(humanModel(`${name}.json`))));

/** Parses a model.json of these bytes; undefined, or the code of the error. Weights keep the values of the sound model. @param {string} name @param {Uint8Array<ArrayBuffer>} bytes */
async function outcome(name, bytes) {
  try {
    const file = new File([bytes], 'model.json');
    const model = await openSource([file]);
    const { all } = weightBytes.get(name);
    const same = model.weights.every((spec, i) => spec.byteLength === all[i]?.length);
    const constants = same
      ? smallConstants(model.weights, all)
      : new Map(
          model.weights
            .filter((spec) => spec.byteLength <= 4096 && ['float32', 'int32', 'bool'].includes(spec.dtype))
            .map((spec) => [spec.name, decodeWeight(spec, new Uint8Array(spec.byteLength))]),
        );
    parseGraph(model.topology, model.weights, constants);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof XnnError, String(error instanceof Error ? error.stack : error));
    assert.ok(error.code === 'bad-model' || error.code === 'unsupported', `${error.code}: ${error.message}`);
    return error.code;
  }
}

for (const name of NAMES) {
  const sound = new Uint8Array(readFileSync(humanModel(`${name}.json`)));

  test(`${name}: flipped bits parse or are blamed on the model (seed ${seed})`, async () => {
    const next = random(seed);
    /** @type {Record<string, number>} */
    const codes = {};
    for (let round = 0; round < 150; round++) {
      const bytes = sound.slice();
      const flips = 1 + Math.floor(next() * 3);
      for (let i = 0; i < flips; i++) bytes[Math.floor(next() * bytes.length)] ^= 1 << Math.floor(next() * 8);
      const code = await outcome(name, bytes).catch((error) => assert.fail(`seed ${seed}, round ${round}: ${error.message}`));
      codes[`${code}`] = (codes[`${code}`] ?? 0) + 1;
    }
    assert.ok(codes['bad-model'] > 0, JSON.stringify(codes));
  });

  test(`${name}: digits and letters that change keep it JSON, and are blamed on the model or harmless (seed ${seed})`, async () => {
    const next = random(seed + 1);
    const places = [...sound.keys()].filter((i) => (sound[i] >= 48 && sound[i] <= 57) || (sound[i] >= 97 && sound[i] <= 122));
    /** @type {Record<string, number>} */
    const codes = {};
    for (let round = 0; round < 150; round++) {
      const bytes = sound.slice();
      const at = places[Math.floor(next() * places.length)];
      bytes[at] = bytes[at] <= 57 ? 48 + Math.floor(next() * 10) : 97 + Math.floor(next() * 26);
      const code = await outcome(name, bytes).catch((error) =>
        assert.fail(`seed ${seed + 1}, round ${round}, byte ${at}: ${error.message}`),
      );
      codes[`${code}`] = (codes[`${code}`] ?? 0) + 1;
    }
    assert.ok(codes.undefined > 0 && codes['bad-model'] > 0, JSON.stringify(codes));
  });

  test(`${name}: a model.json that ends too early is a bad model`, async () => {
    const next = random(seed + 2);
    for (const length of [0, 1, 2, sound.length - 1, ...Array.from({ length: 30 }, () => Math.floor(next() * (sound.length - 1)))])
      assert.equal(await outcome(name, sound.slice(0, length)), 'bad-model', `${length} bytes`);
  });
}

/** Every value of the JSON, one at a time, replaced by something that does not belong there. */
test(`antispoof: values of the wrong type are blamed on the model or harmless`, async () => {
  const text = readFileSync(humanModel('antispoof.json'), 'utf8');
  /** @type {string[][]} */
  const paths = [];
  const walk = (/** @type {any} */ value, /** @type {string[]} */ path) => {
    paths.push(path);
    if (typeof value === 'object' && value !== null) for (const key of Object.keys(value)) walk(value[key], [...path, key]);
  };
  walk(JSON.parse(text), []);
  const intruders = [null, [], {}, 'x', -1, 1e300, true, [[]], { __proto__: null, list: 1 }];
  const next = random(seed + 3);
  const { all } = weightBytes.get('antispoof');
  let refused = 0;
  for (const path of paths.slice(1)) {
    const json = JSON.parse(text);
    const parent = path.slice(0, -1).reduce((/** @type {any} */ value, /** @type {string} */ key) => value[key], json);
    parent[path.at(-1) ?? ''] = intruders[Math.floor(next() * intruders.length)];
    try {
      const model = await openSource({ ...json, topology: json.modelTopology, weights: [] });
      parseGraph(
        model.topology,
        model.weights,
        new Map(
          model.weights.flatMap((spec, i) =>
            spec.byteLength === all[i]?.length && spec.byteLength <= 4096 && spec.dtype !== 'string' && spec.dtype !== 'complex64'
              ? [[spec.name, decodeWeight(spec, all[i])]]
              : [],
          ),
        ),
      );
    } catch (error) {
      assert.ok(
        error instanceof XnnError && ['bad-model', 'unsupported'].includes(error.code),
        `${path.join('.')}: ${/** @type {Error} */ (error).stack}`,
      );
      refused++;
    }
  }
  assert.ok(refused > 50 && refused < paths.length, `${refused} of ${paths.length}`);
});

test('liveness: weights that are cut off or go on are a bad model', async () => {
  const json = JSON.parse(readFileSync(humanModel('liveness.json'), 'utf8'));
  const bytes = readBin('liveness');
  const longer = new Uint8Array(bytes.length + 70_000);
  const next = random(seed + 4);
  for (const length of [
    0,
    1,
    3,
    bytes.length - 1,
    bytes.length + 1,
    longer.length,
    ...Array.from({ length: 20 }, () => Math.floor(next() * bytes.length)),
  ]) {
    const weights = length <= bytes.length ? bytes.subarray(0, length) : longer.subarray(0, length);
    const model = await openSource({ ...json, weights });
    await assert.rejects(
      readWeightBytes(model),
      (error) =>
        error instanceof XnnError && error.code === 'bad-model' && error.message.endsWith(`expected ${bytes.length} bytes, got ${length}`),
    );
  }
});
