// Hands on faces: on drawn geometry, and on photographs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { load as loadFacemesh } from '../../models/facemesh/main.js';
import { shapeOfFace } from '../../models/gestures/face-shape.js';
import { createTouchWatcher, touchingFace } from '../../models/gestures/main.js';
import { distanceTo } from '../../models/gestures/touch.js';
import { load as loadHands } from '../../models/hands/main.js';
import { load as loadPose } from '../../models/pose/main.js';
import { createTestRuntime } from '../support/engine.js';
import { MARKED_HANDS } from '../support/hand-photos.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { seeded } from '../support/random.js';

/** @typedef {{ x: number, y: number, z: number }} Point */

// A face of 200 pixels from ear to ear that looks at the camera: eyes at y = 300, chin at 460.
const EYES = { x: 320, y: 300 };
const WIDTH = 200;
const FACE_METRES = 0.153; // canonical_face_model.obj, points 234 and 454
const PIXELS_PER_METRE = WIDTH / FACE_METRES;

/** Eyes and ears of that face as a pose has them. @param {number} [dx] */
const pose = (dx = 0) => {
  const at = (/** @type {string} */ name, /** @type {number} */ x, /** @type {number} */ y) => ({
    name,
    x: EYES.x + x + dx,
    y: EYES.y + y,
    score: 0.9,
  });
  return {
    keypoints: [at('nose', 0, 55), at('left_eye', 45, 0), at('right_eye', -45, 0), at('left_ear', 100, 5), at('right_ear', -100, 5)],
  };
};

/** The mesh of that face: the oval as an ellipse, all other points in the middle, and a few where they belong. */
function mesh() {
  const oval = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132, 93,
    234, 127, 162, 21, 54, 103, 67, 109,
  ];
  /** @type {Point[]} */
  const keypoints = Array.from({ length: 468 }, () => ({ x: 1e4, y: 1e4, z: 0 }));
  for (const [i, index] of oval.entries()) {
    const turn = (2 * Math.PI * i) / oval.length;
    keypoints[index] = { x: EYES.x + 100 * Math.sin(turn), y: EYES.y + 30 - 130 * Math.cos(turn), z: 0 };
  }
  keypoints[454] = { x: EYES.x + 100, y: EYES.y + 5, z: 0 };
  keypoints[234] = { x: EYES.x - 100, y: EYES.y + 5, z: 0 };
  const known = { 1: [0, 55], 13: [0, 100], 159: [-45, -5], 386: [45, -5], 205: [-60, 60], 425: [60, 60], 151: [0, -60], 175: [0, 145] };
  for (const [index, [x, y]] of Object.entries(known)) keypoints[Number(index)] = { x: EYES.x + x, y: EYES.y + y, z: 0 };
  return { keypoints };
}

/**
 * A hand whose index finger's tip is at a point, all else to its lower right, as large as it is beside that face.
 * @param {{ x: number, y: number }} tip
 * @param {number} [nearer]  times.
 */
function hand({ x, y }, nearer = 1) {
  const random = seeded(5);
  const metric = Array.from({ length: 21 }, (_, i) => ({
    x: 0.05 + (i % 5) * 0.015 + random() * 0.01,
    y: 0.06 + Math.floor(i / 5) * 0.02,
    z: 0,
  }));
  metric[8] = { x: 0, y: 0, z: 0 };
  metric[7] = { x: 0.01, y: 0.02, z: 0 };
  const scale = PIXELS_PER_METRE * nearer;
  return { keypoints: metric.map((point) => ({ x: x + point.x * scale, y: y + point.y * scale, z: 0 })), keypoints3D: metric };
}

