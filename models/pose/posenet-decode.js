// PoseNet's maps to people: where each part is most probable, or, for several people, part by part along the skeleton (PersonLab,
// arXiv 1803.08225, 3.1 and 3.2: heat maps, short-range offsets, mid-range displacements in both directions).

import { COCO_KEYPOINTS } from './keypoints.js';

/** @typedef {{ x: number, y: number, score: number, name: string }} PosePoint */
/** @typedef {{ keypoints: PosePoint[], score: number }} DecodedPose  17 points in pixels of the network's input. */

/**
 * The network's outputs, of one image, row-major; rows and columns of cells that are `stride` pixels of the input apart.
 * @typedef {object} PoseMaps
 * @property {number} height  in cells.
 * @property {number} width
 * @property {number} stride
 * @property {ArrayLike<number>} scores  [height, width, 17]: probabilities, the sigmoid of the heat maps.
 * @property {ArrayLike<number>} offsets  [height, width, 34]: from a cell to the part near it, 17 y and then 17 x, in pixels of the input.
 */

/**
 * Further outputs, for several people.
 * @typedef {object} PoseDisplacements
 * @property {ArrayLike<number>} forward  [height, width, 32]: from a part to its child, 16 y and then 16 x.
 * @property {ArrayLike<number>} backward  [height, width, 32]: from a child to its parent.
 */

const PARTS = COCO_KEYPOINTS.length;

/** Parent and child of each edge, in the order of the displacements (the pose chain of @tensorflow-models/posenet). */
const EDGES = [
  ['nose', 'left_eye'],
  ['left_eye', 'left_ear'],
  ['nose', 'right_eye'],
  ['right_eye', 'right_ear'],
  ['nose', 'left_shoulder'],
  ['left_shoulder', 'left_elbow'],
  ['left_elbow', 'left_wrist'],
  ['left_shoulder', 'left_hip'],
  ['left_hip', 'left_knee'],
  ['left_knee', 'left_ankle'],
  ['nose', 'right_shoulder'],
  ['right_shoulder', 'right_elbow'],
  ['right_elbow', 'right_wrist'],
  ['right_shoulder', 'right_hip'],
  ['right_hip', 'right_knee'],
  ['right_knee', 'right_ankle'],
].map((names) => names.map((name) => COCO_KEYPOINTS.indexOf(name)));

/** A part is a candidate for a person's first one where no neighbouring cell this far away has a higher score. */
const NEIGHBOURHOOD = 1;
/** A part that was reached over a displacement is moved by the offset of the cell it is in, twice. */
const REFINEMENTS = 2;

/**
 * One person: each part where its score is highest.
 * @param {PoseMaps} maps
 * @returns {DecodedPose}  score: mean of its parts'.
 */
export function decodeSinglePose(maps) {
  const { scores, width, height } = maps;
  const keypoints = COCO_KEYPOINTS.map((_, part) => {
    let best = 0;
    for (let cell = 1; cell < width * height; cell++) if (scores[cell * PARTS + part] > scores[best * PARTS + part]) best = cell;
    return partAt(maps, best, part, scores[best * PARTS + part]);
  });
  return { keypoints, score: meanOf(keypoints) };
}

/**
 * Several people. Of all parts that are surest in their neighbourhood, the surest that belongs to nobody yet starts a person, whose other
 * parts follow along the skeleton.
 * @param {PoseMaps & PoseDisplacements} maps
 * @param {object} [options]
 * @param {number} [options.maxPoses]  5 if left out.
 * @param {number} [options.scoreThreshold]  of the part that a person starts from; 0.5 if left out.
 * @param {number} [options.nmsRadius]  in pixels of the input: a part this near to the same part of an earlier person is that person's.
 *   20 if left out.
 * @returns {DecodedPose[]}  in the order of their first parts' scores. score: the sum over parts that no earlier person has, by 17.
 */
