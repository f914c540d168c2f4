// FlexBuffers: values that carry their types, as custom ops have their options. Untrusted, as all that files hold: offsets
// point backward only, what is read is counted, and depth has a limit.
// Format: https://flatbuffers.dev/internals (FlexBuffers)
import { XnnError } from '../errors.js';

/**
 * Maps of the format are Maps: their keys come from a file. Integers beyond 2^53 lose digits.
 * @typedef {null | boolean | number | string | Uint8Array | FlexList | Map<string, any>} FlexValue
 * @typedef {any[]} FlexList
 */

/** Deeper nesting is no one's options; and it ends what contains itself, as only an empty vector may seem to (offset 0). */
const MOST_DEPTH = 16;
/** Values read for each byte: shared ones are read again. */
const VALUES_PER_BYTE = 4;

/** Kinds of values, from their numbers on. */
const [NULL, INT, UINT, FLOAT, KEY, STRING, INDIRECT_INT, INDIRECT_UINT, INDIRECT_FLOAT, MAP, VECTOR] = Array(11).keys();
const [VECTOR_INT, VECTOR_STRING_OLD, VECTOR_INT2, VECTOR_FLOAT4, BLOB, BOOL, VECTOR_BOOL] = [11, 15, 16, 24, 25, 26, 36];

/**
 * @param {Uint8Array} bytes
 * @returns {FlexValue}
 * @throws {XnnError} 'bad-model'
 */
export function readFlexbuffer(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let budget = VALUES_PER_BYTE * bytes.length;

  /** @param {number} at @param {string} message @returns {never} */
  function bad(at, message) {
    throw new XnnError('bad-model', `flexbuffer of ${bytes.length} bytes, byte ${at}: ${message}`);
  }

  /** @param {number} count @param {number} at */
  function spend(count, at) {
    budget -= count;
    if (budget < 0) bad(at, 'its values overlap');
  }

  /** @param {number} at @param {number} count */
  function need(at, count) {
    if (at < 0 || count > bytes.length - at) bad(at, `${count} bytes are wanted`);
  }

  /** @param {number} at @param {number} width */
  function unsigned(at, width) {
    need(at, width);
    if (width === 1) return view.getUint8(at);
    if (width === 2) return view.getUint16(at, true);
    if (width === 4) return view.getUint32(at, true);
    return Number(view.getBigUint64(at, true));
  }

  /** @param {number} at @param {number} width */
  function signed(at, width) {
    need(at, width);
    if (width === 1) return view.getInt8(at);
    if (width === 2) return view.getInt16(at, true);
    if (width === 4) return view.getInt32(at, true);
    return Number(view.getBigInt64(at, true));
  }

  /** @param {number} at @param {number} width */
  function float(at, width) {
    need(at, width);
    if (width === 4) return view.getFloat32(at, true);
    return width === 8 ? view.getFloat64(at, true) : bad(at, `a float of ${width} bytes`);
  }

  /** @param {number} at @param {number} width */
  function behind(at, width) {
    const offset = unsigned(at, width);
    return offset <= at ? at - offset : bad(at, `offset ${offset} leads out of the bytes`);
  }

  /** @param {number} start @param {number} end */
  const text = (start, end) => new TextDecoder().decode(bytes.slice(start, end));

  /** Ends with a zero. @param {number} start */
  function key(start) {
    const end = bytes.indexOf(0, start);
    if (end < 0) bad(start, 'a key without an end');
    spend(end - start, start);
    return text(start, end);
  }

  /** The length before a vector, which has to fit. @param {number} start @param {number} width @param {number} elementBytes */
  function lengthOf(start, width, elementBytes) {
    const length = unsigned(start - width, width);
    if (length * elementBytes > bytes.length - start) bad(start, `${length} elements do not fit`);
    return length;
  }

  /**
   * @param {number} at @param {number} parent  Bytes of what stands at `at`. @param {number} kind
   * @param {number} width  Bytes of what it points to. @param {number} depth
   * @returns {FlexValue}
   */
  function value(at, parent, kind, width, depth) {
    spend(1, at);
    if (depth > MOST_DEPTH) bad(at, `nested more than ${MOST_DEPTH} deep`);
    if (kind === NULL) return null;
    if (kind === INT) return signed(at, parent);
    if (kind === UINT) return unsigned(at, parent);
    if (kind === FLOAT) return float(at, parent);
    if (kind === BOOL) return unsigned(at, parent) !== 0;
    const start = behind(at, parent);
    if (kind === KEY) return key(start);
    if (kind === INDIRECT_INT) return signed(start, width);
    if (kind === INDIRECT_UINT) return unsigned(start, width);
    if (kind === INDIRECT_FLOAT) return float(start, width);
    if (kind === STRING || kind === BLOB) {
      const end = start + lengthOf(start, width, 1);
      spend(end - start, start);
      return kind === STRING ? text(start, end) : bytes.slice(start, end);
    }
    if (kind === MAP || kind === VECTOR) return untyped(start, width, kind, depth);
    if ((kind >= VECTOR_INT && kind < VECTOR_STRING_OLD) || kind === VECTOR_BOOL) {
      const each = kind === VECTOR_BOOL ? BOOL : kind - VECTOR_INT + INT;
      return typed(start, lengthOf(start, width, width), each, width, depth);
    }
    if (kind >= VECTOR_INT2 && kind <= VECTOR_FLOAT4)
      return typed(start, 2 + Math.floor((kind - VECTOR_INT2) / 3), ((kind - VECTOR_INT2) % 3) + INT, width, depth);
    return bad(at, `values of kind ${kind} are not known`);
  }

  /** @param {number} start @param {number} length @param {number} kind @param {number} width @param {number} depth */
  function typed(start, length, kind, width, depth) {
    return Array.from({ length }, (_, i) => value(start + i * width, width, kind, 1, depth + 1));
  }

  /** @param {number} start @param {number} width @param {number} kind @param {number} depth */
  function untyped(start, width, kind, depth) {
    const length = lengthOf(start, width, width + 1);
    const list = Array.from({ length }, (_, i) => {
      const type = unsigned(start + length * width + i, 1);
      return value(start + i * width, width, type >> 2, 1 << (type & 3), depth + 1);
    });
    if (kind === VECTOR) return list;
    const keys = behind(start - 3 * width, width);
    const keyWidth = unsigned(start - 2 * width, width);
    if (![1, 2, 4, 8].includes(keyWidth)) bad(start, `keys of ${keyWidth} bytes`);
    if (lengthOf(keys, keyWidth, keyWidth) !== length) bad(keys, `another number of keys than of values, ${length}`);
    return new Map(list.map((item, i) => [key(behind(keys + i * keyWidth, keyWidth)), item]));
  }

  if (bytes.length < 3) bad(0, 'too short');
  const width = bytes[bytes.length - 1];
  const type = bytes[bytes.length - 2];
  if (![1, 2, 4, 8].includes(width)) bad(bytes.length - 1, `a root of ${width} bytes`);
  return value(bytes.length - 2 - width, width, type >> 2, 1 << (type & 3), 0);
}
