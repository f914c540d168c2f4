// A network as a TensorFlow.js graph model: a GraphDef in JSON and weights, as tfjs-converter writes them.

import { count, foldBatchNorm } from './network.js';

/**
 * @typedef {import('./network.js').Tensor} Tensor
 * @typedef {import('./network.js').Layer} Layer
 * @typedef {import('./network.js').Op} Op
 * @typedef {import('./network.js').Network} Network
 *
 * tfjs's ModelArtifacts.
 * @typedef {{ format: 'graph-model', modelTopology: { node: object[], versions: object }, signature: object, weightSpecs: object[], weightData: ArrayBuffer }} GraphModel
 *
 * @typedef {object} GraphOptions
 * @property {boolean} [fused]  Batch norm in the weights, bias and activation in the layer, as the converter leaves a graph; else
 *   every op is a node, as it was trained.
 * @property {boolean} [dynamic]  Shapes that contain sizes of other tensors are computed: Shape, StridedSlice, Pack, Reshape.
 * @property {'float32' | 'float16' | 'uint8' | 'uint16'} [storage]  Of float32 constants with more than 64 elements.
 */

const TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };
const text = (/** @type {string} */ value) => Buffer.from(value).toString('base64');

/** @param {unknown} value  Lists are of integers or names, strings but DT_… are text. */
export function attribute(value) {
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { i: String(value) } : { f: value };
  if (typeof value === 'string') return value.startsWith('DT_') ? { type: value } : { s: text(value) };
  const list = /** @type {(number | string)[]} */ (value);
  return { list: typeof list[0] === 'string' ? { s: list.map((item) => text(String(item))) } : { i: list.map(String) } };
}

/**
 * @param {Network} network
 * @param {GraphOptions} [options]
 * @returns {GraphModel}
 */
