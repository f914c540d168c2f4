// @tensorflow-models/face-landmarks-detection with runtime 'tfjs': MediaPipe's detector, then 468 or 478 points for each face.
import assert from 'node:assert/strict';
import { createDetector, SupportedModels } from '@tensorflow-models/face-landmarks-detection';
import { FACEMESH_URL } from '../../support/photos.js';
import { readModelFiles } from '../../support/tfjs-engine.js';
import { handlerOf, hashesOf, photo, testClient } from './client.js';
import { attentionMesh, faceDetector } from './models.js';

const from = '@tensorflow-models/face-landmarks-detection';
const [detector, { artifacts: mesh }, attention] = [await faceDetector(), await readModelFiles(FACEMESH_URL), await attentionMesh()];
const [make, other] = await Promise.all([0, 2].map(photo));

/** @param {boolean} refineLandmarks */
const open = (refineLandmarks) =>
  createDetector(SupportedModels.MediaPipeFaceMesh, {
    runtime: 'tfjs',
    refineLandmarks,
    maxFaces: 3,
    detectorModelUrl: handlerOf(detector),
    landmarkModelUrl: handlerOf(refineLandmarks ? attention : mesh),
  });

testClient('face-landmarks-detection', {
  from,
  load: () => open(false),
  dispose: (detector) => detector.dispose(),
  limit: 1e-5, // measured: 2.3e-6
  slow: await hashesOf(detector, mesh),
  check: (frames) => {
    for (const faces of /** @type {any[]} */ (Object.values(frames)))
      assert.ok(faces.length >= 2 && faces[0].keypoints.length === 468 && faces[0].keypoints[0].name === 'lips');
  },
  // The second frame starts from where the faces were in the first, the third is on its own.
  run: async (detector) => {
    const image = make();
    const [first, tracked] = [await detector.estimateFaces(image), await detector.estimateFaces(image)];
    const flipped = await detector.estimateFaces(image, { flipHorizontal: true, staticImageMode: true });
    image.dispose();
    return { first, tracked, flipped };
  },
});

testClient('face-landmarks-detection, refined', {
  from,
  load: () => open(true),
  dispose: (detector) => detector.dispose(),
  limit: 1e-5, // measured: 7.3e-7
  slow: await hashesOf(detector, attention),
  check: ({ faces }) => assert.ok(faces.length >= 2 && faces[0].keypoints.length === 478),
  run: async (detector) => {
    const image = other();
    const faces = await detector.estimateFaces(image, { staticImageMode: true });
    image.dispose();
    return { faces };
  },
});
