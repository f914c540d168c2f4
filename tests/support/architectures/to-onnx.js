// A network as ONNX, as its exporters leave one: batch norm in the weights, activations as nodes of their own (the runtime fuses
// them), images in NCHW between the first layer and the last, and NHWC where they go in and out, so that all engines are given the same.

import { writeOnnx } from '../onnx-writer.js';
import { count, foldBatchNorm } from './network.js';

/**
 * @typedef {import('./network.js').Tensor} Tensor
 * @typedef {import('./network.js').Layer} Layer
 * @typedef {import('./network.js').Op} Op
 * @typedef {import('./network.js').Network} Network
 * @typedef {import('../onnx-writer.js').OnnxNode} OnnxNode
 * @typedef {import('../onnx-writer.js').OnnxConstant} OnnxConstant
 * @typedef {'plain' | 'nchw'} Layout  nchw: of four dimensions, with the channels second.
 */

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];
const ELEMENTWISE = /** @type {Record<string, string>} */ ({ AddV2: 'Add', Sub: 'Sub', Mul: 'Mul', Sigmoid: 'Sigmoid' });
const LAST = 2 ** 31 - 1; // as the end of a slice: to the last one

/**
 * @param {Pick<Network, 'inputs' | 'outputs' | 'nodes'>} network
 * @param {{ batch?: number }} [options]  batch: where it is free.
 * @returns {Uint8Array}
 */
