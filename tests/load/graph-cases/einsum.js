// Einsum: [title, op, inputs, attributes, constants, expected nodes]. tests/load/graph-agreement.test.js runs them.
import { attr } from '../helpers.js';

const of = (equation) => ({ equation: attr.s(equation) });
const plain = { transpose_a: 0, transpose_b: 0 };
const swapped = { transpose_a: 0, transpose_b: 1 };
const slice = (begin, size) => ({ axes: [0], begin: [begin], size: [size] });
const one = (title, equation, expected) => [title, 'Einsum', ['x'], of(equation), {}, expected];
const two = (title, equation, expected, consts = {}, inputs = ['x', 'z']) => [title, 'Einsum', inputs, of(equation), consts, expected];

export const rows = [
  one('of one operand is a transpose', 'ab -> ba', [['transpose', ['x'], { perm: [1, 0] }]]),
  one('sums what the result does not have', 'abc->ca', [
    ['reduce_sum', ['x'], { axes: [1], keep_dims: 0 }],
    ['transpose', ['y:reduce_sum.0'], { perm: [1, 0] }],
  ]),
  two('is a matmul', 'ab,bc->ac', [['batch_matmul', ['x', 'z'], plain]]),
  two('is a matmul of a transposed right side', 'ab,cb->ac', [['batch_matmul', ['x', 'z'], swapped]]),
  two('transposes what a matmul does not', 'ba,bc->ca', [
    ['transpose', ['x'], { perm: [1, 0] }],
    ['batch_matmul', ['y:transpose.0', 'z'], plain],
    ['transpose', ['y:batch_matmul.1'], { perm: [1, 0] }],
  ]),
  two('keeps any number of rows', 'abc,cd->abd', [['batch_matmul', ['x', 'w'], plain]], { w: ['float32', [4, 5]] }, ['x', 'w']),
  two(
    'projects to heads',
    'abc,cde->abde',
    [
      ['reshape', ['w'], { shape: [4, 10] }],
      ['batch_matmul', ['x', 'y:reshape.0'], plain],
      ['shape', ['x'], {}],
      ['slice', ['y:shape.2'], slice(0, 2)],
      ['concat', ['y:slice.3', ':literal.0', ':literal.1'], { axis: 0 }],
      ['reshape', ['y:batch_matmul.1', 'y:concat.4'], {}],
    ],
    { w: ['float32', [4, 2, 5]] },
    ['x', 'w'],
  ),
  two(
    'projects from heads',
    'abcd,cde->abe',
    [
      ['shape', ['x'], {}],
      ['slice', ['y:shape.0'], slice(0, 1)],
      ['shape', ['x'], {}],
      ['slice', ['y:shape.2'], slice(1, 1)],
      ['shape', ['x'], {}],
      ['slice', ['y:shape.4'], slice(2, 2)],
      ['reduce_prod', ['y:slice.5'], { axes: [0], keep_dims: 1 }],
      ['concat', ['y:slice.1', 'y:slice.3', 'y:reduce_prod.6'], { axis: 0 }],
      ['reshape', ['x', 'y:concat.7'], {}],
      ['reshape', ['w'], { shape: [8, 5] }],
      ['batch_matmul', ['y:reshape.8', 'y:reshape.9'], plain],
    ],
    { w: ['float32', [2, 4, 5]] },
    ['x', 'w'],
  ),
  two('has scores of attention', 'aecd,abcd->acbe', [
    ['transpose', ['x'], { perm: [0, 2, 1, 3] }],
    ['transpose', ['z'], { perm: [0, 2, 3, 1] }],
    ['batch_matmul', ['y:transpose.0', 'y:transpose.1'], plain],
    ['transpose', ['y:batch_matmul.2'], { perm: [0, 1, 3, 2] }],
  ]),
  two('has the weighted sum of attention', 'acbe,aecd->abcd', [
    ['transpose', ['z'], { perm: [0, 2, 1, 3] }],
    ['batch_matmul', ['x', 'y:transpose.0'], plain],
    ['transpose', ['y:batch_matmul.1'], { perm: [0, 2, 1, 3] }],
  ]),
  two('sums first what only one operand has', 'abe,bc->ac', [
    ['reduce_sum', ['x'], { axes: [2], keep_dims: 0 }],
    ['batch_matmul', ['y:reduce_sum.0', 'z'], plain],
  ]),
  two('without a sum is a product', 'ab,bc->bac', [
    ['transpose', ['x'], { perm: [1, 0] }],
    ['expand_dims', ['y:transpose.0'], { axis: -1 }],
    ['expand_dims', ['z'], { axis: 1 }],
    ['mul', ['y:expand_dims.1', 'y:expand_dims.2'], {}],
  ]),
  two('of vectors is a matmul of a row and a column', 'a,a->', [
    ['shape', ['x'], {}],
    ['slice', ['y:shape.0'], slice(0, 1)],
    ['concat', [':literal.0', 'y:slice.1'], { axis: 0 }],
    ['reshape', ['x', 'y:concat.2'], {}],
    ['shape', ['z'], {}],
    ['slice', ['y:shape.4'], slice(0, 1)],
    ['concat', [':literal.0', 'y:slice.5'], { axis: 0 }],
    ['reshape', ['z', 'y:concat.6'], {}],
    ['batch_matmul', ['y:reshape.3', 'y:reshape.7'], swapped],
    ['reshape', ['y:batch_matmul.8'], { shape: [] }],
  ]),
];

const refused = (title, equation, code, message, input = ['x', 'z'], consts = {}) => [
  title,
  'Einsum',
  input,
  of(equation),
  consts,
  code,
  message,
];

export const refusals = [
  refused('an ellipsis', '...a,ab->...b', 'unsupported', /ellipsis/),
  refused('a diagonal', 'aa->a', 'unsupported', /repeated/, ['x']),
  refused('no result', 'ab,bc', 'bad-model', /equation/),
  refused('three terms for two operands', 'ab,bc,cd->ad', 'bad-model', /equation/),
  refused('one term for two operands', 'ab->ba', 'bad-model', /2 inputs/),
  refused('a result from nowhere', 'ab,bc->ad', 'bad-model', /index d/),
  refused('a term that is too short', 'ab,bc->ac', 'bad-model', /operand 1 has 3 dimensions/, ['x', 'w'], { w: ['float32', [1, 2, 3]] }),
];
