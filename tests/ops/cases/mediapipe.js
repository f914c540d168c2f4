// Cases of MediaPipe's custom ops; the sizes are those of face_landmark_with_attention.

/** @import { Case, Operand } from '../run.js' */

const LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 0, 267, 269, 13, 14, 78, 308];
const LIPS_CROP = { left_rotation_idx: 61, right_rotation_idx: 291, output_height: 16, output_width: 16, scale_x: 1.5, scale_y: 1.5 };

/** @param {string} name @param {Operand} x @param {number[]} subset @param {Record<string, number>} attributes @param {Operand['from']} [from] @returns {Case} */
const crop = (name, x, subset, attributes, from = 'constant') => ({
  name,
  inputs: [x, { shape: [subset.length], dtype: 'int32', values: subset, from }],
  attributes,
});

/** Two landmarks apart, then others. @param {number[][]} points @returns {Operand} */
const points = (points) => ({ shape: [1, points.length, points[0].length], values: points.flat() });
const SQUARE = points([
  [10, 20, 1],
  [30, 20, 2],
  [30, 40, 3],
  [10, 40, 4],
]);
const SMALL = { left_rotation_idx: 0, right_rotation_idx: 1, output_height: 4, output_width: 8, scale_x: 1, scale_y: 2 };

/** @type {Case[]} */
export const landmarks_to_transform_matrix = [
  crop('lips', { shape: [1, 468, 3], fill: 'wide' }, LIPS, LIPS_CROP),
  crop('lips of three faces', { shape: [3, 468, 3], fill: 'wide' }, LIPS, LIPS_CROP),
  crop('a subset that is computed', { shape: [1, 468, 3] }, LIPS, LIPS_CROP, 'input'),
  crop('an upright square', SQUARE, [0, 1, 2, 3], SMALL),
  crop('a square on its head', SQUARE, [2, 0], { ...SMALL, left_rotation_idx: 1, right_rotation_idx: 0 }),
  crop('a target of its own', SQUARE, [0, 1, 2], { ...SMALL, target_rotation_radians: 0.7 }),
  crop('a line straight up', SQUARE, [0, 2], { ...SMALL, left_rotation_idx: 1, right_rotation_idx: 2 }),
  crop('one landmark, left and right the same', SQUARE, [3], { ...SMALL, right_rotation_idx: 0 }),
  crop('landmarks of 2 dimensions', points([[1, 2], [5, 7], [3, 3]]), [0, 2, 1, 1], SMALL), // biome-ignore format: a list
  crop('no face', { shape: [0, 468, 3] }, LIPS, LIPS_CROP),
];

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const TURN = [0.8, -0.3, 9, 4.03, 0.31, 0.77, 9, -1.04, 0, 0, 1, 0, 0, 0, 0, 1];
const ZOOM = [2.5, 0, 0, 3.1, 0, 2.3, 0, 2.2, 0, 0, 1, 0, 0, 0, 0, 1];
const AWAY = [1, 0, 0, 100, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** @param {number[]} shape @param {number[][]} matrices @param {number} height @param {number} width @param {Partial<Operand>} [more] @returns {Case} */
const image = (shape, matrices, height, width, more = {}) => ({
  name: `x [${shape}] to ${height},${width}, [${matrices.map((matrix) => matrix.slice(0, 8).join(' '))}]${more.fill ?? ''}`,
  inputs: [
    { shape, ...more },
    { shape: [matrices.length, 4, 4], values: matrices.flat() },
  ],
  attributes: { output_height: height, output_width: width },
});

/** @type {Case[]} */
export const transform_tensor_bilinear = [
  image([1, 48, 48, 32], [ZOOM], 16, 16),
  image([1, 48, 48, 32], [TURN], 16, 16),
  image([1, 6, 7, 3], [IDENTITY], 6, 7),
  image([1, 6, 7, 3], [IDENTITY], 8, 9),
  image([2, 12, 11, 5], [TURN, ZOOM], 9, 8),
  image([2, 12, 11, 5], [TURN], 9, 8),
  image([1, 6, 7, 3], [AWAY], 4, 4),
  image([1, 1, 1, 3], [IDENTITY], 2, 2),
  image([1, 6, 7, 3], [TURN.map((value) => value / 3)], 5, 5, { fill: 'large' }),
  image([0, 6, 7, 3], [IDENTITY], 5, 5),
  image([1, 0, 7, 3], [IDENTITY], 5, 5),
  image([1, 6, 7, 3], [TURN.map(() => NaN)], 5, 5),
];

/** @param {number[]} shape @param {number[][]} matrices @param {Operand['fill']} [fill] @returns {Case} */
const moved = (shape, matrices, fill = 'wide') => ({
  name: `x [${shape}], [${matrices.map((matrix) => matrix.slice(0, 8).join(' '))}], ${fill}`,
  inputs: [
    { shape, fill },
    { shape: [matrices.length, 4, 4], values: matrices.flat() },
  ],
});

/** @type {Case[]} */
export const transform_landmarks = [
  moved([1, 80, 2], [TURN]),
  moved([1, 71, 2], [ZOOM]),
  moved([1, 5, 2], [IDENTITY]),
  moved([1, 7, 3], [TURN]),
  moved([3, 7, 3], [TURN, ZOOM, AWAY]),
  moved([3, 7, 4], [TURN]),
  moved([1, 9, 3], [TURN], 'specials'),
  moved([1, 9, 3], [TURN], 'large'),
  moved([1, 0, 3], [TURN]),
];
