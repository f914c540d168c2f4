// Cases of convolutions and pooling.
import { seeded } from '../../support/random.js';

/** @import { Case, Operand, Fill, Stored } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

const SAME = { padding: 1 };
const RELU6 = { activation: 1, act_min: 0, act_max: 6 };
const RELU = { activation: 1, act_min: 0, act_max: Infinity };
const NARROW = { activation: 1, act_min: -0.1, act_max: 0.1 };
const PRELU = { activation: 2 };
/** @param {number} top @param {number} bottom @param {number} left @param {number} right */
const padded = (top, bottom, left, right) => ({ pad_top: top, pad_bottom: bottom, pad_left: left, pad_right: right });
/** @param {number} h @param {number} [w] */
const stride = (h, w = h) => ({ stride_h: h, stride_w: w });
/** @param {number} h @param {number} [w] */
const dilation = (h, w = h) => ({ dilation_h: h, dilation_w: w });

/**
 * @param {number[]} x @param {number[]} filter @param {Attributes} [attributes]
 * @param {{ bias?: boolean, slope?: 'one' | 'channels' | 'input', fill?: Fill, stored?: Stored, biasStored?: Stored, depthwise?: boolean }} [options]
 * @returns {Case}
 */
function layer(x, filter, attributes = {}, { bias = true, slope, fill, stored, biasStored, depthwise = false } = {}) {
  const channels = depthwise ? filter[2] * filter[3] : filter[3];
  /** @type {(Operand | null)[]} */
  const inputs = [
    { shape: x, fill },
    { shape: filter, from: 'constant', stored },
  ];
  inputs.push(bias ? { shape: [channels], from: 'constant', stored: biasStored } : null);
  if (slope === 'one') inputs.push({ shape: [1], from: 'constant' });
  if (slope === 'channels') inputs.push({ shape: [1, 1, channels], from: 'constant' });
  if (slope === 'input') inputs.push({ shape: [channels] });
  const name = `x [${x}], filter [${filter}], ${JSON.stringify(attributes)}${bias ? '' : ', no bias'}${slope ? `, slope: ${slope}` : ''}${fill ? `, ${fill}` : ''}${stored ? `, stored as ${stored.dtype}` : ''}`;
  return { name, inputs, attributes };
}

const HALF = /** @type {Stored} */ ({ dtype: 'float16' });
const BYTES = /** @type {Stored} */ ({ dtype: 'uint8', scale: 0.0078, min: -1 });
const WORDS = /** @type {Stored} */ ({ dtype: 'uint16', scale: 3e-5, min: -0.9 });

/** Seeded shapes; each axis gets all the padding that its window needs. @param {number} n @param {boolean} depthwise */
function randomLayers(n, depthwise) {
  const random = seeded(depthwise ? 11 : 12);
  const from = (/** @type {number} */ least, /** @type {number} */ most) => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: n }, () => {
    const groups = depthwise || random() < 0.6 ? 1 : from(2, 4);
    const [c, m] = [from(1, 9), from(1, 10)];
    const [kh, kw, h, w] = [from(1, 5), from(1, 5), from(1, 11), from(1, 11)];
    /** @type {Record<string, number>} */
    const attributes = { ...stride(from(1, 3), from(1, 3)), ...dilation(random() < 0.7 ? 1 : from(2, 3), random() < 0.7 ? 1 : 2) };
    if (random() < 0.5) attributes.padding = 1;
    else {
      const missing = (/** @type {number} */ size, /** @type {number} */ kernel, /** @type {number} */ dilated) =>
        Math.max(0, (kernel - 1) * dilated + 1 - size);
      const [top, left] = [from(0, 3), from(0, 3)];
      Object.assign(
        attributes,
        padded(
          top,
          Math.max(from(0, 2), missing(h, kh, attributes.dilation_h) - top),
          left,
          Math.max(from(0, 2), missing(w, kw, attributes.dilation_w) - left),
        ),
      );
    }
    const kind = from(0, 3);
    Object.assign(attributes, kind === 1 ? NARROW : kind === 2 ? PRELU : {});
    const filter = depthwise ? [kh, kw, c, random() < 0.5 ? 1 : from(2, 4)] : [kh, kw, c, m * groups];
    return layer([from(1, 2), h, w, c * groups], filter, attributes, {
      bias: random() < 0.7,
      slope: kind === 2 ? (random() < 0.3 ? 'one' : 'channels') : undefined,
      depthwise,
    });
  });
}

