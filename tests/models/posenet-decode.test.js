// Decoding of PoseNet's maps, against the decoder of @tensorflow-models/pose-detection on seeded maps, and on people that were drawn.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { COCO_KEYPOINTS } from '../../models/pose/keypoints.js';
import { decodeMultiplePoses, decodeSinglePose } from '../../models/pose/posenet-decode.js';
import { seeded } from '../support/random.js';

/** @import { DecodedPose, PoseDisplacements, PoseMaps } from '../../models/pose/posenet-decode.js' */

const require = createRequire(import.meta.url);
const calculators = '../../node_modules/@tensorflow-models/pose-detection/dist/posenet/calculators';
const { decodeSinglePose: decodeSingle } = require(`${calculators}/decode_single_pose.js`);
const { decodeMultiplePoses: decodeMultiple } = require(`${calculators}/decode_multiple_poses.js`);

before(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
});

/**
 * @param {() => number} random
 * @param {{ height: number, width: number, stride: number }} size
 * @returns {PoseMaps & PoseDisplacements}
 */
function randomMaps(random, { height, width, stride }) {
  /** @param {number} channels @param {(value: number) => number} map */
  const fill = (channels, map) => Float32Array.from({ length: height * width * channels }, () => map(random()));
  return {
    height,
    width,
    stride,
    scores: fill(17, (v) => v ** 4),
    offsets: fill(34, (v) => (v - 0.5) * 2 * stride),
    forward: fill(32, (v) => (v - 0.5) * 8 * stride),
    backward: fill(32, (v) => (v - 0.5) * 8 * stride),
  };
}

/** @param {PoseMaps & PoseDisplacements} maps */
const tensorsOf = ({ height, width, scores, offsets, forward, backward }) =>
  [scores, offsets, forward, backward].map((data) =>
    tf.tensor3d(/** @type {Float32Array} */ (data), [height, width, data.length / height / width]),
  );

/** @param {DecodedPose} pose @param {DecodedPose} expected */
function assertSame(pose, expected) {
  assert.ok(Math.abs(pose.score - expected.score) < 1e-6, `${pose.score} ${expected.score}`);
  assert.equal(pose.keypoints.length, 17);
  for (const [i, { x, y, score, name }] of pose.keypoints.entries()) {
    const other = expected.keypoints[i];
    assert.equal(name, other.name);
    assert.ok(
      Math.abs(score - other.score) < 1e-6 && Math.hypot(x - other.x, y - other.y) < 1e-3,
      `${name}: ${x}, ${y}; ${other.x}, ${other.y}`,
    );
  }
}

const SIZES = [
  { height: 17, width: 17, stride: 16 },
  { height: 9, width: 21, stride: 16 },
  { height: 33, width: 25, stride: 8 },
  { height: 1, width: 2, stride: 32 },
];

test('PoseNet: one person is what the pose-detection package decodes', async () => {
  const random = seeded(71);
  for (const size of SIZES) {
    for (let round = 0; round < 5; round++) {
      const maps = randomMaps(random, size);
      const [scores, offsets] = tensorsOf(maps);
      assertSame(decodeSinglePose(maps), await decodeSingle(scores, offsets, size.stride));
    }
  }
});

test('PoseNet: several people are those that the pose-detection package decodes', async (t) => {
  const random = seeded(72);
  let people = 0;
  for (const size of SIZES) {
    for (const [maxPoses, scoreThreshold, nmsRadius] of [
      [5, 0.5, 20],
      [2, 0.2, 20],
      [100, 0.7, 40],
      [100, 0.9, 1],
    ]) {
      const maps = randomMaps(random, size);
      const [scores, offsets, forward, backward] = tensorsOf(maps);
      const poses = decodeMultiplePoses(maps, { maxPoses, scoreThreshold, nmsRadius });
      const expected = await decodeMultiple(scores, offsets, forward, backward, size.stride, maxPoses, scoreThreshold, nmsRadius);
      assert.equal(poses.length, expected.length);
      for (const [i, pose] of poses.entries()) assertSame(pose, expected[i]);
      people += poses.length;
    }
  }
  t.diagnostic(`${people} people`);
  assert.ok(people > 100);
});

