// Writes ONNX models: protobuf messages by the field numbers of onnx.proto (IR version 8, operator set 17).

/**
 * @typedef {Float32Array | Int32Array | BigInt64Array} OnnxData  float32, int32, int64.
 * @typedef {{ name: string, shape: readonly number[], data: OnnxData }} OnnxConstant
 * @typedef {{ name: string, shape: readonly number[], type: keyof typeof TYPES }} OnnxPort
 * @typedef {{ op: string, inputs: string[], outputs: string[], attributes?: Record<string, number | string | readonly number[]> }} OnnxNode
 *   inputs: '' where absent. attributes: lists are of integers; floats have names of FLOATS.
 * @typedef {{ nodes: OnnxNode[], constants: OnnxConstant[], inputs: OnnxPort[], outputs: OnnxPort[] }} OnnxModel
 */

/** TensorProto.DataType */
const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** Attributes that are floats also where their value is whole. */
const FLOATS = ['alpha', 'beta', 'epsilon', 'gamma'];
/** Wire types of protobuf. */
const [VARINT, BYTES, FIXED32] = [0, 2, 5];

/** @param {bigint | number} value */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** A field that is an integer, text, bytes or another message. @param {number} number @param {number | string | Uint8Array} value */
function field(number, value) {
  if (typeof value === 'number') return Buffer.from([...varint((number << 3) | VARINT), ...varint(value)]);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([...varint((number << 3) | BYTES), ...varint(bytes.length)]), bytes]);
}

/** @param {number} number @param {number} value */
function float(number, value) {
  const bytes = Buffer.from([...varint((number << 3) | FIXED32), 0, 0, 0, 0]);
  bytes.writeFloatLE(value, bytes.length - 4);
  return bytes;
}

const message = (/** @type {Uint8Array[]} */ ...fields) => Buffer.concat(fields);
const integers = (/** @type {number} */ number, /** @type {readonly number[]} */ list) => field(number, Buffer.from(list.flatMap(varint)));

/** AttributeProto @param {string} name @param {number | string | readonly number[]} value */
function attribute(name, value) {
  const [type, content] =
    typeof value === 'string'
      ? [3, field(4, value)]
      : typeof value !== 'number'
        ? [7, integers(8, value)]
        : FLOATS.includes(name)
          ? [1, float(2, value)]
          : [2, field(3, value)];
  return message(field(1, name), content, field(20, type));
}

/** NodeProto @param {OnnxNode} node */
function node({ op, inputs, outputs, attributes = {} }) {
  const names = [...inputs.map((name) => field(1, name)), ...outputs.map((name) => field(2, name))];
  return message(...names, field(4, op), ...Object.entries(attributes).map(([name, value]) => field(5, attribute(name, value))));
}

/** TensorProto @param {OnnxConstant} constant */
function tensor({ name, shape, data }) {
  const type = data instanceof Float32Array ? TYPES.float32 : data instanceof Int32Array ? TYPES.int32 : TYPES.int64;
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(integers(1, shape), field(2, type), field(8, name), field(9, raw));
}

/** ValueInfoProto with its TypeProto @param {OnnxPort} port */
function port({ name, shape, type }) {
  const dims = message(...shape.map((size) => field(1, field(1, size))));
  return message(field(1, name), field(2, field(1, message(field(1, TYPES[type]), field(2, dims)))));
}

/**
 * @param {OnnxModel} model
 * @returns {Uint8Array}
 */
export function writeOnnx({ nodes, constants, inputs, outputs }) {
  const graph = message(
    ...nodes.map((item) => field(1, node(item))),
    field(2, 'main'),
    ...constants.map((item) => field(5, tensor(item))),
    ...inputs.map((item) => field(11, port(item))),
    ...outputs.map((item) => field(12, port(item))),
  );
  const operatorSet = message(field(1, ''), field(2, 17));
  return message(field(1, 8), field(2, 'xnnjs tests'), field(7, graph), field(8, operatorSet));
}