/** @type {Case[]} */
export const conv2d = [
  layer([1, 5, 5, 3], [3, 3, 3, 8]),
  layer([1, 5, 5, 3], [3, 3, 3, 8], {}, { bias: false }),
  layer([1, 7, 9, 1], [3, 3, 1, 1], SAME),
  layer([1, 1, 1, 1], [1, 1, 1, 1]),
  layer([1, 1, 1, 1], [3, 3, 1, 1], SAME),
  layer([1, 4, 4, 5], [1, 1, 5, 7]),
  layer([3, 4, 4, 5], [1, 1, 5, 7], RELU),
  layer([0, 4, 4, 5], [1, 1, 5, 7]),
  layer([0, 4, 4, 5], [3, 3, 5, 7], SAME),
  layer([1, 0, 4, 3], [3, 3, 3, 2], SAME),
  layer([1, 0, 0, 1], [3, 3, 1, 1], padded(2, 1, 1, 2)),
  layer([1, 2, 2, 3], [5, 5, 3, 4], SAME),
  layer([1, 2, 2, 3], [5, 4, 3, 4], padded(2, 2, 1, 1)),
  layer([1, 2, 3, 3], [3, 3, 3, 4], padded(3, 0, 0, 4)),
  layer([1, 9, 9, 4], [3, 3, 4, 6], { ...SAME, ...stride(2) }),
  layer([1, 10, 9, 4], [2, 3, 4, 6], { ...SAME, ...stride(2, 3) }),
  layer([1, 9, 9, 4], [1, 1, 4, 6], stride(2)),
  layer([1, 9, 9, 4], [1, 1, 4, 6], { ...stride(3), ...SAME }),
  layer([1, 9, 8, 4], [1, 1, 4, 6], padded(1, 1, 2, 0)),
  layer([1, 11, 12, 3], [3, 3, 3, 4], { ...SAME, ...dilation(2) }),
  layer([1, 11, 12, 3], [3, 2, 3, 4], dilation(3, 4)),
  layer([1, 11, 12, 3], [3, 3, 3, 4], { ...padded(4, 4, 4, 4), ...dilation(4), ...stride(2) }),
  layer([1, 6, 6, 6], [3, 3, 2, 9], SAME),
  layer([2, 6, 6, 6], [3, 3, 3, 4], SAME),
  layer([1, 6, 6, 4], [3, 3, 1, 4], SAME),
  layer([1, 6, 6, 4], [3, 3, 1, 8], SAME),
  layer([2, 6, 6, 5], [3, 3, 1, 5], { ...stride(2), ...RELU6 }),
  layer([1, 6, 6, 4], [3, 3, 1, 4], { ...SAME, ...PRELU }, { slope: 'channels' }),
  layer([1, 5, 5, 3], [3, 3, 3, 8], RELU6),
  layer([1, 5, 5, 3], [3, 3, 3, 8], RELU),
  layer([1, 5, 5, 3], [3, 3, 3, 8], NARROW),
  layer([1, 5, 5, 3], [3, 3, 3, 8], { activation: 1, act_min: 0.25, act_max: 0.25 }),
  layer([1, 5, 5, 3], [3, 3, 3, 8], { activation: 1, act_min: -Infinity, act_max: Infinity }),
  layer([1, 5, 5, 3], [3, 3, 3, 8], PRELU, { slope: 'one' }),
  layer([1, 5, 5, 3], [3, 3, 3, 7], PRELU, { slope: 'channels' }),
  layer([1, 5, 5, 3], [3, 3, 3, 7], PRELU, { slope: 'input' }),
  layer([1, 5, 5, 3], [3, 3, 3, 7], SAME, { fill: 'specials' }),
  layer([1, 5, 5, 3], [3, 3, 3, 7], { ...SAME, ...RELU6 }, { fill: 'specials' }),
  layer([1, 5, 5, 3], [1, 1, 3, 9], RELU, { fill: 'specials' }),
  layer([1, 5, 5, 3], [1, 1, 3, 9], PRELU, { fill: 'specials', slope: 'channels' }),
  layer([1, 6, 6, 5], [3, 3, 1, 5], { ...SAME, ...RELU6 }, { fill: 'specials' }),
  layer([1, 5, 5, 3], [3, 3, 3, 7], SAME, { fill: 'large' }),
  layer([1, 5, 5, 16], [3, 3, 16, 9], SAME, { stored: HALF, biasStored: HALF }),
  layer([1, 5, 5, 16], [3, 3, 16, 9], SAME, { stored: BYTES, biasStored: WORDS }),
  layer([1, 5, 5, 16], [3, 3, 16, 9], SAME, { stored: WORDS }),
  layer([1, 5, 5, 6], [3, 3, 1, 6], SAME, { stored: HALF }),
  layer([1, 33, 31, 16], [3, 3, 16, 24], SAME),
  layer([1, 48, 48, 3], [5, 5, 3, 16], { ...stride(2), ...SAME, ...PRELU }, { slope: 'channels' }),
  layer([1, 3, 3, 1024], [1, 1, 1024, 17]),
  layer([1, 100000, 1, 2], [1, 1, 2, 3]),
  ...randomLayers(60, false),
];

