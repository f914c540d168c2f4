// Cases of the ops under "signals, segments, selections".
import { EXTREMES, pairs, unary } from './operands.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes, Dtype } from '../reference/tensor.js' */

const count = (/** @type {number[]} */ shape) => shape.reduce((n, dim) => n * dim, 1);
/** @param {number[]} values @param {number[]} [shape] @param {Dtype} [dtype] @returns {Operand} */
const given = (values, shape = [values.length], dtype = 'float32') => ({ shape, dtype, values });
/** @param {number[]} shape @param {[number, number]} range @param {Dtype} [dtype] @returns {Operand} */
const between = (shape, range, dtype = 'int32') => ({ shape, dtype, range });

/** Powers of two, of small primes, primes that are no factors (37 …), squares of the largest one that is. */
const POINTS = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 16, 17, 19, 23, 25, 27, 29, 30, 31, 32, 37, 41, 60, 64, 74, 97, 100, 121, 127, 128, 210, 251, 256,
  360, 512, 961, 1000, 1021, 1024,
];
/** @param {number[]} shape @param {number} inverse @param {Operand['fill']} [fill] @returns {Case} */
const fourier = (shape, inverse, fill) => ({
  name: `${inverse ? 'inverse of ' : ''}[${shape}]${fill ? `, ${fill}` : ''}`,
  inputs: [
    { shape, fill },
    { shape, fill },
  ],
  attributes: { inverse },
});
/** @type {Case[]} */
export const fft = [0, 1].flatMap((inverse) => [
  ...POINTS.map((n) => fourier([n], inverse)),
  ...[[3, 8], [2, 3, 12], [2, 2, 37], [1, 2, 1, 2, 1, 2, 5], [0, 4], [4, 0], [0], [33, 16], [40, 240], [7, 37]].map((shape) =>
    fourier(shape, inverse),
  ),
  fourier([5, 24], inverse, 'wide'),
  fourier([2, 41], inverse, 'large'),
  { name: `${inverse} one point`, inputs: [given([0, 0, 1, 0, 0, 0]), given([0, 0, 0, 0, 0, 0])], attributes: { inverse } },
]);

/** @param {number[]} x @param {number[]} ids @param {number} num_segments @param {Dtype} [dtype] @param {number} [least] @returns {Case} */
const segments = (x, ids, num_segments, dtype = 'float32', least = -1) => ({
  name: `${dtype} [${x}] by ids [${ids}] into ${num_segments}`,
  inputs: [{ shape: x, dtype }, between(ids, [least, num_segments - 1])],
  attributes: { num_segments },
});
/** @type {Case[]} */
export const unsorted_segment_sum = [
  .../** @type {const} */ (['float32', 'int32']).flatMap((dtype) => [
    segments([7], [7], 3, dtype),
    segments([7], [7], 1, dtype, 0),
    segments([100], [100], 5, dtype, 0),
    segments([6, 3], [6], 4, dtype),
    segments([5, 2, 3], [5], 3, dtype),
    segments([2, 3, 4], [2, 3], 5, dtype),
    segments([2, 3], [2, 3], 2, dtype),
    segments([3, 2], [], 2, dtype, 1),
    segments([], [], 2, dtype, 0),
    segments([0, 3], [0], 2, dtype),
    segments([3, 0], [3], 2, dtype),
    segments([1000, 17], [1000], 30, dtype),
  ]),
  { name: 'all dropped', inputs: [given([1, 2, 3]), given([-1, -5, -2147483648], [3], 'int32')], attributes: { num_segments: 2 } },
  { name: 'into no segments', inputs: [given([1, 2]), given([-1, -1], [2], 'int32')], attributes: { num_segments: 0 } },
  { name: 'NaN and infinities', inputs: [given([NaN, 1, Infinity, 2, Infinity, -Infinity]), given([0, 0, 1, 1, 2, 2], [6], 'int32')], attributes: { num_segments: 4 } }, // biome-ignore format: a list
];

