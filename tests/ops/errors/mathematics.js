// The ops under "mathematics", "comparisons and logic", "reductions and scans".
import { input, integers } from './make.js';

/** @param {string} op @param {import('../../../js/wasm.js').Dtype[]} dtypes @param {string} says @returns {import('./make.js').Wrong} */
const typed = (op, dtypes, says) => ({
  what: `${op} of ${dtypes.join(' and ')}`,
  code: 'unsupported',
  says: `node "it": ${op}: ${says}`,
  build: (g) =>
    g.node(
      op,
      'it',
      dtypes.map((dtype) => input(g, [2, 3], dtype)),
      {},
    ),
});

/** @type {import('./make.js').Wrong[]} */
export const mathematics = [
  ...'leaky_relu log gelu asin'.split(' ').map(integers),
  ...'relu sign square'.split(' ').map((op) => typed(op, ['bool'], 'x is bool, only float32 and int32 are supported')),
];