export function toOnnx(network, { batch = 1 } = {}) {
  /** @type {OnnxNode[]} */
  const nodes = [];
  /** @type {Map<string, OnnxConstant>} */
  const constants = new Map();
  /** Layouts in which a tensor is there. @type {Map<string, Set<Layout>>} */
  const present = new Map();
  const fixed = (/** @type {readonly number[]} */ shape) => shape.map((size) => (size === -1 ? batch : size));
  const called = (/** @type {string} */ name, /** @type {Layout} */ layout) => (layout === 'plain' ? name : `${name}/nchw`);

  /** @param {string} op @param {string[]} inputs @param {string} output @param {OnnxNode['attributes']} [attributes] */
  function add(op, inputs, output, attributes) {
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** @param {string} name @param {readonly number[]} shape @param {import('../onnx-writer.js').OnnxData} data */
  function constant(name, shape, data) {
    if (!constants.has(name)) constants.set(name, { name, shape, data });
    return name;
  }

  const int64 = (/** @type {readonly number[]} */ list) =>
    constant(`int64/${list.join('_')}`, [list.length], BigInt64Array.from(list, BigInt));
  const scalar = (/** @type {number} */ value) => constant(`float/${value}`, [], Float32Array.of(value));

  /** The name of a tensor in a layout; one that is not there is transposed. @param {Tensor} tensor @param {Layout} [layout] */
  function use({ name, shape, data }, layout = 'plain') {
    const to = called(name, layout);
    if (data !== undefined) return constant(name, shape, data);
    const layouts = present.get(name);
    if (layouts === undefined) throw new Error(`${name} is computed by nobody`);
    if (!layouts.has(layout)) {
      const nchw = layout === 'nchw';
      add('Transpose', [called(name, nchw ? 'plain' : 'nchw')], to, { perm: nchw ? TO_NCHW : TO_NHWC });
      layouts.add(layout);
    }
    return to;
  }

  /** The name of a result. @param {Tensor} tensor @param {Layout} [layout] */
  function make({ name }, layout = 'plain') {
    present.set(name, new Set([layout]));
    return called(name, layout);
  }

  const isImage = (/** @type {Tensor} */ { name }) => present.get(name)?.has('nchw') ?? false;

  /** @param {string} from @param {string} to @param {Layer['activation']} activation */
  function activate(from, to, activation) {
    if (activation === 'relu') add('Relu', [from], to);
    else add('Clip', [from, scalar(0), scalar(6)], to);
  }

  /** @param {Layer} layer */
  function addLayer(layer) {
    const { kind, x, activation, y } = layer;
    const { weights, bias } = foldBatchNorm(layer);
    const layout = kind === 'dense' ? 'plain' : 'nchw';
    const from = use(x, layout);
    const to = make(y, layout);
    const linear = activation === undefined ? to : `${to}/linear`;
    if (kind !== 'dense') {
      const [kernel, group] = [weights.shape.slice(0, 2), kind === 'depthwise' ? x.shape[3] : 1];
      const inputs = [from, use(turned(kind, weights)), ...(bias ? [use(bias)] : [])];
      const { stride: strides, dilation: dilations } = layer;
      add('Conv', inputs, linear, { kernel_shape: kernel, strides, dilations, group, pads: padsOf(layer, kernel) });
    } else if (x.shape.length === 2) add('Gemm', [from, use(weights), ...(bias ? [use(bias)] : [])], linear);
    else {
      const product = bias === undefined ? linear : `${to}/product`;
      add('MatMul', [from, use(weights)], product);
      if (bias) add('Add', [product, use(bias)], linear);
    }
    if (activation !== undefined) activate(linear, to, activation);
  }

  /** @param {Op} node  A slice, each step 1; without the axes that shrink. */
  function addSlice({ inputs: [x, begin, end], attrs, outputs: [y] }) {
    const bit = (/** @type {string} */ mask, /** @type {number} */ axis) => ((Number(attrs[mask]) >> axis) & 1) === 1;
    const axes = x.shape.map((_, axis) => axis).slice(0, begin.data?.length);
    const shrunk = axes.filter((axis) => bit('shrink_axis_mask', axis));
    const starts = axes.map((axis) => (bit('begin_mask', axis) ? 0 : numbers(begin)[axis]));
    const ends = axes.map((axis) => (shrunk.includes(axis) ? starts[axis] + 1 : bit('end_mask', axis) ? LAST : numbers(end)[axis]));
    const from = use(x);
    const to = make(y);
    const part = add('Slice', [from, int64(starts), int64(ends), int64(axes)], shrunk.length > 0 ? `${to}/slice` : to);
    if (shrunk.length > 0) add('Squeeze', [part, int64(shrunk)], to);
  }

  /** @param {Op} node */
  function addProduct({ inputs, attrs, outputs: [y] }) {
    const operands = inputs.map((x, i) => {
      const from = use(x);
      if (attrs[i === 0 ? 'adj_x' : 'adj_y'] !== true) return from;
      const axes = x.shape.map((_, axis) => axis);
      return add('Transpose', [from], `${y.name}/operand_${i}`, { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] });
    });
    add('MatMul', operands, make(y));
  }

  /** @param {Op} node */
  function addPool({ op, inputs: [x], attrs, outputs: [y] }) {
    const [kernel_shape, strides] = [attrs.ksize, attrs.strides].map((list) => /** @type {number[]} */ (list).slice(1, 3));
    const padding = /** @type {Layer['padding']} */ (attrs.padding);
    const window = { x, y, stride: /** @type {[number, number]} */ (strides), dilation: /** @type {[number, number]} */ ([1, 1]), padding };
    const from = use(x, 'nchw');
    add(op === 'MaxPool' ? 'MaxPool' : 'AveragePool', [from], make(y, 'nchw'), {
      kernel_shape,
      strides,
      pads: padsOf(window, kernel_shape),
    });
  }

  /** The mean over axes; over rows and columns as exporters name it. @param {Op} node */
  function addMean({ inputs: [x, over], attrs, outputs: [y] }) {
    const axes = numbers(over);
    const keepdims = attrs.keep_dims === true ? 1 : 0;
    if (!isImage(x) || axes.join() !== '1,2') {
      const from = use(x);
      add('ReduceMean', [from], make(y), { axes, keepdims });
    } else if (keepdims === 1) add('GlobalAveragePool', [use(x, 'nchw')], make(y, 'nchw'));
    else {
      const pooled = add('GlobalAveragePool', [use(x, 'nchw')], `${y.name}/pooled`);
      add('Squeeze', [pooled, int64([2, 3])], make(y));
    }
  }

  /** @type {Record<string, (node: Op) => void>} */
  const special = {
    StridedSlice: addSlice,
    BatchMatMulV2: addProduct,
    MaxPool: addPool,
    AvgPool: addPool,
    Mean: addMean,
    Reshape: (node) => direct(node, 'Reshape', [int64(fixed(node.outputs[0].shape))]),
    Squeeze: (node) => direct(node, 'Squeeze', [int64(/** @type {number[]} */ (node.attrs.squeeze_dims))]),
    ExpandDims: (node) => direct(node, 'Unsqueeze', [int64(numbers(node.inputs[1]))]),
    Transpose: (node) => direct(node, 'Transpose', [], { perm: numbers(node.inputs[1]) }),
    Softmax: (node) => direct(node, 'Softmax', [], { axis: -1 }),
    Cast: (node) => direct(node, 'Cast', [], { to: 1 }), // float32
    Pad: addPad,
    Prelu: addPrelu,
    Fill: (node) => direct(node, 'Expand', [int64(fixed(node.outputs[0].shape))]),
    GatherV2: (node) => direct(node, 'Gather', [use(node.inputs[1])], { axis: numbers(node.inputs[2])[0] }),
    OneHot(node) {
      const [, depth, on, off] = node.inputs;
      const values = constant(`${node.name}/values`, [2], Float32Array.of(numbers(off)[0], numbers(on)[0]));
      // Of the index's type: onnxruntime knows no other for int32.
      const classes = constant(`${node.name}/depth`, [1], Int32Array.from(numbers(depth)));
      direct(node, 'OneHot', [classes, values], { axis: Number(node.attrs.axis) });
    },
    ConcatV2(node) {
      const axis = numbers(node.inputs[node.inputs.length - 1])[0];
      direct(
        node,
        'Concat',
        node.inputs.slice(1, -1).map((x) => use(x)),
        { axis },
      );
    },
  };

  /** @param {Op} node @param {string} op @param {string[]} more  Behind the first operand. @param {OnnxNode['attributes']} [attributes] */
  function direct({ inputs: [x], outputs: [y] }, op, more, attributes) {
    const from = use(x);
    add(op, [from, ...more], make(y), attributes);
  }

  /** Zeros around; before and after each axis in turn → before all, then after all. @param {Op} node */
  function addPad({ inputs: [x, around], outputs: [y] }) {
    const layout = isImage(x) ? 'nchw' : 'plain';
    const axes = isImage(x) ? TO_NCHW : x.shape.map((_, axis) => axis);
    const pads = [0, 1].flatMap((side) => axes.map((axis) => numbers(around)[2 * axis + side]));
    add('Pad', [use(x, layout), int64(pads)], make(y, layout));
  }

  /** Slopes of channels. @param {Op} node */
  function addPrelu({ inputs: [x, slope], outputs: [y] }) {
    if (count(slope.shape) !== x.shape[3]) throw new Error(`no ONNX for slopes [${slope.shape}]`);
    const from = use(x, 'nchw');
    const slopes = constant(`${slope.name}/slopes`, [x.shape[3], 1, 1], Float32Array.from(numbers(slope)));
    add('PRelu', [from, slopes], make(y, 'nchw'));
  }

  /** An op whose operands have the layout of its result. @param {Op} node */
  function addElementwise({ op, inputs, outputs: [y] }) {
    const images =
      inputs.some(isImage) && inputs.every(({ shape, data }) => shape.length === 0 || (shape.length === 4 && data === undefined));
    const layout = images ? 'nchw' : 'plain';
    const from = inputs.map((x) => use(x, layout));
    const to = make(y, layout);
    if (op in ELEMENTWISE) add(ELEMENTWISE[op], from, to);
    else activate(from[0], to, op === 'Relu' ? 'relu' : 'relu6');
  }

  /** @param {Op} node */
  function addOp(node) {
    if (node.op in special) special[node.op](node);
    else if (node.op in ELEMENTWISE || node.op === 'Relu' || node.op === 'Relu6') addElementwise(node);
    else throw new Error(`no ONNX for ${node.op}`);
  }

  const port = (/** @type {Tensor} */ { name, shape, dtype }) => ({ name, shape: fixed(shape), type: dtype });
  const read = new Set(network.nodes.flatMap((node) => (node.kind === 'op' ? node.inputs : [node.x])));
  const inputs = network.inputs.filter((input) => read.has(input));
  for (const input of inputs) make(input);
  for (const node of network.nodes) {
    if (node.kind === 'op') addOp(node);
    else addLayer(node);
  }
  for (const output of network.outputs) use(output);
  return writeOnnx({ nodes, constants: [...constants.values()], inputs: inputs.map(port), outputs: network.outputs.map(port) });
}

