// Cases of the ops of one and two operands.

/** @import { Case, Fill, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

const EXTREMES = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  1e-40,
  -1e-40,
  1.4e-45,
  -1.4e-45,
  1.17549435e-38,
  3.4028234e38,
  -3.4028234e38,
  1e20,
  -1e20,
  6,
  3,
  -3,
  88.5,
  -88.5,
  104,
  -104,
  1e-8,
  -1e-8,
];

/** Every pair of extremes, and each one odd so that vectors have a tail. */
const PAIRS = {
  a: EXTREMES.flatMap((x) => EXTREMES.map(() => x)),
  b: EXTREMES.flatMap(() => EXTREMES),
};

/** Shapes that broadcast, of every kind of pair. */
const BROADCASTS = [
  [[], []],
  [[], [5]],
  [[7], []],
  [[1], [9]],
  [[9], [1]],
  [[4, 5], [5]],
  [[5], [4, 5]],
  [
    [4, 5],
    [4, 1],
  ],
  [
    [4, 1],
    [1, 5],
  ],
  [
    [1, 5],
    [4, 1],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[2, 3, 4, 5], [5]],
  [
    [2, 3, 4, 5],
    [1, 3, 1, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 1],
  ],
  [
    [2, 1, 4, 1],
    [1, 3, 1, 5],
  ],
  [
    [1, 1, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 1, 4, 5],
    [3, 2, 1, 5],
  ],
  [
    [2, 1, 2, 1, 2, 1, 2, 1],
    [1, 2, 1, 2, 1, 2, 1, 3],
  ],
  [
    [2, 3, 4, 5, 1, 2],
    [2, 3, 4, 5, 1, 2],
  ],
  [[0], [1]],
  [[1], [0]],
  [
    [3, 0],
    [3, 1],
  ],
  [[2, 0, 4], [4]],
  [[33], [33]],
  [[100000, 3], [3]],
  [
    [100000, 3],
    [100000, 1],
  ],
  [[70001], [70001]],
];

const CLAMP = { activation: 1, act_min: -0.2, act_max: 0.5 };

/** @param {number[]} a @param {number[]} b @param {Attributes} attributes @param {number[]} [slope] @param {Fill} [fill] @returns {Case} */
const pair = (a, b, attributes, slope, fill) => ({
  name: `[${a}] and [${b}], ${JSON.stringify(attributes)}${slope ? `, slope [${slope}]` : ''}${fill ? `, ${fill}` : ''}`,
  inputs: [{ shape: a, fill }, { shape: b, fill }, ...(slope ? [/** @type {Operand} */ ({ shape: slope, from: 'constant' })] : [])],
  attributes,
});

/** @type {Case[]} */
const pairs = [
  ...BROADCASTS.map(([a, b]) => pair(a, b, {})),
  pair([2, 3, 7], [7], CLAMP),
  pair([4, 1], [1, 5], CLAMP),
  pair([2, 3, 7], [2, 3, 7], { activation: 2 }, [7]),
  pair([2, 3, 7], [2, 3, 1], { activation: 2 }, [1]),
  pair([4, 1], [1, 5], { activation: 2 }, [1, 1, 5]),
  pair([6], [], { activation: 2 }, []),
  pair([2, 9], [2, 9], {}, undefined, 'specials'),
  pair([3, 9], [9], CLAMP, undefined, 'specials'),
  pair([3, 9], [9], { activation: 2 }, [9], 'specials'),
  {
    name: 'every pair of extreme values',
    inputs: [
      { shape: [EXTREMES.length ** 2], values: PAIRS.a },
      { shape: [EXTREMES.length ** 2], values: PAIRS.b },
    ],
  },
  {
    name: 'every pair of extreme values, in rows of three',
    inputs: [
      { shape: [EXTREMES.length ** 2, 3], values: PAIRS.a.flatMap((x) => [x, x, x]) },
      { shape: [EXTREMES.length ** 2, 1], values: PAIRS.b },
    ],
  },
  { name: 'a constant on the left', inputs: [{ shape: [5], from: 'constant' }, { shape: [4, 5] }] },
  { name: 'a stored weight on the right', inputs: [{ shape: [4, 5] }, { shape: [5], from: 'weight', stored: { dtype: 'float16' } }] },
];

/** Every pair of these, and shapes that broadcast. */
const INTEGERS = [0, 1, -1, 2, -2, 7, -7, 3, -3, 46341, -46341, 65536, 2147483647, -2147483648, 2147483646, -2147483647];

/** @param {number[]} a @param {number[]} b @returns {Case} */
const integerPair = (a, b) => ({
  name: `int32 [${a}] and [${b}]`,
  inputs: [
    { shape: a, dtype: 'int32' },
    { shape: b, dtype: 'int32' },
  ],
});

/** @type {Case[]} */
const integerPairs = [
  .../** @type {number[][][]} */ ([
    [[], []],
    [[7], []],
    [[4, 5], [5]],
    [
      [4, 1],
      [1, 5],
    ],
    [
      [2, 3, 4, 5],
      [1, 3, 1, 5],
    ],
    [[0], [1]],
    [[70001], [70001]],
    [
      [100000, 3],
      [100000, 1],
    ],
  ]).map(([a, b]) => integerPair(a, b)),
  {
    name: 'every pair of integers at the edges',
    inputs: [
      { shape: [INTEGERS.length ** 2], dtype: 'int32', values: INTEGERS.flatMap((x) => INTEGERS.map(() => x)) },
      { shape: [INTEGERS.length ** 2], dtype: 'int32', values: INTEGERS.flatMap(() => INTEGERS) },
    ],
  },
];

