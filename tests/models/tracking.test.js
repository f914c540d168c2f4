// Faces over frames: what is tracked, when the detector runs, what is smoothed, and what memory frames leave behind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { load } from '../../models/facemesh/main.js';
import { createTestRuntime } from '../support/engine.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { cropToTensor } from '../support/plain-crop.js';
import { seeded } from '../support/random.js';

/** @typedef {import('../../js/image/crop.js').RgbaImage} RgbaImage */
/** @typedef {import('../../models/facemesh/main.js').Face} Face */

/** @type {import('../support/engine.js').TestRuntime} */
let runtime;
before(async () => {
  runtime = await createTestRuntime({ threads: 1 });
});
after(() => runtime.dispose());

const TFLITE = /** @type {any} */ ({
  detectorUrl: mediapipeModel('face_detection_short_range'),
  landmarksUrl: mediapipeModel('face_landmark'),
});

/**
 * The pipeline over the TensorFlow Lite models, and how often each part of it ran.
 * @param {object} [options]
 */
async function open(options) {
  const runs = { detect: 0, landmarks: 0 };
  const facemesh = await load({
    runtime,
    ...TFLITE,
    onStage: (stage) => {
      if (stage === 'detect' || stage === 'landmarks') runs[stage]++;
    },
    ...options,
  });
  return {
    facemesh,
    /** @param {RgbaImage} image @param {object} [given] */
    async frame(image, given) {
      Object.assign(runs, { detect: 0, landmarks: 0 });
      const faces = await facemesh.estimateFaces(image, given);
      return { faces, ...runs };
    },
  };
}

const [WIDTH, HEIGHT] = [480, 360];

/**
 * A frame of 480×360 that shows a region of a photograph.
 * @param {RgbaImage} photo @param {{ x: number, y: number }} middle @param {number} width  of the region. @param {number} [rotation]
 * @returns {RgbaImage}
 */
function look(photo, { x, y }, width, rotation = 0) {
  const region = { xCenter: x, yCenter: y, width, height: (width * HEIGHT) / WIDTH, rotation };
  const tensor = cropToTensor(photo, { region, width: WIDTH, height: HEIGHT });
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  for (let i = 0; i < WIDTH * HEIGHT; i++) data.set(tensor.subarray(3 * i, 3 * i + 3), 4 * i);
  return { width: WIDTH, height: HEIGHT, data };
}

const GREY = { width: WIDTH, height: HEIGHT, data: new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(128) };

test('tracking: a face that moves, turns and comes nearer is followed with one landmark run a frame and no detector', async (t) => {
  const [{ image, noses }] = await readPhotos();
  const { facemesh, frame } = await open({ maxFaces: 1 });
  let worst = 0;
  for (let i = 0; i < 30; i++) {
    const [dx, zoom, rotation] = [4 * i, 700 - 5 * i, 0.02 * i];
    const { faces, detect, landmarks } = await frame(look(image, { x: noses[1].x + dx - 60, y: noses[1].y + i }, zoom, rotation));
    assert.equal(faces.length, 1, `frame ${i}`);
    assert.deepEqual({ detect, landmarks }, { detect: i === 0 ? 1 : 0, landmarks: 1 }, `frame ${i}`);
    // Where the nose of the photograph is in this frame.
    const [right, down] = [60 - dx, -i];
    const [cos, sin] = [Math.cos(-rotation), Math.sin(-rotation)];
    const expected = {
      x: WIDTH / 2 + ((right * cos - down * sin) * WIDTH) / zoom,
      y: HEIGHT / 2 + ((right * sin + down * cos) * WIDTH) / zoom,
    };
    const { x, y } = faces[0].keypoints[1];
    worst = Math.max(worst, Math.hypot(x - expected.x, y - expected.y) / faces[0].box.width);
  }
  facemesh.dispose();
  t.diagnostic(`the nose is ${worst.toFixed(3)} of the face's width from where it was marked, at most`);
  assert.ok(worst < 0.25);
});

