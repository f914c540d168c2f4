// Whether a hand touches a face: where its fingertips and its palm are against the outline of the face.

import { FINGERS } from '../hands/keypoints.js';
import { shapeOfFace } from './face-shape.js';

/** @import { FaceLike, FaceRegion, FaceShape } from './face-shape.js' */

/** @typedef {{ keypoints: { x: number, y: number, z?: number }[], keypoints3D?: { x: number, y: number, z?: number }[] }} HandLike  a
 *   hand of xnnjs/hands. */

/**
 * @typedef {object} Touch
 * @property {number} face  index of the face.
 * @property {number} hand  index of the hand.
 * @property {'thumb' | 'index_finger' | 'middle_finger' | 'ring_finger' | 'pinky_finger' | 'palm'} finger  what is nearest to the face.
 * @property {FaceRegion} region  of the face that is nearest to it.
 * @property {number} distance  from the outline of the face, in widths of the face; negative inside it.
 * @property {number | undefined} depth  how much nearer to the camera the hand is than the face: 1 as far, 2 half as far. Undefined where
 *   the hand has no keypoints3D or the face no mesh.
 * @property {number} x  of the point of the hand, in pixels.
 * @property {number} y
 */

/**
 * @typedef {object} TouchOptions
 * @property {number} [reach]  the largest distance of a touch, in widths of the face; 0.06 if left out: a fingertip's point lies half a
 *   finger before its edge.
 * @property {number} [depth]  a hand that is more than this many times nearer to the camera than the face, or farther from it, only seems to
 *   touch; 1.6 if left out, Infinity: it always touches.
 */

const REACH = 0.06;
const DEPTH = 1.6;
/** Metres from ear to ear: points 234 and 454 of MediaPipe's canonical_face_model.obj. */
const FACE_WIDTH = 0.153;

/** Wrist and first joints of the fingers. */
const PALM = [0, 5, 9, 13, 17];

/**
 * Hands on faces.
 * @param {FaceLike[]} faces
 * @param {HandLike[]} hands
 * @param {TouchOptions} [options]
 * @returns {Touch[]}  at most one for each pair of a hand and a face, the nearest point's; deepest first.
 */
export function touchingFace(faces, hands, { reach = REACH, depth: mostDepth = DEPTH } = {}) {
  /** @type {Touch[]} */
  const touches = [];
  for (const [face, given] of faces.entries()) {
    const shape = shapeOfFace(given);
    if (shape === undefined) continue;
    for (const [hand, { keypoints, keypoints3D }] of hands.entries()) {
      const depth = depthOf(shape, keypoints, keypoints3D);
      if (depth !== undefined && (depth > mostDepth || depth < 1 / mostDepth)) continue;
      const nearest = contacts(keypoints)
        .map((points) => {
          const [first, ...others] = points.map((point) => ({ ...point, distance: distanceTo(shape, point) }));
          return first.distance <= reach ? first : [first, ...others].reduce(nearer);
        })
        .reduce(nearer);
      if (nearest.distance <= reach) touches.push({ face, hand, ...nearest, region: regionAt(shape, nearest), depth });
    }
  }
  return touches.sort((a, b) => a.distance - b.distance);
}

/** @template {{ distance: number }} T @param {T} a @param {T} b */
const nearer = (a, b) => (b.distance < a.distance ? b : a);

/**
 * What can touch: of each finger its tip, and where that does not reach, its last joint; of the palm its middle, or the fingers' first joints.
 * @param {HandLike['keypoints']} points  [21]
 * @returns {{ finger: Touch['finger'], x: number, y: number }[][]}
 */
function contacts(points) {
  const palm = PALM.map((i) => points[i]);
  const mean = (/** @type {'x' | 'y'} */ axis) => palm.reduce((sum, point) => sum + point[axis], 0) / palm.length;
  const at = (/** @type {Touch['finger']} */ finger, /** @type {{ x: number, y: number }} */ { x, y }) => ({ finger, x, y });
  return [
    ...Object.entries(FINGERS).map(([finger, [, , last, tip]]) =>
      [tip, last].map((joint) => at(/** @type {Touch['finger']} */ (finger), points[joint])),
    ),
    [{ x: mean('x'), y: mean('y') }, ...palm.slice(1)].map((point) => at('palm', point)),
  ];
}

/**
 * @param {FaceShape} shape
 * @param {{ x: number, y: number }} point
 * @returns {number}  in widths of the face; negative inside.
 */
export function distanceTo({ outline, width }, { x, y }) {
  let inside = false;
  let nearest = Infinity;
  for (const [i, a] of outline.entries()) {
    const b = outline[(i + 1) % outline.length];
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : Math.min(Math.max(((x - a.x) * dx + (y - a.y) * dy) / length, 0), 1);
    nearest = Math.min(nearest, Math.hypot(x - a.x - along * dx, y - a.y - along * dy));
  }
  return (inside ? -nearest : nearest) / width;
}

/** @param {FaceShape} shape @param {{ x: number, y: number }} point @returns {FaceRegion} */
const regionAt = ({ marks }, { x, y }) =>
  marks.reduce((a, b) => (Math.hypot(b.x - x, b.y - y) < Math.hypot(a.x - x, a.y - y) ? b : a)).region;

/**
 * Things that are as far away have as many pixels for a metre. Only with a mesh: an outline that was guessed from eyes or a box shrinks
 * where the head turns.
 * @param {FaceShape} shape
 * @param {HandLike['keypoints']} points
 * @param {HandLike['keypoints3D']} metric
 */
function depthOf({ width, fromMesh }, points, metric) {
  if (!fromMesh || metric === undefined) return undefined;
  const spread = spreadOf(metric);
  return spread > 0 ? spreadOf(points) / spread / (width / FACE_WIDTH) : undefined;
}

/** Root mean square distance from the middle, across the picture. @param {{ x: number, y: number }[]} points */
function spreadOf(points) {
  const mean = (/** @type {(point: { x: number, y: number }) => number} */ of) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  return Math.sqrt(mean((point) => (point.x - x) ** 2 + (point.y - y) ** 2));
}
