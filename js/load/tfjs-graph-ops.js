// TensorFlow's ops → the ops of src/ops.def: one row per foreign op. What tfjs-graph.js does with a row:
//   inputs   least and most number of inputs
//   op       our op; without it the row is one of `kind`
//   kind     'input' (a placeholder), 'constant', 'pass' (output i is input i)
//   tensors  which inputs are tensors, as arguments of slice; the others become attributes or belong to `after`
//   fixed    those of the tensors that have to be constants (their place among the inputs)
//   float    computes in float32: with another type T it is 'unsupported'
//   numeric  the same for float32 and int32
//   each     an op that every tensor goes through first
//   outputs  our attributes of each output, where there are several: one op for each, on the same tensors
//   attrs    our attributes
//   after    further ops that follow, each fed with the result of the one before
// Attributes and their defaults: tensorflow/core/ops/{array,math,nn,image}_ops.cc.
import { badNode, boolAttr, floatAttr, intAttr, intsAttr, stringsAttr, typeAttr, unsupportedNode } from './tfjs-attrs.js';
import { convolution, depthwise, explicitPaddings, ints, nhwc, number, pooling } from './tfjs-graph-attrs.js';

/**
 * A foreign node and what stands behind its inputs.
 * @typedef {object} NodeView
 * @property {import('./tfjs-attrs.js').ForeignNode} node
 * @property {string[]} inputs  Value refs; those of constants are resolved through pass-through nodes.
 * @property {(input: number) => import('./tfjs-manifest.js').WeightValues} constant  The values of an input which is to become an attribute.
 * @property {(input: number) => number[] | undefined} constantShape  The shape of an input if it is a constant.
 *
 * @typedef {Record<string, number | number[]>} Attributes
 * @typedef {{ op: string, inputs: string[], attrs: Attributes }} Step
 *
 * @typedef {object} OpRow
 * @property {[least: number, most: number]} inputs
 * @property {string} [op]
 * @property {'input' | 'constant' | 'pass'} [kind]
 * @property {[start: number, end?: number] | ((view: NodeView) => [start: number, end: number])} [tensors]
 * @property {number[]} [fixed]
 * @property {boolean} [float]
 * @property {boolean} [numeric]
 * @property {(view: NodeView) => Step} [each]
 * @property {(view: NodeView) => Attributes[]} [outputs]
 * @property {(view: NodeView) => Attributes} [attrs]
 * @property {(view: NodeView) => Step[]} [after]
 */

const MANY = 4096;