/** @type {Case[]} */
export const depthwise_conv2d = [
  .../** @type {[number[], number[], Attributes?, Parameters<typeof layer>[3]?][]} */ ([
    [
      [1, 5, 5, 3],
      [3, 3, 3, 1],
    ],
    [[1, 5, 5, 3], [3, 3, 3, 1], SAME, { bias: false }],
    [[1, 5, 5, 3], [3, 3, 3, 2], SAME],
    [[1, 5, 5, 1], [3, 3, 1, 1], SAME],
    [[1, 5, 5, 1], [3, 3, 1, 9], SAME],
    [[2, 9, 7, 17], [3, 3, 17, 1], { ...SAME, ...stride(2) }],
    [[2, 9, 7, 16], [5, 5, 16, 1], { ...SAME, ...stride(2), ...RELU6 }],
    [[2, 9, 17, 16], [7, 7, 16, 1], SAME],
    [[0, 9, 7, 16], [5, 5, 16, 1], SAME],
    [[1, 0, 4, 3], [3, 3, 3, 2], padded(2, 1, 0, 0)],
    [[1, 0, 4, 3], [3, 3, 3, 2], SAME],
    [[1, 2, 2, 3], [5, 5, 3, 1], SAME],
    [[1, 2, 2, 3], [3, 3, 3, 1], padded(4, 4, 4, 4)],
    [[1, 12, 12, 4], [3, 3, 4, 1], { ...SAME, ...dilation(2) }],
    [[1, 12, 12, 4], [3, 2, 4, 3], { ...dilation(3, 2), ...padded(1, 2, 3, 0) }],
    [[1, 6, 6, 7], [3, 3, 7, 1], { ...SAME, ...PRELU }, { slope: 'channels' }],
    [[1, 6, 6, 3], [3, 3, 3, 3], { ...SAME, ...PRELU }, { slope: 'channels' }],
    [[1, 6, 6, 7], [3, 3, 7, 1], { ...SAME, ...PRELU }, { slope: 'one' }],
    [[1, 6, 6, 7], [3, 3, 7, 1], { ...SAME, ...PRELU }, { slope: 'input' }],
    [[1, 6, 6, 7], [3, 3, 7, 1], { ...SAME, ...NARROW }],
    [[1, 6, 6, 7], [3, 3, 7, 1], SAME, { fill: 'specials' }],
    [[1, 6, 6, 7], [3, 3, 7, 2], { ...SAME, ...RELU6 }, { fill: 'specials' }],
    [[1, 6, 6, 7], [3, 3, 7, 1], SAME, { fill: 'large' }],
    [[1, 6, 6, 32], [3, 3, 32, 1], SAME, { stored: HALF, biasStored: HALF }],
    [[1, 6, 6, 32], [3, 3, 32, 1], SAME, { stored: BYTES, biasStored: WORDS }],
    [[1, 64, 64, 24], [3, 3, 24, 1], SAME],
    [[1, 100000, 1, 2], [3, 1, 2, 1], SAME],
  ]).map(([x, filter, attributes, options]) => layer(x, filter, attributes, { ...options, depthwise: true })),
  ...randomLayers(60, true),
];

