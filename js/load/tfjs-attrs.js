// Attributes of a node of a TensorFlow graph in JSON (protobuf's JSON mapping of AttrValue, in the spellings that
// converters of all ages wrote). An attribute that is missing or empty has TensorFlow's default, which the caller gives.
// Format: tensorflow/core/framework/attr_value.proto; spellings: tfjs-converter src/operations/operation_mapper.ts.
import { XnnError } from '../errors.js';
import { isObject, show } from './tfjs-manifest.js';

/**
 * A node of a TensorFlow graph whose name, op and inputs were checked. controls: names of the nodes that have to run before.
 * @typedef {{ name: string, op: string, inputs: string[], controls: string[], attr: Record<string, unknown> }} ForeignNode
 */

/** tensorflow/core/framework/types.proto @type {ReadonlyMap<unknown, string>} */
const TYPES = new Map(
  [
    [1, 'FLOAT'],
    [2, 'DOUBLE'],
    [3, 'INT32'],
    [4, 'UINT8'],
    [5, 'INT16'],
    [6, 'INT8'],
    [7, 'STRING'],
    [8, 'COMPLEX64'],
    [9, 'INT64'],
    [10, 'BOOL'],
    [11, 'QINT8'],
    [12, 'QUINT8'],
    [13, 'QINT32'],
    [14, 'BFLOAT16'],
    [15, 'QINT16'],
    [16, 'QUINT16'],
    [17, 'UINT16'],
    [18, 'COMPLEX128'],
    [19, 'HALF'],
    [20, 'RESOURCE'],
    [21, 'VARIANT'],
    [22, 'UINT32'],
    [23, 'UINT64'],
  ].flatMap(([number, name]) => [
    [number, `${name}`],
    [`${number}`, `${name}`],
    [`DT_${name}`, `${name}`],
  ]),
);

/** The dtype in which tfjs holds a TensorFlow type. @type {ReadonlyMap<string, 'float32' | 'int32' | 'bool'>} */
const DTYPES = new Map([
  ['FLOAT', 'float32'],
  ['HALF', 'float32'],
  ['DOUBLE', 'float32'],
  ['INT32', 'int32'],
  ['INT64', 'int32'],
  ['INT8', 'int32'],
  ['UINT8', 'int32'],
  ['BOOL', 'bool'],
]);

/** So much of a name that the message is seen behind it. @param {string} name */
function cut(name) {
  return name.length > 300 ? `${name.slice(0, 300)}…` : name;
}

/** @param {{ name: string, op: string }} node @param {string} message @returns {never} */
export function badNode(node, message) {
  throw new XnnError('bad-model', `node "${cut(node.name)}" (${node.op}): ${message}`, { node: node.name });
}

/** @param {{ name: string, op: string }} node @param {string} message @returns {never} */
export function unsupportedNode(node, message) {
  const unsupported = [{ op: node.op, node: node.name, reason: message }];
  throw new XnnError('unsupported', `node "${cut(node.name)}" (${node.op}): ${message}`, { node: node.name, unsupported });
}

/**
 * The field of an attribute, undefined where the attribute is missing or empty.
 * @param {ForeignNode} node @param {string} name @param {...string} fields  Of which one must be there.
 */
function field(node, name, ...fields) {
  const attr = Object.hasOwn(node.attr, name) ? node.attr[name] : undefined;
  if (attr === undefined || attr === null) return undefined;
  if (!isObject(attr)) badNode(node, `attribute ${name} is no object`);
  const found = fields.find((key) => Object.hasOwn(attr, key) && attr[key] !== null);
  if (found !== undefined) return attr[found];
  if (Object.keys(attr).length > 0) badNode(node, `attribute ${name} has ${show(attr)} where ${fields.join(' or ')} belongs`);
  return undefined;
}

/** @param {ForeignNode} node @param {string} name @param {'i' | 's'} kind @returns {unknown[] | undefined} */
function listField(node, name, kind) {
  const list = field(node, name, 'list');
  if (list === undefined) return undefined;
  if (!isObject(list)) badNode(node, `attribute ${name} is no list`);
  const values = Object.hasOwn(list, kind) ? list[kind] : undefined;
  if (values === undefined || values === null) {
    if (Object.values(list).some((other) => Array.isArray(other) && other.length > 0))
      badNode(node, `attribute ${name} has the wrong type: ${show(list)}`);
    return [];
  }
  if (!Array.isArray(values)) badNode(node, `attribute ${name} is no list`);
  return values;
}

/** @param {{ name: string, op: string }} node @param {unknown} value @param {string} what @returns {number} */
function toInt32(node, value, what) {
  const number = typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) badNode(node, `${what} is no integer: ${show(value)}`);
  if (number < -(2 ** 31) || number > 2 ** 31 - 1) badNode(node, `${what} is out of range: ${show(value)}`);
  return number + 0; // no -0
}

