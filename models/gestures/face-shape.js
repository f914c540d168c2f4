// Where a face is in a picture and what its parts are: from a mesh, from a pose's eyes and ears, or from a box alone.

import { CONTOURS } from '../facemesh/contours.js';

/** @typedef {{ x: number, y: number, z?: number, score?: number, name?: string }} Point */
/** @typedef {{ box?: { xMin: number, yMin: number, width: number, height: number }, keypoints?: Point[] }} FaceLike  a face of
 *   xnnjs/facemesh, a pose of xnnjs/pose, or anything with a box around a face. */

/** @typedef {'forehead' | 'eyes' | 'nose' | 'cheeks' | 'mouth' | 'chin'} FaceRegion */

/**
 * @typedef {object} FaceShape
 * @property {{ x: number, y: number }[]} outline  corners of a polygon around the face, in pixels.
 * @property {{ x: number, y: number, region: FaceRegion }[]} marks  points of known regions: a point belongs to the nearest one's.
 * @property {number} width  from ear to ear in pixels, as if the face looked at the camera.
 * @property {boolean} fromMesh  its width is measured in depth as well.
 */

// Points of MediaPipe's canonical face mesh. The oval is a closed path, whose last corner is its first.
const OVAL = CONTOURS.faceOval[0].slice(1);
const [RIGHT_EAR, LEFT_EAR] = [234, 454];
/** By the positions in canonical_face_model.obj. @type {Record<FaceRegion, number[]>} */
const MESH_MARKS = {
  forehead: [10, 151, 9, 67, 297, 109, 338, 103, 332, 54, 284, 69, 299, 104, 333, 68, 298],
  eyes: [33, 133, 159, 145, 362, 263, 386, 374, 70, 105, 107, 300, 334, 336, 230, 450],
  nose: [1, 4, 5, 195, 197, 6, 98, 327, 2, 48, 278],
  cheeks: [50, 280, 205, 425, 117, 346, 123, 352, 187, 411, 147, 376, 116, 345, 227, 447, 213, 433, 58, 288],
  mouth: [61, 291, 0, 17, 13, 14, 37, 267, 84, 314, 40, 270, 91, 321],
  chin: [152, 175, 199, 148, 377, 176, 400, 171, 396, 150, 379, 140, 369],
};
const MESH_POINTS = 468;

// Proportions of a face that looks at the camera, in widths from ear to ear, right and down from the middle between the eyes: means of
// adults (eyes 0.45 apart, chin 0.8 below them, hair 0.5 above), as canonical_face_model.obj has them.
const OVAL_MIDDLE = 0.15;
const OVAL_HALF_HEIGHT = 0.65;
const EYES_APART = 0.45;
/** @type {[region: FaceRegion, x: number, y: number][]} */
const PLAIN_MARKS = [
  ['forehead', 0, -0.35],
  ['forehead', -0.25, -0.3],
  ['forehead', 0.25, -0.3],
  ['eyes', -0.22, 0],
  ['eyes', 0.22, 0],
  ['nose', 0, 0.2],
  ['nose', 0, 0.32],
  ['cheeks', -0.32, 0.32],
  ['cheeks', 0.32, 0.32],
  ['mouth', 0, 0.5],
  ['mouth', -0.15, 0.5],
  ['mouth', 0.15, 0.5],
  ['chin', 0, 0.76],
  ['chin', -0.15, 0.7],
  ['chin', 0.15, 0.7],
];
/** Below, a pose's point is a guess. */
const PROBABLE = 0.3;

/**
 * @param {FaceLike} face
 * @returns {FaceShape | undefined}  nothing where it has neither a mesh, nor both eyes or ears, nor a box; or is without extent.
 */
export function shapeOfFace({ box, keypoints = [] }) {
  const shape = keypoints.length >= MESH_POINTS ? ofMesh(keypoints) : keypoints.length > 0 ? ofPose(keypoints) : box && ofBox(box);
  return shape && shape.width > 0 && Number.isFinite(shape.width) ? shape : undefined;
}

/** @param {Point[]} points  [468] or more. @returns {FaceShape} */
function ofMesh(points) {
  const [right, left] = [points[RIGHT_EAR], points[LEFT_EAR]];
  return {
    outline: OVAL.map((i) => points[i]),
    marks: /** @type {FaceRegion[]} */ (Object.keys(MESH_MARKS)).flatMap((region) =>
      MESH_MARKS[region].map((i) => ({ x: points[i].x, y: points[i].y, region })),
    ),
    width: Math.hypot(left.x - right.x, left.y - right.y, (left.z ?? 0) - (right.z ?? 0)),
    fromMesh: true,
  };
}

/** @param {Point[]} points @returns {FaceShape | undefined} */
function ofPose(points) {
  const find = (/** @type {string} */ name) => points.find((point) => point.name === name && (point.score ?? 1) >= PROBABLE);
  const [leftEye, rightEye, leftEar, rightEar] = ['left_eye', 'right_eye', 'left_ear', 'right_ear'].map(find);
  const eyes = leftEye && rightEye && { left: leftEye, right: rightEye, apart: EYES_APART };
  const ears = leftEar && rightEar && { left: leftEar, right: rightEar, apart: 1 };
  const pairs = [eyes, ears].filter((pair) => pair !== undefined);
  if (pairs.length === 0) return undefined;
  // Of a face that turns away, eyes and ears come nearer together: the wider guess is the better one.
  const widths = pairs.map(({ left, right, apart }) => Math.hypot(left.x - right.x, left.y - right.y) / (apart ?? 1));
  const width = Math.max(...widths);
  const { left, right } = pairs[0];
  const angle = Math.atan2(left.y - right.y, left.x - right.x);
  return plain({ x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 }, width, angle);
}

/** A box from forehead to chin and ear to ear, as detectors of faces give. @param {NonNullable<FaceLike['box']>} box @returns {FaceShape} */
function ofBox({ xMin, yMin, width, height }) {
  const size = (width + height / (2 * OVAL_HALF_HEIGHT)) / 2;
  return plain({ x: xMin + width / 2, y: yMin + height / 2 - OVAL_MIDDLE * size }, size, 0);
}

/**
 * @param {{ x: number, y: number }} eyes  their middle.
 * @param {number} width
 * @param {number} angle  of the line from the person's right to left, in radians.
 * @returns {FaceShape}
 */
function plain(eyes, width, angle) {
  const [cos, sin] = [Math.cos(angle) * width, Math.sin(angle) * width];
  const place = (/** @type {number} */ x, /** @type {number} */ y) => ({ x: eyes.x + x * cos - y * sin, y: eyes.y + x * sin + y * cos });
  const corners = 32;
  return {
    outline: Array.from({ length: corners }, (_, i) => {
      const turn = (2 * Math.PI * i) / corners;
      return place(0.5 * Math.sin(turn), OVAL_MIDDLE - OVAL_HALF_HEIGHT * Math.cos(turn));
    }),
    marks: PLAIN_MARKS.map(([region, x, y]) => ({ ...place(x, y), region })),
    width,
    fromMesh: false,
  };
}