test('distance: is that of dense points of the outline, negative inside', () => {
  const random = seeded(91);
  for (const face of [mesh(), pose(), { box: { xMin: 100, yMin: 100, width: 150, height: 200 } }]) {
    const shape = shapeOfFace(face);
    assert.ok(shape);
    const { outline, width } = shape;
    const dense = outline.flatMap((a, i) => {
      const b = outline[(i + 1) % outline.length];
      return Array.from({ length: 200 }, (_, k) => ({ x: a.x + ((b.x - a.x) * k) / 200, y: a.y + ((b.y - a.y) * k) / 200 }));
    });
    const middle = {
      x: outline.reduce((sum, { x }) => sum + x, 0) / outline.length,
      y: outline.reduce((sum, { y }) => sum + y, 0) / outline.length,
    };
    for (let round = 0; round < 200; round++) {
      const point = { x: middle.x + (random() - 0.5) * 500, y: middle.y + (random() - 0.5) * 500 };
      const nearest = Math.min(...dense.map(({ x, y }) => Math.hypot(x - point.x, y - point.y))) / width;
      // Both outlines are star-shaped around their middles: inside is what is nearer to it than the outline in that direction.
      const turn = Math.atan2(point.y - middle.y, point.x - middle.x);
      const edge = dense.reduce((a, b) => {
        const off = (/** @type {{ x: number, y: number }} */ p) =>
          Math.abs(
            Math.atan2(
              Math.sin(Math.atan2(p.y - middle.y, p.x - middle.x) - turn),
              Math.cos(Math.atan2(p.y - middle.y, p.x - middle.x) - turn),
            ),
          );
        return off(b) < off(a) ? b : a;
      });
      const inside = Math.hypot(point.x - middle.x, point.y - middle.y) < Math.hypot(edge.x - middle.x, edge.y - middle.y);
      const distance = distanceTo(shape, point);
      assert.ok(Math.abs(Math.abs(distance) - nearest) < 0.01, `${distance} ${nearest}`);
      if (nearest > 0.02) assert.equal(distance < 0, inside);
    }
  }
});

/** Right and down from the middle between the eyes, in pixels. @type {[region: string, x: number, y: number][]} */
const PLACES = [
  ['nose', 5, 58],
  ['mouth', 3, 98],
  ['eyes', -43, -2],
  ['eyes', 44, 4],
  ['cheeks', -62, 62],
  ['cheeks', 65, 58],
  ['forehead', 4, -62],
  ['chin', 2, 143],
];

test('touchingFace: says which finger, where on the face, and how far', () => {
  for (const [kind, face] of /** @type {const} */ ([
    ['mesh', mesh()],
    ['pose', pose()],
    ['box', { box: { xMin: 220, yMin: 200, width: 200, height: 260 } }],
  ])) {
    for (const [region, x, y] of PLACES) {
      const [touch, ...more] = touchingFace([face], [hand({ x: EYES.x + x, y: EYES.y + y })]);
      assert.equal(more.length, 0);
      // On a small face other parts of the hand can lie deeper: a hand from below and beside, on the side away from it.
      assert.ok(touch, `${kind} ${region}`);
      assert.ok(touch.distance < 0);
      if (x < 50 && y > 40) assert.deepEqual([touch.finger, touch.region], ['index_finger', region], kind);
    }
    const far = hand({ x: EYES.x + 115, y: EYES.y + 30 });
    assert.deepEqual(touchingFace([face], [far]), [], `${kind}: 15 pixels of 200 away`);
    const [near] = touchingFace([face], [far], { reach: 0.1 });
    assert.ok(Math.abs(near.distance - 15 / 200) < 0.02, `${kind}: ${near.distance}`);
    assert.equal(near.finger, 'index_finger');
  }
});

test('touchingFace: every finger and the palm are known, and the deepest of several touches is first', () => {
  const away = () => Array.from({ length: 21 }, () => ({ x: 900, y: 900, z: 0 }));
  /** @type {[finger: string, point: number][]} */
  const points = [
    ['thumb', 4],
    ['index_finger', 8],
    ['middle_finger', 12],
    ['ring_finger', 16],
    ['pinky_finger', 20],
    ['index_finger', 7],
    ['palm', 9],
    ['palm', 17],
  ];
  for (const [finger, point] of points) {
    const keypoints = away();
    keypoints[point] = { x: EYES.x, y: EYES.y + 98, z: 0 };
    assert.deepEqual(
      touchingFace([mesh()], [{ keypoints }]).map((touch) => [touch.finger, touch.region, touch.depth]),
      [[finger, 'mouth', undefined]],
    );
  }
  const hands = [hand({ x: EYES.x + 95, y: EYES.y + 40 }), hand({ x: 2000, y: 0 }), hand({ x: EYES.x, y: EYES.y + 60 })];
  const touches = touchingFace([pose(1000), pose()], hands);
  assert.deepEqual(
    touches.map((touch) => [touch.face, touch.hand]),
    [
      [1, 2],
      [1, 0],
    ],
  );
  assert.ok(touches[0].distance < touches[1].distance);
});

