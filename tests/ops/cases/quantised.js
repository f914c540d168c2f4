// Cases of the ops on int8 and uint8 that are no layers.

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes, Dtype } from '../reference/tensor.js' */

const SAME = { padding: 1 };
/** @param {number} top @param {number} bottom @param {number} left @param {number} right */
const padded = (top, bottom, left, right) => ({ pad_top: top, pad_bottom: bottom, pad_left: left, pad_right: right });
/** @param {number} h @param {number} [w] */
const stride = (h, w = h) => ({ stride_h: h, stride_w: w });
/** @param {number} h @param {number} [w] */
const dilation = (h, w = h) => ({ dilation_h: h, dilation_w: w });

/**
 * @param {number[]} a @param {number[]} b @param {Attributes} [attributes] @param {Dtype} [dtype]
 * @param {'input' | 'constant'} [from]
 * @returns {Case}
 */
const pair = (a, b, attributes = {}, dtype = 'int8', from = 'input') => ({
  name: `[${a}] and [${b}], ${JSON.stringify(attributes)}, ${dtype}, ${from}`,
  inputs: [
    { shape: a, dtype },
    { shape: b, dtype, from },
  ],
  attributes: { a_scale: 0.021, a_zero: 4, b_scale: 0.037, b_zero: 9, y_scale: 0.05, y_zero: 11, ...attributes },
});

/** All pairs of bytes. @param {Attributes} [attributes] @param {Dtype} [dtype] @returns {Case} */
function everyPair(attributes = {}, dtype = 'int8') {
  const least = dtype === 'int8' ? -128 : 0;
  const made = pair([256, 1], [256], attributes, dtype);
  for (const operand of made.inputs) if (operand !== null) operand.values = Array.from({ length: 256 }, (_, i) => least + i);
  return { ...made, name: `every pair, ${made.name}` };
}

/** @param {number} yScale @returns {Case[]} */
const pairs = (yScale) => [
  pair([5], [5], { y_scale: yScale }),
  pair([3, 4, 5], [5], { y_scale: yScale }),
  pair([5], [3, 4, 5], { y_scale: yScale }, 'uint8'),
  pair([3, 1, 5], [4, 1], { y_scale: yScale }),
  pair([], [7], { y_scale: yScale }, 'int8', 'constant'),
  pair([0, 5], [5], { y_scale: yScale }),
  pair([300, 100], [300, 100], { y_scale: yScale }),
  pair([2, 3, 2, 3, 2, 3], [3, 1, 3, 1, 3], { y_scale: yScale }, 'uint8'),
  everyPair({ y_scale: yScale }),
  everyPair({ y_scale: yScale }, 'uint8'),
  everyPair({ y_scale: yScale, act_min: -30, act_max: 50 }),
  everyPair({ y_scale: yScale, a_scale: 0.25, b_scale: 0.25, a_zero: 0, b_zero: 0, y_zero: 0 }),
  everyPair({ y_scale: yScale, a_scale: 1e-5, b_scale: 0.03 }),
  everyPair({ y_scale: yScale, a_scale: 0.03, b_scale: 2 }),
  everyPair({ y_scale: 1e-6 }),
  everyPair({ y_scale: 0.5, a_scale: 0.5, b_scale: 0.5, a_zero: -128, b_zero: 127, y_zero: 0 }),
  everyPair({ y_scale: 0.5, a_scale: 0.5, b_scale: 0.125, a_zero: 0, b_zero: 0, y_zero: 0 }),
];

export const q_add = pairs(0.05);
export const q_sub = pairs(0.05);
export const q_mul = pairs(0.02);

/** @param {number[]} x @param {Dtype} dtype @param {Dtype} tableDtype @returns {Case} */
const looked = (x, dtype, tableDtype) => ({
  name: `[${x}] of ${dtype} in ${tableDtype}`,
  inputs: [
    { shape: x, dtype },
    { shape: [256], dtype: tableDtype, from: 'constant' },
  ],
});

/** @type {Case[]} */
export const lookup = [
  looked([7], 'int8', 'int8'),
  looked([7], 'uint8', 'uint8'),
  looked([2, 3, 5], 'int8', 'uint8'),
  looked([2, 3, 5], 'uint8', 'int8'),
  looked([], 'int8', 'int8'),
  looked([0, 3], 'int8', 'int8'),
  looked([200, 200], 'int8', 'int8'),
];

