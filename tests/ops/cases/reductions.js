// Cases of the ops under "reductions and scans", and of mean, arg_max and softmax, which are of their kind.

/** @import { Case, Fill, Operand } from '../run.js' */
/** @import { Attributes, Dtype } from '../reference/tensor.js' */

/** @param {number[]} shape @param {Dtype} dtype @param {number[]} axes @param {number} [keep_dims] @param {Fill} [fill] @returns {Case} */
const over = (shape, dtype, axes, keep_dims = 0, fill = 'uniform') => ({
  name: `${dtype} [${shape}] over [${axes}]${keep_dims ? ', kept' : ''}, ${fill}`,
  inputs: [{ shape, dtype, fill }],
  attributes: { axes, keep_dims },
});

/** Axes as an input. @param {number[]} shape @param {Dtype} dtype @param {number[]} axes @param {number} [keep_dims] @returns {Case} */
const given = (shape, dtype, axes, keep_dims = 0) => ({
  name: `${dtype} [${shape}] over the input [${axes}]${keep_dims ? ', kept' : ''}`,
  inputs: [
    { shape, dtype },
    { shape: [axes.length], dtype: 'int32', values: axes, from: 'constant' },
  ],
  attributes: { keep_dims },
});

const AXES = [[], [0], [1], [2], [3], [0, 1], [1, 2], [0, 3], [1, 3], [0, 2], [1, 2, 3], [0, 1, 2, 3], [-1], [-2, -3], [2, 2], [3, 1]];

/** @param {Dtype} dtype @returns {Case[]} */
const folds = (dtype) => [
  ...AXES.flatMap((axes) => [over([2, 3, 4, 5], dtype, axes), over([2, 3, 4, 5], dtype, axes, 1)]),
  over([], dtype, []),
  over([7], dtype, [0]),
  over([7], dtype, [0], 1),
  over([2, 1, 2, 1, 2, 1, 2, 3], dtype, [1, 4, 6]),
  over([2, 2, 2, 2, 2, 2, 2, 2], dtype, [0, 2, 4, 6]),
  over([2, 2, 2, 2, 2, 2, 2, 2], dtype, [1, 3, 5, 7]),
  over([2, 0, 3], dtype, [1]),
  over([2, 0, 3], dtype, [1], 1),
  over([2, 0, 3], dtype, [0]),
  over([0], dtype, [0]),
  over([0, 3], dtype, []),
  over([3, 0], dtype, [1]),
  ...[1, 3, 4, 5, 15, 16, 17, 19, 31, 33, 70].flatMap((n) => [over([3, n], dtype, [1]), over([67, n], dtype, [0])]),
  over([130, 2, 21], dtype, [0, 1]),
  over([2, 14, 14, 24], dtype, [1, 2]),
  over([3, 5, 65, 18], dtype, [0, 2]),
  over([40, 1030], dtype, [1]),
  over([20000, 3], dtype, [0]),
  over([20000, 3], dtype, [1]),
  over([3, 20000], dtype, [1]),
  over([60000], dtype, [0]),
  given([2, 3, 4, 5], dtype, [1, -1]),
  given([2, 3, 4, 5], dtype, [2], 1),
  given([2, 3, 4, 5], dtype, []),
  given([2, 3], dtype, [], 1),
  given([], dtype, []),
];

/** @type {Case[]} */
const specials = [
  ...[[0], [1], [0, 1]].map((axes) => over([9, 19], 'float32', axes, 0, 'specials')),
  over([200, 100], 'float32', [1], 0, 'specials'),
  over([200, 100], 'float32', [0], 0, 'specials'),
  ...[
    [-0, 0, -0],
    [0, -0, -0, -0, -0, 0, -0, -0],
    [-0, -0],
    [Infinity, 1, -Infinity],
    [-Infinity, -Infinity],
    [NaN, 1, 2],
    [1, 2, NaN, 4, 5, 6, 7, 8, 9],
    [3e38, 3e38, -3e38],
  ].map((values) => ({
    name: `of ${values.map((value) => (Object.is(value, -0) ? '-0' : value))}`,
    inputs: [{ shape: [values.length], values }],
  })),
];
/** A hundred thousand numbers that nearly cancel, and as many that do not. @type {Case[]} */
const long = [
  over([100000], 'float32', [0], 0, 'large'),
  over([3, 100000], 'float32', [1], 0, 'positive'),
  over([100000, 5], 'float32', [0], 0, 'positive'),
];

