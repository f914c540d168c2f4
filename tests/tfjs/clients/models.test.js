// The models that clients are given say what the TensorFlow Lite files say that they were written from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediapipeModel } from '../../../demo/assets/mediapipe.js';
import { createRuntime } from '../../../js/main.js';
import { compare } from '../../support/agreement.js';
import { seeded } from '../../support/random.js';
import { faceDetector, poseDetector, poseLandmarks } from './models.js';

/** Every `row` values, those from `start` on. @param {ArrayLike<number>} values @param {number} row @param {number} start @param {number} end */
const columns = (values, row, start, end) => Float32Array.from(values).filter((_, i) => i % row >= start && i % row < end);
const sigmoid = (/** @type {ArrayLike<number>} */ values) => Float32Array.from(values, (value) => 1 / (1 + Math.exp(-value)));

/** @type {[name: string, make: () => Promise<object>, parts: (outputs: Record<string, any>) => Record<string, ArrayLike<number>>][]} */
const MODELS = [
  [
    'face_detection_short_range',
    faceDetector,
    ({ Identity }) => ({ classificators: columns(Identity.data, 17, 0, 1), regressors: columns(Identity.data, 17, 1, 17) }),
  ],
  [
    'pose_detection',
    poseDetector,
    ({ detections }) => ({ Identity_1: columns(detections.data, 13, 0, 1), Identity: columns(detections.data, 13, 1, 13) }),
  ],
];

for (const [name, make, parts] of MODELS)
  test(`${name}: the graph model for clients is the TensorFlow Lite model`, async () => {
    await withBoth(name, make, (graph, lite) => {
      for (const [output, values] of Object.entries(parts(graph))) agree(output, values, lite[output].data);
    });
  });

test('pose_landmark_lite: the graph model for clients is the TensorFlow Lite model, its mask a probability', async () => {
  await withBoth('pose_landmark_lite', poseLandmarks, (graph, lite) => {
    // As runtime.load() names them: by the nodes, in the order of the signature.
    const [points, flag, mask, heat, world] = Object.values(graph).map(({ data }) => data);
    agree('points', points, lite.Identity.data);
    agree('flag', flag, lite.Identity_1.data);
    agree('mask', mask, sigmoid(lite.Identity_2.data));
    agree('heat', heat, lite.Identity_3.data);
    agree('world', world, lite.Identity_4.data);
  });
});

/** @param {string} what @param {ArrayLike<number>} actual @param {ArrayLike<number>} expected */
function agree(what, actual, expected) {
  const { error, where } = compare(actual, expected);
  assert.ok(error <= 1e-5, `${what}: ${error.toExponential(2)} at ${where}`); // measured: 6e-8, of the mask's sigmoid; the others are equal
}

/** @param {string} name @param {() => Promise<object>} make @param {(graph: Record<string, any>, lite: Record<string, any>) => void} check */
async function withBoth(name, make, check) {
  const runtime = await createRuntime({ variant: 'simd', threads: 1 });
  const [graph, lite] = [await runtime.load(await make()), await runtime.load(mediapipeModel(name))];
  const random = seeded(3);
  const size = graph.inputs[0].shape.reduce((n, dim) => n * dim, 1);
  const input = Float32Array.from({ length: size }, random);
  check(await graph.run(input), await lite.run(input));
  runtime.dispose();
}
