// tfjs-converter's op list "transformation", and what passes tensors through or tells their shapes ("graph").
import { badNode, intAttr, intsAttr, stringAttr } from '../tfjs-attrs.js';
import { axis, dtypeNumber, inNhwc, ints, MANY, number } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').Attributes} Attributes
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const shapeOps = [
  ['Placeholder', { kind: 'input', inputs: [0, 0] }],
  ['Const', { kind: 'constant', inputs: [0, 0] }],
  ...['Identity', 'Snapshot', 'StopGradient', 'PreventGradient', 'PlaceholderWithDefault'].map(
    (name) => /** @type {OpRows[number]} */ ([name, { kind: 'pass', inputs: [1, 1] }]),
  ),
  ['IdentityN', { kind: 'pass', inputs: [1, MANY] }],
  // Of these the first input is the result: tfjs neither prints nor rounds, and a shape that is wrong shows further on.
  ['Print', { kind: 'pass', passes: 1, inputs: [1, MANY] }],
  ['FakeQuantWithMinMaxVars', { kind: 'pass', passes: 1, inputs: [1, 3] }],
  ['EnsureShape', { kind: 'pass', passes: 1, inputs: [1, 2] }],
  ['Shape', { op: 'shape', inputs: [1, 1] }],
  ['ShapeN', { inputs: [1, MANY], emit: (view) => view.inputs.map((_, i) => view.add('shape', [view.use(i)])) }],
  ['Size', { inputs: [1, 1], emit: (view) => product(view, view.add('shape', [view.use(0)])) }],
  ['Rank', { inputs: [1, 1], emit: (view) => product(view, view.add('shape', [view.add('shape', [view.use(0)])])) }],

  ['Cast', { op: 'cast', inputs: [1, 1], attrs: ({ node }) => ({ dtype: dtypeNumber(node, 'DstT', 'FLOAT') }) }],
  ['Reshape', { inputs: [2, 2], emit: reshape }],
  ['ExpandDims', { op: 'expand_dims', inputs: [2, 2], tensors: [0, 1], attrs: (view) => ({ axis: axis(view, 1) }) }],
  [
    'Squeeze',
    { op: 'squeeze', inputs: [1, 1], attrs: ({ node }) => ({ axes: intsAttr(node, 'squeeze_dims', intsAttr(node, 'axis', [])) }) },
  ],
  ['Pad', { inputs: [2, 2], emit: (view) => pad(view, 'pad', { value: 0 }) }],
  ['PadV2', { inputs: [3, 3], emit: (view) => pad(view, 'pad', { value: number(view, 2) }) }],
  ['MirrorPad', { inputs: [2, 2], emit: (view) => pad(view, 'mirror_pad', { symmetric: symmetric(view) }) }],
  ['SpaceToBatchND', { op: 'space_to_batch', inputs: [3, 3], lists: { 1: 'block', 2: 'paddings' } }],
  ['BatchToSpaceND', { op: 'batch_to_space', inputs: [3, 3], lists: { 1: 'block', 2: 'crops' } }],
  [
    'DepthToSpace',
    {
      inputs: [1, 1],
      emit: (view) =>
        inNhwc(view, view.use(0), (x) => view.add('depth_to_space', [x], { block: intAttr(view.node, 'block_size', 0), order: 0 })),
    },
  ],
  ['BroadcastTo', { op: 'broadcast_to', inputs: [2, 2], lists: { 1: 'shape' } }],
  ['BroadcastArgs', { op: 'broadcast_args', inputs: [2, 2] }],
];

/** @param {NodeView} view @param {string} shape */
function product(view, shape) {
  return view.add('reduce_prod', [shape], { axes: [0], keep_dims: 0 });
}

/** @param {NodeView} view */
function reshape(view) {
  if (view.values(1) === undefined) return view.add('reshape', [view.use(0), view.use(1)]);
  const shape = ints(view, 1, 'the shape');
  if (shape.some((size) => size < -1) || shape.filter((size) => size === -1).length > 1) badNode(view.node, `cannot reshape to [${shape}]`);
  return view.add('reshape', [view.use(0)], { shape });
}

/** Paddings of all axes: before and after in turn. @param {NodeView} view @param {string} op @param {Attributes} attrs */
function pad(view, op, attrs) {
  if (view.values(1) === undefined) return view.add(op, [view.use(0), view.use(1)], attrs);
  const paddings = ints(view, 1, 'the paddings');
  const shape = view.constantShape(1);
  if (shape?.length !== 2 || shape[1] !== 2) badNode(view.node, `the paddings have shape [${shape}], not [rank,2]`);
  if (paddings.some((count) => count < 0)) badNode(view.node, `negative paddings [${paddings}]`);
  return view.add(op, [view.use(0)], { paddings, ...attrs });
}

/** @param {NodeView} view */
function symmetric({ node }) {
  const mode = stringAttr(node, 'mode', '').toUpperCase();
  if (mode !== 'REFLECT' && mode !== 'SYMMETRIC') badNode(node, `unknown mode ${JSON.stringify(mode.slice(0, 20))}`);
  return mode === 'SYMMETRIC' ? 1 : 0;
}
