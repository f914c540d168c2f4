// Cases of the ops that make shapes and constants, and of those that move data.

import { known } from './make.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes, Dtype } from '../reference/tensor.js' */

const DTYPES = /** @type {Dtype[]} */ (['float32', 'int32', 'bool', 'uint8', 'int8']);
const count = (/** @type {number[]} */ shape) => shape.reduce((n, dim) => n * dim, 1);

/** @param {number} value @param {Dtype} [dtype] @returns {Operand} */
const scalar = (value, dtype = 'float32') => ({ shape: [], dtype, values: [value] });
/** @param {Operand} operand @returns {Operand} */
const constant = (operand) => ({ ...operand, from: 'constant' });
/** @param {number[]} shape @param {Dtype} [dtype] @returns {Operand} */
const data = (shape, dtype = 'float32') => ({ shape, dtype, fill: 'specials' });
/** @param {number[]} shape @param {number} below  random-looking values 0 … below - 1 @returns {Operand} */
const indices = (shape, below) => ({
  shape,
  dtype: 'int32',
  values: Array.from({ length: count(shape) }, (_, i) => (i * 7919 + ((i * i) % 31)) % below),
});

/**
 * The same case with its list as attribute, and as input `at`.
 * @param {string} name @param {Operand} x @param {string} attribute @param {number[]} values @param {Attributes} [others]
 * @param {number[]} [shape]  Of the input.
 * @returns {Case[]}
 */
const both = (name, x, attribute, values, others = {}, shape = [values.length]) => [
  { name: `${name}, attribute`, inputs: [x], attributes: { ...others, [attribute]: values } },
  { name: `${name}, input`, inputs: [x, known(values, shape)], attributes: others },
];

/** @type {Case[]} */
export const shape = [[], [1], [7], [2, 3], [0, 3], [1, 2, 3, 4, 5, 6, 7, 8]].flatMap((dims, i) => [
  { name: `of [${dims}]`, inputs: [data(dims, DTYPES[i % 5])] },
  { name: `of a constant [${dims}]`, inputs: [{ shape: dims, from: 'constant' }] },
]);

