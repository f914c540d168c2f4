// Faces against MediaPipe's pipeline on TensorFlow.js (tests/support/face-pipeline.js), over the same models, on photographs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mediapipeModel } from '../../demo/assets/mediapipe.js';
import { load } from '../../models/facemesh/main.js';
import { createTestRuntime } from '../support/engine.js';
import { facesByTensorflow, rows } from '../support/face-pipeline.js';
import { BLAZEFACE_URL, FACEMESH_URL, readPhotos } from '../support/photos.js';
import { createRuntime } from '../support/tfjs-engine.js';
import { tfliteToGraph } from '../support/tflite-to-graph.js';

/** @typedef {Record<string, { data: ArrayLike<number> }>} Outputs */

/** @type {import('../support/engine.js').TestRuntime} */
let runtime;
before(async () => {
  runtime = await createTestRuntime();
});
after(() => runtime.dispose());

/** A model on TensorFlow.js: its wasm backend, since the cpu backend takes minutes. @param {any} source */
const loadReference = async (source) => /** @type {any} */ ((await createRuntime({ backend: 'wasm' })).load(source));

/** A TensorFlow Lite model of MediaPipe on TensorFlow.js. @param {string} name @param {string[]} outputs */
const fromTflite = async (name, outputs) =>
  loadReference(await tfliteToGraph(mediapipeModel(name), (_, nodeOf) => Object.fromEntries(outputs.map((o) => [o, nodeOf(o)]))));

/** @type {Record<string, { ours: any, reference: () => Promise<[any, any]> }>} */
const MODELS = {
  'TensorFlow.js files of @vladmandic/human': {
    ours: { detectorUrl: BLAZEFACE_URL, landmarksUrl: FACEMESH_URL },
    reference: async () => [
      {
        model: await loadReference(BLAZEFACE_URL),
        size: 256,
        grid: [
          [16, 2],
          [8, 6],
        ],
        read: (/** @type {Outputs} */ outputs) => ({
          logits: [...Array.from(outputs.Identity.data), ...Array.from(outputs.Identity_1.data)],
          values: [...rows(outputs.Identity_2.data, 16), ...rows(outputs.Identity_3.data, 16)],
        }),
      },
      {
        model: await loadReference(FACEMESH_URL),
        read: (/** @type {Outputs} */ outputs) => ({ points: rows(outputs.Identity_2.data, 3), presence: outputs.Identity_1.data[0] }),
      },
    ],
  },
  'TensorFlow Lite files of @mediapipe/face_mesh': {
    ours: { detectorUrl: mediapipeModel('face_detection_short_range'), landmarksUrl: mediapipeModel('face_landmark') },
    reference: async () => [
      {
        model: await fromTflite('face_detection_short_range', ['classificators', 'regressors']),
        size: 128,
        grid: [
          [16, 2],
          [8, 6],
        ],
        read: (/** @type {Outputs} */ outputs) => {
          const [scores, boxes] = Object.values(outputs).sort((a, b) => a.data.length - b.data.length);
          return { logits: Array.from(scores.data), values: rows(boxes.data, 16) };
        },
      },
      {
        model: await fromTflite('face_landmark', ['conv2d_21', 'conv2d_31']),
        read: (/** @type {Outputs} */ outputs) => {
          const [logit, points] = Object.values(outputs).sort((a, b) => a.data.length - b.data.length);
          return { points: rows(points.data, 3), presence: 1 / (1 + Math.exp(-logit.data[0])) };
        },
      },
    ],
  },
};

/**
 * The largest distance of a point from where the reference has it, in widths of the face; of the faces both found, each by its nearest.
 * @param {import('../../models/facemesh/main.js').Face[]} faces @param {number[][][]} expected
 */
function furthest(faces, expected) {
  const distances = expected.map((points) => {
    const xs = points.map(([x]) => x);
    const width = Math.max(...xs) - Math.min(...xs);
    const each = faces.map(({ keypoints }) =>
      Math.max(...points.map(([x, y, z], i) => Math.hypot(keypoints[i].x - x, keypoints[i].y - y, keypoints[i].z - z))),
    );
    return Math.min(...each) / width;
  });
  return Math.max(...distances);
}

for (const [name, { ours, reference }] of Object.entries(MODELS)) {
  test(`faces: ${name} give the points that an independent pipeline gives, in the first frame and tracked`, async (t) => {
    const [detector, mesher] = await reference();
    const facemesh = await load({ runtime, ...ours });
    let count = 0;
    for (const { name: photo, image } of (await readPhotos()).filter((_, i) => i % 2 === 0)) {
      facemesh.reset();
      const found = await facemesh.estimateFaces(image);
      const tracked = await facemesh.estimateFaces(image);
      const expected = [await facesByTensorflow(detector, mesher, image, 1), await facesByTensorflow(detector, mesher, image, 2)];
      const [first, second] = [furthest(found, expected[0]), furthest(tracked, expected[1])];
      t.diagnostic(
        `${photo}: ${found.length} faces, ${(100 * first).toFixed(4)} % of the width off, tracked ${(100 * second).toFixed(4)} %`,
      );
      assert.equal(found.length, expected[0].length, photo);
      assert.equal(tracked.length, expected[1].length, photo);
      assert.ok(first < 1e-4 && second < 1e-4, photo); // 2.5e-5 measured; the issue asks for 0.01
      count += found.length;
      // A photograph is looked at twice as well, and as a whole before its parts.
      const still = await facemesh.estimateFaces(image, { staticImageMode: true });
      const third = furthest(still, expected[1]);
      t.diagnostic(`${photo}: staticImageMode ${(100 * third).toFixed(4)} %, ${still.length} faces`);
      assert.ok(third < 1e-4, photo);
    }
    facemesh.dispose();
    assert.ok(count >= 7, `${count} faces`);
  });
}
