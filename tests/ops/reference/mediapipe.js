// MediaPipe's custom ops, from mediapipe/util/tflite/operations: as products of 4 × 4 matrices, which is how they are
// defined there, and as sums over all pixels.
import { build, number } from './tensor.js';

/** @import { Attributes, Reference, Tensor } from './tensor.js' */

/** @param {number[][]} a @param {number[][]} b */
const times = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
/** The same with magnitudes: what rounding is relative to. @param {number[][]} a */
const magnitudes = (a) => a.map((row) => row.map(Math.abs));

/** @param {number} x @param {number} y */
const shift = (x, y) => [
  [1, 0, 0, x],
  [0, 1, 0, y],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
/** @param {number} angle */
const rotate = (angle) => [
  [Math.cos(angle), -Math.sin(angle), 0, 0],
  [Math.sin(angle), Math.cos(angle), 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
/** @param {number} x @param {number} y */
const scaled = (x, y) => [
  [x, 0, 0, 0],
  [0, y, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function landmarks_to_transform_matrix([x, subset], a) {
  const { shape, data } = /** @type {Tensor} */ (x);
  const [batch, landmarks, dims] = shape;
  const [width, height] = [number(a, 'output_width'), number(a, 'output_height')];
  const made = Array.from({ length: batch }, (_, n) => {
    const point = (/** @type {number} */ i) => [0, 1].map((k) => data[(n * landmarks + i) * dims + k]);
    const [left, right] = [point(number(a, 'left_rotation_idx')), point(number(a, 'right_rotation_idx'))];
    const angle = Math.fround(number(a, 'target_rotation_radians')) - Math.atan2(right[1] - left[1], right[0] - left[0]);
    const turned = Array.from(/** @type {Tensor} */ (subset).data, (i) =>
      times(
        rotate(angle),
        [...point(i), 0, 1].map((value) => [value]),
      ),
    );
    const [low, high] = [Math.min, Math.max].map((pick) => [0, 1].map((k) => pick(...turned.map((vector) => vector[k][0]))));
    const centre = times(rotate(-angle), [[(low[0] + high[0]) / 2], [(low[1] + high[1]) / 2], [0], [1]]);
    const scale = [
      (Math.fround(number(a, 'scale_x')) * (high[0] - low[0])) / width,
      (Math.fround(number(a, 'scale_y')) * (high[1] - low[1])) / height,
    ];
    const steps = [shift(centre[0][0], centre[1][0]), rotate(-angle), scaled(scale[0], scale[1]), shift(-width / 2, -height / 2)];
    return [steps.reduce(times), steps.map(magnitudes).reduce(times)];
  });
  return build([batch, 4, 4], ([n, i, j]) => [made[n][0][i][j], made[n][1][i][j]]);
}

/** The first two rows of image n's matrix, at (x, y, 0, 1). @param {Tensor} matrix @param {number} n */
function transformOf({ shape, data }, n) {
  const start = shape[0] === 1 ? 0 : n * 16;
  return (/** @type {number} */ x, /** @type {number} */ y) =>
    [0, 4].map((row) => [x, y, 0, 1].map((value, k) => value * data[start + row + k]));
}
const sum = (/** @type {number[]} */ terms) => terms.reduce((total, term) => total + term, 0);
const sumOfMagnitudes = (/** @type {number[]} */ terms) => sum(terms.map(Math.abs));

/** @param {(Tensor | undefined)[]} inputs @param {Attributes} a @returns {Reference} */
export function transform_tensor_bilinear(inputs, a) {
  const [x, matrix] = /** @type {Tensor[]} */ (inputs);
  const [batch, height, width, channels] = x.shape;
  /** @param {number} at @param {number} i  the weight of pixel i */
  const tent = (at, i) => Math.max(0, 1 - Math.abs(at - i));
  return build([batch, number(a, 'output_height'), number(a, 'output_width'), channels], ([n, row, column, c]) => {
    const [atX, atY] = transformOf(matrix, n)(column + 0.5, row + 0.5).map((terms) => sum(terms) - 0.5);
    if (!(atX >= 0 && atX <= width - 1 && atY >= 0 && atY <= height - 1)) return 0;
    let result = 0;
    let terms = 0;
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const weight = tent(atY, i) * tent(atX, j);
        if (weight === 0) continue;
        const term = weight * x.data[((n * height + i) * width + j) * channels + c];
        result += term;
        terms += Math.abs(term);
      }
    return [result, terms];
  });
}

/** @param {(Tensor | undefined)[]} inputs @returns {Reference} */
export function transform_landmarks(inputs) {
  const [x, matrix] = /** @type {Tensor[]} */ (inputs);
  return build(x.shape, ([n, , k], flat) => {
    if (k > 1) return x.data[flat];
    const terms = transformOf(matrix, n)(x.data[flat - k], x.data[flat - k + 1])[k];
    return [sum(terms), sumOfMagnitudes(terms)];
  });
}