/** @type {Case[]} */
export const broadcast_args = [
  [[], []],
  [[3], []],
  [[], [2, 3]],
  [
    [2, 3],
    [2, 3],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [
    [5, 1, 3],
    [4, 1],
  ],
  [[1], [7, 0, 2]],
  [[0], [1]],
].flatMap(([a, b]) => [
  {
    name: `[${a}] and [${b}], inputs`,
    inputs: [
      { ...known(a), from: 'input' },
      { ...known(b), from: 'input' },
    ],
  },
  { name: `[${a}] and [${b}], known`, inputs: [known(a), known(b)] },
]);

/** @type {Case[]} */
export const fill = [
  ...DTYPES.flatMap((dtype) => both(dtype, scalar(1, dtype), 'shape', [3, 5])),
  ...both('NaN', scalar(NaN), 'shape', [2, 2]),
  ...both('-0', constant(scalar(-0)), 'shape', [70]),
  ...both('a value of shape [1,1]', { shape: [1, 1], values: [7] }, 'shape', [2, 3, 4]),
  ...both('a scalar', scalar(7), 'shape', []),
  ...both('nothing', scalar(7), 'shape', [2, 0]),
  ...both('of rank 8', scalar(7, 'int8'), 'shape', [1, 2, 1, 2, 1, 2, 1, 3]),
  ...both('many', scalar(0.1), 'shape', [300, 1001]),
  ...both('many bytes', scalar(200, 'uint8'), 'shape', [300, 1001]),
];

/** @param {number} start @param {number} limit @param {number} delta @param {Dtype} dtype @returns {Case} */
const series = (start, limit, delta, dtype) => ({
  name: `${dtype} from ${start} to ${limit} by ${delta}`,
  inputs: [start, limit, delta].map((value) => constant(scalar(value, dtype))),
});

/** @type {Case[]} */
export const range = [
  ...DTYPES.slice(0, 2).flatMap((dtype) => [
    series(0, 5, 1, dtype),
    series(0, 0, 1, dtype),
    series(5, 0, 1, dtype),
    series(0, 5, -1, dtype),
    series(5, -3, -2, dtype),
    series(3, 18, 4, dtype),
    series(-3, 200, 1, dtype),
    series(0, 3, 100, dtype),
  ]),
  series(2147483640, 2147483647, 3, 'int32'),
  series(-2147483648, 2147483647, 2147483647, 'int32'),
  series(0, 1, 0.1, 'float32'),
  series(0, 0.3, 0.1, 'float32'),
  series(1, -1, -0.125, 'float32'),
  series(0, 100000, 1, 'int32'),
];

/** @type {Case[]} */
export const linspace = [
  .../** @type {[number, number, number][]} */ ([
    [0, 1, 1],
    [0, 1, 2],
    [-1, 1, 9],
    [3, -7, 11],
    [0.1, 0.7, 100],
    [5, 5, 4],
    [1e20, -1e20, 7],
  ]).flatMap(([start, stop, n]) => [
    { name: `${start} to ${stop}, ${n}`, inputs: [scalar(start), scalar(stop)], attributes: { n } },
    { name: `${start} to ${stop}, ${n} by input`, inputs: [constant(scalar(start)), scalar(stop), known([n], [])] },
  ]),
];

/** @param {Operand} x @param {number} depth @param {number} axis @param {Dtype} [dtype] @returns {Case[]} */
const hot = (x, depth, axis, dtype = 'float32') => [
  {
    name: `${dtype} [${x.shape}], depth ${depth} at ${axis}`,
    inputs: [x, scalar(1, dtype), scalar(0, dtype)],
    attributes: { depth, axis },
  },
  {
    name: `${dtype} [${x.shape}], depth ${depth} at ${axis} by input`,
    inputs: [x, constant(scalar(3, dtype)), constant(scalar(2, dtype)), known([depth], [])],
    attributes: { axis },
  },
];

/** @type {Case[]} */
export const one_hot = [
  ...hot(indices([], 5), 5, -1),
  ...hot(indices([4], 5), 5, -1),
  ...hot(indices([4], 5), 5, 0),
  ...hot(indices([3, 4], 5), 5, -1),
  ...hot(indices([3, 4], 5), 5, 1),
  ...hot(indices([3, 4], 5), 5, 0),
  ...hot(indices([3, 4], 5), 0, 0),
  ...hot(indices([0, 4], 5), 5, 2),
  ...hot(indices([1, 2, 1, 2, 1, 2, 1], 2), 2, 3),
  ...hot({ shape: [6], dtype: 'int32', values: [-1, 0, 4, 5, 2147483647, -2147483648] }, 5, -1),
  ...DTYPES.slice(1).flatMap((dtype) => hot(indices([7], 3), 3, -1, dtype === 'bool' ? 'uint8' : dtype)),
  { name: 'bool', inputs: [indices([7], 3), scalar(1, 'bool'), scalar(0, 'bool')], attributes: { depth: 3, axis: -1 } },
  ...hot(indices([5000], 30), 30, -1),
];

/** @param {number[]} x @param {number[]} perm @param {Dtype} [dtype] @returns {Case[]} */
const turned = (x, perm, dtype = 'float32') => both(`${dtype} [${x}] by [${perm}]`, data(x, dtype), 'perm', perm);

/** @type {Case[]} */
export const transpose = [
  ...DTYPES.flatMap((dtype) => [
    ...turned([3, 5], [1, 0], dtype),
    ...turned([33, 70], [1, 0], dtype),
    ...turned([2, 9, 7, 5], [0, 3, 1, 2], dtype),
    ...turned([2, 5, 9, 7], [0, 2, 3, 1], dtype),
    ...turned([2, 7, 4, 8], [0, 2, 1, 3], dtype),
    ...turned([3, 4, 5], [2, 1, 0], dtype),
    ...turned([3, 4, 5], [], dtype),
  ]),
  ...turned([], []),
  ...turned([4], [0]),
  ...turned([4], [-1]),
  ...turned([3, 4], [-1, -2]),
  ...turned([3, 4], [0, 1]),
  ...turned([0, 4], [1, 0]),
  ...turned([4, 1], [1, 0]),
  ...turned([1, 4, 1, 5], [3, 2, 1, 0]),
  ...turned([2, 3, 4, 5], [3, 2, 1, 0]),
  ...turned([2, 3, 4, 5], [1, 3, 0, 2]),
  ...turned([2, 3, 2, 3, 2, 3, 2, 3], [7, 0, 6, 1, 5, 2, 4, 3]),
  ...turned([2, 3, 2, 3, 2, 3, 2, 3], [1, 0, 3, 2, 5, 4, 7, 6]),
  ...[1, 2, 3, 4, 5, 31, 32, 33, 63, 65].flatMap((n) => [...turned([n, 6], [1, 0]), ...turned([7, n], [1, 0])]),
  ...turned([1, 120, 121, 3], [0, 3, 1, 2]),
  ...turned([1, 3, 120, 121], [0, 2, 3, 1]),
  ...turned([1, 40, 41, 64], [0, 3, 1, 2]),
  ...turned([1, 64, 40, 41], [0, 2, 3, 1]),
  ...turned([1, 384, 4, 32], [0, 2, 1, 3]),
  ...turned([1, 384, 4, 32], [0, 2, 3, 1]),
  ...turned([100000, 3], [1, 0]),
];

/** @type {Case[]} */
export const reverse = [
  .../** @type {[number[], number[]][]} */ ([
    [[], []],
    [[5], []],
    [[5], [0]],
    [[5], [-1]],
    [[3, 4], [0]],
    [[3, 4], [1]],
    [
      [3, 4],
      [0, 1],
    ],
    [
      [2, 3, 4, 5],
      [1, 2],
    ],
    [
      [2, 3, 4, 5],
      [3, 0],
    ],
    [[0, 4], [1]],
    [
      [2, 2, 2, 2, 2, 2, 2, 2],
      [1, 3, 5, 7],
    ],
    [[200, 301], [0]],
    [[200, 301], [1]],
  ]).flatMap(([x, axes]) =>
    DTYPES.slice(0, x.length === 2 ? 5 : 1).map((dtype) => ({
      name: `${dtype} [${x}] along [${axes}]`,
      inputs: [data(x, dtype)],
      attributes: { axes },
    })),
  ),
];

/** @type {Case[]} */
export const split = [
  .../** @type {[number[], number, number, number, Dtype?][]} */ ([
    [[6], 0, 3, 0],
    [[6], 0, 3, 2],
    [[6], -1, 6, 5],
    [[6], 0, 1, 0],
    [[4, 6], 1, 2, 1],
    [[4, 6], 0, 2, 1],
    [[4, 6, 5], 1, 3, 1, 'int32'],
    [[4, 6, 5], -2, 3, 2, 'int8'],
    [[4, 6], 1, 3, 1, 'bool'],
    [[4, 6], 1, 6, 3, 'uint8'],
    [[0, 6], 1, 2, 1],
    [[6, 0], 1, 2, 1],
    [[300, 402], 1, 2, 1],
  ]).map(([x, axis, parts, index, dtype]) => ({
    name: `${dtype} [${x}] along ${axis}: ${index} of ${parts}`,
    inputs: [data(x, dtype)],
    attributes: { axis, parts, index },
  })),
];

/** @param {number[]} x @param {number[]} multiples @param {Dtype} [dtype] @returns {Case[]} */
const repeated = (x, multiples, dtype = 'float32') => both(`${dtype} [${x}] by [${multiples}]`, data(x, dtype), 'multiples', multiples);

/** @type {Case[]} */
export const tile = [
  ...repeated([], []),
  ...repeated([3], [1]),
  ...repeated([3], [4]),
  ...repeated([3], [0]),
  ...repeated([1], [40]),
  ...repeated([2, 3], [1, 4]),
  ...repeated([2, 3], [4, 1]),
  ...repeated([2, 1], [1, 5]),
  ...repeated([0, 3], [2, 2]),
  ...repeated([1, 1, 1, 5], [1, 6, 7, 1]),
  ...repeated([2, 1, 2, 1, 2, 1, 2, 1], [2, 2, 2, 2, 2, 2, 2, 2]),
  ...DTYPES.slice(1).flatMap((dtype) => repeated([3, 5], [2, 3], dtype)),
  ...repeated([1, 1000], [300, 1]),
];

/** @param {number[]} x @param {number[]} to @param {Dtype} [dtype] @returns {Case[]} */
const spread = (x, to, dtype = 'float32') => both(`${dtype} [${x}] to [${to}]`, data(x, dtype), 'shape', to);

/** @type {Case[]} */
export const broadcast_to = [
  ...spread([], []),
  ...spread([], [3]),
  ...spread([], [2, 3]),
  ...spread([3], [3]),
  ...spread([1], [3]),
  ...spread([3], [2, 3]),
  ...spread([2, 1], [2, 3]),
  ...spread([1, 3], [2, 3]),
  ...spread([1, 3], [0, 3]),
  ...spread([0], [4, 0]),
  ...spread([4, 1, 5, 1], [2, 4, 3, 5, 6]),
  ...spread([2, 1, 2, 1, 2, 1, 2, 1], [2, 3, 2, 3, 2, 3, 2, 3]),
  ...DTYPES.slice(1).flatMap((dtype) => spread([3, 1], [2, 3, 4], dtype)),
  ...spread([1000], [300, 1000]),
];

/** @typedef {{ begin_mask?: number, end_mask?: number, ellipsis_mask?: number, new_axis_mask?: number, shrink_axis_mask?: number }} Masks */
/**
 * @param {number[]} x @param {number[]} begin @param {number[]} end @param {number[]} strides @param {Masks} [masks] @param {Dtype} [dtype]
 * @returns {Case[]}
 */
function cut(x, begin, end, strides, masks = {}, dtype = 'float32') {
  const name = `${dtype} [${x}] from [${begin}] to [${end}] by [${strides}], ${JSON.stringify(masks)}`;
  return [
    { name, inputs: [data(x, dtype)], attributes: { begin, end, strides, ...masks } },
    { name: `${name}, inputs`, inputs: [data(x, dtype), known(begin), known(end), known(strides)], attributes: masks },
  ];
}

/** @type {Case[]} */
export const strided_slice = [
  ...cut([], [], [], []),
  ...cut([5], [], [], []),
  ...cut([5], [1], [4], [1]),
  ...cut([5], [1], [5], [2]),
  ...cut([5], [-2], [5], [1]),
  ...cut([5], [0], [-1], [1]),
  ...cut([5], [4], [0], [-1]),
  ...cut([5], [-1], [-100], [-2]),
  ...cut([5], [100], [-100], [-1]),
  ...cut([5], [-100], [100], [3]),
  ...cut([5], [3], [2], [1]),
  ...cut([5], [2], [3], [-1]),
  ...cut([5], [5], [5], [1]),
  ...cut([5], [3], [0], [1], { end_mask: 1 }),
  ...cut([5], [3], [4], [1], { begin_mask: 1 }),
  ...cut([5], [3], [4], [-1], { begin_mask: 1, end_mask: 1 }),
  ...cut([5], [3], [4], [-3], { begin_mask: 1, end_mask: 1 }),
  ...cut([5], [3], [0], [1], { shrink_axis_mask: 1 }),
  ...cut([5], [-1], [0], [1], { shrink_axis_mask: 1 }),
  ...cut([5], [2], [0], [1], { shrink_axis_mask: 1, begin_mask: 1, end_mask: 1 }),
  ...cut([5], [0], [0], [1], { new_axis_mask: 1 }),
  ...cut([5], [0], [0], [1], { ellipsis_mask: 1 }),
  ...cut([3, 4], [1], [2], [1]),
  ...cut([3, 4], [1, 1], [3, 3], [1, 1]),
  ...cut([3, 4], [2, 3], [0, 0], [-1, -2]),
  ...cut([3, 4], [1, 1], [2, 3], [1, 1], { shrink_axis_mask: 1 }),
  ...cut([3, 4], [1, 1], [2, 3], [1, 1], { shrink_axis_mask: 3 }),
  ...cut([3, 4], [0, 1], [0, 2], [1, 1], { new_axis_mask: 1 }),
  ...cut([3, 4, 5], [0, 1], [0, 3], [1, 1], { ellipsis_mask: 1 }),
  ...cut([3, 4, 5], [1, 0, 1], [2, 0, 3], [1, 1, 1], { ellipsis_mask: 2 }),
  ...cut([3, 4, 5], [1, 0, 0, 1], [2, 0, 0, 3], [1, 1, 1, 2], { ellipsis_mask: 2, new_axis_mask: 4 }),
  ...cut([3, 4, 5], [0, 1, 2, 1], [0, 0, 0, 0], [1, 1, 1, 1], { new_axis_mask: 1, shrink_axis_mask: 14 }),
  ...cut([3, 4, 5], [1, 2, 0], [2, 3, 0], [1, 1, 1], { ellipsis_mask: 4, shrink_axis_mask: 2 }),
  ...cut([3, 4], [1, 0, 1], [2, 0, 3], [1, 1, 1], { ellipsis_mask: 2 }),
  ...cut([0, 4], [0, 1], [0, 3], [1, 1], { begin_mask: 1, end_mask: 1 }),
  ...cut([2, 3, 2, 3, 2, 3, 2, 3], [0, 2, 0, 0], [0, 0, 2, 3], [1, -1, 1, 2], { ellipsis_mask: 1 }),
  ...DTYPES.slice(1).flatMap((dtype) => cut([4, 7], [3, 1], [0, 7], [-2, 2], {}, dtype)),
  ...cut([1, 64, 64, 8], [0, 0, 0, 0], [0, 0, 0, 0], [1, 2, 2, 1], { begin_mask: 15, end_mask: 15 }),
  ...cut([300, 1001], [0, 1], [300, 1001], [1, 2]),
];

/** @type {Case[]} */
export const mirror_pad = [
  .../** @type {[number[], number[], number, Dtype?][]} */ ([
    [[], [], 0],
    [[], [], 1],
    [[3], [0, 0], 0],
    [[3], [2, 2], 0],
    [[3], [3, 3], 1],
    [[1], [1, 1], 1],
    [[4], [0, 3], 0],
    [[3, 4], [1, 1, 2, 3], 0],
    [[3, 4], [1, 2, 4, 3], 1],
    [[3, 4], [2, 0, 0, 0], 0],
    [[1, 5, 6, 3], [0, 0, 2, 1, 3, 2, 0, 0], 0],
    [[1, 5, 6, 3], [0, 0, 5, 1, 3, 6, 0, 0], 1],
    [[2, 5, 6, 3], [1, 0, 0, 0, 0, 0, 0, 2], 0],
    [[0, 3], [0, 0, 1, 1], 0],
    [[2, 2, 2, 2, 2, 2, 2, 2], [1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0], 0],
    [[1, 100, 100, 3], [0, 0, 3, 3, 3, 3, 0, 0], 0],
    .../** @type {[number[], number[], number, Dtype][]} */ (DTYPES.slice(1).map((dtype) => [[3, 5], [1, 1, 2, 2], 1, dtype])),
  ]).flatMap(([x, paddings, symmetric, dtype]) =>
    both(`${dtype} [${x}] by [${paddings}], ${symmetric}`, data(x, dtype), 'paddings', paddings, { symmetric }, [x.length, 2]),
  ),
];

/** @param {number[]} params @param {number[]} index @param {number} axis @param {number} [batch_dims] @param {Dtype} [dtype] @returns {Case} */
const taken = (params, index, axis, batch_dims = 0, dtype = 'float32') => ({
  name: `${dtype} [${params}] along ${axis} by [${index}], ${batch_dims} batch`,
  inputs: [data(params, dtype), indices(index, Math.max(1, params.at(axis) ?? 1))],
  attributes: { axis, batch_dims },
});

/** @type {Case[]} */
export const gather = [
  taken([5], [], 0),
  taken([5], [3], 0),
  taken([5], [2, 3], 0),
  taken([5, 4], [3], 0),
  taken([5, 4], [3], 1),
  taken([5, 4], [3], -1),
  taken([5, 4], [], 1),
  taken([3, 5, 4], [2, 2], 1),
  taken([3, 5, 4], [2, 0], 1),
  taken([3, 0, 4], [0], 1),
  taken([0, 5, 4], [3], 1),
  taken([3, 5], [3, 2], 1, 1),
  taken([3, 5, 4], [3, 2], 1, 1),
  taken([3, 5, 4], [3, 2], 2, 1),
  taken([3, 5, 4, 2], [3, 5, 6], 2, 2),
  taken([3, 5, 4], [3, 5], 2, 2),
  taken([3, 5, 4, 2], [3, 6], 2, -1),
  taken([3, 5, 4, 2], [3, 5], 2, -1),
  taken([2, 2, 2, 2, 2], [2, 1, 2, 1], 3),
  ...DTYPES.slice(1).map((dtype) => taken([6, 7], [4], 0, 0, dtype)),
  ...DTYPES.slice(1).map((dtype) => taken([6, 7], [4], 1, 0, dtype)),
  taken([1000, 32], [4000], 0),
  taken([200, 1000], [700], 1),
  { name: 'of a constant', inputs: [{ shape: [300, 9], from: 'constant' }, indices([2, 8], 300)] },
  { name: 'known', inputs: [known([7, 8, 9]), known([2, 0])] },
];

/** @param {number[]} to @param {number[]} index @param {Dtype} [dtype] @param {number[]} [values] @returns {Case[]} */
function scatters(to, index, dtype = 'float32', values) {
  const depth = index.at(-1) ?? 0;
  const positions = values ?? Array.from({ length: count(index) }, (_, i) => (i * 7919 + Math.floor(i / depth)) % to[i % depth]);
  /** @type {Operand[]} */
  const inputs = [
    { shape: index, dtype: 'int32', values: positions },
    { shape: [...index.slice(0, -1), ...to.slice(depth)], dtype },
  ];
  const name = `${dtype} [${to}] by [${index}], ${positions.slice(0, 8)}`;
  return [
    { name, inputs, attributes: { shape: to } },
    { name: `${name}, input`, inputs: [...inputs, known(to)] },
  ];
}

const SCATTERED = [
  ...scatters([5], [1], 'float32', [3]),
  ...scatters([5], [4, 1], 'float32', [3, 0, 4, 3]),
  ...scatters([5, 3], [2, 1], 'float32', [4, 1]),
  ...scatters([5, 3], [2, 2, 2]),
  ...scatters([5, 3], [0, 2]),
  ...scatters([5, 3], [2, 0]),
  ...scatters([5, 0], [2, 1]),
  ...scatters([], [3, 0]),
  ...scatters([3, 4, 5], [6, 2], 'int32'),
  ...scatters([3, 4, 5], [2, 3, 1]),
  ...scatters([2, 2, 2, 2, 2, 2, 2, 2], [9, 8]),
  ...scatters([100, 1000], [300, 1]),
];

/** @type {Case[]} */
export const scatter_nd = SCATTERED;

/** @type {Case[]} */
export const tensor_scatter = [
  ...SCATTERED.filter(({ attributes }) => attributes !== undefined).flatMap(({ name, inputs, attributes }) =>
    [0, 1, 2, 3].map((mode) => ({
      name: `${name}, mode ${mode}`,
      inputs: [{ .../** @type {Operand} */ (inputs[1]), shape: /** @type {number[]} */ (attributes?.shape) }, ...inputs],
      attributes: { mode },
    })),
  ),
  ...[0, 2, 3].map((mode) => ({
    name: `specials, mode ${mode}`,
    inputs: [data([40]), indices([30, 1], 40), data([30])],
    attributes: { mode },
  })),
  ...DTYPES.slice(2).map((dtype) => ({ name: dtype, inputs: [data([5, 3], dtype), indices([2, 1], 5), data([2, 3], dtype)] })),
];

/** @param {number[]} to @param {Operand} at @param {Operand} values @param {Operand | null} [fallback] @returns {Case[]} */
const sparse = (to, at, values, fallback) => {
  const name = `[${to}] at [${at.shape}] ${at.values}, ${values.dtype} [${values.shape}], ${fallback?.values}`;
  return [
    { name, inputs: fallback === undefined ? [at, values] : [at, values, fallback], attributes: { shape: to } },
    { name: `${name}, input`, inputs: [at, values, fallback ?? null, known(to)] },
  ];
};

/** @type {Case[]} */
export const sparse_to_dense = [
  ...sparse([5], known([3], []), scalar(7)),
  ...sparse([5], known([3, 1]), data([2])),
  ...sparse([5], known([3, 1]), scalar(7), scalar(-1)),
  ...sparse([5], known([3, 3, 3]), { shape: [3], values: [1, 2, 3] }),
  ...sparse([3, 4], known([0, 1, 2, 3], [2, 2]), data([2]), scalar(NaN)),
  ...sparse([3, 4], known([], [0, 2]), data([0]), scalar(2)),
  ...sparse([3, 0], known([], [0, 2]), data([0]), scalar(2)),
  ...sparse([2, 3, 4], known([0, 0, 0, 1, 2, 3], [2, 3]), data([2])),
  ...DTYPES.slice(1).flatMap((dtype) => sparse([3, 4], known([0, 1, 2, 3], [2, 2]), data([2], dtype), scalar(1, dtype))),
];

/** @type {Case[]} */
export const matrix_band_part = [
  ...[
    [1, 1],
    [5, 5],
    [4, 7],
    [7, 4],
    [2, 3, 4, 4],
    [0, 4],
    [3, 0],
  ].flatMap((x) =>
    [
      [0, 0],
      [-1, 0],
      [0, -1],
      [-1, -1],
      [1, 2],
      [2, 1],
      [100, 1],
    ].flatMap(([lower, upper]) => [
      { name: `[${x}], ${lower} below, ${upper} above`, inputs: [data(x)], attributes: { lower, upper } },
      { name: `[${x}], ${lower} below, ${upper} above, inputs`, inputs: [data(x), known([lower], []), known([upper], [])] },
    ]),
  ),
  ...DTYPES.slice(1).map((dtype) => ({ name: dtype, inputs: [data([5, 6], dtype)], attributes: { lower: 1, upper: 2 } })),
];

/** @type {Case[]} */
export const bincount = [[0], [1], [20], [1000], [3, 0], [0, 3], [3, 20], [1, 300]].flatMap((x) =>
  [0, 1].flatMap((binary) => [
    { name: `[${x}], binary ${binary}`, inputs: [indices(x, 9)], attributes: { size: 9, binary } },
    { name: `[${x}], too few, binary ${binary}`, inputs: [indices(x, 9)], attributes: { size: 5, binary } },
    { name: `[${x}], weighted, binary ${binary}`, inputs: [indices(x, 9), { shape: x }], attributes: { size: 12, binary } },
    { name: `[${x}], weights [0], binary ${binary}`, inputs: [indices(x, 9), { shape: [0] }], attributes: { size: 9, binary } },
    { name: `[${x}], no bins, binary ${binary}`, inputs: [indices(x, 9)], attributes: { size: 0, binary } },
  ]),
);

/** @param {Operand} x @param {number} k @param {string} [name] @returns {Case[]} */
const best = (x, k, name = '') =>
  [0, 1].flatMap((want_indices) => {
    const title = `${x.dtype} [${x.shape}] ${name} ${k}, ${want_indices}`;
    /** @type {Case[]} */
    const cases = [
      { name: title, inputs: [x], attributes: { k, want_indices } },
      { name: `${title}, input`, inputs: [x, known([k], [])], attributes: { want_indices } },
    ];
    return cases;
  });

/** @type {Case[]} */
export const top_k = [
  ...best({ shape: [1] }, 1),
  ...best({ shape: [7] }, 0),
  ...best({ shape: [7] }, 1),
  ...best({ shape: [7] }, 3),
  ...best({ shape: [7] }, 7),
  ...best({ shape: [3, 20] }, 5),
  ...best({ shape: [2, 3, 20] }, 19),
  ...best({ shape: [0, 5] }, 2),
  ...best({ shape: [2, 0] }, 0),
  ...best({ shape: [8], values: [1, 3, 3, 1, 3, 0, -0, 1] }, 7, 'equal ones'),
  ...best({ shape: [6, 40], fill: 'specials' }, 40, 'specials'),
  ...best({ shape: [5], values: [NaN, NaN, 1, NaN, -Infinity] }, 4, 'NaN'),
  ...DTYPES.filter((dtype) => dtype !== 'bool').flatMap((dtype) => best({ shape: [4, 50], dtype }, 9)),
  ...best(indices([3, 100], 5), 60, 'many equal'),
  ...best({ shape: [2, 5000] }, 100),
];
