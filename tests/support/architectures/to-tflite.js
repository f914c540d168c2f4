// A network as TensorFlow Lite: what its converter makes of one, with batch norm in the weights and activations in the layers.

import { writeTflite } from '../tflite-writer.js';
import { count, foldBatchNorm } from './network.js';
import { toHalf } from './to-graph.js';

/**
 * @typedef {import('./network.js').Tensor} Tensor
 * @typedef {import('./network.js').Layer} Layer
 * @typedef {import('./network.js').Op} Op
 * @typedef {import('./network.js').Network} Network
 * @typedef {import('../tflite-writer.js').TfliteTensor} TfliteTensor
 * @typedef {import('../tflite-writer.js').TfliteOperator} TfliteOperator
 */

const TYPES = { float32: 'FLOAT32', int32: 'INT32', bool: 'BOOL' };
/** Of the enumeration ActivationFunctionType. */
const ACTIVATIONS = { relu: 1, relu6: 3 };
const PADDINGS = { SAME: 0, VALID: 1 };

/**
 * TensorFlow's op → TensorFlow Lite's, its options, and which inputs become options instead.
 * @type {Record<string, { op: string, options?: (node: Op) => Record<string, any>, inputs?: (inputs: Tensor[]) => Tensor[] }>}
 */
const OPS = {
  AddV2: { op: 'ADD', options: () => ({}) },
  Sub: { op: 'SUB', options: () => ({}) },
  Mul: { op: 'MUL', options: () => ({}) },
  Relu: { op: 'RELU' },
  Relu6: { op: 'RELU6' },
  Prelu: { op: 'PRELU' },
  Sigmoid: { op: 'LOGISTIC' },
  Softmax: { op: 'SOFTMAX', options: () => ({ beta: 1 }) },
  Mean: { op: 'MEAN', options: ({ attrs }) => ({ keep_dims: attrs.keep_dims }) },
  MaxPool: { op: 'MAX_POOL_2D', options: pooling },
  AvgPool: { op: 'AVERAGE_POOL_2D', options: pooling },
  Reshape: { op: 'RESHAPE' },
  Squeeze: { op: 'SQUEEZE', options: ({ attrs }) => ({ squeeze_dims: attrs.squeeze_dims }) },
  ExpandDims: { op: 'EXPAND_DIMS' },
  Transpose: { op: 'TRANSPOSE' },
  Pad: { op: 'PAD' },
  Fill: { op: 'FILL' },
  Cast: { op: 'CAST' },
  StridedSlice: { op: 'STRIDED_SLICE', options: ({ attrs }) => pick(attrs, /_mask$/) },
  OneHot: { op: 'ONE_HOT', options: ({ attrs }) => ({ axis: attrs.axis }) },
  BatchMatMulV2: { op: 'BATCH_MATMUL', options: ({ attrs }) => ({ adj_x: attrs.adj_x, adj_y: attrs.adj_y }) },
  ConcatV2: { op: 'CONCATENATION', options: ({ inputs }) => ({ axis: inputs.at(-1)?.data?.[0] }), inputs: (inputs) => inputs.slice(0, -1) },
  GatherV2: { op: 'GATHER', options: ({ inputs }) => ({ axis: inputs[2].data?.[0] }), inputs: (inputs) => inputs.slice(0, 2) },
};

/** @param {Record<string, unknown>} attrs @param {RegExp} names */
function pick(attrs, names) {
  return Object.fromEntries(Object.entries(attrs).filter(([name]) => names.test(name)));
}

/** @param {Op} node */
function pooling({ attrs }) {
  const [ksize, strides] = [attrs.ksize, attrs.strides].map((list) => /** @type {number[]} */ (list));
  const padding = PADDINGS[/** @type {'SAME' | 'VALID'} */ (attrs.padding)];
  return { padding, filter_height: ksize[1], filter_width: ksize[2], stride_h: strides[1], stride_w: strides[2] };
}

/**
 * @param {Pick<Network, 'inputs' | 'outputs' | 'nodes'>} network
 * @param {{ storage?: 'float32' | 'float16', batch?: number, fused?: boolean }} [options]
 *   storage: of float32 constants with more than 64 elements; float16 ones stand behind DEQUANTIZE. batch: where it is free. fused: as
 *   the converter leaves a network, a relu behind a sum is the sum's, and a layer without a bias has zeros: without, LiteRT runs it
 *   on no fast path.
 * @returns {Uint8Array}
 */
