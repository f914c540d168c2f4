// Cases of gradients, and of batch normalisation.
import { windows } from '../reference/taps.js';
import { lrn } from './reductions.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes } from '../reference/tensor.js' */

const SAME = { padding: 1 };
/** @param {number} h @param {number} [w] */
const stride = (h, w = h) => ({ stride_h: h, stride_w: w });
/** @param {number} h @param {number} [w] */
const dilation = (h, w = h) => ({ dilation_h: h, dilation_w: w });
/** @param {number} top @param {number} bottom @param {number} left @param {number} right */
const padded = (top, bottom, left, right) => ({ pad_top: top, pad_bottom: bottom, pad_left: left, pad_right: right });
/** @param {number} d @param {number} h @param {number} w */
const stride3 = (d, h, w) => ({ stride_d: d, stride_h: h, stride_w: w });
/** @param {number} d @param {number} h @param {number} w */
const dilation3 = (d, h, w) => ({ dilation_d: d, dilation_h: h, dilation_w: w });
const PADDED3 = { pad_front: 1, pad_back: 0, pad_top: 0, pad_bottom: 2, pad_left: 1, pad_right: 1 };

/** What the window makes of x. @param {number[]} x @param {number[]} kernel @param {Attributes} a @param {number} channels */
const made = (x, kernel, a, channels) => [x[0], ...windows(x.slice(1, -1), kernel, a).map(({ outputs }) => outputs), channels];

/** @param {string} name @param {number[]} sizes */
const sides = (name, sizes) => Object.fromEntries(sizes.map((size, i) => [`${name}_${'dhw'[3 - sizes.length + i]}`, size]));

/** @typedef {{ x: number[], kernel: number[], out: number, attributes: Attributes, fill?: Operand['fill'] }} Conv */
/** @param {Conv} conv */
const nameOf = ({ x, kernel, out, attributes, fill }) =>
  `x [${x}], window ${kernel} to ${out}, ${JSON.stringify(attributes)}${fill === undefined ? '' : `, ${fill}`}`;

/** dy stays finite: the padding is zeros, and times an infinity NaN. @param {Conv} conv @returns {Case} */
const toFilter = (conv) => ({
  name: nameOf(conv),
  inputs: [{ shape: conv.x, fill: conv.fill }, { shape: made(conv.x, conv.kernel, conv.attributes, conv.out) }],
  attributes: { ...sides('kernel', conv.kernel), ...conv.attributes },
});
/** @param {(conv: Conv) => number[]} filterOf @returns {(conv: Conv) => Case} */
const toInput = (filterOf) => (conv) => ({
  name: nameOf(conv),
  inputs: [{ shape: made(conv.x, conv.kernel, conv.attributes, conv.out), fill: conv.fill }, { shape: filterOf(conv) }],
  attributes: { ...sides('in', conv.x.slice(1, -1)), ...conv.attributes },
});
/** @param {number[]} x @param {number[]} kernel @param {number} out @param {Attributes} [attributes] @param {Operand['fill']} [fill] @returns {Conv} */
const conv = (x, kernel, out, attributes = {}, fill = undefined) => ({ x, kernel, out, attributes, fill });