test('tracking: a face that is gone is forgotten, and found again when it is back', async () => {
  const [{ image, noses }] = await readPhotos();
  const seen = look(image, noses[1], 700);
  const { facemesh, frame } = await open({ maxFaces: 1 });
  const first = await frame(seen);
  assert.equal(first.faces.length, 1);
  assert.deepEqual((await frame(GREY)).faces, []);
  assert.ok((await frame(GREY)).detect >= 1);
  const back = await frame(seen);
  assert.deepEqual(back.faces, first.faces, 'as in the first frame');
  facemesh.reset();
  assert.deepEqual((await frame(seen)).faces, first.faces, 'as after a reset');
  facemesh.dispose();
});

test('tracking: maxFaces bounds the faces; with fewer the detector looks in every frame, without a bound in every tenth', async () => {
  const [, , { image, noses }] = await readPhotos();
  const two = look(image, { x: (noses[0].x + noses[1].x) / 2, y: noses[1].y }, 950);
  for (const [maxFaces, detectors] of /** @type {const} */ ([
    [1, [1, 0, 0]],
    [5, [1, 1, 1]],
    [undefined, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]],
  ])) {
    const { facemesh, frame } = await open({ maxFaces });
    for (const [i, expected] of detectors.entries()) {
      const { faces, detect } = await frame(two);
      assert.equal(faces.length, maxFaces === 1 ? 1 : 2, `maxFaces ${maxFaces}, frame ${i}`);
      assert.equal(detect, expected, `maxFaces ${maxFaces}, frame ${i}`);
    }
    facemesh.dispose();
  }
});

test('tracking: another picture of the same size gives its own faces within eight frames', async () => {
  const photos = (await readPhotos()).map(({ image, noses }) => ({ seen: look(image, noses[0], 600), whole: image }));
  const { facemesh, frame } = await open({ detectorUrl: BLAZEFACE_URL, landmarksUrl: FACEMESH_URL });
  for (const { seen } of photos) {
    for (let i = 0; i < 7; i++) await frame(seen); // where two faces lie nearly alike, points take some frames to arrive
    const { faces: after } = await frame(seen);
    facemesh.reset();
    for (let i = 0; i < 7; i++) await frame(seen);
    const { faces: alone } = await frame(seen);
    assert.equal(after.length, alone.length);
    for (const { box } of alone) {
      const near = after.some((face) => Math.abs(face.box.xMin - box.xMin) + Math.abs(face.box.yMin - box.yMin) < 0.15 * box.width);
      assert.ok(near, JSON.stringify({ box, after: after.map((face) => face.box) }));
    }
  }
  facemesh.dispose();
});

test('tracking: a face on its side or head is found as it lies, and kept', async () => {
  const [{ image, noses }] = await readPhotos();
  for (const quarters of [1, 2, 3]) {
    const { facemesh, frame } = await open({ maxFaces: 1 });
    const turned = look(image, noses[1], 700, (quarters * Math.PI) / 2);
    assert.equal((await frame(turned)).faces.length, 1);
    const { faces, detect } = await frame(turned);
    assert.equal(detect, 0);
    const [right, left] = [faces[0].keypoints[33], faces[0].keypoints[263]];
    const angle = Math.atan2(left.y - right.y, left.x - right.x);
    const upright = look(image, noses[1], 700);
    facemesh.reset();
    const [plain] = (await frame(upright)).faces;
    const expected = Math.atan2(plain.keypoints[263].y - plain.keypoints[33].y, plain.keypoints[263].x - plain.keypoints[33].x);
    const off = Math.abs(Math.sin((angle + (quarters * Math.PI) / 2 - expected) / 2));
    assert.ok(off < 0.1, `${quarters} quarters: ${angle} for ${expected}`);
    facemesh.dispose();
  }
});

test('tracking: calls that do not wait for one another answer in turn', async () => {
  const [{ image, noses }] = await readPhotos();
  const frames = [0, 10, 20].map((dx) => look(image, { x: noses[1].x + dx, y: noses[1].y }, 700));
  const { facemesh } = await open({ maxFaces: 1 });
  const together = await Promise.all(frames.map((image) => facemesh.estimateFaces(image)));
  facemesh.reset();
  for (const [i, image] of frames.entries()) assert.deepEqual(await facemesh.estimateFaces(image), together[i]);
  const bad = /** @type {any} */ ({ width: 2, height: 2, data: new Uint8Array(3) });
  const [wrong, right] = await Promise.allSettled([facemesh.estimateFaces(bad), facemesh.estimateFaces(frames[2])]);
  assert.equal(wrong.status, 'rejected');
  assert.ok(right.status === 'fulfilled' && right.value.length === 1, 'an error leaves everything usable');
  facemesh.dispose();
});

