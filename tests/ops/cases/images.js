// Cases of the ops that rearrange and transform images.
import { known } from './make.js';

/** @import { Case, Operand } from '../run.js' */
/** @import { Attributes, Dtype } from '../reference/tensor.js' */

const DTYPES = /** @type {Dtype[]} */ (['int32', 'bool', 'uint8', 'int8']);
/** @param {number[]} shape @param {Dtype} [dtype] @returns {Operand} */
const image = (shape, dtype) => ({ shape, dtype, fill: 'specials' });

/** @param {string} margin @returns {(x: number[], block: number[], margins: number[], dtype?: Dtype) => Case[]} */
const spaced = (margin) => (x, block, margins, dtype) => [
  { name: `${dtype} [${x}] by [${block}], [${margins}]`, inputs: [image(x, dtype)], attributes: { block, [margin]: margins } },
  {
    name: `${dtype} [${x}] by [${block}], [${margins}], inputs`,
    inputs: [image(x, dtype), known(block), known(margins, [block.length, 2])],
  },
];
const padded = spaced('paddings');
const cropped = spaced('crops');

/** @type {Case[]} */
export const space_to_batch = [
  ...padded([1, 2, 2, 1], [2, 2], [0, 0, 0, 0]),
  ...padded([2, 4, 6, 3], [2, 3], [0, 0, 0, 0]),
  ...padded([2, 4, 5, 3], [2, 3], [1, 1, 0, 1]),
  ...padded([1, 7, 7, 5], [4, 4], [4, 5, 4, 5]),
  ...padded([2, 5, 3], [2], [0, 1]),
  ...padded([2, 6], [3], [0, 0]),
  ...padded([2, 4, 6, 8, 2], [2, 3, 4], [0, 0, 0, 0, 0, 0]),
  ...padded([2, 3, 4], [1], [0, 0]),
  ...padded([0, 4, 4, 1], [2, 2], [0, 0, 0, 0]),
  ...padded([1, 0, 4, 1], [2, 2], [1, 1, 0, 0]),
  ...DTYPES.flatMap((dtype) => padded([2, 3, 4, 5], [2, 2], [0, 1, 1, 1], dtype)),
  ...padded([1, 100, 100, 16], [2, 2], [2, 2, 2, 2]),
];

/** @type {Case[]} */
export const batch_to_space = [
  ...cropped([4, 1, 1, 1], [2, 2], [0, 0, 0, 0]),
  ...cropped([12, 2, 2, 3], [2, 3], [0, 0, 0, 0]),
  ...cropped([12, 3, 2, 3], [2, 3], [1, 1, 0, 1]),
  ...cropped([16, 4, 4, 5], [4, 4], [4, 5, 4, 5]),
  ...cropped([4, 3, 3], [2], [0, 1]),
  ...cropped([6, 2], [3], [0, 0]),
  ...cropped([48, 2, 2, 2, 2], [2, 3, 4], [0, 0, 0, 0, 0, 0]),
  ...cropped([4, 1, 3, 1], [2, 2], [1, 1, 0, 0]),
  ...cropped([0, 4, 4, 1], [2, 2], [0, 0, 0, 0]),
  ...DTYPES.flatMap((dtype) => cropped([8, 3, 4, 5], [2, 2], [0, 1, 1, 1], dtype)),
  ...cropped([4, 52, 52, 16], [2, 2], [2, 2, 2, 2]),
];

/** @param {number[]} x @param {number} block @param {Dtype} [dtype] @returns {Case[]} */
const unfolded = (x, block, dtype) =>
  [0, 1].map((order) => ({
    name: `${dtype} [${x}] by ${block}, order ${order}`,
    inputs: [image(x, dtype)],
    attributes: { block, order },
  }));

/** @type {Case[]} */
export const depth_to_space = [
  ...unfolded([1, 1, 1, 4], 2),
  ...unfolded([2, 3, 5, 12], 2),
  ...unfolded([2, 3, 5, 9], 3),
  ...unfolded([1, 3, 2, 5], 1),
  ...unfolded([0, 3, 2, 4], 2),
  ...unfolded([1, 7, 5, 32], 4),
  ...unfolded([3, 2, 1, 20], 2),
  ...DTYPES.flatMap((dtype) => unfolded([1, 3, 2, 8], 2, dtype)),
  ...unfolded([1, 60, 61, 64], 2),
];

/** @type {Case[]} */
export const space_to_depth = [
  .../** @type {[number[], number, Dtype?][]} */ ([
    [[1, 2, 2, 1], 2],
    [[2, 6, 10, 3], 2],
    [[2, 9, 6, 1], 3],
    [[1, 3, 2, 5], 1],
    [[0, 4, 2, 4], 2],
    [[1, 120, 122, 16], 2],
    .../** @type {[number[], number, Dtype][]} */ (DTYPES.map((dtype) => [[1, 4, 6, 3], 2, dtype])),
  ]).map(([x, block, dtype]) => ({ name: `${dtype} [${x}] by ${block}`, inputs: [image(x, dtype)], attributes: { block } })),
];

