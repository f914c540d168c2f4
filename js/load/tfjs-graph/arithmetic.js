// tfjs-converter's op lists "arithmetic" and "logical".
import { channelsFirst, MANY, ofIntegers, rows } from './attrs.js';

/**
 * @typedef {import('../tfjs-graph-ops.js').NodeView} NodeView
 * @typedef {import('../tfjs-graph-ops.js').OpRows} OpRows
 */

/** @type {OpRows} */
export const arithmeticOps = [
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
      Mod: 'mod',
      FloorMod: 'mod',
      SquaredDifference: 'squared_difference',
    },
  ),
  // Of integers tfjs rounds down.
  ['Div', { inputs: [2, 2], numeric: true, emit: divide }],
  ['RealDiv', { inputs: [2, 2], numeric: true, emit: divide }],
  ['DivNoNan', { op: 'div_no_nan', inputs: [2, 2], float: true }],
  ['Pow', { inputs: [2, 2], numeric: true, emit: power }],
  ['AddN', { inputs: [1, MANY], numeric: true, emit: sum }],
  ['BiasAdd', { inputs: [2, 2], numeric: true, emit: addBias }],

  ...rows(
    { inputs: [2, 2] },
    {
      Equal: 'equal',
      NotEqual: 'not_equal',
      Greater: 'greater',
      GreaterEqual: 'greater_equal',
      Less: 'less',
      LessEqual: 'less_equal',
      LogicalAnd: 'logical_and',
      LogicalOr: 'logical_or',
      BitwiseAnd: 'bitwise_and',
    },
  ),
  ['LogicalNot', { op: 'logical_not', inputs: [1, 1] }],
  ['SelectV2', { op: 'select', inputs: [3, 3] }],
  ['Select', { inputs: [3, 3], emit: selectRows }],
];

/** @param {NodeView} view */
function divide(view) {
  return view.add(ofIntegers(view.node) ? 'floor_div' : 'div', [view.use(0), view.use(1)]);
}

/** @param {NodeView} view */
function power(view) {
  const [a, b] = [view.use(0), view.use(1)];
  if (!ofIntegers(view.node)) return view.add('pow', [a, b]);
  const floats = [a, b].map((value) => view.add('cast', [value], { dtype: 0 }));
  return view.add('cast', [view.add('pow', floats)], { dtype: 1 });
}

/** @param {NodeView} view */
function sum(view) {
  const [first, ...others] = view.inputs.map((_, i) => view.use(i));
  if (others.length === 0) return view.add('identity', [first]);
  return others.reduce((value, other) => view.add('add', [value, other]), first);
}

/** The bias is [C], and channels may come first. @param {NodeView} view */
function addBias(view) {
  let bias = view.use(1);
  if (channelsFirst(view.node)) for (const axis of [1, 2]) bias = view.add('expand_dims', [bias], { axis });
  return view.add('add', [view.use(0), bias]);
}

/**
 * Select's condition may have fewer dimensions than the others: they are the first ones, not the last ones as in SelectV2.
 * @param {NodeView} view
 */
function selectRows(view) {
  const [condition, a, b] = [view.use(0), view.use(1), view.use(2)];
  const shape = view.add('shape', [condition]);
  const missing = view.add('sub', [view.add('shape', [view.add('shape', [a])]), view.add('shape', [shape])]);
  const ones = view.add('fill', [view.literal('int32', [1], []), missing]);
  const whole = view.add('reshape', [condition, view.add('concat', [shape, ones], { axis: 0 })]);
  return view.add('select', [whole, a, b]);
}