test('smoothing: a face that stands still in noise trembles less, and one that moves is followed', async (t) => {
  const [{ image, noses }] = await readPhotos();
  const still = look(image, noses[1], 700);
  /** @param {number} seed @returns {RgbaImage} */
  const noisy = (seed) => {
    const random = seeded(seed);
    return { ...still, data: Uint8ClampedArray.from(still.data, (byte, i) => (i % 4 === 3 ? 255 : byte + 60 * (random() - 0.5))) };
  };
  const [plain, smooth] = [await open({ maxFaces: 1 }), await open({ maxFaces: 1, smooth: true })];
  /** @type {Face[][]} */
  const tracks = [[], []];
  for (let i = 0; i < 24; i++) {
    for (const [n, { frame }] of [plain, smooth].entries()) tracks[n].push((await frame(noisy(i), { timestamp: i * 33 })).faces[0]);
  }
  // Mean distance from frame to frame, after the first half.
  const [trembling, smoothed] = tracks.map((faces) => {
    const steps = faces
      .slice(12)
      .flatMap(({ keypoints }, i) =>
        keypoints.map(({ x, y }, p) => Math.hypot(x - faces[i + 11].keypoints[p].x, y - faces[i + 11].keypoints[p].y)),
      );
    return steps.reduce((a, b) => a + b) / steps.length;
  });
  t.diagnostic(`from frame to frame ${trembling.toFixed(3)} pixels, smoothed ${smoothed.toFixed(3)}`);
  assert.ok(smoothed < 0.7 * trembling);
  let lag = 0;
  for (let i = 0; i < 10; i++) {
    const moved = look(image, { x: noses[1].x - 10 * i, y: noses[1].y }, 700);
    const [a, b] = [await plain.frame(moved), await smooth.frame(moved, { timestamp: 2000 + i * 33 })];
    lag = Math.max(lag, Math.abs(a.faces[0].keypoints[1].x - b.faces[0].keypoints[1].x) / a.faces[0].box.width);
  }
  t.diagnostic(`moving, ${(100 * lag).toFixed(2)} % of the face's width behind at most`);
  assert.ok(lag < 0.05);
  plain.facemesh.dispose();
  smooth.facemesh.dispose();
});

test('tracking: frames leave nothing behind, in JavaScript and in WebAssembly', async (t) => {
  const [{ image, noses }] = await readPhotos();
  const frames = Array.from({ length: 10 }, (_, i) => look(image, { x: noses[1].x + 3 * i, y: noses[1].y }, 700));
  const { createRuntime } = await import('../../js/main.js');
  const own = await createRuntime({ threads: 1 });
  const facemesh = await load({ runtime: own, ...TFLITE, maxFaces: 1, smooth: true });
  const run = async (/** @type {number} */ count) => {
    for (let i = 0; i < count; i++) await facemesh.estimateFaces(frames[i % 10], { timestamp: i * 33 });
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve));
    globalThis.gc?.();
    return { js: process.memoryUsage().heapUsed, buffers: process.memoryUsage().arrayBuffers, wasm: own.memory().heapBytes };
  };
  const before = await run(100);
  const after = await run(400); // bench/faces.js --sustain runs thousands
  t.diagnostic(`400 frames: ${JSON.stringify({ js: after.js - before.js, buffers: after.buffers - before.buffers })} bytes`);
  assert.equal(after.wasm, before.wasm);
  // A frame makes about 60 kB of objects and 120 kB of arrays; without --expose-gc they are collected when V8 likes.
  if (globalThis.gc) {
    assert.ok(after.js - before.js < 400 * 500, `${after.js - before.js} bytes of JavaScript's heap`);
    assert.ok(after.buffers - before.buffers < 400 * 1000, `${after.buffers - before.buffers} bytes of buffers`);
  } else {
    assert.ok(after.js - before.js < 400 * 60_000);
  }
  facemesh.dispose();
  own.dispose();
});
