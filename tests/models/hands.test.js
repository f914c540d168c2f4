// The hands pipeline on photographs: against @tensorflow-models/hand-pose-detection on TensorFlow.js, and in what it does with turned,
// mirrored, cut and moving pictures.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { regionOfHand } from '../../models/hands/landmarks.js';
import { HAND_KEYPOINTS, load } from '../../models/hands/main.js';
import { regionOfPalm } from '../../models/hands/palm.js';
import { countRuns } from '../support/counted-runs.js';
import { createTestRuntime } from '../support/engine.js';
import { toImage } from '../support/frames.js';
import { frameOfHand, MARKED_HANDS, VGA } from '../support/hand-photos.js';
import { readPhotos } from '../support/photos.js';
import { handsPeer, startPeers } from '../support/pose-peers.js';
import { seeded } from '../support/random.js';

/** @typedef {Awaited<ReturnType<typeof load>>} Hands */
/** @typedef {Awaited<ReturnType<Hands['estimateHands']>>[number]} Hand */
/** @typedef {{ x: number, y: number }} Point */

const FULL = { detectorUrl: mediapipeModel('palm_detection_full'), landmarksUrl: mediapipeModel('hand_landmark_full') };
const LITE = { detectorUrl: mediapipeModel('palm_detection_lite'), landmarksUrl: mediapipeModel('hand_landmark_lite') };

/** @type {import('../support/engine.js').TestRuntime} */
let runtime;
/** @type {Hands} */
let hands;

before(async () => {
  runtime = await createTestRuntime({ threads: 1 });
  hands = await load({ runtime, ...FULL });
});

after(() => {
  hands.dispose();
  runtime.dispose();
});

/** Of the hand's size, the mean distance of corresponding points. @param {Point[]} points @param {Point[]} expected @param {Hand} hand */
const apart = (points, expected, { box }) =>
  points.reduce((sum, { x, y }, i) => sum + Math.hypot(x - expected[i].x, y - expected[i].y), 0) /
  points.length /
  Math.max(box.width, box.height);

const percent = (/** @type {number} */ share) => `${(share * 100).toFixed(2)} %`;

test('hands: those of the photographs are found where a person sees them, each once, and nothing else', async () => {
  const many = await load({ runtime, ...FULL, maxHands: Infinity });
  for (const [i, { name, image }] of (await readPhotos()).entries()) {
    const found = await many.estimateHands(image, { staticImageMode: true });
    const marked = MARKED_HANDS.filter(({ photo }) => photo === i);
    assert.equal(found.length, marked.length, name);
    for (const { x, y, hand } of marked) {
      const inside = found.filter(
        ({ box: { xMin, yMin, width, height } }) => x > xMin && x < xMin + width && y > yMin && y < yMin + height,
      );
      assert.equal(inside.length, 1, `${name}: hands around ${x}, ${y}`);
      if (hand !== undefined) assert.equal(inside[0].handedness, hand, `${name}: whose hand at ${x}, ${y}`);
    }
    for (const { keypoints, keypoints3D, score } of found) {
      assert.deepEqual(
        [keypoints, keypoints3D].map((list) => list.map((point) => point.name)),
        [HAND_KEYPOINTS, HAND_KEYPOINTS],
      );
      assert.ok(score >= 0.5 && score <= 1);
      assert.ok(Math.abs(keypoints[0].z) < 0.1, 'z counts from the wrist');
      const span = Math.hypot(.../** @type {const} */ (['x', 'y', 'z']).map((axis) => keypoints3D[9][axis] - keypoints3D[0][axis]));
      assert.ok(span > 0.06 && span < 0.12, `from the wrist to the middle finger are ${span} m`);
    }
  }
  many.dispose();
});

