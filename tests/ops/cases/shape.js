// Cases of the ops that move, pad, resize and reduce, and of the dense layer.
import { known } from './make.js';

/** @import { Case, Fill, Operand, Stored } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

/**
 * @param {number[]} x @param {number[]} w @param {Attributes} [attributes]
 * @param {{ bias?: number[], slope?: number[], slopeFrom?: 'input' | 'constant', fill?: Fill, stored?: Stored }} [options]
 * @returns {Case}
 */
function fc(x, w, attributes = {}, { bias, slope, slopeFrom = 'constant', fill, stored } = {}) {
  /** @type {(Operand | null)[]} */
  const inputs = [
    { shape: x, fill },
    { shape: w, from: 'constant', stored },
  ];
  if (bias || slope) inputs.push(bias ? { shape: bias, from: 'constant' } : null);
  if (slope) inputs.push({ shape: slope, from: slopeFrom });
  return {
    name: `x [${x}], w [${w}], bias [${bias}], slope [${slope}] ${slopeFrom}, ${JSON.stringify(attributes)}, ${fill}, ${stored?.dtype}`,
    inputs,
    attributes,
  };
}

/** @type {Case[]} */
export const dense = [
  ...[1, 2, 3, 4, 5, 8, 9].flatMap((rows) => [1, 2, 7, 8, 9, 17].map((n) => fc([rows, 5], [5, n], {}, { bias: [n] }))),
  ...[1, 2, 3, 4, 255, 256, 257].map((depth) => fc([3, depth], [6, depth], { transpose_b: 1 }, { bias: [6] })),
  fc([7], [7, 4]),
  fc([2, 3, 4, 5], [5, 6]),
  fc([2, 1, 2, 1, 2, 1, 2, 5], [5, 3]),
  fc([0, 5], [5, 3]),
  fc([2, 0, 5], [5, 3]),
  fc([3, 5], [5, 4], {}, { bias: [1, 4] }),
  fc([3, 5], [5, 4], { activation: 1, act_min: 0, act_max: 0.5 }),
  fc([3, 5], [5, 4], { activation: 1, act_min: 0, act_max: Infinity }, { bias: [4] }),
  fc([3, 5], [5, 4], { activation: 1, act_min: 0.5, act_max: 0.5 }, { bias: [4] }),
  fc([3, 5], [5, 4], { activation: 2 }, { bias: [4], slope: [4] }),
  fc([3, 5], [5, 4], { activation: 2 }, { slope: [1] }),
  fc([3, 5], [5, 4], { activation: 2 }, { slope: [4], slopeFrom: 'input' }),
  fc([5, 9], [9, 11], {}, { fill: 'specials' }),
  fc([5, 9], [9, 11], { activation: 1, act_min: 0, act_max: 6 }, { fill: 'specials' }),
  fc([5, 9], [11, 9], { transpose_b: 1, activation: 2 }, { fill: 'specials', slope: [11] }),
  fc([5, 9], [9, 11], {}, { fill: 'large' }),
  fc([3, 40], [40, 33], {}, { stored: { dtype: 'float16' } }),
  fc([3, 40], [33, 40], { transpose_b: 1 }, { stored: { dtype: 'uint8', scale: 0.01, min: -1 } }),
  fc([3, 40], [40, 33], {}, { stored: { dtype: 'uint16', scale: 2e-5, min: -0.5 } }),
  fc([1, 4096], [4096, 3], {}, { fill: 'positive' }),
  fc([64, 512], [512, 65], {}, { bias: [65] }),
  fc([100000, 3], [3, 2]),
];

const ALL_DTYPES = /** @type {Dtype[]} */ (['float32', 'int32', 'bool', 'uint8', 'int8']);

/** @param {number[]} x @param {number[]} paddings @param {number} [value] @param {Fill} [fill] @returns {Case} */
const padding = (x, paddings, value = 0, fill = 'uniform') => ({
  name: `[${x}] by [${paddings}] with ${value}, ${fill}`,
  inputs: [{ shape: x, fill }],
  attributes: { paddings, value },
});