/** Rising rows with repetitions. @param {number} rows @param {number} n @param {number} step @returns {number[]} */
const rising = (rows, n, step) => Array.from({ length: rows * n }, (_, i) => Math.floor((i % n) / 2) * step - n * 0.2 * step);
/** @param {number} rows @param {number} n @param {number} m @param {Dtype} [dtype] @returns {Case[]} */
const sorted = (rows, n, m, dtype = 'float32') =>
  [0, 1].map((right) => ({
    name: `${dtype} ${rows} rows of ${n}, ${m} values, ${right ? 'right' : 'left'}`,
    inputs: [
      given(rising(rows, n, dtype === 'int32' ? 5 : 0.25).map(Math.fround), [rows, n], dtype),
      dtype === 'int32'
        ? between([rows, m], [-n, 3 * n], dtype)
        : given(
            Array.from({ length: rows * m }, (_, i) => (((i * 7919) % 41) / 8 - 2.5) * (n / 20 + 0.1)),
            [rows, m],
          ),
    ],
    attributes: { right },
  }));
/** @type {Case[]} */
export const search_sorted = [
  ...sorted(1, 5, 7),
  ...sorted(3, 10, 21),
  ...sorted(2, 1, 3),
  ...sorted(2, 64, 100),
  ...sorted(1, 1000, 10000),
  ...sorted(2, 0, 3),
  ...sorted(2, 3, 0),
  ...sorted(0, 3, 2),
  ...sorted(3, 20, 30, 'int32'),
  ...sorted(1, 7, 5000, 'int32'),
  ...[0, 1].flatMap((right) => [
    {
      name: `numbers that are in it, ${right}`,
      inputs: [given([1, 2, 2, 2, 3, 3], [1, 6]), given([0, 1, 2, 3, 4, 2.5], [1, 6])],
      attributes: { right },
    },
    {
      name: `infinities, zeros and NaN, ${right}`,
      inputs: [given([-Infinity, -1, -0, 0, 1, Infinity], [1, 6]), given([NaN, Infinity, -Infinity, 0, -0, 1e-45], [1, 6])],
      attributes: { right },
    },
    {
      name: `among NaN, ${right}`,
      inputs: [given([1, NaN, 2, 3, NaN], [1, 5]), given([0, 1, 2, 3, 4], [1, 5])],
      attributes: { right },
    },
  ]),
];

/** @param {string} name @param {Operand} boxes @param {Operand} scores @param {Attributes} attributes @returns {Case} */
const suppressed = (name, boxes, scores, attributes) => ({
  name: `${name}, ${JSON.stringify(attributes)}`,
  inputs: [boxes, scores],
  attributes,
});
/** Boxes of a crowd: some lie on each other. @param {number} n @returns {Operand} */
const crowd = (n) =>
  given(
    Array.from({ length: n }, (_, i) => {
      const [y, x, size] = [((i * 31) % 17) / 10, ((i * 57) % 23) / 12, 0.5 + ((i * 13) % 7) / 20];
      return i % 3 ? [y, x, y + size, x + size] : [y + size, x, y, x + size];
    }).flat(),
    [n, 4],
  );