test('hands: first and tracked frames agree with hand-pose-detection over the same models to a percent of the hand', async (t) => {
  await startPeers();
  let [worst, farthest, turned] = [0, 0, 0];
  for (const [models, detector, landmarks] of /** @type {const} */ ([
    [FULL, 'palm_detection_full', 'hand_landmark_full'],
    [LITE, 'palm_detection_lite', 'hand_landmark_lite'],
  ])) {
    const ours = await load({ runtime, ...models, maxHands: 1 });
    const peer = await handsPeer({ detector, landmarks, maxHands: 1 });
    for (const index of models === FULL ? [0, 1, 2, 4, 7] : [0, 3, 4]) {
      for (const view of [{}, { zoom: 1.6, rotation: 0.5 }]) {
        const { image } = await frameOfHand(MARKED_HANDS[index], view);
        ours.reset();
        peer.reset();
        for (let round = 0; round < 2; round++) {
          const [[hand], [expected]] = [await ours.estimateHands(image), await peer.estimateHands(image)];
          assert.ok(hand && expected, `${index}: ${hand ? 'ours alone finds it' : 'ours does not find it'}`);
          worst = Math.max(worst, apart(hand.keypoints, expected.keypoints, hand));
          for (const [i, { x, y, z }] of hand.keypoints3D.entries()) {
            const other = expected.keypoints3D[i];
            farthest = Math.max(farthest, Math.hypot(x - other.x, y - other.y, z - other.z));
          }
          assert.ok(Math.abs(hand.score - expected.score) < 0.01, `${hand.score} ${expected.score}`);
          // The package says what the hand would be in a mirrored image.
          if (hand.handedness === expected.handedness) turned++;
        }
      }
    }
    ours.dispose();
    peer.dispose();
  }
  t.diagnostic(`points at most ${percent(worst)} of a hand apart, metric ones ${(farthest * 1000).toFixed(2)} mm`);
  assert.ok(worst <= 0.01, percent(worst)); // measured: 0.00 %
  assert.ok(farthest <= 0.01);
  assert.equal(turned, 0);
});

test("hands: regions are those of hand-pose-detection's calculators", () => {
  const require = createRequire(import.meta.url);
  const dist = '../../node_modules/@tensorflow-models/hand-pose-detection/dist';
  const { calculateDetectionsToRects } = require(`${dist}/shared/calculators/detection_to_rect.js`);
  const { handLandmarksToRect } = require(`${dist}/tfjs/calculators/hand_landmarks_to_rect.js`);
  const { transformNormalizedRect } = require(`${dist}/shared/calculators/transform_rect.js`);
  const { MPHANDS_DETECTOR_RECT_TRANSFORMATION_CONFIG: palm, MPHANDS_LANDMARK_RECT_TRANSFORMATION_CONFIG: landmarks } = require(
    `${dist}/tfjs/constants.js`,
  );
  const random = seeded(81);
  const size = { width: 640, height: 360 };
  /** @param {any} region @param {any} rect */
  const same = (region, rect) => {
    const expected = [rect.xCenter * 640, rect.yCenter * 360, rect.width * 640, rect.height * 360];
    const values = [region.xCenter, region.yCenter, region.width, region.height];
    for (const [i, value] of values.entries()) assert.ok(Math.abs(value - expected[i]) < 1e-6, `${values} ${expected}`);
    assert.ok(Math.abs(Math.sin((region.rotation - rect.rotation) / 2)) < 1e-9);
  };
  const cloud = (/** @type {number} */ n) => Array.from({ length: n }, () => ({ x: 100 + random() * 400, y: 50 + random() * 250 }));
  const scaled = (/** @type {Point[]} */ points) => points.map(({ x, y }) => ({ x: x / 640, y: y / 360 }));
  for (let round = 0; round < 50; round++) {
    const points = cloud(21);
    const stable = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18].map((i) => points[i]);
    const flat = Float64Array.from(points.flatMap(({ x, y }) => [x, y, 0]));
    same(regionOfHand(flat), transformNormalizedRect(handLandmarksToRect(scaled(stable), size), size, landmarks));

    const keypoints = cloud(7);
    const box = { xMin: random() * 300, yMin: random() * 200, width: 20 + random() * 100, height: 20 + random() * 100 };
    const [xMin, yMin, width, height] = [box.xMin / 640, box.yMin / 360, box.width / 640, box.height / 360];
    const detection = {
      locationData: {
        relativeBoundingBox: { xMin, yMin, width, height, xMax: xMin + width, yMax: yMin + height },
        relativeKeypoints: scaled(keypoints),
      },
    };
    const options = { rotationVectorStartKeypointIndex: 0, rotationVectorEndKeypointIndex: 2, rotationVectorTargetAngleDegree: 90 };
    const rect = calculateDetectionsToRects(detection, 'boundingbox', 'normRect', size, options);
    same(regionOfPalm({ score: 1, box, points: keypoints }), transformNormalizedRect(rect, size, palm));
  }
});

