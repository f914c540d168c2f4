// A TensorFlow Lite file's bytes → its main subgraph as plain data, and where the bytes of each constant are. Everything here
// is untrusted; what is read is read once, in time linear in the file's size.
import { XnnError } from '../../errors.js';
import { openFlatbuffer } from '../flatbuffer.js';
import { IDENTIFIER, isTflite } from './identifier.js';
import {
  BUFFER,
  BUILTINS,
  CUSTOM,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPTIONS,
  QUANTIZATION,
  QUANTIZATION_SCALE,
  SUBGRAPH,
  TENSOR,
  TYPES,
  VERSION,
} from './schema.js';
import { createWeights } from './weights.js';

/**
 * value = (stored - zero point) * scale; one of each, or one for each index of the axis.
 * @typedef {{ scales: number[], zeroPoints: number[], axis: number }} Quantization
 *
 * @typedef {object} TfliteTensor
 * @property {string} name  The file's, which need not be unique.
 * @property {string} ref  The name where no other tensor has it.
 * @property {string} type  TensorType of the schema.
 * @property {number[]} shape  -1 where free.
 * @property {Quantization} [quantization]  Of 8 and 4 bits, and of int32.
 * @property {boolean} variable
 * @property {boolean} constant
 * @property {{ stored?: number, float?: number, scale?: number }} weights  Indices of WeightSpecs of a constant: the numbers as
 *   they are stored; the float32 they mean (per channel: before the scale); the scales.
 *
 * @typedef {object} TfliteOperator
 * @property {string} op  The builtin's name, or that of the custom op.
 * @property {boolean} custom
 * @property {number} version
 * @property {string} name  Of its first output.
 * @property {number[]} inputs  Tensors; -1 where absent.
 * @property {number[]} outputs
 * @property {Record<string, any>} options
 * @property {Uint8Array} [customOptions]
 *
 * @typedef {{ tensors: TfliteTensor[], operators: TfliteOperator[], inputs: number[], outputs: number[] }} TfliteTopology
 */

/** @param {string} message @param {string} [node] @returns {never} */
function bad(message, node) {
  throw new XnnError('bad-model', message, { node });
}

/**
 * @param {Uint8Array} bytes
 * @returns {{ topology: TfliteTopology, weights: import('../tfjs-manifest.js').WeightSpec[], sources: (() => Uint8Array)[] }}
 *   sources: the bytes of each weight; views of the file where they stand in it as they are wanted.
 * @throws {XnnError} 'bad-model'; 'unsupported' for another version of the format, and for weights beyond int32 (by a source).
 */
export function readTflite(bytes) {
  if (!isTflite(bytes)) {
    const hint = bytes[0] === 60 ? ' (it looks like a web page)' : '';
    bad(`these bytes are no TensorFlow Lite model: "${IDENTIFIER}" is missing${hint}`);
  }
  const { root, read } = openFlatbuffer(bytes, 'model');
  const model = read(root, MODEL);
  if (model.version !== VERSION)
    throw new XnnError('unsupported', `version ${model.version} of TensorFlow Lite's format; version ${VERSION} is supported`);
  const codes = (model.operator_codes ?? []).map((/** @type {import('../flatbuffer.js').Table} */ table) => {
    const { deprecated_builtin_code, builtin_code, custom_code = '', version } = read(table, OPERATOR_CODE);
    const number = Math.max(deprecated_builtin_code, builtin_code);
    const custom = number === CUSTOM;
    return { op: custom ? custom_code : (BUILTINS.get(number) ?? `builtin ${number}`), custom, version };
  });
  if (!(model.subgraphs?.length > 0)) bad('the model has no subgraph');
  const [main] = model.subgraphs; // others are reached by operators of control flow only, which are not supported
  const graph = read(main, SUBGRAPH);

  /** @type {Map<number, import('../flatbuffer.js').Range>} */
  const buffers = new Map();
  /** @param {number} index @param {string} where @returns {import('../flatbuffer.js').Range} */
  const bufferAt = (index, where) => {
    const table = model.buffers?.[index] ?? (index === 0 ? undefined : bad(`${where}.buffer: there is no buffer ${index}`));
    if (table === undefined) return { at: 0, length: 0 };
    const known = buffers.get(index);
    if (known !== undefined) return known;
    const { data, offset, size } = read(table, BUFFER);
    if (offset > 1 && !(offset <= bytes.length && size <= bytes.length - offset))
      bad(`${table.where}: ${size} bytes from ${offset} on, but the file has ${bytes.length}`);
    const range = offset > 1 ? { at: offset, length: size } : (data ?? { at: 0, length: 0 });
    buffers.set(index, range);
    return range;
  };

  /** @type {TfliteTensor[]} */
  const tensors = [];
  /** What of a tensor does not go to workers: its bytes, its scales' bytes, how its bytes are packed. */
  const places = (graph.tensors ?? []).map((/** @type {import('../flatbuffer.js').Table} */ table) => {
    const fields = read(table, TENSOR);
    const { name = '', type, shape = [], shape_signature, is_variable, sparsity } = fields;
    if (TYPES[type] === undefined) bad(`${table.where} ("${name}"): unknown type ${type}`, name);
    for (const size of shape) if (size < 0) bad(`tensor "${name}": shape [${shape}] has a dimension that is no count`, name);
    const data = bufferAt(fields.buffer, table.where);
    // Converters of some ages write signatures of another rank: those say nothing.
    const free = shape_signature?.length === shape.length && shape_signature.every((/** @type {number} */ size) => size >= -1);
    const tensor = { name, ref: '', type: TYPES[type], shape: free && data.length === 0 ? shape_signature : shape, variable: is_variable };
    const quantization = fields.quantization && readQuantization(read, fields.quantization, tensor);
    tensors.push({ ...tensor, ...(quantization && { quantization }), constant: data.length > 0, weights: {} });
    const scales = quantization && read(fields.quantization, QUANTIZATION_SCALE).scale;
    return { data, sparsity, scales };
  });
  nameTensors(tensors, graph);

  /** @param {number[] | undefined} list @param {string} what @param {number} least */
  const indices = (list, what, least) => {
    for (const index of list ?? [])
      if (index < least || index >= tensors.length) bad(`${what}: there is no tensor ${index} among ${tensors.length}`);
    return list ?? [];
  };
  /** @type {TfliteOperator[]} */
  const operators = (graph.operators ?? []).map((/** @type {import('../flatbuffer.js').Table} */ table) => {
    const fields = read(table, OPERATOR);
    const { op, custom, version } = codes[fields.opcode_index] ?? bad(`${table.where}: there is no operator code ${fields.opcode_index}`);
    const inputs = indices(fields.inputs, `${table.where}.inputs`, -1);
    const outputs = indices(fields.outputs, `${table.where}.outputs`, 0);
    const name = outputs.length > 0 ? tensors[outputs[0]].name : table.where;
    const [number, known] = OPTIONS.get(op) ?? [0, {}];
    if (number !== 0 && fields.builtin_options_type !== 0 && fields.builtin_options_type !== number)
      bad(`node "${name}" (${op}): has options of type ${fields.builtin_options_type}, not ${number}`, name);
    const present = number !== 0 && fields.builtin_options_type === number ? fields.builtin_options : undefined;
    const options = present === undefined ? defaults(known) : read(present, known);
    const { at = 0, length = 0 } = (custom && fields.custom_options) || {};
    return { op, custom, version, name, inputs, outputs, options, ...(custom && { customOptions: bytes.slice(at, at + length) }) };
  });
  const topology = {
    tensors,
    operators,
    inputs: indices(graph.inputs, 'the inputs', 0),
    outputs: indices(graph.outputs, 'the outputs', 0),
  };
  markEmptyConstants(topology);
  return { topology, ...createWeights(bytes, read, topology, places) };
}