export const reduce_sum = [...folds('float32'), ...folds('int32'), ...specials, ...long];
export const mean = [
  ...reduce_sum,
  { name: 'of 100000 times 0.1', inputs: [{ shape: [100000], values: new Array(100000).fill(0.1) }] },
  { name: 'of sums beyond float32', inputs: [{ shape: [4], values: [3e38, 3e38, 3e38, 3e38] }] },
];
export const reduce_prod = [...folds('float32'), ...folds('int32'), ...specials];
export const reduce_max = [...folds('float32'), ...folds('int32'), ...specials];
export const reduce_min = reduce_max;
/** Mostly true or mostly false, so that there is something to find. @param {number} usual @returns {Case[]} */
const bools = (usual) =>
  folds('bool').map(({ inputs: [x, ...axes], ...rest }) => {
    const { shape } = /** @type {Operand} */ (x);
    const n = shape.reduce((product, dim) => product * dim, 1);
    const values = Array.from({ length: n }, (_, i) => ((i * 7919) % 37 === 5 ? 1 - usual : usual));
    return { ...rest, inputs: [{ shape, dtype: /** @type {const} */ ('bool'), values }, ...axes] };
  });
export const reduce_all = bools(1);
export const reduce_any = bools(0);

/** @param {number[]} shape @param {number} axis @param {Dtype} [dtype] @param {Fill} [fill] @returns {Case} */
const largest = (shape, axis, dtype = 'float32', fill = 'uniform') => ({
  name: `${dtype} [${shape}] along ${axis}, ${fill}`,
  inputs: [{ shape, fill, dtype }],
  attributes: { axis },
});

/** @type {Case[]} */
export const arg_max = [
  .../** @type {const} */ (['float32', 'int32', 'uint8', 'int8']).flatMap((dtype) => [
    ...[0, 1, 2, 3, -1, -2, -4].map((axis) => largest([2, 3, 4, 5], axis, dtype)),
    largest([1], 0, dtype),
    largest([7], 0, dtype),
    largest([7], -1, dtype),
    largest([3, 0], 0, dtype),
    largest([0, 3], 1, dtype),
    largest([1000, 3], 1, dtype),
  ]),
  ...[1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 16, 17, 31].map((n) => largest([9, n], 1)),
  ...[8, 9, 17, 64].map((n) => largest([40, n], 1, 'float32', 'specials')),
  largest([4, 9], 1, 'float32', 'specials'),
  largest([9, 4], 0, 'float32', 'specials'),
  largest([100000, 3], 1),
  largest([3, 100000], 1),
  largest([100000, 3], 0),
  { name: 'equal ones', inputs: [{ shape: [2, 4], values: [1, 3, 3, 1, 0, -0, 0, 0] }], attributes: { axis: 1 } },
  { name: 'equal ones in a long row', inputs: [{ shape: [12], values: [1, 1, -5, -5, 3, 1, -5, 3, 3, 0, 0, 0] }], attributes: { axis: 0 } },
  { name: 'zeros', inputs: [{ shape: [9], values: [-0, 0, 0, 0, 0, 0, 0, 0, 0] }], attributes: { axis: 0 } },
  { name: 'NaN first', inputs: [{ shape: [9], values: [NaN, 1, 2, 3, 4, 5, 6, 7, 8] }], attributes: { axis: 0 } },
  { name: 'NaN later', inputs: [{ shape: [9], values: [1, NaN, 2, 3, 9, NaN, 6, 7, NaN] }], attributes: { axis: 0 } },
  { name: '-Infinity only', inputs: [{ shape: [9], values: new Array(9).fill(-Infinity) }], attributes: { axis: 0 } },
  { name: 'Infinity only', inputs: [{ shape: [9], values: new Array(9).fill(Infinity) }], attributes: { axis: 0 } },
  { name: 'NaN alone', inputs: [{ shape: [9], values: new Array(9).fill(NaN) }], attributes: { axis: 0 } },
];
export const arg_min = arg_max;