const CONVOLUTIONS = [
  conv([1, 5, 6, 3], [3, 3], 4),
  conv([2, 7, 8, 4], [3, 3], 8, SAME),
  conv([2, 9, 7, 5], [3, 2], 7, { ...stride(2), ...SAME }),
  conv([1, 11, 10, 6], [3, 3], 5, { ...dilation(2), ...SAME }),
  conv([1, 12, 11, 2], [2, 3], 3, { ...dilation(3, 2), ...stride(2, 3), ...padded(2, 1, 0, 3) }),
  conv([1, 4, 4, 3], [2, 2], 3, padded(3, 3, 3, 3)), // windows of padding only
  conv([3, 6, 6, 9], [1, 1], 1), // one column
  conv([2, 6, 6, 1], [1, 1], 9), // one row
  conv([2, 6, 6, 1], [1, 1], 1),
  conv([2, 20, 18, 2], [1, 1], 13), // fewer rows than a tile, more outputs than a stretch
  conv([1, 6, 6, 70], [1, 2], 6), // taps across tiles of rows
  conv([1, 4, 5, 6], [2, 2], 131), // two tiles of columns
  conv([2, 24, 23, 3], [3, 3], 5, SAME), // slices of several stretches
  conv([2, 24, 23, 8], [3, 3], 17, SAME), // enough for several threads
  conv([1, 14, 15, 40], [3, 3], 6, SAME),
  conv([1, 1, 300, 3], [1, 5], 2, SAME),
  conv([0, 6, 6, 3], [2, 2], 4),
  conv([1, 0, 3, 2], [2, 2], 3, padded(2, 2, 0, 0)),
  conv([1, 6, 7, 4], [3, 3], 4, SAME, 'specials'),
  conv([1, 6, 7, 4], [3, 3], 4, SAME, 'large'),
];
/** @type {Case[]} */
export const conv2d_backprop_filter = CONVOLUTIONS.map(toFilter);

const DEPTHWISE = [
  conv([1, 5, 6, 3], [3, 3], 3),
  conv([2, 7, 8, 16], [3, 3], 16, SAME),
  conv([2, 9, 7, 21], [3, 2], 21, { ...stride(2), ...SAME }),
  conv([1, 11, 10, 4], [3, 3], 4, { ...dilation(2), ...SAME }),
  conv([1, 12, 11, 5], [2, 3], 5, { ...dilation(3, 2), ...stride(2, 3), ...padded(2, 1, 0, 3) }),
  conv([1, 4, 4, 3], [2, 2], 3, padded(3, 3, 3, 3)),
  conv([1, 6, 5, 3], [3, 3], 6, SAME), // two of each
  conv([2, 6, 5, 5], [2, 3], 35, stride(2, 1)),
  conv([1, 5, 5, 1], [3, 3], 18, SAME),
  conv([1, 3, 4, 2], [2, 2], 600), // more than sums of one block
  conv([1, 4, 4, 300], [2, 2], 300, SAME),
  conv([2, 24, 23, 2], [3, 3], 2, SAME),
  conv([2, 24, 23, 40], [3, 3], 40, SAME), // enough for several threads
  conv([2, 23, 24, 20], [3, 3], 40, SAME),
  conv([1, 1, 300, 3], [1, 5], 3, SAME),
  conv([1, 9, 9, 2], [1, 1], 2, stride(3)), // pixels that nothing reads
  conv([0, 6, 6, 3], [2, 2], 3),
  conv([1, 0, 3, 2], [2, 2], 2, padded(2, 2, 0, 0)),
  conv([1, 6, 7, 5], [3, 3], 5, SAME, 'specials'),
  conv([1, 6, 7, 5], [3, 3], 10, SAME, 'specials'),
  conv([1, 6, 7, 4], [3, 3], 4, SAME, 'large'),
];
/** @type {Case[]} */
export const depthwise_backprop_filter = DEPTHWISE.map(toFilter);
/** @type {Case[]} */
export const depthwise_backprop_input = [
  ...DEPTHWISE.filter(({ x }) => x[1] > 0).map(toInput(({ x, kernel, out }) => [...kernel, x[3], out / x[3]])),
  {
    name: 'no channels out',
    inputs: [{ shape: [1, 4, 4, 0] }, { shape: [2, 2, 3, 0] }],
    attributes: { in_h: 5, in_w: 5 },
  },
];

