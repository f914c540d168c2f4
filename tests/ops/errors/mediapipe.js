// MediaPipe's custom ops.
import { input, NHWC, node } from './make.js';

/** @import { Attributes } from '../reference/tensor.js' */

const CROP = { left_rotation_idx: 0, right_rotation_idx: 4, output_height: 4, output_width: 4, scale_x: 1, scale_y: 1 };

/** @param {string} what @param {string} says @param {number[]} x @param {number[]} subset @param {Attributes} [attributes] @returns {import('./make.js').Wrong} */
const crop = (what, says, x, subset, attributes = CROP) => ({
  what,
  code: 'bad-shape',
  says,
  build: (g) => g.node('landmarks_to_transform_matrix', 'it', [input(g, x), input(g, subset, 'int32')], attributes),
});

/** @type {import('./make.js').Wrong[]} */
export const mediapipe = [
  crop('landmarks of rank 2', 'x has shape [5,3] instead of landmarks [N,L,D]', [5, 3], [2]),
  crop('landmarks on a line', 'x has shape [1,5,1] instead of landmarks [N,L,D]', [1, 5, 1], [2]),
  node('a subset that is no integers', 'bad-shape', 'its subset is float32 [2] instead of int32 [n]', 'landmarks_to_transform_matrix', [
    [1, 5, 3],
    [2],
  ]),
  crop('a subset of nothing', 'its subset is int32 [0] instead of int32 [n]', [1, 5, 3], [0]),
  crop('a landmark that is not there', 'it rotates by landmarks 0 and 4 of 4', [1, 4, 3], [2]),
  crop('a negative landmark', 'it rotates by landmarks -1 and 4 of 5', [1, 5, 3], [2], { ...CROP, left_rotation_idx: -1 }),
  {
    ...crop('a crop without pixels', 'its crop has 4 × 0 pixels', [1, 5, 3], [2], { ...CROP, output_width: 0 }),
    code: 'bad-model',
  },
  {
    what: 'a subset beyond the landmarks',
    code: 'bad-shape',
    says: 'its subset names landmark 5 of 5',
    build: (g) =>
      g.node(
        'landmarks_to_transform_matrix',
        'it',
        [g.constant('float32', [1, 5, 2], new Float32Array(10)), g.constant('int32', [2], Int32Array.of(0, 5))],
        CROP,
      ),
  },
  node('a matrix of 3 rows', 'bad-shape', 'its matrix has shape [1,3,4], for x with shape [1,5,3]', 'transform_landmarks', [
    [1, 5, 3],
    [1, 3, 4],
  ]),
  node(
    'matrices for other images',
    'bad-shape',
    'its matrix has shape [2,4,4], for x with shape [1,5,5,3]',
    'transform_tensor_bilinear',
    [NHWC, [2, 4, 4]],
    { output_height: 4, output_width: 4 },
  ),
  node('landmarks to move, of rank 4', 'bad-shape', 'x has shape [1,5,5,3] instead of landmarks [N,L,D]', 'transform_landmarks', [
    NHWC,
    [1, 4, 4],
  ]),
  node('an image to transform, of rank 3', 'bad-shape', 'x has shape [5,5,3] instead of [N,H,W,C]', 'transform_tensor_bilinear', [
    [5, 5, 3],
    [1, 4, 4],
  ]),
  node('an image transformed to nothing', 'bad-model', 'it makes images of 0 × 4 pixels', 'transform_tensor_bilinear', [NHWC, [1, 4, 4]], {
    output_width: 4,
  }),
];