/** @param {number[]} shape @param {number} axis @param {Dtype} dtype @returns {Case[]} */
const scans = (shape, axis, dtype) =>
  /** @type {Attributes[]} */ ([{}, { exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }]).map((how) => ({
    name: `${dtype} [${shape}] along ${axis}, ${Object.keys(how).join(' ')}`,
    inputs: [{ shape, dtype }],
    attributes: { axis, ...how },
  }));

/** @type {Case[]} */
export const cumsum = [
  .../** @type {const} */ (['float32', 'int32']).flatMap((dtype) => [
    ...[0, 1, 2, -1].flatMap((axis) => scans([3, 4, 5], axis, dtype)),
    ...scans([7], 0, dtype),
    ...scans([1], 0, dtype),
    ...scans([0, 3], 0, dtype),
    ...scans([3, 0], 0, dtype),
    ...scans([5, 130], 0, dtype),
    ...scans([20000, 3], 0, dtype),
    ...scans([2, 30000], 1, dtype),
  ]),
  { name: 'specials', inputs: [{ shape: [9, 9], fill: 'specials' }], attributes: { axis: 1 } },
  { name: 'large ones', inputs: [{ shape: [300, 9], fill: 'large' }], attributes: { axis: 0 } },
];
export const cumprod = cumsum;

export { softmax as log_softmax } from './elementwise.js';

/** @param {number[]} shape @param {number[]} axes @param {number} epsilon @param {Fill} [fill] @returns {Case} */
const normalized = (shape, axes, epsilon, fill = 'uniform') => ({
  name: `[${shape}] over [${axes}], epsilon ${epsilon}, ${fill}`,
  inputs: [{ shape, fill }],
  attributes: { axes, epsilon },
});

/** @type {Case[]} */
export const l2_normalize = [
  ...AXES.map((axes) => normalized([2, 3, 4, 5], axes, 1e-12)),
  normalized([3, 5], [1], 4),
  normalized([], [], 1e-12),
  normalized([7], [0], 0.001),
  normalized([0, 3], [1], 0.001),
  normalized([3, 1], [1], 1e-12),
  normalized([2, 7, 7, 33], [3], 1e-12),
  normalized([2, 7, 7, 33], [1, 2], 1e-12),
  normalized([4, 20000], [1], 1e-6, 'wide'),
  normalized([20000, 4], [0], 1e-6, 'wide'),
  { name: 'zeros', inputs: [{ shape: [2, 5], values: new Array(10).fill(0) }], attributes: { axes: [1], epsilon: 1e-12 } },
  { name: 'NaN', inputs: [{ shape: [2, 3], values: [1, NaN, 3, 1, 2, 2] }], attributes: { axes: [1], epsilon: 1e-12 } },
];

/** @param {number[]} shape @param {number} n_axes @param {(number[] | null)[]} factors @param {number} [epsilon] @param {Fill} [fill] @returns {Case} */
const layer = (shape, n_axes, factors, epsilon = 1e-3, fill = 'uniform') => ({
  name: `[${shape}], the last ${n_axes}, factors ${JSON.stringify(factors)}, epsilon ${epsilon}, ${fill}`,
  inputs: [
    { shape, fill },
    ...factors.map((factor) => (factor === null ? null : { shape: factor, from: /** @type {const} */ ('constant') })),
  ],
  attributes: { n_axes, epsilon },
});

/** @type {Case[]} */
export const layer_norm = [
  ...[1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 384].map((n) => layer([3, n], 1, [[n], [n]])),
  layer([2, 3, 8], 1, []),
  layer([2, 3, 8], 1, [[8]]),
  layer([2, 3, 8], 1, [null, [8]]),
  layer([2, 3, 8], 2, [
    [3, 8],
    [3, 8],
  ]),
  layer([2, 3, 8], 3, [[2, 3, 8], [48]]),
  layer([7], 1, [[7], [7]], 1e-12, 'wide'),
  layer([0, 7], 1, [[7], [7]]),
  layer([7, 0], 1, []),
  layer([2, 5000], 1, [[5000], [5000]], 1e-6, 'wide'),
  layer([3000, 12], 1, [[12], [12]], 1e-6, 'wide'),
  { name: 'equal ones', inputs: [{ shape: [2, 5], values: [3, 3, 3, 3, 3, 7, 7, 7, 7, 7] }], attributes: { n_axes: 1, epsilon: 1e-3 } },
  {
    name: 'far from 0',
    inputs: [{ shape: [2, 4], values: [1000, 1001, 1002, 1003, -1e6, -1e6, -1e6, -999999] }],
    attributes: { n_axes: 1, epsilon: 1e-3 },
  },
  { name: 'NaN', inputs: [{ shape: [2, 5], values: [1, NaN, 3, 4, 5, 1, 2, 3, 4, 5] }], attributes: { n_axes: 1, epsilon: 1e-3 } },
];