const VOLUMES = [
  conv([1, 4, 5, 6, 3], [2, 3, 2], 4),
  conv([2, 4, 5, 6, 2], [3, 3, 3], 5, SAME),
  conv([1, 5, 6, 7, 3], [2, 3, 2], 9, { ...stride3(2, 1, 3), ...SAME }),
  conv([1, 7, 6, 7, 2], [2, 2, 3], 3, { ...dilation3(3, 2, 1), ...PADDED3 }),
  conv([1, 7, 8, 9, 1], [2, 3, 2], 2, { ...dilation3(2, 1, 3), ...stride3(3, 2, 2) }),
  conv([1, 5, 6, 7, 10], [1, 1, 1], 1, stride3(2, 2, 2)),
  conv([1, 2, 2, 3, 17], [2, 2, 2], 3, SAME),
  conv([1, 6, 12, 11, 2], [1, 2, 2], 3), // more outputs than a stretch
  conv([2, 6, 7, 8, 4], [3, 3, 3], 7, SAME), // enough for several threads
  conv([0, 4, 5, 6, 3], [2, 2, 2], 4),
  conv([1, 4, 5, 6, 3], [3, 2, 2], 4, SAME, 'specials'),
];
/** @type {Case[]} */
export const conv3d_backprop_filter = VOLUMES.map(toFilter);
/** @type {Case[]} */
export const conv3d_backprop_input = VOLUMES.map(toInput(({ x, kernel, out }) => [...kernel, x[4], out]));

/** @param {number[]} x @param {number[]} kernel @param {Attributes} [attributes] @param {Partial<Operand>} [more] @returns {Conv & { more: Partial<Operand> }} */
const pool = (x, kernel, attributes = {}, more = {}) => ({ ...conv(x, kernel, /** @type {number} */ (x.at(-1)), attributes), more });
/** @typedef {ReturnType<typeof pool>} Pool */
/** @param {Pool} p */
const poolName = (p) => `${nameOf(p)}, ${JSON.stringify(p.more)}`;
/** @param {Pool} p @returns {Case} */
const ofAverage = (p) => ({
  name: poolName(p),
  inputs: [{ shape: made(p.x, p.kernel, p.attributes, p.out), fill: p.more.fill }],
  attributes: { ...sides('in', p.x.slice(1, -1)), ...sides('kernel', p.kernel), ...p.attributes },
});
/** @param {Pool} p @returns {Case} */
const ofMaximum = (p) => ({
  name: poolName(p),
  inputs: [{ shape: p.x, ...p.more }, { shape: made(p.x, p.kernel, p.attributes, p.out) }],
  attributes: { ...sides('kernel', p.kernel), ...p.attributes },
});

