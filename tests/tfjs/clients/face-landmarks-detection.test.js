// @tensorflow-models/face-landmarks-detection with runtime 'tfjs': MediaPipe's detector, then 468 or 478 points for each face.
import assert from 'node:assert/strict';
import { createDetector, SupportedModels } from '@tensorflow-models/face-landmarks-detection';
import { FACEMESH_URL } from '../../support/photos.js';
import { readModelFiles } from '../../support/tfjs-engine.js';
import { handlerOf, photo, testClient } from './client.js';
import { attentionMesh, faceDetector } from './models.js';

const from = '@tensorflow-models/face-landmarks-detection';
const detectorModelUrl = handlerOf(await faceDetector());
const [{ artifacts: mesh }, attention] = [await readModelFiles(FACEMESH_URL), await attentionMesh()];
const make = await photo(0);

/** @param {boolean} refineLandmarks */
const open = (refineLandmarks) =>
  createDetector(SupportedModels.MediaPipeFaceMesh, {
    runtime: 'tfjs',
    refineLandmarks,
    maxFaces: 3,
    detectorModelUrl,
    landmarkModelUrl: handlerOf(refineLandmarks ? attention : mesh),
  });

testClient('face-landmarks-detection', {
  from,
  load: () => open(false),
  dispose: (detector) => detector.dispose(),
  limit: 1e-5,
  check: (frames) => {
    for (const faces of frames) assert.ok(faces.length >= 2 && faces[0].keypoints.length === 468 && faces[0].keypoints[0].name === 'lips');
  },
  // The second frame starts from where the faces were in the first, the third is on its own.
  run: async (detector) => {
    const image = make();
    const frames = [await detector.estimateFaces(image), await detector.estimateFaces(image)];
    frames.push(await detector.estimateFaces(image, { flipHorizontal: true, staticImageMode: true }));
    image.dispose();
    return frames;
  },
});

testClient('face-landmarks-detection, refined', {
  from,
  load: () => open(true),
  dispose: (detector) => detector.dispose(),
  limit: 1e-5,
  check: ([faces]) => assert.ok(faces.length >= 2 && faces[0].keypoints.length === 478),
  run: async (detector) => {
    const image = make();
    const faces = await detector.estimateFaces(image, { staticImageMode: true });
    image.dispose();
    return [faces];
  },
});