/** @param {number} n @param {number} [step] @returns {Operand} */
const ranked = (n, step = 97) => given(Array.from({ length: n }, (_, i) => ((i * 37) % step) / step));
const DISJOINT = [
  [0, 0, 1, 1],
  [0, 0.1, 1, 1.1],
  [0, -0.1, 1, 0.9],
  [0, 10, 1, 11],
  [0, 10.1, 1, 11.1],
  [0, 100, 1, 101],
];
const SIX = given(DISJOINT.flat(), [6, 4]);
const SCORES = given([0.9, 0.75, 0.6, 0.95, 0.5, 0.3]);
const HALF = { max_output: 3, iou_threshold: 0.5, score_threshold: 0 };
const ALL = { max_output: 200, iou_threshold: 0.5, score_threshold: -Infinity };
/** @type {Case[]} */
export const non_max_suppression = [
  suppressed('six', SIX, SCORES, HALF),
  suppressed('six', SIX, SCORES, { ...HALF, max_output: 2 }),
  suppressed('six', SIX, SCORES, { ...HALF, max_output: 30 }),
  suppressed('six', SIX, SCORES, { ...HALF, max_output: 0 }),
  suppressed('six', SIX, SCORES, { ...HALF, score_threshold: 0.4 }),
  suppressed('six', SIX, SCORES, { ...HALF, max_output: 6, iou_threshold: 1, soft_sigma: 0.5 }),
  suppressed('six', SIX, SCORES, { ...HALF, max_output: 6, soft_sigma: 0.3, score_threshold: 0.2 }),
  suppressed('none', given([], [0, 4]), given([]), HALF),
  suppressed('one', given([1, 1, 0, 0], [1, 4]), given([0.1]), HALF),
  suppressed('equal scores', crowd(20), given(new Array(20).fill(0.5)), { ...HALF, max_output: 20 }),
  suppressed('a score of the threshold', SIX, given([0.3, 0.1, 0.7, 0.3, 0.2, 0.30000001]), { ...HALF, score_threshold: 0.3 }),
  // overlaps of exactly 0.2, 0.25 and 0.5
  suppressed('an overlap of the threshold', given([0, 0, 3, 1, 2, 0, 5, 1, 0, 10, 5, 11, 3, 10, 8, 11], [4, 4]), given([4, 3, 2, 1]), { ...ALL, iou_threshold: 0.2, max_output: 4 }), // biome-ignore format: a list
  suppressed('an overlap of the threshold', given([0, 0, 5, 1, 3, 0, 8, 1, 0, 0, 10, 1], [3, 4]), given([3, 2, 1]), { ...ALL, iou_threshold: 0.25, max_output: 4 }), // biome-ignore format: a list
  suppressed('boxes without area', given([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1], [3, 4]), given([1, 2, 3]), { ...HALF, iou_threshold: 0 }),
  suppressed('NaN and infinite coordinates', given([0, 0, 1, 1, NaN, 0, 1, 1, 0, 0, Infinity, 1, 0, 0, 1, 1], [4, 4]), given([4, 3, 2, 1]), { ...ALL, max_output: 4 }), // biome-ignore format: a list
  suppressed('NaN and infinite scores', SIX, given([NaN, 1, Infinity, -Infinity, Infinity, 0]), { ...HALF, score_threshold: -1 }),
  suppressed('negative scores', SIX, given([-0.1, -0.2, -0.3, -0.05, -0.6, -1]), { ...HALF, max_output: 6, score_threshold: -0.6 }),
  suppressed('a crowd', crowd(200), ranked(200), ALL),
  suppressed('a crowd', crowd(200), ranked(200), { ...ALL, score_threshold: 0.5, iou_threshold: 0.3 }),
  suppressed('a crowd', crowd(200), ranked(200), { ...ALL, score_threshold: 0.1, soft_sigma: 0.5, iou_threshold: 1 }),
  suppressed('a crowd', crowd(200), ranked(200), { ...ALL, score_threshold: 0.05, soft_sigma: 0.1, iou_threshold: 0.6, max_output: 50 }),
  suppressed('a crowd of equals', crowd(300), ranked(300, 5), { ...ALL, soft_sigma: 0.2, score_threshold: 0.01, iou_threshold: 0.7 }),
  suppressed('a large crowd', crowd(3000), ranked(3000, 2999), { ...ALL, max_output: 100 }),
];

/** @param {number[]} shape @param {number} radians @param {number[]} [center] @param {number[]} [fills] @returns {Case} */
const rotated = (shape, radians, center = [shape[2] / 2, shape[1] / 2], fills = [0, 0, 0, 0]) => ({
  name: `[${shape}] by ${radians} about [${center}], fill [${fills}]`,
  inputs: [{ shape }],
  attributes: { radians, center_x: center[0], center_y: center[1], ...Object.fromEntries(fills.map((fill, k) => [`fill_${k}`, fill])) },
});
/** @type {Case[]} */
export const rotate_with_offset = [
  ...[0, 0.3, -1.1, Math.PI / 2, -Math.PI / 2, Math.PI, Math.PI / 4, (30 * Math.PI) / 180, 7, 100].flatMap((radians) => [
    rotated([1, 4, 3, 3], radians),
    rotated([1, 5, 8, 4], radians, [2, 1.25], [10, 20, 30, 255]),
  ]),
  rotated([1, 3, 3, 1], Math.PI / 2, [1, 1], [7, 7, 7, 7]),
  rotated([2, 6, 5, 3], 0.7, [-1, 9], [1, 2, 3, 255]),
  rotated([1, 4, 4, 6], 1, [2, 2], [5, 5, 5, 5]),
  rotated([1, 1, 1, 2], 2),
  rotated([0, 4, 4, 3], 1),
  rotated([1, 0, 4, 3], 1),
  rotated([1, 60, 70, 3], 0.5),
  rotated([1, 3, 3, 1], NaN),
];

