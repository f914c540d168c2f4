// What layers and tables with int8 weights refuse, beyond what dense and conv2d do.
import { input, node, weight } from './make.js';

/** @type {import('./make.js').Wrong[]} */
export const dynamic = [
  node('int8 weights of groups', 'unsupported', '3 groups, with int8 weights one is supported', 'qd_conv2d', [[1, 5, 5, 6]], {}, [
    [1, 1, 2, 3],
  ]),
  node(
    'sums that int32 does not hold',
    'unsupported',
    'sums of 65537 products of bytes, at most 65536 are possible',
    'qd_dense',
    [[1, 65537]],
    {},
    [[65537, 2]],
  ),
  node('unequal depths', 'bad-shape', 'x has shape [2,3], w has 4 rows and 5 columns', 'qd_dense', [[2, 3]], {}, [[4, 5]]),
  node('qd_gather by floats', 'unsupported', 'indices is float32, only int32 is supported', 'qd_gather', [[3]], {}, [[4, 5]]),
  {
    what: 'a table that is computed',
    code: 'unsupported',
    says: 'its table is a value of float32, only constants of float32 are supported',
    build: (g) => g.node('qd_gather', 'it', [input(g, [2], 'int32'), input(g, [4, 5])], {}),
  },
  {
    what: 'a table of integers',
    code: 'unsupported',
    says: 'its table is a constant of int32, only constants of float32 are supported',
    build: (g) => g.node('qd_gather', 'it', [input(g, [2], 'int32'), g.constant('int32', [2, 2], Int32Array.of(1, 2, 3, 4))], {}),
  },
  {
    what: 'a table and indices of too many axes',
    code: 'bad-shape',
    says: 'a table of shape [1,1,1,1,1] by indices with shape [1,1,1,1,1]',
    build: (g) => g.node('qd_gather', 'it', [input(g, [1, 1, 1, 1, 1], 'int32'), weight(g, [1, 1, 1, 1, 1])], {}),
  },
];
