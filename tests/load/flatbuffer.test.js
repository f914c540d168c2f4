// The reader of FlatBuffers against the flatbuffers package: what its Builder writes is read; what is broken is blamed on the
// model, with the place, in bounded time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Builder } from 'flatbuffers';
import { openFlatbuffer } from '../../js/load/flatbuffer.js';
import { random, rejectsWith } from './helpers.js';

const seed = Number(process.env.XNNJS_SEED ?? 20240611);

/** A field of each kind. */
const FIELDS = {
  flag: [0, 'bool'],
  small: [1, 'i8', -3],
  count: [2, 'i32'],
  index: [3, 'u32', 7],
  large: [4, 'u64'],
  ratio: [5, 'f32', 1],
  name: [6, 'text'],
  data: [7, 'bytes'],
  child: [8, 'table'],
  children: [9, 'tables'],
  ints: [10, 'ints'],
  longs: [11, 'longs'],
  floats: [12, 'floats'],
  bytes: [13, 'u8s'],
  shorts: [14, 'u16s'],
};

/** Writes values of these fields; those that are undefined are left out. */
function writeTable(b, values) {
  const vector = (list, size, add) => {
    b.startVector(size, list.length, size);
    for (const item of [...list].reverse()) add(item);
    return b.endVector();
  };
  const at = new Map();
  const put = (field, write) => {
    if (values[field] !== undefined) at.set(field, write(values[field]));
  };
  put('name', (text) => b.createString(text));
  put('data', (bytes) => vector(bytes, 1, (item) => b.addInt8(item)));
  put('child', (child) => writeTable(b, child));
  put('children', (list) => {
    const offsets = list.map((child) => writeTable(b, child));
    return vector(offsets, 4, (item) => b.addOffset(item));
  });
  put('ints', (list) => vector(list, 4, (item) => b.addInt32(item)));
  put('longs', (list) => vector(list, 8, (item) => b.addInt64(BigInt(item))));
  put('floats', (list) => vector(list, 4, (item) => b.addFloat32(item)));
  put('bytes', (list) => vector(list, 1, (item) => b.addInt8(item)));
  put('shorts', (list) => vector(list, 2, (item) => b.addInt16(item)));
  b.startObject(15);
  if (values.flag !== undefined) b.addFieldInt8(0, Number(values.flag), 0);
  if (values.small !== undefined) b.addFieldInt8(1, values.small, -3);
  if (values.count !== undefined) b.addFieldInt32(2, values.count, 0);
  if (values.index !== undefined) b.addFieldInt32(3, values.index, 7);
  if (values.large !== undefined) b.addFieldInt64(4, BigInt(values.large), 0n);
  if (values.ratio !== undefined) b.addFieldFloat32(5, values.ratio, 1);
  for (const [field, offset] of at) b.addFieldOffset(FIELDS[field][0], offset, 0);
  return b.endObject();
}

function write(values) {
  const b = new Builder(64);
  b.finish(writeTable(b, values));
  return b.asUint8Array().slice();
}

/** What was written, as read gives it. */
function expected(values) {
  const scalars = { flag: false, small: -3, count: 0, index: 7, large: 0, ratio: 1 };
  return Object.fromEntries(Object.keys(FIELDS).map((field) => [field, values[field] ?? scalars[field]]));
}

/** Reads a table and those in it; Ranges become lists of their bytes. */
function readDeep(bytes, { root, read }) {
  const deep = (table) => {
    const values = read(table, FIELDS);
    const { data, child, children } = values;
    return {
      ...values,
      data: data && [...bytes.subarray(data.at, data.at + data.length)],
      child: child && deep(child),
      children: children?.map(deep),
    };
  };
  return deep(root);
}
const expectDeep = (values) => {
  const all = expected(values);
  return { ...all, child: all.child && expectDeep(all.child), children: all.children?.map(expectDeep) };
};

test(`flatbuffer: what the flatbuffers package writes is read (seed ${seed})`, () => {
  const next = random(seed);
  const below = (n) => Math.floor(next() * n);
  const list = (make) => Array.from({ length: below(6) }, make);
  const values = {
    flag: () => next() < 0.5,
    small: () => below(256) - 128,
    count: () => below(2 ** 32) - 2 ** 31,
    index: () => below(2 ** 32),
    large: () => below(2 ** 53),
    ratio: () => Math.fround(next() - 0.5),
    name: () => list(() => 'aß→😀x'.slice(below(3))).join(''),
    data: () => list(() => below(256)),
    ints: () => list(() => below(2 ** 32) - 2 ** 31),
    longs: () => list(() => below(2 ** 53) - 2 ** 52),
    floats: () => list(() => Math.fround(next())),
    bytes: () => list(() => below(256)),
    shorts: () => list(() => below(65536)),
  };
  const make = (depth) => {
    const table = Object.fromEntries(Object.entries(values).flatMap(([field, value]) => (next() < 0.6 ? [[field, value()]] : [])));
    if (depth > 0 && next() < 0.7) table.child = make(depth - 1);
    if (depth > 0 && next() < 0.7) table.children = list(() => make(depth - 1));
    return table;
  };
  for (let round = 0; round < 300; round++) {
    const table = make(3);
    const bytes = write(table);
    assert.deepEqual(readDeep(bytes, openFlatbuffer(bytes, 'root')), expectDeep(table), `round ${round}`);
  }
});