export function decodeMultiplePoses(maps, { maxPoses = 5, scoreThreshold = 0.5, nmsRadius = 20 } = {}) {
  /** @type {DecodedPose[]} */
  const poses = [];
  const taken = (/** @type {PosePoint} */ { x, y }, /** @type {number} */ part) =>
    poses.some(({ keypoints }) => (keypoints[part].x - x) ** 2 + (keypoints[part].y - y) ** 2 <= nmsRadius ** 2);
  for (const { score, cell, part } of candidates(maps, scoreThreshold)) {
    if (poses.length >= maxPoses) break;
    const root = partAt(maps, cell, part, score);
    if (taken(root, part)) continue;
    const keypoints = growPose(maps, root, part);
    poses.push({ keypoints, score: meanOf(keypoints.filter((point, i) => !taken(point, i))) });
  }
  return poses;
}

/** @param {PosePoint[]} points  of 17. */
const meanOf = (points) => points.reduce((sum, { score }) => sum + score, 0) / PARTS;

/**
 * @param {PoseMaps} maps
 * @param {number} threshold
 * @returns {{ score: number, cell: number, part: number }[]}  surest first.
 */
function candidates({ scores, width, height }, threshold) {
  const found = [];
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let part = 0; part < PARTS; part++, at++) {
        const score = scores[at];
        if (score >= threshold && isHighest(row, column, part)) found.push({ score, cell: row * width + column, part });
      }
    }
  }
  return found.sort((a, b) => b.score - a.score);

  /** @param {number} row @param {number} column @param {number} part */
  function isHighest(row, column, part) {
    const score = scores[(row * width + column) * PARTS + part];
    for (let y = Math.max(row - NEIGHBOURHOOD, 0); y <= Math.min(row + NEIGHBOURHOOD, height - 1); y++) {
      for (let x = Math.max(column - NEIGHBOURHOOD, 0); x <= Math.min(column + NEIGHBOURHOOD, width - 1); x++) {
        if (scores[(y * width + x) * PARTS + part] > score) return false;
      }
    }
    return true;
  }
}

/**
 * @param {PoseMaps} maps
 * @param {number} cell
 * @param {number} part
 * @param {number} score
 * @returns {PosePoint}
 */
function partAt({ offsets, width, stride }, cell, part, score) {
  const at = cell * 2 * PARTS + part;
  return {
    x: (cell % width) * stride + offsets[at + PARTS],
    y: Math.floor(cell / width) * stride + offsets[at],
    score,
    name: COCO_KEYPOINTS[part],
  };
}

/**
 * @param {PoseMaps & PoseDisplacements} maps
 * @param {PosePoint} root
 * @param {number} rootPart
 * @returns {PosePoint[]}  [17].
 */
function growPose(maps, root, rootPart) {
  /** @type {PosePoint[]} */
  const points = new Array(PARTS);
  points[rootPart] = root;
  // Up to the nose, then down: every part lies behind one that is known by then.
  for (let edge = EDGES.length - 1; edge >= 0; edge--) {
    const [parent, child] = EDGES[edge];
    if (points[child] && !points[parent]) points[parent] = follow(maps, points[child], edge, maps.backward, parent);
  }
  for (const [edge, [parent, child]] of EDGES.entries()) {
    if (points[parent] && !points[child]) points[child] = follow(maps, points[parent], edge, maps.forward, child);
  }
  return points;
}

/**
 * @param {PoseMaps} maps
 * @param {{ x: number, y: number }} from
 * @param {number} edge
 * @param {ArrayLike<number>} displacements  [height, width, 32]
 * @param {number} part  where the edge leads.
 * @returns {PosePoint}
 */
function follow(maps, from, edge, displacements, part) {
  const { scores, width, height, stride } = maps;
  /** @param {{ x: number, y: number }} point */
  const cellNear = ({ x, y }) => nearest(y / stride, height) * width + nearest(x / stride, width);
  const at = cellNear(from) * 2 * EDGES.length + edge;
  let point = { x: from.x + displacements[at + EDGES.length], y: from.y + displacements[at] };
  for (let i = 0; i < REFINEMENTS; i++) point = partAt(maps, cellNear(point), part, 0);
  return { ...point, score: scores[cellNear(point) * PARTS + part], name: COCO_KEYPOINTS[part] };
}

/** @param {number} position @param {number} cells */
const nearest = (position, cells) => Math.min(Math.max(Math.round(position), 0), cells - 1);