/** @type {Case[]} */
export const pad = [
  padding([], []),
  padding([3], [0, 0]),
  padding([3], [2, 1], 0.1),
  padding([0], [2, 1], 7),
  padding([0], [0, 0]),
  padding([2, 3], [1, 0, 0, 2], -1),
  padding([2, 0], [1, 0, 0, 2], -1),
  padding([0, 3], [1, 1, 0, 0], NaN),
  padding([1, 4, 5, 3], [0, 0, 1, 2, 3, 4, 0, 0]),
  padding([1, 4, 5, 3], [1, 0, 0, 0, 0, 0, 0, 5], Infinity),
  padding([1, 48, 48, 16], [0, 0, 0, 0, 0, 0, 4, 12]),
  padding([2, 3, 5, 8], [0, 1, 2, 0, 1, 1, 8, 0], -2),
  padding([2, 3, 5, 200], [1, 0, 0, 1, 1, 0, 40, 16], 3),
  padding([2, 1, 2, 1, 2, 1, 2, 1], [1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0], 2),
  padding([3, 5], [1, 1, 1, 1], 0, 'specials'),
  padding([100000, 3], [1, 1, 1, 1]),
  ...ALL_DTYPES.flatMap((dtype) =>
    [0, 1, -1.25, 3e9, NaN].map((value) => ({
      name: `${dtype} by input, with ${value}`,
      inputs: [{ shape: [2, 3, 4], dtype }, known([1, 0, 0, 2, 3, 1], [3, 2])],
      attributes: { value },
    })),
  ),
];

/** @param {number[]} x @param {number[]} shape @returns {Case} */
const reshaping = (x, shape) => ({ name: `[${x}] to [${shape}]`, inputs: [{ shape: x, fill: 'specials' }], attributes: { shape } });

/** @type {Case[]} */
export const reshape = [
  reshaping([2, 3, 4], [24]),
  reshaping([2, 3, 4], [4, -1]),
  reshaping([2, 3, 4], [-1]),
  reshaping([1], []),
  reshaping([], [1, 1]),
  reshaping([], [-1]),
  reshaping([0, 3], [3, 0]),
  reshaping([0, 3], [-1, 3]),
  reshaping([256], [2, 2, 2, 2, 2, 2, 2, 2]),
  { name: 'of a constant', inputs: [{ shape: [2, 3], from: 'constant' }], attributes: { shape: [3, 2] } },
  { name: 'of a stored weight', inputs: [{ shape: [2, 3], from: 'weight', stored: { dtype: 'float16' } }], attributes: { shape: [3, 2] } },
];

/** @typedef {import('../reference/tensor.js').Dtype} Dtype */
const DTYPES = /** @type {Dtype[]} */ (['float32', 'int32', 'bool', 'uint8']);
const NUMBERS = [
  0,
  -0,
  0.5,
  -0.5,
  1,
  -1,
  1.9,
  -1.9,
  255,
  256,
  257,
  -255,
  -256,
  1e-40,
  16777217,
  2147483520,
  2147483648,
  -2147483648,
  -2147483904,
  4294967296,
  4294967808,
  6442450944,
  1e10,
  -1e10,
  1e20,
  3e38,
  -3e38,
  NaN,
  Infinity,
  -Infinity,
];

/** @type {Case[]} */
export const cast = DTYPES.flatMap((from) =>
  DTYPES.flatMap((to, dtype) => [
    ...[[], [1], [17], [0], [2, 3, 5], [40001]].map((shape) => ({
      name: `${from} [${shape}] to ${to}`,
      inputs: [{ shape, dtype: from }],
      attributes: { dtype },
    })),
    ...(from === 'float32'
      ? [{ name: `numbers at the edges to ${to}`, inputs: [{ shape: [NUMBERS.length], values: NUMBERS }], attributes: { dtype } }]
      : []),
    ...(from === 'int32'
      ? [
          {
            name: `integers at the edges to ${to}`,
            inputs: [{ shape: [7], dtype: from, values: [0, 1, -1, 16777217, 2147483647, -2147483648, 256] }],
            attributes: { dtype },
          },
        ]
      : []),
  ]),
);

/** @param {number[]} shape @param {number[]} indexShape @param {number[]} index @param {Dtype} [dtype] @returns {Case} */
const gathered = (shape, indexShape, index, dtype = 'float32') => ({
  name: `[${indexShape}] of ${dtype} [${shape}]: ${index.slice(0, 20)}`,
  inputs: [
    { shape, dtype, fill: 'specials' },
    { shape: indexShape, dtype: 'int32', values: index },
  ],
});

