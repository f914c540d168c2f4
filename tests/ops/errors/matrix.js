// Matrix multiplication.
import { input, node } from './make.js';

/** @type {import('./make.js').Wrong[]} */
export const matrix = [
  node('a product with a vector', 'bad-shape', 'b has shape [3] instead of a matrix', 'batch_matmul', [[2, 3], [3]]),
  node('a product of a scalar', 'bad-shape', 'a has shape [] instead of a matrix', 'batch_matmul', [[], [3, 2]]),
  node('a product of unequal depths', 'bad-shape', 'a of [2,3] by b of [4,5]: rows of 3 elements by columns of 4', 'batch_matmul', [
    [2, 3],
    [4, 5],
  ]),
  node(
    'a transposed product of unequal depths',
    'bad-shape',
    'a of [2,3] by b of [5,4]: rows of 3 elements by columns of 5',
    'batch_matmul',
    [
      [3, 2],
      [4, 5],
    ],
    { transpose_a: 1, transpose_b: 1 },
  ),
  node('products that do not broadcast', 'bad-shape', 'shapes [2] and [3] do not broadcast: 2 against 3', 'batch_matmul', [
    [2, 3, 4],
    [3, 4, 5],
  ]),
  node(
    'a permutation of other axes',
    'bad-model',
    'its perm_a is no permutation of 2 axes',
    'batch_matmul',
    [
      [2, 3],
      [3, 5],
    ],
    { perm_a: [0, 1, 2] },
  ),
  node(
    'a permutation with an axis twice',
    'bad-model',
    'its perm_b is no permutation of 2 axes',
    'batch_matmul',
    [
      [2, 3],
      [3, 5],
    ],
    { perm_b: [1, 1] },
  ),
  node(
    'a permutation of the result to an axis that is not there',
    'bad-model',
    'its perm_y is no permutation of 2 axes',
    'batch_matmul',
    [
      [2, 3],
      [3, 5],
    ],
    { perm_y: [-1, 0] },
  ),
  {
    what: 'a product of two dtypes',
    code: 'unsupported',
    says: 'it multiplies float32 by int32',
    build: (g) => g.node('batch_matmul', 'it', [input(g, [2, 3]), input(g, [3, 2], 'int32')], {}),
  },
  {
    what: 'a product of bytes',
    code: 'unsupported',
    says: 'it multiplies uint8 by uint8',
    build: (g) => g.node('batch_matmul', 'it', [input(g, [2, 3], 'uint8'), input(g, [3, 2], 'uint8')], {}),
  },
  node('attention of a vector', 'bad-shape', 'k has shape [3] instead of a matrix', 'attention', [[2, 3], [3], [2, 3]]),
  node('attention of queries and keys that differ', 'bad-shape', 'queries of 3 elements by keys of 4', 'attention', [
    [2, 3],
    [5, 4],
    [5, 3],
  ]),
  node('attention of keys without values', 'bad-shape', '5 keys have 6 values', 'attention', [
    [2, 3],
    [5, 3],
    [6, 3],
  ]),
  node('attention of heads that do not broadcast', 'bad-shape', 'shapes [2] and [3] do not broadcast: 2 against 3', 'attention', [
    [2, 4, 3],
    [2, 5, 3],
    [3, 5, 3],
  ]),
  node('attention with the mask of other keys', 'bad-shape', 'shapes [2,5] and [4] do not broadcast: 5 against 4', 'attention', [
    [2, 3],
    [5, 3],
    [5, 3],
    [4],
  ]),
  node('attention with a mask of more rows', 'bad-shape', 'its mask has shape [3,2,5], its scores [1,5]', 'attention', [
    [1, 3],
    [5, 3],
    [5, 3],
    [3, 2, 5],
  ]),
  node('attention with a factor of more columns', 'bad-shape', 'its factor has shape [4], its scores [2,1]', 'attention', [
    [2, 3],
    [1, 3],
    [1, 3],
    [2, 1],
    [4],
  ]),
  node(
    'attention in another order of other axes',
    'bad-model',
    'its perm_v is no permutation of 2 axes',
    'attention',
    [
      [2, 3],
      [5, 3],
      [5, 3],
    ],
    { perm_v: [0, 2] },
  ),
  {
    what: 'attention of integers',
    code: 'unsupported',
    says: 'attention: v is int32, only float32 is supported',
    build: (g) => g.node('attention', 'it', [input(g, [2, 3]), input(g, [5, 3]), input(g, [5, 3], 'int32')], {}),
  },
];
