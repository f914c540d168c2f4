// tfjs-converter's op list "creation".
import { floatAttr, intAttr, seedAttr, unsupportedNode } from '../tfjs-attrs.js';
import { dtypeName, dtypeNumber, int, ints, number } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** Kinds of the op random. */
const UNIFORM = 0;
const NORMAL = 1;
const TRUNCATED_NORMAL = 2;
const UNIFORM_INT = 3;

/** @type {OpRows} */
export const creationOps = [
  ['Fill', { inputs: [2, 2], emit: (view) => fill(view, view.use(1), 0) }],
  ['Zeros', { inputs: [1, 1], emit: (view) => fill(view, scalar(view, 'T', 0), 0) }],
  ['Ones', { inputs: [1, 1], emit: (view) => fill(view, scalar(view, 'T', 1), 0) }],
  ['ZerosLike', { inputs: [1, 1], emit: (view) => view.add('fill', [scalar(view, 'T', 0), view.add('shape', [view.use(0)])]) }],
  ['OnesLike', { inputs: [1, 1], emit: (view) => view.add('fill', [scalar(view, 'T', 1), view.add('shape', [view.use(0)])]) }],
  ['Range', { op: 'range', inputs: [3, 3] }],
  ['LinSpace', { inputs: [3, 3], float: true, emit: linSpace }],
  ['OneHot', { inputs: [4, 4], emit: oneHot }],
  [
    'RandomUniform',
    { inputs: [1, 1], emit: (view) => random(view, UNIFORM, floatAttr(view.node, 'minval', 0), floatAttr(view.node, 'maxval', 1)) },
  ],
  ['RandomStandardNormal', { inputs: [1, 1], emit: (view) => random(view, NORMAL, 0, 1) }],
  [
    'TruncatedNormal',
    { inputs: [1, 1], emit: (view) => random(view, TRUNCATED_NORMAL, floatAttr(view.node, 'means', 0), floatAttr(view.node, 'stddev', 1)) },
  ],
  ['RandomUniformInt', { inputs: [1, 3], emit: randomInt }],
  [
    'Multinomial',
    {
      op: 'multinomial',
      inputs: [2, 2],
      tensors: [0, 1],
      float: true,
      attrs: (view) => ({ n_samples: int(view, 1, 'the number of samples'), seed: seed(view), is_probabilities: 0 }),
    },
  ],
];

/** @param {NodeView} view @param {string} attribute  That has the type. @param {number} value */
function scalar(view, attribute, value) {
  return view.literal(dtypeName(view.node, attribute, 'FLOAT'), [value], []);
}

/** @param {NodeView} view @param {string} value @param {number} shape  The input that has the shape. */
function fill(view, value, shape) {
  if (view.values(shape) === undefined) return view.add('fill', [value, view.use(shape)]);
  return view.add('fill', [value], { shape: ints(view, shape, 'the shape') });
}

/** @param {NodeView} view */
function linSpace(view) {
  if (view.values(2) === undefined) return view.add('linspace', [view.use(0), view.use(1), view.use(2)]);
  return view.add('linspace', [view.use(0), view.use(1)], { n: int(view, 2, 'the number of values') });
}

/** Inputs: indices, depth, what stands at the index, what stands elsewhere. @param {NodeView} view */
function oneHot(view) {
  const tensors = [view.use(0), view.use(2), view.use(3)];
  const axis = intAttr(view.node, 'axis', -1);
  if (view.values(1) === undefined) return view.add('one_hot', [...tensors, view.use(1)], { axis });
  return view.add('one_hot', tensors, { depth: int(view, 1, 'the depth'), axis });
}

/** @param {NodeView} view */
function seed({ node }) {
  return seedAttr(node, 'seed', 'seed2');
}

/** Input 0: the shape. @param {NodeView} view @param {number} kind @param {number} a @param {number} b */
function random(view, kind, a, b) {
  const integers = kind === UNIFORM_INT;
  const dtype = integers ? 1 : 0;
  if (!integers && dtypeNumber(view.node, 'dtype', 'FLOAT') !== 0) unsupportedNode(view.node, 'random numbers that are not float32');
  const attrs = { kind, dtype, seed: seed(view), a, b };
  if (view.values(0) === undefined) return view.add('random', [view.use(0)], attrs);
  return view.add('random', [], { shape: ints(view, 0, 'the shape'), ...attrs });
}

/** TensorFlow has the limits as inputs, tfjs as attributes. @param {NodeView} view */
function randomInt(view) {
  const { node, inputs } = view;
  if (inputs.length === 3) return random(view, UNIFORM_INT, number(view, 1), number(view, 2));
  return random(view, UNIFORM_INT, intAttr(node, 'minval', 0), intAttr(node, 'maxval', 0));
}
