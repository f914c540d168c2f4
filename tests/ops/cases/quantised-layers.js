// Cases of the layers on int8 and uint8. Scales are chosen so that results spread over the 256 values.
import { seeded } from '../../support/random.js';

/** @import { Case } from '../run.js' */
/** @import { Attributes, Dtype } from '../reference/tensor.js' */

const SAME = { padding: 1 };
/** @param {number} top @param {number} bottom @param {number} left @param {number} right */
const padded = (top, bottom, left, right) => ({ pad_top: top, pad_bottom: bottom, pad_left: left, pad_right: right });
/** @param {number} h @param {number} [w] */
const stride = (h, w = h) => ({ stride_h: h, stride_w: w });
/** @param {number} h @param {number} [w] */
const dilation = (h, w = h) => ({ dilation_h: h, dilation_w: w });
/** Of a uint8 model: the filter has a zero point too. */
const UINT8 = { dtype: /** @type {Dtype} */ ('uint8') };

/**
 * @typedef {object} Options
 * @property {Dtype} [dtype]  Of x, and of the filter unless filterDtype is given.
 * @property {Dtype} [filterDtype]
 * @property {boolean} [bias]
 * @property {'each' | 'one' | 'zero' | 'tiny' | 'large' | 'half'} [scales]  Of the filter: for each channel, or one; some of
 *   them 0; so that results are 0 or are shifted left; 2^-31 of a result, to shift by a power of two.
 * @property {[number, number]} [range]  Of x.
 */

/**
 * @param {number[]} x @param {number[]} filter @param {number} channels  of the output @param {number} depth  terms of a sum
 * @param {Attributes} attributes @param {Options} options
 * @returns {Case}
 */
function layer(x, filter, channels, depth, attributes, { dtype = 'int8', filterDtype = dtype, bias = true, scales = 'each', range }) {
  const spread = 74 * 74 * Math.sqrt(depth); // 74: the deviation of a byte
  const random = seeded(channels + depth);
  const xScale = 0.0235;
  const factor = { each: 1, one: 1, zero: 1, tiny: 1e-7, large: 2 * spread, half: 1 }[scales];
  const each = Array.from({ length: scales === 'one' ? 1 : channels }, (_, i) =>
    scales === 'half' ? 2 ** -(i % 20) / xScale : scales === 'zero' && i % 3 === 0 ? 0 : 0.01 * factor * (0.5 + random()),
  );
  const zero = dtype === 'uint8' ? 121 : 3;
  const filterZero = filterDtype === 'uint8' ? 140 : 0;
  return {
    name: `x [${x}], filter [${filter}], ${JSON.stringify(attributes)}, ${dtype} ${filterDtype}, scales: ${scales}${bias ? '' : ', no bias'}`,
    inputs: [
      { shape: x, dtype, range },
      { shape: filter, dtype: filterDtype, from: 'constant' },
      bias ? { shape: [channels], dtype: 'int32', range: [-Math.round(spread), Math.round(spread)], from: 'constant' } : null,
      null,
      { shape: [each.length], values: each, from: 'constant' },
    ],
    attributes: {
      x_scale: xScale,
      x_zero: zero,
      filter_zero: filterZero,
      y_scale: scales === 'half' ? 1 : (xScale * 0.01 * spread) / 50,
      y_zero: zero - 10,
      ...attributes,
    },
  };
}

/** @param {number[]} x @param {number[]} filter  [OC,KH,KW,C] @param {Attributes} [attributes] @param {Options} [options] */
const conv = (x, filter, attributes = {}, options = {}) =>
  layer(x, filter, filter[0], filter[1] * filter[2] * filter[3], attributes, options);
/** @param {number[]} x @param {number[]} filter  [KH,KW,C,M] @param {Attributes} [attributes] @param {Options} [options] */
const depthwise = (x, filter, attributes = {}, options = {}) =>
  layer(x, filter, filter[2] * filter[3], filter[0] * filter[1], attributes, options);
/** @param {number[]} x @param {number[]} w @param {Attributes} [attributes] @param {Options} [options] */
const dense = (x, w, attributes = {}, options = {}) => layer(x, w, w[0], w[1], attributes, options);