/** @param {number[]} x @param {number} kernelH @param {number} kernelW @param {Attributes} [attributes] @param {Dtype} [dtype] @returns {Case} */
const pool = (x, kernelH, kernelW, attributes = {}, dtype = 'int8') => ({
  name: `x [${x}], window ${kernelH},${kernelW}, ${JSON.stringify(attributes)}, ${dtype}`,
  inputs: [{ shape: x, dtype }],
  attributes: { kernel_h: kernelH, kernel_w: kernelW, ...attributes },
});

/** @type {Case[]} */
export const q_avg_pool2d = [
  pool([1, 6, 6, 4], 2, 2, stride(2)),
  pool([1, 7, 5, 3], 2, 2, { ...stride(2), ...SAME }, 'uint8'),
  pool([2, 7, 5, 70], 3, 3, SAME),
  pool([2, 7, 5, 5], 3, 2, { ...stride(3, 1), ...padded(1, 0, 0, 1) }),
  pool([1, 9, 9, 6], 3, 3, { ...SAME, ...dilation(2) }),
  pool([1, 2, 2, 3], 3, 3, padded(4, 4, 4, 4)),
  pool([0, 6, 6, 4], 2, 2),
  pool([1, 7, 7, 130], 7, 7),
  pool([1, 7, 7, 130], 7, 7, {}, 'uint8'),
  pool([1, 200, 200, 2], 200, 200),
  pool([1, 30, 30, 3], 2, 1, { act_min: -50, act_max: 20 }),
  pool([1, 30, 30, 3], 2, 1, { act_min: 100, act_max: 200 }, 'uint8'),
];

/** @param {number[]} x @param {number[]} axes @param {Attributes} [attributes] @param {Dtype} [dtype] @returns {Case} */
const mean = (x, axes, attributes = {}, dtype = 'int8') => ({
  name: `[${x}] over [${axes}], ${JSON.stringify(attributes)}, ${dtype}`,
  inputs: [{ shape: x, dtype }],
  attributes: { axes, x_scale: 0.04, x_zero: 7, y_scale: 0.02, y_zero: 3, ...attributes },
});

/** @type {Case[]} */
export const q_mean = [
  mean([1, 7, 7, 20], [1, 2]),
  mean([1, 7, 7, 20], [1, 2], { keep_dims: 1, y_scale: 0.003 }),
  mean([2, 7, 6, 20], [2, 1], { y_scale: 0.003 }, 'uint8'),
  mean([3, 4, 5], [-1], { y_scale: 0.04, y_zero: 7 }),
  mean([3, 4, 5], [0]),
  mean([3, 4, 5], [0, 2]),
  mean([3, 4, 5], []),
  mean([3, 4, 5], [1], { x_scale: 4, y_scale: 0.001 }),
  mean([3, 4, 5], [1], { x_scale: 1e-7, y_scale: 4000 }),
  mean([], []),
  mean([60, 4, 90], [1], { y_scale: 0.03 }),
  mean([60, 4, 90], [1], { y_scale: 0.03 }, 'uint8'),
  mean([3, 0], [0]),
  mean([2, 0, 3], [1]),
  mean([1, 300, 300, 2], [1, 2], { y_scale: 0.0005, x_zero: 0 }),
  mean([4, 8, 16], [1, 2], { x_scale: 0.5, y_scale: 0.5, x_zero: 0, y_zero: 0 }),
];

/** @param {number[]} x @param {Attributes} [attributes] @param {Dtype} [dtype] @returns {Case} */
const soft = (x, attributes = {}, dtype = 'int8') => ({
  name: `[${x}], ${JSON.stringify(attributes)}, ${dtype}`,
  inputs: [{ shape: x, dtype }],
  attributes: { beta: 1, x_scale: 0.1, y_scale: 1 / 256, y_zero: dtype === 'uint8' ? 0 : -128, ...attributes },
});

