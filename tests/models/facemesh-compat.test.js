// The shims against the packages whose calls they take: results of face-landmarks-detection itself, over the same models.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { createDetector as createTheirs } from '@tensorflow-models/face-landmarks-detection';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { createDetector, SupportedModels, util } from '../../models/facemesh/compat/face-landmarks-detection-main.js';
import { FaceMesh, load, SupportedPackages } from '../../models/facemesh/compat/facemesh-main.js';
import { createTestRuntime } from '../support/engine.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { readModelFiles } from '../support/tfjs-engine.js';
import { faceDetector } from '../tfjs/clients/models.js';
import '@tensorflow/tfjs-backend-wasm';

/** @type {import('../support/engine.js').TestRuntime} */
let engine;
before(async () => {
  engine = await createTestRuntime();
});
after(() => engine.dispose());

/** @param {any} artifacts */
const handlerOf = (artifacts) => ({ load: async () => artifacts });
/** @param {number} i */
const photo = async (i) => (await readPhotos())[i].image;

test('face-landmarks-detection: settles on the faces that the package settles on, over the same models, also flipped', async (t) => {
  await tf.setBackend('wasm');
  const urls = {
    detectorModelUrl: handlerOf(await faceDetector()),
    landmarkModelUrl: handlerOf((await readModelFiles(FACEMESH_URL)).artifacts),
  };
  // The package samples a crop's pixels at their corners, half a step beside: 7 pixels in these photographs of 1900, where it looks for
  // faces, and hardly anything where it looks for landmarks. So it begins elsewhere, and comes to the same.
  const image = await photo(0);
  const theirs = await createTheirs(/** @type {any} */ (SupportedModels.MediaPipeFaceMesh), {
    runtime: 'tfjs',
    refineLandmarks: false,
    maxFaces: 3,
    .../** @type {any} */ (urls),
  });
  const ours = await createDetector(SupportedModels.MediaPipeFaceMesh, {
    engine,
    runtime: 'tfjs',
    maxFaces: 3,
    .../** @type {any} */ (urls),
  });
  const rgb = tf.slice(tf.tensor3d(Uint8Array.from(image.data), [image.height, image.width, 4], 'int32'), [0, 0, 0], [-1, -1, 3]);
  for (const flipHorizontal of [false, true]) {
    theirs.reset();
    ours.reset();
    for (let frame = 1; frame <= 8; frame++) {
      const expected = await theirs.estimateFaces(/** @type {any} */ (rgb), { flipHorizontal });
      const faces = await ours.estimateFaces(image, { flipHorizontal });
      assert.equal(faces.length, expected.length);
      assert.ok(faces.length >= 2);
      let [mean, boxes] = [0, 0];
      for (const { box, keypoints } of expected) {
        const [nose] = keypoints.slice(1, 2);
        const same = faces.reduce((a, b) => (apart(a.keypoints[1], nose) < apart(b.keypoints[1], nose) ? a : b));
        assert.deepEqual(Object.keys(same.box).sort(), Object.keys(box).sort());
        for (const [i, point] of keypoints.entries()) {
          if (point.name !== undefined) assert.equal(same.keypoints[i].name, point.name);
          mean += apart(same.keypoints[i], point) / box.width / 468 / expected.length;
        }
        boxes = Math.max(boxes, Math.abs(same.box.xMax - box.xMax) / box.width, Math.abs(same.box.yMin - box.yMin) / box.width);
      }
      t.diagnostic(
        `flipHorizontal ${flipHorizontal}, frame ${frame}: ${(100 * mean).toFixed(2)} % of the width, boxes ${(100 * boxes).toFixed(2)} %`,
      );
      if (frame === 8) assert.ok(mean < 0.01 && boxes < 0.015);
    }
  }
  ours.dispose();
});

/** @param {{ x: number, y: number }} a @param {{ x: number, y: number }} b */
const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

