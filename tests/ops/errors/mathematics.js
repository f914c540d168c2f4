// The ops under "mathematics", "comparisons and logic", "reductions and scans".
import { input, integers } from './make.js';

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
];