/** @type {Case[]} */
export const q_softmax = [
  soft([5]),
  soft([3, 10]),
  soft([3, 10], {}, 'uint8'),
  soft([2, 3, 1001], { x_scale: 0.02 }),
  soft([4, 91], { beta: 2.5, x_scale: 0.03 }, 'uint8'),
  soft([4, 2], { x_scale: 0.01 }),
  soft([4, 2], { x_scale: 3 }),
  soft([4, 9], { x_scale: 0.05, y_scale: 1e-6, y_zero: 0 }),
  soft([4, 9], { x_scale: 0.05, y_scale: 0.25, y_zero: 100 }),
  soft([4, 1]),
  soft([2000, 2], { x_scale: 0.02 }),
  soft([0, 4]),
  soft([384, 384], { x_scale: 0.05 }),
];

/**
 * @param {number[]} x @param {number} h @param {number} w @param {Attributes} [attributes] @param {Dtype} [dtype]
 * @returns {Case}
 */
const resize = (x, h, w, attributes = {}, dtype = 'int8') => ({
  name: `x [${x}] to ${h},${w}, ${JSON.stringify(attributes)}, ${dtype}`,
  inputs: [{ shape: x, dtype }],
  attributes: { out_h: h, out_w: w, ...attributes },
});

/** @type {Case[]} */
export const q_resize_bilinear = [
  resize([1, 2, 2, 3], 4, 6),
  resize([1, 2, 2, 3], 4, 6, { half_pixel: 1 }),
  resize([1, 2, 2, 3], 4, 6, { align_corners: 1 }, 'uint8'),
  resize([2, 7, 5, 4], 3, 3, { half_pixel: 1 }, 'uint8'),
  resize([2, 7, 5, 4], 13, 11, { align_corners: 1 }),
  resize([2, 7, 5, 4], 7, 5),
  resize([1, 1, 1, 3], 5, 4, { half_pixel: 1 }),
  resize([1, 3, 3, 2], 1, 1, { align_corners: 1 }),
  resize([0, 3, 3, 2], 2, 2),
  resize([1, 33, 33, 21], 65, 65, { align_corners: 1 }),
  resize([1, 3, 2, 1], 3000, 3, {}), // where the rounded scale goes beyond the last row
  {
    ...resize([1, 3, 4, 2], 9, 9, {}),
    name: 'to a size that is an input',
    inputs: [
      { shape: [1, 3, 4, 2], dtype: 'int8' },
      { shape: [2], dtype: 'int32', values: [5, 6], from: 'constant' },
    ],
  },
];

/** @param {Operand} x @param {Attributes} attributes @returns {Case} */
const one = (x, attributes) => ({
  name: `${JSON.stringify({ ...x, values: x.values?.length })}, ${JSON.stringify(attributes)}`,
  inputs: [x],
  attributes,
});

/** Halves, what is just below one, and what no integer holds. */
const EDGES = [
  0.5,
  -0.5,
  1.5,
  -1.5,
  2.5,
  0.49999997,
  -0.49999997,
  127.5,
  128,
  -128.5,
  -129,
  255.5,
  1e9,
  -1e9,
  3e38,
  Infinity,
  -Infinity,
  NaN,
  -0,
];

/** @type {Case[]} */
export const quantize = [
  one({ shape: [3, 5], fill: 'wide' }, { scale: 0.2, zero_point: 5, dtype: 4 }),
  one({ shape: [3, 5], fill: 'wide' }, { scale: 0.2, zero_point: 120, dtype: 3 }),
  one({ shape: [19], values: EDGES }, { scale: 1, zero_point: 0, dtype: 4 }),
  one({ shape: [19], values: EDGES }, { scale: 1, zero_point: -128, dtype: 4 }),
  one({ shape: [19], values: EDGES }, { scale: 1, zero_point: 0, dtype: 3 }),
  one({ shape: [19], values: EDGES }, { scale: 0.1, zero_point: 255, dtype: 3 }),
  one({ shape: [19], values: EDGES }, { scale: 1e-30, zero_point: 3, dtype: 4 }),
  one({ shape: [1024], values: Array.from({ length: 1024 }, (_, i) => (i - 512) / 4) }, { scale: 0.5, zero_point: 10, dtype: 4 }),
  one({ shape: [] }, { scale: 0.01, zero_point: 0, dtype: 4 }),
  one({ shape: [0, 3] }, { scale: 0.01, zero_point: 0, dtype: 4 }),
  one({ shape: [100, 301] }, { scale: 1 / 127, zero_point: -1, dtype: 4 }),
];