/** @param {number[]} shape @param {number} radius @param {number} bias @param {number} alpha @param {number} beta @param {Fill} [fill] @returns {Case} */
const local = (shape, radius, bias, alpha, beta, fill = 'uniform') => ({
  name: `[${shape}], radius ${radius}, ${bias} ${alpha} ${beta}, ${fill}`,
  inputs: [{ shape, fill }],
  attributes: { radius, bias, alpha, beta },
});

/** @type {Case[]} */
export const lrn = [
  local([2, 3, 4, 16], 5, 1, 1, 0.5),
  local([2, 3, 4, 5], 2, 2, 1e-4, 0.75),
  local([2, 3, 4, 5], 0, 1, 1, 0.5),
  local([2, 3, 4, 5], 9, 1, 0.3, 1),
  local([1, 1, 1, 1], 1, 1, 1, 0.5),
  local([7], 1, 1, 1, -0.5),
  local([0, 3], 1, 1, 1, 0.5),
  local([50, 64], 5, 1, 1, 0.5, 'wide'),
];

/** @param {number[]} shape @param {Attributes} attributes @param {number[]} [input]  the shape as an input @returns {Case} */
const drawn = (shape, attributes, input) => ({
  name: `[${shape}] ${JSON.stringify(attributes)}${input ? `, input [${input}]` : ''}`,
  inputs: input ? [{ shape: [input.length], dtype: 'int32', values: input, from: 'constant' }] : [],
  attributes: { shape, ...attributes },
});

/** @type {Case[]} */
export const random = /** @type {Attributes[]} */ ([
  { kind: 0, seed: 1, a: 0, b: 1 },
  { kind: 0, seed: -7, a: -3, b: 2.5 },
  { kind: 1, seed: 2, a: 0, b: 1 },
  { kind: 1, seed: 99, a: 5, b: 0.1 },
  { kind: 2, seed: 3, a: 0, b: 1 },
  { kind: 2, seed: 4, a: -1, b: 3 },
  { kind: 3, seed: 5, a: 0, b: 10, dtype: 1 },
  { kind: 3, seed: 2147483647, a: -2147483648, b: 2147483648, dtype: 1 },
]).flatMap((attributes) => [
  ...[[], [1], [15], [16], [17], [2, 3, 5], [0, 3], [5003]].map((shape) => drawn(shape, attributes)),
  drawn([], attributes, [3, 7]),
]);

/** @param {number[]} shape @param {Attributes} attributes @param {Partial<Operand>} [more] @returns {Case} */
const sampled = (shape, attributes, more = {}) => ({
  name: `[${shape}] ${JSON.stringify(attributes)} ${JSON.stringify(more)}`,
  inputs: [{ shape, ...more }],
  attributes,
});

/** @type {Case[]} */
export const multinomial = [
  sampled([1, 2], { n_samples: 100, seed: 1 }),
  sampled([3, 7], { n_samples: 5, seed: 2 }),
  sampled([3, 7], { n_samples: 33, seed: 3 }, { fill: 'wide' }),
  sampled([2, 1000], { n_samples: 50, seed: 4 }),
  sampled([2, 9], { n_samples: 41, seed: 5, is_probabilities: 1 }, { fill: 'positive' }),
  sampled([2, 9], { n_samples: 41, seed: 5, is_probabilities: 1 }),
  sampled([1, 5], { n_samples: 20, seed: 6, is_probabilities: 1 }, { values: [0, 0, 1, 0, 0] }),
  sampled([1, 4], { n_samples: 20, seed: 7 }, { values: [-Infinity, 1, NaN, 1.5] }),
  sampled([1, 3], { n_samples: 3, seed: 8 }, { values: [-Infinity, -Infinity, NaN] }),
  sampled([1, 1], { n_samples: 4, seed: 9 }),
  sampled([0, 3], { n_samples: 4, seed: 9 }),
  sampled([2, 3], { n_samples: 0, seed: 9 }),
];