test('hands: a turned picture gives the turned points', async (t) => {
  const marked = MARKED_HANDS[0];
  const straight = await frameOfHand(marked);
  const [hand] = await hands.estimateHands(straight.image, { staticImageMode: true });
  const expected = hand.keypoints.map((point) => toImage(point, straight.region, straight.size));
  for (const rotation of [-2.4, -1.2, -0.5, 0.5, Math.PI / 2, Math.PI]) {
    const { image, region, size } = await frameOfHand(marked, { rotation });
    const [other] = await hands.estimateHands(image, { staticImageMode: true });
    const points = other.keypoints.map((point) => toImage(point, region, size));
    const error = apart(points, expected, hand);
    t.diagnostic(`turned by ${rotation.toFixed(2)}: ${percent(error)}`);
    assert.ok(error < 0.04); // measured: 0.4 to 1.0 %; the picture is resampled twice
    assert.equal(other.handedness, 'Right');
  }
});

test('hands: a mirrored picture gives mirrored points and the other hand; flipHorizontal only mirrors the points', async (t) => {
  for (const index of [0, 1, 7]) {
    const { image } = await frameOfHand(MARKED_HANDS[index]);
    const mirrored = await frameOfHand(MARKED_HANDS[index], { mirrored: true });
    const [plain] = await hands.estimateHands(image, { staticImageMode: true });
    const [other] = await hands.estimateHands(mirrored.image, { staticImageMode: true });
    const back = other.keypoints.map(({ x, y }) => ({ x: VGA.width - x, y }));
    const error = apart(back, plain.keypoints, plain);
    t.diagnostic(`mirrored: ${percent(error)}`);
    assert.ok(error < 0.04); // measured: 1.6 to 3.2 %
    assert.equal(plain.handedness, MARKED_HANDS[index].hand);
    assert.notEqual(other.handedness, plain.handedness);

    const [flipped] = await hands.estimateHands(image, { staticImageMode: true, flipHorizontal: true });
    assert.equal(flipped.handedness, plain.handedness);
    for (const [i, { x, y, z, name }] of flipped.keypoints.entries()) assertMirrored({ x, y, z, name }, plain.keypoints[i], VGA.width);
    for (const [i, { x, y, z, name }] of flipped.keypoints3D.entries()) assertMirrored({ x, y, z, name }, plain.keypoints3D[i], 0);
    assert.ok(Math.abs(flipped.box.xMin + flipped.box.width + plain.box.xMin - VGA.width) < 1e-9);
  }
});

/** @typedef {Hand['keypoints'][number]} HandPoint @param {HandPoint} point @param {HandPoint} other @param {number} width */
const assertMirrored = (point, other, width) => assert.deepEqual(point, { ...other, x: width === 0 ? -other.x : width - other.x });

test('hands: one at the border is found, with the points beyond it where they would be', async (t) => {
  const marked = MARKED_HANDS[3];
  const whole = await frameOfHand(marked, { zoom: 2 });
  const [hand] = await hands.estimateHands(whole.image, { staticImageMode: true });
  const expected = hand.keypoints.map((point) => toImage(point, whole.region, whole.size));
  // The right third of the hand lies beyond the frame.
  const cut = await frameOfHand(marked, { zoom: 2, right: -VGA.width / 4 + 25 });
  const [other] = await hands.estimateHands(cut.image, { staticImageMode: true });
  assert.ok(other.box.xMin + other.box.width > VGA.width, 'the hand reaches beyond the frame');
  const error = apart(
    other.keypoints.map((point) => toImage(point, cut.region, cut.size)),
    expected,
    { ...hand, box: scale(hand.box, 0.5) },
  );
  t.diagnostic(`cut: ${percent(error)}`);
  assert.ok(error < 0.12); // measured: 4 %
});

/** @param {Hand['box']} box @param {number} by */
const scale = (box, by) => ({ ...box, width: box.width * by, height: box.height * by });

test('hands: frames of a moving camera give what each gives on its own, and the detector runs once', async (t) => {
  const counting = countRuns(runtime);
  const tracking = await load({ runtime: counting, ...FULL, maxHands: 1 });
  let worst = 0;
  const frames = 12;
  for (let i = 0; i < frames; i++) {
    const view = { zoom: 1 + i * 0.02, rotation: i * 0.04, right: 40 - 7 * i, down: 4 * i };
    const { image } = await frameOfHand(MARKED_HANDS[0], view);
    const [tracked] = await tracking.estimateHands(image);
    const [anew] = await hands.estimateHands(image, { staticImageMode: true });
    worst = Math.max(worst, apart(tracked.keypoints, anew.keypoints, anew));
    assert.equal(tracked.handedness, 'Right');
  }
  t.diagnostic(`tracked points at most ${percent(worst)} from those of a new detection; runs ${counting.runs}`);
  assert.ok(worst < 0.03); // measured: 1.5 %
  assert.deepEqual(counting.runs, [1, frames]);
  tracking.dispose();
});