/** @type {Case[]} */
export const gather_nd = [
  gathered([5], [1], [3]),
  gathered([5], [4, 1], [3, 0, 4, 3]),
  gathered([3, 4], [2, 2], [2, 3, 0, 1]),
  gathered([3, 4], [2, 1], [2, 0]),
  gathered([3, 4], [2, 0], []),
  gathered([3, 4], [0, 2], []),
  gathered([], [3, 0], []),
  gathered([2, 3, 4], [2, 2, 2], [1, 2, 0, 0, 1, 0, 0, 2]),
  gathered([2, 3, 4], [1, 1, 1, 3], [1, 2, 3]),
  gathered([3, 0], [2, 1], [2, 0]),
  gathered([3, 4], [2, 1], [2, 0], 'int32'),
  gathered([3, 4], [2, 2], [2, 3, 1, 1], 'bool'),
  gathered([3, 5], [3, 1], [2, 1, 0], 'uint8'),
  gathered([3, 5], [3, 1], [2, 1, 0], 'int8'),
  gathered([3, 5], [3, 2], [2, 1, 0, 4, 1, 1], 'int8'),
  gathered(
    [1000, 7],
    [20000, 1],
    Array.from({ length: 20000 }, (_, i) => (i * 37) % 1000),
  ),
];

/** @param {number[]} shape @param {number[]} axes @param {number[]} begin @param {number[]} size @param {Dtype} [dtype] @returns {Case} */
const cut = (shape, axes, begin, size, dtype = 'float32') => ({
  name: `${dtype} [${shape}] along [${axes}] from [${begin}], [${size}]`,
  inputs: [{ shape, dtype, fill: 'specials' }],
  attributes: { axes, begin, size },
});

/** @type {Case[]} */
export const slice = [
  cut([], [], [], []),
  cut([5], [], [], []),
  cut([5], [0], [1], [3]),
  cut([5], [0], [1], [-1]),
  cut([5], [0], [5], [-1]),
  cut([5], [0], [5], [0]),
  cut([3, 4], [-1], [1], [2]),
  cut([3, 4], [0], [1], [2]),
  cut([3, 4, 5], [1], [2], [2]),
  cut([3, 4, 5], [2, 0], [1, 1], [3, -1]),
  cut([3, 4, 5], [0, 1, 2], [1, 2, 3], [1, 1, 1]),
  cut([2, 3, 2, 3, 2, 3, 2, 3], [1, 3, 5, 7], [1, 1, 1, 1], [2, 1, 2, -1]),
  cut([0, 4], [1], [1], [2]),
  cut([3, 4], [0], [1], [1], 'int32'),
  cut([3, 5], [1], [1], [3], 'bool'),
  cut([3, 5], [1], [4], [1], 'uint8'),
  cut([3, 5], [1], [1], [3], 'int8'),
  ...ALL_DTYPES.map((dtype) => ({
    name: `${dtype} by inputs`,
    inputs: [{ shape: [3, 5], dtype }, known([1, 2]), known([-1, 2])],
  })),
  cut([100000, 3], [1], [1], [1]),
];

/** @type {Case[]} */
export const squeeze = [
  ...[
    [[1], []],
    [[1, 1], []],
    [[1, 3, 1, 2], []],
    [[1, 3, 1, 2], [0]],
    [[1, 3, 1, 2], [2]],
    [
      [1, 3, 1, 2],
      [-2, 0],
    ],
    [[2, 3], []],
    [[], []],
    [[1, 0], []],
  ].map(([shape, axes]) => ({
    name: `[${shape}] without [${axes}]`,
    inputs: [{ shape, fill: /** @type {Fill} */ ('specials') }],
    attributes: { axes },
  })),
  { name: 'of int32', inputs: [{ shape: [1, 4], dtype: 'int32' }] },
];

/** @type {Case[]} */
export const expand_dims = [
  .../** @type {[number[], number][]} */ ([
    [[], 0],
    [[], -1],
    [[3], 0],
    [[3], 1],
    [[2, 3], 1],
    [[2, 3], -1],
    [[2, 3], -3],
    [[0, 3], 2],
    [[1, 1, 1, 1, 1, 1, 2], 7],
  ]).map(([shape, axis]) => ({
    name: `[${shape}] at ${axis}`,
    inputs: [{ shape, fill: /** @type {Fill} */ ('specials') }],
    attributes: { axis },
  })),
  { name: 'of uint8', inputs: [{ shape: [4], dtype: 'uint8' }], attributes: { axis: 1 } },
];

