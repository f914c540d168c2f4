// Cases of pooling in three dimensions, of where maxima stand, and of dilation.

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

const SAME = { padding: 1 };
/** @param {number} h @param {number} [w] */
const stride = (h, w = h) => ({ stride_h: h, stride_w: w });
/** @param {number} h @param {number} [w] */
const dilation = (h, w = h) => ({ dilation_h: h, dilation_w: w });
/** @param {number} d @param {number} h @param {number} w */
const stride3 = (d, h, w) => ({ stride_d: d, stride_h: h, stride_w: w });

/** @param {number[]} x @param {number[]} kernel @param {Attributes} [attributes] @param {Operand['fill']} [fill] @returns {Case} */
const pool3d = (x, [d, h, w], attributes = {}, fill = 'uniform') => ({
  name: `x [${x}], window ${d},${h},${w}, ${JSON.stringify(attributes)}, ${fill}`,
  inputs: [{ shape: x, fill }],
  attributes: { kernel_d: d, kernel_h: h, kernel_w: w, ...attributes },
});

const volumes = [
  pool3d([1, 4, 6, 6, 3], [2, 2, 2], stride3(2, 2, 2)),
  pool3d([2, 5, 7, 5, 4], [2, 2, 2], { ...stride3(2, 2, 2), ...SAME }),
  pool3d([1, 5, 6, 7, 17], [3, 3, 3], SAME),
  pool3d([1, 5, 6, 7, 5], [3, 2, 1], stride3(1, 2, 1)),
  pool3d([2, 3, 4, 5, 1], [3, 4, 5]),
  pool3d([1, 5, 6, 7, 2], [2, 2, 2], { dilation_d: 2, dilation_h: 3, dilation_w: 1 }),
  pool3d([1, 2, 2, 2, 3], [2, 2, 2], { pad_front: 2, pad_back: 1, pad_top: 1, pad_bottom: 2, pad_left: 3, pad_right: 0 }),
  pool3d([0, 4, 6, 6, 3], [2, 2, 2]),
  pool3d([1, 0, 6, 6, 3], [2, 2, 2], { pad_front: 2 }),
  pool3d([1, 4, 5, 6, 3], [2, 2, 2], SAME, 'specials'),
  pool3d([1, 4, 5, 6, 3], [2, 2, 2], SAME, 'large'),
];
/** @type {Case[]} */
export const max_pool3d = volumes;
/** @type {Case[]} */
export const avg_pool3d = volumes;

/** @param {number[]} x @param {number} h @param {number} w @param {Attributes} [attributes] @param {Partial<Operand>} [more] @returns {Case} */
const places = (x, h, w, attributes = {}, more = {}) => ({
  name: `x [${x}], window ${h},${w}, ${JSON.stringify(attributes)}, ${more.fill ?? (more.values ? `[${more.values}]` : 'uniform')}`,
  inputs: [{ shape: x, ...more }],
  attributes: { kernel_h: h, kernel_w: w, ...attributes },
});
const WHERE = [
  places([1, 6, 6, 4], 2, 2, stride(2)),
  places([2, 7, 5, 3], 2, 2, { ...stride(2), ...SAME }),
  places([2, 7, 5, 3], 3, 3, SAME),
  places([2, 7, 5, 5], 3, 2, { ...stride(3, 1), pad_top: 1, pad_right: 1 }),
  places([1, 9, 9, 2], 3, 3, { ...SAME, ...dilation(2) }),
];
/** @param {Case} testCase @param {Attributes} more @returns {Case} */
const also = (testCase, more) => ({
  ...testCase,
  name: `${testCase.name}, ${JSON.stringify(more)}`,
  attributes: { ...testCase.attributes, ...more },
});

