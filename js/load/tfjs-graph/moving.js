// tfjs-converter's op list "slice_join": what takes tensors apart and puts them together.
import { badNode, intAttr } from '../tfjs-attrs.js';
import { axis, ints, MANY } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const movingOps = [
  ['ConcatV2', { op: 'concat', inputs: [2, MANY + 1], tensors: [0, -1], attrs: (view) => ({ axis: axis(view, view.inputs.length - 1) }) }],
  ['Concat', { op: 'concat', inputs: [2, MANY + 1], tensors: [1], attrs: (view) => ({ axis: axis(view, 0) }) }],
  ['Pack', { inputs: [1, MANY], emit: pack }],
  ['Unpack', { inputs: [1, 1], emit: unpack }],
  ['Split', { inputs: [2, 2], emit: split }],
  ['SplitV', { inputs: [3, 3], emit: splitUnevenly }],
  ['Gather', { op: 'gather', inputs: [2, 2], attrs: () => ({ axis: 0, batch_dims: 0 }) }],
  [
    'GatherV2',
    {
      op: 'gather',
      inputs: [3, 3],
      tensors: [0, 2],
      attrs: (view) => ({ axis: axis(view, 2), batch_dims: intAttr(view.node, 'batch_dims', 0) }),
    },
  ],
  ['GatherNd', { op: 'gather_nd', inputs: [2, 2] }],
  ['Reverse', { op: 'reverse', inputs: [2, 2], tensors: [0, 1], attrs: (view) => ({ axes: trueAxes(view) }) }],
  ['ReverseV2', { inputs: [2, 2], emit: reverse }],
  ['Slice', { inputs: [3, 3], emit: slice }],
  [
    'StridedSlice',
    {
      op: 'strided_slice',
      inputs: [4, 4],
      lists: { 1: 'begin', 2: 'end', 3: 'strides' },
      attrs: ({ node }) =>
        Object.fromEntries(
          ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map((name) => [name, intAttr(node, name, 0)]),
        ),
    },
  ],
  ['Tile', { op: 'tile', inputs: [2, 2], lists: { 1: 'multiples' } }],
  ['ScatterNd', { op: 'scatter_nd', inputs: [3, 3], lists: { 2: 'shape' } }],
  ['TensorScatterUpdate', { op: 'tensor_scatter', inputs: [3, 3], attrs: () => ({ mode: 0 }) }],
  ['SparseToDense', { inputs: [4, 4], emit: sparseToDense }],
];

/** @param {NodeView} view */
function pack(view) {
  const axis = intAttr(view.node, 'axis', 0);
  const parts = view.inputs.map((_, i) => view.add('expand_dims', [view.use(i)], { axis }));
  return view.add('concat', parts, { axis });
}

/** @param {NodeView} view @param {number} count */
function checkOutputs({ node }, count) {
  if (count < 1 || count > MANY) badNode(node, `has ${count} outputs`);
}

/** @param {NodeView} view */
function unpack(view) {
  const [count, axis] = [intAttr(view.node, 'num', 0), intAttr(view.node, 'axis', 0)];
  checkOutputs(view, count);
  const x = view.use(0);
  return Array.from({ length: count }, (_, i) =>
    view.add('squeeze', [view.add('slice', [x], { axes: [axis], begin: [i], size: [1] })], { axes: [axis] }),
  );
}

/** Inputs: axis, x. @param {NodeView} view */
function split(view) {
  const parts = intAttr(view.node, 'num_split', 1);
  checkOutputs(view, parts);
  const [at, x] = [axis(view, 0), view.use(1)];
  return Array.from({ length: parts }, (_, index) => view.add('split', [x], { axis: at, parts, index }));
}

/** Where nothing is left of any axis. */
const BEYOND = 2 ** 31 - 1;

/** Inputs: x, the sizes of which one may be -1, axis. @param {NodeView} view */
function splitUnevenly(view) {
  const { node } = view;
  const sizes = [...view.constant(1)];
  checkOutputs(view, sizes.length);
  const open = sizes.indexOf(-1);
  if (sizes.some((size, i) => size < 0 && i !== open)) badNode(node, `cannot split into [${sizes.slice(0, 16)}]`);
  const [at, x] = [axis(view, 2), view.use(0)];
  const sum = (/** @type {number[]} */ list) => list.reduce((total, size) => total + size, 0);
  return sizes.map((size, i) => {
    if (open < 0 || i < open) return view.add('slice', [x], { axes: [at], begin: [sum(sizes.slice(0, i))], size: [size] });
    // From the open one on, places are counted from the end.
    const begin = i === open ? sum(sizes.slice(0, i)) : -sum(sizes.slice(i)) || BEYOND;
    return view.add('strided_slice', [x], range(at, begin, 0 - sum(sizes.slice(i + 1))));
  });
}

/** From begin to end along one axis; end 0 is the end of the axis. @param {number} axis @param {number} begin @param {number} end */
function range(axis, begin, end) {
  const others = axis < 0 ? -1 - axis : axis;
  const masks = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 0 };
  const fill = (/** @type {number} */ value, /** @type {number} */ other) =>
    axis < 0 ? [0, value, ...Array(others).fill(other)] : [...Array(others).fill(other), value];
  const place = axis < 0 ? 1 : others;
  const whole = axis < 0 ? ((1 << others) - 1) << 2 : (1 << others) - 1; // the axes that stay as they are
  return {
    ...masks,
    begin: fill(begin, 0),
    end: fill(end, 0),
    strides: axis < 0 ? [1, ...Array(others + 1).fill(1)] : Array(others + 1).fill(1),
    begin_mask: whole,
    end_mask: whole | (end === 0 ? 1 << place : 0),
    ellipsis_mask: axis < 0 ? 1 : 0,
  };
}

/** A flag for each axis. @param {NodeView} view */
function trueAxes(view) {
  return [...view.constant(1)].flatMap((flag, i) => (flag ? [i] : []));
}

/** @param {NodeView} view */
function reverse(view) {
  const axes = ints(view, 1, 'the axes');
  return view.add('reverse', [view.use(0)], { axes });
}

/** @param {NodeView} view */
function slice(view) {
  if (view.values(1) === undefined || view.values(2) === undefined) return view.add('slice', [view.use(0), view.use(1), view.use(2)]);
  const [begin, size] = [ints(view, 1, 'the begin'), ints(view, 2, 'the size')];
  if (begin.length !== size.length) badNode(view.node, `begins at [${begin}], but the size is [${size}]`);
  return view.add('slice', [view.use(0)], { axes: begin.map((_, i) => i), begin, size });
}

/** Inputs: indices, shape, values, default. @param {NodeView} view */
function sparseToDense(view) {
  const tensors = [view.use(0), view.use(2), view.use(3)];
  if (view.values(1) === undefined) return view.add('sparse_to_dense', [...tensors, view.use(1)]);
  return view.add('sparse_to_dense', tensors, { shape: ints(view, 1, 'the shape') });
}
