// The refined model's parts: which of the 478 points each of its outputs places.
//
// Indices: MediaPipe tensors_to_face_landmarks_with_attention.pbtxt. Eyes are called left and right as they lie in an unmirrored picture
// there, which is the other way round for the person; here 33 is the right eye's outer corner, as everywhere else.

/** Points of the mesh without the irises. */
export const MESH_POINTS = 468;
export const REFINED_POINTS = 478;

// Four rings, each from the left corner along the lower lip, then along the upper lip without the corners.
// biome-ignore format: a ring in two lines
export const LIPS = [
  61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291,
  185, 40, 39, 37, 0, 267, 269, 270, 409,
  78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308,
  191, 80, 81, 82, 13, 312, 311, 310, 415,
  76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306,
  184, 74, 73, 72, 11, 302, 303, 304, 408,
  62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292,
  183, 42, 41, 38, 12, 268, 271, 272, 407,
];

// Rings around the eye, outwards, each from the outer corner below and then above; of the last two the upper parts are the brow.
// biome-ignore format: a ring in two lines
export const RIGHT_EYE = [
  33, 7, 163, 144, 145, 153, 154, 155, 133,
  246, 161, 160, 159, 158, 157, 173,
  130, 25, 110, 24, 23, 22, 26, 112, 243,
  247, 30, 29, 27, 28, 56, 190,
  226, 31, 228, 229, 230, 231, 232, 233, 244,
  113, 225, 224, 223, 222, 221, 189,
  35, 124, 46, 53, 52, 65,
  143, 111, 117, 118, 119, 120, 121, 128, 245,
  156, 70, 63, 105, 66, 107, 55, 193,
];

// biome-ignore format: a ring in two lines
export const LEFT_EYE = [
  263, 249, 390, 373, 374, 380, 381, 382, 362,
  466, 388, 387, 386, 385, 384, 398,
  359, 255, 339, 254, 253, 252, 256, 341, 463,
  467, 260, 259, 257, 258, 286, 414,
  446, 261, 448, 449, 450, 451, 452, 453, 464,
  342, 445, 444, 443, 442, 441, 413,
  265, 353, 276, 283, 282, 295,
  372, 340, 346, 347, 348, 349, 350, 357, 465,
  383, 300, 293, 334, 296, 336, 285, 417,
];

/** The innermost ring: the eye's own contour. */
const CONTOUR_POINTS = 16;
// Centre, then four points of the edge.
const RIGHT_IRIS = [468, 469, 470, 471, 472];
const LEFT_IRIS = [473, 474, 475, 476, 477];

/**
 * @typedef {object} Parts  in pixels of the model's input.
 * @property {ArrayLike<number>} mesh  [468, 3].
 * @property {ArrayLike<number>} lips  [80, 2].
 * @property {ArrayLike<number>} rightEye  [71, 2].
 * @property {ArrayLike<number>} leftEye
 * @property {ArrayLike<number>} rightIris  [5, 2].
 * @property {ArrayLike<number>} leftIris
 */

/**
 * Lips and eyes move sideways and up and down, and keep the mesh's depth; an iris has the mean depth of its eye's contour.
 * @param {Parts} parts
 * @param {Float32Array} into  [478, 3].
 */
export function mergeParts({ mesh, lips, rightEye, leftEye, rightIris, leftIris }, into) {
  into.set(mesh);
  place(lips, LIPS, into);
  place(rightEye, RIGHT_EYE, into);
  place(leftEye, LEFT_EYE, into);
  place(rightIris, RIGHT_IRIS, into, meanDepth(RIGHT_EYE, into));
  place(leftIris, LEFT_IRIS, into, meanDepth(LEFT_EYE, into));
}

/**
 * @param {ArrayLike<number>} points  [n, 2].
 * @param {number[]} indices  [n]
 * @param {Float32Array} into
 * @param {number} [depth]  of all of them; what is there if left out.
 */
function place(points, indices, into, depth) {
  for (let i = 0; i < indices.length; i++) {
    const at = 3 * indices[i];
    into[at] = points[2 * i];
    into[at + 1] = points[2 * i + 1];
    if (depth !== undefined) into[at + 2] = depth;
  }
}

/** @param {number[]} eye @param {Float32Array} points */
function meanDepth(eye, points) {
  let sum = 0;
  for (let i = 0; i < CONTOUR_POINTS; i++) sum += points[3 * eye[i] + 2];
  return sum / CONTOUR_POINTS;
}