/** @type {Case[]} */
export const dequantize = [
  one({ shape: [3, 5], dtype: 'int8' }, { scale: 0.2, zero_point: 5 }),
  one({ shape: [3, 5], dtype: 'uint8' }, { scale: 0.2, zero_point: 120 }),
  one({ shape: [256], dtype: 'int8', values: Array.from({ length: 256 }, (_, i) => i - 128) }, { scale: 0.0123, zero_point: -128 }),
  one({ shape: [300], dtype: 'int32' }, { scale: 1e-4, zero_point: 0 }),
  one({ shape: [300], dtype: 'int32' }, { scale: 0.3, zero_point: -5 }),
  one({ shape: [], dtype: 'int8' }, { scale: 0.2, zero_point: 0 }),
  one({ shape: [0], dtype: 'int8' }, { scale: 0.2, zero_point: 0 }),
  one({ shape: [100, 301], dtype: 'uint8' }, { scale: 3, zero_point: 255 }),
  // int32 weights as tfjs-converter quantises them
  one({ shape: [100], dtype: 'int32', stored: { dtype: 'uint8', scale: 2.5, min: -100 } }, { scale: 0.5, zero_point: 3 }),
  one({ shape: [900], dtype: 'int32', stored: { dtype: 'uint16', scale: 0.75, min: -30000 } }, { scale: 0.5, zero_point: 3 }),
];

/** Every byte. @param {Dtype} dtype @returns {Operand} */
const every = (dtype) => ({ shape: [256], dtype, values: Array.from({ length: 256 }, (_, i) => (dtype === 'int8' ? i - 128 : i)) });

/** @type {Case[]} */
export const requantize = [
  one(every('int8'), { x_scale: 0.5, x_zero: 0, y_scale: 0.5, y_zero: 128, dtype: 3 }),
  one(every('uint8'), { x_scale: 0.5, x_zero: 128, y_scale: 0.5, y_zero: 0, dtype: 4 }),
  one(every('int8'), { x_scale: 0.031, x_zero: -7, y_scale: 0.05, y_zero: 12, dtype: 4 }),
  one(every('uint8'), { x_scale: 0.05, x_zero: 100, y_scale: 0.013, y_zero: 90, dtype: 3 }),
  one(every('int8'), { x_scale: 1, x_zero: 0, y_scale: 2, y_zero: 0, dtype: 4 }),
  one(every('int8'), { x_scale: 1e9, x_zero: 3, y_scale: 1e-3, y_zero: 0, dtype: 4 }),
  one({ shape: [0, 2], dtype: 'int8' }, { x_scale: 1, x_zero: 3, y_scale: 1, y_zero: 0, dtype: 4 }),
  one({ shape: [150, 301], dtype: 'int8' }, { x_scale: 0.02, x_zero: 3, y_scale: 0.03, y_zero: 0, dtype: 4 }),
];

/** @param {number[]} x @param {number} axis @param {Dtype} dtype @param {boolean} zeros @param {'input' | 'constant'} [from] @returns {Case} */
const byAxis = (x, axis, dtype, zeros, from = 'constant') => {
  const n = x[(axis + x.length) % x.length];
  return {
    name: `[${x}] along ${axis}, ${dtype}${zeros ? ', zero points' : ''}, ${from}`,
    inputs: [
      { shape: x, dtype, from },
      { shape: [n], fill: 'positive', from },
      ...(zeros ? [/** @type {Operand} */ ({ shape: [n], dtype: 'int32', range: [-128, 255], from })] : []),
    ],
    attributes: { axis },
  };
};

/** @type {Case[]} */
export const dequantize_axis = [
  byAxis([4, 3, 3, 5], 0, 'int8', false),
  byAxis([4, 3, 3, 5], -1, 'int8', true),
  byAxis([4, 3, 3, 5], 2, 'uint8', true, 'input'),
  byAxis([7], 0, 'int32', false),
  byAxis([2, 7], 1, 'int32', true, 'input'),
  byAxis([0, 7], 1, 'int8', false),
  byAxis([64, 3, 3, 16], 0, 'int8', false),
  {
    name: 'scales stored as int8',
    inputs: [
      { shape: [2, 50], dtype: 'int8' },
      { shape: [50], stored: { dtype: 'int8', scale: 1 / 128, min: 0.5 } },
    ],
    attributes: { axis: 1 },
  },
];
