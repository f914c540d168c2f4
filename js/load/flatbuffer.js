// FlatBuffers, from bytes that nobody vouches for. Tables are read by lists of fields; every offset, length and vtable is
// checked before it is followed, and whatever is wrong ends in an XnnError that says where.
// Offsets of the format point forward only, so that nothing here can go round in circles; but several may point to the same
// place, so that a small file can describe a large tree. Therefore reading has a budget, in proportion to the file's size.
// Format: https://flatbuffers.dev/internals
import { XnnError } from '../errors.js';

/**
 * Where a table begins, and what it is called in messages: 'subgraphs[0].tensors[3]'.
 * @typedef {{ at: number, where: string }} Table
 *
 * A run of bytes of the file.
 * @typedef {{ at: number, length: number }} Range
 *
 * A field: its number in the schema, its kind, and what it is where a table does not have it (scalars: 0 or false).
 * @typedef {[slot: number, kind: FieldKind, missing?: number | boolean]} Field
 * @typedef {'bool' | 'i8' | 'i32' | 'u32' | 'u64' | 'f32' | 'text' | 'bytes' | 'table' | 'tables' | 'ints' | 'longs' | 'floats' | 'u8s' |
 *   'u16s'} FieldKind
 * @typedef {Record<string, Field>} Fields
 */

/** Bytes that may be read for each byte of the file: vtables are shared, and so are what writers found to be equal. */
const READS_PER_BYTE = 16;
/** Beyond that: tiny files may be read as often as they like. */
const FREE_READS = 1 << 16;

/** Bytes of a scalar in a table; everything else is an offset of 4. @type {Record<string, number>} */
const SIZES = { bool: 1, i8: 1, i32: 4, u32: 4, u64: 8, f32: 4 };
/** Bytes of an element of a vector. @type {Record<string, number>} */
const ELEMENTS = { bytes: 1, text: 1, tables: 4, ints: 4, longs: 8, floats: 4, u8s: 1, u16s: 2 };

/**
 * A field, ready to be read; entry: of its offset in the vtable; bytes: of a scalar.
 * @typedef {{ name: string, kind: FieldKind, entry: number, bytes: number | undefined, missing: number | boolean | undefined }} Row
 * @type {WeakMap<Fields, Row[]>}
 */
const rowsOfFields = new WeakMap();

/** Made once for each schema: a large model has ten thousand tables. @param {Fields} fields */
function rowsOf(fields) {
  const known = rowsOfFields.get(fields);
  if (known !== undefined) return known;
  const rows = Object.entries(fields).map(([name, [slot, kind, missing]]) => {
    const bytes = SIZES[kind];
    const absent = bytes === undefined ? undefined : (missing ?? (kind === 'bool' ? false : 0));
    return { name, kind, entry: 4 + 2 * slot, bytes, missing: absent };
  });
  rowsOfFields.set(fields, rows);
  return rows;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} what  What the root is called in messages.
 * @returns {{ root: Table, read: (table: Table, fields: Fields) => Record<string, any> }}  read gives the fields' values: a
 *   number or boolean, a string, a Range ('bytes'), a Table, a Table[], a number[]; what is no scalar and absent is undefined.
 * @throws {XnnError} 'bad-model'
 */