test('touchingFace: a hand that is much nearer to the camera only seems to touch; without metric points nothing is said', () => {
  const tip = { x: EYES.x, y: EYES.y + 98 };
  for (const nearer of [0.8, 1, 1.3]) {
    const [touch] = touchingFace([mesh()], [hand(tip, nearer)]);
    assert.ok(Math.abs((touch.depth ?? 0) - nearer) < 1e-6);
  }
  for (const nearer of [0.5, 2]) {
    assert.deepEqual(touchingFace([mesh()], [hand(tip, nearer)]), []);
    assert.equal(touchingFace([mesh()], [hand(tip, nearer)], { depth: Infinity }).length, 1);
    // A pose says too little about the size of the head.
    assert.equal(touchingFace([pose()], [hand(tip, nearer)])[0].depth, undefined);
  }
  // A head that turns by 60° is half as wide in the picture, and as wide as before in depth.
  const turned = mesh();
  for (const point of turned.keypoints) [point.x, point.z] = [EYES.x + (point.x - EYES.x) * 0.5, (point.x - EYES.x) * Math.sqrt(0.75)];
  const [touch] = touchingFace([turned], [hand(tip)]);
  assert.ok(Math.abs((touch.depth ?? 0) - 1) < 1e-6);
});

test('touchingFace: faces without anything to see are passed over', () => {
  const tip = hand(EYES);
  const unsure = pose();
  for (const point of unsure.keypoints) point.score = 0.1;
  const flat = { box: { xMin: 300, yMin: 300, width: 0, height: 0 } };
  assert.deepEqual(touchingFace([{}, { keypoints: [] }, unsure, flat], [tip]), []);
  assert.deepEqual(touchingFace([], [tip]), []);
  assert.deepEqual(touchingFace([pose()], []), []);
});

/** @param {ReturnType<typeof createTouchWatcher>} watcher @param {(number | undefined)[]} offsets  of the fingertip from the edge of the face. @param {number} [step] */
const watch = (watcher, offsets, step = 33) =>
  offsets.map((offset, i) =>
    watcher.update([mesh()], offset === undefined ? [] : [hand({ x: EYES.x + 100 + offset, y: EYES.y + 30 })], i * step),
  );

test('watcher: a touch begins and ends once, whatever trembles between the two distances', () => {
  const watcher = createTouchWatcher({ enter: 0.02, leave: 0.1, frames: 2 });
  // 0.02 and 0.1 of 200 pixels are 4 and 20.
  const states = watch(watcher, [60, 12, -10, 12, -10, -10, 12, 3, 15, 12, -5, 30, 12, 30, 30, 12, 12]);
  assert.deepEqual(
    states.map(({ touching }) => (touching ? 1 : 0)),
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
  );
  assert.deepEqual(
    states.flatMap(({ change }, i) => (change ? [[i, change]] : [])),
    [
      [5, 'enter'],
      [14, 'leave'],
    ],
  );
  assert.equal(states[6].since, 4 * 33, 'it began with the first of its frames');
  assert.equal(states[14].since, undefined);
  assert.equal(states.at(-1)?.count, 1);
  assert.equal(states[7].touches[0].finger, 'index_finger');
  watcher.reset();
  assert.deepEqual(
    watch(watcher, [-10, -10, 30, 30, -10, -10]).map(({ count }) => count),
    [0, 1, 1, 1, 1, 2],
  );
});

test('watcher: with ms it is time that counts, not frames', () => {
  for (const [step, first] of [
    [20, 10],
    [100, 2],
  ]) {
    const states = watch(createTouchWatcher({ ms: 200 }), Array(15).fill(-10), step);
    assert.equal(
      states.findIndex(({ touching }) => touching),
      first,
      `a frame each ${step} ms`,
    );
  }
  const immediate = watch(createTouchWatcher({ ms: 0 }), [-10, 40]);
  assert.deepEqual(
    immediate.map(({ touching }) => touching),
    [true, false],
  );
});

test('watcher: a face that a hand hides stays where it was for a second', () => {
  const watcher = createTouchWatcher({ frames: 1 });
  const on = [hand({ x: EYES.x, y: EYES.y + 60 })];
  assert.equal(watcher.update([mesh()], on, 0).touching, true);
  assert.equal(watcher.update([], on, 900).touching, true);
  assert.equal(watcher.update([], on, 1100).touching, false);
  assert.equal(watcher.update([], on, 1200).touching, false);
});

test('watcher: options that cannot be are misuse with the numbers', () => {
  assert.throws(() => createTouchWatcher({ enter: 0.2, leave: 0.1 }), { name: 'XnnError', code: 'misuse', message: /0\.2.*0\.1/ });
  assert.throws(() => createTouchWatcher({ frames: 2, ms: 100 }), { code: 'misuse', message: /2.*100/ });
  assert.throws(() => createTouchWatcher({ ms: -1 }), { code: 'misuse', message: /ms.*-1/ });
});