test('flatbuffer: bytes may begin anywhere in their buffer', () => {
  const table = { name: 'here', ints: [1, 2], large: 2 ** 40 };
  const bytes = write(table);
  for (const offset of [1, 2, 3]) {
    const moved = new Uint8Array(bytes.length + 8).subarray(offset, offset + bytes.length);
    moved.set(bytes);
    assert.deepEqual(readDeep(moved, openFlatbuffer(moved, 'root')), expectDeep(table));
  }
});

test('flatbuffer: bytes may be shared memory', () => {
  const bytes = write({ name: 'shared' });
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const { root, read } = openFlatbuffer(shared, 'root');
  assert.equal(read(root, FIELDS).name, 'shared');
});

/** A table at byte 8 with one field of 4 bytes at byte 12, its vtable at byte 16. */
function tiny({ root = 8, soffset = -8, vtableBytes = 6, tableBytes = 8, field = 4, value = 0, tail = 16 } = {}) {
  const view = new DataView(new ArrayBuffer(24 + tail));
  view.setUint32(0, root, true);
  view.setInt32(8, soffset, true);
  view.setUint32(12, value, true);
  view.setUint16(16, vtableBytes, true);
  view.setUint16(18, tableBytes, true);
  view.setUint16(20, field, true);
  return view;
}
const readTiny = (view, kind) => {
  const { root, read } = openFlatbuffer(new Uint8Array(view.buffer), 'model');
  return read(root, { thing: [0, kind] }).thing;
};

test('flatbuffer: a table by hand is what it seems', () => {
  assert.equal(readTiny(tiny({ value: 77 }), 'i32'), 77);
  assert.equal(readTiny(tiny({ field: 0 }), 'i32'), 0);
  assert.equal(readTiny(tiny({ vtableBytes: 4 }), 'text'), undefined);
});

const FAULTS = [
  ['no bytes', () => new DataView(new ArrayBuffer(0)), 'i32', /^model \(byte 0\): 4 bytes are wanted, but the file has 0$/],
  ['a root outside', () => tiny({ root: 40 }), 'i32', /^model \(byte 0\): offset 40 leads out of the file of 40 bytes$/],
  ['a root that is its own offset', () => tiny({ root: 0 }), 'i32', /^model \(byte 0\): offset 0 /],
  ['a root at the end', () => tiny({ root: 38 }), 'i32', /^model \(byte 38\): 4 bytes are wanted/],
  ['a vtable before the file', () => tiny({ soffset: 9 }), 'i32', /^model, its vtable \(byte -1\): /],
  ['a vtable behind the file', () => tiny({ soffset: -(2 ** 31) }), 'i32', /^model, its vtable \(byte 2147483656\): /],
  ['a vtable that is too small', () => tiny({ vtableBytes: 2 }), 'i32', /^model \(byte 16\): a vtable of 2 bytes$/],
  ['a vtable of odd size', () => tiny({ vtableBytes: 7 }), 'i32', /a vtable of 7 bytes$/],
  ['a vtable beyond the end', () => tiny({ vtableBytes: 26 }), 'i32', /^model, its vtable \(byte 16\): 26 bytes are wanted/],
  ['a table that is too small', () => tiny({ tableBytes: 3 }), 'i32', /^model \(byte 16\): a table of 3 bytes$/],
  ['a table beyond the end', () => tiny({ tableBytes: 33 }), 'i32', /^model \(byte 8\): 33 bytes are wanted/],
  [
    'a field outside of its table',
    () => tiny({ field: 8 }),
    'i32',
    /^thing \(byte 20\): field offset 8 lies outside of the table's 8 bytes$/,
  ],
  ['a field over the offset of the vtable', () => tiny({ field: 2 }), 'i32', /^thing \(byte 20\): field offset 2 /],
  ['a wide field at the end of its table', () => tiny({ field: 4 }), 'u64', /^thing \(byte 20\): field offset 4 /],
  ['a string outside', () => tiny({ value: 28 }), 'text', /^thing \(byte 12\): offset 28 leads out/],
  ['a string without room for its length', () => tiny({ value: 26 }), 'text', /^thing \(byte 38\): 4 bytes are wanted/],
  ['a string that is too long', () => withLength(13), 'text', /^thing \(byte 24\): 13 elements do not fit into the 12 bytes that follow$/],
  ['bytes that are too many', () => withLength(2 ** 32 - 1), 'bytes', /^thing \(byte 24\): 4294967295 elements do not fit/],
  ['integers that are too many', () => withLength(4), 'ints', /^thing \(byte 24\): 4 elements do not fit into the 12 bytes/],
  ['longs that are too many', () => withLength(2), 'longs', /2 elements do not fit/],
  ['an element that leads out', () => withLength(1, 99), 'tables', /^thing\[0\] \(byte 28\): offset 99 leads out/],
  ['an element that leads to itself', () => withLength(1, 0), 'tables', /^thing\[0\] \(byte 28\): offset 0 /],
];

