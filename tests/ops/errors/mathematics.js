// The ops under "mathematics", "comparisons and logic", "reductions and scans".
import { input, integers, node } from './make.js';

/** @param {string} op @param {(import('../../../js/wasm.js').Dtype | 'float16')[]} dtypes @param {string} says @returns {import('./make.js').Wrong} */
const typed = (op, dtypes, says) => ({
  what: `${op} of ${dtypes.join(' and ')}`,
  code: 'unsupported',
  says: `node "it": ${op}: ${says}`,
  build: (g) =>
    g.node(
      op,
      'it',
      dtypes.map((dtype) => input(g, [2, 3], /** @type {'float32'} */ (dtype))),
      {},
    ),
});

/** @type {import('./make.js').Wrong[]} */
export const mathematics = [
  ...'leaky_relu log gelu asin'.split(' ').map(integers),
  ...'relu sign square'.split(' ').map((op) => typed(op, ['bool'], 'x is bool, only float32 and int32 are supported')),
  ...'atan2 div_no_nan'.split(' ').map((op) => typed(op, ['int32', 'int32'], 'a is int32, only float32 is supported')),
  { ...typed('less', ['int32', 'float32'], 'a is int32 and b float32'), code: 'bad-shape' },
  typed('logical_and', ['int32', 'int32'], 'it does not take int32'),
  typed('bitwise_or', ['bool', 'bool'], 'it does not take bool'),
  typed('equal', ['float16', 'float16'], 'it does not take float16'),
  typed('is_nan', ['int32'], 'x is int32 instead of float32'),
  typed('logical_not', ['float32'], 'x is float32 instead of bool'),
  { ...typed('select', ['int32', 'float32', 'float32'], 'the condition is int32 instead of bool'), code: 'bad-shape' },
  { ...typed('select', ['bool', 'float32', 'int32'], 'a is float32 and b int32'), code: 'bad-shape' },
  typed('select', ['bool', 'float16', 'float16'], 'it does not take float16'),
  ...'mean reduce_sum reduce_max cumsum'.split(' ').map((op) => typed(op, ['bool'], 'x is bool, only float32 and int32 are supported')),
  typed('reduce_any', ['float32'], 'x is float32 instead of bool'),
  typed('arg_min', ['bool'], 'x is bool, which has no order'),
  ...'log_softmax l2_normalize layer_norm lrn multinomial'.split(' ').map(integers),
  node('an axis of a sum that is not there', 'bad-shape', 'axis -3 of x with shape [2,3]', 'reduce_sum', [[2, 3]], { axes: [0, -3] }),
  node('an axis of a norm that is not there', 'bad-shape', 'axis 2 of x with shape [2,3]', 'l2_normalize', [[2, 3]], { axes: [2] }),
  node('an axis of arg_min that is not there', 'bad-shape', 'axis 2 of x with shape [2,3]', 'arg_min', [[2, 3]], { axis: 2 }),
  node('an axis of cumsum that is not there', 'bad-shape', 'axis 1 of x with shape [4]', 'cumsum', [[4]], { axis: 1 }),
  node('axes that are float32', 'unsupported', 'its axes are computed from data, or not int32', 'reduce_max', [[2, 3], [1]]),
  {
    what: 'axes that are computed',
    code: 'unsupported',
    says: 'its axes are computed from data, or not int32',
    build: (g) => g.node('mean', 'it', [input(g, [2, 3]), g.input('axes', 'int32', [1])], {}),
  },
  node('log_softmax of a scalar', 'bad-shape', 'x has no dimension', 'log_softmax', [[]]),
  node('layer_norm of more axes than there are', 'bad-shape', 'the last 3 axes of x with shape [2,3]', 'layer_norm', [[2, 3]], {
    n_axes: 3,
  }),
  node('layer_norm of no axis', 'bad-shape', 'the last 0 axes of x with shape [2,3]', 'layer_norm', [[2, 3]]),
  node(
    'a gamma of other size',
    'bad-shape',
    'gamma has shape [2], for the last 1 axes of x with shape [2,3]',
    'layer_norm',
    [[2, 3], [2]],
    {
      n_axes: 1,
    },
  ),
  node('a scalar', 'bad-shape', 'x has no dimension', 'lrn', [[]]),
  node('a negative radius', 'bad-model', 'its radius is -1', 'lrn', [[3]], { radius: -1 }),
  node('a kind of random numbers that there is not', 'bad-model', 'there is no kind 4 of random numbers', 'random', [], { kind: 4 }),
  node('uniform integers as float32', 'unsupported', 'random numbers of kind 3 as float32', 'random', [], { kind: 3, b: 2 }),
  node('integers between 3 and 3', 'bad-model', 'there is no int32 from 3 to below 3', 'random', [], { kind: 3, dtype: 1, a: 3, b: 3 }),
  node('random numbers of rank 9', 'bad-shape', 'its shape has 9 dimensions, at most 8 are possible', 'random', [], {
    shape: new Array(9).fill(1),
  }),
  node('random numbers of a computed shape', 'unsupported', 'its shape is computed from data, or not int32', 'random', [[2]]),
  node('logits of rank 1', 'bad-shape', 'x has shape [3] instead of [batch,classes]', 'multinomial', [[3]], { n_samples: 1 }),
  node('no classes', 'bad-shape', 'x has shape [3,0] instead of [batch,classes]', 'multinomial', [[3, 0]], { n_samples: 1 }),
  node('too many classes', 'unsupported', 'x has 20000000 classes, at most 16777216 are possible', 'multinomial', [[1, 20000000]], {
    n_samples: 1,
  }),
];
