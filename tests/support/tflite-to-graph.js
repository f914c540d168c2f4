// A float TensorFlow Lite model as a TensorFlow.js graph model, as its clients expect one: real weights for them, whose own models
// no package has. Only the ops of MediaPipe's faces, hands and poses. Padding, layouts and names are TensorFlow's again.

import { loadParser } from '../../js/load/parse.js';
import { openSource } from '../../js/load/source.js';
import { decodeWeight } from '../../js/load/tfjs-manifest.js';
import { count } from './architectures/network.js';
import { attribute } from './architectures/to-graph.js';

/**
 * @typedef {import('../../js/load/parse.js').GraphDescription['nodes'][number]} Node
 * @typedef {{ name: string, op: string, input?: string[], attr: Record<string, unknown> }} GraphNode
 * @typedef {Record<string, any>} Attrs
 *
 * constant: an operand's numbers as a node's name. filter: constant weights, in another order.
 * @typedef {object} Writer
 * @property {(op: string, name: string, input: string[], attrs?: Record<string, unknown>) => void} add
 * @property {(shape: number[], data: Float32Array | Int32Array) => string} constant
 * @property {(name: string) => string} filter
 *
 * More outputs, made of nodes by name.
 * @typedef {(writer: Writer, nodeOf: (output: string) => string) => Record<string, string>} Ending
 */

const FLOAT = 'DT_FLOAT';
const PADDINGS = ['VALID', 'SAME'];
/** What of a feature map an eye or the mouth is taken to be: MediaPipe's own op for that is nothing that TensorFlow.js has. */
const REGION = [0.25, 0.25, 0.75, 0.75];
const UNIT = Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));

/** @param {Attrs} a */
const windowOf = (a) => ({
  strides: [1, a.stride_h, a.stride_w, 1],
  dilations: [1, a.dilation_h ?? 1, a.dilation_w ?? 1, 1],
  padding: PADDINGS[a.padding],
  data_format: 'NHWC',
  T: FLOAT,
});

/** @param {string} op @returns {(node: Node, inputs: string[], writer: Writer) => void} One operand after the other, no attributes. */
const same =
  (op) =>
  ({ output }, inputs, { add }) =>
    add(op, output, inputs, { T: FLOAT });

/** @param {string} op @param {(inputs: string[], writer: Writer) => string} filterOf @returns {(node: Node, inputs: string[], writer: Writer) => void} */
const layer =
  (op, filterOf) =>
  ({ output, attrs }, inputs, writer) => {
    writer.add(op, `${output}/product`, [inputs[0], filterOf(inputs, writer)], windowOf(attrs));
    writer.add('BiasAdd', output, [`${output}/product`, inputs[2]], { T: FLOAT, data_format: 'NHWC' });
  };

/** @param {number[]} values @param {Writer} writer @param {number[]} [shape] */
const ints = (values, { constant }, shape = [values.length]) => constant(shape, Int32Array.from(values));

/** @type {Record<string, (node: Node, inputs: string[], writer: Writer) => void>} */
const OPS = {
  add: same('AddV2'),
  mul: same('Mul'),
  relu: same('Relu'),
  relu6: same('Relu6'),
  sigmoid: same('Sigmoid'),
  prelu: same('Prelu'),
  conv2d: layer('Conv2D', ([, filter], writer) => writer.filter(filter)),
  depthwise_conv2d: layer('DepthwiseConv2dNative', ([, filter]) => filter),
  dense: ({ output, attrs }, [x, weights, bias], { add }) => {
    const { transpose_b } = /** @type {Attrs} */ (attrs);
    add('MatMul', `${output}_product`, [x, weights], { transpose_a: false, transpose_b: transpose_b === 1, T: FLOAT });
    add('BiasAdd', output, [`${output}_product`, bias], { T: FLOAT, data_format: 'NHWC' });
  },
  mean: ({ output, attrs }, [x], writer) => {
    const { axes, keep_dims } = /** @type {Attrs} */ (attrs);
    writer.add('Mean', output, [x, ints(axes, writer)], { keep_dims: keep_dims === 1, T: FLOAT, Tidx: 'DT_INT32' });
  },
  reshape: ({ output, attrs }, [x], writer) =>
    writer.add('Reshape', output, [x, ints(/** @type {Attrs} */ (attrs).shape, writer)], { T: FLOAT, Tshape: 'DT_INT32' }),
  pad: ({ output, attrs }, [x], writer) => {
    const { paddings } = /** @type {Attrs} */ (attrs);
    writer.add('Pad', output, [x, ints(paddings, writer, [paddings.length / 2, 2])], { T: FLOAT });
  },
  max_pool2d: ({ output, attrs }, [x], { add }) => {
    const a = /** @type {Attrs} */ (attrs);
    add('MaxPool', output, [x], { ...windowOf(a), ksize: [1, a.kernel_h, a.kernel_w, 1] });
  },
  concat: ({ output, attrs }, inputs, writer) =>
    writer.add('ConcatV2', output, [...inputs, ints([/** @type {Attrs} */ (attrs).axis], writer, [])], { N: inputs.length, T: FLOAT }),
  depth_to_space: ({ output, attrs }, [x], { add }) =>
    add('DepthToSpace', output, [x], { block_size: /** @type {Attrs} */ (attrs).block, data_format: 'NHWC', T: FLOAT }),
  resize_bilinear: ({ output, attrs }, [x], writer) => {
    const a = /** @type {Attrs} */ (attrs);
    const flags = { align_corners: a.align_corners === 1, half_pixel_centers: a.half_pixel === 1 };
    writer.add('ResizeBilinear', output, [x, ints([a.out_h, a.out_w], writer)], { ...flags, T: FLOAT });
  },
  strided_slice: ({ output, attrs }, [x], writer) => {
    const { begin, end, strides, ...masks } = /** @type {Attrs} */ (attrs);
    writer.add('StridedSlice', output, [x, ...[begin, end, strides].map((values) => ints(values, writer))], { ...masks, T: FLOAT });
  },
  // Attention looks at the same region in every face here, and its points stay where they are in it.
  landmarks_to_transform_matrix: ({ output }, _, writer) =>
    writer.add('Identity', output, [writer.constant([1, 4, 4], Float32Array.from(UNIT))], { T: FLOAT }),
  transform_landmarks: ({ output }, [points], { add }) => add('Identity', output, [points], { T: FLOAT }),
  transform_tensor_bilinear: ({ output, attrs }, [x], writer) => {
    const a = /** @type {Attrs} */ (attrs);
    const box = writer.constant([1, 4], Float32Array.from(REGION));
    const size = ints([a.output_height, a.output_width], writer);
    writer.add('CropAndResize', output, [x, box, ints([0], writer), size], { method: 'bilinear', extrapolation_value: 0, T: FLOAT });
  },
};

