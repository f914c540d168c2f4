// Broken TensorFlow Lite files: each is read, or refused as 'bad-model' or 'unsupported'; never anything else, never for long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { XnnError } from '../../js/errors.js';
import { readTflite } from '../../js/load/tflite/file.js';
import { parseTflite } from '../../js/load/tflite.js';
import { VARIED } from '../support/tflite-varied.js';
import { random, smallConstants } from './helpers.js';

const seed = Number(process.env.XNNJS_SEED ?? 20240611);
/** Reading a file of a few MB takes milliseconds. */
const MOST_MS = 5000;

/** Reads a file as compile.js does; undefined, or the code of the error. */
function outcome(bytes, what) {
  const start = performance.now();
  try {
    const { topology, weights, sources } = readTflite(bytes);
    const all = sources.map((source) => source());
    for (const [i, data] of all.entries()) assert.equal(data.length, weights[i].byteLength);
    parseTflite(topology, weights, smallConstants(weights, all));
    return 'sound';
  } catch (error) {
    assert.ok(error instanceof XnnError, `${what}: ${error?.stack ?? error}`);
    assert.ok(error.code === 'bad-model' || error.code === 'unsupported', `${what}: ${error.code}: ${error.message}`);
    assert.ok(error.message.length < 2000, `${what}: ${error.message.length} characters`);
    return error.code;
  } finally {
    const ms = performance.now() - start;
    assert.ok(ms < MOST_MS, `${what}: ${ms} ms`);
  }
}

test('the file of which all are made is sound', () => assert.equal(outcome(VARIED, 'it'), 'sound'));

test(`bits that flip: one at each place of the file`, () => {
  const codes = {};
  for (let at = 0; at < VARIED.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = VARIED.slice();
      bytes[at] ^= 1 << bit;
      const code = outcome(bytes, `byte ${at}, bit ${bit}`);
      codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  assert.ok(codes.sound > 1000 && codes['bad-model'] > 1000 && codes.unsupported > 100, JSON.stringify(codes));
});

test(`bytes that change: several at once (seed ${seed})`, () => {
  const next = random(seed);
  const below = (n) => Math.floor(next() * n);
  const values = [0, 1, 2, 4, 127, 128, 255];
  const codes = {};
  for (let round = 0; round < 20_000; round++) {
    const bytes = VARIED.slice();
    for (let i = 0; i <= below(4); i++) bytes[below(bytes.length)] = next() < 0.5 ? values[below(values.length)] : below(256);
    const code = outcome(bytes, `seed ${seed}, round ${round}`);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  assert.ok(codes.sound > 500 && codes['bad-model'] > 2000, JSON.stringify(codes));
});

test(`words that change: offsets, lengths and numbers of all sizes (seed ${seed})`, () => {
  const next = random(seed + 1);
  const below = (n) => Math.floor(next() * n);
  const values = [
    0,
    1,
    -1,
    2,
    4,
    8,
    16,
    255,
    256,
    65535,
    65536,
    2 ** 20,
    2 ** 24,
    2 ** 31 - 1,
    -(2 ** 31),
    -4,
    -8,
    VARIED.length,
    VARIED.length - 4,
  ];
  const codes = {};
  for (let at = 0; at + 4 <= VARIED.length; at += 4) {
    const word = new DataView(VARIED.buffer).getInt32(at, true);
    for (const value of [...values, word + 4, word - 4, below(VARIED.length), -at, VARIED.length - at]) {
      const bytes = VARIED.slice();
      new DataView(bytes.buffer).setInt32(at, value, true);
      const code = outcome(bytes, `word ${at} = ${value}`);
      codes[code] = (codes[code] ?? 0) + 1;
    }
  }
  assert.ok(codes.sound > 500 && codes['bad-model'] > 5000, JSON.stringify(codes));
});

test('files that end too early: at every byte', () => {
  const codes = {};
  for (let length = 0; length < VARIED.length; length++) {
    const code = outcome(VARIED.slice(0, length), `${length} bytes`);
    codes[code] = (codes[code] ?? 0) + 1;
  }
  // The last bytes may be padding behind the last table.
  assert.ok(codes['bad-model'] > VARIED.length - 100 && codes['bad-model'] + (codes.sound ?? 0) === VARIED.length, JSON.stringify(codes));
});

test('files that are one stretch of another repeated, or only the beginning', () => {
  const next = random(seed + 2);
  for (let round = 0; round < 500; round++) {
    const bytes = VARIED.slice();
    const length = 4 * Math.floor(1 + next() * 30);
    const from = 4 * Math.floor((next() * (bytes.length - length)) / 4);
    const to = 4 * Math.floor((next() * (bytes.length - length)) / 4);
    bytes.copyWithin(to, from, from + length);
    outcome(bytes, `seed ${seed + 2}, round ${round}`);
  }
  for (const fill of [0, 1, 4, 8, 127, 255]) {
    const bytes = new Uint8Array(4096).fill(fill);
    bytes.set(VARIED.subarray(0, 8));
    outcome(bytes, `filled with ${fill}`);
  }
});

for (const [name, rounds] of [
  ['face_detection_short_range', 150],
  ['face_landmark_with_attention', 30],
  ['pose_detection', 30],
])
  test(`${name}: structure that changes is refused or harmless (seed ${seed})`, () => {
    const sound = mediapipeModel(name);
    // The structure is what is not a buffer's data: find it, so that most changes meet it.
    const { sources } = readTflite(sound);
    const data = sources.map((source) => source()).filter(({ buffer }) => buffer === sound.buffer);
    const isData = new Uint8Array(sound.length);
    for (const { byteOffset, length } of data) isData.fill(1, byteOffset - sound.byteOffset, byteOffset - sound.byteOffset + length);
    const places = [...sound.keys()].filter((at) => isData[at] === 0);
    assert.ok(places.length > 10_000);
    const next = random(seed + 3);
    const codes = {};
    for (let round = 0; round < rounds; round++) {
      const bytes = sound.slice();
      for (let i = 0; i <= next() * 5; i++) bytes[places[Math.floor(next() * places.length)]] ^= 1 << Math.floor(next() * 8);
      const code = outcome(bytes, `seed ${seed + 3}, round ${round}`);
      codes[code] = (codes[code] ?? 0) + 1;
    }
    assert.ok(Object.keys(codes).length >= 2, JSON.stringify(codes));
    for (let i = 0; i < 10; i++) {
      const length = Math.floor(next() * sound.length);
      outcome(sound.slice(0, length), `${length} bytes`);
    }
  });
