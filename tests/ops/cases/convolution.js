// Cases of transposed convolutions, of filters that are computed, and of volumes.
import { seeded } from '../../support/random.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

const SAME = { padding: 1 };
const NARROW = { activation: 1, act_min: -0.1, act_max: 0.1 };
const PRELU = { activation: 2 };
const TFLITE = { filter_layout: 1 };
/** @param {number} h @param {number} [w] */
const stride = (h, w = h) => ({ stride_h: h, stride_w: w });
/** @param {number} h @param {number} [w] */
const dilation = (h, w = h) => ({ dilation_h: h, dilation_w: w });
/** @param {number} top @param {number} bottom @param {number} left @param {number} right */
const padded = (top, bottom, left, right) => ({ pad_top: top, pad_bottom: bottom, pad_left: left, pad_right: right });

/**
 * filter: [KH,KW,OC,IC], whatever layout the attributes say.
 * @param {number[]} x @param {number[]} filter @param {Attributes} [attributes]
 * @param {{ bias?: boolean, slope?: number[], scale?: boolean, fill?: Operand['fill'], stored?: Operand['stored'] }} [options]
 * @returns {Case}
 */
function up(x, filter, attributes = {}, { bias = true, slope, scale = false, fill, stored } = {}) {
  const [kh, kw, oc, ic] = filter;
  /** @type {(Operand | null)[]} */
  const inputs = [
    { shape: x, fill },
    { shape: attributes.filter_layout === 1 ? [oc, kh, kw, ic] : filter, from: 'constant', stored },
    bias ? { shape: [oc], from: 'constant' } : null,
  ];
  if (slope || scale) inputs.push(slope ? { shape: slope, from: 'constant' } : null);
  if (scale) inputs.push({ shape: [oc], from: 'constant' });
  const name = `x [${x}], filter [${filter}], ${JSON.stringify(attributes)}, bias ${bias}, slope ${slope}, scale ${scale}, ${fill}, ${stored?.dtype}`;
  return { name, inputs, attributes };
}

/** @param {number} n */
function randomUps(n) {
  const random = seeded(31);
  const from = (/** @type {number} */ least, /** @type {number} */ most) => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: n }, () => {
    const [kh, kw, h, w, sh, sw] = [from(1, 5), from(1, 5), from(1, 6), from(1, 6), from(1, 4), from(1, 4)];
    const [dh, dw] = [random() < 0.6 ? 1 : from(2, 4), random() < 0.6 ? 1 : from(2, 3)];
    /** @type {Record<string, number>} */
    const attributes = { ...stride(sh, sw), ...dilation(dh, dw), filter_layout: from(0, 1) };
    if (random() < 0.5) {
      attributes.padding = 1;
      if (random() < 0.5) Object.assign(attributes, { out_h: h * sh - from(0, sh - 1), out_w: w * sw - from(0, sw - 1) });
    } else {
      const [extentH, extentW] = [(kh - 1) * dh + 1, (kw - 1) * dw + 1];
      const [top, left] = [from(0, Math.floor((extentH - 1) / 2)), from(0, Math.floor((extentW - 1) / 2))];
      Object.assign(attributes, padded(top, from(0, Math.floor((extentH - 1) / 2)), left, 0));
      if (random() < 0.5) attributes.out_h = (h - 1) * sh + extentH - attributes.pad_top - attributes.pad_bottom + from(0, sh - 1);
    }
    const channels = from(1, 9);
    return up([from(1, 2), h, w, channels], [kh, kw, from(1, 18), channels], attributes);
  });
}

/** @type {Case[]} */
export const conv2d_transpose = [
  up([1, 4, 5, 3], [2, 2, 4, 3], { ...stride(2), ...SAME }),
  up([1, 4, 5, 3], [2, 2, 4, 3], { ...stride(2), ...SAME, ...TFLITE }),
  up([1, 4, 5, 3], [3, 3, 4, 3], { ...stride(2), ...SAME }),
  up([2, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME, ...TFLITE }, { bias: false }),
  up([1, 4, 5, 3], [3, 3, 4, 3], stride(2)),
  up([1, 4, 5, 3], [3, 3, 4, 3], { ...stride(2), ...TFLITE }),
  up([1, 4, 5, 3], [3, 3, 4, 3], { ...stride(2), ...SAME, out_h: 7, out_w: 9 }),
  up([1, 4, 5, 3], [3, 3, 4, 3], { ...stride(2), out_h: 10, out_w: 12 }),
  up([1, 4, 5, 3], [3, 3, 4, 3], SAME),
  up([1, 4, 5, 3], [1, 1, 4, 3]),
  up([1, 4, 5, 3], [1, 1, 4, 3], { ...stride(3), ...SAME }), // most outputs have no tap: the bias
  up([1, 4, 5, 3], [2, 5, 4, 3], { ...stride(3, 2), ...SAME }),
  up([1, 3, 3, 2], [5, 5, 4, 2], { ...stride(2), ...padded(2, 1, 1, 2) }),
  up([1, 3, 3, 2], [3, 3, 4, 2], { ...stride(2), ...dilation(2) }),
  up([1, 3, 3, 2], [3, 3, 4, 2], { ...stride(2), ...dilation(3), ...SAME }),
  up([1, 3, 3, 2], [3, 3, 4, 2], { ...stride(4), ...dilation(6) }),
  up([1, 1, 1, 1], [1, 1, 1, 1]),
  up([1, 1, 1, 1], [4, 4, 1, 1], { ...stride(4), ...SAME }),
  up([0, 4, 5, 3], [2, 2, 4, 3], stride(2)),
  up([1, 0, 5, 3], [2, 2, 4, 3], { ...stride(2), ...SAME }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME, ...NARROW }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME, activation: 1, act_min: 0, act_max: Infinity }, { bias: false }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME, ...PRELU }, { slope: [9] }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME, ...PRELU }, { slope: [1] }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME }, { scale: true }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME, ...TFLITE, ...PRELU }, { scale: true, slope: [9], bias: false }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME }, { fill: 'specials' }),
  up([1, 4, 5, 3], [3, 3, 9, 3], { ...stride(2), ...SAME }, { fill: 'large' }),
  up([1, 4, 5, 40], [3, 3, 9, 40], { ...stride(2), ...SAME }, { stored: { dtype: 'float16' } }),
  up([1, 4, 5, 40], [3, 3, 9, 40], { ...stride(2), ...TFLITE }, { stored: { dtype: 'uint8', scale: 0.0078, min: -1 } }),
  up([1, 4, 5, 300], [2, 2, 3, 300], stride(2)),
  up([1, 24, 40, 16], [2, 2, 8, 16], { ...stride(2), ...SAME }),
  up([1, 1, 300, 2], [1, 64, 3, 2], { ...stride(1, 16), ...SAME }),
  ...randomUps(60),
];

