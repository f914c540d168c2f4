// The whole way: photographs in, faces and pictures out.

import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { main } from '../../demo/photo/main.js';
import { load } from '../../models/facemesh/main.js';
import { overlap } from '../../models/shared/boxes.js';
import { createTestRuntime } from '../support/engine.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { createRuntime as createTfjsRuntime } from '../support/tfjs-engine.js';

/** @import { Face, Facemesh } from '../../models/facemesh/main.js' */
/** @import { Photo } from '../support/photos.js' */

// Indices of the mesh (MediaPipe's canonical face model): outer and inner corners of the eyes, middle of the inner lips,
// corners of the mouth, tip of the nose.
const EYES = [33, 133, 362, 263];
const LIPS = [13, 14, 61, 291];
const NOSE = 1;

/** @type {string} */
let folder;
/** @type {{ photo: Photo, faces: Face[], expected: Face[] }[]} */
let results;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'xnnjs-photo-'));
  const runtime = await createTestRuntime();
  const tfjs = await createTfjsRuntime({ backend: 'wasm' });
  const [facemesh, reference] = await Promise.all(
    [runtime, tfjs].map((engine) => load({ runtime: engine, detectorUrl: BLAZEFACE_URL, landmarksUrl: FACEMESH_URL })),
  );
  results = [];
  for (const photo of await readPhotos()) {
    /** @param {Facemesh} pipeline */
    const find = (pipeline) => pipeline.estimateFaces(photo.image, { staticImageMode: true });
    results.push({ photo, faces: await find(facemesh), expected: await find(reference) });
  }
  for (const thing of [facemesh, reference, runtime, tfjs]) thing.dispose();
});

after(() => rm(folder, { recursive: true, force: true }));

test('photographs: the 22 faces are found, each once, and nothing else', () => {
  for (const { photo, faces } of results) {
    assert.equal(faces.length, photo.noses.length, photo.name);
    for (const nose of photo.noses) {
      const around = faces.filter(({ box }) => contains(box, nose, 0));
      assert.equal(around.length, 1, `${photo.name}: faces around ${nose.x.toFixed()}, ${nose.y.toFixed()}`);
    }
  }
  assert.equal(results.flatMap(({ faces }) => faces).length, 22);
});

test('photographs: the tip of the nose is where a person sees it, to a fifth of the face', () => {
  for (const { photo, faces } of results) {
    for (const { box, keypoints } of faces) {
      const tip = keypoints[NOSE];
      const apart = Math.min(...photo.noses.map(({ x, y }) => Math.hypot(x - tip.x, y - tip.y)));
      assert.ok(apart <= box.height / 5, `${photo.name}: ${apart.toFixed()} px of ${box.height.toFixed()}`);
    }
  }
});

test('photographs: meshes have 468 points inside their box, with the eyes above the mouth', () => {
  for (const { photo, faces } of results) {
    for (const { box, keypoints, score } of faces) {
      assert.equal(keypoints.length, 468);
      for (const point of keypoints) {
        assert.ok(Number.isFinite(point.z));
        assert.ok(contains(box, point, 1e-6), `${photo.name}: ${JSON.stringify(point)} of ${JSON.stringify(box)}`);
      }
      /** @param {number[]} indices */
      const height = (indices) => indices.reduce((sum, i) => sum + keypoints[i].y, 0) / indices.length;
      assert.ok(height(EYES) < height(LIPS) - box.height / 5, photo.name);
      assert.ok(keypoints[33].x < keypoints[263].x, `${photo.name}: the right eye is on the left`);
      assert.ok(score >= 0.5 && score <= 1);
    }
  }
});

test('photographs: boxes and points agree with TensorFlow.js in the same pipeline', (t) => {
  let leastOverlap = 1;
  let farthest = 0;
  for (const { photo, faces, expected } of results) {
    assert.equal(faces.length, expected.length, photo.name);
    for (const face of faces) {
      const twin = expected.reduce((a, b) => (overlap(a.box, face.box) >= overlap(b.box, face.box) ? a : b));
      leastOverlap = Math.min(leastOverlap, overlap(twin.box, face.box));
      for (const [i, { x, y }] of face.keypoints.entries()) {
        farthest = Math.max(farthest, Math.hypot(x - twin.keypoints[i].x, y - twin.keypoints[i].y));
      }
    }
  }
  t.diagnostic(`least overlap of boxes ${leastOverlap.toFixed(6)}, farthest points ${farthest.toExponential(1)} px apart`);
  assert.ok(leastOverlap >= 0.99);
  assert.ok(farthest <= 0.5);
});

test("photo demo: draws a picture of the photograph's size and exits with 0", async () => {
  const [{ path: photo, image }] = await readPhotos();
  const code = await quietly(() => main([photo, '--out', folder, '--threads', '1'], { engine: createTestRuntime }));
  assert.equal(code.result, 0, code.errors.join('\n'));
  const file = path.join(folder, 'sample1-facemesh.jpg');
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [image.width, image.height]);
  const green = countGreen(data) - countGreen(image.data);
  assert.ok(green > 3 * 468, `${green} more green pixels than the photograph has`);
  assert.match(code.lines.join('\n'), /3 faces[\s\S]*score[\s\S]*detector[\s\S]*landmarks[\s\S]*variant .* threads/);
});

test('photo demo: a wrong path, option or folder of models gives one line and 1', async () => {
  for (const argv of [['no-such.jpg'], ['--threads', '0'], ['--nonsense'], ['--models', 'no-such-folder']]) {
    const { result, errors } = await quietly(() => main([...argv, '--out', folder], { engine: createTestRuntime }));
    assert.equal(result, 1, argv.join(' '));
    assert.equal(errors.length, 1);
    assert.match(errors[0], /^photo: .*(no-such|threads|nonsense)[^\n]*$/);
  }
  await assert.rejects(stat(path.join(folder, 'no-such-facemesh.jpg')));
});

/**
 * @param {import('../../models/shared/boxes.js').Box} box
 * @param {{ x: number, y: number }} point
 * @param {number} margin
 */
function contains({ xMin, yMin, width, height }, { x, y }, margin) {
  return x >= xMin - margin && x <= xMin + width + margin && y >= yMin - margin && y <= yMin + height + margin;
}

/** @param {Uint8Array | Uint8ClampedArray} data  RGBA. */
function countGreen(data) {
  let n = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 1] > 150 && data[i + 1] > 1.5 * data[i]) n++;
  return n;
}

/**
 * Runs work with its console output collected.
 * @template T
 * @param {() => Promise<T>} work
 */
async function quietly(work) {
  const { log, error } = console;
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const errors = [];
  console.log = (...words) => lines.push(words.join(' '));
  console.error = (...words) => errors.push(words.join(' '));
  try {
    return { result: await work(), lines, errors };
  } finally {
    Object.assign(console, { log, error });
  }
}
