// A TensorFlow.js graph model as a network, so that one with real weights can be written as ONNX and as TensorFlow Lite: the ops of
// the face models of @vladmandic/human, with the batch of 1.

import { readModelFiles } from '../tfjs-engine.js';

/**
 * @typedef {import('./network.js').Tensor} Tensor
 * @typedef {import('./network.js').Layer} Layer
 * @typedef {import('./network.js').Op} Op
 * @typedef {{ inputs: Tensor[], outputs: Tensor[], nodes: (Layer | Op)[] }} Read  What writers take of a network.
 * @typedef {{ name: string, op: string, input?: string[], attr: { [name: string]: any } }} GraphNode
 */

const ACTIVATIONS = /** @type {{ [op: string]: 'relu' | 'relu6' }} */ ({ Relu: 'relu', Relu6: 'relu6' });

/** @param {string} path  Of a model.json. @returns {Promise<Read>} */
export async function readGraph(path) {
  const { artifacts } = await readModelFiles(path);
  const topology = /** @type {{ node: GraphNode[] }} */ (artifacts.modelTopology);
  const byName = new Map(topology.node.map((node) => [node.name, node]));
  const constants = readWeights(/** @type {any} */ (artifacts.weightSpecs), artifacts.weightData);
  /** @type {Map<string, Tensor>} */
  const known = new Map();
  /** @type {Read} */
  const network = { inputs: [], outputs: [], nodes: [] };

  /** @param {string} reference  As a node names its inputs. @returns {Tensor} */
  function tensorOf(reference) {
    const name = reference.replace(/:\d+$/, '');
    const found = known.get(name) ?? constants.get(name);
    if (found !== undefined) return found;
    const node = byName.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    const tensor = read(node);
    known.set(name, tensor);
    return tensor;
  }

  /** @param {GraphNode} node @returns {Tensor} */
  function read({ name, op, input = [], attr }) {
    if (op === 'Placeholder') {
      const tensor = { name, shape: numbers(attr.shape.shape.dim, 'size').map((size) => Math.max(size, 1)), dtype: 'float32' };
      network.inputs.push(/** @type {Tensor} */ (tensor));
      return /** @type {Tensor} */ (tensor);
    }
    const operands = input.map(tensorOf);
    if (op === 'Identity') return operands[0];
    if (op === '_FusedConv2D' || op === 'Conv2D' || op === 'DepthwiseConv2dNative') return readLayer(name, op, operands, attr);
    return addOp(name, op, operands, attr);
  }

  /** @param {string} name @param {string} op @param {Tensor[]} operands @param {GraphNode['attr']} attr @returns {Tensor} */
  function readLayer(name, op, [x, weights, ...rest], attr) {
    const fused = (attr.fused_ops?.list.s ?? []).map(text);
    const bias = fused.includes('BiasAdd') ? rest[0] : undefined;
    const [stride, dilation] = [attr.strides, attr.dilations].map(
      (list) => /** @type {[number, number]} */ (list.list.i.map(Number).slice(1, 3)),
    );
    const padding = /** @type {'SAME' | 'VALID'} */ (text(attr.padding.s));
    const kind = op === 'DepthwiseConv2dNative' ? 'depthwise' : 'conv2d';
    const [height, width, channels, outputs] = weights.shape;
    const sides = sidesOf(x, [height, width], stride, dilation, padding);
    const shape = [x.shape[0], ...sides, kind === 'depthwise' ? channels * outputs : outputs];
    const slope = fused.includes('Prelu') ? rest[1] : undefined;
    const y = /** @type {Tensor} */ ({ name: slope === undefined ? name : `${name}/linear`, shape, dtype: 'float32' });
    const activation = fused
      .map((/** @type {string} */ item) => ACTIVATIONS[item])
      .find((/** @type {unknown} */ item) => item !== undefined);
    network.nodes.push({ kind, name, x, weights, bias, activation, stride, dilation, padding, y });
    return slope === undefined ? y : addOp(name, 'Prelu', [y, slope], {});
  }

  /** @param {string} name @param {string} op @param {Tensor[]} operands @param {GraphNode['attr']} attr @returns {Tensor} */
  function addOp(name, op, operands, attr) {
    const [x, more] = operands;
    const add = (/** @type {number[]} */ shape, /** @type {Tensor[]} */ inputs, /** @type {Partial<Op>} */ rest = {}) => {
      const y = /** @type {Tensor} */ ({ name, shape, dtype: x.dtype });
      network.nodes.push({ kind: 'op', op, name, inputs, attrs: {}, outputs: [y], ...rest });
      return y;
    };
    if (['Relu', 'Relu6', 'Sigmoid', 'Softmax', 'Prelu'].includes(op)) return add(x.shape, operands);
    if (op === 'AddV2' && x.shape.join() === more.shape.join()) return add(x.shape, operands);
    if (op === 'MaxPool') {
      const [ksize, strides] = [attr.ksize, attr.strides].map((list) => list.list.i.map(Number));
      const padding = /** @type {'SAME' | 'VALID'} */ (text(attr.padding.s));
      const sides = sidesOf(x, ksize.slice(1, 3), strides.slice(1, 3), [1, 1], padding);
      return add([x.shape[0], ...sides, x.shape[3]], [x], { attrs: { ksize, strides, padding } });
    }
    if (op === 'Pad') {
      const around = values(more);
      return add(
        x.shape.map((size, axis) => size + around[2 * axis] + around[2 * axis + 1]),
        operands,
      );
    }
    if (op === 'Reshape') {
      const sizes = values(more);
      const [all, named] = [x.shape, sizes.filter((size) => size !== -1)].map((list) => list.reduce((n, size) => n * size, 1));
      const shape = sizes.map((size) => (size === -1 ? all / named : size));
      return add(shape, [x], { sizes: shape });
    }
    if (op === 'Mean' && x.shape.length === 4 && values(more).join() === '1,2') {
      const keep = attr.keep_dims?.b === true;
      return add(keep ? [x.shape[0], 1, 1, x.shape[3]] : [x.shape[0], x.shape[3]], operands, { attrs: { keep_dims: keep } });
    }
    throw new Error(`${name}: ${op} of ${operands.map((operand) => `[${operand.shape}]`)} is not known here`);
  }

  const { outputs } = /** @type {{ outputs: { [key: string]: { name: string } } }} */ (artifacts.signature);
  for (const { name } of Object.values(outputs)) {
    const tensor = tensorOf(name);
    tensor.name = name.replace(/:\d+$/, ''); // its node's is that of what Identity takes
    network.outputs.push(tensor);
  }
  return network;
}

