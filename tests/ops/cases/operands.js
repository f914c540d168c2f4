// What the cases of elementwise ops are made of: extreme values, shapes that broadcast, every tail.

/** @import { Case, Fill, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

export const EXTREMES = [
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
export const BROADCASTS = [
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
export const pairs = [
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
export const INTEGERS = [0, 1, -1, 2, -2, 7, -7, 3, -3, 46341, -46341, 65536, 2147483647, -2147483648, 2147483646, -2147483647];

/** @param {number[]} a @param {number[]} b @returns {Case} */
const integerPair = (a, b) => ({
  name: `int32 [${a}] and [${b}]`,
  inputs: [
    { shape: a, dtype: 'int32' },
    { shape: b, dtype: 'int32' },
  ],
});

/** @type {Case[]} */
export const integerPairs = [
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
export const unary = (attributes = {}) => [
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

/** Of int32. @param {Attributes} [attributes] @returns {Case[]} */
export const integerUnary = (attributes = {}) => [
  ...[[], [3], [2, 3, 5], [0], [100003]].map((shape) => ({
    name: `int32 [${shape}] ${JSON.stringify(attributes)}`,
    inputs: [{ shape, dtype: /** @type {const} */ ('int32') }],
    attributes,
  })),
  {
    name: `int32 at the edges ${JSON.stringify(attributes)}`,
    inputs: [{ shape: [INTEGERS.length], dtype: 'int32', values: INTEGERS }],
    attributes,
  },
];