export function toGraphModel(network, { fused = true, dynamic = false, storage = 'float32' } = {}) {
  /** @type {object[]} */
  const nodes = [];
  /** @type {object[]} */
  const specs = [];
  /** @type {Uint8Array[]} */
  const pieces = [];
  /** @type {Set<string>} */
  const written = new Set();

  /** @param {string} op @param {string} name @param {(string | Tensor)[]} inputs @param {Record<string, unknown>} [attrs] */
  function add(op, name, inputs, attrs = {}) {
    const input = inputs.map((value) => (typeof value === 'string' ? value : use(value)));
    const attr = Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, attribute(value)]));
    nodes.push({ name, op, ...(input.length > 0 && { input }), attr });
    return name;
  }

  /** The name of a tensor; constants become nodes. @param {Tensor} tensor */
  function use(tensor) {
    const { name, shape, dtype, data } = tensor;
    if (data === undefined || written.has(name)) return name;
    written.add(name);
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    nodes.push({ name, op: 'Const', attr: { dtype: { type: TYPES[dtype] }, value: { tensor: { dtype: TYPES[dtype], tensorShape } } } });
    const stored = dtype === 'float32' && data.length > 64 ? storage : 'float32';
    const { bytes, quantization } = store(data, stored);
    specs.push({ name, shape, dtype, ...(quantization && { quantization }) });
    pieces.push(bytes);
    return name;
  }

  const vector = (/** @type {string} */ name, /** @type {Float32Array} */ data) =>
    use({ name, shape: [data.length], dtype: 'float32', data });
  const integers = (/** @type {string} */ name, /** @type {number[]} */ values) =>
    use({ name, shape: [values.length], dtype: 'int32', data: Int32Array.from(values) });
  const integer = (/** @type {number} */ value) => use({ name: `int/${value}`, shape: [], dtype: 'int32', data: Int32Array.of(value) });

  for (const { name, shape, dtype } of network.inputs)
    nodes.push({
      name,
      op: 'Placeholder',
      attr: { dtype: { type: TYPES[dtype] }, shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } } },
    });

  /** @param {Layer} layer */
  function addLayer(layer) {
    const { kind, name, x, stride, dilation, padding, activation, batchNorm, y } = layer;
    const attrs = /** @type {Record<string, unknown>} */ (
      kind === 'dense'
        ? { transpose_a: false, transpose_b: false, T: 'DT_FLOAT' }
        : { strides: [1, ...stride, 1], dilations: [1, ...dilation, 1], padding, data_format: 'NHWC', T: 'DT_FLOAT' }
    );
    const plain = { conv2d: 'Conv2D', depthwise: 'DepthwiseConv2dNative', dense: 'MatMul' }[kind];
    const ACTIVATIONS = { relu: 'Relu', relu6: 'Relu6' };
    const from = kind === 'dense' ? flatten(name, x) : use(x);
    const wide = from !== x.name; // a dense layer of more dimensions
    if (fused) {
      const { weights, bias } = foldBatchNorm(layer);
      const ops = [...(bias ? ['BiasAdd'] : []), ...(activation ? [ACTIVATIONS[activation]] : [])];
      const last = wide ? `${y.name}/product` : y.name;
      if (ops.length === 0) add(plain, last, [from, weights], attrs);
      else {
        const op = { conv2d: '_FusedConv2D', depthwise: 'FusedDepthwiseConv2dNative', dense: '_FusedMatMul' }[kind];
        add(op, last, [from, weights, ...(bias ? [bias] : [])], { ...attrs, fused_ops: ops, num_args: bias ? 1 : 0, epsilon: 0.0001 });
      }
      if (wide) unflatten(y.name, last, x, y);
      return;
    }
    // The last node has the name of the result.
    /** @type {((name: string, value: string) => void)[]} */
    const steps = [(to, value) => add(plain, to, [value, layer.weights], attrs)];
    if (layer.bias) {
      const { bias } = layer;
      steps.push((to, value) => add('BiasAdd', to, [value, bias], { T: 'DT_FLOAT', data_format: 'NHWC' }));
    }
    if (batchNorm) {
      const parts = /** @type {const} */ (['gamma', 'beta', 'mean', 'variance']).map((part) => vector(`${name}/${part}`, batchNorm[part]));
      const options = { epsilon: batchNorm.epsilon, is_training: false, data_format: 'NHWC', T: 'DT_FLOAT', U: 'DT_FLOAT' };
      steps.push((to, value) => add('FusedBatchNormV3', to, [value, ...parts], options));
    }
    if (wide) steps.push((to, value) => unflatten(to, value, x, y));
    if (activation) steps.push((to, value) => add(ACTIVATIONS[activation], to, [value], { T: 'DT_FLOAT' }));
    let value = from;
    steps.forEach((step, i) => {
      const to = i === steps.length - 1 ? y.name : `${name}/step_${i}`;
      step(to, value);
      value = to;
    });
  }

  /** A matmul takes two dimensions. @param {string} name @param {Tensor} x */
  function flatten(name, x) {
    const size = x.shape[x.shape.length - 1];
    return x.shape.length === 2 ? use(x) : add('Reshape', `${name}/flat`, [x, integers(`shape/-1_${size}`, [-1, size])]);
  }

  /** @param {string} name @param {string} value @param {Tensor} x @param {Tensor} y */
  function unflatten(name, value, x, y) {
    const sizes = y.shape.map((size, axis) => (axis === y.shape.length - 1 ? size : { of: x, axis }));
    add('Reshape', name, [value, shapeOf(name, sizes)]);
  }

  /** The tensor that says a shape. @param {string} name @param {import('./network.js').Size[]} sizes */
  function shapeOf(name, sizes) {
    const fixed = sizes.map((size) => (typeof size === 'number' ? size : size.of.shape[size.axis]));
    if (!dynamic || sizes.every((size) => typeof size === 'number')) return integers(`shape/${fixed.join('_')}`, fixed);
    const parts = sizes.map((size, i) => {
      if (typeof size === 'number') return integer(size);
      const shape = `${size.of.name}/Shape`;
      if (!written.has(shape)) {
        written.add(shape);
        add('Shape', shape, [size.of], { T: TYPES[size.of.dtype], out_type: 'DT_INT32' });
      }
      const [begin, end, one] = [size.axis, size.axis + 1, 1].map((at) => integers(`at/${at}`, [at]));
      return add('StridedSlice', `${name}/size_${i}`, [shape, begin, end, one], {
        ...{ begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 1 },
        ...{ T: 'DT_INT32', Index: 'DT_INT32' },
      });
    });
    return add('Pack', `${name}/shape`, parts, { axis: 0, N: parts.length, T: 'DT_INT32' });
  }

  /** @param {Op} node */
  function addOp({ op, name, inputs, attrs, sizes, outputs }) {
    // Only a reshape can leave a size open; ones that are to be broadcast need only one of it.
    const known = op === 'Fill' && !dynamic ? outputs[0].shape.map((size) => Math.abs(size)) : sizes;
    const shape = known === undefined ? [] : [shapeOf(name, known)];
    const all = op === 'Fill' ? [...shape, ...inputs] : [...inputs, ...shape];
    add(op, name, all, { T: TYPES[(inputs[0] ?? outputs[0]).dtype], ...attrs });
  }

  for (const node of network.nodes) {
    if (node.kind === 'op') addOp(node);
    else addLayer(node);
  }

  const port = (/** @type {Tensor} */ { name, shape, dtype }) => ({
    name: `${name}:0`,
    dtype: TYPES[dtype],
    tensorShape: { dim: shape.map((size) => ({ size: String(size) })) },
  });
  const ports = (/** @type {Tensor[]} */ tensors) => Object.fromEntries(tensors.map((tensor) => [tensor.name, port(tensor)]));
  const weightData = Buffer.concat(pieces);
  return {
    format: 'graph-model',
    modelTopology: { node: nodes, versions: { producer: 987 } },
    signature: { inputs: ports(network.inputs), outputs: ports(network.outputs) },
    weightSpecs: specs,
    weightData: /** @type {ArrayBuffer} */ (weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.byteLength)),
  };
}

