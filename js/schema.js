// The op table in JavaScript: op numbers, and attributes as the bytes that C reads.
import { SCHEMA } from '../dist/schema.js';
import { XnnError } from './errors.js';

/** XJ_LIST_MAX of src/xj.h */
export const LIST_MAX = 16;

/**
 * @typedef {{ name: string, kind: string, offset: number }} Field
 * @typedef {{ number: number, attributes: Map<string, Field>, fields: Field[], bytes: number }} OpRow  fields: the attributes in their order
 */

/** @param {string[]} lines @returns {Map<string, OpRow>} */
function parseSchema(lines) {
  const rows = new Map();
  lines.forEach((line, number) => {
    const [name, , , , ...fields] = line.split(' ');
    const attributes = new Map();
    let bytes = 0;
    for (const field of fields) {
      const [attribute, kind] = field.split(':');
      attributes.set(attribute, { name: attribute, kind, offset: bytes });
      bytes += kind === 'I' ? 4 * (1 + LIST_MAX) : 4;
    }
    rows.set(name, { number, attributes, fields: [...attributes.values()], bytes });
  });
  return rows;
}

const ROWS = parseSchema(SCHEMA);
const TEXT = SCHEMA.map((line) => `${line}\n`).join('');

/**
 * @param {string} text  The schema of a loaded module.
 * @throws {XnnError} 'misuse' if it is not the one that this JavaScript was built with.
 */
export function checkSchema(text) {
  if (text !== TEXT)
    throw new XnnError(
      'misuse',
      'the .wasm and the .js files of xnnjs are of different versions: clear the cache, or check the `wasm` option',
    );
}

/** @param {string} op @returns {OpRow} */
export function opRow(op) {
  const row = ROWS.get(op);
  if (row === undefined) throw new XnnError('unsupported', `there is no op ${op}`);
  return row;
}

/**
 * @param {OpRow} row
 * @param {string} op
 * @param {Record<string, number | number[]>} attrs  Those that are absent are 0.
 * @returns {Uint8Array}  The op's attribute struct.
 */
export function packAttributes(row, op, attrs) {
  const view = new DataView(new ArrayBuffer(row.bytes));
  for (const [name, value] of Object.entries(attrs)) {
    const attribute = row.attributes.get(name);
    if (attribute === undefined) throw new XnnError('unsupported', `${op} has no attribute ${name}`);
    const { kind, offset } = attribute;
    if (kind === 'I') {
      const list = /** @type {number[]} */ (value);
      if (list.length > LIST_MAX)
        throw new XnnError('unsupported', `${op}: ${name} has ${list.length} values, at most ${LIST_MAX} are possible`);
      view.setInt32(offset, list.length, true);
      for (const [i, item] of list.entries()) view.setInt32(offset + 4 + 4 * i, item, true);
    } else if (kind === 'f') {
      view.setFloat32(offset, Number(value), true);
    } else {
      view.setInt32(offset, Number(value), true);
    }
  }
  return new Uint8Array(view.buffer);
}