/** @param {number[]} x @param {number} kernelH @param {number} kernelW @param {Attributes} [attributes] @param {Fill} [fill] @returns {Case} */
const pool = (x, kernelH, kernelW, attributes = {}, fill = 'uniform') => ({
  name: `x [${x}], window ${kernelH},${kernelW}, ${JSON.stringify(attributes)}, ${fill}`,
  inputs: [{ shape: x, fill }],
  attributes: { kernel_h: kernelH, kernel_w: kernelW, ...attributes },
});

const pools = [
  pool([1, 6, 6, 4], 2, 2, stride(2)),
  pool([1, 7, 5, 3], 2, 2, { ...stride(2), ...SAME }),
  pool([2, 7, 5, 1], 3, 3, { ...stride(1), ...SAME }),
  pool([2, 7, 5, 5], 3, 2, { ...stride(3, 1), ...padded(1, 0, 0, 1) }),
  pool([1, 9, 9, 6], 3, 3, { ...SAME, ...dilation(2) }),
  pool([1, 2, 2, 3], 5, 5, SAME),
  pool([1, 2, 2, 3], 3, 3, padded(4, 4, 4, 4)),
  pool([1, 0, 2, 3], 3, 2, padded(2, 2, 0, 0)),
  pool([0, 6, 6, 4], 2, 2),
  pool([1, 6, 6, 0], 2, 2),
  pool([1, 0, 6, 4], 2, 2, SAME),
  pool([1, 6, 6, 4], 1, 1, stride(2)),
  pool([1, 6, 6, 7], 6, 6),
  pool([1, 6, 6, 7], 3, 3, SAME, 'specials'),
  pool([1, 6, 6, 7], 1, 1, {}, 'specials'),
  pool([1, 6, 6, 3], 3, 3, SAME, 'large'),
  pool([1, 64, 64, 9], 3, 3, { ...stride(2), ...SAME }),
  pool([1, 100000, 1, 3], 2, 1),
  pool([2, 11, 13, 6], 2, 2, { ...stride(3, 2), ...dilation(2, 3), ...padded(1, 2, 4, 0) }),
  pool([1, 9, 20, 19], 3, 3, { ...stride(2, 3), ...padded(0, 1, 2, 2) }),
  pool([1, 56, 56, 5], 56, 56),
  pool([1, 224, 224, 2], 224, 224, {}, 'positive'),
];

/** @param {'int8' | 'uint8'} dtype @returns {Case[]} */
const bytes = (dtype) =>
  [
    pool([1, 6, 6, 4], 2, 2, stride(2)),
    pool([2, 7, 5, 35], 3, 3, { ...stride(2), ...SAME }),
    pool([1, 2, 2, 17], 3, 3, padded(4, 4, 4, 4)), // windows of padding only: the least there is
    pool([1, 9, 9, 16], 3, 3, { ...SAME, ...dilation(2) }),
  ].map(({ name, inputs, attributes }) => ({
    name: `${name}, ${dtype}`,
    inputs: inputs.map((operand) => ({ .../** @type {Operand} */ (operand), dtype })),
    attributes,
  }));

/** @type {Case[]} */
export const max_pool2d = [
  ...pools,
  ...bytes('int8'),
  ...bytes('uint8'),
  {
    name: 'NaN only, and NaN first',
    inputs: [{ shape: [1, 1, 4, 1], values: [NaN, NaN, NaN, 2] }],
    attributes: { kernel_h: 1, kernel_w: 2, ...stride(1, 2) },
  },
];

/** @type {Case[]} */
export const avg_pool2d = [
  ...pools,
  {
    name: 'the average of 150000 times 0.1',
    inputs: [{ shape: [1, 300, 500, 1], values: new Array(150000).fill(0.1) }],
    attributes: { kernel_h: 300, kernel_w: 500 },
  },
];