/** @param {Operand} x @param {number} axis @param {string} [name] @returns {Case} */
const distinct = (x, axis, name = `${x.dtype ?? 'float32'} [${x.shape}]`) => ({
  name: `${name} along ${axis}`,
  inputs: [x],
  attributes: { axis },
});
/** @type {Case[]} */
export const unique = [
  distinct(given([1, 1, 2, 4, 4, 4, 7, 8, 8]), 0, 'nine'),
  distinct(given([3, 1, 3, 2, 1]), -1, 'five'),
  distinct(given(EXTREMES), 0, 'extremes'),
  distinct(given([NaN, 1, NaN, 0, -0, Infinity, -Infinity, Infinity, -NaN]), 0, 'NaN and zeros'),
  distinct(given([1.1, 1.1000001, 1.1000002, 1e-45, 0, 2e-45]), 0, 'neighbours'),
  distinct(given([1, 0, 0, 1, 0, 0, 2, 0, 0], [3, 3]), 0, 'rows'),
  distinct(given([1, 0, 0, 1, 0, 0, 2, 0, 0], [3, 3]), 1, 'columns'),
  ...[0, 1, 2, -1, -3].map((axis) => distinct(between([4, 3, 2], [0, 1]), axis)),
  distinct(between([5, 3, 2], [0, 1], 'bool'), 0),
  distinct(between([40], [0, 1], 'bool'), 0),
  distinct(between([1000], [0, 300]), 0),
  distinct(between([1000, 2], [0, 12]), 0),
  distinct(between([3, 500], [-3, 3]), 1),
  distinct({ shape: [20000], fill: 'uniform' }, 0),
  distinct(
    given(
      Array.from({ length: 5000 }, (_, i) => 65536 * (i % 1000)),
      [5000],
      'int32',
    ),
    0,
    'equal lower bits',
  ),
  distinct(given([]), 0, 'nothing'),
  distinct(given([], [3, 0]), 0, 'empty slices'),
  distinct(given([], [0, 3]), 0, 'no slices'),
];

/** @param {number[]} shape @param {number} [every] @returns {Case} */
const truth = (shape, every = 2) => ({
  name: `[${shape}], one of ${every}`,
  inputs: [
    given(
      Array.from({ length: count(shape) }, (_, i) => Number((i * 7 + 3) % every === 0)),
      shape,
      'bool',
    ),
  ],
});
/** @type {Case[]} */
export const where_true = [
  ...[[1], [5], [16], [17], [100], [3, 4], [2, 3, 5], [2, 1, 2, 3, 2], [2, 2, 2, 2, 2, 2, 2, 2], [7, 33]].flatMap((shape) => [
    truth(shape),
    truth(shape, 5),
    truth(shape, 1),
    truth(shape, 1_000_003),
  ]),
  truth([], 1),
  truth([], 7),
  truth([0]),
  truth([3, 0, 2]),
  truth([300, 70], 29),
];

/** @type {Case[]} */
export const diag = [
  .../** @type {const} */ (['float32', 'int32', 'bool', 'uint8', 'int8']).flatMap((dtype) =>
    [[], [1], [4], [2, 3], [2, 1, 3], [1, 2, 1, 2], [0], [2, 0]].map((shape) => ({
      name: `${dtype} [${shape}]`,
      inputs: [{ shape, dtype, fill: /** @type {const} */ ('specials') }],
    })),
  ),
  { name: '[100]', inputs: [{ shape: [100] }] },
];

/** @param {number[]} shape @param {number} channels @returns {Case} */
const pixels = (shape, channels) => ({ name: `${channels} of [${shape}]`, inputs: [{ shape, dtype: 'uint8' }], attributes: { channels } });
/** @type {Case[]} */
export const from_pixels = [
  ...[1, 2, 3, 4].flatMap((channels) => [
    pixels([1, 1, 4], channels),
    pixels([1, 2, 4], channels),
    pixels([3, 5, 4], channels),
    pixels([200, 170, 4], channels),
    pixels([0, 5, 4], channels),
    pixels([2, 3, 5], channels),
  ]),
  pixels([4, 5, 3], 3),
  pixels([4, 5, 3], 2),
  pixels([4, 5, 1], 1),
];

export const step = [0, 0.2, -2].flatMap((alpha) => unary({ alpha }));
export const selu = unary();
export const hypot = [
  ...pairs,
  {
    name: 'squares beyond float32',
    inputs: [given([3e38, 3e30, 1e-30, 1e-45, -3e38, 2e38, 0]), given([0, 4e30, 1e-30, 1e-45, 1e38, -2.5e38, -0])],
  },
];