/** @param {ForeignNode} node @param {string} name @param {number} missing */
export function intAttr(node, name, missing) {
  const value = field(node, name, 'i');
  return value === undefined ? missing : toInt32(node, value, `attribute ${name}`);
}

/**
 * One seed of several, which have 64 bits each: 0 where all are 0, and only there.
 * @param {ForeignNode} node @param {...string} names
 */
export function seedAttr(node, ...names) {
  const seeds = names.map((name) => {
    const value = field(node, name, 'i') ?? 0;
    if (!/^-?\d{1,20}$/.test(String(value))) badNode(node, `attribute ${name} is no integer: ${show(value)}`);
    return BigInt(/** @type {string | number} */ (value));
  });
  if (seeds.every((seed) => seed === 0n)) return 0;
  // Knuth's MMIX generator, of which the upper bits are the good ones.
  const mixed = seeds.reduce((sum, seed) => BigInt.asUintN(64, (sum + seed) * 6364136223846793005n), 1442695040888963407n);
  return Number(BigInt.asIntN(32, mixed >> 32n)) || 1;
}

/** @param {ForeignNode} node @param {string} name @param {number[]} missing */
export function intsAttr(node, name, missing) {
  return listField(node, name, 'i')?.map((value) => toInt32(node, value, `attribute ${name}`)) ?? missing;
}

/** @param {ForeignNode} node @param {string} name @param {number} missing @returns {number} */
export function floatAttr(node, name, missing) {
  const value = field(node, name, 'f', 'i');
  if (value === undefined) return missing;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || (Number.isNaN(number) && value !== 'NaN'))
    badNode(node, `attribute ${name} is no number: ${show(value)}`);
  return number;
}

/** @param {ForeignNode} node @param {string} name @param {boolean} missing @returns {boolean} */
export function boolAttr(node, name, missing) {
  const value = field(node, name, 'b') ?? missing;
  if (typeof value !== 'boolean') badNode(node, `attribute ${name} is neither true nor false: ${show(value)}`);
  return value;
}

/** @param {ForeignNode} node @param {string} name @param {string} missing */
export function stringAttr(node, name, missing) {
  const value = field(node, name, 's');
  return value === undefined ? missing : toText(node, value, name);
}

/** @param {ForeignNode} node @param {string} name */
export function stringsAttr(node, name) {
  return (listField(node, name, 's') ?? []).map((value) => toText(node, value, name));
}

/** Base64 (protobuf's bytes in JSON) or a list of character codes. @param {ForeignNode} node @param {unknown} value @param {string} name */
function toText(node, value, name) {
  if (typeof value === 'string' && value.length <= 4096) {
    try {
      return atob(value);
    } catch {
      // not base64
    }
  }
  const codes = value instanceof Uint8Array ? [...value.subarray(0, 4096)] : value;
  if (!Array.isArray(codes) || codes.length > 4096 || !codes.every((code) => Number.isInteger(code) && code >= 0 && code < 256))
    badNode(node, `attribute ${name} is no text: ${show(value)}`);
  return String.fromCharCode(...codes);
}

/**
 * A type's name without DT_, e.g. 'FLOAT'.
 * @param {ForeignNode} node @param {string} name @param {string} missing
 */
export function typeAttr(node, name, missing) {
  const value = field(node, name, 'type');
  if (value === undefined) return missing;
  return TYPES.get(value) ?? badNode(node, `attribute ${name}: unknown type ${show(value)}`);
}

/** The dtype of a placeholder. @param {ForeignNode} node */
export function dtypeAttr(node) {
  const type = typeAttr(node, 'dtype', 'FLOAT');
  return DTYPES.get(type) ?? unsupportedNode(node, `inputs of type ${type} are not supported`);
}

/**
 * A shape with -1 for dimensions that are free; undefined if nothing is known of it.
 * @param {ForeignNode} node @param {string} name
 */
export function shapeAttr(node, name) {
  const shape = field(node, name, 'shape');
  return shape === undefined ? undefined : toShape(node, shape);
}

/** TensorShapeProto in JSON. @param {{ name: string, op: string }} node @param {unknown} shape */
export function toShape(node, shape) {
  if (!isObject(shape)) badNode(node, `the shape is no object: ${show(shape)}`);
  if (shape.unknownRank === true) return undefined;
  const dims = shape.dim ?? [];
  if (!Array.isArray(dims) || dims.length > 254) badNode(node, `the shape is no list of dimensions: ${show(shape)}`);
  return dims.map((dim) => {
    const size = toInt32(node, isObject(dim) ? (dim.size ?? 0) : undefined, 'a dimension');
    return size >= -1 ? size : badNode(node, `a dimension is ${size}`);
  });
}