const text = (/** @type {string} */ base64) => Buffer.from(base64, 'base64').toString();
const numbers = (/** @type {any[]} */ list, /** @type {string} */ key) => list.map((item) => Number(item[key]));

/** @param {Tensor} constant */
function values({ name, data }) {
  if (data === undefined) throw new Error(`${name} is no constant`);
  return Array.from(data);
}

/**
 * Rows and columns of a result. @param {Tensor} x @param {number[]} kernel @param {number[]} stride @param {number[]} dilation
 * @param {'SAME' | 'VALID'} padding
 */
function sidesOf(x, kernel, stride, dilation, padding) {
  return [0, 1].map((i) => {
    const lost = padding === 'SAME' ? 0 : (kernel[i] - 1) * dilation[i];
    return Math.ceil((x.shape[i + 1] - lost) / stride[i]);
  });
}

/**
 * @param {{ name: string, shape: number[], dtype: 'float32' | 'int32', quantization?: { dtype: string } }[]} specs
 * @param {ArrayBuffer} bytes
 */
function readWeights(specs, bytes) {
  let offset = 0;
  return new Map(
    specs.map(({ name, shape, dtype, quantization }) => {
      const length = shape.reduce((n, size) => n * size, 1);
      const half = quantization?.dtype === 'float16';
      if (quantization !== undefined && !half) throw new Error(`${name}: ${quantization.dtype} is not read here`);
      const size = length * (half ? 2 : 4);
      const part = bytes.slice(offset, offset + size);
      offset += size;
      const data = half
        ? Float32Array.from(new Uint16Array(part), fromHalf)
        : new { float32: Float32Array, int32: Int32Array }[dtype](part);
      return [name, /** @type {Tensor} */ ({ name, shape, dtype, data })];
    }),
  );
}

/** IEEE 754 binary16; weights are finite. @param {number} bits */
function fromHalf(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