export const div = pairs;
export const add = [...pairs, ...integerPairs];
export const sub = add;
export const mul = add;
export const maximum = add;
export const minimum = add;
export const squared_difference = add;
export const floor_div = add;

/** Every tail, ranks 0 to 8, empty, large; extremes in vectors and alone. */
const SHAPES = [
  [],
  [1],
  [2],
  [3],
  [4],
  [5],
  [7],
  [8],
  [9],
  [15],
  [16],
  [17],
  [31],
  [2, 3, 5],
  [1, 1, 1, 1, 1, 1, 1, 3],
  [0],
  [2, 0, 3],
  [100003, 3],
];

/** @param {Attributes} [attributes] @returns {Case[]} */
const unary = (attributes = {}) => [
  ...SHAPES.map((shape) => ({ name: `[${shape}] ${JSON.stringify(attributes)}`, inputs: [{ shape }], attributes })),
  { name: `-20 … 20 ${JSON.stringify(attributes)}`, inputs: [{ shape: [4001], fill: /** @type {Fill} */ ('wide') }], attributes },
  {
    name: `-110 … 110 in steps ${JSON.stringify(attributes)}`,
    inputs: [{ shape: [8801], values: Array.from({ length: 8801 }, (_, i) => -110 + i / 40) }],
    attributes,
  },
  {
    name: `powers of two ${JSON.stringify(attributes)}`,
    inputs: [
      { shape: [2 * 277], values: Array.from({ length: 2 * 277 }, (_, i) => (i % 2 ? -1 : 1) * 1.37 * 2 ** (Math.floor(i / 2) - 149)) },
    ],
    attributes,
  },
  { name: `extremes ${JSON.stringify(attributes)}`, inputs: [{ shape: [EXTREMES.length], values: EXTREMES }], attributes },
  ...EXTREMES.slice(0, 3).map((value) => ({
    name: `${value} alone ${JSON.stringify(attributes)}`,
    inputs: [{ shape: [1], values: [value] }],
    attributes,
  })),
];

export const relu = unary();
export const relu6 = unary();
export const clamp = [...unary({ min: -0.3, max: 0.7 }), ...unary({ min: -Infinity, max: 0 }), ...unary({ min: 0.1, max: 0.1 })];
export const leaky_relu = [...unary({ alpha: 0.2 }), ...unary({ alpha: 3 }), ...unary({ alpha: -0.5 }), ...unary({ alpha: 0 })];
export const elu = [...unary({ alpha: 1 }), ...unary({ alpha: 0.3 })];
export const hard_swish = unary();
export const sigmoid = unary();
export const tanh = unary();
export const exp = unary();
export const abs = unary();
export const neg = unary();
export const square = unary();
export const sqrt = unary();
export const rsqrt = unary();

/** @param {number[]} shape @param {number[]} slope @param {Fill} [fill] @param {'input' | 'constant'} [from] @returns {Case} */
const sloped = (shape, slope, fill = 'uniform', from = 'constant') => ({
  name: `x [${shape}], slope [${slope}] as ${from}, ${fill}`,
  inputs: [
    { shape, fill },
    { shape: slope, from },
  ],
});

/** @type {Case[]} */
export const prelu = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 17].map((channels) => sloped([3, channels], [channels])),
  sloped([2, 3, 4, 5], [1, 1, 5]),
  sloped([2, 3, 4, 5], [1]),
  sloped([2, 3, 4, 5], []),
  sloped([], []),
  sloped([], [1]),
  sloped([5], [5], 'uniform', 'input'),
  sloped([3, 5], [1, 5], 'uniform', 'input'),
  sloped([0, 5], [5]),
  sloped([5, 0], [0]),
  sloped([5, 0], [1]),
  sloped([4, 9], [9], 'specials'),
  sloped([4, 9], [1], 'specials'),
  sloped([100000, 3], [3]),
];

/** @param {number[]} shape @param {Fill} [fill] @returns {Case} */
const rows = (shape, fill = 'uniform') => ({ name: `[${shape}], ${fill}`, inputs: [{ shape, fill }] });
/** @param {number[]} values @returns {Case} */
const row = (values) => ({ name: `${values}`, inputs: [{ shape: [values.length], values }] });

/** @type {Case[]} */
export const softmax = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 1000].map((n) => rows([3, n])),
  ...[1, 3, 4, 17].map((n) => rows([2, 3, n], 'wide')),
  rows([5]),
  rows([0, 5]),
  rows([5, 0]),
  rows([2, 1, 2, 1, 1, 3]),
  rows([100000, 3]),
  rows([20000, 11], 'wide'),
  rows([1, 100000], 'wide'),
  row([NaN, 1, 2]),
  row([1, 2, NaN, 3, 4, 5, 6, 7, 8]),
  row([Infinity, 1, 2]),
  row([-Infinity, 1, 2]),
  row([-Infinity, -Infinity, 2, 3, 4]),
  row([-Infinity, -Infinity]),
  row([Infinity, Infinity, -Infinity]),
  row([3e38, -3e38, 1]),
  row([3.4e38, 3.4e38, 3.4e38, 3.4e38, 1]),
  row([0, -80, -87, -88, -100, -104, -200]),
  row([1e-40, -1e-40]),
  row([-0, 0]),
  { name: 'rows with and without NaN', inputs: [{ shape: [3, 5], values: [1, 2, 3, 4, 5, 1, NaN, 3, 4, 5, 5, 4, 3, 2, 1] }] },
];