/** The table of tiny(), whose field is a vector of this length at byte 24. */
function withLength(length, first = 0) {
  const view = tiny({ value: 12 });
  view.setUint32(24, length, true);
  view.setUint32(28, first, true);
  return view;
}

test('flatbuffer: a vector by hand is what it seems', () => {
  assert.deepEqual(readTiny(withLength(3), 'ints'), [0, 0, 0]);
  assert.deepEqual(readTiny(withLength(12), 'bytes'), { at: 28, length: 12 });
  assert.equal(readTiny(withLength(2), 'text'), '\0\0');
});

for (const [what, make, kind, message] of FAULTS)
  test(`flatbuffer: ${what} is a bad model`, () => rejectsWith(() => readTiny(make(), kind), 'bad-model', message));

test('flatbuffer: tables that overlap cost no more than the file is long', () => {
  // N offsets to one table of N integers: N² to read.
  const n = 200_000;
  const bytes = new Uint8Array(24 + 4 + 4 * n + 16 + 4 + 4 * n);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 8, true);
  view.setInt32(8, -8, true);
  view.setUint32(12, 12, true);
  for (const [i, value] of [6, 8, 4].entries()) view.setUint16(16 + 2 * i, value, true);
  const table = 28 + 4 * n;
  view.setUint32(24, n, true);
  for (let i = 0; i < n; i++) view.setUint32(28 + 4 * i, table - (28 + 4 * i), true);
  view.setInt32(table, table - 16, true);
  view.setUint32(table + 4, 12, true);
  view.setUint32(table + 16, n, true);
  const start = performance.now();
  rejectsWith(
    () => {
      const { root, read } = openFlatbuffer(bytes, 'model');
      for (const child of read(root, { children: [0, 'tables'] }).children) read(child, { ints: [0, 'ints'] });
    },
    'bad-model',
    /^children\[\d+\]\.ints \(byte \d+\): the file's tables overlap: 16 times its 1600048 bytes were read$/,
  );
  assert.ok(performance.now() - start < 5000);
});

test(`flatbuffer: bits that flip give other values or a bad model (seed ${seed})`, () => {
  const next = random(seed + 1);
  const child = { name: 'child', ints: [1, 2, 3], longs: [4], child: { floats: [1, 2] } };
  const sound = write({ name: 'root', count: 5, data: [1, 2, 3], child, children: [child, child, {}], shorts: [1, 2] });
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = sound.slice();
    for (let i = 0; i <= next() * 3; i++) bytes[Math.floor(next() * bytes.length)] ^= 1 << Math.floor(next() * 8);
    try {
      readDeep(bytes, openFlatbuffer(bytes, 'root'));
    } catch (error) {
      assert.equal(error.code, 'bad-model', `round ${round}: ${error.stack}`);
      assert.match(error.message, /\(byte -?\d+\): /);
      refused++;
    }
  }
  assert.ok(refused > 300 && refused < 2900, `${refused}`);
});

test('flatbuffer: a file that is cut off is a bad model', () => {
  const sound = write({ name: 'root', child: { ints: [1, 2, 3], name: 'x' } });
  for (let length = 0; length < sound.length - 4; length++) {
    const bytes = sound.slice(0, length);
    try {
      readDeep(bytes, openFlatbuffer(bytes, 'root'));
    } catch (error) {
      assert.equal(error.code, 'bad-model', error.stack);
    }
  }
  rejectsWith(() => readDeep(sound.slice(0, 8), openFlatbuffer(sound.slice(0, 8), 'root')), 'bad-model');
});