/** Parent of each part but the nose, and the displacements' channel of the edge between them. @type {[parent: number, child: number][]} */
const EDGES = [
  [0, 1], [1, 3], [0, 2], [2, 4], [0, 5], [5, 7], [7, 9], [5, 11], [11, 13], [13, 15], [0, 6], [6, 8], [8, 10], [6, 12], [12, 14], [14, 16],
]; // biome-ignore format: a table

/** Maps that a perfect network would give: people drawn as tents of score, with exact offsets and displacements. @param {{ x: number, y: number }[][]} people */
function draw(people) {
  const [height, width, stride] = [17, 17, 16];
  const maps = {
    height,
    width,
    stride,
    scores: new Float32Array(height * width * 17),
    offsets: new Float32Array(height * width * 34),
    forward: new Float32Array(height * width * 32),
    backward: new Float32Array(height * width * 32),
  };
  for (let cell = 0; cell < height * width; cell++) {
    const [cx, cy] = [(cell % width) * stride, Math.floor(cell / width) * stride];
    /** @param {number} part */
    const nearestTo = (part) =>
      people.reduce((a, b) => (Math.hypot(a[part].x - cx, a[part].y - cy) <= Math.hypot(b[part].x - cx, b[part].y - cy) ? a : b));
    for (let part = 0; part < 17; part++) {
      const point = nearestTo(part)[part];
      maps.scores[cell * 17 + part] = Math.max(0, 0.95 - Math.hypot(point.x - cx, point.y - cy) / 40);
      maps.offsets[cell * 34 + part] = point.y - cy;
      maps.offsets[cell * 34 + 17 + part] = point.x - cx;
    }
    for (const [edge, [parent, child]] of EDGES.entries()) {
      const [down, up] = [nearestTo(parent), nearestTo(child)];
      maps.forward.set([down[child].y - down[parent].y], cell * 32 + edge);
      maps.forward.set([down[child].x - down[parent].x], cell * 32 + 16 + edge);
      maps.backward.set([up[parent].y - up[child].y], cell * 32 + edge);
      maps.backward.set([up[parent].x - up[child].x], cell * 32 + 16 + edge);
    }
  }
  return maps;
}

test('PoseNet: people that were drawn are found where they were drawn, each once', () => {
  const random = seeded(73);
  const person = (/** @type {number} */ left) =>
    COCO_KEYPOINTS.map((_, i) => ({ x: left + 10 + (i % 4) * 20 + random() * 8, y: 15 + i * 13 + random() * 8 }));
  const people = [person(0), person(160)];
  const poses = decodeMultiplePoses(draw(people)).sort((a, b) => a.keypoints[0].x - b.keypoints[0].x);
  assert.equal(poses.length, 2);
  for (const [i, { keypoints, score }] of poses.entries()) {
    assert.ok(score > 0.5);
    for (const [part, { x, y, name }] of keypoints.entries()) {
      assert.ok(Math.hypot(x - people[i][part].x, y - people[i][part].y) < 0.01, `${i} ${name}`);
    }
  }
  const single = decodeSinglePose(draw([people[1]]));
  for (const [part, { x, y }] of single.keypoints.entries()) assert.ok(Math.hypot(x - people[1][part].x, y - people[1][part].y) < 0.01);
});

test('PoseNet: nobody is found where no part is sure', () => {
  const maps = { ...draw([COCO_KEYPOINTS.map((_, i) => ({ x: 100, y: 10 + i * 14 }))]), scores: new Float32Array(17 * 17 * 17).fill(0.49) };
  assert.deepEqual(decodeMultiplePoses(maps), []);
});