export function toTflite(network, { storage = 'float32', batch = 1, fused = false } = {}) {
  /** @type {Map<string, TfliteTensor>} */
  const tensors = new Map();
  /** @type {TfliteOperator[]} */
  const operators = [];
  const fixed = (/** @type {readonly number[]} */ shape) => shape.map((size) => (size === -1 ? batch : size));

  /** The name of a tensor, which is made where it is not there. @param {Tensor} tensor */
  function use({ name, shape, dtype, data }) {
    if (tensors.has(name)) return name;
    if (storage === 'float32' || data === undefined || dtype !== 'float32' || data.length <= 64) {
      tensors.set(name, { name, shape: fixed(shape), type: TYPES[dtype], data });
      return name;
    }
    tensors.set(`${name}/half`, { name: `${name}/half`, shape, type: 'FLOAT16', data: Uint16Array.from(data, toHalf) });
    tensors.set(name, { name, shape, type: 'FLOAT32' });
    operators.push({ op: 'DEQUANTIZE', inputs: [`${name}/half`], outputs: [name] });
    return name;
  }

  /** @param {Layer} layer */
  function addLayer(layer) {
    const { kind, x, stride, dilation, padding, activation, y } = layer;
    const { weights, bias } = foldBatchNorm(layer);
    const from = use(x);
    const fused_activation_function = activation === undefined ? 0 : ACTIVATIONS[activation];
    const window = {
      padding: PADDINGS[padding],
      ...{ stride_h: stride[0], stride_w: stride[1] },
      ...{ dilation_h_factor: dilation[0], dilation_w_factor: dilation[1] },
    };
    const { op, options } = {
      conv2d: { op: 'CONV_2D', options: window },
      depthwise: { op: 'DEPTHWISE_CONV_2D', options: { ...window, depth_multiplier: weights.shape[3] } },
      dense: { op: 'FULLY_CONNECTED', options: { keep_num_dims: x.shape.length > 2 } },
    }[kind];
    const channels = y.shape[y.shape.length - 1];
    const zeros = /** @type {Tensor} */ ({
      name: `zeros/${channels}`,
      shape: [channels],
      dtype: 'float32',
      data: new Float32Array(channels),
    });
    const shift = bias ?? (fused ? zeros : undefined);
    const inputs = [from, use(arranged(kind, weights)), ...(shift ? [use(shift)] : [])];
    operators.push({ op, inputs, outputs: [use(y)], options: { ...options, fused_activation_function } });
  }

  const activations = fused ? fusedActivations(network) : new Map();

  /** @param {Op} node */
  function addOp(node) {
    const row = OPS[node.op];
    if (row === undefined) throw new Error(`no TensorFlow Lite for ${node.op}`);
    const behind = activations.get(node.outputs[0]);
    if (behind !== undefined) {
      const options = { fused_activation_function: ACTIVATIONS[/** @type {'relu' | 'relu6'} */ (behind.op.toLowerCase())] };
      operators.push({ op: row.op, inputs: node.inputs.map(use), outputs: [use(behind.outputs[0])], options });
      return;
    }
    if (activations.has(node)) return;
    const values = (row.inputs?.(node.inputs) ?? node.inputs).map(use);
    const [y] = node.outputs;
    if (node.sizes !== undefined) {
      const shape = fixed(y.shape);
      const data = Int32Array.from(shape);
      const sizes = use({ name: `${node.name}/shape`, shape: [shape.length], dtype: 'int32', data });
      if (node.op === 'Fill') values.unshift(sizes);
      else values.push(sizes);
    }
    operators.push({ op: row.op, inputs: values, outputs: [use(y)], options: row.options?.(node) });
  }

  const read = new Set(network.nodes.flatMap((node) => (node.kind === 'op' ? node.inputs : [node.x])));
  const inputs = network.inputs.filter((input) => read.has(input)).map(use);
  for (const node of network.nodes) {
    if (node.kind === 'op') addOp(node);
    else addLayer(node);
  }
  return writeTflite({ tensors: [...tensors.values()], operators, inputs, outputs: network.outputs.map(use) });
}

/**
 * A sum's output → the relu that alone reads it; and each such relu, which is not written.
 * @param {Pick<Network, 'outputs' | 'nodes'>} network
 * @returns {Map<Tensor | Op, Op>}
 */
function fusedActivations({ outputs, nodes }) {
  /** @type {Map<Tensor | Op, Op>} */
  const found = new Map();
  const inputsOf = (/** @type {Layer | Op} */ node) => (node.kind === 'op' ? node.inputs : [node.x]);
  for (const node of nodes) {
    if (node.kind !== 'op' || node.op !== 'AddV2') continue;
    const [y] = node.outputs;
    const readers = nodes.filter((other) => inputsOf(other).includes(y));
    const [reader] = readers;
    if (readers.length !== 1 || outputs.includes(y) || reader.kind !== 'op' || !(reader.op === 'Relu' || reader.op === 'Relu6')) continue;
    found.set(y, reader);
    found.set(reader, reader);
  }
  return found;
}

/** Weights as TensorFlow Lite has them: [OC,KH,KW,C], [1,KH,KW,C*M], [N,K]. @param {Layer['kind']} kind @param {Tensor} weights @returns {Tensor} */
function arranged(kind, { name, shape, dtype, data }) {
  if (data === undefined) throw new Error(`${name} is no constant`);
  if (kind === 'depthwise') return { name, shape: [1, shape[0], shape[1], shape[2] * shape[3]], dtype, data };
  const outputs = shape[shape.length - 1];
  const each = count(shape) / outputs;
  const turned = Float32Array.from({ length: data.length }, (_, i) => data[(i % each) * outputs + Math.floor(i / each)]);
  return { name, shape: [outputs, ...shape.slice(0, -1)], dtype, data: turned };
}