/** @param {Tensor} tensor  A constant. */
function numbers({ name, data }) {
  if (data === undefined) throw new Error(`${name} is no constant`);
  return Array.from(data);
}

/**
 * Rows and columns of zeros: top, left, bottom, right. TensorFlow puts the odd one at the end.
 * @param {Pick<Layer, 'x' | 'y' | 'stride' | 'dilation' | 'padding'>} window @param {readonly number[]} kernel
 */
function padsOf({ x, y, stride, dilation, padding }, kernel) {
  if (padding === 'VALID') return [0, 0, 0, 0];
  const totals = [0, 1].map((i) => Math.max(0, (y.shape[i + 1] - 1) * stride[i] + (kernel[i] - 1) * dilation[i] + 1 - x.shape[i + 1]));
  return [...totals.map((total) => total >> 1), ...totals.map((total) => total - (total >> 1))];
}

/**
 * [KH,KW,C,OC] → [OC,C,KH,KW]; depthwise [KH,KW,C,M] → [C*M,1,KH,KW]. @param {Layer['kind']} kind @param {Tensor} weights
 * @returns {Tensor}
 */
function turned(kind, { name, shape, dtype, data }) {
  const [height, width, channels, outputs] = shape;
  const taps = height * width;
  const [rows, columns] = kind === 'depthwise' ? [channels * outputs, 1] : [outputs, channels];
  const values = numbers({ name, shape, dtype, data });
  const order = Float32Array.from({ length: count(shape) }, (_, i) => {
    const [row, column, tap] = [Math.floor(i / (columns * taps)), Math.floor(i / taps) % columns, i % taps];
    return values[(tap * columns + column) * rows + row];
  });
  return { name, shape: [rows, columns, height, width], dtype, data: order };
}