test('photographs: the one finger at a mouth touches, by mesh, pose and box; no other hand does', async (t) => {
  const runtime = await createTestRuntime({ threads: 1 });
  const hands = await loadHands({
    runtime,
    detectorUrl: mediapipeModel('palm_detection_full'),
    landmarksUrl: mediapipeModel('hand_landmark_full'),
    maxHands: Infinity,
  });
  const facemesh = await loadFacemesh({
    runtime,
    detectorUrl: mediapipeModel('face_detection_short_range'),
    landmarksUrl: mediapipeModel('face_landmark'),
  });
  const older = await loadFacemesh({ runtime, detectorUrl: BLAZEFACE_URL, landmarksUrl: FACEMESH_URL });
  const pose = await loadPose({ runtime, modelUrl: mediapipeModel('pose_landmark_full'), detectorUrl: mediapipeModel('pose_detection') });
  const still = { staticImageMode: true };
  const found = [];
  const foundByOlder = [];
  for (const [i, { name, image }] of (await readPhotos()).entries()) {
    const given = await hands.estimateHands(image, still);
    const faces = await facemesh.estimateFaces(image, still);
    for (const touch of touchingFace(faces, given)) found.push({ name, ...touch });
    for (const touch of touchingFace(await older.estimateFaces(image, still), given)) foundByOlder.push({ name, ...touch });
    if (i !== 1) continue;
    // By their boxes, which hold the whole of a head in profile, the finger is inside.
    const [byBox] = touchingFace(
      faces.map(({ box }) => ({ box })),
      given,
    );
    assert.deepEqual([byBox.finger, byBox.region], ['index_finger', 'mouth']);
    const people = await pose.estimatePoses(image, { ...still, maxPoses: 6 });
    const [byPose] = touchingFace(people, given, { reach: 0.4 });
    t.diagnostic(`by a pose's eyes and ears, in profile: ${byPose.finger}, ${byPose.region}, ${byPose.distance.toFixed(2)}`);
    assert.equal(byPose.finger, 'index_finger');
  }
  t.diagnostic(JSON.stringify(found));
  assert.deepEqual(
    found.map(({ name, finger, region }) => [name, finger, region]),
    [['sample2.jpg', 'index_finger', 'mouth']],
  );
  // The older mesh lies 0.04 widths further back: its mouth is 0.059 from the fingertip, its chin 0.054.
  assert.deepEqual(
    foundByOlder.map(({ name, finger }) => [name, finger]),
    [['sample2.jpg', 'index_finger']],
  );
  assert.ok(found[0].depth !== undefined && found[0].depth > 0.7 && found[0].depth < 1.4, `${found[0].depth}`);

  // A hand of one photograph on a face of another: in its size, beside the face, and as large as one that is nearer to the camera.
  const photos = await readPhotos();
  const { x, y } = MARKED_HANDS[7];
  const nose = photos[0].noses[2];
  for (const [what, scale, right, expected] of /** @type {[string, number, number, string[]][]} */ ([
    ['on the face', 0.75, 60, ['thumb']],
    ['beside it', 0.75, 330, []],
    ['before it', 1, 60, []],
  ])) {
    const patch = await sharp(photos[4].path)
      .extract({ left: x - 130, top: y - 75, width: 280, height: 195 })
      .resize(Math.round(280 * scale))
      .toBuffer();
    const { data, info } = await sharp(photos[0].path)
      .ensureAlpha()
      .composite([{ input: patch, left: Math.round(nose.x + (right - 130) * scale), top: Math.round(nose.y + 10) }])
      .raw()
      .toBuffer({ resolveWithObject: true });
    const image = { width: info.width, height: info.height, data };
    const given = await hands.estimateHands(image, still);
    assert.equal(given.length, 1, what);
    const faces = await facemesh.estimateFaces(image, still);
    const depths = touchingFace(faces, given, { reach: 5, depth: Infinity }).map(({ depth }) => depth?.toFixed(2));
    t.diagnostic(`${what}: as near as ${depths} times`);
    assert.deepEqual(
      touchingFace(faces, given).map(({ finger }) => finger),
      expected,
      what,
    );
  }
  for (const thing of [hands, facemesh, older, pose, runtime]) thing.dispose();
});
