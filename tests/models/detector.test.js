// Anchors, decoding and suppression against loops written for clarity, on seeded random numbers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnchors } from '../../models/shared/anchors.js';
import { blendOverlapping, keepBest, overlap } from '../../models/shared/boxes.js';
import { decodeDetections } from '../../models/shared/detector.js';
import { isCut, partWindows, wholeWindow } from '../../models/shared/windows.js';
import { seeded } from '../support/random.js';
import { BLAZEFACE } from '../support/surest-face.js';

/** @typedef {{ xMin: number, yMin: number, width: number, height: number }} Box */

test('anchors: 896 cell centres, 2 per cell of 16 pixels and then 6 per cell of 32', () => {
  const anchors = createAnchors(BLAZEFACE.inputSize, BLAZEFACE.layers);
  assert.equal(anchors.length, 896 * 2);
  // Anchor n of the first layer lies in cell floor(n / 2) of 16×16, of the second in cell floor((n − 512) / 6) of 8×8.
  for (let n = 0; n < 896; n++) {
    const [cell, cells, stride] = n < 512 ? [Math.floor(n / 2), 16, 16] : [Math.floor((n - 512) / 6), 8, 32];
    assert.equal(anchors[2 * n], (cell % cells) * stride + stride / 2, `x of ${n}`);
    assert.equal(anchors[2 * n + 1], Math.floor(cell / cells) * stride + stride / 2, `y of ${n}`);
  }
});

test('decode: one anchor alone gives its box and six points around the anchor', () => {
  const anchors = createAnchors(BLAZEFACE.inputSize, BLAZEFACE.layers);
  const layers = [512, 384].map((n) => ({ scores: new Float32Array(n).fill(-1e9), boxes: new Float32Array(n * 16) }));
  // Anchor 512 + 6 · 9 + 2 is in row 1, column 1 of the 8×8 cells: centre (48, 48).
  const at = 6 * 9 + 2;
  layers[1].scores[at] = Math.log(3); // sigmoid: 3 / (1 + 3)
  layers[1].boxes.set([2, -4, 20, 30, ...Array.from({ length: 12 }, (_, i) => i)], at * 16);
  const [detection, ...others] = decodeDetections(BLAZEFACE, layers, anchors);
  assert.equal(others.length, 0);
  assert.ok(Math.abs(detection.score - 0.75) < 1e-6);
  assert.deepEqual(detection.box, { xMin: 48 + 2 - 10, yMin: 48 - 4 - 15, width: 20, height: 30 });
  assert.deepEqual(detection.points[0], { x: 48, y: 49 });
  assert.deepEqual(detection.points[5], { x: 58, y: 59 });
});

test('decode: huge logits give 0 and 1, and the minimum score is inclusive', () => {
  const anchors = Float32Array.of(8, 8, 8, 8, 8, 8);
  const scores = Float32Array.of(3e38, -3e38, 0);
  const found = decodeDetections(BLAZEFACE, [{ scores, boxes: new Float32Array(48).fill(20) }], anchors);
  assert.deepEqual(
    found.map(({ score }) => score),
    [1, 0.5],
  );
});

test('decode: a box is dropped only if both sides are smaller than 12 pixels', () => {
  const anchors = Float32Array.of(8, 8, 8, 8, 8, 8);
  const boxes = new Float32Array(48);
  boxes.set([11, 11], 2);
  boxes.set([11, 12], 16 + 2);
  boxes.set([12, 1], 32 + 2);
  const found = decodeDetections(BLAZEFACE, [{ scores: new Float32Array(3), boxes }], anchors);
  assert.deepEqual(
    found.map(({ box }) => [box.width, box.height]),
    [
      [11, 12],
      [12, 1],
    ],
  );
});

test('overlap: equals the share of common grid cells', () => {
  const random = seeded(1);
  for (let round = 0; round < 200; round++) {
    const [a, b] = [randomBox(random), randomBox(random)];
    let [both, either] = [0, 0];
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 40; x++) {
        const [inA, inB] = [a, b].map(({ xMin, yMin, width, height }) => x >= xMin && x < xMin + width && y >= yMin && y < yMin + height);
        if (inA && inB) both++;
        if (inA || inB) either++;
      }
    }
    assert.ok(Math.abs(overlap(a, b) - both / either) < 1e-12);
  }
  const empty = { xMin: 3, yMin: 3, width: 0, height: 0 };
  assert.equal(overlap(empty, empty), 0);
});

test('hard suppression: keeps what a loop over all pairs keeps', () => {
  const random = seeded(2);
  for (let round = 0; round < 50; round++) {
    const candidates = Array.from({ length: 30 }, () => ({ score: random(), box: randomBox(random) }));
    const sorted = [...candidates].sort((a, b) => b.score - a.score);
    const dead = new Set();
    for (let i = 0; i < sorted.length; i++) {
      for (let j = i + 1; j < sorted.length; j++) {
        if (!dead.has(i) && overlap(sorted[i].box, sorted[j].box) > 0.3) dead.add(j);
      }
    }
    assert.deepEqual(
      keepBest(candidates, 0.3),
      sorted.filter((_, i) => !dead.has(i)),
    );
  }
});

test('weighted suppression: averages each group by score and keeps its best score', () => {
  const box = (/** @type {number} */ xMin) => ({ xMin, yMin: 10, width: 10, height: 10 });
  const points = (/** @type {number} */ x) => [{ x, y: -x }];
  const blended = blendOverlapping(
    [
      { score: 0.25, box: box(2), points: points(4) },
      { score: 0.9, box: box(50), points: points(9) },
      { score: 0.75, box: box(0), points: points(0) },
    ],
    0.3,
  );
  assert.deepEqual(blended, [
    { score: 0.9, box: box(50), points: points(9) },
    { score: 0.75, box: box(0.5), points: points(1) }, // (0.75 · 0 + 0.25 · 2) / 1
  ]);
});

test('windows: every face up to a quarter of the long side lies whole in a window of half the image', () => {
  const random = seeded(3);
  for (const [width, height] of [
    [1920, 1280],
    [1000, 3000],
    [1024, 1024],
    [4000, 600],
    [513, 512],
  ]) {
    const windows = partWindows({ width, height }, 1 / 2, 256);
    for (let round = 0; round < 500; round++) {
      const side = Math.min((random() * Math.max(width, height)) / 4, width, height);
      const box = { xMin: random() * (width - side), yMin: random() * (height - side), width: side, height: side };
      assert.ok(
        windows.some((window) => !isCut(box, window, { width, height })),
        `${width}×${height}: ${JSON.stringify(box)}`,
      );
    }
  }
});

test('windows: the whole image is a centred square, and a small image has no half windows', () => {
  assert.deepEqual(wholeWindow({ width: 300, height: 200 }), { xMin: 0, yMin: -50, size: 300 });
  assert.deepEqual(partWindows({ width: 500, height: 300 }, 1 / 2, 256), []);
});

/**
 * @param {() => number} random
 * @returns {Box}  on whole numbers, inside 40×40.
 */
function randomBox(random) {
  const [xMin, yMin] = [Math.floor(random() * 20), Math.floor(random() * 20)];
  return { xMin, yMin, width: 1 + Math.floor(random() * 20), height: 1 + Math.floor(random() * 20) };
}