test('face-landmarks-detection: options and what is missing', async () => {
  const model = SupportedModels.MediaPipeFaceMesh;
  const urls = { detectorModelUrl: BLAZEFACE_URL, landmarkModelUrl: FACEMESH_URL };
  await assert.rejects(createDetector('Other', urls), { code: 'misuse', message: /Other/ });
  await assert.rejects(createDetector(model), { code: 'misuse', message: /detectorModelUrl/ });
  await assert.rejects(createDetector(model, { ...urls, engine, refineLandmarks: true }), { code: 'unsupported', message: /478.*468/ });
  const detector = await createDetector(model, { ...urls, engine });
  assert.deepEqual(await detector.estimateFaces(null), []);
  const faces = await detector.estimateFaces(await photo(0), { staticImageMode: true });
  assert.equal(faces.length, 1, 'maxFaces is 1 if left out');
  detector.dispose();
  assert.deepEqual(util.getKeypointIndexByContour(model).rightIris, [469, 470, 471, 472]);
  assert.equal(util.getAdjacentPairs(model).length, 1322);
  assert.throws(() => util.getAdjacentPairs('Other'), { code: 'misuse' });
});

test('facemesh: both packages’ calls give predictions of their shape', async () => {
  const urls = { detectorModelUrl: BLAZEFACE_URL, modelUrl: FACEMESH_URL };
  const image = await photo(2);
  const model = await load({ ...urls, engine });
  const [prediction, ...others] = await model.estimateFaces(image);
  assert.equal(others.length, 2);
  assert.ok(prediction.faceInViewConfidence > 0.9);
  const { topLeft, bottomRight } = prediction.boundingBox;
  for (const [x, y, z] of prediction.scaledMesh) {
    assert.ok(x >= topLeft[0] && x <= bottomRight[0] && y >= topLeft[1] && y <= bottomRight[1] && Number.isFinite(z));
  }
  assert.equal(prediction.mesh.length, 468);
  // Upright in 192×192: the long side of an unturned box is 128, and the eyes are level.
  assert.ok(Math.abs(prediction.mesh[33][1] - prediction.mesh[263][1]) < 1e-6);
  for (const point of prediction.mesh) for (const value of point.slice(0, 2)) assert.ok(value > 10 && value < 182);
  assert.deepEqual(prediction.annotations.noseTip, [prediction.scaledMesh[1]]);
  assert.ok(!('leftEyeIris' in prediction.annotations));
  assert.deepEqual(FaceMesh.getAnnotations().rightEyebrowLower, [35, 124, 46, 53, 52, 65]); // keypoints.js of the package
  assert.deepEqual(FaceMesh.getAnnotations().leftEyeUpper2, [342, 445, 444, 443, 442, 441, 413]);

  model.reset();
  const flipped = await model.estimateFaces({ input: image, returnTensors: false, flipHorizontal: true });
  assert.ok(flipped[0].boundingBox.topLeft[0] < flipped[0].boundingBox.bottomRight[0]);
  for (const [i, [x, y]] of flipped[0].scaledMesh.entries()) {
    assert.ok(Math.abs(image.width - x - prediction.scaledMesh[i][0]) + Math.abs(y - prediction.scaledMesh[i][1]) < 1e-9);
  }
  await assert.rejects(model.estimateFaces({ input: image, returnTensors: true }), { code: 'unsupported' });
  await assert.rejects(model.estimateFaces({ input: image, predictIrises: true }), { code: 'misuse', message: /478.*468/ });
  model.dispose();
  await assert.rejects(load('other', { ...urls, engine }), { code: 'misuse', message: /other/ });
  await assert.rejects(load(), { code: 'misuse', message: /modelUrl/ });
});

test('facemesh: irises are numbered as the package numbers them, the left one first', async () => {
  const model = await load(SupportedPackages.mediapipeFacemesh, {
    detectorModelUrl: BLAZEFACE_URL,
    modelUrl: /** @type {any} */ (mediapipeModel('face_landmark_with_attention')),
    engine,
  });
  const [{ scaledMesh, annotations }] = await model.estimateFaces({ input: await photo(2) });
  assert.equal(scaledMesh.length, 478);
  for (const [name, iris, corners] of /** @type {const} */ ([
    ['leftEyeIris', 468, [362, 263]],
    ['rightEyeIris', 473, [33, 133]],
  ])) {
    assert.deepEqual(annotations[name][0], scaledMesh[iris]);
    const [from, to] = corners.map((i) => scaledMesh[i][0]);
    assert.ok(scaledMesh[iris][0] > from && scaledMesh[iris][0] < to, name);
  }
  const [without] = await model.estimateFaces({ input: await photo(2), predictIrises: false });
  assert.equal(without.scaledMesh.length, 468);
  model.dispose();
});
