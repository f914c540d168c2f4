import { io } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeWeight, parseManifest, parseSpecs } from '../../js/load/tfjs-manifest.js';
import { random, rejectsWith } from './helpers.js';

const spec = (changes = {}) => ({ name: 'w', dtype: 'float32', shape: [2, 3], ...changes });

test('a weight: has its dtype, shape, storage and length', () => {
  const quantization = { dtype: 'uint8', scale: 0.5, min: -1 };
  assert.deepEqual(
    parseSpecs([
      spec(),
      spec({ name: 'q', quantization }),
      spec({ name: 'h', quantization: { dtype: 'float16', original_dtype: 'float32' } }),
      spec({ name: 'z', shape: [0, 2 ** 31 - 1] }),
    ]),
    [
      { name: 'w', dtype: 'float32', shape: [2, 3], storage: { dtype: 'float32' }, byteLength: 24 },
      { name: 'q', dtype: 'float32', shape: [2, 3], storage: { dtype: 'uint8', scale: 0.5, min: -1 }, byteLength: 6 },
      { name: 'h', dtype: 'float32', shape: [2, 3], storage: { dtype: 'float16' }, byteLength: 12 },
      { name: 'z', dtype: 'float32', shape: [0, 2 ** 31 - 1], storage: { dtype: 'float32' }, byteLength: 0 },
    ],
  );
});

for (const [title, entry, message] of /** @type {[string, unknown, RegExp][]} */ ([
  ['a negative dimension', spec({ shape: [2, -1] }), /\[2,-1\]/],
  ['a fractional dimension', spec({ shape: [1.5] }), /1.5/],
  ['a dimension that is text', spec({ shape: ['2'] }), /"2"/],
  ['more elements than 2^31', spec({ shape: [65536, 65536] }), /65536/],
  ['so many elements that the product overflows', spec({ shape: Array(200).fill(2 ** 31 - 1) }), /elements/],
  ['a thousand dimensions', spec({ shape: Array(1000).fill(1) }), /1000 dimensions/],
  ['no shape', spec({ shape: undefined }), /no shape/],
  ['an unknown dtype', spec({ dtype: 'float64' }), /float64/],
  ['a dtype that every object has', spec({ dtype: '__proto__' }), /__proto__/],
  ['no name', spec({ name: '' }), /no name/],
  ['quantization without a scale', spec({ quantization: { dtype: 'uint8', min: 0 } }), /scale/],
  ['quantization without a min', spec({ quantization: { dtype: 'uint16', scale: 1 } }), /min/],
  ['a scale that is no number', spec({ quantization: { dtype: 'uint8', min: 0, scale: '1' } }), /scale/],
  ['an unknown quantization', spec({ quantization: { dtype: 'int4', scale: 1, min: 0 } }), /int4/],
  ['float16 of integers', spec({ dtype: 'int32', quantization: { dtype: 'float16' } }), /float16/],
  ['quantized flags', spec({ dtype: 'bool', quantization: { dtype: 'uint8', scale: 1, min: 0 } }), /bool/],
  ['an entry that is no object', 7, /no object|not an object/],
]))
  test(`a broken weight: ${title}`, () => rejectsWith(() => parseSpecs([entry]), 'bad-model', message));

test('a broken manifest: names, paths and lists are checked', () => {
  const good = { paths: ['a.bin'], weights: [spec()] };
  assert.deepEqual(parseManifest([good]).groups, [{ paths: ['a.bin'], first: 0, end: 1, byteLength: 24 }]);
  rejectsWith(() => parseManifest({}), 'bad-model', /list/);
  rejectsWith(() => parseManifest([null]), 'bad-model', /\[0\]/);
  rejectsWith(() => parseManifest([good, good]), 'bad-model', /"w" is there twice/);
  rejectsWith(() => parseManifest([{ weights: [spec()] }]), 'bad-model', /paths/);
  rejectsWith(() => parseManifest([{ paths: [], weights: [spec()] }]), 'bad-model', /24 bytes of weights but no paths/);
  rejectsWith(() => parseManifest([{ paths: [1], weights: [] }]), 'bad-model', /paths/);
  rejectsWith(() => parseManifest([{ paths: ['a'] }]), 'bad-model', /weights/);
});

test('decodeWeight: equals decodeWeights of tfjs-core for every storage', () => {
  const next = random(1);
  const bytes = (/** @type {number} */ n) => Uint8Array.from({ length: n }, () => next() * 256);
  const entries = [
    spec({ name: 'f' }),
    spec({ name: 'i', dtype: 'int32' }),
    spec({ name: 'b', dtype: 'bool' }),
    spec({ name: 'h', shape: [256, 256], quantization: { dtype: 'float16' } }),
    spec({ name: 'u8', shape: [256], quantization: { dtype: 'uint8', scale: 0.0123, min: -1.7 } }),
    spec({ name: 'u16', shape: [64], quantization: { dtype: 'uint16', scale: 0.0001, min: 3.25 } }),
    spec({ name: 'i8', dtype: 'int32', shape: [256], quantization: { dtype: 'uint8', scale: 1.5, min: -100 } }),
  ];
  const specs = parseSpecs(entries);
  const parts = specs.map(({ name, byteLength }) =>
    name === 'h' ? new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer) : bytes(byteLength),
  );
  const reference = io.decodeWeights(
    parts.map((part) => part.buffer),
    /** @type {io.WeightsManifestEntry[]} */ (entries),
  );
  specs.forEach((one, i) => {
    const odd = new Uint8Array(parts[i].length + 1); // also where the bytes are not aligned
    odd.set(parts[i], 1);
    const decoded = decodeWeight(one, odd.subarray(1));
    const expected = reference[one.name].dataSync();
    assert.equal(decoded.constructor, expected.constructor, one.name);
    assert.equal(decoded.length, expected.length);
    for (const [k, value] of decoded.entries())
      assert.ok(Object.is(value, expected[k]), `${one.name}[${k}]: ${value}, expected ${expected[k]}`);
  });
});

test('decodeWeight: refuses the wrong number of bytes, and what it cannot decode', () => {
  const [float, text] = parseSpecs([spec(), spec({ name: 't', dtype: 'string' })]);
  rejectsWith(() => decodeWeight(float, new Uint8Array(23)), 'bad-model', /needs 24 bytes, not 23/);
  rejectsWith(() => decodeWeight(text, new Uint8Array(8)), 'unsupported', /string/);
});