test('hands: the detector runs when the hand is gone, when it is back, and now and then where another may come', async () => {
  const counting = countRuns(runtime);
  const tracking = await load({ runtime: counting, ...FULL, maxHands: 1 });
  const { image } = await frameOfHand(MARKED_HANDS[0]);
  const empty = { ...VGA, data: new Uint8ClampedArray(image.data.length).fill(90) };
  const found = [];
  for (const frame of [image, image, empty, empty, image, image]) found.push((await tracking.estimateHands(frame)).length);
  assert.deepEqual(found, [1, 1, 0, 0, 1, 1]);
  assert.equal(counting.runs[0], 4, 'once for each hand that came, and in each frame without one');
  tracking.reset();
  await tracking.estimateHands(image);
  assert.equal(counting.runs[0], 5);
  tracking.dispose();

  const two = countRuns(runtime);
  const others = await load({ runtime: two, ...FULL, maxHands: 2 });
  for (let i = 0; i < 11; i++) assert.equal((await others.estimateHands(image)).length, 1);
  assert.equal(two.runs[0], 3, 'in the first frame, and in every fifth');
  others.dispose();
});

test('hands: two are tracked apart, and maxHands keeps the surest', async () => {
  const counting = countRuns(runtime);
  const tracking = await load({ runtime: counting, ...FULL });
  const { image } = await frameOfHand(MARKED_HANDS[4], { down: 130 });
  const first = await tracking.estimateHands(image);
  assert.equal(first.length, 2);
  const second = await tracking.estimateHands(image);
  for (const [i, hand] of second.entries()) assert.ok(apart(hand.keypoints, first[i].keypoints, hand) < 0.05);
  assert.equal(counting.runs[0], 1);
  tracking.dispose();

  const single = await load({ runtime, ...FULL, maxHands: 1 });
  const [only, ...none] = await single.estimateHands(image);
  assert.equal(none.length, 0);
  assert.deepEqual(only.keypoints, first[0].keypoints);
  single.dispose();
  for (const maxHands of [0, 1.5, -1, Number.NaN]) {
    await assert.rejects(load({ runtime, ...FULL, maxHands }), {
      name: 'XnnError',
      code: 'misuse',
      message: new RegExp(`maxHands.*${maxHands}`),
    });
  }
});

test('hands: calls that overlap answer in their order, as if one after the other', async () => {
  const images = await Promise.all([0, 1, 7].map(async (i) => (await frameOfHand(MARKED_HANDS[i])).image));
  hands.reset();
  const together = await Promise.all(images.map((image) => hands.estimateHands(image)));
  hands.reset();
  const alone = [];
  for (const image of images) alone.push(await hands.estimateHands(image));
  assert.deepEqual(together, alone);
});

test('hands: an image without hands gives none, however small; bad images and models are refused with the numbers', async () => {
  for (const [width, height] of [
    [640, 480],
    [1, 1],
    [3, 700],
  ]) {
    const image = { width, height, data: new Uint8ClampedArray(width * height * 4).fill(128) };
    assert.deepEqual(await hands.estimateHands(image, { staticImageMode: true }), []);
    assert.deepEqual(await hands.estimateHands(image), []);
  }
  const data = new Uint8Array(16);
  await assert.rejects(hands.estimateHands({ width: 0, height: 4, data }), { name: 'XnnError', code: 'bad-shape', message: /0×4/ });
  await assert.rejects(hands.estimateHands({ width: 3, height: 2, data }), {
    code: 'bad-shape',
    message: /3×2 RGBA needs 24 bytes, data has 16/,
  });
  await assert.rejects(load({ runtime, ...FULL, detectorUrl: FULL.landmarksUrl }), {
    code: 'unsupported',
    message: /\[1, 192, 192, 3\].*\[1, 224, 224, 3\]/,
  });
  await assert.rejects(load({ runtime, ...FULL, landmarksUrl: FULL.detectorUrl }), {
    code: 'unsupported',
    message: /\[1, 63\].*\[1, 2016, 18\]/,
  });
  const { image } = await frameOfHand(MARKED_HANDS[0]);
  assert.equal((await hands.estimateHands(image)).length, 1, 'still usable');
});

test('hands: use after dispose is misuse, and dispose leaves the given runtime alone', async () => {
  const other = await load({ runtime, ...LITE });
  const { image } = await frameOfHand(MARKED_HANDS[0]);
  other.dispose();
  other.dispose();
  await assert.rejects(other.estimateHands(image), { name: 'XnnError', code: 'misuse' });
  assert.equal((await hands.estimateHands(image)).length, 1);
});
