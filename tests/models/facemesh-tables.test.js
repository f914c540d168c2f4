// Names, contours and triangles of the mesh against face-landmarks-detection's tables, and the mesh as a surface.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { LEFT_EYE, LIPS, mergeParts, RIGHT_EYE } from '../../models/facemesh/attention.js';
import { POINT_NAMES } from '../../models/facemesh/contours.js';
import { CONTOURS, contourEdges, tesselationEdges, tesselationTriangles } from '../../models/facemesh/main.js';
import { seeded } from '../support/random.js';

const require = createRequire(import.meta.url);
const DIST = '../../node_modules/@tensorflow-models/face-landmarks-detection/dist';
const published = require(`${DIST}/constants.js`);
const refinement = require(`${DIST}/tfjs/constants.js`);
const { landmarksRefinement } = require(`${DIST}/shared/calculators/landmarks_refinement.js`);

/** @param {number[]} edge */
const key = ([a, b]) => (a < b ? `${a}-${b}` : `${b}-${a}`);

test('contours: every contour has the points that face-landmarks-detection gives it, and the corners that it forgets', () => {
  // Its lists leave the last point of every path but the last out.
  const forgotten = /** @type {Record<string, number[]>} */ ({ lips: [291], leftEyebrow: [285], rightEyebrow: [55] });
  const theirs = published.MEDIAPIPE_FACE_MESH_KEYPOINTS_BY_CONTOUR;
  assert.deepEqual(Object.keys(CONTOURS), Object.keys(theirs));
  for (const [name, paths] of Object.entries(CONTOURS)) {
    const points = [...new Set(paths.flat())].sort((a, b) => a - b);
    const expected = [...new Set([...theirs[name], ...(forgotten[name] ?? [])])].sort((a, b) => a - b);
    assert.deepEqual(points, expected, name);
    for (const i of points) assert.equal(POINT_NAMES[i], name, `point ${i}`);
  }
  assert.equal(POINT_NAMES.filter((name) => name !== undefined).length, published.MEDIAPIPE_FACE_MESH_KEYPOINTS.size + 3);
});

test('contours: lines are edges of the mesh, but for the irises', () => {
  const mesh = new Set(tesselationEdges().map(key));
  const lines = contourEdges(['lips', 'leftEye', 'rightEye', 'leftEyebrow', 'rightEyebrow', 'faceOval']);
  assert.deepEqual(
    lines.filter((edge) => !mesh.has(key(edge))),
    [],
  );
  assert.equal(contourEdges().length, lines.length + 8);
});

test('tesselation: edges are those of face-landmarks-detection, each once', () => {
  const theirs = new Set(published.MEDIAPIPE_FACE_MESH_CONNECTED_KEYPOINTS_PAIRS.map(key));
  const ours = tesselationEdges();
  assert.equal(ours.length, 1322);
  assert.deepEqual([...new Set(ours.map(key))].sort(), [...theirs].sort());
  for (const [a, b] of ours) assert.ok(a >= 0 && a < b && b < 468);
});

test('tesselation: triangles are a disc with three holes (Euler), and those of face-landmarks-detection', () => {
  const triangles = tesselationTriangles();
  const sides = triangles.flatMap(([a, b, c]) => [key([a, b]), key([b, c]), key([a, c])]);
  const uses = new Map();
  for (const side of sides) uses.set(side, (uses.get(side) ?? 0) + 1);
  assert.ok([...uses.values()].every((n) => n === 1 || n === 2));
  assert.equal(uses.size, tesselationEdges().length);
  // A sphere has V − E + F = 2; four holes (outline, two eyes, mouth) take 4.
  assert.equal(new Set(triangles.flat()).size - uses.size + triangles.length, 2 - 4);
  // The rims, as many loops: every point of a rim is on two of its edges.
  const rim = [...uses].filter(([, n]) => n === 1).map(([side]) => side.split('-').map(Number));
  const links = new Map();
  for (const point of rim.flat()) links.set(point, (links.get(point) ?? 0) + 1);
  assert.ok([...links.values()].every((n) => n === 2));
  const pairs = published.MEDIAPIPE_FACE_MESH_CONNECTED_KEYPOINTS_PAIRS;
  const theirs = Array.from({ length: pairs.length / 3 }, (_, i) =>
    String(
      pairs
        .slice(3 * i, 3 * i + 3)
        .map((/** @type {number[]} */ [from]) => from)
        .sort((/** @type {number} */ a, /** @type {number} */ b) => a - b),
    ),
  );
  assert.deepEqual(triangles.map(String).sort(), theirs.sort());
});

test('attention: parts are merged as face-landmarks-detection merges them', () => {
  const random = seeded(11);
  const values = (/** @type {number} */ n) => Float32Array.from({ length: n }, () => random() * 192);
  const parts = {
    mesh: values(468 * 3),
    lips: values(LIPS.length * 2),
    rightEye: values(RIGHT_EYE.length * 2),
    leftEye: values(LEFT_EYE.length * 2),
    rightIris: values(10),
    leftIris: values(10),
  };
  const merged = new Float32Array(478 * 3);
  mergeParts(parts, merged);
  /** @param {Float32Array} data @param {number} width */
  const points = (data, width) =>
    Array.from({ length: data.length / width }, (_, i) => ({
      x: data[width * i],
      y: data[width * i + 1],
      z: width === 3 ? data[3 * i + 2] : 0,
    }));
  // It calls eyes after the side of the picture that they are on.
  const expected = landmarksRefinement(
    [points(parts.mesh, 3), ...[parts.lips, parts.rightEye, parts.leftEye, parts.rightIris, parts.leftIris].map((part) => points(part, 2))],
    ['MESH', 'LIPS', 'LEFT_EYE', 'RIGHT_EYE', 'LEFT_IRIS', 'RIGHT_IRIS'].map((name) => refinement[`LANDMARKS_REFINEMENT_${name}_CONFIG`]),
  );
  assert.equal(expected.length, 478);
  for (const [i, { x, y, z }] of points(merged, 3).entries()) {
    assert.ok(Math.abs(x - expected[i].x) + Math.abs(y - expected[i].y) + Math.abs(z - expected[i].z) < 1e-4, `point ${i}`);
  }
});
