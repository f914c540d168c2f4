// Pose classifiers on the keypoints of xnnjs/pose (MoveNet): features by hand, a training on people of photographs, and its export, whose head
// TensorFlow.js's cpu backend runs as well.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRuntime } from '../../js/index.js';
import { load } from '../../models/pose/main.js';
import { keypointFeatures } from '../../models/teachable/keypoints.js';
import { createPoseTrainer, loadPose } from '../../models/teachable/main.js';
import { cutFrame } from '../support/frames.js';
import { modelPath, readPhotos } from '../support/photos.js';
import { loadReference } from '../support/reference.js';
import { apart } from './bundles.js';

/** @type {import('../../js/index.js').Runtime} */
let runtime;
/** @type {Awaited<ReturnType<typeof load>>} */
let pose;
before(async () => {
  runtime = await createRuntime({ threads: 1 });
  pose = await load({ runtime, modelUrl: modelPath('movenet-lightning') });
});
after(() => {
  pose.dispose();
  runtime.dispose();
});

test('keypoints: features are widths of the shoulders from their middle, and scores', () => {
  const points = [
    { name: 'nose', x: 110, y: 60, score: 0.75 },
    { name: 'left_shoulder', x: 140, y: 100, score: 0.5 },
    { name: 'right_shoulder', x: 100, y: 100, score: 1 },
    { name: 'left_wrist', x: 1000, y: -1000, score: 0.25 },
  ];
  // The middle is (120, 100), a width is 40; what is far away counts as 4 widths.
  assert.deepEqual([...keypointFeatures(points)], [-0.25, -1, 0.75, 0.5, 0, 0.5, -0.5, 0, 1, 4, -4, 0.25]);
  const moved = points.slice(0, 3).map((point) => ({ ...point, x: 3 * point.x + 7, y: 3 * point.y - 5 }));
  assert.deepEqual(keypointFeatures(moved), keypointFeatures(points).slice(0, 9));
  assert.throws(() => keypointFeatures(points.slice(0, 2)), { code: 'unsupported', message: /2 keypoints without/ });
});

/**
 * A woman who leans on her hand, and one who stands: middles by eye, in pixels of the photographs. Eight frames of each, moved and zoomed.
 * @param {number} shift  of all frames, in pixels.
 */
async function frames(shift) {
  const photos = await readPhotos();
  const people = { leaning: { photo: 1, x: 420, y: 560 }, standing: { photo: 5, x: 870, y: 760 } };
  return Object.entries(people).map(([label, { photo, x, y }]) => ({
    label,
    images: Array.from({ length: 8 }, (_, i) => {
      const width = 900 + 20 * i;
      const region = { xCenter: x + 15 * (i % 3) + shift, yCenter: y - 10 * (i % 4), width, height: width };
      return cutFrame(photos[photo].image, region, { width: 256, height: 256 });
    }),
  }));
}

test('keypoints: two postures are told apart, and the export predicts the same here and on TensorFlow.js', async () => {
  const trainer = await createPoseTrainer({ runtime, pose });
  for (const { label, images } of await frames(0)) for (const image of images) await trainer.addExample(label, image);
  await trainer.train({ epochs: 60 });
  const exported = await trainer.export();
  const again = await loadPose(exported.toFiles(), undefined, { runtime, pose });
  assert.deepEqual(again.getClassLabels(), ['leaning', 'standing']);
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(exported.files['model.json']));
  const weightData = exported.files['weights.bin'].slice().buffer;
  const reference = await loadReference({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  for (const { label, images } of await frames(25))
    for (const image of images) {
      pose.reset();
      const { posenetOutput } = await again.estimatePose(image);
      assert.equal(posenetOutput.length, 51);
      const predictions = await trainer.predict(posenetOutput);
      assert.deepEqual(await again.predict(posenetOutput), predictions);
      const [best] = await again.predictTopK(posenetOutput, 1);
      assert.equal(best.className, label);
      const [input] = reference.inputs;
      const { data } = Object.values(await reference.run({ [input.name]: { dtype: 'float32', shape: [1, 51], data: posenetOutput } }))[0];
      const values = predictions.map(({ probability }) => probability);
      assert.ok(apart(/** @type {Float32Array} */ (data), values) <= 1e-6, `${data} ${values}`);
    }
  again.dispose();
  await assert.rejects(loadPose(exported.toFiles(), undefined, { runtime }), {
    code: 'misuse',
    message: /keypoints of movenet: give pose/,
  });
  trainer.dispose();
  assert.equal((await pose.estimatePoses((await frames(0))[0].images[0])).length, 1, 'the pose pipeline stays the caller’s');
});

test('keypoints: nobody in the picture is a posture of its own', async () => {
  const trainer = await createPoseTrainer({ runtime, pose });
  const { pose: found, posenetOutput } = await trainer.estimatePose({ width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4) });
  assert.equal(found, undefined);
  assert.deepEqual(posenetOutput, new Float32Array(51));
  trainer.dispose();
});