/** What the fields of an absent options table are. @param {import('../flatbuffer.js').Fields} fields */
function defaults(fields) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const [name, [, kind, missing]] of Object.entries(fields))
    values[name] = kind === 'ints' ? undefined : (missing ?? (kind === 'bool' ? false : 0));
  return values;
}

/** Types that quantisation is read for, and the range of their zero points. @type {ReadonlyMap<string, [number, number]>} */
const QUANTIZED = new Map([
  ['INT8', [-128, 127]],
  ['UINT8', [0, 255]],
  ['INT4', [-8, 7]],
  ['INT16', [-32768, 32767]],
  ['INT32', [-(2 ** 31), 2 ** 31 - 1]],
]);

/**
 * @param {(table: import('../flatbuffer.js').Table, fields: import('../flatbuffer.js').Fields) => Record<string, any>} read
 * @param {import('../flatbuffer.js').Table} table @param {{ name: string, type: string, shape: number[] }} tensor
 * @returns {Quantization | undefined}
 */
function readQuantization(read, table, { name, type, shape }) {
  const range = QUANTIZED.get(type);
  if (range === undefined) return undefined; // that of a float tensor is a memory of training
  const { scale: scales = [], zero_point = [], details_type, quantized_dimension: axis } = read(table, QUANTIZATION);
  if (details_type !== 0) throw new XnnError('unsupported', `tensor "${name}": custom quantization`, { node: name });
  if (scales.length === 0) return undefined;
  /** @param {string} message */
  const wrong = (message) => bad(`tensor "${name}" of shape [${shape}]: ${message}`, name);
  if (scales.length > 1 && !(axis >= 0 && axis < shape.length && shape[axis] === scales.length))
    wrong(`${scales.length} scales for axis ${axis}`);
  if (![0, 1, scales.length].includes(zero_point.length)) wrong(`${scales.length} scales, but ${zero_point.length} zero points`);
  for (const scale of scales) if (!(scale >= 0 && scale < Infinity)) wrong(`a scale of ${scale}`);
  for (const zero of zero_point) if (!(zero >= range[0] && zero <= range[1])) wrong(`zero point ${zero} does not fit into ${type}`);
  const zeroPoints = zero_point.length === scales.length ? zero_point : scales.map(() => zero_point[0] ?? 0);
  return { scales, zeroPoints, axis: scales.length > 1 ? axis : 0 };
}

/** Gives every tensor a name of its own; inputs and outputs choose first. @param {TfliteTensor[]} tensors @param {Record<string, any>} graph */
function nameTensors(tensors, graph) {
  /** @type {Set<string>} */
  const taken = new Set();
  for (const index of [...(graph.inputs ?? []), ...(graph.outputs ?? []), ...tensors.keys()]) {
    const tensor = tensors[index];
    if (tensor === undefined || tensor.ref !== '') continue;
    let ref = tensor.name === '' ? `tensor ${index}` : tensor.name;
    if (taken.has(ref)) ref = `${ref}#${index}`;
    while (taken.has(ref)) ref += '#';
    taken.add(ref);
    tensor.ref = ref;
  }
}

/** Constants without elements have no bytes: tensors that nothing computes. @param {TfliteTopology} topology */
function markEmptyConstants({ tensors, operators, inputs }) {
  const computed = new Set([...inputs, ...operators.flatMap(({ outputs }) => outputs)]);
  tensors.forEach((tensor, i) => {
    if (tensor.shape.includes(0) && !tensor.variable && !computed.has(i)) tensor.constant = true;
  });
}
