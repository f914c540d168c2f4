// Broken TensorFlow Lite files: each is read, or refused as 'bad-model' or 'unsupported'; never anything else, never for long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XnnError } from '../../js/errors.js';
import { readTflite } from '../../js/load/tflite/file.js';
import { parseTflite } from '../../js/load/tflite.js';
import { mediapipeModel } from '../support/mediapipe-models.js';
import { writeTflite } from '../support/tflite-writer.js';
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

const int8 = (scale, zero = 0) => ({ type: 'INT8', quantization: { scale: [scale], zeroPoint: [zero] } });
/** A bit of everything: quantised and sparse constants, shapes, a custom op, a second subgraph, data in all types. */
const VARIED = writeTflite({
  tensors: [
    { name: 'x', shape: [1, 4, 4, 2], shapeSignature: [-1, 4, 4, 2] },
    {
      name: 'w',
      shape: [3, 1, 1, 2],
      type: 'INT8',
      data: Int8Array.of(1, 2, 3, 4, 5, 6),
      quantization: { scale: [1, 2, 3], zeroPoint: [0, 0, 0] },
    },
    { name: 'b', shape: [3], type: 'FLOAT16', data: Uint16Array.of(1, 2, 3) },
    { name: 'bias', shape: [3] },
    { name: 'conv', shape: [1, 4, 4, 3] },
    { name: 'q', shape: [1, 4, 4, 3], ...int8(0.5) },
    { name: 'tanh', shape: [1, 4, 4, 3], ...int8(1 / 128) },
    { name: 'wq', shape: [4, 48], data: new Int8Array(192), ...int8(0.25) },
    { name: 'fc', shape: [1, 4], ...int8(1, 3) },
    {
      name: 's',
      shape: [2, 4],
      data: Float32Array.of(1, 2),
      sparsity: { order: [0, 1], levels: [{ size: 2 }, { segments: [0, 1, 2], indices: [1, 3] }] },
    },
    { name: 'sum', shape: [2, 4] },
    { name: 'shape', shape: [2], type: 'INT64', data: BigInt64Array.of(-1n, 8n) },
    { name: 'y', shape: [1, 8] },
    { name: 'f', shape: [1, 4] },
    { name: 'paddings', shape: [2, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1) },
    { name: 'padded', shape: [1, 10] },
    { name: 'half', shape: [5], data: Uint8Array.of(1, 2, 3), type: 'INT4', quantization: { scale: [1], zeroPoint: [0] } },
    { name: 'gathered', shape: [1] },
    { name: 'index', shape: [1], type: 'INT32', data: Int32Array.of(2) },
    { name: 'matrix', shape: [1, 4, 4] },
    { name: 'cut', shape: [1, 16, 24, 2] },
  ],
  operators: [
    { op: 'DEQUANTIZE', inputs: ['b'], outputs: ['bias'] },
    { op: 'CONV_2D', inputs: ['x', 'w', 'bias'], outputs: ['conv'], options: { stride_w: 1, stride_h: 1, fused_activation_function: 1 } },
    { op: 'QUANTIZE', inputs: ['conv'], outputs: ['q'] },
    { op: 'TANH', inputs: ['q'], outputs: ['tanh'] },
    { op: 'FULLY_CONNECTED', inputs: ['tanh', 'wq', -1], outputs: ['fc'], options: {} },
    { op: 'DEQUANTIZE', inputs: ['fc'], outputs: ['f'] },
    { op: 'ADD', inputs: ['f', 's'], outputs: ['sum'] },
    { op: 'RESHAPE', inputs: ['sum', 'shape'], outputs: ['y'], options: { new_shape: [1, 8] } },
    { op: 'PAD', inputs: ['y', 'paddings'], outputs: ['padded'] },
    { op: 'GATHER', inputs: ['half', 'index'], outputs: ['gathered'], options: { axis: 0 } },
    // output_height 16, output_width 24, as a FlexBuffer: keys, their vector, values, types
    {
      op: 'TransformTensorBilinear',
      inputs: ['x', 'matrix'],
      outputs: ['cut'],
      version: 2,
      customOptions: Uint8Array.from([
        ...new TextEncoder().encode('output_height\0output_width\0'),
        ...[2, 28, 15, 2, 1, 2, 16, 24, 4, 4, 4, 36, 1],
      ]),
    },
  ],
  inputs: ['x', 'matrix'],
  outputs: ['padded', 'gathered', 'cut'],
  more: [{ tensors: [{ name: 'z', shape: [1] }], operators: [], inputs: [0], outputs: [0], name: 'other' }],
});

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