const POOLS = [
  pool([1, 6, 6, 4], [2, 2], stride(2)),
  pool([2, 7, 5, 3], [2, 2], { ...stride(2), ...SAME }),
  pool([2, 7, 5, 17], [3, 3], SAME),
  pool([2, 7, 5, 5], [3, 2], { ...stride(3, 1), ...padded(1, 0, 0, 1) }),
  pool([1, 9, 9, 6], [3, 3], { ...SAME, ...dilation(2) }),
  pool([1, 11, 12, 3], [3, 2], { ...dilation(2, 3), ...stride(3, 2), ...padded(1, 2, 3, 0) }),
  pool([1, 2, 2, 3], [3, 3], padded(4, 4, 4, 4)),
  pool([1, 9, 9, 2], [2, 2], stride(3)), // pixels that nothing reads
  pool([1, 14, 14, 33], [7, 7], stride(7)),
  pool([1, 30, 40, 2], [30, 20]),
  pool([2, 40, 39, 17], [3, 3], { ...stride(2), ...SAME }), // enough for several threads
  pool([0, 6, 6, 4], [2, 2]),
  pool([1, 6, 6, 7], [3, 3], SAME, { fill: 'specials' }),
];
const VOLUME_POOLS = [
  pool([1, 4, 6, 6, 3], [2, 2, 2], stride3(2, 2, 2)),
  pool([2, 5, 7, 5, 4], [2, 2, 2], { ...stride3(2, 2, 2), ...SAME }),
  pool([1, 5, 6, 7, 17], [3, 3, 3], SAME),
  pool([1, 5, 6, 7, 5], [3, 2, 1], stride3(1, 2, 1)),
  pool([1, 6, 7, 8, 2], [2, 3, 2], { ...dilation3(2, 3, 1), ...PADDED3 }),
  pool([2, 12, 14, 15, 9], [2, 2, 2], { ...stride3(1, 2, 2), ...SAME }), // enough for several threads
  pool([0, 4, 6, 6, 3], [2, 2, 2]),
  pool([1, 4, 5, 6, 3], [2, 2, 2], SAME, { fill: 'specials' }),
];
/** @type {Case[]} */
export const avg_pool2d_grad = [...POOLS, pool([1, 200, 150, 1], [150, 120], {}, { fill: 'positive' })].map(ofAverage);
/** @type {Case[]} */
export const avg_pool3d_grad = VOLUME_POOLS.map(ofAverage);
/** Many equal ones. */
const TIES = { values: Array.from({ length: 630 }, (_, i) => (i * i) % 5) };
/** @type {Case[]} */
export const max_pool2d_grad = [
  ...POOLS,
  pool([1, 6, 6, 3], [2, 2], stride(2), TIES),
  pool([2, 6, 7, 5], [3, 3], SAME, TIES),
  pool([1, 1, 4, 1], [1, 2], stride(1, 2), { values: [NaN, NaN, -Infinity, NaN] }), // nobody wins
].map(ofMaximum);
/** @type {Case[]} */
export const max_pool3d_grad = [
  ...VOLUME_POOLS,
  pool([1, 4, 6, 6, 3], [2, 2, 2], stride3(2, 2, 2), TIES),
  pool([1, 4, 5, 6, 2], [3, 3, 3], SAME, TIES),
  pool([1, 1, 1, 4, 1], [1, 1, 2], stride3(1, 1, 2), { values: [NaN, NaN, -Infinity, -Infinity] }), // the last -Infinity wins
].map(ofMaximum);

/** @param {number[]} x @param {number[]} kernel @param {Attributes} [attributes] @param {Partial<Operand>} [more]  of x @returns {Case} */
const dilate = (x, kernel, attributes = {}, more = {}) => ({
  name: `x [${x}], filter ${kernel}, ${JSON.stringify(attributes)}, ${JSON.stringify(more)}`,
  inputs: [
    { shape: x, ...more },
    { shape: [...kernel, x[3]], ...(more.values === undefined ? {} : { values: new Array(100).fill(1) }) },
    { shape: made(x, kernel, attributes, x[3]) },
  ],
  attributes,
});
const DILATIONS = [
  dilate([1, 6, 7, 3], [2, 2]),
  dilate([1, 6, 7, 5], [3, 3], SAME),
  dilate([2, 6, 7, 18], [3, 2], { ...SAME, ...stride(2) }),
  dilate([1, 9, 9, 2], [3, 3], dilation(2)),
  dilate([1, 9, 9, 2], [3, 3], { ...SAME, ...dilation(2), ...stride(2) }),
  dilate([1, 5, 5, 17], [1, 1]),
  dilate([2, 24, 23, 20], [3, 3], SAME), // enough for several threads
  dilate([0, 6, 7, 3], [2, 2]),
  dilate([1, 6, 7, 5], [3, 3], SAME, { fill: 'specials' }),
  dilate([1, 6, 7, 2], [3, 3], SAME, TIES),
];
/** @type {Case[]} */
export const dilation2d_grad_input = [...DILATIONS, dilate([1, 3, 3, 2], [3, 3], padded(3, 3, 4, 3))];
/** @type {Case[]} */
export const dilation2d_grad_filter = [...DILATIONS, dilate([1, 3, 3, 2], [3, 3], padded(3, 3, 4, 3))];