/** @param {Float32Array | Int32Array} data @param {'float32' | 'float16' | 'uint8' | 'uint16'} storage */
function store(data, storage) {
  if (storage === 'float32' || data instanceof Int32Array) return { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  if (storage === 'float16') {
    const halves = Uint16Array.from(data, toHalf);
    return { bytes: new Uint8Array(halves.buffer), quantization: { dtype: 'float16', original_dtype: 'float32' } };
  }
  let [min, max] = [Infinity, -Infinity];
  for (const value of data) [min, max] = [Math.min(min, value), Math.max(max, value)];
  const levels = storage === 'uint8' ? 255 : 65535;
  const scale = max === min ? 1 : (max - min) / levels;
  const stored = storage === 'uint8' ? new Uint8Array(data.length) : new Uint16Array(data.length);
  data.forEach((value, i) => {
    stored[i] = Math.round((value - min) / scale);
  });
  return { bytes: new Uint8Array(stored.buffer), quantization: { dtype: storage, scale, min, original_dtype: 'float32' } };
}

/** To the even one where two are as near, as IEEE 754 says. @param {number} value  0 or more. */
function roundToEven(value) {
  const above = Math.round(value);
  return above - value === 0.5 && above % 2 === 1 ? above - 1 : above;
}

/** The bits of the binary16 next to a number that is no larger than 65504. @param {number} value */
export function toHalf(value) {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | (((exponent + 15) << 10) + roundToEven((size / 2 ** exponent - 1) * 1024));
}

/** How many weights a network has. @param {Network} network */
export function parameters(network) {
  const sizes = network.nodes.flatMap((node) => {
    if (node.kind === 'op') return node.inputs.flatMap(({ data, dtype, shape }) => (data && dtype === 'float32' ? [count(shape)] : []));
    return [count(node.weights.shape), node.bias?.shape[0] ?? 0, 4 * (node.batchNorm?.gamma.length ?? 0)];
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}