/** Seeded shapes. @param {number} n @param {boolean} isDepthwise */
function randomLayers(n, isDepthwise) {
  const random = seeded(isDepthwise ? 21 : 22);
  const from = (/** @type {number} */ least, /** @type {number} */ most) => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: n }, () => {
    const groups = random() < 0.7 ? 1 : from(2, 4);
    const [c, m, kh, kw] = [from(1, 17), from(1, 19), from(1, 4), from(1, 4)];
    /** @type {Record<string, number>} */
    const attributes = { ...stride(from(1, 3), from(1, 3)), ...(random() < 0.7 ? {} : dilation(from(1, 3), from(1, 3))) };
    /** @type {Record<string, number>} */
    const area = { ...attributes, ...(random() < 0.5 ? SAME : padded(from(0, 3), from(0, 3), from(0, 3), from(0, 3))) };
    /** @type {Record<string, number>} */
    const limits = random() < 0.3 ? { act_min: -20, act_max: 90 } : {};
    /** @type {Options} */
    const options = {
      dtype: random() < 0.5 ? 'int8' : 'uint8',
      filterDtype: random() < 0.6 ? 'int8' : 'uint8',
      bias: random() < 0.7,
      scales: random() < 0.7 ? 'each' : 'one',
    };
    const image = [from(1, 2), from(10, 13), from(10, 13)];
    return isDepthwise
      ? depthwise([...image, c], [kh, kw, c, random() < 0.6 ? 1 : from(2, 3)], { ...area, ...limits }, options)
      : conv([...image, c * groups], [m * groups, kh, kw, c], { ...area, ...limits }, options);
  });
}

/** @type {Case[]} */
export const q_conv2d = [
  conv([1, 5, 5, 3], [8, 3, 3, 3]),
  conv([1, 5, 5, 3], [8, 3, 3, 3], {}, { bias: false }),
  conv([1, 5, 5, 3], [7, 3, 3, 3], SAME, { scales: 'one' }),
  conv([1, 5, 5, 3], [9, 3, 3, 3], SAME, UINT8),
  conv([1, 5, 5, 3], [9, 3, 3, 3], SAME, { ...UINT8, scales: 'one' }),
  conv([1, 5, 5, 3], [9, 3, 3, 3], SAME, { ...UINT8, filterDtype: 'int8' }),
  conv([1, 5, 5, 3], [9, 3, 3, 3], SAME, { filterDtype: 'uint8' }),
  conv([1, 1, 1, 1], [1, 1, 1, 1]),
  conv([1, 1, 1, 1], [1, 3, 3, 1], SAME),
  conv([0, 4, 4, 5], [7, 3, 3, 5], SAME),
  conv([1, 0, 4, 3], [2, 3, 3, 3], padded(2, 1, 0, 0)),
  conv([3, 4, 4, 5], [7, 1, 1, 5]),
  conv([1, 15, 11, 8], [24, 1, 1, 8]), // 165 outputs of a pixel each
  conv([1, 9, 9, 4], [6, 1, 1, 4], stride(2)),
  conv([1, 9, 9, 4], [6, 1, 1, 4], padded(1, 0, 2, 0)),
  conv([1, 9, 9, 4], [6, 3, 3, 4], { ...SAME, ...stride(2) }),
  conv([1, 2, 3, 3], [4, 3, 3, 3], padded(3, 0, 0, 4)),
  conv([1, 12, 12, 5], [6, 3, 3, 5], { ...SAME, ...dilation(2) }),
  conv([1, 12, 12, 5], [6, 3, 2, 5], dilation(3, 4)),
  conv([1, 12, 12, 5], [6, 3, 3, 5], dilation(2, 1)),
  conv([2, 6, 6, 6], [9, 3, 3, 2], SAME),
  conv([1, 6, 6, 5], [5, 3, 3, 1], SAME), // depthwise by its groups
  conv([1, 6, 6, 4], [12, 1, 1, 2], {}, UINT8),
  conv([1, 5, 5, 3], [20, 3, 3, 3], SAME, { scales: 'zero' }),
  conv([1, 5, 5, 3], [20, 3, 3, 3], SAME, { scales: 'tiny' }),
  conv([1, 5, 5, 3], [20, 3, 3, 3], SAME, { scales: 'large' }),
  conv([1, 5, 5, 3], [24, 3, 3, 3], SAME, { scales: 'half' }),
  conv([1, 5, 5, 3], [24, 3, 3, 3], SAME, { ...UINT8, scales: 'half' }),
  conv([1, 5, 5, 3], [8, 3, 3, 3], { act_min: -20, act_max: 30 }),
  conv([1, 5, 5, 3], [8, 3, 3, 3], { act_min: -7, act_max: -7 }),
  conv([1, 5, 5, 3], [8, 3, 3, 3], { act_min: -1000, act_max: 1000 }),
  conv([1, 5, 5, 3], [8, 3, 3, 3], { act_min: 128, act_max: 255 }, UINT8),
  conv([1, 5, 5, 3], [8, 3, 3, 3], { x_zero: -128, y_zero: 127 }),
  conv([1, 5, 5, 3], [8, 3, 3, 3], { x_zero: 0, filter_zero: 255, y_zero: 255 }, UINT8),
  conv([1, 4, 4, 2000], [9, 2, 2, 2000], {}, { range: [120, 127] }),
  conv([1, 33, 31, 16], [24, 3, 3, 16], SAME),
  conv([1, 48, 48, 3], [16, 5, 5, 3], { ...stride(2), ...SAME }, UINT8),
  conv([1, 3, 3, 1024], [17, 1, 1, 1024]),
  conv([1, 3000, 1, 2], [3, 1, 1, 2]),
  ...randomLayers(60, false),
];