/** @type {Case[]} */
export const identity = [[], [1], [5], [2, 3], [0, 3], [100000, 3]].map((shape) => ({
  name: `[${shape}]`,
  inputs: [{ shape, fill: 'specials' }],
}));

/** @param {number[][]} shapes @param {number} axis @param {('input' | 'constant')[]} [from] @returns {Case} */
const joined = (shapes, axis, from = []) => ({
  name: `${JSON.stringify(shapes)} along ${axis}, ${from}`,
  inputs: shapes.map((shape, i) => ({ shape, from: from[i] ?? 'input', fill: 'specials' })),
  attributes: { axis },
});

/** @type {Case[]} */
export const concat = [
  joined([[3]], 0),
  joined([[3], [4]], 0),
  joined([[3], [0], [4]], 0),
  joined([[0], [0]], 0),
  joined(
    [
      [2, 3],
      [4, 3],
      [1, 3],
    ],
    0,
  ),
  joined(
    [
      [2, 3],
      [2, 4],
      [2, 1],
    ],
    1,
  ),
  joined(
    [
      [2, 3],
      [2, 4],
      [2, 1],
    ],
    -1,
  ),
  joined(
    [
      [2, 3],
      [2, 0],
    ],
    1,
  ),
  joined(
    [
      [2, 3, 4, 5],
      [2, 1, 4, 5],
    ],
    1,
  ),
  joined(
    [
      [2, 3, 4, 5],
      [2, 3, 4, 1],
    ],
    -1,
  ),
  joined(
    [
      [2, 3, 4, 5],
      [2, 3, 2, 5],
    ],
    -2,
  ),
  joined(
    [
      [1, 2, 1, 2, 1, 2, 1, 2],
      [1, 2, 1, 2, 3, 2, 1, 2],
    ],
    4,
  ),
  joined(
    [
      [2, 3],
      [2, 4],
    ],
    1,
    ['constant', 'input'],
  ),
  joined(
    [
      [100000, 3],
      [100000, 2],
    ],
    1,
  ),
  ...ALL_DTYPES.slice(1).map((dtype) => ({
    name: `${dtype} [2,3] and [2,5] along 1`,
    inputs: [
      { shape: [2, 3], dtype },
      { shape: [2, 5], dtype },
    ],
    attributes: { axis: 1 },
  })),
  joined(
    Array.from({ length: 40 }, (_, i) => [2, 1 + (i % 3)]),
    1,
  ),
];

/** @type {Case[]} */
const resizes = [
  ...[
    [[1, 2, 2, 1], 4, 4],
    [[1, 3, 5, 4], 7, 6],
    [[2, 5, 4, 3], 3, 8],
    [[1, 5, 4, 7], 5, 4],
    [[1, 1, 1, 5], 3, 2],
    [[1, 6, 7, 3], 1, 1],
    [[0, 6, 7, 3], 2, 2],
    [[1, 6, 7, 0], 2, 2],
    [[1, 13, 11, 9], 29, 3],
    [[1, 64, 64, 3], 128, 96],
  ].flatMap(([shape, out_h, out_w]) =>
    [
      [0, 0],
      [1, 0],
      [0, 1],
    ].map(([align_corners, half_pixel]) => ({
      name: `[${shape}] to ${out_h} × ${out_w}, align ${align_corners}, half ${half_pixel}`,
      inputs: [{ shape: /** @type {number[]} */ (shape) }],
      attributes: { out_h: Number(out_h), out_w: Number(out_w), align_corners, half_pixel },
    })),
  ),
  { name: 'specials', inputs: [{ shape: [1, 4, 4, 5], fill: 'specials' }], attributes: { out_h: 7, out_w: 3 } },
  { name: 'size by input', inputs: [{ shape: [2, 4, 5, 3] }, known([7, 3])], attributes: { half_pixel: 1 } },
];
export const resize_bilinear = resizes;
export const resize_nearest = resizes;