/**
 * @param {Uint8Array} bytes
 * @param {Ending} ending  → the outputs: the name that clients ask for → node. Names of nodes have no colons.
 * @returns {Promise<import('./tfjs-engine.js').ModelArtifacts & { format: string }>}
 */
export async function tfliteToGraph(bytes, ending) {
  const model = await openSource(bytes);
  const stored = model.weights.map(({ byteLength }) => new Uint8Array(byteLength));
  for await (const piece of model.bytes()) stored[piece.weight].set(piece.bytes, piece.offset);
  const decoded = model.weights.map((spec, i) => decodeWeight(spec, stored[i]));
  const graph = (await loadParser(model.format))(
    model.topology,
    model.weights,
    new Map(model.weights.map(({ name }, i) => [name, decoded[i]])),
    {},
  );

  /** @type {GraphNode[]} */
  const nodes = [];
  /** @type {{ name: string, shape: number[], dtype: string }[]} */
  const specs = [];
  /** @type {Uint8Array[]} */
  const data = [];
  /** @type {Map<string, string>} Names that TensorFlow allows. */
  const names = new Map();
  const nameOf = (/** @type {string} */ value) => {
    const known = names.get(value) ?? (/[^\w.]/.test(value) ? `value_${names.size}` : value);
    names.set(value, known);
    return known;
  };

  /** @param {string} name @param {number[]} shape @param {ArrayLike<number> & ArrayBufferView} values */
  const weight = (name, shape, values) => {
    const type = values instanceof Int32Array ? 'DT_INT32' : FLOAT;
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    nodes.push({ name, op: 'Const', attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape } } } });
    specs.push({ name, shape, dtype: values instanceof Int32Array ? 'int32' : 'float32' });
    data.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return name;
  };
  /** @type {Map<string, { shape: number[], values: any }>} By value. */
  const weights = new Map(graph.weights.map(({ value, weight: i }) => [value, { shape: model.weights[i].shape, values: decoded[i] }]));
  for (const { value, shape, data: values } of graph.constants ?? []) weights.set(value, { shape, values });
  /** @type {Set<string>} */
  const written = new Set();
  const use = (/** @type {string | null} */ value) => {
    const name = nameOf(value ?? '');
    const found = weights.get(value ?? '');
    if (found !== undefined && !written.has(name)) weight(name, found.shape, found.values);
    return written.add(name) && name;
  };

  /** @type {Writer} */
  const writer = {
    add: (op, name, input, attrs = {}) =>
      nodes.push({ name, op, input, attr: Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, attribute(value)])) }),
    constant: (shape, values) => weight(`constant_${specs.length}`, shape, values),
    filter: (value) => {
      const { shape, values } = /** @type {{ shape: number[], values: Float32Array }} */ (weights.get(value));
      const [channels, ...window] = shape;
      const size = count(window);
      // [OC,KH,KW,IC] to [KH,KW,IC,OC]
      const turned = Float32Array.from({ length: values.length }, (_, i) => values[(i % channels) * size + Math.floor(i / channels)]);
      return weight(`${nameOf(value)}_filter`, [...window, channels], turned);
    },
  };

  const port = (/** @type {number[]} */ shape) => ({ dim: shape.map((size) => ({ size: String(size) })) });
  for (const { name, shape } of graph.inputs)
    nodes.push({ name, op: 'Placeholder', attr: { dtype: { type: FLOAT }, shape: { shape: port(shape) } } });
  for (const node of graph.nodes) {
    const row = OPS[node.op];
    if (row === undefined) throw new Error(`no ${node.op} in tflite-to-graph.js`);
    const [x, ...others] = node.inputs;
    // A convolution's filter is written in its own order.
    const kept = others.map((value, i) => (node.op === 'conv2d' && i === 0 ? (value ?? '') : use(value)));
    row({ ...node, output: nameOf(node.output) }, [use(x), ...kept], writer);
  }
  const outputs = ending(writer, (output) => nameOf(graph.outputs.find(({ name }) => name === output)?.value ?? output));
  const ports = (/** @type {[string, string, object?][]} */ entries) =>
    Object.fromEntries(
      entries.map(([key, name, tensorShape]) => [key, { name: `${name}:0`, dtype: FLOAT, ...(tensorShape && { tensorShape }) }]),
    );
  const weightData = Buffer.concat(data);
  return {
    format: 'graph-model',
    modelTopology: { node: nodes, versions: { producer: 987 } },
    signature: {
      inputs: ports(graph.inputs.map(({ name, shape }) => [name, name, port(shape)])),
      outputs: ports(Object.entries(outputs)),
    },
    weightSpecs: specs,
    weightData: new Uint8Array(weightData).buffer,
  };
}