/** @type {Map<string, OpRow>} */
export const tfjsGraphOps = new Map([
  ['Placeholder', { kind: 'input', inputs: [0, 0] }],
  ['Const', { kind: 'constant', inputs: [0, 0] }],
  ...rows({ kind: 'pass', inputs: [1, 1] }, { Identity: '', Snapshot: '', StopGradient: '', PreventGradient: '' }),
  ['IdentityN', { kind: 'pass', inputs: [1, MANY] }],

  ['Conv2D', { op: 'conv2d', inputs: [2, 2], fixed: [1], float: true, attrs: convolution }],
  ['_FusedConv2D', { op: 'conv2d', inputs: [2, 4], ...fused(convolution) }],
  ['DepthwiseConv2dNative', { op: 'depthwise_conv2d', inputs: [2, 2], fixed: [1], float: true, attrs: depthwise }],
  ['FusedDepthwiseConv2dNative', { op: 'depthwise_conv2d', inputs: [2, 4], ...fused(depthwise) }],
  ['MatMul', { op: 'dense', inputs: [2, 2], fixed: [1], float: true, attrs: matmul }],
  ['_FusedMatMul', { op: 'dense', inputs: [2, 4], ...fused(matmul) }],
  ['BiasAdd', { op: 'add', inputs: [2, 2], float: true, attrs: ({ node }) => nhwc(node) }],

  ...rows(
    { inputs: [2, 2], numeric: true },
    {
      Add: 'add',
      AddV2: 'add',
      Sub: 'sub',
      Mul: 'mul',
      Maximum: 'maximum',
      Minimum: 'minimum',
      FloorDiv: 'floor_div',
      SquaredDifference: 'squared_difference',
    },
  ),
  ...rows({ inputs: [2, 2], float: true }, { Div: 'div', RealDiv: 'div', Prelu: 'prelu' }),
  [
    'AddN',
    {
      op: 'add',
      inputs: [2, MANY],
      tensors: [0, 2],
      numeric: true,
      after: ({ inputs }) => inputs.slice(2).map((input) => ({ op: 'add', inputs: [input], attrs: {} })),
    },
  ],

  ...rows(
    { inputs: [1, 1], float: true },
    {
      Relu: 'relu',
      Relu6: 'relu6',
      Sigmoid: 'sigmoid',
      Tanh: 'tanh',
      Exp: 'exp',
      Abs: 'abs',
      Neg: 'neg',
      Square: 'square',
      Sqrt: 'sqrt',
      Rsqrt: 'rsqrt',
      Softmax: 'softmax',
    },
  ),
  ['Elu', { op: 'elu', inputs: [1, 1], float: true, attrs: () => ({ alpha: 1 }) }],
  ['LeakyRelu', { op: 'leaky_relu', inputs: [1, 1], float: true, attrs: ({ node }) => ({ alpha: floatAttr(node, 'alpha', 0.2) }) }],
  [
    'ClipByValue',
    { op: 'clamp', inputs: [3, 3], tensors: [0, 1], float: true, attrs: (view) => ({ min: number(view, 1), max: number(view, 2) }) },
  ],

  ['MaxPool', { op: 'max_pool2d', inputs: [1, 1], float: true, attrs: pooling }],
  ['AvgPool', { op: 'avg_pool2d', inputs: [1, 1], float: true, attrs: pooling }],
  ['Mean', { op: 'mean', inputs: [2, 2], tensors: [0, 1], float: true, attrs: mean }],

  ['Pad', { op: 'pad', inputs: [2, 2], tensors: [0, 1], float: true, attrs: (view) => ({ paddings: explicitPaddings(view), value: 0 }) }],
  [
    'PadV2',
    {
      op: 'pad',
      inputs: [3, 3],
      tensors: [0, 1],
      float: true,
      attrs: (view) => ({ paddings: explicitPaddings(view), value: number(view, 2) }),
    },
  ],
  ['Reshape', { op: 'reshape', inputs: [2, 2], tensors: [0, 1], attrs: reshape }],
  ['ConcatV2', { op: 'concat', inputs: [2, MANY + 1], tensors: [0, -1], attrs: (view) => ({ axis: axis(view, view.inputs.length - 1) }) }],
  ['Concat', { op: 'concat', inputs: [2, MANY + 1], tensors: [1], attrs: (view) => ({ axis: axis(view, 0) }) }],
  [
    'Squeeze',
    { op: 'squeeze', inputs: [1, 1], attrs: ({ node }) => ({ axes: intsAttr(node, 'squeeze_dims', intsAttr(node, 'axis', [])) }) },
  ],
  ['ExpandDims', { op: 'expand_dims', inputs: [2, 2], tensors: [0, 1], attrs: (view) => ({ axis: axis(view, 1) }) }],
  [
    'Pack',
    {
      op: 'concat',
      inputs: [1, MANY],
      tensors: [0],
      each: ({ node }) => ({ op: 'expand_dims', inputs: [], attrs: { axis: intAttr(node, 'axis', 0) } }),
      attrs: ({ node }) => ({ axis: intAttr(node, 'axis', 0) }),
    },
  ],
  [
    'Unpack',
    {
      op: 'slice',
      inputs: [1, 1],
      outputs: unpack,
      after: ({ node }) => [{ op: 'squeeze', inputs: [], attrs: { axes: [intAttr(node, 'axis', 0)] } }],
    },
  ],
  ['GatherNd', { op: 'gather_nd', inputs: [2, 2], tensors: [0] }],
  ['ArgMax', { op: 'arg_max', inputs: [2, 2], tensors: [0, 1], float: true, attrs: (view) => ({ axis: axis(view, 1) }) }],
  ['Cast', { op: 'cast', inputs: [1, 1], attrs: cast }],

  ['ResizeBilinear', { op: 'resize_bilinear', inputs: [2, 2], tensors: [0, 1], float: true, attrs: resize }],
  ['ResizeNearestNeighbor', { op: 'resize_nearest', inputs: [2, 2], tensors: [0, 1], float: true, attrs: resize }],
]);

/**
 * Rows that differ in nothing but the two ops' names.
 * @param {Omit<OpRow, 'op'>} row @param {Record<string, string>} names  Foreign op → ours.
 * @returns {[string, OpRow][]}
 */
function rows(row, names) {
  return Object.entries(names).map(([foreign, op]) => [foreign, op === '' ? row : { ...row, op }]);
}

/** fused_ops that may stand last. @type {ReadonlyMap<string, { op: string, attrs?: (view: NodeView) => Attributes, slope?: true }>} */
const FUSED_ACTIVATIONS = new Map([
  ['RELU', { op: 'relu' }],
  ['RELU6', { op: 'relu6' }],
  ['ELU', { op: 'elu', attrs: () => ({ alpha: 1 }) }],
  ['LEAKYRELU', { op: 'leaky_relu', attrs: (/** @type {NodeView} */ { node }) => ({ alpha: floatAttr(node, 'leakyrelu_alpha', 0.2) }) }],
  ['SIGMOID', { op: 'sigmoid' }],
  ['TANH', { op: 'tanh' }],
  ['PRELU', { op: 'prelu', slope: true }],
]);

