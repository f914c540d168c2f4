// @tensorflow-models/pose-detection: MoveNet, PoseNet and BlazePose (runtime 'tfjs') on a photograph.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { createDetector, movenet, SupportedModels } from '@tensorflow-models/pose-detection';
import { poseNet } from '../../support/architectures/posenet.js';
import { toGraphModel } from '../../support/architectures/to-graph.js';
import { modelPath } from '../../support/photos.js';
import { readModelFiles } from '../../support/tfjs-engine.js';
import { handlerOf, hashesOf, photo, serveModels, testClient } from './client.js';
import { poseDetector, poseLandmarks } from './models.js';

/** @typedef {import('@tensorflow-models/pose-detection').PoseDetector} PoseDetector */

const from = '@tensorflow-models/pose-detection';
const { artifacts: lightning } = await readModelFiles(modelPath('movenet-lightning'));
const server = await serveModels({ movenet: lightning });
after(server.close);
const [make, other] = await Promise.all([2, 1].map(photo));
const dispose = (/** @type {PoseDetector} */ detector) => detector.dispose();

testClient('pose-detection, MoveNet', {
  from,
  load: () => {
    const modelType = movenet.modelType.SINGLEPOSE_LIGHTNING;
    return createDetector(SupportedModels.MoveNet, { modelType, modelUrl: server.url('movenet'), enableSmoothing: true });
  },
  dispose,
  limit: 1e-5, // measured: 2.1e-6
  slow: await hashesOf(lightning),
  check: ({ first, tracked }) =>
    assert.ok([first, ...tracked].every((/** @type {any} */ [pose]) => pose.keypoints.length === 17 && pose.score > 0.3)),
  // The second frame is cut around the person of the first, and smoothed with it.
  run: async (detector) => {
    const image = make();
    const frames = [];
    for (const time of [0, 40, 80]) frames.push(await detector.estimatePoses(image, {}, time));
    image.dispose();
    const [first, ...tracked] = frames;
    return { first, tracked };
  },
});

/** PoseNet takes any size, and gives offsets first. */
function seededPoseNet() {
  const model = toGraphModel(poseNet());
  const { modelTopology, signature } = /** @type {any} */ (model);
  const [input] = modelTopology.node;
  for (const { dim } of [input.attr.shape.shape, signature.inputs[input.name].tensorShape]) dim[1].size = dim[2].size = '-1';
  const { heatmap_2, offset_2, displacement_fwd_2, displacement_bwd_2 } = signature.outputs;
  signature.outputs = { offset_2, heatmap_2, displacement_fwd_2, displacement_bwd_2 };
  return model;
}

const posenet = seededPoseNet();

testClient('pose-detection, PoseNet with seeded weights', {
  from,
  load: () => {
    const size = {
      inputResolution: { width: 257, height: 257 },
      outputStride: /** @type {const} */ (16),
      multiplier: /** @type {const} */ (0.75),
    };
    return createDetector(SupportedModels.PoseNet, { architecture: 'MobileNetV1', ...size, modelUrl: handlerOf(posenet) });
  },
  dispose,
  limit: 1e-5, // measured: 9.0e-7
  slow: await hashesOf(posenet),
  check: ({ one, many }) => {
    assert.equal(one[0].keypoints.length, 17);
    assert.ok(many.length > 1);
  },
  run: async (detector) => {
    const image = make();
    const one = await detector.estimatePoses(image, { maxPoses: 1, flipHorizontal: true });
    const many = await detector.estimatePoses(image, { maxPoses: 5, flipHorizontal: false, scoreThreshold: 0.5, nmsRadius: 20 });
    image.dispose();
    return { one, many };
  },
});

const [detector, landmarks] = [await poseDetector(), await poseLandmarks()];

testClient('pose-detection, BlazePose', {
  from,
  load: () =>
    createDetector(SupportedModels.BlazePose, {
      runtime: 'tfjs',
      modelType: 'lite',
      enableSegmentation: true,
      smoothSegmentation: true,
      enableSmoothing: true,
      detectorModelUrl: handlerOf(detector),
      landmarkModelUrl: handlerOf(landmarks),
    }),
  dispose,
  // The detector's box says where the crop for the second network is: a pixel's coordinate rounded otherwise (6e-8) changes the crop beside
  // sharp edges by 4e-5, and the points by 2.8e-5 (measured); the region of the next frame follows from them: 4e-4 there, points 9.5e-5.
  limit: { first: 1e-4, tracked: 5e-4 },
  slow: await hashesOf(detector, landmarks),
  check: ({ first, tracked }) => {
    for (const { keypoints, keypoints3D, mask } of [first, tracked])
      assert.ok(keypoints.length === 33 && keypoints3D.length === 33 && mask.largest > 0.5 && mask.mean > 0.01);
    assert.ok(first.mask.rows.length > 100);
  },
  run: async (detector) => {
    const image = other();
    const frames = [];
    for (const time of [0, 40]) {
      const [pose] = await detector.estimatePoses(image, {}, time);
      const { segmentation, ...others } = /** @type {any} */ (pose);
      const mask = await segmentation.mask.toTensor();
      frames.push({ ...others, mask: tf.tidy(() => summary(mask, time === 0)) });
      mask.dispose();
    }
    image.dispose();
    return { first: frames[0], tracked: frames[1] };
  },
});

/**
 * Of what is in the second frame's mask only the mean: its region lies where the first frame's points say, with whole rows of pixels on the
 * very edge, either in or out.
 * @param {tf.Tensor3D} mask  [height, width, 4] @param {boolean} first
 */
const summary = (mask, first) => ({
  shape: mask.shape,
  largest: tf.max(mask).arraySync(),
  mean: tf.mean(mask).arraySync(),
  rows: first ? [...tf.mean(mask, [1, 2]).dataSync()] : [],
});
