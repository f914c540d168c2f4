// Which points of the mesh are what: contours as paths of point indices, and the names that they give to points.
//
// Indices: MediaPipe face_mesh_connections.py. Left and right are the person's. Names are those of face-landmarks-detection.

/** @typedef {'lips' | 'leftEye' | 'leftEyebrow' | 'leftIris' | 'rightEye' | 'rightEyebrow' | 'rightIris' | 'faceOval'} ContourName */

/**
 * Paths of each contour: lines between neighbours in a path. A closed one ends where it begins. Irises are in refined meshes only.
 * @type {Readonly<Record<ContourName, readonly (readonly number[])[]>>}
 */
export const CONTOURS = {
  // Outer and inner ring, from the right corner to the left one: below, above.
  lips: [
    [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291],
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291],
    [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308],
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308],
  ],
  // From the outer corner to the inner one: below, above.
  leftEye: [
    [263, 249, 390, 373, 374, 380, 381, 382, 362],
    [263, 466, 388, 387, 386, 385, 384, 398, 362],
  ],
  leftEyebrow: [
    [276, 283, 282, 295, 285],
    [300, 293, 334, 296, 336],
  ],
  leftIris: [[474, 475, 476, 477, 474]],
  rightEye: [
    [33, 7, 163, 144, 145, 153, 154, 155, 133],
    [33, 246, 161, 160, 159, 158, 157, 173, 133],
  ],
  rightEyebrow: [
    [46, 53, 52, 65, 55],
    [70, 63, 105, 66, 107],
  ],
  rightIris: [[469, 470, 471, 472, 469]],
  // From the top of the forehead, clockwise in an unmirrored picture.
  // biome-ignore format: one path
  faceOval: [
    [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93,
     234, 127, 162, 21, 54, 103, 67, 109, 10],
  ],
};

/**
 * Names of the points that are in a contour; undefined for the others, and for the irises' centres.
 * @type {readonly (string | undefined)[]}  [478]
 */
export const POINT_NAMES = Array.from(
  { length: 478 },
  (_, i) => Object.entries(CONTOURS).find(([, paths]) => paths.some((path) => path.includes(i)))?.[0],
);

/**
 * Lines of contours.
 * @param {Iterable<ContourName>} [names]  all if left out.
 * @returns {[from: number, to: number][]}
 */
export const contourEdges = (names = /** @type {ContourName[]} */ (Object.keys(CONTOURS))) =>
  [...names].flatMap((name) =>
    CONTOURS[name].flatMap((path) => path.slice(1).map((to, i) => /** @type {[number, number]} */ ([path[i], to]))),
  );
