// Options and errors of the facemesh pipeline.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { load } from '../../models/facemesh/index.js';
import { createTestRuntime } from '../support/engine.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';

/** @import { Facemesh } from '../../models/facemesh/index.js' */

/** @type {import('../support/engine.js').TestRuntime} */
let runtime;
/** @type {Facemesh} */
let facemesh;

before(async () => {
  runtime = await createTestRuntime();
  facemesh = await loadFacemesh();
});

after(() => {
  facemesh.dispose();
  runtime.dispose();
});

/** @param {{ maxFaces?: number, detectorUrl?: string }} [options] */
const loadFacemesh = (options) => load({ runtime, detectorUrl: BLAZEFACE_URL, landmarksUrl: FACEMESH_URL, ...options });

test('facemesh: the faces of a frame are found in one look at the whole', async () => {
  for (const { name, image, noses } of await readPhotos()) {
    assert.equal((await facemesh.estimateFaces(image)).length, noses.length, name);
  }
});

test('facemesh: staticImageMode finds faces that are too small in the whole image', async (t) => {
  // Four photographs with 3, 4, 5 and 4 faces in one picture: each face is a 20th of its width.
  const photos = (await readPhotos()).filter((_, i) => i !== 1 && i !== 2);
  const [width, height] = [960, 720];
  const tiles = await Promise.all(
    photos.map(async ({ path }, i) => ({
      input: await sharp(path).resize(width, height, { fit: 'contain' }).toBuffer(),
      left: (i % 2) * width,
      top: Math.floor(i / 2) * height,
    })),
  );
  const { data } = await sharp({ create: { width: 2 * width, height: 2 * height, channels: 4, background: '#000' } })
    .composite(tiles)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const image = { width: 2 * width, height: 2 * height, data };
  const faces = await facemesh.estimateFaces(image, { staticImageMode: true });
  t.diagnostic(`${faces.length} of 16, ${(await facemesh.estimateFaces(image)).length} without staticImageMode`);
  assert.equal(faces.length, 16);
});

test('facemesh: flipHorizontal gives the mirror image of the points', async () => {
  const [{ image }] = await readPhotos();
  facemesh.reset();
  const plain = await facemesh.estimateFaces(image);
  facemesh.reset();
  const flipped = await facemesh.estimateFaces(image, { flipHorizontal: true });
  assert.equal(flipped.length, plain.length);
  for (const [i, { box, keypoints }] of flipped.entries()) {
    const right = plain[i].box.xMin + plain[i].box.width;
    assert.ok(Math.abs(box.xMin - (image.width - right)) < 1e-9);
    assert.deepEqual(
      keypoints,
      plain[i].keypoints.map((point) => ({ ...point, x: image.width - point.x })),
    );
  }
});

test('facemesh: maxFaces keeps the surest faces', async () => {
  const [{ image }] = await readPhotos();
  facemesh.reset();
  const all = await facemesh.estimateFaces(image);
  const single = await loadFacemesh({ maxFaces: 1 });
  assert.deepEqual(await single.estimateFaces(image), all.slice(0, 1));
  single.dispose();
  await assert.rejects(loadFacemesh({ maxFaces: 0 }), { code: 'misuse', message: /maxFaces.*0/ });
});

test('facemesh: an image without faces gives none, however small', async () => {
  for (const [width, height] of [
    [640, 480],
    [1, 1],
    [3, 700],
  ]) {
    const image = { width, height, data: new Uint8ClampedArray(width * height * 4).fill(128) };
    assert.deepEqual(await facemesh.estimateFaces(image, { staticImageMode: true }), []);
  }
});

test('facemesh: images without pixels or with the wrong number of bytes are refused with the numbers', async () => {
  const data = new Uint8Array(16);
  const empty = { width: 0, height: 4, data };
  await assert.rejects(facemesh.estimateFaces(empty), { name: 'XnnError', code: 'bad-shape', message: /0×4/ });
  const short = { width: 3, height: 2, data };
  await assert.rejects(facemesh.estimateFaces(short), {
    code: 'bad-shape',
    message: /3×2 RGBA needs 24 bytes, data has 16/,
  });
  const nothing = /** @type {any} */ (undefined);
  await assert.rejects(facemesh.estimateFaces(nothing), { code: 'misuse' });
});

test('facemesh: a model that is another network is refused at load', async () => {
  await assert.rejects(loadFacemesh({ detectorUrl: FACEMESH_URL }), {
    code: 'unsupported',
    message: /\[1, 256, 256, 3\].*192/,
  });
});

test('facemesh: use after dispose is misuse, and dispose leaves the given runtime alone', async () => {
  const other = await loadFacemesh();
  other.dispose();
  other.dispose();
  const [{ image }] = await readPhotos();
  await assert.rejects(other.estimateFaces(image), { name: 'XnnError', code: 'misuse' });
  assert.equal((await facemesh.estimateFaces(image)).length, 3);
});