/**
 * @param {number[]} x @param {number[]} filter @param {Attributes} [attributes]
 * @param {{ bias?: boolean, fill?: Operand['fill'], from?: Operand['from'] }} [options] @returns {Case}
 */
const conv = (x, filter, attributes = {}, { bias = true, fill, from = 'input' } = {}) => ({
  name: `x [${x}], filter [${filter}] ${from}, ${JSON.stringify(attributes)}, bias ${bias}, ${fill}`,
  inputs: [{ shape: x, fill }, { shape: filter, from }, ...(bias ? [{ shape: [filter[filter.length - 1]], from }] : [])],
  attributes,
});

/** @type {Case[]} */
export const conv2d_dynamic = [
  conv([1, 5, 5, 3], [3, 3, 3, 8]),
  conv([1, 5, 5, 3], [3, 3, 3, 8], SAME, { bias: false }),
  conv([2, 5, 6, 3], [3, 2, 3, 9], { ...SAME, ...stride(2, 3) }),
  conv([1, 4, 4, 5], [1, 1, 5, 7]),
  conv([1, 1, 1, 1], [3, 3, 1, 1], SAME),
  conv([1, 11, 12, 3], [3, 2, 3, 4], dilation(3, 4)),
  conv([1, 5, 5, 3], [3, 3, 3, 4], { ...padded(3, 0, 1, 4), ...stride(2, 1) }),
  conv([1, 6, 6, 6], [3, 3, 2, 9], SAME),
  conv([2, 6, 6, 5], [3, 3, 1, 5], SAME), // depthwise
  conv([1, 6, 6, 4], [3, 3, 1, 12], SAME, { bias: false }),
  conv([0, 4, 4, 5], [1, 1, 5, 7]),
  conv([1, 0, 4, 3], [3, 3, 3, 2], padded(2, 1, 0, 0)),
  conv([1, 5, 5, 3], [3, 3, 3, 7], SAME, { fill: 'specials' }),
  conv([1, 5, 5, 3], [3, 3, 3, 7], SAME, { fill: 'large' }),
  conv([1, 5, 5, 3], [3, 3, 3, 7], SAME, { from: 'constant' }),
  conv([1, 33, 71, 4], [3, 3, 4, 9], SAME),
  conv([1, 1, 300, 2], [1, 5, 2, 3], SAME),
];

const SAME3 = { padding: 1 };
/** @param {number} d @param {number} h @param {number} w */
const stride3 = (d, h, w) => ({ stride_d: d, stride_h: h, stride_w: w });
/** @param {number} d @param {number} h @param {number} w */
const dilation3 = (d, h, w) => ({ dilation_d: d, dilation_h: h, dilation_w: w });

/** @type {Case[]} */
export const conv3d = [
  conv([1, 4, 5, 6, 3], [2, 3, 3, 3, 8]),
  conv([1, 4, 5, 6, 3], [2, 3, 3, 3, 8], SAME3, { bias: false }),
  conv([2, 4, 5, 6, 2], [3, 3, 3, 2, 9], { ...SAME3, ...stride3(2, 2, 2) }),
  conv([2, 4, 5, 6, 2], [3, 1, 2, 2, 9], { ...SAME3, ...stride3(1, 2, 3) }, { bias: false }),
  conv([1, 7, 8, 9, 2], [3, 3, 3, 2, 4], dilation3(2, 3, 1), { bias: false }),
  conv(
    [1, 3, 3, 3, 2],
    [3, 3, 3, 2, 4],
    { pad_front: 1, pad_back: 2, pad_top: 0, pad_bottom: 1, pad_left: 2, pad_right: 0 },
    { bias: false },
  ),
  conv([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], {}, { from: 'constant' }),
  conv([1, 2, 3, 3, 4], [2, 2, 2, 2, 6], SAME3), // groups
  conv([0, 4, 5, 6, 3], [2, 3, 3, 3, 8]),
  conv([1, 4, 5, 6, 3], [2, 3, 3, 3, 8], SAME3, { fill: 'specials' }),
  conv([1, 4, 5, 6, 3], [2, 3, 3, 3, 8], SAME3, { fill: 'large', from: 'constant' }),
  conv([1, 8, 16, 40, 2], [3, 3, 3, 2, 8], SAME3, { from: 'constant', bias: false }),
];
