// The reader of FlexBuffers against the writer and the reader of the flatbuffers package.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { readFlexbuffer } from '../../js/load/flexbuffer.js';
import { random, rejectsWith } from './helpers.js';

const { builder, encode } = createRequire(import.meta.url)('flatbuffers/js/flexbuffers.js');
const seed = Number(process.env.XNNJS_SEED ?? 20240611);

/** As readFlexbuffer gives it: Maps instead of objects. */
function asMaps(value) {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(
    Object.keys(value)
      .sort()
      .map((key) => [key, asMaps(value[key])]),
  );
}

test(`flexbuffer: what the flatbuffers package writes is read (seed ${seed})`, () => {
  const next = random(seed);
  const below = (n) => Math.floor(next() * n);
  const scalars = [
    () => null,
    () => next() < 0.5,
    () => below(200) - 100,
    () => below(2 ** 16) - 2 ** 15,
    () => below(2 ** 32) - 2 ** 31,
    () => below(2 ** 53) - 2 ** 52,
    () => next() * 1e9,
    () => next() / 3, // floats of 4 bytes the package writes wrongly beside integers of 8
    () => 'text '.repeat(below(80)),
    () => 'ä→😀',
  ];
  // Not of strings alone: for these the package writes a type that it cannot read itself.
  const lists = [0, 2, 3, 4, 6].map((kind) => () => Array.from({ length: below(9) }, scalars[kind]));
  const make = (depth) => {
    const kind = next();
    if (depth > 0 && kind < 0.3) return [null, 1, ...Array.from({ length: below(5) }, () => make(depth - 1))];
    if (depth > 0 && kind < 0.7)
      return Object.fromEntries(Array.from({ length: below(5) }, (_, i) => [`key${i}${'x'.repeat(below(40))}`, make(depth - 1)]));
    return [...scalars, ...lists][below(scalars.length + lists.length)]();
  };
  for (let round = 0; round < 500; round++) {
    const value = make(4);
    assert.deepEqual(readFlexbuffer(encode(value)), asMaps(value), `round ${round}: ${JSON.stringify(value)}`);
  }
});

test('flexbuffer: numbers behind offsets, blobs and typed vectors are read', () => {
  const write = (add) => {
    const b = builder();
    add(b);
    return readFlexbuffer(b.finish());
  };
  assert.equal(
    write((b) => b.addInt(-5, true)),
    -5,
  );
  assert.equal(
    write((b) => b.addUInt(70_000, true)),
    70_000,
  );
  assert.equal(
    write((b) => b.addFloat(0.5, true)),
    0.5,
  );
  assert.deepEqual(readFlexbuffer(Uint8Array.of(3, 1, 2, 3, 3, 25 << 2, 1)), Uint8Array.of(1, 2, 3)); // a blob, by hand
  const vector = (items, add) =>
    write((b) => {
      b.startVector();
      for (const item of items) add(b, item);
      b.end();
    });
  assert.deepEqual(
    vector([3, 4], (b, item) => b.addInt(item)),
    [3, 4],
  );
  assert.deepEqual(
    vector([true, false], (b, item) => b.add(item)),
    [true, false],
  );
  assert.deepEqual(readFlexbuffer(encode([])), []);
  assert.deepEqual(readFlexbuffer(encode({ a: {} })), new Map([['a', new Map()]]));
});

test('flexbuffer: tuples are read', () => {
  // By hand: [7, 9] as a VECTOR_INT2 of bytes: elements, then the root's offset, type 16 with width 1, width of the root.
  assert.deepEqual(readFlexbuffer(Uint8Array.of(7, 9, 2, 16 << 2, 1)), [7, 9]);
  assert.deepEqual(readFlexbuffer(Uint8Array.of(7, 9, 255, 3, 20 << 2, 1)), [7, 9, 255]); // VECTOR_UINT3
});

test(`flexbuffer: bits that flip give other values or a bad model (seed ${seed})`, () => {
  const next = random(seed + 1);
  const sound = encode({ list: [1, 'two', 3.5, [4, 5], { six: 7 }], name: 'model', sizes: [16, 16], on: true, big: 2 ** 40 });
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = sound.slice();
    for (let i = 0; i <= next() * 3; i++) bytes[Math.floor(next() * bytes.length)] ^= 1 << Math.floor(next() * 8);
    try {
      readFlexbuffer(bytes);
    } catch (error) {
      assert.equal(error.code, 'bad-model', `round ${round}: ${error.stack}`);
      refused++;
    }
  }
  assert.ok(refused > 100 && refused < 2900, `${refused}`);
  for (let length = 0; length < sound.length; length++) {
    try {
      readFlexbuffer(sound.slice(0, length));
    } catch (error) {
      assert.equal(error.code, 'bad-model', error.stack);
    }
  }
});

for (const [what, bytes, message] of [
  ['no bytes', [], /too short/],
  ['a root of 3 bytes', [0, 0, 0, 4, 3], /byte 4: a root of 3 bytes/],
  ['a root wider than the bytes', [0, 4, 8], /byte -7: 8 bytes are wanted/],
  ['a string before the bytes', [1, 5 << 2, 1], /byte 0: offset 1 leads out/],
  ['a value that is its own, without a length', [0, 10 << 2, 1], /byte -1: 1 bytes are wanted/],
  ['a vector that is its only element', [1, 0, 10 << 2, 1], /its values overlap/],
  ['a string that is too long', [9, 65, 0, 2, 5 << 2, 1], /byte 1: 9 elements do not fit/],
  ['a float of 2 bytes', [0, 0, 3 << 2, 2], /a float of 2 bytes/],
  ['a kind that does not exist', [1, 1, 63 << 2, 1], /values of kind 63/],
  ['a key without an end', [65, 66, 67, 3, 4 << 2, 1], /a key without an end/, true],
])
  test(`flexbuffer: ${what} is a bad model`, () => {
    // Where there is a zero anyhow, keys have an end.
    const list = message.source.includes('key') ? bytes.map((value) => (value === 0 ? 1 : value)) : bytes;
    rejectsWith(() => readFlexbuffer(Uint8Array.from(list)), 'bad-model', message);
  });

/** Vectors in vectors, by hand: each of two elements that are the one before. */
function nested(levels) {
  const bytes = [7, 8, 0]; // [7, 8] of VECTOR_INT2, and room
  let at = 0;
  let type = 16 << 2;
  for (let level = 0; level < levels; level++) {
    bytes.push(2);
    const start = bytes.length;
    bytes.push(start - at, start + 1 - at, type, type);
    at = start;
    type = 10 << 2;
  }
  bytes.push(bytes.length - at, type, 1);
  return Uint8Array.from(bytes);
}

test('flexbuffer: vectors that share their elements are read, until that costs more than the bytes are worth', () => {
  assert.deepEqual(readFlexbuffer(nested(1)), [
    [7, 8],
    [7, 8],
  ]);
  rejectsWith(() => readFlexbuffer(nested(12)), 'bad-model', /its values overlap/);
});

test('flexbuffer: vectors in vectors have an end', () => {
  let value = 1;
  for (let depth = 0; depth < 15; depth++) value = [value, 'x'];
  assert.deepEqual(readFlexbuffer(encode(value)), value);
  rejectsWith(() => readFlexbuffer(encode([[value, 'y'], 'x'])), 'bad-model', /nested more than 16 deep/);
});