/** @type {Case[]} */
export const max_pool_argmax = [
  ...WHERE,
  ...WHERE.map((testCase) => also(testCase, { include_batch: 1 })),
  ...WHERE.map((testCase) => also(testCase, { in_window: 1 })),
  places([1, 2, 4, 1], 2, 2, stride(2), { values: [3, 3, 1, 2, 3, 3, 2, 2] }),
  places([1, 1, 4, 1], 1, 2, stride(1, 2), { values: [NaN, 2, NaN, NaN] }),
  places([1, 1, 4, 1], 1, 2, stride(1, 2), { values: [-Infinity, -Infinity, 1, NaN] }),
  places([1, 2, 2, 3], 3, 3, { pad_top: 4, pad_bottom: 4, pad_left: 4, pad_right: 4 }),
  places([0, 6, 6, 4], 2, 2),
];

/** @param {number[]} x @param {number} h @param {number} w @param {Attributes} attributes @param {number[]} indices  repeated @returns {Case} */
const unpool = (x, h, w, attributes, indices) => ({
  name: `x [${x}], window ${h},${w}, ${JSON.stringify(attributes)}, [${indices}]`,
  inputs: [
    { shape: x },
    { shape: x, dtype: 'int32', values: Array.from({ length: x.reduce((n, dim) => n * dim, 1) }, (_, i) => indices[i % indices.length]) },
  ],
  attributes: { kernel_h: h, kernel_w: w, ...attributes },
});
/** @type {Case[]} */
export const max_unpool = [
  unpool([1, 3, 4, 5], 2, 2, { ...stride(2), ...SAME }, [0, 3, 1, 2, 2, 0, 1]),
  unpool([2, 3, 4, 1], 2, 2, stride(2), [3, 1, 0]),
  unpool([1, 3, 4, 2], 3, 2, { ...stride(3, 2), ...SAME }, [5, 0, 4, 2, 1]),
  unpool([1, 3, 4, 2], 3, 3, stride(2), [8, 0, 4, 2, 7]), // windows that meet: the later stays
  unpool([1, 3, 4, 2], 2, 2, { ...stride(3), ...SAME }, [0, 1, 2, 3, 3]), // larger than the image: centred
  unpool([1, 3, 4, 2], 2, 2, { ...stride(2), pad_top: 1, pad_left: 1 }, [0, 3, 1]),
  unpool([1, 3, 4, 2], 2, 2, { ...stride(2), ...dilation(2) }, [0, 3, 1]),
  unpool([1, 3, 4, 2], 2, 2, stride(2), [-1, 4, 2147483647, -2147483648, 1]),
  unpool([0, 3, 4, 2], 2, 2, stride(2), [0]),
];

/** @param {number[]} x @param {number[]} filter @param {Attributes} [attributes] @param {Operand['fill']} [fill] @param {Operand['from']} [from] @returns {Case} */
const dilate = (x, filter, attributes = {}, fill = 'uniform', from = 'constant') => ({
  name: `x [${x}], filter [${filter}] ${from}, ${JSON.stringify(attributes)}, ${fill}`,
  inputs: [
    { shape: x, fill },
    { shape: filter, from },
  ],
  attributes,
});
/** @type {Case[]} */
export const dilation2d = [
  dilate([1, 6, 7, 3], [2, 2, 3]),
  dilate([1, 6, 7, 5], [3, 3, 5], SAME),
  dilate([2, 6, 7, 4], [3, 2, 4], { ...SAME, ...stride(2) }),
  dilate([1, 9, 9, 2], [3, 3, 2], dilation(2)),
  dilate([1, 9, 9, 2], [3, 3, 2], { ...SAME, ...dilation(2), ...stride(2) }),
  dilate([1, 5, 5, 17], [1, 1, 17], {}, 'uniform', 'input'),
  dilate([1, 3, 3, 2], [3, 3, 2], { pad_top: 3, pad_bottom: 3, pad_left: 4, pad_right: 3 }),
  dilate([0, 6, 7, 3], [2, 2, 3]),
  dilate([1, 6, 7, 5], [3, 3, 5], SAME, 'specials'),
];