/**
 * What the _Fused… ops share: inputs x, weights, then the bias if fused_ops has one, then the slope if it ends in Prelu.
 * The activation becomes an op of its own, which the C passes fuse again.
 * @param {(view: NodeView) => Attributes} attrs
 * @returns {Pick<OpRow, 'tensors' | 'fixed' | 'float' | 'attrs' | 'after'>}
 */
function fused(attrs) {
  return {
    tensors: ({ node }) => [0, hasBias(node) ? 3 : 2],
    fixed: [1, 2],
    float: true,
    attrs,
    after: (view) => {
      const { node, inputs } = view;
      const names = stringsAttr(node, 'fused_ops').map((name) => name.toUpperCase());
      const bias = hasBias(node);
      const activation = names.length > (bias ? 1 : 0) ? FUSED_ACTIVATIONS.get(names[names.length - 1]) : undefined;
      if (names.length !== (bias ? 1 : 0) + (activation ? 1 : 0))
        unsupportedNode(node, `fused ops ${stringsAttr(node, 'fused_ops').join(', ').slice(0, 100)}`);
      const slope = activation?.slope ? 1 : 0;
      const count = 2 + (bias ? 1 : 0) + slope;
      if (inputs.length !== count) badNode(node, `has ${inputs.length} inputs, with fused ops [${names.join(', ')}] it needs ${count}`);
      if (!activation) return [];
      return [{ op: activation.op, inputs: slope === 1 ? [inputs[count - 1]] : [], attrs: activation.attrs?.(view) ?? {} }];
    },
  };
}

/** @param {import('./tfjs-attrs.js').ForeignNode} node */
function hasBias(node) {
  return stringsAttr(node, 'fused_ops')[0]?.toUpperCase() === 'BIASADD';
}

/** @param {NodeView} view */
function matmul({ node, constantShape }) {
  if (boolAttr(node, 'transpose_a', false)) unsupportedNode(node, 'transpose_a');
  const rank = constantShape(1)?.length;
  if (rank !== undefined && rank !== 2) badNode(node, `the right side has ${rank} dimensions, not 2`);
  return { transpose_b: boolAttr(node, 'transpose_b', false) ? 1 : 0 };
}

/** @param {NodeView} view */
function mean(view) {
  const axes = ints(view, 1, 'the axes');
  // No axes: TensorFlow averages over none, but for our op that means all.
  if (axes.length === 0) unsupportedNode(view.node, 'a mean over no axes');
  return { axes, keep_dims: boolAttr(view.node, 'keep_dims', false) ? 1 : 0 };
}

/** xj_dtype of what a Cast makes. @type {ReadonlyMap<string, number>} */
const CAST_TYPES = new Map([
  ['FLOAT', 0],
  ['HALF', 0],
  ['DOUBLE', 0],
  ['INT32', 1],
  ['INT64', 1],
  ['BOOL', 2],
  ['UINT8', 3],
]);

/** @param {NodeView} view */
function cast({ node }) {
  const type = typeAttr(node, 'DstT', 'FLOAT');
  return { dtype: CAST_TYPES.get(type) ?? unsupportedNode(node, `a cast to ${type}`) };
}

/** @param {NodeView} view */
function unpack({ node }) {
  const count = intAttr(node, 'num', 0);
  if (count < 1 || count > MANY) badNode(node, `has ${count} outputs`);
  return Array.from({ length: count }, (_, i) => ({ axes: [intAttr(node, 'axis', 0)], begin: [i], size: [1] }));
}

/** @param {NodeView} view */
function reshape(view) {
  const shape = ints(view, 1, 'the shape');
  if (shape.some((size) => size < -1) || shape.filter((size) => size === -1).length > 1) badNode(view.node, `cannot reshape to [${shape}]`);
  return { shape };
}

/** @param {NodeView} view @param {number} input */
function axis(view, input) {
  const axes = ints(view, input, 'the axis');
  return axes.length === 1 ? axes[0] : badNode(view.node, `needs one axis, has ${axes.length}`);
}

/** @param {NodeView} view @returns {Attributes} */
function resize(view) {
  const size = ints(view, 1, 'the size');
  if (size.length !== 2 || size.some((side) => side < 1)) badNode(view.node, `cannot resize to [${size}]`);
  return {
    out_h: size[0],
    out_w: size[1],
    align_corners: boolAttr(view.node, 'align_corners', false) ? 1 : 0,
    half_pixel: boolAttr(view.node, 'half_pixel_centers', false) ? 1 : 0,
  };
}