export function openFlatbuffer(bytes, what) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const size = bytes.byteLength;
  let budget = READS_PER_BYTE * size + FREE_READS;

  /** @param {number} at @param {string} where @param {string} message @returns {never} */
  function bad(at, where, message) {
    throw new XnnError('bad-model', `${where} (byte ${at}): ${message}`);
  }

  /** Checks that bytes are there, and pays for reading them. @param {number} at @param {number} count @param {string} where */
  function need(at, count, where) {
    if (at < 0 || count > size - at) bad(at, where, `${count} bytes are wanted, but the file has ${size}`);
    budget -= count;
    if (budget < 0) bad(at, where, `the file's tables overlap: ${READS_PER_BYTE} times its ${size} bytes were read`);
  }

  /** Follows an offset. @param {number} at @param {string} where */
  function follow(at, where) {
    need(at, 4, where);
    const offset = view.getUint32(at, true);
    return offset > 0 && offset < size - at ? at + offset : bad(at, where, `offset ${offset} leads out of the file of ${size} bytes`);
  }

  /** @param {number} at @param {string} kind @param {string} where @returns {Range} The elements of a vector. */
  function vector(at, kind, where) {
    const start = follow(at, where);
    need(start, 4, where);
    const length = view.getUint32(start, true);
    const bytesLeft = size - start - 4;
    if (length * ELEMENTS[kind] > bytesLeft) bad(start, where, `${length} elements do not fit into the ${bytesLeft} bytes that follow`);
    return { at: start + 4, length };
  }

  /** @param {number} at @param {FieldKind} kind */
  function scalar(at, kind) {
    if (kind === 'bool') return view.getUint8(at) !== 0;
    if (kind === 'i8') return view.getInt8(at);
    if (kind === 'i32') return view.getInt32(at, true);
    if (kind === 'u32') return view.getUint32(at, true);
    if (kind === 'u64') return Number(view.getBigUint64(at, true));
    return view.getFloat32(at, true);
  }

  /** @param {number} at  Of the field's offset. @param {FieldKind} kind @param {string} where */
  function reference(at, kind, where) {
    if (kind === 'table') return { at: follow(at, where), where };
    const { at: first, length } = vector(at, kind, where);
    if (kind === 'bytes') return { at: first, length };
    need(first, length * ELEMENTS[kind], where);
    if (kind === 'text') return decoder.decode(bytes.slice(first, first + length)); // a copy: memory may be shared
    /** @param {(at: number, i: number) => unknown} element */
    const list = (element) => {
      const elements = [];
      for (let i = 0; i < length; i++) elements.push(element(first + i * ELEMENTS[kind], i));
      return elements;
    };
    if (kind === 'ints') return list((place) => view.getInt32(place, true));
    if (kind === 'longs') return list((place) => Number(view.getBigInt64(place, true)));
    if (kind === 'floats') return list((place) => view.getFloat32(place, true));
    if (kind === 'u8s') return list((place) => view.getUint8(place));
    if (kind === 'u16s') return list((place) => view.getUint16(place, true));
    return list((place, i) => ({ at: follow(place, `${where}[${i}]`), where: `${where}[${i}]` }));
  }

  /** @param {Table} table @param {Fields} fields */
  function read({ at, where }, fields) {
    need(at, 4, where);
    const vtable = at - view.getInt32(at, true);
    need(vtable, 4, `${where}, its vtable`);
    const vtableBytes = view.getUint16(vtable, true);
    const tableBytes = view.getUint16(vtable + 2, true);
    if (vtableBytes < 4 || vtableBytes % 2 !== 0) bad(vtable, where, `a vtable of ${vtableBytes} bytes`);
    if (tableBytes < 4) bad(vtable, where, `a table of ${tableBytes} bytes`);
    need(vtable, vtableBytes, `${where}, its vtable`);
    need(at, tableBytes, where);
    /** @type {Record<string, any>} */
    const values = {};
    for (const { name, kind, entry, bytes: bytesOf, missing } of rowsOf(fields)) {
      const offset = entry < vtableBytes ? view.getUint16(vtable + entry, true) : 0;
      if (offset === 0) {
        values[name] = missing;
        continue;
      }
      const place = where === what ? name : `${where}.${name}`;
      if (offset < 4 || offset + (bytesOf ?? 4) > tableBytes)
        bad(vtable + entry, place, `field offset ${offset} lies outside of the table's ${tableBytes} bytes`);
      values[name] = bytesOf === undefined ? reference(at + offset, kind, place) : scalar(at + offset, kind);
    }
    return values;
  }

  return { root: { at: follow(0, what), where: what }, read };
}