/** @param {number[]} dy @param {number} h @param {number} w @param {number} [aligns] @returns {Case} */
const resized = (dy, h, w, aligns = 0) => ({
  name: `dy [${dy}] of ${h} × ${w}, align ${aligns}`,
  inputs: [{ shape: dy }],
  attributes: { in_h: h, in_w: w, align_corners: aligns },
});
const RESIZES = [0, 1].flatMap((aligns) => [
  resized([1, 6, 8, 3], 3, 4, aligns),
  resized([2, 7, 5, 4], 3, 4, aligns),
  resized([1, 3, 4, 5], 7, 9, aligns),
  resized([1, 4, 4, 18], 4, 4, aligns),
  resized([1, 1, 1, 2], 5, 6, aligns),
  resized([1, 5, 6, 2], 1, 1, aligns),
  resized([1, 1, 9, 1], 3, 2, aligns),
  resized([1, 33, 29, 2], 3, 11, aligns),
  resized([1, 40, 50, 17], 33, 21, aligns),
  resized([0, 6, 8, 3], 3, 4, aligns),
]);
/** @type {Case[]} */
export const resize_bilinear_grad = RESIZES;
/** @type {Case[]} */
export const resize_nearest_grad = RESIZES;

/** Those of lrn, with y and dy; and one of many rows. @type {Case[]} */
export const lrn_grad = [
  ...lrn.filter(({ inputs: [x] }) => x?.fill === 'uniform'),
  { name: '[1,50,4,64]', inputs: [{ shape: [1, 50, 4, 64] }], attributes: { radius: 5, bias: 1, alpha: 1, beta: 0.5 } },
].map(({ inputs: [x], ...rest }) => ({ ...rest, inputs: [x, x, x] }));

/** @param {number[]} shape @param {Operand['fill']} [fill] @returns {Case} */
const slope = (shape, fill) => ({
  name: `[${shape}], ${fill}`,
  inputs: [
    { shape, fill },
    { shape, fill },
  ],
});
/** @type {Case[]} */
export const elu_grad = [
  slope([]),
  slope([1]),
  slope([3]),
  slope([2, 3, 7]),
  slope([0, 4]),
  slope([40001]),
  slope([501], 'wide'),
  slope([503], 'specials'),
];

/**
 * @param {number[]} x @param {number[]} mean  and the others, where nothing else is said
 * @param {{ offset?: number[] | null, scale?: number[] | null, variance?: number[], epsilon?: number, fill?: Operand['fill'] }} [options]
 * @returns {Case}
 */
const norm = (x, mean, options = {}) => {
  const { offset = mean, scale = mean, variance = mean, epsilon = 1e-3, fill } = options;
  return {
    name: `[${x}] by [${mean}], ${JSON.stringify(options)}`,
    inputs: [
      { shape: x, fill },
      { shape: mean },
      { shape: variance, fill: 'positive' },
      offset && { shape: offset },
      ...(scale ? [{ shape: scale }] : []),
    ],
    attributes: { epsilon },
  };
};
/** @type {Case[]} */
export const batch_norm = [
  norm([2, 3, 4, 5], [5]),
  norm([2, 3, 4, 64], [64]),
  norm([2, 3, 4, 100], [100]),
  norm([2, 7], [7], { offset: null }),
  norm([2, 7], [7], { scale: null }),
  norm([2, 7], [7], { offset: null, scale: null }),
  norm([3, 5], [1]),
  norm([3, 5], [3, 5]),
  norm([20, 30], [20, 30]),
  norm([4, 6, 10], [10], { offset: [6, 10], scale: [1], variance: [4, 6, 10] }), // each of its own length
  norm([4, 6, 7], [5], { offset: [3], scale: [11], variance: [13] }), // lengths without a common multiple in x
  norm([5], [9]), // longer than x
  norm([0, 3], [3]),
  norm([], []),
  norm([300, 200], [200], { epsilon: 0 }),
  norm([40, 30], [30], { fill: 'specials' }),
];