const BOXES = [
  [0, 0, 1, 1],
  [0.25, 0.1, 0.75, 0.9],
  [1, 1, 0, 0],
  [-0.2, 0.3, 1.3, 0.6],
  [0.5, 0.5, 0.5, 0.5],
  [2, 2, 3, 3],
];

/** @type {Case[]} */
export const crop_and_resize = [
  [1, 5, 5, 1],
  [3, 6, 8, 4],
  [2, 1, 9, 3],
  [2, 40, 50, 3],
  [1, 4, 4, 0],
].flatMap((x) =>
  [
    [1, 1],
    [2, 2],
    [3, 5],
    [7, 1],
    [24, 24],
  ].flatMap(([crop_h, crop_w]) =>
    [0, 1].map((nearest) => ({
      name: `[${x}] to ${crop_h} × ${crop_w}, nearest ${nearest}`,
      inputs: [
        { shape: x },
        { shape: [BOXES.length, 4], values: BOXES.flat() },
        { shape: [BOXES.length], dtype: /** @type {Dtype} */ ('int32'), values: BOXES.map((_, i) => i % x[0]) },
      ],
      attributes: { crop_h, crop_w, nearest, extrapolation: 0.1 },
    })),
  ),
);
crop_and_resize.push({
  name: 'NaN in boxes',
  inputs: [
    { shape: [1, 4, 4, 2] },
    { shape: [2, 4], values: [0, NaN, 1, 1, NaN, 0, 1, 1] },
    { shape: [2], dtype: 'int32', values: [0, 0] },
  ],
  attributes: { crop_h: 3, crop_w: 2, extrapolation: 0.5 },
});
crop_and_resize.push({
  name: 'no boxes',
  inputs: [{ shape: [1, 4, 4, 2] }, { shape: [0, 4] }, { shape: [0], dtype: 'int32' }],
  attributes: { crop_h: 3, crop_w: 2 },
});

/** By name: a0, a1, a2, b0, b1, b2, c0, c1. Dyadic where they land between pixels. @type {Record<string, number[]>} */
const TRANSFORMS = {
  identity: [1, 0, 0, 0, 1, 0, 0, 0],
  shift: [1, 0, -2.25, 0, 1, 1.75, 0, 0],
  turn: [0.75, -0.625, 3.0625, 0.625, 0.75, -1.3125, 0, 0],
  'far away': [1, 0, 25.375, 0, 1, -31.125, 0, 0],
  perspective: [1, 0.25, 0.125, -0.1, 1, 0.3, 0.03125, 0.0625],
  'a horizon': [1, 0, 0.125, 0, 1, 0.25, -0.5, 0],
};

/** @type {Case[]} */
export const projective_transform = [
  ...Object.entries(TRANSFORMS).flatMap(([name, transform]) =>
    [0, 1].flatMap((bilinear) =>
      [0, 1, 2, 3].map((fill_mode) => ({
        name: `${name}, bilinear ${bilinear}, mode ${fill_mode}`,
        inputs: [{ shape: [2, 7, 9, 3] }, { shape: [1, 8], values: transform }],
        attributes: { out_h: 6, out_w: 11, bilinear, fill_mode, fill_value: 0.7 },
      })),
    ),
  ),
  ...[0, 1, 2, 3].map((fill_mode) => ({
    name: `one for each image, mode ${fill_mode}`,
    inputs: [{ shape: [3, 5, 4, 2] }, { shape: [3, 8], values: [...TRANSFORMS.shift, ...TRANSFORMS.turn, ...TRANSFORMS.perspective] }],
    attributes: { bilinear: 1, fill_mode, fill_value: -1 },
  })),
  ...[0, 1, 2, 3].map((fill_mode) => ({
    name: `of one pixel, mode ${fill_mode}`,
    inputs: [{ shape: [1, 1, 1, 5] }, { shape: [1, 8], values: TRANSFORMS.turn }],
    attributes: { out_h: 5, out_w: 5, fill_mode, fill_value: 2 },
  })),
  ...[0, 1, 2, 3].flatMap((fill_mode) =>
    [0, 1].map((bilinear) => ({
      name: `to infinity and nowhere, mode ${fill_mode}, bilinear ${bilinear}`,
      inputs: [{ shape: [1, 3, 3, 2] }, { shape: [1, 8], values: [1e38, 0, 1e38, 0, NaN, 0, 0, 0] }],
      attributes: { fill_mode, bilinear, fill_value: 2 },
    })),
  ),
  { name: 'large', inputs: [{ shape: [1, 100, 100, 3] }, { shape: [1, 8], values: TRANSFORMS.turn }], attributes: { bilinear: 1 } },
];