/** @type {Case[]} */
export const q_depthwise_conv2d = [
  depthwise([1, 5, 5, 3], [3, 3, 3, 1]),
  depthwise([1, 5, 5, 3], [3, 3, 3, 1], SAME, { bias: false }),
  depthwise([1, 5, 5, 3], [3, 3, 3, 2], SAME),
  depthwise([1, 5, 5, 1], [3, 3, 1, 9], SAME, UINT8),
  depthwise([1, 5, 5, 8], [1, 1, 8, 1]),
  depthwise([2, 9, 7, 17], [3, 3, 17, 1], { ...SAME, ...stride(2) }),
  depthwise([2, 9, 7, 16], [5, 5, 16, 1], { ...SAME, ...stride(2) }, UINT8),
  depthwise([1, 9, 17, 16], [7, 7, 16, 1], SAME),
  depthwise([0, 9, 7, 16], [5, 5, 16, 1], SAME),
  depthwise([1, 0, 4, 3], [3, 3, 3, 2], padded(2, 1, 0, 0)),
  depthwise([1, 2, 2, 3], [5, 5, 3, 1], SAME),
  depthwise([1, 12, 12, 4], [3, 3, 4, 1], { ...SAME, ...dilation(2) }),
  depthwise([1, 12, 12, 4], [3, 2, 4, 3], { ...dilation(3, 2), ...padded(1, 2, 3, 0) }),
  depthwise([1, 6, 6, 20], [3, 3, 20, 1], SAME, { scales: 'one' }),
  depthwise([1, 6, 6, 20], [3, 3, 20, 1], SAME, { scales: 'zero' }),
  depthwise([1, 6, 6, 20], [3, 3, 20, 1], SAME, { scales: 'large' }),
  depthwise([1, 6, 6, 24], [3, 3, 24, 1], SAME, { scales: 'half' }),
  depthwise([1, 6, 6, 16], [3, 3, 16, 1], { ...SAME, act_min: -20, act_max: 30 }),
  depthwise([1, 64, 64, 24], [3, 3, 24, 1], SAME),
  ...randomLayers(40, true),
];

/** @type {Case[]} */
export const q_dense = [
  dense([1, 8], [8, 8]),
  dense([5, 7], [9, 7]),
  dense([5, 7], [9, 7], {}, { bias: false }),
  dense([5, 7], [9, 7], {}, { scales: 'one' }),
  dense([5, 7], [9, 7], {}, UINT8),
  dense([5, 7], [9, 7], {}, { ...UINT8, scales: 'one' }),
  dense([5, 32], [16, 32], {}, { filterDtype: 'uint8' }),
  dense([2, 3, 4, 5], [6, 5]),
  dense([9], [3, 9]),
  dense([0, 9], [3, 9]),
  dense([1, 1], [1, 1]),
  dense([4, 64], [24, 64], { act_min: 0, act_max: 100 }),
  dense([4, 64], [24, 64], {}, { scales: 'half' }),
  dense([4, 64], [24, 64], {}, { scales: 'large' }),
  dense([1, 1024], [1001, 1024]),
  dense([200, 129], [67, 129]),
];

/** @type {Case[]} */
export const q_transpose_conv2d = [
  conv([1, 4, 5, 3], [8, 2, 2, 3], stride(2)),
  conv([1, 4, 5, 3], [7, 3, 3, 3], { ...SAME, ...stride(2) }),
  conv([1, 4, 5, 3], [7, 3, 3, 3], { ...SAME, ...stride(2) }, UINT8),
  conv([2, 4, 5, 9], [9, 3, 3, 9], {}),
  conv([1, 4, 5, 4], [9, 3, 3, 4], SAME, { bias: false }),
  conv([1, 3, 3, 5], [4, 4, 4, 5], { ...SAME, ...stride(2) }),
  conv([1, 3, 3, 5], [4, 4, 3, 5], { ...stride(2, 3), out_h: 9, out_w: 10, ...SAME }),
  conv([1, 3, 3, 5], [4, 2, 2, 5], stride(3, 4)), // outputs that no window covers
  conv([1, 3, 3, 5], [4, 2, 2, 5], { ...stride(3), out_h: 11, out_w: 7 }),
  conv([1, 3, 4, 5], [4, 5, 5, 5], { ...stride(2), ...padded(1, 2, 2, 1) }),
  conv([1, 3, 4, 5], [4, 5, 5, 5], { ...stride(1), ...padded(2, 2, 2, 2) }, { filterDtype: 'uint8' }),
  conv([1, 1, 1, 1], [1, 1, 1, 1]),
  conv([0, 3, 3, 5], [4, 2, 2, 5], stride(2)),
  conv([1, 16, 16, 32], [24, 3, 3, 32], { ...SAME, ...stride(2), act_min: -100, act_max: 100 }),
  conv([1, 9, 9, 6], [5, 7, 7, 6], { ...SAME, ...stride(4) }, { scales: 'one' }),
];
